//! Node.js with the two metadata clients of the AWS SDK for JavaScript, and with more clients.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::install::{once, step};
use crate::run::command;
use crate::skip::or_skip;

/// A Node.js with packages.
pub struct Node(PathBuf);

/// Returns the one with the packages of `node/package.json`, or installs it.
pub fn node() -> Option<&'static Node> {
    static NODE: OnceLock<Result<Node, String>> = OnceLock::new();
    let node = NODE.get_or_init(|| Node::install("node", PACKAGE, LOCK));
    or_skip("Node's clients", node.as_ref().map_err(String::clone))
}

/// Returns the one with the packages of `node/more/package.json`, or installs it.
pub fn node_with_more() -> Option<&'static Node> {
    static NODE: OnceLock<Result<Node, String>> = OnceLock::new();
    let node = NODE.get_or_init(|| Node::install("node-more", MORE_PACKAGE, MORE_LOCK));
    or_skip("more of Node's clients", node.as_ref().map_err(String::clone))
}

impl Node {
    fn install(what: &str, package: &str, lock: &str) -> Result<Node, String> {
        let version = step(Command::new("node").arg("--version"))?;
        let folder = once(what, &[&version, package, lock], |folder| {
            let write = |name: &str, text: &str| {
                let file = folder.join(name);
                fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))
            };
            write("package.json", package)?;
            write("package-lock.json", lock)?;
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

pub(crate) const PACKAGE: &str = include_str!("../node/package.json");
const LOCK: &str = include_str!("../node/package-lock.json");
pub(crate) const MORE_PACKAGE: &str = include_str!("../node/more/package.json");
const MORE_LOCK: &str = include_str!("../node/more/package-lock.json");
