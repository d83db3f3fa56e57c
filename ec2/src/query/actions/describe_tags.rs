use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::fleet::{Fleet, LaunchSeq};
use crate::query::action::Action;
use crate::query::error::Result;
use crate::query::filters::{FilterKey, Filters};
use crate::query::form::QueryForm;
use crate::query::model::instance_view::InstanceView;
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
    is_read_only: true,
    run,
};

fn run(fleet: &mut Fleet, now: Timestamp, form: &QueryForm, xml: &mut Xml) -> Result<()> {
    let page = Page::read(fleet, form, ACTION.name)?;
    let filters = Filters::read(form, COLUMNS)?;
    let start = page.start.as_ref().map_or(LaunchSeq::FIRST, |start| start.launch_seq);
    let tags = InstanceView::all(fleet, now, start).flat_map(tags);
    let found = tags.filter(|tag| filters.matches(|key, emit| tag.for_each_value(key, emit)));
    let (found, next) = page.cut(found, |tag| (tag.launch_seq, [&tag.resource_id, " ", tag.key].concat()));
    xml.list("tagSet", found, |xml, tag| {
        xml.text("resourceId", tag.resource_id);
        xml.text("resourceType", tag.resource_type);
        xml.text("key", tag.key);
        xml.text("value", tag.value);
    });
    xml.optional("nextToken", next.map(|next| next.token(fleet, ACTION.name)));
    Ok(())
}

/// A tag and its resource.
struct Tag<'a> {
    launch_seq: LaunchSeq,
    resource_id: String,
    resource_type: &'static str,
    key: &'a str,
    value: &'a str,
}

/// The tags of an instance, of its interfaces and of its volumes, sorted by id and key.
fn tags<'a>(view: InstanceView<'a>) -> impl Iterator<Item = Tag<'a>> {
    let attributes = view.instance.attributes();
    // The id of a volume takes a hash, and few launches tag volumes.
    let interfaces = view.interfaces().filter(|_| !attributes.interface_tags.is_empty());
    let interfaces = interfaces.map(|(interface, _)| interface.interface_id.to_string());
    let has_volume_tags = !attributes.volume_tags.is_empty();
    let volumes = has_volume_tags.then(|| view.volumes()).into_iter().flatten();
    let resources = interfaces.map(|id| (id, "network-interface", &attributes.interface_tags));
    let resources = resources.chain([(view.id().to_string(), "instance", view.instance.tags())]);
    let mut resources: Vec<_> =
        resources.chain(volumes.map(|volume| (volume.id, "volume", &attributes.volume_tags))).collect();
    resources.sort_by(|(one, ..), (next, ..)| one.cmp(next));
    let launch_seq = view.instance.launch_seq();
    resources.into_iter().flat_map(move |(resource_id, resource_type, tags)| {
        tags.iter().map(move |(key, value)| Tag {
            launch_seq,
            resource_id: resource_id.clone(),
            resource_type,
            key,
            value,
        })
    })
}

type Column = for<'t> fn(&'t Tag<'_>) -> &'t str;

/// The filters of `DescribeTags`.
static COLUMNS: &[(&str, Column)] = &[
    ("key", |tag| tag.key),
    ("resource-id", |tag| &tag.resource_id),
    ("resource-type", |tag| tag.resource_type),
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
