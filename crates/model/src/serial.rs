//! Models as RON, and library items within them as one line of text.
//!
//! ```text
//! "dense(units = 256, activation = relu(), use_bias = true)"
//! ```
//!
//! In: a [`Model`]. Out: text that is the same for equal models, on every host; and back.
//! Real numbers always have a point or an exponent and items always have parentheses, so that
//! reading needs no knowledge of the library.

use crate::model::Model;
use kiln_library::{Args, Call, Value};
use std::fmt::Write;

impl Model {
    /// The whole model as RON, for people (`dump model`).
    pub fn to_ron(&self) -> String {
        let config = ron::ser::PrettyConfig::new()
            .new_line("\n".to_owned())
            .indentor("  ".to_owned())
            .struct_names(true)
            .depth_limit(3);
        ron::ser::to_string_pretty(self, config).expect("model: a model is always serialisable")
    }

    /// A model from its RON.
    ///
    /// # Errors
    /// Where the text is no model's RON.
    pub fn from_ron(text: &str) -> Result<Model, ron::error::SpannedError> {
        ron::from_str(text)
    }

    /// What determines the numbers of a run, as one canonical line: titles and reports are left out.
    /// Equal contents give equal weights on one host.
    pub fn content(&self) -> String {
        let plain = Model { title: String::new(), report: Vec::new(), views: Vec::new(), ..self.clone() };
        ron::ser::to_string(&plain).expect("model: a model is always serialisable")
    }
}

/// `name(argument = value, …)`, with every argument.
pub fn call_text(call: &Call) -> String {
    let mut out = String::new();
    write_call(&mut out, call);
    out
}

fn write_call(out: &mut String, call: &Call) {
    out.push_str(&call.name);
    out.push('(');
    for (i, (name, value)) in call.args.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(name);
        out.push_str(" = ");
        write_value(out, value);
    }
    out.push(')');
}

fn write_value(out: &mut String, value: &Value) {
    // Writing to a string cannot fail.
    let _ = match value {
        // `{:?}` is the shortest text that reads back as the same number, and has a point or an exponent.
        Value::Float(x) => write!(out, "{x:?}"),
        Value::Int(x) => write!(out, "{x}"),
        Value::Bool(x) => write!(out, "{x}"),
        Value::Word(x) => write!(out, "{x}"),
        Value::List(xs) => write!(out, "{xs:?}"),
        Value::Item(call) => {
            write_call(out, call);
            Ok(())
        }
    };
}

/// The item that [`call_text`] wrote.
pub fn parse_call(text: &str) -> Result<Call, String> {
    let mut reader = Reader { rest: text };
    match reader.value(0)? {
        Value::Item(call) if reader.rest.trim().is_empty() => Ok(call),
        _ => Err(format!("`{text}` is no item with arguments")),
    }
}

/// A value as a default is written: `1e-3`, `zeros`, `elu(alpha = 1.0)`.
pub(crate) fn parse_value(text: &str) -> Result<Value, String> {
    Reader { rest: text }.value(0)
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// Items nest a few deep; the bound is for texts that no program wrote.
    const DEPTH_MAX: usize = 16;

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > Self::DEPTH_MAX {
            return Err("items are nested too deeply".into());
        }
        if self.eat("[") {
            return self.list();
        }
        let word = self.word();
        if self.eat("(") {
            return Ok(Value::Item(Call { name: word.to_owned(), args: self.args(depth)? }));
        }
        scalar(word)
    }

    fn args(&mut self, depth: usize) -> Result<Args, String> {
        let mut args = Args::new();
        while !self.eat(")") {
            let name = self.word();
            if name.is_empty() || !self.eat("=") {
                return Err(format!("expected `name = value` before `{}`", self.rest));
            }
            args.set(name, self.value(depth + 1)?);
            self.eat(",");
        }
        Ok(args)
    }

    fn list(&mut self) -> Result<Value, String> {
        let mut list = Vec::new();
        while !self.eat("]") {
            let word = self.word();
            list.push(word.parse().map_err(|_| format!("`{word}` is no number"))?);
            self.eat(",");
        }
        Ok(Value::List(list))
    }

    fn word(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| "()[],= ".contains(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn eat(&mut self, what: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(what) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

fn scalar(word: &str) -> Result<Value, String> {
    if word.is_empty() {
        return Err("a value is missing".into());
    }
    if let Ok(b) = word.parse::<bool>() {
        return Ok(Value::Bool(b));
    }
    if let Ok(n) = word.parse::<i64>() {
        return Ok(Value::Int(n));
    }
    let number = word.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    match word.parse::<f64>() {
        Ok(x) if number => Ok(Value::Float(x)),
        _ => Ok(Value::Word(word.to_owned())),
    }
}

/// Serde of a [`Call`] as one line.
pub(crate) mod call {
    use super::{call_text, parse_call};
    use kiln_library::Call;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(call: &Call, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&call_text(call))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Call, D::Error> {
        let text = String::deserialize(d)?;
        parse_call(&text).map_err(D::Error::custom)
    }
}
