//! What each part of the module costs: its size without the part, taken from the whole.

use crate::sizes::Size;
use crate::{compile, glue, sizes};

const PARTS: &[(&str, &str)] = &[
    ("ec2", "EC2's API"),
    ("explain", "what would turn a decision"),
    ("play", "transcripts"),
    ("snapshot", "snapshot and restore"),
    ("tables", "the tables' texts"),
];

/// Prints a table.
pub fn print() -> Result<(), String> {
    let all: Vec<&str> = PARTS.iter().map(|(feature, _)| *feature).collect();
    let whole = measure(&all)?;
    println!("| part | bytes | brotli |\n|---|--:|--:|");
    println!("| all of it | {} | {} |", whole.raw, whole.brotli);
    for (part, what) in PARTS {
        let others: Vec<&str> = all.iter().copied().filter(|feature| feature != part).collect();
        let without = measure(&others)?;
        println!("| {what} | {} | {} |", whole.raw - without.raw, whole.brotli - without.brotli);
    }
    let rest = measure(&[])?;
    println!("| the rest | {} | {} |", rest.raw, rest.brotli);
    Ok(())
}

fn measure(features: &[&str]) -> Result<Size, String> {
    sizes::of(&glue::glue(&compile::module(Some(&features.join(",")))?)?.wasm)
}
