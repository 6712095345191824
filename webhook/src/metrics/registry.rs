//! Requests to registries, as discovery tells of them.

use sovverify_fetch::observe::{Event, Observer, Outcome};

use super::{Metrics, RegistryAnswer, RetryReason};

impl Observer for Metrics {
    fn notice(&self, event: &Event) {
        match *event {
            Event::Finished { outcome, .. } => self.registry_answered(answer(outcome)),
            Event::Retried { outcome } => self.registry_retried(reason(outcome)),
            _ => {}
        }
    }
}

const fn answer(outcome: Outcome) -> RegistryAnswer {
    match outcome {
        Outcome::Success => RegistryAnswer::Ok,
        Outcome::Redirect => RegistryAnswer::Redirect,
        Outcome::Throttled => RegistryAnswer::Throttled,
        Outcome::NotFound | Outcome::Unauthorized | Outcome::Forbidden | Outcome::ClientError => {
            RegistryAnswer::Refused
        }
        Outcome::ServerError => RegistryAnswer::Failed,
        _ => RegistryAnswer::None,
    }
}

const fn reason(outcome: Outcome) -> RetryReason {
    match outcome {
        Outcome::Throttled => RetryReason::Throttled,
        Outcome::ServerError => RetryReason::Failed,
        _ => RetryReason::Unreachable,
    }
}
