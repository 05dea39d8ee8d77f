//! Projections: columns of all rows, groups by comparing keys, one full sort.

use std::cmp::Ordering;

use super::fold::fold;
use super::{Naive, Row};
use crate::error::{Error, Result};
use crate::query::ir::{Aggregate, Expr, Projection, Sort};
use crate::value::Value;

impl Naive<'_> {
    /// The rows of a projection, each with the row that it came of.
    pub(super) fn project(
        &self,
        projection: &Projection,
        rows: Vec<Row>,
        around: &Row,
    ) -> Result<Vec<(Row, Vec<Value>)>> {
        let mut answer = Vec::new();
        if projection.aggregates.is_empty() {
            for row in rows {
                let items = projection.items.iter();
                let columns: Result<Vec<Value>> =
                    items.map(|item| self.eval(&item.expr, &row)).collect();
                answer.push((row, columns?));
            }
        } else {
            answer = self.groups(projection, rows, around)?;
        }
        if projection.distinct {
            let mut kept: Vec<(Row, Vec<Value>)> = Vec::new();
            for (row, columns) in answer {
                if kept.iter().all(|(_, known)| *known != columns) {
                    kept.push((row, columns));
                }
            }
            answer = kept;
        }
        if !projection.order.is_empty() {
            answer = self.sorted(&projection.order, answer)?;
        }
        let skip = self.amount(projection.skip.as_ref(), around)?.unwrap_or(0);
        let limit = self.amount(projection.limit.as_ref(), around)?;
        let cut = answer.into_iter().skip(skip);
        Ok(cut.take(limit.unwrap_or(usize::MAX)).collect())
    }

    fn amount(&self, expr: Option<&Expr>, around: &Row) -> Result<Option<usize>> {
        let Some(expr) = expr else { return Ok(None) };
        match self.eval(expr, around)? {
            Value::Int(amount) if amount >= 0 => Ok(usize::try_from(amount).ok()),
            _ => Err(Error::invalid("not an amount")),
        }
    }

    fn sorted(
        &self,
        order: &[Sort],
        rows: Vec<(Row, Vec<Value>)>,
    ) -> Result<Vec<(Row, Vec<Value>)>> {
        let mut keyed = Vec::new();
        for (mut row, columns) in rows {
            row.columns.clone_from(&columns);
            let keys = order.iter().map(|sort| self.eval(&sort.expr, &row));
            keyed.push((keys.collect::<Result<Vec<Value>>>()?, row, columns));
        }
        keyed.sort_by(|(a, ..), (b, ..)| {
            let each = order.iter().zip(a.iter().zip(b));
            each.fold(Ordering::Equal, |so_far, (sort, (a, b))| {
                so_far.then_with(|| in_order(sort.descending, sort.nulls_first, a, b))
            })
        });
        Ok(keyed
            .into_iter()
            .map(|(_, row, columns)| (row, columns))
            .collect())
    }

    fn groups(
        &self,
        projection: &Projection,
        rows: Vec<Row>,
        around: &Row,
    ) -> Result<Vec<(Row, Vec<Value>)>> {
        let keys = |row: &Row| -> Result<Vec<Value>> {
            let keys = projection.items.iter().filter(|item| !item.aggregated);
            keys.map(|item| self.eval(&item.expr, row)).collect()
        };
        let mut groups: Vec<(Vec<Value>, Vec<Row>)> = Vec::new();
        for row in rows {
            let keys = keys(&row)?;
            match groups.iter_mut().find(|(known, _)| *known == keys) {
                Some((_, members)) => members.push(row),
                None => groups.push((keys, vec![row])),
            }
        }
        if groups.is_empty() && projection.items.iter().all(|item| item.aggregated) {
            groups.push((Vec::new(), Vec::new()));
        }
        let mut answer = Vec::new();
        for (keys, members) in groups {
            let mut first = members.first().unwrap_or(around).clone();
            let aggregates = projection.aggregates.iter();
            let aggregates = aggregates.map(|aggregate| self.aggregate(aggregate, &members));
            first.aggregates = aggregates.collect::<Result<_>>()?;
            let mut keys = keys.into_iter();
            first.columns = projection
                .items
                .iter()
                .map(|item| (!item.aggregated).then(|| keys.next().unwrap()).into())
                .collect();
            let mut columns = first.columns.clone();
            for (item, column) in projection.items.iter().zip(&mut columns) {
                if item.aggregated {
                    *column = self.eval(&item.expr, &first)?;
                }
            }
            answer.push((first, columns));
        }
        Ok(answer)
    }

    fn aggregate(&self, aggregate: &Aggregate, rows: &[Row]) -> Result<Value> {
        let mut values = Vec::new();
        for row in rows {
            let counts = match &aggregate.filter {
                Some(filter) => self.holds(filter, row)?,
                None => true,
            };
            if counts {
                values.push(match &aggregate.argument {
                    Some(argument) => self.eval(argument, row)?,
                    None => Value::Bool(true),
                });
            }
        }
        fold(aggregate.function.fold, aggregate.distinct, values)
    }
}

/// The order of two sort values.
pub(in super::super) fn in_order(
    descending: bool,
    nulls_first: bool,
    a: &Value,
    b: &Value,
) -> Ordering {
    match (a.is_null(), b.is_null()) {
        (false, false) if descending => b.cmp(a),
        (false, false) => a.cmp(b),
        (a, b) if nulls_first => b.cmp(&a),
        (a, b) => a.cmp(&b),
    }
}
