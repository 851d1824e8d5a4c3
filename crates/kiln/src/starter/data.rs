//! The `data` block: files, split, fields.

use super::sizes::Sizes;
use super::{counted, quoted, remark};
use kiln_data::Look;
use kiln_data::look::Files;
use std::fmt::Write;
use std::path::Path;

/// So many columns that are left out are named.
const NAMED: usize = 12;

/// Title and data block.
pub(super) fn text(look: &Look, name: &str, sizes: &Sizes, file: &dyn Fn(&Path) -> String) -> String {
    let mut out = String::from("//\n");
    for line in found(look, sizes) {
        let _ = writeln!(out, "// {}", remark(&line));
    }
    let _ = writeln!(out, "title {}\n\ndata {name} {{", quoted(&title(name)));
    source(&mut out, look, file);
    split(&mut out, look, sizes);
    let field = field(look);
    if sizes.divisor == 1.0 {
        let _ = writeln!(out, "{field} = pixels");
    } else {
        let _ = writeln!(out, "{field} = pixels / {}", number(sizes.divisor));
    }
    if look.labels.is_some() {
        out.push_str("label = class\n");
    }
    out.push_str("}\n");
    out
}

/// What the samples are called.
pub(super) fn field(look: &Look) -> &'static str {
    if look.picture().is_some() || look.dims.len() > 1 { "image" } else { "features" }
}

/// What a sample is, for people.
pub fn sample(look: &Look) -> String {
    match (look.picture(), &look.dims[..]) {
        (Some((rows, cols)), _) => format!("{rows} × {cols} pixels"),
        (None, [1]) => "one number".to_owned(),
        (None, [count]) => format!("{count} numbers"),
        (None, dims) => dims.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ") + " numbers",
    }
}

fn title(name: &str) -> String {
    let mut words = name.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// What was found in the files, as lines.
fn found(look: &Look, sizes: &Sizes) -> Vec<String> {
    let mut lines = Vec::new();
    let range = look.values;
    let kind = if range.whole { "whole numbers" } else { "numbers" };
    lines.push(format!(
        "Found: {} samples of {}, {kind} from {} to {} as far as was looked.",
        counted(look.rows + look.test_rows),
        sample(look),
        shown(range.low),
        shown(range.high)
    ));
    if let Some(labels) = &look.labels {
        let (first, last) = (labels[0], labels[labels.len() - 1]);
        lines.push(format!("{} classes, labelled {first} to {last}.", sizes.classes));
    } else {
        lines.push("No labels were found: this is an autoencoder, which learns to make what went in.".into());
    }
    if let Files::Parquet { left_out, .. } = &look.files
        && !left_out.is_empty()
    {
        lines.push("Columns that are left out:".to_owned());
        lines.extend(left_out.iter().take(NAMED).map(|(name, why)| format!("  {name}: {why}")));
        if left_out.len() > NAMED {
            lines.push(format!("  and {} more", left_out.len() - NAMED));
        }
    }
    lines.push("Relative paths begin at the folder where Kiln is started, or at `--data-dir`.".into());
    lines
}

fn source(out: &mut String, look: &Look, file: &dyn Fn(&Path) -> String) {
    let list = |paths: &[std::path::PathBuf]| match paths {
        [one] => quoted(&file(one)),
        several => format!("[{}]", joined(several.iter().map(|path| quoted(&file(path))))),
    };
    let mut argument = |name: &str, value: String| {
        let _ = writeln!(out, "{name} = {value},");
    };
    match &look.files {
        Files::Idx { train, test } => {
            argument("source = idx(\nimages", quoted(&file(&train.0)));
            let with_labels = look.labels.is_some();
            if let Some(labels) = train.1.as_ref().filter(|_| with_labels) {
                argument("labels", quoted(&file(labels)));
            }
            if let Some((images, labels)) = test {
                argument("test_images", quoted(&file(images)));
                if let Some(labels) = labels.as_ref().filter(|_| with_labels) {
                    argument("test_labels", quoted(&file(labels)));
                }
            }
        }
        Files::Parquet { files, test_files, label, pixels, .. } => {
            argument("source = parquet(\nfiles", list(files));
            if !test_files.is_empty() {
                argument("test_files", list(test_files));
            }
            if let Some(label) = label {
                argument("label", quoted(label));
            }
            argument("pixels", columns(pixels));
        }
    }
    if let Some(labels) = &look.labels {
        if let Some(taken) = taken(labels) {
            argument("classes", taken);
        }
        if let Some(names) = names(look, labels) {
            argument("names", names);
        }
    }
    out.push_str(")\n");
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// `"p0".."p783"` where names differ in the number at their end, which counts up; else all of them.
fn columns(names: &[String]) -> String {
    match names {
        [first, .., last] if is_run(names) => format!("{}..{}", quoted(first), quoted(last)),
        names => format!("[{}]", joined(names.iter().map(|name| quoted(name)))),
    }
}

fn is_run(names: &[String]) -> bool {
    let stem = names[0].trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &names[0][stem.len()..];
    let width = if digits.starts_with('0') && names.iter().all(|n| n.len() == names[0].len()) {
        digits.len()
    } else {
        0
    };
    let Ok(first) = digits.parse::<u32>() else { return false };
    let counts = |(at, name): (usize, &String)| {
        let number = u32::try_from(at).ok().and_then(|at| first.checked_add(at));
        number.is_some_and(|number| *name == format!("{stem}{number:0width$}"))
    };
    names.iter().enumerate().all(counts)
}

/// The labels that are classes, unless they are 0, 1, 2, … anyway.
fn taken(labels: &[u32]) -> Option<String> {
    let (first, last) = (labels[0], labels[labels.len() - 1]);
    let follow = (last - first) as usize + 1 == labels.len();
    match (follow, first) {
        (true, 0) => None,
        (true, _) => Some(format!("{first}..{last}")),
        (false, _) => Some(format!("[{}]", joined(labels.iter().map(u32::to_string)))),
    }
}

/// Names of the classes: letters where there are as many and a file is called so, else the labels.
fn names(look: &Look, labels: &[u32]) -> Option<String> {
    let (first, last) = (labels[0], labels[labels.len() - 1]);
    let follow = (last - first) as usize + 1 == labels.len();
    let path = match &look.files {
        Files::Idx { train, .. } => &train.0,
        Files::Parquet { files, .. } => &files[0],
    };
    let path = path.to_string_lossy().to_lowercase();
    let is_called = ["letter", "alphabet", "a-z", "a_z"].iter().any(|word| path.contains(word));
    if follow && is_called && labels.len() == 26 && first <= 1 {
        return Some("\"A\"..\"Z\"".to_owned());
    }
    match (follow, labels.len()) {
        (true, _) => Some(format!("\"{first}\"..\"{last}\"")),
        (false, 0..=40) => Some(format!("[{}]", joined(labels.iter().map(|l| quoted(&l.to_string()))))),
        (false, _) => None,
    }
}

fn split(out: &mut String, look: &Look, sizes: &Sizes) {
    if look.test_rows > 0 {
        let (train, test) = (counted(look.rows), counted(look.test_rows));
        let _ =
            writeln!(out, "split = given // {train} to train on; {test} in files of their own to test on");
    } else if !sizes.tested {
        out.push_str("split = all // too few to put any aside for testing\n");
    } else if look.labels.is_some() {
        out.push_str(
            "split = stratified(train = 80%, test = 20%, seed = 1) // the same share of each class\n",
        );
    } else {
        out.push_str("split = random(train = 80%, test = 20%, seed = 1)\n");
    }
}

/// A number for people: four digits will do.
fn shown(number: f64) -> String {
    match number.abs() {
        size if number.fract() == 0.0 && size < 1e9 => format!("{number}"),
        size if (1e-2..1e9).contains(&size) => {
            let digits = 3_usize.saturating_sub(size.log10().max(0.0) as usize);
            format!("{number:.digits$}")
        }
        _ => format!("{number:.2e}"),
    }
}

/// A number as the language writes it.
pub(super) fn number(number: f64) -> String {
    // Beyond this, `{}` would write hundreds of digits.
    let short = number == 0.0 || (1e-4..1e9).contains(&number.abs());
    if short { format!("{number}") } else { format!("{number:e}") }
}
