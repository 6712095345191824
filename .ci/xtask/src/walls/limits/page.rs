//! The rows of the page.

use super::PAGE;
use super::amount::{self, Amount};

/// Cells of a row: what is bounded, how much, why, what is said when it is reached, and the name in the sources.
const CELLS: usize = 5;

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Its line on the page.
    pub(super) line: usize,
    /// The path of the constant or field.
    pub(super) name: String,
    /// The bound.
    pub(super) amount: Amount,
    /// The codes that a user sees.
    pub(super) codes: Vec<String>,
}

/// The rows of every table, and what is wrong with those that cannot be read.
pub(super) fn rows(page: &str) -> (Vec<Row>, Vec<String>) {
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    let mut is_body = false;
    for (number, text) in page.lines().enumerate() {
        let Some(inner) = text
            .strip_prefix('|')
            .and_then(|text| text.strip_suffix('|'))
        else {
            is_body = false;
            continue;
        };
        let cells: Vec<&str> = inner.split('|').map(str::trim).collect();
        let is_ruler = cells.iter().all(|cell| cell.chars().all(|c| c == '-'));
        // A table begins with its titles and a ruler.
        if is_ruler || !is_body {
            is_body |= is_ruler;
            continue;
        }
        let line = number + 1;
        match row(line, &cells) {
            Ok(row) => rows.push(row),
            Err(why) => wrong.push(format!("{PAGE}:{line}: {why}")),
        }
    }
    (rows, wrong)
}

fn row(line: usize, cells: &[&str]) -> Result<Row, String> {
    if let Some(at) = cells.iter().position(|cell| cell.is_empty()) {
        return Err(format!("the cell {} is empty", at + 1));
    }
    let [_, amount, _, reached, name] = cells else {
        return Err(format!("expected {CELLS} cells, found {}", cells.len()));
    };
    let quoted = name
        .strip_prefix('`')
        .and_then(|name| name.strip_suffix('`'));
    let name = quoted
        .filter(|name| name.contains("::"))
        .ok_or_else(|| format!("expected a path in backticks, found {name}"))?;
    Ok(Row {
        line,
        name: name.to_owned(),
        amount: amount::read(amount)?,
        codes: codes(reached),
    })
}

/// What stands in backticks and has the form of a code.
fn codes(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted
        .filter(|text| text.contains('/'))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "# T\n\n| what | bound | why | reached | name |\n| --- | --- | --- | --- | --- |\n";

    fn read(row: &str) -> (Vec<Row>, Vec<String>) {
        rows(&format!("{HEAD}{row}\n"))
    }

    #[test]
    fn a_row_is_read_with_its_line_number_and_codes() {
        let row = "| A b | 2 KiB | why | `a/b`, or `c/d`; set by `total` | `x::y::MAX` |";
        let expected = Row {
            line: 5,
            name: "x::y::MAX".to_owned(),
            amount: Amount::Count(2_048),
            codes: vec!["a/b".to_owned(), "c/d".to_owned()],
        };
        assert_eq!(read(row), (vec![expected], Vec::new()));
    }

    #[test]
    fn titles_and_rulers_are_no_rows() {
        assert_eq!(rows(HEAD), (Vec::new(), Vec::new()));
        assert_eq!(rows(&format!("{HEAD}\ntext\n\n{HEAD}")).0, []);
    }

    #[test]
    fn a_row_that_cannot_be_read_is_wrong_and_not_passed_over() {
        for row in [
            "| A | 2 | why | none |",
            "| A | 2 | why | none | `x::Y` | more |",
            "| A | 2 |  | none | `x::Y` |",
            "| A | 2 | why |  | `x::Y` |",
            "| A | two | why | none | `x::Y` |",
            "| A | 2 | why | none | x::Y |",
            "| A | 2 | why | none | `Y` |",
        ] {
            let (rows, wrong) = read(row);
            assert_eq!((rows.len(), wrong.len()), (0, 1), "{row}");
            assert!(
                wrong[0].starts_with("docs/security/limits.md:5: "),
                "{wrong:?}"
            );
        }
    }
}
