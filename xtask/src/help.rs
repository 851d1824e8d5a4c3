//! What `cargo xtask help` prints.

/// Every verb, the product's in one line each.
pub(crate) const TEXT: &str = "\
cargo xtask VERB …

The product (builds the release `kiln` and runs it here, with the same arguments):
  new FILE…          a starting spec for data files
  check SPEC…        find the mistakes in specs
  summary SPEC       the model's table
  train SPEC         train; writes runs/
  eval RUN           evaluate a trained model
  report             the report of the experiments
  dump STAGE SPEC    print what a stage of the compiler made
  bench              measure
  … any other verb   `cargo xtask --version`, `cargo xtask explain E0312`: as `kiln …` does;
                     `cargo xtask train --help` tells what a verb takes

The workspace:
  ci [--fast] [STEP…]     every check, cheapest first: fmt tidy clippy doc test docs specs
                          examples (--fast: without doc, docs, specs and examples)
  test [--bless] […]      all tests; --bless rewrites the golden files; the rest goes to `cargo test`
  tidy                    the rules that no compiler knows: crate edges, headers, lengths, registries
  docs [--check]          write docs/library/ and docs/messages.md from the program, or compare them
  new KIND NAME           start a layer, activation, loss or optimizer: one file and its registry line
  help                    this

Exit codes: 0 done, 1 the environment or a check failed, 2 the command line is wrong.";
