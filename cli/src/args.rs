//! What a user may write on the command line.
//!
//! Nothing is read from the working directory that the user did not name: configuration comes from
//! flags, or from the fixed places that a flag's help names.

mod registry;
mod sbom;
mod signer;

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use sovverify::{ImageName, Platform, VerificationTime};

use crate::render::Detail;
pub(crate) use registry::RegistryArgs;
pub(crate) use sbom::{SbomCheckArgs, SbomCommand};
pub(crate) use signer::{BlobSignerArgs, IdentityArgs, SignerArgs, TrustArgs};

/// May this image run, and how do we know?
#[derive(Debug, Parser)]
#[command(
    name = "sovverify",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    disable_help_flag = true
)]
#[command(after_help = "\
Examples:
  sovverify image --policy policies/ registry.example/app:v1
  sovverify blob --bundle app.sigstore.json --key cosign.pub app.tar.gz
  sovverify sbom check --profile bsi-tr-03183-2-v2.1 app.cdx.json

Exit: 0 admitted, 1 denied, 2 bad input, 3 surroundings failed.")]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// How to say it.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Verify images against a policy.
    Image(ImageArgs),
    /// Verify one file or digest against a Sigstore bundle.
    Blob(BlobArgs),
    /// Show everything attached to images, from whom, and whether it verifies; no policy needed.
    Inspect(InspectArgs),
    /// Work on policy documents.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Work on SBOM files.
    #[command(subcommand)]
    Sbom(SbomCommand),
    /// Print shell completions.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
}

/// Work on policy documents.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Say what is wrong with policy documents, with file, line and column.
    #[command(after_help = "\
Example:
  sovverify policy lint policies/

Exit: 0 no errors, 2 errors, 3 surroundings failed.")]
    Lint {
        /// Policy files, or directories of *.yaml, *.yml and *.json files.
        #[arg(required = true, value_name = "FILE|DIR")]
        files: Vec<PathBuf>,
    },
    /// Print the JSON Schema of policy documents.
    Schema,
    /// Print the definitions of policy documents as custom resources, for `kubectl apply`.
    Crds,
}

/// `sovverify image`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sovverify image --policy policies/ registry.example/app:v1
  sovverify image --policy policies/ --offline oci:layout --as registry.example/app
  sovverify image --key cosign.pub registry.example/app@sha256:…

Exit: 0 admitted, 1 denied, 2 bad input, 3 surroundings failed. Every option: sovverify help image")]
pub(crate) struct ImageArgs {
    /// Images: a registry reference, `oci:DIR[@DIGEST|:TAG]`, `oci-archive:FILE[…]` or `dir:DIR`.
    #[arg(required = true, value_name = "REF")]
    pub(crate) references: Vec<String>,
    /// Policy documents: a file, or a directory of *.yaml, *.yml and *.json.
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) policy: Vec<PathBuf>,
    /// Signed exceptions, beside those that are attached to the image.
    ///
    /// Sigstore bundles or DSSE envelopes.
    #[arg(long, value_name = "FILE|DIR", requires = "policy")]
    pub(crate) exception: Vec<PathBuf>,
    /// Who must have signed, without a policy file.
    #[command(flatten)]
    pub(crate) signer: SignerArgs,
    /// The attestation type to verify in place of a signature: slsa-provenance, spdx, cyclonedx,
    /// vuln, or any predicate type URI.
    #[arg(long = "type", value_name = "TYPE", conflicts_with = "policy")]
    pub(crate) predicate_type: Option<String>,
    /// Whom to trust.
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    /// Where the images come from.
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

/// `sovverify blob`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  sovverify blob --bundle app.sigstore.json --key cosign.pub app.tar.gz

Exit: 0 admitted, 1 denied, 2 bad input, 3 surroundings failed. Every option: sovverify help blob")]
pub(crate) struct BlobArgs {
    /// The file, or its digest `sha256:HEX`.
    #[arg(value_name = "FILE|DIGEST")]
    pub(crate) artifact: String,
    /// The Sigstore bundle.
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: PathBuf,
    /// Who must have signed.
    #[command(flatten)]
    pub(crate) signer: BlobSignerArgs,
    /// The attestation type that the bundle must hold; without it, a signature or a statement of
    /// any type counts.
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) predicate_type: Option<String>,
    /// Open no socket. Verifying a blob never does.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Whom to trust.
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    /// As of when.
    #[command(flatten)]
    pub(crate) time: TimeArgs,
}

/// `sovverify inspect`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sovverify inspect registry.example/app:v1
  sovverify inspect --key cosign.pub oci:layout

Exit: 0 shown, 1 its content is wrong, 2 bad input, 3 surroundings failed. Every option: sovverify help inspect")]
pub(crate) struct InspectArgs {
    /// Images: a registry reference, `oci:DIR[@DIGEST|:TAG]`, `oci-archive:FILE[…]` or `dir:DIR`.
    #[arg(required = true, value_name = "REF")]
    pub(crate) references: Vec<String>,
    /// A public key (PEM) to verify with, beside the trust roots.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Vec<PathBuf>,
    /// Whom to trust, beside the public-good instance of Sigstore.
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    /// Where the images come from.
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

/// Where images come from, and as of when.
#[derive(Debug, Args)]
#[command(next_help_heading = "Image")]
pub(crate) struct SourceArgs {
    /// The name under which policies match an image of a layout or archive.
    #[arg(long = "as", value_name = "NAME")]
    pub(crate) name: Option<ImageName>,
    /// Verify only this platform, for example linux/arm64.
    ///
    /// Without it, all that can run are verified.
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Vec<Platform>,
    /// As of when.
    #[command(flatten)]
    pub(crate) time: TimeArgs,
    /// How to reach registries.
    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
}

/// As of when.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct TimeArgs {
    /// Verify as of this moment (RFC 3339); later evidence does not count.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<VerificationTime>,
}

/// How to say it.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct OutputArgs {
    /// The form of the report: text for people, or json.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORM")]
    #[arg(hide_possible_values = true)]
    pub(crate) output: OutputFormat,
    /// Colours and symbols: auto, always or never.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    #[arg(hide_possible_values = true, hide_short_help = true)]
    pub(crate) color: ColorChoice,
    /// Say only what is not admitted, or admitted by an exception.
    #[arg(short, long, global = true, action = ArgAction::SetTrue, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say what the verdict rests on; twice: with every claim.
    ///
    /// Twice, every claim of every certificate is shown.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Print this screen; `sovverify help COMMAND` prints every option.
    #[arg(short, long, global = true, action = ArgAction::HelpShort)]
    help: Option<bool>,
}

impl OutputArgs {
    /// How much the reader wants to know.
    pub(crate) const fn detail(self) -> Detail {
        match (self.quiet, self.verbose) {
            (true, _) => Detail::Quiet,
            (false, 0) => Detail::Normal,
            (false, 1) => Detail::Full,
            (false, _) => Detail::Claims,
        }
    }
}

/// The form of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people.
    #[default]
    Text,
    /// For programs: the frozen form `report.sovverify.dev/v1`.
    Json,
}

/// When to use colours and symbols.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// Lines of a terminal that is not small.
    const SCREEN: usize = 50;

    /// The help of a command and of all below it, each with its name.
    fn screens(command: &mut clap::Command) -> Vec<(String, String)> {
        let mut screens = vec![(
            command.get_name().to_owned(),
            command.render_help().to_string(),
        )];
        screens.extend(command.get_subcommands_mut().flat_map(self::screens));
        screens
    }

    #[test]
    fn every_help_fits_a_screen_and_those_that_take_names_show_an_example() {
        let mut cli = Cli::command();
        cli.build();
        let screens = screens(&mut cli);
        assert!(screens.len() > 8);
        for (name, text) in screens {
            assert!(text.lines().count() <= SCREEN, "{name}:\n{text}");
            let takes_names = text.contains("<FILE|DIR>...")
                || text.contains("<REF>...")
                || text.contains("<FILE>...");
            assert!(!takes_names || text.contains("Example"), "{name}:\n{text}");
        }
    }
}
