//! `key = value` lines of `train` and `data`: each key known, and once.

use super::sweep::Choices;
use super::term::{Env, Evaluate, Term, TermKind};
use crate::mistakes;
use kiln_diag::{Diagnostics, Span};
use kiln_dsl::ast::{Entry, Name};

/// The lines of a section, evaluated.
pub(crate) struct Lines {
    lines: Vec<(Name, Term)>,
    /// Where the section is: the place of keys that are missing.
    pub(crate) span: Span,
    /// `train`, `data letters`
    pub(crate) what: String,
}

impl Lines {
    /// Evaluates `entries`; a key given twice is a mistake.
    pub(crate) fn new(
        what: &str,
        span: Span,
        entries: &[Entry],
        choices: &Choices,
        diagnostics: &mut Diagnostics,
    ) -> Lines {
        let env = Env::default();
        let mut lines: Vec<(Name, Term)> = Vec::new();
        for entry in entries {
            if let Some((first, _)) = lines.iter().find(|(k, _)| k.node == entry.key.node) {
                diagnostics.push(mistakes::train::duplicate_key(&entry.key, first.span));
                continue;
            }
            let value = Evaluate { env: &env, choices, diagnostics }.term(&entry.value);
            lines.push((entry.key.clone(), value));
        }
        Lines { lines, span, what: what.to_owned() }
    }

    /// Says which keys are none of `known`.
    pub(crate) fn only(&self, known: &[&str], diagnostics: &mut Diagnostics) {
        for (key, _) in &self.lines {
            if !known.contains(&key.node.as_str()) {
                diagnostics.push(mistakes::train::unknown_key(&self.what, key, known));
            }
        }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Term> {
        self.lines.iter().find(|(k, _)| k.node == key).map(|(_, v)| v)
    }

    /// Where a key stands.
    pub(crate) fn key_span(&self, key: &str) -> Option<Span> {
        self.lines.iter().find(|(k, _)| k.node == key).map(|(k, _)| k.span)
    }

    /// A key that is not known is surely meant to be this one, and has been said.
    pub(crate) fn misspells(&self, key: &str) -> bool {
        self.lines.iter().any(|(k, _)| k.node != key && mistakes::is_meant(&k.node, key))
    }

    /// Keys and values that are none of `known`.
    pub(crate) fn others<'a>(&'a self, known: &'a [&str]) -> impl Iterator<Item = &'a (Name, Term)> {
        self.lines.iter().filter(|(k, _)| !known.contains(&k.node.as_str()))
    }

    /// A whole number within bounds, or the default where the key is absent.
    pub(crate) fn whole(
        &self,
        key: &str,
        bounds: (u64, u64),
        default: Option<u64>,
        diagnostics: &mut Diagnostics,
    ) -> Option<u64> {
        let Some(term) = self.get(key) else {
            if default.is_none() && !self.misspells(key) {
                diagnostics.push(mistakes::train::missing_key(&self.what, key, self.span));
            }
            return default;
        };
        whole(key, term, bounds, diagnostics)
    }

    /// `true` or `false`, or the default where the key is absent.
    pub(crate) fn flag(&self, key: &str, default: bool, diagnostics: &mut Diagnostics) -> Option<bool> {
        match self.get(key) {
            None => Some(default),
            Some(Term { kind: TermKind::Bool(b), .. }) => Some(*b),
            Some(Term { kind: TermKind::Poisoned, .. }) => None,
            Some(term) => {
                diagnostics.push(mistakes::train::bad_value(key, term, "`true` or `false`"));
                None
            }
        }
    }
}

/// A whole number within bounds.
pub(crate) fn whole(
    key: &str,
    term: &Term,
    bounds: (u64, u64),
    diagnostics: &mut Diagnostics,
) -> Option<u64> {
    let (least, most) = bounds;
    match term.kind {
        TermKind::Number { value, .. }
            if value.fract() == 0.0 && value >= least as f64 && value <= most as f64 =>
        {
            Some(value as u64)
        }
        TermKind::Poisoned => None,
        _ => {
            let wants = format!("a whole number from {least} to {most}");
            diagnostics.push(mistakes::train::bad_value(key, term, &wants));
            None
        }
    }
}
