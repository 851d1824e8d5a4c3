//! Each figure on small fixed records, compared with the SVG in `golden/`.
//!
//! With `KILN_BLESS=1` the files are written anew; look at them before they are committed.

mod fixture;

use fixture::{best, code, history, labels, letters, picture};
use kiln_record::History;
use kiln_report::embed;
use kiln_report::plots::{
    Bitmaps, Cells, Figure, SweepRun, Tile, TileRow, class_scatter, class_scores, confusion_matrix,
    learning_curves, sweep_curves, sweep_values, tile_rows,
};
use kiln_report::tables::{Classification, Confusion};
use std::path::Path;

#[track_caller]
fn check(name: &str, figure: &Figure) {
    let text = figure.to_file();
    assert!(!figure.description.is_empty() && text.contains("<title") && text.contains("<desc"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.svg"));
    if std::env::var_os("KILN_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == text, "{} differs; run with KILN_BLESS=1 and look at the change", path.display());
}

fn confusion(rows: usize, right: f32) -> Confusion {
    let (targets, predictions) = labels(rows, right);
    Confusion::of(&targets, &predictions, &letters()).unwrap()
}

#[test]
fn curves_of_a_two_headed_model() {
    let figures = learning_curves("exp06, batch 128", &history(30, 128), Some(&best(17)), false).unwrap();
    let names: Vec<&str> = figures.iter().map(|(name, _)| name.as_str()).collect();
    // The decoder's weight stays as it is.
    assert_eq!(
        names,
        ["loss", "loss.classifier", "loss.decoder", "classifier.accuracy", "weight.classifier"]
    );
    for (name, figure) in &figures {
        check(&format!("curves_{}", name.replace('.', "_")), figure);
    }
}

#[test]
fn the_total_of_one_head_is_not_drawn_twice() {
    let mut history = history(3, 16);
    for (name, new) in [("loss.decoder", "gone"), ("val_loss.decoder", "val_gone")] {
        let at = history.names.iter().position(|n| n == name).unwrap();
        history.names[at] = new.into();
    }
    let has_total = |history: &History| {
        learning_curves("one", history, None, false).unwrap().iter().any(|(name, _)| name == "loss")
    };
    assert!(has_total(&history), "they differ");
    for row in &mut history.epochs {
        (row.values[0], row.values[4]) = (row.values[1], row.values[5]);
    }
    assert!(!has_total(&history));
}

#[test]
fn curves_of_one_epoch_of_none_and_of_nan() {
    let mut one = history(1, 16);
    one.epochs[0].values[0] = f64::NAN;
    let figures = learning_curves("one epoch", &one, Some(&best(1)), false).unwrap();
    check("curves_one_epoch", &figures[0].1);
    let none = History::new(vec!["loss".into()]);
    assert!(learning_curves("none", &none, None, false).unwrap().is_empty());
    let mut broken = history(4, 16);
    for (row, value) in broken.epochs.iter_mut().zip([f64::MAX, -f64::MAX, f64::INFINITY, f64::NAN]) {
        row.values.fill(value);
    }
    learning_curves("broken", &broken, Some(&best(900)), false).unwrap();
}

#[test]
fn confusion_matrices() {
    check("confusion_counts", &confusion_matrix("exp01", &confusion(2_800, 0.88), Cells::Counts).unwrap());
    check("confusion_shares", &confusion_matrix("exp01", &confusion(2_800, 0.88), Cells::Shares).unwrap());
    let long = ["aeroplane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck", "zebra"];
    let (targets, predictions) = labels(2_800, 0.88);
    let long = Confusion::of(&targets, &predictions, &long.map(str::to_owned)).unwrap();
    check("confusion_long_names", &confusion_matrix("animals", &long, Cells::Counts).unwrap());
    // No class, one class, very many: drawn without a panic.
    for classes in [0, 1, 2, 60] {
        let names: Vec<String> = (0..classes).map(|c| format!("class {c}")).collect();
        let all: Vec<usize> = (0..classes).collect();
        let confusion = Confusion::of(&all, &all, &names).unwrap();
        confusion_matrix("any", &confusion, Cells::Shares).unwrap();
        class_scores("any", &Classification::of(&confusion)).unwrap();
    }
}

#[test]
fn scores_by_class() {
    check("scores", &class_scores("exp01", &Classification::of(&confusion(2_800, 0.88))).unwrap());
}

/// Width, height and pixels (red, green, blue, opacity) of a PNG.
fn decoded(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgba);
    (info.width, info.height, pixels)
}

#[test]
fn bitmaps_have_their_words_without_the_systems_fonts() {
    let [figure, _] = [Cells::Counts, Cells::Shares]
        .map(|cells| confusion_matrix("exp01", &confusion(2_800, 0.88), cells).unwrap());
    let bitmaps = Bitmaps::default();
    let png = bitmaps.png(&figure).unwrap();
    let (width, height, pixels) = decoded(&png);
    assert_eq!([width, height], figure.size.map(|side| side * 2));
    // The heading: dark on the paper's white, in the place of one line.
    let row = |y: u32| &pixels[(y * width * 4) as usize..((y + 1) * width * 4) as usize];
    let is_dark = |pixel: &&[u8]| pixel[0] < 0x60 && pixel[3] == 0xFF;
    let dark: usize = (12..44).map(|y| row(y).chunks_exact(4).filter(is_dark).count()).sum();
    assert!((400..4_000).contains(&dark), "{dark} dark pixels");
    assert!(pixels.chunks_exact(4).all(|pixel| pixel[3] == 0xFF), "nothing is transparent");
    // Pictures within figures, dots, and the same bytes each time on any number of threads.
    let tile = Tile { size: [28, 28], ink: vec![1.0; 784] };
    let tiles = TileRow { label: String::new(), tiles: vec![Some(tile)], captions: vec![] };
    let tiles = tile_rows("ink", "Ink.", &[tiles]).unwrap();
    let (_, _, inked) = decoded(&bitmaps.png(&tiles).unwrap());
    assert!(inked.chunks_exact(4).filter(is_dark).count() > 9_000, "a picture of 96 × 96 pixels");
    let points = class_scatter("points", &[[0.0, 0.0], [1.0, 1.0]], &[0, 0], &["P".into()]).unwrap();
    let blue = |pixel: &&[u8]| pixel[2] > 0xA0 && pixel[0] < 0x80;
    let (_, _, dotted) = decoded(&bitmaps.png(&points).unwrap());
    assert!(dotted.chunks_exact(4).filter(blue).count() > 100);
    let all = bitmaps.all(&[&figure, &tiles, &points, &figure]).unwrap();
    assert!(all.len() == 4 && all[0] == png && all[3] == png);
}

#[test]
fn originals_over_reconstructions() {
    let tile = |class, blur| Some(Tile { size: [28, 28], ink: picture(class, blur) });
    let row = |label: &str, blur| TileRow {
        label: label.into(),
        tiles: (0..10).map(|c| tile(c, blur)).collect(),
        captions: vec![],
    };
    let rows = [row("original", 0.0), row("batch 512", 3.0), row("batch 32", 1.0)];
    check("reconstructions", &tile_rows("exp11", "Ten letters and what became of them.", &rows).unwrap());
    let captions = (0..3).map(|c| format!("P → {c}")).collect();
    let gaps = TileRow { label: String::new(), tiles: vec![tile(0, 0.0), None, tile(1, 0.0)], captions };
    check("tiles_with_captions", &tile_rows("confused", "Three samples.", &[gaps]).unwrap());
    let none = TileRow { label: "none".into(), tiles: vec![None], captions: vec![] };
    tile_rows("nothing", "Nothing.", &[none]).unwrap();
    tile_rows("nothing", "Nothing.", &[]).unwrap();
}

#[test]
fn points_of_classes() {
    let targets: Vec<usize> = (0..440).map(|i| i % 11).collect();
    let points = embed::pca(&code(&targets, 16), 16);
    check("scatter", &class_scatter("exp06, code", &points, &targets, &letters()).unwrap());
    class_scatter("none", &[], &[], &letters()).unwrap();
    class_scatter("same", &[[1.0, 1.0], [1.0, 1.0], [f32::NAN, 0.0]], &[0, 99, 0], &letters()).unwrap();
}

#[test]
fn sweeps() {
    let histories = [512, 128, 64, 32].map(|batch| (batch, history(30, batch)));
    let runs: Vec<SweepRun<'_>> =
        histories.iter().map(|(batch, history)| SweepRun { name: batch.to_string(), history }).collect();
    let [by_epoch, by_time] = sweep_curves("exp11", &runs, "val_loss.decoder").unwrap();
    check("sweep_by_epoch", &by_epoch);
    check("sweep_by_time", &by_time);
    let places = [512.0, 128.0, 64.0, 32.0];
    let accuracies = [0.90, 0.93, 0.94, 0.935];
    check("sweep_values", &sweep_values("exp11", "batch size", &places, "accuracy", &accuracies).unwrap());
    let some = [3.0, 1.4, 1.6, f64::NAN];
    check("sweep_some_values", &sweep_values("exp11", "batch size", &places, "seconds", &some).unwrap());
    sweep_values("zero", "rate", &[0.0, 1.0], "a", &[f64::NAN; 2]).unwrap();
}
