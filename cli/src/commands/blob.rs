//! `sovverify blob`: one file or digest, and a Sigstore bundle.

use std::path::Path;

use sovverify::report::v1::{ArtifactReport, Kind, Report, Subject};
use sovverify::verify::{Artifact, verify_bundle};
use sovverify::{Code, Digest, DigestError, Limits, VerificationTime};

use sovverify_fetch::load::files;

use super::signers;
use crate::args::BlobArgs;
use crate::problem::Stopped;

/// Bytes of one artifact that are read; larger ones are verified by digest.
const MAX_ARTIFACT_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// Verifies the artifact against the signer that flags name.
pub(crate) fn run(args: &BlobArgs, time: VerificationTime) -> Result<Report, Stopped> {
    if args.signer.key.is_none() && args.signer.identity.is_empty() {
        return Err(
            Stopped::new(Code::UsageNoPolicy, "there is nothing to verify against")
                .expected(
                    "`--key FILE`, or `--certificate-identity` with `--certificate-oidc-issuer`",
                )
                .found("neither"),
        );
    }
    let policy = |kind: Option<&str>| {
        let key = args.signer.key.as_deref();
        signers::policy(key, &args.signer.identity, kind, &args.trust)
    };
    let mut policies = policy(args.predicate_type.as_deref())?;
    let limits = Limits::default();
    let limit = u64::try_from(limits.bundle_bytes).unwrap_or(u64::MAX);
    let bundle = files::read(&args.bundle, limit)?;
    let given = Given::read(&args.artifact)?;
    let artifact = given.artifact();
    let store = policies.trust_store().clone();
    let (mut verified, mut rejected) = (Vec::new(), Vec::new());
    for (anchor, _) in store.iter() {
        match verify_bundle(&bundle, &artifact, &store, anchor, time, &limits) {
            Ok(claim) => verified.push(claim),
            Err(rejection) => rejected.push(*rejection),
        }
    }
    if let (None, Some(claim)) = (&args.predicate_type, verified.first())
        && !claim.content.is_signature()
        && let Ok(fitting) = policy(claim.content.predicate_type())
    {
        // Nobody asked for a type: what the signer states about the artifact is in the report.
        policies = fitting;
    }
    let digest = artifact.name();
    let verdict = policies.evaluate_artifact(&digest, &verified, &rejected, time);
    let subject = Subject::Blob {
        reference: &args.artifact,
        digest: &digest,
    };
    let result =
        ArtifactReport::judged_artifact(&subject, &verdict, (&verified, &rejected), &store);
    Ok(Report::new(Kind::Verification, time, vec![result]))
}

/// What the user gave: bytes, or a digest of them.
enum Given {
    Bytes(Vec<u8>),
    Digest(Digest),
}

impl Given {
    /// A digest where the text is one and no file has that name, else the file's content.
    fn read(text: &str) -> Result<Self, Stopped> {
        let path = Path::new(text);
        let meant_as_digest = ["sha256:", "sha384:", "sha512:"]
            .iter()
            .any(|prefix| text.starts_with(prefix));
        if !meant_as_digest || path.exists() {
            return Ok(Self::Bytes(files::read(path, MAX_ARTIFACT_BYTES)?));
        }
        text.parse()
            .map(Self::Digest)
            .map_err(|error: DigestError| {
                Stopped::new(Code::UsageInvalid, "malformed digest of the artifact")
                    .expected("`sha256:`, `sha384:` or `sha512:` with all its digits, or a file")
                    .found(format!("`{text}`: {error}"))
            })
    }

    fn artifact(&self) -> Artifact<'_> {
        match self {
            Self::Bytes(bytes) => Artifact::Bytes(bytes),
            Self::Digest(digest) => Artifact::Digest(digest),
        }
    }
}
