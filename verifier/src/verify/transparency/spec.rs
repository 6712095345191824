//! The shapes of log entry bodies, as the logs write them (rekor `pkg/types`, rekor-tiles
//! `docs/openapi`); only what binds an entry to a signature is read.

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body<S> {
    pub(super) kind: String,
    pub(super) api_version: String,
    pub(super) spec: S,
}

#[derive(Deserialize)]
pub(super) struct Hash {
    pub(super) algorithm: String,
    pub(super) value: String,
}

#[derive(Deserialize)]
pub(super) struct HashedRekordV001 {
    pub(super) data: HashedData,
    pub(super) signature: HashedSignature,
}

#[derive(Deserialize)]
pub(super) struct HashedData {
    pub(super) hash: Hash,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HashedSignature {
    pub(super) content: String,
    pub(super) public_key: PemContent,
}

#[derive(Deserialize)]
pub(super) struct PemContent {
    pub(super) content: String,
}

#[derive(Deserialize)]
pub(super) struct HashedRekordV002 {
    #[serde(rename = "hashedRekordV002")]
    pub(super) inner: HashedV002,
}

#[derive(Deserialize)]
pub(super) struct HashedV002 {
    pub(super) data: DigestV002,
    pub(super) signature: SignatureV002,
}

#[derive(Deserialize)]
pub(super) struct DigestV002 {
    pub(super) algorithm: String,
    pub(super) digest: String,
}

#[derive(Deserialize)]
pub(super) struct SignatureV002 {
    pub(super) content: String,
    pub(super) verifier: VerifierV002,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VerifierV002 {
    pub(super) x509_certificate: Option<RawBytes>,
    pub(super) public_key: Option<RawBytes>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawBytes {
    pub(super) raw_bytes: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DsseV001 {
    pub(super) payload_hash: Hash,
    pub(super) signatures: Vec<DsseSignature>,
}

#[derive(Deserialize)]
pub(super) struct DsseSignature {
    pub(super) signature: String,
    pub(super) verifier: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IntotoV001 {
    pub(super) content: IntotoV001Content,
    pub(super) public_key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IntotoV001Content {
    pub(super) hash: Hash,
    pub(super) payload_hash: Hash,
}

#[derive(Deserialize)]
pub(super) struct IntotoV002 {
    pub(super) content: IntotoV002Content,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IntotoV002Content {
    pub(super) envelope: IntotoEnvelope,
    pub(super) payload_hash: Hash,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IntotoEnvelope {
    pub(super) payload_type: String,
    pub(super) signatures: Vec<IntotoSignature>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IntotoSignature {
    pub(super) public_key: String,
    pub(super) sig: String,
}
