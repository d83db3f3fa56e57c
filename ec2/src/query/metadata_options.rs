use super::describe::write_options;
use super::error::Result;
use super::form::Form;
use super::lifecycle::instance_id;
use super::refusal::Doing;
use super::xml::Xml;
use crate::fleet::{AccountDefaults, Fleet};
use imds::http::HopLimit;
use imds::instance::OptionsState;
use imds::record::MetadataOptionsChange;
use imds::record::json::Word;
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
        xml.optional("httpTokens", defaults.http_tokens.map(|tokens| tokens.name()));
        xml.optional("httpPutResponseHopLimit", defaults.http_put_response_hop_limit.map(HopLimit::get));
        xml.optional("httpEndpoint", defaults.http_endpoint.map(|toggle| toggle.name()));
        xml.optional("instanceMetadataTags", defaults.instance_metadata_tags.map(|toggle| toggle.name()));
        xml.text("managedBy", "account");
        xml.optional("httpTokensEnforced", defaults.http_tokens_enforced.map(|toggle| toggle.name()));
    });
    Ok(())
}

/// `ModifyInstanceMetadataDefaults`. What is left out stays as it is.
pub(super) fn modify_defaults(fleet: &mut Fleet, _now: Timestamp, form: &Form, xml: &mut Xml) -> Result<()> {
    let before = *fleet.account_defaults();
    fleet.set_account_defaults(AccountDefaults {
        http_tokens: preference(form, "HttpTokens", before.http_tokens),
        http_put_response_hop_limit: match form.integer::<i64>("HttpPutResponseHopLimit") {
            // -1 is no hop limit, and means that there is no preference.
            Some(hops) => hop_limit(hops),
            None => before.http_put_response_hop_limit,
        },
        http_endpoint: preference(form, "HttpEndpoint", before.http_endpoint),
        instance_metadata_tags: preference(form, "InstanceMetadataTags", before.instance_metadata_tags),
        http_tokens_enforced: preference(form, "HttpTokensEnforced", before.http_tokens_enforced),
    });
    xml.text("return", true);
    Ok(())
}

/// The options that a request names, with what stands before their names.
pub(super) fn options(form: &Form, prefix: &str) -> MetadataOptionsChange {
    let name = |option: &str| [prefix, option].concat();
    MetadataOptionsChange {
        http_tokens: form.choice(&name("HttpTokens")),
        http_put_response_hop_limit: form.integer(&name("HttpPutResponseHopLimit")).and_then(hop_limit),
        http_endpoint: form.choice(&name("HttpEndpoint")),
        http_protocol_ipv6: form.choice(&name("HttpProtocolIpv6")),
        instance_metadata_tags: form.choice(&name("InstanceMetadataTags")),
    }
}

fn preference<T: Word>(form: &Form, name: &str, before: Option<T>) -> Option<T> {
    match form.text(name) {
        Some(NO_PREFERENCE) => None,
        Some(_) => form.choice(name),
        None => before,
    }
}

fn hop_limit(hops: i64) -> Option<HopLimit> {
    u64::try_from(hops).ok().and_then(|hops| HopLimit::try_from(hops).ok())
}

pub(super) const NO_PREFERENCE: &str = "no-preference";
