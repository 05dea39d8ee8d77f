//! `EXISTS` and `COUNT` over simple patterns become counters: aggregations that the plan keeps for
//! itself, so that a change costs one contribution and not the whole pattern.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::aggregate::{Aggregate, Way};
use super::column::{Column, Output};
use super::operands::operands_mut;
use super::reads::{Place, Step};
use super::render::render;
use crate::error::Result;
use crate::model::{AggregationFunction, Model};
use crate::query::ir::{
    self, Blueprints, Comparison, Direction, Expr, ExprKind, Hop, Match, Node, PathStep, Range,
    Read, Relations, RuleExpr, Slot, Subquery, Type,
};
use crate::value::{BlueprintId, Value};

/// The counters of a model, made as expressions ask for them.
pub(super) struct Counters<'m> {
    model: &'m Model,
    /// The number that the next counter's column gets.
    next: usize,
    columns: Vec<Column>,
    known: BTreeMap<(BlueprintId, Arc<str>), usize>,
}

impl<'m> Counters<'m> {
    /// Counters whose columns come after so many others.
    pub(super) const fn new(model: &'m Model, first: usize) -> Self {
        Self {
            model,
            next: first,
            columns: Vec::new(),
            known: BTreeMap::new(),
        }
    }

    /// Hands out the columns of all counters; no new ones come after that.
    pub(super) fn columns(&mut self) -> Vec<Column> {
        std::mem::take(&mut self.columns)
    }

    /// The expression with counters in place of what they count. The checker bounds its depth.
    pub(super) fn rewritten(
        &mut self,
        blueprint: BlueprintId,
        rule: &RuleExpr,
    ) -> Result<RuleExpr> {
        let mut rule = rule.clone();
        let locals = rule.locals;
        self.rewrite(blueprint, &mut rule.expr, locals)?;
        Ok(rule)
    }

    fn rewrite(&mut self, blueprint: BlueprintId, expr: &mut Expr, locals: u16) -> Result<()> {
        let counted = match &expr.kind {
            ExprKind::Exists(body) => self.counter(blueprint, body, Counted::Any, locals)?,
            ExprKind::Count(body, None) => self.counter(blueprint, body, Counted::Rows, locals)?,
            ExprKind::Count(body, Some(slot)) => {
                self.counter(blueprint, body, Counted::Distinct(*slot), locals)?
            }
            _ => {
                for operand in operands_mut(expr) {
                    self.rewrite(blueprint, operand, locals)?;
                }
                return Ok(());
            }
        };
        let Some(column) = counted.and_then(|column| u32::try_from(column).ok()) else {
            return Ok(());
        };
        let span = expr.span;
        let of = |kind, ty| Expr { kind, ty, span };
        let base = Box::new(of(
            ExprKind::Slot(Slot(0)),
            Type::Entity(Blueprints::Some([blueprint].into())),
        ));
        let read = Read::Column(column);
        let count = of(ExprKind::Read { base, read }, Type::Number);
        *expr = if matches!(expr.kind, ExprKind::Exists(_)) {
            let nothing = of(ExprKind::Literal(Value::Int(0)), Type::Number);
            let kind = ExprKind::Compare(Comparison::Greater, Box::new(count), Box::new(nothing));
            of(kind, Type::Boolean)
        } else {
            count
        };
        Ok(())
    }

    /// The column that counts what a subquery matches; `None` where it has to be evaluated whole.
    fn counter(
        &mut self,
        blueprint: BlueprintId,
        body: &Subquery,
        counted: Counted,
        locals: u16,
    ) -> Result<Option<usize>> {
        let Some(checked) = self.aggregation(blueprint, body, counted, locals) else {
            return Ok(None);
        };
        let distinct = !matches!(counted, Counted::Rows);
        let single = checked.paths.iter().all(|path| path.len() == 1);
        let aggregate = Aggregate::new(self.model, blueprint, checked)?;
        // Along single relations there is one way to each entity, so rows and entities are as many.
        if !(distinct || single || matches!(aggregate.way, Way::Up(_))) {
            return Ok(None);
        }
        let of_kind = Expr {
            kind: ExprKind::Count(Box::new(body.clone()), None),
            ty: Type::Number,
            span: crate::error::Span::default(),
        };
        let text: Arc<str> = render(self.model, &of_kind).into();
        let next = self.next;
        let column = *self
            .known
            .entry((blueprint, Arc::clone(&text)))
            .or_insert(next);
        if column == next {
            self.next += 1;
            let output = Output::Hidden(text);
            self.columns
                .push(Column::aggregation(output, aggregate, false));
        }
        Ok(Some(column))
    }

    /// A pattern that is one way from `this` to entities of one blueprint, with conditions on
    /// those alone.
    fn aggregation(
        &self,
        blueprint: BlueprintId,
        body: &Subquery,
        counted: Counted,
        locals: u16,
    ) -> Option<ir::Aggregation> {
        let [pattern] = body.matches.as_slice() else {
            return None;
        };
        let (path, end) = way(pattern)?;
        if !pattern.repeatable && repeats(&path) {
            return None;
        }
        let mut place = Place::this(blueprint);
        for (step, variable) in &path {
            place = place.step(self.model, Step::along(*step));
            let fits = match &variable.blueprints {
                Blueprints::All => true,
                Blueprints::Some(known) => place.blueprints.is_subset(known),
            };
            if variable.slot != end.slot && !fits {
                return None;
            }
        }
        let ends: BTreeSet<BlueprintId> = match &end.blueprints {
            Blueprints::All => place.blueprints,
            Blueprints::Some(known) => &place.blueprints & known,
        };
        let target = ends.first().copied().filter(|_| ends.len() == 1)?;
        if let Counted::Distinct(slot) = counted
            && slot != end.slot
        {
            return None;
        }
        let mut filters = pattern.filters.clone();
        for filter in &mut filters {
            if !moved(filter, end.slot) {
                return None;
            }
        }
        let filter = (!filters.is_empty()).then_some(RuleExpr {
            expr: Expr {
                kind: ExprKind::And(filters),
                ty: Type::Boolean,
                span: end.span,
            },
            slots: 1,
            locals,
        });
        Some(ir::Aggregation {
            target,
            paths: vec![path.iter().map(|(step, _)| *step).collect()],
            filter,
            value: None,
            time: None,
            function: AggregationFunction::Count,
        })
    }
}

/// What is counted of a pattern.
#[derive(Clone, Copy)]
enum Counted {
    /// Whether there is anything.
    Any,
    Rows,
    Distinct(Slot),
}

/// The steps of a pattern that is one chain of single hops from `this`, each with the variable
/// that it leads to, and the last of those.
fn way(pattern: &Match) -> Option<(Vec<(PathStep, &Node)>, &Node)> {
    if pattern.nodes.len() != pattern.hops.len() + 1 {
        return None;
    }
    let mut here = pattern
        .nodes
        .iter()
        .position(|variable| variable.slot == Slot(0))?;
    let mut open: Vec<&Hop> = pattern.hops.iter().collect();
    let mut path = Vec::new();
    while !open.is_empty() {
        let at = open
            .iter()
            .position(|hop| hop.from == here || hop.to == here)?;
        let hop = open.swap_remove(at);
        let Relations::Some(relations) = &hop.relations else {
            return None;
        };
        let relation = relations
            .first()
            .copied()
            .filter(|_| relations.len() == 1)?;
        let forward = hop.from == here;
        let direction = match (hop.direction, forward) {
            (Direction::Either, _) => return None,
            (direction, true) => direction,
            (Direction::Outgoing, false) => Direction::Incoming,
            (Direction::Incoming, false) => Direction::Outgoing,
        };
        here = if forward { hop.to } else { hop.from };
        let variable = pattern.nodes.get(here)?;
        if hop.range != Range::ONE || variable.bound || variable.slot == Slot(0) {
            return None;
        }
        path.push((
            PathStep {
                relation,
                direction,
            },
            variable,
        ));
    }
    let (_, end) = path.last().copied()?;
    Some((path, end))
}

/// Whether two hops could bind the same relationship, which a pattern forbids.
fn repeats(path: &[(PathStep, &Node)]) -> bool {
    let relations: BTreeSet<_> = path.iter().map(|(step, _)| step.relation).collect();
    relations.len() < path.len()
}

/// Makes a variable `this`; false where the expression reads another one.
fn moved(expr: &mut Expr, from: Slot) -> bool {
    if let ExprKind::Slot(slot) = &mut expr.kind {
        let is = *slot == from;
        *slot = Slot(0);
        return is;
    }
    if matches!(
        expr.kind,
        ExprKind::Exists(_) | ExprKind::Count(..) | ExprKind::Outputs(..)
    ) {
        return false;
    }
    operands_mut(expr)
        .into_iter()
        .all(|operand| moved(operand, from))
}
