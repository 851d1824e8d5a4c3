//! `kiln fmt`.

use crate::kiln::{Folder, SMALL};

const LOOSE: &str = "// mine\ntrain { epochs = 3\n  batch=16 }\n";
const TIGHT: &str = "// mine\ntrain {\n    epochs = 3\n    batch  = 16\n}\n";

#[test]
fn a_file_is_laid_out_and_its_comments_stay() {
    let folder = Folder::new();
    folder.write("a.model", LOOSE);
    folder.kiln(&["fmt", "a.model"]).ends(0).prints_nothing().says(&["formatted a.model"]);
    assert_eq!(folder.read("a.model"), TIGHT);
    folder.kiln(&["fmt", "a.model"]).ends(0).prints_nothing().says_nothing();
}

#[test]
fn check_names_the_place_and_changes_nothing() {
    let folder = Folder::new();
    folder.write("specs/a.model", LOOSE);
    folder.write("specs/b.model", TIGHT);
    let said = folder.kiln(&["fmt", "--check", "specs"]).ends(2).says(&["1 of 2", "kiln fmt specs"]);
    assert_eq!(said.out, "specs/a.model:2\n");
    assert_eq!(folder.read("specs/a.model"), LOOSE);
    folder.kiln(&["fmt", "specs"]).ends(0);
    folder.kiln(&["fmt", "--check", "specs"]).ends(0).prints_nothing().says_nothing();
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = Folder::new();
    let said = folder.kiln_reads(&["fmt", "-"], LOOSE).ends(0).says_nothing();
    assert_eq!(said.out, TIGHT);
    folder.kiln_reads(&["fmt", "--check", "-"], LOOSE).ends(2).prints(&["<stdin>:2"]);
    folder.kiln_reads(&["fmt", "--check", "-"], TIGHT).ends(0);
}

#[test]
fn a_file_with_mistakes_is_left_as_it_is() {
    let folder = Folder::new();
    folder.write("bad.model", "model {\n");
    folder.write("good.model", LOOSE);
    folder.kiln(&["fmt", "bad.model", "good.model"]).ends(2).says(&["bad.model:1:"]);
    assert_eq!(folder.read("bad.model"), "model {\n");
    assert_eq!(folder.read("good.model"), TIGHT);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    let folder = Folder::new();
    folder.write("a.model", LOOSE);
    std::os::unix::fs::symlink("a.model", folder.path().join("b.model")).expect("a link");
    folder.kiln(&["fmt", "b.model"]).ends(0);
    assert_eq!(folder.read("a.model"), TIGHT);
    assert!(folder.path().join("b.model").is_symlink());
}

#[test]
fn the_tests_own_spec_is_laid_out() {
    Folder::new().kiln_reads(&["fmt", "--check", "-"], SMALL).ends(0);
}
