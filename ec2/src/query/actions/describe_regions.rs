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
    name: "DescribeRegions",
    parameters: &[
        optional("RegionName.N", ParamKind::Text),
        optional("Filter.N.Name", ParamKind::Text),
        optional("Filter.N.Value.N", ParamKind::Any),
        optional("AllRegions", ParamKind::Boolean),
    ],
    is_read_only: true,
    run,
};

/// Describes the Regions of the zones that `DescribeAvailabilityZones` describes.
fn run(fleet: &mut Fleet, now: Timestamp, form: &QueryForm, xml: &mut Xml) -> Result<()> {
    let filters = Filters::read(form, COLUMNS)?;
    let mut names = BTreeSet::new();
    names.extend(form.texts("RegionName"));
    let mut regions = zones(fleet, now)?;
    regions.sort_by(|one, next| one.region.cmp(&next.region));
    regions.dedup_by(|next, one| one.region == next.region);
    let is_known = |name: &&&str| regions.binary_search_by(|zone| zone.region.as_str().cmp(name)).is_ok();
    if let Some(name) = names.iter().find(|name| !is_known(name)) {
        return Err(Error::value(format!("Invalid region names: [{name}]")));
    }
    let found = regions.iter().filter(|zone| names.is_empty() || names.contains(zone.region.as_str())).filter(|zone| {
        filters.matches(|key, emit| match key {
            FilterKey::Tag(_) => {}
            FilterKey::Column(column) => emit(column(zone)),
        })
    });
    xml.list("regionInfo", found, |xml, zone| {
        xml.text("regionName", &zone.region);
        xml.text("regionEndpoint", &zone.endpoint);
        xml.text("optInStatus", OPT_IN_STATUS);
    });
    Ok(())
}

type Value = for<'a> fn(&'a Zone) -> &'a str;

/// The filters. Source: EC2's service model in botocore.
static COLUMNS: &[(&str, Value)] =
    &[("endpoint", |zone| &zone.endpoint), ("opt-in-status", |_| OPT_IN_STATUS), ("region-name", |zone| &zone.region)];

const OPT_IN_STATUS: &str = "opt-in-not-required";
