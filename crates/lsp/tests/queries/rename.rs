//! Rename: what changes, and what is refused.

use crate::fixture::Fixture;
use kiln_lsp::rename::{prepare, rename};
use std::collections::BTreeMap;

fn renamed(fixture: &mut Fixture, new: &str) -> Result<BTreeMap<String, usize>, String> {
    let path = fixture.path.clone();
    let sites = rename(&mut fixture.workspace, &path, fixture.at, new)?;
    let mut counts = BTreeMap::new();
    for site in sites {
        let name = site.path.rsplit('/').next().unwrap_or_default().to_owned();
        *counts.entry(name).or_insert(0) += 1;
    }
    Ok(counts)
}

fn changes(mut fixture: Fixture, new: &str, want: &[(&str, usize)]) {
    let found = renamed(&mut fixture, new).expect("it can be renamed");
    let want: BTreeMap<String, usize> = want.iter().map(|(file, n)| ((*file).to_owned(), *n)).collect();
    assert_eq!(found, want);
}

fn refuses(mut fixture: Fixture, new: &str, why: &str) {
    let said = renamed(&mut fixture, new).expect_err("it is refused");
    assert!(said.contains(why), "{said}");
}

#[test]
fn every_file_changes() {
    changes(Fixture::in_library("code: dense"), "latent", &[("net.model", 4), ("main.model", 1)]);
    changes(Fixture::in_library("image  = pixels"), "picture", &[("letters.model", 1), ("net.model", 3)]);
    changes(Fixture::in_library("hidden(units"), "narrow", &[("net.model", 3)]);
    changes(Fixture::in_library("units, drop"), "size", &[("net.model", 2)]);
    changes(Fixture::in_library("width = 64"), "size", &[("net.model", 2), ("main.model", 1)]);
    changes(Fixture::in_library("code: dense"), "code", &[]);
}

#[test]
fn illegal_names_are_refused() {
    for new in ["", "9a", "a b", "a-b", "é", "a.T"] {
        refuses(Fixture::in_library("code: dense"), new, "is no name");
    }
    for new in ["true", "sweep", "loss"] {
        refuses(Fixture::in_library("code: dense"), new, "word of the language");
    }
    refuses(Fixture::in_library("code: dense"), "relu", "`relu` is an activation of the library");
    refuses(Fixture::in_library("hidden(units"), "dense", "`dense` is a layer of the library");
    refuses(Fixture::in_library("image  = pixels"), "source", "key of every data set");
}

#[test]
fn items_of_the_library_are_not_renamed() {
    refuses(Fixture::in_library("dense(32"), "x", "of the library: it cannot be renamed");
    refuses(Fixture::in_library("split  ="), "x", "no name that this spec defines");
    let mut fixture = Fixture::in_library("code: dense");
    let path = fixture.path.clone();
    let site = prepare(&mut fixture.workspace, &path, fixture.at).expect("a name");
    assert_eq!(&fixture.text(&path)[site.start as usize..site.end as usize], "code");
}

#[test]
fn names_that_are_taken_are_refused() {
    refuses(Fixture::in_library("code: dense"), "classifier", "would be a mistake");
    refuses(Fixture::in_library("code: dense"), "image", "would be a mistake");
    // No mistake, but `code` would now mean the parameter.
    let text = "model m(p = 1) {\n input x: [4]\n x -> h|h: dense(4)\n hh -> dense(tie = hh) -> o: dense(4)\n loss o: mse(x) * p\n}\ntrain { optimizer = adam()  epochs = 1 }";
    let said = renamed(&mut Fixture::new(text), "p");
    assert!(said.is_err(), "{said:?}");
}
