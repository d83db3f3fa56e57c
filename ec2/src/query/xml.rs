use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};
use core::ops::ControlFlow;

use imds::time::Timestamp;

/// A writer for the documents of EC2's API: nested elements, without attributes but the namespace
/// of the root.
///
/// It has at most [`CHUNK_BYTES`] and an element in memory. A document that is longer is sent in
/// chunks, or discarded.
pub(super) struct Xml<'s> {
    text: String,
    layout: Layout,
    /// The root element, which `finish` closes.
    root: Option<String>,
    send: Option<&'s mut Sink<'s>>,
    /// Nothing is written any more.
    is_discarded: bool,
}

/// Sends a chunk. A break ends the document.
pub(super) type Sink<'s> = dyn FnMut(&[u8]) -> ControlFlow<()> + 's;

/// The layout of elements.
enum Layout {
    /// One element per line, indented by the depth.
    Lines { depth: usize },
    /// All elements in one line.
    OneLine,
}

impl<'s> Xml<'s> {
    /// Starts the response to an action, in the namespace of the version that the request asks for.
    /// `send` sends the document in chunks.
    pub fn response(action: &str, version: &str, request_id: &str, send: Option<&'s mut Sink<'s>>) -> Xml<'s> {
        let root = [action, "Response"].concat();
        let layout = Layout::Lines { depth: 0 };
        let mut xml = Xml { text: DECLARATION.into(), layout, root: None, send, is_discarded: false };
        xml.begin_line();
        xml.push(&["<", &root, " xmlns=\"http://ec2.amazonaws.com/doc/", version, "/\">"]);
        xml.layout = Layout::Lines { depth: 1 };
        xml.root = Some(root);
        xml.text("requestId", request_id);
        xml
    }

    /// The response to a rejected request, in one line as EC2 writes it.
    pub fn error(code: &str, message: &str, request_id: &str) -> Vec<u8> {
        let text = [DECLARATION, "\n"].concat();
        let mut xml = Xml { text, layout: Layout::OneLine, root: None, send: None, is_discarded: false };
        xml.element("Response", |xml| {
            xml.element("Errors", |xml| {
                xml.element("Error", |xml| {
                    xml.text("Code", code);
                    xml.text("Message", message);
                });
            });
            xml.text("RequestID", request_id);
        });
        xml.text.into_bytes()
    }

    /// `<name>…</name>`
    pub fn element(&mut self, name: &'static str, content: impl FnOnce(&mut Xml<'s>)) {
        self.begin(name);
        content(self);
        self.end(name);
    }

    /// `<name>value</name>`
    pub fn text(&mut self, name: &'static str, value: impl fmt::Display) {
        self.text_of(name, &value);
    }

    /// `<name>value</name>`, or nothing
    pub fn optional(&mut self, name: &'static str, value: Option<impl fmt::Display>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// `<name>2020-09-26T14:28:58.000Z</name>`
    pub fn time(&mut self, name: &'static str, at: Timestamp) {
        self.text(name, at.display_with_millis());
    }

    /// `<name><item>…</item>…</name>`
    pub fn list<T>(
        &mut self,
        name: &'static str,
        items: impl IntoIterator<Item = T>,
        mut content: impl FnMut(&mut Xml<'s>, T),
    ) {
        let mut items = items.into_iter().peekable();
        if items.peek().is_none() {
            return self.text(name, "");
        }
        self.element(name, |xml| items.for_each(|item| xml.element("item", |xml| content(xml, item))));
    }

    /// Writes values at their paths, for example `cpuOptions/coreCount`, as nested elements. Paths
    /// with the same first parts must follow each other. A name can have a blank and a number,
    /// which only distinguish it from elements with the same name.
    pub fn tree<'p>(&mut self, values: impl Iterator<Item = (&'p str, &'p str)>) {
        let mut open: Vec<&str> = Vec::new();
        let element = |name: &'p str| name.split(' ').next().unwrap_or(name);
        for (path, value) in values {
            let (parents, leaf) = path.rsplit_once('/').unwrap_or(("", path));
            let parents = parents.split('/').filter(|parent| !parent.is_empty());
            let shared = open.iter().zip(parents.clone()).take_while(|(open, parent)| *open == parent).count();
            open.drain(shared..).rev().for_each(|name| self.end(element(name)));
            for parent in parents.skip(shared) {
                self.begin(element(parent));
                open.push(parent);
            }
            self.text_of(element(leaf), &value);
        }
        open.into_iter().rev().for_each(|name| self.end(element(name)));
    }

    /// The whole document, or `None` if it was sent or is too long.
    pub fn finish(mut self) -> Option<Vec<u8>> {
        if let Some(root) = self.root.take() {
            self.end(&root);
        }
        if self.send.is_some() && !self.is_discarded {
            self.flush();
        }
        (self.send.is_none() && !self.is_discarded).then(|| self.text.into_bytes())
    }

    fn flush(&mut self) {
        self.is_discarded |= self.send.as_mut().is_none_or(|send| send(self.text.as_bytes()).is_break());
        self.text.clear();
    }

    fn text_of(&mut self, name: &str, value: &dyn fmt::Display) {
        self.begin_line();
        if self.is_discarded {
            return;
        }
        self.push(&["<", name, ">"]);
        let start = self.text.len();
        // Writing to a string does not fail.
        let _ = write!(Escaped(&mut self.text), "{value}");
        if self.text.len() == start {
            self.text.truncate(start - 1);
            self.push(&["/>"]);
        } else {
            self.push(&["</", name, ">"]);
        }
    }

    fn begin(&mut self, name: &str) {
        self.begin_line();
        self.push(&["<", name, ">"]);
        if let Layout::Lines { depth } = &mut self.layout {
            *depth += 1;
        }
    }

    fn end(&mut self, name: &str) {
        if let Layout::Lines { depth } = &mut self.layout {
            *depth -= 1;
        }
        self.begin_line();
        self.push(&["</", name, ">"]);
    }

    fn begin_line(&mut self) {
        if !self.is_discarded && self.text.len() >= CHUNK_BYTES {
            self.flush();
        }
        if self.is_discarded {
            return;
        }
        if let Layout::Lines { depth } = self.layout {
            self.text.push('\n');
            self.text.extend(core::iter::repeat_n(INDENT, depth));
        }
    }

    fn push(&mut self, parts: &[&str]) {
        if self.is_discarded {
            return;
        }
        self.text.extend(parts.iter().copied());
    }
}

/// Escapes text between tags.
struct Escaped<'a>(&'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for (index, piece) in text.split('\r').enumerate() {
            // XML 1.0 section 2.11: a parser reads a literal carriage return as a line feed.
            self.0.push_str(if index > 0 { "&#13;" } else { "" });
            html_escape::encode_text_to_string(piece, self.0);
        }
        Ok(())
    }
}

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
const INDENT: &str = "    ";
/// Bytes of a chunk, without its last element.
pub(super) const CHUNK_BYTES: usize = 64 * 1024;
