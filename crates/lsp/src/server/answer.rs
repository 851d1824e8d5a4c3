//! Requests and their answers.
//!
//! In: a method and its parameters. Out: the result as JSON, or an error of the protocol. Each request is
//! one function here, which turns places into bytes, asks a query, and turns bytes into places.

use super::convert::{byte, bytes, completion_kind, markdown, position, range, symbol_kind};
use super::mistakes;
use super::session::{Session, read};
use crate::lines::Lines;
use crate::navigate::{self, Site};
use crate::project::Project;
use crate::symbols::Symbol;
use crate::uri::to_path;
use crate::{actions, completion, formatting, hover, inlay, rename, symbols};
use gen_lsp_types as lsp;
use kiln_diag::FileId;
use lsp_server::ErrorCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A result, or an error of the protocol.
pub(super) type Answer = Result<Value, (ErrorCode, String)>;

/// The answer to a request.
pub(super) fn answer(session: &mut Session, method: &str, params: Value) -> Answer {
    match method {
        "textDocument/hover" => with(session, params, hover),
        "textDocument/completion" => with(session, params, completion),
        "textDocument/definition" => with(session, params, definition),
        "textDocument/references" => with(session, params, references),
        "textDocument/documentHighlight" => with(session, params, highlight),
        "textDocument/prepareRename" => with(session, params, prepare_rename),
        "textDocument/rename" => with(session, params, rename),
        "textDocument/formatting" => with(session, params, formatting),
        "textDocument/documentSymbol" => with(session, params, document_symbol),
        "textDocument/inlayHint" => with(session, params, inlay_hint),
        "textDocument/codeAction" => with(session, params, code_action),
        _ => Err((ErrorCode::MethodNotFound, format!("`{method}` is not known"))),
    }
}

fn with<P: DeserializeOwned, R: Serialize>(
    session: &mut Session,
    params: Value,
    ask: impl FnOnce(&mut Session, P) -> Result<R, (ErrorCode, String)>,
) -> Answer {
    let bad = || (ErrorCode::InvalidParams, "the parameters are not those of this request".to_owned());
    let params = read(params).ok_or_else(bad)?;
    let result = ask(session, params)?;
    serde_json::to_value(result).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}

type Asked<T> = Result<T, (ErrorCode, String)>;

/// A file of a spec, and a place in it.
struct Place {
    project: Rc<Project>,
    file: FileId,
    path: String,
    at: u32,
}

impl Session {
    fn file(&mut self, document: &lsp::TextDocumentIdentifier) -> Asked<Place> {
        let path = to_path(&document.uri.0);
        let project = self.workspace.project_of(&path);
        match project.file(&path) {
            Some(file) if self.workspace.text(&path).is_ok() => Ok(Place { project, file, path, at: 0 }),
            _ => Err((ErrorCode::InvalidParams, format!("`{path}` is not open and cannot be read"))),
        }
    }

    fn place(&mut self, params: &lsp::TextDocumentPositionParams) -> Asked<Place> {
        let place = self.file(&params.text_document)?;
        let at = byte(&self.lines(place.project.text(place.file)), params.position);
        Ok(Place { at, ..place })
    }

    fn lines<'t>(&self, text: &'t str) -> Lines<'t> {
        Lines::new(text, self.encoding)
    }

    /// Places by their paths, in the protocol's words.
    fn locations<'s>(&self, sites: impl IntoIterator<Item = &'s Site>) -> Vec<lsp::Location> {
        let mut texts: BTreeMap<&str, String> = BTreeMap::new();
        let mut all = Vec::new();
        for site in sites {
            let text = texts
                .entry(&site.path)
                .or_insert_with(|| self.workspace.text(&site.path).unwrap_or_default());
            let range = range(&self.lines(text), site.start..site.end);
            all.push(lsp::Location { uri: lsp::Uri(self.name(&site.path)), range });
        }
        all
    }
}

fn hover(session: &mut Session, params: lsp::HoverParams) -> Asked<Option<lsp::Hover>> {
    let Place { project, file, at, .. } = session.place(&params.text_document_position_params)?;
    let found = hover::hover(&project, file, at);
    Ok(found.map(|hover| lsp::Hover {
        contents: markdown(hover.text).into(),
        range: Some(range(&session.lines(project.text(file)), hover.span.start..hover.span.end)),
    }))
}

fn completion(session: &mut Session, params: lsp::CompletionParams) -> Asked<lsp::CompletionList> {
    let Place { project, file, at, .. } = session.place(&params.text_document_position_params)?;
    let files = session.workspace.files();
    let found = completion::complete(&project, file, at, &files);
    let range = range(&session.lines(project.text(file)), found.span.start..found.span.end);
    let items = found.items.into_iter().enumerate();
    let items = items.map(|(rank, item)| completion_item(session, item, range, rank)).collect();
    Ok(lsp::CompletionList { is_incomplete: false, items, ..Default::default() })
}

fn completion_item(
    session: &Session,
    item: completion::Completion,
    range: lsp::Range,
    rank: usize,
) -> lsp::CompletionItem {
    let is_snippet = item.insert.contains("$0");
    let new_text = match (is_snippet, session.snippets) {
        (true, true) => item.insert.clone(),
        // Without places to fill in, the word alone is no worse than half a line.
        (true, false) => item.label.clone(),
        (false, _) => item.insert.clone(),
    };
    let format = if is_snippet && session.snippets {
        lsp::InsertTextFormat::Snippet
    } else {
        lsp::InsertTextFormat::PlainText
    };
    lsp::CompletionItem {
        label: item.label,
        kind: Some(completion_kind(item.kind)),
        detail: Some(item.detail).filter(|d| !d.is_empty()),
        documentation: Some(item.doc).filter(|d| !d.is_empty()).map(|doc| markdown(doc).into()),
        sort_text: Some(format!("{rank:04}")),
        insert_text_format: Some(format),
        text_edit: Some(lsp::TextEdit { range, new_text }.into()),
        ..Default::default()
    }
}

fn definition(session: &mut Session, params: lsp::DefinitionParams) -> Asked<Vec<lsp::Location>> {
    let Place { project, file, at, .. } = session.place(&params.text_document_position_params)?;
    Ok(session.locations(&navigate::definition(&project, file, at)))
}

fn references(session: &mut Session, params: lsp::ReferenceParams) -> Asked<Vec<lsp::Location>> {
    let place = session.place(&params.text_document_position_params)?;
    let found = navigate::references(&mut session.workspace, &place.path, place.at);
    let Some(sites) = found else { return Ok(Vec::new()) };
    let declared = params.context.include_declaration;
    Ok(session.locations(sites.all.iter().filter(|site| declared || !sites.definitions.contains(site))))
}

fn highlight(
    session: &mut Session,
    params: lsp::DocumentHighlightParams,
) -> Asked<Vec<lsp::DocumentHighlight>> {
    let place = session.place(&params.text_document_position_params)?;
    let found = navigate::references(&mut session.workspace, &place.path, place.at);
    let sites = found.map(|sites| sites.all).unwrap_or_default();
    let here = session.locations(sites.iter().filter(|site| site.path == place.path));
    Ok(here.into_iter().map(|l| lsp::DocumentHighlight { range: l.range, kind: None }).collect())
}

fn prepare_rename(session: &mut Session, params: lsp::PrepareRenameParams) -> Asked<Value> {
    let place = session.place(&params.text_document_position_params)?;
    let site = rename::prepare(&mut session.workspace, &place.path, place.at).map_err(failed)?;
    let text = place.project.text(place.file);
    let name = text.get(site.start as usize..site.end as usize).unwrap_or_default();
    let range = range(&session.lines(text), site.start..site.end);
    Ok(json!({ "range": range, "placeholder": name }))
}

fn rename(session: &mut Session, params: lsp::RenameParams) -> Asked<lsp::WorkspaceEdit> {
    let place = session.place(&params.text_document_position_params)?;
    let sites = rename::rename(&mut session.workspace, &place.path, place.at, &params.new_name);
    let locations = session.locations(&sites.map_err(failed)?);
    let edits = locations.into_iter().map(|l| (l.uri, l.range, params.new_name.clone()));
    Ok(edit(edits))
}

/// A request that is understood and cannot be fulfilled.
fn failed(why: String) -> (ErrorCode, String) {
    (ErrorCode::RequestFailed, why)
}

#[allow(clippy::mutable_key_type, reason = "the protocol's map; names of files are plain texts")]
fn edit(changes: impl IntoIterator<Item = (lsp::Uri, lsp::Range, String)>) -> lsp::WorkspaceEdit {
    let mut all = std::collections::HashMap::new();
    for (uri, range, new_text) in changes {
        all.entry(uri).or_insert_with(Vec::new).push(lsp::TextEdit { range, new_text });
    }
    lsp::WorkspaceEdit { changes: Some(all), ..Default::default() }
}

fn formatting(session: &mut Session, params: lsp::DocumentFormattingParams) -> Asked<Vec<lsp::TextEdit>> {
    let Place { project, file, .. } = session.file(&params.text_document)?;
    let text = project.text(file);
    let change = formatting::format(text);
    let lines = session.lines(text);
    Ok(change
        .into_iter()
        .map(|(bytes, new_text)| lsp::TextEdit { range: range(&lines, bytes), new_text })
        .collect())
}

fn document_symbol(session: &mut Session, params: lsp::DocumentSymbolParams) -> Asked<Vec<Value>> {
    let Place { project, file, .. } = session.file(&params.text_document)?;
    let lines = session.lines(project.text(file));
    Ok(symbols::symbols(&project, file).iter().map(|symbol| symbol_json(symbol, &lines)).collect())
}

fn symbol_json(symbol: &Symbol, lines: &Lines<'_>) -> Value {
    let range = |span: kiln_diag::Span| range(lines, span.start..span.end);
    let children: Vec<Value> = symbol.children.iter().map(|child| symbol_json(child, lines)).collect();
    json!({
        "name": symbol.name,
        "detail": symbol.detail,
        "kind": symbol_kind(symbol.kind),
        "range": range(symbol.span),
        "selectionRange": range(symbol.name_span),
        "children": children,
    })
}

fn inlay_hint(session: &mut Session, params: lsp::InlayHintParams) -> Asked<Vec<lsp::InlayHint>> {
    let Place { project, file, .. } = session.file(&params.text_document)?;
    let lines = session.lines(project.text(file));
    let hints = inlay::hints(&project, file, bytes(&lines, params.range));
    let hint = |hint: inlay::Hint| lsp::InlayHint {
        position: position(&lines, hint.at),
        label: hint.text.into(),
        kind: Some(lsp::InlayHintKind::Type),
        text_edits: None,
        tooltip: Some(markdown(hint.more).into()),
        padding_left: Some(true),
        padding_right: None,
        data: None,
    };
    Ok(hints.into_iter().map(hint).collect())
}

fn code_action(session: &mut Session, params: lsp::CodeActionParams) -> Asked<Vec<lsp::CodeAction>> {
    let wanted = params.context.only.as_ref();
    if wanted.is_some_and(|only| {
        !only.iter().any(|k| matches!(k, lsp::CodeActionKind::QuickFix | lsp::CodeActionKind::Empty))
    }) {
        return Ok(Vec::new());
    }
    let place = session.file(&params.text_document)?;
    let part = bytes(&session.lines(place.project.text(place.file)), params.range);
    let roots = session.workspace.roots(&place.path);
    let projects: Vec<Rc<Project>> = roots.iter().map(|root| session.workspace.project(root)).collect();
    let found = actions::actions(&projects, &place.path, part);
    Ok(found.iter().map(|action| action_of(session, action)).collect())
}

fn action_of(session: &Session, action: &actions::Action) -> lsp::CodeAction {
    let location = mistakes::location(session, &action.project, action.span);
    lsp::CodeAction {
        title: action.title.clone(),
        kind: Some(lsp::CodeActionKind::QuickFix),
        diagnostics: Some(vec![mistakes::shown(session, &action.project, &action.mistake)]),
        is_preferred: Some(action.mistake.suggestions.len() == 1),
        edit: Some(edit([(location.uri, location.range, action.replacement.clone())])),
        ..Default::default()
    }
}
