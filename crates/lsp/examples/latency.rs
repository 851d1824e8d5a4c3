//! How long the language server takes to answer about a spec: hover and completion at every place of it.
//!
//! ```sh
//! cargo run --release -p kiln-lsp --example latency -- specs/exp06.model
//! ```
//!
//! Each answer is that of a text that has just changed, so the spec and all that it uses is read, checked
//! and indexed anew before it: the worst that typing can ask for. Times are those of the whole way, from
//! the request as a message to the answer as a message; the pipe between two programs is not in them.

#![allow(clippy::print_stdout, reason = "a program of its own")]

use kiln_lsp::server::{serve, transport::Incoming};
use lsp_server::{Message, Notification, Request, RequestId};
use serde_json::{Value, json};
use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The server's output: the time of each answer.
struct Answers(Sender<Instant>);

impl Write for Answers {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A message is written head and body; its end is its flush.
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.send(Instant::now()).map_err(io::Error::other)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "specs/exp06.model".to_owned());
    let path = Path::new(&path).canonicalize()?;
    let text = std::fs::read_to_string(&path)?;
    let uri = kiln_lsp::uri::from_path(&path.to_string_lossy());
    let folder = kiln_lsp::uri::from_path(&path.parent().unwrap_or(&path).to_string_lossy());
    for method in ["textDocument/hover", "textDocument/completion"] {
        let mut times = measured(method, &uri, &folder, &text)?;
        times.sort_unstable();
        let (median, most) = (times[times.len() / 2], times[times.len() - 1]);
        let name = method.rsplit('/').next().unwrap_or(method);
        println!(
            "{name:<11} {} answers: median {:.2} ms, most {:.2} ms",
            times.len(),
            median.as_secs_f64() * 1e3,
            most.as_secs_f64() * 1e3
        );
    }
    Ok(())
}

/// The time of an answer at every byte of the text.
fn measured(method: &str, uri: &str, folder: &str, text: &str) -> Result<Vec<Duration>, Box<dyn Error>> {
    let (to, incoming) = channel();
    let (answered, answers) = channel();
    let server = thread::spawn(move || serve(&incoming, Answers(answered)));
    let send = |message: Message| to.send(Incoming::Message(message)).map_err(|_| "the server has ended");
    let note = |method: &str, params: Value| {
        send(Message::Notification(Notification { method: method.to_owned(), params }))
    };
    let ask = |id: i32, method: &str, params: Value| {
        let request = Request { id: RequestId::from(id), method: method.to_owned(), params };
        send(Message::Request(request))
    };
    ask(0, "initialize", json!({ "rootUri": folder, "capabilities": {} }))?;
    answers.recv()?;
    let document = json!({ "uri": uri, "languageId": "kiln", "version": 0, "text": text });
    note("textDocument/didOpen", json!({ "textDocument": document }))?;
    let mut times = Vec::new();
    for (line, content) in text.lines().enumerate() {
        for character in 0..=content.len() {
            let version = times.len() + 1;
            let begin = Instant::now();
            let changed = json!({ "uri": uri, "version": version });
            note(
                "textDocument/didChange",
                json!({ "textDocument": changed, "contentChanges": [{ "text": text }] }),
            )?;
            let params = json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } });
            // The server may show mistakes in between; the answer is what comes after the question.
            while answers.try_recv().is_ok() {}
            ask(version as i32, method, params)?;
            times.push(answers.recv()?.duration_since(begin));
        }
    }
    to.send(Incoming::End)?;
    let _ = server.join();
    Ok(times)
}
