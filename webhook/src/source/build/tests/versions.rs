//! Which version of a trust root or policy counts: the one of now, else the last that could be used; never an
//! earlier one, and never one that was refused (rows 117, 118 and 128 of the gauntlet).

use super::*;

/// The same cluster as a webhook sees it that has just started.
fn restarted(world: &World) -> World {
    let mut fresh = World::new();
    fresh.objects.clone_from(&world.objects);
    fresh.build();
    fresh
}

fn staging() -> Value {
    json!({"sigstore": {"instance": "staging"}})
}

/// Roots that cannot be used, each in another way.
fn refused_roots() -> [Value; 4] {
    [
        json!({"sigstore": {"trustedRoot": {"inline": "{}"}}}),
        json!({"sigstore": {"instance": "public-good"}, "expires": "yesterday"}),
        json!({"sigstore": {"instance": "public-good"}, "require": {"log": -1}}),
        json!({"sigstore": {"instance": "another"}}),
    ]
}

const GOOD: (&[&str], &[Code]) = (&["production"], &[]);

#[track_caller]
fn counts(world: &World, expected: (&[&str], &[Code])) {
    let (policies, refusals) = world.asked("a.example/app", "shop");
    assert_eq!(
        (policies, &*refusals),
        (
            expected.0.iter().map(ToString::to_string).collect(),
            expected.1
        )
    );
}

#[test]
fn gauntlet_117_a_root_that_was_refused_is_trusted_at_no_later_time() {
    for refused in refused_roots() {
        let mut world = world_with_a_policy();
        let honest = world.status(&root(), NOW).digest;
        world.apply(&root(), &refused);
        counts(&world, GOOD);
        assert_eq!(world.status(&root(), NOW).digest, honest);
        // A start finds only what was refused, and does not trust it for having been there before.
        let mut fresh = restarted(&world);
        counts(&fresh, (&[], UNUSABLE));
        assert_eq!(fresh.status(&root(), NOW).digest, None);
        fresh.build();
        counts(&fresh, (&[], UNUSABLE));
        fresh.apply(&root(), &public_good());
        counts(&fresh, GOOD);
        assert_eq!(fresh.status(&root(), NOW).digest, honest);
    }
}

#[test]
fn gauntlet_118_after_a_refused_version_an_honest_one_counts() {
    let mut world = world_with_a_policy();
    let first = world.status(&root(), NOW).digest;
    for (turn, refused) in refused_roots().iter().enumerate() {
        world.apply(&root(), refused);
        counts(&world, GOOD);
        // Neither the refused version nor the one that counted in its place stands in the way.
        let next = if turn % 2 == 0 {
            staging()
        } else {
            public_good()
        };
        world.apply(&root(), &next);
        counts(&world, GOOD);
        assert!(world.outcome(&root()).is_accepted());
        let digest = world.status(&root(), NOW).digest;
        assert_eq!(digest == first, turn % 2 == 1);
        assert_eq!(restarted(&world).status(&root(), NOW).digest, digest);
    }
}

#[test]
fn gauntlet_128_what_is_broken_falls_back_to_the_last_good_version_and_to_none_before_it() {
    let mut world = world_with_a_policy();
    let old = world.status(&root(), NOW).digest;
    world.apply(&root(), &staging());
    world.apply(&cluster_policy(), &policy("b.example/**"));
    let new = world.status(&root(), NOW).digest;
    assert_ne!(old, new);
    for refused in refused_roots() {
        world.apply(&root(), &refused);
        world.apply(&cluster_policy(), &broken("a.example/**"));
        assert_eq!(world.status(&root(), NOW).digest, new);
        assert_eq!(world.asked("b.example/app", "shop").0, ["production"]);
        // The version that was replaced long ago is not what it is about now.
        assert_eq!(world.asked("a.example/app", "shop").1, UNMATCHED);
        assert!(matches!(
            world.outcome(&root()),
            Outcome::Kept { generation: 2, .. }
        ));
    }
    // An operator who writes the old version again has decided so: it counts, and says which one it is.
    world.apply(&root(), &public_good());
    world.apply(&cluster_policy(), &policy("a.example/**"));
    counts(&world, GOOD);
    assert_eq!(world.status(&root(), NOW).digest, old);
}
