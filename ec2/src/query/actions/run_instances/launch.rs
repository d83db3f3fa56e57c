//! From the form of a `RunInstances` to a launch of the fleet.

use alloc::format;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::network::set_network;
use super::shown;
use super::storage::set_storage;
use crate::fleet::{Fleet, FleetError, Launch};
use crate::query::error::{Error, INVALID_AMI_ID, INVALID_KEY_PAIR, Result};
use crate::query::form::{QueryForm, parse_line};
use crate::query::model::ids::{checked_id, generate_id};
use crate::query::model::metadata_options::read_options;
use crate::query::model::tags::{duplicate_key, read_tags};
use crate::query::operation::Operation;
use imds::limits;
use imds::record::{Line, Name, PublicKey, Record, Role, Setting, Toggle};

/// The launch that a request describes: the fleet's launch template, with the values of the form.
pub fn read(fleet: &mut Fleet, form: &QueryForm) -> Result<Launch> {
    if form.has("LaunchTemplate") {
        // The only template is the fleet's own, which every launch starts from.
        return Err(Error::no_such_launch_template(
            form.text("LaunchTemplate.LaunchTemplateId"),
            form.text("LaunchTemplate.LaunchTemplateName"),
        ));
    }
    let mut launch = Launch::new(fleet.launch_template().clone());
    set_image(fleet, form, &mut launch.record)?;
    set_placement(form, &mut launch)?;
    set_profile(form, &mut launch.record)?;
    set_key(fleet, form, &mut launch.record)?;
    set_network(fleet, form, &mut launch)?;
    set_storage(fleet, form, &mut launch)?;
    set_attributes(form, &mut launch);
    set_tags(fleet, form, &mut launch)?;
    Ok(launch)
}

fn set_image(fleet: &Fleet, form: &QueryForm, record: &mut Record) -> Result<()> {
    match form.text("ImageId") {
        Some(parameter) if parameter.starts_with("resolve:ssm:") => {
            // The value of a Systems Manager parameter is not known here: each one gets an image
            // id.
            record.ami_id = Some(generate_id(fleet, "ami", parameter));
        }
        Some(id) => record.ami_id = Some(checked_id("ami", id, &INVALID_AMI_ID)?),
        None if record.ami_id.is_none() => return Err(Error::missing("ImageId")),
        None => {}
    }
    if let Some(instance_type) = form.text("InstanceType") {
        if !is_instance_type(instance_type) {
            // Observed: moto#1695.
            return Err(Error::value(format!("Invalid value '{instance_type}' for InstanceType.")));
        }
        record.instance_type = parse_line("InstanceType", instance_type)?;
    }
    let image = record.ami_id.as_ref().and_then(|id| fleet.image(id));
    if let Some(architecture) = image.and_then(|image| image.architecture.clone()) {
        record.architecture = Some(architecture);
    }
    form.set_line("KernelId", &mut record.kernel_id)?;
    form.set_line("RamdiskId", &mut record.ramdisk_id)
}

fn set_placement(form: &QueryForm, launch: &mut Launch) -> Result<()> {
    let record = &mut launch.record;
    if let Some(zone) = form.text("Placement.AvailabilityZone") {
        if !is_zone(zone) {
            return Err(Error::value(format!("Invalid availability zone: [{zone}]")));
        }
        if record.availability_zone.as_deref() != Some(zone) {
            // The id then derives from the name, and so do the Region and its domains.
            record.availability_zone_id = Setting::Default;
            record.region = None;
            record.partition = None;
            record.domain = None;
        }
        record.availability_zone = Some(parse_line("Placement.AvailabilityZone", zone)?);
    }
    if let Some(id) = form.text("Placement.AvailabilityZoneId") {
        record.availability_zone_id = Setting::Set(parse_line("Placement.AvailabilityZoneId", id)?);
    }
    form.set_line("Placement.GroupName", &mut record.placement_group)?;
    form.set_line("Placement.HostId", &mut record.host_id)?;
    if let Some(number) = form.integer("Placement.PartitionNumber") {
        record.partition_number = Some(number);
    }
    if let Some(tenancy) = form.choice("Placement.Tenancy") {
        launch.attributes.tenancy = tenancy;
    }
    // Both markets are names of a life cycle.
    form.set_line("InstanceMarketOptions.MarketType", &mut record.instance_life_cycle)
}

/// The role of an instance profile is not known here: it has the profile's name, unless the launch
/// template has the profile.
fn set_profile(form: &QueryForm, record: &mut Record) -> Result<()> {
    let arn_parameter = "IamInstanceProfile.Arn";
    let (arn, name) = (form.text(arn_parameter), form.text("IamInstanceProfile.Name"));
    let (profile, error) = match (arn, name) {
        (Some(_), Some(_)) => {
            let message = "The parameter 'iamInstanceProfile.name' may not be used in combination with \
                           'iamInstanceProfile.arn'";
            return Err(Error::combination(message));
        }
        (Some(arn), None) => {
            let path = arn.strip_prefix("arn:").and_then(|arn| arn.split_once(PROFILE_RESOURCE));
            (path.map_or("", |(_, path)| profile_name(path)), ("arn", arn, "Invalid IAM Instance Profile ARN"))
        }
        (None, Some(name)) => (name, ("name", name, "Invalid IAM Instance Profile name")),
        (None, None) => return Ok(()),
    };
    let (member, value, reason) = error;
    let invalid =
        || Error::value(format!("Value ({value}) for parameter iamInstanceProfile.{member} is invalid. {reason}"));
    let name = Name::try_from(profile).ok().filter(|name| is_profile_name(name)).ok_or_else(invalid)?;
    let known = record.role.take().filter(|role| match role.instance_profile.as_deref() {
        Some(known) => profile_name(known) == &*name,
        None => role.name == name,
    });
    let role = record.role.insert(known.unwrap_or_else(|| Role::new(name)));
    if let Some(arn) = arn {
        // It has the profile's path.
        role.instance_profile = Some(parse_line(arn_parameter, arn)?);
    }
    Ok(())
}

/// The name of a profile, which is the last part of its path or ARN.
fn profile_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// Source: IAM's pattern for names.
fn is_profile_name(name: &str) -> bool {
    name.len() <= 128 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

/// The public key of a key pair is not known here: it is generated, unless the launch template has
/// it.
fn set_key(fleet: &Fleet, form: &QueryForm, record: &mut Record) -> Result<()> {
    let Some(name) = form.text("KeyName") else { return Ok(()) };
    let known = record.public_keys.iter().position(|key| &*key.name == name);
    let key = match known {
        Some(index) => record.public_keys.swap_remove(index),
        None => {
            let not_found = |_| Error::new(&INVALID_KEY_PAIR, format!("The key pair '{name}' does not exist"));
            PublicKey::new(Name::try_from(name).map_err(not_found)?, openssh_key(fleet, name)?)
        }
    };
    record.public_keys = [key].into();
    Ok(())
}

/// A public key in the format of Ed25519, for which there is no private key.
fn openssh_key(fleet: &Fleet, name: &str) -> Result<Line> {
    let kind = "ssh-ed25519";
    let key: [u8; 32] = fleet.derive("imds 2026 control public key v1", &[name.as_bytes()]);
    let mut bytes = alloc::vec::Vec::new();
    for part in [kind.as_bytes(), &key] {
        bytes.extend_from_slice(&(part.len() as u32).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    parse_line("KeyName", &format!("{kind} {} {name}", STANDARD.encode(bytes)))
}

fn set_attributes(form: &QueryForm, launch: &mut Launch) {
    let Launch { record, attributes, .. } = launch;
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
    attributes.ebs_optimized = form.boolean("EbsOptimized").unwrap_or(attributes.ebs_optimized);
    attributes.termination_protected =
        form.boolean("DisableApiTermination").unwrap_or(attributes.termination_protected);
    attributes.stop_protected = form.boolean("DisableApiStop").unwrap_or(attributes.stop_protected);
    shown::add(form, "", shown::OF_LAUNCH, "", &mut attributes.shown);
    attributes.shutdown_terminates = form.text("InstanceInitiatedShutdownBehavior") == Some("terminate");
    record.metadata_options = read_options(form, "MetadataOptions.").or(&record.metadata_options);
}

/// Sets the tags of the instances, of their volumes and of their network interfaces.
fn set_tags(fleet: &Fleet, form: &QueryForm, launch: &mut Launch) -> Result<()> {
    for item in form.items("TagSpecification") {
        let parameter = format!("{item}.ResourceType");
        let resource = form.text(&parameter).ok_or_else(|| Error::missing(&parameter))?;
        let tags = match resource {
            "instance" => &mut launch.tags,
            "volume" => &mut launch.attributes.volume_tags,
            "network-interface" => &mut launch.attributes.interface_tags,
            // These have no resources here.
            "elastic-gpu" | "spot-instances-request" => return Err(Error::unsupported(&parameter)),
            _ => {
                let message = format!("'{resource}' is not a valid taggable resource type for this operation.");
                return Err(Error::value(message));
            }
        };
        for (key, value) in read_tags(form, &format!("{item}.Tag"))? {
            if tags.insert(key.clone(), value).is_some() {
                return Err(duplicate_key(&key));
            }
        }
    }
    let of_others = [&launch.attributes.volume_tags, &launch.attributes.interface_tags];
    if of_others.iter().any(|tags| tags.len() > limits::TAGS) {
        return Err(Operation::Launch.error(fleet, FleetError::TooManyTags));
    }
    Ok(())
}

/// Returns whether the name is formed like EC2's instance types: a family with a digit, and a size.
/// Which of them exist changes every month, so any is accepted.
fn is_instance_type(name: &str) -> bool {
    let Some((family, size)) = name.split_once('.') else { return false };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let metal = size.strip_prefix("metal-").and_then(|size| size.strip_suffix("xl"));
    let is_size = ["nano", "micro", "small", "medium", "large", "metal"].contains(&size)
        || size.strip_suffix("xlarge").is_some_and(is_number)
        || metal.is_some_and(|number| !number.is_empty() && is_number(number));
    family.starts_with(|first: char| first.is_ascii_lowercase())
        && family.bytes().all(is_part)
        && family.bytes().any(|byte| byte.is_ascii_digit())
        && is_size
}

/// Returns whether the name is formed like `us-east-1a` or `us-west-2-lax-1a`: at least three parts
/// of lower-case letters and digits between hyphens, the last one a number and a letter.
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

/// The part of a profile's ARN before its path.
const PROFILE_RESOURCE: &str = ":instance-profile/";
