//! The syntax tree: what was said, with places, and nothing resolved.

use kiln_diag::{Span, Spanned};

/// A name as written.
pub type Name = Spanned<String>;

/// One `.model` file.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// `kiln 1` on the first line: the version of the language.
    pub version: Option<Spanned<u32>>,
    /// Items in the order of the text.
    pub items: Vec<Item>,
    /// Statements and items that a mistake spoilt: what they were meant to say is not in `items`.
    pub broken: Vec<Span>,
    /// The whole file.
    pub span: Span,
}

/// Something at the top level.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `title "…"`
    Title(Spanned<String>),
    /// `use "path"`, relative to the file that says it.
    Use(Spanned<String>),
    /// `data name { … }`
    Data(Data),
    /// `block name(params) = pipeline`
    Block(Block),
    /// `model name(params) { … }`
    Model(Model),
    /// `train { … }`
    Train(Section),
    /// `report { … }`
    Report(Report),
}

/// `data name { key = value … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// What specs call it.
    pub name: Name,
    /// `key = value` lines.
    pub entries: Vec<Entry>,
    /// The whole item.
    pub span: Span,
}

/// `train { key = value … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// `key = value` lines.
    pub entries: Vec<Entry>,
    /// The whole item.
    pub span: Span,
}

/// `report { section section(args) … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Sections in order; each is a [`ExprKind::Name`] or a [`ExprKind::Call`].
    pub sections: Vec<Expr>,
    /// The whole item.
    pub span: Span,
}

/// `key = value`
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What is set.
    pub key: Name,
    /// To what.
    pub value: Expr,
}

/// `block hidden(units, drop = 0.2) = dense(units, relu) -> dropout(drop)`
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub params: Vec<Param>,
    /// Layers, applied to whatever flows in (no source).
    pub body: Vec<Stage>,
    /// The whole item.
    pub span: Span,
}

/// A parameter of a block or a model: `drop` or `drop = 0.2`
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// Its value where none is given.
    pub default: Option<Expr>,
}

/// `model name(params) { statements }`
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its name.
    pub name: Name,
    /// Its parameters; `train.model = mlp(drop = 0.3)` or their defaults give them values.
    pub params: Vec<Param>,
    /// Its body.
    pub body: Vec<Statement>,
    /// The whole item.
    pub span: Span,
}

/// A line of a model.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// `input image: [784]` or `[28, 28]`
    Input {
        /// The data field's name.
        name: Name,
        /// Extents of one sample.
        shape: Spanned<Vec<Expr>>,
    },
    /// `target label: class(11)` or `target y: [4]`
    Target {
        /// The data field's name.
        name: Name,
        /// What it is.
        kind: TargetKind,
    },
    /// `stack encoder(image) { layers }`: each line flows into the next.
    Stack(Stack),
    /// `image -> dense(512) -> …`, or `encoder = image -> …`
    Pipeline(Pipeline),
    /// `loss head: mse(image) * 1.0`
    Loss {
        /// The layer, stack or binding whose output it reads.
        head: Name,
        /// Its name and arguments.
        loss: Expr,
        /// After `*`: a number, `ramp(…)` or `learned`.
        weight: Option<Expr>,
        /// The whole line.
        span: Span,
    },
    /// `metric head: accuracy, f1(macro)`
    Metric {
        /// The layer, stack or binding whose output it reads.
        head: Name,
        /// Names and arguments.
        metrics: Vec<Expr>,
        /// The whole line.
        span: Span,
    },
}

/// What a target is.
#[derive(Clone, Debug, PartialEq)]
pub enum TargetKind {
    /// `class(11)`: the index of one of so many classes.
    Class(Expr),
    /// `[4]`: so many numbers.
    Values(Spanned<Vec<Expr>>),
}

/// `stack name(source) { statements }`
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    /// Its name; as a value, the output of its last layer.
    pub name: Name,
    /// What flows in; absent for a stack nested in a stack, which continues the flow.
    pub source: Option<Name>,
    /// Pipelines of layers, or nested stacks, each fed by the one before.
    pub body: Vec<StackItem>,
    /// The whole statement.
    pub span: Span,
}

/// A line of a stack.
#[derive(Clone, Debug, PartialEq)]
pub enum StackItem {
    /// `enc1: dense(256, relu)`, or several joined by `->`.
    Layers(Vec<Stage>),
    /// A stack within the stack.
    Stack(Stack),
}

/// `[name =] source -> stage -> stage`
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    /// `encoder =`
    pub binding: Option<Name>,
    /// Where it begins.
    pub source: Source,
    /// Layers and blocks, in order; may be empty where there is a binding (`code = enc3`).
    pub stages: Vec<Stage>,
    /// The whole statement.
    pub span: Span,
}

/// Where a pipeline begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// `image`
    Name(Name),
    /// `concat(a, b)` or `both: add(a, b)`: a layer of several inputs, whose arguments are names of values.
    Join(Stage),
}

/// `classifier: dense(11, softmax)`
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// `classifier:`
    pub label: Option<Name>,
    /// The layer or block.
    pub callee: Name,
    /// Its arguments; `None` where no parentheses were written.
    pub args: Option<Vec<Arg>>,
    /// The whole stage.
    pub span: Span,
}

/// `0.2` or `rate = 0.2`
#[derive(Clone, Debug, PartialEq)]
pub struct Arg {
    /// `rate =`
    pub name: Option<Name>,
    /// The value.
    pub value: Expr,
}

/// A value as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `80%`, `1e-3`, `14_000`
    Number(Number),
    /// `"…"`, escapes resolved.
    Text(String),
    /// `true`, `false`
    Bool(bool),
    /// `relu`, `label`
    Name(String),
    /// `code.T`, `train.epochs`: base and what is taken of it.
    Path(Name, Name),
    /// `adam(rate = 1e-3)`
    Call(Name, Vec<Arg>),
    /// `[512, 128]`
    List(Vec<Expr>),
    /// `"P".."Z"` or `0..783`, both ends included
    Range(Box<Expr>, Box<Expr>),
    /// `0.1 -> 1.0`, only as an argument
    Ramp(Box<Expr>, Box<Expr>),
    /// `sweep [512, 128]`
    Sweep(Vec<Expr>),
    /// `pixels / 255`
    Binary(Box<Expr>, Operator, Box<Expr>),
    /// `-x`
    Negate(Box<Expr>),
}

/// A number as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// Its value; `80%` is 0.8.
    pub value: f64,
    /// Written without point, exponent or percent sign.
    pub integer: bool,
    /// As written, for the formatter.
    pub text: String,
}

/// Arithmetic in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
}
