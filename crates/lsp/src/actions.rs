//! Code actions: what hints of mistakes would type, typed.
//!
//! In: the specs that a file belongs to, a part of its text. Out: for each mistake there that has one,
//! the change that mends it. The changes are those of `kiln_diag`: each was tried on a wrong spec.

use crate::project::Project;
use kiln_diag::{Diagnostic, FileId, Span};
use std::ops::Range;
use std::rc::Rc;

/// A change that mends a mistake.
#[derive(Clone, Debug)]
pub struct Action {
    /// What it does.
    pub title: String,
    /// The mistake.
    pub mistake: Diagnostic,
    /// What is replaced.
    pub path: String,
    /// Its place.
    pub span: Span,
    /// By what.
    pub replacement: String,
    /// The spec whose texts the places are in.
    pub project: Rc<Project>,
}

/// The changes that mend mistakes in a part of a file.
pub fn actions(projects: &[Rc<Project>], path: &str, part: Range<u32>) -> Vec<Action> {
    let mut found: Vec<Action> = Vec::new();
    for project in projects {
        let Some(file) = project.file(path) else { continue };
        for mistake in project.diagnostics.iter().filter(|d| touches(d, file, &part)) {
            for suggestion in &mistake.suggestions {
                let action = Action {
                    title: suggestion.title.clone(),
                    mistake: mistake.clone(),
                    path: project.path(suggestion.span.file).to_owned(),
                    span: suggestion.span,
                    replacement: suggestion.replacement.clone(),
                    project: Rc::clone(project),
                };
                // A file of several specs has the same mistake in each of them.
                let same = |known: &Action| {
                    (&known.title, &known.path, known.span.range(), &known.mistake.message)
                        == (&action.title, &action.path, action.span.range(), &action.mistake.message)
                };
                if !found.iter().any(same) {
                    found.push(action);
                }
            }
        }
    }
    found
}

/// A part of the mistake, or of what would mend it, lies in the part of the text.
fn touches(mistake: &Diagnostic, file: FileId, part: &Range<u32>) -> bool {
    let places = mistake.labels.iter().filter(|l| l.primary).map(|l| l.span);
    let mut places = places.chain(mistake.suggestions.iter().map(|s| s.span));
    places.any(|span| span.file == file && span.start <= part.end && part.start <= span.end)
}
