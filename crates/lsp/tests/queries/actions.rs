//! Code actions: what is offered, and that it mends.

use crate::fixture::Fixture;
use kiln_lsp::actions::actions;
use kiln_lsp::workspace::Document;

/// Applies the only action at the cursor.
fn mended(mut fixture: Fixture, title: &str) -> String {
    let path = fixture.path.clone();
    let (project, _) = fixture.project();
    let mut found = actions(&[project], &path, fixture.at..fixture.at);
    assert_eq!(found.iter().map(|a| a.title.as_str()).collect::<Vec<_>>(), [title]);
    let action = found.remove(0);
    let mut text = fixture.text(&action.path);
    text.replace_range(action.span.range(), &action.replacement);
    fixture.workspace.set(&path, Document { text: text.clone(), version: 2 });
    let after = fixture.workspace.project_of(&path);
    assert!(after.diagnostics.iter().all(|d| d.message != action.mistake.message), "{text}");
    text
}

#[test]
fn misspelt_names_are_replaced() {
    let text = mended(
        Fixture::with_library("train {\n model = net\n optimizer = adm|a()\n epochs = 1\n}"),
        "write `adam`",
    );
    assert!(text.contains("optimizer = adam()"), "{text}");
    let text = mended(
        Fixture::with_library("train {\n model = net\n optimizer = adam()\n epoch|s_ = 1\n}"),
        "write `epochs`",
    );
    assert!(text.contains(" epochs = 1"), "{text}");
    let text = mended(
        Fixture::with_library("train {\n model = net\n optimizer = adam(lr| = 0.1)\n epochs = 1\n}"),
        "write `rate`",
    );
    assert!(text.contains("adam(rate = 0.1)"), "{text}");
}

#[test]
fn a_tie_is_turned() {
    let model = "model m {\n input x: [4]\n x -> a: dense(3) -> b: dense(tie = |a)\n loss b: mse(x)\n}\ntrain { optimizer = adam()  epochs = 1 }\n";
    assert!(mended(Fixture::new(model), "write `a.T`").contains("dense(tie = a.T)"));
}

#[test]
fn slips_of_syntax_are_mended() {
    assert!(mended(Fixture::new("title \"é\"\n#| a comment\n"), "write `//`").contains("// a comment"));
    assert!(
        mended(Fixture::new("model m {\n input x: |784\n}\n"), "write `[784]`").contains("input x: [784]")
    );
    assert!(mended(Fixture::new("modl| m {\n}\n"), "write `model`").starts_with("model m"));
    assert!(mended(Fixture::new("train {\n epochs = 3|;\n}\n"), "remove this").contains("epochs = 3\n"));
    assert!(mended(Fixture::new("train {\n rate = |.5\n}\n"), "write `0.5`").contains("rate = 0.5\n"));
    assert!(
        mended(Fixture::new("model m {\n input x: [4]\n x -| a: dense(3)\n}\n"), "write `->`")
            .contains("x -> a")
    );
    assert!(mended(Fixture::new("title \"a\"\n}|\n"), "remove this").ends_with("\"a\"\n\n"));
    let text = mended(Fixture::new("model m {|\n input x: [4]\n\ntrain {\n epochs = 1\n}\n"), "write `}`");
    assert!(text.contains("}\n\ntrain {"), "{text}");
}

#[test]
fn other_places_have_none() {
    let mut fixture = Fixture::with_library("|train {\n model = net\n optimizer = adma()\n epochs = 1\n}");
    let path = fixture.path.clone();
    let (project, _) = fixture.project();
    assert!(actions(&[project], &path, 0..3).is_empty());
}
