//! A whole statement: its parts, and the tables of slots, locals and parameters.

use super::checker::Checker;
use super::path_pattern::forget_unread;
use super::walk;
use crate::error::{Error, Result};
use crate::query::ir::{self, Item, Part, Union};
use crate::query::syntax::ast::{self, SingleQuery, Statement};

impl Checker<'_> {
    pub(super) fn statement(mut self, statement: &Statement) -> Result<ir::Query> {
        let query = &statement.query;
        if let Some(as_of) = &query.as_of {
            return Err(Error::unsupported("`AS OF`", as_of.span));
        }
        let parts = [&query.first]
            .into_iter()
            .chain(query.unions.iter().map(|(_, part)| part));
        let parts: Vec<&SingleQuery> = parts.collect();
        for part in &parts {
            walk::bound_query_depth(part)?;
            if part.returns.is_none() {
                return Err(Error::syntax("the query returns nothing", part.span)
                    .with_help("end it with `RETURN`"));
            }
        }
        let unions: Vec<ast::Union> = query.unions.iter().map(|(union, _)| *union).collect();
        let mut body = self.union(&parts, &unions)?;
        for part in &mut body.parts {
            forget_unread(&mut part.clauses, &self.read);
        }
        Ok(ir::Query {
            prefix: statement.prefix.map(|(prefix, _)| prefix),
            slots: u16::try_from(self.places.len()).unwrap_or(u16::MAX),
            slot_names: self.places.into_iter().map(|place| place.name).collect(),
            locals: u16::try_from(self.locals.len()).unwrap_or(u16::MAX),
            local_names: self.locals,
            parameters: self.parameters,
            body,
        })
    }

    /// Queries joined by `UNION`: all with the same columns.
    pub(super) fn union(&mut self, parts: &[&SingleQuery], unions: &[ast::Union]) -> Result<Union> {
        let distinct = unions.first().is_some_and(|union| !union.all);
        if let Some(other) = unions.iter().find(|union| union.all == distinct) {
            let message = "`UNION` and `UNION ALL` in one query";
            return Err(Error::syntax(message, other.span)
                .with_help("write all of one kind, or run two queries"));
        }
        let mut checked: Vec<Part> = Vec::with_capacity(parts.len());
        for part in parts {
            let (outside, rows) = (self.mark(), std::mem::take(&mut self.rows));
            let dropped = std::mem::take(&mut self.dropped);
            let next = self.part(part)?;
            self.leave(outside);
            (self.rows, self.dropped) = (rows, dropped);
            if let Some(first) = checked.first() {
                same_columns(&first.projection.items, &next.projection.items, part)?;
            }
            checked.push(next);
        }
        Ok(Union {
            parts: checked,
            distinct,
        })
    }

    fn part(&mut self, part: &SingleQuery) -> Result<Part> {
        let clauses = self.clauses(&part.clauses)?;
        let projection = match &part.returns {
            Some(returns) => self.projection(returns)?,
            None => ir::Projection::of_rows(),
        };
        Ok(Part {
            clauses,
            projection,
        })
    }
}

fn same_columns(first: &[Item], next: &[Item], part: &SingleQuery) -> Result<()> {
    let names = |items: &[Item]| {
        let names: Vec<String> = items
            .iter()
            .map(|item| format!("`{}`", item.name))
            .collect();
        names.join(", ")
    };
    if first
        .iter()
        .map(|item| &item.name)
        .eq(next.iter().map(|item| &item.name))
    {
        return Ok(());
    }
    let span = part
        .returns
        .as_ref()
        .map_or(part.span, |returns| returns.span);
    let message = format!(
        "the parts of a `UNION` return the same columns: {} before, {} here",
        names(first),
        names(next)
    );
    Err(Error::syntax(message, span).with_help("name the columns alike with `AS`"))
}
