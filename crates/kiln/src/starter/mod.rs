//! A starting spec: from a look at files to text that trains.
//!
//! In: a [`Look`], a name, and how files are called in a spec. Out: the text of a spec in canonical
//! layout, with a comment wherever a number was chosen. It has no mistakes and no warnings.
//!
//! ```text
//! labels, pictures     image    -> dense, batch_norm, dropout -> dense -> classifier (softmax)
//! labels, a table      features -> batch_norm -> dense -> dense -> classifier (softmax)
//! no labels            an autoencoder whose decoder runs back through the encoder's kernels
//! ```
//!
//! The sizes (`Sizes`) are rules of thumb that train in seconds to minutes; they are where somebody
//! begins, not where somebody ends.
//!
//! Not here: how files are looked at (crate `data`).

mod data;
mod network;
mod sizes;

pub use data::sample;
use kiln_data::Look;
use sizes::Sizes;
use std::path::Path;

/// What every starting spec begins with.
const HEAD: &str = "\
// A starting point, written by `kiln new`: it trains as it is, and every number may be changed.
// `kiln explain NAME` tells about a layer, a loss or an optimizer; `kiln check` finds mistakes.
";

/// The built-in letters, for those who have no data yet.
const LETTERS: &str = r#"//
// The data is built in: handwriting-like letters that Kiln draws itself. `kiln new FILE` writes a spec
// for files of your own.
title "Letters"

data letters {
    // 28 × 28 grey pixels, eleven classes.
    source = glyphs(classes = "P".."Z", samples = 14_000, seed = 7)
    split = stratified(train = 80%, test = 20%, seed = 1)
    image = pixels / 255
    label = class
}
"#;

/// The text of a spec for the files of `look`. `name` is what the data set is called, if it can be;
/// `file` tells what a file is called in the spec.
pub fn starter(look: &Look, name: &str, file: &dyn Fn(&Path) -> String) -> String {
    let sizes = Sizes::of(look);
    let name = identifier(name);
    let text = [
        format!("{HEAD}{}", data::text(look, &name, &sizes, file)),
        network::model(look, &sizes),
        network::train(&sizes),
        network::report(look, &sizes),
    ];
    formatted(&text.join("\n"))
}

/// The text of a spec for the built-in letters.
pub fn letters() -> String {
    let look = sizes::letters();
    let sizes = Sizes::of(&look);
    let rest = [network::model(&look, &sizes), network::train(&sizes), network::report(&look, &sizes)];
    formatted(&format!("{HEAD}{LETTERS}\n{}", rest.join("\n")))
}

fn formatted(text: &str) -> String {
    kiln_dsl::format(text).expect("starter: what is written has no mistake; `kiln fmt` shows it")
}

/// A name of the language that is near to `name`.
pub fn identifier(name: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let name: String = name.chars().take(40).map(word).collect();
    let name = name.trim_matches('_');
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("data_{name}").trim_end_matches('_').to_owned()
    } else {
        name.to_owned()
    }
}

/// A text in quotes.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

/// What may stand in a comment: one line.
fn remark(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A whole number for people: `60,000`.
pub fn counted(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests;
