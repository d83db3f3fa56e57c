//! Every number that bounds anything, each with its precedent.
//!
//! The constants are what the code uses; [`LIMITS`] is the same numbers as a table, for documentation and for the test
//! that holds each of them at one below, exactly and one above.

/// One bound: its name, its value and where the value comes from.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Stable name.
    pub name: &'static str,
    /// The largest value that is accepted.
    pub value: u64,
    /// What is counted.
    pub unit: &'static str,
    /// What happens one past it.
    pub past: &'static str,
    /// Who else chose such a number.
    pub precedent: &'static str,
}

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $value:expr, $id:literal, $unit:literal, past $past:literal, as $precedent:literal;)*) => {
        $($(#[$doc])* pub const $name: $type = $value;)*

        /// All limits, in the order in which a request meets them.
        pub const LIMITS: &[Limit] = &[
            $(Limit { name: $id, value: $name as u64, unit: $unit, past: $past, precedent: $precedent },)*
        ];
    };
}

limits! {
    /// Bytes of one request head: request line, fields and the empty line that ends them.
    HEAD_BYTES: usize = 16 * 1024, "head-bytes", "bytes", past "431, or 414 while still in the request line",
        as "h11 ends at 16 KiB of an incomplete event; lighttpd at 8 KiB a field section; chosen";
    /// Header fields of one request.
    FIELDS: usize = 100, "fields", "fields", past "431",
        as "hyper, Apache and Go-side proxies stop at 100; chosen";
    /// Bytes of the request target.
    TARGET_BYTES: usize = 8 * 1024, "target-bytes", "bytes", past "414",
        as "RFC 9112 section 3 asks for at least 8,000 octets; nginx and Apache take about 8 KiB; chosen";
    /// Bytes of a request body that `Content-Length` announces. A body is read and dropped.
    BODY_BYTES: u64 = 64 * 1024, "body-bytes", "bytes", past "413",
        as "no metadata request needs one; Firecracker's HTTP API takes 51,200; chosen";
    /// Bytes that wait in a connection before `receive` takes no more: one whole head and as much again, pipelined.
    INBOX_BYTES: usize = 2 * HEAD_BYTES, "inbox-bytes", "bytes", past "left with the caller, who stops reading",
        as "twice the head, so that one whole head always fits behind another; chosen";
    /// Bytes of answers that wait to be sent before the next pipelined request is looked at.
    OUTBOX_BYTES: usize = 64 * 1024, "outbox-bytes", "bytes", past "the next request waits",
        as "a common socket buffer; chosen";
    /// Time from a request head's first byte to its last.
    HEAD_MILLIS: u64 = 10_000, "head-millis", "ms", past "the connection is closed without an answer",
        as "Apache's RequestReadTimeout gives a head 20 s, Caddy and lighttpd 10 s to 60 s; chosen";
    /// Time from the end of a head to the end of the body that it announced.
    BODY_MILLIS: u64 = 10_000, "body-millis", "ms", past "the connection is closed without an answer",
        as "as the head; chosen";
    /// Time a connection may stay without a byte of a request.
    IDLE_MILLIS: u64 = 60_000, "idle-millis", "ms", past "the connection is closed",
        as "nginx's keepalive_timeout is 75 s, lighttpd's server.max-read-idle 60 s; chosen";
    /// Time in which the peer takes at least one byte of an answer.
    SEND_MILLIS: u64 = 30_000, "send-millis", "ms", past "the connection is closed, the rest of the answer lost",
        as "nginx's send_timeout is 60 s; chosen";
    /// Time in which unread input is dropped after a refusal, so that the asker can read the answer.
    DRAIN_MILLIS: u64 = 1_000, "drain-millis", "ms", past "the connection is closed",
        as "nginx's lingering_timeout is 5 s, RFC 9112 section 9.6 asks for a wait; chosen";
    /// Bytes of unread input that are dropped after a refusal.
    DRAIN_BYTES: usize = 256 * 1024, "drain-bytes", "bytes", past "the connection is closed",
        as "Go's net/http drops up to 256 KiB after a handler; chosen";
    /// Longest life of a session token.
    TTL_SECONDS: u32 = 21_600, "ttl-seconds", "s", past "400",
        as "documented by AWS: 1 second to 6 hours";
    /// Largest hop limit of a PUT answer.
    HOP_LIMIT: u8 = 64, "hop-limit", "hops", past "refused where it is set",
        as "documented by AWS: 1 to 64";
}

/// How long role credentials are good. Source: a maintainer's word in botocore#2670.
pub const CREDENTIAL_LIFE_SECONDS: u64 = 6 * 3600;
/// How often new ones come, the old ones still good. Source: the same.
pub const CREDENTIAL_RENEWAL_SECONDS: u64 = 3600;

/// Bytes of an instance's user data. Source: AWS, before it is encoded as base64.
pub const USER_DATA_BYTES: usize = 16 * 1024;
/// Instances that one call of EC2's API launches. Chosen: EC2 has quotas of virtual processors.
pub const LAUNCH_INSTANCES: u32 = 10_000;
/// The fewest results that a page of EC2's API can be asked for. Source: AWS.
pub const PAGE_SIZE_LEAST: i64 = 5;
/// The most. Source: the same.
pub const PAGE_SIZE_MOST: i64 = 1000;
/// Characters of a tag's key. Source: AWS.
pub const TAG_KEY_CHARACTERS: usize = 128;
/// Characters of a tag's value. Source: the same.
pub const TAG_VALUE_CHARACTERS: usize = 256;
/// Characters of a client token. Source: AWS.
pub const CLIENT_TOKEN_CHARACTERS: usize = 64;
/// Characters of a filter's value. Source: EC2's own message (ansible-collections/amazon.aws#2393).
pub const FILTER_VALUE_CHARACTERS: usize = 255;
/// Values of all filters of a call. Source: AWS.
pub const FILTER_VALUES: usize = 200;
