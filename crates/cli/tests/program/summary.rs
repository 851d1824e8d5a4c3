//! `kiln summary`.

use crate::kiln::{Folder, kiln};

#[test]
fn a_model_has_a_table() {
    let said = Folder::with_small().kiln(&["summary", "small.model"]).ends(0).says_nothing();
    said.prints(&["Model: \"small\"", "hidden (Dense)", "(None, 8)", "6280", "Total params: 6,307"]);
}

#[test]
fn runs_of_one_network_share_a_table() {
    let said = kiln(&["summary", "specs/exp11.model"]).ends(0);
    assert_eq!(said.out.matches("Total params: 245,424").count(), 1, "{}", said.out);
}

#[test]
fn a_sweep_over_widths_has_a_table_each() {
    let folder = Folder::with_small();
    let text = folder.read("small.model").replace("dense(8, relu)", "dense(sweep [8, 9], relu)");
    folder.write("small.model", &text);
    let both = folder.kiln(&["summary", "small.model"]).ends(0);
    both.prints(&["hidden=8\n", "hidden=9\n", "Total params: 6,307", "Total params: 7,095"]);
    let second = folder.kiln(&["summary", "small.model", "--run", "2"]).ends(0);
    assert!(!second.out.contains("6,307"), "{}", second.out);
    folder.kiln(&["summary", "small.model", "--run", "3"]).ends(2).says(&["no run 3", "2  hidden=9"]);
    folder.kiln(&["summary", "small.model", "--run", "0"]).ends(2).says(&["--run"]);
}

#[test]
fn values_of_the_command_line_count() {
    kiln(&["summary", "specs/exp01.model", "--set", "model.drop=0.9"]).ends(0).prints(&["502,965"]);
    kiln(&["summary", "specs/exp01.model", "--set", "model.dorp=0.9"]).ends(2).says(&["`drop`"]);
}
