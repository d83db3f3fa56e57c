use core::fmt;

use super::json::Word;
use crate::http::HopLimit;
use crate::{json_enum, json_struct};

/// Declares the metadata options: the two structs, their JSON and [`METADATA_OPTIONS`].
macro_rules! metadata_options {
    (
        $(#[$change_doc:meta])*
        pub struct $change:ident {
            $($(#[$doc:meta])* $key:ident: $type:ty = $default:expr, $parameter:literal, $element:literal;)*
        }
    ) => {
        /// The instance metadata options, with the names and values of EC2's API.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct MetadataOptions {
            $($(#[$doc])* pub $key: $type,)*
        }

        $(#[$change_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct $change {
            $($(#[$doc])* pub $key: Option<$type>,)*
        }

        json_struct! {
            MetadataOptions { needed { $($key),* } }
            MetadataOptionsChange { optional { $($key),* } }
        }

        impl MetadataOptions {
            /// The options that EC2 gives to an instance that is launched through its API, if
            /// neither the launch, the account nor the image sets them.
            pub const API_LAUNCH: MetadataOptions = MetadataOptions { $($key: $default),* };

            /// These options after a change.
            #[must_use]
            pub fn with(self, change: &MetadataOptionsChange) -> MetadataOptions {
                MetadataOptions { $($key: change.$key.unwrap_or(self.$key)),* }
            }
        }

        impl MetadataOptionsChange {
            /// This change, with the options that it does not set taken from another one.
            #[must_use]
            pub fn or(self, other: &MetadataOptionsChange) -> MetadataOptionsChange {
                MetadataOptionsChange { $($key: self.$key.or(other.$key)),* }
            }
        }

        /// All metadata options, in the order of EC2's documentation.
        pub static METADATA_OPTIONS: &[MetadataOption] = &[$(MetadataOption {
            key: stringify!($key),
            parameter: $parameter,
            element: $element,
            values: <$type as OptionType>::VALUES,
            get: |options| options.$key.value(),
            get_change: |change| change.$key.map(OptionType::value),
            set: |change, text| {
                let value = text.map(|text| <$type>::from_text(text).ok_or(OptionError(&<$type as OptionType>::VALUES)));
                change.$key = value.transpose()?;
                Ok(())
            },
        }),*];
    };
}

metadata_options! {
    /// Metadata options to set. An option that is not set keeps its value; at launch, EC2's
    /// default.
    pub struct MetadataOptionsChange {
        /// Whether requests need a token. EC2's default is `optional`.
        http_tokens: HttpTokens = HttpTokens::Optional, "HttpTokens", "httpTokens";
        /// The hop limit of the response to a PUT, in network hops. EC2's default is 1.
        http_put_response_hop_limit: HopLimit = HopLimit::MIN, "HttpPutResponseHopLimit", "httpPutResponseHopLimit";
        /// Whether metadata is served (EC2's default). If not, each request is answered with 403.
        http_endpoint: Toggle = Toggle::Enabled, "HttpEndpoint", "httpEndpoint";
        /// Whether metadata is served over IPv6. EC2's default is `disabled`.
        http_protocol_ipv6: Toggle = Toggle::Disabled, "HttpProtocolIpv6", "httpProtocolIpv6";
        /// Whether the instance's tags are in the metadata. EC2's default is `disabled`.
        instance_metadata_tags: Toggle = Toggle::Disabled, "InstanceMetadataTags", "instanceMetadataTags";
    }
}

/// One metadata option, for code that treats all of them alike.
#[derive(Debug)]
#[non_exhaustive]
pub struct MetadataOption {
    /// The key in JSON: `http_tokens`.
    pub key: &'static str,
    /// The name as a parameter of EC2's API: `HttpTokens`.
    pub parameter: &'static str,
    /// The name in a response of EC2's API: `httpTokens`.
    pub element: &'static str,
    /// The values that EC2 accepts.
    pub values: OptionValues,
    get: fn(&MetadataOptions) -> OptionValue,
    get_change: fn(&MetadataOptionsChange) -> Option<OptionValue>,
    set: fn(&mut MetadataOptionsChange, Option<&str>) -> Result<(), OptionError>,
}

impl MetadataOption {
    /// The option's value.
    pub fn get(&self, options: &MetadataOptions) -> OptionValue {
        (self.get)(options)
    }

    /// The value that a change sets, if it sets the option.
    pub fn get_change(&self, change: &MetadataOptionsChange) -> Option<OptionValue> {
        (self.get_change)(change)
    }

    /// Has a change set the option to a value given as text.
    ///
    /// # Errors
    ///
    /// If `text` is not one of the option's values. The change is then as it was.
    pub fn set(&self, change: &mut MetadataOptionsChange, text: &str) -> Result<(), OptionError> {
        (self.set)(change, Some(text))
    }

    /// Has a change not set the option.
    pub fn clear(&self, change: &mut MetadataOptionsChange) {
        // Only a value can be wrong.
        let _ = (self.set)(change, None);
    }
}

/// The value of a metadata option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionValue {
    /// A name, for example `required`.
    Name(&'static str),
    /// A number, for example a hop limit.
    Number(u64),
}

/// The values that a metadata option can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionValues {
    /// One of these names.
    Names(&'static [&'static str]),
    /// A number from the first to the second, both included.
    Range(u64, u64),
}

/// A text that is not a value of the metadata option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionError(&'static OptionValues);

/// The type of an option.
trait OptionType: Copy {
    const VALUES: OptionValues;

    fn value(self) -> OptionValue;

    fn from_text(text: &str) -> Option<Self>;
}

impl<T: Word> OptionType for T {
    const VALUES: OptionValues = OptionValues::Names(T::WORDS);

    fn value(self) -> OptionValue {
        let index = T::ALL.iter().position(|value| *value == self);
        OptionValue::Name(index.map_or("", |index| T::WORDS[index]))
    }

    fn from_text(text: &str) -> Option<T> {
        T::WORDS.iter().position(|word| *word == text).map(|index| T::ALL[index])
    }
}

impl OptionType for HopLimit {
    const VALUES: OptionValues = OptionValues::Range(HopLimit::MIN.get() as u64, HopLimit::MAX.get() as u64);

    fn value(self) -> OptionValue {
        OptionValue::Number(self.get().into())
    }

    fn from_text(text: &str) -> Option<HopLimit> {
        HopLimit::try_from(text.parse::<u64>().ok()?).ok()
    }
}

impl fmt::Display for OptionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OptionValue::Name(name) => f.write_str(name),
            OptionValue::Number(number) => number.fmt(f),
        }
    }
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            OptionValues::Range(first, last) => write!(f, "expected a number from {first} to {last}"),
            OptionValues::Names(names) => {
                f.write_str("expected ")?;
                for (index, name) in names.iter().enumerate() {
                    write!(f, "{}`{name}`", if index > 0 { " or " } else { "" })?;
                }
                Ok(())
            }
        }
    }
}

impl core::error::Error for OptionError {}

/// `HttpTokens`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HttpTokens {
    /// IMDSv1 and IMDSv2.
    Optional,
    /// IMDSv2 only.
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

json_enum! {
    HttpTokens: Optional Required;
    Toggle: Enabled Disabled;
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
