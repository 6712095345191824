//! What is demanded of content: attestations, provenance, summaries, SBOMs, vulnerabilities, conditions.

use super::common::{Content, TextMatch};
use super::trust_root::Span;
use crate::policy::decode::{List, Map, Spanned, document, words};

document! {
    /// An attestation of this type by enough of these signers, of which one statement meets every
    /// condition.
    struct AttestationRule {
        /// A predicate type URI, or one of the short names of the documentation.
        required predicate: Spanned<String> = "type",
        /// The signers that count.
        required by: List<Spanned<String>> = "by",
        /// How many distinct signers are needed; one where nothing is written.
        optional at_least: Spanned<u32> = "atLeast",
        /// How old the attestation may be, by its earliest proven time.
        optional max_age: Spanned<Span> = "maxAge",
        /// SLSA provenance: who built it.
        optional builder: Spanned<TextMatch> = "builder",
        /// SLSA provenance: the build type.
        optional build_type: Spanned<TextMatch> = "buildType",
        /// SLSA provenance: from which source.
        optional source: Spanned<SourceRule> = "source",
        /// SLSA provenance: which workflow or file was the entry point.
        optional entry_point: Spanned<TextMatch> = "entryPoint",
        /// SLSA provenance: external parameters, by JSON pointer or dotted path.
        optional parameters: Spanned<Map<TextMatch>> = "parameters",
        /// SLSA provenance: what went into the build.
        optional dependencies: Spanned<DependencyRule> = "dependencies",
        /// SLSA provenance: the invocation.
        optional invocation: Spanned<TextMatch> = "invocation",
        /// SLSA provenance v0.2: whether the builder says that the build can be repeated.
        optional reproducible: Spanned<bool> = "reproducible",
        /// SLSA provenance: the build level that the builder must be trusted at, 1 to 3.
        optional level: Spanned<u32> = "level",
        /// SLSA provenance: which builders are trusted at which level, for `level`.
        optional builders: Spanned<List<TrustedBuilder>> = "builders",
        /// Verification summary: which verifier found it; pinned to the signers in `by`.
        optional verifier: Spanned<TextMatch> = "verifier",
        /// Verification summary: the resource that it must be about.
        optional resource: Spanned<TextMatch> = "resource",
        /// Verification summary: levels that must be named, as `SLSA_BUILD_LEVEL_3`.
        optional levels: Spanned<List<Spanned<String>>> = "levels",
        /// Verification summary: under which policy.
        optional policy: Spanned<SummaryPolicy> = "policy",
        /// Conditions in CEL, all of which one statement must meet.
        optional cel: List<Condition> = "cel",
    }
}

document! {
    /// A source: at most one of `exact`, `glob` and `regex` for its address, and what else is known.
    struct SourceRule {
        /// The address, as `git+https://github.com/org/app` or `github.com/org/app`.
        optional exact: Spanned<String> = "exact",
        /// A pattern of the address.
        optional glob: Spanned<String> = "glob",
        /// A regular expression of the address.
        optional regex: Spanned<String> = "regex",
        /// The branch or tag with its prefix: `refs/tags/v1.0.0`.
        optional reference: TextMatch = "ref",
        /// The branch, without `refs/heads/`.
        optional branch: TextMatch = "branch",
        /// The tag, without `refs/tags/`.
        optional tag: TextMatch = "tag",
        /// A version that the tag must be or begin with: `v1` takes `v1.2.3`.
        optional versioned_tag: Spanned<String> = "versionedTag",
        /// The commit or content digest, in hex.
        optional digest: Spanned<String> = "digest",
    }
}

document! {
    /// What went into a build.
    struct DependencyRule {
        /// Each of these must match some dependency that has a digest.
        optional include: List<TextMatch> = "include",
        /// Every dependency must match one of these.
        optional only: List<TextMatch> = "only",
    }
}

document! {
    /// A builder and the SLSA build level at which it is trusted.
    struct TrustedBuilder {
        /// The builder's identity.
        required id: TextMatch = "id",
        /// The level, 1 to 3.
        required level: Spanned<u32> = "level",
    }
}

document! {
    /// The policy of another verifier: at least one of the two.
    struct SummaryPolicy {
        /// Its address.
        optional uri: TextMatch = "uri",
        /// Its digest, as `sha256:HEX`.
        optional digest: Spanned<String> = "digest",
    }
}

document! {
    /// A condition in CEL.
    struct Condition {
        /// The expression; it must come out `true`.
        required expression: Spanned<String> = "expression",
        /// What to say where it does not.
        optional message: String = "message",
    }
}

document! {
    /// A signed SBOM of which one meets every demand.
    struct SbomRule {
        /// The signers that count.
        required by: List<Spanned<String>> = "by",
        /// How many distinct signers are needed; one where nothing is written.
        optional at_least: Spanned<u32> = "atLeast",
        /// The formats that are taken; all that can be read where nothing is written.
        optional formats: List<FormatWord> = "formats",
        /// What the SBOM must contain: profiles by name, or files in the same form.
        optional profile: Profiles = "profile",
        /// How old the SBOM may be, by the earliest proven time of its signature and by its own word:
        /// neither may be older.
        optional max_age: Spanned<Span> = "maxAge",
        /// What must not be in the image.
        optional deny: Spanned<Contents> = "deny",
        /// All that may be in the image.
        optional allow: Spanned<Contents> = "allow",
        /// Hashes that every component must have, any one of them.
        optional hashes: Spanned<List<Spanned<String>>> = "hashes",
        /// How many components must have which data, in percent.
        optional coverage: Spanned<CoverageRule> = "coverage",
        /// What the SBOM must say that it describes; it need not say so where nothing is written.
        optional subject: Spanned<SubjectWord> = "subject",
        /// Conditions in CEL, all of which one SBOM must meet.
        optional cel: List<Condition> = "cel",
    }
}

words! {
    /// A format of SBOMs.
    enum FormatWord {
        /// SPDX.
        Spdx = "spdx",
        /// CycloneDX.
        CycloneDx = "cyclonedx",
    }
}

words! {
    /// What an SBOM must say that it describes.
    enum SubjectWord {
        /// The image that is judged, by its digest.
        Image = "image",
    }
}

/// One profile or several.
#[derive(Clone, Debug)]
pub(in crate::policy) struct Profiles(pub(in crate::policy) Vec<ProfileName>);

/// A profile by name, or in a file.
#[derive(Clone, Debug)]
pub(in crate::policy) enum ProfileName {
    /// One that is built in.
    Named(Spanned<String>),
    /// One of the operator's own.
    File(Spanned<Content>),
}

document! {
    /// Packages and licenses, at least one of the two.
    struct Contents {
        /// Package URL patterns, as `pkg:npm/event-stream@3.3.6` or `pkg:maven/org.apache.*/*@<2.17.1`.
        optional packages: List<Spanned<String>> = "packages",
        /// SPDX license identifiers.
        optional licenses: Spanned<List<Spanned<String>>> = "licenses",
    }
}

document! {
    /// How many components must have which data, in percent.
    struct CoverageRule {
        /// A package URL.
        optional purl: Spanned<u32> = "purl",
        /// A version.
        optional version: Spanned<u32> = "version",
        /// A hash.
        optional hash: Spanned<u32> = "hash",
        /// A license.
        optional license: Spanned<u32> = "license",
        /// A supplier.
        optional supplier: Spanned<u32> = "supplier",
    }
}

document! {
    /// What is known to be wrong with the image: attested scans (`by`), or an own look-up of a signed
    /// SBOM in an offline database (`database` and `sbom`).
    struct VulnerabilityRule {
        /// Whose scans count.
        optional by: List<Spanned<String>> = "by",
        /// How many distinct signers are needed; one where nothing is written.
        optional at_least: Spanned<u32> = "atLeast",
        /// A directory of OSV records, relative to this document.
        optional database: Spanned<String> = "database",
        /// Whose SBOMs are looked up in the database.
        optional sbom: Spanned<SbomSource> = "sbom",
        /// How old the scan, or the newest record of the database, may be.
        optional max_age: Spanned<Span> = "maxAge",
        /// The highest severity that is tolerated; an unknown one counts as `critical`.
        optional max_severity: Spanned<SeverityWord> = "maxSeverity",
        /// Components that cannot be looked up, at most, in percent; none where nothing is written.
        optional max_unassessed: Spanned<u32> = "maxUnassessed",
        /// Who may say that a vulnerability does not matter.
        optional vex: Spanned<VexRule> = "vex",
        /// Conditions in CEL, all of which must be met.
        optional cel: List<Condition> = "cel",
    }
}

document! {
    /// Whose SBOMs count.
    struct SbomSource {
        /// The signers that count.
        required by: List<Spanned<String>> = "by",
    }
}

words! {
    /// A severity.
    enum SeverityWord {
        /// No vulnerability is tolerated.
        None = "none",
        /// Up to low.
        Low = "low",
        /// Up to medium.
        Medium = "medium",
        /// Up to high.
        High = "high",
        /// Every vulnerability is tolerated; the scan must be there all the same.
        Critical = "critical",
    }
}

document! {
    /// Who may say that a vulnerability does not matter, and how.
    struct VexRule {
        /// The signers that count.
        required by: List<Spanned<String>> = "by",
        /// Further predicate types that hold VEX documents, beside those of OpenVEX, CycloneDX and CSAF:
        /// URIs, or short names as in `type`.
        optional types: List<Spanned<String>> = "types",
        /// Which statements suppress; `not_affected` and `fixed` where nothing is written.
        optional statuses: List<StatusWord> = "statuses",
        /// Which justifications of `not_affected` count; all of the specifications' where nothing is
        /// written.
        optional justifications: List<Spanned<String>> = "justifications",
        /// How old a VEX document may be, by its earliest proven time.
        optional max_age: Spanned<Span> = "maxAge",
    }
}

words! {
    /// A status that can suppress.
    enum StatusWord {
        /// The product is not affected.
        NotAffected = "not_affected",
        /// The product has the fix.
        Fixed = "fixed",
    }
}

document! {
    /// Who may sign exceptions from this policy, and how far they may go.
    struct ExceptionRule {
        /// The signers that count.
        required by: List<Spanned<String>> = "by",
        /// How many distinct signers are needed; one where nothing is written.
        optional at_least: Spanned<u32> = "atLeast",
        /// The requirements from which there may be exceptions; all where nothing is written.
        optional requirements: List<Spanned<String>> = "requirements",
        /// How long an exception may live, from its earliest proven time or, without one, from the
        /// verification time; 90 days where nothing is written.
        optional max_validity: Spanned<Span> = "maxValidity",
        /// How many images one exception may name; 10 where nothing is written.
        optional max_images: Spanned<u32> = "maxImages",
    }
}
