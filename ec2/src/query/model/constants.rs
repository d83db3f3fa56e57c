//! Values that are the same for all instances here.

/// The version of EC2's API.
pub const VERSION: &str = "2016-11-15";

pub const ROOT_DEVICE_TYPE: &str = "ebs";
/// The root device of Amazon's own images.
pub const DEFAULT_ROOT_DEVICE: &str = "/dev/xvda";
/// AWS: on Nitro too.
pub const HYPERVISOR: &str = "xen";
pub const ATTACHED: &str = "attached";
pub const PLATFORM_DETAILS: &str = "Linux/UNIX";
pub const USAGE_OPERATION: &str = "RunInstances";
pub const INTERFACE_STATUS: &str = "in-use";
/// The owner of public addresses that are not Elastic IP addresses.
pub const ASSOCIATION_OWNER: &str = "amazon";
pub const PRODUCT_CODE_TYPE: &str = "marketplace";
/// The only type of resource that has tags here.
pub const TAGGED_RESOURCE_TYPE: &str = "instance";
/// The value that removes an account default.
pub const NO_PREFERENCE: &str = "no-preference";
