use crate::fleet::{Fleet, LaunchSeq};
use crate::query::action::Action;
use crate::query::error::Result;
use crate::query::filters::{FilterKey, Filters};
use crate::query::form::QueryForm;
use crate::query::model::constants::TAGGED_RESOURCE_TYPE;
use crate::query::paging::Page;
use crate::query::params::{ParamKind, optional};
use crate::query::xml::Xml;
use imds::time::Timestamp;

pub static ACTION: Action = Action {
    name: "DescribeTags",
    parameters: &[
        optional("Filter.N.Name", ParamKind::Text),
        optional("Filter.N.Value.N", ParamKind::Any),
        optional("MaxResults", ParamKind::PageSize),
        optional("NextToken", ParamKind::Any),
    ],
    run,
};

fn run(fleet: &mut Fleet, _now: Timestamp, form: &QueryForm, xml: &mut Xml) -> Result<()> {
    let page = Page::read(fleet, form, ACTION.name)?;
    let filters = Filters::read(form, COLUMNS)?;
    let start = page.start.as_ref().map_or(LaunchSeq::FIRST, |start| start.launch_seq);
    let tags = fleet.instances(start).flat_map(|instance| {
        let (launch_seq, resource_id) = (instance.launch_seq(), instance.id());
        instance.tags().iter().map(move |(key, value)| Tag { launch_seq, resource_id, key, value })
    });
    let found = tags.filter(|tag| filters.matches(|key, emit| tag.for_each_value(key, emit)));
    let (found, next) = page.cut(found, |tag| (tag.launch_seq, tag.key.into()));
    xml.list("tagSet", found, |xml, tag| {
        xml.text("resourceId", tag.resource_id);
        xml.text("resourceType", TAGGED_RESOURCE_TYPE);
        xml.text("key", tag.key);
        xml.text("value", tag.value);
    });
    xml.optional("nextToken", next.map(|next| next.token(fleet, ACTION.name)));
    Ok(())
}

/// A tag and its instance.
struct Tag<'a> {
    launch_seq: LaunchSeq,
    resource_id: &'a str,
    key: &'a str,
    value: &'a str,
}

type Column = for<'a> fn(&Tag<'a>) -> &'a str;

/// The filters of `DescribeTags`.
static COLUMNS: &[(&str, Column)] = &[
    ("key", |tag| tag.key),
    ("resource-id", |tag| tag.resource_id),
    ("resource-type", |_| TAGGED_RESOURCE_TYPE),
    ("value", |tag| tag.value),
];

impl Tag<'_> {
    fn for_each_value(&self, key: &FilterKey<'_, Column>, emit: &mut dyn FnMut(&str)) {
        match key {
            FilterKey::Tag(key) if *key == self.key => emit(self.value),
            FilterKey::Tag(_) => {}
            FilterKey::Column(column) => emit(column(self)),
        }
    }
}
