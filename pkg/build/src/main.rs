//! Builds `pkg/dist/`, or holds it against its sources. `cargo xtask dist` sees to what this needs and runs it.

mod compile;
mod costs;
mod files;
mod glue;
mod licences;
mod sizes;
mod stamp;
mod streams;
mod vectors;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use files::Dist;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["build"] => build(),
        ["check"] => check(false),
        ["check", "--rebuild"] => check(true),
        ["costs"] => costs::print(),
        ["vectors", file] => vectors::write(Path::new(file)),
        _ => Err("build, check [--rebuild], costs, or vectors FILE".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    let dist = Dist::make()?;
    let before = sizes::recorded();
    dist.write()?;
    sizes::report(&dist, before)
}

/// Whether what is committed is what the sources make: by building it again, or by a stamp of all that goes into it.
fn check(rebuild: bool) -> Result<(), String> {
    if rebuild {
        Dist::make()?.compare()?;
    } else if stamp::of_inputs()? != stamp::recorded()? {
        return Err("pkg/dist/ is not of these sources: cargo xtask dist makes it anew".to_owned());
    }
    sizes::check()
}

/// The folder that holds the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new(".")).to_path_buf()
}

/// Where what is built on the way is kept.
pub fn workshop() -> PathBuf {
    // This program is in a profile's folder of the target folder.
    let own = env::current_exe().unwrap_or_default();
    own.ancestors().nth(2).map_or_else(|| root().join("target"), Path::to_path_buf).join("npm")
}

/// Says of an error what it is about.
pub fn about<E: std::fmt::Display>(what: impl std::fmt::Display) -> impl FnOnce(E) -> String {
    move |error| format!("{what}: {error}")
}
