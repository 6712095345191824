//! Objects of the cluster: one document each, and what they may hold.

use super::*;

#[test]
fn an_object_is_one_document_and_names_no_file() {
    let with_file = spec(APPS, "ada").replace(&format!("inline: \"{KEY}\""), "file: ada.pub");
    let error =
        Documents::parse_object(&object("ClusterImagePolicy", None, "f", &with_file)).unwrap_err();
    assert_eq!(
        error.first().one_line(),
        "policy/invalid at line 8: a file in an object of the cluster; expected the content itself, as `inline`; found `ada.pub`; line: `key: { file: ada.pub }`"
    );
    let lookup = "  match: { images: [\"**\"] }\n  signers: { ada: { key: { inline: x }, trustRoot: none } }\n  require: [{ name: v, vulnerabilities: { database: osv, sbom: { by: [ada] } } }]\n";
    let error =
        Documents::parse_object(&object("ClusterImagePolicy", None, "d", lookup)).unwrap_err();
    assert!(error.first().message.contains("a directory"), "{error}");
    let mut two = cluster("one", APPS, "ada");
    write!(two.text, "---\n{}", cluster("two", APPS, "ada").text).unwrap();
    let error = Documents::parse_object(&two).unwrap_err();
    assert!(
        error.first().message.contains("more than one document"),
        "{error}"
    );
}

#[test]
fn each_source_says_for_itself_whether_it_parses() {
    let bad = object("ClusterImagePolicy", None, "bad", "  matches: {}\n");
    let results =
        Documents::parse_each(&[cluster("a", APPS, "ada"), bad, cluster("b", APPS, "adda")]);
    let fine: Vec<bool> = results.iter().map(Result::is_ok).collect();
    assert_eq!(fine, [true, false, true]);
    let error = results[1].as_ref().unwrap_err();
    assert!(
        error
            .iter()
            .all(|problem| problem.position.file == "ClusterImagePolicy/bad")
    );
}

#[test]
fn a_configuration_that_cannot_be_used_is_no_document_among_many() {
    let configuration = |name: &str, spec: &str| object("Configuration", None, name, spec);
    let documents = joined(&[
        cluster("a", APPS, "ada"),
        configuration(
            "c",
            "  mirrors: [{ prefix: \"https://x\", location: y.example }]\n",
        ),
    ]);
    assert!(
        documents
            .compile_lenient(&BTreeMap::new(), &BTreeMap::new())
            .is_err()
    );
    let parts = ["c", "d"]
        .map(|name| Documents::parse_object(&configuration(name, "  unmatched: deny\n")).unwrap());
    let error = Documents::join(parts).unwrap_err();
    assert!(error.first().message.contains("a second `Configuration`"));
}
