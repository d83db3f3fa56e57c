use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use quick_xml::Writer;
use quick_xml::escape::partial_escape;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::VERSION;
use crate::time::Timestamp;

/// A document of EC2's as it grows: elements in elements, and never an attribute but the root's name space.
pub(super) struct Xml {
    writer: Writer<Vec<u8>>,
    /// What is open until the end.
    root: Option<String>,
}

impl Xml {
    /// The beginning of what EC2 answers to an action.
    pub fn response(action: &str, request_id: &str) -> Xml {
        let mut xml = Xml::declared(Writer::new_with_indent(Vec::new(), b' ', 4));
        let root = [action, "Response"].concat();
        let space = ["http://ec2.amazonaws.com/doc/", VERSION, "/"].concat();
        xml.write(Event::Start(BytesStart::new(&*root).with_attributes([("xmlns", &*space)])));
        xml.root = Some(root);
        xml.text("requestId", request_id);
        xml
    }

    /// What EC2 answers to a request that it refuses: all of it in one line.
    pub fn refusal(code: &str, message: &str, request_id: &str) -> Vec<u8> {
        let mut xml = Xml::declared(Writer::new(Vec::new()));
        xml.writer.get_mut().push(b'\n');
        xml.element("Response", |xml| {
            xml.element("Errors", |xml| {
                xml.element("Error", |xml| {
                    xml.text("Code", code);
                    xml.text("Message", message);
                });
            });
            xml.text("RequestID", request_id);
        });
        xml.finish()
    }

    /// `<name>…</name>`
    pub fn element(&mut self, name: &'static str, content: impl FnOnce(&mut Xml)) {
        self.write(Event::Start(BytesStart::new(name)));
        content(self);
        self.write(Event::End(BytesEnd::new(name)));
    }

    /// `<name>value</name>`
    pub fn text(&mut self, name: &'static str, value: impl fmt::Display) {
        let value = value.to_string();
        if value.is_empty() {
            return self.write(Event::Empty(BytesStart::new(name)));
        }
        self.element(name, |xml| xml.write(Event::Text(BytesText::from_escaped(partial_escape(value)))));
    }

    /// The same, for what is there.
    pub fn optional(&mut self, name: &'static str, value: Option<impl fmt::Display>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// `<name>2020-09-26T14:28:58.000Z</name>`
    pub fn time(&mut self, name: &'static str, at: Timestamp) {
        self.text(name, Time(at));
    }

    /// `<name><item>…</item>…</name>`
    pub fn list<T>(
        &mut self,
        name: &'static str,
        items: impl IntoIterator<Item = T>,
        mut content: impl FnMut(&mut Xml, T),
    ) {
        let mut items = items.into_iter().peekable();
        if items.peek().is_none() {
            return self.write(Event::Empty(BytesStart::new(name)));
        }
        self.element(name, |xml| items.for_each(|item| xml.element("item", |xml| content(xml, item))));
    }

    fn declared(writer: Writer<Vec<u8>>) -> Xml {
        let mut xml = Xml { writer, root: None };
        xml.write(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml
    }

    fn write(&mut self, event: Event<'_>) {
        // Writing to a vector does not fail.
        let _ = self.writer.write_event(event);
    }

    /// The whole document.
    pub fn finish(mut self) -> Vec<u8> {
        if let Some(root) = self.root.take() {
            self.write(Event::End(BytesEnd::new(root)));
        }
        self.writer.into_inner()
    }
}

/// A time as EC2 prints it, always with its milliseconds.
pub(super) struct Time(pub Timestamp);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.0.truncate_to_second().to_string();
        let (until_second, _z) = second.split_at(second.len() - 1);
        write!(f, "{until_second}.{:03}Z", self.0.millis() % 1000)
    }
}
