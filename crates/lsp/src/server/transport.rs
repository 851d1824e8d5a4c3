//! Messages on the wire: a head with the length, an empty line, JSON.
//!
//! In: bytes. Out: [`Incoming`]. A second thread reads, so that the input never backs up.
//!
//! Whatever arrives, reading goes on: a head without a length is passed over line by line, a body that
//! is no message is reported, one that is too large is passed over without being kept. Memory is taken
//! for bytes that have arrived, not for those that a head promises.

use lsp_server::Message;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// A text of a spec is at most 1 MiB; messages hold a few of them at most.
const BODY_MAX: u64 = 1 << 26;
/// Longer than any line of a head.
const HEAD_LINE_MAX: u64 = 1 << 13;

/// What has arrived.
#[derive(Clone, Debug)]
pub enum Incoming {
    /// A message.
    Message(Message),
    /// Something else, and why it is none.
    Malformed(String),
    /// Nothing more will.
    End,
}

/// Reads in a thread of its own until the input ends.
pub fn read(input: impl Read + Send + 'static) -> Receiver<Incoming> {
    let (sender, receiver) = channel();
    // Where no thread can be had, the channel is closed, which is the end of the input.
    let _ = thread::Builder::new().name("reader".to_owned()).spawn(move || read_all(input, &sender));
    receiver
}

fn read_all(input: impl Read, sender: &Sender<Incoming>) {
    let mut input = BufReader::new(input);
    loop {
        let message = read_one(&mut input).unwrap_or(Incoming::End);
        let is_end = matches!(message, Incoming::End);
        if sender.send(message).is_err() || is_end {
            return;
        }
    }
}

fn read_one(input: &mut impl BufRead) -> io::Result<Incoming> {
    let Some(length) = head(input)? else { return Ok(Incoming::End) };
    if length > BODY_MAX {
        let passed = io::copy(&mut input.take(length), &mut io::sink())?;
        return Ok(if passed < length {
            Incoming::End
        } else {
            Incoming::Malformed(format!("a message of {length} bytes; {BODY_MAX} are the most"))
        });
    }
    let mut body = Vec::new();
    input.take(length).read_to_end(&mut body)?;
    if (body.len() as u64) < length {
        return Ok(Incoming::End);
    }
    Ok(match serde_json::from_slice::<Message>(&body) {
        Ok(message) => Incoming::Message(message),
        Err(error) => Incoming::Malformed(error.to_string()),
    })
}

/// The length that the next head gives; `None` at the end of the input. Lines that belong to no head are
/// passed over.
fn head(input: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if input.take(HEAD_LINE_MAX).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        match (line.trim().split_once(':'), length) {
            (Some((name, value)), _) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok();
            }
            (None, Some(length)) if line.trim().is_empty() => return Ok(Some(length)),
            _ => {}
        }
    }
}

/// Tells the editor that what it sent is no message.
///
/// # Errors
/// Where it cannot be written.
pub fn write_malformed(out: &mut impl Write, why: &str) -> io::Result<()> {
    // Nobody knows which request it was meant to be.
    let error = serde_json::json!({ "code": -32700, "message": why });
    let body = serde_json::json!({ "jsonrpc": "2.0", "id": null, "error": error }).to_string();
    write!(out, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<Incoming> {
        read(io::Cursor::new(bytes.to_vec())).into_iter().collect()
    }

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn messages_are_read_one_after_the_other() {
        let exit = framed(r#"{"jsonrpc":"2.0","method":"exit"}"#);
        let found = all(format!("{exit}Content-Type: x\r\n{exit}").as_bytes());
        assert!(
            matches!(found.as_slice(), [Incoming::Message(_), Incoming::Message(_), Incoming::End]),
            "{found:?}"
        );
    }

    #[test]
    fn what_is_no_message_is_reported_and_passed_over() {
        let exit = framed(r#"{"jsonrpc":"2.0","method":"exit"}"#);
        for broken in ["{", "[]", "\u{fffd}", "{\"id\": {}}", &"[".repeat(100_000)] {
            let found = all(format!("{}{exit}", framed(broken)).as_bytes());
            assert!(
                matches!(found.as_slice(), [Incoming::Malformed(_), Incoming::Message(_), Incoming::End]),
                "{broken:.20}: {found:?}"
            );
        }
        let found = all(format!("nonsense\r\n\r\nContent-Length: x\r\n\r\n{exit}").as_bytes());
        assert!(matches!(found.as_slice(), [Incoming::Message(_), Incoming::End]), "{found:?}");
    }

    #[test]
    fn promises_take_no_memory() {
        for head in [
            "Content-Length: 18446744073709551615\r\n\r\nabc",
            "Content-Length: 67108863\r\n\r\nabc",
            "Content-Length: 99999999999999999999\r\n\r\n",
        ] {
            assert!(matches!(all(head.as_bytes()).as_slice(), [Incoming::End]), "{head}");
        }
    }
}
