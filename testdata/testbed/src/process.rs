//! Programs that run beside a test, and end with it.
//!
//! **Invariant**: whatever is started here ends with the value that stands for it, and where that is never
//! dropped (a static, an abort, a killed test run), with the test process: a shell between the two
//! waits for the end of a pipe that only the test process holds.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// Starts the program, says its process id, passes signals on, and kills it when nobody is left who could
/// send one. The program is not waited for before, so its id cannot be another's by then. Its log goes to
/// the stream for errors, which nobody else holds: the log ends when the program does.
const KEEPER: &str = r#"
"$@" </dev/null >&2 &
program=$!
exec 2>/dev/null
echo "$program"
while read -r signal; do kill -s "$signal" "$program"; done
kill -s KILL "$program"
wait "$program"
"#;

/// Lines of a log that are kept: the end of it is what explains a failure.
const MAX_LINES: usize = 4000;

/// A running program.
pub struct Process {
    name: String,
    id: u32,
    keeper: Child,
    signals: Option<ChildStdin>,
    log: Arc<Log>,
}

impl Process {
    /// Starts a program with the arguments, environment and folder of `command`.
    pub fn start(name: &str, command: &Command) -> Self {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(KEEPER).arg("sh");
        shell.arg(command.get_program()).args(command.get_args());
        for (variable, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(variable, value),
                None => shell.env_remove(variable),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            shell.current_dir(folder);
        }
        shell.stdin(Stdio::piped()).stdout(Stdio::piped());
        // Ctrl-C ends the test process; what it started ends by the pipe, in order.
        shell.stderr(Stdio::piped()).process_group(0);
        let mut keeper = shell.spawn().expect("a shell");
        let log = Log::of(BufReader::new(keeper.stderr.take().unwrap()));
        let mut id = String::new();
        let mut said = BufReader::new(keeper.stdout.take().unwrap());
        said.read_line(&mut id).expect("a process id");
        Self {
            name: name.to_owned(),
            id: id.trim().parse().expect("a process id"),
            signals: keeper.stdin.take(),
            keeper,
            log,
        }
    }

    /// The id of the program.
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// Sends a signal, by its name without `SIG`.
    pub fn signal(&mut self, name: &str) {
        let signals = self.signals.as_mut().expect("a keeper that listens");
        writeln!(signals, "{name}").expect("a keeper that listens");
    }

    /// Waits until the program ended, and says whether it did within `bound`.
    pub fn ended_within(&self, bound: Duration) -> bool {
        self.log.wait(bound, |state| state.ended.then_some(()));
        self.has_ended()
    }

    /// Whether the program ended.
    pub fn has_ended(&self) -> bool {
        self.log.state.lock().unwrap().ended
    }

    /// Waits for a line of the log, old or new, that contains `text`; `None` when the program ended or
    /// `bound` was over before.
    pub fn says(&self, text: &str, bound: Duration) -> Option<String> {
        let mut seen = 0;
        let found = self.log.wait(bound, |state| {
            let skipped = seen.max(state.dropped) - state.dropped;
            seen = state.dropped + state.lines.len();
            let fresh = state.lines.iter().skip(skipped);
            let found = fresh.into_iter().find(|line| line.contains(text)).cloned();
            match found {
                Some(line) => Some(Some(line)),
                None => state.ended.then_some(None),
            }
        });
        found.flatten()
    }

    /// The log so far; the beginning of a long one is not kept.
    pub fn log(&self) -> String {
        let state = self.log.state.lock().unwrap();
        let lines: Vec<&str> = state.lines.iter().map(String::as_str).collect();
        lines.join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.signals.take());
        let _ = self.keeper.wait();
        if thread::panicking() {
            eprintln!("log of {}:\n{}\n", self.name, self.log());
        }
    }
}

/// What a program printed.
struct Log {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    lines: VecDeque<String>,
    dropped: usize,
    ended: bool,
}

impl Log {
    /// Reads a stream to its end, beside everything else.
    fn of(stream: impl BufRead + Send + 'static) -> Arc<Self> {
        let log = Arc::new(Self {
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let writing = Arc::clone(&log);
        thread::spawn(move || {
            for line in stream.split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                writing.change(|state| {
                    state.lines.push_back(line);
                    if state.lines.len() > MAX_LINES {
                        state.lines.pop_front();
                        state.dropped += 1;
                    }
                });
            }
            writing.change(|state| state.ended = true);
        });
        log
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
        self.changed.notify_all();
    }

    /// Looks again after each change until there is an answer; `None` when `bound` was over before.
    fn wait<T>(&self, bound: Duration, mut look: impl FnMut(&State) -> Option<T>) -> Option<T> {
        let state = self.state.lock().unwrap();
        let mut answer = None;
        let waiting = self.changed.wait_timeout_while(state, bound, |state| {
            answer = look(state);
            answer.is_none()
        });
        drop(waiting.unwrap());
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Far longer than anything here takes.
    const BOUND: Duration = Duration::from_secs(30);

    fn shell(script: &str) -> Process {
        Process::start("a script", Command::new("sh").args(["-c", script]))
    }

    fn is_alive(id: u32) -> bool {
        Path::new(&format!("/proc/{id}")).exists()
    }

    #[test]
    fn a_program_ends_with_its_value() {
        let process = shell("echo begun; exec cat /dev/zero >/dev/null");
        assert!(process.says("begun", BOUND).is_some());
        let id = process.id();
        assert!(is_alive(id));
        drop(process);
        assert!(!is_alive(id));
    }

    #[test]
    fn the_end_of_a_program_is_noticed_and_what_it_said_is_kept() {
        let process = shell("echo first; echo second >&2");
        assert!(process.ended_within(BOUND));
        assert_eq!(process.log(), "first\nsecond");
        assert_eq!(process.says("third", BOUND), None);
    }

    #[test]
    fn signals_reach_the_program() {
        let mut process = shell("trap 'echo asked; exit' TERM; echo begun; while :; do :; done");
        assert!(process.says("begun", BOUND).is_some());
        process.signal("TERM");
        assert!(process.ended_within(BOUND));
        assert_eq!(process.log(), "begun\nasked");
    }
}
