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

/// A document with one byte changed, one piece removed, or one repeated, over and over.
#[test]
fn no_text_makes_the_reader_panic() {
    let seeds: Vec<String> = files("policies", "yaml")
        .into_iter()
        .chain(files("testdata/policy", "yaml"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let place = crate::disk::repository().join("policies/example.yaml");
    let mut state = 7_u64;
    let mut number = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below.max(1)
    };
    let marks = b" \n\t:-[]{},\"'&*!|>#%@`\\\0\r0a\x7f";
    for seed in seeds.iter().cycle().take(600) {
        let mut bytes = seed.clone().into_bytes();
        for _ in 0..=number(4) {
            let at = number(bytes.len());
            let end = (at + number(24)).min(bytes.len());
            match number(4) {
                0 => drop(bytes.drain(at..end)),
                1 => bytes
                    .splice(at..at, bytes.get(at..end).unwrap().to_vec())
                    .for_each(drop),
                2 => bytes.insert(at, *marks.get(number(marks.len())).unwrap()),
                _ => bytes.truncate(bytes.len() - bytes.len() / 8),
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Err(diagnostics) = compile(&place, text) {
            let words = diagnostics.to_string();
            assert!(
                !words.is_empty() && words.len() < 400_000,
                "{}",
                words.len()
            );
        }
    }
}
