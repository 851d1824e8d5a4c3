//! All specs that an editor has open or could have: which belong together, and what they say now.
//!
//! In: folders, and texts as they are being written. Out: the [`Project`]s that a file belongs to.
//!
//! A file that others use is a part of them, and need not be whole by itself: it is checked as a part
//! of each *root*, a file that leads to it by `use` and that nobody uses. Where there is none, it is its
//! own root. An unsaved text counts more than the one on the disk.
//!
//! Bounds: `FILES_MAX` files, `DEPTH_MAX` levels of folders, `ROOTS_MAX` roots of one file.

use crate::project::Project;
use crate::uri;
use kiln_dsl::ast::Item;
use kiln_model::load::{read_file, used_path};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

/// Files that are looked for in folders; who has more opens what he needs.
const FILES_MAX: usize = 2_000;
/// Levels of folders that are looked through.
const DEPTH_MAX: usize = 8;
/// Roots that one file is checked as a part of.
const ROOTS_MAX: usize = 64;

/// An open text.
#[derive(Clone, Debug)]
pub struct Document {
    /// As it stands in the editor.
    pub text: String,
    /// The editor's number of this state.
    pub version: i32,
}

/// Open texts, files in folders, and what is known of them.
#[derive(Debug, Default)]
pub struct Workspace {
    open: BTreeMap<String, Document>,
    folders: BTreeSet<String>,
    /// Files that are known to be there, and those that each uses.
    uses: BTreeMap<String, Vec<String>>,
    projects: BTreeMap<String, Rc<Project>>,
}

impl Workspace {
    /// Nothing open yet.
    pub fn new() -> Workspace {
        Workspace::default()
    }

    /// Looks for specs in a folder.
    pub fn add_folder(&mut self, folder: &str) {
        if uri::is_file(folder) && self.folders.insert(folder.to_owned()) {
            self.rescan();
        }
    }

    /// Forgets a folder.
    pub fn remove_folder(&mut self, folder: &str) {
        self.folders.remove(folder);
        self.rescan();
    }

    /// Looks again at the files on the disk.
    pub fn rescan(&mut self) {
        self.projects.clear();
        self.uses.clear();
        let mut found = Vec::new();
        for folder in &self.folders {
            specs_below(Path::new(folder), DEPTH_MAX, &mut found);
        }
        let open = self.open.keys().cloned().collect::<Vec<_>>();
        found.into_iter().chain(open).for_each(|path| self.note(&path));
    }

    /// A text is opened, or has changed. True where it now uses other files.
    pub fn set(&mut self, path: &str, document: Document) {
        let is_new = self.open.insert(path.to_owned(), document).is_none();
        if is_new {
            self.projects.clear();
            // Without a folder, the files beside the text are what it may belong to.
            if self.folders.iter().all(|folder| !path.starts_with(&format!("{folder}/"))) {
                let mut beside = Vec::new();
                if let Some(folder) = Path::new(path).parent().filter(|_| uri::is_file(path)) {
                    specs_below(folder, 1, &mut beside);
                }
                beside.iter().for_each(|path| self.note(path));
            }
        }
        self.projects.retain(|_, project| project.file(path).is_none());
        let before = self.uses.get(path).cloned();
        self.note(path);
        if self.uses.get(path) != before.as_ref() {
            self.projects.clear();
        }
    }

    /// A text is closed: the one on the disk counts.
    pub fn close(&mut self, path: &str) {
        self.open.remove(path);
        self.projects.clear();
        self.uses.remove(path);
        self.note(path);
    }

    /// An open text.
    pub fn document(&self, path: &str) -> Option<&Document> {
        self.open.get(path)
    }

    /// Paths of all open texts.
    pub fn open(&self) -> impl Iterator<Item = &str> {
        self.open.keys().map(String::as_str)
    }

    /// Paths of all files that are known to be there.
    pub fn files(&self) -> Vec<String> {
        self.uses.keys().cloned().collect()
    }

    /// The text of a file, as it stands now.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn text(&self, path: &str) -> Result<String, String> {
        if let Some(document) = self.open.get(path) {
            return Ok(document.text.clone());
        }
        if !uri::is_file(path) {
            return Err("save this text first: files are looked for beside it".to_owned());
        }
        read_file(Path::new(path)).map_err(|error| error.to_string())
    }

    /// Takes note of a file and of those that it uses.
    fn note(&mut self, path: &str) {
        let mut left = vec![path.to_owned()];
        while let Some(path) = left.pop() {
            if self.uses.len() >= FILES_MAX && !self.uses.contains_key(&path) {
                return;
            }
            let Ok(text) = self.text(&path) else {
                self.uses.remove(&path);
                continue;
            };
            let used = uses(&path, &text);
            left.extend(used.iter().filter(|used| !self.uses.contains_key(*used)).cloned());
            self.uses.insert(path, used);
        }
    }

    /// The main files that a file belongs to; the file itself where nobody uses it.
    pub fn roots(&self, path: &str) -> Vec<String> {
        let mut reached = BTreeSet::from([path.to_owned()]);
        let mut left = vec![path.to_owned()];
        while let Some(used) = left.pop() {
            for (user, _) in self.uses.iter().filter(|(_, all)| all.contains(&used)) {
                if reached.insert(user.clone()) {
                    left.push(user.clone());
                }
            }
        }
        let is_used = |path: &String| self.uses.iter().any(|(user, all)| user != path && all.contains(path));
        let mut roots: Vec<String> = reached.into_iter().filter(|path| !is_used(path)).collect();
        if roots.is_empty() {
            roots.push(path.to_owned());
        }
        // What is open is what is being thought about.
        roots.sort_by_key(|root| (root != path, !self.open.contains_key(root)));
        roots.truncate(ROOTS_MAX);
        roots
    }

    /// A root and all that it uses.
    pub fn project(&mut self, root: &str) -> Rc<Project> {
        if let Some(known) = self.projects.get(root) {
            return Rc::clone(known);
        }
        let project = Rc::new(self.read(root, &BTreeMap::new()));
        self.projects.insert(root.to_owned(), Rc::clone(&project));
        project
    }

    /// A root with other texts in the place of some.
    pub fn read(&self, root: &str, texts: &BTreeMap<String, String>) -> Project {
        let text = |path: &str| texts.get(path).map_or_else(|| self.text(path), |text| Ok(text.clone()));
        Project::read(root, &text(root).unwrap_or_default(), &mut |path| text(path))
    }

    /// The project that questions about a file are answered from: the first that it belongs to.
    pub fn project_of(&mut self, path: &str) -> Rc<Project> {
        for root in self.roots(path) {
            let project = self.project(&root);
            if project.file(path).is_some() {
                return project;
            }
        }
        self.project(path)
    }
}

/// The files that a text uses.
fn uses(path: &str, text: &str) -> Vec<String> {
    let spec = kiln_dsl::parse(text, kiln_diag::FileId::default(), &mut kiln_diag::Diagnostics::new());
    let used = spec.items.iter().filter_map(|item| match item {
        Item::Use(used) => Some(used_path(path, &used.node)),
        _ => None,
    });
    used.collect()
}

/// `.model` files at and below a folder, by name; hidden folders and those of builds and runs are passed over.
fn specs_below(folder: &Path, depth: usize, found: &mut Vec<String>) {
    const PASSED_OVER: [&str; 3] = ["target", "runs", "node_modules"];
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_link = path.is_symlink();
        if path.is_dir() {
            let hidden = name.starts_with('.') || PASSED_OVER.contains(&name.as_str());
            if depth > 1 && !hidden && !is_link {
                specs_below(&path, depth - 1, found);
            }
        } else if name.ends_with(".model") && found.len() < FILES_MAX {
            found.push(path.to_string_lossy().replace('\\', "/"));
        }
    }
}
