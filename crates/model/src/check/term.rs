//! Values of a spec: from an expression and the parameters in scope to a [`Term`] without them.
//!
//! Parameters are replaced by what they were given, arithmetic is done, a `sweep` becomes the
//! value chosen for this run. Names that are no parameter stay names: what they mean depends on
//! where they stand (a word, an item, a value of the model).
//!
//! A term that could not be evaluated is [`TermKind::Poisoned`]; its mistake has been said, and
//! everything downstream accepts it in silence.

use super::sweep::Choices;
use crate::mistakes;
use kiln_diag::{Diagnostics, Span};
use kiln_dsl::ast::{Arg, Expr, ExprKind, Name, Operator};
use std::cell::Cell;

/// A value and the place that gave it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Term {
    pub(crate) kind: TermKind,
    pub(crate) span: Span,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TermKind {
    Number {
        value: f64,
        integer: bool,
    },
    Text(String),
    Bool(bool),
    Name(String),
    Path(Name, Name),
    Call(Name, Vec<TermArg>),
    List(Vec<Term>),
    Range(Box<Term>, Box<Term>),
    Ramp(Box<Term>, Box<Term>),
    /// A name scaled and shifted by numbers: `pixels / 255`.
    Linear {
        of: String,
        scale: f64,
        offset: f64,
    },
    /// A mistake was said already.
    Poisoned,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TermArg {
    pub(crate) name: Option<Name>,
    pub(crate) value: Term,
}

impl Term {
    pub(crate) fn poisoned(span: Span) -> Term {
        Term { kind: TermKind::Poisoned, span }
    }

    pub(crate) fn is_poisoned(&self) -> bool {
        self.kind == TermKind::Poisoned
    }

    /// What it is, in the user's words.
    pub(crate) fn describe(&self) -> String {
        match &self.kind {
            TermKind::Number { value, .. } => format!("the number {value}"),
            TermKind::Text(_) => "a text in quotes".into(),
            TermKind::Bool(b) => format!("`{b}`"),
            TermKind::Name(n) => format!("the name `{n}`"),
            TermKind::Path(a, b) => format!("`{}.{}`", a.node, b.node),
            TermKind::Call(n, _) => format!("`{}(…)`", n.node),
            TermKind::List(_) => "a list".into(),
            TermKind::Range(..) => "a range".into(),
            TermKind::Ramp(..) => "a ramp".into(),
            TermKind::Linear { of, .. } => format!("arithmetic on the name `{of}`"),
            TermKind::Poisoned => "a mistaken value".into(),
        }
    }
}

/// Parameters of a block or model and what they were given.
#[derive(Debug, Default)]
pub(crate) struct Env {
    params: Vec<(String, Term, Cell<bool>)>,
}

impl Env {
    pub(crate) fn set(&mut self, name: &str, term: Term) {
        self.params.push((name.to_owned(), term, Cell::new(false)));
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Term> {
        let (_, term, used) = self.params.iter().find(|(n, ..)| n == name)?;
        used.set(true);
        Some(term)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.params.iter().map(|(n, ..)| n.as_str())
    }

    /// Parameters that nothing has read.
    pub(crate) fn unused(&self) -> impl Iterator<Item = &str> {
        self.params.iter().filter(|(.., used)| !used.get()).map(|(n, ..)| n.as_str())
    }
}

/// What evaluation needs besides the expression.
pub(crate) struct Evaluate<'a> {
    pub(crate) env: &'a Env,
    pub(crate) choices: &'a Choices,
    pub(crate) diagnostics: &'a mut Diagnostics,
}

impl Evaluate<'_> {
    /// The value of `e`.
    pub(crate) fn term(&mut self, e: &Expr) -> Term {
        let kind = match &e.kind {
            ExprKind::Number(n) => TermKind::Number { value: n.value, integer: n.integer },
            ExprKind::Text(t) => TermKind::Text(t.clone()),
            ExprKind::Bool(b) => TermKind::Bool(*b),
            ExprKind::Name(n) => match self.env.get(n) {
                // With the place that gave the value: that is the line to mend.
                Some(term) => return term.clone(),
                None => TermKind::Name(n.clone()),
            },
            ExprKind::Path(base, part) => self.path(base, part),
            ExprKind::Call(name, args) => TermKind::Call(name.clone(), self.args(args)),
            ExprKind::List(items) => TermKind::List(items.iter().map(|i| self.term(i)).collect()),
            ExprKind::Range(a, b) => TermKind::Range(Box::new(self.term(a)), Box::new(self.term(b))),
            ExprKind::Ramp(a, b) => TermKind::Ramp(Box::new(self.term(a)), Box::new(self.term(b))),
            ExprKind::Sweep(values) => return self.sweep(e.span, values),
            ExprKind::Binary(a, op, b) => return self.binary(e.span, a, *op, b),
            ExprKind::Negate(x) => return self.negate(e.span, x),
        };
        Term { kind, span: e.span }
    }

    /// The values of arguments.
    pub(crate) fn args(&mut self, args: &[Arg]) -> Vec<TermArg> {
        args.iter().map(|a| TermArg { name: a.name.clone(), value: self.term(&a.value) }).collect()
    }

    /// `x.T` where x is a parameter that was given a name.
    fn path(&mut self, base: &Name, part: &Name) -> TermKind {
        match self.env.get(&base.node) {
            Some(Term { kind: TermKind::Name(given), span }) => {
                TermKind::Path(Name::new(given.clone(), *span), part.clone())
            }
            _ => TermKind::Path(base.clone(), part.clone()),
        }
    }

    fn sweep(&mut self, span: Span, values: &[Expr]) -> Term {
        match self.choices.pick(span).and_then(|i| values.get(i)) {
            Some(value) => self.term(value),
            None => {
                // An empty or nested sweep was said when the sweeps were collected.
                if !values.is_empty() && !self.choices.is_refused(span) {
                    self.diagnostics.push(mistakes::train::sweep_not_here(span));
                }
                Term::poisoned(span)
            }
        }
    }

    fn binary(&mut self, span: Span, a: &Expr, op: Operator, b: &Expr) -> Term {
        let (a, b) = (self.term(a), self.term(b));
        let (Some(x), Some(y)) = (self.linear(&a), self.linear(&b)) else {
            return Term::poisoned(span);
        };
        let Some(sum) = x.combine(op, &y) else {
            self.diagnostics.push(mistakes::data::not_linear(span));
            return Term::poisoned(span);
        };
        self.finite(span, sum)
    }

    fn negate(&mut self, span: Span, x: &Expr) -> Term {
        let x = self.term(x);
        match self.linear(&x) {
            Some(x) => self.finite(span, x.scaled(-1.0)),
            None => Term::poisoned(span),
        }
    }

    fn finite(&mut self, span: Span, x: Linear) -> Term {
        if !x.scale.is_finite() || !x.offset.is_finite() {
            self.diagnostics.push(mistakes::arguments::not_finite(span));
            return Term::poisoned(span);
        }
        let kind = match x.of {
            // `784 / 2` is as good a width as 392.
            None => TermKind::Number { value: x.offset, integer: x.integer && x.offset.fract() == 0.0 },
            Some(of) => TermKind::Linear { of, scale: x.scale, offset: x.offset },
        };
        Term { kind, span }
    }

    fn linear(&mut self, term: &Term) -> Option<Linear> {
        match &term.kind {
            TermKind::Number { value, integer } => {
                Some(Linear { of: None, scale: 0.0, offset: *value, integer: *integer })
            }
            TermKind::Name(of) => {
                Some(Linear { of: Some(of.clone()), scale: 1.0, offset: 0.0, integer: false })
            }
            TermKind::Linear { of, scale, offset } => {
                Some(Linear { of: Some(of.clone()), scale: *scale, offset: *offset, integer: false })
            }
            TermKind::Poisoned => None,
            _ => {
                self.diagnostics.push(mistakes::arguments::not_a_number(term));
                None
            }
        }
    }
}

/// `of · scale + offset`, or the number `offset`.
struct Linear {
    of: Option<String>,
    scale: f64,
    offset: f64,
    integer: bool,
}

impl Linear {
    fn scaled(self, by: f64) -> Linear {
        Linear { scale: self.scale * by, offset: self.offset * by, ..self }
    }

    /// `None` where the result is not linear in one name.
    fn combine(self, op: Operator, other: &Linear) -> Option<Linear> {
        let integer = self.integer && other.integer;
        if self.of.is_some() && other.of.is_some() {
            return None;
        }
        let of = self.of.clone().or_else(|| other.of.clone());
        let sum = match op {
            Operator::Add => {
                Linear { scale: self.scale + other.scale, offset: self.offset + other.offset, of, integer }
            }
            Operator::Sub => {
                Linear { scale: self.scale - other.scale, offset: self.offset - other.offset, of, integer }
            }
            Operator::Mul if other.of.is_none() => Linear { of, integer, ..self.scaled(other.offset) },
            Operator::Mul => {
                let by = self.offset;
                Linear { scale: other.scale * by, offset: other.offset * by, of, integer }
            }
            Operator::Div if other.of.is_some() => return None,
            Operator::Div => {
                let by = other.offset;
                Linear { scale: self.scale / by, offset: self.offset / by, of, integer }
            }
        };
        // `0 / 0` in the scale of a plain number is no mistake of its own.
        Some(if sum.of.is_none() { Linear { scale: 0.0, ..sum } } else { sum })
    }
}
