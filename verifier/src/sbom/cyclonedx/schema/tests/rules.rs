use crate::sbom::read;

/// Violations of a document as `place: expected: found`.
fn violations(text: &str) -> Vec<String> {
    let sbom = read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    let violations = sbom.violations.iter();
    violations
        .map(|v| format!("{}: {}: {}", v.place, v.expected, v.found))
        .collect()
}

/// Holds a JSON document that obeys the schema of `version` beside one that does not, at `place`.
fn json(version: &str, honest: &str, lie: &str, place: &str) {
    let document =
        |body: &str| format!(r#"{{"bomFormat":"CycloneDX","specVersion":"{version}",{body}}}"#);
    assert_eq!(violations(&document(honest)), [""; 0], "{honest}");
    let found = violations(&document(lie));
    assert!(
        found
            .iter()
            .any(|found| found.starts_with(&format!("{place}: "))),
        "{lie}: {found:?}"
    );
}

/// The same for XML.
fn xml(version: &str, honest: &str, lie: &str, place: &str) {
    let document = |body: &str| {
        format!(r#"<bom xmlns="http://cyclonedx.org/schema/bom/{version}">{body}</bom>"#)
    };
    assert_eq!(violations(&document(honest)), [""; 0], "{honest}");
    let found = violations(&document(lie));
    assert!(
        found
            .iter()
            .any(|found| found.starts_with(&format!("{place}: "))),
        "{lie}: {found:?}"
    );
}

/// The same for one component in JSON.
fn component(version: &str, honest: &str, lie: &str, place: &str) {
    let whole =
        |fields: &str| format!(r#""components":[{{"type":"library","name":"a",{fields}}}]"#);
    json(
        version,
        &whole(honest),
        &whole(lie),
        &format!("/components/0{place}"),
    );
}

#[test]
fn members_are_those_of_the_version() {
    json(
        "1.5",
        r#""annotations":[]"#,
        r#""declarations":{}"#,
        "/declarations",
    );
    json(
        "1.6",
        r#""declarations":{}"#,
        r#""citations":[]"#,
        "/citations",
    );
    component("1.6", r#""tags":["a"]"#, r#""tag":["a"]"#, "/tag");
    component(
        "1.7",
        r#""isExternal":true"#,
        r#""isexternal":true"#,
        "/isexternal",
    );
    component("1.4", r#""author":"a""#, r#""authors":[]"#, "/authors");
}

#[test]
fn required_members_are_required() {
    json(
        "1.4",
        r#""components":[{"type":"library","name":"a"}]"#,
        r#""components":[{"type":"library"}]"#,
        "/components/0",
    );
    json(
        "1.3",
        r#""components":[{"type":"library","name":"a","version":""}]"#,
        r#""components":[{"type":"library","name":"a"}]"#,
        "/components/0",
    );
    json(
        "1.6",
        r#""properties":[{"name":"a"}]"#,
        r#""properties":[{"value":"a"}]"#,
        "/properties/0",
    );
    let no_format = violations(r#"{"specVersion":"1.6"}"#);
    assert_eq!(no_format, ["the document: a member `bomFormat`: none"]);
}

#[test]
fn types_are_held() {
    json("1.6", r#""version":1"#, r#""version":"1""#, "/version");
    json("1.6", r#""version":2.0"#, r#""version":0"#, "/version");
    json(
        "1.6",
        r#""components":[]"#,
        r#""components":{}"#,
        "/components",
    );
    json("1.6", r#""metadata":{}"#, r#""metadata":null"#, "/metadata");
    component(
        "1.6",
        r#""modified":false"#,
        r#""modified":"false""#,
        "/modified",
    );
    component("1.5", r#""version":"""#, r#""version":1"#, "/version");
}

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
fn nothing_stands_twice_in_a_set() {
    let one = r#"{"type":"library","name":"a"}"#;
    let turned = r#"{"name":"a","type":"library"}"#;
    let other = r#"{"type":"library","name":"b"}"#;
    json(
        "1.6",
        &format!(r#""components":[{one},{other}]"#),
        &format!(r#""components":[{one},{other},{turned}]"#),
        "/components/2",
    );
    let needs = |refs: &str| {
        format!(
            r#""components":[{{"type":"library","bom-ref":"a","name":"a"}}],"dependencies":[{{"ref":"a","dependsOn":[{refs}]}}]"#
        )
    };
    json(
        "1.6",
        &needs(r#""a""#),
        &needs(r#""a","a""#),
        "/dependencies/0/dependsOn/1",
    );
}

#[test]
fn a_name_is_given_once_and_dependencies_may_leave_the_document() {
    let with = |first: &str, second: &str, reference: &str| {
        format!(
            r#""components":[{{"type":"library","bom-ref":"{first}","name":"a"}},{{"type":"library","bom-ref":"{second}","name":"b"}}],
            "dependencies":[{{"ref":"{reference}"}}]"#
        )
    };
    json(
        "1.6",
        &with("a", "b", "b"),
        &with("a", "a", "a"),
        "/components/1/bom-ref",
    );
    json(
        "1.6",
        &with("a", "b", "elsewhere"),
        &with("a", "", "a"),
        "/components/1/bom-ref",
    );
    let in_xml = |first: &str, second: &str, reference: &str| {
        format!(
            r#"<components><component type="library" bom-ref="{first}"><name>a</name></component>
            <component type="library" bom-ref="{second}"><name>b</name></component></components>
            <dependencies><dependency ref="a"><dependency ref="{reference}"/></dependency></dependencies>"#
        )
    };
    xml(
        "1.6",
        &in_xml("a", "b", "b"),
        &in_xml("a", "a", "a"),
        "/bom/components/component[2]/@bom-ref",
    );
    xml(
        "1.6",
        &in_xml("a", "b", "elsewhere"),
        &in_xml("a", "", "a"),
        "/bom/components/component[2]/@bom-ref",
    );
}

#[test]
fn one_of_several_members_is_demanded() {
    let annotation = |annotator: &str| {
        format!(
            r#""annotations":[{{"subjects":["a"],"annotator":{annotator},"timestamp":"2026-01-01T00:00:00Z","text":"t"}}]"#
        )
    };
    json(
        "1.6",
        &annotation(r#"{"individual":{}}"#),
        &annotation("{}"),
        "/annotations/0/annotator",
    );
    json(
        "1.6",
        &annotation(r#"{"individual":{}}"#),
        &annotation(r#"{"individual":{},"organization":{}}"#),
        "/annotations/0/annotator",
    );
    let citation = |members: &str| {
        format!(r#""citations":[{{"timestamp":"2026-01-01T00:00:00Z",{members}}}]"#)
    };
    json(
        "1.7",
        &citation(r#""pointers":["/a"],"process":"x""#),
        &citation(r#""pointers":["/a"]"#),
        "/citations/0",
    );
    json(
        "1.7",
        &citation(r#""pointers":["/a"],"process":"x""#),
        &citation(r#""pointers":[],"process":"x""#),
        "/citations/0/pointers",
    );
    json(
        "1.5",
        r#""metadata":{"lifecycles":[{"phase":"build"},{"name":"x"}]}"#,
        r#""metadata":{"lifecycles":[{"phase":"x"}]}"#,
        "/metadata/lifecycles/0/phase",
    );
}

#[test]
fn a_range_of_versions_is_for_external_components() {
    component(
        "1.7",
        r#""versionRange":"vers:npm/>1","isExternal":true"#,
        r#""versionRange":"vers:npm/>1""#,
        "",
    );
    component(
        "1.7",
        r#""versionRange":"vers:npm/>1","isExternal":true"#,
        r#""versionRange":"vers:npm/>1","isExternal":true,"version":"1""#,
        "",
    );
    component(
        "1.7",
        r#""version":"1","isExternal":false"#,
        r#""versionRange":"x","isExternal":false"#,
        "",
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

#[test]
fn elements_have_their_order_and_number() {
    let good = r#"<components><component type="library"><name>a</name><version>1</version></component></components>"#;
    let turned = r#"<components><component type="library"><version>1</version><name>a</name></component></components>"#;
    xml("1.6", good, turned, "/bom/components/component");
    xml(
        "1.6",
        good,
        &good.replace("<version>1</version>", "<name>b</name>"),
        "/bom/components/component",
    );
    xml(
        "1.6",
        good,
        &good.replace("<name>a</name>", ""),
        "/bom/components/component",
    );
    xml(
        "1.6",
        good,
        &good.replace("<version>", "<versions/><version>"),
        "/bom/components/component",
    );
    xml("1.6", good, &format!("{good}{good}"), "/bom");
    xml("1.6", good, &format!("{good}<metadata/>"), "/bom");
    xml(
        "1.7",
        "<citations><citation><pointers><pointer>a</pointer></pointers><timestamp>2026-01-01T00:00:00Z</timestamp></citation></citations>",
        "<citations/>",
        "/bom/citations",
    );
    xml(
        "1.6",
        "<metadata><tools><tool/><tool/></tools></metadata>",
        "<metadata><tools><tool/><components/></tools></metadata>",
        "/bom/metadata/tools",
    );
}

#[test]
fn attributes_and_text_have_their_types() {
    let good = r#"<components><component type="library"><name>a</name></component></components>"#;
    xml(
        "1.6",
        good,
        &good.replace("library", "spaceship"),
        "/bom/components/component/@type",
    );
    xml(
        "1.6",
        good,
        &good.replace(" type=\"library\"", ""),
        "/bom/components/component",
    );
    let tool = r#"<metadata><tools><tool><hashes><hash alg="MD5">d41d8cd98f00b204e9800998ecf8427e</hash></hashes></tool></tools></metadata>"#;
    xml(
        "1.6",
        tool,
        &tool.replace("<hash alg=\"MD5\">", "<hash alg=\"MD5\" a=\"b\">"),
        "/bom/metadata/tools/tool/hashes/hash/@a",
    );
    xml(
        "1.6",
        tool,
        &tool.replace("</hash>", "<b/></hash>"),
        "/bom/metadata/tools/tool/hashes/hash",
    );
    xml(
        "1.6",
        tool,
        &tool.replace("<hashes>", "text<hashes>"),
        "/bom/metadata/tools/tool",
    );
    xml(
        "1.6",
        good,
        &good.replace("<name>", "<name a=\"b\">"),
        "/bom/components/component/name/@a",
    );
    xml(
        "1.5",
        "<metadata><timestamp> 2026-01-01T00:00:00 </timestamp></metadata>",
        "<metadata><timestamp>2026-01-01</timestamp></metadata>",
        "/bom/metadata/timestamp",
    );
}

#[test]
fn an_empty_element_stands_for_its_default_where_it_has_one() {
    let composition = |aggregate: &str| {
        format!(
            "<compositions><composition><aggregate>{aggregate}</aggregate></composition></compositions>"
        )
    };
    let place = "/bom/compositions/composition/aggregate";
    xml("1.6", &composition(""), &composition(" "), place);
    let scoped =
        r#"<components><component type="library"><name>a</name><scope/></component></components>"#;
    let place = "/bom/components/component/scope";
    xml(
        "1.6",
        scoped,
        &scoped.replace("<scope/>", "<scope>x</scope>"),
        place,
    );
    let before = violations(&format!(
        r#"<bom xmlns="http://cyclonedx.org/schema/bom/1.4">{scoped}</bom>"#
    ));
    assert_eq!(before.len(), 1, "{before:?}");
}

#[test]
fn elements_and_attributes_of_others_stand_where_they_may() {
    let other = r#"<f:x xmlns:f="urn:f"><f:y/>text</f:x>"#;
    let component = r#"<component type="library"><name>a</name></component>"#;
    xml(
        "1.6",
        &format!("<components>{component}{other}</components>{other}"),
        &format!("<dependencies>{other}</dependencies>"),
        "/bom/dependencies",
    );
    xml(
        "1.6",
        r#"<metadata xmlns:f="urn:f" f:a="1"/>"#,
        r#"<metadata a="1"/>"#,
        "/bom/metadata/@a",
    );
    xml(
        "1.6",
        r#"<components a="1"/>"#,
        r#"<dependencies a="1"/>"#,
        "/bom/dependencies/@a",
    );
}
