//! Builds `pkg/dist/`, or checks it against its sources. `cargo xtask dist` installs what this
//! program needs and runs it.

mod calls;
mod compile;
mod core;
mod costs;
mod debug;
mod files;
mod glue;
mod licences;
mod page;
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
    let result =
        match arguments.as_slice() {
            ["build"] => build(),
            ["check"] => check(false),
            ["check", "--rebuild"] => check(true),
            ["costs"] => costs::print(),
            ["debug"] => debug::build().map(|folder| println!("{}", folder.display())),
            ["vectors", file] => vectors::write(Path::new(file)),
            ["calls", file] => vectors::write_calls(Path::new(file)),
            _ => Err("usage: imds-pkg-build build | check [--rebuild] | costs | debug | vectors FILE | calls FILE"
                .to_owned()),
        };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    let dist = Dist::build()?;
    let before = sizes::recorded();
    dist.write()?;
    page::build()?;
    sizes::write_documents()?;
    sizes::report(&dist, &before)
}

/// Checks the committed files against the sources: by rebuilding them, or by the stamp.
fn check(rebuild: bool) -> Result<(), String> {
    if rebuild {
        Dist::build()?.compare()?;
    } else if stamp::of_inputs()? != stamp::recorded()? {
        return Err("pkg/dist/ is not built from these sources: run cargo xtask dist".to_owned());
    }
    page::check()?;
    sizes::check()
}

/// The workspace root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new(".")).to_path_buf()
}

/// The folder for intermediate files.
pub fn work_folder() -> PathBuf {
    // This program is in a folder of the target folder that is named after the profile.
    let program = env::current_exe().unwrap_or_default();
    program.ancestors().nth(2).map_or_else(|| root().join("target"), Path::to_path_buf).join("npm")
}

/// Prefixes an error with the file or program it is about.
pub fn about<E: std::fmt::Display>(subject: impl std::fmt::Display) -> impl FnOnce(E) -> String {
    move |error| format!("{subject}: {error}")
}
