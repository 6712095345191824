//! What is refused before the parser sees it.
//!
//! The parser recurses as deep as its input nests, and after an error it goes on with whatever
//! follows. So the tokens are read here first, exactly as the lexer of the `cel` crate reads them
//! (cel-spec, langdef, "Lexical analysis"), and nothing passes that is no token, that does not
//! balance, or whose syntax tree could be deeper than [`MAX_DEPTH`].

use super::error::{ExpressionError, Places};
use super::limits::{MAX_DEPTH, MAX_SOURCE_BYTES};

/// A token, as far as nesting is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    /// A name, a number, a literal.
    Operand,
    /// An opening bracket, and the one that closes it.
    Open(char),
    /// A closing bracket.
    Close(char),
    /// `,`.
    Comma,
    /// `:`.
    Colon,
    /// `?`.
    Question,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `.`.
    Dot,
    /// Any other operator: each is a level of its own.
    Operator,
}

/// Why there is no token.
struct Fault {
    offset: usize,
    expected: &'static str,
    found: String,
}

/// Checks that `source` can be handed to the parser.
pub(super) fn check(source: &str) -> Result<(), ExpressionError> {
    let places = Places::new(source.get(..MAX_SOURCE_BYTES).unwrap_or(source));
    if source.len() > MAX_SOURCE_BYTES {
        let message = "the expression is too long";
        let at = places.at(source.floor_char_boundary(MAX_SOURCE_BYTES));
        return Err(ExpressionError::costly(
            at,
            message,
            MAX_SOURCE_BYTES,
            "bytes",
        ));
    }
    let mut scanner = Scanner { source, offset: 0 };
    let mut nesting = Nesting::default();
    loop {
        let token = scanner.next_token().map_err(|fault| {
            let message = "this is not CEL";
            ExpressionError::invalid(
                places.at(fault.offset),
                message,
                fault.expected,
                fault.found,
            )
        })?;
        let Some((token, offset)) = token else {
            return nesting.end(&places);
        };
        nesting.take(token, offset, &places)?;
    }
}

/// Reads tokens.
struct Scanner<'a> {
    source: &'a str,
    offset: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.offset..).unwrap_or_default()
    }

    fn next_token(&mut self) -> Result<Option<(Token, usize)>, Fault> {
        self.skip_space();
        let start = self.offset;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return Ok(None);
        };
        if let Some(length) = string_start(rest) {
            self.offset += length;
            self.string(rest.get(..length).unwrap_or_default())?;
            return Ok(Some((Token::Operand, start)));
        }
        if first.is_ascii_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            let word = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            self.offset += word.len();
            let token = if word == "in" {
                Token::Operator
            } else {
                Token::Operand
            };
            return Ok(Some((token, start)));
        }
        let Some((length, token)) = operator(rest) else {
            return Err(Fault {
                offset: start,
                expected: "a name, a literal or an operator of CEL",
                found: format!("`{}`", first.escape_debug()),
            });
        };
        self.offset += length;
        Ok(Some((token, start)))
    }

    fn skip_space(&mut self) {
        loop {
            let rest = self.rest();
            let text = rest.trim_start_matches(['\t', ' ', '\r', '\n', '\u{c}']);
            self.offset += rest.len() - text.len();
            if !text.starts_with("//") {
                return;
            }
            self.offset += text.find('\n').unwrap_or(text.len());
        }
    }

    /// Reads the rest of a string or bytes literal that opens with `opening`.
    fn string(&mut self, opening: &str) -> Result<(), Fault> {
        let start = self.offset - opening.len();
        let quotes = opening.trim_start_matches(['b', 'B', 'r', 'R']);
        let raw = opening.contains(['r', 'R']);
        loop {
            let rest = self.rest();
            if rest.starts_with(quotes) {
                self.offset += quotes.len();
                return Ok(());
            }
            let step = match rest.chars().next() {
                Some('\\') if !raw => escape(rest).ok_or_else(|| Fault {
                    offset: self.offset,
                    expected: "an escape sequence of CEL (`\\\\` for a backslash)",
                    found: format!("`{}`", rest.chars().take(2).collect::<String>()),
                })?,
                Some('\n' | '\r') if quotes.len() == 1 => 0,
                Some(character) => character.len_utf8(),
                None => 0,
            };
            if step == 0 {
                return Err(Fault {
                    offset: start,
                    expected: "a string that ends on its line",
                    found: format!("no closing `{quotes}`"),
                });
            }
            self.offset += step;
        }
    }
}

/// The bytes of the prefix and the opening quotes, where `rest` starts with a string.
fn string_start(rest: &str) -> Option<usize> {
    let bare = rest.strip_prefix(['b', 'B']).unwrap_or(rest);
    let bare = bare.strip_prefix(['r', 'R']).unwrap_or(bare);
    let quotes = ["\"\"\"", "'''", "\"", "'"]
        .into_iter()
        .find(|quotes| bare.starts_with(quotes))?;
    Some(rest.len() - bare.len() + quotes.len())
}

/// The bytes of the escape sequence that `rest` starts with.
fn escape(rest: &str) -> Option<usize> {
    let kind = rest.chars().nth(1)?;
    let digits = |count: usize, radix: u32| {
        let digits: Vec<char> = rest.chars().skip(2).take(count).collect();
        let good = digits.len() == count && digits.iter().all(|c| c.is_digit(radix));
        good.then_some(2 + count)
    };
    match kind {
        'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '"' | '\'' | '\\' | '?' | '`' => Some(2),
        'x' | 'X' => digits(2, 16),
        'u' => digits(4, 16),
        'U' => digits(8, 16),
        '0'..='3' => digits(2, 8),
        _ => None,
    }
}

/// The bytes of the operator that `rest` starts with, and which one it is.
fn operator(rest: &str) -> Option<(usize, Token)> {
    for (text, token) in [("&&", Token::And), ("||", Token::Or)] {
        if rest.starts_with(text) {
            return Some((2, token));
        }
    }
    if ["==", "!=", "<=", ">="]
        .iter()
        .any(|text| rest.starts_with(text))
    {
        return Some((2, Token::Operator));
    }
    let token = match rest.chars().next()? {
        '(' => Token::Open(')'),
        '[' => Token::Open(']'),
        '{' => Token::Open('}'),
        closing @ (')' | ']' | '}') => Token::Close(closing),
        ',' => Token::Comma,
        ':' => Token::Colon,
        '?' => Token::Question,
        '.' => Token::Dot,
        '<' | '>' | '-' | '!' | '+' | '*' | '/' | '%' => Token::Operator,
        _ => return None,
    };
    Some((1, token))
}

/// An upper bound of the depth of the syntax tree, kept while tokens pass.
#[derive(Default)]
struct Nesting {
    /// The groups that are open, and what closes them and where they began.
    groups: Vec<(Element, char, usize)>,
    /// The element that is being read.
    element: Element,
    /// Whether what was read last can be indexed.
    after_operand: AfterOperand,
}

#[derive(Default, PartialEq, Eq)]
enum AfterOperand {
    Yes,
    #[default]
    No,
}

/// One element between commas.
#[derive(Default)]
struct Element {
    /// Levels of the deepest element before this one, in the same brackets.
    before: usize,
    ternaries: usize,
    ands: usize,
    ors: usize,
    /// Levels of the deepest operand of `&&`, `||` and `?:` so far.
    deepest: usize,
    /// Operators with two sides in the operand of those that is being read.
    binaries: usize,
    /// Levels of the deepest side of such an operator so far.
    side: usize,
    /// Signs, fields and positions of the side that is being read.
    chain: usize,
    /// Levels of the deepest brackets in that side.
    inner: usize,
}

impl Element {
    fn end_side(&mut self) {
        self.side = self.side.max(self.chain + self.inner);
        self.chain = 0;
        self.inner = 0;
    }

    fn end_operand(&mut self) {
        self.end_side();
        self.deepest = self.deepest.max(self.binaries + self.side);
        self.binaries = 0;
        self.side = 0;
    }

    /// The parser balances `&&` and `||`: a chain of them is as deep as its logarithm.
    fn depth(&self) -> usize {
        let side = self.side.max(self.chain + self.inner);
        let here = self.deepest.max(self.binaries + side);
        let own = self.ternaries + levels(self.ands) + levels(self.ors) + here;
        self.before.max(own)
    }
}

/// Levels of a balanced tree with `operators` inner nodes.
fn levels(operators: usize) -> usize {
    usize::try_from(usize::BITS - operators.leading_zeros()).unwrap_or(usize::MAX)
}

impl Nesting {
    fn take(
        &mut self,
        token: Token,
        offset: usize,
        places: &Places,
    ) -> Result<(), ExpressionError> {
        let element = &mut self.element;
        match token {
            Token::Operand => {}
            Token::Operator if self.after_operand == AfterOperand::Yes => {
                element.end_side();
                element.binaries += 1;
            }
            Token::Operator | Token::Dot => element.chain += 1,
            Token::Question => {
                element.end_operand();
                element.ternaries += 1;
            }
            Token::And => {
                element.end_operand();
                element.ands += 1;
            }
            Token::Or => {
                element.end_operand();
                element.ors += 1;
            }
            Token::Colon => element.end_operand(),
            Token::Comma => {
                let before = element.depth();
                *element = Element {
                    before,
                    ..Element::default()
                };
            }
            Token::Open(closing) => {
                if closing == ']' && self.after_operand == AfterOperand::Yes {
                    element.chain += 1;
                }
                let outer = std::mem::take(element);
                self.groups.push((outer, closing, offset));
            }
            Token::Close(closing) => self.close(closing, offset, places)?,
        }
        self.after_operand = match token {
            Token::Operand | Token::Close(_) => AfterOperand::Yes,
            _ => AfterOperand::No,
        };
        // A leaf is one level.
        if self.groups.len() + self.element.depth() >= MAX_DEPTH {
            let message = "the expression nests too deep";
            let at = places.at(offset);
            return Err(ExpressionError::costly(at, message, MAX_DEPTH, "levels"));
        }
        Ok(())
    }

    fn close(
        &mut self,
        closing: char,
        offset: usize,
        places: &Places,
    ) -> Result<(), ExpressionError> {
        let expected = match self.groups.last() {
            Some((_, expected, _)) if *expected == closing => None,
            Some((_, expected, _)) => Some(format!("`{expected}`")),
            None => Some("an opening bracket before it".to_owned()),
        };
        if let Some(expected) = expected {
            let message = "brackets do not match";
            let at = places.at(offset);
            let found = format!("`{closing}`");
            return Err(ExpressionError::invalid(at, message, expected, found));
        }
        let inner = self.element.depth() + 1;
        if let Some((mut outer, _, _)) = self.groups.pop() {
            outer.inner = outer.inner.max(inner);
            self.element = outer;
        }
        Ok(())
    }

    fn end(&self, places: &Places) -> Result<(), ExpressionError> {
        let Some((_, closing, offset)) = self.groups.last() else {
            return Ok(());
        };
        let message = "a bracket is never closed";
        let at = places.at(*offset);
        let expected = format!("`{closing}`");
        Err(ExpressionError::invalid(
            at,
            message,
            expected,
            "the end of the expression",
        ))
    }
}
