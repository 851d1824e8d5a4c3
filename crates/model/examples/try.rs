//! Scratch.
#![allow(clippy::print_stdout, reason = "scratch")]
fn main() {
    for a in std::env::args().skip(1) {
        let l = kiln_model::load(std::path::Path::new(&a)).unwrap();
        let c = kiln_model::check(&l);
        println!("{a}: {} runs", c.spec.as_ref().map_or(0, |s| s.runs.len()));
        println!("{}", kiln_diag::render(&c.diagnostics, &l.sources, false));
        if let Some(s) = &c.spec {
            let m = &s.runs[0].model;
            assert_eq!(*m, kiln_model::Model::from_ron(&m.to_ron()).unwrap());
            assert_eq!(*m, kiln_model::Model::from_ron(&ron::to_string(&m).unwrap()).unwrap());
            println!("{}", kiln_model::summary(m));
            let g = kiln_model::build(m);
            for x in [&g.forward, &g.train, &g.evaluate, &g.predict] {
                println!("{} nodes {:?}", x.nodes.len(), kiln_graph::verify(x));
            }
        }
    }
}
