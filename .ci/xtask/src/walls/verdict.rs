//! One verdict: the report of a layout has the same bytes twice, without a network, and whatever the
//! machine's clock says; and the process opens no socket.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use crate::context::Context;
use crate::run::Run;
use crate::steps::{Steps, Stop};
use crate::tools;

/// The image whose report is compared, and the policy that admits it.
const ARGUMENTS: &[&str] = &[
    "image",
    "--output=json",
    "--policy=policies/quickstart.yaml",
    "oci:testdata/images/quickstart",
];

/// The moment that the verdict is about.
const AT: &str = "--at=2026-06-01T00:00:00Z";

/// Clocks under which not a byte may move.
const YEARS: [&str; 2] = ["2036", "2099"];

/// Checks that the verdict depends on its inputs alone.
pub(crate) fn run(context: &Context, steps: &mut Steps) {
    let mut built = None;
    steps.step("one verdict: twice", || {
        built = Some(Verdict::first(context)?);
        Ok(())
    });
    let Some(verdict) = built else {
        return;
    };
    steps.step("one verdict: no network", || verdict.without_network());
    steps.step("one verdict: no socket", || verdict.without_socket());
    for year in YEARS {
        steps.step(&format!("one verdict: in {year}"), || verdict.in_year(year));
    }
}

/// The binary, and the report that every other run must repeat.
struct Verdict<'a> {
    context: &'a Context,
    binary: PathBuf,
    report: Vec<u8>,
}

impl<'a> Verdict<'a> {
    /// Builds the binary and makes the report twice.
    fn first(context: &'a Context) -> Result<Self, Stop> {
        context
            .cargo(&["build", "--package", "sovverify-cli", "--locked", "--quiet"])
            .stream()?;
        let binary = context.target()?.join("debug/sovverify");
        let mut verdict = Self {
            context,
            binary,
            report: Vec::new(),
        };
        verdict.report = admitted(verdict.plain())?;
        verdict.repeats("a second time", verdict.plain())?;
        Ok(verdict)
    }

    /// In a network namespace of its own, without even a loopback.
    fn without_network(&self) -> Result<(), Stop> {
        let unshare = tools::system(self.context, "unshare")?;
        let flags = ["--net", "--map-root-user"];
        let flags = [&flags[..1], &flags[..]]
            .into_iter()
            .find(|flags| {
                succeeds(
                    Run::new(&unshare, self.context.root())
                        .args(flags)
                        .args(&["true"]),
                )
            })
            .ok_or_else(|| Stop::missing("`unshare --net` is not allowed here"))?;
        let run = Run::new(&unshare, self.context.root()).args(flags);
        self.repeats("without a network", self.inside(run))
    }

    /// Under a tracer that would see each socket; that it can see is shown by a run that needs one.
    fn without_socket(&self) -> Result<(), Stop> {
        let strace = tools::system(self.context, "strace")?;
        let trace = self.context.target()?.join("walls/strace");
        let traced = || {
            let flags = [
                "-f",
                "-qq",
                "--seccomp-bpf",
                "-e",
                "trace=socket,connect,socketpair",
                "-o",
            ];
            Run::new(&strace, self.context.root())
                .args(&flags)
                .args(&[&trace])
        };
        fs::create_dir_all(self.context.target()?.join("walls"))
            .map_err(|error| Stop::failed(format!("cannot make a folder: {error}")))?;
        if !succeeds(traced().args(&["true"])) {
            return Err(Stop::missing("`strace` is not allowed to trace here"));
        }
        let sockets = || {
            let text = fs::read_to_string(&trace)
                .map_err(|error| Stop::failed(format!("cannot read the trace: {error}")))?;
            Ok(text.lines().filter(|line| line.contains("socket(")).count())
        };
        self.repeats("under strace", self.inside(traced()))?;
        match sockets()? {
            0 => {}
            opened => return Err(Stop::failed(format!("{opened} sockets were opened"))),
        }
        // Nobody listens on the discard port; asking there needs a socket all the same.
        let policy = ["image", "--policy=policies/quickstart.yaml"];
        let asking = ["--insecure-registry=127.0.0.1:9", "127.0.0.1:9/app:v1"];
        traced()
            .args(&[&self.binary])
            .args(&policy)
            .args(&asking)
            .capture()?;
        match sockets()? {
            0 => Err(Stop::failed(
                "the guard is blind: it sees no socket where one is needed",
            )),
            _ => Ok(()),
        }
    }

    /// Under another clock; that the binary believes the clock is shown by a run without `--at`.
    fn in_year(&self, year: &str) -> Result<(), Stop> {
        let faketime = tools::system(self.context, "faketime")?;
        let clock = format!("{year}-07-01 12:00:00");
        let faked = || Run::new(&faketime, self.context.root()).args(&[&clock]);
        self.repeats(&format!("in {year}"), self.inside(faked()))?;
        let output = faked().args(&[&self.binary]).args(ARGUMENTS).capture()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if text.contains(&format!("\"{year}-0")) {
            return Ok(());
        }
        Err(Stop::failed(format!(
            "the guard is blind: without `--at` the report is not about {year}:\n{text}"
        )))
    }

    /// The call itself.
    fn plain(&self) -> Run {
        Run::new(&self.binary, self.context.root())
            .args(ARGUMENTS)
            .args(&[AT])
    }

    /// The same call, inside another program.
    fn inside(&self, run: Run) -> Run {
        let binary = [OsString::from(&self.binary)];
        run.args(&binary).args(ARGUMENTS).args(&[AT])
    }

    /// Makes the report again and compares every byte.
    fn repeats(&self, how: &str, run: Run) -> Result<(), Stop> {
        let again = admitted(run)?;
        if again == self.report {
            return Ok(());
        }
        Err(Stop::failed(format!(
            "the report is not the same {how}:\n{}\n---\n{}",
            String::from_utf8_lossy(&self.report),
            String::from_utf8_lossy(&again)
        )))
    }
}

/// Whether a run succeeds.
fn succeeds(run: Run) -> bool {
    run.capture().is_ok_and(|output| output.status.success())
}

/// The report of a run that must admit.
fn admitted(run: Run) -> Result<Vec<u8>, Stop> {
    let output = run.capture()?;
    if output.status.success() && !output.stdout.is_empty() {
        return Ok(output.stdout);
    }
    Err(Stop::failed(format!(
        "expected an admission, found {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )))
}
