use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::directory::{Directory, directory};
use super::presence::Things;
use crate::source::Source;
use crate::version::{Date, Version};

/// One row of the tree: a value, or a directory of rows.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The path below the version, `{…}` for what differs from instance to instance. A slash at the end is listed.
    pub path: &'static str,
    /// The path's last segment.
    pub name: &'static str,
    /// The last segment as it is listed: with the slash, where there is one.
    pub listed: &'static str,
    /// The first version that has it, as AWS dates it; it need not be a version that is served.
    pub since: &'static str,
    /// `since` as a number.
    pub date: Date,
    pub kind: Kind,
    /// Whether every instance has it, in each version that does.
    pub always: bool,
    /// When an instance gets it or loses it, which is when the directory around it changes.
    pub appears: Appears,
    pub source: Source,
}

impl Entry {
    /// What an instance has that has the row in this version. It has a directory when it has something in it.
    #[inline(always)]
    pub const fn things(&self, version: Version) -> Things {
        match self.kind {
            Kind::Leaf(leaf) => leaf.thing(),
            Kind::Directory(directory) => directory.things(version),
            Kind::Values(collection) | Kind::Directories(collection, _) => collection.thing(),
        }
    }
}

#[derive(Debug)]
pub(crate) enum Kind {
    Leaf(Leaf),
    Directory(&'static Directory),
    /// A directory with a member for each thing that the instance has, a value itself.
    Values(Collection),
    /// A directory with a directory for each thing that the instance has.
    Directories(Collection, &'static Directory),
}

/// When an instance gets an entry that it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Appears {
    Launch,
    SpotNotice,
    RebalanceNotice,
    Tags,
}

/// The values, each named once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaf {
    AccountInfo,
    AmiId,
    AmiLaunchIndex,
    AmiManifestPath,
    AncestorAmiIds,
    AvailabilityZone,
    AvailabilityZoneId,
    DeviceNumber,
    Domain,
    EventHistory,
    EventsScheduled,
    GroupName,
    HibernationConfigured,
    HostId,
    Hostname,
    IamInfo,
    IdentityCredentials,
    IdentityDocument,
    InstanceAction,
    InstanceId,
    InstanceLifeCycle,
    InstanceType,
    InterfaceId,
    InterfaceLocalHostname,
    InterfacePublicHostname,
    Ipv6,
    Ipv6Prefixes,
    Ipv6s,
    KernelId,
    LocalIpv4,
    LocalIpv4s,
    Mac,
    Monitoring,
    NetworkCard,
    OpensshKey,
    OwnerId,
    Partition,
    PartitionNumber,
    Pkcs7,
    ProductCodes,
    Profile,
    PublicHostname,
    PublicIpv4,
    PublicIpv4s,
    RamdiskId,
    Rebalance,
    Region,
    ReservationId,
    Rsa2048,
    SecurityGroupIds,
    SecurityGroups,
    Signature,
    SignerCert,
    SpotInstanceAction,
    SpotTerminationTime,
    SubnetId,
    SubnetIpv4CidrBlock,
    SubnetIpv6CidrBlocks,
    System,
    TargetLifecycleState,
    UserData,
    Vhostmd,
    VpcId,
    VpcIpv4CidrBlock,
    VpcIpv4CidrBlocks,
    VpcIpv6CidrBlocks,
}

/// What an instance has several of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Collection {
    ActiveKeys,
    BlockDevices,
    ElasticGpus,
    ElasticInference,
    Interfaces,
    Ipv4Associations,
    PublicKeys,
    Roles,
    SignerOcsp,
    Tags,
}

impl Collection {
    fn placeholder(self) -> &'static str {
        match self {
            Collection::ActiveKeys => "{user}",
            Collection::BlockDevices => "{device}",
            Collection::ElasticGpus | Collection::ElasticInference => "{id}",
            Collection::Interfaces => "{mac}",
            Collection::Ipv4Associations => "{public-ip}",
            Collection::PublicKeys => "{index}",
            Collection::Roles => "{role}",
            Collection::SignerOcsp => "{fingerprint}",
            Collection::Tags => "{key}",
        }
    }
}

/// One kind of metadata: a row of the table that holds a value.
#[derive(Clone, Copy)]
pub struct Category {
    entry: &'static Entry,
}

impl Category {
    pub(super) const fn new(entry: &'static Entry) -> Category {
        Category { entry }
    }

    /// Whether every instance has it, in each version that does.
    #[doc(hidden)]
    pub fn is_always(self) -> bool {
        self.entry.always
    }

    /// Its path below the version, with `{…}` for what differs from instance to instance:
    /// `meta-data/network/interfaces/macs/{mac}/device-number`.
    pub fn path(&self) -> String {
        let mut path = String::from(self.entry.path);
        if let Kind::Values(collection) = self.entry.kind {
            path.push_str(collection.placeholder());
        }
        path
    }

    /// The first version that has it, as AWS dates it. A directory around it may be younger.
    pub fn since(&self) -> &'static str {
        self.entry.since
    }

    /// How it is known.
    pub fn source(&self) -> Source {
        self.entry.source
    }
}

impl fmt::Debug for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path())
    }
}

impl PartialEq for Category {
    fn eq(&self, other: &Category) -> bool {
        core::ptr::eq(self.entry, other.entry)
    }
}

impl Eq for Category {}

/// All categories, in the order of the tree.
pub fn categories() -> Vec<Category> {
    fn walk(directory: &'static Directory, found: &mut Vec<Category>) {
        for entry in directory.rows {
            match entry.kind {
                Kind::Leaf(_) | Kind::Values(_) => found.push(Category::new(entry)),
                Kind::Directory(below) | Kind::Directories(_, below) => walk(below, found),
            }
        }
    }
    let mut found = Vec::new();
    walk(&TREE, &mut found);
    found
}

const fn entry(path: &'static str, since: &'static str, kind: Kind, source: Source) -> Entry {
    let date = Date::of(since);
    let always = match kind {
        Kind::Leaf(leaf) => leaf.thing().meets(Things::ALWAYS),
        Kind::Directory(directory) => {
            let entries = directory.rows;
            let (mut always, mut at) = (false, 0);
            while at < entries.len() {
                always |= entries[at].always && !date.is_before(entries[at].date);
                at += 1;
            }
            always
        }
        Kind::Directories(collection, _) | Kind::Values(collection) => collection.thing().meets(Things::ALWAYS),
    };
    let listed = last_segment(path);
    Entry { path, name: without_slash(listed), listed, since, date, kind, always, appears: Appears::Launch, source }
}

const fn later(appears: Appears, entry: Entry) -> Entry {
    Entry { appears, ..entry }
}

const fn leaf(path: &'static str, since: &'static str, leaf: Leaf) -> Entry {
    entry(path, since, Kind::Leaf(leaf), DOCUMENTED)
}

const fn last_segment(path: &'static str) -> &'static str {
    let bytes = path.as_bytes();
    let mut at = bytes.len() - 1;
    while at > 0 && bytes[at - 1] != b'/' {
        at -= 1;
    }
    path.split_at(at).1
}

const fn without_slash(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [.., b'/'] => name.split_at(name.len() - 1).0,
        _ => name,
    }
}

const DOCUMENTED: Source = Source::documented("AWS: instance metadata categories");
const SERVED: Source = Source::seen(8, "listings of 2020 to 2026");

/// What stands below each version. The rows of a directory are sorted by byte, as they are listed.
pub(crate) static TREE: Directory = directory![
    entry("dynamic", "2009-04-04", Kind::Directory(&DYNAMIC), SERVED),
    entry("meta-data", "1.0", Kind::Directory(&META_DATA), SERVED),
    entry("user-data", "1.0", Kind::Leaf(Leaf::UserData), Source::seen(1, "2023-05-27, application/octet-stream")),
];

static DYNAMIC: Directory = directory![
    entry("dynamic/fws/", "2009-04-04", Kind::Directory(&FWS), DOCUMENTED),
    entry("dynamic/instance-identity/", "2009-04-04", Kind::Directory(&INSTANCE_IDENTITY), DOCUMENTED),
];

static FWS: Directory = directory![leaf("dynamic/fws/instance-monitoring", "2009-04-04", Leaf::Monitoring)];

static INSTANCE_IDENTITY: Directory = directory![
    entry(
        "dynamic/instance-identity/document",
        "2009-04-04",
        Kind::Leaf(Leaf::IdentityDocument),
        Source::seen(5, "the form of 2017-09-30, five since 2022"),
    ),
    leaf("dynamic/instance-identity/pkcs7", "2009-04-04", Leaf::Pkcs7),
    entry(
        "dynamic/instance-identity/rsa2048",
        "2009-04-04",
        Kind::Leaf(Leaf::Rsa2048),
        Source::documented("AWS: verify the instance identity document; its place in the listing is chosen"),
    ),
    leaf("dynamic/instance-identity/signature", "2009-04-04", Leaf::Signature),
];

static META_DATA: Directory = directory![
    leaf("meta-data/ami-id", "1.0", Leaf::AmiId),
    leaf("meta-data/ami-launch-index", "1.0", Leaf::AmiLaunchIndex),
    leaf("meta-data/ami-manifest-path", "1.0", Leaf::AmiManifestPath),
    leaf("meta-data/ancestor-ami-ids", "2007-10-10", Leaf::AncestorAmiIds),
    entry("meta-data/autoscaling/", "2021-07-15", Kind::Directory(&AUTOSCALING), DOCUMENTED),
    entry("meta-data/block-device-mapping/", "2007-12-15", Kind::Values(Collection::BlockDevices), DOCUMENTED),
    entry("meta-data/elastic-gpus/", "2016-11-30", Kind::Directory(&ELASTIC_GPUS), DOCUMENTED),
    entry("meta-data/elastic-inference/", "2018-11-29", Kind::Directory(&ELASTIC_INFERENCE), DOCUMENTED),
    entry("meta-data/events/", "2018-08-17", Kind::Directory(&EVENTS), DOCUMENTED),
    entry("meta-data/hibernation/", "2021-03-23", Kind::Directory(&HIBERNATION), DOCUMENTED),
    leaf("meta-data/hostname", "1.0", Leaf::Hostname),
    entry("meta-data/iam/", "2012-01-12", Kind::Directory(&IAM), DOCUMENTED),
    entry("meta-data/identity-credentials/", "2018-05-23", Kind::Directory(&IDENTITY_CREDENTIALS), DOCUMENTED),
    leaf("meta-data/instance-action", "2008-09-01", Leaf::InstanceAction),
    leaf("meta-data/instance-id", "1.0", Leaf::InstanceId),
    leaf("meta-data/instance-life-cycle", "2019-10-01", Leaf::InstanceLifeCycle),
    leaf("meta-data/instance-type", "2007-08-29", Leaf::InstanceType),
    leaf("meta-data/ipv6", "2021-01-03", Leaf::Ipv6),
    leaf("meta-data/kernel-id", "2008-02-01", Leaf::KernelId),
    leaf("meta-data/local-hostname", "2007-01-19", Leaf::Hostname),
    leaf("meta-data/local-ipv4", "1.0", Leaf::LocalIpv4),
    leaf("meta-data/mac", "2011-01-01", Leaf::Mac),
    entry("meta-data/managed-ssh-keys/", "2021-03-23", Kind::Directory(&MANAGED_SSH_KEYS), DOCUMENTED),
    entry("meta-data/metrics/", "2011-05-01", Kind::Directory(&METRICS), DOCUMENTED),
    entry("meta-data/network/", "2011-01-01", Kind::Directory(&NETWORK), DOCUMENTED),
    entry("meta-data/placement/", "2008-02-01", Kind::Directory(&PLACEMENT), DOCUMENTED),
    leaf("meta-data/product-codes", "2007-03-01", Leaf::ProductCodes),
    entry(
        "meta-data/profile",
        "1.0",
        Kind::Leaf(Leaf::Profile),
        Source::seen(8, "default-hvm in every listing since 2020; not documented"),
    ),
    leaf("meta-data/public-hostname", "2007-01-19", Leaf::PublicHostname),
    leaf("meta-data/public-ipv4", "2007-01-19", Leaf::PublicIpv4),
    entry("meta-data/public-keys/", "1.0", Kind::Directories(Collection::PublicKeys, &PUBLIC_KEY), DOCUMENTED),
    leaf("meta-data/ramdisk-id", "2007-10-10", Leaf::RamdiskId),
    leaf("meta-data/reservation-id", "1.0", Leaf::ReservationId),
    leaf("meta-data/security-groups", "1.0", Leaf::SecurityGroups),
    entry("meta-data/services/", "2014-02-25", Kind::Directory(&SERVICES), DOCUMENTED),
    later(Appears::SpotNotice, entry("meta-data/spot/", "2014-11-05", Kind::Directory(&SPOT), DOCUMENTED)),
    leaf("meta-data/system", "2022-09-24", Leaf::System),
    later(Appears::Tags, entry("meta-data/tags/", "2021-03-23", Kind::Directory(&TAGS), DOCUMENTED)),
];

static AUTOSCALING: Directory =
    directory![leaf("meta-data/autoscaling/target-lifecycle-state", "2021-07-15", Leaf::TargetLifecycleState)];

static ELASTIC_GPUS: Directory = directory![entry(
    "meta-data/elastic-gpus/associations/",
    "2016-11-30",
    Kind::Values(Collection::ElasticGpus),
    DOCUMENTED
)];

static ELASTIC_INFERENCE: Directory = directory![entry(
    "meta-data/elastic-inference/associations/",
    "2018-11-29",
    Kind::Values(Collection::ElasticInference),
    DOCUMENTED,
)];

static EVENTS: Directory = directory![
    entry("meta-data/events/maintenance/", "2018-08-17", Kind::Directory(&MAINTENANCE), DOCUMENTED),
    later(
        Appears::RebalanceNotice,
        entry("meta-data/events/recommendations/", "2020-10-27", Kind::Directory(&RECOMMENDATIONS), DOCUMENTED),
    ),
];

static MAINTENANCE: Directory = directory![
    leaf("meta-data/events/maintenance/history", "2018-08-17", Leaf::EventHistory),
    leaf("meta-data/events/maintenance/scheduled", "2018-08-17", Leaf::EventsScheduled),
];

static RECOMMENDATIONS: Directory = directory![later(
    Appears::RebalanceNotice,
    leaf("meta-data/events/recommendations/rebalance", "2020-10-27", Leaf::Rebalance),
)];

static HIBERNATION: Directory = directory![entry(
    "meta-data/hibernation/configured",
    "2021-03-23",
    Kind::Leaf(Leaf::HibernationConfigured),
    Source::inferred("read by hibagent; not documented"),
)];

static IAM: Directory = directory![
    leaf("meta-data/iam/info", "2012-01-12", Leaf::IamInfo),
    entry("meta-data/iam/security-credentials/", "2012-01-12", Kind::Values(Collection::Roles), DOCUMENTED),
];

static IDENTITY_CREDENTIALS: Directory =
    directory![entry("meta-data/identity-credentials/ec2/", "2018-05-23", Kind::Directory(&IDENTITY_EC2), DOCUMENTED)];

static IDENTITY_EC2: Directory = directory![
    leaf("meta-data/identity-credentials/ec2/info", "2018-05-23", Leaf::AccountInfo),
    entry(
        "meta-data/identity-credentials/ec2/security-credentials/",
        "2018-05-23",
        Kind::Directory(&IDENTITY_ROLE),
        DOCUMENTED,
    ),
];

static IDENTITY_ROLE: Directory = directory![leaf(
    "meta-data/identity-credentials/ec2/security-credentials/ec2-instance",
    "2018-05-23",
    Leaf::IdentityCredentials,
)];

static MANAGED_SSH_KEYS: Directory = directory![
    entry(
        "meta-data/managed-ssh-keys/active-keys/",
        "2021-03-23",
        Kind::Values(Collection::ActiveKeys),
        Source::inferred("scripts of EC2 Instance Connect; not documented"),
    ),
    entry(
        "meta-data/managed-ssh-keys/signer-cert",
        "2021-03-23",
        Kind::Leaf(Leaf::SignerCert),
        Source::inferred("scripts of EC2 Instance Connect; not documented"),
    ),
    entry(
        "meta-data/managed-ssh-keys/signer-ocsp/",
        "2021-03-23",
        Kind::Values(Collection::SignerOcsp),
        Source::inferred("scripts of EC2 Instance Connect; not documented"),
    ),
];

static METRICS: Directory = directory![entry(
    "meta-data/metrics/vhostmd",
    "2011-05-01",
    Kind::Leaf(Leaf::Vhostmd),
    Source::seen(1, "an XML declaration alone; AWS: no longer available, and yet listed in 2026"),
)];

static NETWORK: Directory =
    directory![entry("meta-data/network/interfaces/", "2011-01-01", Kind::Directory(&INTERFACES), DOCUMENTED)];

static INTERFACES: Directory = directory![entry(
    "meta-data/network/interfaces/macs/",
    "2011-01-01",
    Kind::Directories(Collection::Interfaces, &INTERFACE),
    DOCUMENTED,
)];

static INTERFACE: Directory = directory![
    leaf("meta-data/network/interfaces/macs/{mac}/device-number", "2011-01-01", Leaf::DeviceNumber),
    leaf("meta-data/network/interfaces/macs/{mac}/interface-id", "2011-01-01", Leaf::InterfaceId),
    entry(
        "meta-data/network/interfaces/macs/{mac}/ipv4-associations/",
        "2011-01-01",
        Kind::Values(Collection::Ipv4Associations),
        DOCUMENTED,
    ),
    leaf("meta-data/network/interfaces/macs/{mac}/ipv6-prefix", "2011-01-01", Leaf::Ipv6Prefixes),
    leaf("meta-data/network/interfaces/macs/{mac}/ipv6s", "2016-06-30", Leaf::Ipv6s),
    leaf("meta-data/network/interfaces/macs/{mac}/local-hostname", "2007-01-19", Leaf::InterfaceLocalHostname),
    leaf("meta-data/network/interfaces/macs/{mac}/local-ipv4s", "2011-01-01", Leaf::LocalIpv4s),
    leaf("meta-data/network/interfaces/macs/{mac}/mac", "2011-01-01", Leaf::Mac),
    leaf("meta-data/network/interfaces/macs/{mac}/network-card", "2020-11-01", Leaf::NetworkCard),
    leaf("meta-data/network/interfaces/macs/{mac}/owner-id", "2011-01-01", Leaf::OwnerId),
    leaf("meta-data/network/interfaces/macs/{mac}/public-hostname", "2011-01-01", Leaf::InterfacePublicHostname),
    leaf("meta-data/network/interfaces/macs/{mac}/public-ipv4s", "2011-01-01", Leaf::PublicIpv4s),
    leaf("meta-data/network/interfaces/macs/{mac}/security-group-ids", "2011-01-01", Leaf::SecurityGroupIds),
    leaf("meta-data/network/interfaces/macs/{mac}/security-groups", "2011-01-01", Leaf::SecurityGroups),
    leaf("meta-data/network/interfaces/macs/{mac}/subnet-id", "2011-01-01", Leaf::SubnetId),
    leaf("meta-data/network/interfaces/macs/{mac}/subnet-ipv4-cidr-block", "2011-01-01", Leaf::SubnetIpv4CidrBlock),
    leaf("meta-data/network/interfaces/macs/{mac}/subnet-ipv6-cidr-blocks", "2016-06-30", Leaf::SubnetIpv6CidrBlocks),
    leaf("meta-data/network/interfaces/macs/{mac}/vpc-id", "2011-01-01", Leaf::VpcId),
    leaf("meta-data/network/interfaces/macs/{mac}/vpc-ipv4-cidr-block", "2011-01-01", Leaf::VpcIpv4CidrBlock),
    leaf("meta-data/network/interfaces/macs/{mac}/vpc-ipv4-cidr-blocks", "2016-06-30", Leaf::VpcIpv4CidrBlocks),
    leaf("meta-data/network/interfaces/macs/{mac}/vpc-ipv6-cidr-blocks", "2016-06-30", Leaf::VpcIpv6CidrBlocks),
];

static PLACEMENT: Directory = directory![
    leaf("meta-data/placement/availability-zone", "2008-02-01", Leaf::AvailabilityZone),
    leaf("meta-data/placement/availability-zone-id", "2019-10-01", Leaf::AvailabilityZoneId),
    leaf("meta-data/placement/group-name", "2020-08-24", Leaf::GroupName),
    leaf("meta-data/placement/host-id", "2020-08-24", Leaf::HostId),
    leaf("meta-data/placement/partition-number", "2020-08-24", Leaf::PartitionNumber),
    leaf("meta-data/placement/region", "2020-08-24", Leaf::Region),
];

static PUBLIC_KEY: Directory = directory![entry(
    "meta-data/public-keys/{index}/openssh-key",
    "1.0",
    Kind::Leaf(Leaf::OpensshKey),
    Source::documented("AWS; its final line feed is chosen"),
)];

static SERVICES: Directory = directory![
    leaf("meta-data/services/domain", "2014-02-25", Leaf::Domain),
    leaf("meta-data/services/partition", "2015-10-20", Leaf::Partition),
];

static SPOT: Directory = directory![
    later(Appears::SpotNotice, leaf("meta-data/spot/instance-action", "2016-11-15", Leaf::SpotInstanceAction)),
    later(Appears::SpotNotice, leaf("meta-data/spot/termination-time", "2014-11-05", Leaf::SpotTerminationTime)),
];

static TAGS: Directory = directory![later(
    Appears::Tags,
    entry("meta-data/tags/instance/", "2021-03-23", Kind::Values(Collection::Tags), DOCUMENTED),
)];
