use serde_json::Value;

use super::*;

const REVIEW: &str = r#"{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"kind":{"kind":"Pod"},"uid":"e30eeed0-f9ce","object":{"metadata":{"uid":"another","name":"p"}}}}"#;

fn read(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

#[test]
fn the_uid_is_found_in_whatever_part_of_a_review_is_there() {
    assert_eq!(uid_of(REVIEW.as_bytes()), "e30eeed0-f9ce");
    let end = REVIEW.find("\"object\"").unwrap();
    for length in 0..REVIEW.len() {
        let uid = uid_of(&REVIEW.as_bytes()[..length]);
        let expected = if length >= end - 1 {
            "e30eeed0-f9ce"
        } else {
            ""
        };
        assert_eq!(uid, expected, "{}", &REVIEW[..length]);
    }
}

#[test]
fn only_the_uid_of_the_request_counts() {
    for other in [
        "",
        "null",
        "[]",
        "\"uid\"",
        r#"{"uid":"a"}"#,
        r#"{"request":null}"#,
        r#"{"request":"uid"}"#,
        r#"{"request":{"uid":7}}"#,
        r#"{"request":{"object":{"uid":"a"}}}"#,
        r#"{"response":{"uid":"a"}}"#,
        "\u{feff}{\"request\":{\"uid\":\"a\"}}",
    ] {
        assert_eq!(uid_of(other.as_bytes()), "", "{other}");
    }
    let uid = |bytes: usize| {
        let text = format!(r#"{{"request":{{"uid":"{}"}}}}"#, "a".repeat(bytes));
        uid_of(text.as_bytes()).len()
    };
    assert_eq!(uid(MAX_UID_BYTES), MAX_UID_BYTES);
    assert_eq!(uid(MAX_UID_BYTES + 1), 0);
    // Deep nesting is an error of the parser, not of the stack.
    let deep = format!(r#"{{"a":{}"#, "[".repeat(100_000));
    assert_eq!(uid_of(deep.as_bytes()), "");
}

/// One of each.
const ALL: [Refusal; 11] = [
    Refusal::Unknown,
    Refusal::Forbidden,
    Refusal::MediaType,
    Refusal::Timeout(TimeoutError::Malformed),
    Refusal::TooLarge(8),
    Refusal::Incomplete,
    Refusal::TooSlow,
    Refusal::NoMemory,
    Refusal::Overloaded,
    Refusal::NoAnswer,
    Refusal::Panicked,
];

#[test]
fn every_refusal_is_a_review_that_denies_in_one_sentence() {
    for refusal in ALL {
        for request in [REVIEW, ""] {
            let (status, body) = refusal.answer(request.as_bytes());
            let review = read(&body);
            assert_eq!(review["kind"], "AdmissionReview");
            assert_eq!(review["apiVersion"], "admission.k8s.io/v1");
            assert_eq!(review["response"]["allowed"], false, "{refusal:?}");
            let uid = if request.is_empty() {
                ""
            } else {
                "e30eeed0-f9ce"
            };
            assert_eq!(review["response"]["uid"], uid);
            let message = review["response"]["status"]["message"].as_str().unwrap();
            assert!(message.starts_with("expected "), "{message}");
            assert!(message.contains(", found "), "{message}");
            let code = format!("[{}: {}]", refusal.code().class(), refusal.code());
            assert!(message.ends_with(&code), "{message}");
            assert!(!status.is_redirection());
            // Without a uid that it repeats, no answer counts, and a status must say so itself.
            assert!(status != StatusCode::OK || !uid.is_empty(), "{refusal:?}");
        }
    }
}

#[test]
fn what_lies_with_us_is_denied_whatever_the_failure_policy() {
    for refusal in [
        Refusal::NoMemory,
        Refusal::Overloaded,
        Refusal::NoAnswer,
        Refusal::Panicked,
    ] {
        assert_eq!(refusal.answer(REVIEW.as_bytes()).0, StatusCode::OK);
        assert!(refusal.answer(b"").0.is_server_error());
    }
}

#[test]
fn a_uid_cannot_break_out_of_its_answer() {
    let request = r#"{"request":{"uid":"a\",\"allowed\":true,\"b\":\"\u0000\u202e"}}"#;
    let (_, body) = Refusal::Panicked.answer(request.as_bytes());
    let review = read(&body);
    assert_eq!(review["response"]["allowed"], false);
    let uid = review["response"]["uid"].as_str().unwrap();
    assert_eq!(uid, "a\",\"allowed\":true,\"b\":\"\u{0}\u{202e}");
}

#[test]
fn the_class_of_a_refusal_tells_an_outage_from_a_wrong_request() {
    for (refusal, code) in [
        (Refusal::Unknown, Code::AdmissionCallerRefused),
        (Refusal::Forbidden, Code::AdmissionCallerRefused),
        (Refusal::MediaType, Code::AdmissionReviewMalformed),
        (Refusal::TooLarge(8), Code::LimitExceeded),
        (Refusal::Overloaded, Code::AdmissionOverloaded),
        (Refusal::NoAnswer, Code::AdmissionTimeout),
        (Refusal::Panicked, Code::SystemFailed),
    ] {
        assert_eq!(refusal.code(), code);
    }
}
