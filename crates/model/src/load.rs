//! Reading: a spec and everything that it uses, as one set of named items.
//!
//! In: a path, or a text and a reader for the files that it uses (tests, the language server).
//! Out: [`Loaded`]: the source texts, the items by kind, and what was wrong on the way.
//!
//! One rule: every file is read once, and the main file's `train`, `report` and `title` win over
//! those of the files that it uses. The depth of `use`, the number of files and their size are
//! bounded.
//!
//! Not here: what the items mean ([`crate::check()`]); `--set` ([`crate::overrides`]).

use crate::mistakes;
use kiln_diag::{Diagnostics, FileId, Sources, Span, Spanned};
use kiln_dsl::ast::{self, Item, Name};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The longest chain of `use`.
pub const DEPTH_MAX: usize = 16;
/// The most files of one spec.
pub const FILES_MAX: usize = 256;
/// The largest spec file, in bytes; far above any that a person writes.
pub const FILE_BYTES_MAX: u64 = 1 << 20;

/// A spec as read, with everything that it uses.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// Source texts, the main file first.
    pub sources: Sources,
    /// What the texts define.
    pub items: Items,
    /// What was wrong with the texts.
    pub diagnostics: Diagnostics,
}

/// Named items of all files.
#[derive(Clone, Debug, Default)]
pub struct Items {
    /// The main file.
    pub main: FileId,
    /// `title`
    pub title: Option<Spanned<String>>,
    /// `data` items.
    pub data: Vec<ast::Data>,
    /// `block` items.
    pub blocks: Vec<ast::Block>,
    /// `model` items.
    pub models: Vec<ast::Model>,
    /// `train`
    pub train: Option<ast::Section>,
    /// `report`
    pub report: Option<ast::Report>,
    /// Places of what could not be read.
    pub(crate) broken: Vec<Span>,
    /// A file that is used could not be read: it may have defined anything.
    pub(crate) incomplete: bool,
}

impl Items {
    /// Where the main file begins: the place of mistakes about something that is not there.
    pub(crate) fn main_start(&self) -> Span {
        Span { file: self.main, start: 0, end: 0 }
    }
}

/// Reads the spec at `path` and what it uses.
///
/// # Errors
/// Where the spec itself cannot be read. Files that it uses are diagnostics.
pub fn load(path: &Path) -> io::Result<Loaded> {
    let text = read_file(path)?;
    let name = path.to_string_lossy().replace('\\', "/");
    Ok(load_text(&name, &text, &mut |used| read_file(Path::new(used)).map_err(|e| e.to_string())))
}

/// Reads a spec from its text; `read` gives the texts of the files that it uses, by the path
/// relative to the same folder as `name`, or says why not.
pub fn load_text(name: &str, text: &str, read: &mut dyn FnMut(&str) -> Result<String, String>) -> Loaded {
    let mut loader = Loader { loaded: Loaded::default(), files: Vec::new(), open: vec![FileId(0)], read };
    let file = loader.loaded.sources.add(name, text);
    loader.files.push((normal(name), file));
    loader.file(file, &normal(name), 0);
    let mut loaded = loader.loaded;
    duplicates(&mut loaded);
    loaded
}

/// A text file, refused where it is larger than a spec can be.
pub fn read_file(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(io::Error::other(format!("larger than {FILE_BYTES_MAX} bytes")));
    }
    Ok(text)
}

struct Loader<'a> {
    loaded: Loaded,
    /// Normal names of the files read, and their ids.
    files: Vec<(String, FileId)>,
    /// Files being read: one that uses another of these makes a circle.
    open: Vec<FileId>,
    read: &'a mut dyn FnMut(&str) -> Result<String, String>,
}

impl Loader<'_> {
    /// Takes the items of a file, those of the files that it uses first.
    fn file(&mut self, file: FileId, name: &str, depth: usize) {
        let text = self.loaded.sources.text(file).to_owned();
        let spec = kiln_dsl::parse(&text, file, &mut self.loaded.diagnostics);
        self.loaded.items.broken.extend(spec.broken);
        let mut seen = Seen::default();
        for item in spec.items {
            self.item(item, file, name, depth, &mut seen);
        }
    }

    fn item(&mut self, item: Item, file: FileId, name: &str, depth: usize, seen: &mut Seen) {
        let main = file == self.loaded.items.main;
        let items = &mut self.loaded.items;
        let (what, span, first) = match &item {
            Item::Title(t) => ("title", t.span, &mut seen.title),
            Item::Train(t) => ("train", t.span, &mut seen.train),
            Item::Report(r) => ("report", r.span, &mut seen.report),
            Item::Use(_) | Item::Data(_) | Item::Block(_) | Item::Model(_) => {
                ("", Span::default(), &mut seen.other)
            }
        };
        if let (false, Some(first)) = (what.is_empty(), *first) {
            self.loaded.diagnostics.push(mistakes::train::duplicate_section(what, span, first));
            return;
        }
        *first = Some(span);
        match item {
            Item::Use(path) => self.used(&path, name, depth),
            Item::Data(data) => items.data.push(data),
            Item::Block(block) => items.blocks.push(block),
            Item::Model(model) => items.models.push(model),
            Item::Title(title) if main || items.title.is_none() => items.title = Some(title),
            Item::Train(train) if main || items.train.is_none() => items.train = Some(train),
            Item::Report(report) if main || items.report.is_none() => items.report = Some(report),
            Item::Title(_) | Item::Train(_) | Item::Report(_) => {}
        }
    }

    fn used(&mut self, path: &Spanned<String>, by: &str, depth: usize) {
        let full = used_path(by, &path.node);
        if let Some((_, file)) = self.files.iter().find(|(n, _)| *n == full) {
            if self.open.contains(file) {
                self.loaded.diagnostics.push(mistakes::files::cycle(path));
            }
            return;
        }
        if depth + 1 > DEPTH_MAX || self.files.len() >= FILES_MAX {
            self.loaded.diagnostics.push(mistakes::files::too_deep(path, DEPTH_MAX, FILES_MAX));
            self.unread(path);
            return;
        }
        match (self.read)(&full) {
            Ok(text) => {
                let file = self.loaded.sources.add(&full, &text);
                self.files.push((full.clone(), file));
                self.open.push(file);
                self.file(file, &full, depth + 1);
                self.open.pop();
            }
            Err(why) => {
                self.loaded.diagnostics.push(mistakes::files::missing(path, &full, &why));
                self.unread(path);
            }
        }
    }

    fn unread(&mut self, path: &Spanned<String>) {
        self.loaded.items.broken.push(path.span);
        self.loaded.items.incomplete = true;
    }
}

/// Where sections of one file were seen first.
#[derive(Default)]
struct Seen {
    title: Option<Span>,
    train: Option<Span>,
    report: Option<Span>,
    other: Option<Span>,
}

/// The name of a file that the file `by` uses: its path is relative to the same folder.
pub fn used_path(by: &str, path: &str) -> String {
    let folder = by.rfind('/').map_or("", |i| &by[..=i]);
    normal(&format!("{folder}{path}"))
}

/// `lib/../a.model` is `a.model`: files are known by their names, without asking the disk.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            "" if !parts.is_empty() => {}
            ".." if parts.last().is_some_and(|p| *p != ".." && !p.is_empty()) => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Items of one kind are known by their names, over all files.
fn duplicates(loaded: &mut Loaded) {
    let Loaded { items, diagnostics, .. } = loaded;
    let mut check = |what: &str, names: Vec<&Name>| {
        let mut first: BTreeMap<&str, &Name> = BTreeMap::new();
        for name in names {
            match first.entry(&name.node) {
                Entry::Occupied(first) => {
                    diagnostics.push(mistakes::names::duplicate(what, name, first.get().span));
                }
                Entry::Vacant(place) => {
                    place.insert(name);
                }
            }
        }
    };
    check("data set", items.data.iter().map(|d| &d.name).collect());
    check("block", items.blocks.iter().map(|b| &b.name).collect());
    check("model", items.models.iter().map(|m| &m.name).collect());
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn names_of_files_are_normal() {
        assert_eq!(normal("specs/lib/../exp01.model"), "specs/exp01.model");
        assert_eq!(normal("./a/./b.model"), "a/b.model");
        assert_eq!(normal("../a.model"), "../a.model");
        assert_eq!(normal("/x//y.model"), "/x/y.model");
    }
}
