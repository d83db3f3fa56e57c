//! `include/imds.h` and docs/abi.md agree with the crate.

#![expect(clippy::disallowed_methods, reason = "the ban on file access applies to the core, not to this test")]

use std::collections::BTreeMap;
use std::fs;
use std::mem::offset_of;
use std::path::Path;

use imds::connection::{CloseReason, Timer};
use imds_core::{Change, Exchange, Export, Options, Text, Timeout, Transmit};

const HEADER: &str = include_str!("../include/imds.h");

#[test]
fn the_header_declares_every_export_with_its_types() {
    let special = [
        ("imds_abi_version", "uint32_t", "void"),
        ("imds_new", "imds_service *", "void"),
        ("imds_free", "void", "imds_service *imds"),
        ("imds_last_error", "const imds_text *", "imds_service *imds"),
        ("imds_last_error_code", "int32_t", "imds_service *imds"),
    ];
    let mut expected: BTreeMap<String, String> = BTreeMap::new();
    for (name, returns, parameters) in special {
        expected.insert(name.into(), format!("{returns} ({parameters})"));
    }
    for Export { name, parameters, returns } in imds_core::EXPORTS {
        let parameters = parameters.iter().map(|(name, rust)| declaration(rust, name)).collect::<Vec<_>>().join(", ");
        expected.insert((*name).into(), format!("{} ({parameters})", c_type(rust_type(returns))));
    }
    assert_eq!(prototypes(), expected);
}

#[test]
fn the_header_defines_the_numbers_of_the_crate() {
    let mut expected = BTreeMap::new();
    for reason in CloseReason::ALL {
        expected.insert(constant("IMDS_CLOSE_", reason.name()), expected.len() as i64 + 1);
    }
    let closes = expected.len();
    for timer in Timer::ALL {
        expected.insert(constant("IMDS_TIMER_", timer.name()), (expected.len() - closes) as i64 + 1);
    }
    for (name, code) in [
        ("IMDS_ERROR_HANDLE", imds_core::IMDS_ERROR_HANDLE),
        ("IMDS_ERROR_ARGUMENT", imds_core::IMDS_ERROR_ARGUMENT),
        ("IMDS_ERROR_RECORD", imds_core::IMDS_ERROR_RECORD),
        ("IMDS_ERROR_NO_INSTANCE", imds_core::IMDS_ERROR_NO_INSTANCE),
        ("IMDS_ERROR_INCOMPLETE", imds_core::IMDS_ERROR_INCOMPLETE),
        ("IMDS_ERROR_MEMORY", imds_core::IMDS_ERROR_MEMORY),
    ] {
        expected.insert(name.into(), code.into());
    }
    let own = [
        ("IMDS_ABI_VERSION", i64::from(imds_core::imds_abi_version())),
        ("IMDS_KEEP_ALIVE", 1),
        ("IMDS_IPV6", 2),
        ("IMDS_THROTTLED", 4),
        ("IMDS_HOPS_UNKNOWN", -1),
        ("IMDS_OPEN", 0),
        ("IMDS_DRAINING", 1),
        ("IMDS_CLOSED", 2),
        ("IMDS_NO_INSTANCE", 1),
        ("IMDS_HOP_LIMIT", 2),
        ("IMDS_INCOMPLETE", 3),
    ];
    expected.extend(own.map(|(name, value)| (name.to_owned(), value)));
    assert_eq!(defines(), expected);
}

#[test]
fn the_header_has_the_structs_of_the_crate() {
    let structs = structs();
    let mut expected = BTreeMap::new();
    macro_rules! layout {
        ($name:literal, $type:ty { $($field:ident),* }) => {
            let fields = vec![$((stringify!($field).to_owned(), offset_of!($type, $field))),*];
            expected.insert($name.to_owned(), (fields, size_of::<$type>()));
        };
    }
    layout!("imds_text", Text { bytes, length });
    layout!(
        "imds_exchange",
        Exchange { passed, response, response_length, no_response, status, rule, hop_limit, protocol, close_reason }
    );
    layout!("imds_transmit", Transmit { bytes, length, hop_limit });
    layout!("imds_timeout", Timeout { at, timer });
    layout!(
        "imds_options",
        Options {
            pending,
            http_tokens_required,
            http_put_response_hop_limit,
            http_endpoint,
            http_protocol_ipv6,
            instance_metadata_tags
        }
    );
    layout!("imds_change", Change { id, text, rule, status, reaches });
    let found: BTreeMap<_, _> = structs
        .iter()
        .map(|(name, fields)| {
            let (rows, size) = layout(fields, size_of::<usize>());
            (name.clone(), (rows.into_iter().map(|(field, offset, _)| (field, offset)).collect::<Vec<_>>(), size))
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn the_page_documents_every_function_and_number() {
    let page = page();
    for name in prototypes().keys().chain(defines().keys()) {
        assert!(page.contains(&format!("`{name}")), "docs/abi.md does not mention {name}");
    }
}

/// The table of offsets in docs/abi.md is the layout of a 32-bit module.
#[test]
fn the_page_has_the_offsets_of_webassembly() {
    let page = page();
    for (name, fields) in structs() {
        let (rows, size) = layout(&fields, 4);
        for (field, offset, kind) in rows {
            let row = format!("| `{name}` | `{field}` | {offset} | {kind} |");
            assert!(page.contains(&row), "docs/abi.md has no row {row}");
        }
        assert!(page.contains(&format!("`{name}` has {size} bytes")), "docs/abi.md: {name} has {size} bytes");
    }
}

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/abi.md");
    fs::read_to_string(path).expect("docs/abi.md is readable")
}

/// The name, offset and type of each field, and the size of the struct, with addresses of this size.
fn layout(fields: &[(String, String)], address: usize) -> (Vec<(String, usize, &'static str)>, usize) {
    let (mut rows, mut offset, mut alignment) = (Vec::new(), 0usize, 4);
    for (c, field) in fields {
        let (size, align, kind) = match c.as_str() {
            "uint64_t" => (8, 8, "u64"),
            "double" => (8, 8, "f64"),
            "uint32_t" => (4, 4, "u32"),
            "size_t" => (address, address, "u32"),
            "const uint8_t *" => (address, address, "address"),
            "imds_text" => (2 * address, address, "`imds_text`"),
            other => panic!("the type {other} of {field} has no layout here"),
        };
        offset = offset.next_multiple_of(align);
        rows.push((field.clone(), offset, kind));
        offset += size;
        alignment = alignment.max(align);
    }
    (rows, offset.next_multiple_of(alignment))
}

/// The header without comments and line ends.
fn code() -> String {
    let mut code = String::new();
    for (index, part) in HEADER.split("/*").enumerate() {
        code.push_str(if index == 0 { part } else { part.split_once("*/").expect("a comment ends").1 });
    }
    code
}

fn prototypes() -> BTreeMap<String, String> {
    let code: String = code().lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join(" ");
    let mut found = BTreeMap::new();
    for statement in code.split([';', '}', '{']).filter(|statement| statement.contains('(')) {
        let (before, parameters) = statement.split_once('(').unwrap();
        let before = spaced(before);
        let at = before.rfind([' ', '*']).unwrap() + 1;
        let parameters = spaced(parameters.strip_suffix(')').expect("a prototype ends"));
        found.insert(before[at..].to_owned(), format!("{} ({parameters})", before[..at].trim_end_matches(' ')));
    }
    found
}

fn defines() -> BTreeMap<String, i64> {
    let code = code();
    let defines = code.lines().filter_map(|line| line.strip_prefix("#define ")?.split_once(' '));
    defines.map(|(name, value)| (name.to_owned(), value.trim().trim_matches(['(', ')']).parse().unwrap())).collect()
}

/// The type and name of each field of each struct.
fn structs() -> BTreeMap<String, Vec<(String, String)>> {
    let code = code();
    let bodies = code.split("typedef struct ").skip(1).filter_map(|text| {
        let (name, rest) = text.split_once(" {")?;
        Some((name.to_owned(), rest.split_once('}')?.0))
    });
    bodies
        .map(|(name, body)| {
            let fields = body.split(';').map(spaced).filter(|field| !field.is_empty()).map(|field| {
                let at = field.rfind([' ', '*']).unwrap() + 1;
                (field[..at].trim_end().to_owned(), field[at..].to_owned())
            });
            (name, fields.collect())
        })
        .collect()
}

/// The text with each run of white space as one space.
fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn constant(prefix: &str, name: &str) -> String {
    format!("{prefix}{}", name.replace('-', "_").to_uppercase())
}

fn rust_type(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn c_type(rust: String) -> String {
    let pointee = |name: &str| match name {
        "u8" => "uint8_t".to_owned(),
        other => format!("imds_{}", other.to_lowercase()),
    };
    match rust.as_str() {
        "u32" => "uint32_t".into(),
        "i32" => "int32_t".into(),
        "u64" => "uint64_t".into(),
        "f64" => "double".into(),
        "usize" => "size_t".into(),
        "isize" => "ptrdiff_t".into(),
        other => match (other.strip_prefix("*const "), other.strip_prefix("*mut ")) {
            (Some(name), _) => format!("const {} *", pointee(name)),
            (_, Some(name)) => format!("{} *", pointee(name)),
            _ => panic!("the type {other} has no C type here"),
        },
    }
}

fn declaration(rust: &str, name: &str) -> String {
    let c = c_type(rust_type(rust));
    if c.ends_with('*') { format!("{c}{name}") } else { format!("{c} {name}") }
}
