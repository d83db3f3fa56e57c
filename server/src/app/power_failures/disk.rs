//! A folder on a disk, and everything that a power failure may leave of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The files in a folder by their names: one outcome of a power failure.
pub type Image = BTreeMap<String, Remains>;

/// What is left of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remains {
    /// The number of the file, in the order of creation.
    file: usize,
    /// The bytes up to `kept` are as written, and zeros until `zeros_end`; then as written up to
    /// `end`.
    kept: usize,
    zeros_end: usize,
    end: usize,
}

/// A folder on a disk.
///
/// Only what was synced is certain. A write that was not synced may be absent, partial or zeros, and
/// a name that was not synced may be as before. After a failed sync a later one proves nothing,
/// because the system may have dropped what it could not write.
#[derive(Clone, Default)]
pub struct Disk {
    files: Vec<File>,
    changes: Vec<NameChange>,
}

#[derive(Clone)]
struct File {
    content: Arc<[u8]>,
    certainty: Certainty,
}

#[derive(Clone)]
struct NameChange {
    /// The name that a rename removes.
    from: Option<String>,
    to: String,
    file: usize,
    certainty: Certainty,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Certainty {
    Durable,
    Volatile,
    /// Its sync failed.
    Dropped,
}

impl Certainty {
    /// What a sync makes of it.
    fn after_sync(self, is_successful: bool) -> Certainty {
        match self {
            Certainty::Volatile if is_successful => Certainty::Durable,
            Certainty::Volatile => Certainty::Dropped,
            other => other,
        }
    }
}

impl Disk {
    pub fn create(&mut self, name: String) {
        self.files.push(File { content: Arc::default(), certainty: Certainty::Volatile });
        let file = self.files.len() - 1;
        self.changes.push(NameChange { from: None, to: name, file, certainty: Certainty::Volatile });
    }

    pub fn write(&mut self, name: &str, bytes: &[u8]) {
        let file = self.file(name);
        file.content = [&file.content, bytes].concat().into();
        if file.certainty == Certainty::Durable {
            file.certainty = Certainty::Volatile;
        }
    }

    pub fn sync(&mut self, name: &str, is_successful: bool) {
        let file = self.file(name);
        file.certainty = file.certainty.after_sync(is_successful);
    }

    pub fn rename(&mut self, from: &str, to: String) {
        let file = self.index(from);
        self.changes.push(NameChange { from: Some(from.to_owned()), to, file, certainty: Certainty::Volatile });
    }

    /// Syncs the names.
    pub fn sync_names(&mut self, is_successful: bool) {
        for change in &mut self.changes {
            change.certainty = change.certainty.after_sync(is_successful);
        }
    }

    /// Every image that a power failure may leave.
    pub fn images(&self) -> BTreeSet<Image> {
        let uncertain = self.changes.iter().filter(|change| change.certainty != Certainty::Durable).count();
        assert!(uncertain <= MAX_UNCERTAIN, "too many images");
        (0..1_u32 << uncertain).flat_map(|chosen| self.images_with(self.names(chosen))).collect()
    }

    /// The names after all durable changes and some of the others: each has a bit of `chosen`.
    fn names(&self, chosen: u32) -> BTreeMap<&str, usize> {
        let mut bits = (0..).map(|bit| chosen >> bit & 1 == 1);
        let mut names = BTreeMap::new();
        for change in &self.changes {
            if change.certainty == Certainty::Durable || bits.next() == Some(true) {
                if let Some(from) = &change.from {
                    names.remove(from.as_str());
                }
                names.insert(change.to.as_str(), change.file);
            }
        }
        names
    }

    /// Every image with these names.
    fn images_with(&self, names: BTreeMap<&str, usize>) -> Vec<Image> {
        let mut images = vec![Image::new()];
        for (name, file) in names {
            let remains = self.remains(file);
            let with = |image: &Image, remains: Remains| {
                let mut image = image.clone();
                image.insert(name.to_owned(), remains);
                image
            };
            images = images.iter().flat_map(|image| remains.iter().map(|remains| with(image, *remains))).collect();
        }
        images
    }

    /// All that can be left of a file.
    fn remains(&self, file: usize) -> Vec<Remains> {
        let File { content, certainty } = &self.files[file];
        let end = content.len();
        let whole = Remains { file, kept: end, zeros_end: end, end };
        if *certainty == Certainty::Durable {
            return vec![whole];
        }
        let cuts = (0..end).step_by(BLOCK).chain([1, end.saturating_sub(1)]).filter(|cut| *cut < end);
        let cut = |kept: usize| {
            [
                Remains { file, kept, zeros_end: kept, end: kept },
                Remains { file, kept, zeros_end: end, end },
                Remains { file, kept, zeros_end: end.min(kept + BLOCK), end },
            ]
        };
        cuts.flat_map(cut).chain([whole]).collect()
    }

    /// The content of a file that is left.
    pub fn content(&self, remains: Remains) -> Vec<u8> {
        let Remains { file, kept, zeros_end, end } = remains;
        let mut content = self.files[file].content[..end].to_vec();
        content[kept..zeros_end].fill(0);
        content
    }

    fn file(&mut self, name: &str) -> &mut File {
        let index = self.index(name);
        &mut self.files[index]
    }

    fn index(&self, name: &str) -> usize {
        *self.names(u32::MAX).get(name).expect("a file with this name")
    }
}

/// A file system writes a whole block or none of it.
const BLOCK: usize = 4096;
/// There are two images for each change that is not certain.
const MAX_UNCERTAIN: usize = 12;
