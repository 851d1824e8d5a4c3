//! Running the program: a folder of its own, its words, what it said.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A small network on a few built-in letters.
pub(crate) const SMALL: &str = r#"data letters {
    source = glyphs(classes = "P".."R", samples = 90, seed = 7)
    split  = stratified(train = 80%, test = 20%, seed = 42)
    image  = pixels / 255
    label  = class
}

model small {
    input  image: [784]
    target label: class(3)
    image -> hidden: dense(8, relu) -> classifier: dense(3, softmax)
    loss   classifier: cross_entropy(label)
    metric classifier: accuracy
}

train {
    optimizer = adam(rate = 1e-3)
    epochs    = 2
    batch     = 16
}
"#;

/// The workspace.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("a workspace").to_path_buf()
}

/// A folder that is gone after the test, in which the program runs.
pub(crate) struct Folder(TempDir);

/// What a run of the program said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder"))
    }

    /// With [`SMALL`] as `small.model`.
    pub(crate) fn with_small() -> Folder {
        let folder = Folder::new();
        folder.write("small.model", SMALL);
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        std::fs::write(path, text).expect("a file");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).expect("a file")
    }

    /// The program with these words, ready to start.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = command(words);
        command.current_dir(self.path());
        command
    }

    /// Runs the program with nothing to read.
    pub(crate) fn kiln(&self, words: &[&str]) -> Said {
        said(self.command(words).stdin(Stdio::null()).output().expect("kiln runs"))
    }

    /// Runs the program with `input` on its standard input.
    pub(crate) fn kiln_reads(&self, words: &[&str], input: &str) -> Said {
        reads(self.command(words), input)
    }
}

/// Runs the program in the workspace's folder.
pub(crate) fn kiln(words: &[&str]) -> Said {
    said(command(words).current_dir(workspace()).stdin(Stdio::null()).output().expect("kiln runs"))
}

/// Runs a command of the program with `input` on its standard input.
pub(crate) fn reads(mut command: Command, input: &str) -> Said {
    use std::io::Write;
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("kiln runs");
    // A program that ends before it has read everything closes the pipe, which is no failure here.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    said(child.wait_with_output().expect("kiln ends"))
}

/// The program, away from the user's own settings.
pub(crate) fn command(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kiln"));
    command.args(words).env_remove("KILN_DATA_DIR").env_remove("NO_COLOR").env("TERM", "xterm");
    command
}

pub(crate) fn said(output: Output) -> Said {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

impl Said {
    /// Ended with this code.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Said {
        assert_eq!(self.code, code, "\n--- stdout\n{}\n--- stderr\n{}", self.out, self.err);
        self
    }

    /// Standard output has all of this.
    #[track_caller]
    pub(crate) fn prints(self, parts: &[&str]) -> Said {
        for part in parts {
            assert!(
                self.out.contains(part),
                "no {part:?} in stdout:\n{}\n--- stderr\n{}",
                self.out,
                self.err
            );
        }
        self
    }

    /// Standard error has all of this.
    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Said {
        for part in parts {
            assert!(
                self.err.contains(part),
                "no {part:?} in stderr:\n{}\n--- stdout\n{}",
                self.err,
                self.out
            );
        }
        self
    }

    /// Standard output is empty.
    #[track_caller]
    pub(crate) fn prints_nothing(self) -> Said {
        assert_eq!(self.out, "", "stdout is not empty");
        self
    }

    /// Standard error is empty.
    #[track_caller]
    pub(crate) fn says_nothing(self) -> Said {
        assert_eq!(self.err, "", "stderr is not empty");
        self
    }
}
