//! From a record to a whole instance: what is left out is made up from the seed.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{
    Details, Interface, Line, Mac, Name, NetworkInterface, Record, RecordError, SecurityGroup, Toggle, family, region,
};
use crate::seed::Seed;
use crate::time::Timestamp;
use crate::version::Version;

impl Details {
    /// The whole instance. `now` is when it was launched, unless the record says otherwise. The same record, seed and time give
    /// the same instance; a seed makes up the same values for the same record at any time.
    pub fn new(record: &Record, seed: &Seed, now: Timestamp) -> Result<Details, RecordError> {
        let draw = Draw { seed, record };
        let availability_zone = record.availability_zone.clone().unwrap_or_else(|| line("us-east-1a"));
        let availability_zone_id = match &record.availability_zone_id {
            Some(id) => id.clone(),
            None => Line::try_from(region::zone_id(&availability_zone))
                .map_err(|error| RecordError::new("availability_zone", error))?,
        };
        let user_data = match (&record.user_data, &record.user_data_base64) {
            (Some(_), Some(_)) => return Err(RecordError::new("user_data_base64", "not beside `user_data`")),
            (Some(text), None) => Some(text.clone().into_bytes()),
            (None, Some(text)) => {
                Some(STANDARD.decode(text).map_err(|error| RecordError::new("user_data_base64", error))?)
            }
            (None, None) => None,
        };
        // EC2 knows no empty user data: such an instance has none.
        let user_data = user_data.filter(|data| !data.is_empty());
        let one = [NetworkInterface::default()];
        let interfaces = if record.network_interfaces.is_empty() { &one } else { record.network_interfaces.as_slice() };
        let interfaces: Vec<Interface> = interfaces
            .iter()
            .enumerate()
            .map(|(index, interface)| fill_interface(&draw, index, interface))
            .collect::<Result<_, _>>()?;
        if let Some(index) =
            (1..interfaces.len()).find(|&i| interfaces[..i].iter().any(|other| other.mac == interfaces[i].mac))
        {
            return Err(RecordError::new(&format!("network_interfaces[{index}].mac"), "another interface has it"));
        }
        let profile = record.profile.unwrap_or_else(|| family::profile(&record.instance_type));
        let block_device_mapping = if record.block_device_mapping.is_empty() {
            ["ami", "root"].into_iter().map(|key| (name(key), line("/dev/xvda"))).collect()
        } else {
            record.block_device_mapping.clone()
        };
        Ok(Details {
            seed: seed.clone(),
            profile,
            newest_version: record.newest_version.unwrap_or(Version::NEWEST),
            instance_type: record.instance_type.clone(),
            instance_id: record.instance_id.clone().unwrap_or_else(|| name(&draw.id("i", "instance"))),
            launch_time: record.launch_time.unwrap_or_else(|| now.truncate_to_second()),
            interfaces,
            tags: record.tags.clone(),
            ami_id: record.ami_id.clone().unwrap_or_else(|| line(&draw.id("ami", "image"))),
            ami_launch_index: record.ami_launch_index,
            ami_manifest_path: record.ami_manifest_path.clone().unwrap_or_else(|| line("(unknown)")),
            ancestor_ami_ids: record.ancestor_ami_ids.clone(),
            architecture: record
                .architecture
                .clone()
                .unwrap_or_else(|| line(family::architecture(&record.instance_type))),
            account_id: record.account_id.clone().unwrap_or_else(|| line(&draw.digits(12, "account"))),
            availability_zone_id,
            reservation_id: record.reservation_id.clone().unwrap_or_else(|| line(&draw.id("r", "reservation"))),
            instance_life_cycle: record
                .instance_life_cycle
                .clone()
                .unwrap_or_else(|| line(if record.spot_interruption.is_some() { "spot" } else { "on-demand" })),
            instance_action: record.instance_action.clone().unwrap_or_else(|| line("none")),
            kernel_id: record.kernel_id.clone(),
            ramdisk_id: record.ramdisk_id.clone(),
            product_codes: record.product_codes.clone(),
            billing_products: record.billing_products.clone(),
            placement_group: record.placement_group.clone(),
            host_id: record.host_id.clone(),
            partition_number: record.partition_number,
            block_device_mapping,
            monitoring: record.monitoring.unwrap_or(Toggle::Disabled),
            public_keys: record.public_keys.clone(),
            user_data,
            instance_profile_id: record
                .role
                .as_ref()
                .and_then(|role| role.instance_profile_id.clone())
                .unwrap_or_else(|| line(&format!("AIPA{}", draw.base32(17, "instance profile")))),
            role: record.role.clone(),
            hostname_type: record.hostname_type,
            dns_hostnames: record.dns_hostnames.unwrap_or(true),
            target_lifecycle_state: record.target_lifecycle_state.clone(),
            hibernation_configured: record.hibernation_configured,
            spot_interruption: record.spot_interruption.clone(),
            rebalance_recommendation: record.rebalance_recommendation.clone(),
            maintenance_events: record.maintenance_events.clone(),
            elastic_gpus: record.elastic_gpus.clone(),
            elastic_inference: record.elastic_inference.clone(),
            managed_ssh_keys: record.managed_ssh_keys.clone(),
            pkcs7: record.identity.pkcs7.clone().unwrap_or_else(|| fake_signature("pkcs7", 1100)),
            rsa2048: record.identity.rsa2048.clone().unwrap_or_else(|| fake_signature("rsa2048", 1200)),
            signature: record.identity.signature.clone().unwrap_or_else(|| fake_signature("signature", 128)),
            availability_zone,
        })
    }
}

fn fill_interface(draw: &Draw<'_>, index: usize, given: &NetworkInterface) -> Result<Interface, RecordError> {
    let of = |what: &str| format!("{what} {index}");
    let local_ipv4s = match given.local_ipv4s.as_slice() {
        [] if given.ipv6s.is_empty() => {
            let [host] = draw.bytes("address");
            vec![Ipv4Addr::new(10, 0, index as u8, host.clamp(4, 254))]
        }
        given => given.to_vec(),
    };
    if given.public_ipv4s.len() > local_ipv4s.len() {
        let path = format!("network_interfaces[{index}].public_ipv4s");
        return Err(RecordError::new(&path, "more public addresses than private ones to associate them with"));
    }
    let subnet_ipv4_cidr_block = given.subnet_ipv4_cidr_block.clone().or_else(|| {
        let [a, b, c, _] = local_ipv4s.first()?.octets();
        Some(line(&format!("{a}.{b}.{c}.0/24")))
    });
    let vpc_ipv4_cidr_blocks = match (given.vpc_ipv4_cidr_blocks.as_slice(), local_ipv4s.first()) {
        ([], Some(address)) => {
            let [a, b, ..] = address.octets();
            vec![line(&format!("{a}.{b}.0.0/16"))]
        }
        (given, _) => given.to_vec(),
    };
    let security_groups = if given.security_groups.is_empty() {
        vec![SecurityGroup { id: line(&draw.id("sg", "security group")), name: line("default") }]
    } else {
        given.security_groups.clone()
    };
    let [a, b, c, d, e] = draw.bytes(&of("mac"));
    Ok(Interface {
        // Locally administered, as EC2's are.
        mac: given.mac.unwrap_or_else(|| Mac::new([0x02, a, b, c, d, e])),
        interface_id: given.interface_id.clone().unwrap_or_else(|| line(&draw.id("eni", &of("interface")))),
        device_number: given.device_number.unwrap_or(index as u32),
        network_card: given.network_card,
        local_ipv4s,
        public_ipv4s: given.public_ipv4s.clone(),
        ipv6s: given.ipv6s.clone(),
        ipv6_prefixes: given.ipv6_prefixes.clone(),
        security_groups,
        subnet_id: given.subnet_id.clone().unwrap_or_else(|| line(&draw.id("subnet", "subnet"))),
        subnet_ipv4_cidr_block,
        subnet_ipv6_cidr_blocks: given.subnet_ipv6_cidr_blocks.clone(),
        vpc_id: given.vpc_id.clone().unwrap_or_else(|| line(&draw.id("vpc", "vpc"))),
        vpc_ipv4_cidr_blocks,
        vpc_ipv6_cidr_blocks: given.vpc_ipv6_cidr_blocks.clone(),
    })
}

/// Makes values up: each from the seed, the instance's own id or type, and what it is for.
struct Draw<'a> {
    seed: &'a Seed,
    record: &'a Record,
}

impl Draw<'_> {
    fn bytes<const N: usize>(&self, what: &str) -> [u8; N] {
        let own = self.record.instance_id.as_deref().unwrap_or_default();
        self.seed.draw("imds 2026 made-up value v1", &[own.as_bytes(), what.as_bytes()])
    }

    fn id(&self, prefix: &str, what: &str) -> String {
        let mut id = format!("{prefix}-0");
        for byte in self.bytes::<8>(what) {
            id.push_str(&format!("{byte:02x}"));
        }
        id
    }

    fn digits(&self, count: usize, what: &str) -> String {
        self.bytes::<32>(what)[..count].iter().map(|byte| char::from(b'0' + byte % 10)).collect()
    }

    fn base32(&self, count: usize, what: &str) -> String {
        self.bytes::<32>(what)[..count].iter().map(|byte| char::from(BASE32[usize::from(byte % 32)])).collect()
    }
}

/// Base64 in lines of 64 that says what it is when decoded.
fn fake_signature(what: &str, bytes: usize) -> String {
    let text: Vec<u8> = format!("imds: not a signature ({what}). ").bytes().cycle().take(bytes).collect();
    let encoded = STANDARD.encode(text);
    let lines: Vec<&str> = (0..encoded.len()).step_by(64).map(|at| &encoded[at..encoded.len().min(at + 64)]).collect();
    lines.join("\n")
}

/// For texts that this file makes: short, printable, no slash.
fn line(text: &str) -> Line {
    Line::made_up(text)
}

fn name(text: &str) -> Name {
    Name::made_up(text)
}

pub(crate) const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
