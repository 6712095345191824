//! Values with a form of their own: words, hashes, licenses, times, signatures.

use super::*;

#[test]
fn words_are_those_of_the_version() {
    component("1.6", r#""scope":"excluded""#, r#""scope":"foo""#, "/scope");
    json(
        "1.6",
        r#""components":[{"type":"cryptographic-asset","name":"a"}]"#,
        r#""components":[{"type":"spaceship","name":"a"}]"#,
        "/components/0/type",
    );
    json(
        "1.5",
        r#""components":[{"type":"platform","name":"a"}]"#,
        r#""components":[{"type":"cryptographic-asset","name":"a"}]"#,
        "/components/0/type",
    );
    json(
        "1.7",
        r#""externalReferences":[{"type":"patent","url":"a"}]"#,
        r#""externalReferences":[{"type":"patents","url":"a"}]"#,
        "/externalReferences/0/type",
    );
    json(
        "1.6",
        r#""externalReferences":[{"type":"rfc-9116","url":"a"}]"#,
        r#""externalReferences":[{"type":"patent","url":"a"}]"#,
        "/externalReferences/0/type",
    );
    json(
        "1.5",
        r#""compositions":[{"aggregate":"incomplete_third_party_opensource_only"}]"#,
        r#""compositions":[{"aggregate":"some"}]"#,
        "/compositions/0/aggregate",
    );
}

#[test]
fn hashes_have_a_known_algorithm_and_a_possible_length() {
    let hash = |alg: &str, length: usize| {
        format!(
            r#""hashes":[{{"alg":"{alg}","content":"{}"}}]"#,
            "a".repeat(length)
        )
    };
    component(
        "1.6",
        &hash("SHA-256", 64),
        &hash("SHA-256", 63),
        "/hashes/0/content",
    );
    component(
        "1.6",
        &hash("BLAKE3", 64),
        &hash("SHA256", 64),
        "/hashes/0/alg",
    );
    component(
        "1.7",
        &hash("Streebog-256", 64),
        &hash("Streebog", 64),
        "/hashes/0/alg",
    );
    component(
        "1.6",
        &hash("MD5", 32),
        &hash("Streebog-256", 64),
        "/hashes/0/alg",
    );
    component(
        "1.6",
        &hash("MD5", 32),
        &hash("MD5", 32).replace("aa", "g!"),
        "/hashes/0/content",
    );
}

#[test]
fn licenses_have_an_id_or_a_name_and_expressions_stand_alone() {
    let id = r#""licenses":[{"license":{"id":"MIT"}}]"#;
    component(
        "1.4",
        id,
        r#""licenses":[{"license":{"id":"mit"}}]"#,
        "/licenses/0/license/id",
    );
    component(
        "1.4",
        id,
        r#""licenses":[{"license":{"id":"MIT","name":"MIT"}}]"#,
        "/licenses/0/license",
    );
    component(
        "1.4",
        id,
        r#""licenses":[{"license":{}}]"#,
        "/licenses/0/license",
    );
    component(
        "1.4",
        r#""licenses":[{"expression":"MIT"}]"#,
        r#""licenses":[{"expression":"MIT","license":{"id":"MIT"}}]"#,
        "/licenses/0",
    );
    let both = r#""licenses":[{"license":{"id":"MIT"}},{"expression":"MIT"}]"#;
    component("1.4", both, r#""licenses":[{}]"#, "/licenses/0");
    component(
        "1.6",
        r#""licenses":[{"expression":"MIT"}]"#,
        both,
        "/licenses/1",
    );
    component(
        "1.6",
        r#""licenses":[]"#,
        r#""licenses":[{"expression":"A"},{"expression":"B"}]"#,
        "/licenses",
    );
    component(
        "1.7",
        both,
        r#""licenses":[{"license":{"id":"MIT"},"expression":"MIT"}]"#,
        "/licenses/0/expression",
    );
}

#[test]
fn numbers_names_and_times_have_their_forms() {
    json(
        "1.6",
        r#""serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79""#,
        r#""serialNumber":"urn:uuid:3E671687-395b-41f5-a30f-a58921a69b79""#,
        "/serialNumber",
    );
    json(
        "1.6",
        r#""metadata":{"timestamp":"2026-01-01T00:00:00Z"}"#,
        r#""metadata":{"timestamp":"2026-01-01"}"#,
        "/metadata/timestamp",
    );
    component(
        "1.6",
        r#""mime-type":"text/plain""#,
        r#""mime-type":"text""#,
        "/mime-type",
    );
    json(
        "1.6",
        r#""externalReferences":[{"type":"vcs","url":"git@x:y"}]"#
            .replace("git@x:y", "git://x")
            .as_str(),
        r#""externalReferences":[{"type":"vcs","url":"a b"}]"#,
        "/externalReferences/0/url",
    );
}

#[test]
fn signatures_have_a_known_algorithm_and_whole_keys() {
    let signature = |algorithm: &str, key: &str| {
        format!(r#""signature":{{"algorithm":"{algorithm}","value":"a","publicKey":{key}}}"#)
    };
    let key = r#"{"kty":"EC","crv":"P-256","x":"a","y":"b"}"#;
    json(
        "1.6",
        &signature("ES256", key),
        &signature("XX1", key),
        "/signature/algorithm",
    );
    json(
        "1.6",
        &signature("urn:x", key),
        &signature("ES256", r#"{"kty":"EC","crv":"P-256","x":"a"}"#),
        "/signature/publicKey",
    );
    json(
        "1.6",
        &signature("ES256", r#"{"kty":"RSA","n":"a","e":"b"}"#),
        &signature("ES256", r#"{"kty":"XX"}"#),
        "/signature/publicKey",
    );
    json(
        "1.6",
        &signature("ES256", r#"{"kty":"OKP","crv":"Ed448","x":"b"}"#),
        &signature("ES256", r#"{"kty":"OKP","crv":"P-256","x":"b"}"#),
        "/signature/publicKey/crv",
    );
    json(
        "1.6",
        r#""signature":{"signers":[]}"#,
        r#""signature":{}"#,
        "/signature",
    );
}
