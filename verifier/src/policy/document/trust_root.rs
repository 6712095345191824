//! `TrustRoot`: whom we start from.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::common::Content;
use crate::code::Code;
use crate::policy::decode::{
    Context, Decode, List, MAX_MAP, Spanned, check_count, document, words,
};
use crate::policy::diagnostic::Diagnostic;
use crate::policy::source::{Mark, Node, Value};

document! {
    /// Authorities and logs, and what evidence must bring beyond a good signature.
    struct TrustRootSpec {
        /// The authorities, logs and timestampers.
        required sigstore: Spanned<Sigstore> = "sigstore",
        /// What evidence must bring.
        optional require: Spanned<Require> = "require",
        /// The algorithms that may count: a profile or a list, for all roles or for each.
        optional algorithms: Algorithms = "algorithms",
        /// When this trust root stops being usable.
        optional expires: Moment = "expires",
        /// How long before that every verdict warns: `30d`, `12h`.
        optional warn_before: Spanned<Span> = "warnBefore",
    }
}

document! {
    /// Exactly one of: a `trustedRoot`, an `instance`, or PEM parts.
    struct Sigstore {
        /// The standard `trusted_root.json`.
        optional trusted_root: Spanned<Content> = "trustedRoot",
        /// A public instance, whose trusted root ships inside the program and is never refreshed.
        optional instance: Spanned<InstanceWord> = "instance",
        /// Certificate authorities: one PEM chain each, root last.
        optional certificate_authorities: List<Spanned<Content>> = "certificateAuthorities",
        /// Transparency log keys: one PEM public key each.
        optional transparency_logs: List<Spanned<Content>> = "transparencyLogs",
        /// Certificate transparency log keys: one PEM public key each.
        optional ct_logs: List<Spanned<Content>> = "ctLogs",
        /// Timestamp authorities: one PEM chain each, leaf first, root last.
        optional timestamp_authorities: List<Spanned<Content>> = "timestampAuthorities",
    }
}

words! {
    /// The public instances.
    enum InstanceWord {
        /// sigstore.dev
        PublicGood = "public-good",
        /// sigstage.dev
        Staging = "staging",
        /// GitHub's instance for private repositories.
        GitHub = "github",
    }
}

document! {
    /// What evidence must bring beyond a good signature.
    struct Require {
        /// Distinct logs that must hold an entry; 1 where nothing is written.
        optional log: Spanned<u32> = "log",
        /// Distinct sources that must vouch for a time; 1 where nothing is written.
        optional timestamp: Spanned<u32> = "timestamp",
        /// Whether certificates must carry a verified SCT; `true` where nothing is written.
        optional sct: Spanned<bool> = "sct",
        /// How inclusion in a log must be known; `proof-unless-legacy` where nothing is written.
        optional inclusion: Spanned<InclusionWord> = "inclusion",
    }
}

words! {
    /// How inclusion in a log must be known.
    enum InclusionWord {
        /// Proven everywhere.
        Proof = "proof",
        /// Proven in bundles; legacy cosign signatures may rely on the promise that they carry.
        ProofUnlessLegacy = "proof-unless-legacy",
        /// A promise alone is enough everywhere, which anyone can fall back to. Every report says so.
        DangerPromise = "promise",
    }
}

words! {
    /// A profile of algorithms.
    enum AlgorithmSet {
        /// All that are implemented.
        Default = "default",
        /// Those of FIPS 140-3.
        Fips = "fips-140-3",
        /// Those of BSI TR-02102-1, version 2026-01.
        Bsi = "bsi-tr-02102-1-2026-01",
    }
}

/// The algorithms that may count in one role.
#[derive(Clone, Debug)]
pub(in crate::policy) enum AlgorithmRule {
    Set(AlgorithmSet),
    List(List<Spanned<String>>),
}

impl Decode for AlgorithmRule {
    fn decode(node: &Node, at: &Mark, cx: &mut Context) -> Option<Self> {
        match &node.value {
            Value::Text(_) => AlgorithmSet::decode(node, at, cx).map(Self::Set),
            Value::List(_) => List::decode(node, at, cx).map(Self::List),
            _ => {
                cx.wrong_type(node, at, "the name of a profile, or a list of algorithms");
                None
            }
        }
    }
}

impl JsonSchema for AlgorithmRule {
    fn schema_name() -> Cow<'static, str> {
        "AlgorithmRule".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let set = generator.subschema_for::<AlgorithmSet>();
        let list = generator.subschema_for::<List<String>>();
        schemars::json_schema!({ "oneOf": [set, list] })
    }
}

document! {
    /// A profile, and other rules for single roles.
    struct AlgorithmRoles {
        /// The profile of every role that is not named here; `default` where nothing is written.
        optional profile: AlgorithmSet = "profile",
        /// The signature on the artefact.
        optional signature: AlgorithmRule = "signature",
        /// Signatures and keys of certificates, from the signer's to the authority.
        optional certificate: AlgorithmRule = "certificate",
        /// Transparency logs, and certificate transparency logs.
        optional log: AlgorithmRule = "log",
        /// Timestamps, and the certificates of their authorities.
        optional timestamp: AlgorithmRule = "timestamp",
    }
}

/// The algorithms that may count.
#[derive(Clone, Debug)]
pub(in crate::policy) enum Algorithms {
    Everywhere(AlgorithmRule),
    ByRole(Box<AlgorithmRoles>),
}

impl Decode for Algorithms {
    fn decode(node: &Node, at: &Mark, cx: &mut Context) -> Option<Self> {
        match &node.value {
            Value::Text(_) | Value::List(_) => {
                AlgorithmRule::decode(node, at, cx).map(Self::Everywhere)
            }
            Value::Map(map) => {
                check_count(map.len(), MAX_MAP, "map", at, cx)?;
                let roles = AlgorithmRoles::decode(node, at, cx)?;
                Some(Self::ByRole(Box::new(roles)))
            }
            _ => {
                let expected = "the name of a profile, a list of algorithms, or a map of roles";
                cx.wrong_type(node, at, expected);
                None
            }
        }
    }
}

impl JsonSchema for Algorithms {
    fn schema_name() -> Cow<'static, str> {
        "Algorithms".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let rule = generator.subschema_for::<AlgorithmRule>();
        let roles = generator.subschema_for::<AlgorithmRoles>();
        schemars::json_schema!({ "oneOf": [rule, roles] })
    }
}

/// A moment, RFC 3339.
#[derive(Clone, Copy, Debug)]
pub(in crate::policy) struct Moment(pub(in crate::policy) Timestamp);

impl Decode for Moment {
    fn decode(node: &Node, at: &Mark, cx: &mut Context) -> Option<Self> {
        let text = Spanned::<String>::decode(node, at, cx)?;
        if let Ok(moment) = text.value.parse() {
            return Some(Self(moment));
        }
        cx.report(
            Diagnostic::error(Code::PolicyMalformed, text.mark.position(), "not a time")
                .expected("an RFC 3339 time such as `2027-06-30T00:00:00Z`")
                .found(format!("`{}`", text.value)),
        );
        None
    }
}

impl JsonSchema for Moment {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// A length of time: a number and one of `s`, `m`, `h`, `d`, `w`.
#[derive(Clone, Copy, Debug)]
pub(in crate::policy) struct Span(pub(in crate::policy) SignedDuration);

impl Decode for Span {
    fn decode(node: &Node, at: &Mark, cx: &mut Context) -> Option<Self> {
        let expected = "a number and `s`, `m`, `h`, `d` or `w`, such as `30d`";
        if !matches!(node.value, Value::Text(_)) {
            cx.wrong_type(node, at, expected);
            return None;
        }
        let text = Spanned::<String>::decode(node, at, cx)?;
        let span = crate::time::span(&text.value).map(Self);
        if span.is_none() {
            let message = "not a length of time";
            cx.report(
                Diagnostic::error(Code::PolicyMalformed, text.mark.position(), message)
                    .expected(expected)
                    .found(format!("`{}`", text.value)),
            );
        }
        span
    }
}

impl JsonSchema for Span {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9]+[smhdw]$" })
    }
}
