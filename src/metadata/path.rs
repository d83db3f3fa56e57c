use crate::limits;

/// Returns `true` if the path names `/latest/api/token` after dot segments, slashes and
/// percent-encoding are resolved.
#[inline(always)]
pub(crate) fn is_token_path(path: &str) -> bool {
    // Few other paths end like this one: its last segment ends with `n`, perhaps encoded, and only
    // slashes and dot segments, perhaps encoded, follow it.
    let mut end = path.as_bytes();
    while let [rest @ .., b'/'] = end {
        end = rest;
    }
    matches!(end, [.., b'n' | b'.'] | [.., b'%', _, _]) && resolves_to_token_path(path.as_bytes())
}

#[inline(never)]
fn resolves_to_token_path(path: &[u8]) -> bool {
    let is_token = |path: &[u8]| {
        let mut names = ["latest", "api", "token"].into_iter();
        segments(path).all(|segment| names.next().is_some_and(|name| segment.is(name))) && names.next().is_none()
    };
    path.starts_with(b"/") && (is_token(path) || without_dots(path, |path| is_token(path).then_some(())).is_some())
}

/// Calls `read` with the path without its dot segments. `..` removes the segment before it, and at
/// the root does nothing. Returns `None` if the path has no dot segment.
///
/// It takes linear time and allocates nothing: the stack has room for the longest target.
#[cold]
#[inline(never)]
pub(super) fn without_dots<T>(path: &[u8], read: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
    if path.len() > limits::TARGET_BYTES || !segments(path).any(|segment| segment.dots() > 0) {
        return None;
    }
    // The kept segments, with a slash after each. In the path a slash comes between any two.
    let mut kept = [0; limits::TARGET_BYTES + 1];
    let mut length = 0;
    for segment in segments(path) {
        match segment.dots() {
            0 => {
                let end = length + segment.text.len();
                kept[length..end].copy_from_slice(segment.text);
                kept[end] = b'/';
                length = end + 1;
            }
            1 => {}
            _ => {
                let before_last = kept[..length.saturating_sub(1)].iter().rposition(|&byte| byte == b'/');
                length = before_last.map_or(0, |slash| slash + 1);
            }
        }
    }
    read(&kept[..length])
}

/// The segments of a path. Consecutive slashes count as one, and slashes at the ends are ignored.
pub(super) fn segments(path: &[u8]) -> impl Iterator<Item = Segment<'_>> + Clone {
    let mut rest = path;
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

    /// 1 for the dot segment `.`, 2 for `..`, and 0 for any other segment. A dot may be
    /// percent-encoded.
    pub fn dots(self) -> usize {
        match self.text {
            [b'.' | b'%', ..] if self.is(".") => 1,
            [b'.' | b'%', ..] if self.is("..") => 2,
            _ => 0,
        }
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
