//! `data name { … }`: where samples come from, how they are divided, what a model reads of them.

use super::arguments::whole;
use super::section::{Lines, whole as whole_in};
use super::term::{Term, TermArg, TermKind};
use super::train::SEED;
use crate::mistakes::{self, Called, data as said};
use crate::model::{Columns, Data, Field, Part, Source, Split};
use kiln_diag::{Diagnostics, Span};
use kiln_dsl::ast::Name;

/// Keys of `data` that are no fields.
pub const KEYS: &[&str] = &["source", "split"];
/// Sources of samples.
pub const SOURCES: &[&str] = &["glyphs", "idx", "parquet"];
/// Ways to divide them.
pub const SPLITS: &[&str] = &["stratified", "random", "given", "all"];
/// More classes than this are no classes: labels are stored as bytes.
const CLASSES_MAX: usize = 256;
/// The most samples of the generator.
const SAMPLES: (u64, u64) = (1, 10_000_000);

/// The block, resolved; `None` where something is wrong with it.
pub(crate) fn run(name: &Name, lines: &Lines, diagnostics: &mut Diagnostics) -> Option<Data> {
    let source = match lines.get("source") {
        Some(term) => source(term, diagnostics),
        None => {
            if !lines.misspells("source") {
                diagnostics.push(mistakes::train::missing_key(&lines.what, "source", lines.span));
            }
            None
        }
    };
    let split = split(lines, source.as_ref(), diagnostics);
    let mut fields = Some(Vec::new());
    for (key, term) in lines.others(KEYS) {
        let mut part = part(key, term, diagnostics);
        if let (Some(Part::Class), Some(missing)) = (part, source.as_ref().and_then(lacks_labels)) {
            diagnostics.push(said::no_labels(key, term.span, missing));
            part = None;
        }
        match (&mut fields, part) {
            (Some(fields), Some(part)) => fields.push(Field { name: key.node.clone(), part }),
            _ => fields = None,
        }
    }
    Some(Data { name: name.node.clone(), source: source?, split: split?, fields: fields? })
}

/// Arguments of a source or a split, taken one by one.
struct Taken<'a> {
    what: Called<'a>,
    args: &'a [TermArg],
    known: &'a [&'a str],
}

impl<'a> Taken<'a> {
    /// Says which arguments are unknown or without a name; the first may stand without one.
    fn new(
        what: Called<'a>,
        args: &'a [TermArg],
        known: &'a [&'a str],
        diagnostics: &mut Diagnostics,
    ) -> Taken<'a> {
        for (i, arg) in args.iter().enumerate() {
            match &arg.name {
                Some(name) if !known.contains(&name.node.as_str()) => {
                    diagnostics.push(mistakes::arguments::unknown(what, name, known.iter().copied()));
                }
                Some(name) => {
                    let same = |a: &&TermArg| a.name.as_ref().is_some_and(|n| n.node == name.node);
                    if let Some(first) = args[..i].iter().find(same) {
                        diagnostics.push(mistakes::arguments::duplicate(
                            &name.node,
                            name.span,
                            first.value.span,
                        ));
                    }
                }
                None if i == 0 => {}
                None => diagnostics.push(said::unnamed(what, arg.value.span, known)),
            }
        }
        Taken { what, args, known }
    }

    fn get(&self, name: &str) -> Option<&'a Term> {
        let named = self.args.iter().find(|a| a.name.as_ref().is_some_and(|n| n.node == name));
        let first = self.args.first().filter(|a| a.name.is_none() && self.known.first() == Some(&name));
        named.or(first).map(|a| &a.value)
    }

    fn need(&self, name: &str, diagnostics: &mut Diagnostics) -> Option<&'a Term> {
        let term = self.get(name);
        let misspelt = |a: &TermArg| a.name.as_ref().is_some_and(|n| mistakes::is_meant(&n.node, name));
        if term.is_none() && !self.args.iter().any(misspelt) {
            diagnostics.push(said::missing(self.what, name));
        }
        term
    }

    fn text(&self, name: &str, term: &Term, diagnostics: &mut Diagnostics) -> Option<String> {
        match &term.kind {
            TermKind::Text(text) if !text.is_empty() => Some(text.clone()),
            TermKind::Poisoned => None,
            _ => {
                diagnostics.push(mistakes::train::bad_value(name, term, "a text in quotes"));
                None
            }
        }
    }

    fn need_text(&self, name: &str, diagnostics: &mut Diagnostics) -> Option<String> {
        let term = self.need(name, diagnostics)?;
        self.text(name, term, diagnostics)
    }

    /// The outer `None` means a mistake.
    fn text_opt(&self, name: &str, diagnostics: &mut Diagnostics) -> Option<Option<String>> {
        match self.get(name) {
            Some(term) => self.text(name, term, diagnostics).map(Some),
            None => Some(None),
        }
    }

    fn whole_or(
        &self,
        name: &str,
        bounds: (u64, u64),
        default: u64,
        diagnostics: &mut Diagnostics,
    ) -> Option<u64> {
        match self.get(name) {
            Some(term) => whole_in(name, term, bounds, diagnostics),
            None => Some(default),
        }
    }

    /// One text or a list of them.
    fn texts(&self, name: &str, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
        match self.get(name) {
            None => Some(Vec::new()),
            Some(Term { kind: TermKind::List(items), .. }) => {
                items.iter().map(|t| self.text(name, t, diagnostics)).collect()
            }
            Some(term) => self.text(name, term, diagnostics).map(|t| vec![t]),
        }
    }
}

/// The argument that a source without labels lacks.
fn lacks_labels(source: &Source) -> Option<&'static str> {
    match source {
        Source::Idx { labels: None, .. } => Some("labels = \"…\""),
        Source::Parquet { label: None, .. } => Some("label = \"…\""),
        Source::Glyphs { .. } | Source::Idx { .. } | Source::Parquet { .. } => None,
    }
}

/// A name, or a name with arguments.
fn called(term: &Term) -> Option<(&str, Span, &[TermArg])> {
    match &term.kind {
        TermKind::Name(name) => Some((name, term.span, &[])),
        TermKind::Call(name, args) => Some((&name.node, name.span, args)),
        _ => None,
    }
}

fn source(term: &Term, diagnostics: &mut Diagnostics) -> Option<Source> {
    let Some((name, span, args)) = called(term) else {
        if !term.is_poisoned() {
            diagnostics.push(mistakes::train::bad_value("source", term, "a source, such as `glyphs(…)`"));
        }
        return None;
    };
    let what = Called { text: name, span };
    let before = diagnostics.len();
    let source = match name {
        "glyphs" => {
            glyphs(&Taken::new(what, args, &["classes", "samples", "seed"], diagnostics), diagnostics)
        }
        "idx" => {
            let known = &["images", "labels", "test_images", "test_labels", "classes", "names"];
            idx(&Taken::new(what, args, known, diagnostics), diagnostics)
        }
        "parquet" => {
            let known = &["files", "test_files", "label", "pixels", "classes", "names"];
            parquet(&Taken::new(what, args, known, diagnostics), diagnostics)
        }
        _ => {
            diagnostics.push(said::unknown_source("source", name, span, SOURCES));
            None
        }
    };
    source.filter(|_| diagnostics.len() == before)
}

fn glyphs(args: &Taken<'_>, diagnostics: &mut Diagnostics) -> Option<Source> {
    let classes = args.need("classes", diagnostics);
    let classes = classes.and_then(|term| letters(term, diagnostics));
    let samples = args.whole_or("samples", SAMPLES, 14_000, diagnostics);
    let seed = args.whole_or("seed", SEED, 7, diagnostics);
    Some(Source::Glyphs { classes: classes?, samples: samples? as u32, seed: seed? })
}

/// `"P".."Z"`, or a list of single letters.
fn letters(term: &Term, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
    let names = names(term, diagnostics)?;
    let is_letter = |n: &&String| n.len() == 1 && n.bytes().all(|b| b.is_ascii_alphabetic());
    if names.len() < 2 || !names.iter().all(|n| is_letter(&n)) {
        diagnostics.push(said::bad_classes(term, "the letters that are drawn, `\"A\"..\"Z\"`, at least two"));
        return None;
    }
    Some(names)
}

/// Class names: a range of characters or of whole numbers, or a list of texts.
fn names(term: &Term, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
    let found = match &term.kind {
        TermKind::Poisoned => return None,
        TermKind::Range(a, b) => range_names(a, b),
        TermKind::List(items) => items.iter().map(one_name).collect(),
        _ => None,
    };
    let found = found.filter(|names: &Vec<String>| {
        let twice = names.iter().enumerate().any(|(i, n)| names[..i].contains(n));
        !names.is_empty() && names.len() <= CLASSES_MAX && !twice
    });
    if found.is_none() {
        diagnostics
            .push(said::bad_classes(term, "a range such as `\"P\"..\"Z\"`, or a list, each class once"));
    }
    found
}

fn one_name(term: &Term) -> Option<String> {
    match &term.kind {
        TermKind::Text(text) if !text.is_empty() => Some(text.clone()),
        TermKind::Number { value, .. } if whole(*value) => Some(format!("{value}")),
        _ => None,
    }
}

fn range_names(a: &Term, b: &Term) -> Option<Vec<String>> {
    if let (TermKind::Text(a), TermKind::Text(b)) = (&a.kind, &b.kind) {
        let one = |t: &str| {
            let mut chars = t.chars();
            chars.next().filter(|_| chars.next().is_none())
        };
        if let (Some(first), Some(last)) = (one(a), one(b)) {
            let count = (last as u32).checked_sub(first as u32)? as usize + 1;
            return (count <= CLASSES_MAX).then(|| (first..=last).map(String::from).collect());
        }
    }
    let (first, last) = numbers(a, b)?;
    ((last - first) < CLASSES_MAX as i64).then(|| (first..=last).map(|n| n.to_string()).collect())
}

/// Both ends of a range of whole numbers, written with or without quotes.
fn numbers(a: &Term, b: &Term) -> Option<(i64, i64)> {
    let number = |t: &Term| match &t.kind {
        TermKind::Number { value, .. } if whole(*value) => Some(*value as i64),
        TermKind::Text(text) => text.parse::<u32>().ok().map(i64::from),
        _ => None,
    };
    let (first, last) = (number(a)?, number(b)?);
    (first <= last).then_some((first, last))
}

fn idx(args: &Taken<'_>, diagnostics: &mut Diagnostics) -> Option<Source> {
    let images = args.need_text("images", diagnostics);
    let labels = args.text_opt("labels", diagnostics);
    let test_images = args.text_opt("test_images", diagnostics);
    let test_labels = args.text_opt("test_labels", diagnostics);
    let selection = selection(args, diagnostics);
    let (labels, test_images, test_labels) = (labels?, test_images?, test_labels?);
    let missing = match (&labels, &test_images, &test_labels) {
        (None, _, Some(_)) => Some("labels"),
        (Some(_), Some(_), None) => Some("test_labels"),
        (_, None, Some(_)) => Some("test_images"),
        _ => None,
    };
    if let Some(missing) = missing {
        diagnostics.push(said::missing(args.what, missing));
        return None;
    }
    let (classes, names) = selection?;
    Some(Source::Idx { images: images?, labels, test_images, test_labels, classes, names })
}

/// The labels that are taken and the names of their classes, one each.
fn selection(args: &Taken<'_>, diagnostics: &mut Diagnostics) -> Option<(Vec<i64>, Vec<String>)> {
    let classes = match args.get("classes") {
        Some(term) => class_values(term, diagnostics),
        None => Some(Vec::new()),
    };
    let names = match args.get("names") {
        Some(term) => names(term, diagnostics),
        None => Some(Vec::new()),
    };
    let (classes, names) = (classes?, names?);
    if !names.is_empty() && !classes.is_empty() && names.len() != classes.len() {
        let term = args.get("names").unwrap_or(&args.args[0].value);
        diagnostics.push(said::names_count(term.span, names.len(), classes.len()));
        return None;
    }
    Some((classes, names))
}

fn parquet(args: &Taken<'_>, diagnostics: &mut Diagnostics) -> Option<Source> {
    args.need("files", diagnostics);
    let files = args.texts("files", diagnostics);
    let test_files = args.texts("test_files", diagnostics);
    let label = args.text_opt("label", diagnostics);
    let pixels = args.need("pixels", diagnostics).and_then(|term| columns(term, diagnostics));
    let (classes, names) = selection(args, diagnostics)?;
    Some(Source::Parquet {
        files: files.filter(|f| !f.is_empty())?,
        test_files: test_files?,
        label: label?,
        pixels: pixels?,
        classes,
        names,
    })
}

fn columns(term: &Term, diagnostics: &mut Diagnostics) -> Option<Columns> {
    let found = match &term.kind {
        TermKind::Poisoned => return None,
        TermKind::Range(a, b) => numbers(a, b)
            .and_then(|(a, b)| Some((u32::try_from(a).ok()?, u32::try_from(b).ok()?)))
            .filter(|(a, b)| b - a < super::network::EXTENT_MAX)
            .map(|(a, b)| Columns::Range(a, b))
            .or_else(|| numbered(a, b).map(Columns::Names)),
        TermKind::List(items) => {
            let names: Option<Vec<String>> = items.iter().map(one_name).collect();
            names.filter(|n| !n.is_empty()).map(Columns::Names)
        }
        _ => None,
    };
    if found.is_none() {
        let wants = "a range of columns such as `\"1\"..\"784\"`, or a list of names";
        diagnostics.push(mistakes::train::bad_value("pixels", term, wants));
    }
    found
}

/// `"p0".."p783"`: names that differ in the number at their end.
fn numbered(a: &Term, b: &Term) -> Option<Vec<String>> {
    let (TermKind::Text(a), TermKind::Text(b)) = (&a.kind, &b.kind) else { return None };
    let stem = a.trim_end_matches(|c: char| c.is_ascii_digit());
    let (first, last) = (&a[stem.len()..], b.strip_prefix(stem)?);
    // With leading zeros all are of one length; without, a number is written in one way.
    let width = if first.starts_with('0') && first.len() == last.len() { first.len() } else { 0 };
    let is_plain = |digits: &str| width > 0 || digits == "0" || !digits.starts_with('0');
    let number = |digits: &str| digits.parse::<u32>().ok().filter(|_| is_plain(digits));
    let (first, last) = (number(first)?, number(last)?);
    let count = last.checked_sub(first)?;
    (count < super::network::EXTENT_MAX)
        .then(|| (first..=last).map(|n| format!("{stem}{n:0width$}")).collect())
}

/// Labels that are classes: `15..25`, or a list.
fn class_values(term: &Term, diagnostics: &mut Diagnostics) -> Option<Vec<i64>> {
    let found = match &term.kind {
        TermKind::Poisoned => return None,
        TermKind::Range(a, b) => {
            numbers(a, b).filter(|(a, b)| b - a < CLASSES_MAX as i64).map(|(a, b)| (a..=b).collect())
        }
        TermKind::List(items) => items.iter().map(|t| numbers(t, t).map(|(n, _)| n)).collect(),
        _ => None,
    };
    let found: Option<Vec<i64>> = found.filter(|v: &Vec<i64>| {
        let twice = v.iter().enumerate().any(|(i, n)| v[..i].contains(n));
        v.len() >= 2 && v.len() <= CLASSES_MAX && !twice
    });
    if found.is_none() {
        diagnostics
            .push(said::bad_classes(term, "the labels that are taken, such as `15..25`, at least two"));
    }
    found
}

// ---- split

fn split(lines: &Lines, source: Option<&Source>, diagnostics: &mut Diagnostics) -> Option<Split> {
    let has_test = source.map(|s| match s {
        Source::Glyphs { .. } => false,
        Source::Idx { test_images, .. } => test_images.is_some(),
        Source::Parquet { test_files, .. } => !test_files.is_empty(),
    });
    let Some(term) = lines.get("split") else {
        if has_test == Some(true) {
            return Some(Split::Given);
        }
        if has_test == Some(false) && !lines.misspells("split") {
            diagnostics.push(mistakes::train::missing_key(&lines.what, "split", lines.span));
        }
        return None;
    };
    let Some((name, span, args)) = called(term) else {
        if !term.is_poisoned() {
            let wants = "a split, such as `stratified(train = 80%, test = 20%)`";
            diagnostics.push(mistakes::train::bad_value("split", term, wants));
        }
        return None;
    };
    let what = Called { text: name, span };
    let none: &[&str] = &[];
    let before = diagnostics.len();
    let split = match name {
        "stratified" => {
            parts(what, args, diagnostics).map(|(train, test, seed)| Split::Stratified { train, test, seed })
        }
        "random" => {
            parts(what, args, diagnostics).map(|(train, test, seed)| Split::Random { train, test, seed })
        }
        "given" => {
            Taken::new(what, args, none, diagnostics);
            if has_test == Some(false) {
                diagnostics.push(said::no_test_files(span));
            }
            Some(Split::Given)
        }
        "all" => {
            Taken::new(what, args, none, diagnostics);
            Some(Split::All)
        }
        _ => {
            diagnostics.push(said::unknown_source("split", name, span, SPLITS));
            None
        }
    };
    split.filter(|_| diagnostics.len() == before)
}

fn parts(what: Called<'_>, args: &[TermArg], diagnostics: &mut Diagnostics) -> Option<(f64, f64, u64)> {
    let args = Taken::new(what, args, &["train", "test", "seed"], diagnostics);
    let part = |name: &str, diagnostics: &mut Diagnostics| match args.get(name) {
        None => Some(None),
        Some(Term { kind: TermKind::Number { value, .. }, .. }) if *value > 0.0 && *value < 1.0 => {
            Some(Some(*value))
        }
        Some(Term { kind: TermKind::Poisoned, .. }) => None,
        Some(term) => {
            let wants = "a part above 0% and below 100%";
            diagnostics.push(mistakes::train::bad_value(name, term, wants));
            None
        }
    };
    let (train, test) = (part("train", diagnostics), part("test", diagnostics));
    let seed = args.whole_or("seed", SEED, 0, diagnostics)?;
    let (train, test) = match (train?, test?) {
        (Some(train), Some(test)) => (train, test),
        (Some(train), None) => (train, 1.0 - train),
        (None, Some(test)) => (1.0 - test, test),
        (None, None) => (0.8, 0.2),
    };
    // 80% + 20% is not exactly 1 in binary.
    if train + test > 1.0 + 1e-9 {
        diagnostics.push(said::split_sum(what.span, train, test));
        return None;
    }
    Some((train, test, seed))
}

// ---- fields

/// A field's value as the linear function `pixels · scale + offset`, or the class.
fn part(key: &Name, term: &Term, diagnostics: &mut Diagnostics) -> Option<Part> {
    let part = match &term.kind {
        TermKind::Poisoned => return None,
        TermKind::Name(name) if name == "class" => Some(Part::Class),
        TermKind::Name(name) if name == "pixels" => Some(Part::Pixels { scale: 1.0, offset: 0.0 }),
        TermKind::Linear { of, scale, offset } if of == "pixels" => {
            Some(Part::Pixels { scale: *scale, offset: *offset })
        }
        _ => None,
    };
    if part.is_none() {
        diagnostics.push(said::bad_field(key, term, KEYS));
    }
    part
}
