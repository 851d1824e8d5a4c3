//! The walk over all files that finds names and what they lead to.
//!
//! Globals first (data sets, blocks, models, their parameters and fields), then the values of each model,
//! then every use. A name that leads nowhere is no occurrence: it is an item of the library, or a mistake.

use super::{Definition, DefinitionKind, Index, Occurrence};
use kiln_diag::Span;
use kiln_dsl::ast::{
    self, Arg, Expr, ExprKind, Item, Name, Param, Source, StackItem, Stage, Statement, TargetKind,
};
use kiln_model::Loaded;
use kiln_model::check::DATA_KEYS;
use std::collections::BTreeMap;

/// Names that stand for something in one model or block.
#[derive(Default)]
struct Scope {
    name: String,
    params: Vec<usize>,
    /// Positions by name: a model may have thousands.
    values: BTreeMap<String, usize>,
}

struct Walk {
    index: Index,
    /// Positions of definitions at the top.
    data: Vec<usize>,
    blocks: Vec<usize>,
    models: Vec<usize>,
    /// The scope of each model and block, by the position of its definition.
    scopes: Vec<(usize, Scope)>,
    /// Fields of each data set, by the position of its definition.
    fields: Vec<(usize, usize)>,
    /// Models that are trained, and the data sets that they are trained on.
    trained: Vec<usize>,
    trained_on: Vec<usize>,
}

/// All definitions and occurrences.
pub(super) fn index(loaded: &Loaded, specs: &[ast::Spec]) -> Index {
    let mut walk = Walk {
        index: Index::default(),
        data: Vec::new(),
        blocks: Vec::new(),
        models: Vec::new(),
        scopes: Vec::new(),
        fields: Vec::new(),
        trained: Vec::new(),
        trained_on: Vec::new(),
    };
    let items = || specs.iter().flat_map(|spec| &spec.items);
    items().for_each(|item| walk.globals(item));
    walk.selected(loaded);
    items().for_each(|item| walk.values(item));
    items().for_each(|item| walk.uses(item));
    walk.index
}

impl Walk {
    fn define(&mut self, name: &Name, kind: DefinitionKind, within: &str) -> usize {
        let position = self.index.definitions.len();
        let (name, span, within) = (name.node.clone(), name.span, within.to_owned());
        self.index.definitions.push(Definition { name, span, kind, within });
        self.occurs(span, vec![position]);
        position
    }

    fn occurs(&mut self, span: Span, definitions: Vec<usize>) {
        if !definitions.is_empty() {
            self.index.occurrences.push(Occurrence { span, definitions });
        }
    }

    /// The first of `among` of this name.
    fn find(&self, among: &[usize], name: &str) -> Option<usize> {
        among.iter().copied().find(|&i| self.index.definitions[i].name == name)
    }

    /// A use of a name that one of `among` may have.
    fn refer(&mut self, name: &str, span: Span, among: &[usize]) {
        if let Some(found) = self.find(among, name) {
            self.occurs(span, vec![found]);
        }
    }

    // ---- what is defined

    fn globals(&mut self, item: &Item) {
        match item {
            Item::Data(data) => {
                let own = self.define(&data.name, DefinitionKind::Data, "");
                self.data.push(own);
                for entry in data.entries.iter().filter(|e| !DATA_KEYS.contains(&e.key.node.as_str())) {
                    let field = self.define(&entry.key, DefinitionKind::Field, &data.name.node);
                    self.fields.push((own, field));
                }
            }
            Item::Block(block) => {
                let own = self.define(&block.name, DefinitionKind::Block, "");
                self.blocks.push(own);
                self.scope(own, &block.name.node, &block.params);
            }
            Item::Model(model) => {
                let own = self.define(&model.name, DefinitionKind::Model, "");
                self.models.push(own);
                self.scope(own, &model.name.node, &model.params);
            }
            Item::Title(_) | Item::Use(_) | Item::Train(_) | Item::Report(_) => {}
        }
    }

    fn scope(&mut self, own: usize, name: &str, params: &[Param]) {
        let params = params.iter().map(|p| self.define(&p.name, DefinitionKind::Parameter, name)).collect();
        self.scopes.push((own, Scope { name: name.to_owned(), params, values: BTreeMap::new() }));
    }

    /// Which models are trained on which data: only there are an input and a field one name.
    fn selected(&mut self, loaded: &Loaded) {
        let items = &loaded.items;
        let entries = || items.train.iter().flat_map(|train| &train.entries);
        let named = |key: &str| {
            let mut names = Vec::new();
            entries().filter(|e| e.key.node == key).for_each(|e| words(&e.value, &mut names));
            names
        };
        let (models, data) = (named("model"), named("data"));
        let in_main = |&&i: &&usize| self.index.definitions[i].span.file == items.main;
        let main: Vec<usize> = self.models.iter().filter(in_main).copied().collect();
        self.trained = match (models.is_empty(), main.is_empty()) {
            (false, _) => models.iter().filter_map(|name| self.find(&self.models, name)).collect(),
            (true, false) => main,
            (true, true) => self.models.clone(),
        };
        self.trained_on = match data.is_empty() {
            false => data.iter().filter_map(|name| self.find(&self.data, name)).collect(),
            true => self.data.clone(),
        };
    }

    /// Values of models, and labels in blocks.
    fn values(&mut self, item: &Item) {
        match item {
            Item::Model(model) => {
                let Some(at) = self.scope_of(model.name.span) else { return };
                for statement in &model.body {
                    self.statement_values(at, statement);
                }
            }
            Item::Block(block) => {
                let Some(at) = self.scope_of(block.name.span) else { return };
                self.labels(at, &block.body);
            }
            Item::Title(_) | Item::Use(_) | Item::Data(_) | Item::Train(_) | Item::Report(_) => {}
        }
    }

    fn scope_of(&self, name: Span) -> Option<usize> {
        self.scopes.iter().position(|(own, _)| self.index.definitions[*own].span == name)
    }

    fn statement_values(&mut self, at: usize, statement: &Statement) {
        match statement {
            Statement::Input { name, .. } => self.value(at, name, DefinitionKind::Input),
            Statement::Target { name, .. } => self.value(at, name, DefinitionKind::Target),
            Statement::Stack(stack) => self.stack_values(at, stack),
            Statement::Pipeline(p) => {
                if let Source::Join(stage) = &p.source {
                    self.labels(at, std::slice::from_ref(stage));
                }
                self.labels(at, &p.stages);
                if let Some(binding) = &p.binding {
                    self.value(at, binding, DefinitionKind::Binding);
                }
            }
            Statement::Loss { .. } | Statement::Metric { .. } => {}
        }
    }

    fn stack_values(&mut self, at: usize, stack: &ast::Stack) {
        self.value(at, &stack.name, DefinitionKind::Stack);
        for item in &stack.body {
            match item {
                StackItem::Layers(stages) => self.labels(at, stages),
                StackItem::Stack(inner) => self.stack_values(at, inner),
            }
        }
    }

    fn labels(&mut self, at: usize, stages: &[Stage]) {
        for label in stages.iter().filter_map(|s| s.label.as_ref()) {
            self.value(at, label, DefinitionKind::Layer);
        }
    }

    /// A name given to a value; given again (`encoder = … -> encoder: dense(64)`), it is the same name.
    fn value(&mut self, at: usize, name: &Name, kind: DefinitionKind) {
        if let Some(&first) = self.scopes[at].1.values.get(&name.node) {
            self.occurs(name.span, vec![first]);
            return;
        }
        let within = self.scopes[at].1.name.clone();
        let own = self.define(name, kind, &within);
        self.scopes[at].1.values.insert(name.node.clone(), own);
        let reads_data = matches!(kind, DefinitionKind::Input | DefinitionKind::Target);
        if reads_data && self.trained.contains(&self.scopes[at].0) {
            let fields = self.fields_of(&name.node);
            if let Some(occurrence) = self.index.occurrences.last_mut() {
                occurrence.definitions.extend(fields);
            }
        }
    }

    /// Fields of this name of the data sets in use.
    fn fields_of(&self, name: &str) -> Vec<usize> {
        let used = self.fields.iter().filter(|(data, _)| self.trained_on.contains(data));
        used.map(|(_, field)| *field).filter(|&f| self.index.definitions[f].name == name).collect()
    }

    // ---- where names are used

    fn uses(&mut self, item: &Item) {
        match item {
            Item::Model(model) => {
                let Some(at) = self.scope_of(model.name.span) else { return };
                model.body.iter().for_each(|statement| self.statement(at, statement));
            }
            Item::Block(block) => {
                let Some(at) = self.scope_of(block.name.span) else { return };
                block.body.iter().for_each(|stage| self.stage(at, stage));
            }
            Item::Train(train) => {
                for entry in &train.entries {
                    match entry.key.node.as_str() {
                        "model" => self.model_value(&entry.value),
                        "data" => self.data_value(&entry.value),
                        "early_stopping" => self.monitor(&entry.value),
                        _ => {}
                    }
                }
            }
            Item::Report(report) => report.sections.iter().for_each(|section| self.section(section)),
            Item::Title(_) | Item::Use(_) | Item::Data(_) => {}
        }
    }

    fn statement(&mut self, at: usize, statement: &Statement) {
        match statement {
            Statement::Input { shape, .. } => shape.node.iter().for_each(|e| self.params(at, e)),
            Statement::Target { kind: TargetKind::Class(e), .. } => self.params(at, e),
            Statement::Target { kind: TargetKind::Values(shape), .. } => {
                shape.node.iter().for_each(|e| self.params(at, e));
            }
            Statement::Stack(stack) => self.stack(at, stack),
            Statement::Pipeline(p) => {
                match &p.source {
                    Source::Name(name) => self.value_use(at, &name.node, name.span),
                    Source::Join(stage) => self.join(at, stage),
                }
                p.stages.iter().for_each(|stage| self.stage(at, stage));
            }
            Statement::Loss { head, loss, weight, .. } => {
                self.value_use(at, &head.node, head.span);
                self.loss(at, loss);
                weight.iter().for_each(|e| self.params(at, e));
            }
            Statement::Metric { head, metrics, .. } => {
                self.value_use(at, &head.node, head.span);
                metrics.iter().for_each(|e| self.params(at, e));
            }
        }
    }

    fn stack(&mut self, at: usize, stack: &ast::Stack) {
        if let Some(source) = &stack.source {
            self.value_use(at, &source.node, source.span);
        }
        for item in &stack.body {
            match item {
                StackItem::Layers(stages) => stages.iter().for_each(|stage| self.stage(at, stage)),
                StackItem::Stack(inner) => self.stack(at, inner),
            }
        }
    }

    fn value_use(&mut self, at: usize, name: &str, span: Span) {
        if let Some(&found) = self.scopes[at].1.values.get(name) {
            self.occurs(span, vec![found]);
        }
    }

    fn stage(&mut self, at: usize, stage: &Stage) {
        self.callee(&stage.callee);
        for arg in stage.args.as_deref().unwrap_or(&[]) {
            self.argument(at, &stage.callee, arg);
        }
    }

    /// `concat(a, b)`: arguments without a name are values.
    fn join(&mut self, at: usize, stage: &Stage) {
        self.callee(&stage.callee);
        for arg in stage.args.as_deref().unwrap_or(&[]) {
            match (&arg.name, &arg.value.kind) {
                (None, ExprKind::Name(name)) => self.value_use(at, name, arg.value.span),
                _ => self.argument(at, &stage.callee, arg),
            }
        }
    }

    fn callee(&mut self, callee: &Name) {
        let blocks = self.blocks.clone();
        self.refer(&callee.node, callee.span, &blocks);
    }

    fn argument(&mut self, at: usize, callee: &Name, arg: &Arg) {
        let block = self.find(&self.blocks, &callee.node);
        self.argument_name(block, arg);
        let is_tie = arg.name.as_ref().is_some_and(|n| n.node == "tie");
        match &arg.value.kind {
            ExprKind::Name(name) if is_tie && !self.is_param(at, name) => {
                self.value_use(at, name, arg.value.span);
            }
            ExprKind::Path(base, _) if !self.is_param(at, &base.node) => {
                self.value_use(at, &base.node, base.span);
            }
            _ => self.params(at, &arg.value),
        }
    }

    /// `units =` in the use of a block or a model.
    fn argument_name(&mut self, called: Option<usize>, arg: &Arg) {
        let (Some(called), Some(name)) = (called, &arg.name) else { return };
        let scope = self.scopes.iter().find(|(own, _)| *own == called);
        let params = scope.map(|(_, s)| s.params.clone()).unwrap_or_default();
        self.refer(&name.node, name.span, &params);
    }

    fn is_param(&self, at: usize, name: &str) -> bool {
        self.find(&self.scopes[at].1.params, name).is_some()
    }

    /// Parameters within a value.
    fn params(&mut self, at: usize, e: &Expr) {
        each_name(e, &mut |name, span| self.param_use(at, name, span));
    }

    fn param_use(&mut self, at: usize, name: &str, span: Span) {
        if let Some(found) = self.find(&self.scopes[at].1.params, name) {
            self.occurs(span, vec![found]);
        }
    }

    /// A loss; its names are fields of the model, or parameters.
    fn loss(&mut self, at: usize, e: &Expr) {
        match &e.kind {
            ExprKind::Call(_, args) => {
                for arg in args {
                    each_name(&arg.value, &mut |name, span| match self.is_param(at, name) {
                        true => self.param_use(at, name, span),
                        false => self.value_use(at, name, span),
                    });
                }
            }
            ExprKind::Sweep(all) => all.iter().for_each(|e| self.loss(at, e)),
            _ => self.params(at, e),
        }
    }

    fn model_value(&mut self, e: &Expr) {
        let models = self.models.clone();
        match &e.kind {
            ExprKind::Name(name) => self.refer(name, e.span, &models),
            ExprKind::Call(name, args) => {
                self.refer(&name.node, name.span, &models);
                let model = self.find(&models, &name.node);
                args.iter().for_each(|arg| self.argument_name(model, arg));
            }
            ExprKind::Sweep(all) => all.iter().for_each(|e| self.model_value(e)),
            _ => {}
        }
    }

    fn data_value(&mut self, e: &Expr) {
        let data = self.data.clone();
        match &e.kind {
            ExprKind::Name(name) => self.refer(name, e.span, &data),
            ExprKind::Sweep(all) => all.iter().for_each(|e| self.data_value(e)),
            _ => {}
        }
    }

    /// `early_stopping(monitor = head.metric)`
    fn monitor(&mut self, e: &Expr) {
        let ExprKind::Call(_, args) = &e.kind else { return };
        for arg in args {
            if let ExprKind::Path(head, _) = &arg.value.kind {
                self.trained_value(&head.node, head.span);
            }
        }
    }

    /// A value of whichever models are trained.
    fn trained_value(&mut self, name: &str, span: Span) {
        let of = |own: &usize| self.scopes.iter().find(|(o, _)| o == own).map(|(_, s)| &s.values);
        let found = self.trained.iter().filter_map(|own| of(own)?.get(name).copied()).collect();
        self.occurs(span, found);
    }

    /// `manifold(encoder, color = label)`
    fn section(&mut self, e: &Expr) {
        let ExprKind::Call(_, args) = &e.kind else { return };
        for arg in args {
            let ExprKind::Name(name) = &arg.value.kind else { continue };
            match arg.name.as_ref().map(|n| n.node.as_str()) {
                None | Some("head") => self.trained_value(name, arg.value.span),
                Some("color") => {
                    let fields = self.fields_of(name);
                    self.occurs(arg.value.span, fields);
                }
                Some(_) => {}
            }
        }
    }
}

/// Every name in a value, but not those of arguments and calls.
fn each_name(e: &Expr, see: &mut dyn FnMut(&str, Span)) {
    match &e.kind {
        ExprKind::Name(name) => see(name, e.span),
        ExprKind::Path(base, _) => see(&base.node, base.span),
        ExprKind::Call(_, args) => args.iter().for_each(|arg| each_name(&arg.value, see)),
        ExprKind::List(all) | ExprKind::Sweep(all) => all.iter().for_each(|e| each_name(e, see)),
        ExprKind::Range(a, b) | ExprKind::Ramp(a, b) | ExprKind::Binary(a, _, b) => {
            each_name(a, see);
            each_name(b, see);
        }
        ExprKind::Negate(x) => each_name(x, see),
        ExprKind::Number(_) | ExprKind::Text(_) | ExprKind::Bool(_) => {}
    }
}

/// Names that a value may come to: `sweep [a, b(x = 1)]`.
fn words(e: &Expr, names: &mut Vec<String>) {
    match &e.kind {
        ExprKind::Name(name) => names.push(name.clone()),
        ExprKind::Call(name, _) => names.push(name.node.clone()),
        ExprKind::Sweep(all) => all.iter().for_each(|e| words(e, names)),
        _ => {}
    }
}
