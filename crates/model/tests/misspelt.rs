//! Each key, layer, argument and item that the specs of the repository name, misspelt by one edit: it is
//! rejected, with the right word as the suggestion, and never accepted in silence.
//!
//! Edits: every letter left out, every two neighbours swapped, and letters put in or exchanged at places
//! and for letters that a seed picks. A misspelling that is another name of the same place (`adamw` for
//! `adam`) is legal; those are counted apart.

use kiln_diag::{Diagnostics, FileId, Span};
use kiln_dsl::ast::{Arg, Expr, ExprKind, Item, Source, StackItem, Stage, Statement};
use kiln_library::ArgKind;
use kiln_library::registry::{self, KINDS};
use kiln_model::{check, load_text, read_file};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The share of misspellings that must get the right suggestion.
const SHARE: f64 = 0.95;
/// Letters put in, and letters exchanged, for each name.
const RANDOM_EDITS: usize = 4;

/// What a name is, for the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Key,
    Layer,
    Argument,
    Item,
    Section,
    Value,
}

/// A name of a file, where it stands.
struct Place {
    role: Role,
    span: Span,
    name: String,
}

/// Collects the names of a file that are not of the user's making, and the uses of those that are.
#[derive(Default)]
struct Walk {
    places: Vec<Place>,
}

impl Walk {
    fn push(&mut self, role: Role, span: Span, name: &str) {
        self.places.push(Place { role, span, name: name.to_owned() });
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Title(_) | Item::Use(_) => {}
            Item::Data(data) => {
                for entry in &data.entries {
                    // Other keys are fields, whose names are the user's own.
                    if matches!(entry.key.node.as_str(), "source" | "split") {
                        self.push(Role::Key, entry.key.span, &entry.key.node);
                    }
                    self.expr(&entry.value, Role::Item);
                }
            }
            Item::Train(section) => {
                for entry in &section.entries {
                    self.push(Role::Key, entry.key.span, &entry.key.node);
                    self.expr(&entry.value, Role::Item);
                }
            }
            Item::Report(report) => report.sections.iter().for_each(|e| self.expr(e, Role::Section)),
            Item::Block(block) => self.stages(&block.body),
            Item::Model(model) => model.body.iter().for_each(|s| self.statement(s)),
        }
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Input { .. } | Statement::Target { .. } => {}
            Statement::Stack(stack) => self.stack(stack),
            Statement::Pipeline(p) => {
                match &p.source {
                    Source::Name(name) => self.push(Role::Value, name.span, &name.node),
                    Source::Join(stage) => self.stages(std::slice::from_ref(stage)),
                }
                self.stages(&p.stages);
            }
            Statement::Loss { head, loss, weight, .. } => {
                self.push(Role::Value, head.span, &head.node);
                self.expr(loss, Role::Item);
                weight.iter().for_each(|w| self.expr(w, Role::Value));
            }
            Statement::Metric { head, metrics, .. } => {
                self.push(Role::Value, head.span, &head.node);
                metrics.iter().for_each(|m| self.expr(m, Role::Item));
            }
        }
    }

    fn stack(&mut self, stack: &kiln_dsl::ast::Stack) {
        stack.source.iter().for_each(|s| self.push(Role::Value, s.span, &s.node));
        for item in &stack.body {
            match item {
                StackItem::Layers(stages) => self.stages(stages),
                StackItem::Stack(inner) => self.stack(inner),
            }
        }
    }

    fn stages(&mut self, stages: &[Stage]) {
        for stage in stages {
            self.push(Role::Layer, stage.callee.span, &stage.callee.node);
            self.args(stage.args.as_deref().unwrap_or(&[]));
        }
    }

    fn args(&mut self, args: &[Arg]) {
        for arg in args {
            if let Some(name) = &arg.name {
                self.push(Role::Argument, name.span, &name.node);
            }
            self.expr(&arg.value, Role::Value);
        }
    }

    fn expr(&mut self, e: &Expr, role: Role) {
        match &e.kind {
            ExprKind::Name(name) => self.push(role, e.span, name),
            ExprKind::Path(base, _) => self.push(Role::Value, base.span, &base.node),
            ExprKind::Call(name, args) => {
                self.push(role, name.span, &name.node);
                self.args(args);
            }
            ExprKind::List(items) | ExprKind::Sweep(items) => items.iter().for_each(|i| self.expr(i, role)),
            ExprKind::Range(a, b) | ExprKind::Ramp(a, b) | ExprKind::Binary(a, _, b) => {
                self.expr(a, role);
                self.expr(b, role);
            }
            ExprKind::Negate(x) => self.expr(x, role),
            ExprKind::Number(_) | ExprKind::Text(_) | ExprKind::Bool(_) => {}
        }
    }
}

/// The misspellings of a name by one edit; `seed` picks the random ones.
fn misspellings(name: &str, seed: &mut u64) -> BTreeSet<String> {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz_";
    let letters: Vec<char> = name.chars().collect();
    let mut next = |n: usize| {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 33) as usize % n
    };
    let mut all = BTreeSet::new();
    let mut add = |letters: Vec<char>| {
        let text: String = letters.into_iter().collect();
        let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if is_name && text != name {
            all.insert(text);
        }
    };
    for at in 0..letters.len() {
        let mut shorter = letters.clone();
        shorter.remove(at);
        add(shorter);
        if at + 1 < letters.len() {
            let mut swapped = letters.clone();
            swapped.swap(at, at + 1);
            add(swapped);
        }
    }
    for _ in 0..RANDOM_EDITS {
        let mut longer = letters.clone();
        longer.insert(next(letters.len() + 1), LETTERS[next(LETTERS.len())] as char);
        add(longer);
        let mut other = letters.clone();
        other[next(letters.len())] = LETTERS[next(LETTERS.len())] as char;
        add(other);
    }
    all
}

/// What became of the misspellings of one role.
#[derive(Default)]
struct Tally {
    right: usize,
    wrong: usize,
    legal: usize,
}

fn specs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs")
}

/// The text of a file of `specs`.
fn text(name: &str) -> String {
    read_file(&specs().join(name)).expect("a spec")
}

/// Checks the experiment with `changed` in place of one of its files.
fn messages(main: &str, changed: (&str, &str)) -> Diagnostics {
    let of = |name: &str| if name == changed.0 { changed.1.to_owned() } else { text(name) };
    check(&load_text(main, &of(main), &mut |used| Ok(of(used)))).diagnostics
}

/// Each file of the eleven experiments, with the first one that uses it.
fn files() -> Vec<(String, String)> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for n in 1..=11 {
        let main = format!("exp{n:02}.model");
        load_text(&main, &text(&main), &mut |used| {
            files.entry(used.to_owned()).or_insert(main.clone());
            Ok(text(used))
        });
        files.insert(main.clone(), main);
    }
    files.into_iter().collect()
}

#[test]
fn misspelt_names_are_rejected_with_the_right_word() {
    let mut seed = 7;
    let mut tallies: BTreeMap<Role, Tally> = BTreeMap::new();
    let (mut silent, mut wrong, mut legal) = (Vec::new(), Vec::new(), BTreeSet::new());
    let mut tried = BTreeSet::new();
    for (file, main) in files() {
        let text = text(&file);
        let mut walk = Walk::default();
        let spec = kiln_dsl::parse(&text, FileId(0), &mut Diagnostics::new());
        spec.items.iter().for_each(|item| walk.item(item));
        for Place { role, span, name } in walk.places {
            for bad in misspellings(&name, &mut seed) {
                // The experiments name the same keys: each misspelling is tried once a kind of file.
                if !tried.insert((role, file.starts_with("lib"), name.clone(), bad.clone())) {
                    continue;
                }
                let changed = format!("{}{bad}{}", &text[..span.start as usize], &text[span.end as usize..]);
                let found = messages(&main, (&file, &changed));
                let tally = tallies.entry(role).or_default();
                let hint = format!("did you mean `{name}`?");
                if !found.has_errors() {
                    tally.legal += 1;
                    legal.insert(format!("{name} → {bad}"));
                    if !is_known(&bad) {
                        silent.push(format!("{file}: {name} → {bad}"));
                    }
                } else if found.iter().any(|d| d.hints.contains(&hint)) {
                    tally.right += 1;
                } else {
                    tally.wrong += 1;
                    let said: Vec<String> =
                        found.sorted().iter().map(|d| format!("{} {:?}", d.message, d.hints)).collect();
                    wrong.push(format!("{file}: {name} → {bad}: {}", said.join(" · ")));
                }
            }
        }
    }
    report(&tallies, &wrong, &legal);
    assert!(silent.is_empty(), "accepted in silence:\n{}", silent.join("\n"));
    let (right, all) =
        tallies.values().fold((0, 0), |(right, all), t| (right + t.right, all + t.right + t.wrong));
    let share = right as f64 / all as f64;
    assert!(all > 1000 && share >= SHARE, "{:.1} % of {all}:\n{}", share * 100.0, wrong.join("\n"));
}

/// Another name that truly exists: an item of the library, or a word that an argument takes.
fn is_known(name: &str) -> bool {
    KINDS.iter().any(|kind| {
        let items = registry::items(*kind);
        items.iter().any(|item| item.name() == name || item.args().iter().any(|a| takes(a.kind, name)))
    })
}

fn takes(kind: ArgKind, word: &str) -> bool {
    matches!(kind, ArgKind::Word(words) if words.contains(&word))
}

#[expect(clippy::print_stdout, reason = "`--nocapture` shows the measurement")]
fn report(tallies: &BTreeMap<Role, Tally>, wrong: &[String], legal: &BTreeSet<String>) {
    for (role, Tally { right, wrong, legal }) in tallies {
        let share = 100.0 * *right as f64 / (right + wrong).max(1) as f64;
        println!("{role:?}: {right} of {} suggested right, {share:.1} %; {legal} legal", right + wrong);
    }
    println!("legal: {}", legal.iter().cloned().collect::<Vec<_>>().join(", "));
    println!("not right:\n{}", wrong.join("\n"));
}
