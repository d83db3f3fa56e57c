//! Reads Rust source as tokens, without comments, literals and tests.

use std::ops::Range;

/// A source file of a crate.
pub struct File {
    /// Its path from the root of the repository, with slashes.
    pub path: String,
    pub text: String,
    /// The text with comments, literals and test-only items replaced by spaces, so that byte
    /// offsets agree with `text`.
    pub code: String,
}

impl File {
    pub fn new(path: &str, text: &str) -> File {
        let code = without_items(without_comments_and_literals(text), text, "#[cfg(test)]");
        File { path: path.to_owned(), text: text.to_owned(), code }
    }

    /// The file and line of a byte offset.
    pub fn place(&self, offset: usize) -> String {
        let line = self.code[..offset].matches('\n').count() + 1;
        format!("{}:{line}", self.path)
    }
}

/// A word, or one other character that is not white space, with its byte offset.
pub type Token<'a> = (usize, &'a str);

pub fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut offset = 0;
    while let Some(first) = code[offset..].chars().next() {
        let rest = &code[offset..];
        let length = if is_word_character(first) {
            rest.find(|next| !is_word_character(next)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        if !first.is_whitespace() {
            tokens.push((offset, &rest[..length]));
        }
        offset += length;
    }
    tokens
}

pub fn is_word(token: &str) -> bool {
    token.chars().all(is_word_character) && !token.is_empty()
}

fn is_word_character(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Replaces each item after the attribute with spaces, up to its closing brace or semicolon. The
/// attribute is searched in `text`, because `code` has no literals.
pub fn without_items(mut code: String, text: &str, attribute: &str) -> String {
    for (start, _) in text.match_indices(attribute) {
        if code[start..].starts_with("#[cfg(") {
            let item = start + attribute.len();
            let end = item + length_of_item(&code[item..]);
            blank(&mut code, start..end);
        }
    }
    code
}

fn length_of_item(code: &str) -> usize {
    let mut depth = 0;
    for (offset, byte) in code.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' => depth -= 1,
            b'}' if depth == 1 => return offset + 1,
            b'}' => depth -= 1,
            b';' if depth == 0 => return offset + 1,
            _ => {}
        }
    }
    code.len()
}

fn without_comments_and_literals(text: &str) -> String {
    let mut code = text.to_owned();
    let mut offset = 0;
    while let Some(first) = text[offset..].chars().next() {
        match length_of_comment_or_literal(&text[offset..]) {
            0 => offset += first.len_utf8(),
            length => {
                blank(&mut code, offset..offset + length);
                offset += length;
            }
        }
    }
    code
}

/// 0 if the text starts with neither.
fn length_of_comment_or_literal(text: &str) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return length_of_block_comment(text);
    }
    if let Some(raw) = text.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let start = 1 + hashes + 1;
            let end = format!("\"{}", &raw[..hashes]);
            return text[start..].find(&end).map_or(text.len(), |length| start + length + end.len());
        }
    }
    if text.starts_with('"') {
        return length_of_quoted(text, b'"');
    }
    // A quote starts a character literal if an escape follows, or one character and a quote.
    // Otherwise it starts a lifetime.
    if let Some(after) = text.strip_prefix('\'') {
        let mut characters = after.chars();
        let first = characters.next();
        if first == Some('\\') || characters.next() == Some('\'') {
            return length_of_quoted(text, b'\'');
        }
    }
    0
}

fn length_of_block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut offset = 0;
    loop {
        let rest = &text.as_bytes()[offset..];
        if rest.is_empty() {
            return text.len();
        } else if rest.starts_with(b"/*") {
            depth += 1;
            offset += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            offset += 2;
            if depth == 0 {
                return offset;
            }
        } else {
            offset += 1;
        }
    }
}

fn length_of_quoted(text: &str, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let mut offset = 1;
    while offset < bytes.len() {
        match bytes[offset] {
            b'\\' => offset += 2,
            byte if byte == quote => return offset + 1,
            _ => offset += 1,
        }
    }
    text.len()
}

/// Replaces all bytes but line ends with spaces.
fn blank(code: &mut String, range: Range<usize>) {
    let spaces: String = code[range.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    code.replace_range(range, &spaces);
}
