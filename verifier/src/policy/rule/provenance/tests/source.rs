//! The source, its commit, and the reference that was built.

use super::*;

#[test]
fn the_source_is_the_one_that_is_wanted_wherever_it_is_named() {
    let rule = |source: Option<Matcher>| ProvenanceRule {
        source,
        ..ProvenanceRule::default()
    };
    let mismatch = Code::ProvenanceSourceMismatch;
    for wanted in [
        exact("github.com/acme/app"),
        exact("git+https://github.com/acme/app"),
        glob("git+https://github.com/acme/*"),
        glob("https://github.com/acme/*"),
    ] {
        holds(&rule(wanted));
    }
    for other in [
        exact("github.com/acme/app2"),
        exact("github.com/acme"),
        glob("git+https://github.com/evil/*"),
    ] {
        fails(&rule(other), mismatch, "source");
    }
    let wanted = rule(glob("git+https://github.com/**"));
    let mut lying = provenance();
    lying.trigger = Some(source("https://git.example/evil", "refs/tags/v2.1.0"));
    assert_eq!(wanted.check(&lying)[0].code, mismatch);
    let mut told = provenance();
    told.trigger = None;
    told.source.as_mut().unwrap().kind = SourceKind::Client;
    assert!(
        wanted.check(&told)[0]
            .found
            .ends_with("which only the client says")
    );
    assert_eq!(
        wanted.check(&Provenance::default())[0].found,
        "nothing that names the source"
    );
}

#[test]
fn the_commit_is_the_one_that_is_wanted() {
    let rule = |digest: &str| ProvenanceRule {
        source_digest: exact(digest),
        ..ProvenanceRule::default()
    };
    holds(&rule(COMMIT));
    let other = rule(&"0".repeat(40));
    fails(&other, Code::ProvenanceSourceMismatch, "source.digest");
    assert_eq!(rule(COMMIT).check(&Provenance::default()).len(), 1);
}

#[test]
fn branch_tag_and_version_are_the_ones_that_are_wanted() {
    let none = ProvenanceRule::default;
    let mismatch = Code::ProvenanceRefMismatch;
    holds(&ProvenanceRule {
        reference: glob("refs/tags/v*"),
        ..none()
    });
    holds(&ProvenanceRule {
        branch: exact("main"),
        ..none()
    });
    holds(&ProvenanceRule {
        tag: exact("v2.1.0"),
        ..none()
    });
    holds(&ProvenanceRule {
        versioned_tag: "v2.1".parse().ok(),
        ..none()
    });
    let reference = ProvenanceRule {
        reference: glob("refs/heads/*"),
        ..none()
    };
    fails(&reference, mismatch, "source.ref");
    let branch = ProvenanceRule {
        branch: exact("master"),
        ..none()
    };
    fails(&branch, mismatch, "source.branch");
    assert!(
        branch.check(&provenance())[0]
            .found
            .contains("from the branch `main`")
    );
    fails(
        &ProvenanceRule {
            tag: exact("v2.1"),
            ..none()
        },
        mismatch,
        "source.tag",
    );
    let version = ProvenanceRule {
        versioned_tag: "v2.2".parse().ok(),
        ..none()
    };
    fails(&version, mismatch, "source.version");
    let mut lying = provenance();
    lying.trigger.as_mut().unwrap().reference = Some("refs/heads/evil".into());
    let any = ProvenanceRule {
        reference: glob("**"),
        ..none()
    };
    assert_eq!(
        any.check(&lying)[0].found,
        "`refs/tags/v2.1.0` and `refs/heads/evil`"
    );
}
