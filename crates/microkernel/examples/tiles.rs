//! Prints the rate of the matmul kernels at the sizes networks have, with operands in L2 and with B in
//! L3, as GFLOP/s and as a fraction of the measured peak. Run with `cargo run --release -p kiln-microkernel --example tiles`,
//! optionally followed by the names of instruction sets.
#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use std::hint::black_box;
use std::time::Instant;

use kiln_microkernel::checked::{self, Panels, PanelsMut, Sizes};
use kiln_microkernel::{Isa, PANEL_COLUMNS, ROW_BYTES, Table, bandwidth, peak, table};

fn main() {
    let named: Vec<Isa> = std::env::args().skip(1).filter_map(|name| Isa::parse(&name)).collect();
    let chosen = if named.is_empty() { Isa::available() } else { named };
    println!("memory: {:.1} GB/s", bandwidth());
    for isa in chosen.into_iter().filter(|isa| isa.is_available()) {
        let table = table(isa);
        let limit = peak(isa, 300);
        println!("\n{isa}: peak {limit:.1} GFLOP/s");
        println!("  nn: C[rows, 32] = A[rows, k] · B[k, 32]");
        for k in [128, 256, 512, 784] {
            row(limit, &format!("k {k}"), [8, 16, 32, 64, 128].map(|rows| (rows, nn(table, rows, k, 4))));
        }
        println!("  nn with 24 panels of B, more than L2 holds");
        for k in [512, 784] {
            row(limit, &format!("k {k}"), [8, 16, 32, 64, 128].map(|rows| (rows, nn(table, rows, k, 24))));
        }
        println!("  tn with 48 panels of A and B, more than L3 holds");
        row(limit, "k 11200", [8, 11, 16, 18, 32].map(|cols| (cols, tn(table, cols, 11_200, 48))));
        println!("  tn: C[cols, 32] = A[k, cols]T · B[k, 32]");
        for k in [8, 16, 32, 64, 128, 512, 11_200] {
            row(limit, &format!("k {k}"), [8, 11, 16, 18, 32].map(|cols| (cols, tn(table, cols, k, 1))));
        }
        movement(table);
    }
}

/// One line of rates, each with its fraction of the peak.
fn row(limit: f64, label: &str, rates: [(usize, f64); 5]) {
    print!("    {label:8}");
    for (rows, rate) in rates {
        print!("  {rows:>3}: {rate:6.1} ({:3.0} %)", 100.0 * rate / limit);
    }
    println!();
}

/// Seconds of one call, the best of several windows.
fn seconds(mut call: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..8 {
        let start = Instant::now();
        let mut calls = 0_u32;
        while start.elapsed().as_micros() < 2000 {
            call();
            calls += 1;
        }
        best = best.min(start.elapsed().as_secs_f64() / f64::from(calls));
    }
    best
}

/// Elements aligned to a cache line, as the runtime allocates them.
fn aligned(len: usize) -> (Vec<f32>, usize) {
    let data = vec![0.5; len + 16];
    let start = data.as_ptr().align_offset(64);
    (data, start)
}

/// `panels` of B are visited in turn, so that B does not stay in L1, as in a layer.
fn nn(table: &Table, rows: usize, k: usize, panels: usize) -> f64 {
    let (a, a0) = aligned(rows * k.next_multiple_of(PANEL_COLUMNS));
    let (b, b0) = aligned(panels * k * PANEL_COLUMNS);
    let (mut c, c0) = aligned(rows * PANEL_COLUMNS);
    let sizes = Sizes { rows, nv: 2, k };
    let time = seconds(|| {
        for b in b[b0..].chunks_exact(k * PANEL_COLUMNS).take(panels) {
            let a = Panels { data: &a[a0..], panel_stride_bytes: rows * ROW_BYTES };
            checked::matmul_nn(table, sizes, a, b, &mut c[c0..], false);
        }
        black_box(&mut c);
    });
    (panels * 2 * rows * k * PANEL_COLUMNS) as f64 / time / 1e9
}

/// `panels` of A and B are visited in turn.
fn tn(table: &Table, cols: usize, k: usize, panels: usize) -> f64 {
    let panel = k * PANEL_COLUMNS;
    let (a, a0) = aligned(panels * panel);
    let (b, b0) = aligned(panels * panel);
    let (mut c, c0) = aligned(cols * PANEL_COLUMNS);
    let sizes = Sizes { rows: cols, nv: 2, k };
    let time = seconds(|| {
        for (a, b) in a[a0..].chunks_exact(panel).zip(b[b0..].chunks_exact(panel)).take(panels) {
            checked::matmul_tn(table, sizes, a, b, &mut c[c0..], false);
        }
        black_box(&mut c);
    });
    (panels * 2 * cols * k * PANEL_COLUMNS) as f64 / time / 1e9
}

/// Rates of the kernels that only move data, in GB/s written.
fn movement(table: &Table) {
    let (src, dst) = ([0.5; 1024], &mut [0.0; 1024]);
    let time = seconds(|| checked::transpose(table, black_box(&src), black_box(dst)));
    println!("  transpose: {:.0} ns a block", time * 1e9);

    let (rows, cols) = (128_usize, 784_usize);
    let samples = vec![7_u8; 4096 * cols];
    let picked: Vec<u32> = (0..rows as u32).map(|r| r.wrapping_mul(2_654_435_761) % 4096).collect();
    let padded = cols.next_multiple_of(PANEL_COLUMNS);
    let (mut out, out0) = aligned(rows * padded);
    let time = seconds(|| {
        let dst = PanelsMut { data: &mut out[out0..], panel_stride_bytes: rows * ROW_BYTES };
        checked::gather_u8(table, &picked, &samples, cols, (1.0 / 255.0, 0.0), dst);
        black_box(&mut out);
    });
    println!("  gather_u8 [128, 784]: {:.1} GB/s", (rows * padded * 4) as f64 / time / 1e9);

    let from = out.clone();
    let time = seconds(|| {
        let src = Panels { data: &from[out0..], panel_stride_bytes: rows * ROW_BYTES };
        let dst = PanelsMut { data: &mut out[out0..], panel_stride_bytes: rows * ROW_BYTES };
        checked::copy_columns(table, (rows, 170), src, 11, dst, 56);
        black_box(&mut out);
    });
    println!("  copy_columns [128, 170]: {:.1} GB/s", (rows * 170 * 4) as f64 / time / 1e9);
}
