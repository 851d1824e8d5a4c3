//! Schedules at known points.

use crate::bed::{arguments, item};
use kiln_library::{Args, Call, Kind, RateContext, Value, schedules};

const CONTEXT: RateContext<'static> =
    RateContext { base: 0.5, step: 0, steps_per_epoch: 10, epochs: 10, monitored: &[] };

fn rate(name: &str, args: &Args, step: u64) -> f64 {
    schedules::find(name).expect("a registered schedule").rate(RateContext { step, ..CONTEXT }, args)
}

#[track_caller]
fn assert_rate(got: f64, want: f64) {
    assert!((got - want).abs() <= 1e-12 * want.abs().max(1e-3), "{got} is not {want}");
}

fn with(name: &str, values: &[(&str, Value)]) -> Args {
    let mut args = arguments(Kind::Schedule, name);
    for (name, value) in values {
        args.set(name, value.clone());
    }
    args
}

#[test]
fn each_begins_at_the_base_and_its_own_rate_replaces_it() {
    for schedule in schedules::all() {
        let name = schedule.name();
        let mut args = arguments(Kind::Schedule, name);
        if name == "warmup" {
            args.set("epochs", Value::Float(0.0));
        }
        assert_rate(rate(name, &args, 0), 0.5);
        args.set("rate", Value::Float(0.25));
        assert_rate(rate(name, &args, 0), 0.25);
    }
}

/// No numbers that the checks let through may give a rate that is not a number.
#[test]
fn any_point_in_time_has_a_finite_rate() {
    for schedule in schedules::all() {
        let args = arguments(Kind::Schedule, schedule.name());
        for (step, steps_per_epoch, epochs) in
            [(0, 0, 0), (1, 0, 0), (u64::MAX, 1, 1), (5, u64::MAX, u64::MAX), (u64::MAX, u64::MAX, 3)]
        {
            let monitored = &[f64::NAN, f64::INFINITY, 1.0, -1.0];
            let cx = RateContext { base: 0.5, step, steps_per_epoch, epochs, monitored };
            let rate = schedule.rate(cx, &args);
            assert!((0.0..=0.5).contains(&rate), "{}: {rate} at {cx:?}", schedule.name());
        }
    }
}

#[test]
fn step_falls_at_the_ends_of_epochs() {
    let args = with("step", &[("every", Value::Int(2)), ("factor", Value::Float(0.5))]);
    for (step, want) in [(0, 0.5), (19, 0.5), (20, 0.25), (39, 0.25), (40, 0.125)] {
        assert_rate(rate("step", &args, step), want);
    }
}

#[test]
fn exponential_is_smooth_or_a_staircase() {
    let smooth = with("exponential", &[("decay", Value::Float(0.25))]);
    assert_rate(rate("exponential", &smooth, 5), 0.25);
    assert_rate(rate("exponential", &smooth, 20), 0.5 / 16.0);
    let stairs = with("exponential", &[("decay", Value::Float(0.25)), ("staircase", Value::Bool(true))]);
    assert_rate(rate("exponential", &stairs, 9), 0.5);
    assert_rate(rate("exponential", &stairs, 10), 0.125);
}

#[test]
fn cosine_reaches_its_floor_and_stays() {
    let args = with("cosine", &[("floor", Value::Float(0.1))]);
    for (step, want) in [(0, 0.5), (50, 0.275), (100, 0.05), (1000, 0.05)] {
        assert_rate(rate("cosine", &args, step), want);
    }
    let short = with("cosine", &[("epochs", Value::Float(5.0))]);
    assert_rate(rate("cosine", &short, 25), 0.25);
    assert_rate(rate("cosine", &short, 50), 0.0);
}

#[test]
fn warmup_climbs_then_hands_over_what_is_left_of_the_time() {
    let args = with("warmup", &[("epochs", Value::Float(2.0)), ("then", item(Kind::Schedule, "cosine"))]);
    for (step, want) in [(0, 0.025), (9, 0.25), (19, 0.5), (20, 0.5), (60, 0.25), (100, 0.0)] {
        assert_rate(rate("warmup", &args, step), want);
    }
    let half = with("warmup", &[("epochs", Value::Float(0.5))]);
    assert_rate(rate("warmup", &half, 4), 0.5);
    assert_rate(rate("warmup", &half, 70), 0.5);
}

/// Losses seen while the rate climbs are no plateau yet.
#[test]
fn warmup_hides_its_epochs_from_a_plateau() {
    let plateau = Call {
        name: "reduce_on_plateau".to_owned(),
        args: with("reduce_on_plateau", &[("patience", Value::Int(1))]),
    };
    let args = with("warmup", &[("epochs", Value::Float(2.0)), ("then", Value::Item(plateau))]);
    let at = |step, monitored| {
        let schedule = schedules::find("warmup").expect("a registered schedule");
        schedule.rate(RateContext { step, monitored, ..CONTEXT }, &args)
    };
    assert_rate(at(30, &[0.1, 0.1, 0.9]), 0.5);
    assert_rate(at(40, &[0.1, 0.1, 0.9, 0.9]), 0.05);
}
