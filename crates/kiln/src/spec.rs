//! A spec, checked, and its runs.

use crate::error::Error;
use kiln_diag::{Diagnostics, Sources, render};
use kiln_model::{Items, Loaded, Model, Summary};
use std::path::Path;

/// A spec without mistakes.
#[derive(Clone, Debug)]
pub struct Spec {
    name: String,
    source: String,
    warnings: String,
    spec: kiln_model::Spec,
    /// What it was read from, where that is known: the places that messages point at.
    origin: Option<(Sources, Items)>,
}

impl Spec {
    /// Reads and checks the spec at `path`; `overrides` are `key=value`, as `--set` takes them.
    ///
    /// # Errors
    /// [`Error::Read`]; [`Error::Mistakes`] with every mistake.
    pub fn load(path: impl AsRef<Path>, overrides: &[String]) -> Result<Spec, Error> {
        let path = path.as_ref();
        let loaded =
            kiln_model::load(path).map_err(|error| Error::Read { path: path.to_path_buf(), error })?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Spec::of(&name, loaded, overrides)
    }

    /// Checks a spec given as text; it can use no other files.
    ///
    /// # Errors
    /// [`Error::Mistakes`] with every mistake.
    pub fn parse(name: &str, text: &str) -> Result<Spec, Error> {
        let alone = |_: &str| Err("a spec given as text can use no other files".to_owned());
        let loaded = kiln_model::load_text(&format!("{name}.model"), text, &mut { alone });
        Spec::of(name, loaded, &[])
    }

    fn of(name: &str, mut loaded: Loaded, overrides: &[String]) -> Result<Spec, Error> {
        kiln_model::set(&mut loaded, overrides);
        let source = loaded.sources.text(loaded.items.main).to_owned();
        let checked = kiln_model::check(&loaded);
        let said = said(&checked.diagnostics, &loaded.sources);
        match checked.spec {
            Some(spec) => {
                let spec = Spec::checked(name, source, spec).read_from(loaded.sources, loaded.items);
                Ok(Spec { warnings: said, ..spec })
            }
            None => Err(Error::Mistakes(said)),
        }
    }

    /// A spec that was checked elsewhere. `name` is that of its folder below `runs`: its file's name
    /// without the ending; `source` is the text of its file.
    pub fn checked(name: &str, source: String, spec: kiln_model::Spec) -> Spec {
        Spec { name: name.to_owned(), source, warnings: String::new(), spec, origin: None }
    }

    /// The same spec, whose texts messages can point into.
    pub fn read_from(self, sources: Sources, items: Items) -> Spec {
        Spec { origin: Some((sources, items)), ..self }
    }

    pub(crate) fn origin(&self) -> Option<(&Sources, &Items)> {
        self.origin.as_ref().map(|(sources, items)| (sources, items))
    }

    /// Its file's name without the ending.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text of its file.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Its title.
    pub fn title(&self) -> &str {
        &self.spec.title
    }

    /// What is legal but probably not meant, as it is shown to people; empty where there is nothing.
    pub fn warnings(&self) -> &str {
        &self.warnings
    }

    /// One run for each combination of swept values; at least one.
    pub fn runs(&self) -> impl ExactSizeIterator<Item = Run<'_>> {
        self.spec.runs.iter().map(|run| Run { spec: self, run })
    }

    /// What is swept.
    pub fn axes(&self) -> &[kiln_model::Axis] {
        &self.spec.axes
    }
}

fn said(diagnostics: &Diagnostics, sources: &Sources) -> String {
    render(diagnostics, sources, false)
}

/// One run of a spec.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) run: &'a kiln_model::Run,
}

impl<'a> Run<'a> {
    /// The spec.
    pub fn spec(&self) -> &'a Spec {
        self.spec
    }

    /// What sets it apart from the others of its sweep (`batch=512`); empty where nothing is swept.
    pub fn label(&self) -> &'a str {
        &self.run.label
    }

    /// What is trained, with every name, shape and default settled.
    pub fn model(&self) -> &'a Model {
        &self.run.model
    }

    /// The model as a drawing shows it.
    pub fn network(&self) -> kiln_record::Network {
        crate::network::network(self.model())
    }

    /// The model's table in Keras' layout.
    pub fn summary(&self) -> Summary {
        kiln_model::summary(self.model())
    }
}
