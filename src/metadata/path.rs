/// The segments of a path: runs of slashes count as one, at its ends as none.
pub(super) fn segments(path: &str) -> impl Iterator<Item = Segment<'_>> {
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

/// One segment as it was sent, percent-encoded perhaps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment<'a> {
    text: &'a [u8],
}

impl Segment<'_> {
    /// Whether the segment is this name as it stands. Without a percent sign in the name, it is then so decoded too.
    pub fn is_plainly(self, name: &str) -> bool {
        self.text == name.as_bytes()
    }

    /// Whether there may be an escape in the segment.
    pub fn is_encoded(self) -> bool {
        memchr::memchr(b'%', self.text).is_some()
    }

    /// Whether the segment, decoded once, is this name. A bad escape, a NUL and an encoded slash are part of no name.
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

/// The first byte of a percent-encoded text and what follows it; none at the end or at a bad escape.
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
