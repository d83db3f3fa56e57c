use core::mem;

/// Writes a response head into a buffer that is at least as long.
pub(super) struct Head<'a> {
    buffer: &'a mut [u8],
}

impl<'a> Head<'a> {
    pub fn new(buffer: &'a mut [u8]) -> Head<'a> {
        Head { buffer }
    }

    #[inline(always)]
    pub fn push(&mut self, bytes: &[u8]) {
        let (to, rest) = mem::take(&mut self.buffer).split_at_mut(bytes.len());
        to.copy_from_slice(bytes);
        self.buffer = rest;
    }

    /// Appends a header line.
    #[inline(always)]
    pub fn push_header(&mut self, name: &str, value: &[u8]) {
        self.push(name.as_bytes());
        self.push(b": ");
        self.push(value);
        self.push(b"\r\n");
    }

    /// How many bytes of the buffer are unused.
    pub fn unused(self) -> usize {
        self.buffer.len()
    }
}
