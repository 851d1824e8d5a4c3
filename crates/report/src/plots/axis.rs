//! An axis: from values to pixels, and the round numbers along it.

use std::ops::Range;

/// How values are spread along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Equal steps are equally long.
    Linear,
    /// Equal factors are equally long; values must be positive.
    Log,
}

/// An axis over a range of values, drawn between two pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    scale: Scale,
    /// `start < end`, both finite; positive on a logarithmic scale.
    values: Range<f64>,
    /// Pixels at the range's start and end; the end may be the smaller.
    pixels: [i32; 2],
}

impl Axis {
    /// An axis that holds `values`; `None` where no value can be drawn. Values that are not
    /// finite, or not positive on a logarithmic scale, are passed over.
    ///
    /// `margin` is the share of the span that stays free at both ends.
    pub fn over(
        scale: Scale,
        values: impl Iterator<Item = f64>,
        margin: f64,
        pixels: [i32; 2],
    ) -> Option<Axis> {
        let spread = |value: f64| match scale {
            Scale::Linear => value,
            Scale::Log => libm::log(value),
        };
        let (low, high) = values
            .map(spread)
            .filter(|value| value.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        // A range beyond a quarter of all floats would overflow its own width.
        if low > high || low < -f64::MAX / 4.0 || high > f64::MAX / 4.0 {
            return None;
        }
        // A single value stands in the middle of something: half of itself, or half a unit.
        let extra = match scale {
            _ if high > low => (high - low) * margin,
            Scale::Linear => Some(low.abs() * 0.5).filter(|&half| half > 0.0).unwrap_or(0.5),
            Scale::Log => 0.5,
        };
        let (low, high) = (low - extra, high + extra);
        let values = match scale {
            Scale::Linear => low..high,
            Scale::Log => libm::exp(low)..libm::exp(high),
        };
        (values.start < values.end && values.end.is_finite()).then_some(Axis { scale, values, pixels })
    }

    /// The pixel of a value; values outside of the range are moved to its nearer end.
    pub fn pixel(&self, value: f64) -> i32 {
        let value = value.clamp(self.values.start, self.values.end);
        let share = match self.scale {
            Scale::Linear => (value - self.values.start) / (self.values.end - self.values.start),
            Scale::Log => {
                let [start, end, value] = [self.values.start, self.values.end, value].map(libm::log);
                (value - start) / (end - start)
            }
        };
        let [from, to] = self.pixels;
        from + (f64::from(to - from) * share).round() as i32
    }

    /// As [`Axis::ticks`], whole numbers only (epochs).
    pub fn whole_ticks(&self, count: usize) -> Vec<(f64, String)> {
        let mut ticks = self.ticks(count);
        ticks.retain(|(value, _)| value.fract() == 0.0);
        let plain = ticks.into_iter().map(|(value, _)| (value, label(value, 0)));
        plain.collect()
    }

    /// About `count` round numbers along the axis, in order, with their texts.
    pub fn ticks(&self, count: usize) -> Vec<(f64, String)> {
        let count = count.max(2);
        match self.scale {
            Scale::Linear => self.linear_ticks(count),
            Scale::Log => {
                let ticks = self.log_ticks(count);
                // Less than a factor of some two: the decades have too few.
                if ticks.len() < 3 { self.linear_ticks(count) } else { ticks }
            }
        }
    }

    fn linear_ticks(&self, count: usize) -> Vec<(f64, String)> {
        let span = self.values.end - self.values.start;
        let rough = span / count as f64;
        let decade = libm::pow(10.0, libm::floor(libm::log10(rough)));
        let step =
            [1.0, 2.0, 5.0, 10.0].map(|m| m * decade).into_iter().find(|&s| s >= rough).unwrap_or(decade);
        let decimals = (-libm::floor(libm::log10(step) + 1e-9)).clamp(0.0, 12.0) as usize;
        let first = libm::ceil(self.values.start / step - 1e-9);
        let ticks = (0..=2 * count).map(|i| (first + i as f64) * step);
        ticks
            .take_while(|&tick| tick <= self.values.end + span * 1e-9)
            .map(|tick| if tick.abs() < step * 1e-6 { 0.0 } else { tick })
            .map(|tick| (tick, label(tick, decimals)))
            .collect()
    }

    /// Decades with as many of their parts as there is room for.
    fn log_ticks(&self, count: usize) -> Vec<(f64, String)> {
        let [low, high] = [self.values.start, self.values.end].map(libm::log10);
        let decades = (libm::floor(low) as i32)..=(libm::ceil(high) as i32);
        let every = (libm::ceil((high - low) / (count + 1) as f64) as usize).max(1);
        let parts: &[f64] = match (high - low) * 3.0 {
            // Three marks a decade where there is room, else one, else one in some.
            room if room <= count as f64 => &[1.0, 2.0, 5.0],
            room if room <= 2.0 * count as f64 => &[1.0, 3.0],
            _ => &[1.0],
        };
        decades
            .step_by(every)
            .flat_map(|decade| {
                parts.iter().map(move |part| (part * libm::pow(10.0, f64::from(decade)), decade))
            })
            // `exp` of a logarithm may miss the end by a bit.
            .filter(|(tick, _)| {
                *tick >= self.values.start * (1.0 - 1e-9) && *tick <= self.values.end * (1.0 + 1e-9)
            })
            .map(|(tick, decade)| (tick, label(tick, decade.min(0).unsigned_abs() as usize)))
            .collect()
    }
}

/// A number at a tick: plain where it is short, else with a power of ten.
fn label(value: f64, decimals: usize) -> String {
    let size = value.abs();
    if size >= 1e6 || (size > 0.0 && size < 1e-4) {
        let text = format!("{value:.2e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{exponent}", digits.trim_end_matches('0').trim_end_matches('.'));
    }
    let text = format!("{value:.decimals$}");
    if size >= 10_000.0 { thousands(&text) } else { text }
}

/// Whole numbers with a thin space between thousands.
fn thousands(text: &str) -> String {
    let (whole, rest) = text.split_once('.').map_or((text, ""), |(whole, _)| (whole, &text[whole.len()..]));
    let digits = whole.len();
    let mut spaced = String::new();
    for (index, c) in whole.chars().enumerate() {
        if index > 0 && (digits - index) % 3 == 0 && c.is_ascii_digit() {
            spaced.push('\u{202f}');
        }
        spaced.push(c);
    }
    spaced + rest
}

#[cfg(test)]
mod tests {
    use super::{Axis, Scale};

    fn texts(scale: Scale, low: f64, high: f64) -> String {
        let axis = Axis::over(scale, [low, high].into_iter(), 0.0, [0, 100]).unwrap();
        axis.ticks(5).into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(texts(Scale::Linear, 0.0, 1.0), "0.0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(texts(Scale::Linear, 0.913, 0.948), "0.92 0.93 0.94");
        assert_eq!(texts(Scale::Linear, -3.0, 30.0), "0 10 20 30");
        assert_eq!(
            texts(Scale::Linear, 0.0, 45_000.0),
            "0 10\u{202f}000 20\u{202f}000 30\u{202f}000 40\u{202f}000"
        );
        assert_eq!(texts(Scale::Log, 0.01, 1.0), "0.01 0.03 0.1 0.3 1");
        assert_eq!(texts(Scale::Log, 0.2, 3.0), "0.2 0.5 1 2");
        assert_eq!(texts(Scale::Log, 1e-6, 1e3), "1e-6 0.0001 0.01 1 100");
        assert_eq!(texts(Scale::Log, 0.5, 0.6), "0.50 0.52 0.54 0.56 0.58 0.60");
    }

    #[test]
    fn pixels_are_within_the_axis_for_any_value() {
        let axis = Axis::over(Scale::Log, [1.0, 100.0].into_iter(), 0.0, [200, 0]).unwrap();
        assert_eq!([1.0, 10.0, 100.0].map(|v| axis.pixel(v)), [200, 100, 0]);
        assert_eq!([-5.0, f64::INFINITY].map(|v| axis.pixel(v)), [200, 0]);
    }

    #[test]
    fn values_that_cannot_be_drawn_are_passed_over() {
        let over = |scale, values: &[f64]| Axis::over(scale, values.iter().copied(), 0.05, [0, 100]);
        assert_eq!(over(Scale::Linear, &[]), None);
        assert_eq!(over(Scale::Linear, &[f64::NAN, f64::INFINITY]), None);
        assert_eq!(over(Scale::Log, &[0.0, -1.0]), None);
        assert_eq!(over(Scale::Linear, &[-f64::MAX, f64::MAX]), None);
        for value in [0.0, 1.0, -7.0, 1e300, 5e-324] {
            let axis = over(Scale::Linear, &[value]).unwrap();
            assert_eq!(axis.pixel(value), 50, "{value}");
            assert!(axis.ticks(5).len() < 20);
        }
    }
}
