//! The core's architecture as tables: which module may name which, where a dependency may be named, and what no file of
//! the core holds. What is in src/ is held against them.

#![expect(
    clippy::disallowed_methods,
    reason = "it is the core that may not read files, not the test that reads the core"
)]

use std::fmt::Write;
use std::fs;
use std::ops::Range;
use std::path::Path;

/// A module at the root of the crate: a file src/NAME.rs or a folder src/NAME/.
struct Module {
    name: &'static str,
    /// The modules that it may name beside itself. They stand above it in the table, so there is no way round.
    may_name: &'static str,
    why: &'static str,
}

const MODULES: &[Module] = &[
    Module { name: "limits", may_name: "", why: "numbers depend on nothing" },
    Module { name: "source", may_name: "", why: "how something is known depends on nothing" },
    Module { name: "seed", may_name: "", why: "the root of all derived bytes depends on nothing" },
    Module { name: "version", may_name: "", why: "a version is a name and a place in an order" },
    Module { name: "write", may_name: "", why: "it appends small values to bytes, whatever they mean" },
    Module { name: "time", may_name: "limits write", why: "an instant is a number and its spellings" },
    Module {
        name: "http",
        may_name: "limits source write time",
        why: "it is HTTP, and knows no metadata, no tokens and no rules",
    },
    Module {
        name: "connection",
        may_name: "limits time http",
        why: "it frames bytes for whatever answers them, and knows no instance",
    },
    Module {
        name: "token",
        may_name: "limits source seed write time http",
        why: "it issues and verifies, and leaves what follows from that to admission",
    },
    Module {
        name: "rules",
        may_name: "limits source time http token",
        why: "it decides on facts alone, before anything is looked up",
    },
    Module { name: "throttle", may_name: "limits time", why: "it counts, and knows not what" },
    Module {
        name: "record",
        may_name: "limits source seed version write time http token",
        why: "it is what an instance is made from, and knows nothing of answering",
    },
    Module {
        name: "metadata",
        may_name: "limits source seed version write time record",
        why: "it turns a path into a value, and knows no HTTP",
    },
    Module {
        name: "instance",
        may_name: "limits source seed version write time http token rules throttle record metadata",
        why: "it answers requests, wherever they come from, and knows no connection",
    },
    Module {
        name: "explain",
        may_name: "time http token rules record instance",
        why: "it asks an instance again, and knows no other way to an answer",
    },
];

/// A dependency that only these files may name; a name that ends in a slash is a folder.
struct Home {
    dependency: &'static str,
    files: &'static [&'static str],
    why: &'static str,
}

const HOMES: &[Home] = &[
    Home {
        dependency: "httparse",
        files: &["src/http/request.rs"],
        why: "another parser must be a change to one file",
    },
    Home {
        dependency: "blake3",
        files: &["src/seed.rs", "src/token/"],
        why: "whoever reviews the cryptography must find it in few places",
    },
    Home {
        dependency: "serde",
        files: &["src/record/json.rs"],
        why: "readers that it derives are compiled for each type anew",
    },
    Home {
        dependency: "serde_json",
        files: &["src/record/json.rs"],
        why: "another parser must be a change to one file",
    },
    Home {
        dependency: "litemap",
        files: &["src/record/mod.rs"],
        why: "whoever has a map of a record's has it by the record's name for it",
    },
];

/// A word that no file of the core holds, outside of tests and of what the feature `std` adds.
struct Banned {
    word: &'static str,
    why: &'static str,
}

const BANNED: &[Banned] = &[
    Banned { word: "unsafe", why: "the core forbids it" },
    Banned { word: "std", why: "the core is no_std: `core` and `alloc` have what it may use" },
];

const LONGEST_FILE: usize = 600;

#[test]
fn modules_name_only_what_the_table_allows() {
    assert_none(files().iter().flat_map(File::forbidden_edges));
}

#[test]
fn every_module_stands_in_the_table() {
    assert_none(files().iter().filter_map(File::unknown_module));
}

#[test]
fn the_table_points_one_way() {
    let backward = MODULES.iter().enumerate().flat_map(|(place, module)| {
        let above = &MODULES[..place];
        let names = module.may_name().filter(move |name| above.iter().all(|module| module.name != *name));
        names.map(|name| format!("{} may name {name}, which does not stand above it", module.name))
    });
    assert_none(backward);
}

#[test]
fn a_dependency_is_named_at_home_only() {
    assert_none(files().iter().flat_map(File::dependencies_away_from_home));
}

#[test]
fn no_file_holds_a_banned_word() {
    assert_none(files().iter().flat_map(File::banned_words));
}

#[test]
fn no_file_is_too_long_to_read_at_one_go() {
    assert_none(files().iter().filter_map(|file| {
        let lines = file.text.lines().count();
        (lines > LONGEST_FILE).then(|| format!("{} has {lines} lines: at most {LONGEST_FILE}", file.path))
    }));
}

/// The tests above cannot fail where the reader below overlooks what it looks for.
#[test]
fn the_reader_sees_every_form_of_a_reference() {
    let names = |text: &str| -> Vec<String> {
        let file = File::new("src/http/request.rs", text);
        file.references().into_iter().map(|(_, name)| name).collect()
    };
    assert_eq!(names("use crate::token::Ttl;"), ["token"]);
    assert_eq!(names("fn f(at: &crate :: time\n::Timestamp) -> $crate::limits::X {}"), ["time", "limits"]);
    assert_eq!(
        names("use crate::{self as all, limits, token::{Ttl, sealed::Seal}, Seed, *};"),
        ["self", "limits", "token", "Seed", "*"]
    );
    assert_eq!(names("use super::status; pub(crate) fn f() {} extern crate alloc;"), [""; 0]);
    assert_eq!(names("use super::super::token; use super::super::super::time;"), ["super", "super"]);

    assert_eq!(names("// crate::token\n/* crate::a /* crate::b */ crate::c */ /// crate::d"), [""; 0]);
    assert_eq!(
        names(r####"("crate::a \" crate::b", b"crate::c", r#"crate::d " crate::e"#, r"crate::f\")"####),
        [""; 0]
    );
    assert_eq!(names(r"('\'', '\u{1F600}', 'é', b'\\', '{'); fn f<'a>(at: &'a crate::time::Timestamp) {}"), ["time"]);
    assert_eq!(names("#[cfg(test)]\nmod tests { fn f() { crate::token::x() } }\nuse crate::time;"), ["time"]);
    assert_eq!(names("#[cfg(test)]\nuse crate::token::{Ttl};\nuse crate::time;"), ["time"]);
}

#[test]
fn a_violation_is_told_with_its_place_and_its_reason() {
    let edges = |path, text| File::new(path, text).forbidden_edges();
    assert_eq!(
        edges("src/time/civil.rs", "use core::fmt;\nuse crate::{\n    limits,\n    token::Ttl,\n};"),
        [
            "src/time/civil.rs:4: time names token; all it may name is [limits write]: an instant is a number and its spellings"
        ]
    );
    assert_eq!(
        edges("src/time/civil.rs", "use crate::Timestamp;"),
        [
            "src/time/civil.rs:1: time names crate::Timestamp, which is no module: name the module that it lives in, so that \
         this test sees the edge"
        ]
    );
    assert_eq!(
        edges("src/connection.rs", "use super::http;"),
        ["src/connection.rs:1: super is the root here: write crate::, so that this test sees the edge"]
    );
    assert_eq!(edges("src/lib.rs", "pub use crate::instance::Instance;"), [""; 0]);

    assert_eq!(
        File::new("src/cache/mod.rs", "").unknown_module().as_deref(),
        Some("src/cache/mod.rs: the module cache does not stand in MODULES: put it there with what it may name")
    );

    let away = |path, text| File::new(path, text).dependencies_away_from_home();
    assert_eq!(
        away("src/connection.rs", "\nuse httparse::Request;"),
        [
            "src/connection.rs:2: only src/http/request.rs may name httparse: another parser must be a change to one file"
        ]
    );
    assert_eq!(away("src/token/sealed.rs", "use blake3::Hash;"), [""; 0]);

    let banned = "#![no_std]\n#[cfg(feature = \"std\")]\nextern crate std;\nfn f() { unsafe {} }\nuse std::fs;";
    assert_eq!(
        File::new("src/lib.rs", banned).banned_words(),
        [
            "src/lib.rs:4: unsafe has no place here: the core forbids it",
            "src/lib.rs:5: std has no place here: the core is no_std: `core` and `alloc` have what it may use"
        ]
    );
}

impl Module {
    fn may_name(&self) -> impl Iterator<Item = &'static str> {
        self.may_name.split_whitespace()
    }
}

/// A source file of the core.
struct File {
    /// From the root of the package on, with slashes.
    path: String,
    text: String,
    /// The text with comments, literals and what only tests compile blanked out, byte for byte, so that places agree.
    code: String,
}

impl File {
    fn new(path: &str, text: &str) -> File {
        let code = without_items(without_comments_and_literals(text), text, "#[cfg(test)]");
        File { path: path.to_owned(), text: text.to_owned(), code }
    }

    /// The name of the root's module that the file belongs to; none for lib.rs.
    fn module(&self) -> Option<&str> {
        let path = self.path.strip_prefix("src/")?;
        let name = path.split('/').next()?.trim_end_matches(".rs");
        (path != "lib.rs").then_some(name)
    }

    /// How many `super::` lead from the file to the root.
    fn depth(&self) -> usize {
        let folders = self.path.matches('/').count();
        if self.path.ends_with("/mod.rs") { folders - 1 } else { folders }
    }

    fn unknown_module(&self) -> Option<String> {
        let name = self.module()?;
        let known = MODULES.iter().any(|module| module.name == name);
        (!known).then(|| {
            format!("{}: the module {name} does not stand in MODULES: put it there with what it may name", self.path)
        })
    }

    fn forbidden_edges(&self) -> Vec<String> {
        let Some(module) = MODULES.iter().find(|module| Some(module.name) == self.module()) else {
            // lib.rs, which re-exports from all, or a module that another test reports.
            return Vec::new();
        };
        let tell = |(at, target): (usize, String)| {
            let place = self.place(at);
            // Macros with `#[macro_export]` stand at the root; those of JSON are the record's.
            let target = if target.starts_with("json_") { "record".to_owned() } else { target };
            if target == "super" {
                return Some(format!(
                    "{place}: super is the root here: write crate::, so that this test sees the edge"
                ));
            }
            if MODULES.iter().all(|module| module.name != target) {
                return Some(format!(
                    "{place}: {} names crate::{target}, which is no module: name the module that it lives in, so that \
                     this test sees the edge",
                    module.name
                ));
            }
            if target == module.name || module.may_name().any(|name| name == target) {
                return None;
            }
            let Module { name, may_name, why } = module;
            Some(format!("{place}: {name} names {target}; all it may name is [{may_name}]: {why}"))
        };
        self.references().into_iter().filter_map(tell).collect()
    }

    /// What follows `crate::` wherever it stands, groups included, with the place; `super` for a path of them that leads
    /// to the root.
    fn references(&self) -> Vec<(usize, String)> {
        let tokens = tokens(&self.code);
        let token = |at: usize| tokens.get(at).map_or("", |token| token.1);
        let mut found = Vec::new();
        let mut climbed = 0;
        for (at, &(place, text)) in tokens.iter().enumerate() {
            let is_path = token(at + 1) == ":" && token(at + 2) == ":";
            match text {
                "super" if is_path => {
                    climbed += 1;
                    if climbed == self.depth() {
                        found.push((place, "super".to_owned()));
                    }
                }
                "crate" if is_path && token(at + 3) == "{" => found.extend(heads_of_group(&tokens[at + 4..])),
                "crate" if is_path => found.push((tokens[at + 3].0, token(at + 3).to_owned())),
                _ => {}
            }
            if text != "super" && text != ":" {
                climbed = 0;
            }
        }
        found
    }

    fn dependencies_away_from_home(&self) -> Vec<String> {
        let is_home = |file: &&&str| self.path == **file || (file.ends_with('/') && self.path.starts_with(**file));
        let away = HOMES.iter().filter(|home| !home.files.iter().any(|file| is_home(&file)));
        let tell = |home: &Home| {
            let fault = format!("only {} may name {}: {}", home.files.join(" and "), home.dependency, home.why);
            self.each_place_of(home.dependency, &self.code, &fault)
        };
        away.flat_map(tell).collect()
    }

    fn banned_words(&self) -> Vec<String> {
        let code = without_items(self.code.clone(), &self.text, "#[cfg(feature = \"std\")]");
        let tell = |banned: &Banned| {
            let fault = format!("{} has no place here: {}", banned.word, banned.why);
            self.each_place_of(banned.word, &code, &fault)
        };
        BANNED.iter().flat_map(tell).collect()
    }

    fn each_place_of(&self, word: &str, code: &str, fault: &str) -> Vec<String> {
        let found = tokens(code).into_iter().filter(|token| token.1 == word);
        found.map(|(at, _)| format!("{}: {fault}", self.place(at))).collect()
    }

    /// The file and the line of the byte at `at`.
    fn place(&self, at: usize) -> String {
        let line = self.code[..at].matches('\n').count() + 1;
        format!("{}:{line}", self.path)
    }
}

/// Every file of the core but those that hold only tests.
fn files() -> Vec<File> {
    let mut files = Vec::new();
    read_folder(Path::new(env!("CARGO_MANIFEST_DIR")), "src", &mut files);
    assert!(files.iter().any(|file| file.path == "src/lib.rs"), "src/ is not where it should be");
    files
}

fn read_folder(root: &Path, folder: &str, files: &mut Vec<File>) {
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            read_folder(root, &path, files);
        } else if path.ends_with(".rs") && !path.ends_with("/tests.rs") {
            files.push(File::new(&path, &fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

fn assert_none(faults: impl Iterator<Item = String>) {
    let mut told = String::new();
    for fault in faults {
        writeln!(told, "  {fault}").unwrap();
    }
    assert!(told.is_empty(), "the core is not as tests/architecture.rs has it:\n{told}");
}

/// The names that stand first in the parts of a `{…}` of a `use`, whose opening brace is read already.
fn heads_of_group(tokens: &[(usize, &str)]) -> Vec<(usize, String)> {
    let mut heads = Vec::new();
    let mut depth = 0;
    let mut is_head = true;
    for &(at, text) in tokens {
        match text {
            "{" => depth += 1,
            "}" if depth == 0 => break,
            "}" => depth -= 1,
            "," if depth == 0 => is_head = true,
            _ if is_head => {
                heads.push((at, text.to_owned()));
                is_head = false;
            }
            _ => {}
        }
    }
    heads
}

/// Words, and every other character that is no white space, each with its place.
fn tokens(code: &str) -> Vec<(usize, &str)> {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = code[at..].chars().next() {
        let rest = &code[at..];
        let length =
            if is_word(first) { rest.find(|next| !is_word(next)).unwrap_or(rest.len()) } else { first.len_utf8() };
        if !first.is_whitespace() {
            tokens.push((at, &rest[..length]));
        }
        at += length;
    }
    tokens
}

/// Blanks each item that the attribute stands before, up to its closing brace or its semicolon. The attribute is sought
/// in `text`, because `code` shows no literals.
fn without_items(mut code: String, text: &str, attribute: &str) -> String {
    let starts: Vec<_> = text.match_indices(attribute).map(|(at, _)| at).collect();
    for start in starts {
        if code[start..].starts_with("#[cfg(") {
            let item = start + attribute.len();
            let end = item + length_of_item(&code[item..]);
            blank(&mut code, start..end);
        }
    }
    code
}

fn length_of_item(code: &str) -> usize {
    let mut depth = 0;
    for (at, byte) in code.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' => depth -= 1,
            b'}' if depth == 1 => return at + 1,
            b'}' => depth -= 1,
            b';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

fn without_comments_and_literals(text: &str) -> String {
    let mut code = text.to_owned();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        match length_of_comment_or_literal(&text[at..]) {
            0 => at += first.len_utf8(),
            length => {
                blank(&mut code, at..at + length);
                at += length;
            }
        }
    }
    code
}

/// 0 where neither begins.
fn length_of_comment_or_literal(text: &str) -> usize {
    let up_to = |from: usize, end: &str| text[from..].find(end).map_or(text.len(), |at| from + at + end.len());
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return length_of_block_comment(text);
    }
    if let Some(raw) = text.strip_prefix('r') {
        let fence = raw.len() - raw.trim_start_matches('#').len();
        if raw[fence..].starts_with('"') {
            return up_to(1 + fence + 1, &format!("\"{}", &raw[..fence]));
        }
    }
    if text.starts_with('"') {
        return length_of_quoted(text, b'"');
    }
    // A quote begins a character where an escape follows, or one character and a quote. Otherwise it is a lifetime.
    if let Some(after) = text.strip_prefix('\'') {
        let mut characters = after.chars();
        let first = characters.next();
        if first == Some('\\') || characters.next() == Some('\'') {
            return length_of_quoted(text, b'\'');
        }
    }
    0
}

fn length_of_block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    loop {
        let rest = &text.as_bytes()[at..];
        if rest.is_empty() {
            return text.len();
        } else if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
}

fn length_of_quoted(text: &str, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// Puts spaces in place of all bytes but line ends, so that places stay.
fn blank(code: &mut String, range: Range<usize>) {
    let spaces: String = code[range.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    code.replace_range(range, &spaces);
}
