//! The page for visitors, which contains the hashes of the modules: `www/dist/`.

use std::process::Command;

use crate::compile::output;
use crate::glue::tools;
use crate::root;

/// Writes `www/dist/`.
pub fn build() -> Result<(), String> {
    run(&[])
}

/// Checks that `www/dist/` is what the page's sources and the committed modules give.
pub fn check() -> Result<(), String> {
    run(&["--check"])
}

fn run(arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new("node");
    command.current_dir(root()).arg("www/build.mjs").args(arguments).env("ESBUILD_FOLDER", tools()?);
    output(&mut command).map(drop)
}
