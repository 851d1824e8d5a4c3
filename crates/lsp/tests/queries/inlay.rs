//! Inlay hints.

use crate::fixture::Fixture;
use kiln_lsp::inlay::hints;

/// The text of the file with the hints in it, in ‹ ›.
fn shown(mut fixture: Fixture) -> String {
    let (project, file) = fixture.project();
    let mut text = project.text(file).to_owned();
    for hint in hints(&project, file, 0..text.len() as u32).iter().rev() {
        text.insert_str(hint.at as usize, &format!("‹{}›", hint.text));
    }
    text
}

#[test]
fn shapes_follow_layers() {
    let text = shown(Fixture::in_library("block hidden"));
    for line in [
        "image -> hidden(128)‹[128]› -> hidden(width, drop = 0.1)‹[48]› -> code: dense(32, relu)‹[32]›",
        "up: dense(tie = code.T, relu)‹[48]›\n",
        // Uses of the block disagree.
        "= dense(units, relu) -> dropout(drop)\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn uses_that_agree_have_hints_in_the_block() {
    let text = "|block b() = dense(3)\nmodel m {\n input x: [4]\n x -> b() -> b() -> c: dense(2, fo = 1) -> dense(1)\n}\n";
    let shown = shown(Fixture::new(text));
    assert!(shown.contains("= dense(3)‹[3]›\n"), "{shown}");
    // What a mistake hides has none.
    assert!(
        shown.contains("b()‹[3]› -> c: dense(2, fo = 1) -> dense(1)‹[1]›\n")
            || shown.contains("c: dense(2, fo = 1) -> dense(1)\n"),
        "{shown}"
    );
}

#[test]
fn a_part_of_the_text() {
    let mut fixture = Fixture::in_library("stack decoder");
    let at = fixture.at;
    let (project, file) = fixture.project();
    assert_eq!(hints(&project, file, at..at + 70).len(), 1);
}
