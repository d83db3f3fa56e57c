use crate::fleet::Fleet;
use crate::query::action::Action;
use crate::query::error::{Error, Result};
use crate::query::filters::{FilterKey, Filters};
use crate::query::form::QueryForm;
use crate::query::model::zones::{Zone, zones};
use crate::query::params::{ParamKind, optional};
use crate::query::xml::Xml;
use alloc::format;
use imds::time::Timestamp;

pub static ACTION: Action = Action {
    name: "DescribeAvailabilityZones",
    parameters: &[
        optional("ZoneName.N", ParamKind::Text),
        optional("ZoneId.N", ParamKind::Text),
        optional("Filter.N.Name", ParamKind::Text),
        optional("Filter.N.Value.N", ParamKind::Any),
        optional("AllAvailabilityZones", ParamKind::Boolean),
    ],
    run,
};

/// Describes the zones in which instances are, and the one in which the next instance will be. With
/// or without `AllAvailabilityZones`, because all of them are enabled.
fn run(fleet: &mut Fleet, now: Timestamp, form: &QueryForm, xml: &mut Xml) -> Result<()> {
    let filters = Filters::read(form, COLUMNS)?;
    let (names, ids) = (form.texts("ZoneName"), form.texts("ZoneId"));
    let zones = zones(fleet, now)?;
    if let Some(name) = names.iter().find(|name| !zones.iter().any(|zone| zone.name == **name)) {
        return Err(Error::value(format!("Invalid availability zone: [{name}]")));
    }
    if let Some(id) = ids.iter().find(|id| !zones.iter().any(|zone| zone.id == **id)) {
        return Err(Error::value(format!("Invalid availability zone-id: [{id}]")));
    }
    let found = zones
        .iter()
        .filter(|zone| names.is_empty() || names.contains(&zone.name.as_str()))
        .filter(|zone| ids.is_empty() || ids.contains(&zone.id.as_str()))
        .filter(|zone| {
            filters.matches(|key, emit| match key {
                FilterKey::Tag(_) => {}
                FilterKey::Column(column) => emit(column(zone)),
            })
        });
    xml.list("availabilityZoneInfo", found, |xml, zone| {
        for (element, value) in ELEMENTS {
            xml.optional(element, Some(value(zone)).filter(|value| !value.is_empty()));
        }
        xml.text("messageSet", "");
    });
    Ok(())
}

type Value = for<'a> fn(&'a Zone) -> &'a str;

const ELEMENTS: &[(&str, Value)] = &[
    ("zoneName", |zone| &zone.name),
    ("zoneId", |zone| &zone.id),
    ("zoneState", |_| STATE),
    ("regionName", |zone| &zone.region),
    ("optInStatus", |_| OPT_IN_STATUS),
];

/// The filters. Source: EC2's service model in botocore, except those on groups and parent zones.
static COLUMNS: &[(&str, Value)] = &[
    ("opt-in-status", |_| OPT_IN_STATUS),
    ("region-name", |zone| &zone.region),
    ("state", |_| STATE),
    ("zone-id", |zone| &zone.id),
    ("zone-name", |zone| &zone.name),
];

const STATE: &str = "available";
const OPT_IN_STATUS: &str = "opt-in-not-required";
