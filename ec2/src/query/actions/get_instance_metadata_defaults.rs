use crate::fleet::Fleet;
use crate::query::action::Action;
use crate::query::error::Result;
use crate::query::form::QueryForm;
use crate::query::xml::Xml;
use imds::record::METADATA_OPTIONS;
use imds::time::Timestamp;

pub static ACTION: Action = Action { name: "GetInstanceMetadataDefaults", parameters: &[], is_read_only: true, run };

/// The response omits options without an account default.
fn run(fleet: &mut Fleet, _now: Timestamp, _form: &QueryForm, xml: &mut Xml) -> Result<()> {
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
