//! The table of codes: one line each, grouped by area, never reused.

use super::{Class, codes};

codes! {
    // bundle: the container of the evidence
    /// The bundle is not well-formed.
    BundleMalformed = "bundle/malformed", Invalid, 20;
    /// The bundle has a version, media type or content that is not supported.
    BundleUnsupported = "bundle/unsupported", Invalid, 15;
    /// The independent verifier did not agree with ours.
    BundleSecondOpinion = "bundle/second-opinion", Invalid, 95;

    // signature
    /// The signature does not verify with the key.
    SignatureInvalid = "signature/invalid", Invalid, 80;
    /// No signature was found on the image.
    SignatureMissing = "signature/missing", Missing, 5;
    /// Verified signatures exist, but fewer distinct signers than the policy wants.
    SignatureThreshold = "signature/threshold", Untrusted, 90;
    /// No verified signature comes from a signer that this rule trusts.
    SignatureUntrusted = "signature/untrusted", Untrusted, 60;
    /// The signature is verified, but it does not carry the annotations that the rule wants.
    SignatureAnnotationMismatch = "signature/annotation-mismatch", Untrusted, 87;

    // attestation
    /// No attestation of the wanted type was found on the image.
    AttestationMissing = "attestation/missing", Missing, 5;
    /// Verified attestations exist, but fewer distinct signers than the policy wants.
    AttestationThreshold = "attestation/threshold", Untrusted, 90;
    /// No verified attestation of the wanted type comes from a signer that this rule trusts.
    AttestationUntrusted = "attestation/untrusted", Untrusted, 60;
    /// The predicate is not of the form that its type promises.
    AttestationPredicateMalformed = "attestation/predicate-malformed", Invalid, 81;
    /// The predicate holds another kind of document than its type says.
    AttestationPredicateMismatch = "attestation/predicate-mismatch", Invalid, 82;
    /// The attestation is older than the rule allows.
    AttestationTooOld = "attestation/too-old", Policy, 83;

    // provenance: how the image was built
    /// The image was built by another builder than the rule wants.
    ProvenanceBuilderMismatch = "provenance/builder-mismatch", Policy, 88;
    /// The image was built from another source than the rule wants.
    ProvenanceSourceMismatch = "provenance/source-mismatch", Policy, 88;
    /// The image was built from another branch or tag than the rule wants.
    ProvenanceRefMismatch = "provenance/ref-mismatch", Policy, 88;
    /// The provenance does not meet a condition of the rule.
    ProvenanceConditionUnmet = "provenance/condition-unmet", Policy, 88;
    /// The builder is not one that the rule trusts at the wanted level.
    ProvenanceLevelTooLow = "provenance/level-too-low", Policy, 88;

    // summary: what another verifier found
    /// The verification summary comes from another verifier than the rule wants.
    SummaryVerifierMismatch = "summary/verifier-mismatch", Untrusted, 88;
    /// The verification summary says that the verification failed.
    SummaryFailed = "summary/failed", Policy, 89;
    /// The verification summary is about another resource.
    SummaryResourceMismatch = "summary/resource-mismatch", Untrusted, 88;
    /// The verification summary does not name the wanted level.
    SummaryLevelTooLow = "summary/level-too-low", Policy, 88;
    /// The verification summary was made under another policy than the rule wants.
    SummaryPolicyMismatch = "summary/policy-mismatch", Policy, 88;

    // SBOM: what is in the image
    /// The SBOM is not well-formed.
    SbomMalformed = "sbom/malformed", Invalid, 81;
    /// The SBOM has a format or version that is not supported.
    SbomUnsupported = "sbom/unsupported", Invalid, 81;
    /// The SBOM breaks the schema of its format.
    SbomSchemaViolation = "sbom/schema-violation", Invalid, 84;
    /// The SBOM has another format than its type announces.
    SbomFormatMismatch = "sbom/format-mismatch", Invalid, 82;
    /// The SBOM lists no component.
    SbomEmpty = "sbom/empty", Policy, 88;
    /// An SBOM is attached, but nobody signed it.
    SbomUnsigned = "sbom/unsigned", Missing, 6;
    /// The SBOM describes something else than the image.
    SbomSubjectMismatch = "sbom/subject-mismatch", Untrusted, 89;
    /// The SBOM does not meet the profile that the rule wants.
    SbomProfileViolation = "sbom/profile-violation", Policy, 86;
    /// The SBOM lists a package that the rule denies.
    SbomPackageDenied = "sbom/package-denied", Policy, 89;
    /// The SBOM lists a package that the rule does not allow.
    SbomPackageNotAllowed = "sbom/package-not-allowed", Policy, 88;
    /// The SBOM lists a component under a license that the rule denies.
    SbomLicenseDenied = "sbom/license-denied", Policy, 88;
    /// The SBOM lists a component whose license the rule does not allow.
    SbomLicenseNotAllowed = "sbom/license-not-allowed", Policy, 87;
    /// The SBOM lists a component without the hash that the rule wants.
    SbomHashMissing = "sbom/hash-missing", Policy, 86;
    /// The SBOM is older than the rule allows.
    SbomTooOld = "sbom/too-old", Policy, 85;
    /// The SBOM tells too little about its components.
    SbomCoverageTooLow = "sbom/coverage-too-low", Policy, 86;

    // vulnerabilities
    /// The scan result cannot be read.
    VulnerabilityMalformed = "vulnerability/malformed", Invalid, 81;
    /// The image has a known vulnerability of higher severity than the rule tolerates.
    VulnerabilityFound = "vulnerability/found", Policy, 89;
    /// The scan is older than the rule allows.
    VulnerabilityScanTooOld = "vulnerability/scan-too-old", Policy, 85;
    /// The image could not be assessed: nothing in it can be looked up.
    VulnerabilityUnassessed = "vulnerability/unassessed", Policy, 88;
    /// The vulnerability database cannot be used.
    VulnerabilityDatabaseMalformed = "vulnerability/database-malformed", Input, 10;
    /// The vulnerability database is older than the rule allows.
    VulnerabilityDatabaseTooOld = "vulnerability/database-too-old", Trust, 90;

    // VEX: which vulnerabilities matter
    /// The VEX document is not well-formed.
    VexMalformed = "vex/malformed", Invalid, 81;
    /// A VEX statement comes from nobody whom the rule lets speak about vulnerabilities.
    VexUntrusted = "vex/untrusted", Untrusted, 4;
    /// A vulnerability does not count because a trusted VEX statement says so.
    VexSuppressed = "vex/suppressed", Policy, 2;
    /// Trusted VEX statements contradict each other, and the stricter one counts.
    VexConflict = "vex/conflict", Policy, 3;

    // expression: conditions in CEL
    /// The expression cannot be used.
    ExpressionInvalid = "expression/invalid", Input, 10;
    /// The condition is not met.
    ExpressionUnmet = "expression/unmet", Policy, 88;
    /// The expression failed on this evidence, so the condition is not met.
    ExpressionFailed = "expression/failed", Policy, 88;
    /// The expression needs more work than any honest condition.
    ExpressionTooCostly = "expression/too-costly", Limit, 92;

    // exception: where a policy gives way
    /// An exception was used: a requirement is not met, and the image is admitted all the same.
    ExceptionUsed = "exception/used", Policy, 2;
    /// The exception is not signed.
    ExceptionUnsigned = "exception/unsigned", Input, 10;
    /// The exception is not well-formed.
    ExceptionMalformed = "exception/malformed", Invalid, 21;
    /// The exception has expired.
    ExceptionExpired = "exception/expired", Policy, 24;
    /// The exception is about more than one can be about.
    ExceptionTooBroad = "exception/too-broad", Policy, 23;
    /// The exception comes from nobody whom the policy lets make one.
    ExceptionUntrusted = "exception/untrusted", Untrusted, 22;
    /// The exception has fewer distinct signers than the policy wants.
    ExceptionThreshold = "exception/threshold", Untrusted, 25;
    /// The exception is about another image.
    ExceptionOtherImage = "exception/other-image", Untrusted, 20;

    // key
    /// The evidence was not made with this key.
    KeyMismatch = "key/mismatch", Untrusted, 50;
    /// The key's algorithm or size is not supported.
    KeyUnsupported = "key/unsupported", Trust, 40;
    /// The key's validity window does not cover the time of the signature.
    KeyOutsideValidity = "key/outside-validity", Trust, 75;
    /// The signature's algorithm is not allowed by the trust root.
    KeyAlgorithmForbidden = "key/algorithm-forbidden", Trust, 76;
    /// The signature's algorithm is deprecated by the profile of the trust root.
    KeyAlgorithmDeprecated = "key/algorithm-deprecated", Trust, 3;

    // certificate
    /// The certificate is not well-formed.
    CertificateMalformed = "certificate/malformed", Invalid, 60;
    /// The certificate does not chain to an authority of the trust root.
    CertificateUntrusted = "certificate/untrusted", Untrusted, 55;
    /// The certificate was not yet valid at a verified time.
    CertificateNotYetValid = "certificate/not-yet-valid", Invalid, 70;
    /// The certificate had expired at a verified time.
    CertificateExpired = "certificate/expired", Invalid, 70;
    /// The certificate carries no signed certificate timestamp.
    CertificateSctMissing = "certificate/sct-missing", Missing, 65;
    /// The signed certificate timestamp does not verify.
    CertificateSctInvalid = "certificate/sct-invalid", Invalid, 66;
    /// The certificate is verified, but its identity is not the one that the rule wants.
    CertificateIdentityMismatch = "certificate/identity-mismatch", Untrusted, 85;
    /// The certificate is verified, but its issuer is not the one that the rule wants.
    CertificateIssuerMismatch = "certificate/issuer-mismatch", Untrusted, 84;
    /// The certificate is verified, but one of its claims is not the one that the rule wants.
    CertificateClaimMismatch = "certificate/claim-mismatch", Untrusted, 86;
    /// The certificate, or one above it, uses an algorithm that the trust root does not allow.
    CertificateAlgorithmForbidden = "certificate/algorithm-forbidden", Trust, 76;

    // transparency log
    /// The evidence carries fewer distinct logs than the trust root wants.
    TransparencyMissing = "transparency/missing", Missing, 64;
    /// A log entry is not well-formed or of an unsupported kind.
    TransparencyEntryMalformed = "transparency/entry-malformed", Invalid, 67;
    /// A log entry is about another signature, key or artifact.
    TransparencyEntryMismatch = "transparency/entry-mismatch", Invalid, 79;
    /// A log entry names a log that the trust root does not know.
    TransparencyUnknownLog = "transparency/unknown-log", Untrusted, 63;
    /// The inclusion proof is missing, and the trust root does not accept a promise alone.
    TransparencyProofMissing = "transparency/proof-missing", Missing, 68;
    /// The inclusion proof does not lead to the checkpoint's root hash.
    TransparencyProofInvalid = "transparency/proof-invalid", Invalid, 72;
    /// The checkpoint is malformed, or no trusted log signed it.
    TransparencyCheckpointInvalid = "transparency/checkpoint-invalid", Invalid, 73;
    /// The signed entry timestamp does not verify.
    TransparencyPromiseInvalid = "transparency/promise-invalid", Invalid, 74;
    /// The integrated time lies outside the validity of the certificate or the log's key.
    TransparencyTimeInvalid = "transparency/time-invalid", Invalid, 71;
    /// The log signs with an algorithm that the trust root does not allow.
    TransparencyAlgorithmForbidden = "transparency/algorithm-forbidden", Trust, 76;

    // timestamp
    /// The evidence proves fewer times than the trust root wants.
    TimestampMissing = "timestamp/missing", Missing, 62;
    /// A timestamp token does not verify.
    TimestampInvalid = "timestamp/invalid", Invalid, 69;
    /// A timestamp lies outside the window of the authority that signed it.
    TimestampOutsideAuthority = "timestamp/outside-authority", Invalid, 70;
    /// The evidence is later than the verification time.
    TimestampLaterThanVerification = "timestamp/later-than-verification", Untrusted, 77;
    /// The timestamp authority uses an algorithm that the trust root does not allow.
    TimestampAlgorithmForbidden = "timestamp/algorithm-forbidden", Trust, 76;

    // subject: what the evidence is about
    /// The evidence is about another artifact.
    SubjectMismatch = "subject/mismatch", Untrusted, 78;
    /// The statement or payload is not well-formed.
    SubjectMalformed = "subject/malformed", Invalid, 61;

    // limits
    /// A named bound was reached.
    LimitExceeded = "limit/exceeded", Limit, 92;

    // trust root
    /// The trust root has expired.
    TrustExpired = "trust/expired", Trust, 94;
    /// The trust root is not well-formed or not usable.
    TrustMalformed = "trust/malformed", Trust, 93;
    /// The trust root expires soon.
    TrustExpiresSoon = "trust/expires-soon", Trust, 9;

    // image
    /// The reference is not an image reference.
    ImageReferenceMalformed = "image/reference-malformed", Input, 10;
    /// The bytes are not an image manifest or index.
    ImageNotAnImage = "image/not-an-image", Invalid, 10;
    /// The manifest's media type is not supported.
    ImageMediaTypeUnsupported = "image/media-type-unsupported", Invalid, 10;
    /// The bytes do not have the digest that names them.
    ImageDigestMismatch = "image/digest-mismatch", Invalid, 96;
    /// The index has no platform that was selected.
    ImagePlatformMissing = "image/platform-missing", Missing, 10;
    /// The image was not found.
    ImageNotFound = "image/not-found", Missing, 10;
    /// The content is longer or shorter than its descriptor says.
    ImageSizeMismatch = "image/size-mismatch", Invalid, 96;
    /// The image is named by a tag, and the policy wants a digest.
    ImageDigestRequired = "image/digest-required", Policy, 91;

    // evidence: what is attached to the image, before any of it is read
    /// Evidence is listed, but its content is not there.
    EvidenceBlobMissing = "evidence/blob-missing", Missing, 11;
    /// The envelope in which evidence is stored cannot be read.
    EvidenceMalformed = "evidence/malformed", Invalid, 12;

    // layout: an image on the disk
    /// There is no such file or directory.
    LayoutNotFound = "layout/not-found", Input, 10;
    /// The file or directory exists and cannot be read.
    LayoutUnreadable = "layout/unreadable", Transient, 10;
    /// The directory or archive does not have the format that its name promises.
    LayoutMalformed = "layout/malformed", Invalid, 10;
    /// A member of the directory or archive leads somewhere else.
    LayoutUnsafeEntry = "layout/unsafe-entry", Invalid, 10;
    /// Several images fit, and nothing says which is meant.
    LayoutAmbiguous = "layout/ambiguous", Input, 10;

    // registry
    /// A registry was named, but no socket may be opened.
    RegistryOffline = "registry/offline", Input, 10;
    /// The host is one that is not asked: no registry lives there, or the configuration rules it out.
    RegistryHostRefused = "registry/host-refused", Input, 10;
    /// The registry's host has no address.
    RegistryUnresolvable = "registry/unresolvable", Transient, 10;
    /// No connection to the registry could be made, or it broke.
    RegistryUnreachable = "registry/unreachable", Transient, 10;
    /// The registry took longer than the bound allows.
    RegistryTimeout = "registry/timeout", Transient, 10;
    /// The registry asks to come back later.
    RegistryRateLimited = "registry/rate-limited", Transient, 10;
    /// The registry answered with a server error.
    RegistryServerError = "registry/server-error", Transient, 10;
    /// The registry wants credentials, or others than were sent.
    RegistryUnauthorized = "registry/unauthorized", Input, 10;
    /// The registry forbids access.
    RegistryForbidden = "registry/forbidden", Input, 10;
    /// TLS to the registry failed: most often a certificate of an unknown authority.
    RegistryTls = "registry/tls", Trust, 10;
    /// The registry sends credentials to a token service that does not belong to it.
    RegistryRealmRefused = "registry/realm-refused", Untrusted, 10;
    /// The registry redirects to a place where we do not go.
    RegistryRedirectRefused = "registry/redirect-refused", Untrusted, 10;
    /// The next page of the list of referrers is at another origin, or was already read.
    RegistryPagingRefused = "registry/paging-refused", Untrusted, 10;
    /// The registry's answer is none that the protocol knows.
    RegistryUnexpectedAnswer = "registry/unexpected-answer", Invalid, 10;
    /// A credential file or credential helper cannot be used.
    RegistryCredentialsUnusable = "registry/credentials-unusable", Input, 10;
    /// The configuration of registry access cannot be used.
    RegistryConfigInvalid = "registry/config-invalid", Input, 10;

    // usage: what stands on the command line
    /// The command line is not one that this program knows.
    UsageInvalid = "usage/invalid", Input, 10;
    /// Neither a policy nor a signer was given: there is nothing to verify against.
    UsageNoPolicy = "usage/no-policy", Input, 10;

    // file: what the command line names
    /// There is no such file.
    FileMissing = "file/missing", Input, 10;
    /// The file or directory exists and cannot be read.
    FileUnreadable = "file/unreadable", Transient, 10;
    /// The file is larger than any honest one.
    FileTooLarge = "file/too-large", Input, 10;
    /// The file is not of the kind that the command line promises.
    FileMalformed = "file/malformed", Input, 10;

    // system: the machine that we run on
    /// The system refuses what every program needs, or a part of this one was lost.
    SystemFailed = "system/failed", Transient, 10;
    /// Other images hold all the memory that evidence may take.
    SystemCrowded = "system/crowded", Transient, 10;

    // admission: what a cluster asks
    /// The request to admit a workload cannot be read.
    AdmissionReviewMalformed = "admission/review-malformed", Input, 10;
    /// The request to admit a workload has a version that is not answered.
    AdmissionVersionUnsupported = "admission/version-unsupported", Input, 10;
    /// The verification did not end before the API server stops waiting; it goes on.
    AdmissionTimeout = "admission/timeout", Transient, 10;
    /// Policies and trust are not loaded yet.
    AdmissionNotReady = "admission/not-ready", Transient, 10;
    /// More is asked at once than can be answered in time.
    AdmissionOverloaded = "admission/overloaded", Transient, 10;
    /// The API server could not be asked for what the decision needs.
    AdmissionLookupFailed = "admission/lookup-failed", Transient, 10;
    /// What the decision needs of the API server cannot be had, however often it is asked for.
    AdmissionLookupRefused = "admission/lookup-refused", Input, 10;
    /// Whoever asks has not shown that it may.
    AdmissionCallerRefused = "admission/caller-refused", Input, 10;

    // policy
    /// No policy matches the image.
    PolicyNoMatch = "policy/no-match", Policy, 10;
    /// The document cannot be parsed.
    PolicyMalformed = "policy/malformed", Input, 10;
    /// The document contradicts itself or names something that does not exist.
    PolicyInvalid = "policy/invalid", Input, 10;
    /// A file that the document names was not given.
    PolicyFileMissing = "policy/file-missing", Input, 10;
    /// A pattern matches more than its author may think.
    PolicyLoosePattern = "policy/loose-pattern", Policy, 1;
    /// Every matching policy only observes, so none can deny.
    PolicyNotEnforced = "policy/not-enforced", Policy, 1;
    /// No policy matches, and the configuration admits such images.
    PolicyUnmatchedAdmitted = "policy/unmatched-admitted", Policy, 1;
    /// A policy that may be about the image cannot be used.
    PolicyUnusable = "policy/unusable", Input, 97;
    /// Whoever writes the pod chooses whether the policy is about it.
    PolicyEvadableSelector = "policy/evadable-selector", Policy, 1;

    // workload: which images a Kubernetes object holds
    /// The object does not have the shape of its kind where images must be.
    WorkloadMalformed = "workload/malformed", Invalid, 10;
    /// A field looks like an image, and nothing is known about it.
    WorkloadUnknownImageField = "workload/unknown-image-field", Policy, 10;
    /// An image is named in a way that does not lead to one reference.
    WorkloadUnsupportedReference = "workload/unsupported-reference", Policy, 10;
    /// An image is only known in the pod that is made of the object, and is judged there.
    WorkloadImageDeferred = "workload/image-deferred", Policy, 1;
    /// Nothing is known about where objects of this kind hold images, so none was judged.
    WorkloadKindUnknown = "workload/kind-unknown", Policy, 1;
}
