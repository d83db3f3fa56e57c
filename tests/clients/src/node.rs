//! Node.js with the two metadata clients of the AWS SDK for JavaScript.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::install::{once, step};
use crate::run::command;
use crate::skip::or_skip;

/// A Node.js with the packages of `node/package.json`.
pub struct Node(PathBuf);

/// Returns the installed one, or installs it.
pub fn node() -> Option<&'static Node> {
    static NODE: OnceLock<Result<Node, String>> = OnceLock::new();
    or_skip("Node's clients", NODE.get_or_init(Node::install).as_ref().map_err(String::clone))
}

impl Node {
    fn install() -> Result<Node, String> {
        let version = step(Command::new("node").arg("--version"))?;
        let folder = once("node", &[&version, PACKAGE, LOCK], |folder| {
            let write = |name: &str, text: &str| {
                let file = folder.join(name);
                fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))
            };
            write("package.json", PACKAGE)?;
            write("package-lock.json", LOCK)?;
            let mut npm = Command::new("npm");
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
            step(&mut npm).map(drop)
        })?;
        Ok(Node(folder))
    }

    /// One of the clients in `node/`, for a dialogue. It loads its packages from its working
    /// folder.
    pub fn client(&self, script: &str, environment: &[(&str, &str)]) -> Command {
        let mut command = command("node");
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("node").join(script));
        command.current_dir(&self.0).envs(environment.iter().copied());
        command
    }
}

const PACKAGE: &str = include_str!("../node/package.json");
const LOCK: &str = include_str!("../node/package-lock.json");
