//! EC2's errors: the codes in one table, the messages below it.

use alloc::format;
use alloc::string::String;

use imds::source::Source;

/// A code with which EC2 refuses a request.
#[derive(Debug)]
pub struct ErrorCode {
    /// As `InvalidParameterValue`.
    pub name: &'static str,
    /// The HTTP status that it comes with.
    pub status: u16,
    /// How it is known.
    pub source: Source,
}

macro_rules! codes {
    ($($id:ident = $name:literal $status:literal, $source:expr;)*) => {
        $(pub(super) static $id: ErrorCode = ErrorCode { name: $name, status: $status, source: $source };)*

        /// All codes, by name.
        pub static ERROR_CODES: &[&ErrorCode] = &[$(&$id),*];
    };
}

const LIST: Source =
    Source::documented("AWS, Error codes for the Amazon EC2 API: client errors have a status of the 400s");

codes! {
    DRY_RUN_OPERATION = "DryRunOperation" 412, Source::seen(1, "karpenter-provider-aws#8015");
    FILTER_LIMIT_EXCEEDED = "FilterLimitExceeded" 400, Source::seen(1, "ansible-collections/amazon.aws#2393");
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
    INVALID_KEY_PAIR = "InvalidKeyPair.NotFound" 400, LIST;
    INVALID_LAUNCH_TEMPLATE = "InvalidLaunchTemplateName.NotFoundException" 400, LIST;
    INVALID_PARAMETER_COMBINATION = "InvalidParameterCombination" 400, Source::seen(3, "moto#6282, yuuki/grabeni#7, aws-cli#1976");
    INVALID_PARAMETER_VALUE = "InvalidParameterValue" 400, Source::seen(3, "terraform-provider-aws#25547, boto3#2673, aws-sdk-ruby#2575");
    INVALID_QUERY_PARAMETER = "InvalidQueryParameter" 400, LIST;
    INVALID_SUBNET_ID = "InvalidSubnetID.NotFound" 400, LIST;
    INVALID_USER_DATA = "InvalidUserData.Malformed" 400, Source::seen(1, "awslabs/ec2-spot-workshops#15");
    MALFORMED_QUERY_STRING = "MalformedQueryString" 400, LIST;
    MISSING_ACTION = "MissingAction" 400, LIST;
    MISSING_PARAMETER = "MissingParameter" 400, Source::seen(1, "DanielThomas/ec2gaming#5");
    NO_SUCH_VERSION = "NoSuchVersion" 400, LIST;
    OPERATION_NOT_PERMITTED = "OperationNotPermitted" 400, LIST;
    REQUEST_LIMIT_EXCEEDED = "RequestLimitExceeded" 503, Source::documented("botocore, retry rules of EC2");
    TAG_LIMIT_EXCEEDED = "TagLimitExceeded" 400, LIST;
    UNKNOWN_PARAMETER = "UnknownParameter" 400, Source::seen(3, "aws-cli#21, appoxy/aws#32, aws-sdk-js#54");
    UNSUPPORTED_OPERATION = "UnsupportedOperation" 400, Source::documented("AWS, EC2 user guide: troubleshooting httpTokensEnforced");
}

/// Why a request is refused.
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

    /// Seen: aws-cli#3127.
    pub fn dry_run() -> Error {
        Error::new(&DRY_RUN_OPERATION, "Request would have succeeded, but DryRun flag is set.")
    }

    /// As SDKs quote it.
    pub fn over_limit() -> Error {
        Error::new(&REQUEST_LIMIT_EXCEEDED, "Request limit exceeded.")
    }

    /// Seen: terraform-provider-aws, in the code that skips what a Region does not have.
    pub fn no_such_action(name: &str) -> Error {
        Error::new(&INVALID_ACTION, format!("The action {name} is not valid for this web service."))
    }

    /// Seen: DanielThomas/ec2gaming#5.
    pub fn missing(parameter: &str) -> Error {
        Error::new(&MISSING_PARAMETER, format!("The request must contain the parameter {parameter}"))
    }

    /// Seen: appoxy/aws#32.
    pub fn unknown(parameter: &str) -> Error {
        Error::new(&UNKNOWN_PARAMETER, format!("The parameter {parameter} is not recognized"))
    }

    pub fn value(message: impl Into<String>) -> Error {
        Error::new(&INVALID_PARAMETER_VALUE, message)
    }

    /// Seen, with reasons of many kinds: aws-sdk-ruby#2575. EC2 names the parameter as its XML does.
    pub fn value_of(parameter: &str, value: &str, reason: &str) -> Error {
        Error::value(format!("Value ( {value} ) for parameter {} is invalid. {reason}", member(parameter)))
    }

    /// Seen for `HttpEndpoint`: terraform-provider-aws#25547.
    pub fn not_one_of(parameter: &str, value: &str, choices: &[&str]) -> Error {
        let mut listed = String::new();
        for (place, choice) in choices.iter().enumerate() {
            let between = match (place, choices.len()) {
                (0, 2) => "either ",
                (0, _) => "",
                (place, count) if place + 1 == count => " or ",
                _ => ", ",
            };
            listed.push_str(&format!("{between}'{choice}'"));
        }
        let name = last_segment(parameter);
        Error::value(format!("A value of '{value}' is not valid for {name}. Specify {listed} and try again."))
    }

    /// In the form of the one above: nobody has shown EC2's own.
    pub fn not_in_range(parameter: &str, value: &str, range: &str) -> Error {
        let name = last_segment(parameter);
        Error::value(format!("A value of '{value}' is not valid for {name}. Specify {range} and try again."))
    }

    pub fn combination(message: impl Into<String>) -> Error {
        Error::new(&INVALID_PARAMETER_COMBINATION, message)
    }

    /// Seen: ClusterLabs/cluster-glue#30.
    pub fn malformed_instance_id(id: &str) -> Error {
        Error::new(&INVALID_INSTANCE_ID_MALFORMED, format!("Invalid id: \"{id}\""))
    }

    /// Seen, for one and for several: aws-sdk-java#911, moto#4903.
    pub fn no_such_instances(ids: &[&str]) -> Error {
        let message = match ids {
            [id] => format!("The instance ID '{id}' does not exist"),
            ids => format!("The instance IDs '{}' do not exist", ids.join(", ")),
        };
        Error::new(&INVALID_INSTANCE_ID_NOT_FOUND, message)
    }

    /// Seen: runs-on#251.
    pub fn other_arguments() -> Error {
        let message =
            "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).";
        Error::new(&IDEMPOTENT_PARAMETER_MISMATCH, message)
    }

    /// Seen: boto3#4406.
    pub fn client_token_of_terminated() -> Error {
        let message = "The client token you have provided is associated with a terminated instance. \
                       Please use a different client token.";
        Error::new(&IDEMPOTENT_INSTANCE_TERMINATED, message)
    }
}

/// A parameter as EC2's messages name it: its last member, begun in lower case.
fn member(parameter: &str) -> String {
    let name = last_segment(parameter);
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_ascii_lowercase(), letters.as_str()))
}

/// The last member of a parameter's path: `Tag.1.Key` ends in `Key`, `InstanceId.2` in `InstanceId`.
fn last_segment(parameter: &str) -> &str {
    let is_index = |segment: &&str| segment.bytes().all(|byte| byte.is_ascii_digit());
    parameter.rsplit('.').find(|segment| !is_index(segment)).unwrap_or(parameter)
}
