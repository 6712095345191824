//! Transparency logs: promise, proof and checkpoint, then the binding of entry and signature
//! (sigstore client specification, section "Verification", steps on the log entry).

mod body;
mod spec;

pub(super) use body::{bind, names_sha256};

use std::collections::BTreeSet;

use sigstore_merkle::{hash_leaf, verify_inclusion_proof};
use sigstore_types::Checkpoint;

use super::bundle::shorten;
use super::material::{InclusionProof, LogEntry, Material};
use super::rejected::{Checked, Rejected};
use super::timestamp::Timed;
use crate::claim::{InclusionEvidence, TimeSource, VerifiedLogEntry, VerifiedTime};
use crate::code::Code;
use crate::trust::material::TrustedLog;
use crate::trust::{AlgorithmUse, TrustRoot};

/// Log entries whose log was verified; they are not yet bound to the signature.
#[derive(Default)]
pub(super) struct Logged {
    pub(super) entries: Vec<VerifiedLogEntry>,
    pub(super) times: Vec<Timed>,
    /// The windows of the logs, by position in `entries`.
    pub(super) windows: Vec<Option<sigstore_types::TimeRange>>,
    /// What the logs sign with.
    pub(super) algorithms: BTreeSet<AlgorithmUse>,
}

/// Verifies every log entry; one bad entry condemns the evidence.
pub(super) fn verify(material: &Material, root: &TrustRoot) -> Checked<Logged> {
    let mut logged = Logged::default();
    for entry in &material.entries {
        if entry.kind.is_rekor_v2() && entry.integrated_time.is_some() {
            let expected = "no integrated time on a Rekor v2 entry, where nothing signs it";
            let code = Code::TransparencyEntryMalformed;
            return Err(Rejected::new(code, expected, "one"));
        }
        let promised = entry
            .promise
            .is_some()
            .then(|| promise(entry, root))
            .transpose()?;
        let proven = entry
            .proof
            .as_ref()
            .map(|proof| inclusion(entry, proof, root))
            .transpose()?;
        let (log, inclusion) = of_one_log(promised, proven)?;
        // A promise is looked up, and verified, under the identifier.
        if promised.is_none() && log.id != entry.log_id {
            return Err(Rejected::new(
                Code::TransparencyUnknownLog,
                format!("an entry of the log that vouches for it, `{}`", log.name),
                format!("log {}", shorten(&hex::encode(&entry.log_id))),
            ));
        }
        let mut before = logged.entries.iter();
        if before.any(|known| known.log_key == log.key_digest && known.index == entry.index) {
            return Err(Rejected::new(
                Code::TransparencyEntryMalformed,
                "each log entry once",
                format!("entry {} of log `{}` twice", entry.index, log.name),
            ));
        }
        if let (Some(promised), Some(time)) = (promised, entry.integrated_time) {
            let source = TimeSource::Log {
                log: promised.name.clone(),
            };
            logged.times.push(Timed {
                time: VerifiedTime { time, source },
                by: promised.key_digest.clone(),
            });
        }
        logged.windows.push(log.window);
        logged.algorithms.insert(AlgorithmUse {
            algorithm: log.algorithm.clone(),
            place: format!("log `{}`", log.name),
        });
        logged.entries.push(VerifiedLogEntry {
            log: log.name.clone(),
            log_key: log.key_digest.clone(),
            index: entry.index,
            kind: format!("{}/{}", entry.kind.kind(), entry.kind.version()),
            inclusion,
        });
    }
    Ok(logged)
}

/// The log that made the promise and signed the checkpoint, and which of both there is.
fn of_one_log<'r>(
    promised: Option<&'r TrustedLog>,
    proven: Option<&'r TrustedLog>,
) -> Checked<(&'r TrustedLog, InclusionEvidence)> {
    match (promised, proven) {
        (Some(promised), Some(proven)) if promised.key_digest != proven.key_digest => {
            Err(Rejected::new(
                Code::TransparencyCheckpointInvalid,
                format!(
                    "a checkpoint of the log that made the promise, `{}`",
                    promised.name
                ),
                format!("one of `{}`", proven.name),
            ))
        }
        (_, Some(proven)) => Ok((proven, InclusionEvidence::Proven)),
        (Some(promised), None) => Ok((promised, InclusionEvidence::Promised)),
        (None, None) => {
            let expected = "an inclusion proof or a signed entry timestamp";
            let code = Code::TransparencyProofMissing;
            Err(Rejected::new(code, expected, "neither"))
        }
    }
}

/// The signed entry timestamp: ECDSA over JCS of body, integrated time, log id and index.
fn promise<'r>(entry: &LogEntry, root: &'r TrustRoot) -> Checked<&'r TrustedLog> {
    use base64::Engine as _;
    let (Some(promise), Some(time)) = (&entry.promise, entry.integrated_time) else {
        let expected = "a signed entry timestamp with an integrated time";
        return Err(Rejected::new(
            Code::TransparencyPromiseInvalid,
            expected,
            "no integrated time",
        ));
    };
    if entry.kind.is_rekor_v2() {
        let expected = "no signed entry timestamp on a Rekor v2 entry";
        return Err(Rejected::new(
            Code::TransparencyEntryMalformed,
            expected,
            "one",
        ));
    }
    let log = root
        .material()
        .logs
        .iter()
        .find(|log| log.id == entry.log_id)
        .ok_or_else(|| {
            let found = format!("log {}", shorten(&hex::encode(&entry.log_id)));
            Rejected::new(Code::TransparencyUnknownLog, known_logs(root), found)
        })?;
    if !log.window.is_none_or(|window| window.contains(time)) {
        return Err(Rejected::new(
            Code::TransparencyTimeInvalid,
            format!("an integrated time within the window of log `{}`", log.name),
            time.to_string(),
        ));
    }
    // RFC 8785: members sorted, no white space; no value here needs an escape.
    let payload = format!(
        r#"{{"body":"{}","integratedTime":{},"logID":"{}","logIndex":{}}}"#,
        base64::engine::general_purpose::STANDARD.encode(&entry.body),
        time.as_second(),
        hex::encode(&entry.log_id),
        entry.index,
    );
    log.key.verify(payload.as_bytes(), promise).map_err(|_| {
        Rejected::new(
            Code::TransparencyPromiseInvalid,
            format!("a signed entry timestamp by `{}` over this entry", log.name),
            "a signature that does not verify",
        )
    })?;
    Ok(log)
}

/// The Merkle proof, and the checkpoint that it leads to.
fn inclusion<'r>(
    entry: &LogEntry,
    proof: &InclusionProof,
    root: &'r TrustRoot,
) -> Checked<&'r TrustedLog> {
    let invalid = |expected: &str, found: String| {
        Rejected::new(Code::TransparencyCheckpointInvalid, expected, found)
    };
    let checkpoint = Checkpoint::from_text(&proof.checkpoint)
        .map_err(|error| invalid("a signed checkpoint", shorten(&error.to_string())))?;
    if !is_note(&proof.checkpoint, checkpoint.signed_data()) {
        let expected = "a signed note: its text, an empty line, and lines with signatures";
        return Err(invalid(
            expected,
            "something before, between or after them".to_owned(),
        ));
    }
    // In Rekor v2 the checkpoint is the only authority on size and root; Rekor v1 repeats both.
    let (index, size) = if entry.kind.is_rekor_v2() {
        (entry.index, checkpoint.tree_size())
    } else {
        if checkpoint.root_hash() != &proof.root_hash || checkpoint.tree_size() != proof.tree_size {
            let found = format!(
                "size {}, root {}",
                proof.tree_size,
                proof.root_hash.to_hex()
            );
            return Err(invalid("the size and root hash of the checkpoint", found));
        }
        (proof.index, proof.tree_size)
    };
    let leaf = hash_leaf(&entry.body);
    verify_inclusion_proof(&leaf, index, size, &proof.hashes, checkpoint.root_hash()).map_err(
        |error| {
            let expected = "an inclusion proof that leads to the checkpoint's root hash";
            Rejected::new(Code::TransparencyProofInvalid, expected, error.to_string())
        },
    )?;
    signer_of(&checkpoint, root).ok_or_else(|| {
        let names: Vec<&str> = checkpoint
            .signatures()
            .iter()
            .map(|s| s.name.as_str())
            .collect();
        let found = format!("signatures by {}", shorten(&names.join(", ")));
        Rejected::new(Code::TransparencyCheckpointInvalid, known_logs(root), found)
    })
}

/// Whether `note` is what a log signs and signatures, and nothing else (C2SP signed-note): the reader
/// of checkpoints passes over what else there is.
fn is_note(note: &str, signed: &[u8]) -> bool {
    let signatures = note
        .as_bytes()
        .strip_prefix(signed)
        .and_then(|rest| rest.strip_prefix(b"\n"))
        .and_then(|rest| rest.strip_suffix(b"\n"));
    signatures.is_some_and(|lines| {
        let mut lines = lines.split(|byte| *byte == b'\n');
        lines.all(|line| line.starts_with("\u{2014} ".as_bytes()))
    })
}

/// The trusted log whose signature on the checkpoint verifies. A hint only selects candidates:
/// four bytes may collide, and a witness may sign beside the log.
fn signer_of<'r>(checkpoint: &Checkpoint, root: &'r TrustRoot) -> Option<&'r TrustedLog> {
    checkpoint.signatures().iter().find_map(|signature| {
        root.material()
            .logs
            .iter()
            .filter(|log| log.id.starts_with(signature.key_id.as_bytes()))
            .find(|log| {
                log.key
                    .verify(checkpoint.signed_data(), &signature.signature)
                    .is_ok()
            })
    })
}

fn known_logs(root: &TrustRoot) -> String {
    let names: Vec<&str> = root
        .material()
        .logs
        .iter()
        .map(|log| log.name.as_str())
        .collect();
    match names.as_slice() {
        [] => format!("a log of trust root `{}`, which has none", root.name()),
        names => format!(
            "a log of trust root `{}`: {}",
            root.name(),
            names.join(", ")
        ),
    }
}
