//! Formats the report of a run as a table, JSON or JUnit XML.

mod json;
mod junit;
mod summary;
mod table;

pub use summary::CheckReport;

/// The format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Table,
    Json,
    Junit,
}

impl Format {
    pub const ALL: [Format; 3] = [Format::Table, Format::Json, Format::Junit];

    pub const fn name(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Json => "json",
            Format::Junit => "junit",
        }
    }

    pub const fn description(self) -> &'static str {
        match self {
            Format::Table => "Text, one line per check",
            Format::Json => "JSON",
            Format::Junit => "JUnit XML, for CI",
        }
    }
}

/// Formats the report.
pub fn render(report: &CheckReport, format: Format) -> Result<String, String> {
    match format {
        Format::Table => Ok(table::render(report)),
        Format::Json => Ok(json::render(report)),
        Format::Junit => junit::render(report),
    }
}
