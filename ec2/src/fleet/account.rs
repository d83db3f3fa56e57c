use super::Fleet;
use imds::http::HopLimit;
use imds::json_struct;
use imds::record::{HttpTokens, Line, MetadataOptions, MetadataOptionsChange, Toggle};

/// The account's defaults for the metadata options of launches in the Region. An option that is not set
/// has no default. EC2's API has no default for `HttpProtocolIpv6`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccountDefaults {
    /// `HttpTokens`
    pub http_tokens: Option<HttpTokens>,
    /// `HttpPutResponseHopLimit`
    pub http_put_response_hop_limit: Option<HopLimit>,
    /// `HttpEndpoint`
    pub http_endpoint: Option<Toggle>,
    /// `InstanceMetadataTags`
    pub instance_metadata_tags: Option<Toggle>,
    /// `HttpTokensEnforced`: if enabled, launches and changes with `HttpTokens` `optional` are rejected.
    pub http_tokens_enforced: Option<Toggle>,
}

/// What is known of an image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Image {
    /// `imds-support` is `v2.0`: launches require tokens and get a hop limit of 2.
    pub imds_support_v2: bool,
    /// `x86_64` or `arm64`, where the instance type's own is not wanted.
    pub architecture: Option<Line>,
    /// As `/dev/sda1`; the default is `/dev/xvda`.
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
    /// Whether `optional` is refused.
    pub fn enforces_tokens(&self) -> bool {
        self.http_tokens_enforced.is_some_and(Toggle::is_enabled)
    }

    /// The defaults with the options of `options`. `HttpTokensEnforced` stays.
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
}

impl Image {
    /// AWS: an instance launched from an image with `imds-support` `v2.0` has `HttpTokens` `required` and a hop limit of 2.
    fn change(&self) -> MetadataOptionsChange {
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

impl Fleet {
    /// The account's defaults.
    pub fn account_defaults(&self) -> &AccountDefaults {
        &self.account
    }

    /// Sets the account's defaults. They rule launches from here on and change no instance.
    pub fn set_account_defaults(&mut self, defaults: AccountDefaults) {
        self.account = defaults;
    }

    /// What is known of an image, if anything.
    pub fn image(&self, id: &str) -> Option<&Image> {
        self.images.get(id)
    }

    /// Tells the fleet of an image. What launches from it before were is not changed.
    pub fn set_image(&mut self, id: Line, image: Image) {
        self.images.insert_mut(id, image);
    }

    /// The options of a launch, each decided by itself. AWS: the launch has precedence over the account, the account over the
    /// image, and the default is what remains.
    pub(super) fn launch_options(&self, launch: &MetadataOptionsChange, image: Option<&str>) -> MetadataOptions {
        let image = image.and_then(|id| self.image(id)).map(Image::change).unwrap_or_default();
        MetadataOptions::API_LAUNCH.with(&image).with(&self.account.options()).with(launch)
    }
}
