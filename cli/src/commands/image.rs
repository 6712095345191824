//! `sovverify image`: may these images run?

use std::sync::Arc;

use sovverify::policy::{PolicySet, Selection};
use sovverify::report::v1::{ArtifactReport, Kind, Report, Subject};
use sovverify::{Code, VerificationTime, appraise};
use sovverify_fetch::load::{self, Exceptions, Settings};

use super::{locations, registry, request, runtime, signers};
use crate::args::ImageArgs;
use crate::problem::Stopped;

/// Verifies every image against the policies, or against the one signer that flags name.
pub(crate) fn run(args: &ImageArgs, time: VerificationTime) -> Result<Report, Stopped> {
    let locations = locations(&args.references)?;
    let policies = policies(args)?;
    let exceptions = Exceptions::load(&args.exception)?;
    let notices: Vec<String> = policies.warnings().iter().map(load::notice).collect();
    let settings = Settings::load(args.source.registry.config.as_deref(), &policies)?;
    let limits = settings.limits;
    let config = registry::config(settings.fetch, &args.source.registry, &locations)?;
    let selection = Selection {
        target: None,
        platforms: args.source.platform.clone(),
    };
    let judge: Arc<runtime::Judge> = Arc::new(move |_, mut evidence| {
        exceptions.add_to(&mut evidence);
        let store = policies.trust_store();
        let appraisal = appraise(evidence, store, time, &limits);
        let verdict = policies.evaluate(&appraisal, &selection);
        ArtifactReport::judged(
            &Subject::Image(&appraisal.image),
            &verdict,
            &appraisal,
            store,
        )
    });
    let results = runtime::each(locations, &request(&args.source), config, &judge)?;
    let mut report = Report::new(Kind::Verification, time, results);
    report.notices = notices;
    Ok(report)
}

fn policies(args: &ImageArgs) -> Result<PolicySet, Stopped> {
    let no_signer = args.signer.key.is_none() && args.signer.identity.is_empty();
    if args.policy.is_empty() && no_signer {
        return Err(
            Stopped::new(Code::UsageNoPolicy, "there is nothing to verify against")
                .expected(
                    "`--policy FILE`, `--key FILE`, or `--certificate-identity` with \
                 `--certificate-oidc-issuer`",
                )
                .found("none of them")
                .hint("`sovverify inspect` shows what is attached without judging it"),
        );
    }
    if args.policy.is_empty() {
        if !args.trust.trust.is_empty() {
            return Err(
                Stopped::new(Code::UsageInvalid, "`--trust` needs `--policy`")
                    .expected("`--trusted-root FILE` beside a signer that flags name")
                    .found("`--trust` without `--policy`"),
            );
        }
        let (key, kind) = (args.signer.key.as_deref(), args.predicate_type.as_deref());
        return signers::policy(key, &args.signer.identity, kind, &args.trust);
    }
    if args.trust.says_more_than_documents() || !no_signer {
        return Err(Stopped::new(
            Code::UsageInvalid,
            "a policy says itself who must have signed and whom to trust",
        )
        .expected("`--policy` and `--trust` alone")
        .found("`--policy` and flags of a single signer"));
    }
    let config = args.source.registry.config.iter();
    let paths = args.policy.iter().chain(&args.trust.trust).chain(config);
    let paths: Vec<_> = paths.collect();
    Ok(load::documents(&paths)?.compile()?)
}
