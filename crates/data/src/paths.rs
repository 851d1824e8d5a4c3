//! Where data files are looked for, and where made data is kept.

use std::env;
use std::path::{Path, PathBuf};

/// The environment variable that names the data folder.
pub const DATA_DIR: &str = "KILN_DATA_DIR";

/// Folders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// Folders in which relative file names are looked up, in order.
    pub data: Vec<PathBuf>,
    /// Where generated data is kept; nothing is kept where this is `None`.
    pub cache: Option<PathBuf>,
}

impl Paths {
    /// The user's folders: data in `data_dir` if given, else in `$KILN_DATA_DIR`, else in
    /// the current folder; the cache in `$XDG_CACHE_HOME/kiln` or `~/.cache/kiln`.
    pub fn from_environment(data_dir: Option<&Path>) -> Paths {
        let data =
            data_dir.map(Path::to_path_buf).or_else(|| variable(DATA_DIR)).unwrap_or_else(|| ".".into());
        let cache = variable("XDG_CACHE_HOME")
            .or_else(|| Some(variable("HOME").or_else(|| variable("USERPROFILE"))?.join(".cache")))
            .map(|folder| folder.join("kiln"));
        Paths { data: vec![data], cache }
    }

    /// The first folder that has `file`, joined to it.
    pub(crate) fn find(&self, file: &str) -> Option<PathBuf> {
        // An absolute name replaces the folder it is joined to, so it is found as it is.
        let named = PathBuf::from(file);
        let mut places = self.data.iter().map(|folder| folder.join(&named));
        places
            .find(|path| path.is_file())
            .or_else(|| (named.is_absolute() && named.is_file()).then_some(named))
    }
}

fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
