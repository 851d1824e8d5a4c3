//! Mistakes in the protocol's words.
//!
//! In: the specs that open files belong to. Out: for each file of theirs the mistakes in it, as the
//! editor shows them: code, message, what is said at the place, hints, related places.

use super::convert::range;
use super::session::Session;
use crate::lines::Lines;
use crate::project::Project;
use gen_lsp_types as lsp;
use kiln_diag::{Diagnostic, FileId, Severity, Span};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Mistakes by file; files without any are there too, with an empty list.
pub(super) fn all(session: &mut Session) -> BTreeMap<String, Value> {
    let open: Vec<String> = session.workspace.open().map(str::to_owned).collect();
    let roots: BTreeSet<String> = open.iter().flat_map(|path| session.workspace.roots(path)).collect();
    let projects: Vec<Rc<Project>> = roots.iter().map(|root| session.workspace.project(root)).collect();
    let mut found: BTreeMap<String, Vec<Value>> = open.into_iter().map(|path| (path, Vec::new())).collect();
    for project in &projects {
        for mistake in project.diagnostics.sorted() {
            let place = mistake.place().unwrap_or_default();
            // A file of several specs has the same mistake in each of them.
            let list = found.entry(project.path(place.file).to_owned()).or_default();
            let shown = json!(shown(session, project, mistake));
            if !list.contains(&shown) {
                list.push(shown);
            }
        }
    }
    found.into_iter().map(|(path, list)| (path, Value::Array(list))).collect()
}

/// A mistake as the editor shows it.
pub(super) fn shown(session: &Session, project: &Project, mistake: &Diagnostic) -> lsp::Diagnostic {
    let place = mistake.place().unwrap_or_default();
    let related = mistake.labels.iter().filter(|l| l.span != place || !l.primary);
    let related = related.map(|label| lsp::DiagnosticRelatedInformation {
        location: location(session, project, label.span),
        message: label.text.clone(),
    });
    let related: Vec<lsp::DiagnosticRelatedInformation> = related.collect();
    lsp::Diagnostic {
        range: place_of(session, project, place),
        severity: Some(match mistake.severity {
            Severity::Error => lsp::DiagnosticSeverity::Error,
            Severity::Warning => lsp::DiagnosticSeverity::Warning,
        }),
        code: Some(mistake.code.as_str().to_owned().into()),
        source: Some("kiln".to_owned()),
        message: message(mistake).into(),
        related_information: (!related.is_empty()).then_some(related),
        ..Default::default()
    }
}

/// What `kiln check` says, without the picture of the text.
fn message(mistake: &Diagnostic) -> String {
    let said = mistake.labels.iter().find(|l| l.primary).map_or("", |l| l.text.as_str());
    let mut text = mistake.message.clone();
    if !said.is_empty() {
        text.push_str(&format!("\n{said}"));
    }
    for hint in &mistake.hints {
        text.push_str(&format!("\nhelp: {hint}"));
    }
    text
}

fn place_of(session: &Session, project: &Project, span: Span) -> lsp::Range {
    let is_known = project.loaded.sources.files().any(|file| file == span.file);
    let file = if is_known { span.file } else { FileId::default() };
    range(&Lines::new(project.text(file), session.encoding), span.start..span.end)
}

/// A place of a spec.
pub(super) fn location(session: &Session, project: &Project, span: Span) -> lsp::Location {
    let uri = lsp::Uri(session.name(project.path(span.file)));
    lsp::Location { uri, range: place_of(session, project, span) }
}
