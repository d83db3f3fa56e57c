//! Generates the JavaScript glue of a linked module and minimizes the module.

use std::fs;
use std::path::{Path, PathBuf};
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
    let (generated, script) = generate(linked, "glue", true)?;
    let optimized = generated.with_file_name("imds.wasm");
    optimize(&generated, &optimized)?;
    Ok(Glued { wasm: fs::read(&optimized).map_err(about(optimized.display()))?, glue: minify(&script)? })
}

/// Like [`glue`], with the names of the functions. The module is not optimised further, which would
/// inline functions.
pub fn glue_with_names(linked: &Path) -> Result<Glued, String> {
    let (generated, script) = generate(linked, "glue-debug", false)?;
    let wasm = fs::read(&generated).map_err(about(generated.display()))?;
    Ok(Glued { wasm, glue: fs::read_to_string(&script).map_err(about(script.display()))? })
}

/// Generates a module and a glue in a folder of intermediate files.
fn generate(linked: &Path, folder: &str, is_without_names: bool) -> Result<(PathBuf, PathBuf), String> {
    let folder = work_folder().join(folder);
    fs::create_dir_all(&folder).map_err(about(folder.display()))?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(linked).out_name(NAME).typescript(false).omit_default_module_path(true);
    bindgen.remove_name_section(is_without_names).remove_producers_section(true);
    // js/module.js resets the module after a trap.
    bindgen.reset_state_function(true);
    let result = bindgen.web(true).and_then(|bindgen| bindgen.generate(&folder));
    result.map_err(|error| format!("wasm-bindgen: {error:#}"))?;
    Ok((folder.join(format!("{NAME}_bg.wasm")), folder.join(format!("{NAME}.js"))))
}

/// A script without comments and with short names.
fn minify(script: &Path) -> Result<String, String> {
    let mut esbuild = Command::new(tools()?.join("node_modules/.bin/esbuild"));
    output(esbuild.arg(script).args(["--minify", "--format=esm", "--target=es2022", "--legal-comments=none"]))
}

/// Minimizes a module.
pub fn optimize(module: &Path, optimized: &Path) -> Result<(), String> {
    let optimizer = tools()?.join("node_modules/.bin/wasm-opt");
    let mut command = Command::new(optimizer);
    command.args(["-Oz", "--converge", "--strip-debug", "--strip-producers"]);
    output(command.arg(module).arg("-o").arg(optimized)).map(drop)
}

/// Installs the packages of this package's package.json, once for each state of its lockfile, and
/// returns their folder.
pub fn tools() -> Result<PathBuf, String> {
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
