//! `kiln graph`, with a golden drawing of each kind of network: a chain, two heads, ties and stacks.
//!
//! With `KILN_BLESS=1` the goldens are written anew; look at them before they are committed.

use crate::kiln::{Folder, kiln, workspace};

#[test]
fn drawings_are_as_they_were() {
    let mut differences = Vec::new();
    for name in ["exp01", "exp06", "exp11"] {
        let said = kiln(&["graph", &format!("specs/{name}.model")]).ends(0).says_nothing();
        let path = workspace().join(format!("tests/golden/drawing/{name}.svg"));
        if std::env::var_os("KILN_BLESS").is_some() {
            std::fs::write(&path, &said.out).expect("a golden");
        }
        if std::fs::read_to_string(&path).unwrap_or_default() != said.out {
            differences.push(path);
        }
    }
    assert!(differences.is_empty(), "{differences:?} differ; run with KILN_BLESS=1 and look at the change");
}

#[test]
fn a_drawing_says_in_words_what_it_shows() {
    let said = kiln(&["graph", "specs/exp11.model"]).ends(0);
    let shares = "dec3: dense(tie = code.T, relu) of code, gives 64, in sequential_19, shares the kernel of code, transposed.";
    said.prints(&[
        "role=\"img\"",
        "245,424 parameters",
        shares,
        "Loss of decoder: binary_cross_entropy(image)",
    ]);
}

#[test]
fn a_drawing_goes_to_a_file() {
    let folder = Folder::with_small();
    folder
        .kiln(&["graph", "small.model", "-o", "small.svg"])
        .ends(0)
        .prints_nothing()
        .says(&["wrote small.svg"]);
    let drawn = folder.read("small.svg");
    assert!(drawn.starts_with("<svg") && drawn.contains("loss of classifier"), "{drawn}");
    folder.kiln(&["graph", "none.model"]).ends(2).prints_nothing().says(&["none.model"]);
    folder.kiln(&["graph", "small.model", "-o", "no/such/folder.svg"]).ends(1).prints_nothing();
}
