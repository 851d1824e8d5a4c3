//! `--set key=value`: values given on the command line in place of those of the spec.
//!
//! In: [`Loaded`] and texts such as `train.epochs=3`. Out: the same items, with the value in its
//! place, so that it is checked as if the spec had said it; messages point into the text given.
//!
//! ```text
//! train.KEY=VALUE               train.epochs=3
//! train.KEY.ARGUMENT=VALUE      train.optimizer.rate=1e-3
//! model.PARAMETER=VALUE         model.drop=0.3
//! data.NAME.KEY=VALUE           data.letters.split=given
//! data.NAME.ARGUMENT=VALUE      data.letters.samples=1000      (of its source)
//! data.NAME.KEY.ARGUMENT=VALUE  data.letters.split.seed=3
//! ```

use crate::check::TRAIN_KEYS;
use crate::load::{Items, Loaded};
use crate::mistakes::{did_you_mean, train as mistakes};
use kiln_diag::Span;
use kiln_dsl::ast::{Arg, Entry, Expr, ExprKind, Item, Name, Section};

/// Puts the value of each `key=value` in its place.
pub fn set(loaded: &mut Loaded, overrides: &[String]) {
    for (i, text) in overrides.iter().enumerate() {
        one(loaded, i, text);
    }
}

/// The text before the value, so that the parser sees a section and places stay those of the text.
const OPEN: &str = "train { ";

fn one(loaded: &mut Loaded, index: usize, text: &str) {
    let Some((path, value)) = text.split_once('=') else {
        let whole = whole_text(loaded, index, text);
        let hint = Some("write `--set train.epochs=3`".to_owned());
        loaded.diagnostics.push(mistakes::bad_override(whole, &format!("`{text}` is no `key=value`"), hint));
        return;
    };
    let keys: Vec<&str> = path.split('.').map(str::trim).collect();
    let last = keys[keys.len() - 1];
    let source = format!("{OPEN}{last} = {} }}", value.trim());
    let file = loaded.sources.add(&format!("--set {}", index + 1), &source);
    let spec = kiln_dsl::parse(&source, file, &mut loaded.diagnostics);
    let entries = spec.items.into_iter().filter_map(|item| match item {
        Item::Train(section) => Some(section.entries),
        _ => None,
    });
    // A value that does not parse has been said.
    let entries: Vec<Entry> = entries.flatten().collect();
    let [entry] = entries.as_slice() else {
        if !loaded.diagnostics.has_errors() {
            let span = Span { file, start: 0, end: source.len() as u32 };
            loaded.diagnostics.push(mistakes::bad_override(
                span,
                &format!("`{text}` is no `key=value`"),
                None,
            ));
        }
        return;
    };
    if let Err((why, hint)) = place(&mut loaded.items, &keys, entry) {
        loaded.diagnostics.push(mistakes::bad_override(entry.key.span, &why, hint));
    }
}

fn whole_text(loaded: &mut Loaded, index: usize, text: &str) -> Span {
    let file = loaded.sources.add(&format!("--set {}", index + 1), text);
    Span { file, start: 0, end: text.len() as u32 }
}

type Refused = (String, Option<String>);

fn place(items: &mut Items, keys: &[&str], entry: &Entry) -> Result<(), Refused> {
    let rest = keys.get(1..).unwrap_or(&[]);
    match (keys[0], rest) {
        ("train", [key, path @ ..]) => {
            let main = items.main_start();
            let train = items.train.get_or_insert_with(|| Section { entries: Vec::new(), span: main });
            set_in(&mut train.entries, key, path, entry)
        }
        ("model", [_]) => model_parameter(items, entry),
        ("data", [name, rest @ ..]) => data(items, name, rest, entry),
        (root, _) => {
            let why = format!("`--set` cannot reach `{}`", keys.join("."));
            let roots = ["train", "model", "data"];
            let hint = if roots.contains(&root) {
                "write `train.epochs=3`, `model.drop=0.3` or `data.letters.samples=1000`".to_owned()
            } else if TRAIN_KEYS.contains(&root) {
                format!("write `train.{}`", keys.join("."))
            } else {
                did_you_mean(root, roots).unwrap_or_else(|| format!("perhaps `train.{}`", keys.join(".")))
            };
            Err((why, Some(hint)))
        }
    }
}

/// Sets `key`, or an argument within its value.
fn set_in(entries: &mut Vec<Entry>, key: &str, path: &[&str], entry: &Entry) -> Result<(), Refused> {
    let found = entries.iter_mut().find(|e| e.key.node == key);
    match (found, path) {
        (Some(found), []) => {
            found.value = entry.value.clone();
            Ok(())
        }
        (Some(found), path) => set_argument(&mut found.value, key, path, entry),
        (None, []) => {
            let key = Name::new(key.to_owned(), entry.key.span);
            entries.push(Entry { key, value: entry.value.clone() });
            Ok(())
        }
        (None, _) => {
            let names = entries.iter().map(|e| e.key.node.as_str());
            Err((format!("`{key}` is not set in the spec, so it has no arguments"), did_you_mean(key, names)))
        }
    }
}

/// Sets an argument of a call: `optimizer.rate`.
fn set_argument(value: &mut Expr, of: &str, path: &[&str], entry: &Entry) -> Result<(), Refused> {
    let [name, rest @ ..] = path else { return Ok(()) };
    if let ExprKind::Name(callee) = &value.kind {
        value.kind = ExprKind::Call(Name::new(callee.clone(), value.span), Vec::new());
    }
    let ExprKind::Call(_, args) = &mut value.kind else {
        return Err((format!("`{of}` has no arguments"), None));
    };
    let is_it = |a: &Arg| a.name.as_ref().is_some_and(|n| n.node == *name);
    // The library's items take their first argument without a name: `adam(1e-3)` has a `rate`.
    let first = args.first().is_some_and(|a| a.name.is_none()) && matches!(*name, "rate" | "classes");
    let found = args.iter().position(is_it).or(first.then_some(0));
    match (found, rest) {
        (Some(i), []) => args[i].value = entry.value.clone(),
        (Some(i), rest) => return set_argument(&mut args[i].value, name, rest, entry),
        (None, []) => {
            let name = Some(Name::new((*name).to_owned(), entry.key.span));
            args.push(Arg { name, value: entry.value.clone() });
        }
        (None, _) => return Err((format!("`{name}` is not set in the spec, so it has no arguments"), None)),
    }
    Ok(())
}

/// Sets a parameter in `train.model`, naming the only model where none is named.
fn model_parameter(items: &mut Items, entry: &Entry) -> Result<(), Refused> {
    let main = items.main;
    let own = items.models.iter().filter(|m| m.name.span.file == main);
    let name = own.chain(&items.models).next().map(|m| m.name.node.clone());
    let Some(name) = name else { return Err(("there is no model".into(), None)) };
    let start = items.main_start();
    let train = items.train.get_or_insert_with(|| Section { entries: Vec::new(), span: start });
    if !train.entries.iter().any(|e| e.key.node == "model") {
        let key = Name::new("model".into(), entry.key.span);
        let value = Expr { kind: ExprKind::Name(name), span: entry.key.span };
        train.entries.push(Entry { key, value });
    }
    set_in(&mut train.entries, "model", &[entry.key.node.as_str()], entry)
}

fn data(items: &mut Items, name: &str, path: &[&str], entry: &Entry) -> Result<(), Refused> {
    let names: Vec<String> = items.data.iter().map(|d| d.name.node.clone()).collect();
    let Some(data) = items.data.iter_mut().find(|d| d.name.node == name) else {
        let names = names.iter().map(String::as_str);
        return Err((format!("there is no data set `{name}`"), did_you_mean(name, names)));
    };
    match path {
        [] => Err((
            format!("`data.{name}` is a whole data set"),
            Some(format!("write `data.{name}.samples=1000`")),
        )),
        [key] if !data.entries.iter().any(|e| e.key.node == *key) && *key != "split" => {
            set_in(&mut data.entries, "source", &[*key], entry)
        }
        [key, rest @ ..] => set_in(&mut data.entries, key, rest, entry),
    }
}
