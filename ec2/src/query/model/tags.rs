use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::error::{Error, INVALID_ID, Result};
use super::filter::{Filters, Of};
use super::form::Form;
use super::lifecycle::{check_instances, is_id};
use super::page::Page;
use super::refusal::Doing;
use super::xml::Xml;
use crate::fleet::{Fleet, LaunchSeq};
use imds::limits;
use imds::time::Timestamp;

/// `CreateTags`
pub(super) fn create(fleet: &mut Fleet, now: Timestamp, form: &Form, xml: &mut Xml) -> Result<()> {
    let tags = read(form, "Tag")?;
    for id in resources(fleet, form)? {
        fleet.set_tags(now, id, &tags).map_err(|error| Doing::Tag.refused(fleet, error))?;
    }
    xml.text("return", true);
    Ok(())
}

/// `DeleteTags`. A tag with a value goes only where it has it, and without any tag all go.
pub(super) fn delete(fleet: &mut Fleet, now: Timestamp, form: &Form, xml: &mut Xml) -> Result<()> {
    let mut given = Vec::new();
    for item in form.items("Tag") {
        let key = form.text(&format!("{item}.Key")).ok_or_else(|| Error::missing(&format!("{item}.Key")))?;
        given.push((key, form.text(&format!("{item}.Value"))));
    }
    let goes = |key: &str, value: &str| {
        let names_it = |(given, only): &(&str, Option<&str>)| *given == key && only.is_none_or(|only| only == value);
        !form.has("Tag") || given.iter().any(names_it)
    };
    for id in resources(fleet, form)? {
        fleet.remove_tags(now, id, goes).map_err(|error| Doing::Tag.refused(fleet, error))?;
    }
    xml.text("return", true);
    Ok(())
}

/// `DescribeTags`
pub(super) fn describe(fleet: &mut Fleet, _now: Timestamp, form: &Form, xml: &mut Xml) -> Result<()> {
    let page = Page::read(fleet, form, "DescribeTags")?;
    let filters = Filters::read(form, COLUMNS)?;
    let start = page.after.as_ref().map_or(LaunchSeq::FIRST, |after| after.order);
    let tags = fleet.members(start).flat_map(|member| {
        member.tags().iter().map(|(key, value)| Tag { order: member.order(), resource_id: member.id(), key, value })
    });
    let found = tags.filter(|tag| filters.let_through(|of, see| tag.give(of, see)));
    let (found, next) = page.cut(found, |tag| (tag.order, tag.key.into()));
    xml.list("tagSet", found, |xml, tag| {
        xml.text("resourceId", tag.resource_id);
        xml.text("resourceType", RESOURCE_TYPE);
        xml.text("key", tag.key);
        xml.text("value", tag.value);
    });
    xml.optional("nextToken", next.map(|next| next.token(fleet, "DescribeTags")));
    Ok(())
}

/// A tag and whose it is.
struct Tag<'a> {
    order: LaunchSeq,
    resource_id: &'a str,
    key: &'a str,
    value: &'a str,
}

type Column = for<'a> fn(&Tag<'a>) -> &'a str;

/// What `DescribeTags` can be narrowed by.
static COLUMNS: &[(&str, Column)] = &[
    ("key", |tag| tag.key),
    ("resource-id", |tag| tag.resource_id),
    ("resource-type", |_| RESOURCE_TYPE),
    ("value", |tag| tag.value),
];

impl Tag<'_> {
    fn give(&self, of: &Of<'_, Column>, see: &mut dyn FnMut(&str)) {
        match of {
            Of::Tag(key) if *key == self.key => see(self.value),
            Of::Tag(_) => {}
            Of::Column(column) => see(column(self)),
        }
    }
}

/// The tags of a list: keys once, and neither EC2's own nor too long.
pub(super) fn read(form: &Form, list: &str) -> Result<BTreeMap<String, String>> {
    let mut tags = BTreeMap::new();
    for item in form.items(list) {
        let key = form.text(&format!("{item}.Key")).ok_or_else(|| Error::missing(&format!("{item}.Key")))?;
        let value = form.text(&format!("{item}.Value")).unwrap_or_default();
        check(key, value)?;
        if tags.insert(key.into(), value.into()).is_some() {
            return Err(duplicate(key));
        }
    }
    Ok(tags)
}

/// Seen, in a log of a dry run.
pub(super) fn duplicate(key: &str) -> Error {
    Error::value(format!("Duplicate tag key '{key}' specified."))
}

fn check(key: &str, value: &str) -> Result<()> {
    let is_over = |text: &str, most| text.chars().count() > most;
    let over =
        |what: &str, most| Err(Error::value(format!("Tag {what} exceeds the maximum length of {most} characters")));
    if key.get(..OWN_PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(OWN_PREFIX)) {
        return Err(Error::value(format!("Tag keys starting with '{OWN_PREFIX}' are reserved for internal use")));
    }
    if is_over(key, limits::TAG_KEY_CHARACTERS) {
        return over("key", limits::TAG_KEY_CHARACTERS);
    }
    // Seen: GoCD-EC2-Elastic-Agent-Plugin#24.
    if is_over(value, limits::TAG_VALUE_CHARACTERS) {
        return over("value", limits::TAG_VALUE_CHARACTERS);
    }
    Ok(())
}

/// The resources that a request names. Instances are the only ones here.
fn resources<'f>(fleet: &Fleet, form: &'f Form) -> Result<Vec<&'f str>> {
    let ids = form.texts("ResourceId");
    if let Some(id) = ids.iter().find(|id| fleet.member(id).is_none() && !is_id("i", id)) {
        return Err(Error::new(&INVALID_ID, format!("The ID '{id}' is not valid")));
    }
    check_instances(fleet, &ids)?;
    Ok(ids)
}

const RESOURCE_TYPE: &str = "instance";
/// AWS keeps it for its own tags.
const OWN_PREFIX: &str = "aws:";
