//! Reasons why lines of the core are not executed.

use super::Function;

/// Returns why these lines of a function are not executed, or that a test is missing.
pub fn reason(file: &str, function: &Function, first: u64) -> &'static str {
    let is_here =
        |(files, name, _): &&(&str, &str, &str)| file.starts_with(files) && (name.is_empty() || *name == function.name);
    // If the function ran at all, its signature line is counted.
    if function.is_const && first == function.line {
        return "`const fn`: evaluated at compile time";
    }
    REASONS.iter().find(is_here).map_or("needs a test", |(.., reason)| reason)
}

const SOCKETS: &str = "needs a faulty endpoint: tested over sockets by the suite `server`";
const SERVER: &str = "used by the server: the suites `server`, `by-peer` and `ec2-api`";
const PACKAGE: &str = "used by the npm package and the server: the suites `npm-package` and `server`";
const EMBEDDERS: &str = "for programs that embed the core: not called in this repository";

/// The start of a file's path, a function's name (empty for any), and the reason.
const REASONS: &[(&str, &str, &str)] = &[
    ("conformance/src/checks/expect.rs", "", "printed by `imds vectors`: the suite `server`"),
    ("conformance/src/checks/check.rs", "", "printed by `imds vectors`: the suite `server`"),
    ("conformance/src/run/report.rs", "fmt", "printed in reports: the suite `server`"),
    ("conformance/src/run/endpoint_state.rs", "", SOCKETS),
    ("conformance/src/run/response.rs", "is_whole", SOCKETS),
    ("src/explain.rs", "fmt", PACKAGE),
    ("conformance/src/transcript/steps.rs", "claim", EMBEDDERS),
    ("ec2/src/fleet/endpoints.rs", "set_settings", SERVER),
    ("ec2/src/fleet/endpoints.rs", "set_endpoint", SERVER),
    ("ec2/src/fleet/fleet.rs", "is_empty", EMBEDDERS),
];
