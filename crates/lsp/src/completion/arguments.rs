//! Completion within brackets: names of arguments that are not given yet, and values of the one at hand.

use super::names::is_join;
use super::{Completion, CompletionKind, Here, items, literal, sweep};
use crate::calls::{Argument, Called, arguments, called, candidates};
use crate::describe;
use kiln_library::{ArgKind, Kind};
use kiln_model::vocabulary as words;

impl Here<'_> {
    /// What may stand in the innermost brackets.
    pub(super) fn arguments(&self) -> Vec<Completion> {
        let innermost = self.context.calls.len() - 1;
        let call = &self.context.calls[innermost];
        let called = called(self.project, &self.context, innermost);
        let arguments = arguments(self.project, called);
        if call.has_value && !self.context.in_list {
            return Vec::new();
        }
        let mut all = Vec::new();
        match called {
            Called::Declared => return Vec::new(),
            Called::Source => return self.values(),
            Called::Class => return self.parameters(),
            _ => {}
        }
        let fitting = candidates(&arguments, call.argument, &call.given, call.unnamed);
        for argument in fitting {
            all.extend(self.values_of(argument));
        }
        if call.argument.is_none() {
            all.extend(self.unnamed(called, call.unnamed));
            all.extend(names(&arguments, &call.given, self.is_assigned()));
        } else if let Called::Form(form) = called {
            all.extend(self.values_of_form(form.name, call.argument.unwrap_or_default()));
        } else if matches!(called, Called::EarlyStopping) && call.argument == Some("monitor") {
            all.extend(self.monitors());
        }
        all.extend(self.parameters());
        if call.argument.is_some() && !self.context.in_list {
            all.push(sweep());
        }
        all
    }

    /// What an argument without a name stands for besides those of the library: inputs of a join, the
    /// target of a loss, the head of a section.
    fn unnamed(&self, called: Called<'_>, unnamed: usize) -> Vec<Completion> {
        match called {
            Called::Item(Kind::Layer, item) if is_join(item.name()) => self.values(),
            Called::Item(Kind::Loss, _) if unnamed == 0 => self.compared(),
            Called::Form(form) if form.args.first().is_some_and(|a| a.name == "head") && unnamed == 0 => {
                self.trained_values()
            }
            _ => Vec::new(),
        }
    }

    fn values_of(&self, argument: &Argument) -> Vec<Completion> {
        match argument.kind {
            Some(ArgKind::Item(kind)) => items(kind),
            Some(ArgKind::Word(words)) if argument.name != "monitor" => literal(words),
            Some(ArgKind::Bool) => literal(&["true", "false"]),
            Some(ArgKind::Tie) => self.ties(),
            Some(ArgKind::Word(_) | ArgKind::Float | ArgKind::Int | ArgKind::List) => Vec::new(),
            // The words that a key of the language allows are those in its description.
            None => {
                let quoted: Vec<&str> = argument.takes.split('`').skip(1).step_by(2).collect();
                let is_word = |w: &&str| w.chars().all(|c| c.is_ascii_alphabetic());
                literal(&quoted.into_iter().filter(is_word).collect::<Vec<_>>())
            }
        }
    }

    fn values_of_form(&self, form: &str, argument: &str) -> Vec<Completion> {
        match argument {
            "head" => self.trained_values(),
            "color" if form == "manifold" => self.fields(),
            _ => Vec::new(),
        }
    }

    /// `val_loss`, `loss`, and the losses and metrics of each head.
    fn monitors(&self) -> Vec<Completion> {
        let mut all: Vec<Completion> =
            words::MONITORS.iter().map(|word| super::keyword(word, word.name)).collect();
        for (head, parts) in self.heads() {
            for part in parts {
                all.extend(literal(&[&format!("{head}.{part}")]));
            }
        }
        all
    }

    /// After a dot: the transpose of a kernel, or what there is of a head.
    pub(super) fn parts(&self) -> Vec<Completion> {
        let call = self.context.calls.last();
        let said = self.context.said();
        let base = said.len().checked_sub(2).map_or("", |i| self.context.text_of(said[i]));
        match call.and_then(|c| c.argument) {
            Some("tie") => {
                let mut transposed = literal(&["T"]);
                transposed.iter_mut().for_each(|item| item.detail = "the transpose of the kernel".to_owned());
                transposed
            }
            Some("monitor") => {
                let heads = self.heads();
                let parts = heads.iter().find(|(head, _)| head == base).map(|(_, parts)| parts.as_slice());
                let parts: Vec<&str> = parts.unwrap_or(&[]).iter().map(String::as_str).collect();
                literal(&parts)
            }
            _ => Vec::new(),
        }
    }

    /// Heads of the models, each with `loss` and its metrics as histories call them.
    fn heads(&self) -> Vec<(String, Vec<String>)> {
        use kiln_dsl::ast::Statement;
        let mut heads: Vec<(String, Vec<String>)> = Vec::new();
        let trained = self.project.trained().map(|m| m.name.span);
        let models = self.project.loaded.items.models.iter().filter(|m| Some(m.name.span) == trained);
        for statement in models.flat_map(|m| &m.body) {
            match statement {
                Statement::Loss { head, .. } => heads.push((head.node.clone(), vec!["loss".to_owned()])),
                Statement::Metric { head, metrics, .. } => {
                    let own = heads.iter_mut().find(|(name, _)| *name == head.node);
                    own.into_iter().for_each(|(_, parts)| parts.extend(metrics.iter().map(metric_name)));
                }
                Statement::Input { .. }
                | Statement::Target { .. }
                | Statement::Stack(_)
                | Statement::Pipeline(_) => {}
            }
        }
        heads
    }
}

/// `f1(macro)` is `f1_macro` in a history.
fn metric_name(metric: &kiln_dsl::ast::Expr) -> String {
    use kiln_dsl::ast::ExprKind;
    match &metric.kind {
        ExprKind::Call(name, args) => {
            let words = args.iter().filter_map(|arg| match &arg.value.kind {
                ExprKind::Name(word) => Some(format!("_{word}")),
                _ => None,
            });
            format!("{}{}", name.node, words.collect::<String>())
        }
        ExprKind::Name(name) => name.clone(),
        _ => String::new(),
    }
}

/// Names of arguments that are not given yet.
fn names(arguments: &[Argument], given: &[&str], is_assigned: bool) -> Vec<Completion> {
    let left = arguments.iter().filter(|a| !given.contains(&a.name.as_str()));
    let item = |a: &Argument| Completion {
        label: a.name.clone(),
        kind: CompletionKind::Key,
        detail: match (a.default.as_str(), a.required) {
            ("", true) => "required".to_owned(),
            ("", false) => "optional".to_owned(),
            (default, _) => format!("default: {default}"),
        },
        doc: describe::argument(a),
        insert: if is_assigned { a.name.clone() } else { format!("{} = ", a.name) },
    };
    left.map(item).collect()
}
