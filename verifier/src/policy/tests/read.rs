//! What the readers of documents bound.

use super::*;
use crate::policy::decode::{self, MAX_LIST, MAX_MAP};
use crate::policy::diagnostic::{Diagnostic, Diagnostics, MAX_DIAGNOSTICS};
use crate::policy::document;
use crate::policy::source::{
    self, MAX_DEPTH, MAX_DOCUMENTS, MAX_NODES, MAX_QUOTED, MAX_REPEATED, MAX_SOURCE_BYTES,
    MAX_SOURCES, SourceText, WINDOW_BEFORE,
};

/// Whether `text` is read at all, whatever it says.
fn values(text: &str) -> Option<Code> {
    let source = super::source(text);
    let text = SourceText::new(&source);
    let refused = source::read(&source, &text).err();
    refused.map(|complaint| complaint.code)
}

#[test]
fn a_file_has_bounds_in_bytes_and_documents() {
    let text = root("one");
    let padded = |bytes: usize| format!("{text}#{}", "x".repeat(bytes - text.len() - 1));
    assert_eq!(parsed(padded(MAX_SOURCE_BYTES)), None);
    assert_eq!(
        parsed(padded(MAX_SOURCE_BYTES + 1)),
        Some(Code::LimitExceeded)
    );
    let many = |count: usize| -> String { (0..count).map(|n| root(&format!("r{n}"))).collect() };
    assert_eq!(parsed(many(MAX_DOCUMENTS)), None);
    assert_eq!(parsed(many(MAX_DOCUMENTS + 1)), Some(Code::PolicyMalformed));
}

#[test]
fn the_files_of_one_call_are_bounded() {
    let sources: Vec<Source> = (0..=MAX_SOURCES)
        .map(|n| source(root(&format!("r{n}"))))
        .collect();
    assert!(Documents::parse(&sources[..MAX_SOURCES]).is_ok());
    let refused = Documents::parse(&sources).unwrap_err();
    assert_eq!(refused.first().code, Code::LimitExceeded);
}

#[test]
fn a_document_has_bounds_in_levels_and_values() {
    let deep = |levels: usize| values(&format!("{}{}", "[".repeat(levels), "]".repeat(levels)));
    assert_eq!(deep(MAX_DEPTH), None);
    assert_eq!(deep(MAX_DEPTH + 1), Some(Code::PolicyMalformed));
    // The list is a value too.
    let wide = |count: usize| values(&"- 1\n".repeat(count - 1));
    assert_eq!(wide(MAX_NODES), None);
    assert_eq!(wide(MAX_NODES + 1), Some(Code::PolicyMalformed));
}

#[test]
fn what_aliases_repeat_is_bounded() {
    // A list of 98 values begins and ends, which is 100; a single value is one.
    let list = vec!["1"; 98].join(",");
    let among = |others: usize, lists: usize, singles: usize| {
        let others: Vec<String> = (0..others).map(|n| format!("&other{n} 1, ")).collect();
        let others = others.concat();
        let (lists, singles) = ("*a,".repeat(lists), "*b,".repeat(singles));
        values(&format!("[{others}&a [{list}], &b 1, [{lists}{singles}]]"))
    };
    let repeated = |lists, singles| among(20, lists, singles);
    assert_eq!(repeated(MAX_REPEATED / 100, 0), None);
    assert_eq!(repeated(MAX_REPEATED / 100 - 1, 100), None);
    assert_eq!(repeated(MAX_REPEATED / 100, 1), Some(Code::PolicyMalformed));
    // A hundred aliases of two anchors are the shape of a bomb, and refused before.
    assert_eq!(among(0, 1, 98), None);
    assert_eq!(among(0, 1, 99), Some(Code::PolicyMalformed));
}

#[test]
fn lists_maps_and_names_are_bounded() {
    let listed = |count: usize| parsed(policy("p", &images(0, count)));
    assert_eq!(listed(MAX_LIST), None);
    assert_eq!(listed(MAX_LIST + 1), Some(Code::LimitExceeded));
    let labelled = |count: usize| {
        let labels: Vec<String> = (0..count).map(|n| format!("l{n}: v")).collect();
        let labels = format!(
            ", labels: {{ {} }} }}\nspec: {{ sigstore: {{ instance: public-good }} }}",
            labels.join(", ")
        );
        parsed(super::document("TrustRoot", "r", &labels))
    };
    assert_eq!(labelled(MAX_MAP), None);
    assert_eq!(labelled(MAX_MAP + 1), Some(Code::LimitExceeded));
    let named = |length: usize| parsed(root(&"n".repeat(length)));
    assert_eq!(named(document::LONGEST), None);
    assert_eq!(named(document::LONGEST + 1), Some(Code::PolicyInvalid));
}

#[test]
fn complaints_are_kept_up_to_a_bound_and_counted() {
    let position = source::Mark::start(&SourceText::new(&source(""))).position();
    let one = Diagnostic::error(Code::PolicyInvalid, position, "x");
    let of = |count: usize| Diagnostics::of(vec![one.clone(); count]).unwrap();
    let (all, more) = (of(MAX_DIAGNOSTICS), of(MAX_DIAGNOSTICS + 1));
    assert_eq!((all.iter().count(), all.omitted()), (MAX_DIAGNOSTICS, 0));
    assert_eq!((more.iter().count(), more.omitted()), (MAX_DIAGNOSTICS, 1));
}

#[test]
fn a_line_is_quoted_whole_or_as_a_window() {
    let quoted = |length: usize| {
        let line = source("x".repeat(length));
        let position = source::Mark::start(&SourceText::new(&line)).position();
        position.source.chars().count()
    };
    assert_eq!(quoted(MAX_QUOTED), MAX_QUOTED);
    assert_eq!(quoted(MAX_QUOTED + 1), MAX_QUOTED);
    // The complaint is about the last character of the line.
    let column = |length: usize| {
        let text = format!("{}: [", "x".repeat(length - 3));
        let complaint = Documents::parse(&[source(text)]).unwrap_err();
        complaint.first().position.source_column
    };
    assert_eq!(column(MAX_QUOTED), MAX_QUOTED);
    assert_eq!(column(MAX_QUOTED + 1), WINDOW_BEFORE + 1);
}

#[test]
fn a_misspelt_name_is_compared_as_far_as_the_longest_right_one() {
    let right = "a".repeat(decode::LONGEST);
    let nearest = |name: &str| decode::nearest(name, &[&right]).is_some();
    // Behind the last character that counts anything may stand.
    assert!(nearest(&format!("{right}{}", "z".repeat(1_000))));
    assert!(nearest(&right[1..]));
    // Before it each difference counts.
    let wrong = format!("{}{right}", "z".repeat(decode::LONGEST));
    assert!(!nearest(&wrong));
}
