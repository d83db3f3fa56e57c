use super::error::Result;
use super::form::QueryForm;
use super::params::Parameter;
use super::xml::Xml;
use crate::fleet::Fleet;
use imds::time::Timestamp;

/// A row of the action table: an action of EC2's API.
pub(super) struct Action {
    pub name: &'static str,
    /// All parameters that the action has in EC2's API. Source: EC2's service model in botocore.
    pub parameters: &'static [Parameter],
    /// The action never changes the fleet.
    pub is_read_only: bool,
    /// Runs the action on the fleet and writes the content of the response. The form has passed the
    /// check of the parameters.
    pub run: fn(&mut Fleet, Timestamp, &QueryForm, &mut Xml) -> Result<()>,
}
