//! Secrets that must never be seen anywhere (row 170).

use serde_json::{Value, json};
use sovverify_fetch::FetchConfig;
use sovverify_fetch::config::{CredentialFile, ExplicitCredential, Proxy, Secret};
use sovverify_forge::Act;
use sovverify_webhook::cluster::LookupError;

use super::{basic, give, pod};
use crate::logged::{logged, logged_about};
use crate::world::{World, review};

/// Something that must never be seen anywhere, in each of the ways in which it could be written.
struct Canary(&'static str);

impl Canary {
    fn is_in(&self, text: &str) -> bool {
        let encoded = sovverify_forge::base64(self.0.as_bytes());
        // The middle of it, wherever in a group of three bytes it began.
        let shifted = |by: usize| {
            let padded = "x".repeat(by) + self.0;
            let text = sovverify_forge::base64(padded.as_bytes());
            text[4..text.len() - 4].to_owned()
        };
        let middles = [
            encoded[..encoded.len() - 4].to_owned(),
            shifted(1),
            shifted(2),
        ];
        text.contains(self.0) || middles.iter().any(|middle| text.contains(middle))
    }
}

const PASSWORD: Canary = Canary("canary-password-of-a-pull-secret");
const TOKEN: Canary = Canary("canary-token-of-the-registry");
const OWN: Canary = Canary("canary-password-of-the-process");
const FILE: Canary = Canary("canary-in-a-credential-file");
const PROXY: Canary = Canary("canary-password-of-the-proxy");
const BROKEN: Canary = Canary("canary-in-a-broken-pull-secret");

/// Ways of a registry to repeat what it was sent.
const ECHOES: [fn(&str) -> Act; 6] = [
    |sent| {
        Act::Refuse(
            401,
            vec![("www-authenticate", format!("Basic realm=\"{sent}\""))],
        )
    },
    |sent| {
        Act::Refuse(
            401,
            vec![(
                "www-authenticate",
                format!("Bearer realm=\"http://127.0.0.1:1/{sent}\""),
            )],
        )
    },
    |sent| {
        Act::Refuse(
            302,
            vec![("location", format!("http://127.0.0.1:1/{sent}"))],
        )
    },
    |sent| Act::Refuse(429, vec![("retry-after", sent.to_owned())]),
    |sent| Act::Refuse(500, vec![("docker-content-digest", sent.to_owned())]),
    |sent| Act::Lie(format!("{{\"errors\":[{{\"message\":\"{sent}\"}}]}}").into_bytes()),
];

#[tokio::test]
async fn gauntlet_170_no_secret_is_in_an_answer_a_number_or_a_line_of_the_log() {
    logged();
    let world = World::new();
    let image = world.pinned("team/good");
    give(&world, "team", "user", PASSWORD.0);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.json");
    let host = world.registry.host();
    let content = |auth: Value| json!({ "auths": { &host: auth } }).to_string();
    std::fs::write(&file, content(json!({ "auth": basic("user", FILE.0) }))).unwrap();
    let broken = folder.path().join("broken.json");
    std::fs::write(&broken, format!("{{\"auths\": \"{}\", ", FILE.0)).unwrap();
    let config = |change: fn(&mut FetchConfig, &World)| {
        let mut config = world.config();
        change(&mut config, &world);
        config
    };
    let mut configs = vec![
        config(|config, world| {
            config.credentials.explicit = vec![ExplicitCredential {
                scope: world.registry.host(),
                username: "process".to_owned(),
                password: Secret::new(OWN.0),
            }];
        }),
        config(|config, _| {
            config.proxy = Proxy::Explicit {
                url: format!("http://user:{}@127.0.0.1:1", PROXY.0),
                except: String::new(),
            };
        }),
    ];
    for path in [&file, &broken] {
        let mut with_file = world.config();
        with_file.credentials.files = vec![CredentialFile::Required(path.clone())];
        configs.push(with_file);
    }
    let mut answers = String::new();
    for config in configs {
        world.apply_as(&[world.policy("production", "")], Vec::new(), config);
        for echo in ECHOES {
            world.behave.set(move |asked| match &asked.authorization {
                Some(sent) => echo(&format!("{sent} {}", TOKEN.0)),
                None => Act::Refuse(
                    401,
                    vec![("www-authenticate", "Basic realm=\"r\"".to_owned())],
                ),
            });
            for review in [
                review(&[&image]),
                pod("team", &image),
                pod("team", &world.tag("team/good")),
            ] {
                answers.push_str(&world.ask(&review).await.0.to_string());
                world.later(60);
            }
        }
    }
    // Secrets that cannot be read, and an API server that says too much.
    world.apply(&[world.policy("production", "")]);
    for text in [
        format!("{{\"auths\":{{\"{host}\":{{\"auth\":\"{}\"}}}}", BROKEN.0),
        content(json!({ "auth": BROKEN.0 })),
        content(json!({ "auth": 7, "password": BROKEN.0 })),
        json!({ "credsStore": BROKEN.0, "credHelpers": { &host: BROKEN.0 } }).to_string(),
        content(json!({ "identitytoken": BROKEN.0 })),
        format!("\"{}\"", BROKEN.0),
    ] {
        world
            .cluster
            .secrets
            .lock()
            .unwrap()
            .insert("team/pull".to_owned(), text);
        answers.push_str(&world.ask(&pod("team", &image)).await.0.to_string());
        world.later(60);
    }
    let failure = LookupError::Malformed {
        what: "the pull secret `pull` of `team`".to_owned(),
        found: "content that is no JSON object".to_owned(),
    };
    *world.cluster.secrets_fail.lock().unwrap() = Some(failure);
    answers.push_str(&world.ask(&pod("team", &image)).await.0.to_string());
    assert!(answers.contains("registry/unauthorized"), "{answers}");
    let asked = world.registry.asked();
    let was_sent = |user: &str, canary: &Canary| {
        let sent = format!("Basic {}", basic(user, canary.0));
        asked
            .iter()
            .any(|asked| asked.authorization.as_ref() == Some(&sent))
    };
    // They were used, and this test is about something.
    assert!(was_sent("user", &PASSWORD) && was_sent("process", &OWN) && was_sent("user", &FILE));
    let (log, numbers) = (logged(), world.metrics.text());
    assert!(!logged_about("\"event\":\"denied\"").is_empty());
    for canary in [PASSWORD, TOKEN, OWN, FILE, PROXY, BROKEN] {
        for (what, text) in [
            ("an answer", &answers),
            ("the log", &log),
            ("a number", &numbers),
        ] {
            assert!(!canary.is_in(text), "{} is in {what}: {text}", canary.0);
        }
    }
}
