//! The size of the module, and its limits.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::compile::output;
use crate::files::Dist;
use crate::{about, root, work_folder};

/// The size that the module should not exceed, in bytes after brotli.
const BUDGET: u64 = 80 * 1024;
/// The size to aim for, in bytes after brotli.
const GOAL: u64 = 64 * 1024;
/// How much a build may exceed the recorded size.
const MAX_GROWTH_PERCENT: u64 = 2;

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

/// The committed size.
pub fn recorded() -> Option<Size> {
    parse(&fs::read_to_string(root().join("pkg/dist/size.json")).ok()?)
}

/// Checks that the committed size is the module's.
pub fn check() -> Result<(), String> {
    let wasm = fs::read(root().join("pkg/dist/imds.wasm")).map_err(about("pkg/dist/imds.wasm"))?;
    let (size, recorded) = (of(&wasm)?, recorded().ok_or("pkg/dist/size.json has no sizes: run cargo xtask dist")?);
    if size.raw != recorded.raw {
        return Err(format!(
            "pkg/dist/size.json has {} bytes, the module {}: run cargo xtask dist",
            recorded.raw, size.raw
        ));
    }
    println!("pkg/dist/imds.wasm: {} bytes, {} with gzip, {} with brotli", size.raw, size.gzip, size.brotli);
    print_exceeded(size);
    Ok(())
}

/// Prints the sizes.
///
/// # Errors
/// If the module is larger than before by more than the allowed growth.
pub fn report(dist: &Dist, before: Option<Size>) -> Result<(), String> {
    for (name, bytes) in &dist.files {
        println!("pkg/dist/{name}: {} bytes", bytes.len());
    }
    check()?;
    match (before, recorded()) {
        (Some(before), Some(now)) if now.brotli * 100 > before.brotli * (100 + MAX_GROWTH_PERCENT) => Err(format!(
            "the module has {} bytes with brotli, more than {MAX_GROWTH_PERCENT} % above the {} before: run this again to accept it",
            now.brotli, before.brotli
        )),
        _ => Ok(()),
    }
}

/// Prints the limits that the module exceeds. Exceeding them is no error; growing is.
fn print_exceeded(size: Size) {
    for (name, limit) in [("goal", GOAL), ("budget", BUDGET)] {
        if size.brotli > limit {
            println!("larger than the {name} of {limit} bytes with brotli");
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
