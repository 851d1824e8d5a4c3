//! The server: a loop that takes messages, keeps texts, and answers from them.
//!
//! In: messages of an editor. Out: answers, and mistakes whenever a text has changed and nothing else
//! waits. One thread answers; a second one only reads, so that a request that is called off while others
//! are worked on is answered as such.
//!
//! Invariants: every request has exactly one answer; nothing that arrives stops the loop but `exit` and
//! the end of the input; a question that finds a bug of ours is answered with an error.

mod answer;

mod convert;

mod mistakes;

mod session;

pub mod transport;

use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use session::Session;
use std::collections::VecDeque;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, TryRecvError};
use transport::Incoming;

/// Speaks with an editor over standard input and output until it ends; the exit code of the program:
/// 0 where the editor ended it in order, else 1.
///
/// # Errors
/// Where the editor is not there to be answered.
pub fn stdio() -> io::Result<u8> {
    let incoming = transport::read(io::stdin());
    serve(&incoming, io::stdout().lock())
}

/// The same over any two ends.
///
/// # Errors
/// Where an answer cannot be written.
pub fn serve(incoming: &Receiver<Incoming>, out: impl Write) -> io::Result<u8> {
    let mut server =
        Server { out, waiting: VecDeque::new(), state: State::Begun, session: Session::default() };
    server.run(incoming)
}

/// How far the conversation is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing was said yet.
    Begun,
    /// Questions are answered.
    Open,
    /// Nothing but the end is expected.
    ShutDown,
}

struct Server<W> {
    out: W,
    /// Messages that arrived and are not worked on yet.
    waiting: VecDeque<Incoming>,
    state: State,
    session: Session,
}

impl<W: Write> Server<W> {
    fn run(&mut self, incoming: &Receiver<Incoming>) -> io::Result<u8> {
        loop {
            self.take_in(incoming)?;
            match self.waiting.pop_front() {
                Some(Incoming::Message(Message::Request(request))) => self.request(request)?,
                Some(Incoming::Message(Message::Notification(note))) if note.method == "exit" => {
                    return Ok(u8::from(self.state != State::ShutDown));
                }
                Some(Incoming::Message(Message::Notification(note))) => self.notification(note),
                // Nothing is asked of the editor that has an answer.
                Some(Incoming::Message(Message::Response(_))) => {}
                Some(Incoming::Malformed(why)) => transport::write_malformed(&mut self.out, &why)?,
                Some(Incoming::End) => return Ok(u8::from(self.state != State::ShutDown)),
                None => {
                    let notes = guarded(|| self.session.publish()).unwrap_or_default();
                    for note in notes {
                        Message::from(note).write(&mut self.out)?;
                    }
                }
            }
        }
    }

    /// Takes in all that has arrived; waits for something where there is nothing else to do.
    fn take_in(&mut self, incoming: &Receiver<Incoming>) -> io::Result<()> {
        let is_idle = self.waiting.is_empty() && !self.session.is_stale();
        let first = if is_idle { Some(incoming.recv().unwrap_or(Incoming::End)) } else { None };
        self.waiting.extend(first);
        loop {
            match incoming.try_recv() {
                Ok(message) => self.waiting.push_back(message),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    self.waiting.push_back(Incoming::End);
                    break;
                }
            }
        }
        self.call_off()
    }

    /// Answers requests that were called off while they waited.
    fn call_off(&mut self) -> io::Result<()> {
        let off = |message: &Incoming| match message {
            Incoming::Message(Message::Notification(note)) if note.method == "$/cancelRequest" => {
                serde_json::from_value::<RequestId>(note.params.get("id")?.clone()).ok()
            }
            _ => None,
        };
        let ids: Vec<RequestId> = self.waiting.iter().filter_map(off).collect();
        for id in ids {
            let is_it = |m: &Incoming| matches!(m, Incoming::Message(Message::Request(r)) if r.id == id);
            if let Some(at) = self.waiting.iter().position(is_it) {
                self.waiting.remove(at);
                self.refuse(id, ErrorCode::RequestCanceled, "called off")?;
            }
        }
        Ok(())
    }

    fn request(&mut self, request: Request) -> io::Result<()> {
        let Request { id, method, params } = request;
        match (self.state, method.as_str()) {
            (State::Begun, "initialize") => {
                self.state = State::Open;
                let answer = self.session.initialize(&params);
                self.respond(id, Ok(answer))
            }
            (State::Begun, _) => self.refuse(id, ErrorCode::ServerNotInitialized, "`initialize` comes first"),
            (State::Open, "shutdown") => {
                self.state = State::ShutDown;
                self.respond(id, Ok(serde_json::Value::Null))
            }
            (State::Open, "initialize") => {
                self.refuse(id, ErrorCode::InvalidRequest, "`initialize` comes once")
            }
            (State::Open, method) => {
                let answer = guarded(|| answer::answer(&mut self.session, method, params));
                let bug = || Err((ErrorCode::InternalError, "a bug of Kiln's".to_owned()));
                self.respond(id, answer.unwrap_or_else(bug))
            }
            (State::ShutDown, _) => self.refuse(id, ErrorCode::InvalidRequest, "the server is shut down"),
        }
    }

    fn notification(&mut self, note: Notification) {
        if self.state == State::Open {
            // What cannot be read has no answer, and changes nothing.
            let _ = guarded(|| self.session.note(&note.method, note.params));
        }
    }

    fn refuse(&mut self, id: RequestId, code: ErrorCode, why: &str) -> io::Result<()> {
        self.respond(id, Err((code, why.to_owned())))
    }

    fn respond(&mut self, id: RequestId, answer: answer::Answer) -> io::Result<()> {
        let response = match answer {
            Ok(result) => Response::new_ok(id, result),
            Err((code, why)) => Response::new_err(id, code as i32, why),
        };
        Message::from(response).write(&mut self.out)
    }
}

/// What a piece of work comes to, unless it runs into a bug of ours: an editor outlives that.
fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
