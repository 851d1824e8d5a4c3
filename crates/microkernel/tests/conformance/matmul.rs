//! The matmuls: all heights, both widths, sums of every awkward length.

use kiln_microkernel::checked::{self, Panels, PanelsMut, Sizes};
use kiln_microkernel::{Isa, Table};

use crate::fenced::{Fenced, SIDES, Side};
use crate::{Numbers, is_unwritten, same, tables, unwritten};

/// Lengths around every boundary: the unrolled steps, a vector, a panel, and widths of real layers.
const LENGTHS: [usize; 22] = [0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 15, 16, 17, 18, 31, 32, 33, 56, 64, 65, 96, 170];

/// The matrices of one product, dense and row by row.
struct Product {
    sizes: Sizes,
    /// `[rows, k]`
    a: Vec<f32>,
    /// `[k, 32]`
    b: Vec<f32>,
    /// `[rows, 32]`: what C holds before.
    before: Vec<f32>,
    accumulate: bool,
}

impl Product {
    fn new(sizes: Sizes, accumulate: bool, mut number: impl FnMut() -> f32) -> Product {
        let mut take = |len: usize| (0..len).map(|_| number()).collect::<Vec<f32>>();
        let (a, b) = (take(sizes.rows * sizes.k), take(sizes.k * 32));
        let before = if accumulate { take(sizes.rows * 32) } else { vec![unwritten(); sizes.rows * 32] };
        Product { sizes, a, b, before, accumulate }
    }

    /// A for `nn`: panels with NaN in the padding and in gaps between them; its stride in bytes.
    fn a_in_panels(&self) -> (Vec<f32>, usize) {
        const GAP: usize = 48;
        let Sizes { rows, k, .. } = self.sizes;
        let stride = rows * 32 + GAP;
        let mut panels = vec![f32::NAN; k.div_ceil(32) * stride];
        for r in 0..rows {
            for kk in 0..k {
                panels[kk / 32 * stride + r * 32 + kk % 32] = self.a[r * k + kk];
            }
        }
        // End with the last element that may be read.
        let end = if k == 0 { 0 } else { (k - 1) / 32 * stride + (rows - 1) * 32 + (k - 1) % 32 + 1 };
        panels.truncate(end);
        (panels, stride * size_of::<f32>())
    }

    /// A for `tn`: one panel of `k` rows with A's transpose, NaN in the columns after it.
    fn a_transposed(&self) -> Vec<f32> {
        let Sizes { rows, k, .. } = self.sizes;
        let mut panel = vec![f32::NAN; k * 32];
        for kk in 0..k {
            for r in 0..rows {
                panel[kk * 32 + r] = self.a[r * k + kk];
            }
        }
        panel.truncate(if k == 0 { 0 } else { (k - 1) * 32 + rows });
        panel
    }

    /// The columns of B that may be read.
    fn b_used(&self) -> &[f32] {
        let Sizes { nv, k, .. } = self.sizes;
        &self.b[..if k == 0 { 0 } else { (k - 1) * 32 + 16 * nv }]
    }

    /// C after the product by `table`, with all buffers fenced at `side`.
    fn run(&self, table: &Table, transposed: bool, side: Side) -> Vec<f32> {
        let Sizes { rows, nv, .. } = self.sizes;
        let b = Fenced::new(self.b_used(), side);
        // A fence at the end of what may be written; the rest of the last row is not there at all.
        let mut c = Fenced::new(&self.before[..(rows - 1) * 32 + 16 * nv], side);
        if transposed {
            let a = Fenced::new(&self.a_transposed(), side);
            checked::matmul_tn(table, self.sizes, &a, &b, &mut c, self.accumulate);
            a.check();
        } else {
            let (a, panel_stride_bytes) = self.a_in_panels();
            let a = Fenced::new(&a, side);
            let panels = Panels { data: &a, panel_stride_bytes };
            checked::matmul_nn(table, self.sizes, panels, &b, &mut c, self.accumulate);
            a.check();
        }
        b.check();
        c.check();
        c.to_vec()
    }

    /// Compares C with the definition, and leaves no element of it unlooked at.
    fn check(&self, table: &Table, c: &[f32]) {
        let Sizes { rows, nv, k } = self.sizes;
        for (at, &got) in c.iter().enumerate() {
            let (r, lane) = (at / 32, at % 32);
            let before = self.before[at];
            if lane >= 16 * nv {
                assert_eq!(
                    got.to_bits(),
                    before.to_bits(),
                    "{} {:?} wrote C[{r}, {lane}]",
                    table.isa,
                    self.sizes
                );
                continue;
            }
            let start = if self.accumulate { before } else { 0.0 };
            let (mut sum, mut exact, mut size) = (start, f64::from(start), f64::from(start.abs()));
            for kk in 0..k {
                let (x, y) = (self.a[r * k + kk], self.b[kk * 32 + lane]);
                sum = if table.isa == Isa::Portable { x * y + sum } else { x.mul_add(y, sum) };
                exact += f64::from(x) * f64::from(y);
                size += (f64::from(x) * f64::from(y)).abs();
            }
            let place = format!("{} {:?}: C[{r}, {lane}] of {rows} rows", table.isa, self.sizes);
            assert!(same(got, sum), "{place} is {got:e}, not {sum:e}");
            assert!(!is_unwritten(got), "{place} was not written");
            // Rounding grows with the number of terms. Sums that overflow are left to the exact test above.
            if exact.is_finite() && size < f64::from(f32::MAX) {
                let allowed = size * f64::from(f32::EPSILON) * (k + 1) as f64 + k as f64 * 1e-44;
                assert!((f64::from(got) - exact).abs() <= allowed, "{place} is {got:e}, not {exact:e}");
            }
        }
    }
}

#[test]
fn nn_is_its_definition() {
    let mut numbers = Numbers(1);
    for rows in 1..=14 {
        for k in LENGTHS {
            for (nv, accumulate, side) in
                [(1, false, SIDES[0]), (2, true, SIDES[0]), (2, false, SIDES[1]), (1, true, SIDES[1])]
            {
                let product = Product::new(Sizes { rows, nv, k }, accumulate, || numbers.plain());
                for table in tables() {
                    product.check(table, &product.run(table, false, side));
                }
            }
        }
    }
}

#[test]
fn tn_is_its_definition() {
    let mut numbers = Numbers(2);
    for rows in 1..=32 {
        for k in [0, 1, 3, 4, 5, 18, 31, 32, 33, 170] {
            let (nv, accumulate) = (1 + rows % 2, (k + rows / 2) % 2 == 0);
            let product = Product::new(Sizes { rows, nv, k }, accumulate, || numbers.plain());
            for table in tables() {
                product.check(table, &product.run(table, true, SIDES[(rows / 4 + k) % 2]));
            }
        }
    }
}

#[test]
fn long_tn_sums_survive_being_cut() {
    let mut numbers = Numbers(9);
    for (rows, k) in [(1, 1023), (14, 1024), (15, 1025), (32, 2048), (18, 2050)] {
        for (nv, accumulate) in [(1, true), (2, false)] {
            let product = Product::new(Sizes { rows, nv, k }, accumulate, || numbers.plain());
            for table in tables() {
                product.check(table, &product.run(table, true, Side::End));
            }
        }
    }
}

#[test]
fn special_values_follow_ieee_754() {
    let mut numbers = Numbers(3);
    for rows in [1, 5, 6, 11, 14] {
        for k in [1, 2, 5, 18, 33, 56] {
            for (nv, accumulate, transposed) in [(2, false, false), (2, true, true), (1, true, false)] {
                let sizes = Sizes { rows, nv, k };
                let product = Product::new(sizes, accumulate, || numbers.special());
                for table in tables() {
                    product.check(table, &product.run(table, transposed, SIDES[k % 2]));
                }
            }
        }
    }
}

#[test]
fn an_empty_sum_is_zero_or_what_was_there() {
    for table in tables() {
        for nv in [1, 2] {
            let sizes = Sizes { rows: 3, nv, k: 0 };
            for transposed in [false, true] {
                let fresh = Product::new(sizes, false, || unreachable!("no numbers are needed"));
                let c = fresh.run(table, transposed, Side::End);
                assert!(c.iter().enumerate().all(|(at, v)| at % 32 >= 16 * nv || v.to_bits() == 0));
                // Not even the sign of a zero changes.
                let kept = Product::new(sizes, true, || -0.0);
                let c = kept.run(table, transposed, Side::End);
                assert!(c.iter().all(|v| v.to_bits() == (-0.0_f32).to_bits()));
            }
        }
    }
}

#[test]
fn blocks_of_rows_are_their_rows() {
    let mut numbers = Numbers(4);
    for rows in [1, 2, 13, 14, 15, 16, 17, 27, 28, 29, 32, 33, 43, 64, 128] {
        let product = Product::new(Sizes { rows, nv: 2, k: 56 }, false, || numbers.plain());
        let (a, panel_stride_bytes) = product.a_in_panels();
        for table in tables() {
            let block = product.run(table, false, Side::End);
            product.check(table, &block);
            let mut row = [unwritten(); 32];
            for (r, expected) in block.chunks(32).enumerate() {
                let panels = Panels { data: &a[r * 32..], panel_stride_bytes };
                checked::matmul_nn(
                    table,
                    Sizes { rows: 1, nv: 2, k: 56 },
                    panels,
                    &product.b,
                    &mut row,
                    false,
                );
                assert_eq!(row.map(f32::to_bits), *expected.iter().map(|v| v.to_bits()).collect::<Vec<_>>());
            }
        }
    }
}

#[test]
fn a_sum_in_pieces_is_the_whole_sum() {
    let mut numbers = Numbers(5);
    let sizes = Sizes { rows: 18, nv: 2, k: 1400 };
    let product = Product::new(sizes, false, || numbers.plain());
    let (a, stride) = product.a_in_panels();
    let transposed = product.a_transposed();
    for table in tables() {
        let whole = product.run(table, false, Side::Start);
        let (mut nn, mut tn) = (vec![unwritten(); 18 * 32], vec![unwritten(); 18 * 32]);
        // Cuts at panels for nn, anywhere for tn.
        for (from, to) in [(0, 32), (32, 512), (512, 1400)] {
            let panels = Panels { data: &a[from / 32 * (stride / 4)..], panel_stride_bytes: stride };
            let part = Sizes { k: to - from, ..sizes };
            checked::matmul_nn(table, part, panels, &product.b[from * 32..], &mut nn, from > 0);
        }
        for (from, to) in [(0, 1), (1, 300), (300, 1400)] {
            let part = Sizes { k: to - from, ..sizes };
            let (a, b) = (&transposed[from * 32..], &product.b[from * 32..]);
            checked::matmul_tn(table, part, a, b, &mut tn, from > 0);
        }
        let bits = |c: &[f32]| c.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&nn), bits(&whole), "{} nn", table.isa);
        assert_eq!(bits(&tn), bits(&whole), "{} tn", table.isa);
    }
}

#[test]
fn any_columns_of_a_panel_can_be_the_left_factor() {
    let mut numbers = Numbers(6);
    let (a, b): (Vec<f32>, Vec<f32>) = (0..40 * 32).map(|_| (numbers.plain(), numbers.plain())).unzip();
    for table in tables() {
        let mut whole = [unwritten(); 32 * 32];
        checked::matmul_tn(table, Sizes { rows: 32, nv: 2, k: 40 }, &a, &b, &mut whole, false);
        for (from, to) in [(0, 1), (31, 32), (5, 19), (18, 32), (16, 27)] {
            let mut part = [unwritten(); 32 * 32];
            let sizes = Sizes { rows: to - from, nv: 2, k: 40 };
            checked::matmul_tn(table, sizes, &a[from..], &b, &mut part, false);
            assert_eq!(part[..(to - from) * 32], whole[from * 32..to * 32], "{} {from}..{to}", table.isa);
            assert!(part[(to - from) * 32..].iter().all(|&v| is_unwritten(v)));
        }
    }
}

/// One row over several panels at once gives each panel what the tile gives it, to the bit.
#[test]
fn a_row_over_panels_is_a_row_of_tiles() {
    let mut numbers = Numbers(7);
    for (panels, k) in [(1, 5), (2, 33), (3, 784), (4, 64), (5, 0), (7, 100), (9, 31)] {
        for accumulate in [false, true] {
            let a = Product::new(Sizes { rows: 1, nv: 2, k }, accumulate, || numbers.plain());
            let stride = k * 32 + 16;
            let b: Vec<f32> = (0..panels * stride).map(|_| numbers.plain()).collect();
            let before: Vec<f32> = (0..panels * 48).map(|_| numbers.plain()).collect();
            for table in tables() {
                let (of_a, a_stride) = a.a_in_panels();
                let row = Panels { data: &of_a, panel_stride_bytes: a_stride };
                let mut c = Fenced::new(&before, Side::Start);
                let of_b = Panels { data: &b, panel_stride_bytes: stride * 4 };
                let of_c = PanelsMut { data: &mut c, panel_stride_bytes: 48 * 4 };
                checked::matmul_nn_row(table, (panels, k), row, of_b, of_c, accumulate);
                c.check();
                let mut want = before.clone();
                for (p, c) in want.chunks_exact_mut(48).enumerate() {
                    let b = &b[p * stride..(p + 1) * stride];
                    checked::matmul_nn(table, a.sizes, row, b, &mut c[..32], accumulate);
                }
                let bits = |c: &[f32]| c.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(&c), bits(&want), "{} {panels} panels of {k} rows", table.isa);
            }
        }
    }
}

#[test]
#[should_panic(expected = "A is too short")]
fn checked_kernels_reject_short_slices() {
    let sizes = Sizes { rows: 2, nv: 2, k: 33 };
    // Row 1 of panel 1 has one element, at 64 + 32.
    let a = Panels { data: &[0.0; 96], panel_stride_bytes: 256 };
    checked::matmul_nn(tables()[0], sizes, a, &[0.0; 33 * 32], &mut [0.0; 64], false);
}
