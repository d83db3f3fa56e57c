//! The licences of the crates in the module.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::compile::{cargo, output};
use crate::{about, root, stamp};

/// The text of THIRD-PARTY.txt: each crate with its licence, then each licence text once.
///
/// # Errors
/// If a crate has no licence, or one that is not known here.
pub fn text() -> Result<String, String> {
    let mut command = Command::new(cargo());
    command.current_dir(root()).args(["metadata", "--locked", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&output(&mut command)?).map_err(about("cargo metadata"))?;
    let mut list = String::from(
        "The modules in this folder contain these crates and Rust's standard library (MIT OR Apache-2.0).\n\n",
    );
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name_and_version in stamp::crates()? {
        let (name, version) = name_and_version
            .split_once(" v")
            .ok_or_else(|| format!("cargo tree: `{name_and_version}` has no version"))?;
        let version = version.split(' ').next().unwrap_or(version);
        let matches = |package: &&Value| package["name"] == name && package["version"] == version;
        let packages = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;
        let package =
            packages.iter().find(matches).ok_or_else(|| format!("cargo metadata does not list {name_and_version}"))?;
        if package["source"].is_null() {
            continue;
        }
        let licence = package["license"]
            .as_str()
            .ok_or_else(|| format!("{name} {version} has no `license` in its Cargo.toml"))?;
        if !is_known(licence) {
            return Err(format!("{name} {version} has the licence {licence}: review it and add it to is_known"));
        }
        list.push_str(&format!("{name} {version}: {licence}\n"));
        let manifest = package["manifest_path"].as_str().unwrap_or_default();
        if let Some(text) = mit_text(Path::new(manifest).parent().unwrap_or(Path::new("."))) {
            texts.entry(text).or_default().push(name.to_owned());
        }
    }
    for (text, names) in texts {
        list.push_str(&format!("\n---\n\n{}\n\n{}\n", names.join(", "), text.trim()));
    }
    Ok(list)
}

/// Whether the licence requires no more than its name and text beside the module.
fn is_known(licence: &str) -> bool {
    let words = licence.split([' ', '/', '(', ')']).filter(|word| !word.is_empty());
    words.into_iter().any(|word| {
        matches!(
            word,
            "MIT" | "Apache-2.0" | "MPL-2.0" | "BSD-3-Clause" | "Unlicense" | "CC0-1.0" | "Zlib" | "Unicode-3.0"
        )
    })
}

/// The text of the crate's MIT licence, if it has one.
fn mit_text(folder: &Path) -> Option<String> {
    ["LICENSE-MIT", "LICENSE-MIT.md", "license-mit", "LICENSE-MIT.txt", "LICENSE.md", "LICENSE", "COPYING"]
        .iter()
        .filter_map(|name| fs::read_to_string(folder.join(name)).ok())
        .find(|text| text.contains("Permission is hereby granted"))
        .map(|text| text.replace("\r\n", "\n"))
}
