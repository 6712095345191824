//! Exceptions: what of them counts, and where.

use super::*;

fn exception(name: &str) -> Key {
    key(Kind::PolicyException, Some("team"), name)
}

#[test]
fn a_signed_exception_counts_in_its_namespace() {
    let mut world = World::new();
    let envelope =
        json!({"payloadType": "application/vnd.in-toto+json", "payload": "", "signatures": []});
    world.apply(&exception("a"), &json!({"signed": envelope.to_string()}));
    let given = &world.built().state.exceptions;
    assert_eq!(given.len(), 1);
    assert_eq!(given[0].namespace.as_deref(), Some("team"));
    assert_eq!(given[0].evidence.origin.place, "policyexceptions/team/a");
    assert!(world.outcome(&exception("a")).is_accepted());
}

#[test]
fn an_exception_that_is_broken_excuses_nothing_although_it_did_before() {
    let mut world = World::new();
    let envelope = json!({"payloadType": "application/vnd.in-toto+json"}).to_string();
    world.apply(&exception("a"), &json!({"signed": envelope}));
    assert_eq!(world.built().state.exceptions.len(), 1);
    let unsigned = json!({"kind": "PolicyException"}).to_string();
    for (spec, reason) in [
        (json!({}), "ExceptionUnsigned"),
        (json!({"signed": unsigned}), "ExceptionUnsigned"),
        (json!({"signed": 1}), "ExceptionUnsigned"),
        (
            json!({"signed": envelope, "other": 1}),
            "ExceptionMalformed",
        ),
    ] {
        world.apply(&exception("a"), &spec);
        assert!(world.built().state.exceptions.is_empty(), "{reason}");
        let condition = &world.status(&exception("a"), NOW).conditions[0];
        assert_eq!(
            (condition.truth, condition.reason.as_str()),
            (Truth::Fails, reason)
        );
        assert!(condition.message.ends_with("it excuses nothing"));
    }
}

#[test]
fn a_namespace_has_as_many_exceptions_as_there_may_be() {
    const MOST: usize = 64;
    let mut world = World::new();
    let envelope = json!({"payloadType": "application/vnd.in-toto+json"}).to_string();
    let spec = json!({ "signed": envelope });
    let named = |number: usize| exception(&format!("e{number:03}"));
    for number in 0..=MOST {
        world.apply(&named(number), &spec);
        assert_eq!(world.built().state.exceptions.len(), MOST.min(number + 1));
    }
    let last = &world.status(&named(MOST), NOW).conditions[0];
    assert_eq!(
        (last.truth, last.reason.as_str()),
        (Truth::Fails, "LimitExceeded")
    );
    // Another namespace has its own.
    world.apply(&key(Kind::PolicyException, Some("other"), "a"), &spec);
    assert_eq!(world.built().state.exceptions.len(), MOST + 1);
}
