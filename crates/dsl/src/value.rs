//! Values: pairs of the grammar to [`Expr`].
//!
//! A function returns `None` after it reported a mistake, and its statement is dropped.
//!
//! Invariant: an [`Expr`] is at most [`MAX_NESTING`] deep, so that whoever walks it may recurse.

use kiln_diag::{Diagnostic, Span, Spanned};
use pest::iterators::Pair;

use crate::ast::{Arg, Expr, ExprKind, Name, Number, Operator};
use crate::grammar::Rule;
use crate::layout::{Line, MAX_NESTING};
use crate::mistake::{self, Mistakes};
use crate::text::Text;

/// Reads the pairs of one line.
pub(crate) struct LineReader<'a, 't, 'd> {
    /// The text of the line.
    pub(crate) text: &'a Text<'t>,
    /// The line.
    pub(crate) line: &'a Line,
    /// Where mistakes go.
    pub(crate) mistakes: &'a mut Mistakes<'d>,
}

/// A value and how many values are one inside the other in it.
struct Nested {
    expr: Expr,
    depth: usize,
}

impl LineReader<'_, '_, '_> {
    /// A value, a weight, a call of a loss or of a metric.
    pub(crate) fn expr(&mut self, pair: Pair<'_, Rule>) -> Option<Expr> {
        self.nested(pair).map(|n| n.expr)
    }

    /// `(argument, argument)`
    pub(crate) fn args(&mut self, pair: Pair<'_, Rule>) -> Option<Vec<Arg>> {
        self.nested_args(pair).map(|(args, _)| args)
    }

    /// `[value, value]`
    pub(crate) fn list(&mut self, pair: Pair<'_, Rule>) -> Option<Spanned<Vec<Expr>>> {
        let span = self.span(&pair);
        self.nested_list(pair).map(|(list, _)| Spanned::new(list, span))
    }

    /// A word that is no keyword here.
    pub(crate) fn name(&self, pair: &Pair<'_, Rule>) -> Name {
        Spanned::new(pair.as_str().to_owned(), self.span(pair))
    }

    /// `"…"`, escapes resolved.
    pub(crate) fn string(&mut self, pair: &Pair<'_, Rule>) -> Option<Spanned<String>> {
        let span = self.span(pair);
        let written = pair.as_str();
        let mut resolved = String::new();
        let mut is_right = true;
        let mut rest = written[1..written.len() - 1].char_indices();
        while let Some((at, c)) = rest.next() {
            if c != '\\' {
                resolved.push(c);
                continue;
            }
            match rest.next().map(|(_, c)| c) {
                Some('n') => resolved.push('\n'),
                Some('t') => resolved.push('\t'),
                Some(c @ ('\\' | '"')) => resolved.push(c),
                other => {
                    let escape: String = [Some('\\'), other].into_iter().flatten().collect();
                    let start = span.start + 1 + at as u32;
                    let place = Span { start, end: start + escape.len() as u32, ..span };
                    self.mistakes.push(mistake::bad_escape(place, &escape));
                    is_right = false;
                }
            }
        }
        is_right.then(|| Spanned::new(resolved, span))
    }

    /// Where a pair stands.
    pub(crate) fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        self.text.pair_span(self.line, pair)
    }

    /// Reports a mistake.
    pub(crate) fn fail<T>(&mut self, mistake: Diagnostic) -> Option<T> {
        self.mistakes.push(mistake);
        None
    }

    fn nested(&mut self, pair: Pair<'_, Rule>) -> Option<Nested> {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::number => self.number(&pair).map(|n| Nested::leaf(ExprKind::Number(n), span)),
            Rule::text => self.string(&pair).map(|t| Nested::leaf(ExprKind::Text(t.node), span)),
            Rule::list => {
                let (list, depth) = self.nested_list(pair)?;
                self.nest(ExprKind::List(list), depth, span)
            }
            Rule::sweep => {
                let (list, depth) = self.nested_list(pair.into_inner().last()?)?;
                self.nest(ExprKind::Sweep(list), depth, span)
            }
            Rule::reference | Rule::section => self.reference(pair, span),
            Rule::loss_call | Rule::metric_call => {
                let first = pair.clone().into_inner().next()?;
                if first.as_rule() == Rule::sweep { self.nested(first) } else { self.reference(pair, span) }
            }
            Rule::group => {
                // Brackets are no value of their own; they only widen the place.
                let inner = pair.into_inner().nth(1)?;
                let Nested { expr, depth } = self.nested(inner)?;
                Some(Nested { expr: Expr { span, ..expr }, depth })
            }
            Rule::signed => self.signed(pair, span),
            // A chain of operators: value, sum, product, weight.
            _ => self.chain(pair),
        }
    }

    /// `low .. high`, or `a + b - c` from the left; a single operand is itself.
    fn chain(&mut self, pair: Pair<'_, Rule>) -> Option<Nested> {
        let mut parts = pair.into_inner();
        let mut left = self.nested(parts.next()?)?;
        while let (Some(sign), Some(operand)) = (parts.next(), parts.next()) {
            let right = self.nested(operand)?;
            let span = left.expr.span.to(right.expr.span);
            let depth = left.depth.max(right.depth);
            let (a, b) = (Box::new(left.expr), Box::new(right.expr));
            let kind = match operator(sign.as_rule()) {
                Some(operator) => ExprKind::Binary(a, operator, b),
                None => ExprKind::Range(a, b),
            };
            left = self.nest(kind, depth, span)?;
        }
        Some(left)
    }

    fn signed(&mut self, pair: Pair<'_, Rule>, span: Span) -> Option<Nested> {
        let mut parts = pair.into_inner();
        let first = parts.next()?;
        if first.as_rule() != Rule::minus {
            return self.nested(first);
        }
        let Nested { expr, depth } = self.nested(parts.next()?)?;
        self.nest(ExprKind::Negate(Box::new(expr)), depth, span)
    }

    /// `name`, `name.part` or `name(arguments)`.
    fn reference(&mut self, pair: Pair<'_, Rule>, span: Span) -> Option<Nested> {
        let mut parts = pair.into_inner();
        let name = self.name(&parts.next()?);
        match parts.next() {
            Some(arguments) if arguments.as_rule() == Rule::arguments => {
                let (args, depth) = self.nested_args(arguments)?;
                self.nest(ExprKind::Call(name, args), depth, span)
            }
            Some(_dot) => {
                let part = self.name(&parts.next()?);
                Some(Nested::leaf(ExprKind::Path(name, part), span))
            }
            None => {
                let kind = match name.node.as_str() {
                    "true" => ExprKind::Bool(true),
                    "false" => ExprKind::Bool(false),
                    _ => ExprKind::Name(name.node),
                };
                Some(Nested::leaf(kind, span))
            }
        }
    }

    fn nested_list(&mut self, list: Pair<'_, Rule>) -> Option<(Vec<Expr>, usize)> {
        let mut values = Vec::new();
        let mut depth = 0;
        for pair in list.into_inner().filter(|p| p.as_rule() == Rule::value) {
            let value = self.nested(pair)?;
            depth = depth.max(value.depth);
            values.push(value.expr);
        }
        Some((values, depth))
    }

    fn nested_args(&mut self, arguments: Pair<'_, Rule>) -> Option<(Vec<Arg>, usize)> {
        let mut args = Vec::new();
        let mut depth = 0;
        for pair in arguments.into_inner().filter(|p| p.as_rule() == Rule::argument) {
            let (arg, inner) = self.argument(pair)?;
            depth = depth.max(inner);
            args.push(arg);
        }
        Some((args, depth))
    }

    /// `value`, `key = value` or either with `from -> to`.
    fn argument(&mut self, pair: Pair<'_, Rule>) -> Option<(Arg, usize)> {
        let mut name = None;
        let mut values: Vec<Nested> = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::key => name = part.into_inner().next().map(|key| self.name(&key)),
                Rule::value => values.push(self.nested(part)?),
                _ => {}
            }
        }
        let last = values.pop()?;
        let value = match values.pop() {
            None => last,
            Some(from) => {
                let (span, depth) = (from.expr.span.to(last.expr.span), from.depth.max(last.depth));
                self.nest(ExprKind::Ramp(Box::new(from.expr), Box::new(last.expr)), depth, span)?
            }
        };
        Some((Arg { name, value: value.expr }, value.depth))
    }

    fn nest(&mut self, kind: ExprKind, depth: usize, span: Span) -> Option<Nested> {
        if depth >= MAX_NESTING {
            return self.fail(mistake::value_too_deep(span));
        }
        Some(Nested { expr: Expr { kind, span }, depth: depth + 1 })
    }

    fn number(&mut self, pair: &Pair<'_, Rule>) -> Option<Number> {
        let written = pair.as_str();
        match number(written) {
            Ok(number) => Some(number),
            Err(why) => self.fail(mistake::bad_number(self.span(pair), written, why)),
        }
    }
}

impl Nested {
    fn leaf(kind: ExprKind, span: Span) -> Nested {
        Nested { expr: Expr { kind, span }, depth: 1 }
    }
}

fn operator(sign: Rule) -> Option<Operator> {
    match sign {
        Rule::plus => Some(Operator::Add),
        Rule::minus => Some(Operator::Sub),
        Rule::times => Some(Operator::Mul),
        Rule::divided => Some(Operator::Div),
        _ => None,
    }
}

/// The number written `text`, or why it is none.
pub(crate) fn number(text: &str) -> Result<Number, &'static str> {
    let (digits, percent) = match text.strip_suffix('%') {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    if fraction == Some("") {
        return Err("a digit belongs after the point");
    }
    let power = exponent.map(|e| e.strip_prefix(['+', '-']).unwrap_or(e));
    if power == Some("") {
        return Err("the exponent has no digits");
    }
    for part in [Some(whole), fraction, power].into_iter().flatten() {
        is_digits(part)?;
    }
    let value: f64 =
        digits.replace('_', "").parse().map_err(|_| "a number is digits, a point, an exponent")?;
    if !value.is_finite() {
        return Err("it is larger than any number");
    }
    Ok(Number {
        value: if percent { value / 100.0 } else { value },
        integer: !percent && fraction.is_none() && exponent.is_none(),
        text: text.to_owned(),
    })
}

/// Digits with `_` between them.
fn is_digits(part: &str) -> Result<(), &'static str> {
    if part.contains('.') {
        return Err("it has two points");
    }
    if !part.bytes().all(|b| b.is_ascii_digit() || b == b'_') {
        return Err("there are letters in it; names begin with a letter, numbers hold digits only");
    }
    if part.starts_with('_') || part.ends_with('_') || part.contains("__") {
        return Err("`_` stands between two digits");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_values() {
        let cases = [
            ("14_000", 14_000.0, true),
            ("1e-3", 1e-3, false),
            ("2.5E+2", 250.0, false),
            ("80%", 0.8, false),
            ("7%", 0.07, false),
            ("0", 0.0, true),
            ("007", 7.0, true),
        ];
        for (text, value, integer) in cases {
            let got = number(text).expect(text);
            assert_eq!((got.value, got.integer, got.text.as_str()), (value, integer, text));
        }
    }

    #[test]
    fn what_is_no_number_says_why() {
        let cases = [
            ("1.", "digit belongs after"),
            ("1e", "exponent has no digits"),
            ("1e999", "larger"),
            ("1.2.3", "two points"),
            ("3O", "letters"),
            ("0x1F", "letters"),
            ("1__0", "between two digits"),
            ("1_", "between two digits"),
            ("1e5e5", "letters"),
            ("1e1.5", "two points"),
        ];
        for (text, why) in cases {
            let got = number(text).expect_err(text);
            assert!(got.contains(why), "{text}: {got}");
        }
    }
}
