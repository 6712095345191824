//! Trust roots that break, go, or run out, and the policies that name them.

use super::*;

#[test]
fn a_broken_trust_root_keeps_its_last_good_version_and_its_policies_stand() {
    let mut world = world_with_a_policy();
    world.apply(
        &root(),
        &json!({"sigstore": {"trustedRoot": {"inline": "{}"}}}),
    );
    assert_eq!(
        world.asked("a.example/app", "shop"),
        (vec!["production".to_owned()], vec![])
    );
    assert!(matches!(
        world.outcome(&root()),
        Outcome::Kept { generation: 1, .. }
    ));
    assert!(world.outcome(&cluster_policy()).is_accepted());
}

#[test]
fn a_trust_root_that_is_gone_is_not_kept_for_the_policies_that_name_it() {
    let mut world = world_with_a_policy();
    world.delete(&root());
    assert_eq!(
        world.asked("a.example/app", "shop"),
        (vec![], UNUSABLE.to_vec())
    );
    assert!(
        world
            .message(&cluster_policy())
            .contains("unknown trust root `root`")
    );
    // Neither is the last good version of a policy that is broken besides.
    world.apply(&cluster_policy(), &broken("a.example/**"));
    assert_eq!(world.asked("a.example/app", "shop").1, UNUSABLE);
    assert!(!world.outcome(&cluster_policy()).is_accepted());
    assert!(!matches!(
        world.outcome(&cluster_policy()),
        Outcome::Kept { .. }
    ));
    world.apply(&cluster_policy(), &policy("a.example/**"));
    world.apply(&root(), &public_good());
    assert_eq!(
        world.asked("a.example/app", "shop"),
        (vec!["production".to_owned()], vec![])
    );
    assert!(world.outcome(&cluster_policy()).is_accepted());
}

#[test]
fn a_trust_root_and_a_policy_that_break_at_once_both_fall_back() {
    let mut world = world_with_a_policy();
    let bad_root = json!({"sigstore": {"instance": "public-good"}, "expires": "yesterday"});
    let text: Arc<str> = bad_root.to_string().into();
    let object = world.objects.get_mut(&root()).unwrap();
    object.spec = Spec::Whole(text);
    object.generation += 1;
    world.apply(&cluster_policy(), &broken("b.example/**"));
    assert_eq!(
        world.asked("a.example/app", "shop"),
        (vec!["production".to_owned()], vec![])
    );
    assert!(matches!(world.outcome(&root()), Outcome::Kept { .. }));
    assert!(matches!(
        world.outcome(&cluster_policy()),
        Outcome::Kept { .. }
    ));
}

#[test]
fn a_trust_root_says_how_long_it_lasts() {
    let mut world = World::new();
    let spec = json!({
        "sigstore": {"instance": "public-good"},
        "expires": "2026-06-30T00:00:00Z",
        "warnBefore": "30d",
    });
    world.apply(&root(), &spec);
    for (now, truth, reason) in [
        ("2026-03-01T00:00:00Z", Truth::Holds, "InForce"),
        ("2026-06-01T00:00:00Z", Truth::Holds, "ExpiresSoon"),
        ("2026-06-30T00:00:00Z", Truth::Fails, "Expired"),
    ] {
        let status = world.status(&root(), now);
        assert_eq!(status.expires.unwrap().to_string(), "2026-06-30T00:00:00Z");
        let [accepted, term] = status.conditions.as_slice() else {
            panic!("{status:?}");
        };
        assert_eq!((accepted.kind, accepted.truth), ("Accepted", Truth::Holds));
        assert_eq!(
            (term.kind, term.truth, term.reason.as_str()),
            ("TrustValid", truth, reason)
        );
    }
    world.apply(&root(), &public_good());
    assert_eq!(
        world.status(&root(), NOW).conditions[1].reason,
        "NeverExpires"
    );
}
