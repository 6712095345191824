//! An independent reader of CycloneDX in JSON (`serde-cyclonedx`) as referee: where both readers take
//! a document, both see the same components.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]
#![expect(
    clippy::indexing_slicing,
    reason = "JSON values are indexed without panic"
)]

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_cyclonedx::cyclonedx::{v_1_4, v_1_5, v_1_6};
use serde_json::{Value, json};
use sovverify::sbom::{Sbom, read};

/// Documents that are made, each in three versions.
const DOCUMENTS: usize = 400;
/// Changes of each document.
const MUTATIONS: usize = 6;

/// A small generator of pseudo-random numbers (splitmix64), the same on every machine.
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap();
        usize::try_from(self.next() % bound).unwrap()
    }

    fn text(&mut self) -> String {
        const PARTS: [&str; 8] = ["a", "lib", "ö", "\"", "\\", "😀", " ", "@1.2/x"];
        (0..=self.below(4)).map(|_| PARTS[self.below(8)]).collect()
    }
}

/// What both readers say about a component: name, version, package URL.
type Seen = (String, String, String);

#[test]
fn both_readers_see_the_same_components() {
    let mut seeded = Seeded(20_260_101);
    let (mut compared, mut refused) = (0, 0);
    for _ in 0..DOCUMENTS {
        let honest = document(&mut seeded);
        for version in ["1.4", "1.5", "1.6"] {
            let mut changed = honest.clone();
            changed["specVersion"] = json!(version);
            assert!(compare(version, &changed.to_string()), "{changed}");
            compared += 1;
            for _ in 0..MUTATIONS {
                let mut changed = honest.clone();
                mutate(&mut changed, &mut seeded);
                changed["specVersion"] = json!(version);
                let is_taken = compare(version, &changed.to_string());
                compared += usize::from(is_taken);
                refused += usize::from(!is_taken);
            }
        }
    }
    println!("{compared} documents compared, {refused} refused by one of the readers");
    assert!(compared > 3 * DOCUMENTS && refused > DOCUMENTS);
}

/// Compares both readers; says whether both took the document.
fn compare(version: &str, text: &str) -> bool {
    let theirs = match version {
        "1.4" => their_view::<v_1_4::CycloneDx>(text),
        "1.5" => their_view::<v_1_5::CycloneDx>(text),
        _ => their_view::<v_1_6::CycloneDx>(text),
    };
    let ours = read(text.as_bytes());
    if let Err(error) = &ours {
        assert!(
            theirs.is_none(),
            "only the referee takes it: {error}: {text}"
        );
    }
    let (Some(theirs), Ok(ours)) = (theirs, ours) else {
        return false;
    };
    assert_eq!(seen_by_us(&ours), seen_by_them(&theirs), "{text}");
    let listed = theirs["vulnerabilities"].as_array().map_or(0, Vec::len);
    assert_eq!(ours.vulnerabilities, listed, "{text}");
    let name = theirs["metadata"]["component"]["name"].as_str();
    let name = name.filter(|name| !name.is_empty());
    assert_eq!(ours.name.as_deref(), name, "{text}");
    true
}

/// The document as the referee understands it, written out again.
fn their_view<T: DeserializeOwned + Serialize>(text: &str) -> Option<Value> {
    let document: T = serde_json::from_str(text).ok()?;
    Some(serde_json::to_value(document).unwrap())
}

fn seen_by_us(sbom: &Sbom) -> Vec<Seen> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    sbom.components
        .iter()
        .map(|component| {
            let purl = component.purls.first().map(AsRef::as_ref);
            (
                component.name.to_string(),
                text(component.version.as_deref()),
                text(purl),
            )
        })
        .collect()
}

fn seen_by_them(document: &Value) -> Vec<Seen> {
    let mut seen = Vec::new();
    if document["metadata"]["component"].is_object() {
        walk(&document["metadata"]["component"], "components", &mut seen);
    }
    for list in ["components", "services"] {
        for item in document[list].as_array().into_iter().flatten() {
            walk(item, list, &mut seen);
        }
    }
    seen
}

fn walk(item: &Value, list: &str, seen: &mut Vec<Seen>) {
    let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
    seen.push((text("name"), text("version"), text("purl")));
    for item in item[list].as_array().into_iter().flatten() {
        walk(item, list, seen);
    }
}

fn document(seeded: &mut Seeded) -> Value {
    let components: Vec<_> = (0..seeded.below(6)).map(|_| component(seeded, 0)).collect();
    let services: Vec<_> = (0..seeded.below(2))
        .map(|_| json!({"name": seeded.text()}))
        .collect();
    let vulnerabilities: Vec<_> = (0..seeded.below(3))
        .map(|n| json!({"id": format!("CVE-2026-{n}"), "ratings": [{"severity": "high"}]}))
        .collect();
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"timestamp": "2026-01-01T00:00:00Z", "component": component(seeded, 3)},
        "components": components, "services": services, "vulnerabilities": vulnerabilities,
        "dependencies": [{"ref": "x", "dependsOn": ["y"]}],
    })
}

fn component(seeded: &mut Seeded, depth: usize) -> Value {
    let mut component = json!({"type": "library", "name": seeded.text()});
    if seeded.below(2) == 0 {
        component["version"] = json!(seeded.text());
    }
    if seeded.below(2) == 0 {
        component["purl"] = json!(format!("pkg:npm/{}", seeded.text()));
    }
    if seeded.below(3) == 0 {
        component["licenses"] = json!([{"license": {"name": seeded.text()}}]);
    }
    if depth < 4 && seeded.below(3) == 0 {
        let nested: Vec<_> = (0..=seeded.below(2))
            .map(|_| self::component(seeded, depth + 1))
            .collect();
        component["components"] = json!(nested);
    }
    component
}

/// Changes one value somewhere in the document.
fn mutate(value: &mut Value, seeded: &mut Seeded) {
    let replacement = match seeded.below(8) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(seeded.below(100)),
        3 => json!(1.5),
        4 => json!(seeded.text()),
        5 => json!([]),
        6 => json!({}),
        _ => json!("library"),
    };
    let mut place = value;
    for depth in 0.. {
        let is_leaf = match &*place {
            Value::Object(members) => members.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => true,
        };
        if is_leaf || depth > 0 && seeded.below(6) == 0 {
            break;
        }
        place = match place {
            Value::Object(members) => {
                let at = seeded.below(members.len());
                if seeded.below(12) == 0 {
                    let name = members.keys().nth(at).unwrap().clone();
                    members.remove(&name);
                    return;
                }
                members.values_mut().nth(at).unwrap()
            }
            Value::Array(items) => {
                let at = seeded.below(items.len());
                &mut items[at]
            }
            _ => panic!("a leaf has nothing inside"),
        };
    }
    *place = replacement;
}
