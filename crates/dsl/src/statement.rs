//! Statements: pairs of the grammar to the statements of the tree.
//!
//! A function returns `None` after it reported a mistake, and the statement is dropped.
//! Heads (`model m(…) {`) are read here too; their bodies in [`crate::parse`].

use kiln_diag::Span;
use pest::iterators::{Pair, Pairs};

use crate::ast::{
    Block, Entry, Expr, Name, Param, Pipeline, Source, StackItem, Stage, Statement, TargetKind,
};
use crate::grammar::Rule;
use crate::value::LineReader;

impl LineReader<'_, '_, '_> {
    /// `block name(parameters) = layer -> layer`
    pub(crate) fn block(&mut self, pair: Pair<'_, Rule>) -> Option<Block> {
        let span = self.span(&pair);
        let mut parts = pair.into_inner();
        let name = self.first_name(&mut parts)?;
        let mut params = Vec::new();
        let mut body = Vec::new();
        for part in parts {
            match part.as_rule() {
                Rule::parameters => params = self.parameters(part)?,
                Rule::stage => body.push(self.stage(part)?),
                _ => {}
            }
        }
        Some(Block { name, params, body, span })
    }

    /// The name and the parameters of `model name(parameters) {`, `data name {`.
    pub(crate) fn head(&mut self, pair: Pair<'_, Rule>) -> Option<(Name, Vec<Param>)> {
        let mut parts = pair.into_inner();
        let name = self.first_name(&mut parts)?;
        let params = match parts.find(|p| p.as_rule() == Rule::parameters) {
            Some(parameters) => self.parameters(parameters)?,
            None => Vec::new(),
        };
        Some((name, params))
    }

    /// The name and the source of `stack name(source) {`.
    pub(crate) fn stack_head(&mut self, pair: Pair<'_, Rule>) -> Option<(Name, Option<Name>)> {
        let mut parts = pair.into_inner();
        let name = self.first_name(&mut parts)?;
        let source = parts.find(|p| p.as_rule() == Rule::source);
        let source = source.and_then(|s| self.first_name(&mut s.into_inner()));
        Some((name, source))
    }

    /// `key = value`
    pub(crate) fn setting(&mut self, pair: Pair<'_, Rule>) -> Option<Entry> {
        let mut parts = pair.into_inner();
        let key = self.first_name(&mut parts)?;
        let value = self.expr(parts.next_back()?)?;
        Some(Entry { key, value })
    }

    /// A line of a model that has no body.
    pub(crate) fn statement(&mut self, pair: Pair<'_, Rule>) -> Option<Statement> {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::input => {
                let mut parts = pair.into_inner();
                let name = self.first_name(&mut parts)?;
                Some(Statement::Input { name, shape: self.list(parts.next_back()?)? })
            }
            Rule::target => self.target(pair),
            Rule::loss => self.loss(pair, span),
            Rule::metric => self.metric(pair, span),
            _ => self.pipeline(pair, span).map(Statement::Pipeline),
        }
    }

    /// `layer -> layer` in a stack.
    pub(crate) fn layers(&mut self, pair: Pair<'_, Rule>) -> Option<StackItem> {
        self.stages(pair.into_inner()).map(StackItem::Layers)
    }

    fn parameters(&mut self, pair: Pair<'_, Rule>) -> Option<Vec<Param>> {
        let parameters = pair.into_inner().filter(|p| p.as_rule() == Rule::parameter);
        let mut list = Vec::new();
        for parameter in parameters {
            let mut parts = parameter.into_inner();
            let name = self.first_name(&mut parts)?;
            let default = match parts.next_back() {
                Some(value) => Some(self.expr(value)?),
                None => None,
            };
            list.push(Param { name, default });
        }
        Some(list)
    }

    fn target(&mut self, pair: Pair<'_, Rule>) -> Option<Statement> {
        let mut parts = pair.into_inner();
        let name = self.first_name(&mut parts)?;
        let kind = parts.next_back()?;
        let kind = if kind.as_rule() == Rule::list {
            TargetKind::Values(self.list(kind)?)
        } else {
            let classes = kind.into_inner().find(|p| p.as_rule() == Rule::value)?;
            TargetKind::Class(self.expr(classes)?)
        };
        Some(Statement::Target { name, kind })
    }

    fn loss(&mut self, pair: Pair<'_, Rule>, span: Span) -> Option<Statement> {
        let mut parts = pair.into_inner();
        let head = self.first_name(&mut parts)?;
        let (mut loss, mut weight) = (None, None);
        for part in parts {
            match part.as_rule() {
                Rule::loss_call => loss = Some(self.expr(part)?),
                Rule::weight => weight = Some(self.expr(part)?),
                _ => {}
            }
        }
        Some(Statement::Loss { head, loss: loss?, weight, span })
    }

    fn metric(&mut self, pair: Pair<'_, Rule>, span: Span) -> Option<Statement> {
        let mut parts = pair.into_inner();
        let head = self.first_name(&mut parts)?;
        let calls = parts.filter(|p| p.as_rule() == Rule::metric_call);
        let metrics: Option<Vec<Expr>> = calls.map(|call| self.expr(call)).collect();
        Some(Statement::Metric { head, metrics: metrics?, span })
    }

    /// `name = stage -> stage`, `join(a, b) -> stage` or `name -> stage`.
    fn pipeline(&mut self, pair: Pair<'_, Rule>, span: Span) -> Option<Pipeline> {
        let form = pair.into_inner().next()?;
        let rule = form.as_rule();
        let mut parts = form.into_inner();
        let (binding, source) = match rule {
            Rule::bound => {
                let binding = self.first_name(&mut parts)?;
                let first = parts.find(|p| p.as_rule() == Rule::stage)?;
                (Some(binding), source(self.stage(first)?))
            }
            Rule::joined => (None, Source::Join(self.stage(parts.next()?)?)),
            _ => (None, Source::Name(self.first_name(&mut parts)?)),
        };
        Some(Pipeline { binding, source, stages: self.stages(parts)?, span })
    }

    fn stages(&mut self, parts: Pairs<'_, Rule>) -> Option<Vec<Stage>> {
        parts.filter(|p| p.as_rule() == Rule::stage).map(|p| self.stage(p)).collect()
    }

    /// `label: callee(arguments)`
    fn stage(&mut self, pair: Pair<'_, Rule>) -> Option<Stage> {
        let span = self.span(&pair);
        let (mut label, mut callee, mut args) = (None, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::label => label = self.first_name(&mut part.into_inner()),
                Rule::name => callee = Some(self.name(&part)),
                _ => args = Some(self.args(part)?),
            }
        }
        Some(Stage { label, callee: callee?, args, span })
    }

    fn first_name(&mut self, parts: &mut Pairs<'_, Rule>) -> Option<Name> {
        parts.find(|p| p.as_rule() == Rule::name).map(|p| self.name(&p))
    }
}

/// A bare name is a value that exists already; anything more is a layer.
fn source(stage: Stage) -> Source {
    match stage {
        Stage { label: None, callee, args: None, .. } => Source::Name(callee),
        join => Source::Join(join),
    }
}
