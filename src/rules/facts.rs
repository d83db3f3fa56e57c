use crate::http::{Body, FieldValue, Method, Request, RequestFault};
use crate::token::{Session, TokenFault, Ttl, TtlFault};

/// All that the rules may ask about.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// Why the head is refused as it stands.
    pub fault: Option<RequestFault>,
    /// `HttpEndpoint` is enabled.
    pub endpoint_enabled: bool,
    /// Whoever counts requests wants this one refused.
    pub throttled: bool,
    /// `X-Forwarded-For` is there.
    pub forwarded: bool,
    /// `Expect` is there.
    pub expects: bool,
    /// The method, a POST that this generation answers as GET being one.
    pub method: Method,
    /// What the path names.
    pub target: Endpoint,
    /// The body that is announced.
    pub body: Body,
    /// The life asked for.
    pub ttl: TtlField,
    /// The token, verified.
    pub token: TokenField,
    /// `HttpTokens` is required.
    pub tokens_required: bool,
    /// Whether the path names something. Asked last and only then, for it is the dearest to answer.
    pub found: &'a dyn Fn() -> bool,
}

/// The two kinds of path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// Exactly [`Endpoint::TOKEN_PATH`], byte for byte.
    Token,
    /// Any other path.
    Tree,
}

/// What a request says of a token's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TtlField {
    /// Nothing.
    Absent,
    /// More than one field.
    Repeated,
    /// Something that is no life.
    RequestFault(TtlFault),
    /// A life.
    Good(Ttl),
}

/// What a request shows of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenField {
    /// Nothing: a version 1 request.
    Absent,
    /// Several fields that differ.
    Different,
    /// A token that is not good.
    RequestFault(TokenFault),
    /// A token that opens a session.
    Good(Session),
}

impl Endpoint {
    /// The one path that a token is asked of.
    pub const TOKEN_PATH: &'static str = "/latest/api/token";

    /// What a path names. The token's path has one spelling: no other version, slash or escape leads there.
    pub fn of(path: &str) -> Endpoint {
        if path == Endpoint::TOKEN_PATH { Endpoint::Token } else { Endpoint::Tree }
    }
}

impl TtlField {
    /// Reads the field.
    pub fn of(field: FieldValue<'_>) -> TtlField {
        match field {
            FieldValue::Absent => TtlField::Absent,
            FieldValue::Repeated(_) | FieldValue::Different => TtlField::Repeated,
            FieldValue::One(value) => Ttl::parse(value).map_or_else(TtlField::RequestFault, TtlField::Good),
        }
    }
}

impl TokenField {
    /// Verifies the field with what `verify` knows.
    pub fn of(field: FieldValue<'_>, verify: impl FnOnce(&[u8]) -> Result<Session, TokenFault>) -> TokenField {
        match field {
            FieldValue::Absent => TokenField::Absent,
            FieldValue::Different => TokenField::Different,
            FieldValue::One(token) | FieldValue::Repeated(token) => {
                verify(token).map_or_else(TokenField::RequestFault, TokenField::Good)
            }
        }
    }
}

impl TokenField {
    /// Whether the request shows a token, good or bad.
    pub fn is_present(&self) -> bool {
        !matches!(self, TokenField::Absent)
    }
}

impl Facts<'_> {
    /// Whether the method asks for metadata.
    pub fn reads(&self) -> bool {
        matches!(self.method, Method::Get | Method::Head)
    }

    /// The method that a request stands for in a generation that does or does not answer POST as GET on data paths.
    pub fn method_of(request: &Request<'_>, target: Endpoint, post_reads: bool) -> Method {
        match (request.method, target) {
            (Method::Post, Endpoint::Tree) if post_reads => Method::Get,
            (method, _) => method,
        }
    }
}
