use crate::fleet::Fleet;
use crate::query::action::Action;
use crate::query::error::Result;
use crate::query::form::QueryForm;
use crate::query::model::tags::{read_tags, resource_ids};
use crate::query::operation::Operation;
use crate::query::params::{ParamKind, optional, required};
use crate::query::xml::Xml;
use imds::time::Timestamp;

pub static ACTION: Action = Action {
    name: "CreateTags",
    parameters: &[
        required("ResourceId.N", ParamKind::Text),
        required("Tag.N.Key", ParamKind::Key),
        optional("Tag.N.Value", ParamKind::Any),
    ],
    is_read_only: false,
    run,
};

fn run(fleet: &mut Fleet, now: Timestamp, form: &QueryForm, xml: &mut Xml) -> Result<()> {
    let tags = read_tags(form, "Tag")?;
    for id in resource_ids(fleet, form)? {
        fleet.set_tags(now, id, &tags).map_err(|error| Operation::Tag.error(fleet, error))?;
    }
    xml.text("return", true);
    Ok(())
}
