//! The way to the API server.

use std::path::PathBuf;
use std::time::Duration;

use kube::client::ClientBuilder;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use sovverify::report::escape;

/// Time to open a connection to the API server, which is a hop away.
const CONNECT_TIME: Duration = Duration::from_secs(5);

/// Why there is no way to the API server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// Neither a pod's service account nor `KUBECONFIG`.
    #[error(
        "expected the service account of a pod, or `KUBECONFIG`, found neither: {detail}; leave \
         `--cluster` out to use mounted files alone"
    )]
    NoConfiguration {
        /// What is missing.
        detail: String,
    },
    /// `KUBECONFIG` cannot be read.
    #[error("expected a kubeconfig in `{path}`, found: {detail}")]
    Unreadable {
        /// The file.
        path: String,
        /// What is wrong with it.
        detail: String,
    },
    /// `KUBECONFIG` asks for what a verifier must not do.
    #[error("expected a kubeconfig {expected}, found `{found}` in `{path}`")]
    Refused {
        /// The file.
        path: String,
        /// What is taken.
        expected: &'static str,
        /// What it asks for.
        found: &'static str,
    },
    /// The configuration cannot be used.
    #[error("expected settings that a client can be made of, found: {detail}")]
    Unusable {
        /// What is wrong.
        detail: String,
    },
}

/// A client for the API server: by the kubeconfig in `kubeconfig` where one is given, by the pod's own
/// service account otherwise. Opens no connection yet. Must be called within a runtime.
///
/// # Errors
///
/// [`ConnectError`]; also for a kubeconfig that would run a program, skip the check of certificates, or
/// send its credentials in the clear.
pub async fn connect(kubeconfig: Option<PathBuf>) -> Result<Client, ConnectError> {
    let mut config = match kubeconfig {
        Some(path) => by_file(&path.display().to_string(), Kubeconfig::read_from(&path)).await?,
        // Not `Config::infer`: it looks into the home directory, and lets variables of the environment
        // replace the address of the server.
        None => Config::incluster().map_err(|error| ConnectError::NoConfiguration {
            detail: escape::show(&error.to_string()),
        })?,
    };
    config.connect_timeout = Some(CONNECT_TIME);
    let builder = ClientBuilder::try_from(config).map_err(|error| unusable(&error))?;
    Ok(builder.build())
}

async fn by_file(
    path: &str,
    read: Result<Kubeconfig, kube::config::KubeconfigError>,
) -> Result<Config, ConnectError> {
    let unreadable = |error: &kube::config::KubeconfigError| ConnectError::Unreadable {
        path: escape::show(path),
        detail: escape::show(&error.to_string()),
    };
    let file = read.map_err(|error| unreadable(&error))?;
    for named in &file.auth_infos {
        let runs = named
            .auth_info
            .as_ref()
            .is_some_and(|info| info.exec.is_some() || info.auth_provider.is_some());
        if runs {
            return Err(ConnectError::Refused {
                path: escape::show(path),
                expected: "with a token, a token file or a client certificate",
                found: "exec or auth-provider",
            });
        }
    }
    let config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default())
        .await
        .map_err(|error| unreadable(&error))?;
    let refused = |expected, found| {
        Err(ConnectError::Refused {
            path: escape::show(path),
            expected,
            found,
        })
    };
    if config.accept_invalid_certs {
        return refused(
            "that names the server's certificate authority",
            "insecure-skip-tls-verify",
        );
    }
    if config.cluster_url.scheme_str() != Some("https") {
        return refused("with a server at https://", "another scheme");
    }
    Ok(config)
}

fn unusable(error: &kube::Error) -> ConnectError {
    ConnectError::Unusable {
        detail: escape::show(&error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kubeconfig(server: &str, cluster: &str, user: &str) -> String {
        format!(
            r#"{{"apiVersion":"v1","kind":"Config","current-context":"c",
            "contexts":[{{"name":"c","context":{{"cluster":"c","user":"u"}}}}],
            "clusters":[{{"name":"c","cluster":{{"server":"{server}"{cluster}}}}}],
            "users":[{{"name":"u","user":{{{user}}}}}]}}"#
        )
    }

    async fn connected(text: &str) -> Result<Client, ConnectError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        connect(Some(file.path().to_owned())).await
    }

    #[tokio::test]
    async fn a_kubeconfig_with_a_token_is_taken() {
        let text = kubeconfig("https://127.0.0.1:6443", "", r#""token":"t""#);
        assert!(connected(&text).await.is_ok());
    }

    #[tokio::test]
    async fn a_kubeconfig_that_would_run_a_program_or_skip_checks_is_refused() {
        let exec =
            r#""exec":{"apiVersion":"client.authentication.k8s.io/v1","command":"/bin/true"}"#;
        let provider = r#""auth-provider":{"name":"gcp","config":{"cmd-path":"/bin/true"}}"#;
        let https = "https://127.0.0.1:6443";
        for (text, named) in [
            (kubeconfig(https, "", exec), "exec or auth-provider"),
            (kubeconfig(https, "", provider), "exec or auth-provider"),
            (
                kubeconfig(https, r#","insecure-skip-tls-verify":true"#, ""),
                "insecure-skip-tls-verify",
            ),
            (
                kubeconfig("http://127.0.0.1:6443", "", ""),
                "another scheme",
            ),
        ] {
            let Err(error) = connected(&text).await else {
                panic!("{named} was taken");
            };
            assert!(matches!(error, ConnectError::Refused { .. }), "{error}");
            assert!(error.to_string().contains(named), "{error}");
        }
    }

    #[tokio::test]
    async fn without_any_configuration_the_error_says_how_to_do_without() {
        let Err(error) = connect(None).await else {
            panic!("this machine is a pod");
        };
        assert!(
            error.to_string().contains("leave `--cluster` out"),
            "{error}"
        );
        let Err(error) = connected("[").await else {
            panic!("no kubeconfig was taken");
        };
        assert!(matches!(error, ConnectError::Unreadable { .. }), "{error}");
    }
}
