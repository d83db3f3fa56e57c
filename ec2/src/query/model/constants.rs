//! Values that are the same for all instances here.

/// The newest version of EC2's API. AWS adds to it without a new date.
pub const VERSION: &str = "2016-11-15";
/// The versions of EC2's API that requests can ask for. The actions here have the same parameters
/// and elements in all of them, apart from additions, so only the namespace differs.
///
/// Source: the EC2 models of the AWS SDK for JavaScript and of botocore. EC2 rejects other dates,
/// those between two versions too (ansible#37267).
pub const VERSIONS: &[&str] = &[
    "2014-02-01",
    "2014-05-01",
    "2014-06-15",
    "2014-09-01",
    "2014-10-01",
    "2015-03-01",
    "2015-04-15",
    "2015-10-01",
    "2016-04-01",
    "2016-09-15",
    VERSION,
];

pub const ROOT_DEVICE_TYPE: &str = "ebs";
/// The root device of Amazon's own images.
pub const DEFAULT_ROOT_DEVICE: &str = "/dev/xvda";
/// AWS: on Nitro too.
pub const HYPERVISOR: &str = "xen";
pub const ATTACHED: &str = "attached";
pub const VOLUME_STATUS: &str = "in-use";
/// The size of the root volume of Amazon's own images, in GiB.
pub const VOLUME_SIZE: &str = "8";
/// AWS: the default of a launch.
pub const VOLUME_TYPE: &str = "gp2";
pub const PLATFORM_DETAILS: &str = "Linux/UNIX";
pub const USAGE_OPERATION: &str = "RunInstances";
pub const INTERFACE_STATUS: &str = "in-use";
/// The owner of public addresses that are not Elastic IP addresses.
pub const ASSOCIATION_OWNER: &str = "amazon";
pub const PRODUCT_CODE_TYPE: &str = "marketplace";
/// The value of a launch that says whether an interface is deleted with its instance.
pub const DELETE_ON_TERMINATION: &str = "attachment/deleteOnTermination";
/// The value of a launch that makes the first IPv6 address of an interface its primary one.
pub const PRIMARY_IPV6: &str = "primaryIpv6";
/// The value that removes an account default.
pub const NO_PREFERENCE: &str = "no-preference";
