//! Load and fault tests: runs the load program against the release binary and writes
//! `docs/reliability.md` from its output.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::tools::{Setup, TaskError, cargo, cargo_output, root, target_folder, today};

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

/// Runs the fault scenario. It needs faketime to move the clock, ss to read the memory of sockets, and
/// unshare to mount a small disk.
pub fn faults(setup: Setup) -> Result<String, TaskError> {
    setup.program("faketime", "faketime")?;
    setup.program("ss", "iproute2")?;
    setup.program("unshare", "util-linux")?;
    load("faults")
}

/// Runs tests, and returns the results that they print as list items.
fn results(tests: &str) -> Result<String, TaskError> {
    let output = cargo_output(&format!("test --quiet --locked {tests} -- --nocapture"))?;
    // The harness prints its dots in the same lines, and `test result: ` at the end.
    let results = output.lines().filter(|line| !line.contains("test result: "));
    let items: Vec<String> =
        results.filter_map(|line| line.split_once("result: ")).map(|(_, item)| format!("* {item}\n")).collect();
    match items.as_slice() {
        [] => Err(TaskError::Failed(format!("cargo test {tests} printed no result"))),
        items => Ok(items.concat()),
    }
}

/// Runs a benchmark against the release server, and returns its output.
fn bench(name: &str) -> Result<String, TaskError> {
    cargo("build --quiet --release --locked -p imds-server -p bench")?;
    Ok(cargo_output(&format!("run --quiet --release --locked -p bench -- {name}"))?.trim().to_owned())
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
    page.push_str(&format!("\n{POWER_FAILURES}\n\n{}", results("-p imds-server --lib power_failures")?));
    page.push_str(&format!("\n{LAUNCHES}\n\n{}\n", bench("launches")?));
    page.push_str(&format!("\n{LATENCY}\n\n{}\n", bench("latency")?));
    page.push_str(&format!("\n{CALLS}\n\n{}", results("-p imds-ec2 --test query cost")?));
    page.push_str(&format!("\n{SOAK}\n\n{}", results("-p imds-ec2 --test query soak")?));
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
const POWER_FAILURES: &str = "## Power failures

The operations of the state file on files are recorded while a server changes its fleet, and restarts. After
each operation, every image of the disk is examined that a power failure may leave then: a write
without a successful sync is absent, partial or zeros, and a name without a synced folder is as before.";
const LAUNCHES: &str = "## Launches with and without a state file";
const LATENCY: &str = "## Metadata beside the console

The calls are those of clients that want to delay the metadata: 200 filter values on a fleet of 25 instances
with 50 tags of 256 characters each, launches, and long responses. The second row has no calls: two threads
compute, so it shows what the scheduler of the system alone costs.";
const CALLS: &str = "## Calls of the EC2 API

What one call costs at most, debug build: the steps of its filters, the bytes of its response, and the bytes of memory
that it takes at one time. Bounds for any call are in `ec2/tests/models/cost.rs`.";
const SOAK: &str = "## Two hours of launches and terminations

The clock is simulated.";
const OTHERS: &str = "
Other suites cover more faults. `server`: a stalled reader of the log or of the events delays no response; slow
readers of long responses delay no other call, and clients that read or send nothing leave the places of
`/healthz` and `/metrics`; a connection without a first byte, and a request head or body that is too slow, is
closed at its deadline. `console-browser`: no page of another origin changes the fleet from Chromium.
";
