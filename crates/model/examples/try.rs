//! Scratch.
#![allow(clippy::print_stdout, reason = "scratch")]
fn main() {
    for a in std::env::args().skip(1) {
        let l = kiln_model::load(std::path::Path::new(&a)).unwrap();
        let c = kiln_model::check(&l);
        println!("{a}: {} runs", c.spec.as_ref().map_or(0, |s| s.runs.len()));
        println!("{}", kiln_diag::render(&c.diagnostics, &l.sources, false));
        for d in c.diagnostics.sorted() {
            println!("{:?}", d.message);
        }
        if let Some(s) = &c.spec {
            println!("{}", s.runs[0].model.to_ron());
        }
    }
}
