//! A small world: one policy, one image, and evidence that is as honest as a test wants it.

use std::collections::BTreeMap;

use crate::claim::{
    AlgorithmsUsed, AlternativeName, CertificateIdentity, Claim, Content, FulcioExtension,
    KeyIdentity, Signer, Statement, TimeSource, VerifiedTime,
};
use crate::code::Code;
use crate::digest::Digest;
use crate::evidence::{Origin, OriginKind};
use crate::image::{ImageName, PinnedImage};
use crate::limits::Limits;
use crate::policy::{Documents, FileKey, PolicySet, Selection, Source};
use crate::trust::{Anchor, AnchorId};
use crate::verdict::Verdict;
use crate::verify::{Appraisal, ClaimedKind, Rejection, Verified};

pub(super) const KEY_A: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----";
pub(super) const KEY_B: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=
-----END PUBLIC KEY-----";

/// The policy of most tests; `require` is the tail of the document.
pub(super) fn policy(mode: &str, platforms: &str, require: &str) -> PolicySet {
    compile(&policy_text(mode, platforms, require))
}

pub(super) fn policy_text(mode: &str, platforms: &str, require: &str) -> String {
    let key = |pem: &str| pem.replace('\n', "\n          ");
    format!(
        r#"
apiVersion: policy.sovverify.dev/v1alpha1
kind: TrustRoot
metadata: {{ name: forge }}
spec:
  sigstore: {{ instance: public-good }}
  expires: 2026-06-30T00:00:00Z
  warnBefore: 30d
---
apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{ name: production }}
spec:
  match: {{ images: ["registry.example/**"] }}
  mode: {mode}
  {platforms}
  signers:
    release:
      keyless:
        issuer: https://issuer.example
        identity: {{ glob: "https://ci.example/*/release@v*" }}
        claims: {{ sourceRepository: "https://git.example/app" }}
      trustRoot: forge
    anybody:
      keyless:
        issuer: https://issuer.example
        identity: {{ regex: "https://ci\\.example/.*" }}
      trustRoot: forge
    first:
      key:
        inline: |
          {a}
      trustRoot: none
    second:
      key:
        inline: |
          {b}
      trustRoot: none
  require:
{require}
"#,
        a = key(KEY_A),
        b = key(KEY_B),
    )
}

pub(super) fn compile(text: &str) -> PolicySet {
    let file = "policy.yaml".to_owned();
    let text = text.to_owned();
    let documents = Documents::parse(&[Source { file, text }]).unwrap_or_else(|e| panic!("{e}"));
    documents
        .compile(&BTreeMap::<FileKey, Vec<u8>>::new())
        .unwrap_or_else(|e| panic!("{e}"))
}

pub(super) const SIGNED: &str = "    - { name: signed, signature: { by: [release] } }";
pub(super) const TWO: &str =
    "    - { name: two, signature: { by: [first, second, release], atLeast: 2 } }";

pub(super) fn entry(number: u8, platform: &str) -> String {
    let (os, architecture) = platform.split_once('/').unwrap();
    format!(
        r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":2,"digest":"{}","platform":{{"os":"{os}","architecture":"{architecture}"}}}}"#,
        Digest::sha256(&[number]),
    )
}

pub(super) fn index(reference: &str, entries: &[String]) -> PinnedImage {
    let bytes = format!(
        r#"{{"schemaVersion":2,"manifests":[{}]}}"#,
        entries.join(",")
    );
    let digest = Digest::sha256(bytes.as_bytes());
    let name: Option<ImageName> = reference.parse().ok();
    PinnedImage::pin(reference.into(), name, digest, bytes.as_bytes(), None).unwrap()
}

pub(super) fn image() -> PinnedImage {
    index(
        "registry.example/app",
        &[entry(1, "linux/amd64"), entry(2, "linux/arm64")],
    )
}

pub(super) fn appraisal(image: PinnedImage) -> Appraisal {
    Appraisal {
        image,
        time: "2026-03-03T00:00:00Z".parse().unwrap(),
        verified: Vec::new(),
        rejected: Vec::new(),
        unsigned: Vec::new(),
        gaps: Vec::new(),
    }
}

pub(super) fn anchor(set: &PolicySet, pem: Option<&str>) -> AnchorId {
    let key = pem.map(|pem| crate::PublicKey::from_pem(pem, None).unwrap());
    let found = set
        .trust_store()
        .iter()
        .find(|(_, anchor)| match (anchor, &key) {
            (Anchor::Key { key, .. }, Some(wanted)) => **key == *wanted,
            (Anchor::Certificates(_), None) => true,
            _ => false,
        });
    found.unwrap().0
}

pub(super) fn origin(tag: &str) -> Origin {
    Origin {
        kind: OriginKind::Referrers,
        place: format!("place-{tag}"),
        manifest: None,
        blob: Digest::sha256(tag.as_bytes()),
    }
}

/// Claims that rest on a signature alone, and on nothing that an authority or log made.
fn used(signature: &str) -> AlgorithmsUsed {
    AlgorithmsUsed {
        signature: signature.to_owned(),
        ..AlgorithmsUsed::default()
    }
}

pub(super) fn claim(
    subject: &Digest,
    anchor: AnchorId,
    signer: Signer,
    content: Content,
) -> Verified<Claim> {
    Verified::for_tests(Claim {
        subject: subject.clone(),
        origin: origin(&format!("{signer}-{subject}")),
        anchor,
        signer,
        content,
        times: vec![VerifiedTime {
            time: "2026-03-02T11:04:05Z".parse().unwrap(),
            source: TimeSource::Log { log: "log".into() },
        }],
        logs: Vec::new(),
        algorithms: used("ecdsa-p256-sha256"),
        dangers: Vec::new(),
    })
}

pub(super) fn holder(issuer: &str, identity: &str, repository: Option<&str>) -> Signer {
    let time = "2026-03-02T11:00:00Z".parse().unwrap();
    let extensions = repository.map(|r| (FulcioExtension::SourceRepository, r.to_owned()));
    Signer::Certificate(Box::new(CertificateIdentity {
        issuer: Some(issuer.into()),
        alternative_names: vec![AlternativeName::Uri(identity.into())],
        subject: String::new(),
        extensions: extensions.into_iter().collect(),
        not_before: time,
        not_after: time,
        fingerprint: Digest::sha256(identity.as_bytes()),
    }))
}

pub(super) const GOOD: &str = "https://ci.example/acme/release@v1";

pub(super) fn honest(set: &PolicySet, subject: &Digest) -> Verified<Claim> {
    let signer = holder(
        "https://issuer.example",
        GOOD,
        Some("https://git.example/app"),
    );
    claim(subject, anchor(set, None), signer, Content::Artifact)
}

/// What the release workflow attested.
pub(super) fn attested(set: &PolicySet, subject: &Digest, content: Content) -> Verified<Claim> {
    let signature = honest(set, subject);
    let signed = Claim {
        origin: origin(&format!("{content:?}")),
        content,
        ..Claim::clone(&signature)
    };
    Verified::for_tests(signed)
}

/// What the holder of a key attested.
pub(super) fn attested_by_key(
    set: &PolicySet,
    pem: &str,
    subject: &Digest,
    content: Content,
) -> Verified<Claim> {
    let signature = keyed(set, pem, subject);
    let signed = Claim {
        content,
        ..Claim::clone(&signature)
    };
    Verified::for_tests(signed)
}

pub(super) fn keyed(set: &PolicySet, pem: &str, subject: &Digest) -> Verified<Claim> {
    let key = crate::PublicKey::from_pem(pem, None).unwrap();
    let signer = Signer::Key(KeyIdentity {
        fingerprint: key.fingerprint().clone(),
        algorithm: "ed25519".into(),
    });
    claim(subject, anchor(set, Some(pem)), signer, Content::Artifact)
}

pub(super) fn statement(predicate: &str, subject: &Digest) -> Content {
    stated(predicate, subject, "{}")
}

/// A statement of type `kind` with this predicate.
pub(super) fn stated(kind: &str, subject: &Digest, predicate: &str) -> Content {
    let text = format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"{kind}","subject":[{{"digest":{{"sha256":"{}"}}}}],"predicate":{predicate}}}"#,
        subject.hex()
    );
    Content::Statement(Statement::parse(text.as_bytes(), &Limits::default()).unwrap())
}

pub(super) fn rejection(
    code: Code,
    subject: &Digest,
    anchor: Option<AnchorId>,
    tag: &str,
) -> Rejection {
    Rejection {
        code,
        subject: subject.clone(),
        origin: origin(tag),
        anchor,
        expected: "expected".into(),
        found: tag.to_owned(),
        claims_to_be: ClaimedKind::Signature,
    }
}

pub(super) fn verdict(set: &PolicySet, appraisal: &Appraisal) -> Verdict {
    set.evaluate(appraisal, &Selection::default())
}

/// The codes of the findings of the first requirement, the leading one first.
pub(super) fn codes(verdict: &Verdict) -> Vec<&'static str> {
    let requirement = &verdict.policies[0].requirements[0];
    requirement
        .findings
        .iter()
        .map(|finding| finding.code.name())
        .collect()
}
