use futures_util::FutureExt as _;
use serde_json::json;

use super::*;

fn object(namespace: Option<&str>, name: &str, spec: &Value) -> DynamicObject {
    let object = json!({
        "metadata": {"name": name, "namespace": namespace, "uid": name, "generation": 1},
        "spec": spec,
        "status": {"digest": "sha256:00"},
    });
    serde_json::from_value(object).unwrap()
}

fn sized(bytes: usize) -> Value {
    json!({"x": "x".repeat(bytes)})
}

fn list(objects: &Objects, kind: Kind, items: Vec<DynamicObject>) {
    let follower = objects.of(kind);
    follower.begin();
    for item in items {
        follower.listed(item);
    }
    follower.complete();
}

/// Every kind listed, and nothing there.
fn listed() -> Objects {
    let objects = Objects::default();
    for kind in Kind::ALL {
        list(&objects, kind, Vec::new());
    }
    objects
}

fn names(objects: &Objects) -> Vec<String> {
    let known = objects.snapshot().unwrap();
    known.keys().map(ToString::to_string).collect()
}

fn spec_of(objects: &Objects, kind: Kind, name: &str) -> Spec {
    let known = objects.snapshot().unwrap();
    let mut found = known
        .iter()
        .filter(|(key, _)| key.kind == kind && key.name == name);
    found.next().unwrap().1.spec.clone()
}

/// Whether the list of `kind` should be read anew.
fn wants_list(objects: &Objects, kind: Kind) -> bool {
    objects.of(kind).relist().now_or_never().is_some()
}

#[test]
fn nothing_is_known_before_every_kind_was_listed() {
    let objects = Objects::default();
    for kind in Kind::ALL {
        assert!(objects.snapshot().is_none());
        assert!(objects.missing().unwrap().contains("are being listed"));
        list(&objects, kind, Vec::new());
    }
    assert!(objects.missing().is_none());
    assert_eq!(names(&objects), [""; 0]);
}

#[test]
fn a_list_that_cannot_be_read_says_why() {
    let objects = Objects::default();
    objects.of(Kind::TrustRoot).lost("list: status 403: no");
    assert_eq!(
        objects.missing().unwrap(),
        "trustroots: list: status 403: no"
    );
    assert!(objects.lost().is_none());
}

#[test]
fn a_new_list_replaces_the_old_one_of_its_kind_when_it_is_complete() {
    let objects = listed();
    list(
        &objects,
        Kind::TrustRoot,
        vec![object(None, "root", &json!({}))],
    );
    let follower = objects.of(Kind::ClusterImagePolicy);
    follower.applied(object(None, "a", &json!({})));
    follower.applied(object(None, "b", &json!({})));
    let all = [
        "trustroots/root",
        "clusterimagepolicies/a",
        "clusterimagepolicies/b",
    ];
    assert_eq!(names(&objects), all);
    follower.lost("connection refused");
    follower.begin();
    follower.listed(object(None, "b", &json!({})));
    assert_eq!(names(&objects), all);
    let (since, why) = objects.lost().unwrap();
    assert!(since < Duration::from_mins(1));
    assert_eq!(why, "clusterimagepolicies: connection refused");
    follower.complete();
    assert_eq!(
        names(&objects),
        ["trustroots/root", "clusterimagepolicies/b"]
    );
    assert!(objects.lost().is_none());
    follower.deleted(object(None, "b", &json!({})));
    assert_eq!(names(&objects), ["trustroots/root"]);
}

#[test]
fn what_is_too_large_is_still_known_by_its_name() {
    let objects = listed();
    let follower = objects.of(Kind::ClusterImagePolicy);
    follower.applied(object(None, "large", &sized(MAX_OBJECT_BYTES)));
    let spec = spec_of(&objects, Kind::ClusterImagePolicy, "large");
    assert_eq!(spec, Spec::Beyond(Bound::Object));
    follower.applied(object(None, "large", &sized(1)));
    let spec = spec_of(&objects, Kind::ClusterImagePolicy, "large");
    assert!(matches!(spec, Spec::Whole(_)));
}

#[test]
fn one_namespace_has_its_own_room_and_uses_no_other() {
    let objects = listed();
    let follower = objects.of(Kind::ImagePolicy);
    let part = sized(MAX_NAMESPACE_BYTES / 4 - OBJECT_BYTES - 100);
    for name in ["a", "b", "c", "d", "e"] {
        follower.applied(object(Some("noisy"), name, &part));
    }
    follower.applied(object(Some("team"), "t", &part));
    assert!(matches!(
        spec_of(&objects, Kind::ImagePolicy, "a"),
        Spec::Whole(_)
    ));
    let last = spec_of(&objects, Kind::ImagePolicy, "e");
    assert_eq!(last, Spec::Beyond(Bound::Namespace));
    assert!(matches!(
        spec_of(&objects, Kind::ImagePolicy, "t"),
        Spec::Whole(_)
    ));
    assert!(!wants_list(&objects, Kind::ImagePolicy));
    // Room that is made, by whatever kind, is offered to what was left out.
    let other = objects.of(Kind::PolicyException);
    follower.deleted(object(Some("noisy"), "a", &part));
    assert!(wants_list(&objects, Kind::ImagePolicy));
    assert!(!wants_list(&objects, Kind::ImagePolicy));
    other.applied(object(Some("noisy"), "x", &sized(10)));
    other.deleted(object(Some("noisy"), "x", &sized(10)));
    assert!(wants_list(&objects, Kind::ImagePolicy));
    assert!(!wants_list(&objects, Kind::PolicyException));
}

#[test]
fn all_objects_together_have_a_bound() {
    let objects = listed();
    let follower = objects.of(Kind::ClusterImagePolicy);
    let part = sized(MAX_OBJECT_BYTES - 100);
    let count = MAX_TOTAL_BYTES / MAX_OBJECT_BYTES + 1;
    for number in 0..count {
        follower.applied(object(None, &format!("p{number:03}"), &part));
    }
    let known = objects.snapshot().unwrap();
    assert_eq!(known.len(), count);
    let left_out = known
        .values()
        .filter(|object| object.spec == Spec::Beyond(Bound::Total));
    assert_eq!(left_out.count(), 1);
    // Replacing one by itself frees nothing, deleting all frees everything.
    follower.applied(object(None, "p000", &part));
    for number in 0..count {
        follower.deleted(object(None, &format!("p{number:03}"), &part));
    }
    assert_eq!(objects.lock().known.total, 0);
}

#[test]
fn no_number_of_namespaces_keeps_a_document_of_the_cluster_or_a_small_one_out() {
    let objects = listed();
    let policies = objects.of(Kind::ImagePolicy);
    let part = sized(MAX_NAMESPACE_BYTES / 2 - OBJECT_BYTES - 100);
    for number in 0..100 {
        let namespace = format!("noisy-{number}");
        policies.applied(object(Some(&namespace), "a", &part));
        policies.applied(object(Some(&namespace), "b", &part));
    }
    assert!(objects.lock().known.namespaced <= MAX_NAMESPACED_BYTES);
    policies.applied(object(Some("team"), "t", &sized(1_000)));
    let small = spec_of(&objects, Kind::ImagePolicy, "t");
    assert!(matches!(small, Spec::Whole(_)), "{small:?}");
    // The cluster's own half is untouched.
    let follower = objects.of(Kind::ClusterImagePolicy);
    for name in ["p", "q", "r", "s", "t", "u"] {
        follower.applied(object(None, name, &sized(MAX_OBJECT_BYTES - 100)));
        let spec = spec_of(&objects, Kind::ClusterImagePolicy, name);
        assert!(matches!(spec, Spec::Whole(_)), "{name}");
    }
    // Objects with nothing in them are not free either.
    let empty = json!({});
    for number in 0..2_000 {
        policies.applied(object(Some("many"), &format!("m{number}"), &empty));
    }
    let known = objects.snapshot().unwrap();
    let whole = known.iter().filter(|(key, object)| {
        key.namespace.as_deref() == Some("many") && matches!(object.spec, Spec::Whole(_))
    });
    assert!(whole.count() <= MAX_NAMESPACE_BYTES / OBJECT_BYTES);
}

#[test]
fn a_status_that_cannot_be_ours_counts_as_none() {
    let objects = listed();
    let mut huge = object(None, "a", &json!({}));
    huge.data["status"] = sized(MAX_STATUS_BYTES);
    objects.of(Kind::TrustRoot).applied(huge);
    let known = objects.snapshot().unwrap();
    assert_eq!(*known.values().next().unwrap().status, Value::Null);
}

/// A `spec` whose text has so many bytes.
fn exactly(bytes: usize) -> Value {
    sized(bytes - sized(0).to_string().len())
}

#[test]
fn an_object_and_its_status_are_kept_up_to_their_bounds() {
    let objects = listed();
    let follower = objects.of(Kind::ClusterImagePolicy);
    follower.applied(object(None, "a", &exactly(MAX_OBJECT_BYTES)));
    let spec = spec_of(&objects, Kind::ClusterImagePolicy, "a");
    assert!(matches!(spec, Spec::Whole(_)));
    follower.applied(object(None, "a", &exactly(MAX_OBJECT_BYTES + 1)));
    let spec = spec_of(&objects, Kind::ClusterImagePolicy, "a");
    assert_eq!(spec, Spec::Beyond(Bound::Object));
    let kept = |bytes: usize| {
        let mut object = object(None, "a", &json!({}));
        object.data["status"] = exactly(bytes);
        follower.applied(object);
        !objects.snapshot().unwrap()[&Key {
            kind: Kind::ClusterImagePolicy,
            namespace: None,
            name: "a".to_owned(),
        }]
            .status
            .is_null()
    };
    assert!(kept(MAX_STATUS_BYTES));
    assert!(!kept(MAX_STATUS_BYTES + 1));
}

#[test]
fn a_namespace_and_all_objects_are_filled_to_the_last_byte() {
    let objects = listed();
    let policies = objects.of(Kind::ImagePolicy);
    let half = MAX_NAMESPACE_BYTES / 2 - OBJECT_BYTES;
    let second = |bytes: usize| {
        policies.applied(object(Some("team"), "a", &exactly(half)));
        policies.applied(object(Some("team"), "b", &exactly(bytes)));
        spec_of(&objects, Kind::ImagePolicy, "b")
    };
    assert!(matches!(second(half), Spec::Whole(_)));
    assert_eq!(second(half + 1), Spec::Beyond(Bound::Namespace));
    let mut room = Room::default();
    let key = |namespace: Option<&str>| Key {
        kind: Kind::ImagePolicy,
        namespace: namespace.map(ToOwned::to_owned),
        name: "x".to_owned(),
    };
    // What is left for namespaces is left for one of them as a whole.
    room.namespaced = MAX_NAMESPACED_BYTES - 2 * OBJECT_BYTES;
    let team = key(Some("team"));
    assert_eq!(room.beyond(&team, 2 * OBJECT_BYTES), None);
    assert_eq!(room.beyond(&team, 2 * OBJECT_BYTES + 1), Some(Bound::Total));
    room.total = MAX_TOTAL_BYTES - OBJECT_BYTES;
    assert_eq!(room.beyond(&key(None), OBJECT_BYTES), None);
    assert_eq!(
        room.beyond(&key(None), OBJECT_BYTES + 1),
        Some(Bound::Total)
    );
}
