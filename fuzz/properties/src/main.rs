//! Makes what the fuzzer begins with. `cargo xtask fuzz` runs it.

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
    let done = match arguments[..] {
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
            None => Err(io::Error::other(format!("no target is called '{name}'"))),
        },
        _ => Err(io::Error::other("seed, list, or dictionary TARGET")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the inputs that stories bring to `fuzz/corpus/`, in place of those that they brought before.
fn seed() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let stories = Inputs::read(&root)?;
    for target in TARGETS {
        let folder = root.join("fuzz/corpus").join(target.name);
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(SEED) {
                fs::remove_file(entry.path())?;
            }
        }
        let seeds = (target.seeds)(&stories);
        let bytes: usize = seeds.iter().map(Vec::len).sum();
        println!("{}: {} seeds, {bytes} bytes", target.name, seeds.len());
        for (number, data) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("{SEED}{number:03}")), data)?;
        }
    }
    Ok(())
}

/// The target's words as libFuzzer reads them.
fn dictionary(target: &Target) -> String {
    (target.dictionary)()
        .iter()
        .filter(|word| word.len() <= LONGEST_WORD)
        .map(|word| format!("\"{}\"\n", escaped(word)))
        .collect()
}

fn escaped(word: &str) -> String {
    let mut text = String::new();
    for byte in word.bytes() {
        match byte {
            b'"' | b'\\' => text.push_str(&format!("\\{}", char::from(byte))),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\x{byte:02X}")),
        }
    }
    text
}

/// What the names of seeds begin with. Other files are of somebody's finding, and stay.
const SEED: &str = "seed-";
/// libFuzzer's.
const LONGEST_WORD: usize = 64;
