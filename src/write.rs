//! Appends small values as text to a byte buffer, without another allocation.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};
use core::net::Ipv4Addr;

/// Appends a number in decimal digits.
pub fn push_decimal(number: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Returns `true` if the text contains a part. `str::contains` is faster for long texts, and links
/// 2 KB of code into a WebAssembly module.
pub fn contains(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window == part.as_bytes())
}

/// Bytes in lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| hex_digits(*byte)).map(char::from).collect()
}

/// A byte as two lower-case hexadecimal digits.
pub const fn hex_digits(byte: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    [DIGITS[(byte >> 4) as usize], DIGITS[(byte & 15) as usize]]
}

/// A number below 100 as two ASCII digits.
#[inline]
pub fn two_digits(number: u32) -> [u8; 2] {
    PAIRS[number as usize]
}

/// Appends an address, its octets separated by `separator`.
pub fn push_ipv4(address: Ipv4Addr, separator: u8, out: &mut Vec<u8>) {
    for (index, octet) in address.octets().into_iter().enumerate() {
        if index > 0 {
            out.push(separator);
        }
        push_decimal(octet.into(), out);
    }
}

/// Appends a value as its `Display` prints it.
pub fn push_display(value: impl fmt::Display, out: &mut Vec<u8>) {
    struct Bytes<'a>(&'a mut Vec<u8>);

    impl Write for Bytes<'_> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.extend_from_slice(text.as_bytes());
            Ok(())
        }
    }

    // It cannot fail: neither does appending to a vector, nor does the `Display` of the values.
    let _ = write!(Bytes(out), "{value}");
}

/// Appends a text as the content of a JSON string, without the quotes.
pub fn push_escaped(text: &str, out: &mut Vec<u8>) {
    // `serde_json::to_vec`: +1600 instructions per identity document (16 %), an allocation per
    // string, and another escape for tabs.
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            0..=0x1f => {
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&hex_digits(byte));
            }
            _ => out.push(byte),
        }
    }
}

/// Returns whether a character cannot be seen or changes how others are shown: a control character,
/// a separator of lines, a blank without width, or one that controls the direction of text.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Displays a text on one line, with an escape for each [hidden](is_hidden) character: for plain
/// text, such as error messages.
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if is_hidden(character) {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// Displays a text in quotes and on one line, for error messages.
///
/// `Debug` does the same, but links Unicode's tables of printable characters, 2 KB of a wasm
/// module. `serde_json::to_string` escapes no [hidden](is_hidden) characters from U+007F on.
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(f, "\\{character}")?,
                '\n' => f.write_str("\\n")?,
                // A surrogate pair for the characters above U+FFFF, as in JSON.
                _ if is_hidden(character) => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        write!(f, "\\u{unit:04x}")?;
                    }
                }
                _ => f.write_char(character)?,
            }
        }
        f.write_char('"')
    }
}

/// Appends items, separated by line feeds.
pub fn push_lines<T>(items: impl IntoIterator<Item = T>, out: &mut Vec<u8>, mut push: impl FnMut(T, &mut Vec<u8>)) {
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b'\n');
        }
        push(item, out);
    }
}

/// A text of at most 20 bytes on the stack, for example an address. A longer text is truncated at a
/// character boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShortText {
    bytes: [u8; 20],
    len: usize,
}

impl ShortText {
    pub fn of(value: impl fmt::Display) -> ShortText {
        let mut text = ShortText { bytes: [0; 20], len: 0 };
        let _ = write!(text, "{value}");
        text
    }

    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl Write for ShortText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut fits = text.len().min(self.bytes.len() - self.len);
        while !text.is_char_boundary(fits) {
            fits -= 1;
        }
        self.bytes[self.len..self.len + fits].copy_from_slice(&text.as_bytes()[..fits]);
        self.len += fits;
        if fits == text.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + number as u8 / 10, b'0' + number as u8 % 10];
        number += 1;
    }
    pairs
};
