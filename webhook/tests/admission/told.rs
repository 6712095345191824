//! What is told of an answer and what it rests on: numbers, lines, annotations, and for how long.

use std::sync::Arc;

use serde_json::json;
use sovverify_forge::Act;
use sovverify_webhook::cluster::LookupError;
use sovverify_webhook::decide::DecideLimits;
use sovverify_webhook::server::Admit as _;

use crate::logged::{logged, logged_about};
use crate::world::{Answered, World, call, changed, review, review_of};

/// The value of a metric that begins so; 0 where there is none.
fn metric(world: &World, begin: &str) -> String {
    let text = world.metrics.text();
    let line = text.lines().find_map(|line| line.strip_prefix(begin));
    line.map_or("0", |rest| rest.trim()).to_owned()
}

fn decisions(world: &World, labels: &str) -> String {
    let begin = "sovverify_webhook_decisions_total{operation=\"create\",decision=";
    metric(world, &format!("{begin}{labels}}}"))
}

#[tokio::test]
async fn a_warning_is_counted_by_its_code_written_down_and_kept_in_the_audit_log() {
    drop(logged());
    let world = World::new();
    let good = changed(&review(&[&world.pinned("team/good")]), |request| {
        request["name"] = json!("told-of-nothing");
    });
    world.ask(&good).await.is_allowed();
    assert_eq!(
        decisions(&world, "\"admit\",class=\"none\",code=\"none\""),
        "1"
    );
    assert_eq!(logged_about("told-of-nothing"), [""; 0]);
    world.apply(&[world.policy("rehearsal", "  mode: warn")]);
    let bad = world.pinned("team/bad");
    let named = changed(&review(&[&bad]), |request| {
        request["name"] = json!("told-of-a-warning");
    });
    let answered = world.ask(&named).await;
    answered.is_allowed();
    assert!(answered.warnings().contains("signature/missing"));
    let counted = "\"warn\",class=\"missing\",code=\"signature/missing\"";
    assert_eq!(decisions(&world, counted), "1");
    let annotations = answered.0["response"]["auditAnnotations"].clone();
    let text = |name: &str| annotations[name].as_str().unwrap_or_default().to_owned();
    assert!(
        text("findings").contains("signature/missing"),
        "{annotations}"
    );
    assert!(
        text("policies").starts_with("rehearsal sha256:"),
        "{annotations}"
    );
    let lines = logged_about("told-of-a-warning");
    let warned = lines
        .iter()
        .find(|line| line.contains("\"event\":\"warned\""));
    let says = |line: &String| !line.contains("left_out") && line.contains("rule `signed` of");
    assert!(warned.is_some_and(says), "{lines:?}");
}

#[tokio::test]
async fn a_rehearsal_tells_as_many_findings_as_there_may_be_and_leaves_the_others_to_the_command_line()
 {
    let world = World::new();
    let image = world.pinned("team/bad");
    for (rules, told) in [(1, 1), (4, 4), (5, 4), (9, 4)] {
        let policy = world.policy("rehearsal", "  mode: warn");
        let (head, _) = policy.split_once("  require:\n").unwrap();
        let rule =
            |number| format!("    - {{ name: rule-{number}, signature: {{ by: [release] }} }}\n");
        let require = (0..rules).map(rule).collect::<Vec<_>>().concat();
        world.apply(&[format!("{head}  require:\n{require}")]);
        let answered = world.pod(&[&image]).await;
        answered.is_allowed();
        let said = answered.warnings();
        let found = (0..rules).filter(|number| said.contains(&format!("`rule-{number}`")));
        assert_eq!(found.count(), told, "{said}");
    }
}

#[tokio::test]
async fn an_outage_under_policies_that_only_note_is_noted() {
    let world = World::new();
    world.apply(&[world.policy("rehearsal", "  mode: audit")]);
    world.behave.set(|_| Act::Refuse(503, Vec::new()));
    let answered = world.pod(&[&world.pinned("team/good")]).await;
    answered.is_allowed();
    let findings = &answered.0["response"]["auditAnnotations"]["findings"];
    let said = findings.as_str().unwrap();
    assert!(said.contains("would be refused") && said.contains("registry/server-error"));
}

#[tokio::test]
async fn an_outage_under_policies_that_only_warn_is_a_warning() {
    let world = World::new();
    world.apply(&[world.policy("rehearsal", "  mode: warn")]);
    world.behave.set(|_| Act::Refuse(503, Vec::new()));
    let answered = world.pod(&[&world.pinned("team/good")]).await;
    answered.is_allowed();
    let said = answered.warnings();
    assert!(said.contains("would be refused") && said.contains("registry/server-error"));
}

#[tokio::test]
async fn what_a_tag_stands_for_is_fetched_once() {
    let world = World::new();
    world.pod(&[&world.tag("team/good")]).await.is_allowed();
    let digest = &world.digests["team/good"];
    let by_digest = format!("/v2/team/good/manifests/{digest}");
    let again = world.registry.asked();
    assert!(
        again.iter().all(|asked| asked.path != by_digest),
        "{again:?}"
    );
}

#[tokio::test]
async fn a_registry_that_wants_a_name_is_answered_by_a_pull_secret() {
    let world = World::new();
    world.behave.set(|_| Act::Refuse(401, Vec::new()));
    let answered = world.pod(&[&world.pinned("team/good")]).await;
    answered.is_denied("registry/unauthorized");
    assert!(
        answered.message().contains("imagePullSecrets"),
        "{answered:?}"
    );
}

#[tokio::test]
async fn an_admission_beside_an_outage_is_remembered_for_seconds_alone() {
    let world = World::new();
    let soon = DecideLimits::default().transient_lifetime.as_secs();
    // Something may be hidden there, and what is needed was found.
    world.behave.set(|asked| {
        if asked.path.contains(".att") {
            Act::Refuse(503, Vec::new())
        } else {
            Act::Serve
        }
    });
    let image = world.pinned("team/good");
    world.pod(&[&image]).await.is_allowed();
    let asked = world.registry.asked().len();
    world.pod(&[&image]).await.is_allowed();
    assert_eq!(world.registry.asked().len(), asked);
    world.later(i64::try_from(soon).unwrap() + 1);
    world.pod(&[&image]).await.is_allowed();
    assert!(world.registry.asked().len() > asked);
}

#[tokio::test]
async fn only_a_pod_must_hold_an_image() {
    let world = World::new();
    let of = |kind: &'static str| {
        let object = json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": "x" } });
        review_of(("", kind), &object)
    };
    world.ask(&of("ReplicationController")).await.is_allowed();
    world.ask(&of("Pod")).await.is_denied("workload/malformed");
}

#[tokio::test]
async fn a_denial_is_led_by_who_denies_and_not_by_who_warns() {
    let world = World::new();
    // The other policy wants what it names first, and only warns.
    let warns = world.policy("a-rehearsal", "  mode: warn");
    let warns = warns.replace("name: signed", "name: rehearsed");
    world.apply(&[warns, world.policy("production", "")]);
    let answered = world.pod(&[&world.pinned("team/bad")]).await;
    answered.is_denied("signature/missing");
    assert!(
        answered
            .message()
            .contains("rule `signed` of policy `production`")
    );
    assert!(!answered.message().contains("more)"), "{answered:?}");
}

#[tokio::test]
async fn what_denies_is_in_the_answer_and_no_remark_beside_it() {
    let world = World::new();
    let answered = world.pod(&[&world.pinned("team/bad")]).await;
    answered.is_denied("signature/missing");
    let annotations = &answered.0["response"]["auditAnnotations"];
    assert!(annotations["findings"].is_null(), "{annotations}");
    assert!(annotations["images"].as_str().unwrap().ends_with(" deny"));
}

#[tokio::test]
async fn what_the_other_endpoint_refuses_is_counted_for_nobody_else_will_be_asked() {
    let world = World::new();
    let ask = |review: serde_json::Value| {
        let engine = Arc::clone(&world.engine);
        async move {
            let reply = engine.mutate(call(&review)).unwrap().await;
            Answered::of(&reply)
        }
    };
    let good = review(&[&world.tag("team/good")]);
    ask(good.clone()).await.is_allowed();
    let denied = "\"deny\",class=\"transient\",code=\"admission/lookup-failed\"";
    let admitted = "\"admit\",class=\"none\",code=\"none\"";
    assert_eq!(decisions(&world, admitted), "0");
    *world.cluster.secrets_fail.lock().unwrap() = Some(LookupError::Unavailable {
        what: "the pull secrets of a pod".to_owned(),
        detail: "status 500".to_owned(),
    });
    ask(good).await.is_denied("admission/lookup-failed");
    assert_eq!(decisions(&world, denied), "1");
}
