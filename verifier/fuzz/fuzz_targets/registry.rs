//! Any answers of a registry and of its token service, through the whole of discovery. A password goes to
//! those two and to nobody else, a token to the registry alone, and neither into a message; what is
//! returned has the digest that names it; and there is an end.

#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use sovverify::evidence::Form;
use sovverify::{Digest, EvidenceSet};
use sovverify_fetch::config::{Authorities, CredentialSources, ExplicitCredential, Proxy, Secret};
use sovverify_fetch::{Discovery, FetchConfig, FetchError, FetchLimits, Location, Request};
use sovverify_fuzz::answers;
use sovverify_fuzz::server::{Asked, REGISTRY, REPOSITORY, STORAGE, Server, TAG, TOKENS};
use tokio::runtime::{Builder, Runtime};

const USER: &str = "reader";
const PASSWORD: &str = "correct-horse-battery";
/// Requests about one image under the bounds below: two manifests by tag and digest, and four places to
/// look for each of five manifests, all redirected, refused and tried again.
const MAX_REQUESTS: usize = 4_096;

/// Answers after which an honest client asks the token service, and gets everything.
const HONEST: &[u8] =
    b"manifests 401\nwww-authenticate: Bearer realm=\"http://auth.example/token\"";

/// Its server is honest by itself: where nothing is found there, the target is about nothing.
static SERVER: LazyLock<Server> = LazyLock::new(|| {
    let server = Server::start();
    server.script(answers::parse(HONEST));
    let set = discover(&server).expect("an honest image");
    assert!(
        !set.evidence.is_empty() && set.gaps.is_empty(),
        "{:?}",
        set.gaps
    );
    let asked = server.asked();
    assert!(
        asked
            .iter()
            .any(|one| one.host == TOKENS && one.authorization.is_some())
    );
    server
});
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let builder = &mut Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
});

fn discover(server: &Server) -> Result<EvidenceSet, FetchError> {
    let discovery = Discovery::new(config(server)).expect("a configuration");
    let reference = format!("{REGISTRY}/{REPOSITORY}:{TAG}");
    let location = Location::Registry(reference.parse().expect("a reference"));
    RUNTIME.block_on(discovery.discover(&location, &Request::default()))
}

fn config(server: &Server) -> FetchConfig {
    let hosts = [REGISTRY, TOKENS, STORAGE].map(str::to_owned);
    let limits = FetchLimits {
        // One after the other, so that the same input is answered in the same order.
        concurrent_requests: 1,
        attempts: 2,
        retry_wait: Duration::from_micros(100),
        retry_wait_longest: Duration::from_millis(1),
        total_time: Duration::from_secs(5),
        referrers: 8,
        referrer_pages: 4,
        evidence_layers: 8,
        evidence: 16,
        platforms: 4,
        ..FetchLimits::default()
    };
    FetchConfig {
        limits,
        insecure_registries: hosts.into(),
        authorities: Authorities::Only(Vec::new()),
        proxy: Proxy::Explicit {
            url: server.url(),
            except: String::new(),
        },
        credentials: CredentialSources {
            explicit: vec![ExplicitCredential {
                scope: REGISTRY.to_owned(),
                username: USER.to_owned(),
                password: Secret::new(PASSWORD),
            }],
            ..CredentialSources::default()
        },
        token_services: [(REGISTRY.to_owned(), [TOKENS.to_owned()].into())].into(),
        ..FetchConfig::default()
    }
}

fuzz_target!(|input: &[u8]| {
    SERVER.script(answers::parse(input));
    match discover(&SERVER) {
        Ok(set) => is_what_it_is_named(&set),
        Err(error) => says_no_secret(&error),
    }
    let asked = SERVER.asked();
    assert!(asked.len() <= MAX_REQUESTS, "{} requests", asked.len());
    asked.iter().for_each(keeps_secrets);
});

fn is_what_it_is_named(set: &EvidenceSet) {
    assert_eq!(*set.image.digest(), Digest::sha256(set.image.bytes()));
    for piece in &set.evidence {
        if !matches!(piece.form, Form::Other { .. }) {
            let named = &piece.origin.blob;
            assert_eq!(*named, named.algorithm().digest(piece.form.bytes()));
        }
    }
    for gap in &set.gaps {
        assert!(!format!("{gap:?}").contains(PASSWORD));
    }
}

fn says_no_secret(error: &FetchError) {
    let hint = error.hint().unwrap_or_default();
    let told = format!(
        "{error} {error:?} {} {} {hint}",
        error.expected(),
        error.found()
    );
    assert!(!told.contains(PASSWORD));
}

/// A password goes to the registry and its token service, a token to the registry.
fn keeps_secrets(asked: &Asked) {
    let basic = format!("Basic {}", STANDARD.encode(format!("{USER}:{PASSWORD}")));
    let sent = asked.authorization.as_deref();
    match sent {
        None => {}
        Some(sent) if sent == basic => {
            assert!(
                [REGISTRY, TOKENS].contains(&asked.host.as_str()),
                "{asked:?}"
            );
        }
        Some(_) => assert_eq!(asked.host, REGISTRY),
    }
    assert!(!asked.path.contains(PASSWORD));
}
