use alloc::vec::Vec;

use super::category::Category;
use super::context::{ChangeTrigger, ReadContext};
use super::directory::{Directory, Kind, Row, always, directories, directory, optional, rows, values};
use super::members::{Members, Scopes};
use super::value::{Value, hostname, lines, local_hostname, not_empty, text};
use crate::record::Toggle;
use crate::source::Source;
use crate::version::Version;

/// All categories, in the order of the tree.
pub fn categories() -> Vec<Category> {
    fn walk(directory: &'static Directory, found: &mut Vec<Category>) {
        for row in directory.rows {
            match row.kind {
                Kind::Always(_) | Kind::Optional(_) | Kind::Values(..) => found.push(Category::new(row)),
                Kind::Directory(below) | Kind::Directories(_, below) => walk(below, found),
            }
        }
    }
    let mut found = Vec::new();
    walk(&TREE, &mut found);
    found
}

const SERVED: Source = Source::seen(8, "listings of 2020 to 2026");
const RECORDED: Source = Source::seen(1, "recorded 2026-09-26 on a t3.nano (radkawar/stackd)");
const OLDER_THAN_DOCUMENTED: Source =
    Source::seen(1, "recorded 2026-09-26 on a t3.nano (radkawar/stackd), in older versions than AWS documents");
const IDENTITY: Source = Source::seen(
    1,
    "recorded 2026-09-26 on a t3.nano (radkawar/stackd): its place in the listing, and lines of 76 characters",
);

/// The rows below each version. The rows of a directory are sorted by byte, in the order of a
/// listing.
pub(super) static TREE: Directory = rows![
    directory("dynamic", "2009-04-04", &DYNAMIC).source(SERVED),
    directory("meta-data", "1.0", &META_DATA).source(SERVED),
    optional("user-data", "1.0", |c, _| c.template().user_data.as_deref().map(Value::Bytes)).binary().source(
        Source::seen(
            2,
            "application/octet-stream: 2023-05-27 on Xen; recorded 2026-09-26 on a t3.nano (radkawar/stackd)",
        )
    ),
];

static DYNAMIC: Directory = rows![
    directory("dynamic/fws/", "2009-04-04", &FWS),
    directory("dynamic/instance-identity/", "2009-04-04", &INSTANCE_IDENTITY),
];

static FWS: Directory = rows![
    optional("dynamic/fws/instance-monitoring", "2009-04-04", |c, _| c
        .template()
        .monitoring
        .is_enabled()
        .then_some(Value::Text(Toggle::Enabled.name())))
    .source(Source::seen(
        2,
        "absent while detailed monitoring is off: recorded 2026-09-26 on a t3.nano (radkawar/stackd), and one more",
    )),
];

static INSTANCE_IDENTITY: Directory = rows![
    always("dynamic/instance-identity/document", "2009-04-04", |_, _| Value::IdentityDocument)
        .source(Source::seen(5, "the form of 2017-09-30, five since 2022")),
    always("dynamic/instance-identity/pkcs7", "2009-04-04", |c, _| Value::Text(&c.details.identity.pkcs7)).source(
        Source::seen(
            1,
            "recorded 2026-09-26 on a t3.nano (radkawar/stackd): its place in the listing, and lines of 76 characters; AWS: EC2 signs it with SHA-1 and DSA, the server `imds` with SHA-256 and RSA"
        )
    ),
    always("dynamic/instance-identity/rsa2048", "2009-04-04", |c, _| Value::Text(&c.details.identity.rsa2048))
        .source(Source::seen(
            2,
            "recorded 2026-09-26 on a t3.nano (radkawar/stackd): its place in the listing, and lines of 76 characters; gravitational/teleport has one of 2021 with SHA-256, the document and no certificate, in BER of indefinite length; the server `imds` writes DER"
        )),
    always("dynamic/instance-identity/signature", "2009-04-04", |c, _| Value::Text(&c.details.identity.signature))
        .source(IDENTITY),
];

static META_DATA: Directory = rows![
    always("meta-data/ami-id", "1.0", |c, _| Value::Text(&c.template().ami_id)).source(RECORDED),
    always("meta-data/ami-launch-index", "1.0", |c, _| Value::Number(c.details.ami_launch_index)).source(RECORDED),
    always("meta-data/ami-manifest-path", "1.0", |c, _| Value::Text(&c.template().ami_manifest_path)).source(RECORDED),
    optional("meta-data/ancestor-ami-ids", "2007-10-10", |c, _| lines(&c.record().ancestor_ami_ids)),
    directory("meta-data/autoscaling/", "2021-07-15", &AUTOSCALING),
    values("meta-data/block-device-mapping/", "{device}", "2007-12-15", |c, _| Members::Lines(
        &c.template().block_device_mapping
    ))
    .source(RECORDED),
    directory("meta-data/elastic-gpus/", "2016-11-30", &ELASTIC_GPUS),
    directory("meta-data/elastic-inference/", "2018-11-29", &ELASTIC_INFERENCE),
    directory("meta-data/events/", "2018-08-17", &EVENTS),
    directory("meta-data/hibernation/", "2021-03-23", &HIBERNATION),
    always("meta-data/hostname", "1.0", hostname).source(RECORDED),
    directory("meta-data/iam/", "2012-01-12", &IAM),
    directory("meta-data/identity-credentials/", "2018-03-28", &IDENTITY_CREDENTIALS),
    always("meta-data/instance-action", "2008-09-01", |c, _| Value::Text(&c.template().instance_action))
        .source(RECORDED),
    always("meta-data/instance-id", "1.0", |c, _| Value::Text(&c.details.instance_id)).source(RECORDED),
    always("meta-data/instance-life-cycle", "2019-10-01", |c, _| Value::Text(&c.template().instance_life_cycle))
        .source(RECORDED),
    always("meta-data/instance-type", "2007-08-29", |c, _| Value::Text(&c.record().instance_type)).source(RECORDED),
    optional("meta-data/ipv6", "2021-01-03", |c, _| c.details.primary().ipv6s().first().copied().map(Value::Ipv6)),
    optional("meta-data/kernel-id", "2008-02-01", |c, _| text(&c.record().kernel_id)),
    always("meta-data/local-hostname", "2007-01-19", hostname).source(RECORDED),
    optional("meta-data/local-ipv4", "1.0", |c, _| c.details.primary().local_ipv4s.first().copied().map(Value::Ipv4))
        .source(RECORDED),
    always("meta-data/mac", "2011-01-01", |c, scope| Value::Text(c.interface(scope).mac.as_str())).source(RECORDED),
    directory("meta-data/managed-ssh-keys/", "2021-03-23", &MANAGED_SSH_KEYS),
    directory("meta-data/metrics/", "2011-05-01", &METRICS),
    directory("meta-data/network/", "2011-01-01", &NETWORK),
    optional("meta-data/outpost-arn", "2019-10-01", |c, _| text(&c.record().outpost_arn))
        .source(Source::inferred("read by the ECS agent; not documented")),
    directory("meta-data/placement/", "2008-02-01", &PLACEMENT),
    optional("meta-data/product-codes", "2007-03-01", |c, _| lines(&c.record().product_codes)),
    always("meta-data/profile", "2007-12-15", |c, _| Value::Text(if c.record().kernel_id.is_some() {
        "default-paravirtual"
    } else {
        "default-hvm"
    }))
    .source(Source::seen(8, "default-hvm since 2020; its first version was recorded on a t3.nano (radkawar/stackd)",)),
    optional("meta-data/public-hostname", "2007-01-19", |c, _| c.public_name(c.details.primary())),
    optional("meta-data/public-ipv4", "2007-01-19", |c, _| c
        .details
        .primary()
        .public_ipv4s
        .first()
        .copied()
        .map(Value::Ipv4)),
    directories("meta-data/public-keys/", "1.0", Scopes::PublicKeys, &PUBLIC_KEY),
    optional("meta-data/ramdisk-id", "2007-10-10", |c, _| text(&c.record().ramdisk_id)),
    always("meta-data/reservation-id", "1.0", |c, _| Value::Text(&c.details.reservation_id)).source(RECORDED),
    optional("meta-data/security-groups", "1.0", |c, scope| not_empty(&c.network(scope).security_groups)
        .map(Value::GroupNames))
    .source(RECORDED),
    directory("meta-data/services/", "2014-02-25", &SERVICES),
    directory("meta-data/spot/", "2014-11-05", &SPOT),
    always("meta-data/system", "2022-09-24", |c, _| Value::Text(c.template().system.name())).source(RECORDED),
    // It changes with `tags/`, which every version with it has too.
    directory("meta-data/tag-sets/", "2025-10-04", &TAG_SETS).changed_by(ChangeTrigger::Launch),
    directory("meta-data/tags/", "2021-03-23", &TAGS),
];

static AUTOSCALING: Directory =
    rows![optional("meta-data/autoscaling/target-lifecycle-state", "2021-07-15", |c, _| text(
        &c.record().target_lifecycle_state
    )),];

static ELASTIC_GPUS: Directory =
    rows![values("meta-data/elastic-gpus/associations/", "{id}", "2016-11-30", |c, _| Members::Lines(
        &c.record().elastic_gpus
    )),];

static ELASTIC_INFERENCE: Directory =
    rows![values("meta-data/elastic-inference/associations/", "{id}", "2018-11-29", |c, _| Members::Lines(
        &c.record().elastic_inference
    )),];

static EVENTS: Directory = rows![
    directory("meta-data/events/maintenance/", "2018-08-17", &MAINTENANCE),
    directory("meta-data/events/recommendations/", "2020-10-27", &RECOMMENDATIONS),
];

static MAINTENANCE: Directory = rows![
    always("meta-data/events/maintenance/history", "2018-08-17", |_, _| Value::Events { active: false })
        .changed_by(ChangeTrigger::ScheduledEvents),
    always("meta-data/events/maintenance/scheduled", "2018-08-17", |_, _| Value::Events { active: true })
        .changed_by(ChangeTrigger::ScheduledEvents)
        .source(Source::seen(
            2,
            "spot-termination-exporter#14 of 2020-12 and one more: the format and its days without a zero"
        )),
];

static RECOMMENDATIONS: Directory = rows![
    optional("meta-data/events/recommendations/rebalance", "2020-10-27", |c, _| c
        .rebalance_notice()
        .map(Value::Rebalance))
    .changed_by(ChangeTrigger::RebalanceNotice),
];

static HIBERNATION: Directory = rows![
    optional("meta-data/hibernation/configured", "2021-03-23", |c, _| Some(Value::Text(
        if c.record().hibernation_configured? { "true" } else { "false" }
    )))
    .source(Source::inferred("read by hibagent; not documented")),
];

static IAM: Directory = rows![
    optional("meta-data/iam/info", "2012-01-12", |c, _| c.record().role.as_ref().map(Value::IamInfo))
        .changed_by(ChangeTrigger::CredentialEpoch),
    values("meta-data/iam/security-credentials/", "{role}", "2012-01-12", |c, _| c
        .record()
        .role
        .as_ref()
        .map_or(Members::None, Members::Role))
    .changed_by(ChangeTrigger::Credentials),
];

static IDENTITY_CREDENTIALS: Directory =
    rows![directory("meta-data/identity-credentials/ec2/", "2018-03-28", &IDENTITY_EC2),];

static IDENTITY_EC2: Directory = rows![
    always("meta-data/identity-credentials/ec2/info", "2018-03-28", |_, _| Value::AccountInfo)
        .changed_by(ChangeTrigger::CredentialEpoch)
        .source(OLDER_THAN_DOCUMENTED),
    directory("meta-data/identity-credentials/ec2/security-credentials/", "2018-03-28", &IDENTITY_ROLE),
];

static IDENTITY_ROLE: Directory = rows![
    always("meta-data/identity-credentials/ec2/security-credentials/ec2-instance", "2018-03-28", |_, _| {
        Value::IdentityCredentials
    })
    .changed_by(ChangeTrigger::Credentials)
    .source(OLDER_THAN_DOCUMENTED),
];

static MANAGED_SSH_KEYS: Directory = rows![
    values("meta-data/managed-ssh-keys/active-keys/", "{user}", "2021-03-23", |c, _| c
        .record()
        .managed_ssh_keys
        .as_ref()
        .map_or(Members::None, |keys| Members::Texts(&keys.active_keys)))
    .source(Source::inferred("scripts of EC2 Instance Connect; not documented")),
    optional("meta-data/managed-ssh-keys/signer-cert", "2021-03-23", |c, _| c
        .record()
        .managed_ssh_keys
        .as_ref()
        .map(|keys| Value::Text(&keys.signer_cert)))
    .source(Source::inferred("scripts of EC2 Instance Connect; not documented")),
    values("meta-data/managed-ssh-keys/signer-ocsp/", "{fingerprint}", "2021-03-23", |c, _| c
        .record()
        .managed_ssh_keys
        .as_ref()
        .map_or(Members::None, |keys| Members::Texts(&keys.signer_ocsp)))
    .source(Source::inferred("scripts of EC2 Instance Connect; not documented")),
];

static METRICS: Directory = rows![
    always("meta-data/metrics/vhostmd", "2011-05-01", |_, _| Value::Text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"))
        .source(Source::seen(1, "an XML declaration alone; AWS: no longer available, and yet listed in 2026")),
];

static NETWORK: Directory = rows![directory("meta-data/network/interfaces/", "2011-01-01", &INTERFACES),];

static INTERFACES: Directory = rows![
    directories("meta-data/network/interfaces/macs/", "2011-01-01", Scopes::Interfaces, &INTERFACE).never_empty(),
];

static INTERFACE: Directory = rows![
    always("meta-data/network/interfaces/macs/{mac}/device-number", "2011-01-01", |c, scope| Value::Number(
        c.network(scope).device_number
    ))
    .source(RECORDED),
    always("meta-data/network/interfaces/macs/{mac}/interface-id", "2011-01-01", |c, scope| Value::Text(
        &c.interface(scope).interface_id
    ))
    .source(RECORDED),
    values("meta-data/network/interfaces/macs/{mac}/ipv4-associations/", "{public-ip}", "2011-01-01", |c, scope| {
        Members::Associations(c.interface(scope))
    }),
    optional("meta-data/network/interfaces/macs/{mac}/ipv4-prefix", "2011-01-01", |c, scope| lines(
        c.interface(scope).ipv4_prefixes()
    ))
    .source(Source::inferred("read by amazon-vpc-cni-k8s; not documented")),
    optional("meta-data/network/interfaces/macs/{mac}/ipv6-prefix", "2011-01-01", |c, scope| lines(
        c.interface(scope).ipv6_prefixes()
    )),
    optional("meta-data/network/interfaces/macs/{mac}/ipv6s", "2016-06-30", |c, scope| not_empty(
        c.interface(scope).ipv6s()
    )
    .map(Value::Ipv6s)),
    always("meta-data/network/interfaces/macs/{mac}/local-hostname", "2007-01-19", local_hostname).source(
        Source::seen(2, "amazon-vpc-cni-k8s#3047: on an interface without addresses too; its value there is chosen")
    ),
    optional("meta-data/network/interfaces/macs/{mac}/local-ipv4s", "2011-01-01", |c, scope| not_empty(
        &c.interface(scope).local_ipv4s
    )
    .map(Value::Ipv4s))
    .source(RECORDED),
    always("meta-data/network/interfaces/macs/{mac}/mac", "2011-01-01", |c, scope| Value::Text(
        c.interface(scope).mac.as_str()
    ))
    .source(RECORDED),
    optional("meta-data/network/interfaces/macs/{mac}/network-card", "2020-11-01", |c, scope| c
        .network(scope)
        .network_card
        .map(Value::Number)),
    always("meta-data/network/interfaces/macs/{mac}/owner-id", "2011-01-01", |c, _| Value::Text(
        &c.template().account_id
    ))
    .source(RECORDED),
    optional("meta-data/network/interfaces/macs/{mac}/public-hostname", "2011-01-01", |c, scope| c
        .public_name(c.interface(scope))),
    optional("meta-data/network/interfaces/macs/{mac}/public-ipv4s", "2011-01-01", |c, scope| not_empty(
        &c.interface(scope).public_ipv4s
    )
    .map(Value::Ipv4s)),
    optional("meta-data/network/interfaces/macs/{mac}/security-group-ids", "2011-01-01", |c, scope| not_empty(
        &c.network(scope).security_groups
    )
    .map(Value::GroupIds))
    .source(RECORDED),
    optional("meta-data/network/interfaces/macs/{mac}/security-groups", "2011-01-01", |c, scope| not_empty(
        &c.network(scope).security_groups
    )
    .map(Value::GroupNames))
    .source(RECORDED),
    always("meta-data/network/interfaces/macs/{mac}/subnet-id", "2011-01-01", |c, scope| Value::Text(
        &c.network(scope).subnet_id
    ))
    .source(RECORDED),
    optional("meta-data/network/interfaces/macs/{mac}/subnet-ipv4-cidr-block", "2011-01-01", |c, scope| text(
        &c.interface_record(scope).subnet_ipv4_cidr_block
    ))
    .source(RECORDED),
    optional("meta-data/network/interfaces/macs/{mac}/subnet-ipv6-cidr-blocks", "2016-06-30", |c, scope| lines(
        c.interface_record(scope).subnet_ipv6_cidr_blocks.as_deref()?
    )),
    always("meta-data/network/interfaces/macs/{mac}/vpc-id", "2011-01-01", |c, scope| Value::Text(
        &c.network(scope).vpc_id
    ))
    .source(RECORDED),
    optional("meta-data/network/interfaces/macs/{mac}/vpc-ipv4-cidr-block", "2011-01-01", |c, scope| c
        .interface_record(scope)
        .vpc_ipv4_cidr_blocks
        .as_ref()?
        .first()
        .map(|block| Value::Text(block)))
    .source(RECORDED),
    optional("meta-data/network/interfaces/macs/{mac}/vpc-ipv4-cidr-blocks", "2016-06-30", |c, scope| lines(
        c.interface_record(scope).vpc_ipv4_cidr_blocks.as_deref()?
    ))
    .source(RECORDED),
    optional("meta-data/network/interfaces/macs/{mac}/vpc-ipv6-cidr-blocks", "2016-06-30", |c, scope| lines(
        c.interface_record(scope).vpc_ipv6_cidr_blocks.as_deref()?
    )),
];

static PLACEMENT: Directory = rows![
    always("meta-data/placement/availability-zone", "2008-02-01", |c, _| Value::Text(&c.template().availability_zone))
        .source(RECORDED),
    optional("meta-data/placement/availability-zone-id", "2019-10-01", |c, _| text(&c.template().availability_zone_id))
        .source(RECORDED),
    optional("meta-data/placement/group-name", "2020-08-24", |c, _| text(&c.record().placement_group)),
    optional("meta-data/placement/host-id", "2020-08-24", |c, _| text(&c.record().host_id)),
    optional("meta-data/placement/partition-number", "2020-08-24", |c, _| c
        .record()
        .partition_number
        .map(Value::Number)),
    always("meta-data/placement/region", "2019-10-01", |c, _| Value::Text(&c.template().region))
        .source(OLDER_THAN_DOCUMENTED),
];

static PUBLIC_KEY: Directory = rows![
    always("meta-data/public-keys/{index}/openssh-key", "1.0", |c, scope| Value::TextLine(
        &c.record().public_keys[scope].openssh_key
    ))
    .source(Source::seen(3, "with a line feed at its end")),
];

static SERVICES: Directory = rows![
    always("meta-data/services/domain", "2014-02-25", |c, _| Value::Text(&c.template().domain)).source(RECORDED),
    always("meta-data/services/partition", "2015-10-20", |c, _| Value::Text(&c.template().partition)).source(RECORDED),
];

static SPOT: Directory = rows![
    optional("meta-data/spot/instance-action", "2016-11-15", |c, _| c.spot_notice().map(Value::SpotAction))
        .changed_by(ChangeTrigger::SpotNotice),
    optional("meta-data/spot/termination-time", "2014-11-05", |c, _| Some(Value::Time(
        c.spot_notice().filter(|notice| notice.action.terminates())?.time
    )))
    .changed_by(ChangeTrigger::SpotNotice),
];

static TAG_SETS: Directory = rows![
    optional("meta-data/tag-sets/instance", "2025-10-04", |c, _| c.tags_visible.then_some(Value::TagSet))
        .changed_by(ChangeTrigger::Tags)
        .source(Source::seen(
            4,
            "recorded 2026-09-26 on a t3.nano (radkawar/stackd) and three more; not documented; the spacing is chosen",
        )),
];

static TAGS: Directory = rows![
    values("meta-data/tags/instance/", "{key}", "2021-03-23", |c, _| if c.tags_visible {
        Members::Tags(&c.details.tags)
    } else {
        Members::None
    })
    .changed_by(ChangeTrigger::Tags)
    .source(RECORDED),
];
