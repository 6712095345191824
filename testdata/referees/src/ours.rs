//! Our own answer, by the calls that `sovverify blob` makes.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use sovverify::policy::{FlagLog, FlagMatch, FlagPolicy, FlagSct, FlagTrust, PolicySet};
use sovverify::verify::{Artifact, verify_bundle};
use sovverify::{Decision, Digest, Limits, VerificationTime};

use crate::case::{Case, Demands, Signer, Subject, Verdict};

/// Our verifier, with the policies that it compiled so far.
pub struct Ours {
    time: VerificationTime,
    limits: Limits,
    policies: HashMap<Question, PolicySet>,
}

/// What a policy is made of.
type Question = (PathBuf, String, bool, bool, Option<String>);

/// Policies that are remembered; mutations of identities make many that serve once.
const MAX_POLICIES: usize = 256;

impl Ours {
    /// Our verifier as of now, which is when the others judge.
    pub fn now() -> Self {
        let since = SystemTime::UNIX_EPOCH
            .elapsed()
            .expect("a clock after 1970");
        let seconds = i64::try_from(since.as_secs()).expect("a clock of this age");
        let time = VerificationTime::at(jiff::Timestamp::from_second(seconds).expect("a time"));
        Self {
            time,
            limits: Limits::default(),
            policies: HashMap::new(),
        }
    }

    /// Our answer.
    pub fn judge(&mut self, case: &Case) -> Verdict {
        let digest;
        let artifact = match &case.subject {
            Subject::Bytes(bytes) => Artifact::Bytes(bytes),
            Subject::Digest { algorithm, hex } => {
                let text = format!("{algorithm}:{hex}");
                match text.parse::<Digest>() {
                    Ok(parsed) => digest = parsed,
                    Err(error) => return Verdict::reject(format!("usage/invalid: {error}")),
                }
                Artifact::Digest(&digest)
            }
        };
        let (time, limits) = (self.time, self.limits);
        let (mut verified, mut rejected) = (Vec::new(), Vec::new());
        let store = match self.policy(case, None) {
            Ok(policy) => policy.trust_store().clone(),
            Err(reason) => return Verdict::reject(reason),
        };
        for (anchor, _) in store.iter() {
            match verify_bundle(&case.bundle, &artifact, &store, anchor, time, &limits) {
                Ok(claim) => verified.push(claim),
                Err(rejection) => rejected.push(*rejection),
            }
        }
        let predicate = verified
            .first()
            .filter(|claim| !claim.content.is_signature())
            .and_then(|claim| claim.content.predicate_type().map(str::to_owned));
        let policy = match self.policy(case, predicate) {
            Ok(policy) => policy,
            Err(reason) => return Verdict::reject(reason),
        };
        let verdict = policy.evaluate_artifact(&artifact.name(), &verified, &rejected, time);
        if verdict.decision == Decision::Admit {
            return Verdict::accept();
        }
        Verdict::reject(match rejected.first() {
            Some(no) => format!("{}: expected {}, found {}", no.code, no.expected, no.found),
            None => "policy: not this signer".to_owned(),
        })
    }

    /// The policy of the flags that ask this question.
    fn policy(&mut self, case: &Case, predicate: Option<String>) -> Result<&PolicySet, String> {
        let Demands { log, sct } = case.demands;
        let question = (
            case.root.clone(),
            format!("{:?}", case.signer),
            log,
            sct,
            predicate,
        );
        if self.policies.len() > MAX_POLICIES {
            self.policies.clear();
        }
        if !self.policies.contains_key(&question) {
            let policy = flags(case, question.4.clone())
                .compile()
                .map_err(|error| format!("{}: {error}", error.code()))?;
            self.policies.insert(question.clone(), policy);
        }
        Ok(&self.policies[&question])
    }
}

fn flags(case: &Case, predicate_type: Option<String>) -> FlagPolicy {
    let read = |path: &PathBuf| fs::read_to_string(path).expect("a file that was found before");
    let (key, identity, issuer) = match &case.signer {
        Signer::Key { path, .. } => (Some(read(path)), None, None),
        Signer::Identity { identity, issuer } => (
            None,
            Some(FlagMatch::Exact(identity.clone())),
            Some(FlagMatch::Exact(issuer.clone())),
        ),
    };
    FlagPolicy {
        key,
        key_hash: None,
        identity,
        issuer,
        trust: FlagTrust::TrustedRoot(read(&case.root)),
        log: if case.demands.log {
            FlagLog::Required
        } else {
            FlagLog::DangerIgnored
        },
        sct: if case.demands.sct {
            FlagSct::Required
        } else {
            FlagSct::DangerIgnored
        },
        predicate_type,
    }
}
