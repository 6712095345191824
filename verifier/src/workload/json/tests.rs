use serde_json::json;

use super::*;

fn read(text: &str) -> Result<Json<'_>, serde_json::Error> {
    serde_json::from_str(text)
}

#[test]
fn it_reads_what_serde_json_reads() {
    for text in [
        "null",
        "[true, -1, 1, 1.5e3, \"a\\nb\", \"\\u00e9\", {}]",
        r#"{"b":{"a":[{"c":null}]},"a\u0062":"x"}"#,
        "{\"a\":18446744073709551615,\"b\":-9223372036854775808}",
        "[[[]],[],{\"a\":{}},{\"a\":{\"b\":{}},\"c\":1}]",
    ] {
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(Value::from(read(text).unwrap().root()), value, "{text}");
        assert_eq!(Value::from(Json::from(&value).root()), value, "{text}");
    }
    for text in ["", "{", "{} {}", "[1,]", "{\"a\":1e999}", "nul"] {
        assert!(serde_json::from_str::<Value>(text).is_err() && read(text).is_err());
    }
    assert!(read(&"[".repeat(129)).is_err());
}

#[test]
fn texts_without_escapes_are_borrowed() {
    let json = read(r#"{"a":"b","c\n":"\n"}"#).unwrap();
    let borrowed = |token: &Token<'_>| {
        matches!(token.name, Cow::Borrowed(_))
            && matches!(token.content, Content::String(Cow::Borrowed(_)))
    };
    let members: Vec<bool> = json.tokens.iter().skip(1).map(borrowed).collect();
    assert_eq!(members, [true, false]);
}

#[test]
fn a_name_that_stands_twice_is_refused_however_it_is_written() {
    let wide: Vec<String> = (0..40).map(|number| format!("\"k{number}\":1")).collect();
    let wide = wide.join(",");
    assert!(read(&format!("{{{wide}}}")).is_ok());
    for text in [
        r#"{"a":1,"b":2,"a":1}"#.to_owned(),
        r#"{"a":{"x":[1,2]},"b":{},"a":1}"#.to_owned(),
        r#"[{"x":{"a":1,"\u0061":2}}]"#.to_owned(),
        format!("{{{wide},\"k7\":1}}"),
        format!("{{\"k7\":{{\"a\":[]}},{wide}}}"),
    ] {
        let error = read(&text).unwrap_err().to_string();
        assert!(error.contains("duplicate field"), "{error}");
    }
    // The same name in two objects is no name that stands twice.
    assert!(read(r#"{"a":{"a":1},"b":{"a":1}}"#).is_ok());
}

#[test]
fn the_number_of_values_is_bounded() {
    let list = |items: usize| format!("[{}]", vec!["1"; items].join(","));
    // The list itself is one.
    assert!(read(&list(MAX_VALUES - 1)).is_ok());
    let error = read(&list(MAX_VALUES)).unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("more than {MAX_VALUES} values")),
        "{error}"
    );
}

#[test]
fn members_are_found_by_name() {
    let value = json!({ "a": { "b": "c", "d": [1] }, "n": null, "z": "end" });
    let json = Json::from(&value);
    let root = json.root();
    assert_eq!(root.get("a").and_then(|a| a.get("b")?.as_str()), Some("c"));
    assert_eq!(root.get("z").and_then(Part::as_str), Some("end"));
    assert!(root.get("n").is_some_and(Part::is_null));
    assert!(Part::NULL.is_null() && !Part::NULL.is_object());
    // What is inside another member is none of the object's own.
    assert_eq!(root.get("b"), None);
    assert_eq!(root.get("n").and_then(|n| n.get("x")), None);
}

#[test]
fn two_members_of_one_name_are_found_wherever_they_stand() {
    for count in 2..16 {
        // Many of these have the same mark.
        let name =
            |number: usize| format!("{}x{}", "a".repeat(number % 3), number % 5 * 3 + number / 5);
        let names: Vec<String> = (0..count).map(name).collect();
        let text = |names: &[String]| {
            let members: Vec<String> = names.iter().map(|name| format!("\"{name}\":0")).collect();
            format!("{{{}}}", members.join(","))
        };
        assert!(read(&text(&names)).is_ok(), "{names:?}");
        for one in 0..count {
            for other in (0..count).filter(|other| *other != one) {
                let mut names = names.clone();
                names[one] = names[other].clone();
                assert!(read(&text(&names)).is_err(), "{names:?}");
            }
        }
    }
}
