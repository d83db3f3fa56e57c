use imds::http::HopLimit;
use imds::json_struct;
use imds::record::{HttpTokens, Line, MetadataOptionsChange, Toggle};

/// The account's defaults for the metadata options of launches in the Region; `None` means no
/// default. EC2's API has no default for `HttpProtocolIpv6`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AccountDefaults {
    /// `HttpTokens`
    pub http_tokens: Option<HttpTokens>,
    /// `HttpPutResponseHopLimit`
    pub http_put_response_hop_limit: Option<HopLimit>,
    /// `HttpEndpoint`
    pub http_endpoint: Option<Toggle>,
    /// `InstanceMetadataTags`
    pub instance_metadata_tags: Option<Toggle>,
    /// `HttpTokensEnforced`. If enabled, launches and changes with `HttpTokens` `optional` are
    /// rejected.
    pub http_tokens_enforced: Option<Toggle>,
}

/// The properties of an image that matter to a launch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Image {
    /// Whether `imds-support` is `v2.0`: launches require tokens and get a hop limit of 2.
    pub imds_support_v2: bool,
    /// `x86_64` or `arm64`. The default is the architecture of the instance type.
    pub architecture: Option<Line>,
    /// For example `/dev/sda1`. The default is `/dev/xvda`.
    pub root_device_name: Option<Line>,
}

json_struct! {
    AccountDefaults {
        optional {
            http_tokens, http_put_response_hop_limit, http_endpoint, instance_metadata_tags, http_tokens_enforced,
        }
    }
    Image { optional { imds_support_v2, architecture, root_device_name } }
}

impl AccountDefaults {
    /// Returns whether `HttpTokens` `optional` is rejected.
    pub fn enforces_tokens(&self) -> bool {
        self.http_tokens_enforced.is_some_and(Toggle::is_enabled)
    }

    /// The options for which there is a default.
    pub fn options(&self) -> MetadataOptionsChange {
        MetadataOptionsChange {
            http_tokens: self.http_tokens,
            http_put_response_hop_limit: self.http_put_response_hop_limit,
            http_endpoint: self.http_endpoint,
            http_protocol_ipv6: None,
            instance_metadata_tags: self.instance_metadata_tags,
        }
    }

    /// These defaults with other options. `HttpTokensEnforced` stays.
    #[must_use]
    pub fn with_options(self, options: &MetadataOptionsChange) -> AccountDefaults {
        AccountDefaults {
            http_tokens: options.http_tokens,
            http_put_response_hop_limit: options.http_put_response_hop_limit,
            http_endpoint: options.http_endpoint,
            instance_metadata_tags: options.instance_metadata_tags,
            http_tokens_enforced: self.http_tokens_enforced,
        }
    }

    /// These defaults with another [`http_tokens_enforced`](AccountDefaults::http_tokens_enforced).
    #[must_use]
    pub fn with_tokens_enforced(self, http_tokens_enforced: Option<Toggle>) -> AccountDefaults {
        AccountDefaults { http_tokens_enforced, ..self }
    }
}

impl Image {
    /// This image with another [`imds_support_v2`](Image::imds_support_v2).
    #[must_use]
    pub fn with_imds_support_v2(self, imds_support_v2: bool) -> Image {
        Image { imds_support_v2, ..self }
    }

    /// This image with another [`architecture`](Image::architecture).
    #[must_use]
    pub fn with_architecture(self, architecture: Option<Line>) -> Image {
        Image { architecture, ..self }
    }

    /// This image with another [`root_device_name`](Image::root_device_name).
    #[must_use]
    pub fn with_root_device_name(self, root_device_name: Option<Line>) -> Image {
        Image { root_device_name, ..self }
    }

    /// AWS: an instance launched from an image with `imds-support` `v2.0` has `HttpTokens`
    /// `required` and a hop limit of 2.
    pub(super) fn options_change(&self) -> MetadataOptionsChange {
        if !self.imds_support_v2 {
            return MetadataOptionsChange::default();
        }
        MetadataOptionsChange {
            http_tokens: Some(HttpTokens::Required),
            http_put_response_hop_limit: HopLimit::try_from(2).ok(),
            ..MetadataOptionsChange::default()
        }
    }
}
