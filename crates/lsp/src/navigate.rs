//! Where a name is defined, and everywhere that it stands.
//!
//! In: the specs that a file belongs to, and a place. Out: places. A name is followed through all specs
//! that share the file it is defined in, and through places that stand for several definitions at once
//! (an input and the field that it reads are one name).

use crate::context::Context;
use crate::project::Project;
use crate::workspace::Workspace;
use kiln_diag::{FileId, Span};
use kiln_model::load::used_path;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A place by the path of its file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// The file.
    pub path: String,
    /// First byte.
    pub start: u32,
    /// First byte that no longer belongs to it.
    pub end: u32,
}

impl Site {
    fn of(project: &Project, span: Span) -> Site {
        Site { path: project.path(span.file).to_owned(), start: span.start, end: span.end }
    }
}

/// A name, wherever it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sites {
    /// The name.
    pub name: String,
    /// What it is, of the definition nearest to the place that was asked about.
    pub noun: &'static str,
    /// Where it is defined.
    pub definitions: BTreeSet<Site>,
    /// Everywhere, definitions included.
    pub all: BTreeSet<Site>,
    /// The main files that were looked through.
    pub roots: BTreeSet<String>,
}

/// Where the name at a place is defined; from a definition, the others that it must agree with.
pub fn definition(project: &Project, file: FileId, at: u32) -> Vec<Site> {
    if let Some(site) = used_file(project, file, at) {
        return vec![site];
    }
    let Some(occurrence) = project.index.at(file, at) else { return Vec::new() };
    let spans = occurrence.definitions.iter().map(|&i| project.index.definitions[i].span);
    let others: Vec<Site> =
        spans.filter(|span| *span != occurrence.span).map(|span| Site::of(project, span)).collect();
    if others.is_empty() { vec![Site::of(project, occurrence.span)] } else { others }
}

/// The file that the text in quotes after `use` leads to.
fn used_file(project: &Project, file: FileId, at: u32) -> Option<Site> {
    let context = Context::at(project.text(file), at);
    let quoted = context.quoted.clone().filter(|_| context.first_word() == "use")?;
    let written = &project.text(file)[quoted.start as usize..quoted.end as usize];
    let path = used_path(project.path(file), written);
    project.file(&path).map(|_| Site { path, start: 0, end: 0 })
}

/// The name at a place of a file, wherever it stands.
pub fn references(workspace: &mut Workspace, path: &str, at: u32) -> Option<Sites> {
    let project = workspace.project_of(path);
    let occurrence = project.index.at(project.file(path)?, at)?;
    let definition = project.index.definition(occurrence);
    let (name, noun) = (definition.name.clone(), definition.kind.noun());
    let begin = occurrence.definitions.iter().map(|&i| Site::of(&project, project.index.definitions[i].span));
    let mut sites =
        Sites { name, noun, definitions: begin.collect(), all: BTreeSet::new(), roots: BTreeSet::new() };
    loop {
        let files: BTreeSet<String> =
            sites.definitions.iter().map(|d| d.path.clone()).chain([path.to_owned()]).collect();
        let roots: BTreeSet<String> = files.iter().flat_map(|file| workspace.roots(file)).collect();
        let before = (sites.definitions.len(), sites.roots.len());
        let projects: Vec<Rc<Project>> = roots.iter().map(|root| workspace.project(root)).collect();
        sites.roots = roots;
        spread(&mut sites, &projects);
        if before == (sites.definitions.len(), sites.roots.len()) {
            return Some(sites);
        }
    }
}

/// Adds every place that leads to one of the definitions, and the definitions that they lead to as well.
fn spread(sites: &mut Sites, projects: &[Rc<Project>]) {
    let leads = occurrences(projects);
    loop {
        let before = sites.definitions.len();
        for (site, definitions) in &leads {
            if definitions.iter().any(|d| sites.definitions.contains(d)) {
                sites.definitions.extend(definitions.iter().cloned());
                sites.all.insert(site.clone());
            }
        }
        if before == sites.definitions.len() {
            return;
        }
    }
}

/// Every name of some specs, and what it leads to in any of them.
fn occurrences(projects: &[Rc<Project>]) -> BTreeMap<Site, BTreeSet<Site>> {
    let mut leads: BTreeMap<Site, BTreeSet<Site>> = BTreeMap::new();
    for project in projects {
        for occurrence in &project.index.occurrences {
            let own = leads.entry(Site::of(project, occurrence.span)).or_default();
            let spans = occurrence.definitions.iter().map(|&i| project.index.definitions[i].span);
            own.extend(spans.map(|span| Site::of(project, span)));
        }
    }
    leads
}
