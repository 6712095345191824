//! `ClusterImagePolicy` and `ImagePolicy`: which images, which signers, which demands.

use super::common::{Content, IdentityMatch, TextMatch};
use super::rules::{AttestationRule, Condition, ExceptionRule, SbomRule, VulnerabilityRule};
use super::trust_root::Span;
use crate::policy::decode::{List, Map, Spanned, document, words};

document! {
    /// What is demanded of the images that match.
    struct ImagePolicySpec {
        /// Which images this policy is about.
        required matches: Match = "match",
        /// What its findings do; `enforce` where nothing is written.
        optional mode: ModeWord = "mode",
        /// What a reference without a digest does: a tag moves. Tags are fine where nothing is written.
        optional require_digest: Spanned<DigestWord> = "requireDigest",
        /// The platforms that must be there and are judged; all that can run where nothing is written.
        optional platforms: List<Spanned<String>> = "platforms",
        /// Who may sign, by the names that `by` uses.
        required signers: Map<Signer> = "signers",
        /// What is demanded; all of it is needed.
        required require: List<Spanned<Requirement>> = "require",
        /// Who may sign exceptions, where there may be any.
        optional exceptions: Spanned<ExceptionRule> = "exceptions",
    }
}

document! {
    /// Which images a policy is about.
    struct Match {
        /// Patterns of canonical image names: `*` stops at `/`, `**` does not. Images without a name
        /// (layouts) match by the reference as written.
        required images: List<Spanned<String>> = "images",
        /// Which namespaces, in a cluster; elsewhere this is read and changes nothing.
        optional namespaces: Spanned<LabelSelector> = "namespaces",
        /// Which pods, in a cluster, by the labels with which they will run; elsewhere this is read and
        /// changes nothing. Whoever writes the pod writes these labels.
        optional objects: Spanned<LabelSelector> = "objects",
    }
}

document! {
    /// A selector of labels, as in Kubernetes: everything that is written must be so.
    struct LabelSelector {
        /// Labels that must be there with these values.
        optional match_labels: Map<Spanned<String>> = "matchLabels",
        /// Conditions that the labels must meet.
        optional match_expressions: List<Spanned<LabelExpression>> = "matchExpressions",
    }
}

document! {
    /// A condition on one label, as in Kubernetes.
    struct LabelExpression {
        /// The label.
        required key: Spanned<String> = "key",
        /// How its value is compared.
        required operator: Spanned<LabelOperator> = "operator",
        /// The values to compare with, for `In` and `NotIn`.
        optional values: Spanned<List<Spanned<String>>> = "values",
    }
}

words! {
    /// How a label's value is compared.
    enum LabelOperator {
        /// The value is one of `values`.
        In = "In",
        /// The value is none of `values`, or the label does not exist.
        NotIn = "NotIn",
        /// The label exists.
        Exists = "Exists",
        /// The label does not exist.
        DoesNotExist = "DoesNotExist",
    }
}

words! {
    /// What a policy's findings do.
    enum ModeWord {
        /// A finding denies.
        Enforce = "enforce",
        /// A finding is reported as a warning and denies nothing.
        Warn = "warn",
        /// A finding is recorded and denies nothing.
        Audit = "audit",
    }
}

words! {
    /// What a reference without a digest does.
    enum DigestWord {
        /// It is a finding.
        Deny = "deny",
        /// It is a warning.
        Warn = "warn",
    }
}

document! {
    /// Who may sign: exactly one of `keyless`, `key` and `certificate`.
    struct Signer {
        /// The holder of a short-lived certificate with an OIDC identity (Fulcio).
        optional keyless: Keyless = "keyless",
        /// The holder of a key.
        optional key: Key = "key",
        /// The holder of a certificate of an own PKI.
        optional certificate: Spanned<Certificate> = "certificate",
        /// The name of a `TrustRoot`; for a key also `none`: the key alone decides.
        optional trust_root: Spanned<String> = "trustRoot",
    }
}

document! {
    /// The holder of a short-lived certificate with an OIDC identity.
    struct Keyless {
        /// Who vouched for the identity.
        required issuer: TextMatch = "issuer",
        /// The identity; some subject alternative name must match as a whole.
        required identity: IdentityMatch = "identity",
        /// Further claims that the certificate must carry, by Fulcio's names.
        optional claims: Map<TextMatch> = "claims",
    }
}

document! {
    /// The holder of a key: exactly one of `file` and `inline`, a PEM `PUBLIC KEY`.
    struct Key {
        /// The path of a file, relative to this document.
        optional file: Spanned<String> = "file",
        /// The key itself.
        optional inline: Spanned<String> = "inline",
        /// The hash under which the key signs; the default of its algorithm where nothing is written.
        optional hash: HashWord = "hash",
    }
}

impl Key {
    /// Where the key is.
    pub(in crate::policy) fn content(&self) -> Content {
        Content {
            file: self.file.clone(),
            inline: self.inline.clone(),
        }
    }
}

words! {
    /// The hash under which a key signs.
    enum HashWord {
        /// SHA-256.
        Sha256 = "sha256",
        /// SHA-384.
        Sha384 = "sha384",
        /// SHA-512.
        Sha512 = "sha512",
    }
}

document! {
    /// The holder of a certificate of an own PKI: at least one of the two.
    struct Certificate {
        /// The subject's distinguished name (RFC 4514).
        optional subject: TextMatch = "subject",
        /// The identity; some subject alternative name must match as a whole.
        optional identity: IdentityMatch = "identity",
    }
}

document! {
    /// One demand: exactly one of `signature`, `attestation`, `sbom` and `vulnerabilities`.
    struct Requirement {
        /// A name for reports.
        required name: Spanned<String> = "name",
        /// Where the evidence must be; `any` where nothing is written.
        optional on: OnWord = "on",
        /// A signature is demanded.
        optional signature: Spanned<SignatureRule> = "signature",
        /// An attestation is demanded.
        optional attestation: Spanned<AttestationRule> = "attestation",
        /// A signed SBOM is demanded.
        optional sbom: Spanned<SbomRule> = "sbom",
        /// Knowledge of vulnerabilities is demanded.
        optional vulnerabilities: Spanned<VulnerabilityRule> = "vulnerabilities",
    }
}

words! {
    /// Where evidence must be.
    enum OnWord {
        /// On the index, or on every selected platform.
        Any = "any",
        /// On the index itself (or the single manifest).
        Index = "index",
        /// On every selected platform.
        Platform = "platform",
    }
}

document! {
    /// A signature of enough of these signers.
    struct SignatureRule {
        /// The signers that count.
        required by: List<Spanned<String>> = "by",
        /// How many distinct signers are needed; one where nothing is written.
        optional at_least: Spanned<u32> = "atLeast",
        /// Annotations that a simple-signing payload must carry; other signatures cannot carry any.
        optional annotations: Map<TextMatch> = "annotations",
        /// How old the signature may be, by its earliest proven time.
        optional max_age: Spanned<Span> = "maxAge",
        /// Conditions in CEL, all of which one signature must meet.
        optional cel: List<Condition> = "cel",
    }
}
