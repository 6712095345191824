//! What is answered once every image of a request is decided.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sovverify::report::escape::{shorten, show};
use sovverify::workload::{Deferred, ImageUse, Workload};
use sovverify::{Code, Decision};

use super::image::{ImageDecision, Weight};
use super::message;
use super::object::is_pod;
use super::pin::{self, Pin};
use crate::review::{Allowed, Answer, Denied, Operation, Question};

/// Refused images whose sentences are in one answer; the rest is counted.
pub(super) const MAX_REFUSED: usize = 4;
/// Images that are only known in the pod, named in one answer: one says what the rest is like.
const MAX_DEFERRED: usize = 4;
/// Characters of one audit annotation: far below what the API server takes for all.
const MAX_ANNOTATION: usize = 4_096;

/// The answer of the gate: every refusal that counts, in one sentence each.
pub(super) fn validated(
    workload: &Workload,
    decided: &[(Vec<&ImageUse>, ImageDecision)],
) -> Answer {
    let mut refused = Vec::new();
    let mut code = None;
    let (mut warnings, mut notes) = (Vec::new(), Vec::new());
    for field in &workload.unknown {
        let unknown = Code::WorkloadUnknownImageField;
        code = code.or(Some(unknown));
        let expected = "only fields whose images are judged";
        let found = format!("`{}` with `{}`", show(&field.path), show(&field.value));
        let hint = Some("name the field in `workloads` of the configuration");
        refused.push(message::parts(unknown, expected, &found, hint));
    }
    warnings.extend(workload.deferred.iter().take(MAX_DEFERRED).map(deferred));
    for (places, image) in decided {
        // A remembered remark is about a digest. Which image it is about is known here.
        let named = |remark: &String| format!("{}: {remark}", image_at(places));
        warnings.extend(image.judged.warnings.iter().map(named));
        notes.extend(image.judged.notes.iter().map(named));
        let Some(refusal) = image.refusal() else {
            continue;
        };
        let sentence = refused_image(places, image);
        match image.weight {
            Weight::Denies => {
                let rank = |code: Option<Code>| code.map(Code::rank);
                if rank(code) < rank(Some(refusal.code)) {
                    code = Some(refusal.code);
                }
                refused.push(sentence);
            }
            Weight::Warns => warnings.push(sentence),
            Weight::Notes => notes.push(sentence),
        }
    }
    let annotations = annotations(decided, &notes);
    if refused.is_empty() {
        return Answer::Allowed(Allowed {
            warnings,
            annotations,
            patch: None,
        });
    }
    let more = refused.len().saturating_sub(MAX_REFUSED);
    refused.truncate(MAX_REFUSED);
    let mut message = refused.join("; ");
    if more > 0 {
        message = format!("{message}; and {more} more");
    }
    Answer::Denied(Denied {
        message,
        code,
        warnings,
        annotations,
    })
}

/// An image that is only known in the pod, and judged there.
fn deferred(image: &Deferred) -> String {
    let found = match image.value.as_str() {
        "" => format!("none at `{}`", show(&image.path)),
        value => format!("`{}` at `{}`", show(value), show(&image.path)),
    };
    let hint = Some("it is judged in the pod that is made of this");
    message::parts(image.code(), "an image reference", &found, hint)
}

/// `image X (spec.containers[0].image) is refused: …`.
fn refused_image(places: &[&ImageUse], image: &ImageDecision) -> String {
    let sentence = image.refusal().map_or("", |refusal| &refusal.sentence);
    format!("{} is refused: {sentence}", image_at(places))
}

/// `image X (spec.containers[0].image and 2 more)`.
fn image_at(places: &[&ImageUse]) -> String {
    let first = places.first();
    let reference = first
        .map(|place| show(&place.reference))
        .unwrap_or_default();
    let path = first.map(|place| show(&place.path)).unwrap_or_default();
    let more = match places.len().saturating_sub(1) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("image `{reference}` ({path}{more})")
}

/// What the API server's audit log keeps: which digests were decided under which policies.
fn annotations(
    decided: &[(Vec<&ImageUse>, ImageDecision)],
    notes: &[String],
) -> BTreeMap<&'static str, String> {
    let (mut images, mut policies) = (String::new(), BTreeSet::new());
    for (places, image) in decided {
        let reference = places.first().map_or("", |place| place.reference.as_str());
        let decision = match image.judged.decision {
            Decision::Admit => "admit",
            Decision::Deny => "deny",
        };
        separate(&mut images);
        images.push_str(&show(reference));
        // Writing to a String cannot fail.
        let _ = match &image.digest {
            Some(digest) => write!(images, " {digest} {decision}"),
            None => write!(images, " unresolved {decision}"),
        };
        policies.extend(image.judged.basis.iter().map(String::as_str));
    }
    let mut names = String::new();
    for policy in policies {
        separate(&mut names);
        names.push_str(policy);
    }
    let texts = [
        ("images", images),
        ("policies", names),
        ("findings", notes.join("; ")),
    ];
    let told = texts.into_iter().filter(|(_, text)| !text.is_empty());
    told.map(|(name, text)| (name, bounded(text))).collect()
}

fn separate(list: &mut String) {
    if !list.is_empty() {
        list.push_str("; ");
    }
}

fn bounded(text: String) -> String {
    match shorten(&text, MAX_ANNOTATION) {
        Cow::Borrowed(_) => text,
        Cow::Owned(shortened) => shortened,
    }
}

/// Tags of a pod are pinned to what was admitted, when it is made: a running container would be started anew for
/// another spelling of its image. A refusal is left to the validating endpoint, which is asked last and sees what
/// others changed.
pub(super) fn mutated(question: &Question, decided: &[(Vec<&ImageUse>, ImageDecision)]) -> Answer {
    let is_new = question.operation == Operation::Create && question.sub_resource.is_none();
    let is_pod = is_pod(question) && is_new;
    let pins: Vec<Pin> = decided
        .iter()
        .filter(|(_, image)| is_pod && image.judged.decision == Decision::Admit)
        .filter_map(|(places, image)| Some((places, image.digest.clone()?)))
        .flat_map(|(places, digest)| {
            places.iter().map(move |place| Pin {
                path: place.path.clone(),
                written: place.reference.clone(),
                digest: digest.clone(),
            })
        })
        .filter(|pin| !pin.written.contains('@'))
        .collect();
    Answer::Allowed(Allowed {
        patch: pin::patch(&pins),
        ..Allowed::default()
    })
}
