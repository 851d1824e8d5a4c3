// The spec language for tree-sitter. `crates/dsl/src/grammar.pest` is the grammar that counts; the rules
// here have its names.
//
// Line ends mean nothing here: the grammar tells statements apart without them, so whatever Kiln reads
// is read here as well, and a little more.

const list_of = (rule) => seq(rule, repeat(seq(',', rule)), optional(','));

module.exports = grammar({
  name: 'kiln',

  word: ($) => $.name,

  extras: ($) => [/[ \t\r\n\uFEFF]/, $.comment],

  rules: {
    file: ($) => seq(optional($.version), repeat($._item)),

    _item: ($) => choice($.title, $.use, $.block, $.data, $.model, $.train, $.report),

    // ---- At the top of a file

    version: ($) => seq('kiln', $.number),
    title: ($) => seq('title', $.text),
    use: ($) => seq('use', $.text),
    block: ($) => seq('block', field('name', $.name), optional($.parameters), '=', $._flow),
    data: ($) => seq('data', field('name', $.name), $.settings),
    model: ($) => seq('model', field('name', $.name), optional($.parameters), '{', repeat($._statement), '}'),
    train: ($) => seq('train', $.settings),
    report: ($) => seq('report', '{', repeat($.section), '}'),

    parameters: ($) => seq('(', optional(list_of($.parameter)), ')'),
    parameter: ($) => seq(field('name', $.name), optional(seq('=', field('default', $._value)))),

    // ---- In a body

    settings: ($) => seq('{', repeat($.setting), '}'),
    setting: ($) => seq(field('key', $.name), '=', field('value', $._value)),
    section: ($) => seq(field('name', $.name), optional($.arguments)),

    _statement: ($) => choice($.input, $.target, $.loss, $.metric, $.stack, $.pipeline),
    input: ($) => seq('input', field('name', $.name), ':', $.list),
    target: ($) => seq('target', field('name', $.name), ':', choice($.class, $.list)),
    class: ($) => seq('class', '(', $._value, optional(','), ')'),
    loss: ($) => seq('loss', field('head', $.name), ':', $._loss, optional(seq('*', field('weight', $._product)))),
    _loss: ($) => choice($.sweep, $.item),
    metric: ($) =>
      prec.right(seq('metric', field('head', $.name), ':', list_of(choice($.sweep, $.item)))),
    item: ($) => seq(field('name', $.name), optional($.arguments)),

    stack: ($) =>
      seq('stack', field('name', $.name), optional($.source), '{', repeat(choice($.layers, $.stack)), '}'),
    source: ($) => seq('(', $.name, optional(','), ')'),
    layers: ($) => $._flow,

    pipeline: ($) =>
      choice(
        seq(field('name', $.name), '=', $._first, repeat(seq('->', $.stage))),
        seq($._labelled, repeat(seq('->', $.stage))),
        seq($._called, repeat1(seq('->', $.stage))),
        seq(field('source', $.name), repeat1(seq('->', $.stage))),
      ),
    // What flows on is a value, unless it is plainly a layer.
    _first: ($) => choice(field('source', $.name), $._labelled, $._called),
    _labelled: ($) => alias($._labelled_stage, $.stage),
    _labelled_stage: ($) => seq($.label, field('layer', $.name), optional($.arguments)),
    _called: ($) => alias($._called_stage, $.stage),
    _called_stage: ($) => seq(field('layer', $.name), $.arguments),

    _flow: ($) => seq($.stage, repeat(seq('->', $.stage))),
    stage: ($) => seq(optional($.label), field('layer', $.name), optional($.arguments)),
    label: ($) => seq($.name, ':'),

    arguments: ($) => seq('(', optional(list_of($.argument)), ')'),
    argument: ($) => seq(optional(seq(field('key', $.name), '=')), $._value, optional(seq('->', $._value))),

    // ---- Values

    _value: ($) => choice($.range, $._sum),
    range: ($) => seq($._sum, '..', $._sum),
    _sum: ($) => choice($.sum, $._product),
    sum: ($) => prec.left(1, seq($._sum, choice('+', '-'), $._product)),
    _product: ($) => choice($.product, $._signed),
    product: ($) => prec.left(2, seq($._product, choice('*', '/'), $._signed)),
    _signed: ($) => choice($.negative, $._primary),
    negative: ($) => seq('-', $._primary),
    _primary: ($) => choice($.number, $.text, $.list, $.group, $.sweep, $._reference),
    group: ($) => seq('(', $._value, ')'),
    list: ($) => seq('[', optional(list_of($._value)), ']'),
    sweep: ($) => seq('sweep', $.list),
    _reference: ($) => choice($.truth, $.call, $.part, $.name),
    truth: (_) => choice('true', 'false'),
    call: ($) => seq(field('function', $.name), $.arguments),
    part: ($) => seq($.name, '.', $.name),

    // ---- Words, numbers, strings

    name: (_) => /[A-Za-z_][A-Za-z0-9_]*/,
    number: (_) => token(/[0-9][0-9_]*(\.[0-9_]+)?([eE][+-]?[0-9_]+)?%?/),
    text: ($) => seq('"', repeat(choice(token.immediate(/[^"\\\n]+/), $.escape)), token.immediate('"')),
    escape: (_) => token.immediate(/\\[^\n]/),
    comment: (_) => token(seq('//', /[^\n]*/)),
  },
});
