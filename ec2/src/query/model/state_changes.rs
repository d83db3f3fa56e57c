use alloc::string::String;
use alloc::vec::Vec;

use super::describe::write_state;
use super::error::{Error, Result};
use super::form::Form;
use super::refusal::Doing;
use super::xml::Xml;
use crate::fleet::{Fleet, FleetError, StateChange};
use imds::time::Timestamp;

/// `StartInstances`
pub(super) fn start(fleet: &mut Fleet, now: Timestamp, form: &Form, xml: &mut Xml) -> Result<()> {
    change(fleet, form, xml, Doing::Start, |fleet, id| fleet.start(now, id))
}

/// `StopInstances`
pub(super) fn stop(fleet: &mut Fleet, now: Timestamp, form: &Form, xml: &mut Xml) -> Result<()> {
    change(fleet, form, xml, Doing::Stop, |fleet, id| fleet.stop(now, id))
}

/// `TerminateInstances`
pub(super) fn terminate(fleet: &mut Fleet, now: Timestamp, form: &Form, xml: &mut Xml) -> Result<()> {
    change(fleet, form, xml, Doing::Terminate, |fleet, id| fleet.terminate(now, id))
}

/// `RebootInstances`, of which the metadata shows nothing.
pub(super) fn reboot(fleet: &mut Fleet, now: Timestamp, form: &Form, xml: &mut Xml) -> Result<()> {
    for id in instance_ids(fleet, form)? {
        if let Some(member) = fleet.member(id).filter(|member| !member.is_served(now)) {
            let error = FleetError::WrongState(member.id().clone(), member.state(now));
            return Err(Doing::Reboot.refused(fleet, error));
        }
    }
    xml.text("return", true);
    Ok(())
}

fn change(
    fleet: &mut Fleet,
    form: &Form,
    xml: &mut Xml,
    doing: Doing,
    change: impl Fn(&mut Fleet, &str) -> core::result::Result<StateChange, FleetError>,
) -> Result<()> {
    let mut changes = Vec::new();
    for id in instance_ids(fleet, form)? {
        match change(fleet, id) {
            Ok(change) => changes.push((id, change)),
            Err(error) => return Err(doing.refused(fleet, error)),
        }
    }
    xml.list("instancesSet", changes, |xml, (id, StateChange { previous, current })| {
        xml.text("instanceId", id);
        xml.element("currentState", |xml| write_state(xml, current));
        xml.element("previousState", |xml| write_state(xml, previous));
    });
    Ok(())
}

/// The instances that a request names, each once and all of them there.
pub(super) fn instance_ids<'f>(fleet: &Fleet, form: &'f Form) -> Result<Vec<&'f str>> {
    let mut ids: Vec<&str> = Vec::new();
    for id in form.texts("InstanceId") {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    check_instances(fleet, &ids)?;
    Ok(ids)
}

/// Whether these are ids, and of instances that are there. EC2 tells of all that are not.
pub(super) fn check_instances(fleet: &Fleet, ids: &[&str]) -> Result<()> {
    let missing: Vec<&str> = ids.iter().copied().filter(|id| fleet.member(id).is_none()).collect();
    match missing.iter().find(|id| !is_id("i", id)) {
        Some(id) => Err(Error::malformed_instance_id(id)),
        None if missing.is_empty() => Ok(()),
        None => Err(Error::no_such_instances(&missing)),
    }
}

/// Whether it can be an id of that prefix: a hyphen and hexadecimal digits follow. A blank at its end makes an id of
/// nothing, but no malformed one (seen: boto3#567).
pub(super) fn is_id(prefix: &str, id: &str) -> bool {
    let digits = id.trim_end().strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'));
    digits.is_some_and(|digits| {
        (1..=LONG_ID_DIGITS).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

/// AWS: ids have 8 digits, or 17.
const LONG_ID_DIGITS: usize = 17;

/// An instance that a request names.
pub(super) fn instance_id(fleet: &Fleet, form: &Form) -> Result<String> {
    let id = form.text("InstanceId").unwrap_or_default();
    check_instances(fleet, &[id])?;
    Ok(id.into())
}
