use super::super::vulnerability::{CdxVersions, vulnerabilities};
use super::*;

const HEAD: &str = r#""serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79","version":2,
"components":[{"type":"library","bom-ref":"a/1","name":"a","purl":"pkg:npm/a@1"},{"type":"library","bom-ref":"b","name":"b"}]"#;

const JSON: &str = r#""vulnerabilities":[{"bom-ref":"v","id":"CVE-2026-1","source":{"name":"NVD","url":"https://nvd.example"},
 "references":[{"id":"GHSA-1","source":{"name":"GitHub"}}],
 "ratings":[{"source":{"name":"NVD"},"score":9.8,"severity":"critical","method":"CVSSv31","vector":"AV:N"},{"severity":"low","score":1}],
 "cwes":[79,80],"description":"bad","published":"2026-01-01T00:00:00Z","updated":"2026-01-02T00:00:00Z","rejected":"2026-01-03T00:00:00Z",
 "analysis":{"state":"not_affected","justification":"code_not_reachable","response":["update","rollback"],"detail":"no path",
  "firstIssued":"2026-01-04T00:00:00Z","lastUpdated":"2026-01-05T00:00:00Z"},
 "affects":[{"ref":"a/1","versions":[{"version":"1","status":"affected"},{"range":"vers:npm/>=2","status":"unaffected"}]}]}]"#;

const XML: &str = r#"<vulnerabilities><vulnerability bom-ref="v"><id>CVE-2026-1</id><source><name>NVD</name><url>https://nvd.example</url></source>
 <references><reference><id>GHSA-1</id><source><name>GitHub</name></source></reference></references>
 <ratings><rating><source><name>NVD</name></source><score>9.8</score><severity>critical</severity><method>CVSSv31</method><vector>AV:N</vector></rating>
  <rating><score>1</score><severity>low</severity></rating></ratings>
 <cwes><cwe>79</cwe><cwe>80</cwe></cwes><description>bad</description>
 <published>2026-01-01T00:00:00Z</published><updated>2026-01-02T00:00:00Z</updated><rejected>2026-01-03T00:00:00Z</rejected>
 <analysis><state>not_affected</state><justification>code_not_reachable</justification>
  <responses><response>update</response><response>rollback</response></responses><detail>no path</detail>
  <firstIssued>2026-01-04T00:00:00Z</firstIssued><lastUpdated>2026-01-05T00:00:00Z</lastUpdated></analysis>
 <affects><target><ref>a/1</ref><versions><version><version>1</version><status>affected</status></version>
  <version><range>vers:npm/&gt;=2</range><status>unaffected</status></version></versions></target></affects></vulnerability></vulnerabilities>"#;

fn xml_document() -> String {
    let components = r#"<components><component type="library" bom-ref="a/1"><name>a</name><purl>pkg:npm/a@1</purl></component></components>"#;
    xml(&format!("{components}{XML}"))
}

#[test]
fn both_encodings_list_the_same_vulnerability() {
    let (text, other) = (json(&format!("{HEAD},{JSON}")), xml_document());
    assert_eq!(sbom(&text).violations, []);
    assert_eq!(sbom(&other).violations, []);
    let mut from_json = vulnerabilities(text.as_bytes()).unwrap();
    let mut from_xml = vulnerabilities(other.as_bytes()).unwrap();
    assert_eq!(from_json[0].place.as_ref(), "/vulnerabilities/0");
    assert_eq!(
        from_xml[0].place.as_ref(),
        "/bom/vulnerabilities/vulnerability"
    );
    from_json[0].place = "".into();
    from_xml[0].place = "".into();
    assert_eq!(from_json, from_xml);
}

#[test]
fn everything_about_a_vulnerability_is_read() {
    let found = vulnerabilities(json(&format!("{HEAD},{JSON}")).as_bytes()).unwrap();
    let found = &found[0];
    assert_eq!(found.id.as_deref(), Some("CVE-2026-1"));
    assert_eq!(found.source.as_deref(), Some("NVD"));
    assert_eq!(found.aliases, ["GHSA-1".into()]);
    assert_eq!(found.cwes, ["79".into(), "80".into()]);
    assert_eq!(found.ratings[0].score, Some(9.8));
    assert_eq!(found.ratings[1].score, Some(1.0));
    assert_eq!(found.ratings[0].method.as_deref(), Some("CVSSv31"));
    assert_eq!(found.updated.unwrap().to_string(), "2026-01-02T00:00:00Z");
    assert_eq!(found.rejected.unwrap().to_string(), "2026-01-03T00:00:00Z");
    let analysis = found.analysis.as_ref().unwrap();
    assert_eq!(analysis.state.as_deref(), Some("not_affected"));
    assert_eq!(analysis.responses, ["update".into(), "rollback".into()]);
    assert_eq!(
        analysis.last_updated.unwrap().to_string(),
        "2026-01-05T00:00:00Z"
    );
    let affected = &found.affects[0];
    assert_eq!(affected.purl.as_deref(), Some("pkg:npm/a@1"));
    assert_eq!(affected.component, Some(0));
    let range = CdxVersions {
        version: None,
        range: Some("vers:npm/>=2".into()),
        status: Some("unaffected".into()),
    };
    assert_eq!(affected.versions[1], range);
}

#[test]
fn references_are_followed_inside_the_document_and_package_urls_outside() {
    let own = "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/2#";
    let other = "urn:cdx:00000000-395b-41f5-a30f-a58921a69b79/2#";
    for (reference, component, purl) in [
        ("a/1".to_owned(), Some(0), Some("pkg:npm/a@1")),
        ("b".to_owned(), Some(1), None),
        (format!("{own}a/1"), Some(0), Some("pkg:npm/a@1")),
        (format!("{own}a%2F1"), Some(0), Some("pkg:npm/a@1")),
        (format!("{own}b"), Some(1), None),
        (format!("{own}c"), None, None),
        (own.replace("/2", "/1") + "a/1", None, None),
        (format!("{other}a/1"), None, None),
        (format!("{other}pkg:npm/c@1"), None, Some("pkg:npm/c@1")),
        (format!("{other}pkg%3Anpm/c@1"), None, Some("pkg:npm/c@1")),
        ("pkg:npm/d@1".to_owned(), None, Some("pkg:npm/d@1")),
        ("c".to_owned(), None, None),
        (format!("{other}%zz"), None, None),
        (format!("{other}%4"), None, None),
        (format!("{other}%ff"), None, None),
    ] {
        let text = json(&format!(
            r#"{HEAD},"vulnerabilities":[{{"affects":[{{"ref":"{reference}"}}]}}]"#
        ));
        let found = vulnerabilities(text.as_bytes()).unwrap();
        let affected = &found[0].affects[0];
        assert_eq!(affected.component, component, "{reference}");
        assert_eq!(affected.purl.as_deref(), purl, "{reference}");
        assert_eq!(affected.reference.as_ref(), reference);
    }
}

#[test]
fn a_document_that_cannot_be_read_lists_no_vulnerabilities() {
    for bad in ["{", "<bom/>", r#"{"specVersion":"9"}"#, "[]", ""] {
        assert!(vulnerabilities(bad.as_bytes()).is_err(), "{bad}");
    }
    assert_eq!(
        vulnerabilities(json(r#""version":1"#).as_bytes()),
        Ok(Vec::new())
    );
}
