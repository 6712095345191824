//! Every example in the documentation is a document that is taken.

use crate::disk::{compile, files, repository, shown};

/// The fenced blocks of `text` in this language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}");
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in text.lines() {
        match &mut open {
            Some(block) if line.trim_end() == "```" => {
                blocks.push(std::mem::take(block));
                open = None;
            }
            Some(block) => {
                block.push_str(line);
                block.push('\n');
            }
            None if line.trim_end() == fence => open = Some(String::new()),
            None => {}
        }
    }
    assert!(open.is_none(), "an open block");
    blocks
}

#[test]
fn every_example_is_taken() {
    let pages = files("docs/policy", "md");
    let mut count = 0;
    for page in &pages {
        let text = std::fs::read_to_string(page).unwrap();
        for block in blocks(&text, "yaml") {
            count += 1;
            // Files in examples are those of the shipped policies.
            let place = repository().join("policies").join("example.yaml");
            compile(&place, block.clone()).unwrap_or_else(|error| {
                panic!("{}:\n{block}\n{error}", shown(page));
            });
        }
    }
    assert!(count >= 6, "{count} examples in {} pages", pages.len());
}
