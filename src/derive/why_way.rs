//! The way from an entity to what is read for it: the entities on it, and what last changed.

use std::fmt;
use std::sync::Arc;

use super::why_changed::{Changed, Past, Written};
use crate::error::Result;
use crate::model::{Declared, Meta, Ownership};
use crate::query::check;
use crate::query::ir::{Expr, ExprKind, Read, Slot};
use crate::state::{EntityName, Record, State};
use crate::value::{EntityId, NameId};

/// Of the entities that a step leads to, more are not named.
pub(super) const NAMED_MAX: usize = 20;
/// Derived values that read derived values are followed this far.
const DEPTH_MAX: u32 = 3;

/// One relation on the way from an entity to what is read; prints as `owner -> team/payments`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayStep {
    /// The relation.
    pub relation: Arc<str>,
    /// Where it leads, in order; no more than 20.
    pub entities: Vec<EntityName>,
    /// How many more there are.
    pub more: usize,
}

/// A walk that notes its steps and the last commit that changed anything on it.
pub(super) struct Walk<'a> {
    state: &'a State,
    past: &'a dyn Past,
    /// Where the walk is, each once.
    here: Vec<EntityId>,
    pub(super) steps: Vec<WayStep>,
    changed: Latest,
    depth: u32,
}

/// The latest of several changes; unknown where one of them is.
enum Latest {
    Unknown,
    Known(Option<Changed>),
}

impl Latest {
    fn see(&mut self, changed: Option<Changed>) {
        let Self::Known(latest) = self else { return };
        match changed {
            None => *self = Self::Unknown,
            Some(new) if latest.as_ref().is_none_or(|old| old.seq < new.seq) => *latest = Some(new),
            Some(_) => {}
        }
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(state: &'a State, past: &'a dyn Past, from: EntityId) -> Self {
        Self {
            state,
            past,
            here: vec![from],
            steps: Vec::new(),
            changed: Latest::Known(None),
            depth: 0,
        }
    }

    /// The last commit that changed anything of what was walked and read.
    pub(super) fn changed(self) -> (Vec<WayStep>, Option<Changed>) {
        let changed = match self.changed {
            Latest::Known(changed) => changed,
            Latest::Unknown => None,
        };
        (self.steps, changed)
    }

    /// The names of where the walk is, up to a bound, with how many more there are.
    pub(super) fn named(&self) -> (Vec<EntityName>, usize) {
        let name = |id: &EntityId| EntityName::of(self.state, *id);
        let names: Vec<_> = self.here.iter().take(NAMED_MAX).map(name).collect();
        let more = self.here.len() - names.len();
        (names, more)
    }

    /// Follows a path as expressions have them: reads, the first of them from `this`.
    pub(super) fn path(&mut self, path: &Expr) -> Result<()> {
        let (mut reads, mut base) = (Vec::new(), path);
        while let ExprKind::Read { base: inner, read } = &base.kind {
            reads.push(read);
            base = inner;
        }
        reads.into_iter().rev().try_for_each(|read| self.read(read))
    }

    fn read(&mut self, read: &Read) -> Result<()> {
        match read {
            Read::Relation(name) => self.step(*name),
            Read::Property(name) => self.property(*name),
            Read::Meta(meta) => self.meta(*meta),
            Read::Level(scorecard) => self.each(|past, id| past.result(*scorecard, None, id)),
            Read::RulePassed(scorecard, rule) => {
                self.each(|past, id| past.result(*scorecard, Some(*rule), id))
            }
            Read::Score(_) | Read::Rules(_) | Read::Column(_) => {
                self.changed.see(None);
                Ok(())
            }
        }
    }

    /// Goes along a relation.
    pub(super) fn step(&mut self, relation: NameId) -> Result<()> {
        self.each(|past, id| past.written(id, Written::Relation(relation)))?;
        let (mut next, mut seen) = (Vec::new(), roaring::RoaringBitmap::new());
        for entity in self.here.iter().filter_map(|id| self.state.entity(*id)) {
            let targets = entity.targets(relation);
            next.extend(targets.filter(|id| seen.insert(id.0)));
        }
        self.here = next;
        let (entities, more) = self.named();
        self.steps.push(WayStep {
            relation: self.state.model().names().shared(relation),
            entities,
            more,
        });
        Ok(())
    }

    /// Reads a property where the walk is. A mirror goes on along its own relations; of a
    /// calculation, what it reads counts; what an aggregation counts is too much to ask.
    pub(super) fn property(&mut self, name: NameId) -> Result<()> {
        let state = self.state;
        let text = state.model().names().text(name);
        let mut ends = Vec::new();
        for entity in self.here.iter().filter_map(|id| state.entity(*id)) {
            let compiled = state.model().blueprint(entity.blueprint());
            ends.push((
                entity,
                compiled.and_then(|compiled| compiled.declared(text)),
            ));
        }
        if let [(_, Some(Declared::Mirror(mirror)))] = ends.as_slice() {
            let names = state.model().names();
            for relation in mirror.relations.iter().filter_map(|name| names.id(name)) {
                self.step(relation)?;
            }
            return match Meta::named(&mirror.property) {
                Some(meta) => self.meta(meta),
                None => names
                    .id(&mirror.property)
                    .map_or(Ok(()), |end| self.deeper(end)),
            };
        }
        if ends.len() > NAMED_MAX {
            self.changed.see(None);
            return Ok(());
        }
        for (entity, declared) in ends {
            self.end(entity, name, declared)?;
        }
        Ok(())
    }

    /// Reads a property as part of a derived one.
    fn deeper(&mut self, name: NameId) -> Result<()> {
        if self.depth == DEPTH_MAX {
            self.changed.see(None);
            return Ok(());
        }
        self.depth += 1;
        let read = self.property(name);
        self.depth -= 1;
        read
    }

    fn end(
        &mut self,
        entity: Record<'_>,
        name: NameId,
        declared: Option<Declared<'_>>,
    ) -> Result<()> {
        match declared {
            Some(Declared::Property(_) | Declared::Relation(_)) => {
                let changed = self.past.written(entity.id, Written::Property(name))?;
                self.changed.see(changed);
            }
            Some(Declared::Mirror(_)) => {
                let mut aside = self.aside(entity.id);
                aside.property(name)?;
                let (_, changed) = aside.changed();
                self.changed.see(changed);
            }
            Some(Declared::Calculation(declared)) if self.depth < DEPTH_MAX => {
                let model = self.state.model();
                let checked = check::calculation(model, entity.blueprint(), declared)?;
                for path in paths(&checked.expr) {
                    let mut aside = self.aside(entity.id);
                    aside.path(path)?;
                    let (_, changed) = aside.changed();
                    self.changed.see(changed);
                }
            }
            Some(Declared::Calculation(_) | Declared::Aggregation(_)) => self.changed.see(None),
            // Null whatever happens.
            None => {}
        }
        Ok(())
    }

    /// A walk of its own from an entity, one step deeper.
    fn aside(&self, from: EntityId) -> Self {
        Self {
            depth: self.depth + 1,
            ..Self::new(self.state, self.past, from)
        }
    }

    /// Reads a meta-property where the walk is.
    pub(super) fn meta(&mut self, meta: Meta) -> Result<()> {
        if let (Meta::Team, [one]) = (meta, self.here.as_slice())
            && let Some(path) = inherited(self.state, *one)
        {
            for relation in path {
                self.step(relation)?;
            }
        }
        self.each(|past, id| past.written(id, Written::Meta(meta)))
    }

    /// Notes what last changed something of each entity where the walk is.
    fn each(
        &mut self,
        changed: impl Fn(&dyn Past, EntityId) -> Result<Option<Changed>>,
    ) -> Result<()> {
        if self.here.len() > NAMED_MAX {
            self.changed.see(None);
            return Ok(());
        }
        for id in &self.here {
            self.changed.see(changed(self.past, *id)?);
        }
        Ok(())
    }
}

/// The relations along which an entity inherits its teams, where it does.
pub(super) fn inherited(state: &State, id: EntityId) -> Option<Vec<NameId>> {
    let compiled = state.model().blueprint(state.entity(id)?.blueprint())?;
    let Some(Ownership::Inherited { path, .. }) = &compiled.blueprint.ownership else {
        return None;
    };
    let names = state.model().names();
    path.iter().map(|name| names.id(name)).collect()
}

/// What an expression reads along paths from `this`, and what it counts around it: each whole, in
/// the order in which they are written.
pub(super) fn read_parts(expr: &Expr) -> Vec<&Expr> {
    let mut parts = Vec::new();
    collect(expr, &mut parts);
    parts
}

fn paths(expr: &Expr) -> impl Iterator<Item = &Expr> {
    read_parts(expr).into_iter().filter(|part| is_path(part))
}

fn collect<'e>(expr: &'e Expr, parts: &mut Vec<&'e Expr>) {
    if matches!(expr.kind, ExprKind::Count(..)) || is_path(expr) {
        return parts.push(expr);
    }
    for operand in outer_operands(expr) {
        collect(operand, parts);
    }
}

/// Whether an expression is what is read along a path from `this`.
pub(super) fn is_path(mut expr: &Expr) -> bool {
    let mut read = false;
    while let ExprKind::Read { base, .. } = &expr.kind {
        (read, expr) = (true, base);
    }
    read && matches!(expr.kind, ExprKind::Slot(Slot(0)))
}

/// The operands that stand outside the scope of variables that the expression binds.
fn outer_operands(expr: &Expr) -> Vec<&Expr> {
    if let ExprKind::Comprehension { list, .. } | ExprKind::Quantified { list, .. } = &expr.kind {
        return vec![list];
    }
    super::operands::operands(expr)
}

impl fmt::Display for WayStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> ", self.relation)?;
        if self.entities.is_empty() {
            return f.write_str("nothing");
        }
        for (at, entity) in self.entities.iter().enumerate() {
            write!(f, "{}{entity}", if at == 0 { "" } else { ", " })?;
        }
        match self.more {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
