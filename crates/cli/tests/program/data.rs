//! Data files that contradict their spec: a mistake of the spec, at its place.

use crate::kiln::Folder;
use std::io::Write;

/// Two images of one pixel by one, and as many labels, as IDX has them.
fn idx(folder: &Folder) {
    let images: &[u8] =
        &[0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9, 8, 8, 8, 8];
    let labels: &[u8] = &[0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 0, 1];
    for (name, bytes) in [("images", images), ("labels", labels)] {
        let mut file = std::fs::File::create(folder.path().join(name)).expect("a file");
        file.write_all(bytes).expect("bytes");
    }
}

fn spec(source: &str) -> String {
    format!(
        r#"data tiny {{
    source = {source}
    split  = random(train = 50%, test = 50%)
    image  = pixels / 255
    label  = class
}}

model m {{
    input  image: [9]
    target label: class(2)
    image -> out: dense(2, softmax)
    loss out: cross_entropy(label)
}}

train {{ optimizer = adam()  epochs = 1 }}
"#
    )
}

#[test]
fn samples_of_another_size_are_shown_at_the_field() {
    let folder = Folder::new();
    idx(&folder);
    folder.write("tiny.model", &spec(r#"idx(images = "images", labels = "labels")"#));
    folder.kiln(&["check", "tiny.model"]).ends(0);
    let said = folder.kiln(&["train", "tiny.model", "--data-dir", "."]).ends(2);
    said.says(&["error[E0620]", "tiny.model:4:14", "the model reads 9 numbers of each `image`", "have 4"]);
}
