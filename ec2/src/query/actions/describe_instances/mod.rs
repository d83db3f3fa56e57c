mod filters;

use alloc::collections::BTreeSet;
use alloc::string::String;

use crate::fleet::{Fleet, FleetInstance, LaunchSeq};
use crate::query::action::Action;
use crate::query::error::{Error, Result};
use crate::query::filters::Filters;
use crate::query::form::QueryForm;
use crate::query::model::ids::instance_ids;
use crate::query::model::instance_view::InstanceView;
use crate::query::model::instance_xml::write_reservations;
use crate::query::paging::Page;
use crate::query::params::{ParamKind, optional};
use crate::query::xml::Xml;
use filters::{COLUMNS, for_each_value};
use imds::time::Timestamp;

pub static ACTION: Action = Action {
    name: "DescribeInstances",
    parameters: &[
        optional("InstanceId.N", ParamKind::Any),
        optional("Filter.N.Name", ParamKind::Text),
        optional("Filter.N.Value.N", ParamKind::Any),
        optional("IncludeManagedResources", ParamKind::Boolean),
        optional("MaxResults", ParamKind::PageSize),
        optional("NextToken", ParamKind::Any),
    ],
    is_read_only: true,
    run,
};

fn run(fleet: &mut Fleet, now: Timestamp, form: &QueryForm, xml: &mut Xml) -> Result<()> {
    let page = Page::read(fleet, form, ACTION.name)?;
    let filters = Filters::read(form, COLUMNS)?;
    let matches = |view: &InstanceView<'_>| filters.matches(|key, emit| for_each_value(view, key, emit));
    if form.has("InstanceId") {
        // Observed: moto#6282.
        if let Some(parameter) = page.parameter() {
            let message = ["The parameter instancesSet cannot be used with the parameter ", parameter].concat();
            return Err(Error::combination(message));
        }
        let ids = instance_ids(fleet, form)?;
        let mut positions = BTreeSet::new();
        positions.extend(ids.iter().filter_map(|id| fleet.instance(id)).map(FleetInstance::launch_seq));
        let instances = positions.into_iter().filter_map(|position| fleet.instances(position).next());
        let views = instances.map(|instance| InstanceView::new(instance, now));
        write_reservations(xml, views.filter(matches));
        return Ok(());
    }
    let start = page.start.as_ref().map_or(LaunchSeq::FIRST, |start| start.launch_seq);
    let found = InstanceView::all(fleet, now, start).filter(matches);
    let (found, next) = page.cut(found, |view| (view.instance.launch_seq(), String::new()));
    write_reservations(xml, found);
    xml.optional("nextToken", next.map(|next| next.token(fleet, ACTION.name)));
    Ok(())
}
