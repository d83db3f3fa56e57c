use alloc::vec::Vec;

use super::ids::instance_ids;
use super::instance_xml::write_state;
use crate::fleet::{Fleet, FleetError, StateChange};
use crate::query::error::Result;
use crate::query::form::QueryForm;
use crate::query::operation::Operation;
use crate::query::xml::Xml;

/// Changes the states of the instances that a request names, and writes the changes.
pub fn change_states(
    fleet: &mut Fleet,
    form: &QueryForm,
    xml: &mut Xml,
    operation: Operation,
    change: impl Fn(&mut Fleet, &str) -> core::result::Result<StateChange, FleetError>,
) -> Result<()> {
    let mut changes = Vec::new();
    for id in instance_ids(fleet, form)? {
        match change(fleet, id) {
            Ok(change) => changes.push((id, change)),
            Err(error) => return Err(operation.error(fleet, error)),
        }
    }
    xml.list("instancesSet", changes, |xml, (id, StateChange { previous, current })| {
        xml.text("instanceId", id);
        xml.element("currentState", |xml| write_state(xml, current));
        xml.element("previousState", |xml| write_state(xml, previous));
    });
    Ok(())
}
