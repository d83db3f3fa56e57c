use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::format::FORMS;
use super::reply::Answer;
use super::run::{Finding, Outcome};
use super::session::{Session, Unseen};
use imds::metadata::categories;
use imds::version::{LATEST, VERSIONS};

/// What was found below a version.
#[derive(Default)]
struct Tree {
    /// Each listed value's path below the version, in the order in which it was found.
    listed: Vec<String>,
    /// Directories that could not be read as listings.
    unreadable: Vec<String>,
}

/// A finding for each category. Each listing is read, and one value of each category.
pub(super) fn check(session: &mut Session<'_>, findings: &mut Vec<Finding>, unknown: &mut Vec<String>) {
    let tree = walk(session);
    // Whoever lists no versions is held to all of them.
    let newest = session.newest().unwrap_or_else(|| VERSIONS[VERSIONS.len() - 1].to_string());
    let mut first: BTreeMap<usize, &str> = BTreeMap::new();
    let known: Vec<_> = categories().iter().map(|category| (category.path(), *category)).collect();
    let mut strange = BTreeSet::new();
    for path in &tree.listed {
        match known.iter().position(|(pattern, _)| matches(pattern, path)) {
            Some(index) => drop(first.entry(index).or_insert(path)),
            None => drop(strange.insert(masked(path))),
        }
    }
    unknown.extend(strange.into_iter().take(MOST_UNKNOWN));
    for (index, (pattern, category)) in known.iter().enumerate() {
        // What lies below a thing that an instance may lack is there with that thing; each instance has an interface.
        let in_every = !pattern.contains('{') || pattern.contains("{mac}");
        let must = category.is_always() && in_every && category.since() <= newest.as_str();
        let (outcome, saw) = match first.get(&index) {
            Some(path) => read(session, pattern, path),
            None if pattern == "user-data" => read_user_data(session),
            None if must => read_unlisted(session, pattern),
            None => (Outcome::Unseen, "this instance has none".to_string()),
        };
        findings.push(Finding {
            id: format!("category.{pattern}"),
            says: format!("`{pattern}` is listed and can be read"),
            source: category.source(),
            outcome,
            saw,
        });
    }
    if !tree.unreadable.is_empty() {
        unknown.push(format!("directories that are no listings: {}", tree.unreadable.len()));
    }
}

fn walk(session: &mut Session<'_>) -> Tree {
    let mut tree = Tree::default();
    let mut left: VecDeque<String> = ["meta-data/", "dynamic/"].map(String::from).into();
    let mut read = 0;
    while let Some(directory) = left.pop_front() {
        if read == MOST_DIRECTORIES {
            break;
        }
        read += 1;
        let Ok(answer) = session.get(&format!("/{LATEST}/{}", encoded(&directory))) else { continue };
        if answer.status != 200 {
            tree.unreadable.push(directory);
            continue;
        }
        let is_keys = directory == "meta-data/public-keys/";
        for (count, name) in answer.lines().enumerate() {
            match name.split_once('=') {
                Some((index, _)) if is_keys => left.push_back(format!("{directory}{index}/")),
                _ if name.ends_with('/') && count < MOST_MEMBERS => left.push_back(format!("{directory}{name}")),
                _ if name.ends_with('/') => {}
                _ => tree.listed.push(format!("{directory}{name}")),
            }
        }
    }
    tree
}

fn read(session: &mut Session<'_>, pattern: &str, path: &str) -> (Outcome, String) {
    let answer = match session.get(&format!("/{LATEST}/{}", encoded(path))) {
        Ok(answer) => answer,
        Err(Unseen::NotAsked(reason)) => return (Outcome::Unseen, reason),
        Err(Unseen::Silent(reason)) => return (Outcome::Failed, reason),
    };
    if answer.status != 200 {
        return (Outcome::Failed, format!("listed, and {}", answer.summary()));
    }
    form(pattern, &answer)
}

fn form(pattern: &str, answer: &Answer) -> (Outcome, String) {
    let value = core::str::from_utf8(&answer.body).unwrap_or_default();
    match FORMS.iter().find(|(own, _)| *own == pattern) {
        Some((_, form)) if !form.fits(value) => {
            (Outcome::Failed, format!("{}: not of the form {form:?}", answer.summary()))
        }
        _ => (Outcome::Passed, answer.summary()),
    }
}

/// What every instance has must be listed; it is told whether it is there all the same.
fn read_unlisted(session: &mut Session<'_>, pattern: &str) -> (Outcome, String) {
    let is_there =
        !pattern.contains('{') && session.get(&format!("/{LATEST}/{pattern}")).is_ok_and(|answer| answer.status == 200);
    match session.over() {
        Some(reason) => (Outcome::Unseen, reason),
        None if is_there => (Outcome::Failed, "not listed, though it can be read".to_string()),
        None => (Outcome::Failed, "not listed".to_string()),
    }
}

/// User data is in no listing where there is none.
fn read_user_data(session: &mut Session<'_>) -> (Outcome, String) {
    match session.get("/latest/user-data") {
        Ok(answer) if answer.status == 404 => (Outcome::Unseen, "this instance has none".to_string()),
        Ok(answer) => match answer.field("content-type") {
            Some("application/octet-stream") if answer.status == 200 => (Outcome::Passed, answer.summary()),
            _ => (Outcome::Failed, format!("{}: no application/octet-stream", answer.summary())),
        },
        Err(Unseen::NotAsked(reason)) => (Outcome::Unseen, reason),
        Err(Unseen::Silent(reason)) => (Outcome::Failed, reason),
    }
}

/// Whether a path is one of a category's, `{…}` standing for any segment.
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

/// A path of which only what looks like a category's name is told: whoever answers a listing with values must not have them
/// shown.
fn masked(path: &str) -> String {
    let is_name = |segment: &str| {
        let is_plain = segment.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        is_plain && segment.len() <= 32 && segment.bytes().filter(u8::is_ascii_digit).count() <= 4
    };
    let segments: Vec<&str> = path.split('/').map(|segment| if is_name(segment) { segment } else { "…" }).collect();
    segments.join("/")
}

fn encoded(path: &str) -> String {
    let mut text = String::new();
    for byte in path.bytes() {
        match byte {
            b'!' | b'&'..=b';' | b'=' | b'@'..=b'Z' | b'_' | b'a'..=b'z' | b'~' | b'$' => text.push(char::from(byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

/// Listings that a run reads at most, and members of one that it goes into.
const MOST_DIRECTORIES: usize = 60;
const MOST_MEMBERS: usize = 40;
const MOST_UNKNOWN: usize = 20;
