//! Prints the objects of records and fleets as TypeScript interfaces.

use std::fs;

use imds::http::PROFILES;

use crate::{Field, Object, SOURCES};

/// `pkg/record.d.ts`.
pub fn types(objects: &[Object]) -> String {
    let mut types = String::from(HEADER);
    for Object { name, documentation, fields } in objects {
        types += &format!("\n{}export interface {} {{\n", comment("", documentation), interface(name));
        for Field { name, kind, required, documentation } in fields {
            let optional = if *required { "" } else { "?" };
            types += &format!("{}  {name}{optional}: {};\n", comment("  ", documentation), value(kind));
        }
        types += "}\n";
    }
    types
}

/// A Rust type as the TypeScript type of its JSON.
fn value(kind: &str) -> String {
    let within = |outer: &str| kind.strip_prefix(outer)?.strip_suffix('>');
    if let Some(inner) = within("Option<") {
        return value(inner);
    }
    if let Some(inner) = within("Setting<") {
        return format!("{} | false", value(inner));
    }
    if let Some(inner) = within("Vec<") {
        return format!("{}[]", value(inner));
    }
    if let Some(entries) = within("Map<").or(within("BTreeMap<")) {
        return format!("{{ [key: string]: {} }}", value(entries.split_once(", ").unwrap().1));
    }
    match kind {
        "Line" | "String" | "Name" | "Version" | "Mac" | "Ipv4Addr" | "Ipv6Addr" | "Timestamp" => "string".into(),
        "u32" | "usize" | "HopLimit" => "number".into(),
        "bool" => "boolean".into(),
        "&'static Profile" => union(PROFILES.iter().map(|profile| profile.name.to_owned())),
        "ExtraValue" => "string | number | boolean | object".into(),
        "System" | "HttpTokens" | "Toggle" | "HostnameType" | "EventState" | "SpotAction" => union(names(kind)),
        object => interface(object),
    }
}

/// The name of the interface for a Rust type.
fn interface(name: &str) -> String {
    match name {
        "Record" => "InstanceRecord",
        "InitialFile" => "Fleet",
        "Image" => "MachineImage",
        name => name,
    }
    .into()
}

fn union(names: impl IntoIterator<Item = String>) -> String {
    names.into_iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(" | ")
}

/// The names of an enum's variants, from the arms of its `name` function.
fn names(kind: &str) -> Vec<String> {
    let sources = SOURCES.iter().map(|(source, _)| fs::read_to_string(source).unwrap());
    let mut names: Vec<String> = Vec::new();
    for source in sources {
        for line in source.lines() {
            let arm = line.trim().strip_prefix(kind).and_then(|rest| rest.strip_prefix("::"));
            if let Some((_, name)) = arm.and_then(|arm| arm.split_once(" => \"")) {
                names.push(name.trim_end_matches("\",").into());
            }
        }
    }
    names.sort();
    names.dedup();
    assert!(names.len() > 1, "the sources have no `{kind}::X => \"x\"` arms");
    names
}

fn comment(indent: &str, text: &str) -> String {
    let line = format!("{indent}/** {text} */\n");
    if line.len() <= COLUMNS {
        return line;
    }
    let mut lines = vec![format!("{indent} *")];
    for word in text.split(' ') {
        if lines.last().unwrap().len() + word.len() >= COLUMNS {
            lines.push(format!("{indent} *"));
        }
        let last = lines.last_mut().unwrap();
        last.push(' ');
        last.push_str(word);
    }
    format!("{indent}/**\n{}\n{indent} */\n", lines.join("\n"))
}

const COLUMNS: usize = 100;
const HEADER: &str = "\
// The JSON of records and fleets. A test prints this file from the Rust sources:
// BLESS=1 cargo test -p imds-ec2 --test record_reference
";
