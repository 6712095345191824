//! What lies around: a hostile working directory and environment, files that are not what they are named
//! for, and addresses in the place of files. Rows 126, 168 and 171 of `docs/security/gauntlet.md`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sovverify_forge::{Act, Layout, Registry};

use super::{AT, IDENTITY, ISSUER, KEY, QUICKSTART, TRUSTED_ROOT};
use crate::run::{self, Said, root, said};

/// `image` as the identity of the quick start, with this trusted root.
fn with_root(trusted_root: &str) -> Command {
    run::sovverify(&[
        "image",
        QUICKSTART,
        "--at",
        AT,
        "--trusted-root",
        trusted_root,
        "--certificate-identity",
        IDENTITY,
        "--certificate-oidc-issuer",
        ISSUER,
    ])
}

#[track_caller]
fn refused(said: &Said, code: &str) {
    let all = format!("{}{}", said.stdout, said.stderr);
    assert_eq!(said.code, 2, "{all}");
    assert!(all.contains(code), "{code} in {all}");
    assert!(!all.contains("admitted"), "{all}");
}

#[test]
fn gauntlet_126_a_broken_trusted_root_is_named_and_no_other_one_takes_its_place() {
    let honest = fs::read_to_string(root().join(TRUSTED_ROOT)).unwrap();
    let judged = said(&mut with_root(TRUSTED_ROOT));
    assert_eq!(judged.code, 0, "{}{}", judged.stdout, judged.stderr);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("own-root.json");
    let path = path.to_str().unwrap();
    for (text, code) in [
        (String::new(), "trust/malformed"),
        ("{}".to_owned(), "trust/malformed"),
        ("404 page not found\n".to_owned(), "trust/malformed"),
        (honest[..honest.len() / 2].to_owned(), "trust/malformed"),
        (honest.replacen("MII", "MIX", 1), "trust/malformed"),
        (honest.replace("tlogs", "logs"), ""),
        ("\0".repeat(5 << 20), "file/too-large"),
    ] {
        fs::write(path, &text).unwrap();
        let judged = said(&mut with_root(path));
        let start: String = text.chars().take(40).collect();
        if code.is_empty() {
            // A root without a log is another root, and the log of the first one is unknown to it.
            assert_eq!(
                judged.code, 1,
                "{start}: {}{}",
                judged.stdout, judged.stderr
            );
            continue;
        }
        refused(&judged, code);
        assert!(
            judged.stderr.contains("own-root.json"),
            "{start}: {}",
            judged.stderr
        );
    }
    fs::remove_file(path).unwrap();
    refused(&said(&mut with_root(path)), "file/missing");
    // The instance that ships inside the program is another root, and never a help in need.
    let mut shipped = with_root(path);
    shipped.args(["--sigstore-instance", "public-good"]);
    refused(&said(&mut shipped), "usage/invalid");
}

/// A directory in which everything lies that somebody might read without being told to.
fn hostile() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let lax = "apiVersion: policy.sovverify.dev/v1alpha1\nkind: Configuration\nmetadata: { name: default }\nspec: { unmatched: admit }\n";
    for name in [
        ".sovverify",
        ".sovverify.yaml",
        "sovverify.yaml",
        "sovverify.toml",
        "config.yaml",
        "policy.yaml",
        "policies/lax.yaml",
        ".config/sovverify/config.yaml",
        "trusted_root.json",
        ".sigstore/root/trusted_root.json",
        "cosign.pub",
        ".env",
    ] {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, lax).unwrap();
    }
    for name in [
        "config.json",
        ".docker/config.json",
        "containers/auth.json",
        ".config/containers/auth.json",
    ] {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, r#"{"credsStore":"x"}"#).unwrap();
    }
    directory
}

/// The same command in a directory and environment of somebody else's making.
fn in_the_hands_of(directory: &Path, command: &mut Command) -> Said {
    let place = directory.to_str().unwrap();
    command.current_dir(directory);
    for name in [
        "SOVVERIFY_CONFIG",
        "SOVVERIFY_POLICY",
        "COSIGN_PUBLIC_KEY",
        "SIGSTORE_ROOT_FILE",
        "SIGSTORE_REKOR_PUBLIC_KEY",
        "TUF_ROOT",
        "SIGSTORE_NO_CACHE",
        "COSIGN_EXPERIMENTAL",
        "DOCKER_CONFIG",
        "XDG_CONFIG_HOME",
        "XDG_RUNTIME_DIR",
        "REGISTRY_AUTH_FILE",
    ] {
        command.env(name, ".");
    }
    command.env("SSL_CERT_FILE", format!("{place}/policy.yaml"));
    command.env("PATH", ".::");
    said(command)
}

#[test]
fn gauntlet_168_nothing_in_the_working_directory_or_environment_is_read_unasked() {
    let directory = hostile();
    let absolute = |path: &str| root().join(path).to_str().unwrap().to_owned();
    let quickstart = format!("oci:{}", absolute("testdata/images/quickstart"));
    let arguments = |key: &str| {
        ["image", &quickstart, "--at", AT, "--key", key]
            .map(str::to_owned)
            .to_vec()
    };
    for arguments in [
        // Admitted, denied, and nothing to judge by: the same words as in a clean place.
        arguments(&absolute(KEY)),
        vec!["image".to_owned(), quickstart.clone()],
        vec!["inspect".to_owned(), quickstart.clone()],
        vec![
            "image".to_owned(),
            quickstart.clone(),
            "--certificate-identity".to_owned(),
            IDENTITY.to_owned(),
            "--certificate-oidc-issuer".to_owned(),
            ISSUER.to_owned(),
        ],
    ] {
        let clean = tempfile::tempdir().unwrap();
        let expected = said(run::sovverify(&arguments).current_dir(clean.path()));
        let found = in_the_hands_of(directory.path(), &mut run::sovverify(&arguments));
        assert_eq!(
            (found.code, found.stdout, found.stderr),
            (expected.code, expected.stdout, expected.stderr),
            "{arguments:?}"
        );
    }
}

/// A helper in `directory` that leaves a mark when it runs; the mark.
#[cfg(unix)]
fn helper(directory: &Path) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let (program, mark) = (
        directory.join("docker-credential-x"),
        directory.join("it-ran"),
    );
    let script = format!(
        "#!/bin/sh\necho > '{}'\necho '{{\"Username\":\"u\",\"Secret\":\"s\"}}'\n",
        mark.display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    mark
}

#[cfg(unix)]
#[test]
fn gauntlet_168_no_helper_is_run_from_the_working_directory() {
    let mut layout = Layout::new();
    let image = layout.image("linux/amd64", "app");
    layout.tag(&image, "v1");
    let registry = Registry::serve(
        &BTreeMap::from([("team/app".to_owned(), layout)]),
        |asked| match &asked.authorization {
            Some(_) => Act::Serve,
            None => Act::Refuse(
                401,
                vec![("www-authenticate", "Basic realm=\"r\"".to_owned())],
            ),
        },
    );
    let (host, key) = (registry.host(), root().join(KEY));
    let reference = format!("{host}/team/app:v1");
    let directory = hostile();
    let mark = helper(directory.path());
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".docker")).unwrap();
    let asked = || {
        let mut command =
            run::sovverify(&["image", &reference, "--insecure-registry", &host, "--key"]);
        command.arg(&key).env("HOME", home.path());
        command
    };
    // The credential files beside us name a helper, and so may the user's own one: its place is what counts.
    let found = in_the_hands_of(directory.path(), &mut asked());
    let all = format!("{}{}", found.stdout, found.stderr);
    assert!(all.contains("registry/unauthorized"), "{all}");
    assert!(!all.contains("docker-credential-x"), "{all}");
    assert!(
        !mark.exists(),
        "a file in the working directory named a helper"
    );
    fs::write(
        home.path().join(".docker/config.json"),
        r#"{"credsStore":"x"}"#,
    )
    .unwrap();
    for path in ["", ".", ".:", "./", "bin:."] {
        let mut command = asked();
        let found = said(command.current_dir(directory.path()).env("PATH", path));
        assert!(!mark.exists(), "{path:?}");
        assert!(
            found.stderr.contains("docker-credential-x"),
            "{}",
            found.stderr
        );
        assert_eq!(found.code, 2, "{}", found.stderr);
    }
    // In a directory that the user put on the path by its whole name it is run.
    let found = said(asked().env(
        "PATH",
        format!("{}:/usr/bin:/bin", directory.path().display()),
    ));
    assert!(mark.exists(), "{}{}", found.stdout, found.stderr);
    assert_eq!(
        found.code, 1,
        "asked with a credential, and not signed: {}",
        found.stdout
    );
}

#[test]
fn gauntlet_171_an_address_is_no_file_and_nothing_is_fetched_for_a_key() {
    let registry = Registry::serve(&BTreeMap::new(), |_| {
        Act::Lie(b"404 page not found".to_vec())
    });
    let host = registry.host();
    let directory = tempfile::tempdir().unwrap();
    let blob = directory.path().join("blob");
    fs::write(&blob, "an artifact").unwrap();
    let blob = blob.to_str().unwrap();
    let key = root().join(KEY);
    for scheme in ["http", "HTTP", "https", "file"] {
        let address = match scheme {
            "file" => format!("file://{}", key.display()),
            _ => format!("{scheme}://{host}/cosign.pub"),
        };
        for arguments in [
            vec!["image", QUICKSTART, "--key", &address],
            vec!["image", QUICKSTART, "--policy", &address],
            vec![
                "image",
                QUICKSTART,
                "--key",
                KEY,
                "--trusted-root",
                &address,
            ],
            vec!["blob", "--key", KEY, "--bundle", &address, blob],
        ] {
            refused(&said(&mut run::sovverify(&arguments)), "file/missing");
        }
    }
    for address in [
        "k8s://ns/secret",
        "env://KEY",
        "awskms:///key",
        "hashivault://key",
        "pkcs11:token=x",
    ] {
        let arguments = ["image", QUICKSTART, "--key", address];
        refused(&said(&mut run::sovverify(&arguments)), "file/missing");
    }
    assert_eq!(registry.asked(), [], "nothing is fetched for a key");
}

#[test]
fn gauntlet_171_a_page_of_an_error_is_no_key_and_no_bundle() {
    let directory = tempfile::tempdir().unwrap();
    let blob = directory.path().join("blob");
    fs::write(&blob, "an artifact").unwrap();
    let blob = blob.to_str().unwrap();
    // What a server answered when it had no key, kept under the name of one.
    for page in [
        "404 page not found\n",
        "<html><body>502 Bad Gateway</body></html>",
        r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#,
        "",
        "-----BEGIN PUBLIC KEY-----\n404 page not found\n-----END PUBLIC KEY-----\n",
    ] {
        let path = directory.path().join("cosign.pub");
        fs::write(&path, page).unwrap();
        let arguments = ["image", QUICKSTART, "--key", path.to_str().unwrap()];
        let found = said(&mut run::sovverify(&arguments));
        refused(&found, "file/malformed");
        assert!(found.stderr.contains("cosign.pub"), "{}", found.stderr);
        let bundle = [
            "blob",
            "--key",
            KEY,
            "--bundle",
            path.to_str().unwrap(),
            blob,
        ];
        let found = said(&mut run::sovverify(&bundle));
        assert!(
            [1, 2].contains(&found.code),
            "{}{}",
            found.stdout,
            found.stderr
        );
    }
    let honest = said(&mut run::sovverify(&[
        "image", QUICKSTART, "--at", AT, "--key", KEY,
    ]));
    assert_eq!(honest.code, 0, "{}{}", honest.stdout, honest.stderr);
}
