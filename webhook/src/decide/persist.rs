//! Admissions in a file, so that a restart does not ask every registry again, and does not refuse
//! what was known to be good while a registry is down.
//!
//! The file is authenticated with a key that only the webhook has: whoever could write a verdict into
//! it could answer in the webhook's place anyway.
//!
//! **Invariant**: not a byte of the file is parsed before its tag verified. A file that is damaged,
//! too large, or under another key is as good as none.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::hmac;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cache::{Cache, Entry};
use super::judged::Kept;
use super::key::Key;
use super::limits::DecideLimits;

/// The format; another one is not read.
const FORMAT: &str = "sovverify-verdicts/v2";
/// Bytes of the tag before the content.
const TAG_BYTES: usize = 32;

/// A file of admissions.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    key: hmac::Key,
    limit: u64,
}

/// Why the file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The system refuses.
    #[error("expected to read and write `{path}`, found: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The file was not written by this webhook, or was damaged.
    #[error("expected verdicts that this webhook wrote in `{path}`, found {found}")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What is there.
        found: &'static str,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    format: String,
    admissions: Vec<Admission>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Admission {
    key: Key,
    since: Timestamp,
    until: Timestamp,
    verdict: Kept,
}

impl Store {
    /// The file at `path`, authenticated with `secret`.
    pub fn new(path: PathBuf, secret: &[u8], limits: &DecideLimits) -> Self {
        Self {
            path,
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
            limit: limits.file_bytes,
        }
    }

    /// Fills `cache` with what counts at `now`, and says how many verdicts that were.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; a file that does not exist is none.
    pub fn load(&self, cache: &Cache, now: Timestamp) -> Result<usize, StoreError> {
        let Some(bytes) = self.read()? else {
            return Ok(0);
        };
        let (tag, content) = bytes
            .split_at_checked(TAG_BYTES)
            .ok_or_else(|| self.foreign("less than a tag"))?;
        hmac::verify(&self.key, content, tag)
            .map_err(|_| self.foreign("a tag that does not verify"))?;
        let content: Content =
            serde_json::from_slice(content).map_err(|_| self.foreign("another format"))?;
        if content.format != FORMAT {
            return Err(self.foreign("another format"));
        }
        let mut count = 0;
        for admission in content.admissions {
            let entry = Entry {
                judged: Arc::new(admission.verdict.read()),
                since: admission.since,
                until: admission.until,
            };
            if entry.counts(now) {
                cache.insert(admission.key, entry);
                count += 1;
            }
        }
        Ok(count)
    }

    /// Writes every admission that counts at `now`: beside the file, synced, and renamed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`].
    pub fn save(&self, cache: &Cache, now: Timestamp) -> Result<usize, StoreError> {
        let admissions: Vec<Admission> = cache
            .admissions(now)
            .into_iter()
            .map(|(key, entry, verdict)| Admission {
                key,
                since: entry.since,
                until: entry.until,
                verdict,
            })
            .collect();
        let count = admissions.len();
        let content = Content {
            format: FORMAT.to_owned(),
            admissions,
        };
        let content = serde_json::to_vec(&content).map_err(|error| self.io(error.into()))?;
        let tag = hmac::sign(&self.key, &content);
        replace(&self.path, &[tag.as_ref(), &content]).map_err(|error| self.io(error))?;
        Ok(count)
    }

    fn read(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.io(error)),
        };
        let mut bytes = Vec::new();
        file.take(self.limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| self.io(error))?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > self.limit {
            return Err(self.foreign("more bytes than it ever writes"));
        }
        Ok(Some(bytes))
    }

    fn io(&self, error: io::Error) -> StoreError {
        StoreError::Io {
            path: self.path.clone(),
            error,
        }
    }

    fn foreign(&self, found: &'static str) -> StoreError {
        StoreError::Foreign {
            path: self.path.clone(),
            found,
        }
    }
}

/// Replaces a file as a whole: whoever reads it finds the old content or the new one.
fn replace(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let fresh = path.with_file_name(name);
    let mut file = File::create(&fresh)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use sovverify::{Code, Decision, Digest};

    use super::*;
    use crate::decide::judged::Judged;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn admitted() -> Arc<Judged> {
        Arc::new(Judged {
            decision: Decision::Admit,
            refusal: None,
            warnings: vec!["look".to_owned()],
            notes: vec!["written".to_owned()],
            remark: Some(Code::TrustExpiresSoon),
            basis: vec![format!("production {}", Digest::sha256(b"p"))],
        })
    }

    fn key(text: &str) -> Key {
        Key::of_request(text)
    }

    fn filled(limits: &DecideLimits) -> Cache {
        let cache = Cache::new(limits);
        cache.insert(key("good"), Entry::new(admitted(), at(0), limits));
        let denied = Judged::refused(Code::SignatureMissing, "no".to_owned());
        cache.insert(key("bad"), Entry::new(Arc::new(denied), at(0), limits));
        cache
    }

    #[test]
    fn admissions_come_back_as_they_were_and_denials_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let limits = DecideLimits::default();
        let store = Store::new(folder.path().join("verdicts"), b"secret", &limits);
        let fresh = Cache::new(&limits);
        assert_eq!(store.load(&fresh, at(0)).unwrap(), 0);
        assert_eq!(store.save(&filled(&limits), at(1)).unwrap(), 1);
        assert_eq!(store.load(&fresh, at(2)).unwrap(), 1);
        assert_eq!(fresh.get(&key("good"), at(2)), Some(admitted()));
        assert_eq!(fresh.get(&key("bad"), at(2)), None);
        // The end is the one that it had.
        assert_eq!(fresh.get(&key("good"), at(3_600)), None);
        assert_eq!(store.load(&Cache::new(&limits), at(3_600)).unwrap(), 0);
    }

    #[test]
    fn gauntlet_116_a_file_by_somebody_else_is_as_good_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let limits = DecideLimits::default();
        let path = folder.path().join("verdicts");
        let store = Store::new(path.clone(), b"secret", &limits);
        store.save(&filled(&limits), at(1)).unwrap();
        let honest = fs::read(&path).unwrap();
        let fresh = Cache::new(&limits);
        let refused = |store: &Store| {
            let error = store.load(&fresh, at(2)).unwrap_err();
            assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
            assert!(fresh.is_empty());
        };
        refused(&Store::new(path.clone(), b"another secret", &limits));
        for place in (0..honest.len()).step_by(7) {
            let mut changed = honest.clone();
            changed[place] ^= 1;
            fs::write(&path, &changed).unwrap();
            refused(&store);
        }
        fs::write(&path, &honest[..honest.len() - 1]).unwrap();
        refused(&store);
        fs::write(&path, b"").unwrap();
        refused(&store);
        fs::write(&path, &honest).unwrap();
        let within = |bytes: usize| {
            let file_bytes = u64::try_from(bytes).unwrap();
            let limits = DecideLimits {
                file_bytes,
                ..limits
            };
            Store::new(path.clone(), b"secret", &limits)
        };
        refused(&within(honest.len() - 1));
        assert!(within(honest.len()).load(&fresh, at(2)).is_ok());
    }
}
