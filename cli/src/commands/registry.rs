//! How registries are reached: flags, the configuration document, and docker's and podman's
//! credential files at their fixed places.

use std::env;
use std::path::PathBuf;

use sovverify::Code;
use sovverify_fetch::config::{
    Authorities, CredentialFile, CredentialSources, ExplicitCredential, Network, Proxy, Secret,
};
use sovverify_fetch::{FetchConfig, Location};

use crate::args::RegistryArgs;
use crate::problem::Stopped;
use sovverify_fetch::load::files::{MAX_PASSWORD_BYTES, MAX_PEM_BYTES, read_text};

/// The configuration of discovery for `locations`: `settings` of a document, changed by flags.
pub(crate) fn config(
    settings: FetchConfig,
    args: &RegistryArgs,
    locations: &[Location],
) -> Result<FetchConfig, Stopped> {
    let mut config = settings;
    if args.offline {
        config.network = Network::Offline;
    }
    config.proxy = Proxy::FromEnvironment;
    config
        .insecure_registries
        .extend(args.insecure_registry.iter().cloned());
    let authorities = args.registry_ca.iter();
    let given: Vec<String> = authorities
        .map(|path| read_text(path, MAX_PEM_BYTES))
        .collect::<Result<_, _>>()?;
    match &mut config.authorities {
        Authorities::SystemAnd(pem) | Authorities::Only(pem) => pem.extend(given),
        _ => {}
    }
    credentials(&mut config.credentials, args, locations)?;
    Ok(config)
}

/// Credentials: those of the command line for the registries of the references and for no other
/// host, then the files of the configuration, then the places where such files often are.
fn credentials(
    sources: &mut CredentialSources,
    args: &RegistryArgs,
    locations: &[Location],
) -> Result<(), Stopped> {
    if let Some(username) = &args.registry_username {
        let password = password(args)?;
        let mut hosts: Vec<&str> = locations
            .iter()
            .filter_map(|location| match location {
                Location::Registry(reference) => Some(reference.name().registry()),
                _ => None,
            })
            .collect();
        hosts.sort_unstable();
        hosts.dedup();
        let explicit = hosts.into_iter().map(|host| ExplicitCredential {
            scope: host.to_owned(),
            username: username.clone(),
            password: Secret::new(password.clone()),
        });
        sources.explicit.extend(explicit);
    }
    sources.files.extend(well_known_files());
    if sources.helper_directories.is_empty() {
        let path = env::var_os("PATH").unwrap_or_default();
        sources.helper_directories = env::split_paths(&path).collect();
    }
    Ok(())
}

fn password(args: &RegistryArgs) -> Result<String, Stopped> {
    let secret = &args.password;
    match (&secret.registry_password, &secret.registry_password_file) {
        (Some(password), None) => Ok(password.clone()),
        (None, Some(path)) => {
            let text = read_text(path, MAX_PASSWORD_BYTES)?;
            // The line break is the editor's, not the password's.
            Ok(text.trim_end_matches(['\n', '\r']).to_owned())
        }
        _ => Err(Stopped::new(
            Code::UsageInvalid,
            "a registry user name needs one password",
        )
        .expected("`--registry-password` or `--registry-password-file`")
        .found("none or both")),
    }
}

/// Where docker and podman keep credentials (`docker login`, `containers-auth.json(5)`).
fn well_known_files() -> Vec<CredentialFile> {
    let directory = |name: &str| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let home = directory("HOME");
    let below_home = |path: &str| home.as_ref().map(|home| home.join(path));
    let docker = directory("DOCKER_CONFIG").or_else(|| below_home(".docker"));
    let config = directory("XDG_CONFIG_HOME").or_else(|| below_home(".config"));
    [
        docker.map(|path| path.join("config.json")),
        directory("XDG_RUNTIME_DIR").map(|path| path.join("containers/auth.json")),
        config.map(|path| path.join("containers/auth.json")),
    ]
    .into_iter()
    .flatten()
    // A relative place would be the working directory's say, not the user's.
    .filter(|path| path.is_absolute())
    .map(CredentialFile::IfPresent)
    .collect()
}
