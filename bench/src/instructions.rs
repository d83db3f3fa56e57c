//! Instructions, counted by callgrind: the same for the same binary, whatever else the machine does.

use std::process::{Command, Stdio};

/// Instructions of one call of a case, or of its floor: two runs of this program under callgrind, their difference divided.
pub fn count(what: &str, case: usize) -> Option<u64> {
    let few = run(what, case, FEW)?;
    let many = run(what, case, MANY)?;
    Some((many - few) / (MANY - FEW))
}

/// Whether valgrind is there.
pub fn can_count() -> bool {
    Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn run(what: &str, case: usize, times: u64) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().ok()?)
        .args(["repeat", what, &case.to_string(), &times.to_string()])
        .output()
        .ok()?;
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = report.lines().find(|line| line.contains("Collected"))?;
    line.rsplit(' ').next()?.parse().ok()
}

const FEW: u64 = 1_000;
const MANY: u64 = 3_000;
