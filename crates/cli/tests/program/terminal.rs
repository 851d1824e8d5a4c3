//! The program on a terminal of its own: what is on the screen, what is typed, how it is left.

use crate::kiln::Folder;
use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};
use std::io::{Read, Write};
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long something may take to appear on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A terminal with the program on it.
pub(crate) struct Terminal {
    pty: Arc<Pty>,
    screen: Arc<Mutex<vt100::Parser>>,
    reader: JoinHandle<()>,
    pub(crate) child: Child,
}

impl Terminal {
    /// Starts the program in the folder, on a terminal of 80 columns and 24 lines.
    pub(crate) fn start(folder: &Folder, words: &[&str], no_color: bool) -> Terminal {
        let (pty, pts) = open().expect("a terminal");
        pty.resize(Size::new(24, 80)).expect("a size");
        let command = Command::new(env!("CARGO_BIN_EXE_kiln"))
            .args(words)
            .current_dir(folder.path())
            .env_remove("KILN_DATA_DIR")
            .env_remove("NO_COLOR")
            .envs(no_color.then_some(("NO_COLOR", "1")))
            .env("TERM", "xterm-256color");
        let child = command.spawn(pts).expect("kiln runs");
        let (pty, screen) = (Arc::new(pty), Arc::new(Mutex::new(vt100::Parser::new(24, 80, 100))));
        let (source, sink) = (Arc::clone(&pty), Arc::clone(&screen));
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // An error means that nobody has the terminal open any more.
            while let Ok(count @ 1..) = (&*source).read(&mut bytes) {
                sink.lock().expect("a screen").process(&bytes[..count]);
            }
        });
        Terminal { pty, screen, reader, child }
    }

    pub(crate) fn contents(&self) -> String {
        self.screen.lock().expect("a screen").screen().contents()
    }

    /// Waits until the screen has all of this.
    #[track_caller]
    pub(crate) fn shows(&self, parts: &[&str]) -> &Terminal {
        let begun = Instant::now();
        loop {
            let contents = self.contents();
            let missing = parts.iter().find(|part| !contents.contains(**part));
            let Some(missing) = missing else { return self };
            assert!(begun.elapsed() < PATIENCE, "no {missing:?} on the screen:\n{contents}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn types(self, keys: &str) -> Terminal {
        (&*self.pty).write_all(keys.as_bytes()).expect("keys");
        self
    }

    pub(crate) fn resizes(&self, lines: u16, columns: u16) -> &Terminal {
        self.screen.lock().expect("a screen").screen_mut().set_size(lines, columns);
        self.pty.resize(Size::new(lines, columns)).expect("a size");
        self
    }

    /// Whether the screen is the program's own.
    pub(crate) fn is_taken(&self) -> bool {
        self.screen.lock().expect("a screen").screen().alternate_screen()
    }

    /// Whether any character has a colour.
    pub(crate) fn is_colored(&self) -> bool {
        let parser = self.screen.lock().expect("a screen");
        let cells = (0..24).flat_map(|row| (0..80).map(move |column| (row, column)));
        let mut cells = cells.filter_map(|(row, column)| parser.screen().cell(row, column));
        cells.any(|cell| cell.fgcolor() != vt100::Color::Default)
    }

    /// Waits for the program's end; its exit code (-1: a signal) and the screen, which must be given back.
    #[track_caller]
    pub(crate) fn ends(mut self) -> (i32, String) {
        let code = self.child.wait().expect("kiln ends").code().unwrap_or(-1);
        self.reader.join().expect("a reader");
        let parser = self.screen.lock().expect("a screen");
        let screen = parser.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor(), "the terminal is not given back");
        (code, screen.contents())
    }
}
