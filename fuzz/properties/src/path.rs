//! Paths: a listed name is readable under every spelling, and nothing else is.

use std::fmt::Write;
use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};
use imds::http::{Method, Request};
use imds::metadata::categories;
use imds::rules::Endpoint;
use imds::version::{LATEST, VERSIONS};
use imds::{Context, Instance, Nonce};

use crate::Target;
use crate::models::tree::{Tree, now, records};
use crate::seeds::{Inputs, distinct_by_outcome};

pub const TARGET: Target = Target {
    name: "path",
    property: "a path is served if and only if the names that it decodes to are listed, however it is spelled",
    run,
    dictionary,
    seeds,
};

/// The tree to read, a path, and the style in which the path is spelled again.
#[derive(Arbitrary)]
struct Input<'a> {
    tree: u8,
    style: [u8; 4],
    path: &'a [u8],
}

fn run(data: &[u8]) {
    let Ok(Input { tree, style, path }) = Input::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let tree = &TREES[usize::from(tree) % TREES.len()];
    let head = [b"GET ", path, b" HTTP/1.0\r\n\r\n"].concat();
    let request = Request::parse(&head);
    let is_intact = request.method == Method::Get && path.starts_with(request.path.as_bytes());
    if request.fault.is_some() || !is_intact || !path.starts_with(b"/") {
        return;
    }
    let names = names(request.path);
    // The token path is not part of the tree.
    if tree.instance.endpoint(request.path) == Endpoint::Token {
        let is_spelling = names.is_some_and(|names| names == ["latest", "api", "token"]);
        assert!(is_spelling, "{} is taken for the token path", request.path);
        return;
    }
    let expected = names.as_ref().and_then(|names| {
        let path: String = names.iter().flat_map(|name| ["/", name]).collect();
        tree.nodes.get(&path)
    });
    let body = tree.get_as_is(request.path);
    let is_as_expected = body.as_ref() == expected.map(|node| &node.body);
    assert!(
        is_as_expected,
        "{}: {}",
        request.path,
        if body.is_some() { "readable but not as listed" } else { "listed but not readable" }
    );
    if let (Some(names), true) = (names, expected.is_some()) {
        let spelling = respelled(&names, style);
        assert_eq!(tree.get_as_is(&spelling), body, "{spelling} differs from {}", request.path);
    }
}

/// The names that a path decodes to, without dot segments. `None` if a segment that is not removed
/// does not decode to a name.
fn names(path: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let name = decoded(part);
        match name.as_deref() {
            Some(".") => {}
            Some("..") => {
                names.pop();
            }
            _ => names.push(name),
        }
    }
    names.into_iter().collect()
}

fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut pieces = part.split('%');
    bytes.extend_from_slice(pieces.next()?.as_bytes());
    for piece in pieces {
        let digits = piece.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(&piece.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok().filter(|name| !name.contains(['/', '\0']))
}

/// A path with the same names, with other slashes and escapes.
fn respelled(names: &[String], style: [u8; 4]) -> String {
    let mut style = style.iter().cycle();
    let mut bit = |bit: u8| style.next().is_some_and(|byte| byte >> bit & 1 != 0);
    let mut path = String::new();
    for name in names {
        path.push_str(if bit(0) { "//" } else { "/" });
        for byte in name.bytes() {
            match (bit(1), bit(2)) {
                (false, _) if matches!(byte, b'!'..=b'~') && byte != b'%' && byte != b'?' => {
                    path.push(char::from(byte))
                }
                (_, false) => write!(path, "%{byte:02x}").expect("writing to a string succeeds"),
                (_, true) => write!(path, "%{byte:02X}").expect("writing to a string succeeds"),
            }
        }
    }
    path.push_str(if bit(3) || path.is_empty() { "/" } else { "" });
    path
}

fn dictionary() -> Vec<String> {
    let rows = categories().into_iter().map(|category| category.path());
    let mut entries: Vec<String> =
        rows.flat_map(|path| path.split('/').map(String::from).collect::<Vec<_>>()).collect();
    entries.extend(VERSIONS.iter().chain(&[LATEST]).map(|version| format!("/{version}/")));
    entries.extend(
        ["/latest/meta-data/", "/latest/dynamic/", "%2f", "%2F", "%00", "%25", "..", "//", "%", "?", "0=my-key"]
            .map(String::from),
    );
    entries.retain(|entry| !entry.is_empty());
    entries.sort();
    entries.dedup();
    entries
}

/// The paths in the transcripts. They cover every rule and every category.
fn seeds(inputs: &Inputs) -> Vec<Vec<u8>> {
    let lines = inputs.sent.iter().filter_map(|bytes| bytes.split(|&byte| byte == b' ').nth(1));
    let paths = lines.filter(|path| path.starts_with(b"/") && path.len() <= 256);
    let inputs = paths.enumerate().map(|(place, path)| [&[place as u8 % 6, 0, 1, 2, 15], path].concat());
    distinct_by_outcome(inputs, |data| outcome(&TREES[usize::from(data[0])].instance, &data[5..]))
}

fn outcome(instance: &Instance, path: &[u8]) -> (&'static str, Option<String>) {
    let head = [b"GET ", path, b" HTTP/1.0\r\n\r\n"].concat();
    let request = Request::parse(&head);
    let answer = instance.answer(now(), &request, Context::new(Nonce::new(0)));
    (answer.rule().id, answer.category().map(|category| category.path()))
}

static TREES: LazyLock<Vec<Tree>> = LazyLock::new(|| {
    let trees: Vec<Tree> = records().into_iter().map(Tree::of).collect();
    assert!(trees.iter().all(|tree| tree.missing.is_empty()), "a listed name is not readable");
    trees
});
