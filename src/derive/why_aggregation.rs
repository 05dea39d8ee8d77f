//! What an aggregation property is computed of, for one entity.

use std::fmt;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::aggregate::stepped;
use super::atom::is_data;
use super::why::brief;
use super::why_state::holds;
use super::why_way::NAMED_MAX;
use crate::error::Result;
use crate::model::{Aggregation, AggregationFunction};
use crate::query::exec;
use crate::query::ir::{self, RuleExpr};
use crate::state::{EntityName, State};
use crate::value::{EntityId, Value, equal};

/// What an aggregation is computed of.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Contributions {
    /// What is computed of what, such as `max of tier over service`.
    pub function: String,
    /// How many entities of the blueprint that is aggregated are related.
    pub related: u64,
    /// How many of them the filter lets in.
    pub counted: u64,
    /// The first 20 of these, ascending by when they came into the catalog.
    pub first: Vec<Contribution>,
    /// The entity whose value it is, where it is that of one entity.
    pub deciding: Option<EntityName>,
}

/// One entity that an aggregation is computed of.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Contribution {
    /// Which.
    pub entity: EntityName,
    /// What is read of it; null where it is only counted.
    pub value: Value,
}

/// What an aggregation of an entity, whose value is given, is computed of. Costs one evaluation
/// of the filter for each related entity, and of the value for each that it lets in.
pub(super) fn contributions(
    state: &State,
    entity: EntityId,
    declared: &Aggregation,
    checked: &ir::Aggregation,
    value: &Value,
) -> Result<Contributions> {
    let related = related(state, entity, checked);
    let function = checked.function;
    let ordered = matches!(
        function,
        AggregationFunction::First | AggregationFunction::Last
    );
    let mut found = Contributions {
        function: text(declared),
        related: related.len(),
        counted: 0,
        first: Vec::new(),
        deciding: None,
    };
    let mut deciding: Option<(Value, EntityId)> = None;
    for id in related.iter().map(EntityId) {
        if let Some(filter) = &checked.filter
            && !holds(state, filter, id)?
        {
            continue;
        }
        found.counted += 1;
        let read = match &checked.value {
            Some(expr) => evaluate(state, expr, id)?,
            None => Value::Null,
        };
        let time = match &checked.time {
            Some(expr) if ordered => evaluate(state, expr, id)?,
            _ => Value::Null,
        };
        let better = |(known, _): &(Value, EntityId)| {
            (function == AggregationFunction::First && time < *known)
                || (function == AggregationFunction::Last && time > *known)
        };
        if decides(function, &read, value) && deciding.as_ref().is_none_or(better) {
            deciding = Some((time, id));
        }
        if found.first.len() < NAMED_MAX {
            found.first.push(Contribution {
                entity: EntityName::of(state, id),
                value: super::why::named(state, &read),
            });
        }
    }
    found.deciding = deciding.map(|(_, id)| EntityName::of(state, id));
    Ok(found)
}

/// Whether an entity can be the one whose value an aggregation has.
fn decides(function: AggregationFunction, read: &Value, value: &Value) -> bool {
    match function {
        AggregationFunction::Min
        | AggregationFunction::Max
        | AggregationFunction::First
        | AggregationFunction::Last => !read.is_null() && equal(read, value) == Some(true),
        AggregationFunction::Count
        | AggregationFunction::Sum
        | AggregationFunction::Average
        | AggregationFunction::AveragePer(_)
        | AggregationFunction::Median
        | AggregationFunction::Percentile(_)
        | AggregationFunction::DistinctCount => false,
    }
}

fn evaluate(state: &State, expr: &RuleExpr, id: EntityId) -> Result<Value> {
    match exec::evaluate(state, expr, id, state.time()) {
        Err(error) if is_data(error.kind()) => Ok(Value::Null),
        result => result,
    }
}

/// The entities of the blueprint that is aggregated to which any of the ways leads.
fn related(state: &State, entity: EntityId, aggregation: &ir::Aggregation) -> RoaringBitmap {
    let mut found = RoaringBitmap::new();
    for path in &aggregation.paths {
        let mut here = RoaringBitmap::from([entity.0]);
        for step in path {
            here = stepped(state, &here, *step, false);
        }
        found |= here;
    }
    let target = |id: &u32| {
        let entity = state.entity(EntityId(*id));
        entity.is_some_and(|entity| entity.blueprint() == aggregation.target)
    };
    found.iter().filter(target).collect()
}

/// What is computed of what, in the words of the declaration.
fn text(declared: &Aggregation) -> String {
    let json = declared.to_json("");
    let word = |key: &str| json.pointer(&format!("/calculationSpec/{key}"));
    let function = word("func").and_then(|word| word.as_str()).unwrap_or("");
    let mut text = match (
        word("percentile"),
        word("averageOf").and_then(|of| of.as_str()),
    ) {
        (Some(hundredths), _) => format!("{function} {hundredths}"),
        (None, Some(period)) if period != "total" => format!("{function} by {period}"),
        _ => function.to_owned(),
    };
    let property: Option<&Arc<str>> = declared.property.as_ref();
    if let Some(property) = property {
        text = format!("{text} of {property}");
    }
    format!("{text} over {}", declared.target)
}

impl fmt::Display for Contributions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            function,
            related,
            counted,
            ..
        } = self;
        write!(f, "{function}: {related} related, {counted} take part")?;
        if let Some(deciding) = &self.deciding {
            write!(f, ", {deciding} decides")?;
        }
        for contribution in &self.first {
            write!(f, "\n    {contribution}")?;
        }
        let shown = u64::try_from(self.first.len()).unwrap_or(u64::MAX);
        match counted.saturating_sub(shown) {
            0 => Ok(()),
            more => write!(f, "\n    and {more} more"),
        }
    }
}

impl fmt::Display for Contribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.entity)?;
        if self.value.is_null() {
            return Ok(());
        }
        write!(f, " with {}", brief(&self.value))
    }
}
