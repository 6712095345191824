//! The one glob dialect: `*` stops at `/`, `**` does not, everything else is itself.
//!
//! A glob is anchored at both ends and compiled to a linear-time automaton. `?`, `[`, `]`, `{`, `}`,
//! `!` at the start and `\` mean different things elsewhere, so they are errors and never guesses.

/// Characters in one pattern: the longest honest identity has some 200.
pub(super) const MAX_PATTERN: usize = 1024;
/// Wildcards in one pattern.
pub(super) const MAX_WILDCARDS: usize = 16;

/// Why a text is not a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PatternError {
    pub(super) message: String,
    pub(super) expected: String,
    pub(super) hint: Option<String>,
}

impl PatternError {
    pub(super) fn new(message: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            expected: expected.into(),
            hint: None,
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Itself.
    Literal(&'a str),
    /// `*`.
    Star,
    /// `**`.
    DoubleStar,
}

/// Splits a glob into its parts, refusing whatever is not of this dialect.
pub(super) fn pieces(glob: &str) -> Result<Vec<Piece<'_>>, PatternError> {
    check_text(glob)?;
    let foreign = |c: char| matches!(c, '?' | '[' | ']' | '{' | '}' | '\\');
    if let Some(c) = glob.chars().find(|c| foreign(*c)) {
        return Err(PatternError::new(
            format!("`{c}` has no meaning in this pattern"),
            "`*` and `**` only",
        )
        .hint("write several patterns, or use `exact` or `regex` where they are possible"));
    }
    if glob.starts_with('!') {
        let message = "a pattern cannot be negated";
        return Err(PatternError::new(message, "a pattern of what matches"));
    }
    let mut list = Vec::new();
    let mut rest = glob;
    while !rest.is_empty() {
        let stars = rest.len() - rest.trim_start_matches('*').len();
        match stars {
            0 => {
                let (literal, tail) = rest.split_at(rest.find('*').unwrap_or(rest.len()));
                list.push(Piece::Literal(literal));
                rest = tail;
                continue;
            }
            1 => list.push(Piece::Star),
            2 => list.push(Piece::DoubleStar),
            _ => return Err(PatternError::new("too many stars in a row", "`*` or `**`")),
        }
        rest = rest.get(stars..).unwrap_or_default();
    }
    let wildcards = list
        .iter()
        .filter(|piece| !matches!(piece, Piece::Literal(_)))
        .count();
    if wildcards > MAX_WILDCARDS {
        let message = format!("{wildcards} wildcards in one pattern");
        return Err(PatternError::new(
            message,
            format!("at most {MAX_WILDCARDS}"),
        ));
    }
    Ok(list)
}

/// What every pattern and every text to be equal to must be.
pub(super) fn check_text(text: &str) -> Result<(), PatternError> {
    if text.is_empty() {
        return Err(PatternError::new("empty pattern", "a text"));
    }
    let count = text.chars().count();
    if count > MAX_PATTERN {
        let message = format!("a pattern of {count} characters");
        return Err(PatternError::new(message, format!("at most {MAX_PATTERN}")));
    }
    // Gauntlet 88: white space around a pattern is a mistake that silently never matches, and a
    // line break is a way to make one text look like two.
    if text.trim() != text || text.chars().any(char::is_control) {
        let message = "white space around the pattern, or a control character in it";
        return Err(PatternError::new(
            message,
            "a text on one line, without blanks around it",
        ));
    }
    Ok(())
}

/// The glob as a regular expression for the whole of a value such as an identity.
pub(super) fn value_regex(glob: &str) -> Result<String, PatternError> {
    let mut regex = String::new();
    for piece in pieces(glob)? {
        match piece {
            Piece::Literal(text) => regex.push_str(&regex::escape(text)),
            Piece::Star => regex.push_str(r"[^/\p{Cc}]*"),
            Piece::DoubleStar => regex.push_str(r"\P{Cc}*"),
        }
    }
    Ok(regex)
}
