//! The parameters of actions, and their check.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::error::{Error, Excess, INVALID_USER_DATA, Result};
use super::form::{QueryForm, decode_base64, parse_boolean, parse_index, parse_integer};
use imds::limits;
use imds::record::json::Word;
use imds::record::{HttpTokens, Toggle};

/// A parameter of an action.
pub(super) struct Parameter {
    /// The path. `N` stands for the number of a list's item.
    pub name: &'static str,
    pub kind: ParamKind,
    pub is_required: bool,
}

/// The values that a parameter can have.
#[derive(Clone, Copy)]
pub(super) enum ParamKind {
    /// Any text but the empty one. An optional parameter counts as absent if it is empty: Terraform
    /// sends `Placement.AvailabilityZone` and `IamInstanceProfile.Name` so.
    Text,
    /// Any text but the empty one, which is rejected.
    Key,
    /// Any text.
    Any,
    Integer,
    /// An integer that is not negative.
    Count,
    Boolean,
    /// User data in base64. Empty user data counts as absent.
    UserData,
    OneOf(&'static [&'static str]),
    /// No value: nothing here would show it.
    Unsupported,
    /// Only this value, which is EC2's default: nothing here would show another one.
    Only(&'static str),
    /// 1 to 64.
    HopLimit,
    /// 1 to 64, or -1 for no preference.
    HopLimitOrNone,
    /// 5 to 1000.
    PageSize,
}

impl ParamKind {
    pub const HTTP_TOKENS: ParamKind = ParamKind::OneOf(HttpTokens::WORDS);
    pub const TOGGLE: ParamKind = ParamKind::OneOf(Toggle::WORDS);
}

pub(super) const fn optional(name: &'static str, kind: ParamKind) -> Parameter {
    Parameter { name, kind, is_required: false }
}

pub(super) const fn required(name: &'static str, kind: ParamKind) -> Parameter {
    Parameter { name, kind, is_required: true }
}

/// The parameters of every action.
const COMMON: &[Parameter] = &[
    required("Action", ParamKind::Text),
    required("Version", ParamKind::Text),
    optional("DryRun", ParamKind::Boolean),
];

/// The parameters of a signature, besides those with the prefix `X-Amz-`. They are not verified.
const SIGNATURE: &[&str] =
    &["AWSAccessKeyId", "Expires", "SecurityToken", "Signature", "SignatureMethod", "SignatureVersion", "Timestamp"];

/// Returns whether the parameter belongs to the signature and not to the action.
pub(super) fn is_signature(name: &str) -> bool {
    SIGNATURE.contains(&name) || name.starts_with("X-Amz-")
}

/// A list, the number of items that it can have, and EC2's error for more of them.
type ListLimit = (&'static str, usize, fn(&Excess<'_>) -> Error);

const LISTS: &[ListLimit] = &[
    ("BlockDeviceMapping", limits::BLOCK_DEVICES, Error::too_many_block_devices),
    ("Ipv6Address", limits::INTERFACE_ADDRESSES, Error::too_many_addresses),
    ("LicenseSpecification", limits::LICENSES, Error::too_many_licenses),
    ("NetworkInterface", limits::INTERFACES, Error::too_many_interfaces),
    ("NetworkInterface.N.Ipv4Prefix", limits::INTERFACE_ADDRESSES, Error::too_many_addresses),
    ("NetworkInterface.N.Ipv6Addresses", limits::INTERFACE_ADDRESSES, Error::too_many_addresses),
    ("NetworkInterface.N.Ipv6Prefix", limits::INTERFACE_ADDRESSES, Error::too_many_addresses),
    ("NetworkInterface.N.PrivateIpAddresses", limits::INTERFACE_ADDRESSES, Error::too_many_addresses),
    ("NetworkInterface.N.SecurityGroupId", limits::SECURITY_GROUPS, Error::too_many_groups_of_interface),
    ("SecurityGroup", limits::SECURITY_GROUPS, Error::too_many_groups_of_instance),
    ("SecurityGroupId", limits::SECURITY_GROUPS, Error::too_many_groups_of_instance),
    ("TagSpecification.N.Tag", limits::TAGS, Error::too_many_tags),
];

/// The same for the lists of an action that changes resources.
const LISTS_OF_CHANGED: &[ListLimit] = &[
    ("InstanceId", limits::CHANGED_RESOURCES, Error::too_many_instances),
    ("ResourceId", limits::CHANGED_RESOURCES, Error::too_many_resources),
    ("Tag", limits::DELETED_TAGS, Error::too_many_items),
];

/// Removes the empty parameters that count as absent, and checks the others against the parameters
/// of the action. An action that is not read-only has further limits.
pub(super) fn check(form: &mut QueryForm, parameters: &'static [Parameter], is_read_only: bool) -> Result<()> {
    let all = || COMMON.iter().chain(parameters);
    form.retain(|name, value| {
        let path = if value.is_empty() { generic_path(name) } else { return true };
        !all().any(|parameter| parameter.name == path && parameter.is_absent_if_empty())
    });
    for (name, value) in form.iter().filter(|(name, _)| !is_signature(name)) {
        let path = generic_path(name);
        match all().find(|parameter| parameter.name == path) {
            Some(parameter) => parameter.kind.check(name, value)?,
            None => return Err(Error::unknown(unknown_segment(name, &path, all()))),
        }
    }
    check_lists(form, if is_read_only { &[] } else { LISTS_OF_CHANGED })?;
    match all().find(|parameter| parameter.is_required && !form.has(parameter.list())) {
        Some(parameter) => Err(Error::missing(parameter.list())),
        None => Ok(()),
    }
}

/// Checks the numbers of items.
fn check_lists(form: &QueryForm, further: &[ListLimit]) -> Result<()> {
    let mut items: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, _) in form.iter() {
        for (dot, _) in name.match_indices('.') {
            let item = name[dot + 1..].split('.').next().unwrap_or_default();
            if parse_index(item).is_some() {
                items.entry(&name[..dot]).or_default().insert(item);
            }
        }
    }
    for (list, items) in items {
        let path = generic_path(list);
        let Some((_, limit, error)) = LISTS.iter().chain(further).find(|(known, ..)| *known == path) else { continue };
        if items.len() > *limit {
            let instance_type = form.text("InstanceType").unwrap_or("the instance type");
            return Err(error(&Excess { list, items: items.len(), limit: *limit, instance_type }));
        }
    }
    Ok(())
}

impl Parameter {
    /// Returns whether the parameter counts as absent if it is empty. EC2 rejects empty enums, numbers
    /// and items of lists (observed: terraform-provider-aws#25547; many users for `groupId`).
    fn is_absent_if_empty(&self) -> bool {
        !self.is_required
            && !self.name.ends_with(".N")
            && matches!(self.kind, ParamKind::Text | ParamKind::UserData | ParamKind::Unsupported)
    }

    /// The name without the number of a list's item.
    fn list(&self) -> &'static str {
        self.name.split(".N").next().unwrap_or(self.name)
    }
}

impl ParamKind {
    fn check(self, name: &str, value: &str) -> Result<()> {
        let invalid = |reason| Err(Error::value_of(name, value, reason));
        match self {
            ParamKind::Text | ParamKind::Key if value.is_empty() => invalid("The value cannot be empty"),
            ParamKind::Text | ParamKind::Key | ParamKind::Any
                if value.chars().count() > limits::PARAMETER_CHARACTERS =>
            {
                let limit = limits::PARAMETER_CHARACTERS;
                Err(Error::value(format!("The value for parameter {name} has more than {limit} characters")))
            }
            ParamKind::Integer if parse_integer(value).is_none() => invalid("The value must be an integer"),
            ParamKind::Count if parse_integer(value).is_none_or(|count| count < 0) => {
                invalid("The value must be an integer that is not negative")
            }
            ParamKind::Boolean if parse_boolean(value).is_none() => invalid("The value must be true or false"),
            // Observed for the user data of a launch template: awslabs/ec2-spot-workshops#15.
            ParamKind::UserData if decode_base64(value).is_none() => {
                Err(Error::new(&INVALID_USER_DATA, "Invalid BASE64 encoding of user data."))
            }
            ParamKind::UserData if decode_base64(value).is_some_and(|data| data.len() > limits::USER_DATA_BYTES) => {
                Err(Error::value(format!("User data is limited to {} bytes", limits::USER_DATA_BYTES)))
            }
            ParamKind::Unsupported => Err(Error::unsupported(name)),
            ParamKind::Only(default) if !value.eq_ignore_ascii_case(default) => Err(Error::unsupported(name)),
            ParamKind::OneOf(choices) if !choices.contains(&value) => Err(Error::not_one_of(name, value, choices)),
            ParamKind::HopLimit if !is_hop_limit(value) => Err(Error::hop_limit(value, "")),
            ParamKind::HopLimitOrNone if value != NO_HOP_LIMIT && !is_hop_limit(value) => {
                Err(Error::hop_limit(value, ", or -1"))
            }
            ParamKind::PageSize => match parse_integer(value) {
                None => invalid("The value must be an integer"),
                // Observed: aws-sdk-ruby#2575.
                Some(size) if size < limits::MIN_PAGE_SIZE => invalid("Expecting a value greater than 5."),
                Some(size) if size > limits::MAX_PAGE_SIZE => invalid("Expecting a value less than 1000."),
                Some(_) => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

fn is_hop_limit(value: &str) -> bool {
    parse_integer(value).is_some_and(|hops| (1..=i64::from(limits::HOP_LIMIT)).contains(&hops))
}

/// A parameter's path with `N` in place of the numbers of items.
fn generic_path(name: &str) -> String {
    let segments: Vec<&str> =
        name.split('.').map(|segment| if parse_index(segment).is_some() { "N" } else { segment }).collect();
    segments.join(".")
}

/// The part of an unknown parameter's path that EC2's error names: the first unknown member.
/// Observed: the error for `Filter.1.Item.1` names `Item` (aws-sdk-js#54).
fn unknown_segment<'n>(name: &'n str, path: &str, known: impl Iterator<Item = &'static Parameter> + Clone) -> &'n str {
    let is_known = |start: &str| {
        let mut names = known.clone().map(|parameter| parameter.name);
        names.any(|known| known.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    };
    let mut end = 0;
    for (segment, generic) in name.split('.').zip(path.split('.')) {
        end += generic.len();
        if !is_known(&path[..end]) && generic != "N" {
            return segment;
        }
        end += 1;
    }
    name
}

/// The integer that stands for no preference.
const NO_HOP_LIMIT: &str = "-1";
