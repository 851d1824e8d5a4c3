//! Specs in the documents are right, and laid out as `kiln fmt` would; the reference is up to date.
//!
//! What a block of a document is, its fence says:
//!
//! | fence | block |
//! |---|---|
//! | `model` | a whole spec |
//! | `model frame` | a whole spec but for a line `// the example` |
//! | `model part` | stands in the place of that line of the frame above it |
//! | `model wrong` | a spec with mistakes, on purpose |

use crate::kiln::{Folder, Said, command, kiln, reads, workspace};
use std::path::{Path, PathBuf};

/// A block of a document that is marked as a spec.
struct Spec {
    place: String,
    text: String,
    is_wrong: bool,
}

#[test]
fn every_spec_of_the_documents_is_right() {
    let documents = documents();
    assert!(documents.len() > 10, "the documents are not where they were: {documents:?}");
    let specs: Vec<Spec> = documents.iter().flat_map(|path| specs(path)).collect();
    for document in ["README.md", "docs/language.md", "docs/from-keras.md", "docs/library/layers.md"] {
        assert!(specs.iter().any(|spec| spec.place.starts_with(document)), "{document} has no spec");
    }
    for Spec { place, text, is_wrong } in specs {
        let said = in_specs(&["check", "-"], &text);
        if is_wrong {
            assert_eq!(said.code, 2, "{place} is right\n{text}");
        } else {
            assert_eq!((said.code, said.err.as_str()), (0, ""), "{place}\n{text}");
        }
        let said = in_specs(&["fmt", "-"], &text);
        assert_eq!(said.out, text, "{place} is laid out otherwise");
    }
}

/// `use` is relative to the spec's folder, and standard input has that of the process.
fn in_specs(words: &[&str], spec: &str) -> Said {
    let mut command = command(words);
    command.current_dir(workspace().join("specs"));
    reads(command, spec)
}

/// Every Markdown file at the top and below `docs/`, from the top.
fn documents() -> Vec<PathBuf> {
    let mut found = markdown_in(Path::new(""));
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        found.extend(markdown_in(&folder));
        let entries = std::fs::read_dir(workspace().join(&folder)).expect("a folder");
        let entries = entries.map(|entry| folder.join(entry.expect("an entry").file_name()));
        folders.extend(entries.filter(|path| workspace().join(path).is_dir()));
    }
    found.sort();
    found
}

fn markdown_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(workspace().join(folder)).expect("a folder");
    let paths = entries.map(|entry| folder.join(entry.expect("an entry").file_name()));
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

/// Every spec of a document, those of frames with each of their parts.
fn specs(document: &Path) -> Vec<Spec> {
    const HERE: &str = "// the example";
    let text = std::fs::read_to_string(workspace().join(document)).expect("a document");
    let mut lines = text.lines().enumerate();
    let (mut specs, mut frame) = (Vec::new(), None);
    while let Some((number, line)) = lines.next() {
        let Some(mark) = line.strip_prefix("```model") else { continue };
        let place = format!("{}:{}", document.display(), number + 1);
        let block = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
        let text: String = block.map(|line| format!("{line}\n")).collect();
        let text = match mark.trim() {
            "" | "wrong" => text,
            "frame" => {
                assert!(text.contains(HERE), "{place}: a frame without a line `{HERE}`");
                frame = Some(text);
                continue;
            }
            "part" => {
                in_frame(frame.as_deref().unwrap_or_else(|| panic!("{place}: no frame above")), HERE, &text)
            }
            other => panic!("{place}: `{other}` is no kind of block"),
        };
        specs.push(Spec { place, text, is_wrong: mark.trim() == "wrong" });
    }
    specs
}

/// The frame with the part in place of the line `here`, as far in as it.
fn in_frame(frame: &str, here: &str, part: &str) -> String {
    let mut spec = String::new();
    for line in frame.lines() {
        match line.strip_suffix(here) {
            None => spec.push_str(&format!("{line}\n")),
            Some(indent) => part
                .lines()
                .for_each(|line| spec.push_str(&format!("{}\n", format!("{indent}{line}").trim_end()))),
        }
    }
    spec
}

#[test]
fn the_reference_is_up_to_date() {
    let said = kiln(&["docs", "docs", "--check"]);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""), "write `cargo xtask docs`");
}

#[test]
fn the_reference_is_written_where_it_differs() {
    let folder = Folder::new();
    folder.kiln(&["docs", "out", "--check"]).ends(2).prints(&["messages.md"]).says(&["`kiln docs out`"]);
    folder.kiln(&["docs", "out"]).ends(0).says(&["wrote", "layers.md"]);
    folder.kiln(&["docs", "out"]).ends(0).says_nothing();
    folder.write("out/library/layers.md", "old");
    folder.write("out/library/kilns.md", "");
    let said = folder.kiln(&["docs", "out", "--check"]).ends(2).says(&["2 of "]);
    assert!(said.out.contains("layers.md") && said.out.contains("kilns.md"), "{}", said.out);
    assert_eq!(folder.read("out/library/layers.md"), "old", "--check has written");
}
