//! The imports between the files of a crate, from `use` declarations and paths.
//!
//! A path is followed through re-exports to the file that defines the item. `mod x;` is not an
//! import, and neither is a re-export of an item of a descendant that the file does not use itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::paths::{Import, Paths};
use crate::reader::File;

pub struct Graph<'a> {
    files: Vec<Node<'a>>,
    /// The index in `files` for each module path.
    modules: BTreeMap<Vec<String>, usize>,
    pub edges: Vec<Edge>,
}

struct Node<'a> {
    file: &'a File,
    module: Vec<String>,
    paths: Paths,
}

/// An import.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    pub from: String,
    pub to: String,
    /// The file and line of the import.
    pub place: String,
}

/// The end of a path.
#[derive(Debug, Clone, Copy)]
enum Target {
    /// A module that is a file.
    Module(usize),
    /// An item that a file defines.
    Item(usize),
}

/// Re-exports of re-exports are followed this many times, in case they form a loop.
const MAX_DEPTH: usize = 16;

impl<'a> Graph<'a> {
    /// Reads the files of one crate. `root` is its source folder with a slash at the end.
    pub fn new(root: &str, files: &'a [File]) -> Graph<'a> {
        let files: Vec<Node<'a>> = files
            .iter()
            .filter(|file| file.path.starts_with(root))
            .map(|file| Node { file, module: module_path(&file.path[root.len()..]), paths: Paths::read(&file.code) })
            .collect();
        let modules = files.iter().enumerate().map(|(index, node)| (node.module.clone(), index)).collect();
        let mut graph = Graph { files, modules, edges: Vec::new() };
        graph.edges = (0..graph.files.len()).flat_map(|index| graph.edges_of(index)).collect();
        graph
    }

    fn edges_of(&self, index: usize) -> Vec<Edge> {
        let node = &self.files[index];
        let mut targets: Vec<(usize, usize)> = Vec::new();
        for import in &node.paths.imports {
            let target = self.resolve(index, import_path(import), 0);
            match target {
                Some(Target::Item(file)) if !self.is_only_reexported(index, file, import) => {
                    targets.push((import.offset, file));
                }
                // The paths that go through an imported module name what is used of it.
                Some(Target::Module(file)) if import.name == "*" && !self.is_only_reexported(index, file, import) => {
                    targets.push((import.offset, file));
                }
                _ => {}
            }
        }
        for (offset, path) in &node.paths.paths {
            if let Some(Target::Item(file)) = self.resolve(index, path, 0) {
                targets.push((*offset, file));
            }
        }
        let others = targets.into_iter().filter(|&(_, file)| file != index);
        let edge = |(offset, file): (usize, usize)| Edge {
            from: node.file.path.clone(),
            to: self.files[file].file.path.clone(),
            place: node.file.place(offset),
        };
        others.map(edge).collect()
    }

    /// Returns whether the import is a public one from a descendant, and the file's code does not
    /// use it.
    fn is_only_reexported(&self, index: usize, target: usize, import: &Import) -> bool {
        let node = &self.files[index];
        let is_descendant = self.files[target].module.starts_with(&node.module);
        let is_used = node.paths.words.iter().any(|(_, word)| *word == import.name);
        import.is_public && is_descendant && !is_used
    }

    /// Follows a path that stands in the file `index`. `None` if it leads to another crate.
    fn resolve(&self, index: usize, path: &[String], depth: usize) -> Option<Target> {
        let node = &self.files[index];
        let (first, mut rest) = path.split_first()?;
        let mut module = match first.as_str() {
            "crate" => Vec::new(),
            "self" => node.module.clone(),
            "super" => parent(&node.module)?,
            name => {
                let child = [node.module.as_slice(), &[name.to_owned()]].concat();
                if !self.modules.contains_key(&child) {
                    return self.follow_import(index, name, rest, depth);
                }
                child
            }
        };
        while rest.first().is_some_and(|segment| segment == "super") {
            module = parent(&module)?;
            rest = &rest[1..];
        }
        self.walk(*self.modules.get(&module)?, rest, depth)
    }

    /// Follows a path from the module that is the file `index`.
    fn walk(&self, index: usize, path: &[String], depth: usize) -> Option<Target> {
        let Some((name, rest)) = path.split_first().filter(|(name, _)| *name != "*") else {
            return Some(Target::Module(index));
        };
        let child = [self.files[index].module.as_slice(), std::slice::from_ref(name)].concat();
        if let Some(&child) = self.modules.get(&child) {
            return self.walk(child, rest, depth);
        }
        if self.files[index].paths.definitions.contains(name) {
            return Some(Target::Item(index));
        }
        if let Some(target) = self.follow_import(index, name, rest, depth) {
            return Some(target);
        }
        // Macros with `#[macro_export]` are at the root.
        if self.files[index].module.is_empty() {
            return self.files.iter().position(|node| node.paths.definitions.contains(name)).map(Target::Item);
        }
        Some(Target::Item(index))
    }

    /// Follows the import that brings `name` into the scope of the file `index`.
    fn follow_import(&self, index: usize, name: &str, rest: &[String], depth: usize) -> Option<Target> {
        if depth == MAX_DEPTH {
            return None;
        }
        let imports = &self.files[index].paths.imports;
        if let Some(import) = imports.iter().find(|import| import.name == name) {
            // `use x::x;` and `use std::x;` must not find themselves.
            if import.path.first().is_some_and(|first| first == name) {
                return None;
            }
            let path = [import.path.as_slice(), rest].concat();
            return self.resolve(index, &path, depth + 1);
        }
        let globs = imports.iter().filter(|import| import.name == "*");
        let modules = globs.filter_map(|glob| self.resolve(index, import_path(glob), depth + 1));
        modules.into_iter().find_map(|module| match module {
            Target::Module(file) if self.files[file].paths.definitions.iter().any(|defined| defined == name) => {
                Some(Target::Item(file))
            }
            _ => None,
        })
    }
}

impl Graph<'_> {
    /// One line for each group of files that import each other, without the edges in `known`.
    pub fn cycles(&self, known: &[(&str, &str)]) -> Vec<String> {
        let mut edges: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
        for edge in &self.edges {
            if !known.contains(&(&edge.from, &edge.to)) {
                edges.entry(&edge.from).or_default().entry(&edge.to).or_insert(&edge.place);
            }
        }
        let mut done = BTreeSet::new();
        let mut cycles = Vec::new();
        for &start in edges.keys() {
            if let Some(cycle) = shortest_cycle(&edges, start)
                && cycle.iter().all(|file| !done.contains(file))
            {
                let steps = cycle.iter().enumerate().map(|(index, from)| {
                    let to = cycle[(index + 1) % cycle.len()];
                    format!("{} imports {to}", edges[from][to])
                });
                cycles.push(steps.collect::<Vec<_>>().join(", "));
                done.extend(cycle);
            }
        }
        cycles
    }

    pub fn imports(&self, from: &str, to: &str) -> bool {
        self.edges.iter().any(|edge| edge.from == from && edge.to == to)
    }
}

/// The files of the shortest cycle through `start`, by a breadth-first search.
fn shortest_cycle<'e>(edges: &BTreeMap<&'e str, BTreeMap<&'e str, &'e str>>, start: &'e str) -> Option<Vec<&'e str>> {
    let mut previous = BTreeMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for &to in edges.get(file).into_iter().flat_map(BTreeMap::keys) {
            if to == start {
                let mut cycle = vec![file];
                while let Some(&before) = previous.get(cycle[cycle.len() - 1]) {
                    cycle.push(before);
                }
                cycle.reverse();
                return Some(cycle);
            }
            if !previous.contains_key(to) {
                previous.insert(to, file);
                queue.push_back(to);
            }
        }
    }
    None
}

/// A glob names the module before its `*`.
fn import_path(import: &Import) -> &[String] {
    match import.path.split_last() {
        Some((last, module)) if last == "*" => module,
        _ => &import.path,
    }
}

fn parent(module: &[String]) -> Option<Vec<String>> {
    module.split_last().map(|(_, parent)| parent.to_vec())
}

/// The module of a file, from its path in the crate's source folder.
pub fn module_path(path: &str) -> Vec<String> {
    let path = path.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" || path == "main" {
        return Vec::new();
    }
    path.split('/').map(str::to_owned).collect()
}
