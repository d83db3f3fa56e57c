//! The checks of categories. They read every listing and one value of each category.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::endpoint_state::{EndpointState, SendError};
use super::format::VALUE_FORMATS;
use super::report::{Finding, Outcome};
use super::response::ParsedResponse;
use imds::metadata::categories;
use imds::version::{LATEST, VERSIONS};

/// The paths found by reading all listings.
#[derive(Default)]
struct Tree {
    /// The path of each listed value below the version, in the order of discovery.
    listed: Vec<String>,
    /// Directories that could not be read.
    unreadable: Vec<String>,
}

/// Appends a finding for each category, and to `unknown` the listed paths that belong to none.
pub(super) fn check(state: &mut EndpointState<'_>, findings: &mut Vec<Finding>, unknown: &mut Vec<String>) {
    let tree = walk(state);
    // An endpoint that lists no versions is expected to have the newest one.
    let newest = state.newest_version().unwrap_or_else(|| VERSIONS[VERSIONS.len() - 1].to_string());
    let known: Vec<_> = categories().iter().map(|category| (category.path(), *category)).collect();
    // The first listed path of each category.
    let mut paths: BTreeMap<usize, &str> = BTreeMap::new();
    let mut others = BTreeSet::new();
    for path in &tree.listed {
        match known.iter().position(|(pattern, _)| matches(pattern, path)) {
            Some(index) => drop(paths.entry(index).or_insert(path)),
            None => drop(others.insert(masked(path))),
        }
    }
    unknown.extend(others.into_iter().take(MAX_UNKNOWN));
    for (index, (pattern, category)) in known.iter().enumerate() {
        // Every instance has an interface. A category below another name in braces is optional.
        let has_parent = !pattern.contains('{') || pattern.contains("{mac}");
        let is_required = category.is_always() && has_parent && category.since() <= newest.as_str();
        let (outcome, observed) = match paths.get(&index) {
            Some(path) => read(state, pattern, path),
            None if pattern == "user-data" => read_user_data(state),
            None if is_required => read_unlisted(state, pattern),
            None => (Outcome::NotObserved, ABSENT.to_string()),
        };
        findings.push(Finding {
            id: format!("category.{pattern}"),
            claim: format!("`{pattern}` is listed and readable"),
            source: category.source(),
            outcome,
            observed,
        });
    }
    if !tree.unreadable.is_empty() {
        unknown.push(format!("unreadable directories: {}", tree.unreadable.len()));
    }
}

fn walk(state: &mut EndpointState<'_>) -> Tree {
    let mut tree = Tree::default();
    let mut queue: VecDeque<String> = ["meta-data/", "dynamic/"].map(String::from).into();
    let mut read = 0;
    while let Some(directory) = queue.pop_front() {
        if read == MAX_DIRECTORIES {
            break;
        }
        read += 1;
        let Ok(response) = state.get(&format!("/{LATEST}/{}", percent_encoded(&directory))) else { continue };
        if response.status != 200 {
            tree.unreadable.push(directory);
            continue;
        }
        let is_public_keys = directory == "meta-data/public-keys/";
        for (count, name) in response.lines().enumerate() {
            match name.split_once('=') {
                Some((index, _)) if is_public_keys => queue.push_back(format!("{directory}{index}/")),
                _ if name.ends_with('/') && count < MAX_SUBDIRECTORIES => queue.push_back(format!("{directory}{name}")),
                _ if name.ends_with('/') => {}
                _ => tree.listed.push(format!("{directory}{name}")),
            }
        }
    }
    tree
}

fn read(state: &mut EndpointState<'_>, pattern: &str, path: &str) -> (Outcome, String) {
    let response = match state.get(&format!("/{LATEST}/{}", percent_encoded(path))) {
        Ok(response) => response,
        Err(SendError::NotSent(reason)) => return (Outcome::NotObserved, reason),
        Err(SendError::NoResponse(reason)) => return (Outcome::Failed, reason),
    };
    if response.status != 200 {
        return (Outcome::Failed, format!("{}: listed but not readable", response.summary()));
    }
    check_format(pattern, &response)
}

fn check_format(pattern: &str, response: &ParsedResponse) -> (Outcome, String) {
    let value = core::str::from_utf8(&response.body).unwrap_or_default();
    match VALUE_FORMATS.iter().find(|(own, _)| *own == pattern) {
        Some((_, format)) if !format.matches(value) => {
            (Outcome::Failed, format!("{}: expected {format}", response.summary()))
        }
        _ => (Outcome::Passed, response.summary()),
    }
}

/// A required category that is not listed fails. The finding says whether it is readable
/// nevertheless.
fn read_unlisted(state: &mut EndpointState<'_>, pattern: &str) -> (Outcome, String) {
    let is_readable = !pattern.contains('{')
        && state.get(&format!("/{LATEST}/{pattern}")).is_ok_and(|response| response.status == 200);
    match state.stop_reason() {
        Some(reason) => (Outcome::NotObserved, reason),
        None if is_readable => (Outcome::Failed, "readable but not listed".to_string()),
        None => (Outcome::Failed, "not listed".to_string()),
    }
}

/// The listings that are read do not contain `user-data`.
fn read_user_data(state: &mut EndpointState<'_>) -> (Outcome, String) {
    match state.get("/latest/user-data") {
        Ok(response) if response.status == 404 => (Outcome::NotObserved, ABSENT.to_string()),
        Ok(response) => match response.header("content-type") {
            Some("application/octet-stream") if response.status == 200 => (Outcome::Passed, response.summary()),
            _ => (
                Outcome::Failed,
                format!("{}: expected 200 with Content-Type: application/octet-stream", response.summary()),
            ),
        },
        Err(SendError::NotSent(reason)) => (Outcome::NotObserved, reason),
        Err(SendError::NoResponse(reason)) => (Outcome::Failed, reason),
    }
}

/// Returns `true` if a path belongs to a category. `{…}` in the pattern matches any segment.
fn matches(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(own), Some(segment)) if own.starts_with('{') || own == segment => {}
            _ => return false,
        }
    }
}

/// The path, with only the segments that look like category names. An endpoint may return values in
/// place of listings, and a report must contain no value.
fn masked(path: &str) -> String {
    let is_name = |segment: &str| {
        let is_plain = segment.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        is_plain && segment.len() <= 32 && segment.bytes().filter(u8::is_ascii_digit).count() <= 4
    };
    let segments: Vec<&str> = path.split('/').map(|segment| if is_name(segment) { segment } else { "…" }).collect();
    segments.join("/")
}

fn percent_encoded(path: &str) -> String {
    let mut text = String::new();
    for byte in path.bytes() {
        match byte {
            b'!' | b'&'..=b';' | b'=' | b'@'..=b'Z' | b'_' | b'a'..=b'z' | b'~' | b'$' => text.push(char::from(byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

const ABSENT: &str = "the instance does not have it";
/// The number of listings that a run reads.
const MAX_DIRECTORIES: usize = 60;
/// The number of entries of a listing whose subdirectories are read.
const MAX_SUBDIRECTORIES: usize = 40;
/// The number of unknown paths in a report.
const MAX_UNKNOWN: usize = 20;
