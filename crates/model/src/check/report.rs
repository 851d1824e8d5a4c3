//! `report { … }`: sections, the heads and values that they show, their arguments.

use super::arguments::bind;
use super::network::Network;
use super::scope::{Flow, Meaning};
use super::sweep::{Choices, nested};
use super::term::{Env, Evaluate, Term, TermArg, TermKind};
use crate::mistakes::{self, Called, report as said};
use crate::model::{Data, Head, Method, Part, Section, View, Which};
use kiln_diag::Diagnostics;
use kiln_dsl::ast;
use kiln_library::{ArgKind, ArgSpec, Args};

/// Names of sections.
pub const SECTIONS: &[&str] =
    &["curves", "confusion", "classification", "reconstructions", "manifold", "weights", "table"];

/// Sections, and values that they read besides the heads.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) sections: Vec<Section>,
    pub(crate) views: Vec<View>,
}

/// What sections may speak of.
pub(crate) struct Scene<'a> {
    pub(crate) network: &'a Network,
    pub(crate) heads: &'a [Head],
    /// Nothing was wrong with the heads: what is not among them is not in the spec.
    pub(crate) is_whole: bool,
    pub(crate) data: Option<&'a Data>,
}

/// What sections refer to.
struct Look<'a> {
    network: &'a Network,
    heads: &'a [Head],
    is_whole: bool,
    data: Option<&'a Data>,
    diagnostics: &'a mut Diagnostics,
    report: Report,
}

/// The section `report`, resolved.
pub(crate) fn run(
    report: &ast::Report,
    scene: &Scene<'_>,
    choices: &Choices,
    diagnostics: &mut Diagnostics,
) -> Report {
    let env = Env::default();
    let &Scene { network, heads, is_whole, data } = scene;
    let mut look = Look { network, heads, is_whole, data, diagnostics, report: Report::default() };
    for e in &report.sections {
        if let Some(sweep) = nested(e) {
            look.diagnostics.push(mistakes::train::sweep_not_here(sweep));
            continue;
        }
        let term = Evaluate { env: &env, choices, diagnostics: look.diagnostics }.term(e);
        look.section(&term);
    }
    look.report
}

const fn int(name: &'static str, default: &'static str) -> ArgSpec {
    ArgSpec::int(name).or(default).at_least(1.0).at_most(100_000.0)
}

/// Taken out before arguments are bound, since fields are no words; it is here so that it is known.
const COLOR: ArgSpec = ArgSpec::new("color", ArgKind::Word(&[])).optional();

impl<'a> Look<'a> {
    fn section(&mut self, term: &Term) {
        let none = Vec::new();
        let (name, span, args) = match &term.kind {
            TermKind::Name(name) => (name.as_str(), term.span, &none),
            TermKind::Call(name, args) => (name.node.as_str(), name.span, args),
            TermKind::Poisoned => return,
            _ => return self.diagnostics.push(said::not_a_section(term.span)),
        };
        let called = Called { text: name, span };
        match name {
            "curves" => self.curves(called, args),
            "confusion" => self.confusion(called, args),
            "classification" => self.classification(called, args),
            "reconstructions" => self.reconstructions(called, args),
            "manifold" => self.manifold(called, args),
            "weights" => self.weights(called, args),
            "table" => {
                if self.bind(called, &[], args).is_some() {
                    self.report.sections.push(Section::Table);
                }
            }
            _ => self.diagnostics.push(said::unknown_section(name, span, SECTIONS)),
        }
    }

    fn bind(&mut self, called: Called<'_>, specs: &[ArgSpec], args: &[TermArg]) -> Option<Args> {
        let bound = bind(called, specs, args, self.diagnostics);
        bound.ok.then_some(bound.args)
    }

    /// Splits off the argument that names a value: the first without a name, or `head = …`.
    fn value(args: &[TermArg]) -> (Option<&Term>, Vec<TermArg>) {
        let is_value = |a: &TermArg| a.name.as_ref().is_none_or(|n| n.node == "head");
        let at = args.iter().position(is_value);
        let rest = args.iter().enumerate().filter(|(i, _)| Some(*i) != at).map(|(_, a)| a.clone());
        (at.map(|i| &args[i].value), rest.collect())
    }

    fn curves(&mut self, called: Called<'_>, args: &[TermArg]) {
        const ARGS: &[ArgSpec] = &[ArgSpec::new("log", ArgKind::Bool).or("false")];
        if let Some(args) = self.bind(called, ARGS, args) {
            self.report.sections.push(Section::Curves { log: args.bool("log") });
        }
    }

    fn confusion(&mut self, called: Called<'_>, args: &[TermArg]) {
        const ARGS: &[ArgSpec] = &[ArgSpec::new("normalize", ArgKind::Bool).or("false")];
        let (value, rest) = Look::value(args);
        let heads = self.heads(called, value, "a head with class labels", |look, h| look.is_class(h));
        let Some(args) = self.bind(called, ARGS, &rest) else { return };
        for head in heads {
            self.report.sections.push(Section::Confusion { head, normalize: args.bool("normalize") });
        }
    }

    fn classification(&mut self, called: Called<'_>, args: &[TermArg]) {
        const ARGS: &[ArgSpec] = &[ArgSpec::int("digits").or("2").at_least(1.0).at_most(9.0)];
        let (value, rest) = Look::value(args);
        let heads = self.heads(called, value, "a head with class labels", |look, h| look.is_class(h));
        let Some(args) = self.bind(called, ARGS, &rest) else { return };
        for head in heads {
            let digits = args.int("digits") as u32;
            self.report.sections.push(Section::Classification { head, digits });
        }
    }

    fn reconstructions(&mut self, called: Called<'_>, args: &[TermArg]) {
        const ARGS: &[ArgSpec] = &[
            int("columns", "10"),
            ArgSpec::new("which", ArgKind::Word(&["first", "classes", "extremes", "worst", "best"]))
                .or("first"),
        ];
        let (value, rest) = Look::value(args);
        let needs = "a head that is compared with an input";
        let heads = self
            .heads(called, value, needs, |look, h| look.network.inputs.iter().any(|i| i.name == h.target));
        let Some(args) = self.bind(called, ARGS, &rest) else { return };
        let which = match args.word("which") {
            "extremes" => Which::Extremes,
            "classes" => Which::Classes,
            "worst" => Which::Worst,
            "best" => Which::Best,
            _ => Which::First,
        };
        for head in heads {
            let columns = args.int("columns") as u32;
            self.report.sections.push(Section::Reconstructions { head, columns, which });
        }
    }

    fn manifold(&mut self, called: Called<'_>, args: &[TermArg]) {
        const ARGS: &[ArgSpec] = &[
            ArgSpec::new("method", ArgKind::Word(&["pca", "tsne", "umap"])).or("tsne"),
            int("samples", "2000"),
            COLOR,
        ];
        let (value, mut rest) = Look::value(args);
        let is_color = |a: &TermArg| a.name.as_ref().is_some_and(|n| n.node == "color");
        let color = rest.iter().find(|a| is_color(a)).map(|a| a.value.clone());
        rest.retain(|a| !is_color(a));
        let color = self.color(called, color.as_ref());
        let value = self.view(called, value);
        let Some(args) = self.bind(called, ARGS, &rest) else { return };
        let method = match args.word("method") {
            "pca" => Method::Pca,
            "umap" => Method::Umap,
            _ => Method::Tsne,
        };
        if let (Some(value), Some(color)) = (value, color) {
            let samples = args.int("samples") as u32;
            self.report.sections.push(Section::Manifold { value, method, color, samples });
        }
    }

    fn weights(&mut self, called: Called<'_>, args: &[TermArg]) {
        const ARGS: &[ArgSpec] = &[int("columns", "16"), int("tiles", "64")];
        let (value, rest) = Look::value(args);
        let has_kernel = |name: &str| self.network.made(name).is_some_and(|m| m.kernel.is_some());
        let owners: Vec<&str> =
            self.network.made.iter().filter(|m| m.kernel.is_some()).map(|m| m.name.as_str()).collect();
        let layer = match value.map(|t| (&t.kind, t.span)) {
            None => match owners.first() {
                Some(first) => Some((*first).to_owned()),
                None => {
                    self.diagnostics.push(said::no_head("weights", called.span, "a layer with a kernel"));
                    None
                }
            },
            Some((TermKind::Name(name), span)) => {
                let value = self.find(name).map_or(name.clone(), |f| f.value);
                let known = has_kernel(&value);
                if !known {
                    let needs = "a layer with a kernel";
                    self.diagnostics.push(said::wrong_head("weights", span, name, needs, &owners));
                }
                known.then_some(value)
            }
            Some((TermKind::Poisoned, _)) => None,
            Some((_, span)) => {
                self.diagnostics.push(said::wrong_head(
                    "weights",
                    span,
                    "this",
                    "a layer with a kernel",
                    &owners,
                ));
                None
            }
        };
        let Some(args) = self.bind(called, ARGS, &rest) else { return };
        if let Some(layer) = layer {
            let (columns, tiles) = (args.int("columns") as u32, args.int("tiles") as u32);
            self.report.sections.push(Section::Weights { layer, columns, tiles });
        }
    }

    // ---- heads and values

    fn is_class(&self, head: &Head) -> bool {
        let targets = &self.network.targets;
        targets.iter().any(|t| t.name == head.target && matches!(t.kind, crate::model::TargetKind::Class(_)))
    }

    /// The head that was named, or all that fit.
    fn heads(
        &mut self,
        called: Called<'_>,
        value: Option<&Term>,
        needs: &str,
        fits: impl Fn(&Look<'_>, &Head) -> bool,
    ) -> Vec<String> {
        let fitting: Vec<String> =
            self.heads.iter().filter(|h| fits(self, h)).map(|h| h.name.clone()).collect();
        let names: Vec<&str> = fitting.iter().map(String::as_str).collect();
        match value.map(|t| (&t.kind, t.span)) {
            None => {
                // What is wrong with the heads has been said already.
                if fitting.is_empty() && self.is_whole {
                    self.diagnostics.push(said::no_head(called.text, called.span, needs));
                }
                fitting
            }
            Some((TermKind::Name(name), _)) if fitting.contains(name) => vec![name.clone()],
            Some((TermKind::Poisoned, _)) => Vec::new(),
            Some((TermKind::Name(name), span)) => {
                if self.network.scope.find(name).is_none() {
                    let name = ast::Name::new(name.clone(), span);
                    let others = if names.is_empty() { self.values() } else { names };
                    self.diagnostics.push(mistakes::names::unknown_value(&name, others));
                } else if self.is_whole {
                    self.diagnostics.push(said::wrong_head(called.text, span, name, needs, &names));
                }
                Vec::new()
            }
            Some((_, span)) => {
                self.diagnostics.push(said::wrong_head(called.text, span, "this", needs, &names));
                Vec::new()
            }
        }
    }

    /// Names of values that flow.
    fn values(&self) -> Vec<&'a str> {
        let names = self.network.scope.names.iter();
        names.filter(|n| !matches!(n.meaning, Meaning::Target(_))).map(|n| n.name.as_str()).collect()
    }

    fn find(&self, name: &str) -> Option<Flow> {
        let named = self.network.scope.find(name)?;
        named.used.set(true);
        match &named.meaning {
            Meaning::Input(flow) | Meaning::Layer(flow) | Meaning::Group(flow) => Some(flow.clone()),
            Meaning::Target(_) => None,
        }
    }

    /// A value of the model that the report reads; it becomes a view where it is no head.
    fn view(&mut self, called: Called<'_>, value: Option<&Term>) -> Option<String> {
        let needs = "a value of the model";
        let names = self.values();
        let Some(term) = value else {
            self.diagnostics.push(mistakes::data::missing(called, "head"));
            return None;
        };
        let TermKind::Name(name) = &term.kind else {
            if !term.is_poisoned() {
                self.diagnostics.push(said::wrong_head(called.text, term.span, "this", needs, &[]));
            }
            return None;
        };
        if self.heads.iter().any(|h| h.name == *name) {
            return Some(name.clone());
        }
        let Some(flow) = self.find(name) else {
            let name = ast::Name::new(name.clone(), term.span);
            self.diagnostics.push(mistakes::names::unknown_value(&name, names));
            return None;
        };
        let dims = flow.dims?;
        if !self.report.views.iter().any(|v| v.name == *name) {
            self.report.views.push(View { name: name.clone(), layer: flow.value, dims });
        }
        Some(name.clone())
    }

    /// The class field that gives the colours: the one named, or the only one.
    fn color(&mut self, called: Called<'_>, term: Option<&Term>) -> Option<String> {
        let data = self.data?;
        let fields = data.fields.iter().filter(|f| f.part == Part::Class);
        let fields: Vec<&str> = fields.map(|f| f.name.as_str()).collect();
        match term {
            None => match fields.first() {
                Some(first) => Some((*first).to_owned()),
                None => {
                    let needs = "a field of class labels in the data set";
                    self.diagnostics.push(said::no_head(called.text, called.span, needs));
                    None
                }
            },
            Some(Term { kind: TermKind::Name(name), .. }) if fields.contains(&name.as_str()) => {
                Some(name.clone())
            }
            Some(Term { kind: TermKind::Poisoned, .. }) => None,
            Some(term) => {
                let found = term.describe().replace("the name ", "").replace('`', "");
                let needs = "a field of class labels";
                self.diagnostics.push(said::wrong_head("color", term.span, &found, needs, &fields));
                None
            }
        }
    }
}
