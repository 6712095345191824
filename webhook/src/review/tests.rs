//! Reviews that were recorded, reviews that lie, and answers as the API server reads them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::server::Reply;

fn review(change: impl Fn(&mut Value)) -> Vec<u8> {
    let mut review = json!({
        "apiVersion": VERSION,
        "kind": "AdmissionReview",
        "request": {
            "uid": "e30eeed0",
            "kind": { "group": "apps", "version": "v1", "kind": "Deployment" },
            "resource": { "group": "apps", "version": "v1", "resource": "deployments" },
            "name": "app", "namespace": "team", "operation": "CREATE",
            "userInfo": { "username": "someone" },
            "object": { "kind": "Deployment" }, "oldObject": null, "dryRun": false,
        },
    });
    change(&mut review);
    review.to_string().into_bytes()
}

fn answer(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

#[test]
fn a_review_is_read() {
    let body = review(|_| ());
    let review = Review::read(&body).unwrap();
    let question = &review.question;
    assert_eq!(question.uid, "e30eeed0");
    assert_eq!(question.kind.group, "apps");
    assert_eq!(question.kind.kind, "Deployment");
    assert_eq!(question.operation, Operation::Create);
    assert_eq!(question.namespace, "team");
    assert_eq!(question.dry_run, DryRun::No);
    let kind = review.object().unwrap().root().get("kind").unwrap();
    assert_eq!(kind.as_str(), Some("Deployment"));
    assert_eq!(review.old_object(), None);
}

#[test]
fn what_cannot_be_read_is_named_without_repeating_it() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 6] = [
        (
            |r| r["request"]["operation"] = json!("PATCH\u{202e}"),
            "a field that is missing or of another type at line 1",
        ),
        (|r| r["kind"] = json!("Pod\n"), "the kind `Pod\\n`"),
        (|r| r["request"] = Value::Null, "no `request`"),
        (
            |r| r["request"]["uid"] = json!(""),
            "an empty `request.uid`",
        ),
        (
            |r| r["request"]["uid"] = json!("x".repeat(129)),
            "129 bytes in `request.uid`",
        ),
        (
            |r| r["request"]["name"] = json!("x".repeat(513)),
            "513 bytes in `request.name`",
        ),
    ];
    for (change, found) in cases {
        let error = Question::read(&review(change)).unwrap_err();
        assert_eq!(error.code().name(), "admission/review-malformed");
        assert!(error.to_string().contains(found), "{error}");
        let reply = error.reply();
        assert_eq!(reply.status, 400);
        assert_eq!(answer(&reply)["response"]["allowed"], false);
    }
    for body in [&b""[..], b"{", b"[]", b"\xff", b"null"] {
        assert!(Question::read(body).is_err());
    }
    let half = review(|_| ());
    assert!(Question::read(&half[..half.len() / 2]).is_err());
}

#[test]
fn an_older_version_is_refused_in_its_own_words() {
    let old = review(|r| r["apiVersion"] = json!("admission.k8s.io/v1beta1"));
    let error = Question::read(&old).unwrap_err();
    assert_eq!(error.code().name(), "admission/version-unsupported");
    let reply = error.reply();
    // With status 200, in the version that was asked in and with its uid, or nobody would hear why.
    assert_eq!(reply.status, 200);
    let answer = answer(&reply);
    assert_eq!(answer["apiVersion"], "admission.k8s.io/v1beta1");
    assert_eq!(answer["response"]["uid"], "e30eeed0");
    assert_eq!(answer["response"]["allowed"], false);
    let message = answer["response"]["status"]["message"].as_str().unwrap();
    assert!(
        message.contains("admissionReviewVersions: [v1]"),
        "{message}"
    );
}

#[test]
fn an_object_is_read_only_where_there_is_one() {
    for nothing in [Value::Null, json!(3), json!("x"), json!([])] {
        let body = review(|r| r["request"]["object"] = nothing.clone());
        assert!(Review::read(&body).unwrap().object().is_err(), "{nothing}");
    }
    let deep = "[".repeat(200) + &"]".repeat(200);
    let text = String::from_utf8(review(|_| ())).unwrap();
    let body = text.replace("{\"kind\":\"Deployment\"}", &format!("{{\"a\":{deep}}}"));
    let review = Review::read(body.as_bytes()).unwrap();
    assert_eq!(review.question.uid, "e30eeed0");
    assert!(review.object().is_err());
    // What is wrong with an object is said about this request, and never repeats what it holds.
    let many = vec!["1"; sovverify::workload::MAX_VALUES].join(",");
    for (object, found) in [
        ("{\"canary\":1,\"canary\":2}".to_owned(), "stands twice"),
        (format!("{{\"a\":[{many}]}}"), "more values"),
    ] {
        let body = text.replace("{\"kind\":\"Deployment\"}", &object);
        let review = Review::read(body.as_bytes()).unwrap();
        let error = review.object().unwrap_err().to_string();
        assert!(
            error.contains(found) && !error.contains("canary"),
            "{error}"
        );
    }
}

#[test]
fn answers_are_what_the_api_server_reads() {
    let yes = Answer::Allowed(Allowed {
        code: None,
        warnings: vec!["look".to_owned(); 20],
        annotations: BTreeMap::from([("images", "a".to_owned())]),
        patch: Some(json!([{ "op": "test" }])),
    });
    let yes = answer(&yes.reply("u"));
    assert_eq!(yes["apiVersion"], VERSION);
    let response = &yes["response"];
    assert_eq!(
        (&response["uid"], &response["allowed"]),
        (&json!("u"), &json!(true))
    );
    assert_eq!(response["warnings"].as_array().unwrap().len(), MAX_WARNINGS);
    assert_eq!(response["auditAnnotations"]["images"], "a");
    assert_eq!(response["patchType"], "JSONPatch");
    assert!(response.get("status").is_none());
    let no = answer(&Answer::denied("é".repeat(5_000)).reply("u"));
    let status = &no["response"]["status"];
    assert_eq!(
        (&status["code"], &status["reason"]),
        (&json!(403), &json!("Forbidden"))
    );
    let message = status["message"].as_str().unwrap();
    assert_eq!(message.chars().count(), MAX_MESSAGE_CHARACTERS);
    assert!(message.ends_with('…'));
    assert!(no["response"].get("patch").is_none());
}

#[test]
fn names_of_a_review_are_bounded() {
    let read = |field: &[&str], bytes: usize| {
        let body = review(|review| {
            let mut place = &mut review["request"];
            for name in field {
                place = &mut place[*name];
            }
            *place = json!("n".repeat(bytes));
        });
        Question::read(&body).map(|_| ())
    };
    for (field, most) in [
        (&["uid"][..], MAX_UID_BYTES),
        (&["kind", "group"], MAX_NAME_BYTES),
        (&["kind", "kind"], MAX_NAME_BYTES),
        (&["namespace"], MAX_NAME_BYTES),
        (&["name"], MAX_NAME_BYTES),
        (&["subResource"], MAX_NAME_BYTES),
    ] {
        assert!(read(field, most).is_ok(), "{field:?}");
        let refused = read(field, most + 1).unwrap_err();
        assert!(
            matches!(refused, ReviewError::Malformed { .. }),
            "{field:?}: {refused}"
        );
    }
}

#[test]
fn all_warnings_of_an_answer_together_are_bounded() {
    let shown = |lengths: &[usize]| {
        let allowed = Answer::Allowed(Allowed {
            code: None,
            warnings: lengths.iter().map(|length| "é".repeat(*length)).collect(),
            ..Allowed::default()
        });
        let warnings = answer(&allowed.reply("u"))["response"]["warnings"].clone();
        let warnings: Vec<String> = serde_json::from_value(warnings).unwrap();
        warnings
            .iter()
            .map(|text| (text.chars().count(), text.ends_with('…')))
            .collect::<Vec<_>>()
    };
    let rest = reply::MAX_WARNING_CHARACTERS - 2_000;
    assert_eq!(shown(&[2_000, rest]), [(2_000, false), (rest, false)]);
    assert_eq!(shown(&[2_000, rest + 1]), [(2_000, false), (rest, true)]);
    assert_eq!(shown(&[2_000, rest, 1]), [(2_000, false), (rest, false)]);
    let many = [1; MAX_WARNINGS + 1];
    assert_eq!(shown(&many[1..]).len(), MAX_WARNINGS);
    assert_eq!(shown(&many).len(), MAX_WARNINGS);
}
