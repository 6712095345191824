//! What an operator may write on the command line.
//!
//! Nothing is read from the working directory or the environment that is not named here.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as Group, Parser};

use crate::log::LogLevel;

/// Admits or refuses the workloads of a Kubernetes cluster: may this image run, and how do we know?
#[derive(Debug, Parser)]
#[command(
    name = "sovverify-webhook",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
#[command(after_help = "\
Examples:
  sovverify-webhook --tls-cert tls.crt --tls-key tls.key --policy /etc/sovverify/policies
  sovverify-webhook --tls-cert tls.crt --tls-key tls.key --cluster --pull-secrets

Exit: 0 ended as asked, 2 bad input, 3 surroundings failed.")]
pub struct Args {
    /// What decides.
    #[command(flatten)]
    pub policies: PolicyArgs,
    /// What the API server is asked.
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// How the API server reaches us.
    #[command(flatten)]
    pub server: ServerArgs,
    /// What is kept.
    #[command(flatten)]
    pub cache: CacheArgs,
    /// Serve `/mutate`, which pins the tags of pods to the digests that were admitted.
    #[arg(long, help_heading = "Decisions")]
    pub mutate: bool,
    /// How much is written to standard error, as lines of JSON.
    #[arg(long, value_enum, default_value_t = LogLevel::Info, value_name = "LEVEL", help_heading = "Process")]
    pub log_level: LogLevel,
}

/// What decides.
#[derive(Debug, Group)]
#[command(next_help_heading = "Policies")]
pub struct PolicyArgs {
    /// Policy documents: a file, or a directory of *.yaml, *.yml and *.json files. Read again when
    /// they change; broken ones never replace good ones.
    #[arg(long, value_name = "FILE|DIR")]
    pub policy: Vec<PathBuf>,
    /// Trust roots, in the same form.
    #[arg(long, value_name = "FILE|DIR")]
    pub trust: Vec<PathBuf>,
    /// Signed exceptions: Sigstore bundles or DSSE envelopes.
    #[arg(long, value_name = "FILE|DIR")]
    pub exception: Vec<PathBuf>,
    /// A `Configuration` document: mirrors, registries, credentials, kinds of workloads, limits.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// What the API server is asked.
#[derive(Debug, Group)]
#[command(next_help_heading = "Cluster")]
pub struct ClusterArgs {
    /// Use the API server: policies from resources beside those in files, labels of namespaces,
    /// status written back. Without it no API access is needed.
    #[arg(long)]
    pub cluster: bool,
    /// Read the pull secrets of pods and service accounts.
    #[arg(long, requires = "cluster")]
    pub pull_secrets: bool,
    /// Where the API server is, with `--cluster`; the pod's own service account where nothing is given.
    #[arg(long, value_name = "FILE", env = "KUBECONFIG")]
    pub kubeconfig: Option<PathBuf>,
}

/// How the API server reaches us.
#[derive(Debug, Group)]
#[command(next_help_heading = "Server")]
pub struct ServerArgs {
    /// The address to listen on, for TLS.
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0:8443")]
    pub listen: SocketAddr,
    /// The certificate chain (PEM); read again when it changes.
    #[arg(long, value_name = "FILE")]
    pub tls_cert: PathBuf,
    /// Its private key (PEM).
    #[arg(long, value_name = "FILE")]
    pub tls_key: PathBuf,
    /// Answer reviews only to clients with a certificate of these authorities (PEM).
    #[arg(long, value_name = "FILE")]
    pub client_ca: Option<PathBuf>,
    /// A second address for /metrics, /healthz and /readyz, over plain HTTP.
    #[arg(long, value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,
}

/// What is kept.
#[derive(Debug, Group)]
#[command(next_help_heading = "Decisions")]
pub struct CacheArgs {
    /// Keep admissions in this file, so that a restart asks no registry for what is known.
    #[arg(long, value_name = "FILE")]
    pub cache_file: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_certificate_and_its_key_are_needed_and_pull_secrets_need_the_cluster() {
        let parse = |more: &[&str]| {
            let common = ["sovverify-webhook", "--tls-cert", "c", "--tls-key", "k"];
            Args::try_parse_from(common.iter().chain(more).copied())
        };
        assert!(parse(&["--policy", "p"]).is_ok());
        assert!(parse(&["--cluster", "--pull-secrets"]).is_ok());
        assert!(parse(&["--pull-secrets"]).is_err());
        assert!(Args::try_parse_from(["sovverify-webhook", "--policy", "p"]).is_err());
    }
}
