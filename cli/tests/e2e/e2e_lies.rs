//! Lies: each is told beside an honest image, in one call, and is refused with its own code within
//! its bounds, while the honest image is admitted.

mod evidence;
mod registry;
mod stage;

use std::time::Duration;

use serde_json::Value;

use crate::support::ours::{Outcome, codes};
use sovverify_testbed::kit::Kit;
use sovverify_testbed::registry::Flavour;
use stage::{Stage, Told};

/// One lie, and what must come of it.
struct Lie {
    /// What is told.
    name: &'static str,
    /// The code that must lead the report of the lie.
    code: &'static str,
    /// How the process must end: 1 where it is certain, 3 where nothing could be found out.
    exit: i32,
    /// Tells it.
    tell: fn(&Stage<'_>, &str) -> Told,
}

/// No lie may hold a call up for longer: the stalled ones have limits of a second.
const LONGEST: Duration = Duration::from_secs(20);

/// Bytes that may be taken from a flood, socket buffers included: far above what a bound lets in,
/// far below what is offered.
const MOST_FLOODED: u64 = 48 * 1024 * 1024;

#[test]
fn no_lie_in_evidence_is_believed_by_the_referrers_api() {
    tell_all(Flavour::Referrers, evidence::LIES);
}

#[test]
fn no_lie_in_evidence_is_believed_by_the_fallback_tag() {
    tell_all(Flavour::Plain, evidence::LIES);
}

#[test]
fn no_lie_of_a_registry_is_believed() {
    tell_all(Flavour::Referrers, registry::LIES);
}

#[test]
fn no_lie_of_a_registry_without_the_referrers_api_is_believed() {
    tell_all(Flavour::Plain, registry::LIES);
}

/// Tells every lie of a table and complains about all deviations at once.
fn tell_all(flavour: Flavour, lies: &[Lie]) {
    let Some(kit) = Kit::find() else { return };
    let stage = Stage::new(&kit, flavour);
    let mut deviations = Vec::new();
    for (number, lie) in lies.iter().enumerate() {
        let told = (lie.tell)(&stage, &format!("lie-{number}"));
        let outcome = told.call(&kit).run();
        let verdicts = judge(lie, &told, &outcome);
        let word = if verdicts.is_empty() {
            "refused"
        } else {
            "DEVIATES"
        };
        println!(
            "{word} after {:?}: {} ({})",
            outcome.took(),
            lie.name,
            lie.code
        );
        if !verdicts.is_empty() {
            let verdicts = verdicts.join("; ");
            deviations.push(format!("{}: {verdicts}\n{outcome}", lie.name));
        }
    }
    assert!(!lies.is_empty());
    assert!(
        deviations.is_empty(),
        "{flavour:?}:\n{}",
        deviations.join("\n\n")
    );
}

/// Everything that is not as it must be.
fn judge(lie: &Lie, told: &Told, outcome: &Outcome) -> Vec<String> {
    let [lying, honest] = outcome.results() else {
        return vec!["expected two results".to_owned()];
    };
    let mut wrong = Vec::new();
    if lying["decision"] == "admit" {
        wrong.push("the lie is admitted".to_owned());
    }
    let leading = leading(lying);
    if leading != Some(lie.code) {
        let all = codes(lying);
        wrong.push(format!(
            "expected {}, found {leading:?} of {all:?}",
            lie.code
        ));
    }
    if honest["decision"] != "admit" {
        wrong.push("the honest image beside it is not admitted".to_owned());
    }
    if outcome.code() != Some(lie.exit) {
        wrong.push(format!(
            "expected exit {}, found {:?}",
            lie.exit,
            outcome.code()
        ));
    }
    if outcome.took() > LONGEST {
        wrong.push(format!("it took longer than {LONGEST:?}"));
    }
    if told.flooded() > MOST_FLOODED {
        wrong.push(format!("{} bytes of a flood were taken", told.flooded()));
    }
    wrong
}

/// The code that leads a result: why there is no verdict, or the first finding of the first
/// requirement that is not satisfied.
fn leading(result: &Value) -> Option<&str> {
    let policies = result["policies"].as_array().into_iter().flatten();
    let requirements =
        policies.flat_map(|policy| policy["requirements"].as_array().into_iter().flatten());
    let findings = requirements.map(|requirement| &requirement["findings"][0]);
    let error = std::iter::once(&result["error"]);
    error.chain(findings).find_map(|news| news["code"].as_str())
}
