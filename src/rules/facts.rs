use crate::http::{Body, HeaderValue, Method, Request, RequestFault};
use crate::token::{Session, TokenFault, Ttl, TtlFault};

/// Everything that the rules look at.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// What is wrong with the head.
    pub fault: Option<RequestFault>,
    /// `HttpEndpoint` is enabled.
    pub endpoint_enabled: bool,
    /// The caller's rate limiter rejects the request.
    pub throttled: bool,
    /// `X-Forwarded-For` is present.
    pub forwarded: bool,
    /// `Expect` is present.
    pub expects: bool,
    /// The method, after [`Facts::effective_method`].
    pub method: Method,
    /// What the path names.
    pub endpoint: Endpoint,
    /// The profile lists the methods of a metadata path in response to OPTIONS.
    pub options_lists_methods: bool,
    /// The profile rejects other methods on a metadata path with 403, and not with 405.
    pub forbids_methods: bool,
    /// The body.
    pub body: Body,
    /// The TTL header, parsed.
    pub ttl: TtlField,
    /// The token header, verified.
    pub token: TokenField,
    /// `HttpTokens` is `required`.
    pub tokens_required: bool,
    /// Whether the path exists. Evaluated lazily and last: path lookup is the costliest check.
    pub found: &'a dyn Fn() -> bool,
}

/// The two kinds of path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// [`Endpoint::TOKEN_PATH`].
    Token,
    /// Any other path.
    Tree,
}

/// The TTL header of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TtlField {
    /// The header is absent.
    Absent,
    /// The header is present more than once.
    Repeated,
    /// The value is not a TTL.
    Invalid(TtlFault),
    /// The value is a TTL.
    Valid(Ttl),
}

/// The token header of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenField {
    /// The header is absent.
    Absent,
    /// The token is rejected.
    Invalid(TokenFault),
    /// The token opens a session.
    Valid(Session),
}

impl Endpoint {
    /// The path of `PUT` requests for a token.
    pub const TOKEN_PATH: &'static str = "/latest/api/token";
}

impl TtlField {
    /// Parses the header of a request for a token with a TTL of at least `shortest` seconds.
    pub fn of(header: HeaderValue<'_>, shortest: u32) -> TtlField {
        match header {
            HeaderValue::Absent => TtlField::Absent,
            HeaderValue::Repeated(_) => TtlField::Repeated,
            HeaderValue::One(value) => match Ttl::parse(value) {
                Ok(ttl) if ttl.seconds() < shortest => TtlField::Invalid(TtlFault::Range),
                Ok(ttl) => TtlField::Valid(ttl),
                Err(fault) => TtlField::Invalid(fault),
            },
        }
    }
}

impl TokenField {
    /// Verifies the header with `verify`. Of several headers the last one is verified.
    pub fn of(header: HeaderValue<'_>, verify: impl FnOnce(&[u8]) -> Result<Session, TokenFault>) -> TokenField {
        match header {
            HeaderValue::Absent => TokenField::Absent,
            HeaderValue::One(token) | HeaderValue::Repeated(token) => {
                verify(token).map_or_else(TokenField::Invalid, TokenField::Valid)
            }
        }
    }

    /// Returns `true` unless the header is absent.
    pub fn is_present(&self) -> bool {
        !matches!(self, TokenField::Absent)
    }
}

impl Facts<'_> {
    /// Returns `true` if the method is OPTIONS and lists the methods of a metadata path.
    pub fn lists_methods(&self) -> bool {
        self.options_lists_methods && self.method == Method::Options
    }

    /// Returns `true` if the method reads metadata.
    pub fn reads(&self) -> bool {
        matches!(self.method, Method::Get | Method::Head)
    }

    /// The method, or GET for a POST on a metadata path if the profile treats it as GET.
    pub fn effective_method(request: &Request<'_>, endpoint: Endpoint, post_reads: bool) -> Method {
        match (request.method, endpoint) {
            (Method::Post, Endpoint::Tree) if post_reads => Method::Get,
            (method, _) => method,
        }
    }
}
