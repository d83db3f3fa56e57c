use crate::fleet::{Fleet, FleetError};
use crate::query::action::Action;
use crate::query::error::Result;
use crate::query::form::QueryForm;
use crate::query::model::ids::instance_ids;
use crate::query::operation::Operation;
use crate::query::params::{ParamKind, required};
use crate::query::xml::Xml;
use imds::time::Timestamp;

pub static ACTION: Action = Action {
    name: "RebootInstances",
    parameters: &[required("InstanceId.N", ParamKind::Any)],
    is_read_only: false,
    run,
};

/// A reboot changes nothing that the metadata shows.
fn run(fleet: &mut Fleet, now: Timestamp, form: &QueryForm, xml: &mut Xml) -> Result<()> {
    for id in instance_ids(fleet, form)? {
        if let Some(instance) = fleet.instance(id).filter(|instance| !instance.is_served(now)) {
            let error = FleetError::IncorrectState(instance.id().clone(), instance.state(now));
            return Err(Operation::Reboot.error(fleet, error));
        }
    }
    xml.text("return", true);
    Ok(())
}
