//! The volumes of a launch.

use alloc::format;
use alloc::vec::Vec;

use super::shown;
use crate::fleet::{Fleet, Launch, Volume};
use crate::query::error::{Error, INVALID_BLOCK_DEVICE_MAPPING, Result};
use crate::query::form::{QueryForm, parse_index, parse_line};
use crate::query::model::constants::DEFAULT_ROOT_DEVICE;
use imds::record::{Line, Name, bare_device, instance_store_devices};

/// Sets the volumes of a launch: the root volume of the image, and those of `BlockDeviceMapping`.
pub fn set_storage(fleet: &Fleet, form: &QueryForm, launch: &mut Launch) -> Result<()> {
    let of_image =
        launch.record.ami_id.as_ref().and_then(|id| fleet.image(id)).and_then(|image| image.root_device_name.clone());
    let of_template = launch.record.block_device_mapping.as_ref().and_then(|mapping| mapping.get("root")).cloned();
    if !form.has("BlockDeviceMapping") && of_image.is_none() {
        // The devices of the template, or the default ones.
        return Ok(());
    }
    let root = of_image.or(of_template).unwrap_or_else(|| Line::generated(DEFAULT_ROOT_DEVICE));
    let mut mapped = launch.record.devices(&root);
    let mut volumes: Vec<Volume> = [Volume::new(root.clone(), true)].into();
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
        // The item takes the place of an instance store volume that the image maps to the device.
        let replaced = mapped.iter().find(|(name, mapped)| name.starts_with("ephemeral") && **mapped == bare(&device));
        if let Some(name) = replaced.map(|(name, _)| name.clone()) {
            mapped.remove(&*name);
        }
        if form.has(&format!("{item}.NoDevice")) {
            continue;
        }
        let delete_on_termination = form.boolean(&format!("{item}.Ebs.DeleteOnTermination"));
        let ebs = format!("{item}.Ebs.");
        if device == root {
            volumes[0].delete_on_termination = delete_on_termination.unwrap_or(true);
            shown::add(form, &ebs, shown::OF_VOLUME, "", &mut volumes[0].shown);
        } else if let Some(name) = form.text(&format!("{item}.VirtualName")).filter(|name| !name.is_empty()) {
            name.strip_prefix("ephemeral").and_then(parse_index).ok_or_else(|| invalid_virtual_name(name))?;
            // AWS ignores a volume that the type does not have, and attaches NVMe volumes by itself.
            if instance_store_devices(&launch.record.instance_type).any(|(volume, _)| *volume == *name) {
                mapped.insert(Name::generated(name), bare(&device));
            }
        } else {
            mapped.insert(Name::generated(&format!("ebs{}", volumes.len())), bare(&device));
            let mut volume = Volume::new(device, delete_on_termination.unwrap_or(false));
            shown::add(form, &ebs, shown::OF_VOLUME, "", &mut volume.shown);
            volumes.push(volume);
        }
    }
    launch.record.block_device_mapping = Some(mapped);
    launch.attributes.root_device_name = Some(root);
    launch.attributes.volumes = volumes;
    Ok(())
}

fn bare(device: &Line) -> Line {
    Line::generated(bare_device(device))
}

fn invalid_virtual_name(name: &str) -> Error {
    Error::new(&INVALID_BLOCK_DEVICE_MAPPING, format!("'{name}' is not a valid virtual device name"))
}
