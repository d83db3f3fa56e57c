//! Generates the JavaScript glue of a linked module and minimizes the module.

use std::fs;
use std::path::Path;
use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

use crate::compile::output;
use crate::{about, root, work_folder};

pub struct Glued {
    pub wasm: Vec<u8>,
    pub glue: String,
}

/// Generates one module and one glue for all hosts; `js/` has a loader for each.
pub fn glue(linked: &Path) -> Result<Glued, String> {
    let folder = work_folder().join("glue");
    fs::create_dir_all(&folder).map_err(about(folder.display()))?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(linked).out_name(NAME).typescript(false).omit_default_module_path(true);
    bindgen.remove_name_section(true).remove_producers_section(true);
    // js/module.js resets the module after a trap.
    bindgen.reset_state_function(true);
    let result = bindgen.web(true).and_then(|bindgen| bindgen.generate(&folder));
    result.map_err(|error| format!("wasm-bindgen: {error:#}"))?;
    let generated = folder.join(format!("{NAME}_bg.wasm"));
    let optimized = folder.join("imds.wasm");
    let optimizer = tools()?.join("node_modules/.bin/wasm-opt");
    output(
        Command::new(optimizer)
            .args(["-Oz", "--converge", "--strip-debug", "--strip-producers"])
            .arg(&generated)
            .arg("-o")
            .arg(&optimized),
    )?;
    Ok(Glued {
        wasm: fs::read(&optimized).map_err(about(optimized.display()))?,
        glue: fs::read_to_string(folder.join(format!("{NAME}.js"))).map_err(about("glue"))?,
    })
}

/// Installs the packages of this package's package.json, once for each state of its lockfile, and
/// returns their folder.
fn tools() -> Result<std::path::PathBuf, String> {
    let source = root().join("pkg/build");
    let lock = fs::read(source.join("package-lock.json")).map_err(about("package-lock.json"))?;
    let folder = work_folder().join(format!("tools-{}", &blake3::hash(&lock).to_hex()[..16]));
    if folder.join("node_modules/.bin/wasm-opt").exists() {
        return Ok(folder);
    }
    fs::create_dir_all(&folder).map_err(about(folder.display()))?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(source.join(name), folder.join(name)).map_err(about(name))?;
    }
    output(Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    Ok(folder)
}

/// The name in the glue's file name and in the module's imports. Both must come from one run.
const NAME: &str = "imds";
