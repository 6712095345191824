//! What is answered once every image of a request is decided.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sovverify::report::escape::{shorten, show};
use sovverify::workload::{Deferred, ImageUse, Workload};
use sovverify::{Code, Decision};

use super::image::{ImageDecision, Weight};
use super::judged::lead;
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
    let mut observed = None;
    let (mut warnings, mut notes) = (Vec::new(), Vec::new());
    for field in &workload.unknown {
        let unknown = Code::WorkloadUnknownImageField;
        lead(&mut code, unknown);
        let expected = "only fields whose images are judged";
        let found = format!("`{}` with `{}`", show(&field.path), show(&field.value));
        let hint = Some("name the field in `workloads` of the configuration");
        refused.push(message::parts(unknown, expected, &found, hint));
    }
    for image in workload.deferred.iter().take(MAX_DEFERRED) {
        lead(&mut observed, image.code());
        warnings.push(deferred(image));
    }
    let later = warnings.len();
    for (places, image) in decided {
        // A remembered remark is about a digest. Which image it is about is known here.
        let named = |remark: &String| format!("{}: {remark}", image_at(places));
        warnings.extend(image.judged.warnings.iter().map(named));
        notes.extend(image.judged.notes.iter().map(named));
        if let Some(remark) = image.judged.remark {
            lead(&mut observed, remark);
        }
        let Some(refusal) = image.refusal() else {
            continue;
        };
        let sentence = refused_image(places, image);
        let (leads, said) = match image.weight {
            Weight::Denies => (&mut code, &mut refused),
            Weight::Warns => (&mut observed, &mut warnings),
            Weight::Notes => (&mut observed, &mut notes),
        };
        lead(leads, refusal.code);
        said.push(sentence);
    }
    // Whoever reads the audit log sees what a controller was told and nobody read.
    let told = warnings.iter().skip(later).chain(&notes);
    let annotations = annotations(decided, &told.map(String::as_str).collect::<Vec<_>>());
    if refused.is_empty() {
        return Answer::Allowed(Allowed {
            code: observed,
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

/// `image X (spec.containers[0].image) is refused: …`; or would be, by a policy that only observes.
fn refused_image(places: &[&ImageUse], image: &ImageDecision) -> String {
    let sentence = image.refusal().map_or("", |refusal| &refusal.sentence);
    let is = match image.weight {
        Weight::Denies => "is",
        Weight::Warns | Weight::Notes => "would be",
    };
    format!("{} {is} refused: {sentence}", image_at(places))
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
    findings: &[&str],
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
        ("findings", findings.join("; ")),
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sovverify::workload::{DeferredReason, Place};

    use super::*;
    use crate::decide::judged::Judged;

    fn places(names: &[String]) -> Vec<ImageUse> {
        let places = names.iter().map(|name| ImageUse {
            reference: name.clone(),
            path: format!("spec.{name}"),
            pointer: None,
            name: None,
            place: Place::Container,
        });
        places.collect()
    }

    /// What is answered about a workload with these images, all judged as `judged`.
    fn answered(workload: &Workload, judged: &Judged) -> Answer {
        let judged = Arc::new(judged.clone());
        let decided = workload.images.iter().map(|place| {
            let image = ImageDecision {
                judged: Arc::clone(&judged),
                digest: None,
                weight: Weight::Denies,
            };
            (vec![place], image)
        });
        validated(workload, &decided.collect::<Vec<_>>())
    }

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("image-{number}")).collect()
    }

    #[test]
    fn refused_images_are_told_up_to_a_bound_and_the_rest_is_counted() {
        let refused = Judged::refused(Code::SignatureMissing, "no".to_owned());
        for (count, rest) in [(MAX_REFUSED, None), (MAX_REFUSED + 2, Some("; and 2 more"))] {
            let workload = Workload {
                images: places(&names(count)),
                ..Workload::default()
            };
            let Answer::Denied(denied) = answered(&workload, &refused) else {
                panic!("{count} refused images are admitted");
            };
            let told = denied.message.matches(" is refused: no").count();
            assert_eq!(told, MAX_REFUSED);
            assert_eq!(
                denied.message.find("; and "),
                rest.map(|_| denied.message.len() - 12)
            );
            assert!(rest.is_none_or(|rest| denied.message.ends_with(rest)));
        }
    }

    #[test]
    fn the_worst_news_leads_wherever_it_stands() {
        let (small, great) = (Code::SignatureMissing, Code::SignatureInvalid);
        for (codes, weight) in [
            ([small, great], Weight::Denies),
            ([great, small], Weight::Denies),
            ([small, great], Weight::Warns),
            ([great, small], Weight::Notes),
        ] {
            let all = places(&names(2));
            let decided = all.iter().zip(codes).map(|(place, code)| {
                let image = ImageDecision {
                    judged: Arc::new(Judged::refused(code, "no".to_owned())),
                    digest: None,
                    weight,
                };
                (vec![place], image)
            });
            let answer = validated(&Workload::default(), &decided.collect::<Vec<_>>());
            let code = match &answer {
                Answer::Denied(denied) => denied.code,
                Answer::Allowed(allowed) => allowed.code,
            };
            assert_eq!(code, Some(great), "{answer:?}");
        }
    }

    #[test]
    fn images_that_come_later_are_told_up_to_a_bound() {
        for count in [MAX_DEFERRED, MAX_DEFERRED + 1] {
            let deferred = names(count).into_iter().map(|path| Deferred {
                path,
                value: String::new(),
                name: None,
                reason: DeferredReason::Absent,
            });
            let workload = Workload {
                deferred: deferred.collect(),
                ..Workload::default()
            };
            let Answer::Allowed(allowed) = answered(&workload, &Judged::admitted()) else {
                panic!("nothing is denied here");
            };
            assert_eq!(allowed.warnings.len(), MAX_DEFERRED);
        }
    }

    #[test]
    fn an_annotation_is_whole_up_to_its_bound() {
        let admitted = " unresolved admit".len();
        for (length, is_whole) in [(MAX_ANNOTATION, true), (MAX_ANNOTATION + 1, false)] {
            // Above some length one name is shortened by itself; several are not.
            let each = 64;
            let count = length / (each + 2);
            let mut all: Vec<String> = (0..count)
                .map(|number| format!("{number:0>width$}", width = each - admitted))
                .collect();
            let rest = length - count * (each + 2) + 2;
            if let Some(last) = all.last_mut() {
                last.push_str(&"x".repeat(rest));
            }
            let workload = Workload {
                images: places(&all),
                ..Workload::default()
            };
            let Answer::Allowed(allowed) = answered(&workload, &Judged::admitted()) else {
                panic!("nothing is denied here");
            };
            let images = &allowed.annotations["images"];
            assert_eq!(!images.contains("characters..."), is_whole, "{images}");
            assert_eq!(images.chars().count() == length, is_whole);
        }
    }
}
