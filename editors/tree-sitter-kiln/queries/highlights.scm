; What is what, for editors that highlight with tree-sitter. Later patterns win.

(name) @variable

(comment) @comment
(number) @number
(text) @string
(escape) @string.escape
(truth) @boolean

["kiln" "title" "use" "block" "data" "model" "train" "report"
 "input" "target" "class" "loss" "metric" "stack" "sweep"] @keyword

; What is used.
(stage layer: (name) @function)
(item name: (name) @function)
(section name: (name) @function)
(call function: (name) @function)

; What things are called.
(block name: (name) @type)
(data name: (name) @type)
(model name: (name) @type)
(stack name: (name) @type)
(input name: (name) @type)
(target name: (name) @type)
(label (name) @label)
(pipeline name: (name) @label)

; What values are given to.
(setting key: (name) @property)
(argument key: (name) @property)
(parameter name: (name) @property)

["->" "=" ".." "+" "-" "*" "/"] @operator
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
["," ":" "."] @punctuation.delimiter
