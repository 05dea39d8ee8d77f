//! `MATCH`: paths to nodes and hops, variables to slots, and every condition to a filter.
//!
//! It goes in two rounds. The first declares the nodes and hops of all clauses, so that the slots
//! of a query come before those of its subqueries; the second checks the conditions clause by
//! clause, with what is known of each variable at that point.

use std::sync::Arc;

use super::checker::{Binding, Checker};
use super::path_pattern::{self, Selector};
use super::{blueprints, labels, narrow, refuse, types};
use crate::error::{Error, Result, Span};
use crate::query::ir::{
    Blueprints, Comparison, Direction, Expr, ExprKind, Hop, Match, Node, PathVariable, Range,
    Relations, Slot, Type, Walks,
};
use crate::query::syntax::ast::{self, Name};

/// A pattern and its condition as written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written<'a> {
    pub(super) paths: &'a [ast::Path],
    pub(super) filter: Option<&'a ast::Expr>,
    pub(super) repeatable: bool,
}

impl<'a> Written<'a> {
    pub(super) fn of(pattern: &'a ast::Match) -> Self {
        Self {
            paths: &pattern.paths,
            filter: pattern.filter.as_ref(),
            repeatable: pattern.repeatable,
        }
    }
}

/// A pattern whose nodes and hops are declared and whose conditions are not yet checked.
#[derive(Debug)]
pub(super) struct Declared<'a> {
    written: Written<'a>,
    nodes: Vec<Node>,
    pub(super) hops: Vec<Hop>,
    /// Entity variables that the pattern introduces.
    variables: Vec<(Arc<str>, Slot)>,
    /// Variables of relations and paths that it introduces.
    pub(super) values: Vec<(Arc<str>, u16, Type)>,
    /// Nodes that are a value of the row.
    inputs: Vec<(Arc<str>, Slot, Expr)>,
    pub(super) paths: Vec<PathVariable>,
    /// Relations and paths that must be those that a variable holds already.
    pub(super) same: Vec<Expr>,
    /// Where each node pattern stands among `nodes`.
    patterns: Vec<(usize, &'a ast::NodePattern)>,
}

impl Declared<'_> {
    /// Whether the pattern uses a name already.
    pub(super) fn knows(&self, name: &str) -> bool {
        let entities = self.variables.iter().map(|(known, _)| known);
        let inputs = self.inputs.iter().map(|(known, ..)| known);
        let values = self.values.iter().map(|(known, ..)| known);
        entities
            .chain(inputs)
            .chain(values)
            .any(|known| **known == *name)
    }
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
        for (name, local, ty) in &pattern.values {
            let (local, ty) = (*local, ty.clone());
            self.scope
                .push((Arc::clone(name), Binding::Value { local, ty }));
        }
    }

    fn declare<'a>(&mut self, written: Written<'a>) -> Result<Declared<'a>> {
        let mut to = Declared {
            written,
            nodes: Vec::new(),
            hops: Vec::new(),
            variables: Vec::new(),
            values: Vec::new(),
            inputs: Vec::new(),
            paths: Vec::new(),
            same: Vec::new(),
            patterns: Vec::new(),
        };
        for path in written.paths {
            refuse::path(path)?;
            if self.in_rule {
                refuse::path_in_rule(path)?;
            }
            let selector = path_pattern::selector(path)?;
            let (first, start) = (to.hops.len(), self.declare_node(&path.start, &mut to)?);
            let mut from = start;
            for (relation, node) in &path.steps {
                let next = self.declare_node(node, &mut to)?;
                let hop = match &relation.group {
                    Some(group) => {
                        let hops = (from, next, relation.hops.as_ref());
                        self.group_hop(group, hops, selector, &mut to)?
                    }
                    None => self.hop(relation, (from, next), selector, &mut to)?,
                };
                to.hops.push(hop);
                from = next;
            }
            if let Some(start) = to.nodes.get(start) {
                let (start, hops) = (start.slot, (first..to.hops.len()).collect());
                match &path.variable {
                    Some(name) => self.path_variable(name, (start, hops), selector, &mut to)?,
                    None => self.unnamed_path(path, (start, hops), selector, &mut to)?,
                }
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
        if let Some((_, slot, _)) = to.inputs.iter().find(|(known, ..)| **known == *name.text) {
            return Ok((*slot, true));
        }
        if let Some((_, _, ty)) = to.values.iter().find(|(known, ..)| **known == *name.text) {
            return Err(no_entity(name, ty));
        }
        match self.lookup(&name.text).cloned() {
            Some(Binding::Slot(slot)) => Ok((slot, true)),
            Some(
                Binding::Value { local, ty }
                | Binding::Local {
                    index: local, ty, ..
                },
            ) => {
                if !matches!(ty, Type::Entity(_)) && !types::is_open(&ty) {
                    return Err(no_entity(name, &ty));
                }
                if self.in_rule {
                    let what = format!("the list variable `{}` in a pattern", name.text);
                    return Err(Error::unsupported(what, name.span));
                }
                let slot = self.new_slot(Arc::clone(&name.text), pattern.span)?;
                if let Type::Entity(set) = &ty {
                    self.set_blueprints(slot, set);
                }
                let value = Expr {
                    kind: ExprKind::Local(local),
                    ty,
                    span: name.span,
                };
                to.inputs.push((Arc::clone(&name.text), slot, value));
                Ok((slot, true))
            }
            Some(Binding::Column(..)) => {
                let what = format!("the column `{}` in a pattern", name.text);
                Err(Error::unsupported(what, name.span))
            }
            None => {
                let slot = self.new_slot(Arc::clone(&name.text), pattern.span)?;
                to.variables.push((Arc::clone(&name.text), slot));
                Ok((slot, false))
            }
        }
    }

    fn hop(
        &mut self,
        relation: &ast::RelationPattern,
        (from, to): (usize, usize),
        selector: Option<Selector>,
        pattern: &mut Declared<'_>,
    ) -> Result<Hop> {
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
        let named = relation.variable.as_ref();
        let variable = named
            .map(|name| self.relation_variable(name, relation.hops.is_some(), pattern))
            .transpose()?;
        Ok(Hop {
            from,
            to,
            relations,
            direction,
            range,
            walks: Walks::Set,
            variable,
            group: None,
            span: relation.span,
        }
        .walking(relation.hops.is_some(), selector))
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
        let relations = pattern.written.paths.iter().flat_map(|path| &path.steps);
        for filter in relations.filter_map(|(relation, _)| relation.filter.as_ref()) {
            push_conjuncts(self.condition(filter, "`WHERE`")?, &mut filters);
        }
        filters.extend(pattern.same);
        let new = pattern.nodes.iter().filter(|node| !node.bound);
        self.rows.slots.extend(new.map(|node| node.slot));
        self.rows
            .locals
            .extend(pattern.values.iter().map(|(_, local, _)| *local));
        let inputs = pattern
            .inputs
            .into_iter()
            .map(|(_, slot, value)| (slot, value));
        Ok(Match {
            nodes: pattern.nodes,
            hops: pattern.hops,
            filters,
            repeatable: pattern.written.repeatable,
            inputs: inputs.collect(),
            paths: pattern.paths,
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

pub(super) fn no_entity(name: &Name, ty: &Type) -> Error {
    let message = format!(
        "`{}` is {} and cannot stand here",
        name.text,
        types::described(ty)
    );
    Error::syntax(message, name.span).with_help("choose another name for what the pattern finds")
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
