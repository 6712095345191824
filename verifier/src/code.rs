//! Stable codes for bad news: one name, three homes.
//!
//! A code is written `area/name`. It is one line in the table here, a page `docs/codes/area/name.md`,
//! and at least one case or test that produces it. Codes are never reused for another meaning.

mod table;

use std::fmt;

pub use table::Code;

/// What kind of bad news a code is; an operator tells an attack from an outage by this alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Class {
    /// No such evidence exists.
    Missing,
    /// Cryptography or format is wrong.
    Invalid,
    /// Good evidence, but not from whom or about what the policy wants.
    Untrusted,
    /// A rule on content said no.
    Policy,
    /// The trust root is stale, expired, unknown or unusable.
    Trust,
    /// Registry or network; safe to retry.
    Transient,
    /// A named bound was reached.
    Limit,
    /// Our caller's input is wrong: usage, policy document, configuration.
    Input,
}

impl Class {
    /// The class as it is written in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Invalid => "invalid",
            Self::Untrusted => "untrusted",
            Self::Policy => "policy",
            Self::Trust => "trust",
            Self::Transient => "transient",
            Self::Limit => "limit",
            Self::Input => "input",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $class:ident, $rank:literal;)+) => {
        /// A stable code for one kind of bad news.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code { $($(#[doc = $doc])+ $variant,)+ }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as it is written, `area/name`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What kind of bad news this is.
            pub const fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class,)+ }
            }

            /// How specific the news is: when many candidates fail, the highest rank leads.
            pub const fn rank(self) -> u8 {
                match self { $(Self::$variant => $rank,)+ }
            }

            /// One sentence that says what happened.
            pub fn summary(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc,)+).trim_ascii(),)+ }
            }
        }
    };
}

use codes;

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_shaped_area_slash_name() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for name in names {
            let (area, rest) = name.split_once('/').unwrap();
            for part in [area, rest] {
                assert!(!part.is_empty(), "{name}");
                assert!(
                    part.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
                    "{name}"
                );
            }
        }
    }
}
