//! `kiln bench`: seconds per epoch of the experiments' networks on this machine, of their forward
//! pass alone, or of layers of many widths.
//!
//! Each cell (network, batch size, threads) is measured in a process of its own, so that its memory
//! and its start are its own too; widths share one.

mod widths;

use crate::arguments::{Changes, Format, SpecArguments};
use crate::console::Console;
use crate::outcome::{Outcome, wrong};
use crate::{machine, spec};
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use kiln::measure::{self, Plan};
use serde_json::{Value, json};
use std::process::Command;
use std::time::Instant;

/// Samples of an epoch: those of the letters' training part.
pub(crate) const SAMPLES: u32 = 11_200;

const NETWORKS: [&str; 3] = ["exp01", "exp06", "exp11"];
const BATCHES: [u32; 6] = [16, 32, 64, 128, 512, 11_200];
/// Forward only: one sample, as a service answers; and a batch.
const EVAL_BATCHES: [u32; 2] = [1, 128];

/// Measure seconds per epoch of the experiments' networks
///
/// Every cell of {exp01, exp06, exp11} × {16, 32, 64, 128, 512, 11200} × threads {1, all}, each in a
/// process of its own: seconds per epoch of 11,200 samples (median, least, most), arithmetic of the
/// matrix products per second and as a share of the machine's peak, compile time, time from process
/// start to the first finished step, peak memory. Run it on an otherwise idle machine, in the folder
/// that has `specs/`.
///
/// With `--mode eval`: the forward pass alone, as the network is in use, at batch 1 and 128; also the
/// microseconds of a single call on one thread. With `--mode widths`: a step of layers of widths 40 to
/// 72 and 500 to 520, which should grow with the width and have no steps.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// Cells as NETWORK or NETWORK:BATCH, separated by commas; all where left out
    #[arg(long, value_name = "CELLS", value_delimiter = ',')]
    cells: Vec<String>,

    /// What is measured
    #[arg(long, value_enum, default_value = "train")]
    mode: Mode,

    /// Numbers of threads, separated by commas; 1 and all cores where left out
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = clap::value_parser!(u16).range(1..))]
    threads: Vec<u16>,

    /// Instruction set: avx512, avx2, neon, portable; the widest where left out
    #[arg(long, value_name = "ISA")]
    isa: Option<String>,

    /// Timed epochs of a cell
    #[arg(long, value_name = "N", default_value = "5")]
    repeats: u32,

    /// Put a value in place of the specs': train.optimizer=adam
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// Folder with the specs
    #[arg(long, value_name = "FOLDER", default_value = "specs")]
    specs: String,

    /// How results are written: a table, or a JSON object a line
    #[arg(long, value_enum, default_value = "human")]
    format: Format,

    /// The same as --format json
    #[arg(long)]
    json: bool,

    /// Measure one cell in this process (how `bench` calls itself)
    #[arg(long, hide = true)]
    alone: bool,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// Training: forward, losses, gradients, update
    Train,
    /// The forward pass alone
    Eval,
    /// Training of dense layers of many widths
    Widths,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cell {
    network: String,
    batch: u32,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Result<Outcome> {
    let began = Instant::now();
    let cells = cells(&arguments.cells, arguments.mode)?;
    let all = kiln::Options::default();
    let isa = arguments.isa.as_deref().map_or(Ok(all.isa), machine::isa)?;
    let mut threads: Vec<u16> = arguments.threads.clone();
    if threads.is_empty() {
        threads = vec![1, all.threads as u16];
        threads.dedup();
    }
    if arguments.alone {
        let (Some(cell), Some(&threads)) = (cells.first(), threads.first()) else { bail!("one cell at a time") };
        let result = alone(arguments, cell, threads, isa, began, console)?;
        console.line(&result.to_string())?;
        return Ok(Outcome::Done);
    }
    let as_json = arguments.json || arguments.format == Format::Json;
    if arguments.mode == Mode::Widths {
        widths::run(arguments, &threads, isa, as_json, console)?;
        return Ok(Outcome::Done);
    }
    if !as_json {
        heading(console, arguments.mode, isa, &threads)?;
    }
    for cell in &cells {
        for &threads in &threads {
            let result = in_own_process(arguments, cell, threads, isa)?;
            console.line(&if as_json { result.to_string() } else { row(&result) })?;
        }
    }
    Ok(Outcome::Done)
}

fn cells(wanted: &[String], mode: Mode) -> Result<Vec<Cell>> {
    let batches: &[u32] = if mode == Mode::Eval { &EVAL_BATCHES } else { &BATCHES };
    let all = |network: &str| -> Vec<Cell> {
        batches.iter().map(|&batch| Cell { network: network.to_owned(), batch }).collect()
    };
    if wanted.is_empty() {
        return Ok(NETWORKS.iter().flat_map(|n| all(n)).collect());
    }
    let mut cells = Vec::new();
    for text in wanted {
        match text.split_once(':') {
            None => cells.extend(all(text)),
            Some((network, batch)) => {
                let batch = batch.parse().ok().filter(|b| (1..=1 << 20).contains(b));
                let batch = batch.ok_or_else(|| wrong(format!("`{text}`: write NETWORK:BATCH, such as exp01:128")))?;
                cells.push(Cell { network: network.to_owned(), batch });
            }
        }
    }
    Ok(cells)
}

/// Peak and bandwidth first, so that every row can be read against them.
fn heading(console: &Console, mode: Mode, isa: kiln::codegen::Isa, threads: &[u16]) -> Result<()> {
    let one = kiln::microkernel::peak(isa, 200);
    let all = *threads.iter().max().unwrap_or(&1);
    let together = measure::peak_of_all(isa, usize::from(all), 200);
    let bandwidth = kiln::microkernel::bandwidth();
    let meeting = match all {
        1 => String::new(),
        _ => format!("; a message between threads and back {:.0} ns", 1e9 * kiln::microkernel::round_trip(20)),
    };
    console.line(&format!(
        "{}: matmul peak {one:.0} GFLOP/s on 1 thread, {together:.0} on {all}; memory {bandwidth:.0} GB/s{meeting}\n",
        isa.name()
    ))?;
    let call = if mode == Mode::Eval { " call µs |" } else { "" };
    let columns = "GFLOP/s | of peak | compile ms | first step ms | peak MiB |";
    console.line(&format!("| cell | threads | s/epoch | least | most | {columns}{call}"))?;
    console.line(&format!("|---|---|---|---|---|---|---|---|---|---|{}", if call.is_empty() { "" } else { "---|" }))?;
    Ok(())
}

fn row(r: &Value) -> String {
    let number = |key: &str| r[key].as_f64().unwrap_or(f64::NAN);
    let call = r["call_us"].as_f64().map_or(String::new(), |us| format!(" {us:.1} |"));
    format!(
        "| {} b{} | {} | {:.4} | {:.4} | {:.4} | {:.0} | {:.0} % | {:.1} | {:.1} | {:.1} |{call}",
        r["cell"].as_str().unwrap_or_default(),
        r["batch"],
        r["threads"],
        number("epoch_s_median"),
        number("epoch_s_min"),
        number("epoch_s_max"),
        number("gflops"),
        100.0 * number("of_peak"),
        number("compile_ms"),
        number("first_step_ms"),
        number("peak_mib"),
    )
}

fn in_own_process(arguments: &Arguments, cell: &Cell, threads: u16, isa: kiln::codegen::Isa) -> Result<Value> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let mode = arguments.mode.to_possible_value().context("a mode without a name")?;
    let output = Command::new(program)
        .args(["bench", "--alone", "--cells", &format!("{}:{}", cell.network, cell.batch)])
        .args(["--threads", &threads.to_string(), "--isa", isa.name()])
        .args(["--repeats", &arguments.repeats.to_string(), "--specs", &arguments.specs])
        .args(["--mode", mode.get_name()])
        .args(arguments.set.iter().flat_map(|set| ["--set", set]))
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("cannot start a process for a cell")?;
    if !output.status.success() {
        return Err(wrong(format!("{}:{} could not be measured", cell.network, cell.batch)));
    }
    serde_json::from_slice(&output.stdout).context("a cell's result is not readable")
}

/// Measures one cell here.
fn alone(
    arguments: &Arguments,
    cell: &Cell,
    threads: u16,
    isa: kiln::codegen::Isa,
    began: Instant,
    console: &Console,
) -> Result<Value> {
    let mut set = arguments.set.clone();
    if arguments.mode == Mode::Train {
        set.push(format!("train.batch={}", cell.batch));
    }
    let changes = Changes { set, data: None };
    let path = format!("{}/{}.model", arguments.specs, cell.network);
    let spec = spec::resolve(&SpecArguments { spec: path, changes }, console)?;
    let run = spec.runs().next().context("the spec has no run")?;
    let threads = usize::from(threads);
    let plan = Plan { samples: SAMPLES, threads, isa, repeats: arguments.repeats };
    let before = began.elapsed().as_secs_f64();
    let (timing, call) = match arguments.mode {
        Mode::Train => (measure::epoch(run.model(), plan)?, None),
        Mode::Eval => {
            let (timing, call) = measure::forward(run.model(), cell.batch, plan)?;
            (timing, Some(call))
        }
        Mode::Widths => bail!("widths are no cells"),
    };
    let peak = measure::peak_of_all(isa, threads, 100);
    let [least, most] = timing.range();
    let mut line = json!({
        "cell": cell.network,
        "batch": cell.batch,
        "threads": threads,
        "isa": isa.name(),
        "epoch_s_median": timing.median(),
        "epoch_s_min": least,
        "epoch_s_max": most,
        "gflops": timing.gflops(),
        "of_peak": timing.gflops() / peak,
        "peak_gflops": peak,
        "compile_ms": timing.compile_seconds * 1e3,
        "code_ms": timing.code_seconds * 1e3,
        "first_step_ms": (before + timing.first_step_seconds) * 1e3,
        "peak_mib": peak_memory_mib(),
        "arena_mib": timing.arena_bytes as f64 / f64::from(1 << 20),
        "code_kib": timing.code_bytes as f64 / 1024.0,
    });
    if threads > 1 {
        line["round_trip_ns"] = json!(1e9 * kiln::microkernel::round_trip(20));
    }
    if let Some(seconds) = call {
        line["call_us"] = json!(seconds * 1e6);
    }
    Ok(line)
}

/// The most memory that this process has held, in MiB; 0 where the system does not tell.
fn peak_memory_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.trim().trim_end_matches("kB").trim().parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}
