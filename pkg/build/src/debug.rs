//! Builds the package `imds-debug`: the npm package with a module that has the names of its
//! functions and the messages of its panics.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{about, compile, costs, glue, root, work_folder};

/// Writes the package to a folder of intermediate files, and returns it.
pub fn build() -> Result<PathBuf, String> {
    let features: Vec<&str> = costs::features().chain(["debug"]).collect();
    let glued = glue::glue_with_names(&compile::module(&compile::FULL, Some(&features.join(",")))?)?;
    let (package, folder) = (root().join("pkg"), work_folder().join("imds-debug"));
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(about(folder.display()))?;
    }
    let text = fs::read_to_string(package.join("package.json")).map_err(about("package.json"))?;
    let manifest: Value = serde_json::from_str(&text).map_err(about("package.json"))?;
    let files = manifest["files"].as_array().ok_or("package.json has no list `files`")?;
    for file in files.iter().filter_map(Value::as_str).chain(["README.md"]) {
        copy(&package.join(file), &folder.join(file))?;
    }
    // The order of the conditions in `exports` has a meaning, so the text is changed.
    let renamed = text.replacen(r#""name": "imds""#, r#""name": "imds-debug""#, 1);
    if renamed == text {
        return Err("package.json: expected the name imds".to_owned());
    }
    for (name, bytes) in [
        ("package.json", renamed.into_bytes()),
        ("dist/imds.wasm", glued.wasm),
        ("dist/glue.js", glued.glue.into_bytes()),
    ] {
        fs::write(folder.join(name), bytes).map_err(about(name))?;
    }
    Ok(folder)
}

/// Copies a file, or a folder with its files.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    if !from.is_dir() {
        fs::create_dir_all(to.parent().unwrap_or(to)).map_err(about(to.display()))?;
        return fs::copy(from, to).map(drop).map_err(about(from.display()));
    }
    for entry in fs::read_dir(from).map_err(about(from.display()))? {
        let entry = entry.map_err(about(from.display()))?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
