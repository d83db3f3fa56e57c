//! The subnets and VPCs of a record's interfaces: one list of CIDR blocks for each id.

use alloc::format;
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use super::{Line, NetworkInterface, RecordError};
use crate::limits;

/// Sets the CIDR blocks that the interfaces leave out, and the VPC of each subnet.
///
/// # Errors
///
/// If two interfaces with the same subnet or VPC contradict each other.
pub(super) fn complete(interfaces: &mut [NetworkInterface]) -> Result<(), RecordError> {
    if interfaces.len() > limits::INTERFACES {
        let reason = format!("at most {} interfaces are allowed", limits::INTERFACES);
        return Err(RecordError::new("network_interfaces", reason));
    }
    let mut subnets: Vec<(Line, Subnet)> = Vec::new();
    for (index, interface) in interfaces.iter().enumerate() {
        for (key, blocks) in [
            ("subnet_ipv6_cidr_blocks", &interface.subnet_ipv6_cidr_blocks),
            ("vpc_ipv4_cidr_blocks", &interface.vpc_ipv4_cidr_blocks),
            ("vpc_ipv6_cidr_blocks", &interface.vpc_ipv6_cidr_blocks),
        ] {
            check_blocks(index, key, blocks.as_ref())?;
        }
        let Some(id) = &interface.subnet_id else { continue };
        let subnet = entry(&mut subnets, id);
        let same = Same { index, owner: "subnet", id };
        same.state("subnet_ipv4_cidr_block", &mut subnet.ipv4, &interface.subnet_ipv4_cidr_block)?;
        same.state("subnet_ipv6_cidr_blocks", &mut subnet.ipv6, &interface.subnet_ipv6_cidr_blocks)?;
        same.state("vpc_id", &mut subnet.vpc, &interface.vpc_id)?;
        subnet.networks.extend(network(interface, index));
    }
    for (index, interface) in interfaces.iter_mut().enumerate() {
        let own: Vec<Ipv4Addr> = network(interface, index).into_iter().collect();
        let subnet = interface.subnet_id.as_ref().and_then(|id| find(&subnets, id));
        if let Some(subnet) = subnet {
            fill(&mut interface.subnet_ipv4_cidr_block, &subnet.ipv4);
            fill(&mut interface.subnet_ipv6_cidr_blocks, &subnet.ipv6);
            fill(&mut interface.vpc_id, &subnet.vpc);
        }
        if interface.subnet_ipv4_cidr_block.is_none() && !own.is_empty() {
            interface.subnet_ipv4_cidr_block = subnet_block(subnet.map_or(&own, |subnet| &subnet.networks));
        }
    }
    let mut vpcs: Vec<((&str, Line), Vpc)> = Vec::new();
    for (index, interface) in interfaces.iter().enumerate() {
        let Some((owner, id)) = vpc_of(interface) else { continue };
        let vpc = entry(&mut vpcs, &(owner, id.clone()));
        let same = Same { index, owner, id };
        same.state("vpc_ipv4_cidr_blocks", &mut vpc.ipv4, &interface.vpc_ipv4_cidr_blocks)?;
        same.state("vpc_ipv6_cidr_blocks", &mut vpc.ipv6, &interface.vpc_ipv6_cidr_blocks)?;
        let block = vpc_block(interface, index);
        vpc.derived.extend(block.filter(|block| !vpc.derived.contains(block)));
        check_blocks(index, "vpc_ipv4_cidr_blocks", Some(&vpc.derived))?;
    }
    for (index, interface) in interfaces.iter_mut().enumerate() {
        let vpc = vpc_of(interface).and_then(|(owner, id)| find(&vpcs, &(owner, id.clone())));
        if let Some(vpc) = vpc {
            fill(&mut interface.vpc_ipv4_cidr_blocks, &vpc.ipv4);
            fill(&mut interface.vpc_ipv6_cidr_blocks, &vpc.ipv6);
        }
        if interface.vpc_ipv4_cidr_blocks.is_none() {
            let blocks =
                vpc.map_or_else(|| vpc_block(interface, index).into_iter().collect(), |vpc| vpc.derived.clone());
            interface.vpc_ipv4_cidr_blocks = Some(blocks).filter(|blocks: &Vec<Line>| !blocks.is_empty());
        }
    }
    Ok(())
}

/// The value of a key, which is added if it is not there. A record has few interfaces, and a B-tree
/// is compiled once per type.
fn entry<'m, K: Clone + PartialEq, V: Default>(map: &'m mut Vec<(K, V)>, key: &K) -> &'m mut V {
    let index = map.iter().position(|(other, _)| other == key).unwrap_or_else(|| {
        map.push((key.clone(), V::default()));
        map.len() - 1
    });
    &mut map[index].1
}

fn find<'m, K: PartialEq, V>(map: &'m [(K, V)], key: &K) -> Option<&'m V> {
    map.iter().find(|(other, _)| other == key).map(|(_, value)| value)
}

/// Checks the length of a list, which each interface of the subnet or the VPC gets a copy of.
fn check_blocks(index: usize, key: &str, blocks: Option<&Vec<Line>>) -> Result<(), RecordError> {
    if blocks.is_some_and(|blocks| blocks.len() > limits::CIDR_BLOCKS) {
        let reason = format!("at most {} CIDR blocks are allowed", limits::CIDR_BLOCKS);
        return Err(RecordError::new(&format!("network_interfaces[{index}].{key}"), reason));
    }
    Ok(())
}

/// A value and the index of the interface that states it.
type Stated<T> = Option<(usize, T)>;

#[derive(Default)]
struct Subnet {
    ipv4: Stated<Line>,
    ipv6: Stated<Vec<Line>>,
    vpc: Stated<Line>,
    /// The networks of its interfaces.
    networks: Vec<Ipv4Addr>,
}

#[derive(Default)]
struct Vpc {
    ipv4: Stated<Vec<Line>>,
    ipv6: Stated<Vec<Line>>,
    /// The blocks that contain its subnets.
    derived: Vec<Line>,
}

/// The interface of this index, which shares its subnet or VPC with others.
struct Same<'a> {
    index: usize,
    owner: &'static str,
    id: &'a str,
}

impl Same<'_> {
    /// Adds the interface's value to what is stated about its subnet or VPC.
    fn state<T: Clone + PartialEq>(
        &self,
        key: &str,
        stated: &mut Stated<T>,
        value: &Option<T>,
    ) -> Result<(), RecordError> {
        match (stated, value) {
            (_, None) => Ok(()),
            (stated @ None, Some(value)) => {
                *stated = Some((self.index, value.clone()));
                Ok(())
            }
            (Some((_, stated)), Some(value)) if stated == value => Ok(()),
            (Some((other, _)), Some(_)) => {
                let Same { index, owner, id } = self;
                Err(RecordError::new(
                    &format!("network_interfaces[{index}].{key}"),
                    format!(
                        "contradicts `network_interfaces[{other}].{key}`, which is of the same {owner} {id}: give both \
                         the same value"
                    ),
                ))
            }
        }
    }
}

fn fill<T: Clone>(value: &mut Option<T>, stated: &Stated<T>) {
    if value.is_none() {
        *value = stated.as_ref().map(|(_, stated)| stated.clone());
    }
}

/// The VPC of an interface; the subnet, if the VPC has no id.
fn vpc_of(interface: &NetworkInterface) -> Option<(&'static str, &Line)> {
    let vpc = interface.vpc_id.as_ref().map(|id| ("VPC", id));
    vpc.or_else(|| interface.subnet_id.as_ref().map(|id| ("subnet", id)))
}

/// An address in the interface's IPv4 network. There is none on an interface with only IPv6, or in
/// a VPC without IPv4 blocks.
fn network(interface: &NetworkInterface, index: usize) -> Option<Ipv4Addr> {
    if interface.vpc_ipv4_cidr_blocks.as_ref().is_some_and(Vec::is_empty) {
        return None;
    }
    match interface.local_ipv4s.as_deref() {
        Some([first, ..]) => Some(*first),
        _ if has_ipv6(interface) => None,
        _ => Some(generated_network(index)),
    }
}

pub(super) fn has_ipv6(interface: &NetworkInterface) -> bool {
    interface.ipv6s.as_ref().is_some_and(|addresses| !addresses.is_empty())
}

/// The first address of the network that is generated for the interface of this index.
pub(super) const fn generated_network(index: usize) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, index as u8, 0)
}

/// The smallest block of at most 24 bits that contains the networks of a subnet. If AWS has no
/// subnet of its size, the block of the first network.
fn subnet_block(networks: &[Ipv4Addr]) -> Option<Line> {
    let first = u32::from(*networks.first()?);
    let differing = networks.iter().fold(0, |bits, network| bits | (u32::from(*network) ^ first));
    let bits = differing.leading_zeros().min(24);
    Some(block(first, if bits < 16 { 24 } else { bits }))
}

/// The block of 16 bits that contains an interface's subnet.
fn vpc_block(interface: &NetworkInterface, index: usize) -> Option<Line> {
    let own = network(interface, index).map(u32::from)?;
    let subnet = interface.subnet_ipv4_cidr_block.as_deref().and_then(parse_block);
    Some(match subnet {
        Some((first, bits)) => block(first, bits.min(16)),
        None => block(own, 16),
    })
}

fn block(address: u32, bits: u32) -> Line {
    let first = Ipv4Addr::from(address & !(u32::MAX.checked_shr(bits).unwrap_or(0)));
    Line::generated(&format!("{first}/{bits}"))
}

/// The first address and the number of bits of a CIDR block.
pub(super) fn parse_block(text: &str) -> Option<(u32, u32)> {
    let (address, bits) = text.split_once('/')?;
    let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 32)?;
    let address = u32::from(address.parse::<Ipv4Addr>().ok()?);
    Some((address & !(u32::MAX.checked_shr(bits).unwrap_or(0)), bits))
}
