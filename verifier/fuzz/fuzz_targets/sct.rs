//! Any bytes as the SCT list of a certificate that an authority signs: none is accepted that no log of
//! the trust root signed. Or any fields of an SCT that the log does sign: it is accepted exactly where
//! its algorithm is the log's and its time is within the log's window. The first byte says which.

#![no_main]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sovverify::trust::{Requirements, TrustRootOptions};
use sovverify_forge::{
    Forge, Identity, Key, KeyKind, Request, SIGNING_TIME, Usage, Window, at, days, sha256,
};
use sovverify_fuzz::honest::World;

const LEAF: &str = "/verificationMaterial/certificate/rawBytes";
/// What stands in an input where the log's identifier, which is another in every process, belongs.
const LOG: [u8; 32] = *b"<the identifier of the one log.>";
/// TLS numbers of SHA-256 and ECDSA (RFC 5246, section 7.4.1.4.1).
const ECDSA_SHA256: [u8; 2] = [4, 3];
/// Bytes of extensions that still fit into a list with everything else.
const MAX_EXTENSIONS: usize = 60_000;

struct Setup {
    world: World,
    forge: Forge,
    key: Key,
    request: Request,
    bundle: Value,
}

static SETUP: LazyLock<Setup> = LazyLock::new(|| {
    let time = at(SIGNING_TIME);
    let forge = Forge::new(days(time, -30));
    // A log entry would bind the certificate, and nothing but the honest one would come this far.
    let requirements = Requirements {
        logs: 0,
        ..Requirements::default()
    };
    let options = TrustRootOptions {
        requirements,
        expires: None,
    };
    let world = World::under(&forge.trusted_root().text(), options);
    let key = Key::generate(KeyKind::EcdsaP256);
    let signing = forge.keyless(time).key(&key).unlogged().timestamped(1);
    let bundle = signing.message(&world.image).json();
    let request = Request {
        identity: Identity::release_workflow(),
        validity: Window::ten_minutes(time),
        usage: Usage::CodeSigning,
        spki: None,
    };
    world
        .verify(bundle.to_string().as_bytes())
        .expect("honest evidence");
    Setup {
        world,
        forge,
        key,
        request,
        bundle,
    }
});

fuzz_target!(|input: &[u8]| {
    let Some((how, rest)) = input.split_first() else {
        return;
    };
    if how % 2 == 0 {
        let list = SETUP.named(rest);
        assert!(!SETUP.accepts(|_, _| list));
        return;
    }
    let Some((time, rest)) = rest.split_first_chunk::<8>() else {
        return;
    };
    let Some((scheme, extensions)) = rest.split_first_chunk::<2>() else {
        return;
    };
    let extensions = extensions.get(..MAX_EXTENSIONS).unwrap_or(extensions);
    let expected = *scheme == ECDSA_SHA256 && SETUP.is_in_window(u64::from_be_bytes(*time));
    let accepted =
        SETUP.accepts(|issuer, tbs| SETUP.signed(time, *scheme, extensions, issuer, tbs));
    assert_eq!(accepted, expected);
});

impl Setup {
    /// Whether a certificate with this list is accepted.
    fn accepts(&self, list: impl FnOnce(&[u8], &[u8]) -> Vec<u8>) -> bool {
        let authority = &self.forge.fulcio;
        let leaf = authority.issue_with_list(&self.key, &self.request, list);
        let mut bundle = self.bundle.clone();
        *bundle.pointer_mut(LEAF).expect("a certificate") = STANDARD.encode(leaf.der).into();
        self.world.verify(bundle.to_string().as_bytes()).is_ok()
    }

    /// The bytes with the log's identifier at its place.
    fn named(&self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        let place = bytes.windows(LOG.len()).position(|part| part == LOG);
        if let Some(place) = place {
            let id = self.forge.ct_log.key.fingerprint();
            bytes.splice(place..place + LOG.len(), id);
        }
        bytes
    }

    fn is_in_window(&self, milliseconds: u64) -> bool {
        let window = Window::decade(self.forge.founded);
        let (start, end) = (window.start.as_millisecond(), window.end.as_millisecond());
        i64::try_from(milliseconds).is_ok_and(|time| (start..=end).contains(&time))
    }

    /// A list of one SCT with a good signature over whatever its fields are (RFC 6962, sections 3.2
    /// and 3.3).
    fn signed(
        &self,
        time: &[u8; 8],
        scheme: [u8; 2],
        extensions: &[u8],
        issuer: &[u8],
        tbs: &[u8],
    ) -> Vec<u8> {
        let log = &self.forge.ct_log.key;
        let length = u32::try_from(tbs.len()).expect("a small certificate");
        let mut message = vec![0, 0];
        message.extend_from_slice(time);
        message.extend_from_slice(&[0, 1]);
        message.extend_from_slice(&sha256(issuer));
        message.extend_from_slice(&length.to_be_bytes()[1..]);
        message.extend_from_slice(tbs);
        message.extend(with_length(extensions));
        let mut sct = vec![0];
        sct.extend_from_slice(&log.fingerprint());
        sct.extend_from_slice(time);
        sct.extend(with_length(extensions));
        sct.extend_from_slice(&scheme);
        sct.extend(with_length(&log.sign(&message)));
        with_length(&with_length(&sct))
    }
}

fn with_length(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("less than 64 KiB");
    [&length.to_be_bytes()[..], bytes].concat()
}
