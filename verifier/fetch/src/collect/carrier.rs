//! A manifest that carries evidence, read by its own content.

use futures_util::future::join_all;
use sovverify::Digest;
use sovverify::evidence::{Evidence, Form, Origin, OriginKind};
use sovverify::image::{Descriptor, Document, Manifest};

use super::{Search, gap};
use crate::budget::{count, exceeded};
use crate::classify::{Reading, Role, reading};
use crate::error::{Failure, FetchError};
use crate::store::{Content, Part, Tagged};

/// A manifest that may carry evidence, and how it was found.
pub(super) struct Carrier<'a> {
    pub(super) subject: &'a Digest,
    pub(super) kind: OriginKind,
    pub(super) place: String,
    pub(super) role: Role,
}

impl<'a> Search<'a> {
    /// Reads a manifest that carries evidence, and the layers that we can read.
    pub(super) async fn carrier(self, carrier: Carrier<'a>, tagged: &Tagged) -> Part {
        let manifest = match Document::parse(&tagged.bytes, None) {
            Ok(Document::Manifest(manifest)) => manifest,
            Ok(document) => return carrier.unread(document.media_type(), tagged),
            Err(error) => {
                return gap(FetchError::new(carrier.place, Failure::Manifest(error)));
            }
        };
        if carrier.role == Role::Referrer
            && let Some(error) = carrier.other_subject(&manifest)
        {
            return gap(error);
        }
        let bound = self.budget.limits().evidence_layers;
        let mut part = Part::default();
        if manifest.layers.len() > bound {
            part.gaps
                .push(exceeded("evidence_layers", count(bound), &carrier.place).into_gap());
        }
        let layers: Vec<_> = manifest
            .layers
            .iter()
            .take(bound)
            .map(|layer| (layer, reading(layer, &manifest.artifact_type, carrier.role)))
            .collect();
        if layers
            .iter()
            .all(|(_, reading)| *reading == Reading::Unread)
        {
            return carrier.unread(&manifest.artifact_type, tagged);
        }
        let read = layers
            .into_iter()
            .map(|(layer, reading)| self.layer(&carrier, &tagged.digest, layer, reading));
        for piece in join_all(read).await {
            match piece {
                Ok(piece) => part.evidence.push(piece),
                Err(error) => part.gaps.push(error.into_gap()),
            }
        }
        part
    }

    async fn layer(
        self,
        carrier: &Carrier<'a>,
        manifest: &Digest,
        layer: &Descriptor,
        reading: Reading,
    ) -> Result<Evidence, FetchError> {
        self.budget.piece(&carrier.place)?;
        let form = if reading == Reading::Unread {
            let artifact_type = layer.media_type.clone();
            Form::Other { artifact_type }
        } else {
            let bytes = self
                .store
                .content(Content::Blob, &layer.digest, Some(layer.size))
                .await?;
            form(reading, layer, bytes.to_vec())
        };
        Ok(Evidence {
            subject: carrier.subject.clone(),
            origin: Origin {
                kind: carrier.kind,
                place: carrier.place.clone(),
                manifest: Some(manifest.clone()),
                blob: layer.digest.clone(),
            },
            form,
        })
    }
}

impl Carrier<'_> {
    /// The manifest is there, and nothing in it is of a kind that we read.
    fn unread(&self, artifact_type: &str, tagged: &Tagged) -> Part {
        let evidence = vec![Evidence {
            subject: self.subject.clone(),
            origin: Origin {
                kind: self.kind,
                place: self.place.clone(),
                manifest: Some(tagged.digest.clone()),
                blob: tagged.digest.clone(),
            },
            form: Form::Other {
                artifact_type: artifact_type.to_owned(),
            },
        }];
        Part {
            evidence,
            gaps: Vec::new(),
        }
    }

    /// A list of referrers is a claim; the manifest's own `subject` is what ties it to the image.
    fn other_subject(&self, manifest: &Manifest) -> Option<FetchError> {
        let found = match &manifest.subject {
            Some(subject) if subject.digest == *self.subject => return None,
            Some(subject) => format!("a referrer of {}", subject.digest),
            None => "a manifest without subject".to_owned(),
        };
        let expected = self.subject.clone();
        let failure = Failure::SubjectMismatch { expected, found };
        Some(FetchError::new(self.place.clone(), failure))
    }
}

fn form(reading: Reading, layer: &Descriptor, bytes: Vec<u8>) -> Form {
    let annotations = layer.annotations.clone();
    match reading {
        Reading::Bundle => Form::Bundle(bytes),
        Reading::CosignSignature => Form::CosignSignature {
            payload: bytes,
            annotations,
        },
        Reading::CosignAttestation => Form::CosignAttestation {
            envelope: bytes,
            annotations,
        },
        Reading::UnsignedSbom => Form::UnsignedSbom {
            media_type: layer.media_type.clone(),
            document: bytes,
        },
        Reading::IndexStatement => Form::IndexStatement {
            predicate_type: annotations
                .get("in-toto.io/predicate-type")
                .cloned()
                .unwrap_or_default(),
            statement: bytes,
        },
        Reading::Unread => Form::Other {
            artifact_type: layer.media_type.clone(),
        },
    }
}
