//! The action table. Each row stands in the file of its action.

mod create_tags;
mod delete_tags;
mod describe_availability_zones;
mod describe_instance_attribute;
mod describe_instance_credit_specifications;
mod describe_instances;
mod describe_regions;
mod describe_tags;
mod describe_volumes;
mod get_instance_metadata_defaults;
mod modify_instance_metadata_defaults;
mod modify_instance_metadata_options;
mod reboot_instances;
mod run_instances;
mod start_instances;
mod stop_instances;
mod terminate_instances;

use super::action::Action;

/// All actions, by name.
pub(super) static ACTIONS: &[&Action] = &[
    &create_tags::ACTION,
    &delete_tags::ACTION,
    &describe_availability_zones::ACTION,
    &describe_instance_attribute::ACTION,
    &describe_instance_credit_specifications::ACTION,
    &describe_instances::ACTION,
    &describe_regions::ACTION,
    &describe_tags::ACTION,
    &describe_volumes::ACTION,
    &get_instance_metadata_defaults::ACTION,
    &modify_instance_metadata_defaults::ACTION,
    &modify_instance_metadata_options::ACTION,
    &reboot_instances::ACTION,
    &run_instances::ACTION,
    &start_instances::ACTION,
    &stop_instances::ACTION,
    &terminate_instances::ACTION,
];
