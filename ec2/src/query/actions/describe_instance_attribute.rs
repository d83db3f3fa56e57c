use core::fmt::Display;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::describe::{write_groups, write_product_codes, write_volumes};
use super::error::Result;
use super::form::Form;
use super::lifecycle::instance_id;
use super::shown::InstanceView;
use super::xml::Xml;
use crate::fleet::Fleet;
use imds::time::Timestamp;

/// `DescribeInstanceAttribute`
pub(super) fn describe(fleet: &mut Fleet, now: Timestamp, form: &Form, xml: &mut Xml) -> Result<()> {
    let id = instance_id(fleet, form)?;
    xml.text("instanceId", &id);
    let name = form.text("Attribute").unwrap_or_default();
    let attribute = ATTRIBUTES.iter().find(|(known, _)| *known == name);
    if let (Some((_, write)), Some(member)) = (attribute, fleet.member(&id)) {
        write(xml, &InstanceView::new(member, now));
    }
    Ok(())
}

type Write = fn(&mut Xml, &InstanceView<'_>);

/// Source of the names: EC2's service model in botocore. Of some nothing is known here, and nothing is written.
const ATTRIBUTES: &[(&str, Write)] = &[
    ("instanceType", |xml, shown| value(xml, "instanceType", Some(&shown.template().record.instance_type))),
    ("kernel", |xml, shown| value(xml, "kernel", shown.template().record.kernel_id.as_ref())),
    ("ramdisk", |xml, shown| value(xml, "ramdisk", shown.template().record.ramdisk_id.as_ref())),
    ("userData", |xml, shown| {
        value(xml, "userData", shown.template().user_data.as_ref().map(|data| STANDARD.encode(data)));
    }),
    ("disableApiTermination", |xml, shown| {
        value(xml, "disableApiTermination", Some(shown.member.notes().termination_protected));
    }),
    ("instanceInitiatedShutdownBehavior", |xml, shown| {
        let behavior = if shown.member.notes().shutdown_terminates { "terminate" } else { "stop" };
        value(xml, "instanceInitiatedShutdownBehavior", Some(behavior));
    }),
    ("rootDeviceName", |xml, shown| value(xml, "rootDeviceName", Some(shown.root_device_name()))),
    ("blockDeviceMapping", write_volumes),
    ("productCodes", write_product_codes),
    ("sourceDestCheck", |xml, _| value(xml, "sourceDestCheck", Some(true))),
    ("groupSet", |xml, shown| {
        write_groups(xml, shown.primary().map_or(&[][..], |(_, network)| &network.security_groups));
    }),
    ("ebsOptimized", |xml, shown| value(xml, "ebsOptimized", Some(shown.member.notes().ebs_optimized))),
    ("sriovNetSupport", |_, _| {}),
    ("enaSupport", |xml, shown| value(xml, "enaSupport", Some(shown.is_nitro()))),
    ("enclaveOptions", |_, _| {}),
    ("disableApiStop", |_, _| {}),
];

/// The names, for the action's table.
pub(super) const NAMES: &[&str] = &{
    let mut names = [""; ATTRIBUTES.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = ATTRIBUTES[at].0;
        at += 1;
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
