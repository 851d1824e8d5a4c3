//! Which specs a file belongs to.

use crate::fixture::Fixture;
use kiln_lsp::workspace::{Document, Workspace};
use std::fs;

#[test]
fn a_file_that_others_use_belongs_to_them() {
    let fixture = Fixture::in_library("block hidden");
    assert_eq!(fixture.workspace.roots("/none/lib/net.model"), ["/none/main.model"]);
    assert_eq!(fixture.workspace.roots("/none/main.model"), ["/none/main.model"]);
    let fixture = Fixture::new("//- /none/a.model\nuse \"b.model\"\n//- /none/b.model\nuse \"a.model\"\n");
    assert_eq!(fixture.workspace.roots("/none/b.model"), ["/none/b.model"]);
}

#[test]
fn unsaved_texts_count_more_than_the_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    fs::write(path("net.model"), "model net { }\n").expect("written");
    fs::write(path("main.model"), "use \"net.model\"\ntrain { model = other }\n").expect("written");
    let mut workspace = Workspace::new();
    workspace.add_folder(&folder.path().to_string_lossy());
    let unknown = |workspace: &mut Workspace| {
        let project = workspace.project_of(&path("net.model"));
        project.diagnostics.iter().any(|d| d.message == "there is no model `other`")
    };
    assert!(unknown(&mut workspace));
    workspace.set(&path("net.model"), Document { text: "model other { }\n".into(), version: 1 });
    assert!(!unknown(&mut workspace));
    workspace.close(&path("net.model"));
    assert!(unknown(&mut workspace));
    // A text that comes to use another belongs to it at once.
    fs::write(path("alone.model"), "").expect("written");
    workspace.rescan();
    assert_eq!(workspace.roots(&path("alone.model")), [path("alone.model")]);
    workspace.set(&path("main.model"), Document { text: "use \"alone.model\"\n".into(), version: 1 });
    assert_eq!(workspace.roots(&path("alone.model")), [path("main.model")]);
}

#[test]
fn texts_that_are_no_files_stand_alone() {
    let mut workspace = Workspace::new();
    workspace.set("untitled:1", Document { text: "use \"lib/a.model\"\n".into(), version: 1 });
    let project = workspace.project_of("untitled:1");
    let said: Vec<&str> =
        project.diagnostics.iter().flat_map(|d| &d.labels).map(|l| l.text.as_str()).collect();
    assert!(said.iter().any(|text| text.contains("save this text first")), "{said:?}");
}
