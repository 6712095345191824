//! A registry with signed images, the policy that wants them signed, and certificates.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hyper::body::Bytes;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use serde_json::json;
use sovverify_forge::{Act, Asked, Forge, Key, KeyKind, Layout, Registry, Statement, at};
use sovverify_webhook::server::TlsFiles;

/// Where certificate, policy and settings are.
pub(crate) struct Files(PathBuf);

impl Files {
    pub(crate) fn at(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    pub(crate) fn policy(&self) -> PathBuf {
        self.0.join("policy.yaml")
    }

    pub(crate) fn configuration(&self) -> PathBuf {
        self.0.join("configuration.yaml")
    }

    pub(crate) fn tls(&self) -> TlsFiles {
        TlsFiles {
            certificate: self.0.join("tls.crt"),
            key: self.0.join("tls.key"),
            client_authority: None,
        }
    }

    /// What the bare server speaks: the same as ours, without anything that could be replaced.
    pub(crate) fn server(&self) -> ServerConfig {
        let tls = self.tls();
        let chain = vec![CertificateDer::from_pem_file(tls.certificate).unwrap()];
        let key = PrivateKeyDer::from_pem_file(tls.key).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config
    }

    pub(crate) fn client(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_file(self.tls().certificate).unwrap();
        roots.add(certificate).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec()];
        config
    }

    fn write_certificate(&self) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        fs::write(self.tls().certificate, certificate.pem()).unwrap();
        fs::write(self.tls().key, key.serialize_pem()).unwrap();
    }
}

/// Everything that the servers are asked about.
pub(crate) struct World {
    pub(crate) registry: Registry,
    pub(crate) files: Files,
    /// `repository@digest`, without the registry.
    digests: Vec<String>,
    _folder: tempfile::TempDir,
}

impl World {
    /// A registry with so many signed images, which behaves so.
    pub(crate) fn with(
        images: usize,
        behaviour: impl Fn(&Asked) -> Act + Send + Sync + 'static,
    ) -> Self {
        let forge = Forge::new(at("2026-01-01T00:00:00Z"));
        let key = Key::generate(KeyKind::EcdsaP256);
        let signing = forge.keyed(&key, at("2026-05-01T00:00:00Z")).unlogged();
        let mut repositories = BTreeMap::new();
        let mut digests = Vec::new();
        for number in 0..images {
            let name = format!("team/app-{number}");
            let mut layout = Layout::new();
            let image = layout.image("linux/amd64", &name);
            layout.tag(&image, "v1");
            let statement = Statement::cosign_sign(&image.digest);
            layout.attach_bundle(&image, &signing.statement(&statement));
            digests.push(format!("{name}@{}", image.digest));
            repositories.insert(name, layout);
        }
        let registry = Registry::serve(&repositories, behaviour);
        let folder = tempfile::tempdir().unwrap();
        let files = Files::at(folder.path());
        files.write_certificate();
        fs::write(files.policy(), policy(&registry, &key)).unwrap();
        fs::write(files.configuration(), configuration(&registry)).unwrap();
        Self {
            registry,
            files,
            digests,
            _folder: folder,
        }
    }

    /// The review of a pod with the image of this number, by digest.
    pub(crate) fn review(&self, number: usize) -> Bytes {
        let image = &self.digests[number % self.digests.len()];
        review(&format!("{}/{image}", self.registry.host()))
    }

    /// All reviews, each with another image.
    pub(crate) fn reviews(&self) -> Vec<Bytes> {
        (0..self.digests.len())
            .map(|number| self.review(number))
            .collect()
    }
}

fn policy(registry: &Registry, key: &Key) -> String {
    let pem = key.public_pem().replace('\n', "\n          ");
    format!(
        "apiVersion: policy.sovverify.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{ name: production }}
spec:
  match:
    images: [\"{}/team/**\"]
  signers:
    release:
      trustRoot: none
      key:
        inline: |
          {pem}
  require:
    - name: signed
      signature: {{ by: [release] }}
",
        registry.host()
    )
}

fn configuration(registry: &Registry) -> String {
    format!(
        "apiVersion: policy.sovverify.dev/v1alpha1
kind: Configuration
metadata: {{ name: process }}
spec:
  registries:
    insecure: [\"{0}\"]
    local: [\"{0}\"]
",
        registry.host()
    )
}

/// What an API server sends when a controller makes a pod: some 2.5 KiB, most of which nobody looks at.
fn review(image: &str) -> Bytes {
    let labels = json!({
        "app": "orders", "app.kubernetes.io/instance": "orders-7d9c5b8f4", "app.kubernetes.io/part-of": "shop",
        "pod-template-hash": "7d9c5b8f4", "team": "payments",
    });
    let mounts = json!([
        { "name": "config", "mountPath": "/etc/orders", "readOnly": true },
        { "name": "kube-api-access-x7k2p", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": true },
    ]);
    let probe = json!({
        "httpGet": { "path": "/healthz", "port": 8080, "scheme": "HTTP" },
        "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3,
    });
    let container = json!({
        "name": "orders", "image": image, "imagePullPolicy": "IfNotPresent", "volumeMounts": mounts,
        "ports": [{ "containerPort": 8080, "protocol": "TCP" }],
        "env": [
            { "name": "DATABASE", "valueFrom": { "secretKeyRef": { "name": "orders", "key": "url" } } },
            { "name": "POD", "valueFrom": { "fieldRef": { "apiVersion": "v1", "fieldPath": "metadata.name" } } },
        ],
        "resources": { "limits": { "memory": "256Mi" }, "requests": { "cpu": "100m", "memory": "128Mi" } },
        "readinessProbe": probe, "livenessProbe": probe,
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
        "securityContext": { "runAsNonRoot": true, "readOnlyRootFilesystem": true },
    });
    let object = json!({
        "kind": "Pod", "apiVersion": "v1",
        "metadata": {
            "generateName": "orders-7d9c5b8f4-", "namespace": "shop", "labels": labels,
            "ownerReferences": [{
                "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "orders-7d9c5b8f4", "controller": true,
                "uid": "0b7c1f0e-5a63-4c0e-9a55-7d7c6a1f9e11", "blockOwnerDeletion": true,
            }],
        },
        "spec": {
            "volumes": [
                { "name": "config", "configMap": { "name": "orders", "defaultMode": 420 } },
                { "name": "kube-api-access-x7k2p", "projected": { "defaultMode": 420, "sources": [
                    { "serviceAccountToken": { "expirationSeconds": 3607, "path": "token" } },
                    { "configMap": { "name": "kube-root-ca.crt", "items": [{ "key": "ca.crt", "path": "ca.crt" }] } },
                ] } },
            ],
            "containers": [container],
            "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
            "serviceAccountName": "default", "serviceAccount": "default", "schedulerName": "default-scheduler",
            "tolerations": [
                { "key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300 },
                { "key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300 },
            ],
            "priority": 0, "enableServiceLinks": true, "preemptionPolicy": "PreemptLowerPriority",
        },
        "status": {},
    });
    let kind = json!({ "group": "", "version": "v1", "kind": "Pod" });
    let resource = json!({ "group": "", "version": "v1", "resource": "pods" });
    let user = json!({
        "username": "system:serviceaccount:kube-system:replicaset-controller",
        "groups": ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"],
    });
    let review = json!({
        "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
        "request": {
            "uid": "e30eeed0-f9ce-4d2c-bfcb-26c403522733", "kind": kind, "resource": resource,
            "requestKind": kind, "requestResource": resource, "namespace": "shop", "operation": "CREATE",
            "userInfo": user, "object": object, "oldObject": null, "dryRun": false, "options": null,
        },
    });
    Bytes::from(review.to_string())
}
