use alloc::vec::Vec;
use core::iter::successors;

use super::ReadContext;
use super::directory::Directory;
use super::path::{Segment, segments};
use super::presence::Things;
use super::table::{Appears, Category, Collection, Entry, Kind, Leaf, TREE};
use super::value::Value;
use crate::record::Details;
use crate::time::Timestamp;
use crate::version::{LATEST, Version};
use crate::write::{ShortText, push_decimal, push_lines};

/// A place in the tree of one instance that a path led to.
#[derive(Debug, Clone, Copy)]
pub struct TreeNode {
    place: Place,
    version: Version,
    category: Option<Category>,
}

/// `of` counts interfaces or public keys: which of several directories it is about, 0 where there is one.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// The root, which lists the versions.
    Versions,
    /// A directory of rows.
    Listing { directory: &'static Directory, of: usize },
    /// A directory of values.
    Values(Collection, usize),
    /// A directory of directories.
    Directories(Collection, &'static Directory),
    /// A value.
    Leaf(Leaf, usize),
    /// The member of that index in a directory of values.
    Member(Collection, usize, usize),
}

/// The place that a path names on this instance, if it has one.
///
/// Runs of slashes count as one and a slash at the end is ignored, after values too. Segments are decoded once.
pub(crate) fn resolve(view: &ReadContext<'_>, path: &str) -> Option<TreeNode> {
    let mut segments = segments(path.strip_prefix('/')?);
    let newest = view.details.template.newest_version;
    let Some(first) = segments.next() else {
        return Some(TreeNode { place: Place::Versions, version: newest, category: None });
    };
    let version = if first.is_plainly(LATEST) || first.is(LATEST) {
        newest
    } else {
        Version::all().find(|version| *version <= newest && first.is(version.name()))?
    };
    // Through the directories that are the same on every instance; below the row behind them may be things of this one.
    let mut directory = &TREE;
    let mut node = loop {
        let Some(segment) = segments.next() else {
            break TreeNode { place: Place::Listing { directory, of: 0 }, version, category: None };
        };
        let entry = row_named(directory, version, segment)?;
        match entry.kind {
            Kind::Directory(below) => directory = below,
            _ => break TreeNode::at(entry, 0, version),
        }
    };
    for segment in segments {
        node = node.child(view, segment)?;
    }
    node.is_there(view).then_some(node)
}

/// The row of that name in a directory, if this version has it.
#[inline(always)]
fn row_named(directory: &'static Directory, version: Version, segment: Segment<'_>) -> Option<&'static Entry> {
    // No name of a row has a percent sign, so that most segments need not be searched for one.
    let row = directory.rows.iter().find(|entry| segment.is_plainly(entry.name));
    let row = row.or_else(|| directory.rows.iter().find(|entry| segment.is_encoded() && segment.is(entry.name)))?;
    version.has(row.date).then_some(row)
}

impl TreeNode {
    /// The kind of metadata it is a value of; none for a directory.
    pub fn category(&self) -> Option<Category> {
        self.category
    }

    /// Whether it is the user data.
    pub(crate) fn is_user_data(&self) -> bool {
        matches!(self.place, Place::Leaf(Leaf::UserData, _))
    }

    /// When it last changed: the launch, unless the value has a time of its own or the directory a younger member.
    pub(crate) fn last_modified(&self, view: &ReadContext<'_>) -> Timestamp {
        let launch = view.details.launch_time;
        match self.place {
            Place::Leaf(leaf, _) => view.changed(leaf),
            Place::Member(Collection::Roles, ..) => view.rotation().last_updated,
            Place::Member(Collection::Tags, ..) | Place::Values(Collection::Tags, _) => view.tags_changed.max(launch),
            Place::Listing { directory, .. } => directory
                .later_rows_of(self.version)
                .places()
                .filter_map(|row| view.appeared(directory.rows[row].appears))
                .fold(launch, Timestamp::max),
            _ => launch,
        }
    }

    /// Appends the value, or the listing: names with line feeds between them and none after the last.
    pub(crate) fn write_to(&self, view: &ReadContext<'_>, out: &mut Vec<u8>) {
        match self.place {
            Place::Versions => {
                let known = Version::all().filter(|version| *version <= self.version).map(Version::name);
                push_lines(known.chain([LATEST]), out, |name, out| out.extend_from_slice(name.as_bytes()));
            }
            Place::Listing { directory, of } => {
                let (always, perhaps) = directory.rows_of(self.version);
                let mut there = always;
                if !perhaps.is_empty() {
                    let things = view.things(of);
                    there = there.or(perhaps.filter(|row| things.meets(directory.rows[row].things(self.version))));
                }
                directory.push_names(there, out);
            }
            Place::Values(collection, of) => push_members(view.details, collection, of, out),
            Place::Directories(collection, _) => push_directories(view.details, collection, out),
            Place::Leaf(leaf, of) => {
                if let Some(value) = view.value(leaf, of) {
                    value.write_to(view, out);
                }
            }
            Place::Member(collection, of, index) => {
                if let Some(value) = view.member(collection, of, index) {
                    value.write_to(view, out);
                }
            }
        }
    }

    fn at(entry: &'static Entry, of: usize, version: Version) -> TreeNode {
        let (place, category) = match entry.kind {
            Kind::Leaf(leaf) => (Place::Leaf(leaf, of), Some(Category::new(entry))),
            Kind::Directory(directory) => (Place::Listing { directory, of }, None),
            Kind::Values(collection) => (Place::Values(collection, of), Some(Category::new(entry))),
            Kind::Directories(collection, directory) => (Place::Directories(collection, directory), None),
        };
        TreeNode { place, version, category }
    }

    fn child(&self, view: &ReadContext<'_>, segment: Segment<'_>) -> Option<TreeNode> {
        let version = self.version;
        match self.place {
            Place::Listing { directory, of } => {
                Some(TreeNode::at(row_named(directory, version, segment)?, of, version))
            }
            Place::Values(collection, of) => {
                let index = member_named(view.details, collection, of, segment)?;
                Some(TreeNode { place: Place::Member(collection, of, index), version, category: self.category })
            }
            Place::Directories(collection, directory) => {
                let of = directory_named(view.details, collection, segment)?;
                Some(TreeNode { place: Place::Listing { directory, of }, version, category: None })
            }
            Place::Versions | Place::Leaf(..) | Place::Member(..) => None,
        }
    }

    fn is_there(&self, view: &ReadContext<'_>) -> bool {
        match self.place {
            Place::Versions => true,
            _ if self.category.is_some_and(Category::is_always) => true,
            Place::Listing { directory, of } => {
                let needed = directory.things(self.version);
                needed.meets(Things::ALWAYS) || (needed != Things::NONE && view.things(of).meets(needed))
            }
            Place::Values(collection, of) => view.has_members(collection, of),
            Place::Directories(collection, _) => view.has_members(collection, 0),
            Place::Leaf(leaf, of) => view.has_value(leaf, of),
            Place::Member(collection, of, index) => view.member(collection, of, index).is_some(),
        }
    }
}

impl<'a> ReadContext<'a> {
    /// Whether there is a first member. Looking whether a map is empty costs less than looking for what is first in it.
    #[inline(always)]
    pub(super) fn has_members(&self, collection: Collection, of: usize) -> bool {
        let details = self.details;
        match collection {
            Collection::BlockDevices => !details.template.block_device_mapping.is_empty(),
            Collection::ElasticGpus => !details.template.elastic_gpus.is_empty(),
            Collection::ElasticInference => !details.template.elastic_inference.is_empty(),
            Collection::Tags => self.tags_visible && !details.tags.is_empty(),
            Collection::SignerOcsp => {
                details.template.managed_ssh_keys.as_ref().is_some_and(|keys| !keys.signer_ocsp.is_empty())
            }
            Collection::ActiveKeys => {
                details.template.managed_ssh_keys.as_ref().is_some_and(|keys| !keys.active_keys.is_empty())
            }
            Collection::PublicKeys => !details.template.public_keys.is_empty(),
            Collection::Interfaces => !details.interfaces.is_empty(),
            Collection::Roles => details.template.role.is_some(),
            Collection::Ipv4Associations => !details.interfaces[of].public_ipv4s.is_empty(),
        }
    }

    /// What the instance has of that name, if anything.
    fn member(&self, collection: Collection, of: usize, index: usize) -> Option<Value<'a>> {
        let details = self.details;
        match collection {
            Collection::BlockDevices => {
                details.template.block_device_mapping.values().nth(index).map(|device| Value::Text(device))
            }
            Collection::ElasticGpus => details.template.elastic_gpus.values().nth(index).map(|json| Value::Text(json)),
            Collection::ElasticInference => {
                details.template.elastic_inference.values().nth(index).map(|json| Value::Text(json))
            }
            Collection::Roles => details.template.role.iter().nth(index).map(Value::RoleCredentials),
            Collection::Tags if !self.tags_visible => None,
            Collection::Tags => details.tags.values().nth(index).map(|value| Value::Text(value)),
            Collection::SignerOcsp => details
                .template
                .managed_ssh_keys
                .as_ref()?
                .signer_ocsp
                .values()
                .nth(index)
                .map(|value| Value::Text(value)),
            Collection::ActiveKeys => details
                .template
                .managed_ssh_keys
                .as_ref()?
                .active_keys
                .values()
                .nth(index)
                .map(|value| Value::Text(value)),
            Collection::Ipv4Associations => {
                let interface = &details.interfaces[of];
                interface.public_ipv4s.get(index)?;
                interface.local_ipv4s.get(index).copied().map(Value::Ipv4)
            }
            Collection::Interfaces | Collection::PublicKeys => None,
        }
    }

    /// When a thing that not every instance has from its launch appeared on this one or left it, if it did.
    fn appeared(&self, appears: Appears) -> Option<Timestamp> {
        match appears {
            Appears::Launch => None,
            Appears::SpotNotice => {
                self.has_value(Leaf::SpotInstanceAction, 0).then(|| self.changed(Leaf::SpotInstanceAction))
            }
            Appears::RebalanceNotice => self.has_value(Leaf::Rebalance, 0).then(|| self.changed(Leaf::Rebalance)),
            Appears::Tags => (!self.details.tags.is_empty()).then_some(self.tags_changed),
        }
    }
}

fn push_members(details: &Details, collection: Collection, of: usize, out: &mut Vec<u8>) {
    let push = |name: &str, out: &mut Vec<u8>| out.extend_from_slice(name.as_bytes());
    match collection {
        Collection::Ipv4Associations => {
            let texts = details.interfaces[of].public_ipv4s.iter().map(ShortText::of);
            push_lines(sorted(texts), out, |address, out| push(address.as_str(), out));
        }
        Collection::Tags => push_lines(details.tags.keys(), out, |key, out| push(key, out)),
        _ => push_lines((0..).map_while(|index| member_name(details, collection, index)), out, push),
    }
}

/// The name of a member, in the order of names.
fn member_name(details: &Details, collection: Collection, index: usize) -> Option<&str> {
    let name: &str = match collection {
        Collection::BlockDevices => details.template.block_device_mapping.keys().nth(index)?,
        Collection::ElasticGpus => details.template.elastic_gpus.keys().nth(index)?,
        Collection::ElasticInference => details.template.elastic_inference.keys().nth(index)?,
        Collection::Roles => &details.template.role.iter().nth(index)?.name,
        Collection::Tags => details.tags.keys().nth(index)?,
        Collection::SignerOcsp => details.template.managed_ssh_keys.as_ref()?.signer_ocsp.keys().nth(index)?,
        Collection::ActiveKeys => details.template.managed_ssh_keys.as_ref()?.active_keys.keys().nth(index)?,
        Collection::Ipv4Associations | Collection::Interfaces | Collection::PublicKeys => return None,
    };
    Some(name)
}

fn member_named(details: &Details, collection: Collection, of: usize, segment: Segment<'_>) -> Option<usize> {
    if collection == Collection::Ipv4Associations {
        let addresses = &details.interfaces[of].public_ipv4s;
        return addresses.iter().position(|address| segment.is(ShortText::of(address).as_str()));
    }
    (0..).map_while(|index| member_name(details, collection, index)).position(|name| segment.is(name))
}

fn directory_named(details: &Details, collection: Collection, segment: Segment<'_>) -> Option<usize> {
    match collection {
        Collection::Interfaces => details.interfaces.iter().position(|interface| segment.is(interface.mac.as_str())),
        Collection::PublicKeys => {
            (0..details.template.public_keys.len()).find(|index| segment.is(ShortText::of(index).as_str()))
        }
        _ => None,
    }
}

/// Interfaces by address; public keys as `0=name`, the one kind of name in a listing that is not the name in a path.
fn push_directories(details: &Details, collection: Collection, out: &mut Vec<u8>) {
    match collection {
        Collection::Interfaces => {
            push_lines(sorted(details.interfaces.iter().map(|interface| interface.mac)), out, |mac, out| {
                out.extend_from_slice(mac.as_str().as_bytes());
                out.push(b'/');
            });
        }
        Collection::PublicKeys => {
            push_lines(details.template.public_keys.iter().enumerate(), out, |(index, key), out| {
                push_decimal(index as u64, out);
                out.push(b'=');
                out.extend_from_slice(key.name.as_bytes());
            });
        }
        _ => {}
    }
}

/// Few items in their order, without a place to sort them in.
fn sorted<T: Ord + Copy>(items: impl Iterator<Item = T> + Clone) -> impl Iterator<Item = T> {
    successors(items.clone().min(), move |last| items.clone().filter(|item| item > last).min())
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;
    use crate::metadata::Delivery;
    use crate::record::Record;
    use crate::seed::Seed;

    /// Of the barest instances that there are, one has IPv4 alone and one IPv6: each has what the table says that every one
    /// has, and one of them lacks what it does not say so of.
    #[test]
    fn the_barest_instances_have_what_every_instance_has() {
        fn check(views: &[ReadContext<'_>], directory: &'static Directory) {
            for entry in directory.rows {
                let needed = entry.things(Version::NEWEST);
                let everywhere = views.iter().all(|view| view.things(0).meets(needed));
                assert_eq!(entry.always, everywhere, "{}", entry.path);
                match entry.kind {
                    Kind::Directory(below) | Kind::Directories(Collection::Interfaces, below) => check(views, below),
                    _ => {}
                }
            }
        }
        let details = ["10.0.0.1", "2001:db8::1"].map(|address| {
            let key = if address.contains(':') { "ipv6s" } else { "local_ipv4s" };
            let json = format!(r#"{{"instance_type": "t3.nano", "network_interfaces": [{{"{key}": ["{address}"]}}]}}"#);
            Details::new(&Record::from_json(&json).unwrap(), &Seed::new([0; 32]), Timestamp::EPOCH).unwrap()
        });
        let views = details.each_ref().map(|details| ReadContext {
            details,
            now: Timestamp::EPOCH,
            tags_visible: false,
            tags_changed: Timestamp::EPOCH,
            delivery: Delivery::V1,
        });
        check(&views, &TREE);
    }
}
