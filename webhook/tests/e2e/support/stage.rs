//! What all scenarios share: a control plane, a registry, a signer, images; and one scenario's own part
//! of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Once, OnceLock};

use reqwest::Method;
use serde_json::{Value, json};
use sovverify_testbed::cosign::{Cosign, KeyKind, KeyPair, Reach, Version};
use sovverify_testbed::image::Image;
use sovverify_testbed::kit::Kit;
use sovverify_testbed::registry::{Flavour, Registry};

use super::api::{Answer, Api};
use super::control_plane::ControlPlane;
use super::gate::{self, SCENARIO};
use super::install;
use super::kubectl::Kubectl;
use super::objects::pod;
use super::programs::Programs;
use super::webhook::{Settings, Webhook};

/// What all scenarios share.
pub(crate) struct Stage {
    pub(crate) kit: Kit,
    pub(crate) plane: ControlPlane,
    pub(crate) registry: Registry,
    /// Whom the policies trust.
    pub(crate) key: KeyPair,
    /// Whom they do not.
    pub(crate) stranger: KeyPair,
    /// Signed by the key.
    pub(crate) good: Image,
    /// Signed by nobody.
    pub(crate) bad: Image,
    /// The shipped rules.
    pub(crate) gate: Value,
}

impl Stage {
    /// The stage, set by whoever asks first; `None` where a part is missing.
    pub(crate) fn get() -> Option<&'static Self> {
        static STAGE: OnceLock<Option<Stage>> = OnceLock::new();
        // A static is never dropped, so what it started cannot say by itself what it knows of a failure.
        static TELLING: Once = Once::new();
        TELLING.call_once(|| {
            let usual = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |failure| {
                usual(failure);
                if let Some(Some(stage)) = STAGE.get() {
                    println!("{}", stage.plane.logs());
                }
            }));
        });
        STAGE.get_or_init(Self::set).as_ref()
    }

    fn set() -> Option<Self> {
        let (programs, kit) = (Programs::find()?, Kit::for_all_tests()?);
        let plane = ControlPlane::start(programs, kit.folder());
        let registry = Registry::start(&kit, Flavour::Referrers);
        let cosign = Cosign::new(&kit, Version::V3);
        let key = cosign.key(KeyKind::P256, "ours");
        let stranger = cosign.key(KeyKind::P256, "stranger");
        let good = Image::push(&registry, "apps/good", "good");
        cosign.sign(&key, &good.at(registry.address()), Reach::Index);
        let bad = Image::push(&registry, "apps/bad", "bad");
        let gate = gate::shipped(&plane.kubectl());
        Some(Self {
            kit,
            plane,
            registry,
            key,
            stranger,
            good,
            bad,
            gate,
        })
    }

    /// A further image that the key signed.
    pub(crate) fn signed(&self, repository: &str) -> Image {
        let image = Image::push(&self.registry, repository, repository);
        let reference = image.at(self.registry.address());
        Cosign::new(&self.kit, Version::V3).sign(&self.key, &reference, Reach::Index);
        image
    }

    /// The reference of an image on the registry, by digest.
    pub(crate) fn at(&self, image: &Image) -> String {
        image.at(self.registry.address())
    }

    /// The reference of an image on the registry, by tag.
    pub(crate) fn tagged(&self, image: &Image) -> String {
        image.tagged_at(self.registry.address())
    }

    /// A policy that demands a signature by the key of all images that `images` matches; `more` stands in
    /// its `spec`.
    pub(crate) fn policy(&self, name: &str, images: &str, more: &str) -> String {
        let key = std::fs::read_to_string(&self.key.public).unwrap();
        let key: Vec<String> = key
            .lines()
            .map(|line| format!("          {line}\n"))
            .collect();
        let key = key.concat();
        format!(
            "apiVersion: policy.sovverify.dev/v1alpha1\nkind: ClusterImagePolicy\n\
             metadata: {{ name: {name} }}\nspec:\n{more}  match: {{ images: [\"{images}\"] }}\n  \
             signers:\n    release:\n      trustRoot: none\n      key:\n        inline: |\n{key}  \
             require:\n    - name: signed\n      signature: {{ by: [release] }}\n"
        )
    }

    /// That policy for everything on the registry.
    pub(crate) fn settings(&self) -> Settings {
        let address = self.registry.address();
        let policy = self.policy("production", &format!("{address}/**"), "");
        Settings::policy(policy).registries(&[address])
    }

    /// The configuration of a webhook that is the service account which is shipped.
    pub(crate) fn service_account(&self, name: &str) -> PathBuf {
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(|| install::all_but_the_gate(&self.plane));
        install::token(&self.plane, name)
    }

    /// A folder for one webhook.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.kit.fresh(name)
    }
}

/// One scenario: a webhook, and a namespace before which it stands.
pub(crate) struct Scene<'a> {
    pub(crate) stage: &'a Stage,
    /// The name of the scenario, and of its first namespace.
    pub(crate) name: &'static str,
    pub(crate) api: Api,
    pub(crate) kubectl: Kubectl,
    pub(crate) webhook: Webhook,
    /// Who vouches for the webhook.
    authority: String,
}

impl<'a> Scene<'a> {
    /// A scenario with a webhook of these settings, and a namespace of its name.
    pub(crate) fn open(stage: &'a Stage, name: &'static str, settings: Settings) -> Self {
        let scene = Self::ungated(stage, name, settings);
        scene.close();
        scene
    }

    /// The same, before the API server knows of the webhook.
    pub(crate) fn ungated(stage: &'a Stage, name: &'static str, settings: Settings) -> Self {
        Self::ungated_on(stage, &stage.plane, name, settings)
    }

    /// The same, on a control plane of the scenario's own.
    pub(crate) fn ungated_on(
        stage: &'a Stage,
        plane: &ControlPlane,
        name: &'static str,
        settings: Settings,
    ) -> Self {
        let webhook = Webhook::start(&plane.authority, &stage.folder(name), settings);
        let scene = Self {
            stage,
            name,
            api: plane.admin(),
            kubectl: plane.kubectl(),
            authority: plane.authority.pem.clone(),
            webhook,
        };
        scene.namespace(name, &BTreeMap::new());
        scene
    }

    /// Tells the API server of the webhook.
    pub(crate) fn close(&self) {
        self.close_by(&self.stage.gate);
    }

    /// Tells the API server of the webhook, by other rules than the shipped ones.
    pub(crate) fn close_by(&self, gate: &Value) {
        let authority = &self.authority;
        let address = self.webhook.address();
        gate::close(&self.api, gate, authority, address, self.name);
        gate::wait_until_closed(&self.api, self.name);
    }

    /// A further namespace of the scenario, in which pods can be made.
    pub(crate) fn namespace(&self, name: &str, labels: &BTreeMap<&str, &str>) {
        let mut all: BTreeMap<&str, &str> = [(SCENARIO, self.name)].into();
        all.extend(labels);
        let namespace = json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": { "name": name, "labels": all },
        });
        self.api.create("/api/v1/namespaces", &namespace).ok();
        gate::wait_for_namespace(&self.api, name);
    }

    /// A document of ours as one of this scenario, which is the only one that is asked about it.
    pub(crate) fn labelled(&self, document: &str) -> String {
        let label = format!(
            "metadata: {{ labels: {{ {SCENARIO}: {} }}, name: ",
            self.name
        );
        document.replacen("metadata: { name: ", &label, 1)
    }

    /// Where pods of the first namespace are.
    pub(crate) fn pods(&self) -> String {
        format!("/api/v1/namespaces/{}/pods", self.name)
    }

    /// Creates a pod with one container.
    #[track_caller]
    pub(crate) fn pod(&self, name: &str, image: &str) -> Answer {
        self.api.create(&self.pods(), &pod(name, image))
    }

    /// Asks whether a pod would be created.
    #[track_caller]
    pub(crate) fn try_pod(&self, image: &str) -> Answer {
        let path = format!("{}?dryRun=All", self.pods());
        self.api.create(&path, &pod("tried", image))
    }

    /// Asks the webhook itself.
    #[track_caller]
    pub(crate) fn ask(&self, review: &Value) -> Answer {
        let path = "/validate?timeout=10s";
        let body = Some(("application/json", review));
        self.webhook.api().ask(&Method::POST, path, body)
    }
}

/// Text as Kubernetes keeps bytes.
pub(crate) fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
