//! Hover: what the word at a place is.
//!
//! In: a spec, a file of it, a place. Out: Markdown about the word there, and the word's place.
//!
//! A layer shows shape, parameters and cost; a key or argument its meaning, range and default; a name
//! what it refers to. A layer in a block shows each use of the block.

use crate::calls::{Argument, Called, arguments, called, candidates, find_form, of_key};
use crate::context::{Body, Context};
use crate::describe;
use crate::index::{Definition, DefinitionKind};
use crate::project::Project;
use kiln_diag::{FileId, Span};
use kiln_dsl::token::Kind as Sign;
use kiln_library::{ArgKind, Kind, registry as library};
use kiln_model::check::{Applied, Inspected};
use kiln_model::load::used_path;
use kiln_model::vocabulary::{self as words, Key, Keyword};

/// So many uses of a block are shown.
const USES_SHOWN: usize = 4;

/// What is shown of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The word.
    pub span: Span,
    /// Markdown.
    pub text: String,
}

/// A word in a spec.
struct Word<'a> {
    project: &'a Project,
    context: Context<'a>,
    span: Span,
    text: &'a str,
}

/// What the word at the byte `at` of a file is; `None` where nothing is known of it.
pub fn hover(project: &Project, file: FileId, at: u32) -> Option<Hover> {
    let context = Context::at(project.text(file), at);
    if context.in_comment {
        return None;
    }
    let place = context.quoted.clone().unwrap_or(context.word.clone());
    let span = Span { file, start: place.start, end: place.end };
    let word = Word { project, span, text: project.snippet(span), context };
    if word.text.is_empty() {
        return None;
    }
    let text = if word.context.quoted.is_some() { word.used_file()? } else { word.meaning()? };
    Some(Hover { span, text })
}

impl Word<'_> {
    fn meaning(&self) -> Option<String> {
        let known = self.key().or_else(|| self.stage()).or_else(|| self.name());
        known.or_else(|| self.item()).or_else(|| self.word())
    }

    /// The file that `use` takes in, and what it defines.
    fn used_file(&self) -> Option<String> {
        if self.context.first_word() != "use" {
            return None;
        }
        let path = used_path(self.project.path(self.span.file), self.text);
        let file = self.project.file(&path)?;
        let defined = self.project.index.definitions.iter().filter(|d| d.span.file == file);
        let named = defined.filter(|d| d.within.is_empty());
        let lines: Vec<String> = named.map(|d| format!("- {} `{}`", d.kind.noun(), d.name)).collect();
        Some(format!("**{}**\n\n{}", self.text, lines.join("\n")))
    }

    fn next(&self) -> Option<Sign> {
        self.context.tokens.iter().find(|t| t.start >= self.span.end).map(|t| t.kind)
    }

    /// `name =`: a key of a section, or an argument of a call.
    fn key(&self) -> Option<String> {
        if self.next() != Some(Sign::Assign) {
            return None;
        }
        if let Some(innermost) = self.context.calls.len().checked_sub(1) {
            let called = called(self.project, &self.context, innermost);
            let all = arguments(self.project, called);
            return all.iter().find(|a| a.name == self.text).map(describe::argument);
        }
        let key =
            |all: &[Key]| all.iter().find(|k| k.name == self.text).map(|k| describe::argument(&of_key(k)));
        match self.context.body {
            Body::Train => key(words::TRAIN),
            Body::Data => key(words::DATA),
            Body::File | Body::Report | Body::Model | Body::Stack => None,
        }
    }

    /// A layer or block where it is used, by its own name or its label.
    fn stage(&self) -> Option<String> {
        let mut text = self.what_is_called();
        let mut uses = self.uses();
        // Of a layer that nobody knows there is nothing to tell.
        uses.retain(|(applied, _)| applied.is_block || applied.dims.is_some() || text.is_some());
        if uses.is_empty() && text.is_none() {
            return None;
        }
        if text.is_none() {
            let definition = self.project.index.at(self.span.file, self.span.start);
            text = definition.map(|o| describe::definition(self.project, self.project.index.definition(o)));
        }
        let shown = uses.iter().take(USES_SHOWN).map(|(applied, model)| describe::applied(applied, model));
        let mut parts: Vec<String> = text.into_iter().chain(shown).collect();
        if uses.len() > USES_SHOWN {
            parts.push(format!("… and {} uses more", uses.len() - USES_SHOWN));
        }
        if let Some(list) = self.block_arguments() {
            parts.push(list);
        }
        if let Some(Called::Item(_, item)) = self.layer_called() {
            let list = item.args().iter().map(crate::calls::of_spec).collect::<Vec<Argument>>();
            parts.push(describe::arguments(&list));
        }
        Some(parts.join("\n\n"))
    }

    /// The parameters of the block that is used here.
    fn block_arguments(&self) -> Option<String> {
        let occurrence = self.project.index.at(self.span.file, self.span.start)?;
        let definition = self.project.index.definition(occurrence);
        let is_block = definition.kind == DefinitionKind::Block;
        is_block.then(|| describe::arguments(&arguments(self.project, Called::Own(definition))))
    }

    /// The uses of the layer or block whose name or label this is.
    fn uses(&self) -> Vec<(&Applied, &Inspected)> {
        let is_here = |a: &&Applied| {
            a.callee == self.span
                || (a.stage.file == self.span.file && a.stage.start == self.span.start && self.is_label())
        };
        let models = self.project.inspected.iter();
        models.flat_map(|m| m.applied.iter().filter(is_here).map(move |a| (a, m))).collect()
    }

    fn is_label(&self) -> bool {
        self.next() == Some(Sign::Colon)
    }

    /// The word is the name of a layer in a pipeline, by its place.
    fn layer_called(&self) -> Option<Called<'_>> {
        let is_stage = self.project.inspected.iter().flat_map(|m| &m.applied).any(|a| a.callee == self.span);
        let in_flow = self.context.calls.is_empty()
            && matches!(self.context.last(), Some(Sign::Arrow | Sign::Colon | Sign::Assign) | None)
            && matches!(self.context.body, Body::Model | Body::Stack | Body::File)
            && !matches!(self.context.first_word(), "loss" | "metric" | "target" | "input")
            && self.next() == Some(Sign::OpenParen);
        if !is_stage && !in_flow {
            return None;
        }
        if self.project.index.at(self.span.file, self.span.start).is_some() {
            return None;
        }
        library::find(Kind::Layer, self.text).map(|item| Called::Item(Kind::Layer, item))
    }

    fn what_is_called(&self) -> Option<String> {
        match self.layer_called()? {
            Called::Item(kind, item) => Some(item_line(kind, item.name(), item.summary())),
            _ => None,
        }
    }

    /// A name of the spec.
    fn name(&self) -> Option<String> {
        let occurrence = self.project.index.at(self.span.file, self.span.start)?;
        let mut texts: Vec<String> = Vec::new();
        for &position in &occurrence.definitions {
            let definition = &self.project.index.definitions[position];
            texts.push(describe::definition(self.project, definition));
            texts.extend(self.made(definition));
        }
        Some(texts.join("\n\n"))
    }

    /// Shape and cost of the layer that a name stands for; the parameters of a block or model.
    fn made(&self, definition: &Definition) -> Option<String> {
        match definition.kind {
            DefinitionKind::Layer => {
                let models = self.project.inspected.iter();
                let mut made = models.flat_map(|m| m.applied.iter().map(move |a| (a, m)));
                let at = |a: &Applied| {
                    a.stage.file == definition.span.file && a.stage.start == definition.span.start
                };
                made.find(|(a, _)| at(a)).map(|(a, m)| describe::applied(a, m))
            }
            DefinitionKind::Block | DefinitionKind::Model => {
                let all = arguments(self.project, Called::Own(definition));
                let model = self.project.inspected.iter().find(|m| m.name.span == definition.span);
                let total = model.map(|m| format!("{} parameters\n\n", describe::thousands(m.parameters)));
                Some(format!("{}{}", total.unwrap_or_default(), describe::arguments(&all)))
            }
            DefinitionKind::Data
            | DefinitionKind::Field
            | DefinitionKind::Parameter
            | DefinitionKind::Input
            | DefinitionKind::Target
            | DefinitionKind::Stack
            | DefinitionKind::Binding => None,
        }
    }

    /// An item of the library, or a form of the language, where its kind may stand.
    fn item(&self) -> Option<String> {
        let context = &self.context;
        if let Some(innermost) = context.calls.len().checked_sub(1) {
            let call = &context.calls[innermost];
            let all = arguments(self.project, called(self.project, context, innermost));
            for argument in candidates(&all, call.argument, &call.given, call.unnamed) {
                if let Some(text) = self.value_of(argument) {
                    return Some(text);
                }
            }
            return None;
        }
        let form = |list| {
            find_form(list, self.text).map(|form| {
                let all: Vec<Argument> = form.args.iter().map(of_key).collect();
                format!("**{}** — {}\n\n{}", form.name, form.doc, describe::arguments(&all))
            })
        };
        match (context.body, context.first_word()) {
            (Body::Train, "optimizer") => self.library_item(Kind::Optimizer),
            (Body::Train, "schedule" | "rate") => self.library_item(Kind::Schedule),
            (Body::Train, "early_stopping") => {
                let all: Vec<Argument> =
                    kiln_library::early_stopping::ARGS.iter().map(crate::calls::of_spec).collect();
                Some(format!(
                    "**{}** — {}\n\n{}",
                    self.text,
                    words::EARLY_STOPPING.doc,
                    describe::arguments(&all)
                ))
            }
            (Body::Data, "source") => form(words::SOURCES),
            (Body::Data, "split") => form(words::SPLITS),
            (Body::Report, _) => form(words::SECTIONS),
            (Body::Model, "loss") => self.library_item(Kind::Loss).or_else(|| form(words::WEIGHTS)),
            (Body::Model, "metric") => self.library_item(Kind::Metric),
            (Body::Model | Body::Stack | Body::File, _) => self.library_item(Kind::Layer),
            (Body::Train | Body::Data, _) => None,
        }
    }

    fn value_of(&self, argument: &Argument) -> Option<String> {
        match argument.kind {
            Some(ArgKind::Item(kind)) => self.library_item(kind),
            Some(ArgKind::Word(words)) if words.contains(&self.text) => Some(describe::argument(argument)),
            Some(ArgKind::Bool) if matches!(self.text, "true" | "false") => {
                Some(describe::argument(argument))
            }
            Some(ArgKind::Tie) if self.text == "T" => Some("The transpose of the kernel.".to_owned()),
            Some(_) => None,
            None => {
                argument.takes.contains(&format!("`{}`", self.text)).then(|| describe::argument(argument))
            }
        }
    }

    fn library_item(&self, kind: Kind) -> Option<String> {
        let item = library::find(kind, self.text)?;
        let all: Vec<Argument> = item.args().iter().map(crate::calls::of_spec).collect();
        Some(format!("{}\n\n{}", item_line(kind, item.name(), item.summary()), describe::arguments(&all)))
    }

    /// A keyword of the language.
    fn word(&self) -> Option<String> {
        let find = |all: &[Keyword]| all.iter().find(|w| w.name == self.text).map(keyword);
        let is_first = self.context.said().is_empty();
        match self.context.body {
            Body::File if is_first => find(words::ITEMS),
            Body::Model | Body::Stack if is_first => find(words::STATEMENTS),
            Body::Model if self.text == "class" => Some(keyword(&words::CLASS)),
            Body::Data if !is_first => find(words::PARTS),
            _ => (self.text == "sweep").then(|| keyword(&words::SWEEP)),
        }
    }
}

fn item_line(kind: Kind, name: &str, summary: &str) -> String {
    format!("**{name}** — {}: {summary}", kiln_model::registry::noun(kind))
}

fn keyword(word: &Keyword) -> String {
    format!("`{}`\n\n{}", word.form, word.doc)
}
