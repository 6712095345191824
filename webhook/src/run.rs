//! The process: its parts are made, connected, run, and ended in good order.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SecureRandom as _;
use jiff::Timestamp;
use kube::Client;

use crate::args::{Args, ClusterArgs, PolicyArgs, ServerArgs};
use crate::cluster::{Cluster, KubeCluster, NoAccess, PullSecrets, connect};
use crate::decide::keep::Keeper;
use crate::decide::persist::Store;
use crate::decide::{Cache, Clock, DecideLimits, Engine, Parts, Pinning};
use crate::metrics::Metrics;
use crate::server::{Listen, Server, ServerLimits, TlsFiles, on_signals};
use crate::source::{Paths, Source};
use crate::state::Current;

/// The exit code of bad input.
pub const INPUT: u8 = 2;
/// The exit code of failed surroundings.
pub const SURROUNDINGS: u8 = 3;

/// Why the process cannot begin.
struct Failed {
    code: u8,
    message: String,
}

/// Runs until it is told to end.
pub fn run(args: Args) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(serve(args)),
        Err(error) => Err(surroundings(&error)),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            tracing::error!(reason = %failed.message, "cannot run");
            ExitCode::from(failed.code)
        }
    }
}

async fn serve(args: Args) -> Result<(), Failed> {
    if !args.cluster.cluster && args.policies.policy.is_empty() {
        return Err(Failed {
            code: INPUT,
            message: "expected policies, by `--policy` or by `--cluster`, found neither".to_owned(),
        });
    }
    let (current, metrics) = (Arc::<Current>::default(), Arc::<Metrics>::default());
    let limits = DecideLimits::default();
    let clock: Clock = Arc::new(Timestamp::now);
    let cache = Arc::new(Cache::new(&limits));
    let secret = secret(&args)?;
    let store = args.cache.cache_file.clone();
    let store = store.map(|path| Store::new(path, &derived(&secret, b"verdicts"), &limits));
    let keeper = Keeper::open(
        Arc::clone(&cache),
        store,
        Arc::clone(&metrics),
        Arc::clone(&clock),
    );
    let client = client(&args.cluster).await?;
    let cluster = cluster(client.clone(), &args.cluster);
    let sources = Source::new(paths(args.policies), client, Arc::clone(&metrics));
    let engine = Engine::new(Parts {
        current: Arc::clone(&current),
        cluster,
        cache,
        metrics: Arc::clone(&metrics),
        limits,
        secret: derived(&secret, b"credential scopes"),
        pinning: if args.mutate {
            Pinning::On
        } else {
            Pinning::Off
        },
        clock,
    });
    let engine = Arc::new(engine.standing(sources.standing()));
    let server = bound(args.server, engine, metrics).await?;
    let sources = tokio::spawn(sources.follow(current));
    let saving = tokio::spawn(keeper.clone().follow(limits.save_interval));
    let stop = on_signals().map_err(|error| surroundings(&error))?;
    server.run(stop).await;
    sources.abort();
    saving.abort();
    keeper.save().await;
    Ok(())
}

/// The server, with its addresses and its certificate.
async fn bound(
    args: ServerArgs,
    engine: Arc<Engine>,
    metrics: Arc<Metrics>,
) -> Result<Server, Failed> {
    let listen = Listen {
        admission: args.listen,
        tls: TlsFiles {
            certificate: args.tls_cert,
            key: args.tls_key,
            client_authority: args.client_ca,
        },
        metrics: args.metrics_listen,
    };
    Server::bind(listen, ServerLimits::default(), engine, metrics)
        .await
        .map_err(|error| Failed {
            code: INPUT,
            message: error.to_string(),
        })
}

fn paths(args: PolicyArgs) -> Paths {
    Paths {
        policies: args.policy,
        trust: args.trust,
        exceptions: args.exception,
        configuration: args.config,
    }
}

async fn client(args: &ClusterArgs) -> Result<Option<Client>, Failed> {
    if !args.cluster {
        return Ok(None);
    }
    let client = connect(args.kubeconfig.clone()).await;
    client.map(Some).map_err(|error| Failed {
        code: INPUT,
        message: error.to_string(),
    })
}

fn cluster(client: Option<Client>, args: &ClusterArgs) -> Arc<dyn Cluster> {
    let Some(client) = client else {
        return Arc::new(NoAccess);
    };
    let secrets = if args.pull_secrets {
        PullSecrets::Read
    } else {
        PullSecrets::Ignored
    };
    let cluster = Arc::new(KubeCluster::new(client, secrets));
    let following = Arc::clone(&cluster);
    tokio::spawn(async move { following.follow().await });
    cluster
}

/// The secret from which the keys of the process are derived: its private key for TLS where verdicts are
/// kept, because whoever has that could answer in its place anyway; otherwise chance.
fn secret(args: &Args) -> Result<Vec<u8>, Failed> {
    if args.cache.cache_file.is_none() {
        let mut secret = vec![0; 32];
        aws_lc_rs::rand::SystemRandom::new()
            .fill(&mut secret)
            .map_err(|_| Failed {
                code: SURROUNDINGS,
                message: "expected randomness from the system, found none".to_owned(),
            })?;
        return Ok(secret);
    }
    let path: &Path = &args.server.tls_key;
    let limit = sovverify_fetch::load::files::MAX_PEM_BYTES;
    sovverify_fetch::load::files::read(path, limit).map_err(|error| Failed {
        code: INPUT,
        message: error.to_string(),
    })
}

/// A key of its own for each purpose (HMAC as a key derivation, as in RFC 5869 section 2.3).
fn derived(secret: &[u8], purpose: &[u8]) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let mut derived = [0; 32];
    for (byte, found) in derived.iter_mut().zip(hmac::sign(&key, purpose).as_ref()) {
        *byte = *found;
    }
    derived
}

fn surroundings(error: &std::io::Error) -> Failed {
    Failed {
        code: SURROUNDINGS,
        message: error.to_string(),
    }
}
