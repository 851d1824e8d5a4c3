//! Arguments of items: how they are described, and their values once checked.

use crate::item::Kind;

/// A checked value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A real number.
    Float(f64),
    /// A whole number.
    Int(i64),
    /// True or false.
    Bool(bool),
    /// One of the words that the argument allows.
    Word(String),
    /// Another item and its arguments: `dense(8, activation = elu(alpha = 0.5))`.
    Item(Call),
    /// Several numbers.
    List(Vec<f64>),
}

/// An item by name, with all its arguments (defaults filled in).
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Registered name.
    pub name: String,
    /// Its arguments.
    pub args: Args,
}

/// Checked arguments by name. Optional ones that were not given are absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args {
    values: Vec<(String, Value)>,
}

impl Args {
    /// None yet.
    pub fn new() -> Args {
        Args::default()
    }

    /// Sets an argument.
    pub fn set(&mut self, name: &str, value: Value) {
        match self.values.iter_mut().find(|(n, _)| n == name) {
            Some((_, v)) => *v = value,
            None => self.values.push((name.to_owned(), value)),
        }
    }

    /// The argument's value, if it has one.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// Names and values in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(n, v)| (n.as_str(), v))
    }

    /// A number.
    ///
    /// # Panics
    /// Where it is absent or no number: the model has checked it, so this is a bug.
    pub fn float(&self, name: &str) -> f32 {
        self.float64(name) as f32
    }

    /// A number, in double precision.
    ///
    /// # Panics
    /// Where it is absent or no number.
    pub fn float64(&self, name: &str) -> f64 {
        match self.get(name) {
            Some(Value::Float(x)) => *x,
            Some(Value::Int(x)) => *x as f64,
            other => panic!("library: argument `{name}` is {other:?}, not a number"),
        }
    }

    /// A number that may be absent.
    pub fn float_opt(&self, name: &str) -> Option<f32> {
        self.get(name).map(|_| self.float(name))
    }

    /// A whole number.
    ///
    /// # Panics
    /// Where it is absent or not whole.
    pub fn int(&self, name: &str) -> i64 {
        match self.get(name) {
            Some(Value::Int(x)) => *x,
            other => panic!("library: argument `{name}` is {other:?}, not a whole number"),
        }
    }

    /// True or false.
    ///
    /// # Panics
    /// Where it is absent or neither.
    pub fn bool(&self, name: &str) -> bool {
        match self.get(name) {
            Some(Value::Bool(x)) => *x,
            other => panic!("library: argument `{name}` is {other:?}, not true or false"),
        }
    }

    /// A word.
    ///
    /// # Panics
    /// Where it is absent or no word.
    pub fn word(&self, name: &str) -> &str {
        match self.get(name) {
            Some(Value::Word(x)) => x,
            other => panic!("library: argument `{name}` is {other:?}, not a word"),
        }
    }

    /// An item that may be absent.
    pub fn item_opt(&self, name: &str) -> Option<&Call> {
        match self.get(name) {
            Some(Value::Item(call)) => Some(call),
            _ => None,
        }
    }

    /// An item.
    ///
    /// # Panics
    /// Where it is absent or no item.
    pub fn item(&self, name: &str) -> &Call {
        self.item_opt(name).unwrap_or_else(|| panic!("library: argument `{name}` is not an item"))
    }

    /// Several numbers, or none where absent.
    pub fn list(&self, name: &str) -> &[f64] {
        match self.get(name) {
            Some(Value::List(xs)) => xs,
            _ => &[],
        }
    }
}

/// What kind of value an argument takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ArgKind {
    /// A real number.
    Float,
    /// A whole number.
    Int,
    /// `true` or `false`.
    Bool,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An item of this kind.
    Item(Kind),
    /// A list of numbers.
    List,
    /// A value of the model to share, `x` or `x.T` (only `tie` of layers; resolved by the model).
    Tie,
}

/// One argument of an item: name, kind, range, default, and a line of documentation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArgSpec {
    /// As it is written before `=`.
    pub name: &'static str,
    /// What it takes.
    pub kind: ArgKind,
    /// The default as it would be written in a spec; `None` where it has none.
    pub default: Option<&'static str>,
    /// It may be left out although it has no default.
    pub optional: bool,
    /// It may be given without its name, in the order of the specs.
    pub positional: bool,
    /// Smallest value, and whether it is itself allowed.
    pub min: Option<(f64, bool)>,
    /// Largest value, and whether it is itself allowed.
    pub max: Option<(f64, bool)>,
    /// One line for people.
    pub doc: &'static str,
}

impl ArgSpec {
    /// An argument of this kind, required, by name only.
    pub const fn new(name: &'static str, kind: ArgKind) -> ArgSpec {
        ArgSpec {
            name,
            kind,
            default: None,
            optional: false,
            positional: false,
            min: None,
            max: None,
            doc: "",
        }
    }

    /// A real number.
    pub const fn float(name: &'static str) -> ArgSpec {
        ArgSpec::new(name, ArgKind::Float)
    }

    /// A whole number.
    pub const fn int(name: &'static str) -> ArgSpec {
        ArgSpec::new(name, ArgKind::Int)
    }

    /// With a default, written as in a spec: `"1e-3"`, `"zeros"`, `"true"`.
    pub const fn or(self, default: &'static str) -> ArgSpec {
        ArgSpec { default: Some(default), ..self }
    }

    /// May be left out.
    pub const fn optional(self) -> ArgSpec {
        ArgSpec { optional: true, ..self }
    }

    /// May be given by position.
    pub const fn positional(self) -> ArgSpec {
        ArgSpec { positional: true, ..self }
    }

    /// At least `min`.
    pub const fn at_least(self, min: f64) -> ArgSpec {
        ArgSpec { min: Some((min, true)), ..self }
    }

    /// More than `min`.
    pub const fn above(self, min: f64) -> ArgSpec {
        ArgSpec { min: Some((min, false)), ..self }
    }

    /// At most `max`.
    pub const fn at_most(self, max: f64) -> ArgSpec {
        ArgSpec { max: Some((max, true)), ..self }
    }

    /// Less than `max`.
    pub const fn below(self, max: f64) -> ArgSpec {
        ArgSpec { max: Some((max, false)), ..self }
    }

    /// One line for people.
    pub const fn doc(self, doc: &'static str) -> ArgSpec {
        ArgSpec { doc, ..self }
    }
}
