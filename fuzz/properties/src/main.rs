//! Lists the targets and generates seeds and dictionaries. `cargo xtask fuzz` runs it.

use std::env;
use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use imds_fuzz::seeds::Inputs;
use imds_fuzz::{TARGETS, Target};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["seed"] => seed(),
        ["list"] => {
            TARGETS.iter().for_each(|target| println!("{:12}  {}", target.name, target.property));
            Ok(())
        }
        ["dictionary", name] => match TARGETS.iter().find(|target| target.name == name) {
            Some(target) => {
                print!("{}", dictionary(target));
                Ok(())
            }
            None => Err(io::Error::other(format!("unknown fuzz target '{name}'; `list` prints the targets"))),
        },
        _ => Err(io::Error::other("expected `seed`, `list` or `dictionary TARGET`")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Replaces the generated seeds in `fuzz/corpus/`.
fn seed() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let inputs = Inputs::read(&root)?;
    for target in TARGETS {
        let folder = root.join("fuzz/corpus").join(target.name);
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(SEED_PREFIX) {
                fs::remove_file(entry.path())?;
            }
        }
        let seeds = (target.seeds)(&inputs);
        let bytes: usize = seeds.iter().map(Vec::len).sum();
        println!("{}: {} seeds, {bytes} bytes", target.name, seeds.len());
        for (number, data) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("{SEED_PREFIX}{number:03}")), data)?;
        }
    }
    Ok(())
}

/// The target's dictionary in libFuzzer's syntax.
fn dictionary(target: &Target) -> String {
    (target.dictionary)()
        .iter()
        .filter(|entry| entry.len() <= MAX_ENTRY_BYTES)
        .map(|entry| format!("\"{}\"\n", escaped(entry)))
        .collect()
}

fn escaped(entry: &str) -> String {
    let mut text = String::new();
    for byte in entry.bytes() {
        match byte {
            b'"' | b'\\' => text.push_str(&format!("\\{}", char::from(byte))),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\x{byte:02X}")),
        }
    }
    text
}

/// Prefix of the names of generated seeds. Other files in the corpus are kept.
const SEED_PREFIX: &str = "seed-";
/// libFuzzer's limit.
const MAX_ENTRY_BYTES: usize = 64;
