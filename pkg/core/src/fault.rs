//! Errors of a call: a code, and a text for `imds_last_error`.

use alloc::borrow::Cow;
use alloc::string::ToString;

use imds::record::RecordError;

/// The handle of the instance or of the connection is null, freed or was never returned.
pub const IMDS_ERROR_HANDLE: i32 = -1;
/// An argument is outside of its range.
pub const IMDS_ERROR_ARGUMENT: i32 = -2;
/// The record or the change of the options is invalid.
pub const IMDS_ERROR_RECORD: i32 = -3;
/// No instance is launched.
pub const IMDS_ERROR_NO_INSTANCE: i32 = -4;
/// The bytes end before a request does.
pub const IMDS_ERROR_INCOMPLETE: i32 = -5;
/// The memory is exhausted.
pub const IMDS_ERROR_MEMORY: i32 = -6;

/// A failed call. The reason contains no secret.
pub struct Fault {
    pub code: i32,
    pub reason: Cow<'static, str>,
}

impl Fault {
    pub const CONNECTION: Fault = Fault::new(IMDS_ERROR_HANDLE, "connection: it is freed, or was never opened");
    pub const NO_INSTANCE: Fault = Fault::new(IMDS_ERROR_NO_INSTANCE, "no instance: call imds_launch first");
    pub const MEMORY: Fault = Fault::new(IMDS_ERROR_MEMORY, "the memory is exhausted");

    pub const fn new(code: i32, reason: &'static str) -> Fault {
        Fault { code, reason: Cow::Borrowed(reason) }
    }

    pub const fn argument(reason: &'static str) -> Fault {
        Fault::new(IMDS_ERROR_ARGUMENT, reason)
    }
}

impl From<RecordError> for Fault {
    fn from(error: RecordError) -> Fault {
        Fault { code: IMDS_ERROR_RECORD, reason: Cow::Owned(error.to_string()) }
    }
}

/// A type that an exported function returns.
pub trait Return {
    /// The value that stands for a failed call.
    fn failure(code: i32) -> Self;
}

impl Return for i32 {
    fn failure(code: i32) -> i32 {
        code
    }
}

impl Return for isize {
    fn failure(code: i32) -> isize {
        code as isize
    }
}

/// The handle of a connection.
impl Return for u32 {
    fn failure(_: i32) -> u32 {
        0
    }
}

impl<T> Return for *const T {
    fn failure(_: i32) -> *const T {
        core::ptr::null()
    }
}

impl<T> Return for *mut T {
    fn failure(_: i32) -> *mut T {
        core::ptr::null_mut()
    }
}
