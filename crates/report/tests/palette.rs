//! The classes' colours differ for every kind of eye, on light and on dark paper.

use kiln_report::plots::palette::{CLASSES, PAPER, ordered};
use plotters::style::RGBColor;

/// Linear red, green and blue, 0 to 1.
fn linear(color: RGBColor) -> [f64; 3] {
    [color.0, color.1, color.2].map(|byte| {
        let x = f64::from(byte) / 255.0;
        if x <= 0.04045 { x / 12.92 } else { libm::pow((x + 0.055) / 1.055, 2.4) }
    })
}

fn apply(matrix: &[[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum())
}

/// OKLab (Ottosson, 2020), in which distances are as they are seen.
fn oklab(rgb: [f64; 3]) -> [f64; 3] {
    let lms = [
        [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
        [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
        [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
    ];
    let lab = [
        [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
        [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
        [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
    ];
    apply(&lab, apply(&lms, rgb).map(|x| libm::cbrt(x.max(0.0))))
}

/// Normal sight, then protanopia, deuteranopia and tritanopia (Machado et al., 2009).
const EYES: [[[f64; 3]; 3]; 4] = [
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    [
        [0.152_286, 1.052_583, -0.204_868],
        [0.114_503, 0.786_281, 0.099_216],
        [-0.003_882, -0.048_116, 1.051_998],
    ],
    [
        [0.367_322, 0.860_646, -0.227_968],
        [0.280_085, 0.672_501, 0.047_413],
        [-0.011_820, 0.042_940, 0.968_881],
    ],
    [
        [1.255_528, -0.076_749, -0.178_779],
        [-0.078_411, 0.930_809, 0.147_602],
        [0.004_733, 0.691_367, 0.303_900],
    ],
];

fn distance(a: RGBColor, b: RGBColor, eye: &[[f64; 3]; 3]) -> f64 {
    let seen = |color| oklab(apply(eye, linear(color)).map(|x| x.clamp(0.0, 1.0)));
    let (a, b) = (seen(a), seen(b));
    libm::sqrt(a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum())
}

#[test]
fn eleven_classes_are_told_apart_by_every_eye() {
    // The eight colours of Okabe and Ito (2008), made for the purpose, reach 0.076 of seven.
    for (eye, least) in EYES.iter().zip([0.15, 0.088, 0.088, 0.088]) {
        for (i, &a) in CLASSES.iter().enumerate() {
            for &b in &CLASSES[..i] {
                let distance = distance(a, b, eye);
                assert!(distance >= least, "{a:?} and {b:?}: {distance}");
            }
        }
    }
}

#[test]
fn marks_are_seen_on_both_papers() {
    let luminance = |color| {
        let [r, g, b] = linear(color);
        0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
    };
    let dark = RGBColor(0x0D, 0x11, 0x17);
    for color in CLASSES.into_iter().chain((0..7).map(|i| ordered(i, 7))) {
        for paper in [PAPER, dark] {
            let (a, b) = (luminance(color), luminance(paper));
            assert!(a.max(b) / a.min(b) >= 1.85, "{color:?} on {paper:?}");
        }
    }
}

#[test]
fn a_scale_has_its_ends_and_needs_no_middle() {
    assert_eq!(ordered(0, 1), ordered(0, 5));
    assert_eq!(ordered(4, 5), ordered(9, 5));
    assert_ne!(ordered(1, 5), ordered(2, 5));
    ordered(0, 0);
}
