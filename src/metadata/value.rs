use alloc::string::String;
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::credentials::CredentialEpoch;
use super::table::Leaf;
use super::{ReadContext, document};
use crate::record::{HostnameType, Interface, Line, MaintenanceEvent, Role, SecurityGroup, SpotInterruption};
use crate::time::Timestamp;
use crate::write::{push_decimal, push_display, push_ipv4, push_lines};

/// What a leaf is worth on one instance: borrowed from it, or made when it is written.
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
    Events(&'a [MaintenanceEvent], bool),
}

impl<'a> ReadContext<'a> {
    /// Whether the instance has a value for the leaf.
    pub(super) fn has_value(&self, leaf: Leaf, of: usize) -> bool {
        self.value(leaf, of).is_some()
    }

    /// The leaf's value, if the instance has one. `of` counts interfaces or public keys.
    // Inlined so that `has_value` makes no value to look whether it is there.
    #[inline(always)]
    pub(super) fn value(&self, leaf: Leaf, of: usize) -> Option<Value<'a>> {
        let details = self.details;
        let template = &details.template;
        let interface = || &details.interfaces[of];
        let network = || &template.networks[of];
        Some(match leaf {
            Leaf::AccountInfo => Value::AccountInfo,
            Leaf::AmiId => Value::Text(&template.ami_id),
            Leaf::AmiLaunchIndex => Value::Number(details.ami_launch_index),
            Leaf::AmiManifestPath => Value::Text(&template.ami_manifest_path),
            Leaf::AncestorAmiIds => lines(&template.ancestor_ami_ids)?,
            Leaf::AvailabilityZone => Value::Text(&template.availability_zone),
            Leaf::AvailabilityZoneId => Value::Text(&template.availability_zone_id),
            Leaf::DeviceNumber => Value::Number(network().device_number),
            Leaf::Domain => Value::Text(template.region().domain()),
            Leaf::EventHistory => Value::Events(&template.maintenance_events, false),
            Leaf::EventsScheduled => Value::Events(&template.maintenance_events, true),
            Leaf::GroupName => Value::Text(template.placement_group.as_ref()?),
            Leaf::HibernationConfigured => Value::Text(if template.hibernation_configured? { "true" } else { "false" }),
            Leaf::HostId => Value::Text(template.host_id.as_ref()?),
            Leaf::Hostname => self.private_name(details.primary()).unwrap_or(Value::ResourceName),
            Leaf::IamInfo => Value::IamInfo(template.role.as_ref()?),
            Leaf::IdentityCredentials => Value::IdentityCredentials,
            Leaf::IdentityDocument => Value::IdentityDocument,
            Leaf::InstanceAction => Value::Text(&template.instance_action),
            Leaf::InstanceId => Value::Text(&details.instance_id),
            Leaf::InstanceLifeCycle => Value::Text(&template.instance_life_cycle),
            Leaf::InstanceType => Value::Text(&template.instance_type),
            Leaf::InterfaceId => Value::Text(&interface().interface_id),
            Leaf::InterfaceLocalHostname => self.private_name(interface())?,
            Leaf::InterfacePublicHostname => self.public_name(interface())?,
            Leaf::Ipv6 => Value::Ipv6(*details.primary().ipv6s().first()?),
            Leaf::Ipv6Prefixes => lines(interface().ipv6_prefixes())?,
            Leaf::Ipv6s => Value::Ipv6s(some(interface().ipv6s())?),
            Leaf::KernelId => Value::Text(template.kernel_id.as_ref()?),
            Leaf::LocalIpv4 => Value::Ipv4(*details.primary().local_ipv4s.first()?),
            Leaf::LocalIpv4s => Value::Ipv4s(some(&interface().local_ipv4s)?),
            Leaf::Mac => Value::Text(interface().mac.as_str()),
            Leaf::Monitoring => Value::Text(if template.monitoring.is_enabled() { "enabled" } else { "disabled" }),
            Leaf::NetworkCard => Value::Number(network().network_card?),
            Leaf::OpensshKey => Value::TextLine(&template.public_keys[of].openssh_key),
            Leaf::OwnerId => Value::Text(&template.account_id),
            Leaf::Partition => Value::Text(template.region().partition()),
            Leaf::PartitionNumber => Value::Number(template.partition_number?),
            Leaf::Pkcs7 => Value::Text(&template.pkcs7),
            Leaf::ProductCodes => lines(&template.product_codes)?,
            Leaf::Profile if template.kernel_id.is_some() => Value::Text("default-paravirtual"),
            Leaf::Profile => Value::Text("default-hvm"),
            Leaf::PublicHostname => self.public_name(details.primary())?,
            Leaf::PublicIpv4 => Value::Ipv4(*details.primary().public_ipv4s.first()?),
            Leaf::PublicIpv4s => Value::Ipv4s(some(&interface().public_ipv4s)?),
            Leaf::RamdiskId => Value::Text(template.ramdisk_id.as_ref()?),
            Leaf::Rebalance => Value::Rebalance(self.rebalance_notice()?),
            Leaf::Region => Value::Text(template.region().name),
            Leaf::ReservationId => Value::Text(&details.reservation_id),
            Leaf::Rsa2048 => Value::Text(&template.rsa2048),
            Leaf::SecurityGroupIds => Value::GroupIds(&network().security_groups),
            Leaf::SecurityGroups => Value::GroupNames(&network().security_groups),
            Leaf::Signature => Value::Text(&template.signature),
            Leaf::SignerCert => Value::Text(&template.managed_ssh_keys.as_ref()?.signer_cert),
            Leaf::SpotInstanceAction => Value::SpotAction(self.spot_notice()?),
            // AWS: the older of the two is there for terminations only.
            Leaf::SpotTerminationTime => {
                Value::Time(self.spot_notice().filter(|notice| notice.action.terminates())?.time)
            }
            Leaf::SubnetId => Value::Text(&network().subnet_id),
            Leaf::SubnetIpv4CidrBlock => Value::Text(network().subnet_ipv4_cidr_block.as_ref()?),
            Leaf::SubnetIpv6CidrBlocks => lines(&network().subnet_ipv6_cidr_blocks)?,
            Leaf::System => Value::Text(template.profile.name),
            Leaf::TargetLifecycleState => Value::Text(template.target_lifecycle_state.as_ref()?),
            Leaf::UserData => Value::Bytes(template.user_data.as_ref()?),
            Leaf::Vhostmd => Value::Text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"),
            Leaf::VpcId => Value::Text(&network().vpc_id),
            Leaf::VpcIpv4CidrBlock => Value::Text(network().vpc_ipv4_cidr_blocks.first()?),
            Leaf::VpcIpv4CidrBlocks => lines(&network().vpc_ipv4_cidr_blocks)?,
            Leaf::VpcIpv6CidrBlocks => lines(&network().vpc_ipv6_cidr_blocks)?,
        })
    }

    /// When a leaf's value last changed.
    pub(super) fn changed(&self, leaf: Leaf) -> Timestamp {
        let launch = self.details.launch_time;
        match leaf {
            Leaf::IamInfo | Leaf::AccountInfo | Leaf::IdentityCredentials => self.rotation().last_updated,
            Leaf::SpotInstanceAction | Leaf::SpotTerminationTime => {
                self.spot_notice().and_then(|notice| notice.noticed).unwrap_or(launch)
            }
            Leaf::Rebalance => self.rebalance_notice().unwrap_or(launch),
            _ => launch,
        }
    }

    /// The credentials in force.
    pub(super) fn rotation(&self) -> CredentialEpoch {
        CredentialEpoch::at(self.now, self.details.launch_time)
    }

    fn spot_notice(&self) -> Option<&'a SpotInterruption> {
        self.details.template.spot_interruption.as_ref().filter(|notice| notice.noticed.is_none_or(|at| at <= self.now))
    }

    fn rebalance_notice(&self) -> Option<Timestamp> {
        self.details
            .template
            .rebalance_recommendation
            .as_ref()
            .map(|notice| notice.notice_time)
            .filter(|at| *at <= self.now)
    }

    /// The private DNS name of an interface, if it has one.
    pub(crate) fn private_dns_name(&self, interface: &'a Interface) -> Option<String> {
        self.private_name(interface).map(|name| self.as_text(&name))
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

    fn private_name(&self, interface: &'a Interface) -> Option<Value<'a>> {
        match self.details.template.hostname_type {
            HostnameType::ResourceName => Some(Value::ResourceName),
            HostnameType::IpName => interface.local_ipv4s.first().copied().map(Value::IpName),
        }
    }

    fn public_name(&self, interface: &'a Interface) -> Option<Value<'a>> {
        let address = interface.public_ipv4s.first().filter(|_| self.details.template.dns_hostnames)?;
        Some(Value::PublicName(*address))
    }
}

impl Value<'_> {
    /// Appends the value as it is served.
    pub fn write_to(&self, view: &ReadContext<'_>, out: &mut Vec<u8>) {
        let details = view.details;
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
            Value::IpName(address) => {
                push("ip-", out);
                push_ipv4(address, b'-', out);
                push_suffix(&details.template.region().private_suffix(), out);
            }
            Value::ResourceName => {
                push(&details.instance_id, out);
                push_suffix(&details.template.region().private_suffix(), out);
            }
            Value::PublicName(address) => {
                push("ec2-", out);
                push_ipv4(address, b'-', out);
                push_suffix(&details.template.region().public_suffix(), out);
            }
            Value::IamInfo(role) => document::push_iam_info(view, role, out),
            Value::RoleCredentials(role) => document::push_role_credentials(view, role, out),
            Value::AccountInfo => document::push_account_info(view, out),
            Value::IdentityCredentials => document::push_credentials(view, "ec2-instance", out),
            Value::IdentityDocument => document::push_identity_document(view, out),
            Value::SpotAction(notice) => document::push_spot_action(notice.action, notice.time, out),
            Value::Rebalance(notice_time) => document::push_rebalance(notice_time, out),
            Value::Events(events, active) => document::push_events(events, active, out),
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

fn lines(lines: &[Line]) -> Option<Value<'_>> {
    some(lines).map(Value::Lines)
}

/// A list that has something in it.
fn some<T>(list: &[T]) -> Option<&[T]> {
    (!list.is_empty()).then_some(list)
}
