macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $reason:literal;)*) => {
        /// A status that the service sends.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(u16)]
        pub enum Status {
            $($(#[$doc])* $name = $code,)*
        }

        /// All statuses, in ascending order.
        pub const STATUSES: &[Status] = &[$(Status::$name,)*];

        impl Status {
            /// The status code as text.
            pub const fn code_text(self) -> &'static str {
                match self {
                    $(Status::$name => stringify!($code),)*
                }
            }

            /// The reason phrase. A profile may have another (see `Profile::reason`).
            pub const fn reason(self) -> &'static str {
                match self {
                    $(Status::$name => $reason,)*
                }
            }
        }
    };
}

statuses! {
    /// The metadata, the token, or the methods of a path. Documented by AWS, seen.
    Ok = 200, "OK";
    /// "Missing or Invalid Parameters – The PUT request is not valid." Documented by AWS.
    BadRequest = 400, "Bad Request";
    /// "The GET request uses an invalid token." Documented by AWS, seen.
    Unauthorized = 401, "Unauthorized";
    /// "The request is not allowed or the IMDS is turned off." Documented by AWS, seen.
    Forbidden = 403, "Forbidden";
    /// The path does not exist. Documented by AWS, seen.
    NotFound = 404, "Not Found";
    /// The path does not allow the method. Seen.
    MethodNotAllowed = 405, "Method Not Allowed";
    /// The body is larger than the limit. Chosen: RFC 9110 section 15.5.14, with the phrase of RFC
    /// 7231.
    PayloadTooLarge = 413, "Payload Too Large";
    /// The target is longer than the limit. Chosen: RFC 9110 section 15.5.15.
    UriTooLong = 414, "URI Too Long";
    /// `Expect: 100-continue`. Seen twice (s3fs-fuse#1605, s3fs-fuse#1765).
    ExpectationFailed = 417, "Expectation Failed";
    /// The head exceeds a limit. Chosen: RFC 6585 section 5.
    RequestHeaderFieldsTooLarge = 431, "Request Header Fields Too Large";
    /// "The request could not be completed. Retry the request." Documented by AWS, seen
    /// (cloud-init#5577).
    ServiceUnavailable = 503, "Service Unavailable";
    /// The version is neither HTTP/1.0 nor HTTP/1.1. Chosen: RFC 9110 section 15.6.6.
    VersionNotSupported = 505, "HTTP Version Not Supported";
}

impl Status {
    /// The status code, for example 200.
    pub const fn code(self) -> u16 {
        self as u16
    }
}
