//! The bounds in the sources, read as text.

use super::amount::{self, Amount};

/// Where bounds are looked for, the deepest first, and the crate that lies there.
const ROOTS: &[(&str, &str)] = &[
    ("verifier/fetch/src/", "sovverify_fetch"),
    ("verifier/src/", "sovverify"),
    ("webhook/src/", "sovverify_webhook"),
    ("cli/src/", "sovverify_cli"),
];

/// A constant of one of these types is a number or a time. Tags, scores and exit codes are smaller types.
const NUMBERS: &[&str] = &[
    "usize",
    "u32",
    "u64",
    "u128",
    "isize",
    "i32",
    "i64",
    "i128",
    "NonZeroUsize",
    "NonZeroU32",
    "NonZeroU64",
    "Duration",
    "SignedDuration",
];

/// Names that go through names: more is a circle.
const MAX_STEPS: usize = 8;

/// A constant, or a field of a `Default`, with a number.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bound {
    /// `crate::module::NAME`, or `crate::module::Struct::field`.
    pub(super) name: String,
    /// `file:line`.
    pub(super) place: String,
    /// What stands to the right of it.
    pub(super) text: String,
    /// The path of its module.
    module: String,
}

impl Bound {
    /// The last part of the name.
    pub(super) fn short(&self) -> &str {
        self.name.rsplit("::").next().unwrap_or(&self.name)
    }

    fn is_in_crate_of(&self, other: &Self) -> bool {
        self.name.split("::").next() == other.name.split("::").next()
    }
}

/// The module of a source that is no test.
pub(super) fn module(file: &str) -> Option<String> {
    let (rest, package) = ROOTS
        .iter()
        .find_map(|(root, package)| Some((file.strip_prefix(root)?, package)))?;
    let path: Vec<&str> = rest.strip_suffix(".rs")?.split('/').collect();
    if path.contains(&"tests") {
        return None;
    }
    let mut module = String::from(*package);
    for part in path.iter().filter(|part| !["lib", "main"].contains(part)) {
        module.push_str("::");
        module.push_str(part);
    }
    Some(module)
}

/// A root or a kind of bound of which nothing was found: then the check sees nothing.
pub(super) fn unseen(bounds: &[Bound]) -> Option<String> {
    let roots = ROOTS.iter().map(|(_, package)| format!("{package}::"));
    let mut kinds = roots.chain(["Limits::".to_owned()]);
    kinds.find(|kind| {
        !bounds
            .iter()
            .any(|bound| bound.name.contains(kind.as_str()))
    })
}

/// Every bound in a source.
pub(super) fn bounds(module: &str, file: &str, text: &str) -> Vec<Bound> {
    let mut found = Vec::new();
    let mut of_struct: Option<&str> = None;
    let mut in_tests = false;
    let mut lines = text.lines().enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        let line = code(line);
        if line == "}" {
            of_struct = None;
            in_tests = false;
        }
        if line == "#[cfg(test)]" {
            let next = lines.peek().map_or("", |(_, next)| *next);
            in_tests = next.starts_with("mod ") && next.ends_with('{');
        }
        if in_tests {
            continue;
        }
        let mut add = |name: String, text: &str| {
            found.push(Bound {
                name,
                place: format!("{file}:{}", number + 1),
                text: text.to_owned(),
                module: module.to_owned(),
            });
        };
        if let Some(name) = limits_default(line) {
            of_struct = Some(name);
        } else if let Some(name) = of_struct {
            if let Some((field, text)) = field(line) {
                add(format!("{module}::{name}::{field}"), text);
            }
        } else if let Some((name, kind, begun)) = constant(line) {
            let mut text = begun.to_owned();
            while !text.ends_with(';') {
                let Some((_, more)) = lines.next() else { break };
                text = format!("{text} {}", code(more));
            }
            if is_bound(name, kind) {
                add(
                    format!("{module}::{name}"),
                    text.trim_end_matches(';').trim(),
                );
            }
        }
    }
    found
}

/// A line without the comment at its end.
fn code(line: &str) -> &str {
    line.split_once(" //")
        .map_or(line, |(code, _)| code)
        .trim_end()
}

/// The struct, where `line` begins the default of one that holds limits.
fn limits_default(line: &str) -> Option<&str> {
    let name = line.strip_prefix("impl Default for ")?.strip_suffix(" {")?;
    name.ends_with("Limits").then_some(name)
}

/// A field and its value.
fn field(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.trim().split_once(": ")?;
    let is_name = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    is_name.then(|| (name, value.trim_end_matches(',')))
}

/// The name, the type and the beginning of the value of a constant.
fn constant(line: &str) -> Option<(&str, &str, &str)> {
    let line = line.trim_start();
    let line = match line.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(") ")?.1,
        Some(rest) => rest.trim_start(),
        None => line,
    };
    let (name, rest) = line.strip_prefix("const ")?.split_once(": ")?;
    let (kind, value) = rest.split_once(" =")?;
    let is_name = name
        .chars()
        .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    is_name.then_some((name, kind, value.trim_start()))
}

/// Whether a constant of this name and type is a number. Tables and texts are none.
fn is_bound(name: &str, kind: &str) -> bool {
    let mut words = kind.split(|c: char| !c.is_ascii_alphanumeric());
    !kind.starts_with(['[', '&'])
        && (name.starts_with("MAX_") || words.any(|word| NUMBERS.contains(&word)))
}

/// How much a bound allows.
pub(super) fn amount(bound: &Bound, all: &[Bound]) -> Result<Amount, String> {
    through(bound, all, MAX_STEPS)
}

fn through(bound: &Bound, all: &[Bound], steps: usize) -> Result<Amount, String> {
    let steps = steps.checked_sub(1).ok_or("a name that leads to itself")?;
    amount::evaluate(&bound.text, &|name| named(name, bound, all, steps))
}

/// What `name` means beside `from`: the constant of the same module, or the only one in the crate.
fn named(name: &str, from: &Bound, all: &[Bound], steps: usize) -> Result<Amount, String> {
    let others = all
        .iter()
        .filter(|other| other.short() == name && other.name != from.name);
    let mut others = others.filter(|other| other.is_in_crate_of(from));
    let beside = others.clone().find(|other| other.module == from.module);
    if let Some(beside) = beside {
        return through(beside, all, steps);
    }
    match (others.next(), others.next()) {
        (Some(only), None) => through(only, all, steps),
        (None, _) => Err(format!("the check finds no `{name}`")),
        (Some(one), Some(other)) => {
            let (one, other) = (&one.name, &other.name);
            Err(format!("`{name}` may be `{one}` or `{other}`"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, String)> {
        let found = bounds("x::m", "x/m.rs", text).into_iter();
        found.map(|bound| (bound.name, bound.text)).collect()
    }

    fn pair(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    #[test]
    fn constants_that_are_numbers_are_found_wherever_they_stand() {
        let text = "pub const MAX_A: usize = 1; // one\npub(in crate::x) const TIME: Duration =\n    Duration::from_secs(2);\n\
                    fn f() {\n    const SHOWN: u32 = 3;\n}\nconst MAX_B: u8 = 4;\n\
                    const PAIR: (&str, u64) = (\"a\", 5);\nconst BITS: std::ops::RangeInclusive<usize> = 6..=7;\n";
        let expected = [
            pair("x::m::MAX_A", "1"),
            pair("x::m::TIME", "Duration::from_secs(2)"),
            pair("x::m::SHOWN", "3"),
            pair("x::m::MAX_B", "4"),
            pair("x::m::PAIR", "(\"a\", 5)"),
            pair("x::m::BITS", "6..=7"),
        ];
        assert_eq!(found(text), expected);
    }

    #[test]
    fn tables_texts_tags_and_functions_are_none() {
        let text = "const A: [usize; 2] = [1, 2];\nconst B: &str = \"1\";\nconst C: u8 = 1;\nconst D: &[u64] = &[1];\n\
                    pub const fn e(f: usize) -> usize {\n    f\n}\nstatic G: usize = 1;\n// const H: usize = 1;\n\
                    const N: usize,\n";
        assert_eq!(found(text), []);
    }

    #[test]
    fn fields_of_the_defaults_of_limits_are_found_and_no_others() {
        let text = "pub struct TheLimits {\n    pub a: usize,\n}\n\nimpl Default for TheLimits {\n    fn default() -> Self {\n\
                    \x20       Self {\n            a_bytes: 2 * KIB,\n            b: 3,\n        }\n    }\n}\n\n\
                    impl Default for Other {\n    fn default() -> Self {\n        Self { a: 1 }\n    }\n}\n";
        let expected = [
            pair("x::m::TheLimits::a_bytes", "2 * KIB"),
            pair("x::m::TheLimits::b", "3"),
        ];
        assert_eq!(found(text), expected);
    }

    #[test]
    fn tests_bound_nothing() {
        let text = "const A: usize = 1;\n#[cfg(test)]\nmod tests {\n    const B: usize = 2;\n}\n\
                    #[cfg(test)]\nfn f() {}\nconst C: usize = 3;\n";
        assert_eq!(found(text), [pair("x::m::A", "1"), pair("x::m::C", "3")]);
        assert_eq!(module("verifier/src/sbom/tests/a.rs"), None);
        assert_eq!(module("verifier/src/sbom/tests.rs"), None);
        assert_eq!(module("verifier/tests/a.rs"), None);
    }

    #[test]
    fn modules_have_the_path_of_their_file() {
        let module = |file| module(file).unwrap();
        assert_eq!(module("verifier/src/lib.rs"), "sovverify");
        assert_eq!(
            module("verifier/src/sbom/limits.rs"),
            "sovverify::sbom::limits"
        );
        assert_eq!(
            module("verifier/fetch/src/limits.rs"),
            "sovverify_fetch::limits"
        );
        assert_eq!(module("webhook/src/main.rs"), "sovverify_webhook");
    }

    #[test]
    fn names_mean_what_stands_beside_them_or_the_only_one_of_the_crate() {
        let mut all = bounds(
            "x::a",
            "x/a.rs",
            "const KIB: usize = 1024;\nconst A: usize = 2 * KIB;\n",
        );
        all.extend(bounds(
            "x::b",
            "x/b.rs",
            "const KIB: usize = 1000;\nconst B: usize = 2 * A;\n",
        ));
        all.extend(bounds(
            "x::c",
            "x/c.rs",
            "const C: usize = KIB;\nconst D: usize = E;\nconst E: usize = D;\n",
        ));
        all.extend(bounds("y::d", "y/d.rs", "const F: usize = A;\n"));
        let of = |name: &str| amount(all.iter().find(|bound| bound.name == name).unwrap(), &all);
        assert_eq!(of("x::a::A"), Ok(Amount::Count(2_048)));
        assert_eq!(of("x::b::B"), Ok(Amount::Count(4_096)));
        for name in ["x::c::C", "x::c::D", "y::d::F"] {
            assert!(of(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_root_without_bounds_is_seen() {
        let mut all: Vec<Bound> = ROOTS
            .iter()
            .flat_map(|(_, package)| bounds(package, "a.rs", "const A: usize = 1;\n"))
            .collect();
        assert_eq!(unseen(&all), Some("Limits::".to_owned()));
        let limits = "impl Default for Limits {\n    a: 1,\n}\n";
        all.extend(bounds("sovverify", "b.rs", limits));
        assert_eq!(unseen(&all), None);
        all.retain(|bound| !bound.name.starts_with("sovverify_cli"));
        assert_eq!(unseen(&all), Some("sovverify_cli::".to_owned()));
    }
}
