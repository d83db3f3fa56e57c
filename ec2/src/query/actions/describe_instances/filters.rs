//! What `DescribeInstances` can be narrowed by: every filter that EC2 documents.

use alloc::string::ToString;
use core::fmt::Display;

use super::describe::{
    ASSOCIATION_OWNER, ATTACHED, HYPERVISOR, INTERFACE_STATUS, PLATFORM_DETAILS, ROOT_DEVICE_TYPE, USAGE_OPERATION,
};
use super::filter::Of;
use super::shown::InstanceView;
use super::xml::Time;
use imds::record::{Interface, MetadataOptions, Network};

/// Gives each value that an instance has under a filter's name.
pub(super) type Column = for<'a> fn(&InstanceView<'a>, &mut dyn FnMut(&str));

/// All values that an instance has under what a filter is of.
pub(super) fn give(shown: &InstanceView<'_>, of: &Of<'_, Column>, see: &mut dyn FnMut(&str)) {
    match of {
        Of::Tag(key) => each(shown.member.tags().get(*key), see),
        Of::Column(column) => column(shown, see),
    }
}

/// Source of the names: EC2's service model in botocore. What no instance here has is never found.
pub(super) static COLUMNS: &[(&str, Column)] = &[
    ("affinity", none),
    ("architecture", |shown, see| one(&shown.template().architecture, see)),
    ("availability-zone", |shown, see| one(&shown.template().availability_zone, see)),
    ("availability-zone-id", |shown, see| one(&shown.template().availability_zone_id, see)),
    ("block-device-mapping.attach-time", |shown, see| each(shown.volumes().map(|_| launch_time(shown)), see)),
    ("block-device-mapping.delete-on-termination", |shown, see| each(shown.volumes().map(|(.., goes)| goes), see)),
    ("block-device-mapping.device-name", |shown, see| each(shown.volumes().map(|(device, ..)| device), see)),
    ("block-device-mapping.status", |shown, see| each(shown.volumes().map(|_| ATTACHED), see)),
    ("block-device-mapping.volume-id", |shown, see| each(shown.volumes().map(|(_, id, _)| id), see)),
    ("boot-mode", none),
    ("capacity-reservation-id", none),
    ("capacity-reservation-specification.capacity-reservation-preference", none),
    ("capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id", none),
    ("capacity-reservation-specification.capacity-reservation-target.capacity-reservation-resource-group-arn", none),
    ("client-token", |shown, see| each(shown.member.client_token(), see)),
    ("current-instance-boot-mode", none),
    ("dns-name", |shown, see| each(shown.primary().and_then(|(primary, _)| shown.public_dns_name(primary)), see)),
    ("ebs-optimized", |shown, see| one(shown.member.notes().ebs_optimized, see)),
    ("ena-support", |shown, see| one(shown.is_nitro(), see)),
    ("enclave-options.enabled", none),
    ("hibernation-options.configured", |shown, see| {
        one(shown.template().record.hibernation_configured == Some(true), see)
    }),
    ("host-id", |shown, see| each(&shown.template().record.host_id, see)),
    ("hypervisor", |_, see| one(HYPERVISOR, see)),
    ("iam-instance-profile.arn", |shown, see| each(shown.instance_profile().map(|(arn, _)| arn), see)),
    ("iam-instance-profile.id", |shown, see| each(shown.instance_profile().map(|(_, id)| id), see)),
    ("image-id", |shown, see| one(&shown.template().ami_id, see)),
    ("instance-id", |shown, see| one(shown.id(), see)),
    ("instance-lifecycle", |shown, see| each(shown.lifecycle(), see)),
    ("instance-state-code", |shown, see| one(shown.state.code(), see)),
    ("instance-state-name", |shown, see| one(shown.state.name(), see)),
    ("instance-type", |shown, see| one(&shown.template().record.instance_type, see)),
    ("instance.group-id", |shown, see| groups(shown.primary(), see, |id, _| id)),
    ("instance.group-name", |shown, see| groups(shown.primary(), see, |_, name| name)),
    ("ip-address", |shown, see| each(shown.primary().and_then(|(at, _)| shown.public_ipv4s(at).first()), see)),
    ("ipv6-address", |shown, see| each(shown.primary().and_then(|(primary, _)| primary.ipv6s().first()), see)),
    ("kernel-id", |shown, see| each(&shown.template().record.kernel_id, see)),
    ("key-name", |shown, see| each(shown.template().record.public_keys.first().map(|key| &key.name), see)),
    ("launch-index", |shown, see| one(shown.details().ami_launch_index, see)),
    ("launch-time", |shown, see| one(launch_time(shown), see)),
    ("maintenance-options.auto-recovery", none),
    ("metadata-options.http-endpoint", |shown, see| one(options(shown).http_endpoint.name(), see)),
    // There is no option to turn it off.
    ("metadata-options.http-protocol-ipv4", |_, see| one("enabled", see)),
    ("metadata-options.http-protocol-ipv6", |shown, see| one(options(shown).http_protocol_ipv6.name(), see)),
    ("metadata-options.http-put-response-hop-limit", |shown, see| {
        one(options(shown).http_put_response_hop_limit.get(), see);
    }),
    ("metadata-options.http-tokens", |shown, see| one(options(shown).http_tokens.name(), see)),
    ("metadata-options.instance-metadata-tags", |shown, see| one(options(shown).instance_metadata_tags.name(), see)),
    ("metadata-options.state", |shown, see| one(shown.options_state.name(), see)),
    ("monitoring-state", |shown, see| one(shown.template().monitoring.name(), see)),
    ("network-interface.addresses.association.allocation-id", none),
    ("network-interface.addresses.association.association-id", none),
    ("network-interface.addresses.association.carrier-ip", none),
    ("network-interface.addresses.association.customer-owned-ip", none),
    ("network-interface.addresses.association.ip-owner-id", association_owner),
    ("network-interface.addresses.association.public-dns-name", public_names),
    ("network-interface.addresses.association.public-ip", public_addresses),
    ("network-interface.addresses.primary", |shown, see| {
        interfaces(shown, |at, _| each((0..at.local_ipv4s.len()).map(|place| place == 0), see));
    }),
    ("network-interface.addresses.private-dns-name", private_names),
    ("network-interface.addresses.private-ip-address", |shown, see| {
        interfaces(shown, |at, _| each(&at.local_ipv4s, see));
    }),
    ("network-interface.association.allocation-id", none),
    ("network-interface.association.association-id", none),
    ("network-interface.association.carrier-ip", none),
    ("network-interface.association.customer-owned-ip", none),
    ("network-interface.association.ip-owner-id", association_owner),
    ("network-interface.association.public-dns-name", public_names),
    ("network-interface.association.public-ip", public_addresses),
    ("network-interface.attachment.attach-time", |shown, see| {
        interfaces(shown, |_, _| one(launch_time(shown), see));
    }),
    ("network-interface.attachment.attachment-id", |shown, see| {
        interfaces(shown, |at, _| one(shown.attachment_id(at), see));
    }),
    ("network-interface.attachment.delete-on-termination", |shown, see| interfaces(shown, |_, _| one(true, see))),
    ("network-interface.attachment.device-index", |shown, see| {
        interfaces(shown, |_, network| one(network.device_number, see));
    }),
    ("network-interface.attachment.instance-id", |shown, see| interfaces(shown, |_, _| one(shown.id(), see))),
    ("network-interface.attachment.instance-owner-id", owner_of_interfaces),
    ("network-interface.attachment.network-card-index", |shown, see| {
        interfaces(shown, |_, network| one(network.network_card.unwrap_or(0), see));
    }),
    ("network-interface.attachment.status", |shown, see| interfaces(shown, |_, _| one(ATTACHED, see))),
    ("network-interface.availability-zone", |shown, see| {
        interfaces(shown, |_, _| one(&shown.template().availability_zone, see));
    }),
    ("network-interface.deny-all-igw-traffic", none),
    ("network-interface.description", |shown, see| {
        each((0..shown.interfaces().count()).map(|index| shown.description(index)), see);
    }),
    ("network-interface.group-id", |shown, see| {
        shown.interfaces().for_each(|interface| groups(Some(interface), see, |id, _| id));
    }),
    ("network-interface.group-name", |shown, see| {
        shown.interfaces().for_each(|interface| groups(Some(interface), see, |_, name| name));
    }),
    ("network-interface.ipv4-prefixes.ipv4-prefix", none),
    ("network-interface.ipv6-address", ipv6s),
    ("network-interface.ipv6-addresses.ipv6-address", ipv6s),
    ("network-interface.ipv6-addresses.is-primary-ipv6", none),
    ("network-interface.ipv6-native", none),
    ("network-interface.ipv6-prefixes.ipv6-prefix", |shown, see| {
        interfaces(shown, |at, _| each(at.ipv6_prefixes(), see));
    }),
    ("network-interface.mac-address", |shown, see| interfaces(shown, |at, _| one(at.mac.as_str(), see))),
    ("network-interface.network-interface-id", |shown, see| interfaces(shown, |at, _| one(&at.interface_id, see))),
    ("network-interface.operator.managed", none),
    ("network-interface.operator.principal", none),
    ("network-interface.outpost-arn", none),
    ("network-interface.owner-id", owner_of_interfaces),
    ("network-interface.private-dns-name", private_names),
    ("network-interface.private-ip-address", |shown, see| {
        interfaces(shown, |at, _| each(at.local_ipv4s.first(), see));
    }),
    ("network-interface.public-dns-name", public_names),
    ("network-interface.requester-id", none),
    ("network-interface.requester-managed", |shown, see| interfaces(shown, |_, _| one(false, see))),
    ("network-interface.status", |shown, see| interfaces(shown, |_, _| one(INTERFACE_STATUS, see))),
    ("network-interface.source-dest-check", |shown, see| interfaces(shown, |_, _| one(true, see))),
    ("network-interface.subnet-id", |shown, see| interfaces(shown, |_, network| one(&network.subnet_id, see))),
    ("network-interface.tag-key", none),
    ("network-interface.tag-value", none),
    ("network-interface.vpc-id", |shown, see| interfaces(shown, |_, network| one(&network.vpc_id, see))),
    ("network-performance-options.bandwidth-weighting", none),
    ("operator.managed", none),
    ("operator.principal", none),
    ("outpost-arn", none),
    ("owner-id", |shown, see| one(&shown.template().account_id, see)),
    ("placement-group-name", |shown, see| each(&shown.template().record.placement_group, see)),
    ("placement-partition-number", |shown, see| each(shown.template().record.partition_number, see)),
    ("platform", none),
    ("platform-details", |_, see| one(PLATFORM_DETAILS, see)),
    ("private-dns-name", |shown, see| each(shown.primary().and_then(|(at, _)| shown.private_dns_name(at)), see)),
    ("private-dns-name-options.enable-resource-name-dns-a-record", none),
    ("private-dns-name-options.enable-resource-name-dns-aaaa-record", none),
    ("private-dns-name-options.hostname-type", |shown, see| one(shown.template().record.hostname_type.name(), see)),
    ("private-ip-address", |shown, see| each(shown.primary().and_then(|(at, _)| at.local_ipv4s.first()), see)),
    ("product-code", |shown, see| each(&shown.template().record.product_codes, see)),
    ("product-code.type", |shown, see| each(shown.template().record.product_codes.iter().map(|_| "marketplace"), see)),
    ("ramdisk-id", |shown, see| each(&shown.template().record.ramdisk_id, see)),
    ("reason", |shown, see| one(shown.reason(), see)),
    ("requester-id", none),
    ("reservation-id", |shown, see| one(&shown.details().reservation_id, see)),
    ("root-device-name", |shown, see| one(shown.root_device_name(), see)),
    ("root-device-type", |_, see| one(ROOT_DEVICE_TYPE, see)),
    ("source-dest-check", |_, see| one(true, see)),
    ("spot-instance-request-id", none),
    ("state-reason-code", |shown, see| each(shown.state_reason().map(|(code, _)| code), see)),
    ("state-reason-message", |shown, see| each(shown.state_reason().map(|(_, message)| message), see)),
    ("subnet-id", |shown, see| each(shown.primary().map(|(_, network)| &network.subnet_id), see)),
    ("tag-key", |shown, see| each(shown.member.tags().keys(), see)),
    ("tag-value", |shown, see| each(shown.member.tags().values(), see)),
    ("tenancy", |shown, see| one(shown.member.notes().tenancy.name(), see)),
    ("tpm-support", none),
    ("usage-operation", |_, see| one(USAGE_OPERATION, see)),
    ("usage-operation-update-time", |shown, see| one(launch_time(shown), see)),
    ("virtualization-type", |shown, see| one(shown.virtualization_type(), see)),
    ("vpc-id", |shown, see| each(shown.primary().map(|(_, network)| &network.vpc_id), see)),
];

fn none(_: &InstanceView<'_>, _: &mut dyn FnMut(&str)) {}

fn one(value: impl Display, see: &mut dyn FnMut(&str)) {
    see(&value.to_string());
}

fn each(values: impl IntoIterator<Item = impl Display>, see: &mut dyn FnMut(&str)) {
    values.into_iter().for_each(|value| one(value, see));
}

fn interfaces<'a>(shown: &InstanceView<'a>, mut give: impl FnMut(&'a Interface, &'a Network)) {
    shown.interfaces().for_each(|(interface, network)| give(interface, network));
}

fn groups(
    interface: Option<(&Interface, &Network)>,
    see: &mut dyn FnMut(&str),
    pick: for<'g> fn(&'g str, &'g str) -> &'g str,
) {
    let groups = interface.into_iter().flat_map(|(_, network)| &network.security_groups);
    groups.for_each(|group| see(pick(&group.id, &group.name)));
}

fn options(shown: &InstanceView<'_>) -> MetadataOptions {
    shown.member.instance().wanted_options(shown.now).0
}

fn launch_time(shown: &InstanceView<'_>) -> Time {
    Time(shown.details().launch_time)
}

fn private_names(shown: &InstanceView<'_>, see: &mut dyn FnMut(&str)) {
    interfaces(shown, |at, _| each(shown.private_dns_name(at), see));
}

fn public_names(shown: &InstanceView<'_>, see: &mut dyn FnMut(&str)) {
    interfaces(shown, |at, _| each(shown.public_dns_name(at), see));
}

fn public_addresses(shown: &InstanceView<'_>, see: &mut dyn FnMut(&str)) {
    interfaces(shown, |at, _| each(shown.public_ipv4s(at), see));
}

fn association_owner(shown: &InstanceView<'_>, see: &mut dyn FnMut(&str)) {
    interfaces(shown, |at, _| each(shown.public_ipv4s(at).iter().map(|_| ASSOCIATION_OWNER), see));
}

fn owner_of_interfaces(shown: &InstanceView<'_>, see: &mut dyn FnMut(&str)) {
    interfaces(shown, |_, _| one(&shown.template().account_id, see));
}

fn ipv6s(shown: &InstanceView<'_>, see: &mut dyn FnMut(&str)) {
    interfaces(shown, |at, _| each(at.ipv6s(), see));
}
