//! `MATCH`: paths to nodes and hops, variables to slots, and every condition to a filter.
//!
//! It goes in two rounds. The first declares the nodes and hops of all clauses, so that the slots
//! of a query come before those of its subqueries; the second checks the conditions clause by
//! clause, with what is known of each variable at that point.

use std::sync::Arc;

use super::checker::{Binding, Checker};
use super::{blueprints, labels, narrow, refuse};
use crate::error::{Error, Result, Span};
use crate::query::ir::{
    Blueprints, Comparison, Direction, Expr, ExprKind, Hop, Match, Node, Range, Relations, Slot,
    Type,
};
use crate::query::syntax::ast;

/// A pattern and its condition as written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written<'a> {
    pub(super) paths: &'a [ast::Path],
    pub(super) filter: Option<&'a ast::Expr>,
    pub(super) repeatable: bool,
}

/// A pattern whose nodes and hops are declared and whose conditions are not yet checked.
#[derive(Debug)]
struct Declared<'a> {
    written: Written<'a>,
    nodes: Vec<Node>,
    hops: Vec<Hop>,
    /// Variables that the pattern introduces.
    variables: Vec<(Arc<str>, Slot)>,
    /// Where each node pattern stands among `nodes`.
    patterns: Vec<(usize, &'a ast::NodePattern)>,
}

impl Checker<'_> {
    /// Checks the patterns of one query or subquery; their variables stay in scope.
    pub(super) fn patterns(&mut self, written: &[Written<'_>]) -> Result<Vec<Match>> {
        let outside = self.mark();
        let mut declared = Vec::with_capacity(written.len());
        for pattern in written {
            let pattern = self.declare(*pattern)?;
            self.enter(&pattern);
            declared.push(pattern);
        }
        self.leave(outside);
        declared
            .into_iter()
            .map(|pattern| self.conditions(pattern))
            .collect()
    }

    /// Brings a pattern's variables into scope, with what the pattern says of them.
    fn enter(&mut self, pattern: &Declared<'_>) {
        for node in &pattern.nodes {
            self.set_blueprints(node.slot, &node.blueprints);
        }
        let new = pattern.variables.iter();
        self.scope
            .extend(new.map(|(name, slot)| (Arc::clone(name), Binding::Slot(*slot))));
    }

    fn declare<'a>(&mut self, written: Written<'a>) -> Result<Declared<'a>> {
        let (nodes, hops, variables, patterns) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut to = Declared {
            written,
            nodes,
            hops,
            variables,
            patterns,
        };
        for path in written.paths {
            refuse::path(path)?;
            let mut from = self.declare_node(&path.start, &mut to)?;
            for (relation, node) in &path.steps {
                let next = self.declare_node(node, &mut to)?;
                let hop = self.hop(relation, from, next)?;
                to.hops.push(hop);
                from = next;
            }
        }
        narrow::narrow(self.model, &mut to.nodes, &to.hops)?;
        if self.in_rule {
            refuse_apart(&to)?;
            narrow::list_relations(self.model, &to.nodes, &mut to.hops);
        }
        Ok(to)
    }

    fn declare_node<'a>(
        &mut self,
        pattern: &'a ast::NodePattern,
        to: &mut Declared<'a>,
    ) -> Result<usize> {
        refuse::node(pattern)?;
        let (slot, bound) = self.slot_of(pattern, to)?;
        let known = to.nodes.iter().position(|node| node.slot == slot);
        let at = known.unwrap_or(to.nodes.len());
        if known.is_none() {
            let set = self.place(slot).map(|place| place.blueprints.clone());
            let blueprints = set.unwrap_or(Blueprints::All);
            let span = pattern.span;
            to.nodes.push(Node {
                slot,
                blueprints,
                bound,
                span,
            });
        }
        to.patterns.push((at, pattern));
        if let (Some(labels), Some(node)) = (&pattern.labels, to.nodes.get_mut(at)) {
            let set = labels::blueprint_set(self.model, labels)?;
            let both = blueprints::intersect(&node.blueprints, &set);
            if blueprints::is_empty(&both) {
                return Err(self.no_common_label(&node.blueprints, &set, labels));
            }
            node.blueprints = both;
        }
        Ok(at)
    }

    fn no_common_label(
        &self,
        before: &Blueprints,
        set: &Blueprints,
        written: &ast::Labels,
    ) -> Error {
        let span = labels::span(written);
        let shown = |set| blueprints::shown(self.model, set).unwrap_or_default();
        if blueprints::is_empty(set) {
            return Error::syntax("no blueprint fits these labels", span)
                .with_help("an entity has one blueprint: write `a|b` for either");
        }
        let message = format!(
            "this is {} already and cannot be {}",
            shown(before),
            shown(set)
        );
        Error::syntax(message, span).with_help("an entity has one blueprint")
    }

    /// The slot of a node pattern, and whether something outside of the pattern binds it.
    fn slot_of(
        &mut self,
        pattern: &ast::NodePattern,
        to: &mut Declared<'_>,
    ) -> Result<(Slot, bool)> {
        let Some(name) = &pattern.variable else {
            return Ok((self.new_slot("".into(), pattern.span)?, false));
        };
        if let Some((_, slot)) = to.variables.iter().find(|(known, _)| **known == *name.text) {
            return Ok((*slot, false));
        }
        match self.lookup(&name.text) {
            Some(Binding::Slot(slot)) => Ok((*slot, true)),
            Some(Binding::Local { .. } | Binding::Column(..)) => {
                let what = format!("the list variable or column `{}` in a pattern", name.text);
                Err(Error::unsupported(what, name.span))
            }
            None => {
                let slot = self.new_slot(Arc::clone(&name.text), pattern.span)?;
                to.variables.push((Arc::clone(&name.text), slot));
                Ok((slot, false))
            }
        }
    }

    fn hop(&self, relation: &ast::RelationPattern, from: usize, to: usize) -> Result<Hop> {
        refuse::relation(relation)?;
        let relations = match &relation.labels {
            Some(labels) => labels::relation_set(self.model, labels)?,
            None => Relations::All,
        };
        let direction = match relation.arrow {
            ast::Arrow::Right => Direction::Outgoing,
            ast::Arrow::Left => Direction::Incoming,
            ast::Arrow::Either => Direction::Either,
        };
        let range = match &relation.hops {
            None => Range::ONE,
            Some(hops) => Range {
                min: hops.min,
                max: hops.max,
            },
        };
        if let (true, Some(hops)) = (self.in_rule, &relation.hops) {
            refuse::hops_in_rule(hops)?;
        }
        Ok(Hop {
            from,
            to,
            relations,
            direction,
            range,
            span: relation.span,
        })
    }

    fn conditions(&mut self, pattern: Declared<'_>) -> Result<Match> {
        self.enter(&pattern);
        let mut filters = Vec::new();
        for (at, node) in &pattern.patterns {
            if let Some(slot) = pattern.nodes.get(*at).map(|node| node.slot) {
                self.node_conditions(slot, node, &mut filters)?;
            }
        }
        if let Some(filter) = pattern.written.filter {
            push_conjuncts(self.condition(filter, "`WHERE`")?, &mut filters);
        }
        let (nodes, hops) = (pattern.nodes, pattern.hops);
        Ok(Match {
            nodes,
            hops,
            filters,
            repeatable: pattern.written.repeatable,
        })
    }

    fn node_conditions(
        &mut self,
        slot: Slot,
        node: &ast::NodePattern,
        to: &mut Vec<Expr>,
    ) -> Result<()> {
        for (name, value) in &node.properties {
            let base = self.slot_expr(slot, name.span);
            let property = self.member(base, name)?;
            let found = self.expression(value)?;
            let span = name.span.to(value.span);
            let found = (found, Some(value));
            to.push(self.comparison(Comparison::Equal, (property, None), found, span)?);
        }
        if let Some(filter) = &node.filter {
            let outer = self.implicit.replace(slot);
            let checked = self.condition(filter, "`WHERE`");
            self.implicit = outer;
            push_conjuncts(checked?, to);
        }
        Ok(())
    }
}

/// Takes the operands of an `AND` apart, however it is nested.
fn push_conjuncts(expr: Expr, to: &mut Vec<Expr>) {
    let mut todo = vec![expr];
    while let Some(expr) = todo.pop() {
        match expr.kind {
            ExprKind::And(operands) => todo.extend(operands.into_iter().rev()),
            kind => to.push(Expr { kind, ..expr }),
        }
    }
}

/// Refuses, in a rule, a pattern of which a part hangs on nothing that is bound.
fn refuse_apart(pattern: &Declared<'_>) -> Result<()> {
    let mut anchored: Vec<bool> = pattern.nodes.iter().map(|node| node.bound).collect();
    for _ in 0..pattern.nodes.len() {
        for hop in &pattern.hops {
            let ends = [hop.from, hop.to];
            if ends.iter().any(|end| anchored.get(*end) == Some(&true)) {
                for end in ends {
                    if let Some(anchored) = anchored.get_mut(end) {
                        *anchored = true;
                    }
                }
            }
        }
    }
    match pattern
        .nodes
        .iter()
        .zip(anchored)
        .find(|(_, anchored)| !anchored)
    {
        None => Ok(()),
        Some((node, _)) => Err(Error::unsupported(
            "a pattern apart from `this` in a rule",
            node.span,
        )
        .with_help("start the pattern at `(this)`")),
    }
}

/// A boolean expression.
pub(super) const fn boolean(kind: ExprKind, span: Span) -> Expr {
    Expr {
        kind,
        ty: Type::Boolean,
        span,
    }
}
