use alloc::string::String;
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::context::ReadContext;
use super::document;
use crate::record::{HostnameType, Interface, Line, Role, SecurityGroup, SpotInterruption};
use crate::time::Timestamp;
use crate::write::{push_decimal, push_display, push_ipv4, push_lines};

/// A value of one instance: borrowed from it, or computed when it is written.
pub(super) enum Value<'a> {
    Text(&'a str),
    /// A text with a line feed at its end.
    TextLine(&'a str),
    Bytes(&'a [u8]),
    Number(u32),
    Time(Timestamp),
    Ipv4(Ipv4Addr),
    Ipv6(Ipv6Addr),
    Lines(&'a [Line]),
    Ipv4s(&'a [Ipv4Addr]),
    Ipv6s(&'a [Ipv6Addr]),
    GroupNames(&'a [SecurityGroup]),
    GroupIds(&'a [SecurityGroup]),
    IpName(Ipv4Addr),
    ResourceName,
    PublicName(Ipv4Addr),
    IamInfo(&'a Role),
    RoleCredentials(&'a Role),
    AccountInfo,
    IdentityCredentials,
    IdentityDocument,
    SpotAction(&'a SpotInterruption),
    Rebalance(Timestamp),
    /// All tags as one document.
    TagSet,
    /// The scheduled events that are active, or those that are not.
    Events {
        active: bool,
    },
}

/// The private host name of the primary interface. Without a private IPv4 address, it is the one of
/// the instance id.
pub(super) fn hostname<'a>(context: &ReadContext<'a>, _scope: usize) -> Value<'a> {
    context.private_name(context.details.primary()).unwrap_or(Value::ResourceName)
}

/// The private host name of an interface. If it has none of its own, the one of the instance.
pub(super) fn local_hostname<'a>(context: &ReadContext<'a>, scope: usize) -> Value<'a> {
    context.private_name(context.interface(scope)).unwrap_or_else(|| hostname(context, scope))
}

/// A text that may be absent.
pub(super) fn text(text: &Option<Line>) -> Option<Value<'_>> {
    text.as_ref().map(|text| Value::Text(text))
}

/// A list of lines, if it is not empty.
pub(super) fn lines(lines: &[Line]) -> Option<Value<'_>> {
    not_empty(lines).map(Value::Lines)
}

/// A list, if it is not empty.
pub(super) fn not_empty<T>(list: &[T]) -> Option<&[T]> {
    (!list.is_empty()).then_some(list)
}

impl<'a> ReadContext<'a> {
    /// The private DNS name of an interface, if it has one. It has the Region's domain, in which
    /// the VPC's resolver has it.
    pub(crate) fn private_dns_name(&self, interface: &'a Interface) -> Option<String> {
        let mut text = Vec::new();
        self.push_host(&self.private_name(interface)?, &mut text);
        push_suffix(&self.template().region().private_suffix(), &mut text);
        String::from_utf8(text).ok()
    }

    /// The public DNS name of an interface, if it has one.
    pub(crate) fn public_dns_name(&self, interface: &'a Interface) -> Option<String> {
        self.public_name(interface).map(|name| self.as_text(&name))
    }

    fn as_text(&self, value: &Value<'a>) -> String {
        let mut text = Vec::new();
        value.write_to(self, &mut text);
        String::from_utf8(text).unwrap_or_default()
    }

    pub(super) fn private_name(&self, interface: &'a Interface) -> Option<Value<'a>> {
        match self.record().hostname_type {
            HostnameType::ResourceName => Some(Value::ResourceName),
            HostnameType::IpName => interface.local_ipv4s.first().copied().map(Value::IpName),
        }
    }

    /// Appends a private host name without its domain.
    fn push_host(&self, name: &Value<'_>, out: &mut Vec<u8>) {
        if let Value::IpName(address) = name {
            push("ip-", out);
            push_ipv4(*address, b'-', out);
        } else {
            push(&self.details.instance_id, out);
        }
    }

    /// Appends a private host name with the domain names of the DHCP options.
    fn push_private_name(&self, name: &Value<'_>, out: &mut Vec<u8>) {
        self.push_host(name, out);
        match self.record().domain_names.as_deref() {
            None => push_suffix(&self.template().region().private_suffix(), out),
            Some(domains) => {
                for (index, domain) in domains.iter().enumerate() {
                    out.push(if index == 0 { b'.' } else { b' ' });
                    push(domain, out);
                }
            }
        }
    }

    pub(super) fn public_name(&self, interface: &'a Interface) -> Option<Value<'a>> {
        let address = interface.public_ipv4s.first().filter(|_| self.template().dns_hostnames)?;
        Some(Value::PublicName(*address))
    }
}

impl Value<'_> {
    /// Appends the value as it is served.
    pub fn write_to(&self, context: &ReadContext<'_>, out: &mut Vec<u8>) {
        let details = context.details;
        match *self {
            Value::Text(text) => push(text, out),
            Value::TextLine(text) => {
                push(text, out);
                out.push(b'\n');
            }
            Value::Bytes(bytes) => out.extend_from_slice(bytes),
            Value::Number(number) => push_decimal(number.into(), out),
            Value::Time(time) => time.push_rfc3339_seconds(out),
            Value::Ipv4(address) => push_ipv4(address, b'.', out),
            Value::Ipv6(address) => push_display(address, out),
            Value::Lines(lines) => push_lines(lines, out, |line, out| push(line, out)),
            Value::Ipv4s(addresses) => push_lines(addresses, out, |address, out| push_ipv4(*address, b'.', out)),
            Value::Ipv6s(addresses) => push_lines(addresses, out, push_display),
            Value::GroupNames(groups) => push_lines(groups, out, |group, out| push(&group.name, out)),
            Value::GroupIds(groups) => push_lines(groups, out, |group, out| push(&group.id, out)),
            Value::IpName(_) | Value::ResourceName => context.push_private_name(self, out),
            Value::PublicName(address) => {
                push("ec2-", out);
                push_ipv4(address, b'-', out);
                push_suffix(&details.template.region().public_suffix(), out);
            }
            Value::IamInfo(role) => document::push_iam_info(context, role, out),
            Value::RoleCredentials(role) => document::push_role_credentials(context, role, out),
            Value::AccountInfo => document::push_account_info(context, out),
            Value::IdentityCredentials => document::push_credentials(context, "ec2-instance", out),
            Value::IdentityDocument => document::push_identity_document(context, out),
            Value::SpotAction(notice) => document::push_spot_action(notice.action, notice.time, out),
            Value::Rebalance(notice_time) => document::push_rebalance(notice_time, out),
            Value::TagSet => document::push_tag_set(&details.tags, out),
            Value::Events { active } => document::push_events(context, active, out),
        }
    }
}

fn push(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(text.as_bytes());
}

fn push_suffix(parts: &[&str], out: &mut Vec<u8>) {
    out.push(b'.');
    for part in parts {
        push(part, out);
    }
}
