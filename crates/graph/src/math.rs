//! Mathematical functions whose results are the same on every platform.
//!
//! The standard library takes `exp`, `tanh` and their kin from the platform, and
//! platforms differ in the last bits; `clippy.toml` bans those. These come from `libm`,
//! which is plain Rust. This is the only place that names it.
//!
//! A name without suffix is of `f64`, with `f` of `f32`, as in C. `sqrt` is exact by the
//! floating-point standard and is here for completeness.

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident, $name32:ident, ($($arg:ident),+);)*) => {
        $(
            $(#[$doc])*
            pub fn $name($($arg: f64),+) -> f64 {
                libm::$name($($arg),+)
            }

            $(#[$doc])*
            pub fn $name32($($arg: f32),+) -> f32 {
                libm::$name32($($arg),+)
            }
        )*
    };
}

functions! {
    /// `e^x`
    exp, expf, (x);
    /// `2^x`
    exp2, exp2f, (x);
    /// natural logarithm
    log, logf, (x);
    /// `ln(1 + x)`, accurate near zero
    log1p, log1pf, (x);
    /// logarithm to base 2
    log2, log2f, (x);
    /// logarithm to base 10
    log10, log10f, (x);
    /// hyperbolic tangent
    tanh, tanhf, (x);
    /// `√x`
    sqrt, sqrtf, (x);
    /// the error function
    erf, erff, (x);
    /// `x^y`
    pow, powf, (x, y);
    /// sine of an angle in radians
    sin, sinf, (x);
    /// cosine of an angle in radians
    cos, cosf, (x);
    /// tangent of an angle in radians
    tan, tanf, (x);
    /// angle of the point `(x, y)`, in radians, in `[−π, π]`
    atan2, atan2f, (y, x);
    /// `√(x² + y²)`, without overflow
    hypot, hypotf, (x, y);
}

/// `e^x − 1`, accurate near zero
pub fn exp_m1(x: f64) -> f64 {
    libm::expm1(x)
}

/// `e^x − 1`, accurate near zero
pub fn exp_m1f(x: f32) -> f32 {
    libm::expm1f(x)
}

/// `1 / (1 + e^−x)`; never overflows on the way.
pub fn sigmoid(x: f64) -> f64 {
    // e^−|x| is at most 1; for negative x the fraction is multiplied by e^x on both sides.
    let small = exp(-x.abs());
    if x < 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) }
}

/// `ln(1 + e^x)`; never overflows on the way.
pub fn softplus(x: f64) -> f64 {
    // ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|)
    let above = if x > 0.0 { x } else { 0.0 };
    if x.is_nan() { x } else { above + log1p(exp(-x.abs())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, want: f64, relative: f64) {
        assert!((got - want).abs() <= relative * want.abs(), "{got} is not {want}");
    }

    #[test]
    fn values_that_are_known() {
        close(exp(1.0), std::f64::consts::E, 1e-15);
        close(exp_m1(1e-10), 1.00000000005e-10, 1e-15);
        close(log(10.0), std::f64::consts::LN_10, 1e-15);
        close(log1p(1e-10), 9.9999999995e-11, 1e-15);
        close(tanh(0.5), 0.46211715726000976, 1e-15);
        close(erf(1.0), 0.8427007929497149, 1e-15);
        close(pow(2.0, 0.5), std::f64::consts::SQRT_2, 1e-15);
        close(sin(1.0), 0.8414709848078965, 1e-15);
        close(cos(1.0), 0.5403023058681398, 1e-15);
        close(f64::from(expf(1.0)), std::f64::consts::E, 1e-7);
        close(f64::from(exp_m1f(1e-5)), 1.000005e-5, 1e-7);
    }

    #[test]
    fn sigmoid_and_softplus_are_finite_and_right_far_out() {
        close(sigmoid(2.0), 0.8807970779778823, 1e-15);
        close(sigmoid(-2.0), 0.11920292202211755, 1e-15);
        close(sigmoid(-700.0), exp(-700.0), 1e-12);
        assert_eq!(sigmoid(1e9), 1.0);
        assert_eq!(sigmoid(-1e9), 0.0);
        close(softplus(2.0), 2.1269280110429727, 1e-15);
        close(softplus(-50.0), exp(-50.0), 1e-12);
        assert_eq!(softplus(1e9), 1e9);
        assert!(sigmoid(f64::NAN).is_nan() && softplus(f64::NAN).is_nan());
    }
}
