//! All clients, and docs/clients.md, which is printed from them and the requests of their runs.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::sync::{Mutex, PoisonError};

use imds::rules::{Outcome, RULES};
use imds::source::Certainty;

use crate::debian_clients::debian;
use crate::skip::say;
use crate::{go, java, node, object_store, python};

/// A client of the metadata service or of EC2's API.
pub struct Client {
    pub name: &'static str,
    pub origin: Origin,
    pub trial: Trial,
}

/// The place that a client comes from, with its name there. It determines the version and how the
/// client is installed.
#[derive(Clone, Copy)]
pub enum Origin {
    /// A program of Debian, which may be another one on other systems.
    System(&'static str),
    /// A package of Debian that is unpacked below the target folder.
    Debian(&'static str),
    /// A package of PyPI, in `python/requirements.txt` or `python/more-requirements.txt`.
    PyPi(&'static str),
    /// A package of npm, in `node/package.json` or `node/more/package.json`.
    Npm(&'static str),
    /// A module of Go, in `go/go.mod`.
    Go(&'static str),
    /// An artefact of Maven Central, in `java/pom.xml`.
    Maven(&'static str),
    /// A crate, in the `Cargo.lock` of the workspace or of `object_store/`.
    Crate(&'static str),
    /// A GitHub repository, and the version of its source.
    GitHub(&'static str, &'static str),
}

/// How a client is tried.
#[derive(Clone, Copy)]
pub enum Trial {
    /// A test of this package runs it.
    Ran,
    /// This file of `tests/transcripts/clients` has the requests that its source sends, because of
    /// the reason.
    Transcript(&'static str, &'static str),
}

/// The clients, in the order of docs/clients.md.
pub const CLIENTS: &[Client] = &[
    ran("aiobotocore", Origin::PyPi("aiobotocore")),
    ran("amazon-ec2-net-utils", Origin::Debian("amazon-ec2-net-utils")),
    ran("amazon-ec2-utils", Origin::Debian("amazon-ec2-utils")),
    ran("aws-c-auth before 0.6.29, in awscrt", Origin::PyPi("awscrt")),
    ran("AWS CLI 1", Origin::PyPi("awscli")),
    ran("AWS CLI 2", Origin::System("awscli")),
    transcript(
        "aws-node-termination-handler",
        Origin::GitHub("aws/aws-node-termination-handler", "62a8761d"),
        "node-termination-handler",
        "the Go module proxy does not serve the module",
    ),
    ran("AWS SDK for Go 1", Origin::Go("github.com/aws/aws-sdk-go")),
    ran("AWS SDK for Go 2", Origin::Go("github.com/aws/aws-sdk-go-v2/feature/ec2/imds")),
    ran("AWS SDK for Java 2", Origin::Maven("auth")),
    ran("AWS SDK for JavaScript 2", Origin::Npm("aws-sdk")),
    ran("AWS SDK for JavaScript 3, credentials", Origin::Npm("@smithy/credential-provider-imds")),
    ran("AWS SDK for JavaScript 3, metadata", Origin::Npm("@aws-sdk/ec2-metadata-service")),
    ran("AWS SDK for Ruby 3", Origin::Debian("ruby-aws-sdk-core")),
    ran("AWS SDK for Rust", Origin::Crate("aws-config")),
    ran("boto 2", Origin::PyPi("boto")),
    ran("boto3 with an old API version", Origin::PyPi("boto3")),
    ran("botocore", Origin::PyPi("botocore")),
    ran("cloud-init", Origin::Debian("cloud-init")),
    ran("curl", Origin::System("curl")),
    transcript(
        "EC2 Instance Connect",
        Origin::GitHub("aws/aws-ec2-instance-connect-config", "551c73e8"),
        "ec2-instance-connect",
        "no package registry has its scripts",
    ),
    ran("ec2-metadata", Origin::PyPi("ec2-metadata")),
    ran("facter", Origin::Debian("facter")),
    ran("object_store", Origin::Crate("object_store")),
    ran("OpenTelemetry's detector for JavaScript", Origin::Npm("@opentelemetry/resource-detector-aws")),
    ran("Prometheus' ec2_sd", Origin::Debian("prometheus")),
    ran("rclone", Origin::Debian("rclone")),
    ran("restic", Origin::Debian("restic")),
    ran("s3fs", Origin::Debian("s3fs")),
    transcript("Salt", Origin::GitHub("saltstack/salt", "3008.5"), "salt", "PyPI has its source only"),
    transcript(
        "Vault",
        Origin::GitHub("hashicorp/vault", "1.21.4"),
        "vault",
        "its metadata client is the AWS SDK for Go 1, which ran",
    ),
    ran("VM::EC2", Origin::Debian("libvm-ec2-perl")),
    ran("wget", Origin::System("wget")),
];

const fn ran(name: &'static str, origin: Origin) -> Client {
    Client { name, origin, trial: Trial::Ran }
}

const fn transcript(name: &'static str, origin: Origin, file: &'static str, why: &'static str) -> Client {
    Client { name, origin, trial: Trial::Transcript(file, why) }
}

impl Client {
    /// The version that is installed on this machine.
    fn version(&self) -> Option<String> {
        let after = |text: &str, before: &str, end: &[char]| {
            let rest = text.split(before).nth(1).unwrap_or_else(|| panic!("{}: no {before:?}", self.name));
            Some(rest.split(end).next().unwrap_or(rest).to_owned())
        };
        match self.origin {
            Origin::System(package) => system_version(package),
            Origin::Debian(package) => debian().map(|debian| debian.version(package)),
            Origin::PyPi(package) => {
                let all = format!("\n{}\n{}", python::REQUIREMENTS, python::MORE_REQUIREMENTS);
                after(&all, &format!("\n{package}=="), &['\n', ' ', ';'])
            }
            Origin::Npm(package) => {
                let all = format!("{}{}", node::PACKAGE, node::MORE_PACKAGE);
                after(&all, &format!("\"{package}\": \""), &['"'])
            }
            Origin::Go(module) => after(go::MODULES, &format!("\t{module} v"), &[' ', '\n']),
            Origin::Maven(artifact) => {
                after(java::PROJECT, &format!("<artifactId>{artifact}</artifactId>\n      <version>"), &['<'])
            }
            Origin::Crate(name) => {
                after(&[LOCK, object_store::LOCK].concat(), &format!("\nname = \"{name}\"\nversion = \""), &['"'])
            }
            Origin::GitHub(_, version) => Some(version.to_owned()),
        }
    }

    /// The place that it comes from, in Markdown.
    fn place(&self) -> String {
        match self.origin {
            Origin::System(name) | Origin::Debian(name) => format!("Debian: `{name}`"),
            Origin::PyPi(name) => format!("PyPI: `{name}`"),
            Origin::Npm(name) => format!("npm: `{name}`"),
            Origin::Go(name) => format!("Go: `{name}`"),
            Origin::Maven(name) => format!("Maven: `software.amazon.awssdk:{name}`"),
            Origin::Crate(name) => format!("crates.io: `{name}`"),
            Origin::GitHub(name, _) => format!("source: [{name}](https://github.com/{name})"),
        }
    }

    fn result(&self) -> String {
        match self.trial {
            Trial::Ran => "ran".to_owned(),
            Trial::Transcript(file, why) => {
                let path = format!("tests/transcripts/clients/{file}.txt");
                format!("[transcript of its requests](../{path}): {why}")
            }
        }
    }
}

/// One client's part of docs/clients.md.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub version: String,
    /// The requests, for example `GET /latest/user-data 404 tree.unknown`: the rule is that of an
    /// error. Empty if the client has not run yet.
    pub requests: Vec<String>,
}

/// Compares a run of a client with docs/clients.md, or writes it there if `BLESS` is set. A run of
/// another version than that of the document is not compared.
pub fn compare(name: &str, requests: Vec<String>) {
    let client = CLIENTS.iter().find(|client| client.name == name).unwrap_or_else(|| panic!("{name} is not listed"));
    let version = client.version().unwrap_or_else(|| panic!("{name} ran and has no version"));
    let entry = Entry { version, requests };
    if is_blessing() {
        write(|entries| {
            entries.insert(name.to_owned(), entry);
        });
        return;
    }
    match read().get(name) {
        Some(documented) if documented.version != entry.version => say(&format!(
            "skipped: the requests of {name} {}: docs/clients.md has those of {}",
            entry.version, documented.version
        )),
        documented => assert_eq!(documented, Some(&entry), "{name}: other requests than in docs/clients.md; {HINT}"),
    }
}

/// Compares docs/clients.md with the tables and its own entries, or writes it if `BLESS` is set.
pub fn compare_page() {
    if is_blessing() {
        write(|_| {});
    } else {
        let text = fs::read_to_string(PAGE).expect("docs/clients.md can be read");
        assert!(page(&read()) == text, "docs/clients.md differs from its tables; {HINT}");
    }
}

/// Changes the entries of docs/clients.md and prints it again.
fn write(change: impl FnOnce(&mut BTreeMap<String, Entry>)) {
    static WRITING: Mutex<()> = Mutex::new(());
    let _lock = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut entries = read();
    change(&mut entries);
    fs::write(PAGE, page(&entries)).expect("docs/clients.md can be written");
}

/// The rule of a request that was rejected: its last word, after the status.
pub fn rule_of(request: &str) -> Option<&str> {
    let last = request.rsplit(' ').next()?;
    last.starts_with(|first: char| first.is_ascii_alphabetic()).then_some(last)
}

/// docs/clients.md with these entries.
fn page(entries: &BTreeMap<String, Entry>) -> String {
    let empty = Entry { version: "?".to_owned(), requests: Vec::new() };
    let of = |client: &Client| entries.get(client.name).unwrap_or(&empty);
    let mut text = INTRODUCTION.to_owned();
    text.push_str("| client | version | from | result |\n|---|---|---|---|\n");
    for client in CLIENTS {
        let (name, place, result) = (client.name, client.place(), client.result());
        text.push_str(&format!("| {name} | {} | {place} | {result} |\n", of(client).version));
    }
    let ran = CLIENTS.iter().filter(|client| matches!(client.trial, Trial::Ran)).count();
    let transcripts = CLIENTS.len() - ran;
    text.push_str(&format!("\n{} clients: {ran} ran, {transcripts} have a transcript.\n", CLIENTS.len()));
    text.push_str(REFUSALS);
    for rule in RULES.iter().filter(|rule| matches!(rule.outcome, Outcome::Reject(_))) {
        if rule.source.certainty == Certainty::Chosen {
            let meets = |client: &&Client| of(client).requests.iter().any(|request| rule_of(request) == Some(rule.id));
            let met: Vec<_> = CLIENTS.iter().filter(meets).map(|client| client.name).collect();
            let met = if met.is_empty() { "none".to_owned() } else { met.join(", ") };
            text.push_str(&format!("| `{}` | {} | {met} |\n", rule.id, rule.name));
        }
    }
    text.push_str("\n## Requests\n");
    for client in CLIENTS {
        text.push_str(&format!("\n### {}\n\n```text\n", client.name));
        for request in &of(client).requests {
            text.push_str(request);
            text.push('\n');
        }
        text.push_str("```\n");
    }
    text
}

/// The entries of docs/clients.md.
fn read() -> BTreeMap<String, Entry> {
    let text = fs::read_to_string(PAGE).unwrap_or_default();
    let version_of = |name: &str| {
        let row = text.lines().find_map(|line| line.strip_prefix(&format!("| {name} | ")));
        row.and_then(|row| row.split(" |").next()).unwrap_or("?").to_owned()
    };
    let sections = text.split("\n### ").skip(1).filter_map(|section| {
        let (name, rest) = section.split_once("\n\n```text\n")?;
        let requests = rest.split("```").next()?.lines().map(str::to_owned).collect();
        Some((name.to_owned(), Entry { version: version_of(name), requests }))
    });
    sections.collect()
}

fn is_blessing() -> bool {
    env::var_os("BLESS").is_some()
}

fn system_version(package: &str) -> Option<String> {
    use crate::install::step;
    let program = if package == "awscli" { "/usr/bin/aws" } else { package };
    let printed = step(std::process::Command::new(program).arg("--version")).ok()?;
    // For example `curl 7.88.1 (…)`, `GNU Wget 1.21.3 built on` and `aws-cli/2.9.19 Python/…`.
    let mut words = printed.split([' ', '/']);
    words.find(|word| word.starts_with(|first: char| first.is_ascii_digit())).map(str::to_owned)
}

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/clients.md");
/// How to print the page again.
const HINT: &str = "print it again with `BLESS=1 cargo xtask test clients-all`";
const LOCK: &str = include_str!("../../../Cargo.lock");
const INTRODUCTION: &str = "# Clients

Shipped clients of the metadata service, with the requests that they send to the server. Those that *ran* are
unmodified and have no endpoint setting: in a network namespace the server is at 169.254.169.254. Each ran
against both generations and got what it gets on EC2: credentials, region, instance id, tags. The requests are
those of a Nitro instance, from the server's log; on Xen the same rules rejected them. The other clients have a
transcript of the requests that their source sends. boto 2, boto3, Prometheus and VM::EC2 also described the
instance with EC2's API on the console; the log does not have those requests.

This page is printed by `BLESS=1 cargo xtask test clients-all`, which otherwise compares it with the runs.
`BLESS=1 cargo test -p imds-clients --test every_client page` prints it again without running a client.

";
const REFUSALS: &str = "
## Refusals and the clients that meet them

The rejections that this project chose, because no response of EC2 is known, with the clients of this page that
meet them. Those that meet none would not notice if EC2 served the request.

| rule | description | clients |
|---|---|---|
";
