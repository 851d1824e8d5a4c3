//! The view on screens of several sizes, as text; the text lines; the keys.
//!
//! Golden files are `tests/golden/watch/*.txt`; with `KILN_BLESS=1` they are written anew.

use super::samples::{run, training};
use super::state::{RunState, Watched};
use super::{lines, look::Look, press, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::path::Path;

/// What is on a screen of this size, a line each, without the blanks at the ends.
fn drawn(watched: &Watched, look: Look, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a screen");
    let draw = |frame: &mut ratatui::Frame<'_>| {
        let area = frame.area();
        view::view(watched, look, area, frame.buffer_mut());
    };
    terminal.draw(draw).expect("a drawing");
    let buffer = terminal.backend().buffer();
    let line = |y: u16| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (0..height).map(|y| line(y).trim_end().to_owned() + "\n").collect()
}

#[track_caller]
fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/watch").join(format!("{name}.txt"));
    if std::env::var_os("KILN_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, text).expect("a golden file");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == text, "{name} differs; run with KILN_BLESS=1 and look at the change:\n{text}");
}

fn sweep() -> Watched {
    let mut first = run(10);
    first.name = "batch=512".into();
    let waiting = RunState { name: "batch=64".into(), ..RunState::default() };
    Watched { runs: vec![first, training(10, 3), waiting], leaving: "quit", ..Watched::default() }
}

fn single(run: RunState) -> Watched {
    Watched { runs: vec![run], leaving: "quit", ..Watched::default() }
}

const PLAIN: Look = Look { colored: false };

#[test]
fn the_view_fits_screens_of_any_size() {
    golden("sweep-120x40", &drawn(&sweep(), PLAIN, (120, 40)));
    golden("sweep-80x24", &drawn(&sweep(), PLAIN, (80, 24)));
    golden("run-80x24", &drawn(&single(training(10, 3)), Look { colored: true }, (80, 24)));
    golden("run-40x12", &drawn(&single(training(10, 3)), PLAIN, (40, 12)));
    golden("run-20x3", &drawn(&single(training(10, 3)), PLAIN, (20, 3)));
}

#[test]
fn no_screen_is_too_small_and_no_history_too_long_or_too_strange() {
    let mut strange = run(3);
    strange.history.epochs[0].values = vec![f64::NAN; 10];
    strange.history.epochs[1].values = vec![f64::MAX; 10];
    strange.history.epochs[2].values = vec![f64::NEG_INFINITY; 10];
    let mut short = run(3);
    short.history.epochs[1].values.clear();
    let mut watched = sweep();
    watched.runs.extend([run(100_000), run(1), training(10, 0), strange, short, RunState::default()]);
    for index in 0..watched.runs.len() {
        watched.picked = Some(index);
        watched.log = index % 2 == 0;
        for (width, height) in [(1, 1), (1, 9), (7, 2), (33, 7), (36, 14), (80, 8), (99, 15), (300, 90)] {
            drawn(&watched, PLAIN, (width, height));
        }
    }
    drawn(&Watched::default(), PLAIN, (80, 24));
}

#[test]
fn how_a_run_ended_and_what_is_damaged_is_said() {
    let mut killed = training(10, 3);
    killed.written = false;
    golden("killed-80x24", &drawn(&single(killed), PLAIN, (80, 24)));
    let problem = "runs/exp06/ea897d2b30c159b2/run.ron: is damaged: line 3: Expected string\n  \
                   help: delete the run's folder and train again; nothing else depends on it";
    let damaged = RunState {
        record: None,
        written: false,
        position: None,
        problems: vec![problem.to_owned()],
        ..training(10, 3)
    };
    golden("damaged-80x24", &drawn(&single(damaged), PLAIN, (80, 24)));
}

#[test]
fn lines_say_the_same() {
    golden("lines", &lines::lines(&sweep()));
}

#[test]
fn keys_pick_runs_and_charts() {
    let mut watched = sweep();
    let mut key = |code: KeyCode, modifiers: KeyModifiers| {
        let leaves = press(&mut watched, KeyEvent::new(code, modifiers));
        (leaves, watched.chosen(), watched.page, watched.log)
    };
    let none = KeyModifiers::NONE;
    assert_eq!(key(KeyCode::Down, none), (false, 2, 0, false));
    assert_eq!(key(KeyCode::Down, none), (false, 2, 0, false), "there is no further one");
    assert_eq!(key(KeyCode::Up, none), (false, 1, 0, false));
    assert_eq!(key(KeyCode::Left, none), (false, 1, -1, false));
    assert_eq!(key(KeyCode::Char('l'), none), (false, 1, -1, true));
    assert_eq!(key(KeyCode::Char('c'), none), (false, 1, -1, true));
    assert!(key(KeyCode::Char('c'), KeyModifiers::CONTROL).0);
    assert!(key(KeyCode::Char('q'), none).0 && key(KeyCode::Esc, none).0);
}

#[test]
fn pages_of_charts_go_round() {
    let mut watched = single(training(10, 3));
    let first = drawn(&watched, PLAIN, (80, 24));
    let pages = (1..20).find(|&page| {
        watched.page = page;
        drawn(&watched, PLAIN, (80, 24)) == first
    });
    let pages = pages.expect("the first page comes again");
    assert!(pages > 1, "{first}");
    watched.page = -pages;
    assert_eq!(drawn(&watched, PLAIN, (80, 24)), first);
}

#[test]
fn without_colours_no_cell_has_one() {
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).expect("a screen");
    for (look, wanted) in [(PLAIN, false), (Look { colored: true }, true)] {
        let draw = |frame: &mut ratatui::Frame<'_>| {
            let area = frame.area();
            view::view(&sweep(), look, area, frame.buffer_mut());
        };
        terminal.draw(draw).expect("a drawing");
        let cells = &terminal.backend().buffer().content;
        assert_eq!(cells.iter().any(|cell| cell.fg != ratatui::style::Color::Reset), wanted);
    }
}
