//! Prints docs/record.md and pkg/record.d.ts from the sources: the keys of a record and of a fleet
//! file with their types and documentation. `BLESS=1` writes both.
#![expect(clippy::disallowed_methods, reason = "the test reads sources and the page, and writes it when blessing")]

mod typescript;

use std::fs;

use imds::{Record, Seed, Timestamp};
use imds_ec2::Fleet;

/// A type that is an object in JSON.
struct Object {
    name: String,
    documentation: String,
    fields: Vec<Field>,
}

struct Field {
    name: String,
    kind: String,
    required: bool,
    documentation: String,
}

#[test]
fn the_page_has_the_documentation_of_each_key() {
    let page = page(&objects());
    if std::env::var_os("BLESS").is_some() {
        fs::write(PAGE, &page).unwrap();
    }
    assert_eq!(fs::read_to_string(PAGE).unwrap(), page, "{PAGE} is printed from the sources: run with BLESS=1");
}

#[test]
fn the_typescript_types_have_each_key_of_the_sources() {
    let types = typescript::types(&objects());
    if std::env::var_os("BLESS").is_some() {
        fs::write(TYPES, &types).unwrap();
    }
    assert_eq!(fs::read_to_string(TYPES).unwrap(), types, "{TYPES} is printed from the sources: run with BLESS=1");
}

/// The error for an unknown key lists the known ones.
#[test]
fn the_page_has_exactly_the_keys_that_are_read() {
    let objects = objects();
    let keys = |name: &str| -> Vec<String> {
        let object = objects.iter().find(|object| object.name == name).unwrap();
        object.fields.iter().map(|field| field.name.clone()).collect()
    };
    let known = |error: String| -> Vec<String> {
        let (_, list) = error.split_once("known keys: ").unwrap_or_else(|| panic!("{error}"));
        list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let in_record = |json: &str| known(Record::from_json(json).unwrap_err().to_string());
    let in_fleet = |json: &str| {
        let fleet =
            Fleet::from_json(json, *Fleet::new(Seed::new([1; 32])).settings(), Seed::new([1; 32]), Timestamp::EPOCH);
        known(fleet.unwrap_err().to_string())
    };
    assert_eq!(in_record(r#"{"": 1}"#), keys("Record"));
    for (key, name) in [
        ("role", "Role"),
        ("spot_interruption", "SpotInterruption"),
        ("managed_ssh_keys", "ManagedSshKeys"),
        ("identity", "Identity"),
        ("metadata_options", "MetadataOptionsChange"),
    ] {
        assert_eq!(in_record(&format!(r#"{{"{key}": {{"": 1}}}}"#)), keys(name));
    }
    for (key, name) in [
        ("public_keys", "PublicKey"),
        ("network_interfaces", "NetworkInterface"),
        ("maintenance_events", "MaintenanceEvent"),
    ] {
        assert_eq!(in_record(&format!(r#"{{"{key}": [{{"": 1}}]}}"#)), keys(name));
    }
    assert_eq!(in_record(r#"{"network_interfaces": [{"security_groups": [{"": 1}]}]}"#), keys("SecurityGroup"));
    assert_eq!(in_fleet(r#"{"": 1}"#), keys("InitialFile"));
    assert_eq!(in_fleet(r#"{"account_defaults": {"": 1}}"#), keys("AccountDefaults"));
    assert_eq!(in_fleet(r#"{"images": {"ami-1": {"": 1}}}"#), keys("Image"));
    assert_eq!(in_fleet(r#"{"next_instances": [{"": 1}]}"#), keys("InstanceOverrides"));
    assert_eq!(in_fleet(r#"{"next_instances": [{"interfaces": [{"": 1}]}]}"#), keys("InterfaceOverrides"));
}

/// The objects of the sources, in the page's order.
fn objects() -> Vec<Object> {
    SOURCES.iter().flat_map(|(source, names)| names.iter().map(|name| object(source, name))).collect()
}

fn object(source: &str, name: &str) -> Object {
    let text = fs::read_to_string(source).unwrap();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let starts = [format!("pub struct {name} {{"), format!("struct {name} {{")];
    let start = lines.iter().position(|line| starts.iter().any(|start| line == start));
    let start = start.unwrap_or_else(|| panic!("{source} has no {name}"));
    let documentation = |before: &[&str]| {
        let is_comment = |line: &&&str| line.starts_with("///") || line.starts_with("#[");
        let mut comments: Vec<&str> = before.iter().rev().take_while(is_comment).copied().collect();
        comments.reverse();
        let words = comments.iter().filter_map(|line| line.strip_prefix("///"));
        words.map(str::trim).collect::<Vec<_>>().join(" ")
    };
    let mut depth = 1;
    let mut required = false;
    let mut fields = Vec::new();
    for (place, line) in lines.iter().enumerate().skip(start + 1) {
        depth += line.matches('{').count();
        depth -= line.matches('}').count();
        required = *line == "needed {" || (required && *line != "}");
        if depth == 0 {
            break;
        }
        // A row of `metadata_options!` goes on after the type.
        let declared = line.split_once(" = ").map(|(declared, _)| declared).or_else(|| line.strip_suffix(','));
        let field = declared.and_then(|field| field.strip_prefix("pub ").unwrap_or(field).split_once(": "));
        if let (Some((field, kind)), false) = (field, line.starts_with("///")) {
            fields.push(Field {
                name: field.into(),
                kind: kind.into(),
                required,
                documentation: documentation(&lines[..place]),
            });
        }
    }
    Object { name: name.into(), documentation: documentation(&lines[..start]), fields }
}

fn page(objects: &[Object]) -> String {
    let mut page = String::from(INTRODUCTION);
    for Object { name, documentation, fields } in objects {
        page += &format!("\n## {}\n\n{documentation}\n\n| key | value | description |\n|---|---|---|\n", title(name));
        for Field { name, kind, required, documentation } in fields {
            let required = if *required { " (required)" } else { "" };
            page += &format!("| `{name}`{required} | {} | {} |\n", value(kind), documentation.replace('|', "\\|"));
        }
    }
    page
}

/// The JSON form of a Rust type.
fn value(kind: &str) -> String {
    let within = |outer: &str| kind.strip_prefix(outer)?.strip_suffix('>');
    if let Some(inner) = within("Option<") {
        return value(inner);
    }
    if let Some(inner) = within("Vec<") {
        return format!("list: {}", value(inner));
    }
    if let Some(inner) = within("Setting<") {
        return format!("{} or `false`", value(inner));
    }
    if let Some(inner) = within("Map<ExtraPath, ") {
        return format!("paths to {}", value(inner));
    }
    if let Some(entries) = within("Map<").or(within("BTreeMap<")) {
        return format!("names to {}", value(entries.split_once(", ").unwrap().1));
    }
    match kind {
        "Line" | "String" | "Name" | "Version" | "&'static Profile" | "Mac" => "text".into(),
        "Ipv4Addr" => "IPv4 address".into(),
        "Ipv6Addr" => "IPv6 address".into(),
        "Timestamp" => "time (RFC 3339)".into(),
        "u32" | "usize" => "number".into(),
        "HopLimit" => "1 to 64".into(),
        "bool" => "`true` or `false`".into(),
        "Toggle" => "`enabled` or `disabled`".into(),
        "HttpTokens" => "`optional` or `required`".into(),
        "HostnameType" => "`ip-name` or `resource-name`".into(),
        "ExtraValue" => "text or JSON".into(),
        "System" => "`nitro`, `xen` or `xen-on-nitro`".into(),
        "EventState" => "`active`, `completed` or `canceled`".into(),
        "SpotAction" => "`terminate`, `stop` or `hibernate`".into(),
        object => {
            let title = title(object);
            format!("[{title}](#{})", title.to_lowercase().replace(' ', "-").replace('\'', ""))
        }
    }
}

/// The title of a type on the page.
fn title(name: &str) -> String {
    let titles = TITLES.iter().find(|(type_name, _)| *type_name == name);
    titles
        .unwrap_or_else(|| {
            panic!("{name} has no title: it is an object of {PAGE}, or a value that `value` has to know")
        })
        .1
        .into()
}

const PAGE: &str = "../docs/record.md";
const TYPES: &str = "../pkg/record.d.ts";
const SOURCES: &[(&str, &[&str])] = &[
    ("../src/record/mod.rs", &["Record"]),
    ("../src/record/options.rs", &["MetadataOptionsChange"]),
    (
        "../src/record/mod.rs",
        &[
            "Role",
            "NetworkInterface",
            "SecurityGroup",
            "PublicKey",
            "SpotInterruption",
            "RebalanceRecommendation",
            "MaintenanceEvent",
            "ManagedSshKeys",
            "Identity",
        ],
    ),
    ("src/fleet/initial_file.rs", &["InitialFile"]),
    ("src/fleet/account.rs", &["AccountDefaults", "Image"]),
    ("../src/record/overrides.rs", &["InstanceOverrides", "InterfaceOverrides"]),
];
const TITLES: &[(&str, &str)] = &[
    ("Record", "Record"),
    ("MetadataOptionsChange", "Metadata options"),
    ("Role", "Role"),
    ("NetworkInterface", "Network interface"),
    ("SecurityGroup", "Security group"),
    ("PublicKey", "Public key"),
    ("SpotInterruption", "Spot interruption"),
    ("RebalanceRecommendation", "Rebalance recommendation"),
    ("MaintenanceEvent", "Maintenance event"),
    ("ManagedSshKeys", "Managed SSH keys"),
    ("Identity", "Identity"),
    ("InitialFile", "Fleet"),
    ("AccountDefaults", "Account defaults"),
    ("Image", "Image"),
    ("InstanceOverrides", "Next instance"),
    ("InterfaceOverrides", "Next instance's interface"),
];
const INTRODUCTION: &str = "\
# Records and fleets

An instance is described by a [record](#record) in JSON (`--instance`, `IMDS_INSTANCE`, `new Imds({ instance })`), an account
with several instances by a [fleet](#fleet) (`--fleet`, `IMDS_FLEET`, `new Imds({ fleet })`). Unknown keys are rejected; the
error has the path of the key. Keys are optional unless they are marked as required. `examples/` has records and fleets.
";
