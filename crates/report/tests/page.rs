//! Reports of small fixed records: whole, damaged, hostile.

mod fixture;

use fixture::{record, write_run};
use kiln_record::{RunFolder, RunRecord, Status, discover};
use kiln_report::page::{Options, Report, build};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn report(runs: &Path) -> Report {
    build(&discover(runs).unwrap(), &Options::default()).unwrap()
}

/// Values of an attribute in the order of the text.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let mark = format!(" {name}=\"");
    html.split(&mark).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// Every element is closed, and in order; attributes are quoted.
#[track_caller]
fn check_elements(html: &str) {
    const VOID: [&str; 3] = ["meta", "br", "image"];
    let body = html.strip_prefix("<!DOCTYPE html>\n").expect("a document type");
    let (before, styled) = body.split_once("<style>").expect("a style");
    let (_, after) = styled.split_once("</style>").expect("an end of the style");
    let mut open: Vec<&str> = Vec::new();
    for tag in [before, after].into_iter().flat_map(|part| part.split('<').skip(1)) {
        let (tag, text) = tag.split_once('>').unwrap_or_else(|| panic!("no end of <{tag}"));
        assert!(!text.contains('>'), "{text}");
        assert_eq!(tag.matches('"').count() % 2, 0, "<{tag}>");
        let name = tag.split([' ', '/']).find(|part| !part.is_empty()).expect("a name");
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "</{name}>");
        } else if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

/// Every figure has words for who cannot see it.
#[track_caller]
fn check_words(html: &str) {
    for figure in html.split("<figure").skip(1) {
        for (start, end) in [("<title id=", "</title>"), ("<desc id=", "</desc>")] {
            let words = figure.split_once(start).and_then(|(_, rest)| rest.split_once('>')).expect(start).1;
            let words = words.split_once(end).expect(end).0;
            assert!(words.len() > 3, "{words:?}");
        }
    }
}

/// What holds for every page.
#[track_caller]
fn check_page(report: &Report) {
    let html = &report.html;
    check_elements(html);
    check_words(html);
    let ids = attributes(html, "id");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len(), "ids are unique");
    for link in attributes(html, "href") {
        let inside = link.strip_prefix('#').is_some_and(|id| unique.contains(id));
        assert!(inside || link.starts_with("data:image/png;base64,"), "{link}");
    }
    for label in attributes(html, "aria-labelledby").iter().flat_map(|label| label.split(' ')) {
        assert!(unique.contains(label), "{label}");
    }
    let outside = html.replace("http://www.w3.org/2000/svg", "");
    for word in ["http:", "https:", "<script", "<link", "@import", "url(", " src="] {
        assert!(!outside.contains(word), "{word}");
    }
    for (name, svg) in &report.plots {
        assert!(report.markdown.contains(&format!("](plots/{name}.svg)")), "{name}");
        assert!(svg.starts_with("<svg ") && svg.contains("<title") && svg.ends_with("</svg>\n"), "{name}");
    }
    assert_eq!(report.markdown.matches("](plots/").count(), report.plots.len());
}

#[test]
fn a_report_has_everything_that_its_specs_ask_for() {
    let runs = tempfile::tempdir().unwrap();
    let folders = [("exp6", 16), ("exp6", 11_200), ("exp6", 128), ("exp10", 128)]
        .map(|(spec, batch)| write_run(runs.path(), spec, batch));
    let report = build(&folders, &Options::default()).unwrap();
    check_page(&report);
    assert!(report.damaged.is_empty());
    // In the order given; what all runs came to stands before each of them.
    let places = [
        "<h2 id=\"exp6\"",
        "What the batch size did</h3>",
        "batch = 16</h3>",
        "batch = 11200</h3>",
        "batch = 128</h3>",
        "<h2 id=\"exp10\"",
    ]
    .map(|text| report.html.find(text).unwrap_or_else(|| panic!("{text}")));
    assert!(places.is_sorted(), "{places:?}");
    let plots: Vec<&str> = report.plots.iter().map(|(name, _)| name.as_str()).collect();
    for name in [
        "exp6-batch-16-0000000000000010-curves-loss",
        "exp6-batch-16-0000000000000010-scores-classifier",
        "exp6-batch-16-0000000000000010-confusion-classifier",
        "exp6-batch-16-0000000000000010-confusion-classifier-shares",
        "exp6-batch-16-0000000000000010-pairs-classifier",
        "exp6-batch-16-0000000000000010-manifold-encoder-pca",
        "exp6-batch-16-0000000000000010-worst-decoder",
        "exp6-batch-16-0000000000000010-best-decoder",
        "exp6-reconstructions-decoder",
        "exp6-sweep-val-loss-classifier-epochs",
        "exp6-sweep-values-test-accuracy",
    ] {
        assert!(plots.contains(&name), "{name} is not among {plots:#?}");
    }
    assert!(report.html.contains("              precision    recall  f1-score   support"));
    assert!(report.html.contains("What changed from exp6 to exp10"));
    assert!(report.html.contains("changed their weights "), "the sweep is told in words");
    assert!(report.html.contains("9f86d081884c7d65"));
    assert_eq!(report.csv.lines().count(), 5);
    assert!(report.csv.starts_with("experiment,run,batch,"));
    let first = "exp6,batch = 16,0000000000000010,classifier,P,";
    assert!(report.classification.lines().nth(1).is_some_and(|line| line.starts_with(first)));
    assert_eq!(report.classification.lines().count(), 1 + 4 * (11 + 2), "classes and averages of four runs");
    let json: serde_json::Value = serde_json::from_str(&report.json).unwrap();
    assert_eq!(json[0]["batch"], 16);
    assert!(json[0]["classification"]["classifier"]["weighted avg"]["f1-score"].is_f64());
    assert_eq!(json[3]["experiment"], "exp10");
}

#[test]
fn a_report_is_written_once_and_changes_no_byte_after() {
    let runs = tempfile::tempdir().unwrap();
    write_run(runs.path(), "exp06", 128);
    let folder = tempfile::tempdir().unwrap();
    report(runs.path()).write(folder.path()).unwrap();
    let page = folder.path().join("index.html");
    let written = fs::metadata(&page).unwrap().modified().unwrap();
    let (first, stale) = (fs::read(&page).unwrap(), folder.path().join("plots/stale.svg"));
    fs::write(&stale, "").unwrap();
    report(runs.path()).write(folder.path()).unwrap();
    assert_eq!(fs::read(&page).unwrap(), first);
    assert_eq!(fs::metadata(&page).unwrap().modified().unwrap(), written);
    assert!(!stale.exists(), "plots of older reports are removed");
    assert!(folder.path().join("plots/exp06-batch-128-0000000000000080-curves-loss.svg").is_file());
}

#[test]
fn bitmaps_are_written_where_they_are_asked_for() {
    let runs = tempfile::tempdir().unwrap();
    let runs = [write_run(runs.path(), "exp06", 128)];
    let folder = tempfile::tempdir().unwrap();
    let pngs = || {
        let plots = fs::read_dir(folder.path().join("plots")).unwrap().map(|entry| entry.unwrap().path());
        plots.filter(|path| path.extension().is_some_and(|ending| ending == "png")).count()
    };
    let report = build(&runs, &Options { png: true, ..Options::default() }).unwrap();
    report.write(folder.path()).unwrap();
    assert!(pngs() == report.plots.len() && pngs() > 10);
    build(&runs, &Options::default()).unwrap().write(folder.path()).unwrap();
    assert_eq!(pngs(), 0, "old ones are removed");
}

#[test]
fn damaged_runs_are_named_and_the_rest_is_built() {
    let runs = tempfile::tempdir().unwrap();
    write_run(runs.path(), "exp06", 128);
    let no_history = write_run(runs.path(), "exp06", 64);
    fs::remove_file(no_history.history_csv()).unwrap();
    let half = write_run(runs.path(), "exp06", 32);
    fs::write(half.run_ron(), &fs::read(half.run_ron()).unwrap()[..200]).unwrap();
    let no_predictions = write_run(runs.path(), "exp06", 16);
    fs::remove_dir_all(no_predictions.predictions()).unwrap();
    let bad_predictions = write_run(runs.path(), "exp06", 256);
    fs::write(bad_predictions.predictions().join("output.decoder.npy"), b"\x93NUMPY").unwrap();
    let report = report(runs.path());
    check_page(&report);
    assert_eq!(report.damaged.len(), 2);
    for text in [
        format!("Left out: {}: there is no such file", no_history.history_csv().display()),
        format!("Left out: {}: is damaged: line", half.run_ron().display()),
        format!("{}: this run has no predictions yet", no_predictions.path().display()),
        format!(
            "{}: is damaged: shorter",
            bad_predictions.predictions().join("output.decoder.npy").display()
        ),
        "help: train this run again".to_owned(),
        "batch = 128</h3>".to_owned(),
    ] {
        assert!(report.html.contains(&text), "{text}");
    }
    assert_eq!(report.csv.lines().count(), 4);
}

#[test]
fn runs_that_did_not_end_well_say_so() {
    let runs = tempfile::tempdir().unwrap();
    let reason = "the loss is NaN; try a smaller rate".to_owned();
    for (batch, status) in [
        (16, Status::Failed { head: Some("decoder".into()), epoch: 3, reason }),
        (32, Status::Interrupted),
        (64, Status::Running),
    ] {
        let folder = write_run(runs.path(), "exp06", batch);
        RunRecord { status, ..record("exp06", batch) }.save(folder.run_ron()).unwrap();
    }
    let report = report(runs.path());
    check_page(&report);
    for text in
        ["Failed in epoch 3 in head decoder: the loss is NaN", "Stopped by the user", "Running or killed"]
    {
        assert!(report.html.contains(text), "{text}");
    }
}

#[test]
fn no_runs_are_a_report_too() {
    let report = build(&[], &Options::default()).unwrap();
    check_page(&report);
    assert!(report.html.contains("There is no run to report on"));
}

#[test]
fn a_layout_is_kept_and_read_back() {
    let runs = tempfile::tempdir().unwrap();
    let folder = write_run(runs.path(), "exp06", 128);
    let mut record = record("exp06", 128);
    record.sections[4].arguments[1].1 = "tsne".into();
    let mut umap = record.sections[4].clone();
    umap.arguments[1].1 = "umap".into();
    record.sections.push(umap);
    record.save(folder.run_ron()).unwrap();
    let cache = tempfile::tempdir().unwrap();
    let options = Options { cache: Some(cache.path().join("layouts")), ..Options::default() };
    let first = build(std::slice::from_ref(&folder), &options).unwrap();
    let files: Vec<_> =
        fs::read_dir(cache.path().join("layouts")).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(files.len(), 2, "one of each method");
    for method in ["tsne", "umap"] {
        let name = format!("exp06-batch-128-0000000000000080-manifold-encoder-{method}");
        assert!(first.plots.iter().any(|(plot, _)| *plot == name), "{name}");
    }
    assert_eq!(build(std::slice::from_ref(&folder), &options).unwrap().html, first.html);
    // A damaged cache is computed anew.
    files.iter().for_each(|file| fs::write(file, "no array").unwrap());
    assert_eq!(build(std::slice::from_ref(&folder), &options).unwrap().html, first.html);
}

#[test]
fn hostile_records_neither_break_the_page_nor_the_program() {
    let runs = tempfile::tempdir().unwrap();
    let folder = write_run(runs.path(), "exp06", 128);
    let evil = "</title><script src=\"http://x\">|`*_\u{0}\u{1b}";
    let mut run = record("exp06", 128);
    (run.spec, run.title, run.label) = (evil.into(), evil.into(), evil.into());
    (run.source, run.resolved, run.summary) = (evil.into(), evil.into(), evil.into());
    run.data.classes = vec![evil.into(); 11];
    run.host.cpu = evil.into();
    run.started = u64::MAX;
    run.finished = Some(u64::MAX);
    run.parameters.trainable = u64::MAX;
    run.parameters.fixed = u64::MAX;
    run.data.fields[0].picture = Some((u64::MAX, 2));
    run.sections[3].arguments[1].1 = "99999999999".into();
    run.sections[4].arguments[1].1 = evil.into();
    run.save(folder.run_ron()).unwrap();
    let report = report(runs.path());
    assert!(!report.html.contains("<script"), "escaped");
    check_elements(&report.html);
    let ids = attributes(&report.html, "id");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    let plots = tempfile::tempdir().unwrap();
    report.write(plots.path()).unwrap();
    for columns in ["0", "-1", "x"] {
        run.sections[3].arguments[1].1 = columns.into();
        run.data.classes.clear();
        run.save(folder.run_ron()).unwrap();
        build(&[RunFolder::at(folder.path())], &Options::default()).unwrap();
    }
}
