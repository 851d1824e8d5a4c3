//! Initializers: distributions at known fans.

use crate::bed::arguments;
use kiln_graph::Initial;
use kiln_library::{Fans, Kind, Value, initializers};

const FANS: Fans = Fans { fan_in: 300, fan_out: 200 };

fn initial(name: &str, fans: Fans) -> Initial {
    let item = initializers::find(name).expect("a registered initializer");
    item.initial(fans, &arguments(Kind::Initializer, name))
}

#[test]
fn each_has_the_spread_of_its_paper() {
    for item in initializers::all() {
        let variance = match item.name() {
            "glorot_uniform" | "glorot_normal" => 2.0 / 500.0,
            "he_uniform" | "he_normal" => 2.0 / 300.0,
            "lecun_uniform" | "lecun_normal" => 1.0 / 300.0,
            "orthogonal" => {
                assert_eq!(initial("orthogonal", FANS), Initial::Orthogonal { gain: 1.0 });
                continue;
            }
            "zeros" | "constant" => {
                assert_eq!(initial(item.name(), FANS), Initial::Constant(0.0));
                continue;
            }
            "ones" => {
                assert_eq!(initial("ones", FANS), Initial::Constant(1.0));
                continue;
            }
            other => panic!("no expectation for {other}"),
        };
        let spread = match initial(item.name(), FANS) {
            Initial::Uniform { limit } => f64::from(limit).powi(2) / 3.0,
            Initial::TruncatedNormal { std } => (f64::from(std) * 0.879_625_661_034_239_8).powi(2),
            other => panic!("{}: {other:?}", item.name()),
        };
        assert!((spread / variance - 1.0).abs() < 1e-6, "{}: {spread}", item.name());
    }
}

#[test]
fn arguments_are_used() {
    let with = |name: &str, arg: &str, value: f64| {
        let mut args = arguments(Kind::Initializer, name);
        args.set(arg, Value::Float(value));
        initializers::find(name).expect("a registered initializer").initial(FANS, &args)
    };
    assert_eq!(with("constant", "value", -0.5), Initial::Constant(-0.5));
    assert_eq!(with("orthogonal", "gain", 1.5), Initial::Orthogonal { gain: 1.5 });
}

/// The widest fans that there are, and none at all.
#[test]
fn no_fans_give_a_spread_that_is_not_finite() {
    for item in initializers::all() {
        for fans in [Fans { fan_in: 0, fan_out: 0 }, Fans { fan_in: u32::MAX, fan_out: u32::MAX }] {
            let spread = match initial(item.name(), fans) {
                Initial::Constant(x) => x,
                Initial::Uniform { limit } => limit,
                Initial::Normal { std } | Initial::TruncatedNormal { std } => std,
                Initial::Orthogonal { gain } => gain,
            };
            assert!(spread.is_finite(), "{}: {spread}", item.name());
        }
    }
}
