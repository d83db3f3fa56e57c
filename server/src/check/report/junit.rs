use imds_conformance::Finding;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, Event};

use super::{Told, Word};

type Xml = Writer<Vec<u8>>;

impl Told {
    /// A suite of a case for each check. What differs below the level is skipped, with what was seen.
    pub fn junit(&self) -> Result<String, String> {
        let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
        self.suite(&mut xml).map_err(|error| format!("cannot write XML: {error}"))?;
        let mut text = String::from_utf8(xml.into_inner()).map_err(|error| format!("cannot write XML: {error}"))?;
        text.push('\n');
        Ok(text)
    }

    fn suite(&self, xml: &mut Xml) -> std::io::Result<()> {
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let skipped = self.count(Word::Differs) + self.count(Word::Unseen);
        let counts = [self.report.findings.len(), self.failed(), skipped].map(|count| count.to_string());
        let name = format!("imds check {}", self.url);
        let time = format!("{:.3}", self.seconds);
        xml.create_element("testsuite")
            .with_attribute(("name", name.as_str()))
            .with_attribute(("tests", counts[0].as_str()))
            .with_attribute(("failures", counts[1].as_str()))
            .with_attribute(("errors", "0"))
            .with_attribute(("skipped", counts[2].as_str()))
            .with_attribute(("time", time.as_str()))
            .write_inner_content(|xml| self.report.findings.iter().try_for_each(|finding| self.case(xml, finding)))?;
        Ok(())
    }

    fn case(&self, xml: &mut Xml, finding: &Finding) -> std::io::Result<()> {
        let class = format!("imds.{}", self.report.profile.name);
        let case = xml
            .create_element("testcase")
            .with_attribute(("classname", class.as_str()))
            .with_attribute(("name", finding.id.as_str()));
        let known = finding.source.certainty;
        let (child, message) = match self.word(finding) {
            Word::Passed => {
                case.write_empty()?;
                return Ok(());
            }
            Word::Failed => ("failure", format!("{} ({known}): {}", finding.claim, finding.observed)),
            Word::Differs => ("skipped", format!("differs from what is {known}: {}", finding.observed)),
            Word::Unseen => ("skipped", format!("not seen: {}", finding.observed)),
        };
        case.write_inner_content(|xml| {
            xml.create_element(child).with_attribute(("message", message.as_str())).write_empty().map(drop)
        })?;
        Ok(())
    }
}
