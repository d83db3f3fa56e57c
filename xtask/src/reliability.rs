//! Load and fault tests: runs the load program against the release binary and writes
//! `docs/reliability.md` from its output.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::tools::{Setup, TaskError, cargo, root, target_folder, today};

/// Runs one scenario of the load program and returns its standard output.
pub fn load(scenario: &str) -> Result<String, TaskError> {
    cargo("build --quiet --release --locked -p imds-server -p imds-load")?;
    let program = target_folder().join("release").join("imds-load");
    println!("$ load {scenario}");
    let failed = |error| TaskError::CannotRun(format!("load: {error}"));
    let mut child =
        Command::new(program).arg(scenario).current_dir(root()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    let mut output = String::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line.map_err(failed)?;
            println!("{line}");
            output.push_str(&line);
            output.push('\n');
        }
    }
    match child.wait().map_err(failed)? {
        status if status.success() => Ok(output),
        status => Err(TaskError::Failed(format!("load {scenario}: {status}"))),
    }
}

/// Runs the fault scenario. It needs faketime to move the clock and unshare to mount a small disk.
pub fn faults(setup: Setup) -> Result<String, TaskError> {
    setup.program("faketime", "faketime")?;
    setup.program("unshare", "util-linux")?;
    load("faults")
}

/// Runs every scenario and writes the page.
pub fn write(setup: Setup) -> Result<(), TaskError> {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let mut page = format!(
        "{TITLE}\nGenerated on {} by `cargo xtask reliability` with imds {}, on {cores} cores shared by the server and its clients.\n",
        today()?,
        env!("CARGO_PKG_VERSION")
    );
    for (scenario, heading) in SCENARIOS {
        page.push_str(&format!("\n{heading}\n\n```text\n{}```\n", load(scenario)?));
    }
    page.push_str(&format!("\n{FAULTS}\n\n{}", faults(setup)?));
    page.push_str(OTHERS);
    let file = root().join("docs").join("reliability.md");
    fs::write(&file, page).map_err(|error| TaskError::CannotRun(format!("docs/reliability.md: {error}")))?;
    println!("wrote docs/reliability.md");
    Ok(())
}

const TITLE: &str = "# The server under load and faults\n";
const SCENARIOS: [(&str, &str); 3] = [
    ("puts", "## Token requests, one connection each, 64 at a time"),
    ("keep-alive", "## Token requests, pipelined on persistent connections"),
    ("idle", "## Idle connections and incomplete request heads during other requests"),
];
const FAULTS: &str = "## Faults

Each fault runs against a new server over loopback. A row appears only if every response was correct
and took at most one second, every acknowledged change survived, and memory returned to its earlier
value within 10 % plus 2 MiB (except after slow readers, where the allocator may keep and reuse
their memory). libfaketime moves the clock; the full disk is a small one in memory.";
const OTHERS: &str = "
Other suites cover more faults: a server killed during launches leaves a state file that the next
server loads (`ec2-api`); a stalled reader of the log or of the events delays no response, and a
request head or body that is too slow is closed at its deadline (`server`). A change is written
shortly after its response, so killing the server can lose the most recent one.
";
