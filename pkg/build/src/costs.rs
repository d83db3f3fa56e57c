//! Measures the size of each part of the module: the whole minus the module without the part.

use crate::sizes::Size;
use crate::{compile, glue, sizes};

const PARTS: &[(&str, &str)] = &[
    ("ec2", "EC2's API"),
    ("snapshot", "snapshot and restore"),
    ("transcripts", "transcripts"),
    ("explain", "`explain`"),
    ("tables", "`tables`"),
];

/// Prints the sizes as a Markdown table.
pub fn print() -> Result<(), String> {
    let all: Vec<&str> = features().collect();
    let whole = measure(&all)?;
    println!("| part | bytes | brotli |\n|---|--:|--:|");
    println!("| whole module | {} | {} |", whole.raw, whole.brotli);
    for (part, name) in PARTS {
        let others: Vec<&str> = all.iter().copied().filter(|feature| feature != part).collect();
        let without = measure(&others)?;
        println!("| {name} | {} | {} |", whole.raw - without.raw, whole.brotli - without.brotli);
    }
    let rest = measure(&[])?;
    println!("| the rest: metadata, records, fleet | {} | {} |", rest.raw, rest.brotli);
    Ok(())
}

/// The features of the distributed module.
pub fn features() -> impl Iterator<Item = &'static str> {
    PARTS.iter().map(|(feature, _)| *feature)
}

fn measure(features: &[&str]) -> Result<Size, String> {
    sizes::of(&glue::glue(&compile::module(&compile::FULL, Some(&features.join(",")))?)?.wasm)
}
