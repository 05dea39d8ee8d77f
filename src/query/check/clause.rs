//! Clauses: what each does to the variables in scope.

use std::sync::Arc;

use super::checker::{Binding, Checker};
use super::pattern::Written;
use super::types;
use crate::error::{Error, ErrorKind, Result};
use crate::query::ir::{Clause, Scope, Target, Type};
use crate::query::syntax::ast::{self, ClauseKind, Name};

/// How many clauses a query may have: they are run within each other.
const CLAUSES: usize = 256;

impl Checker<'_> {
    pub(super) fn clauses(&mut self, written: &[ast::Clause]) -> Result<Vec<Clause>> {
        if let Some(clause) = written.get(CLAUSES) {
            let message = format!("more than {CLAUSES} clauses in one query");
            return Err(Error::new(ErrorKind::Limit, message)
                .with_span(clause.span)
                .with_help("split the query into several"));
        }
        let mut clauses = Vec::with_capacity(written.len());
        let mut rest = written;
        while let [clause, after @ ..] = rest {
            let matches = plain_matches(rest);
            if matches.is_empty() {
                self.clause(clause, &mut clauses)?;
                rest = after;
            } else {
                rest = rest.get(matches.len()..).unwrap_or_default();
                clauses.push(Clause::Match(self.patterns(&matches)?));
            }
        }
        Ok(clauses)
    }

    fn clause(&mut self, written: &ast::Clause, to: &mut Vec<Clause>) -> Result<()> {
        match &written.kind {
            ClauseKind::Match(pattern) => to.push(self.optional(pattern)?),
            ClauseKind::Unwind { list, variable } | ClauseKind::For { variable, list } => {
                to.push(self.unwind(list, variable)?);
            }
            ClauseKind::Let(bindings) => {
                for (variable, value) in bindings {
                    let value = self.expression(value)?;
                    self.refuse_known(variable)?;
                    let local = self.row_value(variable, value.ty.clone())?;
                    to.push(Clause::Let { local, value });
                }
            }
            ClauseKind::Filter(condition) => {
                to.push(Clause::Filter(self.condition(condition, "`FILTER`")?));
            }
            ClauseKind::With { projection, filter } => {
                to.push(self.with(projection, filter.as_ref())?);
            }
        }
        Ok(())
    }

    /// What is found out about variables of earlier clauses holds only where the pattern matches.
    fn optional(&mut self, pattern: &ast::Match) -> Result<Clause> {
        let (before, mark, places) = (self.rows.clone(), self.mark(), self.places.len());
        let mut checked = self.patterns(&[Written::of(pattern)])?;
        self.widen(mark, places);
        let Some(pattern) = checked.pop() else {
            return Err(Error::internal("a pattern was lost"));
        };
        let slots = self
            .rows
            .slots
            .get(before.slots.len()..)
            .unwrap_or_default();
        let locals = self
            .rows
            .locals
            .get(before.locals.len()..)
            .unwrap_or_default();
        let binds = Scope {
            slots: slots.to_vec(),
            locals: locals.to_vec(),
        };
        Ok(Clause::Optional { pattern, binds })
    }

    fn unwind(&mut self, list: &ast::Expr, variable: &Name) -> Result<Clause> {
        let list = self.expression(list)?;
        self.refuse_known(variable)?;
        // What is not a list is unwound as the one element of one (openCypher).
        let element = types::element(&list.ty).unwrap_or_else(|| list.ty.clone());
        let local = self.row_value(variable, element)?;
        Ok(Clause::Unwind { local, list })
    }

    /// Rows become what `WITH` projects, and nothing else stays in scope.
    fn with(&mut self, written: &ast::Projection, filter: Option<&ast::Expr>) -> Result<Clause> {
        for item in &written.items {
            if item.alias.is_none() && !matches!(item.expr.kind, ast::ExprKind::Variable(_)) {
                let message = format!("`{}` needs a name in `WITH`", item.text);
                return Err(Error::syntax(message, item.expr.span)
                    .with_help(format!("write `{} AS name`", item.text)));
            }
        }
        let projection = self.projection(written)?;
        let before = self.scope.len();
        self.rows = Scope::default();
        let mut targets = Vec::with_capacity(projection.items.len());
        for item in &projection.items {
            let name = Name {
                text: Arc::clone(&item.name),
                span: item.expr.span,
            };
            if let Type::Entity(set) = &item.expr.ty {
                let slot = self.new_slot(Arc::clone(&name.text), name.span)?;
                self.set_blueprints(slot, set);
                self.scope.push((name.text, Binding::Slot(slot)));
                self.rows.slots.push(slot);
                targets.push(Target::Slot(slot));
            } else {
                targets.push(Target::Local(self.row_value(&name, item.expr.ty.clone())?));
            }
        }
        // The condition sees what a row held before too, where rows stay what they were.
        let grouped = projection.distinct || !projection.aggregates.is_empty();
        let dropped = self.scope.get(self.base..before).unwrap_or_default();
        let dropped: Vec<_> = dropped.iter().map(|(name, _)| Arc::clone(name)).collect();
        self.dropped.extend(dropped);
        if grouped {
            self.scope.drain(self.base..before);
        }
        let filter = filter
            .map(|filter| self.condition(filter, "`WHERE`"))
            .transpose()?;
        if !grouped {
            self.scope.drain(self.base..before);
        }
        Ok(Clause::With {
            projection,
            targets,
            filter,
        })
    }

    /// A new variable that holds a value.
    pub(super) fn row_value(&mut self, variable: &Name, ty: Type) -> Result<u16> {
        let local = self.new_local(Arc::clone(&variable.text), variable.span)?;
        let binding = Binding::Value { local, ty };
        self.scope.push((Arc::clone(&variable.text), binding));
        self.rows.locals.push(local);
        Ok(local)
    }

    pub(super) fn refuse_known(&self, variable: &Name) -> Result<()> {
        let inner = self.scope.get(self.base..).unwrap_or_default();
        if inner.iter().all(|(known, _)| *known != variable.text) {
            return Ok(());
        }
        Err(defined_already(variable))
    }
}

pub(super) fn defined_already(variable: &Name) -> Error {
    let message = format!("`{}` is defined already", variable.text);
    Error::syntax(message, variable.span).with_help("choose another name")
}

/// The plain `MATCH` clauses at the start.
pub(super) fn plain_matches(clauses: &[ast::Clause]) -> Vec<Written<'_>> {
    let matches = clauses.iter().map_while(|clause| match &clause.kind {
        ClauseKind::Match(pattern) if !pattern.optional => Some(Written::of(pattern)),
        _ => None,
    });
    matches.collect()
}
