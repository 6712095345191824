//! Numbers as the sources and the page write them: `32 * MIB` and `32 MiB` are the same amount.

use std::fmt;

/// How much a bound allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Amount {
    /// Things, bytes or characters.
    Count(i128),
    /// Nanoseconds.
    Time(i128),
    /// From one number to another, both included.
    Range(i128, i128),
}

/// Units of counts, as the page writes them.
const COUNTS: &[(&str, i128)] = &[
    ("bytes", 1),
    ("characters", 1),
    ("bits", 1),
    ("%", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// Units of time, as the page writes them, the longest first.
const TIMES: &[(&str, i128)] = &[
    ("days", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("min", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
];

/// Functions that make a time of a number, of `Duration` and `SignedDuration`.
const CALLS: &[(&str, &str)] = &[
    ("from_millis", "ms"),
    ("from_secs", "s"),
    ("from_mins", "min"),
    ("from_hours", "h"),
];

/// Reads what the page says: `4 096`, `32 MiB`, `90 days`, `2 048 to 8 192 bits`.
pub(super) fn read(text: &str) -> Result<Amount, String> {
    if let Some((from, to)) = text.split_once(" to ") {
        return match (read(from)?, read(to)?) {
            (Amount::Count(from), Amount::Count(to)) => Ok(Amount::Range(from, to)),
            _ => Err(format!("expected two numbers, found `{text}`")),
        };
    }
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let is_unit = |word: &&str| !word.ends_with(|c: char| c.is_ascii_digit());
    let unit = words.pop_if(|word| is_unit(word));
    let (first, groups) = words
        .split_first()
        .ok_or_else(|| format!("expected a number, found `{text}`"))?;
    if let Some(wrong) = groups.iter().find(|group| group.len() != 3) {
        return Err(format!("expected groups of three digits, found `{wrong}`"));
    }
    let number: i128 = format!("{first}{}", groups.concat())
        .parse()
        .map_err(|_| format!("expected a number, found `{text}`"))?;
    let Some(unit) = unit else {
        return Ok(Amount::Count(number));
    };
    let times = |factor: i128| number.checked_mul(factor).ok_or("too large".to_owned());
    if let Some(factor) = factor(COUNTS, unit) {
        return times(factor).map(Amount::Count);
    }
    if let Some(factor) = factor(TIMES, unit) {
        return times(factor).map(Amount::Time);
    }
    Err(format!(
        "expected one of {:?} and {:?}, found `{unit}`",
        names(COUNTS),
        names(TIMES)
    ))
}

/// Works out what a source says: integers, `+ - * /`, brackets, a range, a tuple whose last part is the number,
/// `Duration::from_secs` and its like, and names, which `named` looks up.
pub(super) fn evaluate(
    text: &str,
    named: &dyn Fn(&str) -> Result<Amount, String>,
) -> Result<Amount, String> {
    let mut reader = Reader { rest: text, named };
    let amount = reader.range()?;
    match reader.rest.trim_start() {
        "" => Ok(amount),
        rest => Err(format!("the check cannot read `{rest}`")),
    }
}

struct Reader<'a> {
    rest: &'a str,
    named: &'a dyn Fn(&str) -> Result<Amount, String>,
}

impl<'a> Reader<'a> {
    fn range(&mut self) -> Result<Amount, String> {
        let from = self.sum()?;
        if !self.eat("..=") {
            return Ok(from);
        }
        match (from, self.sum()?) {
            (Amount::Count(from), Amount::Count(to)) => Ok(Amount::Range(from, to)),
            _ => Err("expected a range of numbers".to_owned()),
        }
    }

    fn sum(&mut self) -> Result<Amount, String> {
        let mut left = self.product()?;
        loop {
            left = if self.eat("+") {
                join(left, self.product()?, i128::checked_add)?
            } else if self.eat("-") {
                join(left, self.product()?, i128::checked_sub)?
            } else {
                return Ok(left);
            };
        }
    }

    fn product(&mut self) -> Result<Amount, String> {
        let mut left = self.atom()?;
        loop {
            left = if self.eat("*") {
                multiply(left, self.atom()?)?
            } else if self.eat("/") {
                divide(left, self.atom()?)?
            } else {
                return Ok(left);
            };
        }
    }

    fn atom(&mut self) -> Result<Amount, String> {
        if self.eat("-") {
            let zero = Amount::Count(0);
            return join(zero, self.atom()?, i128::checked_sub);
        }
        if self.eat("(") {
            if self.eat("\"") {
                let (_, rest) = self.rest.split_once('"').ok_or("a text without an end")?;
                self.rest = rest;
                self.expect(",")?;
            }
            let amount = self.sum()?;
            self.expect(")")?;
            return Ok(amount);
        }
        let word = self.word();
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            let number = word.replace('_', "").parse();
            return number
                .map(Amount::Count)
                .map_err(|_| format!("the check cannot read the number `{word}`"));
        }
        let name = word.rsplit("::").next().unwrap_or(word);
        if !self.eat("(") {
            return (self.named)(name);
        }
        let number = self.sum()?;
        self.expect(")")?;
        let unit = CALLS.iter().find(|(call, _)| *call == name);
        let factor = unit.and_then(|(_, unit)| factor(TIMES, unit));
        match (number, factor) {
            (Amount::Count(number), Some(factor)) => number
                .checked_mul(factor)
                .map(Amount::Time)
                .ok_or_else(|| "too long".to_owned()),
            _ => Err(format!("the check does not know `{word}`")),
        }
    }

    fn word(&mut self) -> &'a str {
        let text = self.rest.trim_start();
        let end = text
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':')
            .unwrap_or(text.len());
        let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        self.rest = rest;
        word
    }

    fn eat(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.eat(token) {
            return Ok(());
        }
        Err(format!("expected `{token}` before `{}`", self.rest))
    }
}

/// Why two amounts make no third.
const UNCLEAR: &str = "the check cannot work this out";

/// A sum or difference, of two of a kind.
fn join(left: Amount, right: Amount, by: fn(i128, i128) -> Option<i128>) -> Result<Amount, String> {
    let result = match (left, right) {
        (Amount::Count(left), Amount::Count(right)) => by(left, right).map(Amount::Count),
        (Amount::Time(left), Amount::Time(right)) => by(left, right).map(Amount::Time),
        _ => None,
    };
    result.ok_or_else(|| UNCLEAR.to_owned())
}

fn multiply(left: Amount, right: Amount) -> Result<Amount, String> {
    let result = match (left, right) {
        (Amount::Count(left), Amount::Count(right)) => left.checked_mul(right).map(Amount::Count),
        (Amount::Count(number), Amount::Time(time))
        | (Amount::Time(time), Amount::Count(number)) => time.checked_mul(number).map(Amount::Time),
        _ => None,
    };
    result.ok_or_else(|| UNCLEAR.to_owned())
}

fn divide(left: Amount, right: Amount) -> Result<Amount, String> {
    let result = match (left, right) {
        (Amount::Count(left), Amount::Count(right)) => left.checked_div(right).map(Amount::Count),
        (Amount::Time(time), Amount::Count(number)) => time.checked_div(number).map(Amount::Time),
        _ => None,
    };
    result.ok_or_else(|| UNCLEAR.to_owned())
}

fn factor(units: &[(&str, i128)], name: &str) -> Option<i128> {
    let unit = units.iter().find(|(unit, _)| *unit == name);
    unit.map(|(_, factor)| *factor)
}

fn names(units: &[(&'static str, i128)]) -> Vec<&'static str> {
    units.iter().map(|(name, _)| *name).collect()
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(number) => f.write_str(&grouped(*number)),
            Self::Range(from, to) => write!(f, "{} to {}", grouped(*from), grouped(*to)),
            Self::Time(time) => {
                let whole = TIMES.iter().find(|(_, factor)| time % factor == 0);
                let (unit, factor) = whole.copied().unwrap_or(("ns", 1));
                write!(f, "{} {unit}", grouped(time / factor))
            }
        }
    }
}

/// The digits in groups of three.
fn grouped(number: i128) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<Amount, String> {
        evaluate(text, &|name| match name {
            "MIB" => Ok(Amount::Count(1 << 20)),
            "SECOND" => Ok(Amount::Time(1_000_000_000)),
            _ => Err(format!("no `{name}`")),
        })
    }

    #[test]
    fn what_sources_write_is_worked_out() {
        for (text, shown) in [
            ("4_000_000", "4 000 000"),
            ("8 * MIB", "8 388 608"),
            ("2_048 * super::MIB", "2 147 483 648"),
            ("64 * 1024", "65 536"),
            ("2 * (1 + 3) - 1", "7"),
            ("100 * 366 * 86_400", "3 162 240 000"),
            ("7 / 2", "3"),
            ("-62_135", "-62 135"),
            ("5 * SECOND", "5 s"),
            ("SECOND / 4", "250 ms"),
            ("Duration::from_millis(1_500)", "1 500 ms"),
            ("std::time::Duration::from_secs(10)", "10 s"),
            ("Duration::from_mins(2) + SECOND", "121 s"),
            ("SignedDuration::from_hours(90 * 24)", "90 days"),
            ("2048..=8192", "2 048 to 8 192"),
            ("(\"oci-layout\", 4096)", "4 096"),
        ] {
            let found = value(text).map(|amount| amount.to_string());
            assert_eq!(found, Ok(shown.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_worked_out_is_an_error() {
        for text in [
            "",
            "8 *",
            "8 8",
            "(8",
            "UNKNOWN",
            "1 << 20",
            "8usize",
            "1 / 0",
            "1 + SECOND",
            "2 / SECOND",
            "SECOND * SECOND",
            "u8::MAX",
            "Duration::from_days(1)",
            "Duration::from_secs(SECOND)",
            "(\"a, 4)",
        ] {
            assert!(value(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_the_page_writes_is_the_same_amount() {
        for (page, text) in [
            ("7", "7"),
            ("4 000 000", "4_000_000"),
            ("4000000", "4_000_000"),
            ("8 MiB", "8 * MIB"),
            ("64 KiB", "65_536"),
            ("4 GiB", "4 * 1024 * MIB"),
            ("65 535 bytes", "65_535"),
            ("-62 135", "-62_135"),
            ("10 %", "10"),
            ("5 s", "5 * SECOND"),
            ("250 ms", "SECOND / 4"),
            ("90 days", "Duration::from_hours(2_160)"),
            ("2 048 to 8 192 bits", "2048..=8192"),
        ] {
            assert_eq!(read(page), value(text), "{page}");
        }
    }

    #[test]
    fn what_nobody_can_read_on_the_page_is_an_error() {
        for text in [
            "", "many", "MiB", "4 00", "4 0000", "4,000", "4 MB", "1 to 2 s",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
