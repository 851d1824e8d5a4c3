//! One mistake, said so that it can be mended.

use crate::code::Code;
use crate::source::Span;
use std::collections::BTreeMap;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing runs until it is mended.
    Error,
    /// Legal, but probably not meant.
    Warning,
}

/// A place and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What; may be empty.
    pub text: String,
    /// The place of the mistake itself, not one that it clashes with.
    pub primary: bool,
}

/// A change of the text that does what a hint says, to the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What it does, as an editor lists it: "write `relu`".
    pub title: String,
    /// What is replaced; empty where something is inserted.
    pub span: Span,
    /// What stands there afterwards; empty where something is removed.
    pub replacement: String,
}

/// A mistake: what, where, what it clashes with, what to type instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad.
    pub severity: Severity,
    /// Which rule; `kiln explain CODE` tells all about it.
    pub code: Code,
    /// One short sentence.
    pub message: String,
    /// Places; the first primary one is where the mistake is listed.
    pub labels: Vec<Label>,
    /// What to type instead.
    pub hints: Vec<String>,
    /// Hints that a program can follow; each mends the mistake by itself.
    pub suggestions: Vec<Suggestion>,
}

impl Diagnostic {
    /// A mistake that stops everything.
    pub fn error(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            code,
            message: message.into(),
            labels: Vec::new(),
            hints: Vec::new(),
            suggestions: Vec::new(),
        }
    }

    /// Something legal that is probably not meant.
    pub fn warning(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, message) }
    }

    /// The place of the mistake.
    pub fn primary(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into(), primary: true });
        self
    }

    /// A place that it clashes with.
    pub fn secondary(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into(), primary: false });
        self
    }

    /// What to type instead.
    pub fn hint(mut self, text: impl Into<String>) -> Diagnostic {
        self.hints.push(text.into());
        self
    }

    /// Adds a hint where there is one.
    pub fn hint_opt(self, text: Option<String>) -> Diagnostic {
        match text {
            Some(text) => self.hint(text),
            None => self,
        }
    }

    /// Replaces what stands at `span`, for programs; people read it in a hint.
    pub fn suggest(mut self, span: Span, replacement: impl Into<String>) -> Diagnostic {
        let replacement = replacement.into();
        let title = match replacement.trim() {
            "" => "remove this".to_owned(),
            shown => format!("write `{shown}`"),
        };
        self.suggestions.push(Suggestion { title, span, replacement });
        self
    }

    /// The place by which the mistake is listed.
    pub fn place(&self) -> Option<Span> {
        self.labels.iter().find(|l| l.primary).or(self.labels.first()).map(|l| l.span)
    }
}

/// All mistakes of one compilation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    /// Positions in `list` by rule and place: what may be the same is found without a walk.
    index: BTreeMap<(Code, Option<Span>), Vec<usize>>,
}

impl Diagnostics {
    /// None.
    pub fn new() -> Diagnostics {
        Diagnostics::default()
    }

    /// Adds one; one that is there already is not added again.
    pub fn push(&mut self, d: Diagnostic) {
        let same = self.index.entry((d.code, d.place())).or_default();
        if !same.iter().any(|&i| self.list[i] == d) {
            same.push(self.list.len());
            self.list.push(d);
        }
    }

    /// Adds all of `other`.
    pub fn extend(&mut self, other: Diagnostics) {
        for d in other.list {
            self.push(d);
        }
    }

    /// Drops those for which `keep` is false.
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        let mut list = std::mem::take(&mut self.list);
        list.retain(keep);
        self.index.clear();
        list.into_iter().for_each(|d| self.push(d));
    }

    /// Changes each.
    pub fn change(&mut self, change: impl FnMut(&mut Diagnostic)) {
        let mut list = std::mem::take(&mut self.list);
        list.iter_mut().for_each(change);
        self.index.clear();
        list.into_iter().for_each(|d| self.push(d));
    }

    /// Keeps the first `max` in the order of the places, errors before warnings; the last of them says
    /// that there are more.
    pub fn truncate(&mut self, max: usize) {
        if self.list.len() <= max {
            return;
        }
        let more = self.list.len() - max;
        let mut kept: Vec<Diagnostic> = self.sorted().into_iter().cloned().collect();
        kept.sort_by_key(|d| d.severity);
        kept.truncate(max);
        kept.sort_by_key(Diagnostic::place);
        if let Some(last) = kept.last_mut() {
            last.hints.push(format!("there are {more} more messages; only the first {max} are shown"));
        }
        self.list.clear();
        self.index.clear();
        kept.into_iter().for_each(|d| self.push(d));
    }

    /// True where at least one is an error.
    pub fn has_errors(&self) -> bool {
        self.errors() > 0
    }

    /// How many are errors.
    pub fn errors(&self) -> usize {
        self.list.iter().filter(|d| d.severity == Severity::Error).count()
    }

    /// True where there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// In the order they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// In the order of the places (files in the order they were read).
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut all: Vec<&Diagnostic> = self.list.iter().collect();
        all.sort_by_key(|d| (d.place(), d.severity));
        all
    }
}
