//! Builds the module with the C ABI.

use std::fs;
use std::process::Command;

use crate::compile::{self, output};
use crate::{about, glue, work_folder};

/// The module.
///
/// # Errors
/// If it cannot be built, or imports anything.
pub fn build() -> Result<Vec<u8>, String> {
    let folder = work_folder();
    fs::create_dir_all(&folder).map_err(about(folder.display()))?;
    let optimized = folder.join("imds-core.wasm");
    glue::optimize(&compile::module(&compile::CORE, None)?, &optimized)?;
    let imports = output(Command::new("node").args(["-e", IMPORTS]).arg(&optimized))?;
    if !imports.trim().is_empty() {
        return Err(format!("imds-core.wasm imports {}: a host must need to provide nothing", imports.trim()));
    }
    fs::read(&optimized).map_err(about(optimized.display()))
}

const IMPORTS: &str = "
const module = new WebAssembly.Module(require('node:fs').readFileSync(process.argv[1]));
console.log(WebAssembly.Module.imports(module).map(({ module, name }) => `${module}.${name}`).join(' '));
";
