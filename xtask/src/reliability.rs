//! Load and faults: the load program on the release binary, and `docs/reliability.md`, which is what it says.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::tools::{Setup, TaskError, cargo, root, target_folder, today};

/// Runs one kind of load, and gives what it prints.
pub fn load(kind: &str) -> Result<String, TaskError> {
    cargo("build --quiet --release --locked -p imds-server --bin imds --example load")?;
    let program = target_folder().join("release").join("examples").join("load");
    println!("$ load {kind}");
    let failed = |error| TaskError::CannotRun(format!("load: {error}"));
    let mut child =
        Command::new(program).arg(kind).current_dir(root()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    let mut told = String::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line.map_err(failed)?;
            println!("{line}");
            told.push_str(&line);
            told.push('\n');
        }
    }
    match child.wait().map_err(failed)? {
        status if status.success() => Ok(told),
        status => Err(TaskError::Failed(format!("load {kind}: {status}"))),
    }
}

/// Runs the faults, which need what makes a clock jump and a disk full.
pub fn faults(setup: Setup) -> Result<String, TaskError> {
    setup.program("faketime", "faketime")?;
    setup.program("unshare", "util-linux")?;
    load("faults")
}

/// Runs all of it and writes the page.
pub fn write(setup: Setup) -> Result<(), TaskError> {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let mut page = format!(
        "{TITLE}\nMade on {} by `cargo xtask reliability`, with imds {}, on {cores} cores, the askers among them.\n",
        today()?,
        env!("CARGO_PKG_VERSION")
    );
    for (kind, about) in KINDS {
        page.push_str(&format!("\n{about}\n\n```text\n{}```\n", load(kind)?));
    }
    page.push_str(&format!("\n{FAULTS}\n\n{}", faults(setup)?));
    page.push_str(OTHERS);
    let file = root().join("docs").join("reliability.md");
    fs::write(&file, page).map_err(|error| TaskError::CannotRun(format!("docs/reliability.md: {error}")))?;
    println!("docs/reliability.md is written");
    Ok(())
}

const TITLE: &str = "# What load and faults do to the server\n";
const KINDS: [(&str, &str); 3] = [
    ("puts", "## Tokens, a connection each, 64 at a time"),
    ("keep-alive", "## Tokens, on kept connections, pipelined"),
    ("idle", "## Idle connections, and heads that never end, while others ask"),
];
const FAULTS: &str = "## Faults

Each on a server of its own, on the loopback device. A row is written only where every answer was right, none took longer than a
second, what was acknowledged was there again, and memory was back (a tenth and 2 MiB aside; of slow readers' the allocator may keep
what they had, and uses it again). The clock is put by libfaketime, the disk is a small one in memory.";
const OTHERS: &str = "
A server that is killed in the middle of launches leaves a state that the next goes on from (the suite `ec2-api`), a reader of the
log or of the events that stalls holds nobody up (the suite `server`), and a body or a head that is too slow is cut at its deadline.
Beyond what is acknowledged: a change is written a moment after its answer, so a kill may lose the last.
";
