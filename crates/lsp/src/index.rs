//! Every name of a spec: where it is given, and where it is used.
//!
//! In: the items and syntax trees of all files of a spec. Out: [`Index`]: definitions, and occurrences
//! that lead to them. It needs no types, so it holds in specs with mistakes too.
//!
//! One occurrence may stand for several definitions that must keep one name: an `input` and the field
//! of the data set that it reads; a head of a report that shows several models. Renaming follows these.
//!
//! Not here: items of the library, which nobody can rename; walking statements (`walk`).

mod walk;

use kiln_diag::{FileId, Span};
use kiln_dsl::ast;
use kiln_model::Loaded;

/// What is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefinitionKind {
    /// A data set.
    Data,
    /// A field of a data set.
    Field,
    /// A block.
    Block,
    /// A model.
    Model,
    /// A parameter of a block or a model.
    Parameter,
    /// An input of a model.
    Input,
    /// A target of a model.
    Target,
    /// A layer with a label.
    Layer,
    /// A stack.
    Stack,
    /// The end of a pipeline, or a second name.
    Binding,
}

impl DefinitionKind {
    /// What people call it.
    pub fn noun(self) -> &'static str {
        match self {
            DefinitionKind::Data => "data set",
            DefinitionKind::Field => "field",
            DefinitionKind::Block => "block",
            DefinitionKind::Model => "model",
            DefinitionKind::Parameter => "parameter",
            DefinitionKind::Input => "input",
            DefinitionKind::Target => "target",
            DefinitionKind::Layer => "layer",
            DefinitionKind::Stack => "stack",
            DefinitionKind::Binding => "binding",
        }
    }
}

/// A name where it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The name.
    pub name: String,
    /// Where it is given.
    pub span: Span,
    /// What it is.
    pub kind: DefinitionKind,
    /// The data set, block or model that it stands in; empty at the top.
    pub within: String,
}

/// A name where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The name's place.
    pub span: Span,
    /// What it leads to: positions among the definitions, the nearest first; at least one.
    pub definitions: Vec<usize>,
}

/// All names of a spec.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Definitions of all files.
    pub definitions: Vec<Definition>,
    /// Names in all files, definitions included.
    pub occurrences: Vec<Occurrence>,
}

impl Index {
    /// The names of a spec as read.
    pub fn of(loaded: &Loaded, specs: &[ast::Spec]) -> Index {
        let mut index = walk::index(loaded, specs);
        index.occurrences.sort_by_key(|o| o.span);
        index.occurrences.dedup();
        index
    }

    /// The name at a place of a file; at its end, too.
    pub fn at(&self, file: FileId, at: u32) -> Option<&Occurrence> {
        self.occurrences.iter().find(|o| o.span.file == file && o.span.start <= at && at <= o.span.end)
    }

    /// The nearest definition of a name.
    pub fn definition(&self, occurrence: &Occurrence) -> &Definition {
        &self.definitions[occurrence.definitions[0]]
    }
}
