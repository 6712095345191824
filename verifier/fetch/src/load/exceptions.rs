//! Signed exceptions in files: evidence like any other, only carried by hand.

use std::path::PathBuf;

use sovverify::claim::exception::PolicyException;
use sovverify::evidence::{Form, Origin, OriginKind};
use sovverify::{Code, Digest, Evidence, EvidenceSet, Limits};

use super::{LoadError, files, mounts};

/// Files of exceptions; each is tried on every image.
const MAX_FILES: usize = 64;

/// Signed exceptions, each with the name of its file.
#[derive(Clone, Debug, Default)]
pub struct Exceptions(Vec<(String, Form)>);

impl Exceptions {
    /// Reads the exceptions in `paths`; a directory's in order of name. Blocks.
    ///
    /// # Errors
    ///
    /// `file/missing`, `file/unreadable`, `file/too-large`, `file/malformed`, and `exception/unsigned`
    /// for one that nobody signed.
    pub fn load(paths: &[PathBuf]) -> Result<Self, LoadError> {
        mounts::steady(paths, || Self::read(paths))
    }

    fn read(paths: &[PathBuf]) -> Result<Self, LoadError> {
        let mut exceptions = Vec::new();
        for path in paths {
            for file in files::documents(path)? {
                if exceptions.len() == MAX_FILES {
                    return Err(LoadError::new(Code::FileTooLarge, "too many exceptions")
                        .expected(format!("at most {MAX_FILES} files"))
                        .found("more"));
                }
                let limit = u64::try_from(Limits::default().bundle_bytes).unwrap_or(u64::MAX);
                let bytes = files::read(&file, limit)?;
                let name = file.display().to_string();
                exceptions.push((name.clone(), form(&name, bytes)?));
            }
        }
        Ok(Self(exceptions))
    }

    /// Adds every exception to what was found about an image.
    pub fn add_to(&self, evidence: &mut EvidenceSet) {
        let about = self.about(evidence.image.digest());
        evidence.evidence.extend(about);
    }

    /// Every exception as evidence about `subject`.
    pub fn about(&self, subject: &Digest) -> Vec<Evidence> {
        let evidence = self.0.iter().map(|(name, form)| Evidence {
            subject: subject.clone(),
            origin: Origin {
                kind: OriginKind::File,
                place: name.clone(),
                manifest: None,
                blob: Digest::sha256(form.bytes()),
            },
            form: form.clone(),
        });
        evidence.collect()
    }
}

/// A Sigstore bundle or a DSSE envelope; what is signed by nobody is refused by name.
fn form(name: &str, bytes: Vec<u8>) -> Result<Form, LoadError> {
    Form::of_signed(bytes).map_err(|bytes| {
        let found = match PolicyException::read(&bytes) {
            Ok(exception) => format!("the exception `{}`, unsigned", exception.name),
            Err(error) => format!("something else: {} at {}", error.found, error.place),
        };
        LoadError::new(Code::ExceptionUnsigned, format!("`{name}` is not signed"))
            .expected("a Sigstore bundle or a DSSE envelope around an exception")
            .found(found)
            .hint("sign it; docs/policy/exceptions.md says how")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_exceptions_are_given_as_there_may_be() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.json");
        let envelope = r#"{"payloadType":"a/b","payload":"e30=","signatures":[{"sig":"AA=="}]}"#;
        std::fs::write(&file, envelope).unwrap();
        let load = |count: usize| Exceptions::load(&vec![file.clone(); count]);
        assert_eq!(load(MAX_FILES).unwrap().0.len(), MAX_FILES);
        assert_eq!(
            load(MAX_FILES + 1).unwrap_err().problems()[0].code,
            Code::FileTooLarge.name()
        );
    }
}
