//! The heads of earlier responses.

use super::head::{ContentType, NumberPlace, NumberPlaces, Persistence};
use super::profile::{HeaderLayout, Profile};
use super::status::Status;
use crate::time::Timestamp;

/// The last head of each layout. A later response copies it if only its numbers differ.
#[derive(Clone, Default)]
pub(crate) struct KeptHeads {
    document: Option<KeptHead>,
    bare: Option<KeptHead>,
}

/// A head, and the values that it depends on.
#[derive(Clone)]
pub(super) struct KeptHead {
    values: HeadValues,
    places: NumberPlaces,
    bytes: [u8; KeptHead::BYTES],
    length: usize,
}

/// The values that a head depends on, without its numbers.
#[derive(Clone)]
pub(super) struct HeadValues {
    pub profile: &'static Profile,
    pub status: Status,
    pub content_type: ContentType,
    pub minor_version: u8,
    pub persistence: Persistence,
    /// `Date` has no milliseconds.
    pub date_seconds: u64,
    pub last_modified: Option<Timestamp>,
}

impl KeptHeads {
    pub const NONE: KeptHeads = KeptHeads { document: None, bare: None };

    pub(super) fn of(&mut self, layout: HeaderLayout) -> &mut Option<KeptHead> {
        match layout {
            HeaderLayout::Document => &mut self.document,
            HeaderLayout::Bare => &mut self.bare,
        }
    }
}

impl KeptHead {
    /// More than the longest head without `Allow`.
    const BYTES: usize = 320;

    /// Keeps a head, if it is not longer than any that is sent.
    pub fn new(values: HeadValues, head: &[u8], places: NumberPlaces) -> Option<KeptHead> {
        let mut bytes = [0; KeptHead::BYTES];
        bytes.get_mut(..head.len())?.copy_from_slice(head);
        Some(KeptHead { values, places, bytes, length: head.len() })
    }

    /// The head with these values and TTL, and its `Content-Length`, which is an earlier one. `None`
    /// if the head has to be written.
    #[inline(always)]
    pub fn head_of(&mut self, values: &HeadValues, token_ttl: Option<u32>) -> Option<(&[u8], NumberPlace)> {
        (self.values.are(values) && self.set_token_ttl(token_ttl))
            .then(|| (&self.bytes[..self.length], self.places.content_length))
    }

    /// Replaces the TTL of the token if the new one has as many digits.
    #[inline(always)]
    fn set_token_ttl(&mut self, token_ttl: Option<u32>) -> bool {
        let NumberPlace { number, at, digits } = self.places.token_ttl;
        let Some(seconds) = token_ttl else { return digits == 0 };
        if digits == 0 || u64::from(seconds) == number {
            return digits > 0;
        }
        let mut text = itoa::Buffer::new();
        let text = text.format(seconds).as_bytes();
        if text.len() != digits {
            return false;
        }
        self.bytes[at..at + digits].copy_from_slice(text);
        self.places.token_ttl.number = seconds.into();
        true
    }
}

impl HeadValues {
    #[inline(always)]
    fn are(&self, other: &HeadValues) -> bool {
        // Not `==`, which compares the names of profiles. A profile at another address may be equal;
        // its head is then written again.
        core::ptr::eq(self.profile, other.profile)
            && self.status == other.status
            && self.content_type == other.content_type
            && self.minor_version == other.minor_version
            && self.persistence == other.persistence
            && self.date_seconds == other.date_seconds
            && self.last_modified == other.last_modified
    }
}
