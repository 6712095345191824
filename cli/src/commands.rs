//! One module for each command; all end here, in a report and an exit code.

mod blob;
mod image;
mod inspect;
mod policy;
mod registry;
mod runtime;
mod sbom;
mod signers;
mod trust;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::CommandFactory as _;
use sovverify::VerificationTime;
use sovverify::report::to_json;
use sovverify::report::v1::{ExitClass, Kind, Report};
use sovverify_fetch::{Location, LocationError, Request};

use crate::args::{Cli, Command, PolicyCommand, SbomCommand, SourceArgs, TimeArgs};
use crate::problem::Stopped;
use crate::render;

/// Does what `cli` asks, as of `now` unless it says otherwise.
pub(crate) fn run(cli: &Cli, now: VerificationTime) -> ExitCode {
    match &cli.command {
        Command::Image(args) => {
            let time = args.source.time;
            report(cli, Kind::Verification, time, now, |time| {
                image::run(args, time)
            })
        }
        Command::Blob(args) => report(cli, Kind::Verification, args.time, now, |time| {
            blob::run(args, time)
        }),
        Command::Inspect(args) => {
            let time = args.source.time;
            report(cli, Kind::Inspection, time, now, |time| {
                inspect::run(args, time)
            })
        }
        Command::Sbom(SbomCommand::Check(args)) => {
            report(cli, Kind::SbomCheck, args.time, now, |time| {
                sbom::check(args, time)
            })
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "sovverify", &mut script);
            print(&script)
        }
        Command::Man => {
            let mut page = Vec::new();
            match clap_mangen::Man::new(Cli::command()).render(&mut page) {
                Ok(()) => print(&page),
                Err(_) => ExitCode::from(ExitClass::Surroundings.code()),
            }
        }
        Command::Policy(PolicyCommand::Lint { files }) => {
            let time = TimeArgs { at: None };
            report(cli, Kind::Lint, time, now, |time| policy::lint(files, time))
        }
        Command::Policy(PolicyCommand::Schema) => match to_json(&sovverify::policy::schema()) {
            Ok(schema) => print(&schema),
            Err(_) => ExitCode::from(ExitClass::Surroundings.code()),
        },
        Command::Policy(PolicyCommand::Crds) => print(sovverify::policy::crds_yaml().as_bytes()),
    }
}

/// Runs `work` as of the time that was asked for, and shows its report or why there is none.
fn report(
    cli: &Cli,
    kind: Kind,
    args: TimeArgs,
    now: VerificationTime,
    work: impl FnOnce(VerificationTime) -> Result<Report, Stopped>,
) -> ExitCode {
    let time = args.at.unwrap_or(now);
    let mut report = work(time)
        .unwrap_or_else(|stopped| Report::failed(kind, time, stopped.class, stopped.problems));
    if time > now {
        let notice = "the verification time is in the future of this machine's clock: \
                      this is a plan, not a verdict on what exists";
        report.notices.insert(0, notice.to_owned());
    }
    match render::write(&report, cli.output) {
        Ok(()) => ExitCode::from(report.exit.code),
        // A report that could not be delivered is no good news.
        Err(_) => ExitCode::from(report.exit.code.max(ExitClass::Surroundings.code())),
    }
}

/// Reads every reference before any work, so that a typing mistake stops the call at once.
fn locations(references: &[String]) -> Result<Vec<Location>, Stopped> {
    let references = references.iter();
    let location = |reference: &String| {
        let read = reference.parse();
        read.map_err(|error| no_reference(reference, &error))
    };
    references.map(location).collect()
}

/// Why a text names no image: what is wrong with it as a reference, and every form there is.
fn no_reference(reference: &str, error: &LocationError) -> Stopped {
    let (found, why) = match error {
        LocationError::Reference { found, error } => (found.as_str(), error.to_string()),
        other => (reference, other.to_string()),
    };
    let message = format!("`{found}` is no image reference: {why}");
    Stopped::new(error.code(), message)
        .expected("`HOST/PATH[:TAG][@DIGEST]`, `oci:DIR`, `oci-archive:FILE` or `dir:DIR`")
        .found(format!("`{found}`"))
}

fn request(args: &SourceArgs) -> Request {
    Request {
        name: args.name.clone(),
        platforms: args.platform.clone(),
    }
}

/// Writes what is no report to standard output.
fn print(bytes: &[u8]) -> ExitCode {
    match io::stdout().lock().write_all(bytes) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            ExitCode::from(ExitClass::Surroundings.code())
        }
        _ => ExitCode::SUCCESS,
    }
}
