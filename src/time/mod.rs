//! Wall-clock time: the timestamp type of this crate, and its text formats.
//!
//! The crate reads no clock: the caller passes each [`Timestamp`]. Deadlines, expiries and dates
//! all use this type. There is no monotonic time.

mod civil;
mod format;
mod rfc3339;
mod timestamp;

pub use format::DisplayWithMillis;
pub use rfc3339::TimestampError;
pub use timestamp::Timestamp;
