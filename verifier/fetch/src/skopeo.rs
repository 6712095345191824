//! Directories as `skopeo copy … dir:DIR` writes them (containers/image `directory/`).
//!
//! `manifest.json` is the image; `HEX.manifest.json` a manifest of its index; a blob lies under its
//! hexadecimal digest; `signature-N` and `HEX-signature-N` are signatures, N from 1 without a hole.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sovverify::Digest;
use sovverify::evidence::{Evidence, Form, Origin, OriginKind};
use sovverify::image::Descriptor;

use crate::budget::{Budget, count, exceeded, worker_lost};
use crate::classify::{Reading, Role, reading};
use crate::error::{Failure, FetchError};
use crate::layout::Folder;
use crate::store::{Content, Part};

/// A signature file of another kind than OpenPGP begins with a zero byte, the name of its format
/// and a line end (containers/image `internal/signature/signature.go`).
const SIGSTORE_PREFIX: &[u8] = b"\0sigstore-json\n";
/// What a signature file without such a beginning is.
const SIMPLE_SIGNING: &str = "simple-signing (OpenPGP)";
/// Characters of an unknown format's name that are reported.
const FORMAT_SHOWN: usize = 64;

/// An opened directory.
#[derive(Debug)]
pub(crate) struct SkopeoDirectory {
    folder: Folder,
    place: String,
    digest: Digest,
}

/// containers/image `internal/signature/sigstore.go`, `sigstoreJSONRepresentation`.
#[derive(serde::Deserialize)]
struct SigstoreJson {
    #[serde(rename = "mimeType")]
    mime_type: String,
    payload: String,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

impl SkopeoDirectory {
    /// Opens the directory and reads the image's manifest. Blocks.
    pub(crate) fn open(
        dir: &Path,
        place: &str,
        budget: &Budget,
    ) -> Result<(Self, Vec<u8>), FetchError> {
        let folder = Folder::open(dir, place)?;
        let bound = ("manifest_bytes", budget.limits().manifest_bytes);
        let Some(bytes) = folder.read("manifest.json", bound, place)? else {
            let (expected, found) = ("a `manifest.json`", "none".to_owned());
            return Err(FetchError::new(place, Failure::Layout { expected, found }));
        };
        budget.charge(bytes.len(), place)?;
        let directory = Self {
            folder,
            place: place.to_owned(),
            digest: Digest::sha256(&bytes),
        };
        Ok((directory, bytes))
    }

    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    pub(crate) const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The bytes of a manifest or blob, within `bound`, not yet checked. Blocks.
    pub(crate) fn content(
        &self,
        kind: Content,
        digest: &Digest,
        bound: (&'static str, u64),
    ) -> Result<Vec<u8>, FetchError> {
        let place = format!("{}@{digest}", self.place);
        let name = match kind {
            Content::Manifest if *digest == self.digest => "manifest.json".to_owned(),
            Content::Manifest => format!("{}.manifest.json", digest.hex()),
            Content::Blob => digest.hex(),
        };
        self.folder.read(&name, bound, &place)?.ok_or_else(|| {
            let digest = digest.clone();
            FetchError::new(place, Failure::BlobMissing { digest })
        })
    }

    /// The signatures of the image, or of one manifest of its index.
    pub(crate) async fn signatures(self: &Arc<Self>, subject: &Digest, budget: &Budget) -> Part {
        let prefix = if *subject == self.digest {
            "signature-".to_owned()
        } else {
            format!("{}-signature-", subject.hex())
        };
        let limits = *budget.limits();
        let directory = Arc::clone(self);
        let read = tokio::task::spawn_blocking(move || {
            let bound = ("evidence_bytes", limits.evidence_bytes);
            let mut files = Vec::new();
            for number in 1..=limits.evidence.saturating_add(1) {
                let name = format!("{prefix}{number}");
                let place = format!("{}/{name}", directory.place);
                if number > limits.evidence {
                    // One more than the bound is only looked for, to know that it is there.
                    if matches!(directory.folder.read(&name, bound, &place), Ok(None)) {
                        break;
                    }
                    files.push(Err(exceeded("evidence", count(limits.evidence), &place)));
                    break;
                }
                match directory.folder.read(&name, bound, &place) {
                    Ok(Some(bytes)) => files.push(Ok((place, bytes))),
                    Ok(None) => break,
                    Err(error) => files.push(Err(error)),
                }
            }
            files
        });
        let files = match read.await {
            Ok(files) => files,
            Err(error) => vec![Err(worker_lost(&error, &self.place))],
        };
        let mut part = Part::default();
        for file in files {
            let piece = file.and_then(|(place, bytes)| {
                budget.charge(bytes.len(), &place)?;
                budget.piece(&place)?;
                evidence(subject, place, &bytes)
            });
            match piece {
                Ok(piece) => part.evidence.push(piece),
                Err(error) => part.gaps.push(error.into_gap()),
            }
        }
        part
    }
}

fn evidence(subject: &Digest, place: String, bytes: &[u8]) -> Result<Evidence, FetchError> {
    let form = match bytes.strip_prefix(SIGSTORE_PREFIX) {
        Some(json) => sigstore_form(json, &place)?,
        None => Form::Other {
            artifact_type: format_name(bytes),
        },
    };
    let content = match &form {
        Form::Other { .. } => bytes,
        form => form.bytes(),
    };
    Ok(Evidence {
        subject: subject.clone(),
        origin: Origin {
            kind: OriginKind::Directory,
            place,
            manifest: None,
            blob: Digest::sha256(content),
        },
        form,
    })
}

fn sigstore_form(json: &[u8], place: &str) -> Result<Form, FetchError> {
    let malformed = |found: String| {
        let expected = "a `sigstore-json` signature with `mimeType`, `payload` and `annotations`";
        FetchError::new(place, Failure::EvidenceMalformed { expected, found })
    };
    let file: SigstoreJson =
        serde_json::from_slice(json).map_err(|error| malformed(error.to_string()))?;
    let payload = STANDARD
        .decode(&file.payload)
        .map_err(|error| malformed(format!("a payload that is no base64: {error}")))?;
    let layer = Descriptor {
        media_type: file.mime_type,
        digest: Digest::sha256(&payload),
        size: count(payload.len()),
        annotations: file.annotations,
        platform: None,
        artifact_type: None,
    };
    let annotations = layer.annotations.clone();
    Ok(match reading(&layer, "", Role::Signatures) {
        Reading::CosignSignature => Form::CosignSignature {
            payload,
            annotations,
        },
        Reading::CosignAttestation => Form::CosignAttestation {
            envelope: payload,
            annotations,
        },
        Reading::Bundle => Form::Bundle(payload),
        Reading::UnsignedSbom => Form::UnsignedSbom {
            media_type: layer.media_type,
            document: payload,
        },
        Reading::IndexStatement | Reading::Unread => Form::Other {
            artifact_type: layer.media_type,
        },
    })
}

/// The name of a signature format that we do not read.
fn format_name(bytes: &[u8]) -> String {
    let named = bytes
        .strip_prefix(b"\0")
        .and_then(|rest| rest.split(|byte| *byte == b'\n').next());
    match named {
        Some(name) => String::from_utf8_lossy(name)
            .chars()
            .take(FORMAT_SHOWN)
            .collect(),
        None => SIMPLE_SIGNING.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_unknown_format_is_shown_up_to_a_bound() {
        let named = |characters: usize| {
            let text = format!("\0{}\nrest", "é".repeat(characters));
            format_name(text.as_bytes()).chars().count()
        };
        assert_eq!(named(FORMAT_SHOWN), FORMAT_SHOWN);
        assert_eq!(named(FORMAT_SHOWN + 1), FORMAT_SHOWN);
    }

    #[test]
    fn signature_files_are_told_apart_by_their_beginning() {
        let digest = Digest::sha256(b"image");
        let form = |bytes: &[u8]| {
            evidence(&digest, "dir:x/signature-1".into(), bytes).map(|piece| piece.form)
        };
        let other = |name: &str| Form::Other {
            artifact_type: name.into(),
        };
        assert_eq!(form(b"\x89\x02openpgp").unwrap(), other(SIMPLE_SIGNING));
        assert_eq!(form(b"").unwrap(), other(SIMPLE_SIGNING));
        assert_eq!(
            form(b"\0future-format\nxyz").unwrap(),
            other("future-format")
        );
        let json = br#"{"mimeType":"application/vnd.dev.cosign.simplesigning.v1+json","payload":"e30=","annotations":{"a":"b"}}"#;
        let signature = form(&[SIGSTORE_PREFIX, json].concat()).unwrap();
        assert_eq!(
            signature,
            Form::CosignSignature {
                payload: b"{}".to_vec(),
                annotations: [("a".into(), "b".into())].into(),
            }
        );
        for broken in [&b"{"[..], b"{}", br#"{"mimeType":"x","payload":"!"}"#] {
            let error = form(&[SIGSTORE_PREFIX, broken].concat()).unwrap_err();
            assert_eq!(error.code().name(), "evidence/malformed");
        }
    }
}
