//! The policy of a case about content: the same signers, and its own demand.

/// The policy with one requirement, and whatever follows it.
pub(super) fn policy(require: &str) -> String {
    policy_under("", require)
}

/// The same under a trust root that says more.
pub(super) fn policy_under(trust: &str, require: &str) -> String {
    format!(
        "apiVersion: policy.sovverify.dev/v1alpha1
kind: TrustRoot
metadata: {{ name: forge }}
spec:
  sigstore: {{ trustedRoot: {{ file: ../../../trust/content/trusted_root.json }} }}
{trust}---
apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{ name: production }}
spec:
  match: {{ images: [\"**\"] }}
  signers:
    release:
      keyless:
        issuer: https://token.ci.forge.example
        identity: {{ exact: \"https://ci.forge.example/acme/app/.github/workflows/release.yml@refs/tags/v1.0.0\" }}
      trustRoot: forge
    first:
      key: {{ file: ../../../trust/content/first.pub }}
      trustRoot: none
    second:
      key: {{ file: ../../../trust/content/second.pub }}
      trustRoot: none
  require:
{require}"
    )
}
