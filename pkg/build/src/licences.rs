//! The licences of the crates that the module is made of.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::compile::{cargo, output};
use crate::{about, root, stamp};

/// Every crate with the licence it is used under, and each licence's text once.
pub fn text() -> Result<String, String> {
    let mut command = Command::new(cargo());
    command.current_dir(root()).args(["metadata", "--locked", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&output(&mut command)?).map_err(about("cargo metadata"))?;
    let mut told = String::from(
        "The module in this folder is made of these crates, besides Rust's standard library (MIT OR Apache-2.0).\n\n",
    );
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name_and_version in stamp::crates()? {
        let (name, version) = name_and_version.split_once(" v").ok_or_else(|| format!("`{name_and_version}`"))?;
        let version = version.split(' ').next().unwrap_or(version);
        let is_it = |package: &&Value| package["name"] == name && package["version"] == version;
        let packages = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;
        let package =
            packages.iter().find(is_it).ok_or_else(|| format!("cargo metadata knows no {name_and_version}"))?;
        if package["source"].is_null() {
            continue;
        }
        let licence = package["license"].as_str().ok_or_else(|| format!("{name} names no licence"))?;
        if !is_known(licence) {
            return Err(format!("{name} is under {licence}, which nobody has looked at"));
        }
        told.push_str(&format!("{name} {version}: {licence}\n"));
        let manifest = package["manifest_path"].as_str().unwrap_or_default();
        if let Some(text) = mit_text(Path::new(manifest).parent().unwrap_or(Path::new("."))) {
            texts.entry(text).or_default().push(name.to_owned());
        }
    }
    for (text, names) in texts {
        told.push_str(&format!("\n---\n\n{}\n\n{}\n", names.join(", "), text.trim()));
    }
    Ok(told)
}

/// Licences that ask for no more than to be named and kept with the module.
fn is_known(licence: &str) -> bool {
    let words = licence.split([' ', '/', '(', ')']).filter(|word| !word.is_empty());
    words.into_iter().any(|word| {
        matches!(
            word,
            "MIT" | "Apache-2.0" | "MPL-2.0" | "BSD-3-Clause" | "Unlicense" | "CC0-1.0" | "Zlib" | "Unicode-3.0"
        )
    })
}

/// The short licence's text, where the crate has it: that is the one it is used under.
fn mit_text(folder: &Path) -> Option<String> {
    ["LICENSE-MIT", "LICENSE-MIT.md", "license-mit", "LICENSE-MIT.txt", "LICENSE.md", "LICENSE", "COPYING"]
        .iter()
        .filter_map(|name| fs::read_to_string(folder.join(name)).ok())
        .find(|text| text.contains("Permission is hereby granted"))
        .map(|text| text.replace("\r\n", "\n"))
}
