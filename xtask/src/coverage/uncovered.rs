//! Why a line of the core is not reached.

use super::Function;

/// The reason, or that there is none yet.
pub fn reason(file: &str, function: &Function, first: u64) -> &'static str {
    let is_here =
        |(files, name, _): &&(&str, &str, &str)| file.starts_with(files) && (name.is_empty() || *name == function.name);
    // From its head on: where it ran at all, the head counts.
    if function.is_const && first == function.line {
        return "`const fn`: it runs while the tables are compiled";
    }
    REASONS.iter().find(is_here).map_or("to be tested", |(.., reason)| reason)
}

const SOCKETS: &str = "needs a service that fails or speaks otherwise: the suite `server`, over sockets";
const SERVER: &str = "the server's: the suites `server`, `by-peer` and `ec2-api`";
const PACKAGE: &str = "the npm package's and the server's: the suites `npm-package` and `server`";
const EMBEDDERS: &str = "for whoever embeds the core: nothing of ours calls it";

/// The beginning of a file's path, a function or any, the reason.
const REASONS: &[(&str, &str, &str)] = &[
    ("src/conformance/expect.rs", "", "what `imds vectors` prints: the suite `server`"),
    ("src/conformance/mod.rs", "", "what `imds vectors` and reports print: the suite `server`"),
    ("src/conformance/session.rs", "", SOCKETS),
    ("src/conformance/reply.rs", "is_whole", SOCKETS),
    ("src/explain.rs", "fmt", PACKAGE),
    ("src/fleet/file.rs", "of_record", PACKAGE),
    ("src/fleet/file.rs", "plan_articles_instance", PACKAGE),
    ("src/fleet/member.rs", "is_served_over", PACKAGE),
    ("src/fleet/mod.rs", "set_settings", SERVER),
    ("src/fleet/mod.rs", "set_endpoint", SERVER),
    ("src/fleet/member.rs", "is_over", EMBEDDERS),
    ("src/fleet/mod.rs", "is_empty", EMBEDDERS),
    ("src/transcript/mod.rs", "claim", EMBEDDERS),
];
