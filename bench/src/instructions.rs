//! Instructions, counted by callgrind. The count depends on the binary only, not on the load of the
//! machine.

use std::process::{Command, Stdio};

/// Instructions of one call of a case, or of its floor: the difference of two runs under callgrind,
/// divided.
pub fn count(what: &str, case: usize) -> Option<u64> {
    let few = run(what, case, FEW)?;
    let many = run(what, case, MANY)?;
    Some((many - few) / (MANY - FEW))
}

/// Returns `true` if valgrind is installed.
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
