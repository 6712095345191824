//! What compiling documents bounds.

use super::*;
use crate::image::PinnedImage;
use crate::policy::compile::{MAX_DEMANDED, MAX_GROUP, MAX_KIND, MAX_PATTERNS};
use crate::policy::decode::MAX_LIST;
use crate::policy::document::common::MatchKind;
use crate::policy::file::MAX_FILE_BYTES;
use crate::policy::glob::{MAX_PATTERN, MAX_WILDCARDS};
use crate::policy::matcher::{MAX_COMPILED, MAX_NESTING, Matcher};
use crate::policy::platforms::{self, DEFAULT_LIMIT, SHOWN, Selection};
use crate::trust::Instance;

#[test]
fn a_file_that_a_document_names_is_bounded() {
    let root = document(
        "TrustRoot",
        "forge",
        " }\nspec: { sigstore: { trustedRoot: { file: root.json } } }",
    );
    let text = policy("p", &images(0, 1)) + &root;
    let json = Instance::PublicGood.trusted_root_json();
    let with = |bytes: usize| {
        let key = FileKey {
            document: FILE.to_owned(),
            path: "root.json".to_owned(),
        };
        let padded = format!("{json}{}", " ".repeat(bytes - json.len()));
        compiled(&text, &BTreeMap::from([(key, padded.into_bytes())]))
    };
    assert_eq!(with(MAX_FILE_BYTES), None);
    assert_eq!(with(MAX_FILE_BYTES + 1), Some(Code::LimitExceeded));
}

#[test]
fn the_patterns_of_all_documents_together_are_bounded() {
    let patterns = |count: usize| {
        let parts = (0..count).step_by(MAX_LIST);
        let text: String = parts
            .map(|from| {
                let size = MAX_LIST.min(count - from);
                policy(&format!("p{from}"), &images(from, size))
            })
            .collect();
        compiled(&text, &BTreeMap::new())
    };
    assert_eq!(patterns(MAX_PATTERNS), None);
    assert_eq!(patterns(MAX_PATTERNS + 1), Some(Code::LimitExceeded));
}

#[test]
fn one_pattern_is_bounded_in_characters_wildcards_size_and_depth() {
    let taken = |kind: MatchKind, text: &str| Matcher::new(kind, text).is_ok();
    for kind in [MatchKind::Exact, MatchKind::Glob, MatchKind::Regex] {
        assert!(taken(kind, &"é".repeat(MAX_PATTERN)));
        assert!(!taken(kind, &"é".repeat(MAX_PATTERN + 1)));
    }
    assert!(taken(MatchKind::Glob, &"*a".repeat(MAX_WILDCARDS)));
    assert!(!taken(MatchKind::Glob, &"*a".repeat(MAX_WILDCARDS + 1)));
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    let deepest = usize::try_from(MAX_NESTING).unwrap();
    assert!(taken(MatchKind::Regex, &nested(deepest)));
    assert!(!taken(MatchKind::Regex, &nested(deepest + 1)));
    // The largest repetition is the one that fits the bound, and no other.
    let repeated = |times: usize| format!("a{{{times}}}");
    let fits = |times: usize| {
        let alone = repeated(times);
        let whole = format!(r"\A(?:{alone})\z");
        [alone, whole].iter().all(|text| {
            let mut builder = regex::RegexBuilder::new(text);
            builder.size_limit(MAX_COMPILED).build().is_ok()
        })
    };
    let (mut good, mut bad) = (1, 100_000);
    while bad - good > 1 {
        let middle = usize::midpoint(good, bad);
        if taken(MatchKind::Regex, &repeated(middle)) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    assert!(fits(good) && !fits(bad), "{good}");
}

#[test]
fn a_trust_root_may_ask_for_so_many_logs_and_times() {
    for what in ["log", "timestamp"] {
        let asked = |count: u32| {
            let rest = format!(
                " }}\nspec: {{ sigstore: {{ instance: public-good }}, require: {{ {what}: {count} }} }}"
            );
            let root = document("TrustRoot", "r", &rest);
            let text = policy("p", &images(0, 1)) + &root;
            let documents = Documents::parse(&[source(text)]).unwrap();
            let refused = documents.compile(&BTreeMap::new()).err();
            let refused = refused.map(|complaints| complaints.to_string());
            refused.filter(|text| text.contains("an unreachable demand"))
        };
        assert_eq!(asked(MAX_DEMANDED), None);
        let refused = asked(MAX_DEMANDED + 1).unwrap();
        assert!(refused.contains("policy/invalid"), "{refused}");
    }
}

#[test]
fn the_group_and_the_name_of_a_custom_kind_are_bounded() {
    let custom = |group: &str, kind: &str| {
        let rest = format!(
            " }}\nspec:\n  workloads:\n    custom:\n      - {{ group: {group}, kind: {kind}, images: [spec.image] }}"
        );
        let text = document("Configuration", "process", &rest);
        let documents = Documents::parse(&[source(text)]).unwrap_or_else(|error| panic!("{error}"));
        let refused = documents.compile_configuration(&BTreeMap::new()).err();
        refused.map(|complaints| complaints.first().code)
    };
    let group = |length: usize| custom(&"g".repeat(length), "Kind");
    assert_eq!(group(MAX_GROUP), None);
    assert_eq!(group(MAX_GROUP + 1), Some(Code::PolicyInvalid));
    let kind = |length: usize| custom("g.example", &"K".repeat(length));
    assert_eq!(kind(MAX_KIND), None);
    assert_eq!(kind(MAX_KIND + 1), Some(Code::PolicyInvalid));
}

/// An index of so many platforms.
fn index(count: usize) -> PinnedImage {
    let entries: Vec<String> = (0..count)
        .map(|n| {
            format!(
                r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":2,"digest":"{}","platform":{{"os":"linux","architecture":"a{n}"}}}}"#,
                crate::Digest::sha256(n.to_string().as_bytes())
            )
        })
        .collect();
    let bytes = format!(
        r#"{{"schemaVersion":2,"manifests":[{}]}}"#,
        entries.join(",")
    );
    let digest = crate::Digest::sha256(bytes.as_bytes());
    PinnedImage::pin("r.example/a".into(), None, digest, bytes.as_bytes(), None).unwrap()
}

#[test]
fn an_index_is_judged_up_to_so_many_platforms() {
    let selected = |count: usize, limit: Option<u32>| {
        let places = platforms::select(&index(count), &[], &Selection::default(), limit);
        let codes: Vec<Code> = places.problems.iter().map(|p| p.code).collect();
        (places.manifests.len(), codes)
    };
    assert_eq!(selected(DEFAULT_LIMIT, None), (DEFAULT_LIMIT, vec![]));
    let beyond = (0, vec![Code::LimitExceeded]);
    assert_eq!(selected(DEFAULT_LIMIT + 1, None), beyond);
    // What an operator sets takes its place.
    assert_eq!(selected(3, Some(3)), (3, vec![]));
    assert_eq!(selected(4, Some(3)), beyond);
}

#[test]
fn a_message_lists_so_many_platforms_and_counts_the_others() {
    let wanted = ["linux/other".parse().unwrap()];
    let offered = |count: usize| {
        let places = platforms::select(&index(count), &wanted, &Selection::default(), None);
        places.problems[0].found.clone()
    };
    assert_eq!(offered(SHOWN).matches("linux/").count(), SHOWN);
    assert!(!offered(SHOWN).contains("more"));
    let more = offered(SHOWN + 1);
    assert_eq!(more.matches("linux/").count(), SHOWN);
    assert!(more.ends_with("and 1 more"), "{more}");
}
