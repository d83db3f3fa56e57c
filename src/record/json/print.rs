use alloc::string::String;
use alloc::vec::Vec;

use crate::write::{push_decimal, push_escaped};

/// Writes JSON.
pub struct Printer {
    out: Vec<u8>,
    is_pretty: bool,
    depth: usize,
    /// Whether the innermost open object or list is empty.
    is_first: bool,
}

impl Printer {
    pub fn new(is_pretty: bool) -> Printer {
        Printer { out: Vec::new(), is_pretty, depth: 0, is_first: true }
    }

    /// The text that was written.
    pub fn finish(self) -> String {
        // Only whole strings are written.
        String::from_utf8(self.out).unwrap_or_default()
    }

    pub fn text(&mut self, text: &str) {
        self.out.push(b'"');
        push_escaped(text, &mut self.out);
        self.out.push(b'"');
    }

    pub fn number(&mut self, number: u64) {
        push_decimal(number, &mut self.out);
    }

    /// `null`, `true`, `false`, or another text that is JSON.
    pub fn word(&mut self, word: &str) {
        self.out.extend_from_slice(word.as_bytes());
    }

    /// Opens an object or a list.
    pub fn open(&mut self, bracket: u8) {
        self.out.push(bracket);
        self.depth += 1;
        self.is_first = true;
    }

    /// Starts the next item or key.
    pub fn next(&mut self) {
        if !self.is_first {
            self.out.push(b',');
        }
        self.is_first = false;
        self.break_line();
    }

    /// A member's key, which `write` writes. It is a string in JSON, also if its type is a number.
    pub fn key(&mut self, write: &mut dyn FnMut(&mut Printer)) {
        let start = self.out.len();
        write(self);
        if self.out[start] != b'"' {
            self.out.insert(start, b'"');
            self.out.push(b'"');
        }
        self.colon();
    }

    pub fn name(&mut self, name: &str) {
        self.text(name);
        self.colon();
    }

    fn colon(&mut self) {
        self.out.push(b':');
        if self.is_pretty {
            self.out.push(b' ');
        }
    }

    /// Closes the innermost object or list.
    pub fn close(&mut self, bracket: u8) {
        self.depth -= 1;
        if !self.is_first {
            self.break_line();
        }
        self.is_first = false;
        self.out.push(bracket);
    }

    fn break_line(&mut self) {
        if self.is_pretty {
            self.out.push(b'\n');
            self.out.resize(self.out.len() + self.depth * INDENT, b' ');
        }
    }
}

const INDENT: usize = 2;
