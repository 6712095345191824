//! Spellings of references: what is one, what is none, and how long it may be.

use super::*;

#[test]
fn many_spellings_are_one_name() {
    for (written, canonical) in [
        ("nginx", "docker.io/library/nginx:latest"),
        ("docker.io/nginx:1", "docker.io/library/nginx:1"),
        (
            "index.docker.io/library/nginx",
            "docker.io/library/nginx:latest",
        ),
        ("registry-1.docker.io:443/a/b", "docker.io/a/b:latest"),
        ("a/b", "docker.io/a/b:latest"),
        ("localhost/a", "localhost/a:latest"),
        ("localhost:5000/a:v1", "localhost:5000/a:v1"),
        ("Registry.Example/app", "registry.example/app:latest"),
        ("registry.example:443/app", "registry.example/app:latest"),
        (
            "127.0.0.1:5000/a__b/c-d.e",
            "127.0.0.1:5000/a__b/c-d.e:latest",
        ),
        ("[::1]:5000/a", "[::1]:5000/a:latest"),
    ] {
        assert_eq!(
            written.parse::<ImageReference>().unwrap().to_string(),
            canonical,
            "{written}"
        );
    }
}

#[test]
fn a_canonical_name_is_read_as_itself() {
    for (written, canonical) in [
        ("acme:443/app", "acme:443/app:latest"),
        ("ACME/app", "acme:443/app:latest"),
        ("acme/app", "docker.io/acme/app:latest"),
        ("localhost:443/app", "localhost/app:latest"),
        ("[::1]:443/app", "[::1]/app:latest"),
    ] {
        for text in [written, canonical] {
            let reference: ImageReference = text.parse().unwrap();
            assert_eq!(reference.to_string(), canonical, "{text}");
        }
    }
}

#[test]
fn gauntlet_092_a_port_is_not_a_tag() {
    let reference: ImageReference = "host.example:5000/img".parse().unwrap();
    assert_eq!(reference.tag(), Some("latest"));
    assert_eq!(reference.name().registry(), "host.example:5000");
    let digest = Digest::sha256(b"x");
    for (host, named) in [
        ("host.example:443", "host.example"),
        ("[2001:db8::1]:5000", "[2001:db8::1]:5000"),
        ("[2001:db8::1]", "[2001:db8::1]"),
    ] {
        for (rest, tag) in [
            (String::new(), Some("latest")),
            (":v1".to_owned(), Some("v1")),
            (format!("@{digest}"), None),
            (format!(":v1@{digest}"), Some("v1")),
        ] {
            let text = format!("{host}/img{rest}");
            let reference: ImageReference = text.parse().unwrap();
            assert_eq!(reference.name().registry(), named, "{text}");
            assert_eq!(reference.name().repository(), "img", "{text}");
            assert_eq!(reference.tag(), tag, "{text}");
            assert_eq!(reference.digest().is_some(), text.contains('@'), "{text}");
        }
    }
    assert!("host.example/img@".parse::<ImageReference>().is_err());
}

#[test]
fn a_digest_wins_over_a_tag() {
    let digest = Digest::sha256(b"x");
    let reference: ImageReference = format!("r.example/a:v1@{digest}").parse().unwrap();
    assert_eq!(reference.digest(), Some(&digest));
    assert_eq!(reference.tag(), Some("v1"));
}

#[test]
fn what_is_not_a_reference_is_refused() {
    for text in [
        "",
        "@",
        ":",
        "/",
        "a//b",
        "a/../b",
        "UPPER/lower/UPPER",
        "r.example/A",
        "r.example/",
        "r.example/a:",
        "r.example/a:-x",
        "r.example/a@sha256:00",
        "http://r.example/a",
        "r.example:99999/a",
        "r.example:x/a",
        "-r.example/a",
        "r..example/a",
        "r.example/a b",
        "r.example/a\n",
        "[::g]/a",
        "r.example/a___b",
        "r.example/_a",
        "exämple.de/a",
        "r.example/a:v1:v2",
    ] {
        assert!(text.parse::<ImageReference>().is_err(), "{text:?}");
    }
    assert!("a".repeat(2000).parse::<ImageReference>().is_err());
}

#[test]
fn a_reference_and_its_parts_have_bounds() {
    let refused = |text: String| text.parse::<ImageReference>().unwrap_err();
    let tagged = |length: usize| format!("r.example/a:{}", "t".repeat(length));
    assert!(tagged(MAX_TAG).parse::<ImageReference>().is_ok());
    assert!(matches!(
        refused(tagged(MAX_TAG + 1)),
        ReferenceError::Tag { .. }
    ));
    let repository = |length: usize| format!("r.example/{}", "a".repeat(length));
    assert!(repository(MAX_REPOSITORY).parse::<ImageReference>().is_ok());
    assert!(matches!(
        refused(repository(MAX_REPOSITORY + 1)),
        ReferenceError::Repository { .. }
    ));
    // What Docker Hub puts before a name counts too.
    let official = "a".repeat(MAX_REPOSITORY - "library/".len());
    assert!(official.parse::<ImageReference>().is_ok());
    assert!(format!("{official}a").parse::<ImageReference>().is_err());
    // Nothing but a long host fills a reference to its bound.
    let whole = |length: usize| {
        let host = "h.".repeat(400);
        let name = format!("{host}example/{}:", "a".repeat(MAX_REPOSITORY - 100));
        format!("{name}{}", "t".repeat(length - name.len()))
    };
    let longest = whole(MAX_REFERENCE).parse::<ImageReference>();
    assert!(
        !matches!(longest, Err(ReferenceError::TooLong { .. })),
        "{longest:?}"
    );
    let found = MAX_REFERENCE + 1;
    assert!(matches!(
        refused(whole(found)),
        ReferenceError::TooLong { found: at } if at == found
    ));
}
