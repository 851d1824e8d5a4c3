//! Names that may stand at a place: values above it, parameters, blocks, items of the library.

use super::{Completion, CompletionKind, Here};
use crate::calls::of_spec;
use crate::describe;
use crate::index::{Definition, DefinitionKind};
use kiln_dsl::token::Kind as Sign;
use kiln_library::{Item, Kind, registry as library};

impl Here<'_> {
    /// What the block or model around the place is called.
    fn around(&self) -> &str {
        let said = self.context.said();
        match (self.context.item, self.context.first_word()) {
            // A block has no braces around it.
            ("", "block") => said.get(1).map_or("", |&i| self.context.text_of(i)),
            (item, _) => item,
        }
    }

    /// Definitions of the block or model around the place.
    fn own_definitions(&self) -> impl Iterator<Item = &Definition> {
        let around = self.around();
        let definitions = self.project.index.definitions.iter();
        definitions.filter(move |d| d.span.file == self.file && d.within == around)
    }

    /// Values that are made above the place, the nearest first.
    pub(super) fn values(&self) -> Vec<Completion> {
        let above = self.own_definitions().filter(|d| describe::is_value(d.kind) && d.span.start < self.at);
        let mut above: Vec<&Definition> = above.collect();
        above.sort_by_key(|d| std::cmp::Reverse(d.span.start));
        above.into_iter().map(|d| self.definition(d)).collect()
    }

    /// Inputs and targets: what a loss compares with.
    pub(super) fn compared(&self) -> Vec<Completion> {
        let is_field = |d: &&Definition| matches!(d.kind, DefinitionKind::Target | DefinitionKind::Input);
        let mut fields: Vec<&Definition> = self.own_definitions().filter(is_field).collect();
        fields.sort_by_key(|d| d.kind != DefinitionKind::Target);
        fields.into_iter().map(|d| self.definition(d)).collect()
    }

    /// Layers above the place that have a kernel, the nearest first, each transposed and as it is.
    pub(super) fn ties(&self) -> Vec<Completion> {
        // `up: dense(tie = …` cannot share what it has not got.
        let label = self.context.calls.first().and_then(|call| call.bracket.checked_sub(3));
        let label = label.filter(|&i| self.context.tokens[i + 1].kind == Sign::Colon);
        let own = label.map_or("", |i| self.context.text_of(i));
        let mut items = Vec::new();
        for value in self.values().into_iter().filter(|value| value.label != own) {
            let definition = self.own_definitions().find(|d| d.name == value.label);
            let named = definition.and_then(|d| describe::named_at(self.project, d.span));
            // A layer in a model that cannot be understood may well have one.
            let has_kernel = named.map_or(value.detail.starts_with("layer"), |n| n.has_kernel);
            if has_kernel {
                let transposed = format!("{}.T", value.label);
                items.push(Completion {
                    label: transposed.clone(),
                    insert: transposed,
                    detail: format!("{}, transposed", value.detail),
                    ..value.clone()
                });
                items.push(value);
            }
        }
        items
    }

    /// Parameters of the block or model around the place.
    pub(super) fn parameters(&self) -> Vec<Completion> {
        let params = self.own_definitions().filter(|d| d.kind == DefinitionKind::Parameter);
        params.map(|d| self.definition(d)).collect()
    }

    /// Fields of the data sets, those that the model reads left out.
    pub(super) fn fields(&self) -> Vec<Completion> {
        let fields = self.project.index.definitions.iter().filter(|d| d.kind == DefinitionKind::Field);
        let read = |name: &str| self.own_definitions().any(|d| d.name == name);
        fields.filter(|d| !read(&d.name)).map(|d| self.definition(d)).collect()
    }

    /// Values of the model that is trained.
    pub(super) fn trained_values(&self) -> Vec<Completion> {
        let Some(model) = self.project.trained() else { return Vec::new() };
        let named = self.project.index.definitions.iter().filter(|d| d.within == model.name.node);
        named.filter(|d| describe::is_value(d.kind)).map(|d| self.definition(d)).collect()
    }

    /// Data sets, models or blocks of the spec.
    pub(super) fn own(&self, kinds: &[DefinitionKind]) -> Vec<Completion> {
        let definitions = self.project.index.definitions.iter().filter(|d| kinds.contains(&d.kind));
        definitions.map(|d| self.definition(d)).collect()
    }

    /// Layers and blocks.
    pub(super) fn stages(&self) -> Vec<Completion> {
        let mut items = self.own(&[DefinitionKind::Block]);
        let around = self.around();
        items.retain(|item| item.label != around);
        let layers = library::items(Kind::Layer);
        items.extend(layers.into_iter().map(|layer| item(Kind::Layer, layer)));
        items
    }

    /// Layers of several inputs.
    pub(super) fn joins(&self) -> Vec<Completion> {
        let joins = library::items(Kind::Layer).into_iter().filter(|layer| is_join(layer.name()));
        joins.map(|layer| item(Kind::Layer, layer)).collect()
    }

    fn definition(&self, definition: &Definition) -> Completion {
        let shape = describe::named_at(self.project, definition.span).and_then(describe::dims);
        let shape = shape.map_or(String::new(), |dims| format!(", {dims:?}"));
        let is_called = definition.kind == DefinitionKind::Block;
        Completion {
            label: definition.name.clone(),
            kind: match definition.kind {
                DefinitionKind::Block | DefinitionKind::Model => CompletionKind::Own,
                _ => CompletionKind::Value,
            },
            detail: format!("{}{shape}", definition.kind.noun()),
            doc: describe::definition(self.project, definition),
            insert: if is_called { format!("{}($0)", definition.name) } else { definition.name.clone() },
        }
    }
}

/// A layer that takes several inputs.
pub(super) fn is_join(name: &str) -> bool {
    library::find_layer(name).is_some_and(|layer| layer.inputs().1 > 1)
}

/// An item of the library.
pub(super) fn item(kind: Kind, item: &dyn Item) -> Completion {
    let arguments: Vec<_> = item.args().iter().map(of_spec).collect();
    let needs = arguments.iter().any(|a| a.required) || (kind == Kind::Layer && !arguments.is_empty());
    let is_called = needs || matches!(kind, Kind::Layer | Kind::Optimizer);
    Completion {
        label: item.name().to_owned(),
        kind: CompletionKind::Item,
        detail: item.summary().to_owned(),
        doc: describe::arguments(&arguments),
        insert: if is_called { format!("{}($0)", item.name()) } else { item.name().to_owned() },
    }
}
