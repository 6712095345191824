//! A small world: a registry that may misbehave, a policy, and an engine with a clock of its own.

mod cluster;
mod requests;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use sovverify::Limits;
use sovverify::policy::{Documents, Source};
use sovverify_fetch::config::LocalRegistries;
use sovverify_fetch::{Discovery, FetchConfig, FetchLimits};
use sovverify_forge::{
    Act, Asked, Bundle, Descriptor, Forge, Key, KeyKind, Layout, Registry, Statement, at,
};
use sovverify_webhook::cluster::Cluster;
use sovverify_webhook::decide::persist::Store;
use sovverify_webhook::decide::{Cache, DecideLimits, Engine, Parts, Pinning};
use sovverify_webhook::metrics::Metrics;
use sovverify_webhook::state::{Current, GivenException, State};

use cluster::FakeCluster;
pub(crate) use requests::{Answered, ask, call, changed, review, review_of};

type Behaviour = Box<dyn Fn(&Asked) -> Act + Send + Sync>;

/// What a test changes while requests run.
#[derive(Default)]
pub(crate) struct Behave(Mutex<Option<Behaviour>>);

impl Behave {
    pub(crate) fn set(&self, behaviour: impl Fn(&Asked) -> Act + Send + Sync + 'static) {
        *self.0.lock().unwrap() = Some(Box::new(behaviour));
    }

    pub(crate) fn honestly(&self) {
        *self.0.lock().unwrap() = None;
    }

    fn act(&self, asked: &Asked) -> Act {
        let behaviour = self.0.lock().unwrap();
        behaviour.as_ref().map_or(Act::Serve, |act| act(asked))
    }
}

/// Everything of a test.
pub(crate) struct World {
    pub(crate) registry: Registry,
    pub(crate) behave: Arc<Behave>,
    pub(crate) cluster: Arc<FakeCluster>,
    pub(crate) current: Arc<Current>,
    pub(crate) cache: Arc<Cache>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) engine: Arc<Engine>,
    pub(crate) forge: Forge,
    /// Digests by repository.
    pub(crate) digests: BTreeMap<&'static str, String>,
    manifests: BTreeMap<&'static str, Vec<u8>>,
    pub(crate) key: Key,
    clock: Arc<AtomicI64>,
    limits: DecideLimits,
}

/// Makes a repository that is not one of the usual ones: the layout, and the image of its tag `v1`.
pub(crate) type Making = fn(&Maker<'_>) -> (Layout, Descriptor);

/// Signs what a repository holds.
pub(crate) struct Maker<'a> {
    pub(crate) forge: &'a Forge,
    key: &'a Key,
}

impl Maker<'_> {
    /// A layout with one image, not signed yet.
    pub(crate) fn image(&self, content: &str) -> (Layout, Descriptor) {
        let mut layout = Layout::new();
        let image = layout.image("linux/amd64", content);
        layout.tag(&image, "v1");
        (layout, image)
    }

    /// A signature by the key that policies trust.
    pub(crate) fn signature(&self, image: &Descriptor) -> Bundle {
        self.attested(&Statement::cosign_sign(&image.digest))
    }

    /// Whatever statement, signed by that key.
    pub(crate) fn attested(&self, statement: &Statement) -> Bundle {
        attested(self.forge, self.key, statement)
    }
}

/// A statement signed by a key, without a log.
pub(crate) fn attested(forge: &Forge, key: &Key, statement: &Statement) -> Bundle {
    forge.keyed(key, at(SIGNED)).unlogged().statement(statement)
}

/// When everything was signed.
const SIGNED: &str = "2026-05-01T00:00:00Z";
/// When everything happens.
pub(crate) const NOW: &str = "2026-06-01T12:00:00Z";

impl World {
    pub(crate) fn new() -> Self {
        Self::with(DecideLimits::default())
    }

    pub(crate) fn with(limits: DecideLimits) -> Self {
        Self::made(limits, &[])
    }

    /// A world with further repositories.
    pub(crate) fn made(limits: DecideLimits, more: &[(&'static str, Making)]) -> Self {
        let forge = Forge::new(at("2026-01-01T00:00:00Z"));
        let key = Key::generate(KeyKind::EcdsaP256);
        let maker = Maker {
            forge: &forge,
            key: &key,
        };
        let usual = ["team/good", "team/other", "team/keyless", "team/bad"];
        let usual = usual.map(|name| (name, maker.usual(name)));
        let further = more.iter().map(|(name, make)| (*name, make(&maker)));
        let (mut digests, mut manifests) = (BTreeMap::new(), BTreeMap::new());
        let mut repositories = BTreeMap::new();
        for (name, (layout, image)) in usual.into_iter().chain(further) {
            manifests.insert(name, layout.blobs[&image.digest].clone());
            digests.insert(name, image.digest.clone());
            repositories.insert(name.to_owned(), layout);
        }
        let behave = Arc::new(Behave::default());
        let acting = Arc::clone(&behave);
        let registry = Registry::serve(&repositories, move |asked| acting.act(asked));
        let (cluster, current) = (Arc::new(FakeCluster::default()), Arc::<Current>::default());
        let (cache, metrics) = (Arc::new(Cache::new(&limits)), Arc::<Metrics>::default());
        let clock = Arc::new(AtomicI64::new(at(NOW).as_second()));
        let world = Self {
            engine: engine(&current, &cluster, (&cache, &metrics), &clock, limits),
            registry,
            behave,
            cluster,
            current,
            cache,
            metrics,
            forge,
            digests,
            manifests,
            key,
            clock,
            limits,
        };
        world.apply(&[world.policy("production", "")]);
        world
    }

    /// The same world after a restart, with what `cache` remembers.
    pub(crate) fn restarted(&self, cache: Arc<Cache>) -> Arc<Engine> {
        let (current, cluster) = (&self.current, &self.cluster);
        let metrics = Arc::clone(&self.metrics);
        engine(
            current,
            cluster,
            (&cache, &metrics),
            &self.clock,
            self.limits,
        )
    }

    /// What time it is.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_second(self.clock.load(Ordering::SeqCst)).unwrap()
    }

    /// Asks a webhook that knows nothing yet, then the same one again, and then one that was restarted with
    /// what the first one kept. All three must say the same, word for word.
    pub(crate) async fn thrice(&self, review: &Value) -> Answered {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path().join("verdicts"), b"secret", &self.limits);
        let cache = Arc::new(Cache::new(&self.limits));
        let engine = self.restarted(Arc::clone(&cache));
        let cold = ask(&engine, review).await;
        let warm = ask(&engine, review).await;
        store.save(&cache, self.now()).unwrap();
        let kept = Arc::new(Cache::new(&self.limits));
        store.load(&kept, self.now()).unwrap();
        let restarted = ask(&self.restarted(kept), review).await;
        assert_eq!(cold.0, warm.0, "cold and warm");
        assert_eq!(cold.0, restarted.0, "cold and restarted");
        cold
    }

    /// A policy that demands a signature by the key; `more` stands in its `spec`.
    pub(crate) fn policy(&self, name: &str, more: &str) -> String {
        let pattern = format!("{}/team/**", self.registry.host());
        policy(&self.key, (name, &pattern), more)
    }

    /// Replaces the policies.
    pub(crate) fn apply(&self, documents: &[String]) {
        self.apply_with(documents, Vec::new());
    }

    /// Replaces the policies and the exceptions that were given.
    pub(crate) fn apply_with(&self, documents: &[String], exceptions: Vec<GivenException>) {
        self.apply_as(documents, exceptions, self.config());
    }

    /// How registries are asked: as in a cluster, and the one of this world is on this machine.
    pub(crate) fn config(&self) -> FetchConfig {
        let host = self.registry.host();
        let config = FetchConfig {
            insecure_registries: [host.clone()].into(),
            local_registries: LocalRegistries::Only([host].into()),
            limits: FetchLimits {
                retry_wait: Duration::from_millis(1),
                attempts: 2,
                ..FetchLimits::default()
            },
            ..FetchConfig::default()
        };
        config.for_tenants()
    }

    /// Replaces everything that decides.
    pub(crate) fn apply_as(
        &self,
        documents: &[String],
        exceptions: Vec<GivenException>,
        config: FetchConfig,
    ) {
        let sources = [Source {
            file: "policy.yaml".to_owned(),
            text: documents.join("---\n"),
        }];
        let policies = Documents::parse(&sources)
            .and_then(|documents| documents.compile(&BTreeMap::new()))
            .unwrap_or_else(|error| panic!("{error}"));
        self.current.set(State {
            workloads: policies.configuration().workloads.clone(),
            policies,
            exceptions,
            discovery: Arc::new(Discovery::new(config).unwrap()),
            limits: Limits::default(),
            generation: 0,
        });
    }

    pub(crate) fn tag(&self, repository: &str) -> String {
        format!("{}/{repository}:v1", self.registry.host())
    }

    /// The digest and the bytes of a repository's image.
    pub(crate) fn manifest(&self, repository: &str) -> (String, Vec<u8>) {
        let bytes = self.manifests[repository].clone();
        (self.digests[repository].clone(), bytes)
    }

    pub(crate) fn pinned(&self, repository: &str) -> String {
        let digest = &self.digests[repository];
        format!("{}/{repository}@{digest}", self.registry.host())
    }

    /// Lets time pass.
    pub(crate) fn later(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) async fn ask(&self, review: &Value) -> Answered {
        ask(&self.engine, review).await
    }

    /// Asks whether a pod with these images may be created.
    pub(crate) async fn pod(&self, images: &[&str]) -> Answered {
        self.ask(&review(images)).await
    }
}

impl Maker<'_> {
    fn usual(&self, name: &str) -> (Layout, Descriptor) {
        let (mut layout, image) = self.image(name);
        let statement = Statement::cosign_sign(&image.digest);
        let bundle = match name {
            "team/bad" => return (layout, image),
            "team/keyless" => self.forge.keyless(at(SIGNED)).statement(&statement),
            _ => self.attested(&statement),
        };
        layout.attach_bundle(&image, &bundle);
        (layout, image)
    }
}

/// A policy called `name` about the images of `pattern`, which demands a signature by `key`.
pub(crate) fn policy(key: &Key, (name, pattern): (&str, &str), more: &str) -> String {
    format!(
        "apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{ name: {name} }}
spec:
  match:
    images: [\"{pattern}\"]
{more}
  signers:
    release:
      trustRoot: none
      key:
        inline: |
{}
  require:
    - name: signed
      signature: {{ by: [release] }}
",
        indented(&key.public_pem(), 10),
    )
}

/// The same policy for one namespace alone.
pub(crate) fn in_namespace(policy: &str, namespace: &str) -> String {
    let policy = policy.replace("kind: ClusterImagePolicy", "kind: ImagePolicy");
    policy.replace(
        "metadata: { name:",
        &format!("metadata: {{ namespace: {namespace}, name:"),
    )
}

fn engine(
    current: &Arc<Current>,
    cluster: &Arc<FakeCluster>,
    (cache, metrics): (&Arc<Cache>, &Arc<Metrics>),
    clock: &Arc<AtomicI64>,
    limits: DecideLimits,
) -> Arc<Engine> {
    let clock = Arc::clone(clock);
    let cluster: Arc<dyn Cluster> = Arc::<FakeCluster>::clone(cluster);
    Arc::new(Engine::new(Parts {
        current: Arc::clone(current),
        cluster,
        cache: Arc::clone(cache),
        metrics: Arc::clone(metrics),
        limits,
        secret: [7; 32],
        pinning: Pinning::On,
        clock: Arc::new(move || Timestamp::from_second(clock.load(Ordering::SeqCst)).unwrap()),
    }))
}

pub(crate) fn indented(text: &str, by: usize) -> String {
    let lines = text.lines().map(|line| format!("{:by$}{line}", ""));
    lines.collect::<Vec<_>>().join("\n")
}
