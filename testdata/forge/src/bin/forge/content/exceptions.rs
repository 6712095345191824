//! Signed exceptions from a requirement that no image of these meets.

use serde_json::{Value, json};
use sovverify_forge::Descriptor;

use super::{Case, Policy, Workshop, image, policy};

const EXCEPTION: &str = "https://policy.sovverify.dev/PolicyException/v1alpha1";

const RULE: &str = "    - name: sbom
      sbom: { by: [release] }
  exceptions: { by: [first, second], atLeast: 2, maxValidity: 60d }
";

/// An exception for `image`, from `requirement`, until `end`.
fn exception(image: &str, requirement: &str, end: &str) -> Value {
    json!({
        "apiVersion": "policy.sovverify.dev/v1alpha1",
        "kind": "PolicyException",
        "metadata": { "name": "vendor-without-sbom" },
        "spec": {
            "images": [image],
            "requirements": [requirement],
            "reason": "the vendor delivers no SBOM before May",
            "ticket": "SEC-2026-7",
            "notAfter": end,
        },
    })
}

const SOON: &str = "2026-04-01T00:00:00Z";

/// An image that no one of these exceptions was made for.
fn other() -> String {
    format!("sha256:{}", "c3".repeat(32))
}

pub(super) fn cases(workshop: &Workshop) -> Vec<Case> {
    let mut cases = vec![used(workshop)];
    cases.extend(badly_signed(workshop));
    cases.extend(refused(workshop));
    cases.push(unsigned(&exception(&other(), "sbom", SOON)));
    cases
}

fn honest(image: &Descriptor) -> Value {
    exception(&image.digest, "sbom", SOON)
}

/// A case in which both people signed what `predicate` makes for the image.
fn by_both(
    workshop: &Workshop,
    words: (&str, &str),
    predicate: impl Fn(&Descriptor) -> Value,
) -> Case {
    Workshop::case(words, RULE, |layout, image| {
        for key in [&workshop.first, &workshop.second] {
            let bundle = workshop.keyed(key, EXCEPTION, image, predicate(image));
            layout.attach_bundle(image, &bundle);
        }
    })
}

fn used(workshop: &Workshop) -> Case {
    let about = "Two people signed an exception, and it is used.";
    by_both(workshop, ("exception/used", about), honest).noted("exception/used")
}

fn badly_signed(workshop: &Workshop) -> [Case; 2] {
    let one = Workshop::case(
        (
            "exception/threshold",
            "One of two people signed the exception.",
        ),
        RULE,
        |layout, image| {
            let bundle = workshop.keyed(&workshop.first, EXCEPTION, image, honest(image));
            layout.attach_bundle(image, &bundle);
        },
    );
    let stranger = Workshop::case(
        (
            "exception/untrusted",
            "The release workflow signed an exception for itself.",
        ),
        RULE,
        |layout, image| {
            layout.attach_bundle(image, &workshop.attested(EXCEPTION, image, honest(image)));
        },
    );
    [
        one.denied("exception/threshold"),
        stranger.denied("exception/untrusted"),
    ]
}

/// Exceptions by both people that say something which does not count.
fn refused(workshop: &Workshop) -> Vec<Case> {
    type Make = fn(&Descriptor) -> Value;
    let table: [(&str, &'static str, &str, Make); 5] = [
        (
            "exception/expired",
            "exception/expired",
            "The exception ended the day before.",
            |image| exception(&image.digest, "sbom", "2026-03-02T12:00:00Z"),
        ),
        (
            "exception/too-broad",
            "exception/too-broad",
            "The exception lasts longer than the policy allows.",
            |image| exception(&image.digest, "sbom", "2026-12-31T00:00:00Z"),
        ),
        (
            "exception/too-broad-tag",
            "exception/too-broad",
            "The exception names a tag.",
            |_| exception("registry.forge.example/acme/app:v1.0.0", "sbom", SOON),
        ),
        (
            "exception/malformed",
            "exception/malformed",
            "The exception has no end.",
            |image| exception(&image.digest, "sbom", "never"),
        ),
        (
            "exception/other-image",
            "exception/other-image",
            "The exception names another image.",
            |_| exception(&other(), "sbom", SOON),
        ),
    ];
    let case = |(name, code, about, make)| by_both(workshop, (name, about), make).denied(code);
    table.map(case).into()
}

/// An exception that stands among the policies, signed by nobody.
fn unsigned(exception: &Value) -> Case {
    let (layout, _) = image();
    let text = format!("{}---\n{exception}\n", policy(RULE));
    let about = "The exception stands among the policies, and nobody signed it.";
    Case::new(
        "exception/unsigned",
        about,
        Policy::Own(text, Vec::new()),
        layout,
    )
    .fails("exception/unsigned")
}
