//! Policy documents for one scenario.

use std::path::{Path, PathBuf};

use sovverify_testbed::cosign::Predicate;
use sovverify_testbed::kit::Kit;

/// A policy for all images, with one signer per key, none of them in a log.
pub(crate) struct Policy {
    signers: Vec<(String, PathBuf)>,
    require: Vec<String>,
}

impl Policy {
    /// A policy whose signers are called `signer-0`, `signer-1` and so on.
    pub(crate) fn new(keys: &[&Path]) -> Self {
        let named =
            |(number, key): (usize, &&Path)| (format!("signer-{number}"), key.to_path_buf());
        Self {
            signers: keys.iter().enumerate().map(named).collect(),
            require: Vec::new(),
        }
    }

    /// Demands a signature: on `index`, `platform` or `any`, by so many distinct signers.
    pub(crate) fn signature(mut self, on: &str, at_least: usize) -> Self {
        let by = self.names();
        self.require.push(format!(
            "    - name: signed-{on}\n      on: {on}\n      signature: {{ by: [{by}], atLeast: {at_least} }}\n"
        ));
        self
    }

    /// Demands an attestation of this type by any of the signers.
    pub(crate) fn attestation(mut self, on: &str, predicate: Predicate) -> Self {
        let (by, uri) = (self.names(), predicate.uri());
        self.require.push(format!(
            "    - name: attested-{on}\n      on: {on}\n      attestation: {{ type: \"{uri}\", by: [{by}] }}\n"
        ));
        self
    }

    /// Writes the document.
    pub(crate) fn write(&self, kit: &Kit, name: &str) -> PathBuf {
        let signers: Vec<String> = self
            .signers
            .iter()
            .map(|(name, key)| {
                let key = key.display();
                format!("    {name}: {{ key: {{ file: \"{key}\" }}, trustRoot: none }}\n")
            })
            .collect();
        let (signers, require) = (signers.concat(), self.require.concat());
        kit.write(
            name,
            format!(
                "apiVersion: policy.sovverify.dev/v1alpha1\nkind: ClusterImagePolicy\n\
                 metadata: {{ name: scenario }}\nspec:\n  match: {{ images: [\"**\"] }}\n  \
                 signers:\n{signers}  require:\n{require}"
            ),
        )
    }

    /// All signers, as a list.
    fn names(&self) -> String {
        let names: Vec<&str> = self.signers.iter().map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    }
}
