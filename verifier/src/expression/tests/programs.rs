//! Programs at random: nothing panics, and everything ends within its budget.

use super::super::guard;
use super::super::limits::MAX_STEPS;
use super::super::{Expression, Outcome};
use super::{everything, evidence};

/// Programs that are made from the grammar.
pub(super) const PROGRAMS: usize = 20_000;
/// Texts that are made from tokens.
const TEXTS: usize = 20_000;

/// A small generator (xorshift64*), always the same.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).unwrap() % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

/// Writes programs that are mostly of the right types.
pub(super) struct Writer {
    pub(super) dice: Dice,
    pub(super) locals: Vec<String>,
}

impl Writer {
    pub(super) fn bool(&mut self, depth: usize) -> String {
        if depth == 0 || self.dice.roll(30) == 0 {
            let leaves = [
                "true",
                "false",
                "predicate.yes",
                "predicate.no",
                "has(predicate.map)",
            ];
            return self.dice.pick(&leaves).to_owned();
        }
        let inner = depth - 1;
        match self.dice.roll(14) {
            0 => format!("({} && {})", self.bool(inner), self.bool(inner)),
            1 => format!("({} || {})", self.bool(inner), self.bool(inner)),
            2 => format!("!({})", self.bool(inner)),
            3 | 4 => {
                let sign = self.dice.pick(&["==", "!=", "<", "<=", ">", ">="]);
                format!("{} {sign} {}", self.number(inner), self.number(inner))
            }
            5 => {
                let sign = self.dice.pick(&["==", "!=", "<", ">="]);
                format!("{} {sign} {}", self.text(inner), self.text(inner))
            }
            6 => format!("{} in {}", self.any(inner), self.list(inner)),
            7 => {
                let test = self.dice.pick(&["startsWith", "endsWith", "contains"]);
                format!("{}.{test}({})", self.text(inner), self.text(inner))
            }
            8 => {
                let pattern = self.dice.pick(&["^a+", "(a|b)*c", "\\\\d", "[a-f]{2,5}"]);
                format!("{}.matches('{pattern}')", self.text(inner))
            }
            9 => format!(
                "({} ? {} : {})",
                self.bool(inner),
                self.bool(inner),
                self.bool(inner)
            ),
            10 => self.each(&["all", "exists", "exists_one"], inner, Self::bool),
            11 => format!("{} == {}", self.list(inner), self.list(inner)),
            12 => format!("{} == {}", self.any(inner), self.any(inner)),
            _ => self.any(inner),
        }
    }

    fn number(&mut self, depth: usize) -> String {
        if depth == 0 {
            let leaves = [
                "0",
                "1",
                "2u",
                "1.5",
                "predicate.one",
                "predicate.big",
                "predicate.half",
            ];
            return self.local_or(&leaves);
        }
        let inner = depth - 1;
        match self.dice.roll(7) {
            0 | 1 => {
                let sign = self.dice.pick(&["+", "-", "*", "/", "%"]);
                format!("({} {sign} {})", self.number(inner), self.number(inner))
            }
            2 => format!("-({})", self.number(inner)),
            3 => format!("size({})", self.list(inner)),
            4 => format!(
                "{}({})",
                self.dice.pick(&["int", "uint", "double"]),
                self.number(inner)
            ),
            5 => format!("{}[{}]", self.list(inner), self.number(inner)),
            _ => self.number(0),
        }
    }

    fn text(&mut self, depth: usize) -> String {
        if depth == 0 {
            let leaves = [
                "''",
                "'abc'",
                "'é'",
                "predicate.text",
                "image.name",
                "sbom.format",
            ];
            return self.local_or(&leaves);
        }
        let inner = depth - 1;
        match self.dice.roll(4) {
            0 => format!("({} + {})", self.text(inner), self.text(inner)),
            1 => format!("string({})", self.any(inner)),
            2 => format!("{}[0]", self.list(inner)),
            _ => self.text(0),
        }
    }

    fn list(&mut self, depth: usize) -> String {
        if depth == 0 {
            let leaves = [
                "predicate.list",
                "predicate.mixed",
                "[]",
                "sbom.components",
                "predicate.map",
            ];
            return self.local_or(&leaves);
        }
        let inner = depth - 1;
        match self.dice.roll(6) {
            0 => format!("[{}, {}]", self.any(inner), self.any(inner)),
            1 => format!("({} + {})", self.list(inner), self.list(inner)),
            2 => self.each(&["filter"], inner, Self::bool),
            3 => self.each(&["map"], inner, Self::any),
            4 => format!("{{'a': {}, {}: 1}}", self.any(inner), self.any(inner)),
            _ => self.list(0),
        }
    }

    fn any(&mut self, depth: usize) -> String {
        match self.dice.roll(6) {
            0 => self.bool(depth),
            1 => self.number(depth),
            2 => self.text(depth),
            3 => self.list(depth),
            4 => "null".to_owned(),
            _ => self.local_or(&[
                "now",
                "b'x'",
                "duration('1h')",
                "type(1)",
                "predicate.numbers",
            ]),
        }
    }

    fn each(
        &mut self,
        macros: &[&str],
        depth: usize,
        body: fn(&mut Self, usize) -> String,
    ) -> String {
        if self.locals.len() == 2 {
            return self.list(0);
        }
        let name = self.dice.pick(macros);
        let range = self.list(depth);
        let local = ["x", "y"][self.locals.len()];
        self.locals.push(local.to_owned());
        let body = body(self, depth);
        self.locals.pop();
        format!("{range}.{name}({local}, {body})")
    }

    fn local_or(&mut self, leaves: &[&str]) -> String {
        if !self.locals.is_empty() && self.dice.roll(2) == 0 {
            let index = self.dice.roll(self.locals.len());
            return self.locals[index].clone();
        }
        self.dice.pick(leaves).to_owned()
    }
}

#[test]
fn programs_of_the_grammar_end_within_their_budget() {
    let (scope, inputs) = (everything(), evidence());
    let dice = Dice(0x5EED);
    let mut writer = Writer {
        dice,
        locals: Vec::new(),
    };
    let mut counts = [0_usize; 5];
    for _ in 0..PROGRAMS {
        let depth = 1 + writer.dice.roll(5);
        let source = writer.bool(depth);
        let Ok(expression) = Expression::compile(&source, &scope) else {
            counts[0] += 1;
            continue;
        };
        let (outcome, steps) = expression.measure(&inputs);
        assert!(steps <= MAX_STEPS, "{source}");
        let index = match outcome {
            Outcome::Met => 1,
            Outcome::Unmet => 2,
            Outcome::Failed { .. } => 3,
            Outcome::TooCostly { .. } => 4,
        };
        counts[index] += 1;
    }
    // The programs are worth their time: most are read, and end in every way that small ones can.
    println!("refused, met, unmet, failed, too costly: {counts:?}");
    assert!(
        counts.iter().take(4).all(|count| *count > PROGRAMS / 50),
        "{counts:?}"
    );
    assert!(counts[0] < PROGRAMS * 2 / 3, "{counts:?}");
}

const TOKENS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "?",
    ".",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "&&",
    "||",
    "==",
    "!=",
    "<",
    "in",
    "true",
    "null",
    "1",
    "2u",
    "0x",
    "1e",
    "1.5",
    "'a'",
    "b'a'",
    "r'\\'",
    "'''",
    "\"",
    "'",
    "\\",
    "`",
    "@",
    "//",
    "\n",
    " ",
    "x",
    "predicate",
    "image",
    "has",
    "all",
    "map",
    "matches",
    "size",
    "é",
    "\u{0}",
    "🐱",
    "if",
    "u",
    ".5",
    "99999999999999999999",
];

#[test]
fn texts_of_tokens_never_panic() {
    let scope = everything();
    let inputs = evidence();
    let mut dice = Dice(0xD1CE);
    let mut taken = 0;
    for _ in 0..TEXTS {
        let count = 1 + dice.roll(12);
        let source: String = (0..count).map(|_| dice.pick(TOKENS)).collect();
        if let Ok(expression) = Expression::compile(&source, &scope) {
            expression.evaluate(&inputs);
            taken += 1;
        }
    }
    assert!(taken > 0);
}

#[test]
fn what_the_guard_lets_pass_is_never_too_deep() {
    const AROUND: &[(&str, &str)] = &[
        ("(", ")"),
        ("!(", ")"),
        ("-(", ")"),
        ("[", "]"),
        ("[", "][0]"),
        ("{'a': ", "}.a"),
        ("size([1, ", "])"),
        ("predicate.yes ? 1 : ", ""),
        ("predicate.yes && ", ""),
        ("", " || predicate.no"),
        ("", " + 1 * predicate.one"),
        ("1 - ", ""),
        ("", " == predicate.one"),
        ("", ".a.b"),
        ("", ".size()"),
        ("1 in ", ""),
        ("", ", 1"),
    ];
    let scope = everything();
    let mut dice = Dice(0x7A11);
    let (mut passed, mut stopped) = (0, 0);
    for _ in 0..PROGRAMS / 10 {
        let mut source = String::from("predicate");
        for _ in 0..20 + dice.roll(50) {
            let (before, after) = AROUND[dice.roll(AROUND.len())];
            source = format!("{before}{source}{after}");
            if dice.roll(4) == 0 {
                source = format!("({source})");
            }
        }
        if guard::check(&source).is_err() {
            stopped += 1;
            continue;
        }
        passed += 1;
        if let Err(error) = Expression::compile(&source, &scope) {
            assert_ne!(error.message, "the expression nests too deep", "{source}");
        }
    }
    assert!(passed > 500 && stopped > 500, "{passed} {stopped}");
}
