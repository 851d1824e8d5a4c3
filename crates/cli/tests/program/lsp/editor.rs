//! An editor: starts `kiln lsp`, asks, waits for answers, applies edits.

use crate::kiln::Folder;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// An editor with a server of its own.
pub(super) struct Editor {
    pub(super) server: Child,
    pub(super) to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    pub(super) folder: Folder,
    asked: i64,
    /// Notifications that came while an answer was waited for.
    notes: VecDeque<Value>,
}

impl Editor {
    /// Starts the server on a folder with these files, and says hello.
    pub(super) fn open(files: &[(&str, &str)], capabilities: Value) -> Editor {
        let mut editor = Editor::start(files);
        let root = editor.uri("");
        let params = json!({
            "processId": null,
            "rootUri": null,
            "workspaceFolders": [{ "uri": root.trim_end_matches('/'), "name": "specs" }],
            "capabilities": capabilities,
        });
        let answer = editor.ask("initialize", params);
        assert_eq!(answer["serverInfo"]["name"], "kiln");
        editor.tell("initialized", json!({}));
        editor
    }

    pub(super) fn start(files: &[(&str, &str)]) -> Editor {
        let folder = Folder::new();
        for (name, text) in files {
            folder.write(name, text);
        }
        let mut command = folder.command(&["lsp"]);
        let mut server =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the server starts");
        let to = server.stdin.take();
        let from = BufReader::new(server.stdout.take().expect("an output"));
        Editor { server, to, from, folder, asked: 0, notes: VecDeque::new() }
    }

    pub(super) fn uri(&self, name: &str) -> String {
        let path = self.folder.path().join(name).to_string_lossy().replace('\\', "/");
        format!("file://{}{path}", if path.starts_with('/') { "" } else { "/" })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        let to = self.to.as_mut().expect("the input is open");
        to.write_all(bytes).and_then(|()| to.flush()).expect("the server listens");
    }

    pub(super) fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.write(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    pub(super) fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).expect("a line") > 0, "the server has ended");
            match line.trim().strip_prefix("Content-Length:") {
                Some(n) => length = n.trim().parse().expect("a length"),
                None if line.trim().is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; length];
        self.from.read_exact(&mut body).expect("a body");
        serde_json::from_slice(&body).expect("JSON")
    }

    pub(super) fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The result or the error of a request.
    pub(super) fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        self.answer(id)
    }

    pub(super) fn answer(&mut self, id: i64) -> Value {
        loop {
            let message = self.receive();
            if message["id"] == id {
                return if message["error"].is_null() { message["result"].clone() } else { message };
            }
            self.notes.push_back(message);
        }
    }

    /// The mistakes that are shown of a file, as soon as they are.
    pub(super) fn shown(&mut self, name: &str) -> Vec<Value> {
        let uri = self.uri(name);
        loop {
            let note = self.notes.pop_front().unwrap_or(Value::Null);
            let note = if note.is_null() { self.receive() } else { note };
            if note["method"] == "textDocument/publishDiagnostics" && note["params"]["uri"] == uri {
                return note["params"]["diagnostics"].as_array().expect("a list").clone();
            }
        }
    }

    pub(super) fn open_text(&mut self, name: &str, text: &str) {
        let uri = self.uri(name);
        let document = json!({ "uri": uri, "languageId": "kiln", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Replaces the first `from` of the text of a file by `to`, as an editor does: by a part.
    pub(super) fn edit(&mut self, name: &str, text: &str, from: &str, to: &str) -> String {
        let (start, end) = (place(text, from, 0), place(text, from, from.len()));
        let change = json!({ "range": { "start": start, "end": end }, "text": to });
        let document = json!({ "uri": self.uri(name), "version": 2 });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [change] }));
        text.replacen(from, to, 1)
    }

    /// Parameters of a question about a place in a file.
    pub(super) fn at(&self, name: &str, text: &str, mark: &str, offset: usize) -> Value {
        json!({ "textDocument": { "uri": self.uri(name) }, "position": place(text, mark, offset) })
    }

    pub(super) fn document(&self, name: &str) -> Value {
        json!({ "textDocument": { "uri": self.uri(name) }, "options": { "tabSize": 4, "insertSpaces": true } })
    }

    /// Ends it in order.
    pub(super) fn end(mut self) {
        assert_eq!(self.ask("shutdown", Value::Null), Value::Null);
        assert_eq!(self.ask("textDocument/hover", json!({}))["error"]["code"], -32600);
        self.tell("exit", Value::Null);
        assert_eq!(self.server.wait().expect("it ends").code(), Some(0));
    }
}

/// Line and column, in UTF-16, of the first `mark` of a text, and `offset` bytes on.
pub(super) fn place(text: &str, mark: &str, offset: usize) -> Value {
    let at = text.find(mark).unwrap_or_else(|| panic!("`{mark}` is in the text")) + offset;
    let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
    json!({ "line": text[..at].matches('\n').count(), "character": text[start..at].encode_utf16().count() })
}

/// The text after edits of the protocol, all of them in lines of ASCII.
pub(super) fn applied(text: &str, edits: &Value) -> String {
    let byte = |at: &Value| {
        let line = at["line"].as_u64().expect("a line") as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        start + at["character"].as_u64().expect("a column") as usize
    };
    let mut edits: Vec<(usize, usize, &str)> = edits
        .as_array()
        .expect("edits")
        .iter()
        .map(|e| {
            (byte(&e["range"]["start"]), byte(&e["range"]["end"]), e["newText"].as_str().expect("a text"))
        })
        .collect();
    edits.sort_unstable();
    let mut out = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        out.replace_range(start..end, new);
    }
    out
}
