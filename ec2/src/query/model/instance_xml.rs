use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use super::error::{Error, Result};
use super::filter::Filters;
use super::form::Form;
use super::instance_filters::{COLUMNS, give};
use super::lifecycle::instance_ids;
use super::page::Page;
use super::shown::InstanceView;
use super::xml::Xml;
use crate::fleet::{Fleet, FleetInstance, InstanceState, LaunchSeq};
use imds::instance::OptionsState;
use imds::record::{Interface, METADATA_OPTIONS, MetadataOptions, Network, SecurityGroup};
use imds::time::Timestamp;

/// `DescribeInstances`
pub(super) fn instances(fleet: &mut Fleet, now: Timestamp, form: &Form, xml: &mut Xml) -> Result<()> {
    let page = Page::read(fleet, form, "DescribeInstances")?;
    let filters = Filters::read(form, COLUMNS)?;
    let passes = |shown: &InstanceView<'_>| filters.let_through(|of, see| give(shown, of, see));
    if form.has("InstanceId") {
        // Seen: moto#6282.
        if let Some(parameter) = page.parameter() {
            let message = ["The parameter instancesSet cannot be used with the parameter ", parameter].concat();
            return Err(Error::combination(message));
        }
        let mut orders = BTreeSet::new();
        orders.extend(instance_ids(fleet, form)?.iter().filter_map(|id| fleet.member(id)).map(FleetInstance::order));
        let members = orders.into_iter().filter_map(|order| fleet.members(order).next());
        let shown = members.map(|member| InstanceView::new(member, now));
        write_reservations(xml, shown.filter(passes));
        return Ok(());
    }
    let start = page.after.as_ref().map_or(LaunchSeq::FIRST, |after| after.order);
    let found = InstanceView::all(fleet, now, start).filter(passes);
    let (found, next) = page.cut(found, |shown| (shown.member.order(), String::new()));
    write_reservations(xml, found.into_iter());
    xml.optional("nextToken", next.map(|next| next.token(fleet, "DescribeInstances")));
    Ok(())
}

/// Instances of one launch are one reservation, and stand together.
fn write_reservations<'a>(xml: &mut Xml, shown: impl Iterator<Item = InstanceView<'a>>) {
    let shown: Vec<_> = shown.collect();
    let launches = shown.chunk_by(|one, next| one.details().reservation_id == next.details().reservation_id);
    xml.list("reservationSet", launches, write_reservation);
}

/// A reservation: never empty.
pub(super) fn write_reservation(xml: &mut Xml, shown: &[InstanceView<'_>]) {
    if let Some(first) = shown.first() {
        xml.text("reservationId", &first.details().reservation_id);
        xml.text("ownerId", &first.template().account_id);
    }
    // Groups of EC2-Classic, which is no more.
    xml.list("groupSet", [(); 0], |_, ()| {});
    xml.list("instancesSet", shown, write_instance);
}

/// An instance, its members in the order of EC2's service model.
fn write_instance(xml: &mut Xml, shown: &InstanceView<'_>) {
    let (member, details, template) = (shown.member, shown.details(), shown.template());
    let primary = shown.primary();
    let interface = primary.map(|(interface, _)| interface);
    let network = primary.map(|(_, network)| network);
    xml.text("instanceId", &details.instance_id);
    xml.text("imageId", &template.ami_id);
    xml.element("instanceState", |xml| write_state(xml, shown.state));
    xml.text("privateDnsName", interface.and_then(|primary| shown.private_dns_name(primary)).unwrap_or_default());
    xml.text("dnsName", interface.and_then(|primary| shown.public_dns_name(primary)).unwrap_or_default());
    xml.text("reason", shown.reason());
    xml.optional("keyName", template.record.public_keys.first().map(|key| &key.name));
    xml.text("amiLaunchIndex", details.ami_launch_index);
    write_product_codes(xml, shown);
    xml.text("instanceType", &template.record.instance_type);
    xml.time("launchTime", details.launch_time);
    xml.element("placement", |xml| {
        xml.text("availabilityZone", &template.availability_zone);
        xml.text("availabilityZoneId", &template.availability_zone_id);
        xml.text("groupName", template.record.placement_group.as_deref().unwrap_or_default());
        xml.optional("partitionNumber", template.record.partition_number);
        xml.optional("hostId", template.record.host_id.as_ref());
        xml.text("tenancy", member.notes().tenancy.name());
    });
    xml.optional("kernelId", template.record.kernel_id.as_ref());
    xml.optional("ramdiskId", template.record.ramdisk_id.as_ref());
    xml.element("monitoring", |xml| xml.text("state", template.monitoring.name()));
    xml.optional("subnetId", network.map(|network| &network.subnet_id));
    xml.optional("vpcId", network.map(|network| &network.vpc_id));
    xml.optional("privateIpAddress", interface.and_then(|primary| primary.local_ipv4s.first()));
    xml.optional("ipAddress", interface.and_then(|primary| shown.public_ipv4s(primary).first()));
    xml.optional("ipv6Address", interface.and_then(|primary| primary.ipv6s().first()));
    if let Some((code, message)) = shown.state_reason() {
        xml.element("stateReason", |xml| {
            xml.text("code", code);
            xml.text("message", message);
        });
    }
    xml.text("architecture", &template.architecture);
    xml.text("rootDeviceType", ROOT_DEVICE_TYPE);
    xml.text("rootDeviceName", shown.root_device_name());
    write_volumes(xml, shown);
    xml.text("virtualizationType", shown.virtualization_type());
    xml.optional("instanceLifecycle", shown.lifecycle());
    xml.text("clientToken", member.client_token().unwrap_or_default());
    xml.list("tagSet", member.tags(), |xml, (key, value)| {
        xml.text("key", key);
        xml.text("value", value);
    });
    xml.text("hypervisor", HYPERVISOR);
    xml.list("networkInterfaceSet", shown.interfaces().enumerate(), |xml, (index, (interface, network))| {
        write_interface(xml, shown, index, interface, network);
    });
    if let Some((arn, id)) = shown.instance_profile() {
        xml.element("iamInstanceProfile", |xml| {
            xml.text("arn", arn);
            xml.text("id", id);
        });
    }
    xml.text("ebsOptimized", member.notes().ebs_optimized);
    xml.text("enaSupport", shown.is_nitro());
    xml.text("sourceDestCheck", true);
    write_groups(xml, network.map_or(&[][..], |network| &network.security_groups));
    xml.element("hibernationOptions", |xml| {
        xml.text("configured", template.record.hibernation_configured.unwrap_or(false))
    });
    xml.element("metadataOptions", |xml| {
        let (options, _) = member.instance().wanted_options(shown.now);
        write_options(xml, options, shown.options_state);
    });
    xml.text("platformDetails", PLATFORM_DETAILS);
    xml.text("usageOperation", USAGE_OPERATION);
    xml.time("usageOperationUpdateTime", details.launch_time);
    xml.element("privateDnsNameOptions", |xml| xml.text("hostnameType", template.record.hostname_type.name()));
}

fn write_interface<'a>(
    xml: &mut Xml,
    shown: &InstanceView<'a>,
    index: usize,
    interface: &'a Interface,
    network: &'a Network,
) {
    let private_name = shown.private_dns_name(interface);
    let public_name = shown.public_dns_name(interface);
    let public = shown.public_ipv4s(interface);
    let association = |xml: &mut Xml, place: usize| {
        if let Some(address) = public.get(place) {
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
    xml.text("description", shown.description(index));
    xml.text("ownerId", &shown.template().account_id);
    xml.text("status", INTERFACE_STATUS);
    xml.text("macAddress", interface.mac.as_str());
    xml.optional("privateIpAddress", interface.local_ipv4s.first());
    xml.optional("privateDnsName", private_name.as_deref());
    xml.text("sourceDestCheck", true);
    write_groups(xml, &network.security_groups);
    xml.element("attachment", |xml| {
        xml.text("attachmentId", shown.attachment_id(interface));
        xml.text("deviceIndex", network.device_number);
        xml.text("status", ATTACHED);
        xml.time("attachTime", shown.details().launch_time);
        xml.text("deleteOnTermination", true);
        xml.text("networkCardIndex", network.network_card.unwrap_or(0));
    });
    association(xml, 0);
    xml.list("privateIpAddressesSet", interface.local_ipv4s.iter().enumerate(), |xml, (place, address)| {
        xml.text("privateIpAddress", address);
        xml.optional("privateDnsName", private_name.as_deref().filter(|_| place == 0));
        xml.text("primary", place == 0);
        association(xml, place);
    });
    xml.list("ipv6AddressesSet", interface.ipv6s(), |xml, address| {
        xml.text("ipv6Address", address);
        xml.text("isPrimaryIpv6", false);
    });
    if !interface.ipv6_prefixes().is_empty() {
        xml.list("ipv6PrefixSet", interface.ipv6_prefixes(), |xml, prefix| xml.text("ipv6Prefix", prefix));
    }
    xml.text("interfaceType", "interface");
}

/// The state of an instance, with its code.
pub(super) fn write_state(xml: &mut Xml, state: InstanceState) {
    xml.text("code", state.code());
    xml.text("name", state.name());
}

/// The metadata options, as a launch, a change or a description answers them.
pub(super) fn write_options(xml: &mut Xml, options: MetadataOptions, state: OptionsState) {
    xml.text("state", state.name());
    for option in METADATA_OPTIONS {
        xml.text(option.element, option.get(&options));
    }
}

pub(super) fn write_product_codes(xml: &mut Xml, shown: &InstanceView<'_>) {
    xml.list("productCodes", &shown.template().record.product_codes, |xml, code| {
        xml.text("productCode", code);
        xml.text("type", "marketplace");
    });
}

pub(super) fn write_volumes(xml: &mut Xml, shown: &InstanceView<'_>) {
    xml.list("blockDeviceMapping", shown.volumes(), |xml, (device, id, goes)| {
        xml.text("deviceName", device);
        xml.element("ebs", |xml| {
            xml.text("volumeId", id);
            xml.text("status", ATTACHED);
            xml.time("attachTime", shown.details().launch_time);
            xml.text("deleteOnTermination", goes);
        });
    });
}

pub(super) fn write_groups(xml: &mut Xml, groups: &[SecurityGroup]) {
    xml.list("groupSet", groups, |xml, group| {
        xml.text("groupId", &group.id);
        xml.text("groupName", &group.name);
    });
}

pub(super) const ROOT_DEVICE_TYPE: &str = "ebs";
/// AWS: on Nitro too.
pub(super) const HYPERVISOR: &str = "xen";
pub(super) const ATTACHED: &str = "attached";
pub(super) const PLATFORM_DETAILS: &str = "Linux/UNIX";
pub(super) const USAGE_OPERATION: &str = "RunInstances";
pub(super) const INTERFACE_STATUS: &str = "in-use";
/// Of addresses that are no Elastic IPs.
pub(super) const ASSOCIATION_OWNER: &str = "amazon";
