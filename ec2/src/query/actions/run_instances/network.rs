//! The network interfaces of a launch.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};
use core::str::FromStr;

use super::shown;
use crate::fleet::{Fleet, Launch};
use crate::query::error::{Error, Excess, INVALID_GROUP_ID, INVALID_SUBNET_ID, Result, UNSUPPORTED_OPERATION};
use crate::query::form::{QueryForm, parse_line};
use crate::query::model::constants::PRIMARY_IPV6;
use crate::query::model::ids::{checked_id, generate_id};
use crate::query::operation::Operation;
use imds::limits;
use imds::record::{Line, NetworkInterface, SecurityGroup};

/// Sets the interfaces of a launch: one from the instance-level parameters, or those of
/// `NetworkInterface`.
pub fn set_network(fleet: &mut Fleet, form: &QueryForm, launch: &mut Launch) -> Result<()> {
    let mut of_template = launch.record.network_interfaces.clone().into_iter();
    let first = of_template.next().unwrap_or_default();
    if !form.has("NetworkInterface") {
        let mut interface = first;
        set_interface(fleet, form, "", &mut interface)?;
        if has_primary_ipv6(form, "", "EnablePrimaryIpv6", "Ipv6Address", &interface)? {
            launch.attributes.shown.insert(format!("interface 0/{PRIMARY_IPV6}"), "true".into());
        }
        launch.record.network_interfaces = core::iter::once(interface).chain(of_template).collect();
        return Ok(());
    }
    // Observed: comments of ansible and kubermatic on what EC2 rejects.
    for (parameter, name) in INSTANCE_LEVEL {
        if form.has(parameter) {
            let message =
                format!("Network interfaces and an instance-level {name} may not be specified on the same request");
            return Err(Error::combination(message));
        }
    }
    let items = form.items("NetworkInterface");
    // Sorted by device index.
    let mut interfaces: Vec<Requested> = Vec::new();
    for item in &items {
        let prefix = format!("{item}.");
        let index: u32 = form.integer(&format!("{prefix}DeviceIndex")).unwrap_or(0);
        let Err(position) = interfaces.binary_search_by_key(&index, |other| other.index) else {
            return Err(Error::value(format!("Each network interface requires a unique device index: {index}")));
        };
        let mut interface = if index == 0 { first.clone() } else { same_network(&first) };
        interface.device_number = Some(index);
        interface.network_card = form.integer(&format!("{prefix}NetworkCardIndex")).or(interface.network_card);
        form.set_line(&format!("{prefix}NetworkInterfaceId"), &mut interface.interface_id)?;
        set_interface(fleet, form, &prefix, &mut interface)?;
        if form.boolean(&format!("{prefix}AssociatePublicIpAddress")) == Some(true) {
            if items.len() > 1 {
                return Err(Error::combination(
                    "The associatePublicIPAddress parameter cannot be specified when launching with multiple network \
                     interfaces.",
                ));
            }
            launch.public_address = true;
        }
        let description = form.text(&format!("{prefix}Description")).filter(|description| !description.is_empty());
        let description = description.map(|description| parse_line("Description", description)).transpose()?;
        let mut values = BTreeMap::new();
        shown::add(form, &prefix, shown::OF_INTERFACE, "", &mut values);
        if has_primary_ipv6(form, &prefix, "PrimaryIpv6", "Ipv6Addresses", &interface)? {
            values.insert(PRIMARY_IPV6.into(), "true".into());
        }
        interfaces.insert(position, Requested { index, interface, description, shown: values });
    }
    if interfaces.first().is_none_or(|first| first.index != 0) {
        return Err(Error::value("A network interface with the device index 0 must be specified"));
    }
    launch.record.network_interfaces = Vec::new();
    for (index, Requested { interface, description, shown, .. }) in interfaces.into_iter().enumerate() {
        launch.record.network_interfaces.push(interface);
        let values = shown.into_iter().map(|(path, value)| (format!("interface {index}/{path}"), value));
        launch.attributes.shown.extend(values);
        if let Some(description) = description {
            launch.attributes.interface_descriptions.insert(index, description);
        }
    }
    Ok(())
}

/// An interface of the request.
struct Requested {
    /// The device index.
    index: u32,
    interface: NetworkInterface,
    description: Option<Line>,
    /// Its values that only a description shows.
    shown: BTreeMap<String, String>,
}

/// Returns whether the first IPv6 address of an interface becomes its primary one. No other can.
fn has_primary_ipv6(
    form: &QueryForm,
    prefix: &str,
    parameter: &str,
    list: &str,
    interface: &NetworkInterface,
) -> Result<bool> {
    let mut is_primary = form.boolean(&format!("{prefix}{parameter}")) == Some(true);
    for (index, item) in form.items(&format!("{prefix}{list}")).iter().enumerate() {
        let parameter = format!("{item}.IsPrimaryIpv6");
        if form.boolean(&parameter) == Some(true) {
            if index > 0 {
                return Err(Error::unsupported(&parameter));
            }
            is_primary = true;
        }
    }
    if is_primary && interface.ipv6s.is_none() {
        let message = format!("The parameter {prefix}{parameter} requires an IPv6 address of the interface");
        return Err(Error::combination(message));
    }
    Ok(is_primary)
}

/// Another interface on the network of the template's first interface.
fn same_network(first: &NetworkInterface) -> NetworkInterface {
    let mut interface = first.clone();
    interface.mac = None;
    interface.interface_id = None;
    interface.network_card = None;
    interface.local_ipv4s = None;
    interface.public_ipv4s = None;
    interface.ipv4_prefixes = None;
    interface.ipv6s = None;
    interface.ipv6_prefixes = None;
    interface
}

/// Sets the values that both the instance level (with an empty prefix) and an interface have.
fn set_interface(fleet: &mut Fleet, form: &QueryForm, prefix: &str, interface: &mut NetworkInterface) -> Result<()> {
    let name = |member: &str| format!("{prefix}{member}");
    if let Some(id) = form.text(&name("SubnetId")) {
        let not_found = || Error::new(&INVALID_SUBNET_ID, format!("The subnet ID '{id}' does not exist"));
        interface.subnet_id = Some(checked_id("subnet", id, &INVALID_SUBNET_ID).map_err(|_| not_found())?);
    }
    let mut groups = Vec::new();
    for id in form.texts(&name("SecurityGroupId")) {
        let id = checked_id("sg", id, &INVALID_GROUP_ID)?;
        // The name of a group is not known here, unless the template has it: its id takes the
        // place.
        let known = interface.security_groups.iter().flatten().find(|group| group.id == id);
        groups.push(known.cloned().unwrap_or_else(|| SecurityGroup::new(id.clone(), id)));
    }
    for group in form.texts(&name("SecurityGroup")) {
        let id = generate_id(fleet, "sg", group);
        groups.push(SecurityGroup::new(id, parse_line("SecurityGroup", group)?));
    }
    // Two lists can name groups.
    if groups.len() > limits::SECURITY_GROUPS {
        let list = &name("SecurityGroupId");
        let excess = Excess { list, items: groups.len(), limit: limits::SECURITY_GROUPS, instance_type: "" };
        return Err(Error::too_many_groups_of_instance(&excess));
    }
    if !groups.is_empty() {
        interface.security_groups = Some(groups);
    }
    if form.integer(&name("SecondaryPrivateIpAddressCount")).is_some_and(|count: u32| count > 0) {
        return Err(Error::unsupported(&name("SecondaryPrivateIpAddressCount")));
    }
    let local_ipv4s = local_ipv4s(form, prefix)?;
    if !local_ipv4s.is_empty() {
        interface.local_ipv4s = Some(local_ipv4s);
    }
    set_ipv6s(fleet, form, prefix, interface)?;
    set_prefixes(fleet, form, prefix, interface)?;
    // The addresses of lists and of counts.
    let limit = limits::INTERFACE_ADDRESSES;
    if let Some(items) = interface.address_counts().into_iter().find(|count| *count > limit) {
        let list = &name("PrivateIpAddresses");
        return Err(Error::too_many_addresses(&Excess { list, items, limit, instance_type: "" }));
    }
    if form.text(&name("InterfaceType")) == Some(EFA_ONLY) {
        set_efa_only(prefix, interface)?;
    }
    Ok(())
}

/// Makes an interface one without addresses. The primary one always has some.
fn set_efa_only(prefix: &str, interface: &mut NetworkInterface) -> Result<()> {
    let has = |addresses: bool| {
        let message =
            format!("The parameter {prefix}InterfaceType cannot be {EFA_ONLY} for an interface with addresses");
        if addresses { Err(Error::combination(message)) } else { Ok(()) }
    };
    has(interface.device_number == Some(0))?;
    has(interface.local_ipv4s.is_some() || interface.ipv6s.is_some())?;
    has(interface.ipv4_prefixes.is_some() || interface.ipv6_prefixes.is_some())?;
    interface.local_ipv4s = Some(Vec::new());
    Ok(())
}

/// The private addresses of the form, the primary one first.
fn local_ipv4s(form: &QueryForm, prefix: &str) -> Result<Vec<Ipv4Addr>> {
    let (mut primary, mut secondary) = (None, Vec::new());
    let parameter = format!("{prefix}PrivateIpAddress");
    if let Some(text) = form.text(&parameter) {
        primary = Some(address(&parameter, text)?);
    }
    for item in form.items(&format!("{prefix}PrivateIpAddresses")) {
        let parameter = format!("{item}.PrivateIpAddress");
        let text = form.text(&parameter).ok_or_else(|| Error::missing(&parameter))?;
        let address = address(&parameter, text)?;
        if form.boolean(&format!("{item}.Primary")) != Some(true) {
            secondary.push(address);
        } else if primary.replace(address).is_some() {
            return Err(Error::combination("Only one primary private IP address can be specified"));
        }
    }
    if primary.is_none() && !secondary.is_empty() {
        let message =
            format!("The parameter {prefix}PrivateIpAddresses is not supported here without a primary address");
        return Err(Error::new(&UNSUPPORTED_OPERATION, message));
    }
    Ok(primary.into_iter().chain(secondary).collect())
}

fn set_ipv6s(fleet: &mut Fleet, form: &QueryForm, prefix: &str, interface: &mut NetworkInterface) -> Result<()> {
    // EC2's name of the list at the instance level, and of an interface.
    for list in ["Ipv6Address", "Ipv6Addresses"] {
        for item in form.items(&format!("{prefix}{list}")) {
            let parameter = format!("{item}.Ipv6Address");
            let text = form.text(&parameter).ok_or_else(|| Error::missing(&parameter))?;
            interface.ipv6s.get_or_insert_default().push(address(&parameter, text)?);
        }
    }
    let parameter = format!("{prefix}Ipv6AddressCount");
    let count: u32 = form.integer(&parameter).unwrap_or(0);
    if count > MAX_COUNT {
        let reason = format!("The value must be at most {MAX_COUNT}.");
        return Err(Error::value_of(&parameter, &count.to_string(), &reason));
    }
    for _ in 0..count {
        let address = free_ipv6(fleet, interface)?;
        interface.ipv6s.get_or_insert_default().push(address);
    }
    Ok(())
}

/// Sets the delegated prefixes: those of the form, and free ones of the subnet.
fn set_prefixes(fleet: &mut Fleet, form: &QueryForm, prefix: &str, interface: &mut NetworkInterface) -> Result<()> {
    let count = |parameter: &str| {
        let count: u32 = form.integer(parameter).unwrap_or(0);
        let reason = format!("The value must be at most {MAX_COUNT}.");
        if count > MAX_COUNT { Err(Error::value_of(parameter, &count.to_string(), &reason)) } else { Ok(count) }
    };
    for item in form.items(&format!("{prefix}Ipv4Prefix")) {
        let parameter = format!("{item}.Ipv4Prefix");
        let text = form.text(&parameter).ok_or_else(|| Error::missing(&parameter))?;
        let is_prefix = |address: Ipv4Addr| u32::from(address) % 16 == 0;
        if !text.strip_suffix("/28").and_then(|address| address.parse().ok()).is_some_and(is_prefix) {
            return Err(Error::value_of(&parameter, text, "An IPv4 prefix is a /28 block."));
        }
        interface.ipv4_prefixes.get_or_insert_default().push(parse_line(&parameter, text)?);
    }
    for _ in 0..count(&format!("{prefix}Ipv4PrefixCount"))? {
        let used = interface.ipv4_prefixes.get_or_insert_default();
        let Some(subnet) = &interface.subnet_ipv4_cidr_block else {
            return Err(Error::unsupported(&format!("{prefix}Ipv4PrefixCount")));
        };
        let free = fleet.free_ipv4_prefix(subnet, used);
        used.push(free.map_err(|error| Operation::Launch.error(fleet, error))?);
    }
    for item in form.items(&format!("{prefix}Ipv6Prefix")) {
        let parameter = format!("{item}.Ipv6Prefix");
        let text = form.text(&parameter).ok_or_else(|| Error::missing(&parameter))?;
        let is_prefix = |address: Ipv6Addr| u128::from(address) % (1 << 48) == 0;
        if !text.strip_suffix("/80").and_then(|address| address.parse().ok()).is_some_and(is_prefix) {
            return Err(Error::value_of(&parameter, text, "An IPv6 prefix is a /80 block."));
        }
        interface.ipv6_prefixes.get_or_insert_default().push(parse_line(&parameter, text)?);
    }
    let parameter = format!("{prefix}Ipv6PrefixCount");
    for _ in 0..count(&parameter)? {
        let address = Ipv6Addr::from(u128::from(free_ipv6(fleet, interface)?) >> 48 << 48);
        let free = parse_line(&parameter, &format!("{address}/80"))?;
        interface.ipv6_prefixes.get_or_insert_default().push(free);
    }
    Ok(())
}

/// An address in the subnet's IPv6 block. The default block is from the network that RFC 3849
/// reserves for documentation.
fn free_ipv6(fleet: &mut Fleet, interface: &mut NetworkInterface) -> Result<Ipv6Addr> {
    let blocks = interface.subnet_ipv6_cidr_blocks.get_or_insert_default();
    if blocks.is_empty() {
        blocks.push(Line::generated("2001:db8:1::/64"));
    }
    let block = blocks[0].clone();
    let network = block.split('/').next().and_then(|network| Ipv6Addr::from_str(network).ok());
    let network = network.ok_or_else(|| Error::value(format!("'{block}' is no IPv6 CIDR block")))?;
    let host = u64::from_le_bytes(fleet.draw());
    Ok(Ipv6Addr::from(u128::from(network) & !u128::from(u64::MAX) | u128::from(host)))
}

fn address<T: FromStr>(parameter: &str, text: &str) -> Result<T> {
    // The text of moto.
    text.parse().map_err(|_| Error::value_of(parameter, text, "Invalid IP address."))
}

/// The parameters that are not allowed with `NetworkInterface`, and their names in EC2's error.
const INSTANCE_LEVEL: &[(&str, &str)] = &[
    ("SubnetId", "subnet ID"),
    ("SecurityGroupId", "security groups"),
    ("SecurityGroup", "security groups"),
    ("PrivateIpAddress", "private IP address"),
    ("Ipv6Address", "IPv6 addresses"),
    ("Ipv6AddressCount", "IPv6 address count"),
    ("EnablePrimaryIpv6", "primary IPv6 address"),
];
/// The largest number of addresses, or of prefixes, that a count can ask for.
const MAX_COUNT: u32 = limits::INTERFACE_ADDRESSES as u32;
/// The type of an interface without addresses.
const EFA_ONLY: &str = "efa-only";
