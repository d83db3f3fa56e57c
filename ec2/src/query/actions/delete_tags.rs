use alloc::format;
use alloc::vec::Vec;

use crate::fleet::Fleet;
use crate::query::action::Action;
use crate::query::error::{Error, Result};
use crate::query::form::QueryForm;
use crate::query::model::tags::resource_ids;
use crate::query::operation::Operation;
use crate::query::params::{ParamKind, optional, required};
use crate::query::xml::Xml;
use imds::time::Timestamp;

pub static ACTION: Action = Action {
    name: "DeleteTags",
    parameters: &[
        required("ResourceId.N", ParamKind::Text),
        optional("Tag.N.Key", ParamKind::Key),
        optional("Tag.N.Value", ParamKind::Any),
    ],
    is_read_only: false,
    run,
};

/// A tag with a value is deleted only if the resource's tag has this value. Without tags, all tags
/// are deleted.
fn run(fleet: &mut Fleet, now: Timestamp, form: &QueryForm, xml: &mut Xml) -> Result<()> {
    let mut deleted = Vec::new();
    for item in form.items("Tag") {
        let key = form.text(&format!("{item}.Key")).ok_or_else(|| Error::missing(&format!("{item}.Key")))?;
        deleted.push((key, form.text(&format!("{item}.Value"))));
    }
    let is_deleted = |key: &str, value: &str| {
        let matches = |(deleted_key, deleted_value): &(&str, Option<&str>)| {
            *deleted_key == key && deleted_value.is_none_or(|deleted_value| deleted_value == value)
        };
        !form.has("Tag") || deleted.iter().any(matches)
    };
    for id in resource_ids(fleet, form)? {
        fleet.remove_tags(now, id, is_deleted).map_err(|error| Operation::Tag.error(fleet, error))?;
    }
    xml.text("return", true);
    Ok(())
}
