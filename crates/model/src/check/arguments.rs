//! Arguments: from the terms of a call to an item's checked [`Args`].
//!
//! One rule for positions: an argument without a name goes to the first positional argument
//! that is still free and takes its kind of value, so that `dense(tie = code.T, relu)` gives
//! relu to the activation. Defaults are filled in by the same conversion as given values.

use super::term::{Term, TermArg, TermKind};
use crate::mistakes::arguments as mistakes;
use crate::mistakes::{Called, is_meant};
use crate::registry;
use crate::serial;
use kiln_diag::{Diagnostics, Span};
use kiln_library::{ArgKind, ArgSpec, Args, Call, Kind, Value};

/// What a call resolved to.
#[derive(Debug, Default)]
pub(crate) struct Bound {
    /// All arguments but `tie`.
    pub(crate) args: Args,
    /// What `tie` was given.
    pub(crate) tie: Option<Term>,
    /// Nothing was wrong: `args` has every required argument.
    pub(crate) ok: bool,
}

/// Items nest a few deep (`activation = elu(alpha = 0.5)`); defaults cannot nest deeper.
const DEPTH_MAX: usize = 8;

/// The arguments `given` to `what`, checked against `specs`.
pub(crate) fn bind(
    what: Called<'_>,
    specs: &[ArgSpec],
    given: &[TermArg],
    diagnostics: &mut Diagnostics,
) -> Bound {
    Binder { what, specs, diagnostics, depth: 0 }.bind(given)
}

/// The item of `kind` that `term` names, with its arguments; `None` where a mistake was said.
pub(crate) fn item(term: &Term, kind: Kind, diagnostics: &mut Diagnostics) -> Option<Call> {
    item_at(term, kind, diagnostics, 0)
}

fn item_at(term: &Term, kind: Kind, diagnostics: &mut Diagnostics, depth: usize) -> Option<Call> {
    let none = Vec::new();
    let (name, span, args) = match &term.kind {
        TermKind::Name(name) => (name, term.span, &none),
        TermKind::Call(name, args) => (&name.node, name.span, args),
        TermKind::Poisoned => return None,
        _ => {
            diagnostics.push(mistakes::item_expected(term, kind));
            return None;
        }
    };
    let Some(item) = registry::find(kind, name) else {
        diagnostics.push(mistakes::unknown_item(name, span, kind));
        return None;
    };
    if depth > DEPTH_MAX {
        return None;
    }
    let specs = registry::specs(kind, item);
    let what = Called { text: name, span };
    let bound = Binder { what, specs: &specs, diagnostics, depth }.bind(args);
    bound.ok.then(|| Call { name: item.name().to_owned(), args: bound.args })
}

struct Binder<'a> {
    what: Called<'a>,
    specs: &'a [ArgSpec],
    diagnostics: &'a mut Diagnostics,
    depth: usize,
}

impl Binder<'_> {
    fn bind(mut self, given: &[TermArg]) -> Bound {
        let mut ok = true;
        let slots = self.place(given, &mut ok);
        let names = given.iter().filter_map(|a| a.name.as_ref());
        let unknown: Vec<&str> =
            names.map(|n| n.node.as_str()).filter(|n| !self.specs.iter().any(|s| s.name == *n)).collect();
        let mut bound = Bound::default();
        let tied = slots.iter().zip(self.specs).any(|(s, spec)| s.is_some() && spec.kind == ArgKind::Tie);
        for (spec, slot) in self.specs.iter().zip(&slots) {
            match slot {
                Some(term) if spec.kind == ArgKind::Tie => bound.tie = Some((*term).clone()),
                Some(term) => match self.value(spec, term) {
                    Some(value) => bound.args.set(spec.name, value),
                    None => ok = false,
                },
                None => match spec.default {
                    Some(default) => bound.args.set(spec.name, self.default_value(spec, default)),
                    // The tied kernel says what is missing.
                    None if spec.optional || tied => {}
                    None => {
                        // A misspelt argument is one mistake, not a missing one besides.
                        if !unknown.iter().any(|u| is_meant(u, spec.name)) {
                            self.diagnostics.push(mistakes::missing(self.what, spec));
                        }
                        ok = false;
                    }
                },
            }
        }
        bound.ok = ok;
        bound
    }

    /// Which given term stands in which argument's place.
    fn place<'t>(&mut self, given: &'t [TermArg], ok: &mut bool) -> Vec<Option<&'t Term>> {
        let mut slots: Vec<Option<&Term>> = vec![None; self.specs.len()];
        for arg in given {
            let Some(name) = &arg.name else { continue };
            match self.specs.iter().position(|s| s.name == name.node) {
                Some(i) if slots[i].is_none() => slots[i] = Some(&arg.value),
                Some(i) => {
                    let first = slots[i].map_or(name.span, |t| t.span);
                    self.diagnostics.push(mistakes::duplicate(&name.node, name.span, first));
                    *ok = false;
                }
                None => {
                    let names = self.specs.iter().map(|s| s.name);
                    self.diagnostics.push(mistakes::unknown(self.what, name, names));
                    *ok = false;
                }
            }
        }
        // Values that are surely meant for an argument first: a misspelt one must not take its place.
        let mut left = Vec::new();
        for arg in given.iter().filter(|a| a.name.is_none()) {
            let fits = self.free(&slots).find(|&i| takes(self.specs[i].kind, &arg.value));
            match fits.filter(|&i| is_known(self.specs[i].kind, &arg.value)) {
                Some(i) => slots[i] = Some(&arg.value),
                None => left.push(&arg.value),
            }
        }
        for value in left {
            let fits = self.free(&slots).find(|&i| takes(self.specs[i].kind, value));
            match fits.or_else(|| self.free(&slots).next()) {
                Some(i) => slots[i] = Some(value),
                None => {
                    self.diagnostics.push(mistakes::too_many(self.what, value, self.specs));
                    *ok = false;
                }
            }
        }
        slots
    }

    /// Positional arguments that have no value yet.
    fn free(&self, slots: &[Option<&Term>]) -> impl Iterator<Item = usize> {
        let free: Vec<usize> =
            (0..slots.len()).filter(|&i| self.specs[i].positional && slots[i].is_none()).collect();
        free.into_iter()
    }

    /// The value of a default, which the library's own tests keep valid.
    fn default_value(&mut self, spec: &ArgSpec, text: &str) -> Value {
        let term = serial::parse_value(text).map(|v| term_of(&v, self.what.span));
        let value = term.ok().and_then(|t| self.value(spec, &t));
        value.unwrap_or_else(|| panic!("library: the default `{text}` of `{}.{}`", self.what.text, spec.name))
    }

    fn value(&mut self, spec: &ArgSpec, term: &Term) -> Option<Value> {
        if term.is_poisoned() {
            return None;
        }
        match (spec.kind, &term.kind) {
            (ArgKind::Float, TermKind::Number { value, .. }) => {
                self.in_range(spec, term, *value).map(Value::Float)
            }
            (ArgKind::Int, TermKind::Number { value, .. }) if whole(*value) => {
                self.in_range(spec, term, *value).map(|v| Value::Int(v as i64))
            }
            (ArgKind::Bool, TermKind::Bool(b)) => Some(Value::Bool(*b)),
            (ArgKind::Word(words), TermKind::Name(name)) => {
                let known = words.contains(&name.as_str());
                if !known {
                    self.diagnostics.push(mistakes::unknown_word(spec, name, term.span, words));
                }
                known.then(|| Value::Word(name.clone()))
            }
            (ArgKind::Item(kind), TermKind::Name(_) | TermKind::Call(..)) => {
                item_at(term, kind, self.diagnostics, self.depth + 1).map(Value::Item)
            }
            (ArgKind::List, TermKind::List(items)) => self.list(spec, items),
            _ => {
                self.diagnostics.push(mistakes::wrong_kind(self.what, spec, term));
                None
            }
        }
    }

    fn list(&mut self, spec: &ArgSpec, items: &[Term]) -> Option<Value> {
        let mut list = Vec::new();
        for item in items {
            match &item.kind {
                TermKind::Number { value, .. } => list.push(self.in_range(spec, item, *value)?),
                TermKind::Poisoned => return None,
                _ => {
                    self.diagnostics.push(mistakes::not_a_number(item));
                    return None;
                }
            }
        }
        Some(Value::List(list))
    }

    fn in_range(&mut self, spec: &ArgSpec, term: &Term, value: f64) -> Option<f64> {
        let low = spec.min.is_none_or(|(m, itself)| value > m || (itself && value == m));
        let high = spec.max.is_none_or(|(m, itself)| value < m || (itself && value == m));
        if low && high {
            return Some(value);
        }
        self.diagnostics.push(mistakes::out_of_range(spec, value, term.span));
        None
    }
}

/// Whole, and small enough that `i64` and `f64` agree on it.
pub(crate) fn whole(value: f64) -> bool {
    value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0
}

/// True where an argument of `kind` could be meant by `term`.
fn takes(kind: ArgKind, term: &Term) -> bool {
    match kind {
        ArgKind::Float | ArgKind::Int => matches!(term.kind, TermKind::Number { .. } | TermKind::Poisoned),
        ArgKind::Bool => matches!(term.kind, TermKind::Bool(_)),
        ArgKind::Word(words) => matches!(&term.kind, TermKind::Name(n) if words.contains(&n.as_str())),
        ArgKind::Item(_) => matches!(term.kind, TermKind::Name(_) | TermKind::Call(..)),
        ArgKind::List => matches!(term.kind, TermKind::List(_)),
        ArgKind::Tie => false,
    }
}

/// False where the argument takes an item, and the library has none of this name.
fn is_known(kind: ArgKind, term: &Term) -> bool {
    match (kind, &term.kind) {
        (ArgKind::Item(kind), TermKind::Name(name)) => registry::find(kind, name).is_some(),
        _ => true,
    }
}

fn term_of(value: &Value, span: Span) -> Term {
    let kind = match value {
        Value::Float(x) => TermKind::Number { value: *x, integer: false },
        Value::Int(x) => TermKind::Number { value: *x as f64, integer: true },
        Value::Bool(b) => TermKind::Bool(*b),
        Value::Word(w) => TermKind::Name(w.clone()),
        Value::List(xs) => {
            let items =
                xs.iter().map(|&x| Term { kind: TermKind::Number { value: x, integer: false }, span });
            TermKind::List(items.collect())
        }
        Value::Item(call) => {
            let args = call.args.iter().map(|(name, value)| TermArg {
                name: Some(kiln_dsl::ast::Name::new(name.to_owned(), span)),
                value: term_of(value, span),
            });
            TermKind::Call(kiln_dsl::ast::Name::new(call.name.clone(), span), args.collect())
        }
    };
    Term { kind, span }
}
