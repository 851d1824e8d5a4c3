//! A session: what the editor can do, which texts are open, which mistakes it was shown.
//!
//! In: notifications. Out: the workspace as it stands, and the mistakes that the editor should now show.

use super::convert::bytes;
use super::mistakes;
use crate::lines::{Encoding, Lines};
use crate::uri;
use crate::workspace::{Document, Workspace};
use gen_lsp_types as lsp;
use lsp::TextDocumentContentChangeEvent as Change;
use lsp_server::Notification;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is kept of a conversation.
#[derive(Debug, Default)]
pub(super) struct Session {
    pub(super) workspace: Workspace,
    pub(super) encoding: Encoding,
    /// The editor fills in places within what it inserts.
    pub(super) snippets: bool,
    /// Names of files as the editor writes them, by their paths.
    names: BTreeMap<String, String>,
    /// What was shown of each file, where it was anything.
    shown: BTreeMap<String, Value>,
    stale: bool,
}

impl Session {
    /// Takes note of what the editor can do; what the server can.
    pub(super) fn initialize(&mut self, params: &Value) -> Value {
        let list =
            |pointer: &str| params.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
        let flag = |pointer: &str| params.pointer(pointer).and_then(Value::as_bool).unwrap_or(false);
        if list("/capabilities/general/positionEncodings").iter().any(|e| e == "utf-8") {
            self.encoding = Encoding::Utf8;
        }
        self.snippets = flag("/capabilities/textDocument/completion/completionItem/snippetSupport");
        let folders = list("/workspaceFolders");
        let named = folders.iter().filter_map(|folder| folder.get("uri")?.as_str());
        let root = params.get("rootUri").and_then(Value::as_str).filter(|_| folders.is_empty());
        let paths: Vec<String> = named.chain(root).map(uri::to_path).collect();
        for path in paths {
            self.workspace.add_folder(path.trim_end_matches('/'));
        }
        json!({
            "capabilities": capabilities(self.encoding),
            "serverInfo": { "name": "kiln", "version": env!("CARGO_PKG_VERSION") },
        })
    }

    /// Something has changed since mistakes were last shown.
    pub(super) fn is_stale(&self) -> bool {
        self.stale
    }

    /// A notification; one that is not known or cannot be read changes nothing.
    pub(super) fn note(&mut self, method: &str, params: Value) {
        let _ = match method {
            "textDocument/didOpen" => read(params).map(|p| self.opened(p)),
            "textDocument/didChange" => read(params).map(|p| self.changed(p)),
            "textDocument/didClose" => read(params).map(|p| self.closed(&p)),
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                self.workspace.rescan();
                Some(())
            }
            "workspace/didChangeWorkspaceFolders" => read(params).map(|p| self.folders(&p)),
            _ => return,
        };
        self.stale = true;
    }

    fn opened(&mut self, params: lsp::DidOpenTextDocumentParams) {
        let document = params.text_document;
        let path = uri::to_path(&document.uri.0);
        self.names.insert(path.clone(), document.uri.0);
        self.workspace.set(&path, Document { text: document.text, version: document.version });
    }

    fn changed(&mut self, params: lsp::DidChangeTextDocumentParams) {
        let path = uri::to_path(&params.text_document.text_document_identifier.uri.0);
        let Some(document) = self.workspace.document(&path) else { return };
        let mut text = document.text.clone();
        for change in params.content_changes {
            match change {
                Change::TextDocumentContentChangeWholeDocument(whole) => text = whole.text,
                Change::TextDocumentContentChangePartial(part) => {
                    let range = bytes(&Lines::new(&text, self.encoding), part.range);
                    text.replace_range(range.start as usize..range.end as usize, &part.text);
                }
            }
        }
        self.workspace.set(&path, Document { text, version: params.text_document.version });
    }

    fn closed(&mut self, params: &lsp::DidCloseTextDocumentParams) {
        self.workspace.close(&uri::to_path(&params.text_document.uri.0));
    }

    fn folders(&mut self, params: &lsp::DidChangeWorkspaceFoldersParams) {
        let path =
            |folder: &lsp::WorkspaceFolder| uri::to_path(&folder.uri.0).trim_end_matches('/').to_owned();
        params.event.removed.iter().for_each(|folder| self.workspace.remove_folder(&path(folder)));
        params.event.added.iter().for_each(|folder| self.workspace.add_folder(&path(folder)));
    }

    /// The name of a file as the editor writes it.
    pub(super) fn name(&self, path: &str) -> String {
        self.names.get(path).cloned().unwrap_or_else(|| uri::from_path(path))
    }

    /// The mistakes of all files that open ones belong to, where they are others than were shown.
    pub(super) fn publish(&mut self) -> Vec<Notification> {
        self.stale = false;
        let mut now = mistakes::all(self);
        let gone: Vec<String> = self.shown.keys().filter(|path| !now.contains_key(*path)).cloned().collect();
        now.extend(gone.into_iter().map(|path| (path, json!([]))));
        let mut notes = Vec::new();
        for (path, list) in now {
            let known = self.shown.get(&path);
            if known == Some(&list)
                || (known.is_none() && list == json!([]) && self.workspace.document(&path).is_none())
            {
                continue;
            }
            let mut params = json!({ "uri": self.name(&path), "diagnostics": list });
            if let Some(document) = self.workspace.document(&path) {
                params["version"] = json!(document.version);
            }
            notes.push(Notification::new("textDocument/publishDiagnostics".to_owned(), params));
            match list == json!([]) && self.workspace.document(&path).is_none() {
                true => self.shown.remove(&path),
                false => self.shown.insert(path, list),
            };
        }
        notes
    }
}

/// Parameters of a message, where they are what they should be.
pub(super) fn read<T: DeserializeOwned>(params: Value) -> Option<T> {
    serde_json::from_value(params).ok()
}

/// What the server can do.
fn capabilities(encoding: Encoding) -> lsp::ServerCapabilities {
    let encoding = match encoding {
        Encoding::Utf8 => lsp::PositionEncodingKind::UTF8,
        Encoding::Utf16 => lsp::PositionEncodingKind::UTF16,
    };
    let sync = lsp::TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(lsp::TextDocumentSyncKind::Incremental),
        save: Some(true.into()),
        ..Default::default()
    };
    let triggers = ["(", ",", "=", ".", ">", ":", " ", "\"", "/", "["].map(str::to_owned).to_vec();
    let completion = lsp::CompletionOptions { trigger_characters: Some(triggers), ..Default::default() };
    let rename = lsp::RenameOptions { prepare_provider: Some(true), ..Default::default() };
    let fixes = lsp::CodeActionOptions {
        code_action_kinds: Some(vec![lsp::CodeActionKind::QuickFix]),
        ..Default::default()
    };
    let folders = lsp::WorkspaceFoldersServerCapabilities {
        supported: Some(true),
        change_notifications: Some(true.into()),
    };
    lsp::ServerCapabilities {
        position_encoding: Some(encoding),
        text_document_sync: Some(sync.into()),
        completion_provider: Some(completion),
        hover_provider: Some(true.into()),
        definition_provider: Some(true.into()),
        references_provider: Some(true.into()),
        document_highlight_provider: Some(true.into()),
        document_symbol_provider: Some(true.into()),
        document_formatting_provider: Some(true.into()),
        rename_provider: Some(rename.into()),
        code_action_provider: Some(fixes.into()),
        inlay_hint_provider: Some(true.into()),
        workspace: Some(lsp::WorkspaceOptions { workspace_folders: Some(folders), ..Default::default() }),
        ..Default::default()
    }
}
