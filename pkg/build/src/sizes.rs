//! The size of the module, and its limits.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::compile::output;
use crate::files::Dist;
use crate::{about, root, work_folder};

/// A module of `pkg/dist/`, with its limits in bytes after brotli.
struct Limits {
    module: &'static str,
    content: &'static str,
    recorded: &'static str,
    /// The size to aim for.
    goal: u64,
    /// The size that the module should not exceed.
    budget: u64,
    /// How much a build may exceed the recorded size.
    max_growth_percent: u64,
}

/// The documents with a table of the sizes.
const DOCUMENTS: [&str; 2] = ["README.md", "pkg/README.md"];
const START: &str = "<!-- sizes: written by cargo xtask dist -->";
const END: &str = "<!-- end of sizes -->";

const MODULES: [Limits; 2] = [
    Limits {
        module: "imds.wasm",
        content: "protocol, fleet, EC2's API, snapshots, transcripts",
        recorded: "size.json",
        goal: 165 * 1024,
        budget: 176 * 1024,
        max_growth_percent: 2,
    },
    Limits {
        module: "imds-core.wasm",
        content: "protocol",
        recorded: "core-size.json",
        goal: 66 * 1024,
        budget: 72 * 1024,
        max_growth_percent: 1,
    },
];

#[derive(Clone, Copy)]
pub struct Size {
    pub raw: u64,
    pub gzip: u64,
    pub brotli: u64,
}

impl Size {
    pub fn to_json(self) -> String {
        let Size { raw, gzip, brotli } = self;
        format!("{}\n", json!({ "raw": raw, "gzip": gzip, "brotli": brotli }))
    }
}

/// Measures the module as a web server sends it, at the highest compression levels. Node
/// compresses, because wasm-opt needs it anyway.
pub fn of(wasm: &[u8]) -> Result<Size, String> {
    let folder = work_folder();
    fs::create_dir_all(&folder).map_err(about(folder.display()))?;
    let file = folder.join("measured.wasm");
    fs::write(&file, wasm).map_err(about(file.display()))?;
    let read = output(Command::new("node").args(["-e", MEASURE]).arg(&file))?;
    parse(&read).ok_or_else(|| format!("node printed `{}` instead of sizes", read.trim()))
}

/// The committed sizes of the modules.
pub fn recorded() -> Vec<Option<Size>> {
    MODULES.iter().map(Limits::recorded).collect()
}

/// Checks that the committed sizes are the modules', and that the documents have them.
pub fn check() -> Result<(), String> {
    MODULES.iter().try_for_each(Limits::check)?;
    for file in DOCUMENTS {
        let text = fs::read_to_string(root().join(file)).map_err(about(file))?;
        if with_table(&text).map_err(about(file))? != text {
            return Err(format!("{file} has not the sizes of the modules: run cargo xtask dist"));
        }
    }
    Ok(())
}

/// Writes the table of sizes to the documents.
pub fn write_documents() -> Result<(), String> {
    for file in DOCUMENTS {
        let path = root().join(file);
        let text = fs::read_to_string(&path).map_err(about(file))?;
        fs::write(&path, with_table(&text).map_err(about(file))?).map_err(about(file))?;
    }
    Ok(())
}

/// The committed sizes as a Markdown table.
fn table() -> Result<String, String> {
    let mut table = String::from("| module | content | bytes | gzip | brotli |\n|---|---|--:|--:|--:|\n");
    for limits in &MODULES {
        let Limits { module, content, .. } = limits;
        let Size { raw, gzip, brotli } = limits.recorded().ok_or(format!("pkg/dist has no sizes of {module}"))?;
        let [raw, gzip, brotli] = [raw, gzip, brotli].map(with_commas);
        table.push_str(&format!("| `{module}` | {content} | {raw} | {gzip} | {brotli} |\n"));
    }
    Ok(table)
}

/// The text with the current table between its markers.
fn with_table(text: &str) -> Result<String, String> {
    let missing = || format!("expected the lines `{START}` and `{END}`");
    let (before, rest) = text.split_once(START).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    Ok(format!("{before}{START}\n{}{END}{after}", table()?))
}

/// A number with a comma after each group of three digits.
fn with_commas(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

/// Prints the sizes.
///
/// # Errors
/// If a module is larger than before by more than the allowed growth.
pub fn report(dist: &Dist, before: &[Option<Size>]) -> Result<(), String> {
    for (name, bytes) in &dist.files {
        println!("pkg/dist/{name}: {} bytes", bytes.len());
    }
    print!("{}", table()?);
    check()?;
    MODULES.iter().zip(before).try_for_each(|(limits, before)| limits.check_growth(*before))
}

impl Limits {
    fn recorded(&self) -> Option<Size> {
        parse(&fs::read_to_string(root().join("pkg/dist").join(self.recorded)).ok()?)
    }

    fn check(&self) -> Result<(), String> {
        let Limits { module, recorded: file, goal, budget, .. } = self;
        let wasm = fs::read(root().join("pkg/dist").join(module)).map_err(about(module))?;
        let recorded = self.recorded().ok_or(format!("pkg/dist/{file} has no sizes: run cargo xtask dist"))?;
        let size = of(&wasm)?;
        if size.raw != recorded.raw {
            return Err(format!(
                "pkg/dist/{file} has {} bytes, the module {}: run cargo xtask dist",
                recorded.raw, size.raw
            ));
        }
        println!("pkg/dist/{module}: {} bytes, {} with gzip, {} with brotli", size.raw, size.gzip, size.brotli);
        // Exceeding them is no error; growing is.
        for (name, limit) in [("goal", goal), ("budget", budget)] {
            if size.brotli > *limit {
                println!("larger than the {name} of {limit} bytes with brotli");
            }
        }
        Ok(())
    }

    fn check_growth(&self, before: Option<Size>) -> Result<(), String> {
        let percent = self.max_growth_percent;
        match (before, self.recorded()) {
            (Some(before), Some(now)) if now.brotli * 100 > before.brotli * (100 + percent) => Err(format!(
                "{} has {} bytes with brotli, more than {percent} % above the {} before: run this again to accept it",
                self.module, now.brotli, before.brotli
            )),
            _ => Ok(()),
        }
    }
}

fn parse(text: &str) -> Option<Size> {
    let value: Value = serde_json::from_str(text).ok()?;
    let number = |name: &str| value[name].as_u64();
    Some(Size { raw: number("raw")?, gzip: number("gzip")?, brotli: number("brotli")? })
}

const MEASURE: &str = "
const { readFileSync } = require('node:fs');
const { brotliCompressSync, gzipSync, constants } = require('node:zlib');
const bytes = readFileSync(process.argv[1]);
const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
console.log(JSON.stringify({ raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotliCompressSync(bytes, { params }).length }));
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_comma_after_each_three_digits() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(with_commas(number), text);
        }
    }

    #[test]
    fn only_the_text_between_the_markers_changes() {
        let text = format!("before\n{START}\nold\n{END}\nafter\n");
        let written = with_table(&text).unwrap();
        assert_eq!(written, format!("before\n{START}\n{}{END}\nafter\n", table().unwrap()));
        assert_eq!(with_table(&written).as_ref(), Ok(&written));
        assert!(with_table("before\nafter\n").is_err());
    }
}
