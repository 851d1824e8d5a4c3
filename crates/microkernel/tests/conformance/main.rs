//! Every kernel of every instruction set that this processor has, against its definition in plain
//! loops.
//!
//! The definition is exact: one fused multiply-add per product in the order of `k` (portable: a product
//! and a sum), so results are compared bit for bit (any NaN equals any NaN), and separately with a sum in
//! f64, which would catch a definition that is itself wrong. All buffers are [`fenced`].
#![allow(unsafe_code, reason = "fenced buffers are raw pages")]

mod fenced;
mod matmul;
mod movement;

use kiln_microkernel::{Isa, Table, bandwidth, peak, round_trip, table};

/// The tables of this processor.
fn tables() -> Vec<&'static Table> {
    Isa::available().into_iter().map(table).collect()
}

/// Numbers by counter: the same on every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 29)
    }

    /// Uniform in [−1, 1).
    fn plain(&mut self) -> f32 {
        ((self.next() >> 40) as f32) / (1 << 23) as f32 - 1.0
    }

    /// Often one of the values that arithmetic treats specially.
    fn special(&mut self) -> f32 {
        const SPECIAL: [f32; 10] = [
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            -0.0,
            0.0,
            f32::MIN_POSITIVE / 3.0,
            -f32::MIN_POSITIVE / 1024.0,
            f32::MAX,
            f32::MIN_POSITIVE,
            1.0,
        ];
        // One in 40 for a start with NaN or an infinity: more, and no sum would stay finite.
        match self.next() % 40 {
            0 => SPECIAL[(self.next() % 3) as usize],
            1..12 => SPECIAL[3 + (self.next() % 7) as usize],
            _ => self.plain(),
        }
    }
}

/// Bit for bit, except that one NaN is as good as another.
fn same(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// A NaN that arithmetic does not make: output that still holds it was not written.
fn unwritten() -> f32 {
    f32::from_bits(0x7fc0_dead)
}

fn is_unwritten(value: f32) -> bool {
    value.to_bits() == unwritten().to_bits()
}

#[test]
fn names_are_read_back() {
    for isa in Isa::ALL {
        assert_eq!(Isa::parse(isa.name()), Some(isa));
        assert_eq!(isa.to_string(), isa.name());
    }
    assert_eq!(Isa::parse("AVX-512"), None);
    assert_eq!(Isa::parse(""), None);
}

#[test]
fn the_fastest_available_set_is_detected() {
    let available = Isa::available();
    assert_eq!(available.first(), Some(&Isa::Portable));
    assert_eq!(available.last(), Some(&Isa::detect()));
    assert!(available.is_sorted());
    for isa in Isa::ALL {
        assert_eq!(available.contains(&isa), isa.is_available());
    }
}

#[test]
fn a_missing_instruction_set_has_no_table() {
    for isa in Isa::ALL {
        let found = std::panic::catch_unwind(|| table(isa).isa);
        assert_eq!(found.ok(), isa.is_available().then_some(isa));
    }
}

#[test]
fn symbols_are_the_kernels() {
    for table in tables() {
        let symbols: Vec<_> = table.symbols().collect();
        let names: std::collections::BTreeSet<_> = symbols.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), symbols.len());
        assert!(symbols.iter().all(|(name, at)| name.starts_with("kiln_") && !at.is_null()));
        let address = |name| symbols.iter().find(|(other, _)| *other == name).map(|(_, at)| *at);
        assert_eq!(address("kiln_matmul_nn"), Some(table.matmul_nn as *const u8));
        assert_eq!(address("kiln_copy_columns"), Some(table.copy_columns as *const u8));
    }
}

#[test]
fn the_machine_can_be_measured() {
    for isa in Isa::available() {
        let rate = peak(isa, 1);
        assert!(rate.is_finite() && rate > 0.0, "{isa}: {rate}");
    }
    let rate = bandwidth();
    assert!(rate.is_finite() && rate > 0.0, "{rate}");
    let seconds = round_trip(1);
    assert!(seconds.is_finite() && seconds > 0.0, "{seconds}");
}
