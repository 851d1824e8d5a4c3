//! Transpose, gather and column copy: every bit arrives, and nothing else moves.

use kiln_microkernel::checked::{self, Panels, PanelsMut};

use crate::fenced::{Fenced, SIDES};
use crate::{Numbers, is_unwritten, tables, unwritten};

const WIDTHS: [usize; 12] = [1, 2, 11, 15, 16, 18, 31, 32, 33, 56, 170, 784];

/// Values of every bit pattern, signalling NaNs among them: data must pass unchanged.
fn patterns(len: usize) -> Vec<f32> {
    let mut numbers = Numbers(7);
    (0..len)
        .map(|i| {
            let exponent = if i % 5 == 0 { 0x7f80_0000 } else { 0 };
            f32::from_bits(numbers.next() as u32 | exponent)
        })
        .collect()
}

#[test]
fn transpose_moves_every_element() {
    let source = patterns(32 * 32);
    for table in tables() {
        for side in SIDES {
            let src = Fenced::new(&source, side);
            let mut dst = Fenced::new(&[unwritten(); 1024], side);
            checked::transpose(
                table,
                src[..].try_into().expect("1024"),
                (&mut dst[..]).try_into().expect("1024"),
            );
            for i in 0..32 {
                for j in 0..32 {
                    assert_eq!(dst[j * 32 + i].to_bits(), src[i * 32 + j].to_bits(), "{}", table.isa);
                }
            }
            src.check();
            dst.check();
        }
    }
}

/// Any part of a block, and nothing beside it.
#[test]
fn a_part_is_transposed() {
    let source = patterns(32 * 32);
    for table in tables() {
        for rows in 0..=32 {
            for cols in 0..=32 {
                let extent =
                    |rows: usize, cols: usize| if rows * cols == 0 { 0 } else { (rows - 1) * 32 + cols };
                let side = SIDES[(rows + cols) % 2];
                let src = Fenced::new(&source[..extent(rows, cols)], side);
                let mut dst = Fenced::new(&vec![unwritten(); extent(cols, rows)], side);
                checked::transpose_part(table, rows, cols, &src, &mut dst);
                for (at, got) in dst.iter().enumerate() {
                    let (j, i) = (at / 32, at % 32);
                    if i < rows {
                        assert_eq!(got.to_bits(), src[i * 32 + j].to_bits(), "{} {rows}×{cols}", table.isa);
                    } else {
                        assert!(is_unwritten(*got), "{} {rows}×{cols}: ({j}, {i}) was written", table.isa);
                    }
                }
                src.check();
                dst.check();
            }
        }
    }
}

/// Rows to pick from nine samples: repeated, in any order, the first and the last among them.
fn picks(n_rows: usize) -> Vec<u32> {
    (0..n_rows as u32).map(|r| [8, 0, 3, 3, 7][r as usize % 5]).collect()
}

/// Checks a gathered matrix `[rows.len(), cols]` against `expected(row of src, column)`.
fn check_gathered(
    dst: &[f32],
    stride: usize,
    rows: &[u32],
    cols: usize,
    expected: impl Fn(usize, usize) -> f32,
) {
    for p in 0..cols.div_ceil(32) {
        for at in 0..stride.min(dst.len() - p * stride) {
            let (r, c, got) = (at / 32, p * 32 + at % 32, dst[p * stride + at]);
            if r >= rows.len() {
                assert!(is_unwritten(got), "the gap between panels was written");
            } else {
                let want = if c < cols { expected(rows[r] as usize, c) } else { 0.0 };
                assert_eq!(got.to_bits(), want.to_bits(), "({r}, {c}) of {cols} columns");
            }
        }
    }
}

#[test]
fn gather_decodes_bytes() {
    let mut numbers = Numbers(8);
    for cols in WIDTHS {
        let source: Vec<u8> = (0..9 * cols).map(|_| numbers.next() as u8).collect();
        for n_rows in [0, 1, 3, 17] {
            let rows = picks(n_rows);
            let stride = n_rows * 32 + 16;
            let len = if n_rows == 0 { 0 } else { (cols.div_ceil(32) - 1) * stride + n_rows * 32 };
            for (table, side) in tables().into_iter().flat_map(|t| SIDES.map(|side| (t, side))) {
                // A pair whose fused result differs from the twice rounded one, and a plain one.
                for (scale, offset) in [(1.0 / 255.0, -0.1), (1.0, 0.0), (f32::NAN, 1.0)] {
                    let src = Fenced::new(&source, side);
                    let index = Fenced::new(&rows, side);
                    let mut dst = Fenced::new(&vec![unwritten(); len], side);
                    let to = PanelsMut { data: &mut dst, panel_stride_bytes: stride * 4 };
                    checked::gather_u8(table, &index, &src, cols, (scale, offset), to);
                    dst.check();
                    if scale.is_nan() {
                        let padding = 32 - (cols - 1) % 32 - 1;
                        let nans = dst.iter().filter(|v| v.is_nan() && !is_unwritten(**v)).count();
                        assert_eq!(nans, n_rows * (cols.next_multiple_of(32) - padding));
                    } else if n_rows > 0 {
                        check_gathered(&dst, stride, &rows, cols, |row, c| {
                            f32::from(source[row * cols + c]) * scale + offset
                        });
                    }
                }
            }
        }
    }
}

#[test]
fn gather_keeps_the_bits_of_floats() {
    for cols in WIDTHS {
        let source = patterns(9 * cols);
        for n_rows in [0, 1, 3, 17] {
            let rows = picks(n_rows);
            let stride = n_rows * 32 + 16;
            let len = if n_rows == 0 { 0 } else { (cols.div_ceil(32) - 1) * stride + n_rows * 32 };
            for (table, side) in tables().into_iter().flat_map(|t| SIDES.map(|side| (t, side))) {
                let src = Fenced::new(&source, side);
                let index = Fenced::new(&rows, side);
                let mut dst = Fenced::new(&vec![unwritten(); len], side);
                let to = PanelsMut { data: &mut dst, panel_stride_bytes: stride * 4 };
                checked::gather_f32(table, &index, &src, cols, to);
                dst.check();
                if n_rows > 0 {
                    check_gathered(&dst, stride, &rows, cols, |row, c| source[row * cols + c]);
                }
            }
        }
    }
}

#[test]
fn copied_columns_arrive_and_the_others_stay() {
    const COLS: usize = 4 * 32;
    let columns = [0, 1, 11, 16, 31, 32, 33, 56];
    for rows in [1, 5] {
        let (from_stride, to_stride) = (rows * 32, rows * 32 + 16);
        let source = patterns(4 * from_stride);
        for (src_col, dst_col) in columns.into_iter().flat_map(|s| columns.map(|d| (s, d))) {
            for cols in [0, 1, 2, 15, 18, 32, 33, 56, 72] {
                for (table, side) in tables().into_iter().zip(SIDES.into_iter().cycle()) {
                    let src = Fenced::new(&source, side);
                    let mut dst = Fenced::new(&vec![unwritten(); 4 * to_stride], side);
                    let from = Panels { data: &src, panel_stride_bytes: from_stride * 4 };
                    let to = PanelsMut { data: &mut dst, panel_stride_bytes: to_stride * 4 };
                    checked::copy_columns(table, (rows, cols), from, src_col, to, dst_col);
                    let mut expected = vec![unwritten(); 4 * to_stride];
                    assert!(src_col.max(dst_col) + cols <= COLS);
                    for (r, c) in (0..rows).flat_map(|r| (0..cols).map(move |c| (r, c))) {
                        let (s, d) = (src_col + c, dst_col + c);
                        expected[d / 32 * to_stride + r * 32 + d % 32] =
                            source[s / 32 * from_stride + r * 32 + s % 32];
                    }
                    let bits = |data: &[f32]| data.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                    assert_eq!(bits(&dst), bits(&expected), "{} {src_col} {dst_col} {cols}", table.isa);
                    dst.check();
                }
            }
        }
    }
}
