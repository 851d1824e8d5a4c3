//! Parameters of blocks and models: given by name, by position, or by default.

use super::sweep::Choices;
use super::term::{Env, Evaluate, Term, TermArg};
use crate::mistakes::{self, Called};
use kiln_diag::Diagnostics;
use kiln_dsl::ast::Param;

/// Binds what a call gives to the parameters of a block or a model.
pub(crate) fn bind(
    called: Called<'_>,
    params: &[Param],
    given: &[TermArg],
    choices: &Choices,
    diagnostics: &mut Diagnostics,
) -> Env {
    let mut slots: Vec<Option<&Term>> = vec![None; params.len()];
    let mut unknown: Vec<&str> = Vec::new();
    let mut next = 0;
    for arg in given {
        let slot = match &arg.name {
            Some(name) => {
                let found = params.iter().position(|p| p.name.node == name.node);
                if found.is_none() {
                    let names = params.iter().map(|p| p.name.node.as_str());
                    diagnostics.push(mistakes::arguments::unknown(called, name, names));
                    unknown.push(&name.node);
                    continue;
                }
                found
            }
            None => {
                next += 1;
                (next <= params.len()).then(|| next - 1)
            }
        };
        let Some(i) = slot else {
            diagnostics.push(mistakes::arguments::too_many_params(called, arg.value.span, params.len()));
            continue;
        };
        match slots[i] {
            None => slots[i] = Some(&arg.value),
            Some(first) => {
                let span = arg.name.as_ref().map_or(arg.value.span, |n| n.span);
                diagnostics.push(mistakes::arguments::duplicate(&params[i].name.node, span, first.span));
            }
        }
    }
    let mut env = Env::default();
    let empty = Env::default();
    for (param, slot) in params.iter().zip(slots) {
        let term = match (slot, &param.default) {
            (Some(term), _) => term.clone(),
            (None, Some(default)) => Evaluate { env: &empty, choices, diagnostics }.term(default),
            (None, None) => {
                if !unknown.iter().any(|u| mistakes::is_meant(u, &param.name.node)) {
                    diagnostics.push(mistakes::arguments::missing_param(called, &param.name));
                }
                Term::poisoned(called.span)
            }
        };
        env.set(&param.name.node, term);
    }
    env
}
