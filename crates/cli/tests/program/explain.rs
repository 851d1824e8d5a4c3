//! `kiln explain`.

use crate::kiln::kiln;

#[test]
fn a_code_has_a_page() {
    kiln(&["explain", "E0302"]).ends(0).prints(&["# E0302: ", "Wrong:", "Right:"]).says_nothing();
    kiln(&["explain", "e0302"]).ends(0).prints(&["# E0302: "]);
}

#[test]
fn an_item_shows_what_it_takes() {
    kiln(&["explain", "dropout"]).ends(0).prints(&["dropout", "rate  (required)", "≥ 0 and < 1"]);
    // One name, two kinds.
    kiln(&["explain", "mse"]).ends(0).prints(&["losses", "metrics"]);
}

#[test]
fn everything_is_listed() {
    let said = kiln(&["explain"]).ends(0).says_nothing();
    let said = said.prints(&["Codes\n", "E0001", "Layers\n", "dense", "Optimizers\n", "adamw", "Losses\n"]);
    assert!(said.out.lines().all(|line| line.chars().count() <= 120), "{}", said.out);
}

#[test]
fn what_there_is_not_says_so() {
    kiln(&["explain", "E9999"]).ends(2).prints_nothing().says(&["E9999", "`kiln explain` lists them all"]);
    kiln(&["explain", "dens"]).ends(2).says(&["did you mean `kiln explain dense`?"]);
}
