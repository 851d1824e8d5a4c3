//! The generator: known answers, distributions, orders, initial values.

use super::*;
use crate::math;

#[test]
fn normal_is_the_inverse_of_the_distribution_function() {
    let mut worst = 0.0f64;
    for k in (0..1u32 << 24).step_by(997).chain([0, 1, (1 << 24) - 1, 1 << 23]) {
        let t = ((k << 1 | 1) as i32 - (1 << 24)) as f32 * UNIFORM_STEP;
        let z = f64::from(normal_of_lane(t));
        assert!(z.is_finite() && z != 0.0 && z.abs() < 5.5, "normal of {t} is {z}");
        // One Newton step from z to the exact normal, in double precision.
        let density = math::exp(-z * z / 2.0) * (2.0 / std::f64::consts::PI).sqrt();
        let error = (math::erf(z / std::f64::consts::SQRT_2) - f64::from(t)) / density;
        // Where erf is flat, t itself is only known to 6e-8, which moves z.
        if z.abs() < 3.5 {
            worst = worst.max(error.abs() / z.abs().max(1e-3));
        }
    }
    assert!(worst < 2e-6, "relative error {worst}");
}

#[test]
fn logarithm_of_a_lane_is_accurate() {
    for i in 1..20_000u32 {
        for x in [i as f32 / 20_000.0, 1.0 - i as f32 * UNIFORM_STEP, i as f32 * UNIFORM_STEP] {
            let want = math::log(f64::from(x));
            let got = f64::from(log_of_lane(x));
            assert!((got - want).abs() <= 2e-7 * want.abs(), "ln {x}: {got}, {want}");
        }
    }
    assert_eq!(log_of_lane(1.0), 0.0);
}

#[test]
fn moments_are_those_of_the_distributions() {
    let key = Key::new(7, 3, 11);
    let n = 200_000u32;
    let mean = |f: &dyn Fn(u32) -> f64| (0..n).map(f).sum::<f64>() / f64::from(n);
    assert!((mean(&|i| f64::from(key.uniform(i))) - 0.5).abs() < 3e-3);
    assert!((mean(&|i| f64::from(key.uniform(i)).powi(2)) - 1.0 / 3.0).abs() < 3e-3);
    assert!(mean(&|i| f64::from(key.normal(i))).abs() < 8e-3);
    assert!((mean(&|i| f64::from(key.normal(i)).powi(2)) - 1.0).abs() < 1.5e-2);
    assert!((mean(&|i| f64::from(key.normal(i)).powi(4)) - 3.0).abs() < 0.15);
}

#[test]
fn neighbours_streams_steps_and_seeds_are_uncorrelated() {
    let keys =
        [Key::new(1, 0, 0), Key::new(2, 0, 0), Key::new(1, 1, 0), Key::new(1, 0, 1), Key::new(1, 2, 1 << 40)];
    let n = 50_000u32;
    for (i, a) in keys.iter().enumerate() {
        for (j, b) in keys.iter().enumerate() {
            for lag in [0u32, 1, 512] {
                if i == j && lag == 0 {
                    continue;
                }
                let sum: f64 = (0..n)
                    .map(|k| (f64::from(a.uniform(k)) - 0.5) * (f64::from(b.uniform(k + lag)) - 0.5))
                    .sum();
                // Standard deviation of the correlation is 1/√n = 0.0045.
                let correlation = sum * 12.0 / f64::from(n);
                assert!(correlation.abs() < 0.022, "keys {i}, {j}, lag {lag}: {correlation}");
            }
        }
    }
}

/// Computed by a second implementation, in Python, of the definition at the top of the module.
#[test]
fn known_answers() {
    let key = Key::new(42, 1, 7);
    assert_eq!((key.k0, key.k1), (KNOWN_KEY.0, KNOWN_KEY.1));
    let bits: Vec<u32> = [0, 1, 2, 1000, u32::MAX].iter().map(|&i| key.bits(i)).collect();
    assert_eq!(bits, KNOWN_BITS);
    for (i, bits) in [0, 1, 2, 1000, u32::MAX].into_iter().zip(KNOWN_BITS) {
        assert_eq!(f64::from(key.uniform(i)), f64::from(bits >> 8) / 16_777_216.0);
    }
    let normals: Vec<u32> = (0..5).map(|i| key.normal(i).to_bits()).collect();
    assert_eq!(normals, KNOWN_NORMALS);
    let coefficients: Vec<u32> = ERFINV_CENTRE.iter().chain(&ERFINV_TAIL).map(|c| c.to_bits()).collect();
    assert_eq!(coefficients, KNOWN_COEFFICIENTS);
}

const KNOWN_KEY: (u32, u32) = (2112390569, 3685220691);
const KNOWN_BITS: [u32; 5] = [4215295550, 457905905, 1842183996, 702313804, 3206114759];
const KNOWN_NORMALS: [u32; 5] = [1074096921, 3214889854, 3191303799, 3201908025, 1054194197];

/// Of the nine digits that the paper prints.
const KNOWN_COEFFICIENTS: [u32; 18] = [
    854680968, 884493110, 3060560727, 3063110337, 962933467, 3131331592, 3146310895, 1048350563, 1069559343,
    3109154971, 953398635, 984669298, 3144728039, 1002181243, 3153708503, 1008379262, 1065367259, 1077235582,
];

#[test]
fn shuffle_is_a_permutation_that_changes_with_seed_and_epoch() {
    for n in [0u32, 1, 2, 3, 1000] {
        let mut order = shuffle(5, 2, n);
        assert_eq!(order, shuffle(5, 2, n));
        order.sort_unstable();
        assert_eq!(order, (0..n).collect::<Vec<_>>());
    }
    assert_ne!(shuffle(5, 2, 1000), shuffle(5, 3, 1000));
    assert_ne!(shuffle(5, 2, 1000), shuffle(6, 2, 1000));
}

#[test]
fn every_order_of_three_is_equally_likely() {
    let mut counts = [0u32; 27];
    for epoch in 0..60_000 {
        let order = shuffle(9, epoch, 3);
        counts[(order[0] * 9 + order[1] * 3 + order[2]) as usize] += 1;
    }
    let seen: Vec<u32> = counts.into_iter().filter(|&c| c > 0).collect();
    assert_eq!(seen.len(), 6);
    // Standard deviation is √(60000 · 5/36) = 91.
    assert!(seen.iter().all(|&c| c.abs_diff(10_000) < 450), "{seen:?}");
}

#[test]
fn initial_values_have_their_distribution() {
    let std_of = |xs: &[f32]| {
        let n = xs.len() as f64;
        let mean = xs.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
        (xs.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / n).sqrt()
    };
    assert_eq!(Initial::Constant(0.25).fill(2, 3, 1, 0), vec![0.25; 6]);
    let uniform = Initial::Uniform { limit: 0.3 }.fill(200, 100, 1, 0);
    assert!(uniform.iter().all(|x| (-0.3..0.3).contains(x)));
    assert!((std_of(&uniform) - 0.3 / 3f64.sqrt()).abs() < 2e-3);
    let normal = Initial::Normal { std: 0.5 }.fill(200, 100, 1, 0);
    assert!((std_of(&normal) - 0.5).abs() < 8e-3);
    let cut = Initial::TruncatedNormal { std: 0.5 }.fill(200, 100, 1, 0);
    assert!(cut.iter().all(|x| x.abs() <= 1.0));
    // A normal that is cut at ±2 keeps 0.8796 of its standard deviation.
    assert!((std_of(&cut) - 0.5 * 0.8796).abs() < 8e-3);
    assert_ne!(normal, Initial::Normal { std: 0.5 }.fill(200, 100, 1, 1));
    assert_ne!(normal, Initial::Normal { std: 0.5 }.fill(200, 100, 2, 0));
}

#[test]
fn orthogonal_rows_or_columns_are_orthonormal() {
    for (rows, cols) in [(1u32, 1u32), (5, 5), (4, 9), (9, 4)] {
        let q = Initial::Orthogonal { gain: 2.0 }.fill(rows, cols, 3, 4);
        let (count, len) = (rows.min(cols), rows.max(cols));
        let at =
            |k: u32, i: u32| f64::from(q[if rows <= cols { k * cols + i } else { i * cols + k } as usize]);
        for a in 0..count {
            for b in 0..count {
                let dot: f64 = (0..len).map(|i| at(a, i) * at(b, i)).sum();
                let want = if a == b { 4.0 } else { 0.0 };
                assert!((dot - want).abs() < 1e-5, "{rows}×{cols}: {a}·{b} = {dot}");
            }
        }
    }
}
