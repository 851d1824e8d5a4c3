//! The verbs: one file each, one line each here.
//!
//! A file `verbs/VERB.rs` has `Arguments` (clap's; the doc comment is the help) and
//! `run(&Arguments, &Console)`. The order here is that of `kiln --help`.

use crate::console::Console;
use crate::outcome::Outcome;
use anyhow::Result;
use clap::Subcommand;

macro_rules! verbs {
    ($($name:ident = $module:ident,)*) => {
        $(mod $module;)*

        /// What to do.
        #[derive(Debug, Subcommand)]
        pub(crate) enum Verb { $($name($module::Arguments),)* }

        impl Verb {
            /// Does it.
            pub(crate) fn run(&self, console: &Console) -> Result<Outcome> {
                match self { $(Verb::$name(arguments) => $module::run(arguments, console),)* }
            }
        }
    };
}

verbs! {
    New = new,
    Check = check,
    Summary = summary,
    Train = train,
    Watch = watch,
    Eval = eval,
    Report = report,
    Graph = graph,
    Dump = dump,
    Fmt = fmt,
    Explain = explain,
    Docs = docs,
    Lsp = lsp,
    Profile = profile,
    Bench = bench,
}
