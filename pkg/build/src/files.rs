//! What is in `pkg/dist/`.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::{about, compile, glue, licences, root, sizes, stamp};

pub struct Dist {
    pub files: Vec<(&'static str, Vec<u8>)>,
}

impl Dist {
    pub fn make() -> Result<Dist, String> {
        let made = glue::glue(&compile::module(None)?)?;
        says_nothing_of_this_machine(&made.wasm)?;
        let inline = format!("export default '{}';\n", STANDARD.encode(&made.wasm));
        let size = sizes::of(&made.wasm)?;
        Ok(Dist {
            files: vec![
                ("imds.wasm", made.wasm),
                ("glue.js", made.glue.into_bytes()),
                ("inline.js", inline.into_bytes()),
                ("size.json", size.to_json().into_bytes()),
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

    /// Whether what is committed is the same, byte for byte.
    pub fn compare(&self) -> Result<(), String> {
        let folder = root().join("pkg/dist");
        let differs = |(name, bytes): &&(&str, Vec<u8>)| fs::read(folder.join(name)).ok().as_ref() != Some(bytes);
        match self.files.iter().find(differs) {
            Some((name, _)) => {
                Err(format!("pkg/dist/{name} is not what the sources make: cargo xtask dist makes it anew"))
            }
            None => Ok(()),
        }
    }
}

/// A folder of this machine's in the module would make it another module on every machine.
fn says_nothing_of_this_machine(wasm: &[u8]) -> Result<(), String> {
    let home = std::env::var("HOME").unwrap_or_default();
    let root = root().display().to_string();
    for place in [root.as_str(), home.as_str(), "/home/", "/Users/", "/.cargo/", "/.rustup/"] {
        // A home such as `/` is in every path.
        if place.len() > 2 && wasm.windows(place.len()).any(|window| window == place.as_bytes()) {
            return Err(format!("the module names {place}"));
        }
    }
    Ok(())
}
