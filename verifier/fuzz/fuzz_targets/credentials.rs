//! Any bytes as a document of credentials, as docker and as the kubelet read it. What is sent to a
//! registry stands in an entry that names it, the same document has the same scope, and no message repeats
//! a word of it.

#![no_main]

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sovverify::ImageReference;
use sovverify_fetch::config::{
    Authorities, CredentialFile, CredentialSources, NamedDocument, Proxy, Secret,
};
use sovverify_fetch::{Discovery, FetchConfig, FetchLimits, Location, Request, ScopeKey};
use sovverify_fuzz::answers::{Answer, Kind};
use sovverify_fuzz::server::{REGISTRY, REPOSITORY, Server, TAG};
use tokio::runtime::{Builder, Runtime};

/// What stands for a password in the seeds; no message of ours has it by itself.
const PASSWORD: &str = "correct-horse";
/// Credentials of one repository that are tried, and the first request without any.
const MAX_REQUESTS: usize = 33;

/// A password for the registry, `reader:correct-horse`: it is sent, or the target is about nothing.
const HONEST: &str = r#"{"auths":{"registry.example":{"auth":"cmVhZGVyOmNvcnJlY3QtaG9yc2U="}}}"#;

static SERVER: LazyLock<Server> = LazyLock::new(|| {
    let server = Server::start();
    assert_eq!(asked_with(&server, pull_secret(HONEST)), 1);
    server
});
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let builder = &mut Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
});
/// Beside what is built, so that nothing stays behind elsewhere.
static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    target.join(format!("credentials-{}.json", std::process::id()))
});

fuzz_target!(|document: &[u8]| {
    fs::write(&*FILE, document).expect("a file");
    let content = String::from_utf8_lossy(document);
    let file = CredentialSources {
        files: vec![CredentialFile::Required(FILE.clone())],
        ..CredentialSources::default()
    };
    for sources in [pull_secret(&content), file] {
        let sent = asked_with(&SERVER, sources);
        assert!(sent == 0 || names_the_registry(&content), "{content}");
    }
});

fn pull_secret(content: &str) -> CredentialSources {
    CredentialSources {
        documents: vec![NamedDocument {
            source: "secret team/pull".to_owned(),
            content: Secret::new(content),
        }],
        ..CredentialSources::default()
    }
}

/// Asks the registry, which wants a password for everything, and counts those that it gets.
fn asked_with(server: &Server, credentials: CredentialSources) -> usize {
    let basic = Answer {
        kind: Kind::Manifests,
        status: 401,
        headers: vec![(b"www-authenticate".to_vec(), b"Basic realm=\"x\"".to_vec())],
        body: Vec::new(),
    };
    server.script(VecDeque::from(vec![basic; MAX_REQUESTS + 1]));
    let config = FetchConfig {
        limits: FetchLimits {
            attempts: 1,
            ..FetchLimits::default()
        },
        insecure_registries: [REGISTRY.to_owned()].into(),
        authorities: Authorities::Only(Vec::new()),
        proxy: Proxy::Explicit {
            url: server.url(),
            except: String::new(),
        },
        credentials,
        ..FetchConfig::default()
    };
    let discovery = Discovery::new(config).expect("a configuration");
    let reference: ImageReference = format!("{REGISTRY}/{REPOSITORY}:{TAG}")
        .parse()
        .expect("a reference");
    let key = ScopeKey::new(&[7; 32]);
    let scope = || RUNTIME.block_on(discovery.credential_scope(reference.name(), &key));
    match (scope(), scope()) {
        (Ok(first), Ok(second)) => assert_eq!(first, second),
        (Err(error), Err(_)) => {
            let hint = error.hint().unwrap_or_default();
            let told = format!("{error} {error:?} {} {hint}", error.found());
            assert!(!told.contains(PASSWORD), "{told}");
        }
        (first, second) => panic!("{first:?}, and then {second:?}"),
    }
    let location = Location::Registry(reference);
    let denied = RUNTIME.block_on(discovery.discover(&location, &Request::default()));
    assert!(denied.is_err());
    let asked = server.asked();
    assert!(asked.len() <= MAX_REQUESTS);
    asked
        .iter()
        .filter(|one| one.authorization.is_some())
        .count()
}

/// Whether some entry may be about the registry: it has the name of its host, or a wildcard.
fn names_the_registry(document: &str) -> bool {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let entries = document.get("auths").and_then(Value::as_object);
    let mut keys = entries.into_iter().flat_map(|entries| entries.keys());
    keys.any(|key| key.contains('*') || key.to_ascii_lowercase().contains(REGISTRY))
}
