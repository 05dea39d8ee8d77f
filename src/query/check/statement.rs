//! A whole statement: its clauses, its projection, and the table of slots and parameters.

use super::checker::Checker;
use super::pattern::Written;
use super::{refuse, walk};
use crate::error::{Error, Result};
use crate::query::ir;
use crate::query::syntax::ast::{self, Clause, ClauseKind, Statement};

impl Checker<'_> {
    pub(super) fn statement(mut self, statement: &Statement) -> Result<ir::Query> {
        let query = &statement.query;
        refuse::around(query)?;
        let part = &query.first;
        walk::bound_query_depth(part)?;
        let written = written(&part.clauses)?;
        let matches = self.patterns(&written)?;
        let Some(returns) = &part.returns else {
            return Err(Error::syntax("the query returns nothing", part.span)
                .with_help("end it with `RETURN`"));
        };
        let projection = self.projection(returns)?;
        Ok(ir::Query {
            prefix: statement.prefix.map(|(prefix, _)| prefix),
            slots: u16::try_from(self.places.len()).unwrap_or(u16::MAX),
            slot_names: self.places.into_iter().map(|place| place.name).collect(),
            locals: self.locals,
            parameters: self.parameters,
            matches,
            projection,
        })
    }
}

/// The patterns of clauses that are all plain `MATCH`.
pub(super) fn written(clauses: &[Clause]) -> Result<Vec<Written<'_>>> {
    let mut all = Vec::with_capacity(clauses.len());
    for clause in clauses {
        let ClauseKind::Match(ast::Match {
            optional: false,
            repeatable,
            paths,
            filter,
        }) = &clause.kind
        else {
            return Err(refuse::clause(clause));
        };
        all.push(Written {
            paths,
            filter: filter.as_ref(),
            repeatable: *repeatable,
        });
    }
    Ok(all)
}
