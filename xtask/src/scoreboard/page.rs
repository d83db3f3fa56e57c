use std::fmt::Write as _;

use serde_json::Value;

use super::Column;
use crate::tools::TaskError;

/// The page. All reports are of one checker, so that each has the same checks in the same order.
pub fn page(columns: &[Column]) -> Result<String, TaskError> {
    let checks = |column: &Column| column.told["checks"].as_array().cloned().unwrap_or_default();
    let all: Vec<Vec<Value>> = columns.iter().map(checks).collect();
    let Some(rows) = all.first().filter(|rows| !rows.is_empty()) else {
        return Err(TaskError::Failed("a report without checks".to_owned()));
    };
    if let Some((column, _)) = columns.iter().zip(&all).find(|(_, own)| own.len() != rows.len()) {
        return Err(TaskError::Failed(format!("{}: another number of checks", column.name)));
    }
    let time = columns[0].told["time"].as_str().unwrap_or_default();
    let version = columns[0].told["imds"].as_str().unwrap_or_default();
    let date = time.split('T').next().unwrap_or_default();
    let mut page =
        format!("{TITLE}\nMade on {date} by `cargo xtask scoreboard`, with the checker of imds {version}.\n\n");
    sums(&mut page, columns, &all);
    page.push_str(READING);
    table(&mut page, columns, rows, &all);
    for (column, own) in columns.iter().zip(&all) {
        saw(&mut page, column, own);
    }
    Ok(page)
}

fn sums(page: &mut String, columns: &[Column], all: &[Vec<Value>]) {
    page.push_str("| | held against | seen | documented | inferred, chosen | not seen |\n|---|---|---|---|---|---|\n");
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
            text(&column.told, "profile"),
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

/// What was seen where it is no.
fn saw(page: &mut String, column: &Column, checks: &[Value]) {
    let failed: Vec<&Value> = checks.iter().filter(|check| text(check, "outcome") == "failed").collect();
    if failed.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n## What was seen of {}\n\n| check | says | saw |\n|---|---|---|", column.name);
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

What `imds check` says of this server, once for each generation, and of moto's server as it is: all on the loopback device, odd
bytes included (`--level chosen --intrusive`).
";
const READING: &str = "
The numbers are checks that hold, of those that could be seen: by what raw exchanges of the real service show, by what AWS
documents, and by what is inferred or this project's own choice. A *no* in the last of these is a difference, and no fault.
moto mocks AWS's APIs for tests, and serves some metadata beside them to every SDK that asks; it does not claim to be EC2 on
the wire.

In the table an empty cell was not seen: the instance has nothing of the kind, is not in that mode or not throttled, or an answer
is missing on which the check stands.

";
