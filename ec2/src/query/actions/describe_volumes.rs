use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use core::fmt::Display;

use crate::fleet::{Fleet, LaunchSeq};
use crate::query::action::Action;
use crate::query::error::{Error, INVALID_VOLUME, Result};
use crate::query::filters::{FilterKey, Filters};
use crate::query::form::QueryForm;
use crate::query::model::constants::{ATTACHED, VOLUME_SIZE, VOLUME_STATUS, VOLUME_TYPE};
use crate::query::model::instance_view::{InstanceView, VolumeView};
use crate::query::paging::Page;
use crate::query::params::{ParamKind, optional};
use crate::query::xml::Xml;
use imds::time::Timestamp;

pub static ACTION: Action = Action {
    name: "DescribeVolumes",
    parameters: &[
        optional("VolumeId.N", ParamKind::Text),
        optional("Filter.N.Name", ParamKind::Text),
        optional("Filter.N.Value.N", ParamKind::Any),
        optional("IncludeManagedResources", ParamKind::Boolean),
        optional("MaxResults", ParamKind::PageSize),
        optional("NextToken", ParamKind::Any),
    ],
    is_read_only: true,
    run,
};

/// Describes the volumes of instances. There are no others here.
fn run(fleet: &mut Fleet, now: Timestamp, form: &QueryForm, xml: &mut Xml) -> Result<()> {
    let page = Page::read(fleet, form, ACTION.name)?;
    let filters = Filters::read(form, COLUMNS)?;
    let start = page.start.as_ref().map_or(LaunchSeq::FIRST, |start| start.launch_seq);
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    ids.extend(form.texts("VolumeId"));
    if !ids.is_empty()
        && let Some(parameter) = page.parameter()
    {
        let message = format!("The parameter volumesSet cannot be used with the parameter {parameter}");
        return Err(Error::combination(message));
    }
    if !ids.is_empty() {
        let mut known = BTreeSet::new();
        let all = attached(fleet, now, LaunchSeq::FIRST).map(|attached| attached.volume.id);
        known.extend(all.filter(|id| ids.contains(id.as_str())));
        if let Some(id) = ids.iter().find(|id| !known.contains(**id)) {
            return Err(Error::new(&INVALID_VOLUME, format!("The volume '{id}' does not exist.")));
        }
    }
    let found = attached(fleet, now, start)
        .filter(|attached| ids.is_empty() || ids.contains(attached.volume.id.as_str()))
        .filter(|attached| filters.matches(|key, emit| attached.for_each_value(key, emit)));
    let (found, next) = page.cut(found, |found| (found.view.instance.launch_seq(), format!("{:08}", found.index)));
    xml.list("volumeSet", found, |xml, attached| attached.write(xml));
    xml.optional("nextToken", next.map(|next| next.token(fleet, ACTION.name)));
    Ok(())
}

/// A volume and the instance that it is attached to.
struct Attached<'a> {
    view: InstanceView<'a>,
    index: usize,
    volume: VolumeView<'a>,
}

fn attached(fleet: &Fleet, now: Timestamp, start: LaunchSeq) -> impl Iterator<Item = Attached<'_>> {
    let views = InstanceView::all(fleet, now, start);
    views.flat_map(|view| view.volumes().enumerate().map(move |(index, volume)| Attached { view, index, volume }))
}

impl Attached<'_> {
    fn write(&self, xml: &mut Xml) {
        let Attached { view, volume, .. } = self;
        let launched = view.details().launch_time;
        xml.text("volumeId", &volume.id);
        xml.text("size", self.size());
        xml.text("snapshotId", volume.shown("snapshotId").unwrap_or_default());
        xml.text("availabilityZone", &view.template().availability_zone);
        xml.text("status", VOLUME_STATUS);
        xml.time("createTime", launched);
        xml.list("attachmentSet", [()], |xml, ()| {
            xml.text("volumeId", &volume.id);
            xml.text("instanceId", view.id());
            xml.text("device", volume.device);
            xml.text("status", ATTACHED);
            xml.time("attachTime", launched);
            xml.text("deleteOnTermination", volume.delete_on_termination);
        });
        xml.list("tagSet", &view.instance.attributes().volume_tags, |xml, (key, value)| {
            xml.text("key", key);
            xml.text("value", value);
        });
        xml.text("volumeType", self.volume_type());
        xml.text("encrypted", volume.shown("encrypted").unwrap_or("false"));
        for element in ["iops", "kmsKeyId", "outpostArn", "throughput", "volumeInitializationRate"] {
            xml.optional(element, volume.shown(element));
        }
        xml.text("multiAttachEnabled", false);
    }

    fn size(&self) -> &str {
        self.volume.shown("size").unwrap_or(VOLUME_SIZE)
    }

    fn volume_type(&self) -> &str {
        self.volume.shown("volumeType").unwrap_or(VOLUME_TYPE)
    }

    fn for_each_value(&self, key: &FilterKey<'_, Column>, emit: &mut dyn FnMut(&str)) {
        match key {
            FilterKey::Tag(key) => {
                if let Some(value) = self.view.instance.attributes().volume_tags.get(*key) {
                    emit(value);
                }
            }
            FilterKey::Column(column) => column(self, emit),
        }
    }
}

type Column = for<'a> fn(&Attached<'a>, &mut dyn FnMut(&str));

/// The filters. Source: EC2's service model in botocore. A filter with `none` matches no volume
/// here.
static COLUMNS: &[(&str, Column)] = &[
    ("attachment.attach-time", launch_time),
    ("attachment.delete-on-termination", |attached, emit| one(attached.volume.delete_on_termination, emit)),
    ("attachment.device", |attached, emit| emit(attached.volume.device)),
    ("attachment.instance-id", |attached, emit| emit(attached.view.id())),
    ("attachment.status", |_, emit| emit(ATTACHED)),
    ("availability-zone", |attached, emit| emit(&attached.view.template().availability_zone)),
    ("availability-zone-id", |attached, emit| {
        attached.view.template().availability_zone_id.iter().for_each(|id| emit(id))
    }),
    ("create-time", launch_time),
    ("encrypted", |attached, emit| emit(attached.volume.shown("encrypted").unwrap_or("false"))),
    ("fast-restored", |_, emit| emit("false")),
    ("multi-attach-enabled", |_, emit| emit("false")),
    ("operator.managed", none),
    ("operator.principal", none),
    ("size", |attached, emit| emit(attached.size())),
    ("snapshot-id", |attached, emit| attached.volume.shown("snapshotId").into_iter().for_each(emit)),
    ("status", |_, emit| emit(VOLUME_STATUS)),
    ("tag-key", |attached, emit| attached.view.instance.attributes().volume_tags.keys().for_each(|key| emit(key))),
    ("tag-value", |attached, emit| attached.view.instance.attributes().volume_tags.values().for_each(|tag| emit(tag))),
    ("volume-id", |attached, emit| emit(&attached.volume.id)),
    ("volume-type", |attached, emit| emit(attached.volume_type())),
];

fn none(_: &Attached<'_>, _: &mut dyn FnMut(&str)) {}

fn one(value: impl Display, emit: &mut dyn FnMut(&str)) {
    let text: String = format!("{value}");
    emit(&text);
}

fn launch_time(attached: &Attached<'_>, emit: &mut dyn FnMut(&str)) {
    one(attached.view.details().launch_time.display_with_millis(), emit);
}
