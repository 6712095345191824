//! Who is at each end, and certificates that change.

use std::fs;
use std::time::Duration;

use rustls::ProtocolVersion;
use rustls::pki_types::pem::PemObject as _;
use sovverify_webhook::server::ServerLimits;
use tokio::io::AsyncWriteExt as _;

use crate::support::{Authority, Callers, Client, SHORT, Served, heard, review};

/// Certificates are looked at all the time.
fn watchful() -> ServerLimits {
    ServerLimits {
        reload_interval: Duration::from_millis(5),
        ..ServerLimits::default()
    }
}

#[tokio::test]
async fn two_versions_of_tls_are_spoken_and_no_older_one() {
    let served = Served::with(ServerLimits::default()).await;
    let client = served.client();
    for (versions, agreed) in [
        (rustls::ALL_VERSIONS, ProtocolVersion::TLSv1_3),
        (&[&rustls::version::TLS12], ProtocolVersion::TLSv1_2),
        (&[&rustls::version::TLS13], ProtocolVersion::TLSv1_3),
    ] {
        let mut roots = rustls::RootCertStore::empty();
        let pem = served.authority.pem.as_bytes();
        roots
            .add(rustls::pki_types::CertificateDer::from_pem_slice(pem).unwrap())
            .unwrap();
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let mut config = rustls::ClientConfig::builder_with_provider(provider.into())
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let stream = client.connect_with(config).await.unwrap();
        let session = stream.get_ref().1;
        assert_eq!(session.protocol_version(), Some(agreed));
        assert_eq!(session.alpn_protocol(), Some(&b"h2"[..]));
    }
}

#[tokio::test]
async fn a_client_that_names_no_protocol_gets_http_1_and_an_unknown_one_nothing() {
    let served = Served::with(ServerLimits::default()).await;
    let mut stream = served.client().connect(&[]).await.unwrap();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    assert!(heard(&mut stream).await.starts_with("HTTP/1.1 200 "));
    assert!(served.client().connect(&["spdy/3"]).await.is_err());
}

#[tokio::test]
async fn a_certificate_is_replaced_under_load_without_one_failure() {
    let served = Served::with(watchful()).await;
    let client = served.client();
    let success = "reloads_total{what=\"certificate\",success=\"success\"}";
    let failure = "reloads_total{what=\"certificate\",success=\"failure\"}";
    // Each of these asks on a new connection; each of those keeps one.
    let (tell, stop) = tokio::sync::watch::channel(false);
    let mut load = Vec::new();
    for number in 0..4 {
        let (client, stop) = (client.clone(), stop.clone());
        load.push(tokio::spawn(async move {
            let kept = client.http();
            let mut count = 0_u32;
            while !*stop.borrow() {
                let http = if number % 2 == 0 {
                    client.http()
                } else {
                    kept.clone()
                };
                let answered = http.try_post("/validate", review("pod", 0)).await;
                assert!(answered.unwrap().admits());
                count += 1;
            }
            count
        }));
    }
    for round in 1..=8_u32 {
        served.write(&served.authority.server());
        served.until(success, f64::from(round)).await;
    }
    // A broken pair in between changes nothing for anybody.
    let good = fs::read_to_string(served.folder.path().join("tls.key")).unwrap();
    fs::write(served.folder.path().join("tls.key"), "broken").unwrap();
    served.until(failure, 1.0).await;
    fs::write(served.folder.path().join("tls.key"), good).unwrap();
    served.until(success, 9.0).await;
    tell.send_replace(true);
    let mut total = 0;
    for load in load {
        total += load.await.unwrap();
    }
    assert!(total > 20, "{total}");
    for reason in ["timeout", "closed", "certificate", "protocol"] {
        let failed = served.metric(&format!(
            "tls_handshakes_failed_total{{reason=\"{reason}\"}}"
        ));
        assert!(failed.abs() < f64::EPSILON, "{reason}");
    }
}

/// CVE-2025-1974: a webhook that anybody in the cluster can ask.
#[tokio::test]
async fn gauntlet_073_where_callers_are_known_strangers_get_no_answer_and_cause_none() {
    let served = Served::start(ServerLimits::default(), Callers::Known).await;
    let known = Client::of(&served, Some(&served.authority.client())).http();
    assert!(known.validate("pod").await.admits());
    assert_eq!(served.asked(), 1);

    let unknown = served.client().http();
    for path in ["/validate", "/mutate"] {
        let answered = unknown.post(path, review("pod", 0)).await;
        assert_eq!(answered.status, 401);
        assert!(answered.denies(""), "{answered:?}");
    }
    // Probes and scrapers have no certificate.
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(unknown.get(path).await.0, 200, "{path}");
    }
    // A certificate of somebody else does not even get through the handshake.
    let other = Authority::new().client();
    let stranger = Client::of(&served, Some(&other)).http();
    assert!(
        stranger
            .try_post("/validate", review("pod", 0))
            .await
            .is_err()
    );
    served
        .until("tls_handshakes_failed_total{reason=\"certificate\"}", 1.0)
        .await;
    // Nor does one that is meant for servers.
    let misused = Client::of(&served, Some(&served.authority.server())).http();
    assert!(
        misused
            .try_post("/validate", review("pod", 0))
            .await
            .is_err()
    );
    assert_eq!(served.asked(), 1);
}

#[tokio::test]
async fn gauntlet_073_a_stranger_is_refused_before_its_body_is_read() {
    let served = Served::start(ServerLimits::default(), Callers::Known).await;
    let mut stream = served.client().connect(&["http/1.1"]).await.unwrap();
    // The body never comes, and nobody waits for it.
    let head = "POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 1000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = heard(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[tokio::test]
async fn an_authority_that_is_replaced_ends_the_rights_of_open_connections() {
    let served = Served::start(watchful(), Callers::Known).await;
    let known = Client::of(&served, Some(&served.authority.client())).http();
    assert!(known.validate("pod").await.admits());
    let path = served.folder.path().join("ca.crt");
    let reloads =
        |success: &str| format!("reloads_total{{what=\"client-authority\",success=\"{success}\"}}");

    // What is no authority changes nothing.
    fs::write(&path, "nonsense").unwrap();
    served.until(&reloads("failure"), 1.0).await;
    assert!(known.validate("pod").await.admits());

    let next = Authority::new();
    fs::write(&path, &next.pem).unwrap();
    served.until(&reloads("success"), 1.0).await;
    let answered = known.validate("pod").await;
    assert_eq!(answered.status, 403, "{answered:?}");
    assert!(answered.denies(""), "{answered:?}");
    let new = Client::of(&served, Some(&next.client())).http();
    assert!(new.validate("pod").await.admits());

    // Two authorities in one file: how one is replaced without a gap.
    fs::write(&path, format!("{}{}", next.pem, served.authority.pem)).unwrap();
    served.until(&reloads("success"), 2.0).await;
    assert!(known.validate("pod").await.admits());
    assert!(new.validate("pod").await.admits());
}

#[tokio::test]
async fn sessions_are_not_resumed() {
    let served = Served::with(ServerLimits {
        handshake_time: SHORT * 10,
        ..ServerLimits::default()
    })
    .await;
    let client = served.client();
    let config = client.config();
    for _ in 0..3 {
        let mut stream = client.connect_with(config.clone()).await.unwrap();
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        assert!(heard(&mut stream).await.contains("200 OK"));
        let kind = stream.get_ref().1.handshake_kind();
        assert_eq!(kind, Some(rustls::HandshakeKind::Full));
    }
}
