//! Programs in Go that use the metadata clients of the AWS SDKs.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::install::{once, step};
use crate::skip::or_skip;

/// The folder of the programs of `go/`.
pub struct Go(PathBuf);

/// Returns the built programs, or builds them.
pub fn go() -> Option<&'static Go> {
    static GO: OnceLock<Result<Go, String>> = OnceLock::new();
    or_skip("Go's clients", GO.get_or_init(Go::build).as_ref().map_err(String::clone))
}

impl Go {
    fn build() -> Result<Go, String> {
        let version = step(Command::new("go").args(["env", "GOVERSION"]))?;
        let folder = once("go", &[&version, MODULES, SUMS, "sdk1", SDK_1, "sdk2", SDK_2], |folder| {
            let mut go = Command::new("go");
            go.args(["build", "-mod=readonly", "-trimpath", "-o"]).arg(folder).arg("./...");
            go.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("go")).env("CGO_ENABLED", "0");
            step(&mut go).map(drop)
        })?;
        Ok(Go(folder))
    }

    /// The path of a program, by the name of its folder.
    pub fn program(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }
}

/// The pinned versions.
pub(crate) const MODULES: &str = include_str!("../go/go.mod");
const SUMS: &str = include_str!("../go/go.sum");
const SDK_1: &str = include_str!("../go/sdk1/main.go");
const SDK_2: &str = include_str!("../go/sdk2/main.go");
