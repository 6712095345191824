//! The same bundles before ours and before cosign, sigstore-python and sigstore-js.
//!
//! `cargo xtask referees` builds the referees, names them in variables, and runs this.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may fail loudly, and its table is part of the result"
)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use sovverify_referees::bases::Bases;
use sovverify_referees::case::{Answer, Case};
use sovverify_referees::exceptions::Exceptions;
use sovverify_referees::mutate::mutation;
use sovverify_referees::panel::{Outcome, Panel, Programs};
use sovverify_referees::table::{Table, replaced};
use sovverify_referees::worker::Door;

/// Mutations where nobody says how many.
const CASES: u64 = 300;

/// Cases of which one goes to cosign itself, even where everybody agrees.
const SAMPLE: u64 = 10;

/// Differences that are listed before the rest is only counted.
const LISTED: usize = 40;

#[test]
fn referees_never_all_say_the_contrary() {
    let programs = match Programs::find() {
        Ok(programs) => programs,
        Err(reason) => {
            let ci = env::var("CI").is_ok_and(|value| value == "true");
            assert!(!ci, "{reason}, and CI=true");
            println!("skipped: {reason}");
            return;
        }
    };
    let scratch = tempfile::tempdir().unwrap();
    let Some(bases) = Bases::load(scratch.path()) else {
        return;
    };
    let door = Door::find();
    if !door.is_a_wall() {
        println!("no network namespace is allowed here: referees only find closed doors");
    }
    let (cases, seed) = (
        number("SOVVERIFY_REFEREES_CASES", CASES),
        number("SOVVERIFY_REFEREES_SEED", 1),
    );
    let mut trial = Trial::new(Panel::start(&programs, scratch.path(), &door));
    let start = Instant::now();
    let asked = bases.cases.len();
    let mut settled = Vec::new();
    for case in bases.cases {
        let outcome = trial.hear(|panel| panel.judge(case, true));
        if outcome.difference().is_none() {
            let positive = outcome.ours.answer == Answer::Accept;
            settled.push(Case {
                positive,
                ..outcome.case
            });
        }
    }
    // What is known to be judged differently is not changed: its differences would only repeat.
    let bases = Bases {
        cases: settled,
        roots: bases.roots,
    };
    println!("{} questions as they are: {:?}", asked, start.elapsed());
    let start = Instant::now();
    for number in 0..cases {
        trial.hear(|panel| panel.judge(mutation(&bases, seed, number), number % SAMPLE == 0));
    }
    println!("{cases} mutations, seed {seed}: {:?}", start.elapsed());
    trial.end(seed);
}

fn number(variable: &str, otherwise: u64) -> u64 {
    env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

/// Where what nobody can explain is kept.
fn differences() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("differences")
}

/// What was heard so far.
struct Trial {
    panel: Panel,
    table: Table,
    exceptions: Exceptions,
    wrong: Vec<String>,
    log: String,
}

impl Trial {
    fn new(panel: Panel) -> Self {
        let _ = fs::remove_dir_all(differences());
        Self {
            panel,
            table: Table::default(),
            exceptions: Exceptions::load(),
            wrong: Vec::new(),
            log: String::new(),
        }
    }

    fn hear(&mut self, ask: impl FnOnce(&mut Panel) -> Outcome) -> Outcome {
        let outcome = ask(&mut self.panel);
        self.table.add(&outcome);
        let line = outcome.line();
        self.log.push_str(&line);
        self.log.push('\n');
        let difference = outcome.difference();
        if let Some(difference) = difference
            && !self.exceptions.knows(&outcome.case, &outcome.ours)
        {
            self.keep(&outcome);
            self.wrong.push(format!("{difference:?}\t{line}"));
        }
        if outcome.cosign_differs() {
            self.wrong
                .push(format!("cosign differs from its own library\t{line}"));
        }
        outcome
    }

    /// Keeps what nobody can explain yet, for whoever looks at it.
    fn keep(&self, outcome: &Outcome) {
        let folder = differences();
        fs::create_dir_all(&folder).unwrap();
        let name = self.wrong.len();
        fs::write(folder.join(format!("{name}.json")), &outcome.case.bundle).unwrap();
        fs::write(folder.join(format!("{name}.case")), outcome.case.line()).unwrap();
    }

    fn end(self, seed: u64) {
        let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join("referees.tsv");
        fs::write(&log, &self.log).unwrap();
        let tables = self.table.markdown(seed, &self.exceptions);
        println!("{tables}\nevery answer: {}", log.display());
        if env::var_os("SOVVERIFY_BLESS").is_some() {
            let page =
                Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/security/referees.md");
            let text = fs::read_to_string(&page).unwrap();
            fs::write(&page, replaced(&text, &tables).unwrap()).unwrap();
        }
        let unmet = self.exceptions.all().iter().filter(|(_, met)| *met == 0);
        let unmet: Vec<_> = unmet.map(|(known, _)| &known.mutations).collect();
        // Rare lies are met with one seed and not with another.
        println!("exceptions that nothing needed this time: {unmet:?}");
        let listed: Vec<_> = self.wrong.iter().take(LISTED).cloned().collect();
        assert!(
            self.wrong.is_empty(),
            "{} differences:\n{}",
            self.wrong.len(),
            listed.join("\n")
        );
    }
}
