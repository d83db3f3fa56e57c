//! Instances in responses. The elements are in the order of EC2's service model in botocore.

use alloc::format;
use alloc::vec::Vec;

use super::constants::{
    ASSOCIATION_OWNER, ATTACHED, DELETE_ON_TERMINATION, HYPERVISOR, INTERFACE_STATUS, PLATFORM_DETAILS, PRIMARY_IPV6,
    PRODUCT_CODE_TYPE, ROOT_DEVICE_TYPE, USAGE_OPERATION,
};
use super::instance_view::InstanceView;
use super::metadata_options::write_options;
use crate::fleet::InstanceState;
use crate::query::xml::Xml;
use imds::record::{Interface, Network, SecurityGroup};

/// Writes instances in the order of their launches. The instances of one launch are a reservation.
pub fn write_reservations<'a>(xml: &mut Xml, views: impl Iterator<Item = InstanceView<'a>>) {
    let views: Vec<_> = views.collect();
    let launches = views.chunk_by(|one, next| one.details().reservation_id == next.details().reservation_id);
    xml.list("reservationSet", launches, write_reservation);
}

/// Writes the content of a reservation, which has at least one instance.
pub fn write_reservation(xml: &mut Xml, views: &[InstanceView<'_>]) {
    if let Some(first) = views.first() {
        xml.text("reservationId", &first.details().reservation_id);
        xml.text("ownerId", &first.template().account_id);
    }
    // Groups of EC2-Classic, which AWS has retired.
    xml.list("groupSet", [(); 0], |_, ()| {});
    xml.list("instancesSet", views, write_instance);
}

fn write_instance(xml: &mut Xml, view: &InstanceView<'_>) {
    let (instance, details, template, record) = (view.instance, view.details(), view.template(), view.record());
    let primary = view.primary();
    let interface = primary.map(|(interface, _)| interface);
    let network = primary.map(|(_, network)| network);
    xml.text("instanceId", &details.instance_id);
    xml.text("imageId", &template.ami_id);
    xml.element("instanceState", |xml| write_state(xml, view.state));
    xml.text("privateDnsName", interface.and_then(|primary| view.private_dns_name(primary)).unwrap_or_default());
    xml.text("dnsName", interface.and_then(|primary| view.public_dns_name(primary)).unwrap_or_default());
    xml.text("reason", view.reason());
    xml.optional("keyName", record.public_keys.first().map(|key| &key.name));
    xml.text("amiLaunchIndex", details.ami_launch_index);
    write_product_codes(xml, view);
    xml.text("instanceType", &record.instance_type);
    xml.time("launchTime", details.launch_time);
    xml.element("placement", |xml| {
        xml.text("availabilityZone", &template.availability_zone);
        xml.optional("availabilityZoneId", template.availability_zone_id.as_ref());
        xml.text("groupName", record.placement_group.as_deref().unwrap_or_default());
        xml.optional("partitionNumber", record.partition_number);
        xml.optional("hostId", record.host_id.as_ref());
        xml.text("tenancy", instance.attributes().tenancy.name());
        xml.tree(view.shown("placement/"));
    });
    xml.optional("kernelId", record.kernel_id.as_ref());
    xml.optional("ramdiskId", record.ramdisk_id.as_ref());
    xml.element("monitoring", |xml| xml.text("state", template.monitoring.name()));
    xml.optional("subnetId", network.map(|network| &network.subnet_id));
    xml.optional("vpcId", network.map(|network| &network.vpc_id));
    xml.optional("privateIpAddress", interface.and_then(|primary| primary.local_ipv4s.first()));
    xml.optional("ipAddress", interface.and_then(|primary| view.public_ipv4s(primary).first()));
    xml.optional("ipv6Address", interface.and_then(|primary| primary.ipv6s().first()));
    if let Some((code, message)) = view.state_reason() {
        xml.element("stateReason", |xml| {
            xml.text("code", code);
            xml.text("message", message);
        });
    }
    xml.text("architecture", &template.architecture);
    xml.text("rootDeviceType", ROOT_DEVICE_TYPE);
    xml.text("rootDeviceName", view.root_device_name());
    write_volumes(xml, view);
    xml.text("virtualizationType", view.virtualization_type());
    xml.optional("instanceLifecycle", view.lifecycle());
    xml.text("clientToken", instance.client_token().unwrap_or_default());
    xml.list("tagSet", instance.tags(), |xml, (key, value)| {
        xml.text("key", key);
        xml.text("value", value);
    });
    xml.text("hypervisor", HYPERVISOR);
    xml.list("networkInterfaceSet", view.interfaces().enumerate(), |xml, (index, (interface, network))| {
        write_interface(xml, view, index, interface, network);
    });
    xml.optional("outpostArn", record.outpost_arn.as_ref());
    if let Some((arn, id)) = view.instance_profile() {
        xml.element("iamInstanceProfile", |xml| {
            xml.text("arn", arn);
            xml.text("id", id);
        });
    }
    xml.text("ebsOptimized", instance.attributes().ebs_optimized);
    xml.text("enaSupport", view.is_nitro());
    xml.text("sourceDestCheck", true);
    write_groups(xml, network.map_or(&[][..], |network| &network.security_groups));
    xml.element("hibernationOptions", |xml| xml.text("configured", record.hibernation_configured.unwrap_or(false)));
    xml.element("metadataOptions", |xml| {
        let (options, _) = instance.instance().requested_options(view.now);
        write_options(xml, options, view.options_state);
    });
    xml.text("platformDetails", PLATFORM_DETAILS);
    xml.text("usageOperation", USAGE_OPERATION);
    xml.time("usageOperationUpdateTime", details.launch_time);
    xml.element("privateDnsNameOptions", |xml| {
        xml.text("hostnameType", record.hostname_type.name());
        xml.tree(view.shown("names/"));
    });
    xml.tree(view.shown("instance/"));
}

fn write_interface<'a>(
    xml: &mut Xml,
    view: &InstanceView<'a>,
    index: usize,
    interface: &'a Interface,
    network: &'a Network,
) {
    let private_name = view.private_dns_name(interface);
    let public_name = view.public_dns_name(interface);
    let public = view.public_ipv4s(interface);
    let association = |xml: &mut Xml, index: usize| {
        if let Some(address) = public.get(index) {
            xml.element("association", |xml| {
                xml.text("publicIp", address);
                xml.text("publicDnsName", public_name.as_deref().unwrap_or_default());
                xml.text("ipOwnerId", ASSOCIATION_OWNER);
            });
        }
    };
    xml.text("networkInterfaceId", &interface.interface_id);
    xml.text("subnetId", &network.subnet_id);
    xml.text("vpcId", &network.vpc_id);
    xml.text("description", view.description(index));
    xml.text("ownerId", &view.template().account_id);
    xml.text("status", INTERFACE_STATUS);
    xml.text("macAddress", interface.mac.as_str());
    xml.optional("privateIpAddress", interface.local_ipv4s.first());
    xml.optional("privateDnsName", private_name.as_deref());
    xml.text("sourceDestCheck", true);
    write_groups(xml, &network.security_groups);
    xml.element("attachment", |xml| {
        xml.text("attachmentId", view.attachment_id(interface));
        xml.text("deviceIndex", network.device_number);
        xml.text("status", ATTACHED);
        xml.time("attachTime", view.details().launch_time);
        if view.shown_of_interface(index, DELETE_ON_TERMINATION).is_none() {
            xml.text("deleteOnTermination", true);
        }
        xml.text("networkCardIndex", network.network_card.unwrap_or(0));
        xml.tree(view.shown(&format!("interface {index}/attachment/")));
    });
    association(xml, 0);
    xml.list("privateIpAddressesSet", interface.local_ipv4s.iter().enumerate(), |xml, (index, address)| {
        xml.text("privateIpAddress", address);
        xml.optional("privateDnsName", private_name.as_deref().filter(|_| index == 0));
        xml.text("primary", index == 0);
        association(xml, index);
    });
    let has_primary_ipv6 = view.shown_of_interface(index, PRIMARY_IPV6).is_some();
    xml.list("ipv6AddressesSet", interface.ipv6s().iter().enumerate(), |xml, (index, address)| {
        xml.text("ipv6Address", address);
        xml.text("isPrimaryIpv6", has_primary_ipv6 && index == 0);
    });
    if !interface.ipv4_prefixes().is_empty() {
        xml.list("ipv4PrefixSet", interface.ipv4_prefixes(), |xml, prefix| xml.text("ipv4Prefix", prefix));
    }
    if !interface.ipv6_prefixes().is_empty() {
        xml.list("ipv6PrefixSet", interface.ipv6_prefixes(), |xml, prefix| xml.text("ipv6Prefix", prefix));
    }
    if view.shown_of_interface(index, "own/interfaceType").is_none() {
        xml.text("interfaceType", "interface");
    }
    xml.tree(view.shown(&format!("interface {index}/own/")));
}

/// Writes the code and the name of a state.
pub fn write_state(xml: &mut Xml, state: InstanceState) {
    xml.text("code", state.code());
    xml.text("name", state.name());
}

pub fn write_product_codes(xml: &mut Xml, view: &InstanceView<'_>) {
    xml.list("productCodes", &view.record().product_codes, |xml, code| {
        xml.text("productCode", code);
        xml.text("type", PRODUCT_CODE_TYPE);
    });
}

pub fn write_volumes(xml: &mut Xml, view: &InstanceView<'_>) {
    xml.list("blockDeviceMapping", view.volumes(), |xml, volume| {
        xml.text("deviceName", volume.device);
        xml.element("ebs", |xml| {
            xml.text("volumeId", &volume.id);
            xml.text("status", ATTACHED);
            xml.time("attachTime", view.details().launch_time);
            xml.text("deleteOnTermination", volume.delete_on_termination);
            xml.optional("ebsCardIndex", volume.shown("ebsCardIndex"));
        });
    });
}

pub fn write_groups(xml: &mut Xml, groups: &[SecurityGroup]) {
    xml.list("groupSet", groups, |xml, group| {
        xml.text("groupId", &group.id);
        xml.text("groupName", &group.name);
    });
}
