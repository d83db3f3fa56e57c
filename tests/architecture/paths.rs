//! The paths in a source file: its `use` declarations and the paths in its code.

use crate::reader::{Token, is_word, tokens};

/// One name that a `use` declaration brings into scope.
#[derive(Debug, PartialEq)]
pub struct Import {
    /// The byte offset of the last segment.
    pub offset: usize,
    pub path: Vec<String>,
    /// The name in scope; `*` for a glob.
    pub name: String,
    /// Whether other files can import the name from here.
    pub is_public: bool,
}

/// The names that a file's code mentions, without comments, literals and tests.
#[derive(Default)]
pub struct Paths {
    pub imports: Vec<Import>,
    /// Paths of at least two segments outside of `use` declarations, with their byte offsets.
    pub paths: Vec<(usize, Vec<String>)>,
    /// Every word outside of `use` declarations and paths, with its byte offset.
    pub words: Vec<(usize, String)>,
    /// The names that the file defines.
    pub definitions: Vec<String>,
}

impl Paths {
    pub fn read(code: &str) -> Paths {
        let tokens = tokens(code);
        let mut found = Paths::default();
        let mut index = 0;
        while index < tokens.len() {
            let (offset, text) = tokens[index];
            if text == "use" && next(&tokens, index) != "<" {
                let is_public = is_public(&tokens[..index]);
                index += 1;
                index += found.read_tree(&tokens[index..], &[], is_public);
                continue;
            }
            if DEFINITIONS.contains(&text) {
                let name = if text == "macro_rules" { index + 2 } else { index + 1 };
                found.definitions.extend(tokens.get(name).map(|token| token.1.to_owned()));
            }
            let (length, segments) = path(&tokens[index..]);
            match segments.len() {
                0 => {}
                1 => found.words.push((offset, text.to_owned())),
                _ => found.paths.push((offset, segments)),
            }
            index += length.max(1);
        }
        found
    }

    /// Reads a use tree up to its `,`, `}` or `;` and returns the number of tokens read.
    fn read_tree(&mut self, tokens: &[Token<'_>], prefix: &[String], is_public: bool) -> usize {
        let mut segments = prefix.to_vec();
        let mut name = None;
        let mut offset = tokens.first().map_or(0, |token| token.0);
        let mut index = 0;
        while let Some(&(at, text)) = tokens.get(index) {
            index += 1;
            match text {
                ":" => {}
                "{" => {
                    while !matches!(tokens.get(index).map_or("}", |token| token.1), "}") {
                        index += self.read_tree(&tokens[index..], &segments, is_public);
                        if tokens.get(index).is_some_and(|token| token.1 == ",") {
                            index += 1;
                        }
                    }
                    return index + 1;
                }
                "as" => {
                    name = tokens.get(index).map(|token| token.1.to_owned());
                    index += 1;
                }
                _ if is_word(text) || text == "*" => {
                    offset = at;
                    segments.push(text.to_owned());
                }
                _ => {
                    index -= 1;
                    break;
                }
            }
        }
        // `{self}` imports the module before it.
        if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
            segments.pop();
        }
        if let Some(last) = segments.last() {
            let name = name.unwrap_or_else(|| last.clone());
            self.imports.push(Import { offset, path: segments, name, is_public });
        }
        index
    }
}

/// Keywords before the name of an item.
const DEFINITIONS: &[&str] = &["fn", "struct", "enum", "union", "trait", "type", "const", "static", "macro_rules"];

fn next<'a>(tokens: &[Token<'a>], index: usize) -> &'a str {
    tokens.get(index + 1).map_or("", |token| token.1)
}

/// Returns whether the tokens end with `pub` or `pub(…)`.
fn is_public(before: &[Token<'_>]) -> bool {
    let last = |back: usize| before.len().checked_sub(back).map_or("", |index| before[index].1);
    let open = before.iter().rposition(|token| token.1 == "(").unwrap_or(0);
    last(1) == "pub" || (last(1) == ")" && open > 0 && before[open - 1].1 == "pub")
}

/// The path at the start of the tokens and the number of tokens that it takes.
fn path(tokens: &[Token<'_>]) -> (usize, Vec<String>) {
    let text = |index: usize| tokens.get(index).map_or("", |token| token.1);
    let mut segments = Vec::new();
    let mut index = 0;
    while is_word(text(index)) {
        segments.push(text(index).to_owned());
        index += 1;
        if text(index) != ":" || text(index + 1) != ":" || !is_word(text(index + 2)) {
            break;
        }
        index += 2;
    }
    (index, segments)
}
