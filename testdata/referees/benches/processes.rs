//! One process for each question, as a step of CI starts it: ours beside those of others, on the same bundle.
//!
//! `cargo xtask bench processes` builds all of them, names them in variables, and runs this. Processes are
//! started in turn, round by round, so that a machine that slows down slows all of them. None of them
//! is told where a network would be.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may fail loudly, and its table is the result"
)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use sovverify_referees::bases::Bases;
use sovverify_referees::case::{Answer, Case, Signer, Subject, Verdict};
use sovverify_referees::panel::{Panel, Programs, REFEREES};
use sovverify_referees::worker::Door;

/// Rounds of which the median is printed.
const ROUNDS: usize = 20;

/// A process to start.
struct Runner {
    name: &'static str,
    command: Command,
    /// What it reads, where it reads anything.
    input: Option<PathBuf>,
}

/// What it took.
struct Measured {
    name: &'static str,
    milliseconds: f64,
    /// Peak of resident memory, in MiB; nothing without GNU time.
    mebibytes: Option<f64>,
}

fn main() {
    let ours = env::var_os("SOVVERIFY_PROGRAM").map(PathBuf::from);
    let programs = Programs::find();
    let (Some(ours), Ok(programs)) = (ours, programs) else {
        println!("processes: skipped: `cargo xtask bench processes` builds what is started here");
        return;
    };
    let scratch = tempfile::tempdir().unwrap();
    let door = Door::find();
    let Some(bases) = Bases::load(scratch.path()) else {
        return;
    };
    let case = everybodys(bases.cases, &programs, scratch.path(), &door);
    // A namespace for each process would be measured with it.
    let door = Door::without_wall();
    println!("\none process for each question: {}", case.base);
    print(&rounds(&question(
        &ours,
        &programs,
        &case,
        scratch.path(),
        &door,
    )));
    println!("\nan image in a layout: four pieces of evidence, offline");
    print(&rounds(&image(&ours, &door)));
}

/// The first bundle of a certificate that every verifier accepts, with its artifact in bytes.
fn everybodys(cases: Vec<Case>, programs: &Programs, scratch: &Path, door: &Door) -> Case {
    let mut panel = Panel::start(programs, scratch, door);
    let all_can = |case: &Case| {
        let named = matches!(case.signer, Signer::Identity { .. });
        case.positive && named && matches!(case.subject, Subject::Bytes(_))
    };
    let mut accepted = |case: &Case| {
        let outcome = panel.judge(case.clone(), true);
        let all = outcome.referees.iter().chain(outcome.cosign.as_ref());
        all.chain([&outcome.ours])
            .all(|verdict| verdict.answer == Answer::Accept)
    };
    let mut cases = cases.into_iter().filter(all_can);
    cases.find(|case| accepted(case)).unwrap()
}

/// What every client is asked, each in its own words.
fn question(
    ours: &Path,
    programs: &Programs,
    case: &Case,
    scratch: &Path,
    door: &Door,
) -> Vec<Runner> {
    let cosign = programs.cosign(scratch, door).command(case);
    let line = scratch.join("line");
    fs::write(&line, case.line() + "\n").unwrap();
    let mut command = Command::new(ours);
    command.arg("blob").arg(scratch.join("artifact"));
    command.arg("--bundle").arg(scratch.join("bundle.json"));
    command.arg("--trusted-root").arg(&case.root);
    if let Signer::Identity { identity, issuer } = &case.signer {
        command.arg("--certificate-identity").arg(identity);
        command.arg("--certificate-oidc-issuer").arg(issuer);
    }
    let alone = |name, command: &Command| Runner {
        name,
        command: door.shut(command),
        input: None,
    };
    let mut runners = vec![
        alone("empty process", &Command::new("true")),
        alone("sovverify", &command),
        alone("cosign verify-blob", &cosign),
    ];
    for (name, command) in programs.workers(scratch) {
        // The first is a worker around cosign's library, which is measured as its own command line.
        if name != REFEREES[0] {
            let command = door.shut(&command);
            let input = Some(line.clone());
            runners.push(Runner {
                name,
                command,
                input,
            });
        }
    }
    runners
}

/// The image of the README, and the least that a start of ours takes.
fn image(ours: &Path, door: &Door) -> Vec<Runner> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = root.canonicalize().unwrap();
    let mut version = Command::new(ours);
    version.arg("--version");
    let mut image = Command::new(ours);
    image.arg("image");
    image.arg(format!(
        "oci:{}",
        root.join("testdata/images/quickstart").display()
    ));
    image
        .arg("--policy")
        .arg(root.join("policies/quickstart.yaml"));
    [
        ("empty process", Command::new("true")),
        ("sovverify --version", version),
        ("sovverify image", image),
    ]
    .map(|(name, command)| Runner {
        name,
        command: door.shut(&command),
        input: None,
    })
    .into()
}

fn rounds(runners: &[Runner]) -> Vec<Measured> {
    let mut times = vec![Vec::new(); runners.len()];
    // The first round fills the caches of the disk, and is not counted.
    for round in 0..=ROUNDS {
        for (runner, times) in runners.iter().zip(&mut times) {
            let begun = Instant::now();
            let output = runner.start(Command::output);
            let took = begun.elapsed().as_secs_f64() * 1e3;
            let text = String::from_utf8_lossy(&output.stdout);
            // A worker ends well whatever it said.
            let judged = Verdict::parse(text.trim());
            let yes = match runner.input {
                Some(_) => judged.is_some_and(|verdict| verdict.answer == Answer::Accept),
                None => output.status.success(),
            };
            assert!(yes, "{}: {text}", runner.name);
            if round > 0 {
                times.push(took);
            }
        }
    }
    let measured = runners.iter().zip(times).map(|(runner, mut times)| {
        times.sort_by(f64::total_cmp);
        Measured {
            name: runner.name,
            milliseconds: times.get(times.len() / 2).copied().unwrap(),
            mebibytes: runner.peak(),
        }
    });
    measured.collect()
}

impl Runner {
    fn start<T>(&self, run: impl FnOnce(&mut Command) -> std::io::Result<T>) -> T {
        let mut command = copy(&self.command);
        let input = self
            .input
            .as_ref()
            .map(|path| fs::File::open(path).unwrap());
        command.stdin(input.map_or_else(Stdio::null, Stdio::from));
        run(&mut command).unwrap()
    }

    /// What GNU time says about it.
    fn peak(&self) -> Option<f64> {
        let mut timed = Command::new("time");
        timed.args(["-f", "%M"]).arg(self.command.get_program());
        timed.args(self.command.get_args());
        copy_environment(&self.command, &mut timed);
        let runner = Self {
            name: self.name,
            command: timed,
            input: self.input.clone(),
        };
        let output = runner.start(|command| Ok(command.output().ok()))?;
        let text = String::from_utf8_lossy(&output.stderr);
        let kibibytes: f64 = text.lines().last()?.trim().parse().ok()?;
        Some(kibibytes / 1024.0)
    }
}

fn copy(command: &Command) -> Command {
    let mut copy = Command::new(command.get_program());
    copy.args(command.get_args());
    copy_environment(command, &mut copy);
    copy
}

fn copy_environment(from: &Command, to: &mut Command) {
    for (name, value) in from.get_envs() {
        match value {
            Some(value) => to.env(name, value),
            None => to.env_remove(name),
        };
    }
}

/// The last line of ours is what the others are compared to.
fn print(measured: &[Measured]) {
    let is_ours = |one: &&Measured| one.name.starts_with("sovverify");
    let ours = measured.iter().rfind(is_ours).unwrap();
    println!(
        "{:<22} {:>10} {:>8} {:>10} {:>8}",
        "", "wall", "/ ours", "peak", "/ ours"
    );
    for one in measured {
        let (peak, times) = match (one.mebibytes, ours.mebibytes) {
            (Some(peak), Some(ours)) => (format!("{peak:.1} MiB"), format!("{:.1}", peak / ours)),
            _ => ("unknown".to_owned(), String::new()),
        };
        println!(
            "{:<22} {:>7.1} ms {:>8.2} {:>10} {:>8}",
            one.name,
            one.milliseconds,
            one.milliseconds / ours.milliseconds,
            peak,
            times
        );
    }
}
