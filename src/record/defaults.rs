//! The values of the keys that a record does not have.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::details::Further;
use super::identity::{IdentityKeys, IdentitySignatures};
use super::network::{generated_network, parse_block};
use super::partition::Region;
use super::{
    Details, InstanceOverrides, Interface, InterfaceOverrides, Line, Mac, Map, MetadataTagKeyError, Name, Network,
    NetworkInterface, Record, RecordError, SecurityGroup, Setting, System, Template, Toggle, instance_type, partition,
};
use crate::http::Profile;
use crate::seed::Seed;
use crate::time::Timestamp;
use crate::version::Version;
use crate::write::hex;

impl Template {
    /// Creates a template from the shared part of a record ([`Record::split`]). `keys` reads the
    /// record's key for signatures.
    ///
    /// # Errors
    ///
    /// If the record has two kinds of user data, a value that cannot be decoded, or a key for
    /// signatures that is incomplete or cannot be used.
    #[doc(hidden)]
    pub fn new(record: Record, seed: &Seed, keys: Option<&dyn IdentityKeys>) -> Result<Template, RecordError> {
        let generator = &Generator::new(seed, "");
        let availability_zone = record.availability_zone.clone().unwrap_or_else(|| line("us-east-1a"));
        let availability_zone_id = match &record.availability_zone_id {
            Setting::Set(id) => Some(id.clone()),
            Setting::Off => None,
            Setting::Default => Some(
                Line::try_from(partition::zone_id(&availability_zone))
                    .map_err(|error| RecordError::new("availability_zone", error))?,
            ),
        };
        let derived = Region::of_zone(&availability_zone);
        let region = record.region.clone().unwrap_or_else(|| line(derived.name));
        let derived = Region::named(&region);
        let partition = record.partition.clone().unwrap_or_else(|| line(derived.partition));
        let domain = record.domain.clone().unwrap_or_else(|| line(derived.domain));
        let user_data = match (&record.user_data, &record.user_data_base64) {
            (Some(_), Some(_)) => {
                return Err(RecordError::new("user_data_base64", "conflicts with `user_data`: remove one of them"));
            }
            (Some(text), None) => Some(text.clone().into_bytes()),
            (None, Some(text)) => {
                let decoded = STANDARD.decode(text);
                Some(decoded.map_err(|error| RecordError::new("user_data_base64", format!("not base64: {error}")))?)
            }
            (None, None) => None,
        };
        Ok(Template {
            seed: generator.seed.clone(),
            profile: record.profile(),
            system: record.system.unwrap_or(if record.profile() == &Profile::NITRO {
                System::Nitro
            } else {
                System::Xen
            }),
            newest_version: record.newest_version.unwrap_or(Version::NEWEST),
            networks: networks(generator, &record.network_interfaces),
            ami_id: record.ami_id.clone().unwrap_or_else(|| line(&generator.id("ami", "image"))),
            ami_manifest_path: record.ami_manifest_path.clone().unwrap_or_else(|| line("(unknown)")),
            architecture: record
                .architecture
                .clone()
                .unwrap_or_else(|| line(instance_type::architecture(&record.instance_type))),
            account_id: record.account_id.clone().unwrap_or_else(|| line(&generator.digits(12, "account"))),
            availability_zone,
            availability_zone_id,
            region,
            partition,
            domain,
            instance_life_cycle: record
                .instance_life_cycle
                .clone()
                .unwrap_or_else(|| line(if record.spot_interruption.is_some() { "spot" } else { "on-demand" })),
            instance_action: record.instance_action.clone().unwrap_or_else(|| line("none")),
            block_device_mapping: record.block_device_mapping.clone().unwrap_or_else(|| record.devices(ROOT_DEVICE)),
            monitoring: record.monitoring.unwrap_or(Toggle::Disabled),
            // In EC2, empty user data is no user data.
            user_data: user_data.filter(|data| !data.is_empty()),
            instance_profile_id: record
                .role
                .as_ref()
                .and_then(|role| role.instance_profile_id.clone())
                .unwrap_or_else(|| line(&format!("AIPA{}", generator.base32(17, "instance profile")))),
            dns_hostnames: record.dns_hostnames.unwrap_or(true),
            credential_jitter: record.credential_jitter.unwrap_or(Toggle::Enabled),
            identity: Arc::new(IdentitySignatures::of(&record.identity)),
            identity_signer: record.identity.signer(keys)?,
            record,
        })
    }
}

impl Details {
    /// Creates the instance of a record. `now` is the time of the launch, if the record does not
    /// have one. The generated values depend on the record and the seed, and not on the time.
    ///
    /// # Errors
    ///
    /// If values of the record conflict with each other, or cannot be decoded.
    pub fn new(record: &Record, seed: &Seed, now: Timestamp) -> Result<Details, RecordError> {
        let (shared, own) = record.clone().split()?;
        if shared.metadata_options.instance_metadata_tags == Some(Toggle::Enabled) {
            MetadataTagKeyError::check(own.tags.keys().map(String::as_str))
                .map_err(|error| RecordError::new(&format!("tags.{}", error.0), error))?;
        }
        Ok(Details::of(Arc::new(Template::new(shared, seed, None)?), own, now))
    }

    /// Creates an instance of a template. Values that the overrides do not have are generated from
    /// the instance id.
    #[doc(hidden)]
    pub fn of(template: Arc<Template>, own: InstanceOverrides, now: Timestamp) -> Details {
        let id = own.instance_id.clone();
        let generator = Generator::new(&template.seed, id.as_deref().unwrap_or_default());
        let mut given = own.interfaces.into_iter();
        let interfaces = (0..template.networks.len())
            .map(|index| {
                let shared = template.record.network_interfaces.get(index);
                let subnet = shared.and_then(|shared| shared.subnet_ipv4_cidr_block.as_deref());
                interface(&generator, index, given.next().unwrap_or_default(), subnet)
            })
            .collect();
        Details {
            instance_id: own.instance_id.unwrap_or_else(|| name(&generator.id("i", "instance"))),
            launch_time: own.launch_time.unwrap_or_else(|| now.truncate_to_second()),
            interfaces,
            tags: Arc::new(own.tags),
            reservation_id: own.reservation_id.unwrap_or_else(|| line(&generator.id("r", "reservation"))),
            ami_launch_index: own.ami_launch_index.unwrap_or_default(),
            identity: template.identity.clone(),
            plan: None,
            template,
        }
    }
}

/// The networks of the interfaces. A generated id depends on the CIDR blocks, so that each id has
/// one list of blocks.
fn networks(generator: &Generator<'_>, interfaces: &[NetworkInterface]) -> Vec<Network> {
    let first_subnet = interfaces.iter().find(|interface| interface.subnet_id.is_none()).map(subnet_blocks);
    let first_vpc = interfaces.iter().find(|interface| interface.vpc_id.is_none()).map(vpc_blocks);
    let generate = |prefix: &str, blocks: String, first: &Option<String>| {
        // The purpose without blocks is from the time when all interfaces had the same id.
        let purpose: String =
            if first.as_ref() == Some(&blocks) { prefix.into() } else { format!("{prefix} {blocks}") };
        line(&generator.id(prefix, &purpose))
    };
    let vpc_id = |interface: &NetworkInterface| {
        interface.vpc_id.clone().unwrap_or_else(|| generate("vpc", vpc_blocks(interface), &first_vpc))
    };
    // A security group is in one VPC.
    let first_of_groups = interfaces.iter().find(|interface| interface.security_groups.is_none()).map(vpc_id);
    let default_group = |vpc_id: &Line| {
        let is_first = first_of_groups.as_ref() == Some(vpc_id);
        let purpose = if is_first { "security group".into() } else { format!("security group {vpc_id}") };
        vec![SecurityGroup { id: line(&generator.id("sg", &purpose)), name: line("default") }]
    };
    let network = |(index, interface): (usize, &NetworkInterface)| Network {
        device_number: interface.device_number.unwrap_or(index as u32),
        network_card: interface.network_card,
        security_groups: interface.security_groups.clone().unwrap_or_else(|| default_group(&vpc_id(interface))),
        subnet_id: interface
            .subnet_id
            .clone()
            .unwrap_or_else(|| generate("subnet", subnet_blocks(interface), &first_subnet)),
        vpc_id: vpc_id(interface),
    };
    interfaces.iter().enumerate().map(network).collect()
}

/// The CIDR blocks of an interface's subnet, and its VPC.
#[doc(hidden)]
pub fn subnet_blocks(interface: &NetworkInterface) -> String {
    let ipv4 = interface.subnet_ipv4_cidr_block.as_deref().unwrap_or_default();
    let ipv6 = blocks(&interface.subnet_ipv6_cidr_blocks);
    let vpc = interface.vpc_id.as_deref().unwrap_or_default();
    format!("{ipv4} {ipv6} {vpc} {}", vpc_blocks(interface))
}

/// The CIDR blocks of an interface's VPC.
#[doc(hidden)]
pub fn vpc_blocks(interface: &NetworkInterface) -> String {
    format!("{} {}", blocks(&interface.vpc_ipv4_cidr_blocks), blocks(&interface.vpc_ipv6_cidr_blocks))
}

fn blocks(blocks: &Option<Vec<Line>>) -> String {
    blocks.as_deref().unwrap_or_default().join(",")
}

fn interface(generator: &Generator<'_>, index: usize, given: InterfaceOverrides, subnet: Option<&str>) -> Interface {
    let ipv6s = given.ipv6s.unwrap_or_default();
    let local_ipv4s = match given.local_ipv4s {
        Some(addresses) => addresses,
        None if !ipv6s.is_empty() || subnet.is_none() => Vec::new(),
        None => vec![address(generator, index, subnet)],
    };
    let ipv4_prefixes = given.ipv4_prefixes.unwrap_or_default();
    let ipv6_prefixes = given.ipv6_prefixes.unwrap_or_default();
    let has_further = !ipv4_prefixes.is_empty() || !ipv6s.is_empty() || !ipv6_prefixes.is_empty();
    let [a, b, c, d, e] = generator.bytes(&format!("mac {index}"));
    Interface {
        // A locally administered address, like those of EC2.
        mac: given.mac.unwrap_or_else(|| Mac::new([0x02, a, b, c, d, e])),
        interface_id: given.interface_id.unwrap_or_else(|| line(&generator.id("eni", &format!("interface {index}")))),
        local_ipv4s: local_ipv4s.into(),
        public_ipv4s: given.public_ipv4s.unwrap_or_default().into(),
        further: has_further.then(|| Box::new(Further { ipv4_prefixes, ipv6s, ipv6_prefixes })),
    }
}

/// A generated private address: in a [generated network](generated_network), or in the subnet, if
/// that is another one.
fn address(generator: &Generator<'_>, index: usize, subnet: Option<&str>) -> Ipv4Addr {
    let [host] = generator.bytes("address");
    let host = u32::from(host.clamp(4, 254));
    let address = u32::from(generated_network(index)) | host;
    let address = match subnet.and_then(parse_block) {
        // AWS reserves the first four addresses of a subnet and the last one.
        Some((first, bits @ 8..=28)) if (address ^ first) >> (32 - bits) != 0 => {
            first | if bits <= 24 { host } else { 4 + host % ((1 << (32 - bits)) - 5) }
        }
        _ => address,
    };
    Ipv4Addr::from(address)
}

impl Record {
    /// The value of `block-device-mapping/ami` for this root device.
    #[doc(hidden)]
    pub fn ami_device<'a>(&self, root: &'a str) -> &'a str {
        if self.profile().bare_ami_device { bare_device(root) } else { root }
    }

    /// The devices of an instance with this root device: the root volume and the instance store
    /// volumes of the type.
    #[doc(hidden)]
    pub fn devices(&self, root: &str) -> Map<Name, Line> {
        let root = [("ami", self.ami_device(root)), ("root", root)].map(|(key, device)| (name(key), line(device)));
        Map::from_iter(root.into_iter().chain(instance_type::instance_store_devices(&self.instance_type)))
    }

    /// The subnet id and the VPC id of each interface of the shared part of a record, with the
    /// ids that are generated from this seed.
    #[doc(hidden)]
    pub fn network_ids(&self, seed: &Seed) -> Vec<(Line, Line)> {
        let networks = networks(&Generator::new(seed, ""), &self.network_interfaces);
        networks.into_iter().map(|network| (network.subnet_id, network.vpc_id)).collect()
    }
}

/// A device without `/dev/`: `sdf` for `/dev/sdf`.
#[doc(hidden)]
pub fn bare_device(device: &str) -> &str {
    device.strip_prefix("/dev/").filter(|name| !name.is_empty()).unwrap_or(device)
}

/// An id such as `i-0123456789abcdef0` with this prefix, from random or generated bytes.
#[doc(hidden)]
pub fn resource_id(prefix: &str, bytes: [u8; 8]) -> String {
    format!("{prefix}-0{}", hex(&bytes))
}

/// Generates values. Each derives from the seed, the id of the instance if it has one, and a
/// purpose.
struct Generator<'a> {
    seed: &'a Seed,
    id: &'a str,
}

impl<'a> Generator<'a> {
    fn new(seed: &'a Seed, id: &'a str) -> Generator<'a> {
        Generator { seed, id }
    }

    fn bytes<const N: usize>(&self, purpose: &str) -> [u8; N] {
        self.seed.generate("imds 2026 made-up value v1", &[self.id.as_bytes(), purpose.as_bytes()])
    }

    fn id(&self, prefix: &str, purpose: &str) -> String {
        resource_id(prefix, self.bytes(purpose))
    }

    fn digits(&self, count: usize, purpose: &str) -> String {
        self.bytes::<32>(purpose)[..count].iter().map(|byte| char::from(b'0' + byte % 10)).collect()
    }

    fn base32(&self, count: usize, purpose: &str) -> String {
        self.bytes::<32>(purpose)[..count].iter().map(|byte| char::from(BASE32[usize::from(byte % 32)])).collect()
    }
}

/// For texts of this file: they are short and printable.
fn line(text: &str) -> Line {
    Line::generated(text)
}

fn name(text: &str) -> Name {
    Name::generated(text)
}

/// The default root device.
const ROOT_DEVICE: &str = "/dev/xvda";

/// The alphabet of base32.
pub const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
