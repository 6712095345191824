//! What a terminal may show: colours and symbols, each beside a word that says the same.

use std::env;
use std::io::{self, IsTerminal};

use crate::args::ColorChoice;

/// How text may look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// ASCII decoration, no escape sequence: for pipes, logs and simple terminals.
    Plain,
    /// Colours and symbols.
    Rich,
}

/// What a piece of text means; never the only carrier of that meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Bad,
    Warning,
    Strong,
    Quiet,
}

/// A symbol before a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Yes,
    No,
    Caution,
    Unknown,
}

/// The pieces of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Branches {
    pub(crate) fork: &'static str,
    pub(crate) last: &'static str,
    pub(crate) pipe: &'static str,
    pub(crate) gap: &'static str,
}

impl Style {
    /// The style for standard output.
    pub(crate) fn of_stdout(choice: ColorChoice) -> Self {
        Self::choose(choice, io::stdout().is_terminal())
    }

    /// The style for standard error.
    pub(crate) fn of_stderr(choice: ColorChoice) -> Self {
        Self::choose(choice, io::stderr().is_terminal())
    }

    fn choose(choice: ColorChoice, terminal: bool) -> Self {
        let rich = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            // https://no-color.org: any value but the empty one.
            ColorChoice::Auto => terminal && !is_set("NO_COLOR") && !is_dumb() && is_utf8(),
        };
        if rich { Self::Rich } else { Self::Plain }
    }

    /// `text` in the colour of `tone`.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Good => "1;32",
            Tone::Bad => "1;31",
            Tone::Warning => "1;33",
            Tone::Strong => "1",
            Tone::Quiet => "2",
        };
        match self {
            Self::Plain => text.to_owned(),
            Self::Rich => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }

    /// The symbol with a space after it, or nothing: the word follows in any case.
    pub(crate) const fn mark(self, mark: Mark) -> &'static str {
        match (self, mark) {
            (Self::Plain, _) => "",
            (Self::Rich, Mark::Yes) => "✔ ",
            (Self::Rich, Mark::No) => "✘ ",
            (Self::Rich, Mark::Caution) => "⚠ ",
            (Self::Rich, Mark::Unknown) => "? ",
        }
    }

    /// The pieces of a tree.
    pub(crate) const fn branches(self) -> Branches {
        match self {
            Self::Plain => Branches {
                fork: "|- ",
                last: "`- ",
                pipe: "|  ",
                gap: "   ",
            },
            Self::Rich => Branches {
                fork: "├─ ",
                last: "└─ ",
                pipe: "│  ",
                gap: "   ",
            },
        }
    }
}

impl Mark {
    /// The colour that goes with the symbol.
    pub(crate) const fn tone(self) -> Tone {
        match self {
            Self::Yes => Tone::Good,
            Self::No => Tone::Bad,
            Self::Caution | Self::Unknown => Tone::Warning,
        }
    }
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// The first of the three locale variables that is set decides (POSIX, section 8.2).
fn is_utf8() -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(|name| env::var(name).ok())
        .find(|value| !value.is_empty())
        .is_some_and(|value| {
            let value = value.to_ascii_lowercase();
            value.contains("utf-8") || value.contains("utf8")
        })
}
