//! Screen: a terminal that is given back as it was, however the program ends.
//!
//! In raw mode on the alternate screen, from [`Screen::open`] until the value is dropped. A panic of any
//! thread gives it back before its message is printed. SIGINT, SIGTERM and SIGHUP only raise a flag, so
//! that the one who draws can leave in order. Only a kill that no program can hear leaves the terminal as
//! it is; the shell's `reset` mends that. (A training's own SIGINT: [`crate::interrupt`].)

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};

/// Which stream the terminal is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Output,
    Messages,
}

impl Stream {
    fn writer(self) -> Box<dyn Write + Send> {
        match self {
            Stream::Output => Box::new(io::stdout()),
            Stream::Messages => Box::new(io::stderr()),
        }
    }
}

/// A screen is open, on standard error or on standard output.
static OPEN: AtomicBool = AtomicBool::new(false);
static ON_MESSAGES: AtomicBool = AtomicBool::new(false);

/// The terminal, while it is ours.
pub(crate) struct Screen {
    pub(crate) terminal: Terminal<CrosstermBackend<io::BufWriter<Box<dyn Write + Send>>>>,
    signal: Arc<AtomicBool>,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// There is none to read keys from, or the system refuses.
    pub(crate) fn open(stream: Stream) -> io::Result<Screen> {
        // A training listens for SIGINT itself.
        let signal = signals(stream == Stream::Output)?;
        give_back_on_panic();
        ON_MESSAGES.store(stream == Stream::Messages, Ordering::Relaxed);
        enable_raw_mode()?;
        OPEN.store(true, Ordering::Relaxed);
        let mut writer = io::BufWriter::new(stream.writer());
        let terminal = execute!(writer, EnterAlternateScreen, Hide)
            .and_then(|()| Terminal::new(CrosstermBackend::new(writer)));
        match terminal {
            Ok(terminal) => Ok(Screen { terminal, signal }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    /// A signal has asked the program to end since this was asked last.
    pub(crate) fn is_asked_to_end(&self) -> bool {
        self.signal.swap(false, Ordering::Relaxed)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Whether a screen is open.
pub(crate) fn is_open() -> bool {
    OPEN.load(Ordering::Relaxed)
}

/// Gives the terminal back, once.
pub(crate) fn give_back() {
    if OPEN.swap(false, Ordering::Relaxed) {
        let stream = if ON_MESSAGES.load(Ordering::Relaxed) { Stream::Messages } else { Stream::Output };
        // Nobody is left to tell where this fails: the terminal is gone.
        let _ = execute!(stream.writer(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

fn give_back_on_panic() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
        }));
    });
}

#[cfg(unix)]
fn signals(interrupts: bool) -> io::Result<Arc<AtomicBool>> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGHUP].into_iter().chain(interrupts.then_some(SIGINT)) {
        signal_hook::flag::register(signal, Arc::clone(&flag))?;
    }
    Ok(flag)
}

/// Other systems end a program without asking it, and put their consoles right themselves.
#[cfg(not(unix))]
fn signals(_interrupts: bool) -> io::Result<Arc<AtomicBool>> {
    Ok(Arc::new(AtomicBool::new(false)))
}
