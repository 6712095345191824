//! The page about the profiles shows what their data files say.

use super::*;

/// The table of a profile as the documentation shows it.
fn table(name: &str) -> String {
    use std::fmt::Write as _;
    let mut table = "| field | clause | applies to | what must be there | strength |\n\
                     | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for rule in Profile::named(name).unwrap().rules() {
        let note = rule.note.map_or(String::new(), |note| format!(". {note}"));
        writeln!(
            table,
            "| {} | {} | {} | {}{note} | {} |",
            rule.field, rule.clause, rule.applies_to, rule.expected, rule.strength
        )
        .unwrap();
    }
    table
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the documentation is a file of the repository"
)]
fn the_documentation_shows_every_rule_of_every_profile() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../docs/policy/sbom-profiles.md"
    );
    let shipped = std::fs::read_to_string(path).unwrap();
    let mut page = shipped.clone();
    for name in Profile::NAMES {
        let mark = format!("<!-- table {name} -->\n");
        let (before, rest) = page.split_once(&mark).unwrap();
        let (_, after) = rest.split_once("<!-- end -->").unwrap();
        page = format!("{before}{mark}{}<!-- end -->{after}", table(name));
    }
    if std::env::var_os("SOVVERIFY_BLESS").is_some() {
        std::fs::write(path, &page).unwrap();
        return;
    }
    let hint = "differs from the data files: run this test with SOVVERIFY_BLESS=1";
    assert!(page == shipped, "{path} {hint}");
}
