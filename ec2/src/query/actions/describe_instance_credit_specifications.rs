use crate::fleet::{Fleet, LaunchSeq};
use crate::query::action::Action;
use crate::query::error::{Error, Excess, Result};
use crate::query::filters::{FilterKey, Filters};
use crate::query::form::QueryForm;
use crate::query::model::ids::instance_ids;
use crate::query::model::instance_view::InstanceView;
use crate::query::paging::Page;
use crate::query::params::{ParamKind, optional};
use crate::query::xml::Xml;
use alloc::collections::BTreeSet;
use alloc::string::String;
use imds::limits;
use imds::time::Timestamp;

pub static ACTION: Action = Action {
    name: "DescribeInstanceCreditSpecifications",
    parameters: &[
        optional("InstanceId.N", ParamKind::Any),
        optional("Filter.N.Name", ParamKind::Text),
        optional("Filter.N.Value.N", ParamKind::Any),
        optional("MaxResults", ParamKind::PageSize),
        optional("NextToken", ParamKind::Any),
    ],
    is_read_only: true,
    run,
};

/// Describes the burstable instances: those that the request names, or all unlimited ones.
fn run(fleet: &mut Fleet, now: Timestamp, form: &QueryForm, xml: &mut Xml) -> Result<()> {
    let page = Page::read(fleet, form, ACTION.name)?;
    let filters = Filters::read(form, &[("instance-id", ())])?;
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    let items = form.items("InstanceId").len();
    if items > limits::DESCRIBED_CREDITS {
        let excess = Excess { list: "InstanceId", items, limit: limits::DESCRIBED_CREDITS, instance_type: "" };
        return Err(Error::too_many_instances(&excess));
    }
    ids.extend(instance_ids(fleet, form)?);
    let start = page.start.as_ref().map_or(LaunchSeq::FIRST, |start| start.launch_seq);
    let found = InstanceView::all(fleet, now, start)
        .filter_map(|view| Some((view, view.cpu_credits()?)))
        .filter(|(view, credits)| if ids.is_empty() { *credits == "unlimited" } else { ids.contains(view.id()) })
        .filter(|(view, _)| {
            filters.matches(|key, emit| match key {
                FilterKey::Tag(_) => {}
                FilterKey::Column(()) => emit(view.id()),
            })
        });
    let (found, next) = page.cut(found, |(view, _)| (view.instance.launch_seq(), String::new()));
    xml.list("instanceCreditSpecificationSet", found, |xml, (view, credits)| {
        xml.text("instanceId", view.id());
        xml.text("cpuCredits", credits);
    });
    xml.optional("nextToken", next.map(|next| next.token(fleet, ACTION.name)));
    Ok(())
}
