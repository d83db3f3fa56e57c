use alloc::vec::Vec;

use super::category::Category;
use super::context::ReadContext;
use super::directory::{Directory, Kind, Row};
use super::extra::{self, ExtraNode};
use super::flat;
use super::path::{Segment, segments, without_dots};
use super::table::TREE;
use super::value::Value;
use crate::time::Timestamp;
use crate::version::{LATEST, Version};
use crate::write::push_lines;

/// A value or a directory of one instance's tree.
#[derive(Debug, Clone, Copy)]
pub struct TreeNode {
    place: Place,
    version: Version,
}

/// The scope is the index of an interface or a public key; 0 below neither.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// The root, which lists the versions.
    Versions,
    /// A directory of rows.
    Listing { directory: &'static Directory, scope: usize },
    /// A row of a directory: a value, or a directory of values or of directories.
    Row { row: &'static Row, scope: usize },
    /// The member of that index in a directory of values.
    Member { row: &'static Row, scope: usize, index: usize },
    /// A path that the record adds.
    Extra(ExtraNode),
}

/// Resolves a path on this instance.
///
/// Consecutive slashes count as one, and a slash at the end is ignored, also after a value. Dot
/// segments are resolved. Segments are percent-decoded once.
pub(crate) fn resolve(context: &ReadContext<'_>, path: &str) -> Option<TreeNode> {
    resolve_flat(context, path).or_else(|| resolve_by_segments(context, path))
}

/// Resolves a usual spelling of a path that every instance resolves to the same row. `None` says
/// nothing about other paths.
///
/// Without it, a GET of `meta-data/instance-id` costs 381 instructions more, a tenth.
#[inline(always)]
fn resolve_flat(context: &ReadContext<'_>, path: &str) -> Option<TreeNode> {
    let flat = flat::find(path.as_bytes())?;
    let version = context.template().newest_version;
    let place = match flat.row.kind {
        Kind::Directory(directory) => Place::Listing { directory, scope: 0 },
        _ => Place::Row { row: flat.row, scope: 0 },
    };
    let node = TreeNode { place, version };
    (version.has(flat.since) && node.is_present(context)).then_some(node)
}

/// Resolves any path.
#[inline(never)]
fn resolve_by_segments(context: &ReadContext<'_>, path: &str) -> Option<TreeNode> {
    let path = path.as_bytes().strip_prefix(b"/")?;
    // No name is a dot segment. So only a path that leads nowhere can have one.
    resolve_names(context, path).or_else(|| without_dots(path, |path| resolve_names(context, path)))
}

/// Resolves a path without its first slash and without dot segments.
fn resolve_names(context: &ReadContext<'_>, path: &[u8]) -> Option<TreeNode> {
    match resolve_computed(context, path) {
        None if !context.record().extra.is_empty() => resolve_extra(context, path),
        resolved => resolved,
    }
}

/// Resolves a path that the record adds.
#[cold]
fn resolve_extra(context: &ReadContext<'_>, path: &[u8]) -> Option<TreeNode> {
    let mut segments = segments(path);
    let version = version_named(context, segments.next()?)?;
    if version != context.template().newest_version {
        return None;
    }
    let node = extra::find(&context.record().extra, segments)?;
    Some(TreeNode { place: Place::Extra(node), version })
}

/// The version of that name, if the instance has it.
#[inline(always)]
fn version_named(context: &ReadContext<'_>, segment: Segment<'_>) -> Option<Version> {
    if segment.is_plainly(LATEST) {
        return Some(context.template().newest_version);
    }
    version_decoded(context, segment)
}

/// The version of that name, which can be percent-encoded.
// Inlined, it would cost the answers of `latest`.
#[inline(never)]
fn version_decoded(context: &ReadContext<'_>, segment: Segment<'_>) -> Option<Version> {
    if segment.is(LATEST) {
        return Some(context.template().newest_version);
    }
    Version::all().find(|version| segment.is(version.name()) && context.template().serves(*version))
}

#[inline(always)]
fn resolve_computed(context: &ReadContext<'_>, path: &[u8]) -> Option<TreeNode> {
    let mut segments = segments(path);
    let Some(first) = segments.next() else {
        return Some(TreeNode { place: Place::Versions, version: context.template().newest_version });
    };
    let version = version_named(context, first)?;
    // First the directories that are the same on every instance.
    let mut directory = &TREE;
    let mut node = loop {
        let Some(segment) = segments.next() else {
            break TreeNode { place: Place::Listing { directory, scope: 0 }, version };
        };
        let row = row_named(directory, version, segment)?;
        match row.kind {
            Kind::Directory(below) => directory = below,
            _ => break TreeNode { place: Place::Row { row, scope: 0 }, version },
        }
    };
    for segment in segments {
        if segment.dots() > 0 {
            return None;
        }
        node = node.child(context, segment)?;
    }
    node.is_present(context).then_some(node)
}

/// The row of that name in a directory, if this version has it.
#[inline(always)]
fn row_named(directory: &'static Directory, version: Version, segment: Segment<'_>) -> Option<&'static Row> {
    // No name of a row has a percent sign, so most segments need not be searched for one.
    let row = directory.rows.iter().find(|row| segment.is_plainly(row.name));
    let row = row.or_else(|| directory.rows.iter().find(|row| segment.is_encoded() && segment.is(row.name)))?;
    version.has(row.date).then_some(row)
}

impl TreeNode {
    /// The category of a value, or of a directory of values.
    pub fn category(&self) -> Option<Category> {
        match self.place {
            Place::Row { row, .. } | Place::Member { row, .. } if !matches!(row.kind, Kind::Directories(..)) => {
                Some(Category::new(row))
            }
            _ => None,
        }
    }

    /// Whether the value is bytes of any kind, and not text.
    pub(crate) fn is_binary(&self) -> bool {
        matches!(self.place, Place::Row { row, .. } if row.is_binary)
    }

    /// The time of the last change: the launch, or a later event that changed the value or the
    /// directory's rows.
    pub(crate) fn last_modified(&self, context: &ReadContext<'_>) -> Timestamp {
        let launch = context.details.launch_time;
        match self.place {
            Place::Versions | Place::Extra(_) => launch,
            Place::Listing { directory, .. } => {
                let rows = directory.dynamic(self.version);
                rows.map(|row| context.changed(row.trigger)).fold(launch, Timestamp::max)
            }
            Place::Row { row, .. } => match row.kind {
                Kind::Always(_) | Kind::Optional(_) => context.changed(row.trigger),
                _ if row.trigger.is_dynamic() => context.changed(row.trigger),
                _ => launch,
            },
            Place::Member { row, .. } => context.changed(row.trigger),
        }
    }

    /// Appends the value, or the listing: names with line feeds between them and none after the
    /// last.
    pub(crate) fn write_to(&self, context: &ReadContext<'_>, out: &mut Vec<u8>) {
        match self.place {
            Place::Versions => {
                let known = Version::all().filter(|version| context.template().serves(*version)).map(Version::name);
                push_lines(known.chain([LATEST]), out, |name, out| out.extend_from_slice(name.as_bytes()));
            }
            Place::Listing { directory, scope } => {
                let start = out.len();
                directory.push_names(directory.present(context, self.version, scope), out);
                if !context.record().extra.is_empty() && self.version == context.template().newest_version {
                    extra::add_names(context, directory, scope, out, start);
                }
            }
            Place::Row { row, scope } => match row.kind {
                Kind::Always(read) => read(context, scope).write_to(context, out),
                Kind::Optional(read) => {
                    if let Some(value) = read(context, scope) {
                        value.write_to(context, out);
                    }
                }
                Kind::Values(members, _) => members(context, scope).push_names(out),
                Kind::Directories(scopes, _) => scopes.push_names(context, out),
                // Such a row is a listing.
                Kind::Directory(_) => {}
            },
            Place::Member { row, scope, index } => {
                if let Some(value) = member(row, context, scope, index) {
                    value.write_to(context, out);
                }
            }
            Place::Extra(node) => node.write_to(&context.record().extra, out),
        }
    }

    fn child(&self, context: &ReadContext<'_>, segment: Segment<'_>) -> Option<TreeNode> {
        let version = self.version;
        let place = match self.place {
            Place::Listing { directory, scope } => {
                let row = row_named(directory, version, segment)?;
                match row.kind {
                    Kind::Directory(directory) => Place::Listing { directory, scope },
                    _ => Place::Row { row, scope },
                }
            }
            Place::Row { row, scope } => match row.kind {
                Kind::Values(members, _) => Place::Member { row, scope, index: members(context, scope).find(segment)? },
                Kind::Directories(scopes, directory) => {
                    Place::Listing { directory, scope: scopes.find(context, segment)? }
                }
                Kind::Always(_) | Kind::Optional(_) | Kind::Directory(_) => return None,
            },
            Place::Versions | Place::Member { .. } | Place::Extra(_) => return None,
        };
        Some(TreeNode { place, version })
    }

    fn is_present(&self, context: &ReadContext<'_>) -> bool {
        match self.place {
            Place::Versions | Place::Extra(_) => true,
            Place::Listing { directory, scope } => directory.is_present(context, self.version, scope),
            Place::Row { row, scope } => row.is_present(context, self.version, scope),
            Place::Member { row, scope, index } => member(row, context, scope, index).is_some(),
        }
    }
}

/// The value of a member of a directory of values.
fn member<'a>(row: &Row, context: &ReadContext<'a>, scope: usize, index: usize) -> Option<Value<'a>> {
    match row.kind {
        Kind::Values(members, _) => members(context, scope).value(index),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    use super::*;
    use crate::metadata::categories;
    use crate::metadata::credentials::Delivery;
    use crate::metadata::members::Scopes;
    use crate::record::{Details, Record};
    use crate::seed::Seed;

    /// Three minimal instances, one with only IPv4, one with only IPv6 and one that switches off
    /// what it can: all have each row that is always present, and one of them lacks each other row.
    #[test]
    fn a_row_is_always_present_if_minimal_instances_have_it() {
        fn check(contexts: &[ReadContext<'_>], directory: &'static Directory) {
            for row in directory.rows {
                // The row's own functions, without the short cut.
                let computed = Row { always: false, ..*row };
                let everywhere = contexts.iter().all(|context| computed.is_present(context, Version::NEWEST, 0));
                assert_eq!(row.always, everywhere, "{}", row.path);
                match row.kind {
                    Kind::Directory(below) | Kind::Directories(Scopes::Interfaces, below) => check(contexts, below),
                    _ => {}
                }
            }
        }
        let details = minimal_instances();
        check(&details.each_ref().map(context), &TREE);
    }

    /// A node in words. No two rows have the same path; addresses of rows differ between uses of
    /// an optimized build.
    fn described(node: TreeNode) -> String {
        let place = match node.place {
            Place::Versions => "versions".into(),
            Place::Listing { directory, scope } => {
                format!("listing {:?} {scope}", directory.rows.iter().map(|row| row.path).collect::<Vec<_>>())
            }
            Place::Row { row, scope } => format!("row {} {scope}", row.path),
            Place::Member { row, scope, index } => format!("member {} {scope} {index}", row.path),
            Place::Extra(extra) => format!("extra {extra:?}"),
        };
        format!("{place} {:?}", node.version)
    }

    #[test]
    fn a_flat_path_resolves_as_it_does_by_segments() {
        let instances = [r#""user_data": "x""#, r#""newest_version": "2016-09-02", "kernel_id": "aki-1""#].map(details);
        let mut found = 0;
        for context in minimal_instances().iter().chain(&instances).map(context) {
            for category in categories() {
                let path = category.path();
                let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
                for names in ends.map(|end| &path[..end]) {
                    for path in
                        ["/latest/{}", "/latest/{}/", "/latest/{}//", "/latest//{}", "/1.0/{}", "/{}", "/latest/{}x"]
                    {
                        let path = path.replace("{}", names);
                        let flat = resolve_flat(&context, &path);
                        let node = resolve_by_segments(&context, &path);
                        assert!(flat.is_none() || flat.map(described) == node.map(described), "{path}");
                        found += usize::from(flat.is_some());
                        let is_usual = path.starts_with("/latest/") && !path.contains("//") && !path.contains('{');
                        let is_flat = match node.map(|node| node.place) {
                            Some(Place::Row { .. } | Place::Listing { .. }) => is_usual,
                            _ => false,
                        };
                        assert_eq!(flat.is_some(), is_flat, "{path}");
                    }
                }
            }
        }
        assert!(found > 100, "{found}");
    }

    fn minimal_instances() -> [Details; 3] {
        [
            r#""network_interfaces": [{"local_ipv4s": ["10.0.0.1"]}]"#,
            r#""network_interfaces": [{"ipv6s": ["2001:db8::1"]}]"#,
            r#""availability_zone_id": false, "block_device_mapping": {},
            "network_interfaces": [{"local_ipv4s": [], "security_groups": []}]"#,
        ]
        .map(details)
    }

    fn details(members: &str) -> Details {
        let json = format!(r#"{{"instance_type": "t3.nano", {members}}}"#);
        Details::new(&Record::from_json(&json).unwrap(), &Seed::new([0; 32]), Timestamp::EPOCH).unwrap()
    }

    fn context(details: &Details) -> ReadContext<'_> {
        ReadContext {
            details,
            now: Timestamp::EPOCH,
            tags_visible: false,
            tags_changed: Timestamp::EPOCH,
            delivery: Delivery::V1,
        }
    }
}
