//! How registries are reached.

use std::path::PathBuf;

use clap::Args;

/// How registries are reached.
#[derive(Debug, Args)]
#[command(next_help_heading = "Registry")]
pub(crate) struct RegistryArgs {
    /// Open no socket: only layouts, archives and directories.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Process settings: a document of kind Configuration.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Ask this registry (host, or host:port as in the reference) over plain HTTP. Repeatable; only these.
    #[arg(long, value_name = "HOST", hide_short_help = true)]
    pub(crate) insecure_registry: Vec<String>,
    /// Certificate authorities (PEM) that vouch for registries, beside the system's.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(crate) registry_ca: Vec<PathBuf>,
    /// User name for the registries of the given references, and for no other host.
    #[arg(long, value_name = "NAME", env = "SOVVERIFY_REGISTRY_USERNAME")]
    #[arg(requires = "registry_secret", hide_short_help = true)]
    pub(crate) registry_username: Option<String>,
    /// The password that goes with the user name.
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
}

/// The password that goes with the user name.
#[derive(Debug, Args)]
#[group(
    id = "registry_secret",
    multiple = false,
    requires = "registry_username"
)]
pub(crate) struct PasswordArgs {
    /// Password; other users of the machine can see it: better by environment or file.
    #[arg(long, value_name = "PASSWORD", env = "SOVVERIFY_REGISTRY_PASSWORD")]
    #[arg(hide_env_values = true, hide_short_help = true)]
    pub(crate) registry_password: Option<String>,
    /// File that holds the password.
    #[arg(long, value_name = "FILE", env = "SOVVERIFY_REGISTRY_PASSWORD_FILE")]
    #[arg(hide_short_help = true)]
    pub(crate) registry_password_file: Option<PathBuf>,
}
