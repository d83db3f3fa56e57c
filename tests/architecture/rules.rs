//! Compares files and imports with the tables. Each function returns one line per violation.

use crate::graph::{Edge, Graph, module_path};
use crate::reader::{File, tokens, without_items};
use crate::tables::{BANNED, Banned, Crate, HOMES, Home, MAX_LINES, Module, NO_STD};

/// The module at the root of the crate that the file belongs to; `None` for lib.rs and main.rs.
fn module_of(root: &str, path: &str) -> Option<String> {
    module_path(path.strip_prefix(root)?).into_iter().next()
}

pub fn forbidden_edges(table: &Crate, edges: &[Edge]) -> Vec<String> {
    let violation = |edge: &Edge| {
        let from = module_of(table.root, &edge.from)?;
        let module = table.modules.iter().find(|module| module.name == from)?;
        let Some(to) = module_of(table.root, &edge.to) else {
            return Some(format!("{}: {from} imports what the root of the crate defines: move it", edge.place));
        };
        let is_allowed = to == from || module.may_import().any(|name| name == to);
        let Module { may_import, why, .. } = module;
        (!is_allowed).then(|| format!("{}: {from} imports {to}; it may import [{may_import}]: {why}", edge.place))
    };
    edges.iter().filter_map(violation).collect()
}

pub fn unused_arrows(table: &Crate, edges: &[Edge]) -> Vec<String> {
    let is_used = |from: &str, to: &str| {
        let module = |path| module_of(table.root, path);
        edges.iter().any(|edge| module(&edge.from).as_deref() == Some(from) && module(&edge.to).as_deref() == Some(to))
    };
    let unused = |module: &'static Module| module.may_import().filter(|to| !is_used(module.name, to));
    let violation = |module: &'static Module| {
        unused(module).map(|to| format!("{} may import {to} but does not: remove the arrow", module.name))
    };
    table.modules.iter().flat_map(violation).collect()
}

pub fn arrows_upward(table: &Crate) -> Vec<String> {
    let modules = table.modules.iter().enumerate();
    let violations = modules.flat_map(|(row, module)| {
        let above = &table.modules[..row];
        let names = module.may_import().filter(move |name| above.iter().all(|module| module.name != *name));
        names.map(|name| format!("{} may import {name}, which does not stand above it", module.name))
    });
    violations.collect()
}

/// Modules without a row, and rows without a module.
pub fn table_differences(table: &Crate, files: &[File]) -> Vec<String> {
    let present: Vec<String> = files.iter().filter_map(|file| module_of(table.root, &file.path)).collect();
    let without_row = present.iter().filter(|name| table.modules.iter().all(|module| module.name != **name));
    let without_row = without_row.map(|name| format!("{}{name} has no row in the table", table.root));
    let without_module = table.modules.iter().filter(|module| present.iter().all(|name| name != module.name));
    let without_module = without_module.map(|module| format!("{}{} does not exist", table.root, module.name));
    without_row.chain(without_module).collect()
}

/// Rows of `KNOWN_CYCLES` that close no cycle.
pub fn solved_cycles(graphs: &[Graph<'_>], known: &[(&str, &str)]) -> Vec<String> {
    let is_needed = |row: usize, (from, to): (&str, &str)| {
        let others: Vec<_> =
            known.iter().enumerate().filter(|(other, _)| *other != row).map(|(_, edge)| *edge).collect();
        graphs.iter().any(|graph| graph.imports(from, to) && !graph.cycles(&others).is_empty())
    };
    let rows = known.iter().copied().enumerate().filter(|&(row, edge)| !is_needed(row, edge));
    rows.map(|(_, (from, to))| format!("{from} → {to} closes no cycle: remove the row")).collect()
}

pub fn dependencies_outside_home(file: &File) -> Vec<String> {
    let is_home = |home: &&str| file.path == *home || (home.ends_with('/') && file.path.starts_with(home));
    let violations = |home: &Home| {
        let reason = format!("only {} may name {}: {}", home.files.join(" and "), home.dependency, home.why);
        each_place(file, &file.code, home.dependency, &reason)
    };
    // The homes are those of the core's dependencies.
    let homes = HOMES.iter().filter(|_| file.path.starts_with("src/"));
    homes.filter(|home| !home.files.iter().any(&is_home)).flat_map(violations).collect()
}

pub fn banned_words(file: &File) -> Vec<String> {
    if !NO_STD.iter().any(|root| file.path.starts_with(root)) {
        return Vec::new();
    }
    let code = without_items(file.code.clone(), &file.text, "#[cfg(feature = \"std\")]");
    let violations =
        |banned: &Banned| each_place(file, &code, banned.word, &format!("{} is banned: {}", banned.word, banned.why));
    BANNED.iter().flat_map(violations).collect()
}

pub fn too_long(file: &File) -> Option<String> {
    let lines = file.text.lines().count();
    (lines > MAX_LINES).then(|| format!("{} has {lines} lines: at most {MAX_LINES}", file.path))
}

fn each_place(file: &File, code: &str, word: &str, reason: &str) -> Vec<String> {
    let found = tokens(code).into_iter().filter(|token| token.1 == word);
    found.map(|(offset, _)| format!("{}: {reason}", file.place(offset))).collect()
}

impl Module {
    fn may_import(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.may_import.split_whitespace()
    }
}
