use alloc::format;
use alloc::vec::Vec;

use super::error::{Error, INVALID_BLOCK_DEVICE_MAPPING, Result};
use super::form::Form;
use super::launch::line;
use super::shown::DEFAULT_ROOT_DEVICE;
use crate::fleet::{Fleet, Launch, Volume};
use imds::record::{Line, Name, to_map};

/// The volumes of a launch: the image's root volume, and what `BlockDeviceMapping` says of it and of others.
pub(super) fn set_storage(fleet: &Fleet, form: &Form, launch: &mut Launch) -> Result<()> {
    let of_image =
        launch.record.ami_id.as_ref().and_then(|id| fleet.image(id)).and_then(|image| image.root_device_name.clone());
    let of_template = launch.record.block_device_mapping.get("root").cloned();
    if !form.has("BlockDeviceMapping") && of_image.is_none() {
        // The template's devices, or the ones that every instance has.
        return Ok(());
    }
    let root = of_image.or(of_template).unwrap_or_else(|| Line::generated(DEFAULT_ROOT_DEVICE));
    let mut mapped = to_map(["ami", "root"].map(|key| (Name::generated(key), root.clone())));
    let mut volumes: Vec<Volume> = [Volume { device_name: root.clone(), delete_on_termination: true }].into();
    let mut seen: Vec<Line> = Vec::new();
    for item in form.items("BlockDeviceMapping") {
        let Some(device) = form.text(&format!("{item}.DeviceName")) else {
            let message = "A device name must be specified for each block device mapping";
            return Err(Error::new(&INVALID_BLOCK_DEVICE_MAPPING, message));
        };
        let device = line("DeviceName", device)?;
        if seen.contains(&device) {
            let message = format!("The device '{device}' is used in more than one block-device mapping");
            return Err(Error::new(&INVALID_BLOCK_DEVICE_MAPPING, message));
        }
        seen.push(device.clone());
        if form.has(&format!("{item}.NoDevice")) {
            continue;
        }
        let goes = form.boolean(&format!("{item}.Ebs.DeleteOnTermination"));
        if device == root {
            volumes[0].delete_on_termination = goes.unwrap_or(true);
        } else if let Some(name) = form.text(&format!("{item}.VirtualName")).filter(|name| !name.is_empty()) {
            // An instance store volume, as `ephemeral0`.
            mapped.insert(Name::try_from(name).map_err(|_| not_virtual(name))?, device);
        } else {
            mapped.insert(Name::generated(&format!("ebs{}", volumes.len())), device.clone());
            volumes.push(Volume { device_name: device, delete_on_termination: goes.unwrap_or(false) });
        }
    }
    launch.record.block_device_mapping = mapped;
    launch.notes.root_device_name = Some(root);
    launch.notes.volumes = volumes;
    Ok(())
}

fn not_virtual(name: &str) -> Error {
    Error::new(&INVALID_BLOCK_DEVICE_MAPPING, format!("'{name}' is not a valid virtual device name"))
}
