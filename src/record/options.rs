use crate::http::HopLimit;
use crate::{json_enum, json_struct};

/// The instance metadata options, with the names and values of EC2's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetadataOptions {
    /// Whether a token is required.
    pub http_tokens: HttpTokens,
    /// How far the answer to a PUT may travel.
    pub http_put_response_hop_limit: HopLimit,
    /// Whether the service answers at all; disabled, it answers 403.
    pub http_endpoint: Toggle,
    /// Whether it answers over IPv6.
    pub http_protocol_ipv6: Toggle,
    /// Whether the instance's tags are in the metadata.
    pub instance_metadata_tags: Toggle,
}

/// A change of the options: what is left out keeps its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MetadataOptionsChange {
    /// Whether a token is required.
    pub http_tokens: Option<HttpTokens>,
    /// How far the answer to a PUT may travel, in network hops.
    pub http_put_response_hop_limit: Option<HopLimit>,
    /// Whether the service answers at all; disabled, it answers 403.
    pub http_endpoint: Option<Toggle>,
    /// Whether it answers over IPv6.
    pub http_protocol_ipv6: Option<Toggle>,
    /// Whether the instance's tags are in the metadata.
    pub instance_metadata_tags: Option<Toggle>,
}

/// `HttpTokens`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HttpTokens {
    /// Version 1 and version 2.
    Optional,
    /// Version 2 only.
    Required,
}

/// `enabled` or `disabled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Toggle {
    /// On.
    Enabled,
    /// Off.
    Disabled,
}

json_struct! {
    MetadataOptions {
        needed {
            http_tokens, http_put_response_hop_limit, http_endpoint, http_protocol_ipv6, instance_metadata_tags,
        }
    }
    MetadataOptionsChange {
        optional {
            http_tokens, http_put_response_hop_limit, http_endpoint, http_protocol_ipv6, instance_metadata_tags,
        }
    }
}

json_enum! {
    HttpTokens: Optional Required;
    Toggle: Enabled Disabled;
}

impl MetadataOptions {
    /// What EC2 gives to an instance launched through the API without options, account default or image setting.
    pub const API_LAUNCH: MetadataOptions = MetadataOptions {
        http_tokens: HttpTokens::Optional,
        http_put_response_hop_limit: HopLimit::MIN,
        http_endpoint: Toggle::Enabled,
        http_protocol_ipv6: Toggle::Disabled,
        instance_metadata_tags: Toggle::Disabled,
    };

    /// These options with the change made.
    #[must_use]
    pub fn with(self, change: &MetadataOptionsChange) -> MetadataOptions {
        MetadataOptions {
            http_tokens: change.http_tokens.unwrap_or(self.http_tokens),
            http_put_response_hop_limit: change.http_put_response_hop_limit.unwrap_or(self.http_put_response_hop_limit),
            http_endpoint: change.http_endpoint.unwrap_or(self.http_endpoint),
            http_protocol_ipv6: change.http_protocol_ipv6.unwrap_or(self.http_protocol_ipv6),
            instance_metadata_tags: change.instance_metadata_tags.unwrap_or(self.instance_metadata_tags),
        }
    }
}

impl HttpTokens {
    /// `optional` or `required`.
    pub const fn name(self) -> &'static str {
        match self {
            HttpTokens::Optional => "optional",
            HttpTokens::Required => "required",
        }
    }
}

impl Toggle {
    /// `enabled` or `disabled`.
    pub const fn name(self) -> &'static str {
        match self {
            Toggle::Enabled => "enabled",
            Toggle::Disabled => "disabled",
        }
    }

    /// Whether it is on.
    pub fn is_enabled(self) -> bool {
        self == Toggle::Enabled
    }
}
