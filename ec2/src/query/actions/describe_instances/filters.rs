//! The filters of `DescribeInstances`: all that EC2 documents.

use alloc::string::ToString;
use core::fmt::Display;

use crate::query::filters::FilterKey;
use crate::query::model::constants::{
    ASSOCIATION_OWNER, ATTACHED, DELETE_ON_TERMINATION, HYPERVISOR, INTERFACE_STATUS, PLATFORM_DETAILS, PRIMARY_IPV6,
    PRODUCT_CODE_TYPE, ROOT_DEVICE_TYPE, USAGE_OPERATION,
};
use crate::query::model::instance_view::InstanceView;
use imds::record::{Interface, MetadataOptions, Network};
use imds::time::DisplayWithMillis;

/// Calls back with each value that an instance has for a filter.
pub type Column = for<'a> fn(&InstanceView<'a>, &mut dyn FnMut(&str));

/// Calls back with each value that an instance has for a filter or a tag.
pub fn for_each_value(view: &InstanceView<'_>, key: &FilterKey<'_, Column>, emit: &mut dyn FnMut(&str)) {
    match key {
        FilterKey::Tag(key) => each(view.instance.tags().get(*key), emit),
        FilterKey::Column(column) => column(view, emit),
    }
}

/// The names, sorted. A filter with `none` matches no instance here. Source: EC2's service model in
/// botocore.
pub static COLUMNS: &[(&str, Column)] = &[
    ("affinity", |view, emit| each(view.shown_value("placement/affinity"), emit)),
    ("architecture", |view, emit| one(&view.template().architecture, emit)),
    ("availability-zone", |view, emit| one(&view.template().availability_zone, emit)),
    ("availability-zone-id", |view, emit| each(&view.template().availability_zone_id, emit)),
    ("block-device-mapping.attach-time", |view, emit| each(view.volumes().map(|_| launch_time(view)), emit)),
    ("block-device-mapping.delete-on-termination", |view, emit| {
        each(view.volumes().map(|volume| volume.delete_on_termination), emit)
    }),
    ("block-device-mapping.device-name", |view, emit| each(view.volumes().map(|volume| volume.device), emit)),
    ("block-device-mapping.status", |view, emit| each(view.volumes().map(|_| ATTACHED), emit)),
    ("block-device-mapping.volume-id", |view, emit| each(view.volumes().map(|volume| volume.id), emit)),
    ("boot-mode", none),
    ("capacity-reservation-id", none),
    ("capacity-reservation-specification.capacity-reservation-preference", |view, emit| {
        each(view.shown_value("instance/capacityReservationSpecification/capacityReservationPreference"), emit)
    }),
    ("capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id", |view, emit| {
        each(
            view.shown_value(
                "instance/capacityReservationSpecification/capacityReservationTarget/capacityReservationId",
            ),
            emit,
        )
    }),
    (
        "capacity-reservation-specification.capacity-reservation-target.capacity-reservation-resource-group-arn",
        |view, emit| {
            each(view.shown_value("instance/capacityReservationSpecification/capacityReservationTarget/capacityReservationResourceGroupArn"), emit)
        },
    ),
    ("client-token", |view, emit| each(view.instance.client_token(), emit)),
    ("current-instance-boot-mode", none),
    ("dns-name", |view, emit| each(view.primary().and_then(|(primary, _)| view.public_dns_name(primary)), emit)),
    ("ebs-optimized", |view, emit| one(view.instance.attributes().ebs_optimized, emit)),
    ("ena-support", |view, emit| one(view.is_nitro(), emit)),
    ("enclave-options.enabled", |view, emit| each(view.shown_value("instance/enclaveOptions/enabled"), emit)),
    ("hibernation-options.configured", |view, emit| one(view.record().hibernation_configured == Some(true), emit)),
    ("host-id", |view, emit| each(&view.record().host_id, emit)),
    ("hypervisor", |_, emit| one(HYPERVISOR, emit)),
    ("iam-instance-profile.arn", |view, emit| each(view.instance_profile().map(|(arn, _)| arn), emit)),
    ("iam-instance-profile.id", |view, emit| each(view.instance_profile().map(|(_, id)| id), emit)),
    ("image-id", |view, emit| one(&view.template().ami_id, emit)),
    ("instance-id", |view, emit| one(view.id(), emit)),
    ("instance-lifecycle", |view, emit| each(view.lifecycle(), emit)),
    ("instance-state-code", |view, emit| one(view.state.code(), emit)),
    ("instance-state-name", |view, emit| one(view.state.name(), emit)),
    ("instance-type", |view, emit| one(&view.record().instance_type, emit)),
    ("instance.group-id", |view, emit| groups(view.primary(), emit, |id, _| id)),
    ("instance.group-name", |view, emit| groups(view.primary(), emit, |_, name| name)),
    ("ip-address", |view, emit| each(view.primary().and_then(|(primary, _)| view.public_ipv4s(primary).first()), emit)),
    ("ipv6-address", |view, emit| each(view.primary().and_then(|(primary, _)| primary.ipv6s().first()), emit)),
    ("kernel-id", |view, emit| each(&view.record().kernel_id, emit)),
    ("key-name", |view, emit| each(view.record().public_keys.first().map(|key| &key.name), emit)),
    ("launch-index", |view, emit| one(view.details().ami_launch_index, emit)),
    ("launch-time", |view, emit| one(launch_time(view), emit)),
    ("maintenance-options.auto-recovery", |view, emit| {
        each(view.shown_value("instance/maintenanceOptions/autoRecovery"), emit)
    }),
    ("metadata-options.http-endpoint", |view, emit| one(options(view).http_endpoint.name(), emit)),
    // EC2 has no option to disable it.
    ("metadata-options.http-protocol-ipv4", |_, emit| one("enabled", emit)),
    ("metadata-options.http-protocol-ipv6", |view, emit| one(options(view).http_protocol_ipv6.name(), emit)),
    ("metadata-options.http-put-response-hop-limit", |view, emit| {
        one(options(view).http_put_response_hop_limit.get(), emit);
    }),
    ("metadata-options.http-tokens", |view, emit| one(options(view).http_tokens.name(), emit)),
    ("metadata-options.instance-metadata-tags", |view, emit| one(options(view).instance_metadata_tags.name(), emit)),
    ("metadata-options.state", |view, emit| one(view.options_state.name(), emit)),
    ("monitoring-state", |view, emit| one(view.template().monitoring.name(), emit)),
    ("network-interface.addresses.association.allocation-id", none),
    ("network-interface.addresses.association.association-id", none),
    ("network-interface.addresses.association.carrier-ip", none),
    ("network-interface.addresses.association.customer-owned-ip", none),
    ("network-interface.addresses.association.ip-owner-id", association_owner),
    ("network-interface.addresses.association.public-dns-name", public_names),
    ("network-interface.addresses.association.public-ip", public_addresses),
    ("network-interface.addresses.primary", |view, emit| {
        interfaces(view, |interface, _| each((0..interface.local_ipv4s.len()).map(|index| index == 0), emit));
    }),
    ("network-interface.addresses.private-dns-name", private_names),
    ("network-interface.addresses.private-ip-address", |view, emit| {
        interfaces(view, |interface, _| each(&interface.local_ipv4s, emit));
    }),
    ("network-interface.association.allocation-id", none),
    ("network-interface.association.association-id", none),
    ("network-interface.association.carrier-ip", none),
    ("network-interface.association.customer-owned-ip", none),
    ("network-interface.association.ip-owner-id", association_owner),
    ("network-interface.association.public-dns-name", public_names),
    ("network-interface.association.public-ip", public_addresses),
    ("network-interface.attachment.attach-time", |view, emit| {
        interfaces(view, |_, _| one(launch_time(view), emit));
    }),
    ("network-interface.attachment.attachment-id", |view, emit| {
        interfaces(view, |interface, _| one(view.attachment_id(interface), emit));
    }),
    ("network-interface.attachment.delete-on-termination", |view, emit| {
        let count = view.interfaces().count();
        each((0..count).map(|index| view.shown_of_interface(index, DELETE_ON_TERMINATION).unwrap_or("true")), emit);
    }),
    ("network-interface.attachment.device-index", |view, emit| {
        interfaces(view, |_, network| one(network.device_number, emit));
    }),
    ("network-interface.attachment.instance-id", |view, emit| interfaces(view, |_, _| one(view.id(), emit))),
    ("network-interface.attachment.instance-owner-id", owner_of_interfaces),
    ("network-interface.attachment.network-card-index", |view, emit| {
        interfaces(view, |_, network| one(network.network_card.unwrap_or(0), emit));
    }),
    ("network-interface.attachment.status", |view, emit| interfaces(view, |_, _| one(ATTACHED, emit))),
    ("network-interface.availability-zone", |view, emit| {
        interfaces(view, |_, _| one(&view.template().availability_zone, emit));
    }),
    ("network-interface.deny-all-igw-traffic", none),
    ("network-interface.description", |view, emit| {
        each((0..view.interfaces().count()).map(|index| view.description(index)), emit);
    }),
    ("network-interface.group-id", |view, emit| {
        view.interfaces().for_each(|interface| groups(Some(interface), emit, |id, _| id));
    }),
    ("network-interface.group-name", |view, emit| {
        view.interfaces().for_each(|interface| groups(Some(interface), emit, |_, name| name));
    }),
    ("network-interface.ipv4-prefixes.ipv4-prefix", |view, emit| {
        interfaces(view, |interface, _| each(interface.ipv4_prefixes(), emit));
    }),
    ("network-interface.ipv6-address", ipv6s),
    ("network-interface.ipv6-addresses.ipv6-address", ipv6s),
    ("network-interface.ipv6-addresses.is-primary-ipv6", |view, emit| {
        for (index, (interface, _)) in view.interfaces().enumerate() {
            let has_primary = view.shown_of_interface(index, PRIMARY_IPV6).is_some();
            each((0..interface.ipv6s().len()).map(|index| has_primary && index == 0), emit);
        }
    }),
    ("network-interface.ipv6-native", none),
    ("network-interface.ipv6-prefixes.ipv6-prefix", |view, emit| {
        interfaces(view, |interface, _| each(interface.ipv6_prefixes(), emit));
    }),
    ("network-interface.mac-address", |view, emit| interfaces(view, |interface, _| one(interface.mac.as_str(), emit))),
    ("network-interface.network-interface-id", |view, emit| {
        interfaces(view, |interface, _| one(&interface.interface_id, emit))
    }),
    ("network-interface.operator.managed", none),
    ("network-interface.operator.principal", none),
    ("network-interface.outpost-arn", none),
    ("network-interface.owner-id", owner_of_interfaces),
    ("network-interface.private-dns-name", private_names),
    ("network-interface.private-ip-address", |view, emit| {
        interfaces(view, |interface, _| each(interface.local_ipv4s.first(), emit));
    }),
    ("network-interface.public-dns-name", public_names),
    ("network-interface.requester-id", none),
    ("network-interface.requester-managed", |view, emit| interfaces(view, |_, _| one(false, emit))),
    ("network-interface.status", |view, emit| interfaces(view, |_, _| one(INTERFACE_STATUS, emit))),
    ("network-interface.source-dest-check", |view, emit| interfaces(view, |_, _| one(true, emit))),
    ("network-interface.subnet-id", |view, emit| interfaces(view, |_, network| one(&network.subnet_id, emit))),
    ("network-interface.tag-key", |view, emit| each(view.instance.attributes().interface_tags.keys(), emit)),
    ("network-interface.tag-value", |view, emit| each(view.instance.attributes().interface_tags.values(), emit)),
    ("network-interface.vpc-id", |view, emit| interfaces(view, |_, network| one(&network.vpc_id, emit))),
    ("network-performance-options.bandwidth-weighting", |view, emit| {
        each(view.shown_value("instance/networkPerformanceOptions/bandwidthWeighting"), emit)
    }),
    ("operator.managed", none),
    ("operator.principal", none),
    ("outpost-arn", none),
    ("owner-id", |view, emit| one(&view.template().account_id, emit)),
    ("placement-group-name", |view, emit| each(&view.record().placement_group, emit)),
    ("placement-partition-number", |view, emit| each(view.record().partition_number, emit)),
    ("platform", none),
    ("platform-details", |_, emit| one(PLATFORM_DETAILS, emit)),
    ("private-dns-name", |view, emit| {
        each(view.primary().and_then(|(primary, _)| view.private_dns_name(primary)), emit)
    }),
    ("private-dns-name-options.enable-resource-name-dns-a-record", |view, emit| {
        each(view.shown_value("names/enableResourceNameDnsARecord"), emit)
    }),
    ("private-dns-name-options.enable-resource-name-dns-aaaa-record", |view, emit| {
        each(view.shown_value("names/enableResourceNameDnsAAAARecord"), emit)
    }),
    ("private-dns-name-options.hostname-type", |view, emit| one(view.record().hostname_type.name(), emit)),
    ("private-ip-address", |view, emit| {
        each(view.primary().and_then(|(primary, _)| primary.local_ipv4s.first()), emit)
    }),
    ("product-code", |view, emit| each(&view.record().product_codes, emit)),
    ("product-code.type", |view, emit| each(view.record().product_codes.iter().map(|_| PRODUCT_CODE_TYPE), emit)),
    ("ramdisk-id", |view, emit| each(&view.record().ramdisk_id, emit)),
    ("reason", |view, emit| one(view.reason(), emit)),
    ("requester-id", none),
    ("reservation-id", |view, emit| one(&view.details().reservation_id, emit)),
    ("root-device-name", |view, emit| one(view.root_device_name(), emit)),
    ("root-device-type", |_, emit| one(ROOT_DEVICE_TYPE, emit)),
    ("source-dest-check", |_, emit| one(true, emit)),
    ("spot-instance-request-id", none),
    ("state-reason-code", |view, emit| each(view.state_reason().map(|(code, _)| code), emit)),
    ("state-reason-message", |view, emit| each(view.state_reason().map(|(_, message)| message), emit)),
    ("subnet-id", |view, emit| each(view.primary().map(|(_, network)| &network.subnet_id), emit)),
    ("tag-key", |view, emit| each(view.instance.tags().keys(), emit)),
    ("tag-value", |view, emit| each(view.instance.tags().values(), emit)),
    ("tenancy", |view, emit| one(view.instance.attributes().tenancy.name(), emit)),
    ("tpm-support", none),
    ("usage-operation", |_, emit| one(USAGE_OPERATION, emit)),
    ("usage-operation-update-time", |view, emit| one(launch_time(view), emit)),
    ("virtualization-type", |view, emit| one(view.virtualization_type(), emit)),
    ("vpc-id", |view, emit| each(view.primary().map(|(_, network)| &network.vpc_id), emit)),
];

fn none(_: &InstanceView<'_>, _: &mut dyn FnMut(&str)) {}

fn one(value: impl Display, emit: &mut dyn FnMut(&str)) {
    emit(&value.to_string());
}

fn each(values: impl IntoIterator<Item = impl Display>, emit: &mut dyn FnMut(&str)) {
    values.into_iter().for_each(|value| one(value, emit));
}

fn interfaces<'a>(view: &InstanceView<'a>, mut visit: impl FnMut(&'a Interface, &'a Network)) {
    view.interfaces().for_each(|(interface, network)| visit(interface, network));
}

fn groups(
    interface: Option<(&Interface, &Network)>,
    emit: &mut dyn FnMut(&str),
    pick: for<'g> fn(&'g str, &'g str) -> &'g str,
) {
    let groups = interface.into_iter().flat_map(|(_, network)| &network.security_groups);
    groups.for_each(|group| emit(pick(&group.id, &group.name)));
}

fn options(view: &InstanceView<'_>) -> MetadataOptions {
    view.instance.instance().requested_options(view.now).0
}

fn launch_time(view: &InstanceView<'_>) -> DisplayWithMillis {
    view.details().launch_time.display_with_millis()
}

fn private_names(view: &InstanceView<'_>, emit: &mut dyn FnMut(&str)) {
    interfaces(view, |interface, _| each(view.private_dns_name(interface), emit));
}

fn public_names(view: &InstanceView<'_>, emit: &mut dyn FnMut(&str)) {
    interfaces(view, |interface, _| each(view.public_dns_name(interface), emit));
}

fn public_addresses(view: &InstanceView<'_>, emit: &mut dyn FnMut(&str)) {
    interfaces(view, |interface, _| each(view.public_ipv4s(interface), emit));
}

fn association_owner(view: &InstanceView<'_>, emit: &mut dyn FnMut(&str)) {
    interfaces(view, |interface, _| each(view.public_ipv4s(interface).iter().map(|_| ASSOCIATION_OWNER), emit));
}

fn owner_of_interfaces(view: &InstanceView<'_>, emit: &mut dyn FnMut(&str)) {
    interfaces(view, |_, _| one(&view.template().account_id, emit));
}

fn ipv6s(view: &InstanceView<'_>, emit: &mut dyn FnMut(&str)) {
    interfaces(view, |interface, _| each(interface.ipv6s(), emit));
}
