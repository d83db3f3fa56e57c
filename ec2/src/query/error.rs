//! EC2's errors: the table of codes, and the messages.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use imds::limits;
use imds::source::Source;

/// An error code of EC2's API.
#[derive(Debug)]
#[non_exhaustive]
pub struct ErrorCode {
    /// For example `InvalidParameterValue`.
    pub name: &'static str,
    /// The HTTP status of the response.
    pub status: u16,
    /// The source of the code and its status.
    pub source: Source,
}

macro_rules! codes {
    ($($id:ident = $name:literal $status:literal, $source:expr;)*) => {
        $(pub(super) static $id: ErrorCode = ErrorCode { name: $name, status: $status, source: $source };)*

        /// All error codes, sorted by name.
        pub static ERROR_CODES: &[&ErrorCode] = &[$(&$id),*];
    };
}

const LIST: Source =
    Source::documented("AWS, Error codes for the Amazon EC2 API: client errors have a status of the 400s");

codes! {
    ATTACHMENT_LIMIT_EXCEEDED = "AttachmentLimitExceeded" 400, Source::seen(1, "chef/knife-ec2#375");
    DRY_RUN_OPERATION = "DryRunOperation" 412, Source::seen(1, "karpenter-provider-aws#8015");
    FILTER_LIMIT_EXCEEDED = "FilterLimitExceeded" 400, Source::seen(2, "ansible-collections/amazon.aws#2393, gossm#35");
    IDEMPOTENT_INSTANCE_TERMINATED = "IdempotentInstanceTerminated" 400, Source::seen(1, "boto3#4406");
    IDEMPOTENT_PARAMETER_MISMATCH = "IdempotentParameterMismatch" 400, Source::seen(2, "runs-on#251, rust-lang/bors#830");
    INCORRECT_INSTANCE_STATE = "IncorrectInstanceState" 400, Source::seen(2, "ubuntu-pro-client#1697, cloud-custodian#6014");
    INSTANCE_LIMIT_EXCEEDED = "InstanceLimitExceeded" 400, LIST;
    INSUFFICIENT_FREE_ADDRESSES = "InsufficientFreeAddressesInSubnet" 400, LIST;
    INVALID_AMI_ID = "InvalidAMIID.Malformed" 400, LIST;
    INVALID_ACTION = "InvalidAction" 400, Source::seen(1, "terraform-provider-aws, sweepers");
    INVALID_BLOCK_DEVICE_MAPPING = "InvalidBlockDeviceMapping" 400, LIST;
    INVALID_CHARACTER = "InvalidCharacter" 400, LIST;
    INVALID_GROUP_ID = "InvalidGroupId.Malformed" 400, LIST;
    INVALID_ID = "InvalidID" 400, Source::seen(2, "cloud-provider-aws#1387, aws-cli#4109");
    INVALID_IP_ADDRESS_IN_USE = "InvalidIPAddress.InUse" 400, Source::seen(3, "aws-cli#7178, pulumi#8679, ansible-modules-core#835");
    INVALID_INSTANCE_ID_MALFORMED = "InvalidInstanceID.Malformed" 400, Source::seen(1, "ClusterLabs/cluster-glue#30");
    INVALID_INSTANCE_ID_NOT_FOUND = "InvalidInstanceID.NotFound" 400, Source::seen(2, "aws-sdk-java#911, moto#4903");
    INVALID_INTERFACE_ADDRESSES = "InvalidInterface.IpAddressLimitExceeded" 400, LIST;
    INVALID_KEY_PAIR = "InvalidKeyPair.NotFound" 400, LIST;
    INVALID_LAUNCH_TEMPLATE_ID = "InvalidLaunchTemplateId.NotFound" 400, Source::seen(1, "moto, test_launch_templates.py, verified against AWS");
    INVALID_LAUNCH_TEMPLATE_NAME = "InvalidLaunchTemplateName.NotFoundException" 400, LIST;
    INVALID_PARAMETER_COMBINATION = "InvalidParameterCombination" 400, Source::seen(3, "moto#6282, yuuki/grabeni#7, aws-cli#1976");
    INVALID_PARAMETER_VALUE = "InvalidParameterValue" 400, Source::seen(3, "terraform-provider-aws#25547, boto3#2673, aws-sdk-ruby#2575");
    INVALID_QUERY_PARAMETER = "InvalidQueryParameter" 400, LIST;
    INVALID_REQUEST = "InvalidRequest" 400, Source::seen(2, "Bastillion-EC2#8, sensu-plugins-aws#195");
    INVALID_SUBNET_ID = "InvalidSubnetID.NotFound" 400, LIST;
    INVALID_USER_DATA = "InvalidUserData.Malformed" 400, Source::seen(1, "awslabs/ec2-spot-workshops#15");
    INVALID_VOLUME = "InvalidVolume.NotFound" 400, LIST;
    MALFORMED_QUERY_STRING = "MalformedQueryString" 400, LIST;
    MISSING_ACTION = "MissingAction" 400, LIST;
    MISSING_PARAMETER = "MissingParameter" 400, Source::seen(1, "DanielThomas/ec2gaming#5");
    NO_SUCH_VERSION = "NoSuchVersion" 400, Source::seen(2, "boto3#1138, ansible#37267");
    OPERATION_NOT_PERMITTED = "OperationNotPermitted" 400, LIST;
    REQUEST_LIMIT_EXCEEDED = "RequestLimitExceeded" 503, Source::documented("botocore, retry rules of EC2");
    RESOURCE_COUNT_EXCEEDED = "ResourceCountExceeded" 400, Source::seen(1, "redhat-performance/cloud-governance#582");
    SECURITY_GROUPS_OF_INSTANCE = "SecurityGroupsPerInstanceLimitExceeded" 400, LIST;
    SECURITY_GROUPS_OF_INTERFACE = "SecurityGroupsPerInterfaceLimitExceeded" 400, Source::seen(2, "aws-load-balancer-controller#682, terraform-provider-aws#7856");
    TAG_LIMIT_EXCEEDED = "TagLimitExceeded" 400, LIST;
    UNKNOWN_PARAMETER = "UnknownParameter" 400, Source::seen(3, "aws-cli#21, appoxy/aws#32, aws-sdk-js#54");
    UNSUPPORTED_OPERATION = "UnsupportedOperation" 400, Source::documented("AWS, EC2 user guide: troubleshooting httpTokensEnforced");
}

/// A list of a request that has more items than allowed.
pub(super) struct Excess<'a> {
    /// The list's path.
    pub list: &'a str,
    pub items: usize,
    pub limit: usize,
    /// The instance type of a launch.
    pub instance_type: &'a str,
}

impl fmt::Display for Excess<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The list {} has more than {} items", self.list, self.limit)
    }
}

/// The reason why a request is rejected.
#[derive(Debug)]
pub(super) struct Error {
    pub code: &'static ErrorCode,
    pub message: String,
}

pub(super) type Result<T> = core::result::Result<T, Error>;

impl Error {
    pub fn new(code: &'static ErrorCode, message: impl Into<String>) -> Error {
        Error { code, message: message.into() }
    }

    /// Observed: aws-cli#3127.
    pub fn dry_run() -> Error {
        Error::new(&DRY_RUN_OPERATION, "Request would have succeeded, but DryRun flag is set.")
    }

    /// The text that SDKs quote.
    pub fn over_limit() -> Error {
        Error::new(&REQUEST_LIMIT_EXCEEDED, "Request limit exceeded.")
    }

    /// Observed: terraform-provider-aws, in the code that skips actions a Region does not have.
    pub fn no_such_action(name: &str) -> Error {
        Error::new(&INVALID_ACTION, format!("The action {name} is not valid for this web service."))
    }

    /// Observed: DanielThomas/ec2gaming#5.
    pub fn missing(parameter: &str) -> Error {
        Error::new(&MISSING_PARAMETER, format!("The request must contain the parameter {parameter}"))
    }

    /// Observed: appoxy/aws#32.
    pub fn unknown(parameter: &str) -> Error {
        Error::new(&UNKNOWN_PARAMETER, format!("The parameter {parameter} is not recognized"))
    }

    pub fn value(message: impl Into<String>) -> Error {
        Error::new(&INVALID_PARAMETER_VALUE, message)
    }

    /// Observed with various reasons: aws-sdk-ruby#2575, and with an empty group id by many
    /// users. EC2 names the parameter as in its XML.
    pub fn value_of(parameter: &str, value: &str, reason: &str) -> Error {
        let value = if value.is_empty() { String::new() } else { format!(" {value} ") };
        Error::value(format!("Value ({value}) for parameter {} is invalid. {reason}", message_name(parameter)))
    }

    /// Observed for `HttpEndpoint`: terraform-provider-aws#25547.
    pub fn not_one_of(parameter: &str, value: &str, choices: &[&str]) -> Error {
        let mut listed = String::new();
        for (index, choice) in choices.iter().enumerate() {
            let separator = match (index, choices.len()) {
                (0, 2) => "either ",
                (0, _) => "",
                (index, count) if index + 1 == count => " or ",
                _ => ", ",
            };
            listed.push_str(&format!("{separator}'{choice}'"));
        }
        let name = last_segment(parameter);
        Error::value(format!("A value of '{value}' is not valid for {name}. Specify {listed} and try again."))
    }

    /// Observed once, for launch templates, with these quotes. `or` is a further value that the
    /// action allows.
    pub fn hop_limit(value: &str, or: &str) -> Error {
        Error::value(format!(
            "A value of \u{2018}{value}\u{2019} is not valid for http-put-response-hop-limit. Specify a value between 1 \
             and {}{or}, and try again.",
            limits::HOP_LIMIT
        ))
    }

    /// For a parameter of EC2's API whose value nothing here would show.
    pub fn unsupported(parameter: &str) -> Error {
        Error::new(&UNSUPPORTED_OPERATION, format!("The parameter {parameter} is not supported here"))
    }

    /// A list of a request has too many items. Which code EC2 has for the list is not known.
    pub fn too_many_items(excess: &Excess<'_>) -> Error {
        Error::new(&INVALID_REQUEST, excess.to_string())
    }

    pub fn too_many_block_devices(excess: &Excess<'_>) -> Error {
        Error::new(&ATTACHMENT_LIMIT_EXCEEDED, excess.to_string())
    }

    /// Observed: chef/knife-ec2#375.
    pub fn too_many_interfaces(excess: &Excess<'_>) -> Error {
        let Excess { items, instance_type, .. } = excess;
        let message = format!("Interface count {items} exceeds the limit for {instance_type}");
        Error::new(&ATTACHMENT_LIMIT_EXCEEDED, message)
    }

    /// AWS documents the code for the launch of an instance.
    pub fn too_many_addresses(excess: &Excess<'_>) -> Error {
        let message = format!("An interface has at most {} addresses and prefixes of a family", excess.limit);
        Error::new(&INVALID_INTERFACE_ADDRESSES, message)
    }

    /// Chosen, after the message for an interface.
    pub fn too_many_groups_of_instance(_: &Excess<'_>) -> Error {
        let message = "The maximum number of security groups per instance has been reached.";
        Error::new(&SECURITY_GROUPS_OF_INSTANCE, message)
    }

    /// Observed: aws-load-balancer-controller#682, terraform-provider-aws#7856.
    pub fn too_many_groups_of_interface(_: &Excess<'_>) -> Error {
        let message = "The maximum number of security groups per interface has been reached.";
        Error::new(&SECURITY_GROUPS_OF_INTERFACE, message)
    }

    pub fn too_many_licenses(excess: &Excess<'_>) -> Error {
        Error::value(excess.to_string())
    }

    /// The text of moto.
    pub fn too_many_tags(_: &Excess<'_>) -> Error {
        Error::new(&TAG_LIMIT_EXCEEDED, "The maximum number of Tags for a resource has been reached.")
    }

    /// Observed for 100 instances and DescribeInstanceStatus, with this spelling: Bastillion-EC2#8,
    /// sensu-plugins-aws#195.
    pub fn too_many_instances(excess: &Excess<'_>) -> Error {
        let Excess { items, limit, .. } = excess;
        let message = format!(
            "{items} exceeds the maximum number of instance IDs that can be specificied ({limit}). Please specify fewer \
             than {limit} instance IDs."
        );
        Error::new(&INVALID_REQUEST, message)
    }

    /// The code was observed, without its message.
    pub fn too_many_resources(excess: &Excess<'_>) -> Error {
        Error::new(&RESOURCE_COUNT_EXCEEDED, excess.to_string())
    }

    pub fn combination(message: impl Into<String>) -> Error {
        Error::new(&INVALID_PARAMETER_COMBINATION, message)
    }

    /// Observed for both, for example by moto's tests that run against AWS.
    pub fn no_such_launch_template(id: Option<&str>, name: Option<&str>) -> Error {
        match (id, name) {
            (Some(id), _) => Error::new(
                &INVALID_LAUNCH_TEMPLATE_ID,
                format!("The specified launch template, with template ID {id}, does not exist."),
            ),
            (None, Some(name)) => Error::new(
                &INVALID_LAUNCH_TEMPLATE_NAME,
                format!("The specified launch template, with template name {name}, does not exist."),
            ),
            (None, None) => Error::missing("LaunchTemplate.LaunchTemplateId"),
        }
    }

    /// Observed: ClusterLabs/cluster-glue#30.
    pub fn malformed_instance_id(id: &str) -> Error {
        Error::new(&INVALID_INSTANCE_ID_MALFORMED, format!("Invalid id: \"{id}\""))
    }

    /// Observed for one and for several ids: aws-sdk-java#911, moto#4903.
    pub fn no_such_instances(ids: &[&str]) -> Error {
        let message = match ids {
            [id] => format!("The instance ID '{id}' does not exist"),
            ids => format!("The instance IDs '{}' do not exist", ids.join(", ")),
        };
        Error::new(&INVALID_INSTANCE_ID_NOT_FOUND, message)
    }

    /// Observed: runs-on#251.
    pub fn parameter_mismatch() -> Error {
        let message =
            "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).";
        Error::new(&IDEMPOTENT_PARAMETER_MISMATCH, message)
    }

    /// Observed: boto3#4406.
    pub fn terminated_client_token() -> Error {
        let message = "The client token you have provided is associated with a terminated instance. \
                       Please use a different client token.";
        Error::new(&IDEMPOTENT_INSTANCE_TERMINATED, message)
    }
}

/// The name of a parameter in EC2's messages: the last member, with a lower-case first letter.
fn message_name(parameter: &str) -> String {
    let name = last_segment(parameter);
    let mut letters = name.chars();
    if name == "SecurityGroupId" {
        return "groupId".into();
    }
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_ascii_lowercase(), letters.as_str()))
}

/// The last member of a parameter's path: `Key` of `Tag.1.Key`, `InstanceId` of `InstanceId.2`.
fn last_segment(parameter: &str) -> &str {
    let is_index = |segment: &&str| segment.bytes().all(|byte| byte.is_ascii_digit());
    parameter.rsplit('.').find(|segment| !is_index(segment)).unwrap_or(parameter)
}
