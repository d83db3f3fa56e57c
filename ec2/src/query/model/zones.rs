use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::instance_view::InstanceView;
use crate::fleet::{Fleet, LaunchSeq};
use crate::query::error::{Error, Result};
use imds::record::{Identity, Template};
use imds::seed::Seed;
use imds::time::Timestamp;

/// An availability zone.
pub struct Zone {
    pub name: String,
    pub id: Option<String>,
    pub region: String,
    /// The host name of EC2's API in the Region.
    pub endpoint: String,
}

impl Zone {
    /// The kind of zone. A zone of the Region has one letter after the Region's name.
    pub fn kind(&self) -> &'static str {
        let rest = self.name.strip_prefix(&*self.region).unwrap_or_default();
        match rest {
            rest if rest.starts_with("-wl") => "wavelength-zone",
            rest if rest.len() > 1 => "local-zone",
            _ => "availability-zone",
        }
    }

    /// An account must opt in to all zones but those of a Region.
    pub fn opt_in_status(&self) -> &'static str {
        if self.kind() == "availability-zone" { "opt-in-not-required" } else { "opted-in" }
    }
}

/// The zones of the instances, and that of the launch template, sorted by name.
pub fn zones(fleet: &Fleet, now: Timestamp) -> Result<Vec<Zone>> {
    let (mut next, _) = fleet.launch_template().clone().split().map_err(|error| Error::value(format!("{error}")))?;
    // No part of a zone derives from the seed or from a key, which takes a millisecond to read.
    next.identity = Identity::default();
    let next = Template::new(next, &Seed::new([0; 32]), None).map_err(|error| Error::value(format!("{error}")))?;
    let views = InstanceView::all(fleet, now, LaunchSeq::FIRST).filter(|view| !view.is_terminated());
    let mut by_name: BTreeMap<&str, &Template> = BTreeMap::new();
    for template in views.map(|view| view.template()).chain([&next]) {
        by_name.entry(&template.availability_zone).or_insert(template);
    }
    let zones = by_name.into_iter().map(|(name, template)| {
        let region = template.region();
        let endpoint = format!("ec2.{}.{}", region.name, region.domain);
        let id = template.availability_zone_id.as_deref().map(String::from);
        Zone { name: name.into(), id, region: region.name.into(), endpoint }
    });
    Ok(zones.collect())
}
