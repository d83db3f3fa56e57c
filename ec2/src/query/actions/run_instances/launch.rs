//! What a `RunInstances` asks for, as a launch of the fleet's.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::error::{Error, ErrorCode, INVALID_AMI_ID, INVALID_KEY_PAIR, INVALID_LAUNCH_TEMPLATE, Result};
use super::form::Form;
use super::launch_network::set_network;
use super::launch_storage::set_storage;
use super::lifecycle::is_id;
use super::{hex, metadata_options, tags};
use crate::fleet::{Fleet, Launch};
use imds::record::{Line, Name, PublicKey, Record, Role, Toggle};

/// The launch: what the fleet's launches begin with, and over it what the form says.
pub(super) fn launch_of(fleet: &mut Fleet, form: &Form) -> Result<Launch> {
    if form.has("LaunchTemplate") {
        // The fleet's own template stands behind every launch, and there is no other.
        let message = "At least one of the launch templates specified in the request does not exist.";
        return Err(Error::new(&INVALID_LAUNCH_TEMPLATE, message));
    }
    let mut launch = Launch::of(fleet.launch_template().clone());
    set_image(fleet, form, &mut launch.record)?;
    set_placement(form, &mut launch)?;
    set_profile(form, &mut launch.record)?;
    set_key(fleet, form, &mut launch.record)?;
    set_network(fleet, form, &mut launch)?;
    set_storage(fleet, form, &mut launch)?;
    set_rest(form, &mut launch);
    launch.tags = tags_of_instance(form)?;
    Ok(launch)
}

fn set_image(fleet: &Fleet, form: &Form, record: &mut Record) -> Result<()> {
    match form.text("ImageId") {
        Some(parameter) if parameter.starts_with("resolve:ssm:") => {
            // What a parameter of Systems Manager holds is not known here: it stands for an image of its own.
            record.ami_id = Some(made_up_id(fleet, "ami", parameter));
        }
        Some(id) => record.ami_id = Some(checked_id("ami", id, &INVALID_AMI_ID)?),
        None if record.ami_id.is_none() => return Err(Error::missing("ImageId")),
        None => {}
    }
    if let Some(instance_type) = form.text("InstanceType") {
        record.instance_type = line("InstanceType", instance_type)?;
    }
    let image = record.ami_id.as_ref().and_then(|id| fleet.image(id));
    if let Some(architecture) = image.and_then(|image| image.architecture.clone()) {
        record.architecture = Some(architecture);
    }
    set_line(form, "KernelId", &mut record.kernel_id)?;
    set_line(form, "RamdiskId", &mut record.ramdisk_id)
}

fn set_placement(form: &Form, launch: &mut Launch) -> Result<()> {
    let record = &mut launch.record;
    if let Some(zone) = form.text("Placement.AvailabilityZone") {
        if !is_zone(zone) {
            return Err(Error::value(format!("Invalid availability zone: [{zone}]")));
        }
        if record.availability_zone.as_deref() != Some(zone) {
            // Its id follows from its name.
            record.availability_zone_id = None;
        }
        record.availability_zone = Some(line("Placement.AvailabilityZone", zone)?);
    }
    set_line(form, "Placement.AvailabilityZoneId", &mut record.availability_zone_id)?;
    set_line(form, "Placement.GroupName", &mut record.placement_group)?;
    set_line(form, "Placement.HostId", &mut record.host_id)?;
    if let Some(number) = form.integer("Placement.PartitionNumber") {
        record.partition_number = Some(number);
    }
    if let Some(tenancy) = form.choice("Placement.Tenancy") {
        launch.notes.tenancy = tenancy;
    }
    if form.text("InstanceMarketOptions.MarketType") == Some("spot") {
        record.instance_life_cycle = Some(line("InstanceMarketOptions.MarketType", "spot")?);
    }
    Ok(())
}

/// The role of an instance profile is not known here: it has the profile's name, unless the fleet's template says more.
fn set_profile(form: &Form, record: &mut Record) -> Result<()> {
    let arn_parameter = "IamInstanceProfile.Arn";
    let (arn, name) = (form.text(arn_parameter), form.text("IamInstanceProfile.Name"));
    let (profile, refusal) = match (arn, name) {
        (Some(_), Some(_)) => {
            let message = "The parameter 'iamInstanceProfile.name' may not be used in combination with \
                           'iamInstanceProfile.arn'";
            return Err(Error::combination(message));
        }
        (Some(arn), None) => {
            let of_arn = arn.strip_prefix("arn:").and_then(|arn| arn.split_once(":instance-profile/"));
            let name = of_arn.and_then(|(_, path)| path.rsplit('/').next()).unwrap_or_default();
            (name, ("iamInstanceProfile.arn", arn, "Invalid IAM Instance Profile ARN"))
        }
        (None, Some(name)) => (name, ("iamInstanceProfile.name", name, "Invalid IAM Instance Profile name")),
        (None, None) => return Ok(()),
    };
    let is_known =
        record.role.as_ref().is_some_and(|role| role.instance_profile.as_deref().unwrap_or(&role.name) == profile);
    if !is_known {
        let (parameter, value, reason) = refusal;
        let refused = || Error::value(format!("Value ({value}) for parameter {parameter} is invalid. {reason}"));
        record.role =
            Some(Role::new(Name::try_from(profile).ok().filter(|name| is_profile(name)).ok_or_else(refused)?));
    }
    Ok(())
}

/// Source: IAM's own pattern of names.
fn is_profile(name: &str) -> bool {
    name.len() <= 128 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

/// The public half of a key pair is not known here: it is made up, unless the fleet's template has it.
fn set_key(fleet: &Fleet, form: &Form, record: &mut Record) -> Result<()> {
    let Some(name) = form.text("KeyName") else { return Ok(()) };
    let known = record.public_keys.iter().position(|key| &*key.name == name);
    let key = match known {
        Some(place) => record.public_keys.swap_remove(place),
        None => {
            let not_found = |_| Error::new(&INVALID_KEY_PAIR, format!("The key pair '{name}' does not exist"));
            PublicKey::new(Name::try_from(name).map_err(not_found)?, openssh_key(fleet, name)?)
        }
    };
    record.public_keys = [key].into();
    Ok(())
}

/// A key of the form that Ed25519's have, whose private half nobody has.
fn openssh_key(fleet: &Fleet, name: &str) -> Result<Line> {
    let kind = "ssh-ed25519";
    let key: [u8; 32] = fleet.derive("imds 2026 control public key v1", &[name.as_bytes()]);
    let mut bytes = alloc::vec::Vec::new();
    for part in [kind.as_bytes(), &key] {
        bytes.extend_from_slice(&(part.len() as u32).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    line("KeyName", &format!("{kind} {} {name}", STANDARD.encode(bytes)))
}

fn set_rest(form: &Form, launch: &mut Launch) {
    let Launch { record, notes, .. } = launch;
    if let Some(data) = form.bytes("UserData") {
        record.user_data = None;
        record.user_data_base64 = Some(STANDARD.encode(data));
    }
    if let Some(is_detailed) = form.boolean("Monitoring.Enabled") {
        record.monitoring = Some(if is_detailed { Toggle::Enabled } else { Toggle::Disabled });
    }
    if let Some(hostname_type) = form.choice("PrivateDnsNameOptions.HostnameType") {
        record.hostname_type = hostname_type;
    }
    if let Some(hibernates) = form.boolean("HibernationOptions.Configured") {
        record.hibernation_configured = Some(hibernates);
    }
    notes.ebs_optimized = form.boolean("EbsOptimized").unwrap_or(notes.ebs_optimized);
    notes.termination_protected = form.boolean("DisableApiTermination").unwrap_or(notes.termination_protected);
    notes.shutdown_terminates = form.text("InstanceInitiatedShutdownBehavior") == Some("terminate");
    record.metadata_options = metadata_options::options(form, "MetadataOptions.").or(&record.metadata_options);
}

/// The tags for instances. Those for what is launched besides are taken, and shown nowhere.
fn tags_of_instance(form: &Form) -> Result<BTreeMap<String, String>> {
    let mut tags = BTreeMap::new();
    for item in form.items("TagSpecification") {
        let resource = form.text(&format!("{item}.ResourceType")).unwrap_or_default();
        if !TAGGABLE.contains(&resource) {
            let message = format!("'{resource}' is not a valid taggable resource type for this operation.");
            return Err(Error::value(message));
        }
        for (key, value) in tags::read(form, &format!("{item}.Tag"))? {
            if resource == "instance" && tags.insert(key.clone(), value).is_some() {
                return Err(tags::duplicate(&key));
            }
        }
    }
    Ok(tags)
}

/// A line of a parameter, where it is given.
pub(super) fn set_line(form: &Form, name: &str, place: &mut Option<Line>) -> Result<()> {
    if let Some(text) = form.text(name) {
        *place = Some(line(name, text)?);
    }
    Ok(())
}

pub(super) fn line(name: &str, text: &str) -> Result<Line> {
    Line::try_from(text).map_err(|error| Error::value_of(name, text, &format!("The value is not one line: {error}.")))
}

/// An id of that prefix.
pub(super) fn checked_id(prefix: &str, id: &str, code: &'static ErrorCode) -> Result<Line> {
    let malformed = || Error::new(code, format!("Invalid id: \"{id}\" (expecting \"{prefix}-...\")"));
    Line::try_from(id).ok().filter(|id| is_id(prefix, id)).ok_or_else(malformed)
}

/// The id of something that is named here in another way.
pub(super) fn made_up_id(fleet: &Fleet, prefix: &str, name: &str) -> Line {
    let bytes: [u8; 8] = fleet.derive("imds 2026 control made-up id v1", &[prefix.as_bytes(), name.as_bytes()]);
    Line::generated(&format!("{prefix}-0{}", hex(&bytes)))
}

/// Whether it is as `us-east-1a` or `us-west-2-lax-1a`: small letters and digits between hyphens, a number, a letter.
fn is_zone(zone: &str) -> bool {
    let is_part = |part: &str| part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let last = zone.rsplit('-').next().unwrap_or_default();
    let number = last.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    zone.split('-').count() >= 3
        && zone.split('-').all(|part| !part.is_empty() && is_part(part))
        && last.len() == number.len() + 1
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Source: AWS, of `RunInstances`.
const TAGGABLE: &[&str] = &["instance", "volume", "elastic-gpu", "network-interface", "spot-instances-request"];
