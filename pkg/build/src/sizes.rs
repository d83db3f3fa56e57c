//! How large the module is and may be.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::compile::output;
use crate::files::Dist;
use crate::{about, root, workshop};

/// What the module is meant to keep within, in bytes of brotli, and what to come to.
const BUDGET: u64 = 80 * 1024;
const GOAL: u64 = 64 * 1024;
/// How far past the recorded size a build may be.
const SLACK_PERCENT: u64 = 2;

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

/// As a web server would send it: at the highest levels, by Node, which is here for wasm-opt anyway.
pub fn of(wasm: &[u8]) -> Result<Size, String> {
    let folder = workshop();
    fs::create_dir_all(&folder).map_err(about(folder.display()))?;
    let file = folder.join("measured.wasm");
    fs::write(&file, wasm).map_err(about(file.display()))?;
    let read = output(Command::new("node").args(["-e", MEASURE]).arg(&file))?;
    parse(&read).ok_or_else(|| format!("node measured {read}"))
}

/// The size that is committed.
pub fn recorded() -> Option<Size> {
    parse(&fs::read_to_string(root().join("pkg/dist/size.json")).ok()?)
}

/// The size that is committed is the module's, and within the budget.
pub fn check() -> Result<(), String> {
    let wasm = fs::read(root().join("pkg/dist/imds.wasm")).map_err(about("pkg/dist/imds.wasm"))?;
    let (size, recorded) = (of(&wasm)?, recorded().ok_or("pkg/dist/size.json says nothing")?);
    if size.raw != recorded.raw {
        return Err(format!("pkg/dist/size.json says {} bytes, the module has {}", recorded.raw, size.raw));
    }
    println!("the module: {} bytes, {} by gzip, {} by brotli", size.raw, size.gzip, size.brotli);
    within(size);
    Ok(())
}

/// Says how large it came out, and refuses what is past the size before or past the budget.
pub fn report(dist: &Dist, before: Option<Size>) -> Result<(), String> {
    for (name, bytes) in &dist.files {
        println!("pkg/dist/{name}: {} bytes", bytes.len());
    }
    check()?;
    match (before, recorded()) {
        (Some(before), Some(now)) if now.brotli * 100 > before.brotli * (100 + SLACK_PERCENT) => Err(format!(
            "{} bytes by brotli are more than {SLACK_PERCENT} % past the {} before: where that is meant, run this again",
            now.brotli, before.brotli
        )),
        _ => Ok(()),
    }
}

/// Past the goal and past the budget is told each time, so that neither is forgotten; what fails is to grow.
fn within(size: Size) {
    for (what, most) in [("goal", GOAL), ("budget", BUDGET)] {
        if size.brotli > most {
            println!("past the {what} of {most} bytes by brotli");
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
