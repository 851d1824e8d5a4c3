//! Completion: what may be written at a place.
//!
//! In: a spec, a file of it, a place. Out: [`Completions`]: the place that is replaced, and items in the
//! order in which they are most likely meant. What begins with other letters is left to the editor to
//! filter.
//!
//! The place is understood by its tokens ([`Context`]), names by the rest of the spec, so a line that is
//! being written needs no grammar. Inside brackets: `arguments`; names and items: `names`.

mod arguments;
mod names;

use crate::calls::{find_form, of_key};
use crate::context::{Body, Context};
use crate::describe;
use crate::index::DefinitionKind;
use crate::project::Project;
use kiln_diag::{FileId, Span};
use kiln_dsl::token::Kind as Sign;
use kiln_library::Kind;
use kiln_model::load::used_path;
use kiln_model::vocabulary::{self as words, Form, Key, Keyword};

/// What an item is, for the picture beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    /// A keyword.
    Keyword,
    /// A key or the name of an argument.
    Key,
    /// A layer, an activation, a loss …
    Item,
    /// A name of the spec.
    Value,
    /// A block or a model of the spec.
    Own,
    /// A word that an argument allows.
    Word,
    /// A file.
    File,
}

/// Something that may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What is listed.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// A few words beside it.
    pub detail: String,
    /// More of it, as Markdown.
    pub doc: String,
    /// What is written; `$0` is where the cursor then stands, where it is not at the end.
    pub insert: String,
}

/// All that may be written at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completions {
    /// What is replaced.
    pub span: Span,
    /// The likeliest first.
    pub items: Vec<Completion>,
}

/// A place in a spec.
struct Here<'a> {
    project: &'a Project,
    file: FileId,
    at: u32,
    context: Context<'a>,
}

/// What may be written at the byte `at` of a file; `files` are those that the file could use.
pub fn complete(project: &Project, file: FileId, at: u32, files: &[String]) -> Completions {
    let context = Context::at(project.text(file), at);
    let word = context.quoted.clone().unwrap_or(context.word.clone());
    let here = Here { project, file, at: word.start, context };
    let mut items = here.items(files);
    let mut seen = std::collections::BTreeSet::new();
    items.retain(|item| seen.insert((item.label.clone(), item.kind as u8)));
    Completions { span: Span { file, start: word.start, end: word.end }, items }
}

impl Here<'_> {
    fn items(&self, files: &[String]) -> Vec<Completion> {
        let context = &self.context;
        if context.in_comment {
            return Vec::new();
        }
        if context.quoted.is_some() {
            return if context.first_word() == "use" { self.files(files) } else { Vec::new() };
        }
        if context.last() == Some(Sign::Dot) {
            return self.parts();
        }
        if !context.calls.is_empty() {
            return self.arguments();
        }
        match context.body {
            Body::File => self.at_top(),
            Body::Data => self.in_data(),
            Body::Train => self.in_train(),
            Body::Report => forms(words::SECTIONS),
            Body::Model => self.in_model(),
            Body::Stack => self.in_stack(),
        }
    }

    fn at_top(&self) -> Vec<Completion> {
        match (self.context.first_word(), self.context.last()) {
            (_, None) => words::ITEMS.iter().map(top).collect(),
            ("block", Some(Sign::Assign | Sign::Arrow | Sign::Colon)) => self.stages(),
            _ => Vec::new(),
        }
    }

    fn in_data(&self) -> Vec<Completion> {
        match (self.context.first_word(), self.context.last()) {
            ("source", Some(Sign::Assign)) => forms(words::SOURCES),
            ("split", Some(Sign::Assign)) => forms(words::SPLITS),
            (_, Some(Sign::Assign)) => words::PARTS.iter().map(|part| keyword(part, part.form)).collect(),
            (_, last) if is_done(last) => {
                let mut items = self.keys(words::DATA);
                items.extend(self.wanted_fields());
                items
            }
            _ => Vec::new(),
        }
    }

    /// Fields that the models read and this data set lacks.
    fn wanted_fields(&self) -> Vec<Completion> {
        let definitions = &self.project.index.definitions;
        let has = |name: &str| {
            definitions
                .iter()
                .any(|d| d.kind == DefinitionKind::Field && d.within == self.context.item && d.name == name)
        };
        let read = definitions
            .iter()
            .filter(|d| matches!(d.kind, DefinitionKind::Input | DefinitionKind::Target) && !has(&d.name));
        let field = |d: &crate::index::Definition| Completion {
            label: d.name.clone(),
            kind: CompletionKind::Key,
            detail: format!("{} of `{}`", d.kind.noun(), d.within),
            doc: String::new(),
            insert: format!("{} = ", d.name),
        };
        read.map(field).collect()
    }

    fn in_train(&self) -> Vec<Completion> {
        if is_done(self.context.last()) {
            return self.keys(words::TRAIN);
        }
        if self.context.last() != Some(Sign::Assign) && !self.context.in_list {
            return Vec::new();
        }
        let key = self.context.first_word();
        let mut items = match key {
            "model" => self.own(&[DefinitionKind::Model]),
            "data" => self.own(&[DefinitionKind::Data]),
            "optimizer" => items(Kind::Optimizer),
            "schedule" | "rate" => items(Kind::Schedule),
            "shuffle" => literal(&["true", "false"]),
            "validation" => literal(&["test", "none"]),
            "early_stopping" => vec![form(&words::EARLY_STOPPING, true)],
            _ => Vec::new(),
        };
        if !self.context.in_list {
            items.push(sweep());
        }
        items
    }

    fn in_model(&self) -> Vec<Completion> {
        let context = &self.context;
        let said = context.said().len();
        match (context.first_word(), context.last()) {
            (_, None) => {
                let mut items: Vec<Completion> = words::STATEMENTS.iter().map(top).collect();
                items.extend(self.values());
                items
            }
            ("loss" | "metric", _) if said == 1 => self.values(),
            ("loss", Some(Sign::Colon)) => items(Kind::Loss),
            ("loss", Some(Sign::Star)) => {
                let mut items = forms(words::WEIGHTS);
                items.extend(self.parameters());
                items
            }
            ("metric", Some(Sign::Colon | Sign::Comma)) => items(Kind::Metric),
            ("input" | "target", _) if said == 1 => self.fields(),
            ("target", Some(Sign::Colon)) => {
                vec![Completion { insert: "class($0)".to_owned(), ..keyword(&words::CLASS, "class") }]
            }
            ("stack" | "input" | "target" | "loss" | "metric", _) => Vec::new(),
            (_, Some(Sign::Arrow | Sign::Colon)) => self.stages(),
            (_, Some(Sign::Assign)) => {
                let mut items = self.values();
                items.extend(self.joins());
                items
            }
            _ => Vec::new(),
        }
    }

    fn in_stack(&self) -> Vec<Completion> {
        let stack = words::STATEMENTS.iter().filter(|word| word.name == "stack").map(top);
        match self.context.last() {
            None => self.stages().into_iter().chain(stack).collect(),
            Some(Sign::Arrow | Sign::Colon) => self.stages(),
            _ => Vec::new(),
        }
    }

    /// Keys that the body has not yet.
    fn keys(&self, all: &[Key]) -> Vec<Completion> {
        let given: Vec<&str> = self.entries();
        let left = all.iter().filter(|key| !given.contains(&key.name) && key.name != "rate");
        let item = |key: &Key| Completion {
            label: key.name.to_owned(),
            kind: CompletionKind::Key,
            detail: if key.default.is_empty() {
                "required".to_owned()
            } else {
                format!("default: {}", key.default)
            },
            doc: describe::argument(&of_key(key)),
            insert: if self.is_assigned() { key.name.to_owned() } else { format!("{} = ", key.name) },
        };
        left.map(item).collect()
    }

    /// An `=` stands after the word already.
    fn is_assigned(&self) -> bool {
        let next = self.context.tokens.iter().find(|t| t.start >= self.context.word.end);
        next.is_some_and(|t| t.kind == Sign::Assign)
    }

    /// Keys of the section around the place.
    fn entries(&self) -> Vec<&str> {
        use kiln_dsl::ast::Item;
        let around = |span: Span| span.start <= self.at && self.at <= span.end;
        let entries = self.project.spec(self.file).items.iter().find_map(|item| match item {
            Item::Data(data) if around(data.span) => Some(&data.entries),
            Item::Train(train) if around(train.span) => Some(&train.entries),
            _ => None,
        });
        // A key under the cursor is being written.
        let is_here = |e: &&kiln_dsl::ast::Entry| e.key.span.start <= self.at && self.at <= e.key.span.end;
        entries.into_iter().flatten().filter(|e| !is_here(e)).map(|e| e.key.node.as_str()).collect()
    }

    /// Files that a text could use, as they would be written.
    fn files(&self, files: &[String]) -> Vec<Completion> {
        let own = self.project.path(self.file);
        let folder = own.rfind('/').map_or("", |i| &own[..=i]);
        let below = files.iter().filter(|path| *path != own).filter_map(|path| {
            let written = relative(folder, path)?;
            (used_path(own, &written) == *path).then_some(written)
        });
        let item = |written: String| Completion {
            insert: written.clone(),
            label: written,
            kind: CompletionKind::File,
            detail: String::new(),
            doc: String::new(),
        };
        below.map(item).collect()
    }
}

/// A path as it is written in a file of a folder.
fn relative(folder: &str, path: &str) -> Option<String> {
    if let Some(below) = path.strip_prefix(folder) {
        return Some(below.to_owned());
    }
    let outer = folder.trim_end_matches('/');
    let outer = &outer[..=outer.rfind('/')?];
    path.strip_prefix(outer).map(|rest| format!("../{rest}"))
}

/// Nothing is begun, or a value is whole: a key may follow.
fn is_done(last: Option<Sign>) -> bool {
    matches!(
        last,
        None | Some(Sign::Word | Sign::Number | Sign::Text | Sign::CloseParen | Sign::CloseBracket)
    )
}

fn keyword(word: &Keyword, insert: &str) -> Completion {
    Completion {
        label: word.name.to_owned(),
        kind: CompletionKind::Keyword,
        detail: word.form.to_owned(),
        doc: word.doc.to_owned(),
        insert: insert.to_owned(),
    }
}

/// A keyword at the beginning of a line, with what must follow it.
fn top(word: &Keyword) -> Completion {
    let insert = match word.name {
        "kiln" => "kiln 1",
        "title" => "title \"$0\"",
        "use" => "use \"$0\"",
        "data" => "data $0 {\n}",
        "block" => "block $0() = ",
        "model" => "model $0 {\n}",
        "train" => "train {\n    $0\n}",
        "report" => "report {\n    $0\n}",
        "input" => "input $0: [784]",
        "target" => "target $0: class(10)",
        "stack" => "stack $0() {\n}",
        "loss" => "loss $0: ",
        "metric" => "metric $0: ",
        other => other,
    };
    keyword(word, insert)
}

fn sweep() -> Completion {
    keyword(&words::SWEEP, "sweep [$0]")
}

fn literal(all: &[&str]) -> Vec<Completion> {
    let item = |word: &&str| Completion {
        label: (*word).to_owned(),
        kind: CompletionKind::Word,
        detail: String::new(),
        doc: String::new(),
        insert: (*word).to_owned(),
    };
    all.iter().map(item).collect()
}

fn forms(all: &'static [Form]) -> Vec<Completion> {
    all.iter().map(|f| form(f, !f.args.is_empty() && find_form(words::SECTIONS, f.name).is_none())).collect()
}

fn form(form: &Form, with_arguments: bool) -> Completion {
    let arguments: Vec<_> = form.args.iter().map(of_key).collect();
    Completion {
        label: form.name.to_owned(),
        kind: CompletionKind::Item,
        detail: form.doc.to_owned(),
        doc: describe::arguments(&arguments),
        insert: if with_arguments { format!("{}($0)", form.name) } else { form.name.to_owned() },
    }
}

/// Items of the library of a kind.
fn items(kind: Kind) -> Vec<Completion> {
    kiln_library::registry::items(kind).into_iter().map(|item| names::item(kind, item)).collect()
}
