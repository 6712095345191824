//! Row 37: the fields that stand above the demands of a policy, and those of trust roots. Each is changed
//! alone in documents that admit, and the change is seen in the verdict.

use std::collections::BTreeSet;

use sovverify::policy::{PolicySet, Selection, Target};
use sovverify::{Code, Decision, Evidence, PinnedImage, Verdict};
use sovverify_forge::{Layout, RELEASE_WORKFLOW, Statement, WORKFLOW_ISSUER};

use crate::world::{World, codes, said, warnings};

/// Documents in which every field is written.
fn documents() -> String {
    format!(
        r#"
apiVersion: policy.sovverify.dev/v1alpha1
kind: TrustRoot
metadata: {{ name: public }}
spec: {{ sigstore: {{ instance: public-good }} }}
---
apiVersion: policy.sovverify.dev/v1alpha1
kind: TrustRoot
metadata: {{ name: forge }}
spec:
  sigstore: {{ trustedRoot: {{ file: root.json }} }}
  require: {{ log: 1, timestamp: 1, sct: true, inclusion: proof-unless-legacy }}
  algorithms: default
  expires: 2030-01-01T00:00:00Z
  warnBefore: 1h
---
apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{ name: above }}
spec:
  match:
    images: ["registry.forge.example/**"]
    namespaces: {{ matchLabels: {{ tier: front }} }}
    objects: {{ matchLabels: {{ app: shop }} }}
  mode: enforce
  requireDigest: warn
  signers:
    release:
      keyless: {{ issuer: "{WORKFLOW_ISSUER}", identity: "{RELEASE_WORKFLOW}", claims: {{ buildTrigger: push }} }}
      trustRoot: forge
    holder: {{ certificate: {{ identity: "{RELEASE_WORKFLOW}" }}, trustRoot: forge }}
    first: {{ key: {{ file: first, hash: sha256 }}, trustRoot: forge }}
  require:
    - {{ name: released, signature: {{ by: [release] }} }}
    - {{ name: held, signature: {{ by: [holder] }} }}
    - {{ name: keyed, signature: {{ by: [first] }} }}
"#
    )
}

/// A field, the text that is changed, what it becomes, and what is said then.
type Change = (&'static str, &'static str, &'static str, Code);

/// Changes after which the same evidence is denied.
const DENIED: [Change; 19] = [
    (
        "Match.images",
        "registry.forge.example/**",
        "elsewhere.example/**",
        Code::PolicyNoMatch,
    ),
    (
        "Match.namespaces",
        "tier: front",
        "tier: back",
        Code::PolicyNoMatch,
    ),
    (
        "Match.objects",
        "app: shop",
        "app: other",
        Code::PolicyNoMatch,
    ),
    (
        "ImagePolicySpec.requireDigest",
        "requireDigest: warn",
        "requireDigest: deny",
        Code::ImageDigestRequired,
    ),
    (
        "ImagePolicySpec.require",
        "by: [first]",
        "by: [first], maxAge: 1h",
        Code::AttestationTooOld,
    ),
    (
        "ImagePolicySpec.signers",
        "file: first",
        "file: second",
        Code::SignatureInvalid,
    ),
    (
        "Signer.key",
        "key: { file: first, hash: sha256 }",
        "key: { file: vendor }",
        Code::SignatureInvalid,
    ),
    (
        "Signer.keyless",
        "keyless: { issuer: \"https://token",
        "keyless: { issuer: \"https://other",
        Code::CertificateIssuerMismatch,
    ),
    (
        "Signer.certificate",
        "certificate: { identity",
        "certificate: { subject: 'CN=x', identity",
        Code::CertificateIdentityMismatch,
    ),
    (
        "Signer.trustRoot",
        "sha256 }, trustRoot: forge",
        "sha256 }, trustRoot: public",
        Code::TransparencyUnknownLog,
    ),
    (
        "Keyless.issuer",
        "token.ci.forge.example",
        "token.ci.evil.example",
        Code::CertificateIssuerMismatch,
    ),
    (
        "Keyless.identity",
        "identity: \"https://ci.forge.example/acme/app/.github/workflows/release.yml@refs/tags/v1.0.0\", claims",
        "identity: x, claims",
        Code::CertificateIdentityMismatch,
    ),
    (
        "Keyless.claims",
        "buildTrigger: push",
        "buildTrigger: pull_request",
        Code::CertificateClaimMismatch,
    ),
    (
        "Key.file",
        "file: first",
        "file: vendor",
        Code::SignatureInvalid,
    ),
    (
        "Key.hash",
        "hash: sha256",
        "hash: sha512",
        Code::SignatureInvalid,
    ),
    ("Require.log", "log: 1", "log: 2", Code::TransparencyMissing),
    (
        "Require.timestamp",
        "timestamp: 1",
        "timestamp: 2",
        Code::TimestampMissing,
    ),
    (
        "TrustRootSpec.algorithms",
        "algorithms: default",
        "algorithms: { log: [ed25519] }",
        Code::TransparencyAlgorithmForbidden,
    ),
    (
        "TrustRootSpec.expires",
        "expires: 2030-01-01T00:00:00Z",
        "expires: 2026-03-02T12:00:00Z",
        Code::TrustExpired,
    ),
];

/// Fields of these objects that other tests are about: the row of the gauntlet, or what they hold.
const ELSEWHERE: [(&str, &str); 18] = [
    ("ImagePolicySpec.exceptions", "row 35"),
    ("ImagePolicySpec.match", "its own fields"),
    ("ImagePolicySpec.mode", "below"),
    ("ImagePolicySpec.platforms", "below"),
    ("Certificate.identity", "below"),
    ("Certificate.subject", "Signer.certificate"),
    ("Key.inline", "below"),
    ("Require.sct", "row 42"),
    ("Require.inclusion", "row 42"),
    ("TrustRootSpec.require", "its own fields"),
    ("TrustRootSpec.sigstore", "its own fields"),
    ("TrustRootSpec.warnBefore", "below"),
    ("Sigstore.trustedRoot", "Signer.trustRoot"),
    ("Sigstore.instance", "Signer.trustRoot"),
    ("Sigstore.certificateAuthorities", "below"),
    ("Sigstore.ctLogs", "below"),
    ("Sigstore.timestampAuthorities", "below"),
    ("Sigstore.transparencyLogs", "below"),
];

fn compiled(world: &World, text: &str) -> PolicySet {
    let set = world.documents(text);
    set.unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn judged(world: &World, text: &str, evidence: &[Evidence]) -> Verdict {
    let label = |key: &str, value: &str| [(key.to_owned(), value.to_owned())].into();
    let target = Target {
        namespace: "shop".to_owned(),
        namespace_labels: label("tier", "front"),
        object_labels: label("app", "shop"),
    };
    let selection = Selection {
        target: Some(target),
        ..Selection::default()
    };
    let set = compiled(world, text);
    set.evaluate(&world.appraise(&set, evidence), &selection)
}

fn changed(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from}");
    text.replace(from, to)
}

/// What meets every demand of the documents.
fn evidence(world: &World) -> [Evidence; 2] {
    let about = Statement::cosign_sign(&world.digest());
    ["release", "first"].map(|name| {
        let bundle = world.signing(name).statement(&about);
        world.attached(&bundle)
    })
}

#[test]
fn gauntlet_037_every_field_above_the_demands_does_what_it_says() {
    let world = World::new();
    let (text, evidence) = (documents(), evidence(&world));
    let honest = judged(&world, &text, &evidence);
    assert_eq!(honest.decision, Decision::Admit, "{}", said(&honest));
    for (field, from, to, code) in DENIED {
        let verdict = judged(&world, &changed(&text, from, to), &evidence);
        assert_eq!(verdict.decision, Decision::Deny, "{field}: {to}");
        let found = codes(&verdict);
        assert!(found.contains(&code), "{field}: {to}: {found:?}");
    }
    // A field that nobody thought of fails here.
    let schema = sovverify::policy::schema();
    let mut members = BTreeSet::new();
    for object in [
        "ImagePolicySpec",
        "Match",
        "Signer",
        "Keyless",
        "Key",
        "Certificate",
        "TrustRootSpec",
        "Require",
        "Sigstore",
    ] {
        let properties = schema["$defs"][object]["properties"].as_object().unwrap();
        members.extend(properties.keys().map(|member| format!("{object}.{member}")));
    }
    let tested = DENIED.iter().map(|change| change.0);
    let tested = tested.chain(ELSEWHERE.iter().map(|field| field.0));
    let tested: BTreeSet<String> = tested.map(str::to_owned).collect();
    assert_eq!(members, tested);
}

#[test]
fn gauntlet_037_fields_that_only_warn_or_hold_others_do_so() {
    let world = World::new();
    let (text, evidence) = (documents(), evidence(&world));
    // What only observes denies nothing, and says so.
    let none = judged(&world, &text, &[]);
    assert_eq!(none.decision, Decision::Deny);
    for mode in ["warn", "audit"] {
        let text = changed(&text, "mode: enforce", &format!("mode: {mode}"));
        let verdict = judged(&world, &text, &[]);
        let own = verdict.policies.iter().map(|policy| policy.decision);
        assert_eq!(own.collect::<Vec<_>>(), [Decision::Deny]);
        let said = warnings(&verdict);
        assert!(said.contains(&Code::PolicyNotEnforced), "{mode}: {said:?}");
    }
    let verdict = judged(&world, &text, &evidence);
    let said = warnings(&verdict);
    assert!(said.contains(&Code::ImageDigestRequired), "{said:?}");
    let soon = changed(&text, "warnBefore: 1h", "warnBefore: 3650d");
    assert!(!said.contains(&Code::TrustExpiresSoon));
    let said = warnings(&judged(&world, &soon, &evidence));
    assert!(said.contains(&Code::TrustExpiresSoon), "{said:?}");
    // Another key in the document itself, and another holder of a certificate.
    let other = world.key("second").public_pem().replace('\n', "\\n");
    let inline = format!("key: {{ inline: \"{other}\" }}");
    let inline = changed(&text, "key: { file: first, hash: sha256 }", &inline);
    let verdict = judged(&world, &inline, &evidence);
    assert!(codes(&verdict).contains(&Code::SignatureInvalid));
    let holder = changed(
        &text,
        "certificate: { identity: \"https",
        "certificate: { identity: \"http",
    );
    let verdict = judged(&world, &holder, &evidence);
    assert_eq!(verdict.decision, Decision::Deny);
    assert!(codes(&verdict).contains(&Code::CertificateIdentityMismatch));
}

#[test]
fn gauntlet_037_a_platform_that_is_asked_for_must_be_there() {
    let mut layout = Layout::new();
    let platform = layout.image("linux/amd64", "app");
    let index = layout.index(std::slice::from_ref(&platform));
    let (reference, digest) = (crate::world::IMAGE, index.digest.parse().unwrap());
    let bytes = &layout.blobs[&index.digest];
    let name = reference.parse().ok();
    let mut world = World::new();
    world.image = PinnedImage::pin(reference.into(), name, digest, bytes, None).unwrap();
    let evidence = evidence(&world);
    for (word, admitted) in [("linux/amd64", true), ("linux/s390x", false)] {
        let platforms = format!("platforms: [{word}]");
        let text = changed(&documents(), "mode: enforce", &platforms);
        let verdict = judged(&world, &text, &evidence);
        let missing = codes(&verdict).contains(&Code::ImagePlatformMissing);
        assert_eq!(missing, !admitted, "{}", said(&verdict));
        let decision = verdict.decision == Decision::Admit;
        assert_eq!(decision, admitted, "{}", said(&verdict));
    }
}

#[test]
fn gauntlet_037_the_parts_of_a_trust_root_are_those_that_count() {
    let world = World::new();
    let evidence = evidence(&world);
    let forge = &world.forge;
    let chain = |chain: &[sovverify_forge::Certificate]| -> String {
        chain
            .iter()
            .map(sovverify_forge::Certificate::pem)
            .collect()
    };
    let other = sovverify_forge::Forge::new(forge.founded);
    let parts = |lie: &str| {
        let of = |part: &str| if part == lie { &other } else { forge };
        let inline = |text: String| format!("[{{ inline: \"{}\" }}]", text.replace('\n', "\\n"));
        let parts = [
            (
                "certificateAuthorities",
                chain(&of("certificateAuthorities").fulcio.chain()),
            ),
            (
                "transparencyLogs",
                of("transparencyLogs").rekor.key.public_pem(),
            ),
            ("ctLogs", of("ctLogs").ct_log.key.public_pem()),
            (
                "timestampAuthorities",
                chain(&of("timestampAuthorities").timestamper.chain()),
            ),
        ];
        let parts = parts.map(|(name, text)| format!("{name}: {}", inline(text)));
        let text = changed(
            &documents(),
            "trustedRoot: { file: root.json }",
            &parts.join(", "),
        );
        judged(&world, &text, &evidence)
    };
    let honest = parts("");
    assert_eq!(honest.decision, Decision::Admit, "{}", said(&honest));
    for (part, code) in [
        ("certificateAuthorities", Code::CertificateUntrusted),
        ("transparencyLogs", Code::TransparencyUnknownLog),
        ("ctLogs", Code::CertificateSctInvalid),
    ] {
        let verdict = parts(part);
        assert_eq!(verdict.decision, Decision::Deny, "{part}");
        assert!(
            codes(&verdict).contains(&code),
            "{part}: {}",
            said(&verdict)
        );
    }
    // Nobody here was stamped, so another authority changes nothing; row 101 is about those who were.
    assert_eq!(parts("timestampAuthorities").decision, Decision::Admit);
}
