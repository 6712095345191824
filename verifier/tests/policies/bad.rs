//! The table of bad input: every document is refused, with these very words.

use crate::disk::{compile, expect_text, files, shown};

#[test]
fn every_bad_document_is_refused_with_its_own_words() {
    let documents = files("testdata/policy", "yaml");
    assert!(documents.len() > 30, "found {} documents", documents.len());
    for path in documents {
        let text = std::fs::read_to_string(&path).unwrap();
        let Err(diagnostics) = compile(&path, text) else {
            panic!("{} was taken", shown(&path));
        };
        let words = format!("{diagnostics}\n");
        assert!(words.is_ascii() || words.contains('\u{fffd}'), "{words}");
        for diagnostic in diagnostics.iter() {
            assert!(!diagnostic.message.ends_with('.'), "{}", diagnostic.message);
            assert!(diagnostic.position.line > 0 && diagnostic.position.length > 0);
        }
        expect_text(&path.with_extension("stderr"), &words);
    }
}
