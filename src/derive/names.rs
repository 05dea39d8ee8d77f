//! The names that whoever wrote a rule gave to its variables, read off the text they wrote.

use std::collections::BTreeMap;

use super::operands::operands;
use crate::error::Span;
use crate::query::ir::{Expr, ExprKind, Slot, Subquery};

/// The variables of an expression by their places. Typed expressions keep no names, but know
/// where in the text everything stands.
#[derive(Debug, Default)]
pub(super) struct Names<'t> {
    slots: BTreeMap<Slot, &'t str>,
    locals: BTreeMap<u16, &'t str>,
}

impl<'t> Names<'t> {
    /// Those of an expression that was read from a text. The checker bounds its depth.
    pub(super) fn of(expr: &Expr, text: &'t str) -> Self {
        let mut names = Self::default();
        names.collect(expr, text);
        names
    }

    pub(super) fn slot(&self, slot: Slot) -> Option<&'t str> {
        self.slots.get(&slot).copied()
    }

    pub(super) fn local(&self, local: u16) -> Option<&'t str> {
        self.locals.get(&local).copied()
    }

    fn collect(&mut self, expr: &Expr, text: &'t str) {
        if let ExprKind::Exists(body) | ExprKind::Count(body, _) = &expr.kind {
            return self.subquery(body, text);
        }
        if let (ExprKind::Local(local), Some(name)) = (&expr.kind, name_at(text, expr.span)) {
            self.locals.insert(*local, name);
        }
        for operand in operands(expr) {
            self.collect(operand, text);
        }
    }

    fn subquery(&mut self, body: &Subquery, text: &'t str) {
        for pattern in &body.matches {
            for variable in pattern.nodes.iter().filter(|variable| !variable.bound) {
                if let Some(name) = name_at(text, variable.span) {
                    self.slots.insert(variable.slot, name);
                }
            }
            for filter in &pattern.filters {
                self.collect(filter, text);
            }
        }
    }
}

/// The plain name that a part of a text begins with, be it behind a parenthesis.
fn name_at(text: &str, span: Span) -> Option<&str> {
    let part = text.get(span.start..span.end)?;
    let part = part.trim_start_matches('(').trim_start();
    let end = part.find(|c: char| c != '_' && !c.is_alphanumeric());
    let name = part.get(..end.unwrap_or(part.len()))?;
    (!name.is_empty()).then_some(name)
}
