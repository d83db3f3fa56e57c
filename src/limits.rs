//! Every bound of the crate, each with its precedent.
//!
//! The code uses the constants. [`LIMITS`] is the same numbers as a table for documentation, and
//! for a test that tries each limit at one below, exactly, and one above.

/// A bound: its name, its value and where the value comes from.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Limit {
    /// The stable name.
    pub name: &'static str,
    /// The largest accepted value.
    pub value: u64,
    /// The unit of the value.
    pub unit: &'static str,
    /// What happens above the limit.
    pub past: &'static str,
    /// Who chose a similar number.
    pub precedent: &'static str,
}

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $value:expr, $id:literal, $unit:literal, past $past:literal, as $precedent:literal;)*) => {
        $($(#[$doc])* pub const $name: $type = $value;)*

        /// All limits, in the order in which a request reaches them.
        pub const LIMITS: &[Limit] = &[
            $(Limit { name: $id, value: $name as u64, unit: $unit, past: $past, precedent: $precedent },)*
        ];
    };
}

limits! {
    /// Bytes of a request head: the request line, the headers and the empty line after them.
    HEAD_BYTES: usize = 16 * 1024, "head-bytes", "bytes", past "431, or 414 in the request line",
        as "h11 limits an incomplete event to 16 KiB, lighttpd the headers to 8 KiB; chosen";
    /// Headers of a request.
    HEADERS: usize = 100, "fields", "headers", past "431",
        as "hyper, Apache and proxies in Go accept 100; chosen";
    /// Bytes of a request target.
    TARGET_BYTES: usize = 8 * 1024, "target-bytes", "bytes", past "414",
        as "RFC 9112 section 3 recommends at least 8,000 octets; nginx and Apache accept about 8 KiB; chosen";
    /// Bytes of a request body: `Content-Length`, or the data of all chunks. The body is read and
    /// discarded.
    BODY_BYTES: u64 = 64 * 1024, "body-bytes", "bytes", past "413",
        as "no metadata request needs a body; Firecracker's HTTP API accepts 51,200 bytes; chosen";
    /// Digits of a chunk size, with zeros at its start.
    CHUNK_SIZE_DIGITS: usize = 16, "chunk-size-digits", "digits", past "400",
        as "Go's net/http and hyper accept 16, as many as a 64-bit number has; chosen";
    /// Bytes of the extensions of all chunks and of the trailers, without line ends.
    CHUNK_EXTRA_BYTES: usize = 4 * 1024, "chunk-extra-bytes", "bytes", past "413",
        as "Go's net/http accepts 4 KiB in the line of a chunk size, hyper 16 KiB of extensions; chosen";
    /// Received bytes that a connection buffers: one whole head and as much again of pipelined
    /// requests.
    INBOX_BYTES: usize = 2 * HEAD_BYTES, "inbox-bytes", "bytes", past "not taken: the caller stops reading",
        as "two heads, so that a whole head always fits after another; chosen";
    /// Unsent bytes of responses. Above it the connection does not return the next pipelined
    /// request.
    OUTBOX_BYTES: usize = 64 * 1024, "outbox-bytes", "bytes", past "the next request waits",
        as "a common size of a socket buffer; chosen";
    /// Time from the first byte of a head to its last.
    HEAD_MILLIS: u64 = 10_000, "head-millis", "ms", past "the connection closes without a response",
        as "Apache's RequestReadTimeout allows 20 s for a head, Caddy and lighttpd 10 s to 60 s; chosen";
    /// Time from the end of a head to the end of its body.
    BODY_MILLIS: u64 = 10_000, "body-millis", "ms", past "the connection closes without a response",
        as "the same as for a head; chosen";
    /// Time without a byte of a request.
    IDLE_MILLIS: u64 = 60_000, "idle-millis", "ms", past "the connection closes",
        as "nginx's keepalive_timeout is 75 s, lighttpd's server.max-read-idle 60 s; chosen";
    /// Time in which the peer receives nothing of a response.
    SEND_MILLIS: u64 = 30_000, "send-millis", "ms", past "the connection closes and the rest of the response is lost",
        as "nginx's send_timeout is 60 s; chosen";
    /// Bytes per second that the peer receives at least. A slower peer uses up `SEND_MILLIS` bit by
    /// bit: each byte adds the time that it takes at this rate.
    SEND_RATE: u64 = 1_000, "send-rate", "bytes/s", past "below it, the time of send-millis is used up",
        as "Kestrel's MinResponseDataRate and IIS's minBytesPerSecond are 240 bytes/s; chosen";
    /// Time in which unread input is discarded after a rejected request, so that the client can
    /// read the response.
    DRAIN_MILLIS: u64 = 1_000, "drain-millis", "ms", past "the connection closes",
        as "nginx's lingering_timeout is 5 s; RFC 9112 section 9.6 asks for a wait; chosen";
    /// Bytes of unread input that are discarded after a rejected request.
    DRAIN_BYTES: usize = 256 * 1024, "drain-bytes", "bytes", past "the connection closes",
        as "Go's net/http discards up to 256 KiB after a handler; chosen";
    /// TTL of a session token.
    TTL_SECONDS: u32 = 21_600, "ttl-seconds", "s", past "400",
        as "documented by AWS: at most 6 hours";
    /// Hop limit of the response to a PUT.
    HOP_LIMIT: u8 = 64, "hop-limit", "hops", past "rejected where it is set",
        as "documented by AWS: 1 to 64";
}

/// Shortest lifetime of role credentials in seconds. Source: a maintainer in botocore#2670.
pub const CREDENTIAL_LIFETIME_SECONDS: u64 = 6 * 3600;
/// Seconds between two rotations of role credentials. Earlier ones stay valid. Source: the same.
pub const CREDENTIAL_ROTATION_SECONDS: u64 = 3600;

/// Interfaces of an instance. Chosen: EC2's types have up to 80 (trn1n.32xlarge, in the list of
/// amazon-vpc-cni-k8s of August 2026, which is made from DescribeInstanceTypes).
pub const INTERFACES: usize = 256;
/// CIDR blocks of a VPC, and of a subnet. Source: AWS, VPC quotas (5, adjustable up to 50).
pub const CIDR_BLOCKS: usize = 50;
/// Further paths of a record. Chosen: AWS has about 90 categories.
pub const EXTRA_PATHS: usize = 256;
/// Bytes of a further path. Chosen: the length of other texts of a record.
pub const EXTRA_PATH_BYTES: usize = 1024;
/// Bytes of the value of a further path. Chosen: four times the user data.
pub const EXTRA_VALUE_BYTES: usize = 64 * 1024;
/// Bytes of user data before base64 encoding. Source: AWS, EC2 user guide: work with instance user
/// data (16 KB, in raw form, before it is base64-encoded).
pub const USER_DATA_BYTES: usize = 16 * 1024;
/// Instances that one `RunInstances` call launches. Chosen: EC2 has quotas of virtual CPUs.
pub const LAUNCH_INSTANCES: u32 = 10_000;
/// The smallest page size of the EC2 API. Source: AWS.
pub const MIN_PAGE_SIZE: i64 = 5;
/// The largest page size of the EC2 API. Source: AWS.
pub const MAX_PAGE_SIZE: i64 = 1000;
/// Characters of a tag key. Source: AWS, EC2 user guide: tag restrictions. The API reference says
/// 127.
pub const TAG_KEY_CHARACTERS: usize = 128;
/// Characters of a tag value. Source: the same.
pub const TAG_VALUE_CHARACTERS: usize = 256;
/// Characters of a client token. Source: AWS, API reference: RunInstances.
pub const CLIENT_TOKEN_CHARACTERS: usize = 64;
/// Characters of a filter value. Source: EC2's own message (ansible-collections/amazon.aws#2393).
pub const FILTER_VALUE_CHARACTERS: usize = 255;
/// Values of all filters of a call. Source: EC2's own message (gossm#35). The EC2 user guide says 200
/// for each filter.
pub const FILTER_VALUES: usize = 200;
/// Filters of a call. Source: AWS, EC2 user guide: list and filter using the command line.
pub const FILTERS: usize = 50;
/// Comparisons of a call's filters: one for each value of a resource and filter value without
/// wildcards, and up to four for each character of a value and filter value with wildcards. Chosen:
/// 200 filter values with wildcards match the types of 10,000 instances in about 20 million.
pub const FILTER_STEPS: u64 = 100_000_000;
/// Events of an instance that are not over, or that its history shows. Chosen: EC2 schedules few.
pub const EVENTS: usize = 100;
/// Events of all instances of a fleet. Chosen: a list of them has about 3 MB.
pub const FLEET_EVENTS: usize = 10_000;
/// Tags of a resource, without those of AWS. Source: AWS, EC2 user guide: tag restrictions.
pub const TAGS: usize = 50;
/// Block devices of a launch. Source: AWS, EC2 user guide: EBS volume limits (up to 128 on the
/// largest size of the types with a dedicated limit).
pub const BLOCK_DEVICES: usize = 128;
/// Addresses, or prefixes, of an interface. Source: the same list as for the interfaces (64 on the
/// largest sizes of the latest types, 50 on earlier ones).
pub const INTERFACE_ADDRESSES: usize = 64;
/// Security groups of an interface. Source: AWS, VPC quotas (5, adjustable up to 16).
pub const SECURITY_GROUPS: usize = 16;
/// License configurations of a launch. Chosen.
pub const LICENSES: usize = 50;
/// Instances, or other resources, that a call changes. Source: AWS, API reference: TerminateInstances,
/// CreateTags and DeleteTags. Chosen for the other actions.
pub const CHANGED_RESOURCES: usize = 1000;
/// Tags that a call deletes. Source: AWS, API reference: DeleteTags.
pub const DELETED_TAGS: usize = 1000;
/// Instances whose credit specification a call describes. Source: AWS, API reference:
/// DescribeInstanceCreditSpecifications.
pub const DESCRIBED_CREDITS: usize = 1000;
/// Characters of a parameter. Chosen: an ARN of AWS has at most 2048.
pub const PARAMETER_CHARACTERS: usize = 2048;
