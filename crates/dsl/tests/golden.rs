//! Golden files: specs with the tree, the messages and the canonical text expected of them.
//!
//! A file holds cases: `==== what it shows`, the spec, then sections `---- ast`,
//! `---- messages` and `---- format`. With `KILN_BLESS=1` the sections are written anew;
//! people review the difference.

use std::fmt::Write as _;
use std::path::Path;

use kiln_diag::{Diagnostics, Sources, render};
use kiln_dsl::{dump, format, parse};

struct Case {
    title: String,
    spec: String,
    sections: Vec<(String, String)>,
}

#[test]
fn design() {
    check("design");
}

#[test]
fn language() {
    check("language");
}

#[test]
fn mistakes() {
    check("mistakes");
}

#[test]
fn recovery() {
    check("recovery");
}

#[test]
fn layout() {
    check("layout");
}

/// Compares every section of every case of a file with what it is now.
fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.txt"));
    let file = std::fs::read_to_string(&path).expect("the golden file is there");
    let cases = cases(&file);
    assert!(!cases.is_empty() && cases.iter().all(|c| !c.sections.is_empty()), "{name} tests nothing");
    let mut now = String::new();
    for case in &cases {
        writeln!(now, "==== {}\n{}", case.title, case.spec.trim_end_matches('\n')).expect("writes");
        for (section, _) in &case.sections {
            writeln!(now, "---- {section}\n{}", stage(section, &case.spec)).expect("writes");
        }
    }
    if std::env::var_os("KILN_BLESS").is_some() {
        std::fs::write(&path, now).expect("the golden file can be written");
    } else if now != file {
        let line = now.lines().zip(file.lines()).take_while(|(a, b)| a == b).count();
        let context =
            |text: &str| text.lines().skip(line.saturating_sub(12)).take(30).collect::<Vec<_>>().join("\n");
        panic!(
            "{name}.txt differs at line {}\nexpected:\n{}\n\ngot:\n{}",
            line + 1,
            context(&file),
            context(&now)
        );
    }
}

fn stage(section: &str, spec: &str) -> String {
    let mut sources = Sources::new();
    let file = sources.add("spec.model", spec);
    let mut diags = Diagnostics::new();
    let text = match section {
        "ast" => dump(&parse(spec, file, &mut diags)),
        "messages" => {
            parse(spec, file, &mut diags);
            render(&diags, &sources, false)
        }
        "format" => format(spec).unwrap_or_else(|_| "(not formatted: it has mistakes)\n".to_owned()),
        other => panic!("no section is called {other}"),
    };
    text.trim_end_matches('\n').to_owned()
}

fn cases(file: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in file.lines() {
        if let Some(title) = line.strip_prefix("==== ") {
            cases.push(Case { title: title.to_owned(), spec: String::new(), sections: Vec::new() });
            continue;
        }
        let case = cases.last_mut().expect("a file begins with `==== `");
        if let Some(section) = line.strip_prefix("---- ") {
            case.sections.push((section.to_owned(), String::new()));
            continue;
        }
        let into = case.sections.last_mut().map_or(&mut case.spec, |(_, text)| text);
        into.push_str(line);
        into.push('\n');
    }
    cases
}
