//! A derived property of a blueprint, compiled: how its values are computed and what they read.

use std::sync::Arc;

use super::aggregate::Aggregate;
use super::counter::Counters;
use super::mirror::Mirror;
use super::reads::{Inputs, inputs, reads_clock};
use super::row::Row;
use crate::error::Result;
use crate::model::{Calculation, Compiled, Model};
use crate::query::check;
use crate::query::ir::RuleExpr;
use crate::value::{BlueprintId, NameId};

/// A derived column of a blueprint.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) blueprint: BlueprintId,
    pub(super) output: Output,
    pub(super) kind: Kind,
    /// What a value depends on; of an aggregation, which entities it is computed over.
    pub(super) inputs: Inputs,
    pub(super) indexed: bool,
    /// Its number among what reads the clock, where it does.
    pub(super) clock: Option<u32>,
}

/// Where the values of a column are seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Output {
    Property(NameId),
    /// `$team`, inherited.
    Team,
    /// Nowhere but in conditions of the plan itself; the text of what is counted tells it apart.
    Hidden(Arc<str>),
}

#[derive(Debug)]
pub(super) enum Kind {
    Mirror(Mirror),
    Calculation(Row),
    Aggregation(Box<Aggregate>),
}

impl Column {
    pub(super) fn mirror(
        model: &Model,
        compiled: &Compiled,
        output: Output,
        mirror: Mirror,
    ) -> Self {
        let inputs = mirror.inputs(model, compiled.id);
        let indexed = mirror.is_indexed(model, &inputs);
        Self {
            blueprint: compiled.id,
            output,
            inputs,
            kind: Kind::Mirror(mirror),
            indexed,
            clock: None,
        }
    }

    pub(super) fn calculation(
        model: &Model,
        compiled: &Compiled,
        name: NameId,
        declared: &Calculation,
        counters: &mut Counters<'_>,
    ) -> Result<Self> {
        let rule = check::calculation(model, compiled.id, declared)?;
        let rule = counters.rewritten(compiled.id, &rule)?;
        let indexed = declared.is_indexed();
        Self::expression(model, compiled, Output::Property(name), rule, indexed)
    }

    pub(super) fn expression(
        model: &Model,
        compiled: &Compiled,
        output: Output,
        rule: RuleExpr,
        indexed: bool,
    ) -> Result<Self> {
        Ok(Self {
            blueprint: compiled.id,
            output,
            inputs: inputs(model, &rule.expr, compiled.id)?,
            kind: Kind::Calculation(Row::new(model, compiled, rule)),
            indexed,
            clock: None,
        })
    }

    pub(super) fn aggregation(output: Output, aggregate: Aggregate, indexed: bool) -> Self {
        Self {
            blueprint: aggregate.root,
            output,
            inputs: aggregate.links.clone(),
            kind: Kind::Aggregation(Box::new(aggregate)),
            indexed,
            clock: None,
        }
    }

    /// What the contributions to an aggregation depend on.
    pub(super) fn contribution(&self) -> &Inputs {
        match &self.kind {
            Kind::Mirror(_) | Kind::Calculation(_) => const { &Inputs::new() },
            Kind::Aggregation(aggregate) => &aggregate.contribution,
        }
    }

    pub(super) fn reads_clock(&self) -> bool {
        match &self.kind {
            Kind::Mirror(_) => false,
            Kind::Calculation(row) => reads_clock(&row.rule.expr),
            Kind::Aggregation(aggregate) => aggregate.reads_clock(),
        }
    }
}
