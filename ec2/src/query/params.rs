//! What an action's parameters are, and whether a request's are such.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::error::{Error, INVALID_USER_DATA, Result};
use super::form::{Form, as_boolean, as_bytes, as_index, as_integer};
use imds::limits;

/// A parameter of an action.
pub(super) struct Parameter {
    /// Its path. `N` stands for the number of a list's item.
    pub name: &'static str,
    pub kind: Kind,
    pub is_needed: bool,
}

/// What a parameter may be.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Something.
    Text,
    /// Something or nothing.
    Any,
    Integer,
    /// An integer that is not negative.
    Count,
    Boolean,
    /// User data.
    Base64,
    OneOf(&'static [&'static str]),
    /// 1 to 64.
    HopLimit,
    /// The same, or -1 for no preference.
    HopLimitOrNone,
    /// 5 to 1000.
    PageSize,
}

pub(super) const fn may(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, is_needed: false }
}

pub(super) const fn must(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, is_needed: true }
}

/// What every action takes.
const COMMON: &[Parameter] = &[must("Action", Kind::Text), must("Version", Kind::Text), may("DryRun", Kind::Boolean)];

/// Who signed a request, and how. It is not verified. `X-Amz-` begins the names of more.
const SIGNATURE: &[&str] =
    &["AWSAccessKeyId", "Expires", "SecurityToken", "Signature", "SignatureMethod", "SignatureVersion", "Timestamp"];

/// Whether a parameter tells who asks, and not what.
pub(super) fn is_signature(name: &str) -> bool {
    SIGNATURE.contains(&name) || name.starts_with("X-Amz-")
}

/// Holds a request against an action's table.
pub(super) fn check(form: &Form, parameters: &'static [Parameter]) -> Result<()> {
    let all = || COMMON.iter().chain(parameters);
    for (name, value) in form.iter().filter(|(name, _)| !is_signature(name)) {
        let path = generic(name);
        match all().find(|parameter| parameter.name == path) {
            Some(parameter) => parameter.kind.check(name, value)?,
            None => return Err(Error::unknown(not_recognized(name, &path, all()))),
        }
    }
    match all().find(|parameter| parameter.is_needed && !form.has(parameter.list())) {
        Some(parameter) => Err(Error::missing(parameter.list())),
        None => Ok(()),
    }
}

impl Parameter {
    /// The name without the number of a list's item.
    fn list(&self) -> &'static str {
        self.name.split(".N").next().unwrap_or(self.name)
    }
}

impl Kind {
    fn check(self, name: &str, value: &str) -> Result<()> {
        let wrong = |reason| Err(Error::value_of(name, value, reason));
        match self {
            Kind::Text if value.is_empty() => wrong("The value cannot be empty"),
            Kind::Integer if as_integer(value).is_none() => wrong("The value must be an integer"),
            Kind::Count if as_integer(value).is_none_or(|count| count < 0) => {
                wrong("The value must be an integer that is not negative")
            }
            Kind::Boolean if as_boolean(value).is_none() => wrong("The value must be true or false"),
            // Seen: awslabs/ec2-spot-workshops#15, of a launch template's user data.
            Kind::Base64 if as_bytes(value).is_none() => {
                Err(Error::new(&INVALID_USER_DATA, "Invalid BASE64 encoding of user data."))
            }
            Kind::Base64 if as_bytes(value).is_some_and(|data| data.len() > limits::USER_DATA_BYTES) => {
                Err(Error::value(format!("User data is limited to {} bytes", limits::USER_DATA_BYTES)))
            }
            Kind::OneOf(choices) if !choices.contains(&value) => Err(Error::not_one_of(name, value, choices)),
            Kind::HopLimit if !is_hop_limit(value) => {
                Err(Error::not_in_range(name, value, &format!("an integer between 1 and {}", limits::HOP_LIMIT)))
            }
            Kind::HopLimitOrNone if value != NO_HOP_LIMIT && !is_hop_limit(value) => {
                let range = format!("an integer between 1 and {}, or {NO_HOP_LIMIT}", limits::HOP_LIMIT);
                Err(Error::not_in_range(name, value, &range))
            }
            Kind::PageSize => match as_integer(value) {
                None => wrong("The value must be an integer"),
                // Seen: aws-sdk-ruby#2575.
                Some(size) if size < limits::PAGE_SIZE_LEAST => wrong("Expecting a value greater than 5."),
                Some(size) if size > limits::PAGE_SIZE_MOST => wrong("Expecting a value less than 1000."),
                Some(_) => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

fn is_hop_limit(value: &str) -> bool {
    as_integer(value).is_some_and(|hops| (1..=i64::from(limits::HOP_LIMIT)).contains(&hops))
}

/// A parameter's path with `N` in place of each item's number.
fn generic(name: &str) -> String {
    let segments: Vec<&str> =
        name.split('.').map(|segment| if as_index(segment).is_some() { "N" } else { segment }).collect();
    segments.join(".")
}

/// What EC2 names of a parameter that it does not know: the first member on its path that is not there. Seen:
/// `Filter.1.Item.1` is told of as `Item` (aws-sdk-js#54).
fn not_recognized<'n>(name: &'n str, path: &str, known: impl Iterator<Item = &'static Parameter> + Clone) -> &'n str {
    let is_known = |start: &str| {
        let mut names = known.clone().map(|parameter| parameter.name);
        names.any(|known| known.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    };
    let mut end = 0;
    let given = name.split('.').zip(path.split('.'));
    for (segment, generic) in given {
        end += generic.len();
        if !is_known(&path[..end]) && generic != "N" {
            return segment;
        }
        end += 1;
    }
    name
}

/// Which integer means that there is no preference.
pub(super) const NO_HOP_LIMIT: &str = "-1";
pub(super) const HTTP_TOKENS: &[&str] = &["optional", "required"];
/// In the order of EC2's message.
pub(super) const TOGGLE: &[&str] = &["enabled", "disabled"];
