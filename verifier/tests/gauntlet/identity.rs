//! Who signed: patterns are about the whole of a text, and a name is of one type.

use sovverify::policy::PolicySet;
use sovverify::{Code, Decision, Evidence, ImageName};
use sovverify_forge::{
    Identity, Name, PEOPLE_ISSUER, RELEASE_WORKFLOW, Statement, WORKFLOW_ISSUER,
};

use crate::world::{World, codes, said};

/// A policy that demands a signature by one signer, written as `keyless`.
pub(crate) fn demanding(world: &World, keyless: &str) -> PolicySet {
    let text = document("registry.forge.example/**", keyless);
    world
        .documents(&text)
        .unwrap_or_else(|error| panic!("{error}\n{keyless}"))
}

fn document(images: &str, keyless: &str) -> String {
    format!(
        r#"
apiVersion: policy.sovverify.dev/v1alpha1
kind: TrustRoot
metadata: {{ name: forge }}
spec: {{ sigstore: {{ trustedRoot: {{ file: root.json }} }} }}
---
apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{ name: identity }}
spec:
  match: {{ images: ["{images}"] }}
  signers:
    a: {{ keyless: {{ {keyless} }}, trustRoot: forge }}
  require:
    - {{ name: signed, signature: {{ by: [a] }} }}
"#
    )
}

/// A signature on the image by whoever this is.
pub(crate) fn signed_as(world: &World, identity: Identity) -> Evidence {
    let signing = world.signing("release").identity(identity);
    let about = Statement::cosign_sign(&world.digest());
    world.attached(&signing.statement(&about))
}

/// A workflow by its whole name.
fn workflow(name: &str) -> Identity {
    Identity::named(Name::Uri(name.to_owned()), WORKFLOW_ISSUER)
}

/// A text with every character of patterns escaped.
fn escaped(text: &str) -> String {
    text.replace('.', r"\.")
}

#[test]
fn gauntlet_086_an_identity_that_only_contains_the_right_one_is_another() {
    let world = World::new();
    let good = RELEASE_WORKFLOW;
    let evil = "https://ci.forge.example/acme/app/.github/workflows/evil.yml";
    let lies = [
        format!("{evil}@refs/heads/main?u={good}"),
        format!("{good}.evil.example"),
        format!("{good}/../evil"),
        format!("\n{good}"),
        format!("{good}\n"),
        format!("{evil}\n{good}"),
        format!(" {good}"),
        format!("{good} "),
        format!("{good}\0"),
        good.to_uppercase(),
        good.replace("https", "http"),
        good[1..].to_owned(),
        good[..good.len() - 1].to_owned(),
    ];
    for matcher in [
        format!("exact: '{good}'"),
        format!("glob: '{good}'"),
        format!("regex: '{}'", escaped(good)),
        format!("regex: '^{}$'", escaped(good)),
        format!("regex: '{}|nobody'", escaped(good)),
        "glob: 'https://*/acme/*/.github/workflows/release.yml@refs/tags/v*.0.0'".to_owned(),
    ] {
        let set = demanding(
            &world,
            &format!("issuer: '{WORKFLOW_ISSUER}', identity: {{ {matcher} }}"),
        );
        world.admits(&set, &[signed_as(&world, workflow(good))]);
        for lie in &lies {
            let verdict = world.judge(&set, &[signed_as(&world, workflow(lie))]);
            let decision = verdict.decision;
            assert_eq!(decision, Decision::Deny, "{matcher}: {lie:?}");
            let found = codes(&verdict);
            assert!(
                found.contains(&Code::CertificateIdentityMismatch),
                "{lie:?}: {found:?}"
            );
        }
    }
    // What is only the beginning of a name is the name of nobody.
    let begins = escaped("https://ci.forge.example/acme/app/");
    let set = demanding(
        &world,
        &format!("issuer: '{WORKFLOW_ISSUER}', identity: {{ regex: '{begins}' }}"),
    );
    let piece = signed_as(&world, workflow(good));
    world.denies(&set, &[piece], Code::CertificateIdentityMismatch);
}

#[test]
fn gauntlet_087_a_pattern_of_addresses_ends_with_the_address() {
    let world = World::new();
    let person = |address: &str| signed_as(&world, Identity::person(address));
    let set = |matcher: &str| {
        demanding(
            &world,
            &format!("issuer: '{PEOPLE_ISSUER}', identity: {{ {matcher} }}"),
        )
    };
    for matcher in [
        r"regex: '.*@example\.com'",
        "glob: '*@example.com'",
        "glob: '**@example.com', type: email",
    ] {
        let set = set(matcher);
        assert!(set.warnings().is_empty(), "{matcher}");
        world.admits(&set, &[person("a@example.com")]);
        for lie in [
            "a@example.com.evil.org",
            "a@exampleXcom",
            "a@example.com\n",
            "a@evil.org",
            "a@EXAMPLE.com",
            "a@example.com.",
        ] {
            world.denies(&set, &[person(lie)], Code::CertificateIdentityMismatch);
        }
    }
    // The documented mistake: its dot is any character, which is said where the policy is read.
    let set = set("regex: '.*@example.com'");
    let warned = set.warnings().iter().map(|warning| warning.code);
    assert_eq!(warned.collect::<Vec<_>>(), [Code::PolicyLoosePattern]);
    let longer = person("a@example.com.evil.org");
    world.denies(&set, &[longer], Code::CertificateIdentityMismatch);
}

#[test]
fn gauntlet_088_a_name_that_contains_an_allowed_one_is_another_name() {
    let world = World::new();
    let keyless = format!("issuer: '{WORKFLOW_ISSUER}', identity: '{RELEASE_WORKFLOW}'");
    let set = demanding(&world, &keyless);
    let matched = |name: &str| {
        let name: Result<ImageName, _> = name.parse();
        name.is_ok_and(|name| !set.matching(&name, None).is_empty())
    };
    assert!(matched("registry.forge.example/acme/app"));
    assert!(matched("REGISTRY.forge.example:443/acme/app"));
    for lie in [
        "evil.example/registry.forge.example/acme/app",
        "registry.forge.example.evil.example/acme/app",
        "xregistry.forge.example/acme/app",
        "registry-forge.example/acme/app",
        "registryXforge.example/acme/app",
        "registry.forge.example:5000/acme/app",
        "evil.example/x?registry.forge.example/acme/app",
        "registry.forge.example@evil.example/acme/app",
        "https://registry.forge.example/acme/app",
        "registry.forge.example/acme/../../app",
        "registry.forge.example\\acme/app",
        " registry.forge.example/acme/app",
    ] {
        assert!(!matched(lie), "{lie}");
    }
    // Alternatives stand together between the two ends.
    let either = "issuer: i, identity: { regex: 'alice|bob' }";
    let set = demanding(&world, either);
    let by = |name: &str| signed_as(&world, Identity::named(Name::Uri(name.to_owned()), "i"));
    world.admits(&set, &[by("alice")]);
    world.admits(&set, &[by("bob")]);
    for lie in ["alicex", "xbob", "alice|bob", "evil/alice", "bob/evil"] {
        world.denies(&set, &[by(lie)], Code::CertificateIdentityMismatch);
    }
    for lie in [
        "exact: ' alice'",
        "exact: 'alice '",
        "glob: \"alice\\n\"",
        "regex: ' alice|bob'",
        "regex: 'a)|(?:b'",
    ] {
        let keyless = format!("issuer: i, identity: {{ {lie} }}");
        let refused = world.documents(&document("**", &keyless));
        assert!(refused.is_err(), "{lie}");
    }
}

#[test]
fn gauntlet_089_an_issuer_is_compared_whole() {
    let world = World::new();
    let good = "https://good.example";
    let by = |issuer: &str| {
        let name = Name::Uri(RELEASE_WORKFLOW.to_owned());
        signed_as(&world, Identity::named(name, issuer))
    };
    for matcher in [
        format!("'{good}'"),
        format!("{{ glob: '{good}' }}"),
        format!("{{ regex: '{}' }}", escaped(good)),
    ] {
        let keyless = format!("issuer: {matcher}, identity: '{RELEASE_WORKFLOW}'");
        let set = demanding(&world, &keyless);
        world.admits(&set, &[by(good)]);
        for lie in [
            "https://good.example.evil.org",
            "https://evil.org/?https://good.example",
            "http://localhost?https://good.example/x",
            "https://good.example/",
            "https://GOOD.example",
            "https://good.example@evil.org",
            "https://good.example:443",
            "https://good.example#x",
            "http://good.example",
            "https://good.example ",
            "https://good.example\n",
            "",
        ] {
            world.denies(&set, &[by(lie)], Code::CertificateIssuerMismatch);
        }
        // A certificate that names no issuer is by no issuer, and the newer of two names counts.
        let mut nobody = workflow(RELEASE_WORKFLOW);
        nobody.extensions.clear();
        let piece = signed_as(&world, nobody);
        world.denies(&set, &[piece], Code::CertificateIssuerMismatch);
        let two = workflow(RELEASE_WORKFLOW).with_extension(1, good);
        let two = two.with_extension(8, "https://evil.org");
        let piece = signed_as(&world, two);
        world.denies(&set, &[piece], Code::CertificateIssuerMismatch);
    }
}

#[test]
fn gauntlet_095_two_hosts_that_look_alike_are_two_hosts() {
    let world = World::new();
    let keyless = format!("issuer: '{WORKFLOW_ISSUER}', identity: '{RELEASE_WORKFLOW}'");
    let text = document("example.org/**", &keyless);
    let set = world.documents(&text).unwrap();
    let matched = |name: &str| {
        let name: Option<ImageName> = name.parse().ok();
        name.map(|name| !set.matching(&name, None).is_empty())
    };
    assert_eq!(matched("example.org/app"), Some(true));
    // The encoded form of nothing but ASCII is no host, and that of another letter is another host.
    assert_eq!(matched("xn--example-.org/app"), None);
    assert_eq!(matched("xn--xample-2of.org/app"), Some(false));
    // A host is ASCII: Cyrillic, full-width, ideographic dots and what is not seen are none.
    for lie in [
        "\u{435}xample.org/app",
        "\u{ff45}xample.org/app",
        "example\u{3002}org/app",
        "example\u{200b}.org/app",
        "exam\u{ad}ple.org/app",
        "example.org\u{2024}/app",
    ] {
        assert_eq!(matched(lie), None, "{lie:?}");
        assert!(
            world
                .documents(&document(&lie.replace("app", "**"), &keyless))
                .is_err()
        );
    }
    // Names in certificates are ASCII as well, and are compared letter by letter.
    let set = demanding(
        &world,
        &format!("issuer: '{PEOPLE_ISSUER}', identity: 'ada@example.org'"),
    );
    world.admits(
        &set,
        &[signed_as(&world, Identity::person("ada@example.org"))],
    );
    for (lie, code) in [
        ("ada@xn--example-.org", Code::CertificateIdentityMismatch),
        ("ada@\u{435}xample.org", Code::CertificateMalformed),
        ("ada@example\u{200b}.org", Code::CertificateMalformed),
    ] {
        world.denies(&set, &[signed_as(&world, Identity::person(lie))], code);
    }
}

#[test]
fn gauntlet_096_a_name_of_another_type_or_in_another_place_is_not_the_name() {
    let world = World::new();
    let wanted = "ada@example.org";
    let named = |names: Vec<Name>| {
        let mut identity = Identity::person(wanted);
        identity.names = names;
        identity
    };
    let email = || Name::Email(wanted.to_owned());
    let typed = demanding(
        &world,
        &format!("issuer: '{PEOPLE_ISSUER}', identity: {{ exact: '{wanted}', type: email }}"),
    );
    let any = demanding(
        &world,
        &format!("issuer: '{PEOPLE_ISSUER}', identity: '{wanted}'"),
    );
    for set in [&typed, &any] {
        world.admits(set, &[signed_as(&world, named(vec![email()]))]);
        let mut subject = named(vec![]);
        subject.common_name = Some(wanted.to_owned());
        for lie in [
            // In the subject alone, or nowhere.
            subject,
            named(vec![]),
            named(vec![Name::Other(format!("{wanted}\u{200b}"))]),
            named(vec![Name::Email(format!("{wanted}\0"))]),
            named(vec![Name::Email(format!("{wanted}."))]),
            named(vec![Name::Email(wanted.to_uppercase())]),
            named(vec![Name::Email(format!("\"{wanted}\""))]),
            named(vec![Name::Uri(format!("mailto:{wanted}"))]),
        ] {
            let what = format!("{lie:?}");
            let verdict = world.judge(set, &[signed_as(&world, lie)]);
            assert_eq!(verdict.decision, Decision::Deny, "{what}");
            let found = codes(&verdict);
            let expected = Code::CertificateIdentityMismatch;
            assert!(found.contains(&expected), "{what}: {}", said(&verdict));
        }
    }
    // With a type, the same text under another type is another name.
    for lie in [
        Name::Uri(wanted.to_owned()),
        Name::Dns(wanted.to_owned()),
        Name::Other(wanted.to_owned()),
    ] {
        let other = named(vec![lie, Name::Email("eve@example.org".to_owned())]);
        let piece = signed_as(&world, other);
        world.denies(&typed, &[piece], Code::CertificateIdentityMismatch);
    }
}

#[test]
fn gauntlet_098_each_claim_of_a_workflow_is_asked_by_itself() {
    const CLAIMS: [(u8, &str); 12] = [
        (9, "buildSigner"),
        (10, "buildSignerDigest"),
        (11, "runnerEnvironment"),
        (12, "sourceRepository"),
        (14, "sourceRepositoryRef"),
        (15, "sourceRepositoryIdentifier"),
        (16, "sourceRepositoryOwner"),
        (17, "sourceRepositoryOwnerIdentifier"),
        (18, "buildConfig"),
        (20, "buildTrigger"),
        (22, "sourceRepositoryVisibility"),
        (24, "tokenSubject"),
    ];
    let world = World::new();
    let honest = Identity::release_workflow();
    let claims = CLAIMS.map(|(number, name)| format!("{name}: '{}'", honest.extensions[&number]));
    let claims = claims.join(", ");
    let set = demanding(
        &world,
        &format!(
            "issuer: '{WORKFLOW_ISSUER}', identity: '{RELEASE_WORKFLOW}', claims: {{ {claims} }}"
        ),
    );
    world.admits(&set, &[signed_as(&world, honest.clone())]);
    for (number, name) in CLAIMS {
        let right = honest.extensions[&number].clone();
        // A pull request, a fork, another owner with the name of the first one, no claim at all.
        for lie in [format!("{right}x"), format!("x{right}"), String::new()] {
            let lie = honest.clone().with_extension(number, &lie);
            let verdict = world.judge(&set, &[signed_as(&world, lie)]);
            assert_eq!(verdict.decision, Decision::Deny, "{name}");
            let found = codes(&verdict);
            let expected = Code::CertificateClaimMismatch;
            assert!(found.contains(&expected), "{name}: {found:?}");
        }
        let mut absent = honest.clone();
        absent.extensions.remove(&number);
        let piece = signed_as(&world, absent);
        world.denies(&set, &[piece], Code::CertificateClaimMismatch);
    }
    // Another workflow of the same repository, and the same one for another ref.
    for (file, git_ref) in [
        ("evil.yml", "refs/tags/v1.0.0"),
        ("release.yml", "refs/pull/7/merge"),
    ] {
        let piece = signed_as(&world, Identity::workflow(file, git_ref));
        world.denies(&set, &[piece], Code::CertificateIdentityMismatch);
    }
}
