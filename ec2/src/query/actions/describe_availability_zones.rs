use crate::fleet::Fleet;
use crate::query::action::Action;
use crate::query::error::{Error, Result};
use crate::query::filters::{FilterKey, Filters};
use crate::query::form::QueryForm;
use crate::query::model::zones::{Zone, zones};
use crate::query::params::{ParamKind, optional};
use crate::query::xml::Xml;
use alloc::collections::BTreeSet;
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
    is_read_only: true,
    run,
};

/// Describes the zones in which instances are, and the one in which the next instance will be. With
/// or without `AllAvailabilityZones`, because all of them are enabled.
fn run(fleet: &mut Fleet, now: Timestamp, form: &QueryForm, xml: &mut Xml) -> Result<()> {
    let filters = Filters::read(form, COLUMNS)?;
    let (mut names, mut ids) = (BTreeSet::new(), BTreeSet::new());
    names.extend(form.texts("ZoneName"));
    ids.extend(form.texts("ZoneId"));
    let zones = zones(fleet, now)?;
    let (mut known_names, mut known_ids) = (BTreeSet::new(), BTreeSet::new());
    known_names.extend(zones.iter().map(|zone| zone.name.as_str()));
    known_ids.extend(zones.iter().filter_map(|zone| zone.id.as_deref()));
    if let Some(name) = names.difference(&known_names).next() {
        return Err(Error::value(format!("Invalid availability zone: [{name}]")));
    }
    if let Some(id) = ids.difference(&known_ids).next() {
        return Err(Error::value(format!("Invalid availability zone-id: [{id}]")));
    }
    let found = zones
        .iter()
        .filter(|zone| names.is_empty() || names.contains(zone.name.as_str()))
        .filter(|zone| ids.is_empty() || zone.id.as_deref().is_some_and(|id| ids.contains(id)))
        .filter(|zone| {
            filters.matches(|key, emit| match key {
                FilterKey::Tag(_) => {}
                FilterKey::Column(column) => column(zone).into_iter().for_each(emit),
            })
        });
    xml.list("availabilityZoneInfo", found, |xml, zone| {
        for (element, value) in ELEMENTS {
            xml.optional(element, value(zone));
        }
        xml.text("messageSet", "");
    });
    Ok(())
}

type Value = for<'a> fn(&'a Zone) -> Option<&'a str>;

const ELEMENTS: &[(&str, Value)] = &[
    ("zoneName", |zone| Some(&zone.name)),
    ("zoneId", |zone| zone.id.as_deref()),
    ("zoneState", |_| Some(STATE)),
    ("zoneType", |zone| Some(zone.kind())),
    ("regionName", |zone| Some(&zone.region)),
    ("optInStatus", |zone| Some(zone.opt_in_status())),
];

/// The filters. Source: EC2's service model in botocore. A filter with `none` matches no zone here.
static COLUMNS: &[(&str, Value)] = &[
    ("group-long-name", none),
    ("group-name", none),
    ("message", none),
    ("opt-in-status", |zone| Some(zone.opt_in_status())),
    ("parent-zone-id", none),
    ("parent-zone-name", none),
    ("region-name", |zone| Some(&zone.region)),
    ("state", |_| Some(STATE)),
    ("zone-id", |zone| zone.id.as_deref()),
    ("zone-name", |zone| Some(&zone.name)),
    ("zone-type", |zone| Some(zone.kind())),
];

fn none(_: &Zone) -> Option<&str> {
    None
}

const STATE: &str = "available";
