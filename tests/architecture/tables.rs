//! The tables that the sources must match, each row with its reason.

/// A crate that ships.
pub struct Crate {
    /// Its source folder, with a slash at the end.
    pub root: &'static str,
    /// The modules at its root, and the arrows between them. Empty if only cycles are checked.
    pub modules: &'static [Module],
}

/// A module at the root of a crate: a file or a folder.
pub struct Module {
    pub name: &'static str,
    /// The modules that it may import, separated by spaces. They stand above it in the table, so
    /// there is no cycle of modules.
    pub may_import: &'static str,
    pub why: &'static str,
}

pub const CRATES: &[Crate] = &[
    Crate { root: "src/", modules: CORE },
    Crate { root: "ec2/src/", modules: EC2 },
    Crate { root: "conformance/src/", modules: CONFORMANCE },
    Crate { root: "server/src/", modules: SERVER },
    Crate { root: "pkg/src/", modules: &[] },
    Crate { root: "pkg/core/src/", modules: &[] },
];

const CORE: &[Module] = &[
    Module { name: "named", may_import: "", why: "it is a macro for enums with stable names" },
    Module { name: "limits", may_import: "", why: "limits are numbers" },
    Module { name: "source", may_import: "", why: "it names where a fact comes from" },
    Module { name: "write", may_import: "", why: "it appends small values to a buffer" },
    Module { name: "seed", may_import: "write", why: "it is the root of all derived bytes" },
    Module { name: "version", may_import: "", why: "a version is a name with a position in an order" },
    Module { name: "time", may_import: "write", why: "an instant is a number with text formats" },
    Module { name: "http", may_import: "limits source time", why: "HTTP does not depend on metadata, tokens or rules" },
    Module {
        name: "token",
        may_import: "limits seed time",
        why: "it issues and verifies; the rules decide what follows",
    },
    Module { name: "scratch", may_import: "http token", why: "it has results of both for the next answer" },
    Module {
        name: "connection",
        may_import: "limits time http scratch",
        why: "framing does not depend on what answers the requests",
    },
    Module {
        name: "rules",
        may_import: "source http token",
        why: "a decision depends on facts only, which the caller collects",
    },
    Module { name: "throttle", may_import: "time", why: "it counts requests, whatever they are" },
    Module {
        name: "record",
        may_import: "limits seed version write time http",
        why: "a record describes an instance and does not answer requests",
    },
    Module {
        name: "metadata",
        may_import: "limits source seed version write time record",
        why: "it turns a path into a value and does not depend on HTTP",
    },
    Module {
        name: "instance",
        may_import: "seed time http token scratch rules record metadata",
        why: "it answers a request and does not depend on connections",
    },
    Module {
        name: "explain",
        may_import: "time http token rules record instance",
        why: "it asks an instance again with changed facts",
    },
];

const EC2: &[Module] = &[
    Module { name: "fleet", may_import: "", why: "the instances do not depend on the API that changes them" },
    Module { name: "query", may_import: "fleet", why: "it turns forms into operations of the fleet" },
];

const SERVER: &[Module] = &[
    Module { name: "escape", may_import: "", why: "it turns texts into texts" },
    Module { name: "line_queue", may_import: "", why: "it writes lines, whatever they are" },
    Module { name: "terminal", may_import: "escape line_queue", why: "it prints lines" },
    Module { name: "text_file", may_import: "terminal", why: "it reads a file, whatever is in it" },
    Module { name: "file_operations", may_import: "", why: "it replaces files, whatever is in them" },
    Module { name: "signals", may_import: "", why: "it waits for signals" },
    Module { name: "source_json", may_import: "", why: "it formats a source" },
    Module { name: "clock", may_import: "", why: "it is the only source of time" },
    Module { name: "control", may_import: "", why: "it is the JSON of the console's control routes" },
    Module { name: "identity", may_import: "text_file", why: "it signs bytes and does not depend on what they are" },
    Module {
        name: "telemetry",
        may_import: "escape line_queue clock",
        why: "it observes and does not depend on what it observes",
    },
    Module {
        name: "app",
        may_import: "terminal text_file file_operations clock identity telemetry",
        why: "what is served does not depend on sockets, the console or the command line",
    },
    Module {
        name: "net",
        may_import: "terminal telemetry app",
        why: "the metadata port does not depend on the console or the command line",
    },
    Module {
        name: "console",
        may_import: "escape terminal clock control telemetry app net",
        why: "it does not depend on the command line, and only the composition of the server depends on it",
    },
    Module {
        name: "serve",
        may_import: "terminal signals telemetry app net console",
        why: "it composes the server from its configuration",
    },
    Module {
        name: "check",
        may_import: "terminal source_json clock",
        why: "it is a client and does not depend on the server",
    },
    Module {
        name: "keygen",
        may_import: "terminal file_operations clock identity",
        why: "it writes two files and does not depend on the server",
    },
    Module {
        name: "remote",
        may_import: "escape terminal control check",
        why: "it is a client of the console and does not depend on the server",
    },
    Module { name: "vectors", may_import: "terminal source_json", why: "it prints tables" },
    Module {
        name: "cli",
        may_import: "terminal clock control identity telemetry app console serve check keygen remote",
        why: "it builds the configurations that the other modules own",
    },
];

const CONFORMANCE: &[Module] = &[
    Module { name: "spans", may_import: "", why: "it parses the bytes again, independently" },
    Module { name: "transcript", may_import: "", why: "it runs the core, without the checks" },
    Module { name: "fidelity", may_import: "", why: "it prints the core's tables" },
    Module { name: "checks", may_import: "fidelity", why: "a check names the row that says how it is known" },
    Module { name: "run", may_import: "fidelity checks", why: "it sends the checks to an endpoint" },
];

/// A dependency that only these files may name; a name that ends in a slash is a folder.
pub struct Home {
    pub dependency: &'static str,
    pub files: &'static [&'static str],
    pub why: &'static str,
}

pub const HOMES: &[Home] = &[
    Home {
        dependency: "httparse",
        files: &["src/http/request.rs"],
        why: "another parser must be a change to one file",
    },
    Home {
        dependency: "blake3",
        files: &["src/seed.rs", "src/token/"],
        why: "a review of the cryptography must find it in few places",
    },
    Home {
        dependency: "serde",
        files: &["src/record/json/parse.rs"],
        why: "a derived reader is compiled once for each type",
    },
    Home {
        dependency: "serde_json",
        files: &["src/record/json/parse.rs"],
        why: "another parser must be a change to one file",
    },
    Home {
        dependency: "litemap",
        files: &["src/record/map.rs"],
        why: "the type of a record's maps has one name, which the record gives it",
    },
];

/// A word that no file of a `no_std` crate contains, outside of tests and of items with the feature
/// `std`.
pub struct Banned {
    pub word: &'static str,
    pub why: &'static str,
}

pub const NO_STD: &[&str] = &["src/", "ec2/src/", "conformance/src/"];

pub const BANNED: &[Banned] = &[
    Banned { word: "unsafe", why: "the crate forbids it" },
    Banned { word: "std", why: "the crate is no_std: use `core` and `alloc`" },
];

pub const MAX_LINES: usize = 600;

/// Imports, each from a file to another, that may close a cycle of files. Without them no crate has
/// a cycle.
///
/// The table is empty. To break a cycle, move the type that both files need to a file of its own. A
/// row that closes no cycle fails a test.
pub const KNOWN_CYCLES: &[(&str, &str)] = &[];
