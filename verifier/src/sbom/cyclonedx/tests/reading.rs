use super::*;
use crate::sbom::model::{ComponentKind, RelationshipKind, Standing};

/// Everything that the model has room for, in JSON.
const JSON: &str = r#""serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79","version":3,
"metadata":{"timestamp":"2026-01-02T03:04:05Z",
 "lifecycles":[{"phase":"build"},{"name":"ours"}],
 "tools":{"components":[{"type":"application","group":"acme","name":"scan","version":"1"}],"services":[{"name":"svc"}]},
 "authors":[{"name":"A. Author","email":"a@example.org"}],
 "manufacturer":{"name":"Maker","url":["https://maker.example"],"contact":[{"email":"m@maker.example"}]},
 "supplier":{"name":"Supplier"},
 "component":{"type":"container","bom-ref":"root","name":"image","version":"2"}},
"components":[
 {"type":"library","bom-ref":"a","supplier":{"name":"S","url":["https://s.example"]},
  "manufacturer":{"name":"M"},"authors":[{"name":"B"}],"author":"C","publisher":"P","group":"g","name":"liba","version":"1.0",
  "hashes":[{"alg":"SHA-256","content":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
            {"alg":"SHA3-256","content":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}],
  "licenses":[{"license":{"id":"MIT","acknowledgement":"declared"}},{"license":{"name":"Own"}}],
  "cpe":"cpe:/a:s:liba:1.0","purl":"pkg:npm/liba@1.0","omniborId":["gitoid:blob:sha1:aa"],"swhid":["swh:1:cnt:bb"],
  "swid":{"tagId":"t1","name":"liba"},
  "externalReferences":[{"type":"distribution","url":"https://s.example/liba.tgz","hashes":[{"alg":"MD5","content":"d41d8cd98f00b204e9800998ecf8427e"}]}],
  "properties":[{"name":"bsi:component:filename","value":"liba.so"},{"name":"bsi:component:effectiveLicense","value":"MIT"},{"name":"other","value":"x"}],
  "components":[{"type":"file","bom-ref":"a1","name":"inner.txt"}],
  "releaseNotes":{"type":"major","timestamp":"2025-01-01T00:00:00Z"}},
 {"type":"data","bom-ref":"b","name":"b","licenses":[{"expression":"MIT OR Apache-2.0","acknowledgement":"concluded"}]}],
"services":[{"bom-ref":"s","provider":{"name":"Cloud"},"name":"api","services":[{"bom-ref":"s1","name":"inner"}]}],
"dependencies":[{"ref":"root","dependsOn":["a","b"]},{"ref":"a","dependsOn":["a"],"provides":["b"]},{"ref":"b","dependsOn":["root"]}],
"compositions":[{"aggregate":"complete","dependencies":["a"],"assemblies":["b"]},{"aggregate":"incomplete","assemblies":["root"]}],
"vulnerabilities":[{"id":"CVE-2026-1"}]"#;

/// The same in XML.
const XML: &str = r#"<bom xmlns="http://cyclonedx.org/schema/bom/1.6" serialNumber="urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79" version="3">
<metadata><timestamp>2026-01-02T03:04:05Z</timestamp>
 <lifecycles><lifecycle><phase>build</phase></lifecycle><lifecycle><name>ours</name></lifecycle></lifecycles>
 <tools><components><component type="application"><group>acme</group><name>scan</name><version>1</version></component></components>
  <services><service><name>svc</name></service></services></tools>
 <authors><author><name>A. Author</name><email>a@example.org</email></author></authors>
 <component type="container" bom-ref="root"><name>image</name><version>2</version></component>
 <manufacturer><name>Maker</name><url>https://maker.example</url><contact><email>m@maker.example</email></contact></manufacturer>
 <supplier><name>Supplier</name></supplier></metadata>
<components><component type="library" bom-ref="a"><supplier><name>S</name><url>https://s.example</url></supplier>
  <manufacturer><name>M</name></manufacturer><authors><author><name>B</name></author></authors><author>C</author><publisher>P</publisher>
  <group>g</group><name> li<![CDATA[b]]>&#97; </name><version>1.0</version>
  <hashes><hash alg="SHA-256">AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA</hash>
   <hash alg="SHA3-256">bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb</hash></hashes>
  <licenses><license acknowledgement="declared"><id>MIT</id></license><license><name>Own</name></license></licenses>
  <cpe>cpe:/a:s:liba:1.0</cpe><purl>pkg:npm/liba@1.0</purl><omniborId>gitoid:blob:sha1:aa</omniborId><swhid>swh:1:cnt:bb</swhid>
  <swid tagId="t1" name="liba"/>
  <externalReferences><reference type="distribution"><url>https://s.example/liba.tgz</url>
   <hashes><hash alg="MD5">d41d8cd98f00b204e9800998ecf8427e</hash></hashes></reference></externalReferences>
  <properties><property name="bsi:component:filename">liba.so</property><property name="bsi:component:effectiveLicense">MIT</property>
   <property name="other">x</property></properties>
  <components><component type="file" bom-ref="a1"><name>inner.txt</name></component></components>
  <releaseNotes><type>major</type><timestamp>2025-01-01T00:00:00Z</timestamp></releaseNotes></component>
 <component type="data" bom-ref="b"><name>b</name><licenses><expression acknowledgement="concluded">MIT OR Apache-2.0</expression></licenses></component></components>
<services><service bom-ref="s"><provider><name>Cloud</name></provider><name>api</name>
 <services><service bom-ref="s1"><name>inner</name></service></services></service></services>
<dependencies><dependency ref="root"><dependency ref="a"/><dependency ref="b"/></dependency>
 <dependency ref="a"><dependency ref="a"/><provides ref="b"/></dependency><dependency ref="b"><dependency ref="root"/></dependency></dependencies>
<compositions><composition><aggregate>complete</aggregate><assemblies><assembly ref="b"/></assemblies><dependencies><dependency ref="a"/></dependencies></composition>
 <composition><aggregate>incomplete</aggregate><assemblies><assembly ref="root"/></assemblies></composition></compositions>
<vulnerabilities><vulnerability><id>CVE-2026-1</id></vulnerability></vulnerabilities></bom>"#;

#[test]
fn both_encodings_say_the_same() {
    let (from_json, from_xml) = (sbom(&json(JSON)), sbom(XML));
    assert_eq!(from_json.violations, []);
    assert_eq!(from_xml.violations, []);
    assert_eq!(content(&from_json), content(&from_xml));
    assert_eq!(from_json.format.to_string(), "CycloneDX 1.6 (JSON)");
    assert_eq!(from_xml.format.to_string(), "CycloneDX 1.6 (XML)");
    let places = |sbom: &Sbom| -> Vec<String> {
        let components = sbom.components.iter();
        components
            .map(|component| component.place.to_string())
            .collect()
    };
    let json_places = [
        "/metadata/component",
        "/components/0",
        "/components/0/components/0",
        "/components/1",
        "/services/0",
        "/services/0/services/0",
    ];
    assert_eq!(places(&from_json), json_places);
    let xml_places = [
        "/bom/metadata/component",
        "/bom/components/component[1]",
        "/bom/components/component[1]/components/component",
        "/bom/components/component[2]",
        "/bom/services/service",
        "/bom/services/service/services/service",
    ];
    assert_eq!(places(&from_xml), xml_places);
}

#[test]
fn the_document_says_who_made_it_and_what_it_is_about() {
    let sbom = sbom(&json(JSON));
    let identifier = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79/3";
    assert_eq!(sbom.identifier.as_deref(), Some(identifier));
    assert_eq!(sbom.name.as_deref(), Some("image"));
    assert_eq!(sbom.created_text.as_deref(), Some("2026-01-02T03:04:05Z"));
    assert_eq!(sbom.created.unwrap().to_string(), "2026-01-02T03:04:05Z");
    let authors: Vec<_> = sbom
        .authors
        .iter()
        .map(|party| party.name.as_deref())
        .collect();
    assert_eq!(authors, [Some("A. Author"), Some("Maker")]);
    assert_eq!(sbom.authors[0].emails, ["a@example.org".into()]);
    assert_eq!(sbom.supplier.unwrap().name.as_deref(), Some("Supplier"));
    assert_eq!(sbom.tools, ["acme scan 1".into(), "svc".into()]);
    assert_eq!(sbom.phases, ["build".into(), "ours".into()]);
    assert_eq!(sbom.subjects, [0]);
    assert_eq!(sbom.vulnerabilities, 1);
    assert_eq!(sbom.complete, [1, 3]);
    assert!(sbom.states_completeness);
}

#[test]
fn a_component_says_everything_that_it_has() {
    let sbom = sbom(&json(JSON));
    let liba = &sbom.components[1];
    assert_eq!(liba.name.as_ref(), "liba");
    assert_eq!(liba.group.as_deref(), Some("g"));
    assert_eq!(liba.version.as_deref(), Some("1.0"));
    assert_eq!(liba.purls, ["pkg:npm/liba@1.0".into()]);
    assert_eq!(liba.cpes, ["cpe:/a:s:liba:1.0".into()]);
    let identifiers = [
        "swid:t1",
        "omnibor:gitoid:blob:sha1:aa",
        "swhid:swh:1:cnt:bb",
    ];
    assert_eq!(liba.identifiers, identifiers.map(Box::from));
    let hashes: Vec<_> = liba
        .hashes
        .iter()
        .map(|h| format!("{}:{}", h.algorithm, h.value))
        .collect();
    assert_eq!(
        hashes,
        [
            format!("sha256:{}", "a".repeat(64)),
            format!("sha3-256:{}", "b".repeat(64))
        ]
    );
    let licenses: Vec<_> = liba
        .licenses
        .iter()
        .map(|l| (l.text.as_ref(), l.is_expression, l.standing))
        .collect();
    let expected = [
        ("MIT", true, Standing::Declared),
        ("Own", false, Standing::Unstated),
        ("MIT", true, Standing::Effective),
    ];
    assert_eq!(licenses, expected);
}

#[test]
fn a_component_says_who_made_it_and_what_kind_it_is() {
    let sbom = sbom(&json(JSON));
    let liba = &sbom.components[1];
    let creators: Vec<_> = liba
        .creators
        .iter()
        .map(|party| party.name.as_deref().unwrap())
        .collect();
    assert_eq!(creators, ["M", "B", "C", "P"]);
    assert_eq!(
        liba.supplier.as_ref().unwrap().urls,
        ["https://s.example".into()]
    );
    assert_eq!(liba.file_names, ["liba.so".into()]);
    assert_eq!(liba.properties.len(), 2);
    assert_eq!(liba.links[0].kind.as_ref(), "distribution");
    assert_eq!(liba.links[0].hashes[0].algorithm.as_ref(), "md5");
    assert_eq!(liba.dated.unwrap().to_string(), "2025-01-01T00:00:00Z");
    let kinds: Vec<_> = sbom
        .components
        .iter()
        .map(|component| component.kind)
        .collect();
    let expected = [
        ComponentKind::Container,
        ComponentKind::Package,
        ComponentKind::File,
        ComponentKind::Other,
        ComponentKind::Other,
        ComponentKind::Other,
    ];
    assert_eq!(kinds, expected);
    assert_eq!(sbom.components[3].licenses[0].standing, Standing::Concluded);
    assert_eq!(sbom.components[2].file_names, ["inner.txt".into()]);
}

#[test]
fn nesting_dependencies_and_what_is_provided_are_relationships() {
    let sbom = sbom(&json(JSON));
    let found: Vec<_> = sbom
        .relationships
        .iter()
        .map(|relationship| (relationship.from, relationship.to, relationship.kind))
        .collect();
    let expected = [
        (1, 2, RelationshipKind::Contains),
        (4, 5, RelationshipKind::Contains),
        (0, 1, RelationshipKind::DependsOn),
        (0, 3, RelationshipKind::DependsOn),
        (1, 1, RelationshipKind::DependsOn),
        (1, 3, RelationshipKind::Other),
        (3, 0, RelationshipKind::DependsOn),
    ];
    assert_eq!(found, expected);
}

#[test]
fn tools_of_the_old_form_and_the_manufacture_of_the_subject_are_read() {
    let old = r#"{"bomFormat":"CycloneDX","specVersion":"1.4","metadata":{
        "tools":[{"vendor":"anchore","name":"syft","version":"1.2"}],"manufacture":{"name":"M"}}}"#;
    let old = sbom(old);
    assert_eq!(old.violations, []);
    assert_eq!(old.tools, ["anchore syft 1.2".into()]);
    assert_eq!(old.supplier.unwrap().name.as_deref(), Some("M"));
    assert_eq!(old.authors, []);
    assert_eq!(old.identifier, None);
    let xml = r#"<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><metadata><tools><tool><name>syft</name></tool></tools></metadata></bom>"#;
    assert_eq!(sbom(xml).tools, ["syft".into()]);
}

#[test]
fn expressions_of_1_7_are_licenses_with_or_without_details() {
    let json = r#"{"bomFormat":"CycloneDX","specVersion":"1.7","components":[{"type":"library","name":"a","licenses":[
        {"expression":"MIT AND X","acknowledgement":"declared","expressionDetails":[{"licenseIdentifier":"X"}]},{"license":{"id":"MIT"}}]}]}"#;
    let xml = r#"<bom xmlns="http://cyclonedx.org/schema/bom/1.7"><components><component type="library"><name>a</name><licenses>
        <license><id>MIT</id></license>
        <expression-detailed expression="MIT AND X" acknowledgement="declared"><details license-identifier="X"/></expression-detailed>
        </licenses></component></components></bom>"#;
    for text in [json, xml] {
        let sbom = sbom(text);
        assert_eq!(sbom.violations, [], "{text}");
        let licenses = &sbom.components[0].licenses;
        assert_eq!(licenses.len(), 2, "{text}");
        let expression = licenses.iter().find(|license| license.text.contains("AND"));
        assert_eq!(expression.unwrap().standing, Standing::Declared);
    }
    let mixed = json.replace("1.7", "1.6");
    assert_ne!(sbom(&mixed).violations, []);
}

#[test]
fn dependencies_of_xml_may_be_nested() {
    let text = xml(
        r#"<components><component type="library" bom-ref="a"><name>a</name></component>
        <component type="library" bom-ref="b"><name>b</name></component><component type="library" bom-ref="c"><name>c</name></component></components>
        <dependencies><dependency ref="a"><dependency ref="b"><dependency ref="c"/></dependency></dependency></dependencies>"#,
    );
    let sbom = sbom(&text);
    let pairs: Vec<_> = sbom.relationships.iter().map(|r| (r.from, r.to)).collect();
    assert_eq!(pairs, [(0, 1), (1, 2)]);
}

#[test]
fn a_broken_field_leaves_the_rest() {
    let text = json(
        r#""version":"one","metadata":{"timestamp":7,"component":[]},"services":{},
        "components":[{"type":"library","name":"a","version":["1"],"purl":"pkg:npm/a@1","hashes":[{"alg":"SHA-1"},null]},"b",
        {"type":"spaceship","name":"c"}],"dependencies":[{"dependsOn":["a"]},{"ref":4}]"#,
    );
    let sbom = sbom(&text);
    let names: Vec<_> = sbom.components.iter().map(|c| c.name.as_ref()).collect();
    assert_eq!(names, ["", "a", "", "c"]);
    assert_eq!(sbom.components[1].purls, ["pkg:npm/a@1".into()]);
    assert_eq!(sbom.components[1].version, None);
    assert_eq!(sbom.components[3].kind, ComponentKind::Other);
    assert!(sbom.violations.len() > 8, "{:?}", sbom.violations);
}

#[test]
fn compositions_that_say_nothing_state_no_completeness() {
    let said = json(r#""compositions":[{"aggregate":"unknown"}]"#);
    assert!(sbom(&said).states_completeness);
    let unsaid = json(r#""compositions":[{"aggregate":"not_specified"}]"#);
    assert!(!sbom(&unsaid).states_completeness);
}

#[test]
fn versions_before_1_4_are_read_with_what_they_do_not_list() {
    let text = r#"{"bomFormat":"CycloneDX","specVersion":"1.2","x":1,"components":[{"type":"library","name":"a","version":"1"}]}"#;
    let read = sbom(text);
    assert_eq!(read.violations, []);
    assert_eq!(read.components.len(), 1);
    let without = text.replace(r#","version":"1""#, "");
    assert_eq!(sbom(&without).violations[0].place.as_ref(), "/components/0");
    assert_ne!(sbom(&text.replace("1.2", "1.4")).violations, []);
}

#[test]
fn attributes_of_xml_do_not_stand_in_for_elements_nor_elements_for_attributes() {
    let text = xml(
        r#"<components><component type="library" bom-ref="a" name="honest" purl="pkg:npm/honest@1" version="1">
        <name>other</name><version>2</version><purl>pkg:npm/other@2</purl></component>
        <component><type>container</type><bom-ref>b</bom-ref><name>c</name></component></components>"#,
    );
    let sbom = sbom(&text);
    let first = &sbom.components[0];
    assert_eq!(first.name.as_ref(), "other");
    assert_eq!(first.version.as_deref(), Some("2"));
    assert_eq!(first.purls, ["pkg:npm/other@2".into()]);
    let second = &sbom.components[1];
    assert_eq!(second.kind, ComponentKind::Package);
    assert_eq!(second.reference, None);
}
