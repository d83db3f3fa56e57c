use alloc::format;
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use super::{AccountDefaults, Fleet, FleetError, Image, Launch, Settings};
use imds::json_struct;
use imds::record::{InstanceOverrides, InterfaceOverrides, Line, Map, Name, Record, RecordError, read_json};
use imds::seed::Seed;
use imds::time::Timestamp;

/// A fleet as somebody writes it down. Everything in it may be left out.
struct File {
    /// What launches begin with.
    launch_template: Option<Record>,
    /// The account's defaults for metadata options.
    account_defaults: AccountDefaults,
    /// Image ids to what is known of them.
    images: Map<Line, Image>,
    /// The instances that run from the beginning.
    instances: Vec<Record>,
    /// What the next launched instances have of their own, in order.
    next_instances: Vec<InstanceOverrides>,
}

json_struct! {
    File { optional { launch_template, account_defaults, images, instances, next_instances } }
}

impl Fleet {
    /// A fleet that begins with the instance of a record. Further ones are in its account, its zone and its network.
    pub fn of_record(record: Record, settings: Settings, seed: Seed, now: Timestamp) -> Result<Fleet, FleetError> {
        let mut fleet = Fleet::new(seed);
        fleet.set_settings(settings);
        let mut template = fleet.launch_template().clone();
        template.account_id = record.account_id.clone();
        template.availability_zone = record.availability_zone.clone();
        if let (Some(own), Some(interface)) =
            (record.network_interfaces.first(), template.network_interfaces.first_mut())
        {
            interface.vpc_id = own.vpc_id.clone();
            interface.security_groups = own.security_groups.clone();
        }
        fleet.set_launch_template(template);
        fleet.launch(now, &Launch::of(record))?;
        Ok(fleet)
    }

    /// Whoever reads along with the article launches its instance next, and finds its id and its address. It is for fleets that
    /// begin with the default record.
    pub fn queue_article_instance(&mut self) {
        let interface =
            InterfaceOverrides { local_ipv4s: [Ipv4Addr::new(10, 0, 0, 68)].into(), ..InterfaceOverrides::default() };
        let instance_id = Some(Name::generated("i-034109c70aaa4b055"));
        self.queue_overrides([InstanceOverrides {
            instance_id,
            interfaces: [interface].into(),
            ..InstanceOverrides::default()
        }]);
    }

    /// A fleet as it is written down in JSON: `launch_template`, `account_defaults`, `images`, `instances` and
    /// `next_instances`, of which each may be left out. Unknown keys are refused, and an error names where it is.
    pub fn from_json(json: &str, settings: Settings, seed: Seed, now: Timestamp) -> Result<Fleet, RecordError> {
        let file: File = read_json(json)?;
        let mut fleet = Fleet::new(seed);
        fleet.set_settings(settings);
        for (id, image) in file.images {
            fleet.set_image(id, image);
        }
        for (index, record) in file.instances.into_iter().enumerate() {
            fleet.launch(now, &Launch::of(record)).map_err(|error| {
                let place = format!("instances[{index}]");
                match error {
                    FleetError::Record(RecordError { path, reason }) => {
                        RecordError { path: format!("{place}.{path}"), reason }
                    }
                    error => RecordError::new(&place, error),
                }
            })?;
        }
        // The instances that are there are as they are written down: the account's defaults rule the launches after them.
        fleet.set_account_defaults(file.account_defaults);
        if let Some(record) = file.launch_template {
            fleet.set_launch_template(record);
        }
        fleet.queue_overrides(file.next_instances);
        Ok(fleet)
    }
}
