use crate::fleet::Fleet;
use crate::query::action::Action;
use crate::query::error::Result;
use crate::query::form::QueryForm;
use crate::query::model::ids::instance_id;
use crate::query::model::metadata_options::{read_options, write_options};
use crate::query::operation::Operation;
use crate::query::params::{ParamKind, optional, required};
use crate::query::xml::Xml;
use imds::instance::OptionsState;
use imds::time::Timestamp;

pub static ACTION: Action = Action {
    name: "ModifyInstanceMetadataOptions",
    parameters: &[
        required("InstanceId", ParamKind::Any),
        optional("HttpTokens", ParamKind::HTTP_TOKENS),
        optional("HttpPutResponseHopLimit", ParamKind::HopLimit),
        optional("HttpEndpoint", ParamKind::TOGGLE),
        optional("HttpProtocolIpv6", ParamKind::TOGGLE),
        optional("InstanceMetadataTags", ParamKind::TOGGLE),
    ],
    is_read_only: false,
    run,
};

fn run(fleet: &mut Fleet, now: Timestamp, form: &QueryForm, xml: &mut Xml) -> Result<()> {
    let id = instance_id(fleet, form)?;
    let change = read_options(form, "");
    let wanted =
        fleet.modify_options(now, &id, &change).map_err(|error| Operation::ModifyOptions.error(fleet, error))?;
    xml.text("instanceId", id);
    // AWS: the response says `pending`, even if the change takes effect at once.
    xml.element("instanceMetadataOptions", |xml| write_options(xml, wanted, OptionsState::Pending));
    Ok(())
}
