use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use sovverify::policy::Target;
use sovverify::{Code, ImageName};

use super::super::files::{Access, Mounted, Paths, read};
use super::super::kind::{Key, Kind};
use super::super::objects::{Bound, Object, Spec};
use super::super::status::{Desired, Truth};
use super::*;

mod exceptions;
mod trust_roots;
mod versions;

/// Objects as a cluster would have them, and what is built of them.
struct World {
    builder: Builder,
    mounted: Mounted,
    objects: BTreeMap<Key, Object>,
    built: Option<Built>,
}

impl World {
    fn new() -> Self {
        Self {
            builder: Builder::default(),
            mounted: Mounted::nothing(),
            objects: BTreeMap::new(),
            built: None,
        }
    }

    fn with_mounted(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.yaml"), text).unwrap();
        let paths = Paths {
            policies: vec![folder.path().to_owned()],
            ..Paths::default()
        };
        Self {
            mounted: read(&paths, Access::Cluster).result.unwrap(),
            ..Self::new()
        }
    }

    /// Stores a version of an object, as the API server does, and builds anew.
    fn apply(&mut self, key: &Key, spec: &Value) -> &Built {
        let text: Arc<str> = spec.to_string().into();
        self.apply_spec(key, Spec::Whole(text))
    }

    fn apply_spec(&mut self, key: &Key, spec: Spec) -> &Built {
        let (uid, generation) = match self.objects.get(key) {
            Some(before) => (before.uid.clone(), before.generation + 1),
            None => (format!("uid-{}", self.objects.len()), 1),
        };
        let object = Object {
            uid,
            generation,
            spec,
            status: Arc::new(Value::Null),
        };
        self.objects.insert(key.clone(), object);
        self.build()
    }

    fn delete(&mut self, key: &Key) -> &Built {
        self.objects.remove(key).unwrap();
        self.build()
    }

    fn build(&mut self) -> &Built {
        let built = self.builder.build(&self.mounted, &self.objects).unwrap();
        self.built.insert(built)
    }

    fn built(&self) -> &Built {
        self.built.as_ref().unwrap()
    }

    /// What is asked about an image in a namespace: the policies, and what denies at once.
    fn asked(&self, image: &str, namespace: &str) -> (Vec<String>, Vec<Code>) {
        let name: ImageName = image.parse().unwrap();
        let target = Target {
            namespace: namespace.to_owned(),
            ..Target::default()
        };
        let matching = self.built().state.policies.matching(&name, Some(&target));
        let policies = matching.policies().iter().map(|policy| policy.name());
        let refusals = matching.refusals().into_iter().map(|finding| finding.code);
        (policies.collect(), refusals.collect())
    }

    fn outcome(&self, key: &Key) -> &Outcome {
        &self.built().outcomes[key]
    }

    fn status(&self, key: &Key, now: &str) -> Desired {
        let built = self.built();
        let now = now.parse().unwrap();
        statuses(&built.state.policies, &built.outcomes, &self.objects, now)[key].clone()
    }

    fn message(&self, key: &Key) -> String {
        self.status(key, NOW).conditions[0].message.clone()
    }
}

const NOW: &str = "2026-03-01T10:00:00Z";

fn key(kind: Kind, namespace: Option<&str>, name: &str) -> Key {
    Key {
        kind,
        namespace: namespace.map(ToOwned::to_owned),
        name: name.to_owned(),
    }
}

fn cluster_policy() -> Key {
    key(Kind::ClusterImagePolicy, None, "production")
}

fn root() -> Key {
    key(Kind::TrustRoot, None, "root")
}

fn public_good() -> Value {
    json!({"sigstore": {"instance": "public-good"}})
}

fn policy(images: &str) -> Value {
    json!({
        "match": {"images": [images]},
        "signers": {"release": {
            "keyless": {"issuer": "https://ci.example", "identity": {"exact": "https://ci.example/a"}},
            "trustRoot": "root",
        }},
        "require": [{"name": "signed", "signature": {"by": ["release"]}}],
    })
}

/// The same, with a signer that does not exist.
fn broken(images: &str) -> Value {
    let mut spec = policy(images);
    spec["require"][0]["signature"]["by"] = json!(["nobody"]);
    spec
}

fn world_with_a_policy() -> World {
    let mut world = World::new();
    world.apply(&root(), &public_good());
    world.apply(&cluster_policy(), &policy("a.example/**"));
    world
}

const UNUSABLE: &[Code] = &[Code::PolicyUnusable];
const UNMATCHED: &[Code] = &[Code::PolicyNoMatch];

#[test]
fn objects_become_policies() {
    let world = world_with_a_policy();
    assert_eq!(
        world.asked("a.example/app", "shop"),
        (vec!["production".to_owned()], vec![])
    );
    assert_eq!(world.asked("b.example/app", "shop").1, UNMATCHED);
    for key in [cluster_policy(), root()] {
        assert!(world.outcome(&key).is_accepted(), "{key}");
        assert!(
            world
                .status(&key, NOW)
                .digest
                .unwrap()
                .starts_with("sha256:")
        );
    }
}

#[test]
fn a_broken_version_never_replaces_a_good_one() {
    let mut world = world_with_a_policy();
    let before = world.status(&cluster_policy(), NOW);
    // Broken in what it demands, in its shape, and beyond a bound.
    for spec in [broken("b.example/**"), json!({"match": 1}), json!("x")] {
        world.apply(&cluster_policy(), &spec);
        assert_eq!(world.asked("a.example/app", "shop").0, ["production"]);
        assert_eq!(world.asked("b.example/app", "shop").1, UNMATCHED);
        let status = world.status(&cluster_policy(), NOW);
        assert_eq!(status.conditions[0].truth, Truth::Fails);
        assert_eq!(status.digest, before.digest);
        let message = &status.conditions[0].message;
        assert!(
            message.ends_with("until it is mended, generation 1 counts"),
            "{message}"
        );
    }
    world.apply_spec(&cluster_policy(), Spec::Beyond(Bound::Object));
    assert_eq!(world.asked("a.example/app", "shop").0, ["production"]);
    assert_eq!(
        world.status(&cluster_policy(), NOW).conditions[0].reason,
        "LimitExceeded"
    );
    // Mended, the version of now counts.
    world.apply(&cluster_policy(), &policy("b.example/**"));
    assert_eq!(world.asked("b.example/app", "shop").0, ["production"]);
    assert_eq!(world.asked("a.example/app", "shop").1, UNMATCHED);
    assert!(world.outcome(&cluster_policy()).is_accepted());
    assert_eq!(world.status(&cluster_policy(), NOW).generation, 6);
}

#[test]
fn a_policy_that_was_never_good_denies_what_it_may_be_about_and_nothing_else() {
    let mut world = world_with_a_policy();
    let other = key(Kind::ClusterImagePolicy, None, "other");
    world.apply(&other, &broken("a.example/secret/**"));
    assert_eq!(world.asked("a.example/secret/app", "shop").1, UNUSABLE);
    assert_eq!(world.asked("a.example/app", "shop").1, []);
    // Where it cannot be read what it is about, that is everything.
    world.apply(&other, &json!({"match": {"images": 7}}));
    assert_eq!(world.asked("a.example/app", "shop").1, UNUSABLE);
    world.apply_spec(&other, Spec::Beyond(Bound::Total));
    assert_eq!(world.asked("a.example/app", "shop").1, UNUSABLE);
    world.delete(&other);
    assert_eq!(world.asked("a.example/app", "shop").1, []);
}

#[test]
fn a_broken_policy_of_a_namespace_denies_in_it_alone() {
    let mut world = world_with_a_policy();
    let strict = key(Kind::ImagePolicy, Some("team"), "strict");
    world.apply(&strict, &json!({"match": []}));
    assert_eq!(world.asked("a.example/app", "team").1, UNUSABLE);
    assert_eq!(world.asked("a.example/app", "shop").1, []);
    world.apply(&strict, &policy("a.example/**"));
    let both = ["production".to_owned(), "team/strict".to_owned()];
    assert_eq!(world.asked("a.example/app", "team").0, both);
    assert_eq!(world.asked("a.example/app", "shop").0, ["production"]);
    assert!(world.status(&strict, NOW).digest.is_some());
}

#[test]
fn deleting_the_last_policy_denies_everything_and_does_not_keep_it() {
    let mut world = world_with_a_policy();
    world.delete(&cluster_policy());
    assert_eq!(
        world.asked("a.example/app", "shop"),
        (vec![], UNMATCHED.to_vec())
    );
    world.delete(&root());
    assert_eq!(world.asked("a.example/app", "shop").1, UNMATCHED);
}

#[test]
fn a_policy_that_is_made_anew_under_an_old_name_has_no_last_good_version() {
    let mut world = world_with_a_policy();
    // Deleted and made again between two looks.
    let object = world.objects.get_mut(&cluster_policy()).unwrap();
    object.uid = "another".to_owned();
    let text: Arc<str> = broken("a.example/**").to_string().into();
    object.spec = Spec::Whole(text);
    world.build();
    assert_eq!(
        world.asked("a.example/app", "shop"),
        (vec![], UNUSABLE.to_vec())
    );
}

#[test]
fn messages_say_code_line_field_and_what_stands_there() {
    let mut world = world_with_a_policy();
    world.apply(&cluster_policy(), &broken("a.example/**"));
    let condition = &world.status(&cluster_policy(), NOW).conditions[0];
    assert_eq!(condition.reason, "PolicyInvalid");
    let message = &condition.message;
    assert!(
        message.starts_with("policy/invalid at line 13: "),
        "{message}"
    );
    assert!(
        message.contains("field `spec.require[0].signature.by[0]`"),
        "{message}"
    );
    assert!(message.contains("line: `- \"nobody\"`"), "{message}");
}

#[test]
fn an_object_cannot_name_a_file() {
    let mut world = World::new();
    let mut spec = policy("a.example/**");
    spec["signers"]["release"] = json!({
        "key": {"file": "/var/run/secrets/kubernetes.io/serviceaccount/token"},
        "trustRoot": "none",
    });
    world.apply(&cluster_policy(), &spec);
    assert_eq!(world.asked("a.example/app", "shop").1, UNUSABLE);
    assert!(
        world
            .message(&cluster_policy())
            .contains("a file in an object of the cluster")
    );
}

const MOUNTED: &str = "
apiVersion: policy.sovverify.dev/v1alpha1
kind: TrustRoot
metadata: { name: root }
spec: { sigstore: { instance: public-good } }
---
apiVersion: policy.sovverify.dev/v1alpha1
kind: Configuration
metadata: { name: process }
spec: { unmatched: admit }
";

#[test]
fn objects_may_rest_on_mounted_documents_and_never_replace_them() {
    let mut world = World::with_mounted(MOUNTED);
    world.apply(&cluster_policy(), &policy("a.example/**"));
    assert_eq!(
        world.asked("a.example/app", "shop"),
        (vec!["production".to_owned()], vec![])
    );
    assert_eq!(world.asked("b.example/app", "shop").1, []);
    let digest = world.built().state.policies.trust_roots()[0].digest.clone();
    world.apply(&root(), &json!({"sigstore": {"instance": "staging"}}));
    assert!(
        world.message(&root()).contains("a second TrustRoot"),
        "{}",
        world.message(&root())
    );
    assert_eq!(world.built().state.policies.trust_roots()[0].digest, digest);
    assert_eq!(world.status(&root(), NOW).digest, None);
}

#[test]
fn one_namespace_cannot_use_up_what_others_need() {
    let mut world = world_with_a_policy();
    for number in 0..70 {
        let name = format!("p{number:02}");
        let noisy = key(Kind::ImagePolicy, Some("noisy"), &name);
        let text: Arc<str> = policy("a.example/**").to_string().into();
        let object = Object {
            uid: name,
            generation: 1,
            spec: Spec::Whole(text),
            status: Arc::new(Value::Null),
        };
        world.objects.insert(noisy, object);
    }
    let strict = key(Kind::ImagePolicy, Some("team"), "strict");
    world.apply(&strict, &policy("a.example/**"));
    assert_eq!(world.asked("a.example/app", "team").1, []);
    assert!(world.outcome(&strict).is_accepted());
    assert!(
        world
            .asked("a.example/app", "noisy")
            .1
            .contains(&Code::PolicyUnusable)
    );
}

#[test]
fn warnings_of_a_document_are_in_its_status() {
    let mut world = world_with_a_policy();
    let mut spec = policy("a.example/**");
    spec["signers"]["release"]["keyless"]["identity"] = json!({"regex": "https://ci.example/.*"});
    world.apply(&cluster_policy(), &spec);
    let condition = &world.status(&cluster_policy(), NOW).conditions[0];
    assert_eq!(condition.reason, "AcceptedWithWarnings");
    assert!(
        condition
            .message
            .starts_with("in force; policy/loose-pattern at line")
    );
}
