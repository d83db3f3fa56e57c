use core::mem;

/// A head that is written into room that was made for it.
pub(super) struct Head<'a> {
    room: &'a mut [u8],
}

impl<'a> Head<'a> {
    pub fn new(room: &'a mut [u8]) -> Head<'a> {
        Head { room }
    }

    #[inline(always)]
    pub fn push(&mut self, bytes: &[u8]) {
        let (place, rest) = mem::take(&mut self.room).split_at_mut(bytes.len());
        place.copy_from_slice(bytes);
        self.room = rest;
    }

    /// A field line.
    #[inline(always)]
    pub fn push_field(&mut self, label: &[u8], value: &[u8]) {
        self.push(label);
        self.push(value);
        self.push(b"\r\n");
    }

    /// How much room is left.
    pub fn left(self) -> usize {
        self.room.len()
    }
}
