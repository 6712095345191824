//! `sovverify sbom`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};
use jiff::SignedDuration;
use sovverify::Digest;

use super::TimeArgs;

/// Work on SBOM files.
#[derive(Debug, Subcommand)]
pub(crate) enum SbomCommand {
    /// Hold SBOM files against profiles and rules, before anybody signs or delivers them. No
    /// signature is looked at.
    Check(SbomCheckArgs),
}

/// `sovverify sbom check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  sovverify sbom check --profile bsi-tr-03183-2-v2.1 --max-age 180d app.cdx.json

Profiles: ntia-2021, cisa-2025, bsi-tr-03183-2-v2.0, bsi-tr-03183-2-v2.1.
Exit: 0 all conform, 1 some does not, 2 bad input, 3 surroundings failed.")]
pub(crate) struct SbomCheckArgs {
    /// SBOM files: SPDX 2.2, 2.3 (JSON, tag-value), 3.0 (JSON-LD), CycloneDX 1.4 to 1.7 (JSON, XML).
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// What the SBOM must contain: a profile by name, or a profile file of your own; several may be
    /// given.
    #[arg(long, value_name = "NAME|FILE", default_value = "ntia-2021")]
    pub(crate) profile: Vec<String>,
    /// The oldest that an SBOM may be by its own word, for example 180d; counted from --at.
    #[arg(long, value_name = "AGE")]
    pub(crate) max_age: Option<Span>,
    /// A package that must not be listed, for example `pkg:npm/event-stream@3.3.6`.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) deny_package: Vec<String>,
    /// SPDX identifiers of the only licenses that are allowed.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) allow_license: Vec<String>,
    /// SPDX identifiers of licenses that are denied.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) deny_license: Vec<String>,
    /// The digest of the image that the SBOM must say it describes; any one of several.
    #[arg(long, value_name = "DIGEST")]
    pub(crate) subject: Vec<Digest>,
    /// As of when.
    #[command(flatten)]
    pub(crate) time: TimeArgs,
}

/// A length of time: a number and one of `s`, `m`, `h`, `d`, `w`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) SignedDuration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        sovverify::time::span(text).map(Self).ok_or_else(|| {
            "expected a number and `s`, `m`, `h`, `d` or `w`, such as `180d`".to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        let span: Span = "180d".parse().unwrap();
        assert_eq!(span.0, SignedDuration::from_hours(180 * 24));
        for text in [
            "",
            "d",
            "180",
            "-1d",
            "1.5d",
            "1y",
            "99999w",
            "9999999999999999999s",
            "1d ",
        ] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
