//! A run in the words of its record.

use crate::options::Options;
use crate::spec::Run;
use kiln_data::Dataset;
use kiln_model::model::{Head, Method, Section, Weight, Which, elements};
use kiln_record::{
    DataRecord, FORMAT, FieldRecord, HeadKind, HeadRecord, Host, LossRecord, Parameters, RunRecord, Status,
};

/// Names the run by all that decides its numbers: the model, the data, the program.
pub(crate) fn content_id(run: &Run<'_>, data: &Dataset) -> String {
    let model = run.run.content();
    let parts = [model.as_bytes(), data.fingerprint.as_bytes(), crate::VERSION.as_bytes()];
    kiln_record::content_id(&parts)
}

/// The record of a run that begins now.
pub(crate) fn begin(run: &Run<'_>, data: &Dataset, options: &Options, content: &str) -> RunRecord {
    let model = run.model();
    let summary = run.summary();
    let keys = run.spec.axes().iter().map(|axis| axis.key.clone());
    RunRecord {
        format: FORMAT,
        kiln: crate::VERSION.to_owned(),
        spec: run.spec.name().to_owned(),
        title: model.title.clone(),
        label: run.label().to_owned(),
        sweep: keys.zip(run.run.values.iter().cloned()).collect(),
        content: content.to_owned(),
        source: run.spec.source().to_owned(),
        resolved: model.to_ron(),
        summary: summary.to_string(),
        network: run.network(),
        sections: sections(run),
        data: data_record(data),
        seed: model.train.seed,
        batch: u64::from(model.train.batch),
        epochs: model.train.epochs,
        host: Host::detect(options.isa.name(), options.threads as u32),
        command: options.command.clone(),
        started: kiln_record::time::now(),
        finished: None,
        heads: heads(run),
        parameters: Parameters { trainable: summary.trainable, fixed: summary.non_trainable },
        status: Status::Running,
        best: None,
        results: Vec::new(),
    }
}

fn data_record(data: &Dataset) -> DataRecord {
    let field = |f: &kiln_data::Field| FieldRecord {
        name: f.name.clone(),
        columns: f.cols as u64,
        picture: match f.dims[..] {
            [rows, cols] => Some((rows as u64, cols as u64)),
            _ => None,
        },
    };
    DataRecord {
        name: data.name.clone(),
        fingerprint: data.fingerprint.clone(),
        train_rows: data.train.len() as u64,
        test_rows: data.test.len() as u64,
        classes: data.classes.clone(),
        fields: data.fields.iter().map(field).collect(),
    }
}

/// The heads, then the values that only the report reads.
pub(crate) fn heads(run: &Run<'_>) -> Vec<HeadRecord> {
    let model = run.model();
    let head = |h: &Head| HeadRecord {
        name: h.name.clone(),
        columns: elements(&h.dims),
        kind: if model.classes(&h.target).is_some() { HeadKind::Class } else { HeadKind::Value },
        loss: Some(LossRecord {
            name: h.loss.name.clone(),
            target: h.target.clone(),
            weight: weight(h.weight),
        }),
        metrics: h.metrics.iter().map(|m| m.name.clone()).collect(),
    };
    let views = model.views.iter().map(|v| HeadRecord {
        name: v.name.clone(),
        columns: elements(&v.dims),
        kind: HeadKind::Code,
        loss: None,
        metrics: Vec::new(),
    });
    model.heads.iter().map(head).chain(views).collect()
}

/// As a spec writes it.
pub(crate) fn weight(weight: Weight) -> String {
    match weight {
        Weight::Constant(w) => format!("{w:?}"),
        Weight::Ramp { from, to, epochs } => format!("ramp({from:?} -> {to:?}, epochs = {epochs})"),
        Weight::Learned => "learned".to_owned(),
    }
}

/// The report's sections, arguments as a spec writes them.
pub(crate) fn sections(run: &Run<'_>) -> Vec<kiln_record::Section> {
    run.model().report.iter().map(section).collect()
}

fn section(section: &Section) -> kiln_record::Section {
    let (name, arguments): (&str, Vec<(&str, String)>) = match section {
        Section::Curves { log } => ("curves", vec![("log", log.to_string())]),
        Section::Confusion { head, normalize } => {
            ("confusion", vec![("", head.clone()), ("normalize", normalize.to_string())])
        }
        Section::Classification { head, digits } => {
            ("classification", vec![("", head.clone()), ("digits", digits.to_string())])
        }
        Section::Reconstructions { head, columns, which } => {
            let mut arguments = vec![("", head.clone()), ("columns", columns.to_string())];
            // The first ones are what is shown where nothing is said, and then the extremes follow.
            arguments.extend(which_word(*which).map(|word| ("which", word.to_owned())));
            ("reconstructions", arguments)
        }
        Section::Manifold { value, method, color, samples } => (
            "manifold",
            vec![
                ("", value.clone()),
                ("method", method_word(*method).to_owned()),
                ("color", color.clone()),
                ("samples", samples.to_string()),
            ],
        ),
        Section::Weights { layer, columns, tiles } => (
            "weights",
            vec![("", layer.clone()), ("columns", columns.to_string()), ("tiles", tiles.to_string())],
        ),
        Section::Table => ("table", Vec::new()),
    };
    let arguments = arguments.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    kiln_record::Section { name: name.to_owned(), arguments }
}

fn which_word(which: Which) -> Option<&'static str> {
    match which {
        Which::First => None,
        Which::Extremes => Some("extremes"),
        Which::Worst => Some("worst"),
        Which::Best => Some("best"),
        Which::Classes => Some("classes"),
    }
}

fn method_word(method: Method) -> &'static str {
    match method {
        Method::Pca => "pca",
        Method::Tsne => "tsne",
        Method::Umap => "umap",
    }
}
