//! The kinds that a cluster keeps, and how `kubectl get` shows them.

use serde_json::{Value, json};

/// A kind that a cluster keeps. A `Configuration` is none of them: it belongs to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    ClusterImagePolicy,
    ImagePolicy,
    PolicyException,
    TrustRoot,
}

impl Kind {
    /// Every kind, in order of name.
    pub(super) const ALL: [Self; 4] = [
        Self::ClusterImagePolicy,
        Self::ImagePolicy,
        Self::PolicyException,
        Self::TrustRoot,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ClusterImagePolicy => "ClusterImagePolicy",
            Self::ImagePolicy => "ImagePolicy",
            Self::PolicyException => "PolicyException",
            Self::TrustRoot => "TrustRoot",
        }
    }

    pub(super) const fn plural(self) -> &'static str {
        match self {
            Self::ClusterImagePolicy => "clusterimagepolicies",
            Self::ImagePolicy => "imagepolicies",
            Self::PolicyException => "policyexceptions",
            Self::TrustRoot => "trustroots",
        }
    }

    pub(super) const fn scope(self) -> &'static str {
        match self {
            Self::ClusterImagePolicy | Self::TrustRoot => "Cluster",
            Self::ImagePolicy | Self::PolicyException => "Namespaced",
        }
    }

    pub(super) const fn description(self) -> &'static str {
        match self {
            Self::ClusterImagePolicy => {
                "Which images may run, and what must be proven about them, in the whole cluster. All policies that match an image must admit it."
            }
            Self::ImagePolicy => {
                "What must be proven about images in one namespace, beside what the policies of the cluster demand. It can only tighten."
            }
            Self::PolicyException => {
                "A signed exception from a policy, for images by digest and for a while. It counts in its namespace."
            }
            Self::TrustRoot => {
                "Whom policies start from: authorities, logs and timestampers, and what evidence must bring beyond a good signature."
            }
        }
    }

    /// The columns of `kubectl get`.
    pub(super) fn columns(self) -> Vec<Value> {
        let column = |name: &str, kind: &str, path: &str| json!({ "name": name, "type": kind, "jsonPath": path });
        let condition = |name: &str| format!(r#".status.conditions[?(@.type=="{name}")].status"#);
        let accepted = column("Accepted", "string", &condition("Accepted"));
        let age = column("Age", "date", ".metadata.creationTimestamp");
        match self {
            Self::ClusterImagePolicy | Self::ImagePolicy => {
                vec![column("Mode", "string", ".spec.mode"), accepted, age]
            }
            Self::PolicyException => vec![accepted, age],
            Self::TrustRoot => vec![
                accepted,
                column("Valid", "string", &condition("TrustValid")),
                column("Expires", "string", ".status.expires"),
                age,
            ],
        }
    }
}
