//! The structs that the ABI returns. `include/imds.h` declares them, and docs/abi.md documents
//! their fields.

use core::ptr;

/// `imds_text`: UTF-8, without a null byte at the end.
#[repr(C)]
pub struct Text {
    pub bytes: *const u8,
    pub length: usize,
}

/// `imds_exchange`: an answered request.
#[repr(C)]
pub struct Exchange {
    /// Bit i: rule i passed.
    pub passed: u64,
    pub response: *const u8,
    pub response_length: usize,
    /// Why there is no response, a number that `imds.h` declares; 0 if there is one.
    pub no_response: u32,
    /// 0 if no request was answered.
    pub status: u32,
    /// The index of the rule that decided.
    pub rule: u32,
    /// 0 for the system's default.
    pub hop_limit: u32,
    /// The version of IMDS, 1 or 2.
    pub protocol: u32,
    /// 0 if the connection stays open.
    pub close_reason: u32,
}

/// Why the client receives no response.
#[derive(Clone, Copy)]
pub enum NoResponse {
    /// The client uses IPv6, which the options disable.
    NoInstance = 1,
    /// The response's hop limit is lower than the number of hops to the client.
    HopLimit = 2,
    /// The request is incomplete.
    Incomplete = 3,
}

/// `imds_transmit`: bytes to send.
#[repr(C)]
pub struct Transmit {
    pub bytes: *const u8,
    pub length: usize,
    /// 0 for the system's default.
    pub hop_limit: u32,
}

/// `imds_timeout`: when to call `imds_handle_timeout`.
#[repr(C)]
pub struct Timeout {
    pub at: f64,
    pub timer: u32,
}

/// `imds_options`: metadata options, as last requested or in force.
#[derive(Default)]
#[repr(C)]
pub struct Options {
    /// 1 while a requested change is not in force.
    pub pending: u32,
    /// 1 if requests need a token.
    pub http_tokens_required: u32,
    pub http_put_response_hop_limit: u32,
    pub http_endpoint: u32,
    pub http_protocol_ipv6: u32,
    pub instance_metadata_tags: u32,
}

/// `imds_change`: a single change that would turn a decision.
#[cfg(feature = "explain")]
#[repr(C)]
pub struct Change {
    /// A stable id.
    pub id: Text,
    /// The change in English.
    pub text: Text,
    /// The index of the rule that would decide.
    pub rule: u32,
    pub status: u32,
    /// 1 if the response would reach the client.
    pub reaches: u32,
}

impl Text {
    pub const EMPTY: Text = Text { bytes: ptr::null(), length: 0 };

    pub fn of(text: &str) -> Text {
        Text { bytes: text.as_ptr(), length: text.len() }
    }
}

#[cfg(feature = "explain")]
impl Change {
    pub const EMPTY: Change = Change { id: Text::EMPTY, text: Text::EMPTY, rule: 0, status: 0, reaches: 0 };
}

impl Exchange {
    /// The exchange of a request that is not answered.
    pub const fn unanswered(reason: NoResponse, close_reason: u32) -> Exchange {
        Exchange {
            passed: 0,
            response: ptr::null(),
            response_length: 0,
            no_response: reason as u32,
            status: 0,
            rule: 0,
            hop_limit: 0,
            protocol: 0,
            close_reason,
        }
    }
}
