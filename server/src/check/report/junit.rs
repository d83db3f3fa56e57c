use std::io;

use imds_conformance::Finding;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, Event};

use super::summary::{CheckReport, Status};

/// Formats the report as a JUnit test suite with one case per check. Checks that differ below the
/// level or could not be observed are skipped cases.
pub fn render(report: &CheckReport) -> Result<String, String> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    write_suite(report, &mut xml).map_err(|error| format!("cannot write XML: {error}"))?;
    let mut text = String::from_utf8(xml.into_inner()).map_err(|error| format!("cannot write XML: {error}"))?;
    text.push('\n');
    Ok(text)
}

type Xml = Writer<Vec<u8>>;

fn write_suite(report: &CheckReport, xml: &mut Xml) -> io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let findings = &report.results.findings;
    let skipped = report.count(Status::Differs) + report.count(Status::Unseen);
    let counts = [findings.len(), report.failed(), skipped].map(|count| count.to_string());
    let name = format!("imds check {}", report.url);
    let time = format!("{:.3}", report.seconds);
    xml.create_element("testsuite")
        .with_attribute(("name", name.as_str()))
        .with_attribute(("tests", counts[0].as_str()))
        .with_attribute(("failures", counts[1].as_str()))
        .with_attribute(("errors", "0"))
        .with_attribute(("skipped", counts[2].as_str()))
        .with_attribute(("time", time.as_str()))
        .write_inner_content(|xml| findings.iter().try_for_each(|finding| write_case(report, finding, xml)))?;
    Ok(())
}

fn write_case(report: &CheckReport, finding: &Finding, xml: &mut Xml) -> io::Result<()> {
    let class = format!("imds.{}", report.results.profile.name);
    let case = xml
        .create_element("testcase")
        .with_attribute(("classname", class.as_str()))
        .with_attribute(("name", finding.id.as_str()));
    let certainty = finding.source.certainty;
    let (child, message) = match report.status(finding) {
        Status::Passed => {
            case.write_empty()?;
            return Ok(());
        }
        Status::Failed => ("failure", format!("{} ({certainty}): {}", finding.claim, finding.observed)),
        Status::Differs => ("skipped", format!("differs below the level ({certainty}): {}", finding.observed)),
        Status::Unseen => ("skipped", format!("not observed: {}", finding.observed)),
    };
    case.write_inner_content(|xml| {
        xml.create_element(child).with_attribute(("message", message.as_str())).write_empty().map(drop)
    })?;
    Ok(())
}
