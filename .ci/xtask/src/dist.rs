//! `dist`: the programs for a container that holds nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::run::{Run, on_path};
use crate::steps::{Steps, Stop};

pub(crate) const HELP: &str = "
usage: cargo xtask dist

Builds the command line and the webhook for release, statically linked against musl, and puts them into
`target/dist` with their SHA-256 sums and sizes. Then shows that they need nothing: the command line judges
the image of the README in a root folder in which there is no other program, no library and no network.
Needs `musl-gcc` (Debian: musl-tools), and the target, which rustup installs.
";

/// The programs, and the packages that they come from.
const PROGRAMS: [(&str, &str); 2] = [
    ("sovverify", "sovverify-cli"),
    ("sovverify-webhook", "sovverify-webhook"),
];
/// What the command line is given, at the same places as in the repository.
const GIVEN: [&str; 3] = [
    "policies/quickstart.yaml",
    "testdata/images/quickstart",
    "testdata/trust/quickstart",
];

/// The verb.
pub(crate) fn run(context: &Context, steps: &mut Steps, rest: &[String]) -> Result<(), Stop> {
    if let Some(unexpected) = rest.first() {
        return Err(Stop::failed(format!(
            "expected nothing, found `{unexpected}`"
        )));
    }
    let triple = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    let dist = context.target()?.join("dist");
    steps.step("target", || {
        on_path("musl-gcc").ok_or_else(|| Stop::missing("no `musl-gcc` (Debian: musl-tools)"))?;
        Run::new("rustup", context.root())
            .args(&["target", "add", &triple])
            .stream()
    });
    for (program, package) in PROGRAMS {
        steps.step(&format!("build {program}"), || {
            build(context, &triple, package)?;
            fs::create_dir_all(&dist).map_err(|error| written(&dist, &error))?;
            let built = context
                .target()?
                .join(&triple)
                .join("release")
                .join(program);
            let copied = dist.join(program);
            fs::copy(&built, &copied).map_err(|error| written(&copied, &error))?;
            Ok(())
        });
    }
    steps.step("sums", || sums(&dist));
    steps.step("an empty root", || empty_root(context, &dist));
    Ok(())
}

fn build(context: &Context, triple: &str, package: &str) -> Result<(), Stop> {
    let compiler = format!("CC_{}", triple.replace('-', "_"));
    context
        .cargo(&["build", "--release", "--locked", "--target", triple])
        .args(&["--package", package])
        .env(&compiler, "musl-gcc")
        .stream()
}

fn sums(dist: &Path) -> Result<(), Stop> {
    let names = PROGRAMS.map(|(program, _)| program);
    let sums = Run::new("sha256sum", dist).args(&names).output()?;
    let file = dist.join("SHA256SUMS");
    fs::write(&file, &sums).map_err(|error| written(&file, &error))?;
    Run::new("ls", dist).args(&["-l"]).args(&names).stream()
}

/// Runs the command line where there is nothing but what it is given.
fn empty_root(context: &Context, dist: &Path) -> Result<(), Stop> {
    let root = dist.join("root");
    if root.exists() {
        fs::remove_dir_all(&root).map_err(|error| written(&root, &error))?;
    }
    for given in GIVEN {
        let place = root.join(given);
        let folder = place.parent().map_or_else(PathBuf::new, Path::to_path_buf);
        fs::create_dir_all(&folder).map_err(|error| written(&folder, &error))?;
        Run::new("cp", context.root())
            .args(&["-r", given])
            .args(&[&place])
            .output()?;
    }
    let program = root.join("sovverify");
    fs::copy(dist.join("sovverify"), &program).map_err(|error| written(&program, &error))?;
    Run::new("unshare", context.root())
        .args(&["--map-root-user", "--net", "chroot"])
        .args(&[&root])
        .args(&["/sovverify", "image", "oci:testdata/images/quickstart"])
        .args(&["--policy", "policies/quickstart.yaml"])
        .stream()
}

fn written(path: &Path, error: &std::io::Error) -> Stop {
    Stop::failed(format!("{}: {error}", path.display()))
}
