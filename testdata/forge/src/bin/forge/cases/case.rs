//! One case on disk.

use std::fmt::Write as _;
use std::path::Path;

use sovverify_forge::Layout;

use crate::{clear, save};

/// A day after everything was signed.
pub(crate) const NEXT_DAY: &str = "2026-03-03T11:04:05Z";

/// The policy of a case.
pub(crate) enum Policy {
    /// One of `cases/policies`.
    Shared(&'static str),
    /// Its own text, with files beside it.
    Own(String, Vec<(String, Vec<u8>)>),
}

impl Policy {
    /// The release workflow under default requirements.
    pub(crate) const RELEASE: Self = Self::Shared("release.yaml");
    /// The managed key, without a log.
    pub(crate) const KEY: Self = Self::Shared("key.yaml");
}

/// What the verdict must be.
#[derive(Clone, Copy)]
pub(crate) enum Expect {
    Admit,
    /// Admitted, with a warning or note of this code.
    Noted(&'static str),
    Deny(&'static str),
    /// No verdict: there is no such image.
    Error(&'static str),
}

/// A case.
pub(crate) struct Case {
    name: String,
    about: String,
    policy: Policy,
    layout: Layout,
    at: String,
    tag: String,
    expect: Expect,
}

impl Case {
    /// A case that is admitted.
    pub(crate) fn new(name: &str, about: &str, policy: Policy, layout: Layout) -> Self {
        Self {
            name: name.to_owned(),
            about: about.to_owned(),
            policy,
            layout,
            at: NEXT_DAY.to_owned(),
            tag: "v1.0.0".to_owned(),
            expect: Expect::Admit,
        }
    }

    /// A case that is admitted, and whose report says `code`.
    pub(crate) fn noted(mut self, code: &'static str) -> Self {
        self.expect = Expect::Noted(code);
        self
    }

    /// A case that is denied with `code`.
    pub(crate) fn denied(mut self, code: &'static str) -> Self {
        self.expect = Expect::Deny(code);
        self
    }

    /// A case that has no verdict because of `code`.
    pub(crate) fn fails(mut self, code: &'static str) -> Self {
        self.expect = Expect::Error(code);
        self
    }

    /// Judged as of another time.
    pub(crate) fn judged_at(mut self, time: &str) -> Self {
        time.clone_into(&mut self.at);
        self
    }

    /// About another tag of the layout.
    pub(crate) fn tag(mut self, tag: &str) -> Self {
        tag.clone_into(&mut self.tag);
        self
    }

    /// Writes the case below `cases`. A report beside it stays for the runner to compare.
    pub(crate) fn write(&self, cases: &Path) {
        let folder = cases.join(&self.name);
        clear(&folder.join("layout"));
        self.layout.write_to(&folder.join("layout"));
        let policy = match &self.policy {
            Policy::Shared(name) => format!("../../policies/{name}"),
            Policy::Own(text, files) => {
                save(&folder.join("policy.yaml"), text.as_bytes());
                for (name, bytes) in files {
                    save(&folder.join(name), bytes);
                }
                "policy.yaml".to_owned()
            }
        };
        let (expect, code) = match self.expect {
            Expect::Admit => ("admit", None),
            Expect::Noted(code) => ("admit", Some(code)),
            Expect::Deny(code) => ("deny", Some(code)),
            Expect::Error(code) => ("error", Some(code)),
        };
        let mut text = format!("# {}\n", self.about);
        writeln!(text, "image = \"layout\"").unwrap();
        writeln!(text, "tag = \"{}\"", self.tag).unwrap();
        writeln!(text, "at = \"{}\"", self.at).unwrap();
        writeln!(text, "policy = \"{policy}\"").unwrap();
        writeln!(text, "expect = \"{expect}\"").unwrap();
        if let Some(code) = code {
            writeln!(text, "code = \"{code}\"").unwrap();
        }
        save(&folder.join("case.toml"), text.as_bytes());
    }
}

/// A `TrustRoot` document named `forge`: `file` is relative to the policy, `rest` is further YAML.
pub(crate) fn trust_root(file: &str, rest: &str) -> String {
    format!(
        "apiVersion: policy.sovverify.dev/v1alpha1
kind: TrustRoot
metadata: {{ name: forge }}
spec:
  sigstore: {{ trustedRoot: {{ file: {file} }} }}
{rest}---
"
    )
}

/// A `ClusterImagePolicy` with these signers and requirements, each a list of YAML lines.
pub(crate) fn image_policy(signers: &[&str], require: &[&str]) -> String {
    let mut text = "apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: { name: production }
spec:
  match: { images: [\"**\"] }
  signers:
"
    .to_owned();
    for line in signers {
        writeln!(text, "    {line}").unwrap();
    }
    text.push_str("  require:\n");
    for line in require {
        writeln!(text, "    {line}").unwrap();
    }
    text
}

/// The release workflow as a signer.
pub(crate) const RELEASE: [&str; 5] = [
    "release:",
    "  keyless:",
    "    issuer: https://token.ci.forge.example",
    "    identity: { exact: \"https://ci.forge.example/acme/app/.github/workflows/release.yml@refs/tags/v1.0.0\" }",
    "  trustRoot: forge",
];

/// The demand of one signature by the release workflow.
pub(crate) const SIGNED: [&str; 2] = ["- name: signed", "  signature: { by: [release] }"];

/// A policy of the release workflow under a trust root with other requirements.
pub(crate) fn release_under(file: &str, rest: &str) -> Policy {
    let text = trust_root(file, rest) + &image_policy(&RELEASE, &SIGNED);
    Policy::Own(text, Vec::new())
}

/// The trust root that all cases share, seen from a case.
pub(crate) const TRUSTED_ROOT: &str = "../../../trust/cases/trusted_root.json";

/// Policies that several cases share.
pub(crate) const SHARED_POLICIES: [(&str, &str); 4] = [
    ("release.yaml", include_str!("policies/release.yaml")),
    ("key.yaml", include_str!("policies/key.yaml")),
    ("provenance.yaml", include_str!("policies/provenance.yaml")),
    ("claims.yaml", include_str!("policies/claims.yaml")),
];
