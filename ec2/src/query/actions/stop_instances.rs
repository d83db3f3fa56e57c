use crate::fleet::Fleet;
use crate::query::action::Action;
use crate::query::error::Result;
use crate::query::form::QueryForm;
use crate::query::model::state_changes::change_states;
use crate::query::operation::Operation;
use crate::query::params::{ParamKind, optional, required};
use crate::query::xml::Xml;
use imds::time::Timestamp;

pub static ACTION: Action = Action {
    name: "StopInstances",
    parameters: &[
        required("InstanceId.N", ParamKind::Any),
        optional("Force", ParamKind::Boolean),
        optional("Hibernate", ParamKind::Only("false")),
        optional("SkipOsShutdown", ParamKind::Boolean),
    ],
    is_read_only: false,
    run,
};

fn run(fleet: &mut Fleet, now: Timestamp, form: &QueryForm, xml: &mut Xml) -> Result<()> {
    change_states(fleet, form, xml, Operation::Stop, |fleet, id| fleet.stop(now, id))
}
