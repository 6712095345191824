//! Who must have signed and whom to trust, in cosign's flag names.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sovverify::trust::{Instance, KeyHash};

/// Who must have signed, without a policy file: one key, or one identity.
#[derive(Debug, Args)]
#[command(next_help_heading = "Signer, without a policy")]
pub(crate) struct SignerArgs {
    /// The public key (PEM).
    #[arg(long, value_name = "FILE", conflicts_with = "policy")]
    pub(crate) key: Option<PathBuf>,
    /// Who.
    #[command(flatten)]
    pub(crate) identity: IdentityArgs,
}

/// Who must have signed a blob: one key, or one identity.
#[derive(Debug, Args)]
#[command(next_help_heading = "Signer")]
pub(crate) struct BlobSignerArgs {
    /// The public key (PEM).
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Who.
    #[command(flatten)]
    pub(crate) identity: IdentityArgs,
}

/// The identity in the certificate of a signer.
#[derive(Debug, Args)]
#[expect(clippy::struct_field_names, reason = "the names are cosign's flags")]
pub(crate) struct IdentityArgs {
    /// The identity in the certificate: the whole e-mail address or URI.
    #[arg(long, value_name = "IDENTITY")]
    #[arg(conflicts_with_all = ["key", "certificate_identity_regexp"])]
    pub(crate) certificate_identity: Option<String>,
    /// The identity as a regular expression, compared with the whole text.
    #[arg(
        long,
        value_name = "REGEXP",
        conflicts_with = "key",
        hide_short_help = true
    )]
    pub(crate) certificate_identity_regexp: Option<String>,
    /// The issuer in the certificate: the whole URL.
    #[arg(long, value_name = "URL")]
    #[arg(conflicts_with_all = ["key", "certificate_oidc_issuer_regexp"])]
    pub(crate) certificate_oidc_issuer: Option<String>,
    /// The issuer as a regular expression, compared with the whole text.
    #[arg(
        long,
        value_name = "REGEXP",
        conflicts_with = "key",
        hide_short_help = true
    )]
    pub(crate) certificate_oidc_issuer_regexp: Option<String>,
}

impl IdentityArgs {
    /// Whether none of the flags was given.
    pub(crate) const fn is_empty(&self) -> bool {
        self.certificate_identity.is_none()
            && self.certificate_identity_regexp.is_none()
            && self.certificate_oidc_issuer.is_none()
            && self.certificate_oidc_issuer_regexp.is_none()
    }
}

/// Whom to trust.
#[derive(Debug, Args)]
#[command(next_help_heading = "Trust")]
pub(crate) struct TrustArgs {
    /// Trust root documents that policies name: a file, or a directory of them.
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) trust: Vec<PathBuf>,
    /// A Sigstore `trusted_root.json` in place of the public-good instance.
    #[arg(long, value_name = "FILE")]
    pub(crate) trusted_root: Option<PathBuf>,
    /// An instance of Sigstore whose trusted root ships inside the binary, never refreshed.
    #[arg(long, value_enum, value_name = "NAME", conflicts_with = "trusted_root")]
    #[arg(hide_short_help = true)]
    pub(crate) sigstore_instance: Option<InstanceChoice>,
    /// DANGER: ask for no transparency log. A misused key stays unnoticed.
    #[arg(long, hide_short_help = true)]
    pub(crate) insecure_ignore_tlog: bool,
    /// DANGER: ask for no certificate timestamp. A misissued certificate stays unnoticed.
    #[arg(long, hide_short_help = true)]
    pub(crate) insecure_ignore_sct: bool,
    /// The hash under which the given key signs, where its algorithm leaves a choice.
    #[arg(long, value_enum, value_name = "HASH", hide_short_help = true)]
    pub(crate) signature_digest_algorithm: Option<HashChoice>,
}

impl TrustArgs {
    /// Whether a trusted root was chosen.
    pub(crate) const fn names_a_root(&self) -> bool {
        self.trusted_root.is_some() || self.sigstore_instance.is_some()
    }

    /// Whether some flag says what, beside documents, only a document may say.
    pub(crate) const fn says_more_than_documents(&self) -> bool {
        self.names_a_root()
            || self.insecure_ignore_tlog
            || self.insecure_ignore_sct
            || self.signature_digest_algorithm.is_some()
    }
}

/// An instance of Sigstore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InstanceChoice {
    /// sigstore.dev.
    PublicGood,
    /// sigstage.dev.
    Staging,
    /// GitHub's own, for private repositories.
    Github,
}

impl From<InstanceChoice> for Instance {
    fn from(choice: InstanceChoice) -> Self {
        match choice {
            InstanceChoice::PublicGood => Self::PublicGood,
            InstanceChoice::Staging => Self::Staging,
            InstanceChoice::Github => Self::GitHub,
        }
    }
}

/// A hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HashChoice {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl From<HashChoice> for KeyHash {
    fn from(choice: HashChoice) -> Self {
        match choice {
            HashChoice::Sha256 => Self::Sha256,
            HashChoice::Sha384 => Self::Sha384,
            HashChoice::Sha512 => Self::Sha512,
        }
    }
}
