//! Formats `docs/scoreboard.md`.

use std::fmt::Write as _;

use serde_json::Value;

use super::Column;
use crate::tools::TaskError;

/// Formats the page. Every report comes from the same checker, so all have the same checks in the
/// same order.
pub fn page(columns: &[Column]) -> Result<String, TaskError> {
    let checks = |column: &Column| column.report["checks"].as_array().cloned().unwrap_or_default();
    let all: Vec<Vec<Value>> = columns.iter().map(checks).collect();
    let Some(rows) = all.first().filter(|rows| !rows.is_empty()) else {
        return Err(TaskError::Failed("the checker's report contains no checks".to_owned()));
    };
    if let Some((column, _)) = columns.iter().zip(&all).find(|(_, own)| own.len() != rows.len()) {
        return Err(TaskError::Failed(format!("{}: its report has a different number of checks", column.name)));
    }
    let time = columns[0].report["time"].as_str().unwrap_or_default();
    let version = columns[0].report["imds"].as_str().unwrap_or_default();
    let date = time.split('T').next().unwrap_or_default();
    let mut page =
        format!("{TITLE}\nGenerated on {date} by `cargo xtask scoreboard` with the checker of imds {version}.\n\n");
    sums(&mut page, columns, &all);
    page.push_str(READING);
    table(&mut page, columns, rows, &all);
    for (column, own) in columns.iter().zip(&all) {
        failures(&mut page, column, own);
    }
    Ok(page)
}

fn sums(page: &mut String, columns: &[Column], all: &[Vec<Value>]) {
    page.push_str("| | profile | seen | documented | inferred, chosen | not observed |\n|---|---|---|---|---|---|\n");
    for (column, checks) in columns.iter().zip(all) {
        let of = |certainties: &[&str]| {
            let is_one = |check: &&Value| certainties.contains(&text(&check["known"], "certainty"));
            let seen = checks.iter().filter(is_one).filter(|check| text(check, "outcome") != "unseen");
            let (mut passed, mut all) = (0, 0);
            for check in seen {
                all += 1;
                passed += u32::from(text(check, "outcome") == "passed");
            }
            format!("{passed} of {all}")
        };
        let unseen = checks.iter().filter(|check| text(check, "outcome") == "unseen").count();
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {unseen} |",
            column.name,
            text(&column.report, "profile"),
            of(&["seen"]),
            of(&["documented"]),
            of(&["inferred", "chosen"]),
        );
    }
}

fn table(page: &mut String, columns: &[Column], rows: &[Value], all: &[Vec<Value>]) {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let _ = writeln!(page, "| check | known | {} |\n|---|---|{}", names.join(" | "), "---|".repeat(columns.len()));
    for (index, row) in rows.iter().enumerate() {
        let known = &row["known"];
        let known = match known["times"].as_u64() {
            Some(1) => "seen once".to_owned(),
            Some(times) => format!("seen {times} times"),
            None => text(known, "certainty").to_owned(),
        };
        let cells: Vec<&str> = all
            .iter()
            .map(|checks| match text(&checks[index], "outcome") {
                "passed" => "yes",
                "unseen" => "",
                _ => "**no**",
            })
            .collect();
        let _ = writeln!(page, "| `{}` | {known} | {} |", text(row, "id"), cells.join(" | "));
    }
}

/// Lists each failed check with the observed response.
fn failures(page: &mut String, column: &Column, checks: &[Value]) {
    let failed: Vec<&Value> = checks.iter().filter(|check| text(check, "outcome") == "failed").collect();
    if failed.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n## Failed checks: {}\n\n| check | claim | observed |\n|---|---|---|", column.name);
    for check in failed {
        let cell = |name| text(check, name).replace('|', "\\|");
        let _ = writeln!(page, "| `{}` | {} | {} |", text(check, "id"), cell("says"), cell("saw"));
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

const TITLE: &str = "\
# Scoreboard

Results of `imds check --level chosen --intrusive`, which includes malformed requests, over
loopback: for this server, once for each generation, and for moto's server with its defaults.
";
const READING: &str = "
The columns count the passed checks among those that could be observed, by how the behaviour is
known: seen in raw exchanges with the real service, documented by AWS, or inferred or chosen by this
project. A *no* for a check of the last kind is a difference, not a defect. moto mocks AWS's APIs
for tests and also serves some metadata to SDKs; it does not claim to match EC2 byte for byte.

An empty cell in the table below means that the check was not observed: the instance lacks the
category, is in another mode or not throttled, or a response that the check needs is missing.

";
