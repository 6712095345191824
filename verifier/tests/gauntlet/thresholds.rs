//! How many: a threshold is met by distinct signers, is a number, and the order in which things are written
//! decides nothing.

use sovverify::{Code, Decision};
use sovverify_forge::{Key, Statement};

use crate::roots::{signed, under};
use crate::world::{World, said};

#[test]
fn gauntlet_119_one_key_is_one_signer_under_however_many_names() {
    let world = World::new();
    let pem = world.key("first").public_pem();
    let inline = |text: &str| format!("{{ inline: \"{}\" }}", text.replace('\n', "\\n"));
    let of = |other: &str, by: &str| {
        let text = format!(
            r#"
apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{ name: x }}
spec:
  match: {{ images: ["**"] }}
  signers:
    one: {{ key: {{ file: first }}, trustRoot: none }}
    other: {{ key: {other}, trustRoot: none }}
    third: {{ key: {{ file: vendor }}, trustRoot: none }}
  require:
    - {{ name: signed, signature: {{ by: [{by}], atLeast: 2 }} }}
"#
        );
        world.documents(&text)
    };
    let by = |key: &Key, name: &str| {
        let about = Statement::cosign_sign(&world.digest()).named(name);
        let signing = world.forge.keyed(key, world.time).unlogged();
        world.attached(&signing.statement(&about))
    };
    let (first, second) = (world.key("first"), world.key("second"));
    let two = |other: &str| {
        let set = of(other, "one, other, third");
        set.unwrap_or_else(|error| panic!("{error}"))
    };
    let set = two("{ file: second }");
    world.admits(&set, &[by(first, "a"), by(second, "a")]);
    // Twice the same signature, two by one key, and one of them changed.
    for found in [
        vec![by(first, "a"), by(first, "a")],
        vec![by(first, "a"), by(first, "b"), by(first, "c")],
    ] {
        world.denies(&set, &found, Code::SignatureThreshold);
    }
    // One key in two files, in another spelling, or under another hash: no document makes two signers of it.
    let windows = pem.replace('\n', "\r\n");
    for same in [
        "{ file: first }".to_owned(),
        inline(&pem),
        inline(&format!("\n{pem}\n")),
        inline(&windows.replace('\r', "\\r")),
        "{ file: first, hash: sha256 }".to_owned(),
    ] {
        // Where no two can ever be had, that is said before anything is judged.
        let alone = of(&same, "one, other").map(|set| set.digest());
        assert!(alone.is_err(), "{same}");
        let set = two(&same);
        let verdict = world.judge(&set, &[by(first, "a"), by(first, "b")]);
        assert_eq!(
            verdict.decision,
            Decision::Deny,
            "{same}: {}",
            said(&verdict)
        );
    }
}

#[test]
fn gauntlet_120_a_threshold_is_a_number_that_demands_something() {
    let world = World::new();
    let demands = |number: &str| {
        [
            world.compile(&format!(
                "    - {{ name: x, signature: {{ by: [first, second], atLeast: {number} }} }}"
            )),
            world.compile(&format!(
                "    - {{ name: x, attestation: {{ type: spdx, by: [first, second], atLeast: {number} }} }}"
            )),
            world.compile(&format!(
                "    - {{ name: x, signature: {{ by: [first] }} }}\n  exceptions: {{ by: [first, second], atLeast: {number} }}"
            )),
        ]
    };
    let root = world.forge.trusted_root().text();
    let roots = |number: &str| {
        ["log", "timestamp"].map(|what| under(&root, &format!("  require: {{ {what}: {number} }}")))
    };
    for number in ["1", "2"] {
        assert!(demands(number).iter().all(Result::is_ok), "{number}");
        assert!(roots(number).iter().all(Result::is_ok), "{number}");
    }
    for number in [
        "-1",
        "9223372036854775808",
        "18446744073709551617",
        "1.5",
        "1e400",
        "\"2\"",
        "two",
        "[1]",
        "{}",
        "true",
    ] {
        assert!(demands(number).iter().all(Result::is_err), "{number}");
        assert!(roots(number).iter().all(Result::is_err), "{number}");
    }
    // Nothing as a demand on signers is none; as one on a trust root it is a weakening, said aloud (row 42).
    assert!(demands("0").iter().all(Result::is_err));
    let set = under(&root, "  require: { log: 0 }").unwrap();
    let verdict = world.admits(&set, &[signed(&world, "release")]);
    assert_eq!(verdict.dangers, [sovverify::trust::Danger::NoLog]);
}

#[test]
fn gauntlet_121_documents_in_any_order_are_the_same_documents() {
    let world = World::new();
    let policy = |name: &str, images: &str, by: &str| {
        format!(
            "apiVersion: policy.sovverify.dev/v1alpha1\nkind: ClusterImagePolicy\nmetadata: {{ name: {name} }}\nspec:\n  match: {{ images: [\"{images}\"] }}\n  signers: {{ {by}: {{ key: {{ file: {by} }}, trustRoot: forge }} }}\n  require: [{{ name: signed, signature: {{ by: [{by}] }} }}]\n"
        )
    };
    let documents = [
        "apiVersion: policy.sovverify.dev/v1alpha1\nkind: TrustRoot\nmetadata: { name: forge }\nspec: { sigstore: { trustedRoot: { file: root.json } } }\n".to_owned(),
        policy("narrow", "registry.forge.example/acme/app", "first"),
        policy("wide", "registry.forge.example/**", "second"),
        policy("elsewhere", "elsewhere.example/**", "vendor"),
    ];
    let (first, second) = (signed(&world, "first"), signed(&world, "second"));
    let mut digests = Vec::new();
    for turn in 0..24 {
        let mut rest: Vec<&String> = documents.iter().collect();
        let mut order = Vec::new();
        for (left, divisor) in [(4, 6), (3, 2), (2, 1), (1, 1)] {
            order.push(rest.remove(turn / divisor % left).as_str());
        }
        let set = world.documents(&order.join("---\n")).unwrap();
        digests.push(set.digest());
        // Both that overlap are asked, whichever comes first; neither ends the search for the other.
        world.admits(&set, &[first.clone(), second.clone()]);
        world.admits(&set, &[second.clone(), first.clone()]);
        for lacking in [&first, &second] {
            let verdict = world.judge(&set, std::slice::from_ref(lacking));
            assert_eq!(verdict.decision, Decision::Deny, "{order:?}");
        }
    }
    digests.dedup();
    assert_eq!(digests.len(), 1, "one set of documents has one digest");
}
