use core::fmt::Display;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::fleet::Fleet;
use crate::query::action::Action;
use crate::query::error::Result;
use crate::query::form::QueryForm;
use crate::query::model::ids::instance_id;
use crate::query::model::instance_view::InstanceView;
use crate::query::model::instance_xml::{write_groups, write_product_codes, write_volumes};
use crate::query::params::{ParamKind, required};
use crate::query::xml::Xml;
use imds::time::Timestamp;

pub static ACTION: Action = Action {
    name: "DescribeInstanceAttribute",
    parameters: &[required("InstanceId", ParamKind::Any), required("Attribute", ParamKind::OneOf(NAMES))],
    is_read_only: true,
    run,
};

fn run(fleet: &mut Fleet, now: Timestamp, form: &QueryForm, xml: &mut Xml) -> Result<()> {
    let id = instance_id(fleet, form)?;
    xml.text("instanceId", &id);
    let name = form.text("Attribute").unwrap_or_default();
    let attribute = ATTRIBUTES.iter().find(|(known, _)| *known == name);
    if let (Some((_, write)), Some(instance)) = (attribute, fleet.instance(&id)) {
        write(xml, &InstanceView::new(instance, now));
    }
    Ok(())
}

type Write = fn(&mut Xml, &InstanceView<'_>);

/// The attributes of EC2's service model in botocore. Some have no value here.
const ATTRIBUTES: &[(&str, Write)] = &[
    ("instanceType", |xml, view| value(xml, "instanceType", Some(&view.record().instance_type))),
    ("kernel", |xml, view| value(xml, "kernel", view.record().kernel_id.as_ref())),
    ("ramdisk", |xml, view| value(xml, "ramdisk", view.record().ramdisk_id.as_ref())),
    ("userData", |xml, view| {
        value(xml, "userData", view.template().user_data.as_ref().map(|data| STANDARD.encode(data)));
    }),
    ("disableApiTermination", |xml, view| {
        value(xml, "disableApiTermination", Some(view.instance.attributes().termination_protected));
    }),
    ("instanceInitiatedShutdownBehavior", |xml, view| {
        let behavior = if view.instance.attributes().shutdown_terminates { "terminate" } else { "stop" };
        value(xml, "instanceInitiatedShutdownBehavior", Some(behavior));
    }),
    ("rootDeviceName", |xml, view| value(xml, "rootDeviceName", Some(view.root_device_name()))),
    ("blockDeviceMapping", write_volumes),
    ("productCodes", write_product_codes),
    ("sourceDestCheck", |xml, _| value(xml, "sourceDestCheck", Some(true))),
    ("groupSet", |xml, view| {
        write_groups(xml, view.primary().map_or(&[][..], |(_, network)| &network.security_groups));
    }),
    ("ebsOptimized", |xml, view| value(xml, "ebsOptimized", Some(view.instance.attributes().ebs_optimized))),
    ("sriovNetSupport", |_, _| {}),
    ("enaSupport", |xml, view| value(xml, "enaSupport", Some(view.is_nitro()))),
    ("enclaveOptions", |xml, view| {
        let enabled = view.shown_value("instance/enclaveOptions/enabled").unwrap_or("false");
        xml.element("enclaveOptions", |xml| xml.text("enabled", enabled));
    }),
    ("disableApiStop", |xml, view| {
        value(xml, "disableApiStop", Some(view.instance.attributes().stop_protected));
    }),
];

/// The names of the attributes.
const NAMES: &[&str] = &{
    let mut names = [""; ATTRIBUTES.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = ATTRIBUTES[index].0;
        index += 1;
    }
    names
};

/// `<name><value>…</value></name>`, or `<name/>`
fn value(xml: &mut Xml, name: &'static str, value: Option<impl Display>) {
    match value {
        Some(value) => xml.element(name, |xml| xml.text("value", value)),
        None => xml.text(name, ""),
    }
}
