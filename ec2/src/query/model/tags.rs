use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::ids::{check_instances, is_id};
use crate::fleet::Fleet;
use crate::query::error::{Error, INVALID_ID, Result};
use crate::query::form::QueryForm;
use imds::limits;
use imds::record::is_reserved_tag_key;

/// The tags of a list. The keys are unique and not reserved by AWS.
pub fn read_tags(form: &QueryForm, list: &str) -> Result<BTreeMap<String, String>> {
    let mut tags = BTreeMap::new();
    for item in form.items(list) {
        let key = form.text(&format!("{item}.Key")).ok_or_else(|| Error::missing(&format!("{item}.Key")))?;
        let value = form.text(&format!("{item}.Value")).unwrap_or_default();
        check_tag(key, value)?;
        if tags.insert(key.into(), value.into()).is_some() {
            return Err(duplicate_key(key));
        }
    }
    Ok(tags)
}

/// Observed in the log of a dry run.
pub fn duplicate_key(key: &str) -> Error {
    Error::value(format!("Duplicate tag key '{key}' specified."))
}

/// The resources that a request names. Only instances exist here.
pub fn resource_ids<'f>(fleet: &Fleet, form: &'f QueryForm) -> Result<Vec<&'f str>> {
    let ids = form.texts("ResourceId");
    if let Some(id) = ids.iter().find(|id| fleet.instance(id).is_none() && !is_id("i", id)) {
        return Err(Error::new(&INVALID_ID, format!("The ID '{id}' is not valid")));
    }
    check_instances(fleet, &ids)?;
    Ok(ids)
}

fn check_tag(key: &str, value: &str) -> Result<()> {
    let is_over = |text: &str, limit| text.chars().count() > limit;
    let over =
        |part: &str, limit| Err(Error::value(format!("Tag {part} exceeds the maximum length of {limit} characters")));
    if is_reserved_tag_key(key) {
        return Err(Error::value("Tag keys starting with 'aws:' are reserved for internal use"));
    }
    if is_over(key, limits::TAG_KEY_CHARACTERS) {
        return over("key", limits::TAG_KEY_CHARACTERS);
    }
    // Observed: GoCD-EC2-Elastic-Agent-Plugin#24.
    if is_over(value, limits::TAG_VALUE_CHARACTERS) {
        return over("value", limits::TAG_VALUE_CHARACTERS);
    }
    Ok(())
}
