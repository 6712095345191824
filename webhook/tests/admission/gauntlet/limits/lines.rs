//! Names and answers of others in lines of ours (row 169).

use serde_json::{Value, json};
use sovverify_forge::Act;

use crate::logged::{logged, logged_about};
use crate::world::{Answered, World, changed, review, review_of};

/// Text that would write lines of its own, hide what stands before it, or turn it around.
const EVIL: &str = "x\n{\"level\":\"info\",\"event\":\"forged\"}\r\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}\u{2066}\u{200b}\u{feff}\u{0}<script>";

fn is_clean(text: &str) -> bool {
    let bad = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    !text.chars().any(bad)
}

#[tokio::test]
async fn gauntlet_169_no_name_or_answer_of_others_writes_a_line_or_turns_one_around() {
    logged();
    let world = World::new();
    let marker = world.registry.host();
    let lies: [(&str, fn(&mut Value)); 9] = [
        ("image", |r| {
            r["object"]["spec"]["containers"][0]["image"] = json!(format!("{EVIL}:v1"));
        }),
        ("tag", |r| {
            let image = r["object"]["spec"]["containers"][0]["image"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            r["object"]["spec"]["containers"][0]["image"] = json!(format!("{image}{EVIL}"));
        }),
        ("name", |r| r["name"] = json!(EVIL)),
        ("namespace", |r| r["namespace"] = json!(EVIL)),
        ("kind", |r| {
            r["kind"]["kind"] = json!(EVIL);
            r["object"]["kind"] = json!(EVIL);
        }),
        ("field", |r| {
            r["object"]["spec"][format!("image{EVIL}")] = json!(EVIL);
        }),
        ("container", |r| {
            r["object"]["spec"]["containers"][0]["name"] = json!(EVIL);
        }),
        ("shape", |r| r["object"]["spec"]["containers"] = json!(EVIL)),
        ("long", |r| {
            r["object"]["spec"]["containers"][0]["image"] = json!(EVIL.repeat(10_000));
        }),
    ];
    for (what, lie) in lies {
        let image = world.tag("team/bad");
        let answered = world.ask(&changed(&review(&[&image]), lie)).await;
        // A kind that nobody asked us to judge is no lie about an image.
        assert_eq!(answered.allowed(), what == "kind", "{what}: {answered:?}");
        is_short_and_clean(&answered);
    }
    // A document of ours, with a name, a pattern and a field that nobody knows.
    for (field, value) in [
        ("match", json!({ "images": [EVIL] })),
        (EVIL, json!(true)),
        ("require", json!([{ "name": EVIL }])),
    ] {
        let mut document = json!({
            "apiVersion": "policy.sovverify.dev/v1alpha1", "kind": "ImagePolicy",
            "metadata": { "name": EVIL, "namespace": EVIL }, "spec": {},
        });
        document["spec"][field] = value;
        let kind = ("policy.sovverify.dev", "ImagePolicy");
        let answered = world.ask(&review_of(kind, &document)).await;
        assert!(!answered.allowed(), "{answered:?}");
        is_short_and_clean(&answered);
    }
    // What a registry says.
    let said = EVIL.replace(['\n', '\r', '\0'], " ");
    let acts: [fn(&str) -> Act; 5] = [
        |said| Act::Lie(format!("{{\"errors\":[{{\"message\":\"{said}\"}}]}}").into_bytes()),
        |said| {
            Act::Lie(
                json!({ "schemaVersion": 2, "mediaType": said, "manifests": [] })
                    .to_string()
                    .into_bytes(),
            )
        },
        |said| {
            Act::Refuse(
                401,
                vec![(
                    "www-authenticate",
                    format!("Bearer realm=\"https://evil.example/{said}\""),
                )],
            )
        },
        |said| {
            Act::Refuse(
                302,
                vec![("location", format!("http://evil.example/{said}"))],
            )
        },
        |said| Act::Refuse(500, vec![("x", said.to_owned())]),
    ];
    for act in acts {
        let said = said.clone();
        world.behave.set(move |_| act(&said));
        let answered = world.pod(&[&world.tag("team/good")]).await;
        assert!(!answered.allowed(), "{answered:?}");
        is_short_and_clean(&answered);
    }
    let told = logged_about(&marker);
    assert!(told.len() >= 5, "{told:#?}");
    for line in logged().lines() {
        let event: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(event["event"] != "forged" && is_clean(line), "{line}");
    }
    // The honest twin is said as it is.
    world.behave.honestly();
    let honest = world.pod(&[&world.tag("team/bad")]).await;
    assert!(honest.message().contains(&world.tag("team/bad")));
}

fn is_short_and_clean(answered: &Answered) {
    let response = &answered.0["response"];
    let annotations = response["auditAnnotations"].as_object();
    let texts = annotations.into_iter().flat_map(|map| map.values());
    let warnings = response["warnings"].as_array();
    let texts = texts
        .chain(warnings.into_iter().flatten())
        .filter_map(Value::as_str);
    for text in texts.chain([answered.message()]) {
        assert!(is_clean(text), "{text:?}");
        assert!(
            text.chars().count() <= 4_096,
            "{} characters",
            text.chars().count()
        );
    }
    assert!(answered.message().chars().count() <= 2_048);
}
