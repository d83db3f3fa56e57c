//! From a linked module to a small one with its glue.

use std::fs;
use std::path::Path;
use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

use crate::compile::output;
use crate::{about, root, workshop};

pub struct Glued {
    pub wasm: Vec<u8>,
    pub glue: String,
}

/// One module and one glue for all hosts: `js/` has a loader for each.
pub fn glue(linked: &Path) -> Result<Glued, String> {
    let folder = workshop().join("glue");
    fs::create_dir_all(&folder).map_err(about(folder.display()))?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(linked).out_name(NAME).typescript(false).omit_default_module_path(true);
    bindgen.remove_name_section(true).remove_producers_section(true);
    // A trap ends the module; this makes it anew.
    bindgen.reset_state_function(true);
    let made = bindgen.web(true).and_then(|bindgen| bindgen.generate(&folder));
    made.map_err(|error| format!("wasm-bindgen: {error:#}"))?;
    let bound = folder.join(format!("{NAME}_bg.wasm"));
    let small = folder.join("imds.wasm");
    let optimizer = tools()?.join("node_modules/.bin/wasm-opt");
    output(
        Command::new(optimizer)
            .args(["-Oz", "--converge", "--strip-debug", "--strip-producers"])
            .arg(&bound)
            .arg("-o")
            .arg(&small),
    )?;
    Ok(Glued {
        wasm: fs::read(&small).map_err(about(small.display()))?,
        glue: fs::read_to_string(folder.join(format!("{NAME}.js"))).map_err(about("glue"))?,
    })
}

/// A folder with what `package.json` beside this package names, made once for each state of its lockfile.
fn tools() -> Result<std::path::PathBuf, String> {
    let own = root().join("pkg/build");
    let lock = fs::read(own.join("package-lock.json")).map_err(about("package-lock.json"))?;
    let folder = workshop().join(format!("tools-{}", &blake3::hash(&lock).to_hex()[..16]));
    if folder.join("node_modules/.bin/wasm-opt").exists() {
        return Ok(folder);
    }
    fs::create_dir_all(&folder).map_err(about(folder.display()))?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(own.join(name), folder.join(name)).map_err(about(name))?;
    }
    output(Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    Ok(folder)
}

/// It is in the glue and in the module's imports: the two must be of one run.
const NAME: &str = "imds";
