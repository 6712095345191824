//! One act of signing: who, when, logged where, in which form. Honest unless told otherwise.

use jiff::Timestamp;

use crate::authority::{Authority, Request};
use crate::bundle::{Bundle, Material, Version};
use crate::clock::Window;
use crate::entry::{EntryKind, LogEntry};
use crate::envelope::{Content, Envelope, IN_TOTO, Verifier};
use crate::forge::Forge;
use crate::keys::{Key, KeyKind};
use crate::rekor_v1::RekorV1;
use crate::sct::CtLog;
use crate::statement::Statement;
use crate::x509::{Certificate, Identity, Usage};

/// Where a signature is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// In Rekor v1.
    V1,
    /// In Rekor v2.
    V2,
    /// Nowhere.
    Nowhere,
}

/// Which certificate transparency promise a certificate carries.
#[derive(Clone)]
enum Promise {
    Honest,
    Absent,
    Borrowed,
    By(CtLog),
}

/// How a keyless signer is certified.
#[derive(Clone)]
struct Certification {
    authority: Authority,
    request: Request,
    promise: Promise,
    whole_chain: Option<Vec<Certificate>>,
}

/// One act of signing.
#[derive(Clone)]
pub struct Signing<'a> {
    forge: &'a Forge,
    key: Key,
    certification: Option<Certification>,
    signed_at: Timestamp,
    logged_at: Timestamp,
    stamped_at: Timestamp,
    log: Log,
    envelope_entry: EntryKind,
    stamps: usize,
    version: Version,
}

impl<'a> Signing<'a> {
    pub(crate) fn keyless(forge: &'a Forge, time: Timestamp) -> Self {
        let request = Request {
            identity: Identity::release_workflow(),
            validity: Window::ten_minutes(time),
            usage: Usage::CodeSigning,
            spki: None,
        };
        let mut signing = Self::keyed(forge, &Key::generate(KeyKind::EcdsaP256), time);
        signing.certification = Some(Certification {
            authority: forge.fulcio.clone(),
            request,
            promise: Promise::Honest,
            whole_chain: None,
        });
        signing
    }

    pub(crate) fn keyed(forge: &'a Forge, key: &Key, time: Timestamp) -> Self {
        Self {
            forge,
            key: key.clone(),
            certification: None,
            signed_at: time,
            logged_at: time,
            stamped_at: time,
            log: Log::V1,
            envelope_entry: EntryKind::Dsse001,
            stamps: 0,
            version: Version::V03,
        }
    }

    /// Signs as somebody else.
    pub fn identity(self, identity: Identity) -> Self {
        self.certified(|certification| certification.request.identity = identity)
    }

    /// Signs with another key.
    pub fn key(mut self, key: &Key) -> Self {
        self.key = key.clone();
        self
    }

    /// Signs with a new key of another kind.
    pub fn key_kind(self, kind: KeyKind) -> Self {
        self.key(&Key::generate(kind))
    }

    /// Logs the signature elsewhere.
    pub fn logged_in(mut self, log: Log) -> Self {
        self.log = log;
        self
    }

    /// Logs nothing.
    pub fn unlogged(self) -> Self {
        self.logged_in(Log::Nowhere)
    }

    /// Logs envelopes in Rekor v1 as another kind of entry.
    pub fn envelope_entry(mut self, kind: EntryKind) -> Self {
        self.envelope_entry = kind;
        self
    }

    /// Adds RFC 3161 timestamps.
    pub fn timestamped(mut self, count: usize) -> Self {
        self.stamps = count;
        self
    }

    /// Writes the bundle in another version.
    pub fn version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// Is certified by an own PKI: no SCT, a subject, a certificate as long as `validity`.
    pub fn own_pki(self, authority: &Authority, identity: Identity, validity: Window) -> Self {
        let request = Request {
            identity,
            validity,
            usage: Usage::CodeSigning,
            spki: None,
        };
        self.certified(|certification| {
            *certification = Certification {
                authority: authority.clone(),
                request,
                promise: Promise::Absent,
                whole_chain: Some(vec![authority.intermediate.clone()]),
            };
        })
    }

    /// Is logged at another time than it is signed.
    pub fn logged_at(mut self, time: Timestamp) -> Self {
        self.logged_at = time;
        self
    }

    /// Is timestamped at another time than it is signed.
    pub fn stamped_at(mut self, time: Timestamp) -> Self {
        self.stamped_at = time;
        self
    }

    /// Has a certificate that is valid at another time.
    pub fn certificate_valid(self, validity: Window) -> Self {
        self.certified(|certification| certification.request.validity = validity)
    }

    /// Has a certificate for another purpose.
    pub fn certificate_for(self, usage: Usage) -> Self {
        self.certified(|certification| certification.request.usage = usage)
    }

    /// Has a certificate for another public key than the one that signs.
    pub fn certificate_of_key(self, spki: &[u8]) -> Self {
        self.certified(|certification| certification.request.spki = Some(spki.to_vec()))
    }

    /// Has a certificate of another authority.
    pub fn certified_by(self, authority: &Authority) -> Self {
        self.certified(|certification| certification.authority = authority.clone())
    }

    /// Has a certificate without an SCT.
    pub fn without_sct(self) -> Self {
        self.certified(|certification| certification.promise = Promise::Absent)
    }

    /// Has a certificate whose SCT was made for another certificate.
    pub fn with_borrowed_sct(self) -> Self {
        self.certified(|certification| certification.promise = Promise::Borrowed)
    }

    /// Has a certificate whose SCT is by another log.
    pub fn with_sct_of(self, log: &CtLog) -> Self {
        self.certified(|certification| certification.promise = Promise::By(log.clone()))
    }

    fn certified(mut self, change: impl FnOnce(&mut Certification)) -> Self {
        change(self.certification.as_mut().unwrap());
        self
    }

    /// The key that signs.
    pub const fn signing_key(&self) -> &Key {
        &self.key
    }

    /// When it signs.
    pub const fn time(&self) -> Timestamp {
        self.signed_at
    }

    /// A bundle with a signature over `message`.
    pub fn message(&self, message: &[u8]) -> Bundle {
        let hash = self.key.scheme().hash();
        let content = Content::Message {
            hash,
            digest: hash.of(message),
            signature: self.key.sign(message),
        };
        self.bundle(content)
    }

    /// A bundle with an envelope around `statement`.
    pub fn statement(&self, statement: &Statement) -> Bundle {
        self.envelope(IN_TOTO, &statement.bytes())
    }

    /// A bundle with an envelope around `payload`.
    pub fn envelope(&self, payload_type: &str, payload: &[u8]) -> Bundle {
        self.bundle(Content::Dsse(Envelope::signed(
            payload_type,
            payload,
            &self.key,
        )))
    }

    /// A bundle with `content`, whoever signed that.
    pub fn bundle(&self, content: Content) -> Bundle {
        let verifier = self.verifier();
        let stamp = |_| {
            let signature = content.signature();
            self.forge.timestamper.stamp(signature, self.stamped_at)
        };
        Bundle {
            media_type: self.version.media_type().to_owned(),
            entries: self.entry(&content, &verifier).into_iter().collect(),
            timestamps: (0..self.stamps).map(stamp).collect(),
            material: self.material(verifier),
            content,
        }
    }

    /// The same bundle, logged in a second log too.
    pub fn also_logged_in(&self, log: &RekorV1, mut bundle: Bundle) -> Bundle {
        let first = bundle.entries[0].clone();
        let second = log.add(&first.kind, &first.version, first.body, self.logged_at);
        bundle.entries.push(second);
        bundle
    }

    /// The certificates above the leaf, as cosign's chain annotation has them.
    pub(crate) fn chain_pem(&self) -> Option<String> {
        let certification = self.certification.as_ref()?;
        let pem = |certificate: &Certificate| certificate.pem();
        Some(certification.authority.chain().iter().map(pem).collect())
    }

    fn verifier(&self) -> Verifier {
        let Some(certification) = &self.certification else {
            return Verifier::Key(self.key.spki().to_vec());
        };
        let (authority, request) = (&certification.authority, &certification.request);
        Verifier::Certificate(match &certification.promise {
            Promise::Honest => authority.issue_logged(&self.key, request, &self.forge.ct_log),
            Promise::By(log) => authority.issue_logged(&self.key, request, log),
            Promise::Absent => authority.issue(&self.key, request),
            Promise::Borrowed => {
                authority.issue_with_borrowed_promise(&self.key, request, &self.forge.ct_log)
            }
        })
    }

    fn material(&self, verifier: Verifier) -> Material {
        let leaf = match verifier {
            Verifier::Key(_) => return Material::PublicKey(self.key.hint()),
            Verifier::Certificate(leaf) => leaf,
        };
        if matches!(self.version, Version::V03 | Version::V03Parameter) {
            return Material::Certificate(leaf);
        }
        let above = self.certification.as_ref().and_then(|certification| {
            let chain = certification.whole_chain.as_ref();
            chain.cloned()
        });
        let mut chain = vec![leaf];
        chain.extend(above.unwrap_or_default());
        Material::Chain(chain)
    }

    fn entry(&self, content: &Content, verifier: &Verifier) -> Option<LogEntry> {
        let kind = match (self.log, content) {
            (Log::Nowhere, _) => return None,
            (Log::V2, _) => EntryKind::HashedRekord002,
            (Log::V1, Content::Message { .. }) => EntryKind::HashedRekord001,
            (Log::V1, Content::Dsse(_)) => self.envelope_entry,
        };
        let body = kind.body(content, verifier, &self.key);
        let (name, version) = (kind.kind(), kind.version());
        Some(match self.log {
            Log::V2 => self.forge.rekor_v2.add(name, version, body, self.logged_at),
            Log::V1 | Log::Nowhere => self.forge.rekor.add(name, version, body, self.logged_at),
        })
    }
}
