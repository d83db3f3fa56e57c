//! The volumes of a launch.

use alloc::format;
use alloc::vec::Vec;

use crate::fleet::{Fleet, Launch, Volume};
use crate::query::error::{Error, INVALID_BLOCK_DEVICE_MAPPING, Result};
use crate::query::form::{QueryForm, parse_line};
use crate::query::model::constants::DEFAULT_ROOT_DEVICE;
use imds::record::{Line, Map, Name, bare_device};

/// Sets the volumes of a launch: the root volume of the image, and those of `BlockDeviceMapping`.
pub fn set_storage(fleet: &Fleet, form: &QueryForm, launch: &mut Launch) -> Result<()> {
    let of_image =
        launch.record.ami_id.as_ref().and_then(|id| fleet.image(id)).and_then(|image| image.root_device_name.clone());
    let of_template = launch.record.block_device_mapping.get("root").cloned();
    if !form.has("BlockDeviceMapping") && of_image.is_none() {
        // The devices of the template, or the default ones.
        return Ok(());
    }
    let root = of_image.or(of_template).unwrap_or_else(|| Line::generated(DEFAULT_ROOT_DEVICE));
    let ami = Line::generated(launch.record.ami_device(&root));
    let mut mapped =
        Map::from_iter([("ami", ami), ("root", root.clone())].map(|(key, device)| (Name::generated(key), device)));
    let mut volumes: Vec<Volume> = [Volume { device_name: root.clone(), delete_on_termination: true }].into();
    let mut seen: Vec<Line> = Vec::new();
    for item in form.items("BlockDeviceMapping") {
        let Some(device) = form.text(&format!("{item}.DeviceName")) else {
            let message = "A device name must be specified for each block device mapping";
            return Err(Error::new(&INVALID_BLOCK_DEVICE_MAPPING, message));
        };
        let device = parse_line("DeviceName", device)?;
        if seen.contains(&device) {
            let message = format!("The device '{device}' is used in more than one block-device mapping");
            return Err(Error::new(&INVALID_BLOCK_DEVICE_MAPPING, message));
        }
        seen.push(device.clone());
        if form.has(&format!("{item}.NoDevice")) {
            continue;
        }
        let delete_on_termination = form.boolean(&format!("{item}.Ebs.DeleteOnTermination"));
        if device == root {
            volumes[0].delete_on_termination = delete_on_termination.unwrap_or(true);
        } else if let Some(name) = form.text(&format!("{item}.VirtualName")).filter(|name| !name.is_empty()) {
            // An instance store volume, for example `ephemeral0`.
            mapped.insert(
                Name::try_from(name).map_err(|_| invalid_virtual_name(name))?,
                Line::generated(bare_device(&device)),
            );
        } else {
            mapped.insert(Name::generated(&format!("ebs{}", volumes.len())), Line::generated(bare_device(&device)));
            volumes.push(Volume { device_name: device, delete_on_termination: delete_on_termination.unwrap_or(false) });
        }
    }
    launch.record.block_device_mapping = mapped;
    launch.attributes.root_device_name = Some(root);
    launch.attributes.volumes = volumes;
    Ok(())
}

fn invalid_virtual_name(name: &str) -> Error {
    Error::new(&INVALID_BLOCK_DEVICE_MAPPING, format!("'{name}' is not a valid virtual device name"))
}
