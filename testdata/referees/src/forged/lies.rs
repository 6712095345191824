//! One lie each: told while signing, so that everybody signed it, or afterwards, with pieces that are honest
//! each for itself.

use sovverify_forge::{
    Bundle, IN_TOTO, Identity, Key, KeyKind, Log, SIGNING_TIME, Signing, Usage, Version, Window,
    at, days, minutes,
};

use super::{MESSAGE, Workshop, statement};

/// Lies so far.
type Told = Vec<(&'static str, Bundle)>;

/// Every lie.
pub(super) fn all(shop: &Workshop<'_>) -> Told {
    let pieces = Pieces::of(shop);
    [
        certificates(shop),
        times(shop),
        pieces.entries(),
        pieces.proofs(shop),
        pieces.timestamps(shop),
        pieces.forms(shop),
    ]
    .concat()
}

/// A certificate that says too much, too little, or is nobody's.
fn certificates(shop: &Workshop<'_>) -> Told {
    let mut told = Told::new();
    let stranger = &shop.stranger;
    let mut tell = |name, signing: Signing<'_>| told.push((name, signing.message(MESSAGE)));
    let honest = || shop.keyless();
    tell("expired", honest().certificate_expired_at_signing());
    tell(
        "not yet valid",
        honest().certificate_not_yet_valid_at_signing(),
    );
    tell("for a server", honest().certificate_for_a_server());
    tell(
        "for timestamps",
        honest().certificate_for(Usage::TimeStamping),
    );
    tell("by a stranger", honest().certified_by_stranger(stranger));
    let key = Key::generate(KeyKind::EcdsaP256);
    tell("of another key", honest().certificate_of_key(key.spki()));
    tell("no SCT", honest().sct_removed());
    tell(
        "SCT of another certificate",
        honest().sct_for_other_certificate(),
    );
    tell("SCT of a stranger", honest().sct_of_stranger(stranger));
    let person = Identity::person("a@forge.example");
    tell("somebody else", honest().identity(person));
    tell("logged nowhere", honest().timestamped(1).unlogged());
    tell("Rekor v2 and no time", honest().logged_in(Log::V2));
    told
}

/// Times that do not fit together; the first two do.
fn times(shop: &Workshop<'_>) -> Told {
    let mut told = Told::new();
    let time = at(SIGNING_TIME);
    let mut tell = |name, signing: Signing<'_>| told.push((name, signing.message(MESSAGE)));
    let logged = |later| shop.keyless().logged_at(minutes(time, later));
    tell("logged nine minutes later", logged(9));
    tell("logged ten minutes later", logged(10));
    tell("logged eleven minutes later", logged(11));
    tell("logged a day earlier", logged(-1440));
    let stamped = |later| {
        let stamped = shop.keyless().timestamped(1);
        stamped.stamped_at(minutes(time, later))
    };
    tell("stamped nine minutes later", stamped(9));
    tell("stamped eleven minutes later", stamped(11));
    tell(
        "stamped eleven minutes later, Rekor v2",
        stamped(11).logged_in(Log::V2),
    );
    tell("stamped in time and logged late", logged(30).timestamped(1));
    for (name, moved) in [
        ("all in the future", days(time, 3000)),
        ("all before there were authorities", days(time, -200)),
    ] {
        let signing = shop.keyless().timestamped(1);
        let signing = signing.logged_at(moved).stamped_at(moved);
        tell(name, signing.certificate_valid(Window::ten_minutes(moved)));
    }
    told
}

/// Honest bundles that lend each other their parts.
struct Pieces {
    message: Bundle,
    again: Bundle,
    other: Bundle,
    envelope: Bundle,
    v2: Bundle,
    v2_other: Bundle,
    v2_envelope: Bundle,
}

impl Pieces {
    fn of(shop: &Workshop<'_>) -> Self {
        let signing = shop.keyless().timestamped(1);
        let second = signing.clone().logged_in(Log::V2);
        Self {
            message: signing.message(MESSAGE),
            again: shop.keyless().timestamped(1).message(MESSAGE),
            other: signing.message(b"something else"),
            envelope: signing.statement(&statement()),
            v2: second.message(MESSAGE),
            v2_other: second.message(b"something else"),
            v2_envelope: second.statement(&statement()),
        }
    }

    fn entries(&self) -> Told {
        let message = || self.message.clone();
        let (v2, envelope) = (self.v2.clone(), self.envelope.clone());
        let again = message().log_entry_borrowed_from(&self.again);
        let signer = message().certificate_borrowed_from(&self.again);
        let other = message().log_entry_borrowed_from(&self.other);
        let kind = envelope.log_entry_borrowed_from(&self.message);
        let kind_v2 = self.v2_envelope.clone().log_entry_borrowed_from(&self.v2);
        let other_v2 = v2.clone().log_entry_borrowed_from(&self.v2_other);
        vec![
            ("entry of another signature", other),
            ("entry of the same artifact, signed again", again),
            ("certificate of another signature", signer),
            ("entry of the message for the envelope", kind),
            ("entry of another signature, Rekor v2", other_v2),
            ("entry of the message for the envelope, Rekor v2", kind_v2),
            ("entry twice", message().duplicate_log_entries(2)),
            ("entry twice, Rekor v2", v2.duplicate_log_entries(2)),
            ("log renamed", message().log_renamed()),
            ("kind of entry unknown", message().entry_kind_unknown()),
        ]
    }

    fn proofs(&self, shop: &Workshop<'_>) -> Told {
        let message = || self.message.clone();
        let v2 = self.v2.clone();
        let stripped = message().proof_stripped_and_relabelled_v01();
        let stripped_v2 = v2.proof_stripped_and_relabelled_v01();
        let checkpoint = message().checkpoint_of_other_log(&shop.stranger.rekor);
        let untimed = shop.keyless().message(MESSAGE).set_removed();
        vec![
            ("proof stripped, called v0.1", stripped),
            ("proof stripped, called v0.1, Rekor v2", stripped_v2),
            ("proof removed", message().proof_removed()),
            (
                "root of the proof replaced",
                message().proof_root_replaced(),
            ),
            ("checkpoint of another log", checkpoint),
            ("promise removed", message().set_removed()),
            ("promise removed, no timestamp", untimed),
        ]
    }

    fn timestamps(&self, shop: &Workshop<'_>) -> Told {
        let (message, v2) = (|| self.message.clone(), || self.v2.clone());
        let (stranger, time) = (&shop.stranger, at(SIGNING_TIME));
        let other = message().timestamp_for_other_signature(&self.other);
        let other_v2 = v2().timestamp_for_other_signature(&self.v2_other);
        let foreign = message().timestamped_by_stranger(stranger, time);
        let foreign_v2 = v2().timestamped_by_stranger(stranger, time);
        vec![
            ("timestamp twice", message().duplicate_timestamps(2)),
            ("timestamp twice, Rekor v2", v2().duplicate_timestamps(2)),
            ("timestamp of another signature", other),
            ("timestamp of another, Rekor v2", other_v2),
            ("timestamp of a stranger", foreign),
            ("timestamp of a stranger, Rekor v2", foreign_v2),
        ]
    }

    fn forms(&self, shop: &Workshop<'_>) -> Told {
        let (message, v2) = (self.message.clone(), || self.v2.clone());
        let key = Key::generate(KeyKind::EcdsaP256);
        let second = self.envelope.clone().second_dsse_signature(&key);
        let chain = message.clone().chain_padded(&shop.forge.fulcio, 2);
        let signing = shop.keyless();
        let text = signing.envelope("text/plain", &statement().bytes());
        vec![
            ("second signature", second),
            ("chain of two intermediates", chain),
            ("called v0.1", message.relabelled(Version::V01)),
            ("called v0.2, Rekor v2", v2().relabelled(Version::V02)),
            ("called v0.1, Rekor v2", v2().relabelled(Version::V01)),
            ("other payload type", text),
            (
                "payload that is no statement",
                signing.envelope(IN_TOTO, MESSAGE),
            ),
        ]
    }
}
