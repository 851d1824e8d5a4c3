//! Definition and references.

use crate::fixture::Fixture;
use kiln_lsp::navigate::{Site, definition, references};

fn shown(fixture: &Fixture, site: &Site) -> String {
    let text = fixture.text(&site.path);
    let line = text[..site.start as usize].matches('\n').count() + 1;
    let file = site.path.rsplit('/').next().unwrap_or_default();
    format!("{file}:{line} {}", &text[site.start as usize..site.end as usize])
}

fn goes_to(mut fixture: Fixture, want: &[&str]) {
    let (project, file) = fixture.project();
    let found = definition(&project, file, fixture.at);
    let found: Vec<String> = found.iter().map(|site| shown(&fixture, site)).collect();
    assert_eq!(found, want);
}

fn stands_at(mut fixture: Fixture, want: &[&str]) {
    let sites = references(&mut fixture.workspace, &fixture.path.clone(), fixture.at).expect("a name");
    let found: Vec<String> = sites.all.iter().map(|site| shown(&fixture, site)).collect();
    assert_eq!(found, want);
}

#[test]
fn names_lead_to_their_definitions() {
    goes_to(Fixture::with_library("train { model = ne|t }"), &["net.model:3 net"]);
    goes_to(Fixture::with_library("train { data = letters| }"), &["letters.model:1 letters"]);
    goes_to(Fixture::with_library("train { model = net(wid|th = 3) }"), &["net.model:3 width"]);
    goes_to(Fixture::in_library("hidden(128"), &["net.model:1 hidden"]);
    goes_to(Fixture::in_library("units, relu"), &["net.model:1 units"]);
    goes_to(Fixture::in_library("code.T"), &["net.model:7 code"]);
    goes_to(Fixture::in_library("decoder: mse"), &["net.model:9 decoder"]);
    goes_to(Fixture::in_library("label)\n    loss"), &["net.model:5 label"]);
    goes_to(Fixture::with_library("report { manifold(co|de) }"), &["net.model:7 code"]);
    goes_to(
        Fixture::with_library("train { early_stopping = early_stopping(monitor = class|ifier.accuracy) }"),
        &["net.model:8 classifier"],
    );
}

#[test]
fn an_input_leads_to_its_field_and_a_use_to_its_file() {
    goes_to(Fixture::in_library("image: [784]"), &["letters.model:4 image"]);
    goes_to(Fixture::with_library("train { }\nuse \"lib/le|tters.model\""), &["letters.model:1 "]);
    goes_to(Fixture::in_library("dense(32"), &[]);
    goes_to(Fixture::new("model m { x -> den|se(3) }"), &[]);
}

#[test]
fn references_cross_files() {
    stands_at(
        Fixture::in_library("code: dense"),
        &[
            "net.model:7 code",
            "net.model:8 code",
            "net.model:9 code",
            "net.model:10 code",
            "main.model:8 code",
        ],
    );
}

#[test]
fn a_field_and_the_inputs_that_read_it_are_one_name() {
    stands_at(
        Fixture::in_library("label  = class"),
        &["letters.model:5 label", "net.model:5 label", "net.model:14 label", "main.model:8 label"],
    );
}

#[test]
fn all_specs_that_use_a_file_are_looked_through() {
    let text = "//- /none/net.model\nmodel n|et { input x: [4]  x -> h: dense(4)  loss h: mse(x) }\n\
                //- /none/a.model\nuse \"net.model\"\ntrain { model = net }\n\
                //- /none/b.model\nuse \"net.model\"\ntrain { model = sweep [net] }\n";
    stands_at(Fixture::new(text), &["a.model:2 net", "b.model:2 net", "net.model:1 net"]);
}
