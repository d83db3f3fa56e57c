//! Writes `docs/scoreboard.md`: results of `imds check` for this server and for others.

mod page;
mod peer;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::tools::{Setup, TaskError, cargo, root, target_folder};
use peer::Peer;

/// A column of the page.
pub struct Column {
    /// The server's name in the column's heading.
    pub name: String,
    /// The checker's JSON report.
    pub report: Value,
}

/// Checks every server and writes the page.
pub fn write(setup: Setup) -> Result<(), TaskError> {
    setup.program("python3", "python3-venv")?;
    cargo("build --quiet --locked -p imds-server")?;
    let imds = target_folder().join("debug").join("imds");
    let article = ["--instance", "examples/article.json", "--http-tokens", "required"];
    let moto = peer::moto()?;
    let columns = [
        column(&imds, "imds, a t3.micro", "nitro", Peer::imds(&imds, &[])?)?,
        column(&imds, "imds, a t2.nano, tokens required", "xen", Peer::imds(&imds, &article)?)?,
        column(&imds, &format!("moto {}", peer::MOTO), "nitro", Peer::moto(&moto)?)?,
    ];
    let page = page::page(&columns)?;
    let file = root().join("docs").join("scoreboard.md");
    fs::write(&file, page).map_err(|error| TaskError::CannotRun(format!("docs/scoreboard.md: {error}")))?;
    println!("wrote docs/scoreboard.md");
    Ok(())
}

fn column(imds: &Path, name: &str, profile: &str, peer: Peer) -> Result<Column, TaskError> {
    let url = format!("http://{}", peer.address());
    let arguments = ["check", &url, "--profile", profile, "--level", "chosen", "--intrusive", "--format", "json"];
    println!("$ imds {}    # {name}", arguments.join(" "));
    let output = Command::new(imds).args(arguments).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| TaskError::CannotRun(format!("imds: {error}")))?;
    let report: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| TaskError::Failed(format!("imds check {name}: {}, {error}", output.status)))?;
    match report["over"].as_str() {
        Some(reason) => Err(TaskError::Failed(format!("imds check {name}: {reason}"))),
        None => Ok(Column { name: name.to_owned(), report }),
    }
}
