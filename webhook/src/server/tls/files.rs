//! Files of TLS, read as one.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::TlsError;

/// Bytes of one file: a chain of certificates has some 10 KiB, a bundle of authorities up to 500.
const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// Times that a pair is read again when it changes meanwhile.
const ATTEMPTS: usize = 3;

/// Where certificate and key are, as PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's certificate, then those between it and its authority.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// The authorities that vouch for callers; without it, whoever reaches the port may ask.
    pub client_authority: Option<PathBuf>,
}

/// What the files hold.
pub(super) struct Contents {
    pub(super) certificate: Vec<u8>,
    pub(super) key: Vec<u8>,
    pub(super) authority: Option<Vec<u8>>,
}

impl TlsFiles {
    /// Reads all files. Certificate and key belong together, so that both are read again if one of them
    /// was replaced in between.
    pub(super) fn read(&self) -> Result<Contents, TlsError> {
        let mut certificate = read(&self.certificate)?;
        let mut key = read(&self.key)?;
        for _ in 0..ATTEMPTS {
            let again = read(&self.certificate)?;
            if again == certificate {
                break;
            }
            certificate = again;
            key = read(&self.key)?;
        }
        let authority = match &self.client_authority {
            Some(path) => Some(read(path)?),
            None => None,
        };
        Ok(Contents {
            certificate,
            key,
            authority,
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let unreadable = |source| TlsError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    match u64::try_from(bytes.len()) {
        Ok(length) if length <= MAX_FILE_BYTES => Ok(bytes),
        _ => Err(TlsError::TooLarge {
            path: path.to_owned(),
            limit: MAX_FILE_BYTES,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tls.crt");
        let most = usize::try_from(MAX_FILE_BYTES).unwrap();
        std::fs::write(&path, vec![b'x'; most]).unwrap();
        assert_eq!(read(&path).unwrap().len(), most);
        std::fs::write(&path, vec![b'x'; most + 1]).unwrap();
        let refused = read(&path).unwrap_err();
        assert!(matches!(refused, TlsError::TooLarge { .. }), "{refused}");
    }
}
