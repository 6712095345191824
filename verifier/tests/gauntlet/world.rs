//! An image, a supply chain around it, the people who sign, and one way to ask for a verdict.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use sovverify::evidence::{Form, Origin, OriginKind};
use sovverify::policy::{Diagnostics, Documents, FileKey, PolicySet, Selection, Source};
use sovverify::vulnerability::osv::{Database, DatabaseBuilder};
use sovverify::{
    Appraisal, Code, Decision, Digest, Evidence, EvidenceSet, Limits, PinnedImage, Verdict,
    VerificationTime, appraise,
};
use sovverify_forge::{
    Bundle, Forge, Key, KeyKind, Layout, RELEASE_WORKFLOW, SIGNING_TIME, Signing, Statement,
    WORKFLOW_ISSUER, at, days,
};

/// The file in which every policy here lies.
pub(crate) const POLICY: &str = "policy.yaml";
/// The name under which the image is asked about.
pub(crate) const IMAGE: &str = "registry.forge.example/acme/app";
/// Scan results in the words of in-toto.
pub(crate) const SCAN: &str = "https://in-toto.io/attestation/vulns/v0.2";
/// Scan results as cosign attests them.
pub(crate) const COSIGN_SCAN: &str = "https://cosign.sigstore.dev/attestation/vuln/v1";
/// VEX documents.
pub(crate) const OPENVEX: &str = "https://openvex.dev/ns/v0.2.0";
/// CycloneDX documents.
pub(crate) const CYCLONEDX: &str = "https://cyclonedx.org/bom";
/// A type that nobody knows.
pub(crate) const CUSTOM: &str = "https://acme.example/reviewed/v1";
/// Signed exceptions.
pub(crate) const EXCEPTION: &str = sovverify::claim::exception::PREDICATE_TYPE;
/// Those who sign with a key, by their names in every policy.
const KEYS: [&str; 4] = ["scanner", "vendor", "first", "second"];

/// A supply chain, an image, and those who sign with keys.
pub(crate) struct World {
    pub(crate) forge: Forge,
    /// When everything is signed; verdicts are asked for a day later.
    pub(crate) time: Timestamp,
    pub(crate) image: PinnedImage,
    /// The bytes of its manifest.
    pub(crate) manifest: Vec<u8>,
    keys: BTreeMap<&'static str, Key>,
}

impl World {
    pub(crate) fn new() -> Self {
        let time = at(SIGNING_TIME);
        let (image, manifest) = image("app");
        Self {
            forge: Forge::new(days(time, -30)),
            time,
            image,
            manifest,
            keys: KEYS
                .map(|name| (name, Key::generate(KeyKind::EcdsaP256)))
                .into(),
        }
    }

    /// The digest of the image, as statements name it.
    pub(crate) fn digest(&self) -> String {
        self.image.digest().to_string()
    }

    pub(crate) fn now(&self) -> Timestamp {
        days(self.time, 1)
    }

    pub(crate) fn key(&self, name: &str) -> &Key {
        &self.keys[name]
    }

    /// A policy whose `require:`, and what may stand behind it, is `require`.
    pub(crate) fn policy(&self, require: &str) -> PolicySet {
        self.compile(require)
            .unwrap_or_else(|error| panic!("{error}\n{require}"))
    }

    /// The same, where it may be refused.
    pub(crate) fn compile(&self, require: &str) -> Result<PolicySet, Diagnostics> {
        let text = format!(
            r#"
apiVersion: policy.sovverify.dev/v1alpha1
kind: TrustRoot
metadata: {{ name: forge }}
spec: {{ sigstore: {{ trustedRoot: {{ file: root.json }} }} }}
---
apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{ name: production }}
spec:
  match: {{ images: ["registry.forge.example/**"] }}
  signers:
    release:
      keyless: {{ issuer: "{WORKFLOW_ISSUER}", identity: {{ exact: "{RELEASE_WORKFLOW}" }} }}
      trustRoot: forge
    scanner: {{ key: {{ file: scanner }}, trustRoot: forge }}
    vendor: {{ key: {{ file: vendor }}, trustRoot: forge }}
    first: {{ key: {{ file: first }}, trustRoot: forge }}
    second: {{ key: {{ file: second }}, trustRoot: forge }}
  require:
{require}
"#
        );
        self.documents(&text)
    }

    /// Documents as they are written, with the files and databases of this world.
    pub(crate) fn documents(&self, text: &str) -> Result<PolicySet, Diagnostics> {
        let file = POLICY.to_owned();
        let text = text.to_owned();
        let documents = Documents::parse(&[Source { file, text }])?;
        let named = |path: &str| FileKey {
            document: POLICY.to_owned(),
            path: path.to_owned(),
        };
        let keys = self.keys.iter();
        let mut files: BTreeMap<FileKey, Vec<u8>> = keys
            .map(|(name, key)| (named(name), key.public_pem().into_bytes()))
            .collect();
        let root = self.forge.trusted_root().text();
        files.insert(named("root.json"), root.into_bytes());
        for (name, least) in [("lax.yaml", "2.3"), ("strict.yaml", "3.0")] {
            files.insert(named(name), own_profile(least).into_bytes());
        }
        let databases = [("clean", "0.3.0"), ("dirty", "0.4.0")];
        let databases = databases.map(|(name, fixed)| (named(name), database(fixed)));
        documents.compile_with(&files, &databases.into())
    }

    /// Somebody who signs: `release` without a key of their own, everybody else with one.
    pub(crate) fn signing(&self, name: &str) -> Signing<'_> {
        self.signing_at(name, self.time)
    }

    pub(crate) fn signing_at(&self, name: &str, time: Timestamp) -> Signing<'_> {
        match name {
            "release" => self.forge.keyless(time),
            name => self.forge.keyed(self.key(name), time),
        }
    }

    /// A statement of this type about the image.
    pub(crate) fn about(&self, kind: &str, predicate: Value) -> Statement {
        Statement::new(kind, &self.digest(), predicate)
    }

    /// Evidence that `name` signs: a predicate of this type about the image.
    pub(crate) fn attest(&self, name: &str, kind: &str, predicate: Value) -> Evidence {
        self.stated(name, &self.about(kind, predicate))
    }

    pub(crate) fn stated(&self, name: &str, statement: &Statement) -> Evidence {
        self.attached(&self.signing(name).statement(statement))
    }

    /// The bytes of a payload, signed as they are.
    pub(crate) fn payload(&self, name: &str, payload: &[u8]) -> Evidence {
        let signing = self.signing(name);
        self.attached(&signing.envelope(sovverify_forge::IN_TOTO, payload))
    }

    /// A predicate as text, signed as it is.
    pub(crate) fn raw(&self, name: &str, kind: &str, predicate: &str) -> Evidence {
        let hex = self.image.digest().hex();
        let payload = format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"{kind}","subject":[{{"digest":{{"sha256":"{hex}"}}}}],"predicate":{predicate}}}"#
        );
        self.payload(name, payload.as_bytes())
    }

    /// A bundle that is attached to the image.
    pub(crate) fn attached(&self, bundle: &Bundle) -> Evidence {
        self.bytes(bundle.bytes())
    }

    /// Bytes that are attached to the image and call themselves a bundle.
    pub(crate) fn bytes(&self, bytes: Vec<u8>) -> Evidence {
        evidence(self.image.digest(), Form::Bundle(bytes))
    }

    pub(crate) fn spdx(&self) -> Evidence {
        self.stated("release", &Statement::spdx(&self.digest(), "linux/amd64"))
    }

    pub(crate) fn provenance(&self) -> Evidence {
        self.stated("release", &Statement::slsa_v1(&self.digest()))
    }

    pub(crate) fn appraise(&self, set: &PolicySet, evidence: &[Evidence]) -> Appraisal {
        self.appraise_at(set, evidence, self.now())
    }

    pub(crate) fn appraise_at(
        &self,
        set: &PolicySet,
        evidence: &[Evidence],
        when: Timestamp,
    ) -> Appraisal {
        let found = EvidenceSet {
            image: self.image.clone(),
            evidence: evidence.to_vec(),
            gaps: Vec::new(),
        };
        let time = VerificationTime::at(when);
        appraise(found, set.trust_store(), time, &Limits::default())
    }

    /// Whether the image may run, a day after everything was signed.
    pub(crate) fn judge(&self, set: &PolicySet, evidence: &[Evidence]) -> Verdict {
        set.evaluate(&self.appraise(set, evidence), &Selection::default())
    }

    #[track_caller]
    pub(crate) fn admits(&self, set: &PolicySet, evidence: &[Evidence]) -> Verdict {
        let verdict = self.judge(set, evidence);
        assert_eq!(verdict.decision, Decision::Admit, "{}", said(&verdict));
        verdict
    }

    /// The image is denied, and `code` is among the reasons.
    #[track_caller]
    pub(crate) fn denies(&self, set: &PolicySet, evidence: &[Evidence], code: Code) -> Verdict {
        let verdict = self.judge(set, evidence);
        assert_eq!(verdict.decision, Decision::Deny, "{}", said(&verdict));
        assert!(codes(&verdict).contains(&code), "{}", said(&verdict));
        verdict
    }
}

/// A small image for one platform, with the bytes of its manifest.
fn image(content: &str) -> (PinnedImage, Vec<u8>) {
    let mut layout = Layout::new();
    let descriptor = layout.image("linux/amd64", content);
    let bytes = layout.blobs[&descriptor.digest].clone();
    let digest = descriptor.digest.parse().unwrap();
    let name = IMAGE.parse().ok();
    assert!(name.is_some());
    let image = PinnedImage::pin(IMAGE.to_owned(), name, digest, &bytes, None).unwrap();
    (image, bytes)
}

/// One piece of evidence as discovery hands it over.
pub(crate) fn evidence(subject: &Digest, form: Form) -> Evidence {
    let blob = Digest::sha256(form.bytes());
    let origin = Origin {
        kind: OriginKind::Referrers,
        place: "a referrer".to_owned(),
        manifest: None,
        blob,
    };
    let subject = subject.clone();
    Evidence {
        subject,
        origin,
        form,
    }
}

/// A database in which `greeting` has a vulnerability below the version `fixed`; the SBOM lists 0.3.1.
fn database(fixed: &str) -> Arc<Database> {
    let entry = json!({
        "id": "GHSA-aaaa-bbbb-cccc",
        "modified": "2026-03-02T00:00:00Z",
        "severity": [{ "type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }],
        "affected": [{
            "package": { "ecosystem": "npm", "name": "greeting" },
            "ranges": [{ "type": "SEMVER", "events": [{ "introduced": "0" }, { "fixed": fixed }] }],
        }],
    });
    let mut builder = DatabaseBuilder::new();
    builder.add("1.json", entry.to_string().as_bytes()).unwrap();
    Arc::new(builder.build())
}

/// A profile of the operator's own: this version of SPDX or a later one.
pub(crate) fn own_profile(least: &str) -> String {
    format!(
        "{{ name: own, title: Our own, rules: [{{ field: version, clause: '1', scope: document, strength: required, check: {{ format: {{ spdx: '{least}' }} }} }}] }}"
    )
}

/// A scan with these findings: an identifier, a severity, and the package in which it is.
pub(crate) fn scan(findings: &[(&str, &str)]) -> Value {
    let result: Vec<Value> = findings
        .iter()
        .map(|(id, severity)| {
            json!({
                "id": id,
                "severity": [{ "method": "nvd", "score": severity }],
                "annotations": [{ "purl": "pkg:npm/greeting@0.3.1" }],
            })
        })
        .collect();
    json!({
        "scanner": { "uri": "pkg:generic/scanner@1", "version": "1", "result": result },
        "metadata": {
            "scanStartedOn": "2026-03-02T11:00:00Z",
            "scanFinishedOn": "2026-03-02T11:03:00Z",
        },
    })
}

/// What a vendor says about a vulnerability in a product.
pub(crate) fn vex(id: &str, product: &str, status: &str) -> Value {
    let mut statement = json!({
        "vulnerability": { "name": id },
        "products": [{ "@id": product, "identifiers": { "purl": product } }],
        "status": status,
    });
    match status {
        "not_affected" => statement["justification"] = json!("vulnerable_code_not_present"),
        "affected" => statement["action_statement"] = json!("update"),
        _ => {}
    }
    json!({
        "@context": OPENVEX,
        "@id": "https://acme.example/vex/1",
        "author": "Acme",
        "timestamp": "2026-03-02T11:00:00Z",
        "version": 1,
        "statements": [statement],
    })
}

/// An exception from `absent` for this image.
pub(crate) fn exception(image: &str, not_after: &str) -> Value {
    json!({
        "apiVersion": "policy.sovverify.dev/v1alpha1",
        "kind": "PolicyException",
        "metadata": { "name": "no-review" },
        "spec": {
            "images": [image],
            "requirements": ["absent"],
            "reason": "the reviewer is ill",
            "ticket": "SEC-7",
            "notAfter": not_after,
        },
    })
}

/// Every code that a verdict names against the image, those of rejected evidence included.
pub(crate) fn codes(verdict: &Verdict) -> Vec<Code> {
    let own = verdict.findings.iter();
    let policies = verdict.policies.iter();
    let demands = policies.flat_map(|policy| {
        let demands = policy.requirements.iter();
        let demands = demands.filter(|demand| !demand.satisfied);
        policy
            .findings
            .iter()
            .chain(demands.flat_map(|demand| &demand.findings))
    });
    own.chain(demands)
        .flat_map(|finding| {
            let because = finding.because.iter().map(|no| no.code);
            std::iter::once(finding.code).chain(because)
        })
        .collect()
}

/// The codes of all that is said without denying.
pub(crate) fn warnings(verdict: &Verdict) -> Vec<Code> {
    let demands = verdict.policies.iter().flat_map(|p| &p.requirements);
    let notes = demands.flat_map(|demand| &demand.notes);
    let all = verdict.warnings.iter().chain(notes);
    all.map(|finding| finding.code).collect()
}

/// A verdict for the message of a failed test.
pub(crate) fn said(verdict: &Verdict) -> String {
    format!(
        "{:?}: {:?}, {:?}\n{:#?}",
        verdict.decision,
        codes(verdict),
        verdict.warnings,
        verdict.policies
    )
}
