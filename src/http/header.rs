//! Field names: as they are sent, and as they are recognised (without regard to case).

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
/// `Server`, whose value is [`SERVER_NAME`].
pub const SERVER: &str = "Server";
/// `Transfer-Encoding`
pub const TRANSFER_ENCODING: &str = "Transfer-Encoding";
/// `User-Agent`: what the asker calls itself.
pub const USER_AGENT: &str = "User-Agent";
/// `X-Forwarded-For`: a proxy was on the way.
pub const X_FORWARDED_FOR: &str = "X-Forwarded-For";
/// The session token that makes a GET a version 2 request.
pub const TOKEN: &str = "X-Aws-Ec2-Metadata-Token";
/// The life asked for (PUT) or remaining (answers), in seconds. The spelling is the real service's own.
pub const TOKEN_TTL: &str = "X-Aws-Ec2-Metadata-Token-Ttl-Seconds";

/// What the service calls itself; cloud detectors compare it.
pub const SERVER_NAME: &str = "EC2ws";
