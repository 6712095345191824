//! `sovverify inspect`: everything attached to images, from whom, and whether it verifies.

use std::sync::Arc;

use sovverify::report::v1::{ArtifactReport, Kind, Report, Subject};
use sovverify::{VerificationTime, appraise};
use sovverify_fetch::load::{self, LoadError, Settings};

use super::{locations, registry, request, runtime, trust};
use crate::args::InspectArgs;
use crate::problem::Stopped;

/// Lists and verifies what is attached; judges nothing.
pub(crate) fn run(args: &InspectArgs, time: VerificationTime) -> Result<Report, Stopped> {
    let locations = locations(&args.references)?;
    let root = trust::root(&args.trust)?;
    let hash = args.trust.signature_digest_algorithm.map(Into::into);
    let keys: Vec<_> = args
        .key
        .iter()
        .map(|path| trust::key(path, hash))
        .collect::<Result<_, _>>()?;
    let mut store = trust::store(&root, &keys, &args.trust);
    let loaded = load::documents(&args.trust.trust)?;
    let trust = loaded.documents.compile_trust(&loaded.files);
    for (_, anchor) in trust.map_err(LoadError::from)?.iter() {
        store.add(anchor.clone());
    }
    let settings = Settings::read(args.source.registry.config.as_deref())?;
    let limits = settings.limits;
    let config = registry::config(settings.fetch, &args.source.registry, &locations)?;
    let request = request(&args.source);
    let judge: Arc<runtime::Judge> = Arc::new(move |_, evidence| {
        let appraisal = appraise(evidence, &store, time, &limits);
        ArtifactReport::inspected(&Subject::Image(&appraisal.image), &appraisal, &store)
    });
    let mut results = runtime::each(locations, &request, config, &judge)?;
    for result in &mut results {
        // Content that is provably wrong ends in exit code 1, and still nothing was judged.
        result.decision = None;
    }
    Ok(Report::new(Kind::Inspection, time, results))
}
