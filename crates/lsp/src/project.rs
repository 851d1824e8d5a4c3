//! A spec with everything that it uses, read, checked and looked into.
//!
//! In: the path and text of a main file, and a reader for the files that it uses (unsaved texts
//! included). Out: [`Project`]: what every query about one of its files is answered from.
//!
//! Invariant: `specs` has one syntax tree for each file of `loaded.sources`, in their order.

use crate::index::Index;
use kiln_diag::{Diagnostics, FileId, Span};
use kiln_dsl::ast;
use kiln_model::check::Inspected;
use kiln_model::{Loaded, check, inspect, load_text};

/// A spec and what is known of it.
#[derive(Clone, Debug)]
pub struct Project {
    /// Source texts and items; the main file first.
    pub loaded: Loaded,
    /// The syntax tree of each file, as far as it could be read.
    pub specs: Vec<ast::Spec>,
    /// Every mistake and warning.
    pub diagnostics: Diagnostics,
    /// Shapes and cost of every model.
    pub inspected: Vec<Inspected>,
    /// Every name and what it refers to.
    pub index: Index,
}

impl Project {
    /// Reads and checks a spec; `read` gives the texts of the files that it uses.
    pub fn read(path: &str, text: &str, read: &mut dyn FnMut(&str) -> Result<String, String>) -> Project {
        let loaded = load_text(path, text, read);
        let mut again = Diagnostics::new();
        let sources = &loaded.sources;
        let specs: Vec<ast::Spec> =
            sources.files().map(|file| kiln_dsl::parse(sources.text(file), file, &mut again)).collect();
        let diagnostics = check(&loaded).diagnostics;
        let inspected = inspect(&loaded);
        let index = Index::of(&loaded, &specs);
        Project { loaded, specs, diagnostics, inspected, index }
    }

    /// The file of this path, if it belongs to the spec.
    pub fn file(&self, path: &str) -> Option<FileId> {
        self.loaded.sources.files().find(|file| self.path(*file) == path)
    }

    /// The path of a file.
    pub fn path(&self, file: FileId) -> &str {
        self.loaded.sources.name(file)
    }

    /// The text of a file.
    pub fn text(&self, file: FileId) -> &str {
        self.loaded.sources.text(file)
    }

    /// The text at a place.
    pub fn snippet(&self, span: Span) -> &str {
        self.loaded.sources.snippet(span)
    }

    /// The syntax tree of a file.
    pub fn spec(&self, file: FileId) -> &ast::Spec {
        &self.specs[file.0 as usize]
    }

    /// The model around a place, as far as it can be understood.
    pub fn model_at(&self, file: FileId, at: u32) -> Option<&Inspected> {
        let items = self.loaded.items.models.iter();
        let mut around = items.filter(|m| m.span.file == file && m.span.start <= at && at <= m.span.end);
        let name = &around.next()?.name;
        self.inspected.iter().find(|m| m.name.span == name.span)
    }

    /// The model that `train` trains, or the only one that there is.
    pub fn trained(&self) -> Option<&Inspected> {
        let only = self.inspected.first().filter(|_| self.inspected.len() == 1);
        self.inspected.iter().find(|m| m.is_trained).or(only)
    }
}
