use crate::query::form::QueryForm;
use crate::query::xml::Xml;
use imds::instance::OptionsState;
use imds::record::{METADATA_OPTIONS, MetadataOptions, MetadataOptionsChange};

/// The options that a request sets. Their parameters have the prefix, for example
/// `MetadataOptions.`.
pub fn read_options(form: &QueryForm, prefix: &str) -> MetadataOptionsChange {
    let mut change = MetadataOptionsChange::default();
    for option in METADATA_OPTIONS {
        if let Some(text) = form.text(&[prefix, option.parameter].concat()) {
            // The parameter check has rejected texts that are no values of the option.
            let _ = option.set(&mut change, text);
        }
    }
    change
}

/// Writes the options and their state.
pub fn write_options(xml: &mut Xml, options: MetadataOptions, state: OptionsState) {
    xml.text("state", state.name());
    for option in METADATA_OPTIONS {
        xml.text(option.element, option.get(&options));
    }
}
