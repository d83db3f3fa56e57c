use super::describe::write_options;
use super::error::Result;
use super::form::Form;
use super::lifecycle::instance_id;
use super::refusal::Doing;
use super::xml::Xml;
use crate::fleet::{AccountDefaults, Fleet};
use imds::instance::OptionsState;
use imds::record::{METADATA_OPTIONS, MetadataOptionsChange};
use imds::time::Timestamp;

/// `ModifyInstanceMetadataOptions`
pub(super) fn modify(fleet: &mut Fleet, now: Timestamp, form: &Form, xml: &mut Xml) -> Result<()> {
    let id = instance_id(fleet, form)?;
    let change = options(form, "");
    let wanted = fleet.modify_options(now, &id, &change).map_err(|error| Doing::ModifyOptions.refused(fleet, error))?;
    xml.text("instanceId", id);
    // AWS: the call answers `pending`, however soon the change takes effect.
    xml.element("instanceMetadataOptions", |xml| write_options(xml, wanted, OptionsState::Pending));
    Ok(())
}

/// `GetInstanceMetadataDefaults`. What the account has no preference for is not there.
pub(super) fn get_defaults(fleet: &mut Fleet, _now: Timestamp, _form: &Form, xml: &mut Xml) -> Result<()> {
    let defaults = fleet.account_defaults();
    xml.element("accountLevel", |xml| {
        for option in METADATA_OPTIONS {
            xml.optional(option.element, option.get_change(&defaults.options()));
        }
        xml.text("managedBy", "account");
        xml.optional("httpTokensEnforced", defaults.http_tokens_enforced.map(|toggle| toggle.name()));
    });
    Ok(())
}

/// `ModifyInstanceMetadataDefaults`. What is left out stays as it is.
pub(super) fn modify_defaults(fleet: &mut Fleet, _now: Timestamp, form: &Form, xml: &mut Xml) -> Result<()> {
    let before = *fleet.account_defaults();
    let mut options = before.options();
    for option in METADATA_OPTIONS {
        // `no-preference`, or -1 for the hop limit, is not a value of the option: there is then no default.
        if let Some(text) = form.text(option.parameter)
            && option.set(&mut options, text).is_err()
        {
            option.clear(&mut options);
        }
    }
    let http_tokens_enforced = match form.text("HttpTokensEnforced") {
        Some(NO_PREFERENCE) => None,
        Some(_) => form.choice("HttpTokensEnforced"),
        None => before.http_tokens_enforced,
    };
    fleet.set_account_defaults(AccountDefaults { http_tokens_enforced, ..before.with_options(&options) });
    xml.text("return", true);
    Ok(())
}

/// The options that a request sets. Their parameters have the prefix, for example `MetadataOptions.`.
pub(super) fn options(form: &Form, prefix: &str) -> MetadataOptionsChange {
    let mut change = MetadataOptionsChange::default();
    for option in METADATA_OPTIONS {
        if let Some(text) = form.text(&[prefix, option.parameter].concat()) {
            // The action's table of parameters has rejected all texts that are not values.
            let _ = option.set(&mut change, text);
        }
    }
    change
}

pub(super) const NO_PREFERENCE: &str = "no-preference";
