//! What other command lines got wrong: a demand that nothing meets ends with an exit code that a shell
//! stops at. The number in a test's name is the row of `docs/security/gauntlet.md`.

use std::process::Command;

use sovverify_forge::{Forge, Layout, SIGNING_TIME, Statement, at, days};

use super::{AT, IDENTITY, ISSUER};
use crate::run;

/// Layouts with one image each, by what is attested about it, beside the trusted root.
struct Shelf {
    directory: tempfile::TempDir,
}

/// What is attested, and the exit code of a demand for an SPDX document.
const MATRIX: [(&str, i32); 6] = [
    ("none", 1),
    ("other-type", 1),
    ("invalid", 1),
    ("other-image", 1),
    ("invalid-and-other-type", 1),
    ("right", 0),
];

impl Shelf {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let time = at(SIGNING_TIME);
        let forge = Forge::new(days(time, -30));
        for (name, _) in MATRIX {
            let mut layout = Layout::new();
            let image = layout.image("linux/amd64", "app");
            layout.tag(&image, "v1");
            let spdx = Statement::spdx(&image.digest, "linux/amd64");
            let other = Statement::slsa_v1(&image.digest);
            let elsewhere = Statement::spdx(&format!("sha256:{}", "0".repeat(64)), "linux/amd64");
            let sign = |statement: &Statement| forge.keyless(time).statement(statement);
            let bundles = match name {
                "other-type" => vec![sign(&other)],
                "invalid" => vec![sign(&spdx).signature_flipped()],
                "other-image" => vec![sign(&elsewhere)],
                "invalid-and-other-type" => vec![sign(&spdx).set_tampered(), sign(&other)],
                "right" => vec![sign(&spdx), sign(&spdx).signature_flipped()],
                _ => Vec::new(),
            };
            for bundle in &bundles {
                layout.attach_bundle(&image, bundle);
            }
            layout.write_to(&directory.path().join(name));
        }
        let root = directory.path().join("root.json");
        std::fs::write(&root, forge.trusted_root().text()).unwrap();
        let policy = format!(
            "apiVersion: policy.sovverify.dev/v1alpha1\nkind: TrustRoot\nmetadata: {{ name: forge }}\nspec: {{ sigstore: {{ trustedRoot: {{ file: root.json }} }} }}\n---\napiVersion: policy.sovverify.dev/v1alpha1\nkind: ClusterImagePolicy\nmetadata: {{ name: production }}\nspec:\n  match: {{ images: [\"**\"] }}\n  signers:\n    release: {{ keyless: {{ issuer: \"{ISSUER}\", identity: \"{IDENTITY}\" }}, trustRoot: forge }}\n  require:\n    - {{ name: sbom, sbom: {{ by: [release] }} }}\n"
        );
        std::fs::write(directory.path().join("policy.yaml"), policy).unwrap();
        Self { directory }
    }

    fn path(&self, name: &str) -> String {
        self.directory
            .path()
            .join(name)
            .to_str()
            .unwrap()
            .to_owned()
    }

    /// Asks with cosign's flags, and with a policy.
    fn arguments(&self, name: &str) -> [Vec<String>; 2] {
        let image = format!("oci:{}:v1", self.path(name));
        let (root, policy) = (self.path("root.json"), self.path("policy.yaml"));
        let flags = [
            "image",
            &image,
            "--at",
            AT,
            "--trusted-root",
            &root,
            "--certificate-identity",
            IDENTITY,
            "--certificate-oidc-issuer",
            ISSUER,
            "--type",
            "spdx",
        ];
        let documents = ["image", &image, "--at", AT, "--policy", &policy];
        [
            flags.map(str::to_owned).to_vec(),
            documents.map(str::to_owned).to_vec(),
        ]
    }
}

#[test]
fn gauntlet_027_the_exit_code_is_zero_only_where_the_wanted_type_was_verified() {
    let shelf = Shelf::new();
    for (name, code) in MATRIX {
        for arguments in shelf.arguments(name) {
            let said = run::said(&mut run::sovverify(&arguments));
            assert_eq!(
                said.code, code,
                "{name}: {arguments:?}: {}{}",
                said.stdout, said.stderr
            );
            assert_eq!(
                said.stdout.contains("error["),
                code != 0,
                "{name}: {}",
                said.stdout
            );
        }
    }
}

#[test]
fn gauntlet_027_a_shell_that_stops_at_errors_stops() {
    let shelf = Shelf::new();
    for (name, code) in MATRIX {
        for arguments in shelf.arguments(name) {
            let mut command = Command::new("/bin/sh");
            command
                .env_clear()
                .current_dir(run::root())
                .args([
                    "-ec",
                    "\"$@\" > /dev/null; echo deployed",
                    "sh",
                    env!("CARGO_BIN_EXE_sovverify"),
                ])
                .args(&arguments);
            let said = run::said(&mut command);
            assert_eq!(
                (said.code, said.stdout.as_str()),
                (code, if code == 0 { "deployed\n" } else { "" }),
                "{name}"
            );
        }
    }
}
