//! Referees that stay: one line in, one line out, because starting each of them costs more than asking.
//!
//! **Invariant**: a worker sees no network, ends when its input ends, and answers within a bound.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::case::{Case, Verdict};

/// The longest that one answer may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Lines that a worker said beside its answers, to explain its end.
const KEPT_LINES: usize = 20;

/// A running referee.
pub struct Worker {
    name: &'static str,
    child: Child,
    input: Option<ChildStdin>,
    answers: Receiver<String>,
    said: Arc<Mutex<VecDeque<String>>>,
}

impl Worker {
    /// Starts it behind a [`Door`].
    pub fn start(name: &'static str, command: &Command, door: &Door) -> Self {
        let mut command = door.shut(command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(Stdio::piped());
        let mut child = command.spawn().expect("a referee that starts");
        let (sender, answers) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            let lines = output.lines().map_while(Result::ok);
            lines.map(|line| sender.send(line)).all(|sent| sent.is_ok())
        });
        let said = Arc::new(Mutex::new(VecDeque::new()));
        let keeping = Arc::clone(&said);
        let errors = BufReader::new(child.stderr.take().unwrap());
        thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                let mut kept = keeping.lock().unwrap();
                kept.push_back(line);
                if kept.len() > KEPT_LINES {
                    kept.pop_front();
                }
            }
        });
        Self {
            name,
            input: child.stdin.take(),
            child,
            answers,
            said,
        }
    }

    /// What it is called.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Asks; the answer is fetched by [`Self::answer`].
    pub fn ask(&mut self, line: &str) {
        let input = self.input.as_mut().unwrap();
        // A worker that is gone is found out when its answer is asked for.
        let _ = writeln!(input, "{line}");
    }

    /// Its answer to the question before.
    pub fn answer(&mut self, case: &Case) -> Verdict {
        let what = match self.answers.recv_timeout(PATIENCE) {
            Ok(line) => match Verdict::parse(&line) {
                Some(verdict) => return verdict,
                None => format!("said `{line}`, which is no verdict"),
            },
            Err(RecvTimeoutError::Timeout) => format!("said nothing for {PATIENCE:?}"),
            Err(RecvTimeoutError::Disconnected) => "ended".to_owned(),
        };
        let kept: Vec<String> = self.said.lock().unwrap().iter().cloned().collect();
        let (name, base, mutation) = (self.name, &case.base, &case.mutation);
        let log = kept.join("\n");
        panic!("{name} {what}, asked about {base} with {mutation}\n{log}");
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What keeps referees from the network: a namespace without any, where that is allowed; in any case, an
/// address at which nobody answers for whoever would ask.
#[derive(Clone, Debug)]
pub struct Door {
    unshare: Vec<&'static str>,
}

impl Door {
    /// The best that is allowed here.
    pub fn find() -> Self {
        let ways: [&[&'static str]; 2] = [
            &["unshare", "--net"],
            &["unshare", "--net", "--map-root-user"],
        ];
        let works = |way: &&&[&'static str]| {
            let mut command = Command::new(way[0]);
            command.args(&way[1..]).arg("true");
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        let unshare = ways.iter().find(works).map(|way| way.to_vec());
        Self {
            unshare: unshare.unwrap_or_default(),
        }
    }

    /// Without a namespace, which takes longer to make than some programs run.
    pub const fn without_wall() -> Self {
        Self {
            unshare: Vec::new(),
        }
    }

    /// Whether there is no network at all behind it.
    pub const fn is_a_wall(&self) -> bool {
        !self.unshare.is_empty()
    }

    /// The same program behind the door.
    pub fn shut(&self, command: &Command) -> Command {
        let program = command.get_program();
        let mut shut = match self.unshare.split_first() {
            Some((unshare, flags)) => {
                let mut shut = Command::new(unshare);
                shut.args(flags).arg(program);
                shut
            }
            None => Command::new(program),
        };
        shut.args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shut.env(name, value),
                None => shut.env_remove(name),
            };
        }
        for proxy in [
            "http_proxy",
            "https_proxy",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
        ] {
            shut.env(proxy, "http://127.0.0.1:9");
        }
        shut
    }
}
