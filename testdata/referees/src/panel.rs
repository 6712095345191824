//! Everybody who judges, asked the same question at the same time.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::case::{Answer, Case, Verdict};
use crate::cosign::Cosign;
use crate::ours::Ours;
use crate::worker::{Door, Worker};

/// The referees that stay, in the order of the table.
pub const REFEREES: [&str; 3] = ["cosign", "sigstore-python", "sigstore-js"];

/// What `cargo xtask referees` built or found.
#[derive(Clone, Debug)]
pub struct Programs {
    python: PathBuf,
    node: PathBuf,
    worker: PathBuf,
    cosign: PathBuf,
}

impl Programs {
    /// The programs that variables name, or the reason that there are none.
    ///
    /// # Errors
    ///
    /// The first variable that names no file.
    pub fn find() -> Result<Self, String> {
        let named = |variable: &str| {
            let path = env::var_os(variable).map(PathBuf::from);
            path.filter(|path| path.is_file()).ok_or_else(|| {
                format!("{variable} names no program; `cargo xtask referees` builds the referees")
            })
        };
        Ok(Self {
            python: named("SOVVERIFY_REFEREE_PYTHON")?,
            node: named("SOVVERIFY_REFEREE_JS")?,
            worker: named("SOVVERIFY_REFEREE_COSIGN")?,
            cosign: named("SOVVERIFY_COSIGN3")?,
        })
    }

    /// cosign itself, which reads what is written into `scratch`.
    pub fn cosign(&self, scratch: &Path, door: &Door) -> Cosign {
        Cosign::new(&self.cosign, scratch, door)
    }

    /// How each of [`REFEREES`] is started, with `scratch` as its home.
    pub fn workers(&self, scratch: &Path) -> Vec<(&'static str, Command)> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut python = Command::new(&self.python);
        // Isolated: nothing of the user's own Python, and nothing of the working folder.
        python.arg("-I").arg(here.join("python/worker.py"));
        let mut node = Command::new(&self.node);
        node.arg(here.join("js/worker.cjs"));
        let modules = self.node.ancestors().nth(2);
        let modules = modules.expect("a folder above bin").join("node_modules");
        node.env("SOVVERIFY_REFEREE_MODULES", modules);
        let mut commands = [Command::new(&self.worker), python, node];
        for command in &mut commands {
            command.env("HOME", scratch);
        }
        REFEREES.into_iter().zip(commands).collect()
    }
}

/// Ours and the referees.
pub struct Panel {
    ours: Ours,
    workers: Vec<Worker>,
    cosign: Cosign,
}

/// Every answer to one question.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The question.
    pub case: Case,
    /// Our answer.
    pub ours: Verdict,
    /// The answers of [`REFEREES`].
    pub referees: Vec<Verdict>,
    /// What cosign itself said, where it was asked.
    pub cosign: Option<Verdict>,
}

/// A difference from everybody who judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// We accept what all refuse.
    Lenient,
    /// We refuse what all accept.
    Strict,
}

impl Panel {
    /// Starts the workers; what cosign reads is written into `scratch`.
    pub fn start(programs: &Programs, scratch: &Path, door: &Door) -> Self {
        let workers = programs.workers(scratch).into_iter();
        let workers = workers.map(|(name, command)| Worker::start(name, &command, door));
        Self {
            ours: Ours::now(),
            workers: workers.collect(),
            cosign: programs.cosign(scratch, door),
        }
    }

    /// Asks everybody; cosign itself only where it is `sampled`, or where we differ from a referee
    /// that judged.
    pub fn judge(&mut self, case: Case, sampled: bool) -> Outcome {
        let line = case.line();
        for worker in &mut self.workers {
            worker.ask(&line);
        }
        let ours = self.ours.judge(&case);
        let answers = self.workers.iter_mut().map(|worker| worker.answer(&case));
        let referees: Vec<Verdict> = answers.collect();
        let differs =
            |other: &Verdict| other.answer != Answer::Abstain && other.answer != ours.answer;
        let ask = sampled || referees.iter().any(differs);
        Outcome {
            cosign: ask.then(|| self.cosign.judge(&case)),
            case,
            ours,
            referees,
        }
    }
}

impl Outcome {
    /// Everybody who judged, beside us.
    pub fn judged(&self) -> impl Iterator<Item = &Verdict> {
        let all = self.referees.iter().chain(&self.cosign);
        all.filter(|verdict| verdict.answer != Answer::Abstain)
    }

    /// Whether we differ from all of them. One who judged alone can call us lenient, and not strict.
    pub fn difference(&self) -> Option<Difference> {
        let all = |answer| {
            let mut judged = self.judged().peekable();
            judged.peek().is_some() && judged.all(|verdict| verdict.answer == answer)
        };
        let judged = |verdict: &&Verdict| verdict.answer != Answer::Abstain;
        let several = self.referees.iter().filter(judged).count() > 1;
        match self.ours.answer {
            Answer::Accept if all(Answer::Reject) => Some(Difference::Lenient),
            Answer::Reject if several && all(Answer::Accept) => Some(Difference::Strict),
            _ => None,
        }
    }

    /// Whether the referees differ among themselves.
    pub fn is_split(&self) -> bool {
        let mut judged = self.judged().map(|verdict| verdict.answer);
        let first = judged.next();
        first.is_some_and(|first| judged.any(|answer| answer != first))
    }

    /// Whether cosign itself says something else than the worker around its library.
    pub fn cosign_differs(&self) -> bool {
        let worker = self.referees.first().map(|verdict| verdict.answer);
        let itself = self.cosign.as_ref().map(|verdict| verdict.answer);
        itself.is_some() && worker != Some(Answer::Abstain) && worker != itself
    }

    /// One line for a person who looks for the reason.
    pub fn line(&self) -> String {
        let told = |verdict: &Verdict| {
            let reason: String = verdict.reason.chars().take(160).collect();
            format!("{:?} {}", verdict.answer, reason.replace(['\t', '\n'], " "))
        };
        let mut columns = vec![self.case.base.clone(), self.case.mutation.clone()];
        columns.push(told(&self.ours));
        columns.extend(self.referees.iter().map(told));
        columns.push(self.cosign.as_ref().map(told).unwrap_or_default());
        columns.join("\t")
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::case::{Demands, Signer, Subject, UNCHANGED};

    fn outcome(ours: Answer, referees: [Answer; 3]) -> Outcome {
        let verdict = |answer| Verdict {
            answer,
            reason: String::new(),
        };
        Outcome {
            case: Case {
                base: String::new(),
                mutation: UNCHANGED.to_owned(),
                positive: true,
                bundle: Vec::new(),
                subject: Subject::Bytes(Vec::new()),
                signer: Signer::Key {
                    path: PathBuf::new(),
                    hash: "sha256",
                },
                root: PathBuf::new(),
                demands: Demands {
                    log: true,
                    sct: true,
                },
            },
            ours: verdict(ours),
            referees: referees.map(verdict).to_vec(),
            cosign: None,
        }
    }

    #[test]
    fn only_everybody_who_judged_counts_against_us() {
        use Answer::{Abstain, Accept, Reject};
        let of = |ours, referees| outcome(ours, referees).difference();
        assert_eq!(
            of(Accept, [Reject, Reject, Abstain]),
            Some(Difference::Lenient)
        );
        assert_eq!(of(Accept, [Reject, Accept, Reject]), None);
        assert_eq!(
            of(Reject, [Accept, Accept, Abstain]),
            Some(Difference::Strict)
        );
        assert_eq!(of(Reject, [Accept, Abstain, Abstain]), None);
        assert_eq!(
            of(Accept, [Reject, Abstain, Abstain]),
            Some(Difference::Lenient)
        );
        assert_eq!(of(Reject, [Abstain, Abstain, Abstain]), None);
        assert_eq!(of(Reject, [Reject, Reject, Reject]), None);
    }

    #[test]
    fn a_split_is_among_the_referees() {
        use Answer::{Abstain, Accept, Reject};
        assert!(outcome(Accept, [Accept, Reject, Abstain]).is_split());
        assert!(!outcome(Accept, [Reject, Reject, Abstain]).is_split());
    }
}
