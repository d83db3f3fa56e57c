use crate::fleet::Fleet;
use crate::query::action::Action;
use crate::query::error::Result;
use crate::query::form::QueryForm;
use crate::query::model::constants::NO_PREFERENCE;
use crate::query::params::{ParamKind, optional};
use crate::query::xml::Xml;
use imds::record::METADATA_OPTIONS;
use imds::time::Timestamp;

pub static ACTION: Action = Action {
    name: "ModifyInstanceMetadataDefaults",
    parameters: &[
        optional("HttpTokens", ParamKind::OneOf(&["optional", "required", NO_PREFERENCE])),
        optional("HttpPutResponseHopLimit", ParamKind::HopLimitOrNone),
        optional("HttpEndpoint", TOGGLE_OR_NONE),
        optional("InstanceMetadataTags", TOGGLE_OR_NONE),
        optional("HttpTokensEnforced", TOGGLE_OR_NONE),
    ],
    is_read_only: false,
    run,
};

/// Defaults that the request omits stay the same.
fn run(fleet: &mut Fleet, _now: Timestamp, form: &QueryForm, xml: &mut Xml) -> Result<()> {
    let before = *fleet.account_defaults();
    let mut options = before.options();
    for option in METADATA_OPTIONS {
        // `no-preference` and the hop limit -1 are no values of an option: they remove the default.
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
    fleet.set_account_defaults(before.with_options(&options).with_tokens_enforced(http_tokens_enforced));
    xml.text("return", true);
    Ok(())
}

/// In the order of EC2's message.
const TOGGLE_OR_NONE: ParamKind = ParamKind::OneOf(&["enabled", "disabled", NO_PREFERENCE]);
