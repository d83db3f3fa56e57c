//! The rules cannot fail on what the reader misses. These tests show that it misses nothing.

use crate::graph::Graph;
use crate::map;
use crate::paths::Paths;
use crate::reader::File;
use crate::rules;
use crate::tables::{Crate, Module};

fn names(text: &str) -> Vec<String> {
    let file = File::new("src/http/request.rs", text);
    let paths = Paths::read(&file.code);
    let imports = paths.imports.iter().map(|import| import.path.join("::"));
    imports.chain(paths.paths.iter().map(|(_, path)| path.join("::"))).collect()
}

fn edges(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<File> = files.iter().map(|(path, text)| File::new(path, text)).collect();
    Graph::new("src/", &files).edges.iter().map(|edge| format!("{} → {}", edge.place, edge.to)).collect()
}

#[test]
fn every_form_of_a_path_is_read() {
    assert_eq!(names("use crate::token::Ttl;"), ["crate::token::Ttl"]);
    assert_eq!(
        names("fn f(at: &crate :: time\n::Timestamp) -> $crate::limits::X {}"),
        ["crate::time::Timestamp", "crate::limits::X"]
    );
    assert_eq!(
        names("use crate::{self as all, limits, token::{self, Ttl, sealed::Seal,}, Seed as S, *};"),
        [
            "crate",
            "crate::limits",
            "crate::token",
            "crate::token::Ttl",
            "crate::token::sealed::Seal",
            "crate::Seed",
            "crate::*"
        ]
    );
    assert_eq!(names("pub(crate) fn f() {} extern crate alloc; fn g() -> impl Sized + use<'_> {}"), [""; 0]);
    assert_eq!(names("use super::super::token;"), ["super::super::token"]);
    assert_eq!(names("Vec::<u8>::new(); <a::B as c::D>::e()"), ["a::B", "c::D"]);

    assert_eq!(names("// crate::token\n/* crate::a /* crate::b */ crate::c */ /// crate::d"), [""; 0]);
    assert_eq!(
        names(r####"("crate::a \" crate::b", b"crate::c", r#"crate::d " crate::e"#, r"crate::f\")"####),
        [""; 0]
    );
    assert_eq!(names(r"('\'', '\u{1F600}', 'é', b'\\', '{'); fn f<'a>(at: &'a crate::time::T) {}"), ["crate::time::T"]);
    assert_eq!(names("#[cfg(test)]\nmod tests { fn f() { crate::token::x() } }\nuse crate::time;"), ["crate::time"]);
    assert_eq!(names("#[cfg(test)]\nuse crate::token::{Ttl};\nuse crate::time;"), ["crate::time"]);
}

#[test]
fn public_imports_and_definitions_are_read() {
    let paths = Paths::read("pub use a::B; pub(in crate::x) use c::D; use e::F; fn f() {} macro_rules! g {}");
    let public: Vec<_> = paths.imports.iter().filter(|import| import.is_public).map(|import| &import.name).collect();
    assert_eq!(public, ["B", "D"]);
    assert_eq!(paths.definitions, ["f", "g"]);
}

#[test]
fn a_path_leads_to_the_file_that_defines_the_item() {
    let lib = ("src/lib.rs", "mod time; mod http; pub use time::Timestamp;");
    let time =
        ("src/time/mod.rs", "mod civil; mod zone; pub use civil::{Date, parse}; pub use zone::*; struct Timestamp;");
    let civil = ("src/time/civil.rs", "pub struct Date; pub fn parse() {}");
    let zone = ("src/time/zone.rs", "pub struct Zone;");
    let from = |text| edges(&[lib, time, civil, zone, ("src/http/mod.rs", ""), ("src/http/head.rs", text)]);

    assert_eq!(from("use crate::time::Date;"), ["src/http/head.rs:1 → src/time/civil.rs"]);
    assert_eq!(from("use crate::Timestamp;"), ["src/http/head.rs:1 → src/time/mod.rs"]);
    assert_eq!(from("use crate::time;\nfn f() { time::parse() }"), ["src/http/head.rs:2 → src/time/civil.rs"]);
    assert_eq!(from("fn f() { super::super::time::civil::parse() }"), ["src/http/head.rs:1 → src/time/civil.rs"]);
    assert_eq!(from("use crate::time::Zone;"), ["src/http/head.rs:1 → src/time/zone.rs"]);
    assert_eq!(from("use crate::time::*;"), ["src/http/head.rs:1 → src/time/mod.rs"]);
    assert_eq!(from("use std::time; fn f() { time::parse(); alloc::time::x() }"), [""; 0]);
}

#[test]
fn a_reexport_is_an_import_only_if_the_file_uses_the_name() {
    let child = ("src/a/b.rs", "pub struct B;");
    let root = ("src/lib.rs", "mod a;");
    assert_eq!(edges(&[root, ("src/a/mod.rs", "mod b; pub use b::B;"), child]), [""; 0]);
    let uses = ("src/a/mod.rs", "mod b; pub use b::B;\nfn f() -> B { B }");
    assert_eq!(edges(&[root, uses, child]), ["src/a/mod.rs:1 → src/a/b.rs"]);
    assert_eq!(edges(&[root, ("src/a/mod.rs", "mod b;\nuse b::B;"), child]), ["src/a/mod.rs:2 → src/a/b.rs"]);
}

#[test]
fn an_exported_macro_is_found_at_the_root() {
    let files = [
        ("src/lib.rs", "mod json; mod record;"),
        ("src/json.rs", "macro_rules! json_struct { () => {} }"),
        ("src/record.rs", "crate::json_struct! {}"),
    ];
    assert_eq!(edges(&files), ["src/record.rs:1 → src/json.rs"]);
}

#[test]
fn cycles_of_files_are_reported() {
    let files = [
        File::new("src/lib.rs", "mod a; mod b; mod c; pub use a::A;"),
        File::new("src/a.rs", "use crate::b::B; pub struct A;"),
        File::new("src/b.rs", "\npub struct B(super::c::C);"),
        File::new("src/c.rs", "pub struct C; use crate::A;"),
    ];
    let graph = Graph::new("src/", &files);
    assert_eq!(
        graph.cycles(&[]),
        ["src/a.rs:1 imports src/b.rs, src/b.rs:2 imports src/c.rs, src/c.rs:1 imports src/a.rs"]
    );
    assert_eq!(graph.cycles(&[("src/c.rs", "src/a.rs")]), [""; 0]);

    let solved = |known: &[(&str, &str)]| rules::solved_cycles(&[Graph::new("src/", &files)], known);
    assert_eq!(solved(&[("src/c.rs", "src/a.rs")]), [""; 0]);
    assert_eq!(
        solved(&[("src/c.rs", "src/a.rs"), ("src/a.rs", "src/c.rs")]),
        ["src/a.rs → src/c.rs closes no cycle: remove the row"]
    );
}

const TABLE: Crate = Crate {
    root: "src/",
    modules: &[
        Module { name: "limits", may_import: "", why: "limits are numbers" },
        Module { name: "time", may_import: "limits", why: "an instant is a number" },
        Module { name: "http", may_import: "time token", why: "HTTP does not depend on metadata" },
    ],
};

#[test]
fn a_violation_names_its_place_and_reason() {
    let files = [
        File::new("src/lib.rs", "pub use time::T; pub struct Root;"),
        File::new("src/limits.rs", "pub struct L;"),
        File::new("src/time/mod.rs", "use crate::{\n    limits::L,\n    http::H,\n    Root,\n};"),
        File::new("src/http.rs", "pub struct H; use crate::limits::L;"),
        File::new("src/cache/mod.rs", ""),
    ];
    let edges = Graph::new("src/", &files).edges;
    assert_eq!(
        rules::forbidden_edges(&TABLE, &edges),
        [
            "src/time/mod.rs:3: time imports http; it may import [limits]: an instant is a number",
            "src/time/mod.rs:4: time imports what the root of the crate defines: move it",
            "src/http.rs:1: http imports limits; it may import [time token]: HTTP does not depend on metadata",
        ]
    );
    assert_eq!(
        rules::unused_arrows(&TABLE, &edges),
        ["http may import time but does not: remove the arrow", "http may import token but does not: remove the arrow"]
    );
    assert_eq!(rules::arrows_upward(&TABLE), ["http may import token, which does not stand above it"]);
    assert_eq!(rules::table_differences(&TABLE, &files), ["src/cache has no row in the table"]);
    assert_eq!(rules::table_differences(&TABLE, &files[1..2]), ["src/time does not exist", "src/http does not exist"]);
}

#[test]
fn dependencies_and_banned_words_are_reported() {
    let outside = |path, text| rules::dependencies_outside_home(&File::new(path, text));
    assert_eq!(
        outside("src/connection.rs", "\nuse httparse::Request;"),
        [
            "src/connection.rs:2: only src/http/request.rs may name httparse: another parser must be a change to one file"
        ]
    );
    assert_eq!(outside("src/token/sealed.rs", "use blake3::Hash;"), [""; 0]);

    let text = "#![no_std]\n#[cfg(feature = \"std\")]\nextern crate std;\nfn f() { unsafe {} }\nuse std::fs;";
    assert_eq!(
        rules::banned_words(&File::new("src/lib.rs", text)),
        [
            "src/lib.rs:4: unsafe is banned: the crate forbids it",
            "src/lib.rs:5: std is banned: the crate is no_std: use `core` and `alloc`"
        ]
    );
    assert_eq!(rules::banned_words(&File::new("server/src/main.rs", "use std::fs;")), [""; 0]);

    let long = "\n".repeat(601);
    assert_eq!(rules::too_long(&File::new("src/a.rs", &long)).unwrap(), "src/a.rs has 601 lines: at most 600");
}

#[test]
fn differences_between_the_map_and_a_folder_are_reported() {
    let page =
        "# A\n\n### `src/`: the core\n\n| part | content |\n|---|---|\n| `a/` | `x` |\n| `b.rs` | y |\n\n### `www/`\n";
    let sections = map::sections(page);
    assert_eq!(sections, [("src/".to_owned(), vec!["a/".to_owned(), "b.rs".to_owned()])]);
    let present = ["lib.rs", "a/", "c.rs"].map(str::to_owned);
    assert_eq!(
        map::differences("src/", &sections[0].1, &present),
        ["ARCHITECTURE.md does not list src/c.rs", "ARCHITECTURE.md lists src/b.rs, which does not exist"]
    );
}
