/// The segments of a path. Consecutive slashes count as one, and slashes at the ends are ignored.
pub(super) fn segments(path: &str) -> impl Iterator<Item = Segment<'_>> + Clone {
    let mut rest = path.as_bytes();
    core::iter::from_fn(move || {
        while let [b'/', after @ ..] = rest {
            rest = after;
        }
        let end = memchr::memchr(b'/', rest).unwrap_or(rest.len());
        let (text, after) = rest.split_at(end);
        rest = after;
        (end > 0).then_some(Segment { text })
    })
}

/// One segment of a path as it was sent. It can be percent-encoded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment<'a> {
    text: &'a [u8],
}

impl Segment<'_> {
    /// Whether the segment without decoding is this name. If the name has no percent sign, the
    /// decoded segment is it too.
    pub fn is_plainly(self, name: &str) -> bool {
        self.text == name.as_bytes()
    }

    /// Whether the segment has a percent sign.
    pub fn is_encoded(self) -> bool {
        memchr::memchr(b'%', self.text).is_some()
    }

    /// Whether the segment, decoded once, is this name. No name has an invalid escape, a NUL or an
    /// encoded slash.
    pub fn is(self, name: &str) -> bool {
        let mut rest = self.text;
        let mut name = name.bytes();
        while let Some((byte, after)) = decode(rest) {
            if byte == 0 || byte == b'/' || name.next() != Some(byte) {
                return false;
            }
            rest = after;
        }
        rest.is_empty() && name.next().is_none()
    }
}

/// The first byte of a percent-encoded text, and the rest of it. `None` at the end or at an invalid
/// escape.
fn decode(text: &[u8]) -> Option<(u8, &[u8])> {
    match text {
        [b'%', high, low, rest @ ..] => {
            let [high, low] = [high, low].map(|digit| char::from(*digit).to_digit(16));
            Some(((high? * 16 + low?) as u8, rest))
        }
        [b'%', ..] | [] => None,
        [byte, rest @ ..] => Some((*byte, rest)),
    }
}
