use std::fs;
use std::path::Path;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};

use super::*;

/// A certificate that signs itself, with its key, both as PEM.
fn pair(name: &str, until: i32) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    let certificate = params.self_signed(&key).unwrap();
    (certificate.pem(), key.serialize_pem())
}

struct Folder {
    folder: tempfile::TempDir,
    metrics: Arc<Metrics>,
}

impl Folder {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            metrics: Arc::default(),
        }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, (certificate, key): &(String, String)) {
        fs::write(self.path("tls.crt"), certificate).unwrap();
        fs::write(self.path("tls.key"), key).unwrap();
    }

    fn files(&self) -> TlsFiles {
        let authority = self.path("ca.crt");
        TlsFiles {
            certificate: self.path("tls.crt"),
            key: self.path("tls.key"),
            client_authority: authority.exists().then_some(authority),
        }
    }

    fn load(&self) -> Result<Tls, TlsError> {
        Tls::load(self.files(), Arc::clone(&self.metrics))
    }

    /// How often something was replaced, and how often it was not.
    fn reloads(&self, what: Reloaded) -> [u64; 2] {
        ["success", "failure"].map(|success| {
            let series = format!(
                "sovverify_webhook_reloads_total{{what=\"{}\",success=\"{success}\"}} ",
                what.name()
            );
            let text = self.metrics.text();
            let line = text.lines().find_map(|line| line.strip_prefix(&series));
            line.unwrap().parse().unwrap()
        })
    }
}

/// The certificate that handshakes see now.
fn shown(tls: &Tls) -> Vec<u8> {
    let current = tls.current.load();
    current.pair.key.end_entity_cert().unwrap().to_vec()
}

fn der(pem: &str) -> Vec<u8> {
    use rustls::pki_types::pem::PemObject as _;
    CertificateDer::from_pem_slice(pem.as_bytes())
        .unwrap()
        .to_vec()
}

#[test]
fn a_new_pair_counts_as_soon_as_it_is_seen() {
    let folder = Folder::new();
    let (old, new) = (pair("old", 2100), pair("new", 2100));
    folder.write(&old);
    let tls = folder.load().unwrap();
    assert_eq!(shown(&tls), der(&old.0));
    tls.look_again();
    assert_eq!(folder.reloads(Reloaded::Certificate), [0, 0]);
    folder.write(&new);
    tls.look_again();
    assert_eq!(shown(&tls), der(&new.0));
    assert_eq!(folder.reloads(Reloaded::Certificate), [1, 0]);
}

#[test]
fn what_cannot_be_used_never_replaces_what_can_and_is_told_once() {
    let folder = Folder::new();
    let good = pair("good", 2100);
    let other = pair("other", 2100);
    let expired = pair("expired", 2021);
    let bad: [(String, String); 7] = [
        (String::new(), good.1.clone()),
        (good.0.clone(), String::new()),
        ("no pem".to_owned(), "no pem".to_owned()),
        (good.0.clone(), other.1.clone()),
        (
            good.0.replace("CERTIFICATE", "CERTIFICATE REQUEST"),
            good.1.clone(),
        ),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned(),
            good.1.clone(),
        ),
        expired,
    ];
    folder.write(&good);
    let tls = folder.load().unwrap();
    for (number, bad) in (1..).zip(&bad) {
        folder.write(bad);
        tls.look_again();
        tls.look_again();
        assert_eq!(shown(&tls), der(&good.0), "{number}");
        assert_eq!(folder.reloads(Reloaded::Certificate), [0, number]);
    }
    // What was good before is good again.
    folder.write(&other);
    tls.look_again();
    assert_eq!(shown(&tls), der(&other.0));
}

#[test]
fn files_that_are_gone_for_a_while_change_nothing() {
    let folder = Folder::new();
    let good = pair("good", 2100);
    folder.write(&good);
    let tls = folder.load().unwrap();
    fs::remove_file(folder.path("tls.key")).unwrap();
    tls.look_again();
    tls.look_again();
    assert_eq!(shown(&tls), der(&good.0));
    assert_eq!(folder.reloads(Reloaded::Certificate), [0, 1]);
    let new = pair("new", 2100);
    folder.write(&new);
    tls.look_again();
    assert_eq!(shown(&tls), der(&new.0));
}

#[test]
fn a_pair_whose_time_has_not_come_is_looked_at_again() {
    let folder = Folder::new();
    folder.write(&pair("good", 2100));
    let tls = folder.load().unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["early".to_owned()]).unwrap();
    params.not_before = date_time_ymd(2090, 1, 1);
    params.not_after = date_time_ymd(2100, 1, 1);
    let early = params.self_signed(&key).unwrap();
    folder.write(&(early.pem(), key.serialize_pem()));
    tls.look_again();
    tls.look_again();
    assert_eq!(folder.reloads(Reloaded::Certificate), [0, 1]);
    let seen = *tls.seen.lock().unwrap();
    assert_ne!(seen.pair, seen.early, "it would never be looked at again");
}

#[test]
fn kubernetes_turns_a_link_and_the_pair_follows() {
    let folder = Folder::new();
    let (old, new) = (pair("old", 2100), pair("new", 2100));
    let link = folder.path("..data");
    for (version, (certificate, key)) in [("..1", &old), ("..2", &new)] {
        fs::create_dir(folder.path(version)).unwrap();
        fs::write(folder.path(version).join("tls.crt"), certificate).unwrap();
        fs::write(folder.path(version).join("tls.key"), key).unwrap();
    }
    std::os::unix::fs::symlink("..1", &link).unwrap();
    for name in ["tls.crt", "tls.key"] {
        std::os::unix::fs::symlink(Path::new("..data").join(name), folder.path(name)).unwrap();
    }
    let tls = folder.load().unwrap();
    assert_eq!(shown(&tls), der(&old.0));
    let turned = folder.path("..tmp");
    std::os::unix::fs::symlink("..2", &turned).unwrap();
    fs::rename(&turned, &link).unwrap();
    tls.look_again();
    assert_eq!(shown(&tls), der(&new.0));
}

#[test]
fn a_first_pair_that_cannot_be_used_is_an_error_and_an_expired_one_is_not() {
    let folder = Folder::new();
    let error = folder.load().unwrap_err();
    assert!(matches!(error, TlsError::Unreadable { .. }), "{error}");
    let (certificate, _) = pair("one", 2100);
    let (_, key) = pair("two", 2100);
    folder.write(&(certificate, key));
    let error = folder.load().unwrap_err();
    assert!(matches!(error, TlsError::Refused(_)), "{error}");
    let expired = pair("expired", 2021);
    folder.write(&expired);
    let tls = folder.load().unwrap();
    assert_eq!(shown(&tls), der(&expired.0));
    let text = folder.metrics.text();
    let until = "sovverify_webhook_certificate_expiry_timestamp_seconds 1609459200.0";
    assert!(text.contains(until), "{text}");
}

#[test]
fn a_file_without_end_is_not_read_to_its_end() {
    let folder = Folder::new();
    folder.write(&pair("good", 2100));
    fs::remove_file(folder.path("tls.crt")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.path("tls.crt")).unwrap();
    let error = folder.load().unwrap_err();
    assert!(matches!(error, TlsError::TooLarge { .. }), "{error}");
}

#[test]
fn an_authority_without_certificates_is_none() {
    let folder = Folder::new();
    folder.write(&pair("good", 2100));
    for empty in [
        "",
        "no pem",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ] {
        fs::write(folder.path("ca.crt"), empty).unwrap();
        let error = folder.load().unwrap_err();
        assert!(matches!(error, TlsError::Pem { .. }), "{error}");
    }
}
