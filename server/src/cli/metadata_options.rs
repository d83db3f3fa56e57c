//! The flags of the instance metadata options.

use clap::Args;
use clap::builder::TypedValueParser;
use imds::http::HopLimit;
use imds::record::{HttpTokens, MetadataOptionsChange, Toggle};

use super::values::{hop_limit, named, one_of};

#[derive(Debug, Args)]
pub struct MetadataOptionFlags {
    /// HttpTokens: whether a request needs a session token (IMDSv2 only)
    ///
    /// Overrides the record, whose default is `optional`.
    #[arg(long, env = "IMDS_HTTP_TOKENS", hide_env_values = true, value_name = "STATE", value_parser = http_tokens())]
    http_tokens: Option<HttpTokens>,

    /// HttpEndpoint: whether metadata is served
    ///
    /// Overrides the record, whose default is `enabled`. If disabled, every request is answered
    /// with 403.
    #[arg(long, env = "IMDS_HTTP_ENDPOINT", hide_env_values = true, value_name = "STATE", value_parser = toggle())]
    http_endpoint: Option<Toggle>,

    /// HttpPutResponseHopLimit: how many network hops a session token can travel, 1 to 64
    ///
    /// Overrides the record, whose default is 1. It is the IPv4 TTL or IPv6 hop limit of the
    /// response to a PUT.
    #[arg(long, env = "IMDS_HOP_LIMIT", hide_env_values = true, value_name = "N", value_parser = hop_limit)]
    hop_limit: Option<HopLimit>,

    /// HttpProtocolIpv6: whether metadata is served over IPv6
    ///
    /// Overrides the record. If neither sets it, it is enabled if --listen has an IPv6 address. If
    /// disabled, connections over IPv6 are closed without a response.
    #[arg(long, env = "IMDS_HTTP_PROTOCOL_IPV6", hide_env_values = true, value_name = "STATE", value_parser = toggle())]
    http_protocol_ipv6: Option<Toggle>,

    /// InstanceMetadataTags: whether the metadata contains the instance's tags
    ///
    /// Overrides the record, whose default is `disabled`.
    #[arg(long, env = "IMDS_INSTANCE_METADATA_TAGS", hide_env_values = true)]
    #[arg(value_name = "STATE", value_parser = toggle())]
    instance_metadata_tags: Option<Toggle>,
}

impl MetadataOptionFlags {
    pub fn change(&self) -> MetadataOptionsChange {
        MetadataOptionsChange {
            http_tokens: self.http_tokens,
            http_put_response_hop_limit: self.hop_limit,
            http_endpoint: self.http_endpoint,
            http_protocol_ipv6: self.http_protocol_ipv6,
            instance_metadata_tags: self.instance_metadata_tags,
        }
    }
}

fn http_tokens() -> impl TypedValueParser<Value = HttpTokens> {
    one_of([HttpTokens::Optional, HttpTokens::Required].map(|tokens| named(tokens.name(), tokens)))
}

fn toggle() -> impl TypedValueParser<Value = Toggle> {
    one_of([Toggle::Enabled, Toggle::Disabled].map(|toggle| named(toggle.name(), toggle)))
}
