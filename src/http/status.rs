macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $reason:literal;)*) => {
        /// A status the service answers with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum Status {
            $($(#[$doc])* $name = $code,)*
        }

        /// All statuses, by number.
        pub const STATUSES: &[Status] = &[$(Status::$name,)*];

        impl Status {
            /// The number as text.
            pub const fn code_text(self) -> &'static str {
                match self {
                    $(Status::$name => stringify!($code),)*
                }
            }

            /// The reason phrase, which a profile may spell otherwise (see `Profile::reason`).
            pub const fn reason(self) -> &'static str {
                match self {
                    $(Status::$name => $reason,)*
                }
            }
        }
    };
}

statuses! {
    /// The metadata, the token, or the methods of the token path. Documented by AWS, seen.
    Ok = 200, "OK";
    /// "Missing or Invalid Parameters – The PUT request is not valid." Documented by AWS.
    BadRequest = 400, "Bad Request";
    /// "The GET request uses an invalid token." Documented by AWS, seen.
    Unauthorized = 401, "Unauthorized";
    /// "The request is not allowed or the IMDS is turned off." Documented by AWS, seen.
    Forbidden = 403, "Forbidden";
    /// Nothing of that name. Documented by AWS, seen.
    NotFound = 404, "Not Found";
    /// A method that the path does not take. Seen.
    MethodNotAllowed = 405, "Method Not Allowed";
    /// A body without an announced length. Chosen: RFC 9110 section 15.5.12.
    LengthRequired = 411, "Length Required";
    /// A body past the limit. Chosen: RFC 9110 section 15.5.14, in the spelling of its time.
    PayloadTooLarge = 413, "Payload Too Large";
    /// A target past the limit. Chosen: RFC 9110 section 15.5.15.
    UriTooLong = 414, "URI Too Long";
    /// `Expect: 100-continue`. Seen once (s3fs-fuse#1765).
    ExpectationFailed = 417, "Expectation Failed";
    /// A head past a limit. Chosen: RFC 6585 section 5.
    FieldsTooLarge = 431, "Request Header Fields Too Large";
    /// "The request could not be completed. Retry the request." Documented by AWS, seen (cloud-init#5577).
    ServiceUnavailable = 503, "Service Unavailable";
    /// Neither HTTP/1.0 nor HTTP/1.1. Chosen: RFC 9110 section 15.6.6.
    VersionNotSupported = 505, "HTTP Version Not Supported";
}

impl Status {
    /// The number on the status line.
    pub const fn code(self) -> u16 {
        self as u16
    }
}
