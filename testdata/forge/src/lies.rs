//! Lies: each takes honest evidence and changes exactly one thing.

use jiff::Timestamp;

use crate::authority::Authority;
use crate::bundle::{Bundle, Material, Version};
use crate::clock::{Window, days};
use crate::der;
use crate::encoding::{flip_a_bit, random};
use crate::entry::{LogEntry, Proof};
use crate::envelope::Content;
use crate::forge::Forge;
use crate::keys::Key;
use crate::layout::Layout;
use crate::legacy::CosignLayer;
use crate::rekor_v1::RekorV1;
use crate::signing::Signing;
use crate::statement::Statement;
use crate::x509::Usage;

/// Lies told while signing.
impl Signing<'_> {
    /// The certificate had expired a day before the signature was made and logged.
    pub fn certificate_expired_at_signing(self) -> Self {
        let window = Window::ten_minutes(days(self.time(), -1));
        self.certificate_valid(window)
    }

    /// The certificate becomes valid a day after the signature was made and logged.
    pub fn certificate_not_yet_valid_at_signing(self) -> Self {
        let window = Window::ten_minutes(days(self.time(), 1));
        self.certificate_valid(window)
    }

    /// The certificate is for TLS servers.
    pub fn certificate_for_a_server(self) -> Self {
        self.certificate_for(Usage::ServerAuth)
    }

    /// The certificate is for a key of an algorithm that Sigstore does not know: Ed448.
    pub fn certificate_of_unknown_algorithm(self) -> Self {
        let spki = der::seq(&[der::algorithm("1.3.101.113"), der::bits(&random::<57>())]);
        self.certificate_of_key(&spki)
    }

    /// The certificate was issued by an authority that nobody trusts, under the trusted one's name.
    pub fn certified_by_stranger(self, stranger: &Forge) -> Self {
        self.certified_by(&stranger.fulcio)
    }

    /// The certificate carries no SCT.
    pub fn sct_removed(self) -> Self {
        self.without_sct()
    }

    /// The certificate carries an SCT that was made for another certificate.
    pub fn sct_for_other_certificate(self) -> Self {
        self.with_borrowed_sct()
    }

    /// The certificate carries an SCT of a log that nobody trusts.
    pub fn sct_of_stranger(self, stranger: &Forge) -> Self {
        self.with_sct_of(&stranger.ct_log)
    }
}

/// Lies told about a bundle.
impl Bundle {
    /// One bit of the signature is flipped; the log entry still tells the truth.
    pub fn signature_flipped(mut self) -> Self {
        match &mut self.content {
            Content::Message { signature, .. } => flip_a_bit(signature),
            Content::Dsse(envelope) => flip_a_bit(&mut envelope.signatures[0].1),
        }
        self
    }

    /// The signature was made by a key that nobody certified.
    pub fn signed_by_stranger(mut self, stranger: &Key, message: &[u8]) -> Self {
        match &mut self.content {
            Content::Message { signature, .. } => *signature = stranger.sign(message),
            Content::Dsse(envelope) => {
                envelope.signatures[0].1 = stranger.sign(&envelope.pae());
            }
        }
        self
    }

    /// The payload of the envelope says something else than was signed.
    pub fn payload_replaced(mut self, payload: &[u8]) -> Self {
        if let Content::Dsse(envelope) = &mut self.content {
            envelope.payload = payload.to_vec();
        }
        self
    }

    /// The payload type of the envelope is another than was signed.
    pub fn payload_type_changed(mut self, payload_type: &str) -> Self {
        if let Content::Dsse(envelope) = &mut self.content {
            payload_type.clone_into(&mut envelope.payload_type);
        }
        self
    }

    /// The envelope carries a second signature, by a stranger.
    pub fn second_dsse_signature(mut self, stranger: &Key) -> Self {
        if let Content::Dsse(envelope) = &mut self.content {
            let signature = stranger.sign(&envelope.pae());
            envelope.signatures.push((String::new(), signature));
        }
        self
    }

    /// The announced digest of the message is another than was signed.
    pub fn message_digest_replaced(mut self, message: &[u8]) -> Self {
        if let Content::Message { hash, digest, .. } = &mut self.content {
            *digest = hash.of(message);
        }
        self
    }

    /// The log entry, with its proof and promise, is that of another signature.
    pub fn log_entry_borrowed_from(mut self, other: &Self) -> Self {
        self.entries.clone_from(&other.entries);
        self
    }

    /// The certificate is that of another signature.
    pub fn certificate_borrowed_from(mut self, other: &Self) -> Self {
        self.material.clone_from(&other.material);
        self
    }

    /// There is no log entry.
    pub fn log_entries_removed(mut self) -> Self {
        self.entries.clear();
        self
    }

    /// The one log entry is repeated until there are `count`.
    pub fn duplicate_log_entries(mut self, count: usize) -> Self {
        let entry = self.entries[0].clone();
        self.entries = vec![entry; count];
        self
    }

    /// The proof is gone, and the bundle calls itself v0.1, where a promise was enough.
    pub fn proof_stripped_and_relabelled_v01(self) -> Self {
        self.proof_removed().relabelled(Version::V01)
    }

    /// The proof is gone.
    pub fn proof_removed(self) -> Self {
        self.entry(|entry| entry.proof = None)
    }

    /// One bit of the first hash of the proof is flipped.
    pub fn proof_corrupted(self) -> Self {
        self.proof(|proof| flip_a_bit(&mut proof.hashes[0]))
    }

    /// The proof and its checkpoint agree on a root that the log never signed.
    pub fn proof_root_replaced(self) -> Self {
        self.proof(|proof| {
            let root = random::<32>();
            let (was, now) = [proof.root, root]
                .map(|root| crate::encoding::base64(&root))
                .into();
            proof.checkpoint = proof.checkpoint.replace(&was, &now);
            proof.root = root;
        })
    }

    /// The checkpoint is signed by another log, under this one's name.
    pub fn checkpoint_of_other_log(self, other: &RekorV1) -> Self {
        self.proof(|proof| {
            let (body, _) = proof.checkpoint.split_once("\n\n").unwrap();
            let body = format!("{body}\n");
            let signature = other.key.sign(body.as_bytes());
            let line = crate::note::signature_line(&other.host, &other.id(), &signature);
            proof.checkpoint = format!("{body}\n{line}");
        })
    }

    /// One bit of the checkpoint's signature is flipped.
    pub fn checkpoint_tampered(self) -> Self {
        self.proof(|proof| {
            // The last but one line ends in base64; swapping two letters keeps it decodable.
            let at = proof.checkpoint.trim_end().len() - 20;
            let letter = if &proof.checkpoint[at..=at] == "A" {
                "B"
            } else {
                "A"
            };
            proof.checkpoint.replace_range(at..=at, letter);
        })
    }

    /// The checkpoint is no signed note.
    pub fn checkpoint_malformed(self) -> Self {
        self.proof(|proof| proof.checkpoint = proof.checkpoint.replace("\n\n", "\n"))
    }

    /// One bit of the promise is flipped.
    pub fn set_tampered(self) -> Self {
        self.entry(|entry| flip_a_bit(entry.promise.as_mut().unwrap()))
    }

    /// The promise is gone.
    pub fn set_removed(self) -> Self {
        self.entry(|entry| entry.promise = None)
    }

    /// The integrated time is another than was promised.
    pub fn integrated_time_shifted(self, seconds: i64) -> Self {
        self.entry(|entry| {
            entry.integrated_time = entry.integrated_time.map(|time| time + seconds);
        })
    }

    /// The entry names a log that nobody knows.
    pub fn log_renamed(self) -> Self {
        self.entry(|entry| entry.log_id = random::<32>())
    }

    /// The body is no JSON.
    pub fn entry_body_malformed(self) -> Self {
        self.entry(|entry| entry.body.truncate(entry.body.len() / 2))
    }

    /// The entry is of a kind that no verifier knows.
    pub fn entry_kind_unknown(self) -> Self {
        self.entry(|entry| "helm".clone_into(&mut entry.kind))
    }

    /// The timestamps are those of another signature.
    pub fn timestamp_for_other_signature(mut self, other: &Self) -> Self {
        self.timestamps.clone_from(&other.timestamps);
        self
    }

    /// One bit of the first timestamp's signature is flipped.
    pub fn timestamp_tampered(mut self) -> Self {
        let last = self.timestamps[0].len() - 8;
        self.timestamps[0][last] ^= 1;
        self
    }

    /// The first timestamp is by an authority that nobody trusts.
    pub fn timestamped_by_stranger(mut self, stranger: &Forge, at: Timestamp) -> Self {
        let signature = self.content.signature().to_vec();
        self.timestamps = vec![stranger.timestamper.stamp(&signature, at)];
        self
    }

    /// The one timestamp is repeated until there are `count`.
    pub fn duplicate_timestamps(mut self, count: usize) -> Self {
        let timestamp = self.timestamps[0].clone();
        self.timestamps = vec![timestamp; count];
        self
    }

    /// The certificate is cut short.
    pub fn certificate_truncated(mut self) -> Self {
        if let Material::Certificate(leaf) = &mut self.material {
            leaf.der.truncate(leaf.der.len() / 2);
        }
        self
    }

    /// One bit of the certificate's signature is flipped.
    pub fn certificate_tampered(mut self) -> Self {
        if let Material::Certificate(leaf) = &mut self.material {
            let last = leaf.der.len() - 8;
            leaf.der[last] ^= 1;
        }
        self
    }

    /// The chain is padded with `count` copies of an intermediate, in the version that allows it.
    pub fn chain_padded(mut self, authority: &Authority, count: usize) -> Self {
        if let Some(leaf) = self.leaf().cloned() {
            let mut chain = vec![leaf];
            chain.extend(vec![authority.intermediate.clone(); count]);
            self.material = Material::Chain(chain);
        }
        self
    }

    /// The bundle calls itself another version; nothing else changes.
    pub fn relabelled(mut self, version: Version) -> Self {
        version.media_type().clone_into(&mut self.media_type);
        if let (Version::V01 | Version::V02, Material::Certificate(leaf)) =
            (version, &self.material)
        {
            self.material = Material::Chain(vec![leaf.clone()]);
        }
        self
    }

    /// One byte of the published JSON is changed, in the payload of the envelope, so that the
    /// statement is about another digest.
    pub fn one_byte_changed(&self) -> Vec<u8> {
        let mut bytes = self.bytes();
        let Content::Dsse(envelope) = &self.content else {
            panic!("only an envelope carries its payload");
        };
        let quoted = |bytes: &[u8]| format!("\"payload\":\"{}", crate::encoding::base64(bytes));
        let start = find(&bytes, quoted(&envelope.payload).as_bytes()) + quoted(&[]).len();
        let digest = find(&envelope.payload, b"\"sha256\":\"") + "\"sha256\":\"".len();
        // The third of three bytes is what the last of four letters carries alone; a digit whose
        // lowest bit is flipped is a digit again.
        let third = (digest..digest + 64)
            .find(|at| at % 3 == 2 && envelope.payload[*at].is_ascii_digit())
            .unwrap();
        let at = start + third / 3 * 4 + 3;
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let value = find(alphabet, &[bytes[at]]);
        bytes[at] = alphabet[value ^ 1];
        bytes
    }

    fn entry(mut self, lie: impl FnOnce(&mut LogEntry)) -> Self {
        lie(&mut self.entries[0]);
        self
    }

    fn proof(self, lie: impl FnOnce(&mut Proof)) -> Self {
        self.entry(|entry| lie(entry.proof.as_mut().unwrap()))
    }
}

/// Lies told in a statement.
impl Statement {
    /// The statement is about an image that nobody made.
    pub fn subject_of_other_image(mut self) -> Self {
        self.subjects[0].1 = crate::digest_of(&random::<32>());
        self
    }
}

/// Lies told about cosign's older layers.
impl CosignLayer {
    /// One annotation says something else.
    pub fn annotation_changed(mut self, name: &str, value: &str) -> Self {
        self.annotations.insert(name.to_owned(), value.to_owned());
        self
    }

    /// One annotation is gone.
    pub fn annotation_removed(mut self, name: &str) -> Self {
        self.annotations.remove(name);
        self
    }

    /// One annotation is that of another layer.
    pub fn annotation_borrowed_from(self, other: &Self, name: &str) -> Self {
        let value = other.annotations[name].clone();
        self.annotation_changed(name, &value)
    }

    /// The payload or envelope says something else than was signed.
    pub fn blob_replaced(mut self, blob: &[u8]) -> Self {
        self.blob = blob.to_vec();
        self
    }
}

/// Lies told about a layout.
impl Layout {
    /// A blob holds other bytes than its digest names.
    pub fn blob_corrupted(&mut self, digest: &str) {
        flip_a_bit(self.blobs.get_mut(digest).unwrap());
    }

    /// A blob is cut short.
    pub fn blob_truncated(&mut self, digest: &str) {
        let blob = self.blobs.get_mut(digest).unwrap();
        blob.truncate(blob.len() / 2);
    }

    /// A blob is gone.
    pub fn blob_removed(&mut self, digest: &str) {
        self.blobs.remove(digest);
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> usize {
    let mut windows = haystack.windows(needle.len());
    windows.position(|window| window == needle).unwrap()
}
