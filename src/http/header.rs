//! Header names as the service sends them. In requests they are compared without regard to case.

/// `Accept-Ranges`
pub const ACCEPT_RANGES: &str = "Accept-Ranges";
/// `Allow`
pub const ALLOW: &str = "Allow";
/// `Connection`
pub const CONNECTION: &str = "Connection";
/// `Content-Length`
pub const CONTENT_LENGTH: &str = "Content-Length";
/// `Content-Type`
pub const CONTENT_TYPE: &str = "Content-Type";
/// `Date`
pub const DATE: &str = "Date";
/// `Expect`
pub const EXPECT: &str = "Expect";
/// `Host`
pub const HOST: &str = "Host";
/// `Last-Modified`
pub const LAST_MODIFIED: &str = "Last-Modified";
/// `Server`. Its value is [`SERVER_NAME`].
pub const SERVER: &str = "Server";
/// `Transfer-Encoding`
pub const TRANSFER_ENCODING: &str = "Transfer-Encoding";
/// `User-Agent`
pub const USER_AGENT: &str = "User-Agent";
/// `X-Forwarded-For`. A proxy adds it.
pub const X_FORWARDED_FOR: &str = "X-Forwarded-For";
/// The session token that makes a GET an IMDSv2 request.
pub const TOKEN: &str = "X-Aws-Ec2-Metadata-Token";
/// A token's TTL in seconds: requested in a PUT, granted or remaining in a response. Spelled as the
/// real service sends it.
pub const TOKEN_TTL: &str = "X-Aws-Ec2-Metadata-Token-Ttl-Seconds";

/// The value of `Server`. Programs that detect EC2 compare it.
pub const SERVER_NAME: &str = "EC2ws";
