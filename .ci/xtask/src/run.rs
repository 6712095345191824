//! Running programs: each run is printed before it starts, and its failure names it.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::steps::Stop;

/// One run of one program.
#[derive(Debug)]
pub(crate) struct Run {
    command: Command,
    shown: String,
}

impl Run {
    /// A run of `program` in `folder`.
    pub(crate) fn new(program: impl AsRef<OsStr>, folder: &Path) -> Self {
        let program = program.as_ref();
        let mut command = Command::new(program);
        command.current_dir(folder);
        let shown = Path::new(program).file_name().unwrap_or(program);
        Self {
            command,
            shown: shown.to_string_lossy().into_owned(),
        }
    }

    /// Adds arguments.
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, arguments: &[S]) -> Self {
        for argument in arguments {
            self.shown.push(' ');
            self.shown.push_str(&argument.as_ref().to_string_lossy());
        }
        self.command.args(arguments);
        self
    }

    /// Sets one variable of the environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Removes one variable of the environment.
    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Runs it with our own streams; anything but success is a failure.
    pub(crate) fn stream(mut self) -> Result<(), Stop> {
        println!("$ {}", self.shown);
        let status = self
            .command
            .status()
            .map_err(|error| Stop::failed(format!("cannot start `{}`: {error}", self.shown)))?;
        if status.success() {
            return Ok(());
        }
        Err(Stop::failed(format!("`{}`: {status}", self.shown)))
    }

    /// Runs it quietly and returns everything, whatever its exit status.
    pub(crate) fn capture(mut self) -> Result<Output, Stop> {
        self.command.stdin(Stdio::null());
        self.command
            .output()
            .map_err(|error| Stop::failed(format!("cannot start `{}`: {error}", self.shown)))
    }

    /// Runs it quietly and returns what it printed; anything but success is a failure.
    pub(crate) fn output(self) -> Result<String, Stop> {
        let shown = self.shown.clone();
        let output = self.capture()?;
        if !output.status.success() {
            return Err(Stop::failed(format!(
                "`{shown}`: {}\n{}",
                output.status,
                String::from_utf8_lossy(&output.stderr).trim_end()
            )));
        }
        String::from_utf8(output.stdout)
            .map_err(|_| Stop::failed(format!("`{shown}` printed something that is not UTF-8")))
    }
}

/// The program of this name on the search path.
pub(crate) fn on_path(name: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}
