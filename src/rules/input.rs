use crate::http::header;

named_enum! {
    /// Something that a rule looks at. [`Rule::inputs`](super::Rule::inputs) lists them for each
    /// rule.
    ///
    /// The name of a header input is the header name, the name of an option input is the record's
    /// key.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum Input {
        /// The first line of the request.
        RequestLine = "line",
        /// The length of the request target.
        TargetLength = "target-bytes",
        /// The length of the request head.
        HeadSize = "head-bytes",
        /// All headers: their number and syntax.
        Headers = "fields",
        /// The HTTP version.
        Version = "version",
        /// The metadata option `HttpEndpoint`.
        HttpEndpoint = "http_endpoint",
        /// The metadata option `HttpTokens`.
        HttpTokens = "http_tokens",
        /// The metadata option `InstanceMetadataTags`.
        InstanceMetadataTags = "instance_metadata_tags",
        /// The metadata option `HttpPutResponseHopLimit`.
        HttpPutResponseHopLimit = "http_put_response_hop_limit",
        /// The verdict of the caller's rate limiter.
        Throttled = "throttled",
        /// The method.
        Method = "method",
        /// The path.
        Path = "path",
        /// The header with the session token.
        Token = header::TOKEN,
        /// The header with the requested TTL.
        TokenTtl = header::TOKEN_TTL,
        /// The header `X-Forwarded-For`.
        ForwardedFor = header::X_FORWARDED_FOR,
        /// The header `Expect`.
        Expect = header::EXPECT,
        /// The header `Host`.
        Host = header::HOST,
        /// The header `Content-Length`.
        ContentLength = header::CONTENT_LENGTH,
        /// The header `Transfer-Encoding`.
        TransferEncoding = header::TRANSFER_ENCODING,
        /// The time.
        Clock = "clock",
        /// The instance that answers.
        Instance = "instance",
    }
}
