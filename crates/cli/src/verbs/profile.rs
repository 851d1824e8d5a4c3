//! `kiln profile`: where a training step's time goes, kernel by kernel.

use crate::arguments::{RunArguments, SpecArguments};
use crate::machine::MachineArguments;
use crate::console::Console;
use crate::outcome::Outcome;
use crate::spec;
use anyhow::Result;
use kiln::measure::{self, KernelTime, Plan};

/// Show where a training step's time goes, kernel by kernel
///
/// Runs epochs on made-up samples and lists each kernel's time, arithmetic and memory traffic, with its
/// share of what the processor can do.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    spec: SpecArguments,

    #[command(flatten)]
    run: RunArguments,

    #[command(flatten)]
    machine: MachineArguments,

    /// Epochs to add up
    #[arg(long, value_name = "N", default_value = "3")]
    repeats: u32,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Result<Outcome> {
    let spec = spec::resolve(&arguments.spec, console)?;
    let run = spec::one_run(&spec, &arguments.run, console)?;
    let options = arguments.machine.options()?;
    let (isa, threads, batch) = (options.isa, options.threads, run.model().train.batch);
    let plan = Plan { samples: super::bench::SAMPLES, threads, isa, repeats: arguments.repeats };
    let peak = kiln::microkernel::peak(isa, 100);
    let mut kernels = measure::profile(run.model(), plan)?;
    let total: f64 = kernels.iter().map(|k| k.seconds).sum();
    console.line(&format!(
        "batch {batch}, {threads} threads, {}; {:.1} µs of work a step; peak {peak:.0} GFLOP/s a thread\n",
        isa.name(),
        total * 1e6
    ))?;
    console.line("      µs  share  GFLOP/s  of peak    GB/s  kernel")?;
    kernels.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    for kernel in &kernels {
        console.line(&line(kernel, total, peak))?;
    }
    Ok(Outcome::Done)
}

fn line(kernel: &KernelTime, total: f64, peak: f64) -> String {
    let gflops = kernel.operations / kernel.seconds / 1e9;
    let arithmetic = if kernel.operations > 0.0 {
        format!("{gflops:8.1} {:7.0}%", 100.0 * gflops / peak)
    } else {
        format!("{:>8} {:>8}", "–", "–")
    };
    format!(
        "{:8.2} {:5.1}% {arithmetic} {:7.1}  {}  {}  {}",
        kernel.seconds * 1e6,
        100.0 * kernel.seconds / total,
        kernel.bytes / kernel.seconds / 1e9,
        kernel.name,
        kernel.form,
        kernel.space,
    )
}
