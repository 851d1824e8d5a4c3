//! Exponentials, logarithms and their kin on lanes, by polynomials.
//!
//! Each is within a few units in the last place of the true value (the conformance suite
//! holds them to 4e-7 relative), passes NaN on, and is right at ±0, ±∞ and in overflow.
//! The coefficients are our own minimax fits of the reduced functions.

use crate::emit::Emit;
use cranelift_codegen::ir::Value;
use kiln_graph::random::{ERFINV_CENTRE, ERFINV_TAIL, LOG_SERIES, SQRT_HALF_BITS};

/// `ln 2` in two parts: the first has 9 bits, so that its product with an exponent is exact.
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;

/// `(e^r − 1 − r) / r²` on `|r| ≤ ½ ln 2`, for the exponential.
const EXP: [f32; 6] = [0.5, 0.166_666_66, 0.041_666_295, 0.008_333_498, 0.001_394_475_9, 0.000_197_902_48];
/// The same, weighted for `e^r − 1`.
const EXP_M1: [f32; 6] = [0.5, 0.166_666_67, 0.041_666_355, 0.008_333_274, 0.001_394_111_7, 0.000_199_137_05];
/// `(ln(1 + f) − f + f²/2) / f³` on `√½ ≤ 1 + f ≤ √2`.
const LOG: [f32; 9] = [
    0.333_333_1,
    -0.249_999_87,
    0.200_022_27,
    -0.166_692_51,
    0.142_186_58,
    -0.123_843_48,
    0.118_729_76,
    -0.117_898_08,
    0.069_153_68,
];
/// `(tanh x / x − 1) / x²` in `x²`, on `|x| ≤ 0.625`.
const TANH: [f32; 5] = [-0.333_332_84, 0.133_314_91, -0.053_743_497, 0.020_650_579, -0.005_717_037];
/// `erf x / x` in `x²`, on `|x| ≤ 0.925`.
const ERF: [f32; 7] = [
    std::f32::consts::FRAC_2_SQRT_PI,
    -0.376_126_35,
    0.112_836_93,
    -0.026_859_226,
    0.005_200_604_4,
    -0.000_813_785_2,
    8.349_6e-5,
];
/// `ln(erfc x) / x` on `0.9 ≤ x ≤ 4`.
const ERFC: [f32; 9] = [
    -1.128_455_8,
    -0.636_145_8,
    -0.104_053_15,
    0.021_101_762,
    -0.001_680_307,
    -0.000_572_085_7,
    0.000_234_445_17,
    -3.696_671_4e-5,
    2.320_739e-6,
];

impl Emit<'_> {
    /// `c0 + x·(c1 + x·(…))`
    fn polynomial(&mut self, x: Value, coefficients: &[f32]) -> Value {
        let (last, rest) = coefficients.split_last().expect("a polynomial has coefficients");
        let mut sum = self.splat(*last);
        for &c in rest.iter().rev() {
            let c = self.splat(c);
            sum = self.fma(sum, x, c);
        }
        sum
    }

    pub(crate) fn neg(&mut self, x: Value) -> Value {
        let sign = self.splat(-0.0);
        self.xor(x, sign)
    }

    pub(crate) fn abs(&mut self, x: Value) -> Value {
        let rest = self.splat(f32::from_bits(0x7fff_ffff));
        self.and(x, rest)
    }

    /// `−1, 0, 1`; a zero keeps its sign, NaN stays NaN.
    pub(crate) fn sign(&mut self, x: Value) -> Value {
        let (zero, one, minus) = (self.splat(0.0), self.splat(1.0), self.splat(-1.0));
        let above = self.greater(x, zero);
        let below = self.greater(zero, x);
        let rest = self.select(below, minus, x);
        self.select(above, one, rest)
    }

    /// `max(0, x)`, in the order that lets NaN through.
    pub(crate) fn relu(&mut self, x: Value) -> Value {
        let zero = self.splat(0.0);
        self.max(zero, x)
    }

    /// `x = n·ln 2 + r`, `|r| ≤ ½ ln 2`; gives `(n, r)`. `x` is first cut to where `e^x` is
    /// neither 0 nor ∞ for good.
    fn split_exponent(&mut self, x: Value) -> (Value, Value) {
        let (high, low) = (self.splat(90.0), self.splat(-104.5));
        // The bound first: NaN in the second place is what comes out.
        let x = self.min(high, x);
        let x = self.max(low, x);
        let log2e = self.splat(std::f32::consts::LOG2_E);
        let n = self.mul(x, log2e);
        let n = self.nearest(n);
        let (ln2_high, ln2_low) = (self.splat(-LN2_HIGH), self.splat(-LN2_LOW));
        let r = self.fma(n, ln2_high, x);
        let r = self.fma(n, ln2_low, r);
        (n, r)
    }

    /// `y · 2^n` for whole `n` in −152 … 130: by two powers, each of which has an exponent.
    fn scale_by_power(&mut self, y: Value, n: Value) -> Value {
        let n = self.whole_part(n);
        let half = self.shift_right_signed(n, 1);
        let rest = self.b_isub(n, half);
        let first = self.power_of_two(half);
        let second = self.power_of_two(rest);
        let y = self.mul(y, first);
        self.mul(y, second)
    }

    fn power_of_two(&mut self, n: Value) -> Value {
        let bias = self.splat_int(127);
        let n = self.iadd(n, bias);
        let n = self.shift_left(n, 23);
        self.as_float(n)
    }

    /// `e^x`
    pub(crate) fn exp(&mut self, x: Value) -> Value {
        let (n, r) = self.split_exponent(x);
        let y = self.exp_of_rest(r);
        self.scale_by_power(y, n)
    }

    /// `e^r` on `|r| ≤ ½ ln 2`
    fn exp_of_rest(&mut self, r: Value) -> Value {
        let q = self.polynomial(r, &EXP);
        let r2 = self.mul(r, r);
        let y = self.fma(q, r2, r);
        let one = self.splat(1.0);
        self.add(y, one)
    }

    /// `e^x − 1`: `2^n · (e^r − 1) + (2^n − 1)`, whose first term is the whole for small `x`.
    pub(crate) fn exp_m1(&mut self, x: Value) -> Value {
        let (n, r) = self.split_exponent(x);
        let q = self.polynomial(r, &EXP_M1);
        let r2 = self.mul(r, r);
        let p = self.fma(q, r2, r);
        let one = self.splat(1.0);
        // Far out the −1 is lost (above) or all that is left (below).
        let most = self.splat(60.0);
        let least = self.splat(-60.0);
        let near = self.min(n, most);
        let near = self.max(near, least);
        let near = self.whole_part(near);
        let power = self.power_of_two(near);
        let less_one = self.sub(power, one);
        let small = self.fma(p, power, less_one);
        let whole = self.add(p, one);
        let large = self.scale_by_power(whole, n);
        let is_large = self.greater(n, most);
        let y = self.select(is_large, large, small);
        let is_nan = self.differs(x, x);
        let y = self.select(is_nan, x, y);
        // −0 stays −0.
        let zero = self.splat(0.0);
        let is_zero = self.equal(x, zero);
        self.select(is_zero, x, y)
    }

    /// Natural logarithm; −∞ at 0, NaN below.
    pub(crate) fn log(&mut self, x: Value) -> Value {
        let smallest = self.splat(f32::MIN_POSITIVE);
        let tiny = self.greater(smallest, x);
        let two24 = self.splat(16_777_216.0);
        let scaled = self.mul(x, two24);
        let normal = self.select(tiny, scaled, x);
        let shift = self.splat(-24.0);
        let shift = self.and(tiny, shift);
        let bits = self.as_int(normal);
        let cut = self.splat_int(SQRT_HALF_BITS);
        let above = self.b_isub(bits, cut);
        let e = self.shift_right_signed(above, 23);
        let exponent_bits = self.shift_left(e, 23);
        let mantissa = self.b_isub(bits, exponent_bits);
        let mantissa = self.as_float(mantissa);
        let e = self.int_to_float(e);
        let e = self.add(e, shift);
        let one = self.splat(1.0);
        let f = self.sub(mantissa, one);
        let q = self.polynomial(f, &LOG);
        let f2 = self.mul(f, f);
        let f3 = self.mul(f2, f);
        let (ln2_high, ln2_low) = (self.splat(LN2_HIGH), self.splat(LN2_LOW));
        let low = self.mul(e, ln2_low);
        let y = self.fma(f3, q, low);
        let minus_half = self.splat(-0.5);
        let y = self.fma(f2, minus_half, y);
        let y = self.add(f, y);
        let y = self.fma(e, ln2_high, y);
        self.log_edges(x, y)
    }

    /// What a logarithm is at 0, below 0, at ∞ and of NaN.
    fn log_edges(&mut self, x: Value, y: Value) -> Value {
        let (zero, infinity, nan) = (self.splat(0.0), self.splat(f32::INFINITY), self.splat(f32::NAN));
        let minus_infinity = self.splat(f32::NEG_INFINITY);
        let is_infinite = self.equal(x, infinity);
        let y = self.select(is_infinite, x, y);
        let is_zero = self.equal(x, zero);
        let y = self.select(is_zero, minus_infinity, y);
        let is_below = self.greater(zero, x);
        let y = self.select(is_below, nan, y);
        let is_nan = self.differs(x, x);
        self.select(is_nan, x, y)
    }

    /// `ln(1 + x)`: the rounding error of `1 + x`, divided by it, is what the logarithm misses.
    pub(crate) fn log1p(&mut self, x: Value) -> Value {
        let one = self.splat(1.0);
        let u = self.add(x, one);
        let y = self.log(u);
        let back = self.sub(u, one);
        let lost = self.sub(x, back);
        let lost = self.div(lost, u);
        let corrected = self.add(y, lost);
        // At −1 and ∞ the correction is 0/0 or ∞/∞.
        let (zero, infinity) = (self.splat(0.0), self.splat(f32::INFINITY));
        let at_end = self.equal(u, zero);
        let y = self.select(at_end, y, corrected);
        let at_end = self.equal(u, infinity);
        let y = self.select(at_end, u, y);
        let is_zero = self.equal(x, zero);
        self.select(is_zero, x, y)
    }

    /// `1 / √x`
    pub(crate) fn rsqrt(&mut self, x: Value) -> Value {
        let one = self.splat(1.0);
        let root = self.sqrt(x);
        self.div(one, root)
    }

    /// Hyperbolic tangent: an odd polynomial near 0, `1 − 2/(e^{2|x|} + 1)` elsewhere.
    pub(crate) fn tanh(&mut self, x: Value) -> Value {
        let a = self.abs(x);
        let x2 = self.mul(x, x);
        let q = self.polynomial(x2, &TANH);
        let q = self.mul(q, x2);
        let near = self.fma(q, a, a);
        let (one, two) = (self.splat(1.0), self.splat(2.0));
        let doubled = self.mul(a, two);
        let e = self.exp(doubled);
        let e = self.add(e, one);
        let e = self.div(two, e);
        let far = self.sub(one, e);
        let border = self.splat(0.625);
        let is_far = self.greater(a, border);
        // Of the absolute value up to here: a sum of −0 and +0 would lose the sign of a zero.
        let y = self.select(is_far, far, near);
        self.copy_sign(y, x)
    }

    /// `1 / (1 + e^−x)`, as `e^−|x| / (1 + e^−|x|)` below zero: exact to the last places on both sides,
    /// and the exponential is the one that [`Emit::softplus`] needs.
    pub(crate) fn sigmoid(&mut self, x: Value) -> Value {
        let e = self.exp_of_minus_abs(x);
        let (zero, one) = (self.splat(0.0), self.splat(1.0));
        let is_below = self.greater(zero, x);
        let above = self.select(is_below, e, one);
        let whole = self.add(e, one);
        self.div(above, whole)
    }

    /// `ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|)`
    pub(crate) fn softplus(&mut self, x: Value) -> Value {
        let e = self.exp_of_minus_abs(x);
        let rest = self.log1p_of_unit(e);
        let above = self.relu(x);
        self.add(above, rest)
    }

    /// `e^−|x|`; 0 where that is subnormal.
    fn exp_of_minus_abs(&mut self, x: Value) -> Value {
        let a = self.abs(x);
        let minus = self.neg(a);
        // −126 · ln 2, rounded up: the smallest exponent that one power of two has.
        let least = self.splat(-87.336_54);
        let bounded = self.max(least, minus);
        let log2e = self.splat(std::f32::consts::LOG2_E);
        let n = self.mul(bounded, log2e);
        let n = self.nearest(n);
        let (ln2_high, ln2_low) = (self.splat(-LN2_HIGH), self.splat(-LN2_LOW));
        let r = self.fma(n, ln2_high, bounded);
        let r = self.fma(n, ln2_low, r);
        let y = self.exp_of_rest(r);
        let n = self.whole_part(n);
        let power = self.power_of_two(n);
        let y = self.mul(y, power);
        let zero = self.splat(0.0);
        let is_subnormal = self.greater(least, minus);
        self.select(is_subnormal, zero, y)
    }

    /// `ln(1 + x)` on `0 ≤ x ≤ 1`: above `√2 − 1` as `ln 2 + ln(1 + (x − 1)/2)`, whose argument is exact.
    fn log1p_of_unit(&mut self, x: Value) -> Value {
        let (border, one, half) = (self.splat(0.414_213_57), self.splat(1.0), self.splat(0.5));
        let is_large = self.greater(x, border);
        let less = self.sub(x, one);
        let less = self.mul(less, half);
        let f = self.select(is_large, less, x);
        let ln2 = self.splat(std::f32::consts::LN_2);
        let ln2 = self.and(is_large, ln2);
        let q = self.polynomial(f, &LOG);
        let f2 = self.mul(f, f);
        let f3 = self.mul(f2, f);
        let y = self.mul(f3, q);
        let minus_half = self.splat(-0.5);
        let y = self.fma(f2, minus_half, y);
        let y = self.add(f, y);
        self.add(y, ln2)
    }

    /// The error function: an odd polynomial near 0, `1 − e^{ln erfc}` elsewhere.
    pub(crate) fn erf(&mut self, x: Value) -> Value {
        let a = self.abs(x);
        let x2 = self.mul(x, x);
        let q = self.polynomial(x2, &ERF);
        let near = self.mul(q, x);
        let most = self.splat(4.0);
        // Beyond 4, 1 − erf is below half a unit in the last place of 1.
        let cut = self.min(most, a);
        let q = self.polynomial(cut, &ERFC);
        let log_rest = self.mul(q, cut);
        let rest = self.exp(log_rest);
        let one = self.splat(1.0);
        let far = self.sub(one, rest);
        let far = self.copy_sign(far, x);
        let border = self.splat(0.92);
        let is_far = self.greater(a, border);
        self.select(is_far, far, near)
    }

    fn copy_sign(&mut self, magnitude: Value, of: Value) -> Value {
        let sign = self.splat(-0.0);
        let sign = self.and(of, sign);
        self.or(magnitude, sign)
    }

    fn b_isub(&mut self, x: Value, y: Value) -> Value {
        use cranelift_codegen::ir::InstBuilder;
        self.b.ins().isub(x, y)
    }

    /// Random bits for the elements `index`, as `kiln_graph::random::Key::bits`.
    pub(crate) fn random_bits(&mut self, index: Value, k0: Value, k1: Value) -> Value {
        use cranelift_codegen::ir::InstBuilder;
        use kiln_graph::random::{INDEX_FACTOR, MIX_FACTORS};
        let factor = self.splat_int(INDEX_FACTOR);
        let x = self.b.ins().imul(index, factor);
        let x = self.iadd(x, k0);
        let y = self.shift_right(x, 16);
        let x = self.xor(x, y);
        let factor = self.splat_int(MIX_FACTORS[0]);
        let x = self.b.ins().imul(x, factor);
        let y = self.shift_right(x, 15);
        let x = self.xor(x, y);
        let x = self.xor(x, k1);
        let factor = self.splat_int(MIX_FACTORS[1]);
        let x = self.b.ins().imul(x, factor);
        let y = self.shift_right(x, 15);
        self.xor(x, y)
    }

    /// Normal from random bits: operation by operation as `kiln_graph::random::normal_of_lane`, none
    /// fused, so that the bits agree.
    pub(crate) fn normal(&mut self, bits: Value) -> Value {
        let high = self.shift_right(bits, 8);
        let odd = self.shift_left(high, 1);
        let one = self.splat_int(1);
        let odd = self.or(odd, one);
        let middle = self.splat_int(1 << 24);
        let odd = self.b_isub(odd, middle);
        let odd = self.int_to_float(odd);
        let step = self.splat(kiln_graph::random::UNIFORM_STEP);
        let t = self.mul(odd, step);
        let one = self.splat(1.0);
        let (below, above) = (self.sub(one, t), self.add(one, t));
        let product = self.mul(below, above);
        let log = self.log_of_lane(product);
        let w = self.neg(log);
        let shift = self.splat(2.5);
        let near = self.sub(w, shift);
        let centre = self.horner(near, &ERFINV_CENTRE);
        let root = self.sqrt(w);
        let shift = self.splat(3.0);
        let far = self.sub(root, shift);
        let tail = self.horner(far, &ERFINV_TAIL);
        let border = self.splat(5.0);
        let is_near = self.greater(border, w);
        let p = self.select(is_near, centre, tail);
        let y = self.mul(p, t);
        let root2 = self.splat(std::f32::consts::SQRT_2);
        self.mul(y, root2)
    }

    fn log_of_lane(&mut self, x: Value) -> Value {
        let bits = self.as_int(x);
        let cut = self.splat_int(SQRT_HALF_BITS);
        let above = self.b_isub(bits, cut);
        let e = self.shift_right_signed(above, 23);
        let e = self.int_to_float(e);
        let low = self.splat_int(0x007F_FFFF);
        let m = self.and(above, low);
        let m = self.iadd(m, cut);
        let m = self.as_float(m);
        let one = self.splat(1.0);
        let (less, more) = (self.sub(m, one), self.add(m, one));
        let s = self.div(less, more);
        let s2 = self.mul(s, s);
        let series = self.horner(s2, &LOG_SERIES);
        let rest = self.mul(series, s);
        let ln2 = self.splat(std::f32::consts::LN_2);
        let whole = self.mul(e, ln2);
        self.add(whole, rest)
    }

    /// Highest power first; product and sum rounded apart.
    fn horner(&mut self, x: Value, coefficients: &[f32]) -> Value {
        let mut sum = self.splat(coefficients[0]);
        for &c in &coefficients[1..] {
            let product = self.mul(sum, x);
            let c = self.splat(c);
            sum = self.add(product, c);
        }
        sum
    }

    /// Uniform on `[0, 1)` from random bits.
    pub(crate) fn uniform(&mut self, bits: Value) -> Value {
        let high = self.shift_right(bits, 8);
        let x = self.int_to_float(high);
        let step = self.splat(kiln_graph::random::UNIFORM_STEP);
        self.mul(x, step)
    }
}
