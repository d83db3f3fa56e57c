//! The files of `pkg/dist/`.

use std::fs;

use crate::{about, compile, core, glue, licences, root, sizes, stamp};

pub struct Dist {
    pub files: Vec<(&'static str, Vec<u8>)>,
}

impl Dist {
    pub fn build() -> Result<Dist, String> {
        let glued = glue::glue(&compile::module(&compile::FULL, None)?)?;
        check_has_no_paths(&glued.wasm)?;
        let core = core::build()?;
        check_has_no_paths(&core)?;
        let core_size = sizes::of(&core)?;
        let size = sizes::of(&glued.wasm)?;
        Ok(Dist {
            files: vec![
                ("imds.wasm", glued.wasm),
                ("glue.js", glued.glue.into_bytes()),
                ("size.json", size.to_json().into_bytes()),
                ("imds-core.wasm", core),
                ("core-size.json", core_size.to_json().into_bytes()),
                ("THIRD-PARTY.txt", licences::text()?.into_bytes()),
                ("stamp.txt", stamp::of_inputs()?.into_bytes()),
            ],
        })
    }

    pub fn write(&self) -> Result<(), String> {
        let folder = root().join("pkg/dist");
        fs::create_dir_all(&folder).map_err(about("pkg/dist"))?;
        for (name, bytes) in &self.files {
            fs::write(folder.join(name), bytes).map_err(about(name))?;
        }
        Ok(())
    }

    /// Checks that the committed files have the same bytes.
    pub fn compare(&self) -> Result<(), String> {
        let folder = root().join("pkg/dist");
        let differs = |(name, bytes): &&(&str, Vec<u8>)| fs::read(folder.join(name)).ok().as_ref() != Some(bytes);
        match self.files.iter().find(differs) {
            Some((name, _)) => {
                Err(format!("pkg/dist/{name} differs from a build of these sources: run cargo xtask dist"))
            }
            None => Ok(()),
        }
    }
}

/// Checks that the module contains no path of this machine, so that each machine builds the same
/// bytes.
fn check_has_no_paths(wasm: &[u8]) -> Result<(), String> {
    let home = std::env::var("HOME").unwrap_or_default();
    let root = root().display().to_string();
    for path in [root.as_str(), home.as_str(), "/home/", "/Users/", "/.cargo/", "/.rustup/"] {
        // A home of `/` would match every path.
        if path.len() > 2 && wasm.windows(path.len()).any(|window| window == path.as_bytes()) {
            return Err(format!("the module contains the path {path}: add it to the remapped prefixes in compile.rs"));
        }
    }
    Ok(())
}
