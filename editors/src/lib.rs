//! Both grammars for editors against the language itself.
//!
//! In: every spec of the repository, those of the language's page, and the corpus of mistakes as far
//! as its mistakes are none of syntax. What must hold: tree-sitter reads each without an error, and
//! both grammars give every comment, word, number and string what `kiln_dsl::classes` says that it is.
//!
//! Not here: the look of the colours. `KILN_HIGHLIGHTED=FILE.html` writes a page with all three.

#![cfg(test)]

mod page;
mod specs;
mod text_mate;
mod tree;

use kiln_dsl::Class;
use std::ops::Range;

/// Pieces of a text and what they are, in order.
type Pieces = Vec<(Range<usize>, Class)>;

/// What a grammar makes of the piece of a text: the class of each of its bytes, if they agree.
fn class_at(found: &Pieces, range: &Range<usize>) -> Option<Class> {
    let mut classes = range.clone().map(|at| {
        let piece = found.iter().rfind(|(piece, _)| piece.contains(&at));
        piece.map(|(_, class)| *class)
    });
    let first = classes.next()??;
    classes.all(|class| class == Some(first)).then_some(first)
}

/// Every piece that the grammar takes for something else than the language does.
fn differences(name: &str, text: &str, found: &Pieces) -> Vec<String> {
    let wanted = kiln_dsl::classes(text).expect("a spec without syntax mistakes");
    let mut told = Vec::new();
    for (range, class) in &wanted {
        let got = class_at(found, range);
        if got != Some(*class) {
            let line = text[..range.start].matches('\n').count() + 1;
            told.push(format!("{name}:{line}: `{}` is {class:?}, not {got:?}", &text[range.clone()]));
        }
    }
    // What is no word, number, string or comment must not look like one.
    let inside = |at: usize| wanted.iter().any(|(piece, _)| piece.contains(&at));
    for (range, class) in found {
        let stray = range.clone().find(|at| !inside(*at) && !text.as_bytes()[*at].is_ascii_whitespace());
        told.extend(stray.map(|at| format!("{name}: byte {at} of {range:?} is {class:?} without reason")));
    }
    told
}

#[track_caller]
fn agree(what: &str, classify: impl Fn(&str) -> Pieces) {
    let specs = specs::all();
    assert!(specs.len() > 100, "only {} specs", specs.len());
    let mut told = Vec::new();
    for (name, text) in &specs {
        told.extend(differences(name, text, &classify(text)));
    }
    assert!(told.is_empty(), "{what}: {} differences\n{}", told.len(), told[..told.len().min(40)].join("\n"));
}

#[test]
fn tree_sitter_reads_every_spec() {
    let grammar = tree::Grammar::new();
    let wrong: Vec<String> = specs::all()
        .iter()
        .filter_map(|(name, text)| Some(format!("{name}: {}", grammar.mistake(text)?)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(grammar.mistake("model m {").is_some() && grammar.mistake("train { = 3 }").is_some());
}

#[test]
fn tree_sitter_makes_the_trees_of_the_corpus() {
    let grammar = tree::Grammar::new();
    let corpus = specs::root().join("editors/tree-sitter-kiln/test/corpus/forms.txt");
    let corpus = std::fs::read_to_string(corpus).expect("a corpus");
    // A name between two lines of `=`, the text, `---`, the tree.
    let parts: Vec<&str> = corpus.split("================\n").skip(1).collect();
    assert!(parts.len() >= 10 && parts.len().is_multiple_of(2), "{} parts", parts.len());
    for case in parts.chunks_exact(2) {
        let (text, tree) = case[1].split_once("\n---\n").expect("a text and its tree");
        let tree = tree.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(grammar.shape(text), tree, "{}", case[0]);
        assert!(kiln_dsl::classes(text).is_some(), "{}", case[0]);
    }
}

#[test]
fn tree_sitter_highlights_what_the_language_says() {
    let grammar = tree::Grammar::new();
    agree("tree-sitter", |text| grammar.pieces(text));
}

#[test]
fn text_mate_highlights_what_the_language_says() {
    let grammar = text_mate::Grammar::new();
    agree("TextMate", |text| grammar.pieces(text));
}

#[test]
fn a_difference_would_be_told() {
    let text = "train { epochs = 3 } // c\n";
    let mut found = kiln_dsl::classes(text).expect("no mistake");
    assert_eq!(differences("a", text, &found), Vec::<String>::new());
    found[1].1 = Class::Name;
    assert_eq!(differences("a", text, &found), ["a:1: `epochs` is Key, not Some(Name)"]);
    found.remove(1);
    found.push((18..20, Class::Name));
    assert_eq!(differences("a", text, &found).len(), 2);
}

#[test]
fn a_page_shows_all_three() {
    let text = std::fs::read_to_string(specs::root().join("specs/exp11.model")).expect("a spec");
    let (tree, mate) = (tree::Grammar::new().pieces(&text), text_mate::Grammar::new().pieces(&text));
    let own = kiln_dsl::classes(&text).expect("no mistake");
    let page = page::page(&text, &[("Kiln", own), ("tree-sitter", tree), ("TextMate", mate)]);
    assert_eq!(page.matches("<pre>").count(), 3);
    if let Some(file) = std::env::var_os("KILN_HIGHLIGHTED") {
        std::fs::write(file, page).expect("written");
    }
}
