//! Specs as texts: `//- path` begins a file, `|` is the cursor.

use kiln_diag::FileId;
use kiln_lsp::project::Project;
use kiln_lsp::workspace::{Document, Workspace};
use std::rc::Rc;

/// A data set and a network in files of their own, and a spec that trains them.
pub(crate) const LIBRARY: &str = r#"
//- /none/lib/letters.model
data letters {
    source = glyphs(classes = "P".."Z", samples = 14_000, seed = 7)
    split  = stratified(train = 80%, test = 20%, seed = 42)
    image  = pixels / 255
    label  = class
}
//- /none/lib/net.model
block hidden(units, drop = 0.2) = dense(units, relu) -> dropout(drop)

model net(width = 64) {
    input  image: [784]
    target label: class(11)

    image -> hidden(128) -> hidden(width, drop = 0.1) -> code: dense(32, relu)
    code -> classifier: dense(11, softmax)
    stack decoder(code) {
        up: dense(tie = code.T, relu)
        dense(784, sigmoid)
    }

    loss   classifier: cross_entropy(label)
    loss   decoder: mse(image)
    metric classifier: accuracy, f1(macro)
}
"#;

/// Open texts with a cursor in one of them.
pub(crate) struct Fixture {
    pub(crate) workspace: Workspace,
    pub(crate) path: String,
    pub(crate) at: u32,
}

impl Fixture {
    /// The files of `text`, opened in their order; without `//-`, one file.
    pub(crate) fn new(text: &str) -> Fixture {
        let mut fixture = Fixture { workspace: Workspace::new(), path: String::new(), at: 0 };
        let text =
            if text.contains("//- ") { text.to_owned() } else { format!("//- /none/main.model\n{text}") };
        for file in text.split("//- ").skip(1) {
            let (path, body) = file.split_once('\n').expect("a path and a text");
            let mut body = body.to_owned();
            if let Some(at) = body.find('|') {
                body.remove(at);
                (fixture.path, fixture.at) = (path.to_owned(), at as u32);
            }
            fixture.workspace.set(path, Document { text: body, version: 1 });
        }
        fixture
    }

    /// With [`LIBRARY`] before it; the text is `/none/main.model`.
    pub(crate) fn with_library(text: &str) -> Fixture {
        Fixture::new(&format!(
            "{LIBRARY}//- /none/main.model\nuse \"lib/letters.model\"\nuse \"lib/net.model\"\n{text}"
        ))
    }

    /// The library itself, with a cursor before the first `mark` of it, and a spec that trains it.
    pub(crate) fn in_library(mark: &str) -> Fixture {
        let library = LIBRARY.replacen(mark, &format!("|{mark}"), 1);
        assert!(library.contains('|'), "`{mark}` is in the library");
        let main = "use \"lib/letters.model\"\nuse \"lib/net.model\"\ntrain {\n    model = net(width = 48)\n    optimizer = adam()\n    epochs = 1\n}\nreport { manifold(code, color = label) }\n";
        Fixture::new(&format!("{library}//- /none/main.model\n{main}"))
    }

    /// The spec that questions about the file with the cursor are answered from.
    pub(crate) fn project(&mut self) -> (Rc<Project>, FileId) {
        let project = self.workspace.project_of(&self.path);
        let file = project.file(&self.path).expect("the file belongs to its spec");
        (project, file)
    }

    /// The text of a file.
    pub(crate) fn text(&self, path: &str) -> String {
        self.workspace.text(path).expect("an open text")
    }
}
