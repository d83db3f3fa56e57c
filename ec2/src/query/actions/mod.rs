//! Which actions there are, with all parameters that EC2's API gives them.

use super::error::Result;
use super::form::Form;
use super::parameters::{HTTP_TOKENS, Kind, Parameter, TOGGLE, may, must};
use super::run_parameters::RUN_INSTANCES;
use super::xml::Xml;
use super::{attribute, describe, lifecycle, metadata_options, run_instances, tags};
use crate::fleet::Fleet;
use imds::time::Timestamp;

/// An action of EC2's API.
pub(super) struct Action {
    pub name: &'static str,
    pub parameters: &'static [Parameter],
    /// Does it to the fleet, and writes what it answers. The form is one of these parameters.
    pub perform: fn(&mut Fleet, Timestamp, &Form, &mut Xml) -> Result<()>,
}

/// Source: EC2's service model in botocore.
pub(super) static ACTIONS: &[Action] = &[
    Action {
        name: "CreateTags",
        parameters: &[must("ResourceId.N", Kind::Text), must("Tag.N.Key", Kind::Text), may("Tag.N.Value", Kind::Any)],
        perform: tags::create,
    },
    Action {
        name: "DeleteTags",
        parameters: &[must("ResourceId.N", Kind::Text), may("Tag.N.Key", Kind::Text), may("Tag.N.Value", Kind::Any)],
        perform: tags::delete,
    },
    Action {
        name: "DescribeInstanceAttribute",
        parameters: &[must("InstanceId", Kind::Text), must("Attribute", Kind::OneOf(attribute::NAMES))],
        perform: attribute::describe,
    },
    Action {
        name: "DescribeInstances",
        parameters: &[
            may("InstanceId.N", Kind::Text),
            may("Filter.N.Name", Kind::Text),
            may("Filter.N.Value.N", Kind::Any),
            may("IncludeManagedResources", Kind::Boolean),
            may("MaxResults", Kind::PageSize),
            may("NextToken", Kind::Any),
        ],
        perform: describe::instances,
    },
    Action {
        name: "DescribeTags",
        parameters: &[
            may("Filter.N.Name", Kind::Text),
            may("Filter.N.Value.N", Kind::Any),
            may("MaxResults", Kind::PageSize),
            may("NextToken", Kind::Any),
        ],
        perform: tags::describe,
    },
    Action { name: "GetInstanceMetadataDefaults", parameters: &[], perform: metadata_options::get_defaults },
    Action {
        name: "ModifyInstanceMetadataDefaults",
        parameters: &[
            may("HttpTokens", Kind::OneOf(&["optional", "required", metadata_options::NO_PREFERENCE])),
            may("HttpPutResponseHopLimit", Kind::HopLimitOrNone),
            may("HttpEndpoint", Kind::OneOf(TOGGLE_OR_NONE)),
            may("InstanceMetadataTags", Kind::OneOf(TOGGLE_OR_NONE)),
            may("HttpTokensEnforced", Kind::OneOf(TOGGLE_OR_NONE)),
        ],
        perform: metadata_options::modify_defaults,
    },
    Action {
        name: "ModifyInstanceMetadataOptions",
        parameters: &[
            must("InstanceId", Kind::Text),
            may("HttpTokens", Kind::OneOf(HTTP_TOKENS)),
            may("HttpPutResponseHopLimit", Kind::HopLimit),
            may("HttpEndpoint", Kind::OneOf(TOGGLE)),
            may("HttpProtocolIpv6", Kind::OneOf(TOGGLE)),
            may("InstanceMetadataTags", Kind::OneOf(TOGGLE)),
        ],
        perform: metadata_options::modify,
    },
    Action { name: "RebootInstances", parameters: &[must("InstanceId.N", Kind::Text)], perform: lifecycle::reboot },
    Action { name: "RunInstances", parameters: RUN_INSTANCES, perform: run_instances::run },
    Action {
        name: "StartInstances",
        parameters: &[must("InstanceId.N", Kind::Text), may("AdditionalInfo", Kind::Any)],
        perform: lifecycle::start,
    },
    Action {
        name: "StopInstances",
        parameters: &[
            must("InstanceId.N", Kind::Text),
            may("Force", Kind::Boolean),
            may("Hibernate", Kind::Boolean),
            may("SkipOsShutdown", Kind::Boolean),
        ],
        perform: lifecycle::stop,
    },
    Action {
        name: "TerminateInstances",
        parameters: &[
            must("InstanceId.N", Kind::Text),
            may("Force", Kind::Boolean),
            may("SkipOsShutdown", Kind::Boolean),
        ],
        perform: lifecycle::terminate,
    },
];

const TOGGLE_OR_NONE: &[&str] = &["enabled", "disabled", metadata_options::NO_PREFERENCE];
