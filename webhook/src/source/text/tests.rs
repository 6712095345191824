use serde_json::{Value, json};
use sovverify::policy::{Documents, Source};

use super::super::kind::{Key, Kind};
use super::{document, path};

fn key() -> Key {
    Key {
        kind: Kind::ClusterImagePolicy,
        namespace: None,
        name: "production".to_owned(),
    }
}

fn policy() -> Value {
    json!({
        "match": {"images": ["registry.example/**", "other.example/app"]},
        "signers": {"release": {"key": {"inline": "-----BEGIN\nAAAA\n"}, "trustRoot": "none"}},
        "require": [
            {"name": "signed", "signature": {"by": ["release"], "atLeast": 1}},
            {"name": "more", "cel": [{"expression": "a == \"b\"", "message": "no"}], "odd": [[1, [2]], {}, []]},
        ],
    })
}

#[test]
fn a_document_has_one_field_on_one_line() {
    let expected = r#"apiVersion: "policy.sovverify.dev/v1alpha1"
kind: "ClusterImagePolicy"
metadata:
  name: "production"
spec:
  match:
    images:
    - "registry.example/**"
    - "other.example/app"
  require:
  - name: "signed"
    signature:
      atLeast: 1
      by:
      - "release"
  - cel:
    - expression: "a == \"b\""
      message: "no"
    name: "more"
    odd:
    -
      - 1
      -
        - 2
    - {}
    - []
  signers:
    release:
      key:
        inline: "-----BEGIN\nAAAA\n"
      trustRoot: "none"
"#;
    assert_eq!(document(&key(), &policy()), expected);
}

#[test]
fn every_line_has_a_path_that_leads_to_it() {
    let text = document(&key(), &policy());
    let found = |start: &str| {
        let number = text.lines().position(|line| line.trim() == start).unwrap();
        path(&key(), &policy(), number + 1).unwrap()
    };
    assert_eq!(found("spec:"), "spec");
    assert_eq!(found("- \"other.example/app\""), "spec.match.images[1]");
    assert_eq!(found("- name: \"signed\""), "spec.require[0].name");
    assert_eq!(found("- \"release\""), "spec.require[0].signature.by[0]");
    assert_eq!(found("message: \"no\""), "spec.require[1].cel[0].message");
    assert_eq!(found("- 2"), "spec.require[1].odd[0][1][0]");
    assert_eq!(
        found("trustRoot: \"none\""),
        "spec.signers.release.trustRoot"
    );
    let lines = text.lines().count();
    assert!(path(&key(), &policy(), lines).is_some());
    assert_eq!(path(&key(), &policy(), lines + 1), None);
    assert_eq!(path(&key(), &policy(), 0), None);
}

/// What the reader of documents found at the only field that it does not know.
fn read_back(name: &str, value: &Value) -> (String, usize) {
    let spec = json!({"match": {"images": ["a"]}, "require": [], name: value});
    let source = Source {
        file: "x".to_owned(),
        text: document(&key(), &spec),
    };
    let problems = Documents::parse(&[source]).unwrap_err();
    let unknown = problems
        .iter()
        .find(|p| p.message.contains("unknown field"));
    let unknown = unknown.unwrap_or_else(|| panic!("{problems}"));
    (unknown.message.clone(), unknown.position.line)
}

#[test]
fn no_text_can_break_out_of_its_place() {
    for hostile in [
        "a\"\nkind: TrustRoot",
        "'",
        "\\",
        "#",
        "- x",
        "{{",
        "&a",
        "*a",
        "!!str",
        "\u{85}\u{2028}\u{2029}\u{feff}\u{0}\u{7f}\u{1b}[31m",
        "\r\n---\n",
        "ключ",
        "😀",
        "yes",
        "1",
        "null",
        "~",
        "",
        " ",
        "a b",
        "<<",
    ] {
        // As a value it stays on its line, and as a name it is a name.
        let (_, line) = read_back("zz", &json!([hostile, {"x": hostile}]));
        let (message, _) = read_back(hostile, &json!(1));
        assert!(line > 1, "{hostile:?}");
        assert!(message.contains(hostile), "{hostile:?}: {message}");
        let spec = json!({"zz": hostile});
        let lines = document(&key(), &spec).lines().count();
        assert_eq!(lines, 6, "{hostile:?}");
    }
}

#[test]
fn values_of_every_type_are_read_as_what_they_are() {
    // Each where a string is wanted: the complaint says what the reader took it for.
    for (value, taken_for) in [
        (json!(true), "the boolean `true`"),
        (json!(7), "the number `7`"),
        (json!(null), "nothing"),
        (json!([]), "a list"),
        (json!({}), "a map"),
        (json!(1.5), "a fraction"),
    ] {
        let spec = json!({"match": {"images": ["a"]}, "require": [{"name": value}]});
        let source = Source {
            file: "x".to_owned(),
            text: document(&key(), &spec),
        };
        let problems = Documents::parse(&[source]).unwrap_err().to_string();
        assert!(problems.contains(taken_for), "{value}: {problems}");
    }
}
