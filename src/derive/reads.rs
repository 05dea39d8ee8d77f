//! What an expression over one entity reads, and along which paths: found in its typed form.

use std::collections::{BTreeMap, BTreeSet};

use super::operands::operands;
use crate::error::{Error, Result, Span};
use crate::model::{Meta, Model, Relation, Target};
use crate::query::ir::{
    Blueprints, Direction, Expr, ExprKind, Hop, Match, Node, PathStep, Range, Read, Relations,
    Slot, Subquery,
};
use crate::value::{BlueprintId, NameId, ScorecardId};

/// A walk over more relations than this from one entity is refused in a rule.
const MAX_STEPS: usize = 8;
/// A variable of a rule that can be reached in more ways than this is refused.
const MAX_PLACES: usize = 64;
/// The functions that hand entities on without looking into them.
const HAND_ON: [&str; 6] = ["coalesce", "head", "last", "tail", "reverse", "size"];

/// One relation step away from an entity. `None` stands for every relation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step {
    pub(super) relations: Option<BTreeSet<NameId>>,
    pub(super) direction: Direction,
}

impl Step {
    fn new(relations: &Relations, direction: Direction) -> Self {
        let relations = match relations {
            Relations::All => None,
            Relations::Some(names) => Some(names.clone()),
        };
        Self {
            relations,
            direction,
        }
    }

    /// A step along one relation.
    pub(super) fn along(step: PathStep) -> Self {
        Self {
            relations: Some([step.relation].into()),
            direction: step.direction,
        }
    }

    /// A step from an entity to what it points to.
    pub(super) fn to(relation: NameId) -> Self {
        Self::along(PathStep {
            relation,
            direction: Direction::Outgoing,
        })
    }

    fn takes(&self, model: &Model, relation: &Relation) -> bool {
        let names = self.relations.as_ref();
        names.is_none_or(|names| {
            let id = model.names().id(&relation.name);
            id.is_some_and(|id| names.contains(&id))
        })
    }

    pub(super) fn reversed(&self) -> Self {
        let direction = match self.direction {
            Direction::Outgoing => Direction::Incoming,
            Direction::Incoming => Direction::Outgoing,
            Direction::Either => Direction::Either,
        };
        Self {
            relations: self.relations.clone(),
            direction,
        }
    }
}

/// Entities: those at the end of a path from `this`, of the blueprints that it can lead to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Place {
    pub(super) path: Vec<Step>,
    pub(super) blueprints: BTreeSet<BlueprintId>,
}

impl Place {
    /// `this` of a blueprint.
    pub(super) fn this(blueprint: BlueprintId) -> Self {
        Self {
            path: Vec::new(),
            blueprints: [blueprint].into(),
        }
    }

    /// Where one more step leads.
    pub(super) fn step(&self, model: &Model, step: Step) -> Self {
        let blueprints = reached(model, &self.blueprints, &step);
        let path = self.path.iter().cloned().chain([step]).collect();
        Self { path, blueprints }
    }
}

/// The blueprints that a step leads to from any of some blueprints.
fn reached(model: &Model, from: &BTreeSet<BlueprintId>, step: &Step) -> BTreeSet<BlueprintId> {
    let mut found = BTreeSet::new();
    if step.direction != Direction::Incoming {
        let here = from.iter().filter_map(|id| model.blueprint(*id));
        let relations = here.flat_map(|compiled| &compiled.blueprint.relations);
        for relation in relations.filter(|relation| step.takes(model, relation)) {
            found.extend(targets(model, &relation.target));
        }
    }
    if step.direction != Direction::Outgoing {
        let leads = |relation: &Relation| {
            let mut targets = from.iter().filter_map(|id| model.blueprint(*id));
            step.takes(model, relation)
                && targets.any(|target| relation.target.allows(&target.blueprint.identifier))
        };
        let sources = model.blueprints();
        let sources = sources.filter(|source| source.blueprint.relations.iter().any(leads));
        found.extend(sources.map(|source| source.id));
    }
    found
}

fn targets(model: &Model, target: &Target) -> Vec<BlueprintId> {
    match target {
        Target::Any => model.blueprints().map(|compiled| compiled.id).collect(),
        Target::Blueprints(names) => {
            let ids = names.iter().filter_map(|name| model.blueprint_id(name));
            ids.collect()
        }
    }
}

/// What is read of the entities at a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Input {
    Property(NameId),
    Meta(Meta),
    /// Which relations they have: the next step of a path.
    Links(Step),
    /// Anything: the entity is handed on whole.
    Everything,
    /// The level that a scorecard gives.
    Level(ScorecardId),
    /// Which rules of a scorecard pass.
    Rules(ScorecardId),
    /// A column that has no name.
    Column(usize),
}

/// Everything that an expression's value depends on.
pub(super) type Inputs = BTreeSet<(Place, Input)>;

/// Finds the inputs of an expression over an entity of a blueprint.
///
/// # Errors
/// `Unsupported` at what cannot be kept up to date yet.
pub(super) fn inputs(model: &Model, expr: &Expr, blueprint: BlueprintId) -> Result<Inputs> {
    let this = BTreeMap::from([(Slot(0), vec![Place::this(blueprint)])]);
    let mut collector = Collector {
        model,
        slots: this,
        locals: BTreeMap::new(),
        found: Inputs::new(),
    };
    collector.expr(expr)?;
    Ok(collector.found)
}

/// Walks an expression; the checker bounds its depth.
struct Collector<'m> {
    model: &'m Model,
    slots: BTreeMap<Slot, Vec<Place>>,
    locals: BTreeMap<u16, Vec<Place>>,
    found: Inputs,
}

impl Collector<'_> {
    /// Notes what an expression reads; gives the places of the entities it may yield, on their
    /// own or within lists.
    fn expr(&mut self, expr: &Expr) -> Result<Vec<Place>> {
        match &expr.kind {
            ExprKind::Slot(slot) => Ok(self.slots.get(slot).cloned().unwrap_or_default()),
            ExprKind::Local(local) => Ok(self.locals.get(local).cloned().unwrap_or_default()),
            ExprKind::Read { base, read } => self.read(base, read, expr.span),
            ExprKind::Exists(body) | ExprKind::Count(body, _) => {
                self.subquery(body)?;
                Ok(Vec::new())
            }
            ExprKind::Comprehension {
                local,
                list,
                filter,
                map,
            } => {
                let places = self.expr(list)?;
                self.locals.insert(*local, places.clone());
                if let Some(filter) = filter {
                    self.expr(filter)?;
                }
                map.as_ref().map_or(Ok(places), |map| self.expr(map))
            }
            ExprKind::Quantified {
                local,
                list,
                filter,
                ..
            } => {
                let places = self.expr(list)?;
                self.locals.insert(*local, places);
                self.expr(filter)?;
                Ok(Vec::new())
            }
            ExprKind::Let { local, value, body } => {
                let places = self.expr(value)?;
                self.locals.insert(*local, places);
                self.expr(body)
            }
            ExprKind::Reduce {
                accumulator,
                start,
                local,
                list,
                step,
            } => {
                let (mut held, each) = (self.expr(start)?, self.expr(list)?);
                held.extend(each.iter().cloned());
                self.locals.insert(*local, each);
                self.locals.insert(*accumulator, held.clone());
                held.append(&mut self.expr(step)?);
                bounded(held, expr.span)
            }
            ExprKind::Subquery(..) => Err(Error::unsupported("a whole query in a rule", expr.span)),
            ExprKind::Call(function, _) => {
                let places = self.operands(expr)?;
                if !HAND_ON.contains(&function.name) {
                    let whole = places
                        .iter()
                        .map(|place| (place.clone(), Input::Everything));
                    self.found.extend(whole);
                }
                Ok(places)
            }
            ExprKind::Parameter(_) => Err(Error::unsupported("a parameter in a rule", expr.span)),
            ExprKind::Aggregate(_) | ExprKind::Column(_) => {
                Err(Error::unsupported("an aggregate in a rule", expr.span))
            }
            ExprKind::Literal(_)
            | ExprKind::Key(..)
            | ExprKind::Index(..)
            | ExprKind::Slice(..)
            | ExprKind::List(_)
            | ExprKind::Map(_)
            | ExprKind::Not(_)
            | ExprKind::Negate(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Xor(_)
            | ExprKind::Compare(..)
            | ExprKind::Arithmetic(..)
            | ExprKind::Test(..)
            | ExprKind::IsNull(_)
            | ExprKind::IsEmpty(_)
            | ExprKind::IsBlueprint(..)
            | ExprKind::Case { .. }
            | ExprKind::Elapsed { .. }
            | ExprKind::Outputs(..) => self.operands(expr),
        }
    }

    fn operands(&mut self, expr: &Expr) -> Result<Vec<Place>> {
        let mut places = Vec::new();
        for operand in operands(expr) {
            places.append(&mut self.expr(operand)?);
        }
        bounded(places, expr.span)
    }

    fn read(&mut self, base: &Expr, read: &Read, span: Span) -> Result<Vec<Place>> {
        let places = self.expr(base)?;
        let input = match read {
            Read::Property(name) => Input::Property(*name),
            Read::Meta(meta) => Input::Meta(*meta),
            Read::Relation(name) => Input::Links(Step::to(*name)),
            Read::Level(scorecard) => Input::Level(*scorecard),
            Read::Rules(scorecard) | Read::RulePassed(scorecard, _) | Read::Score(scorecard) => {
                Input::Rules(*scorecard)
            }
            Read::Column(column) => Input::Column(*column as usize),
        };
        self.found
            .extend(places.iter().map(|place| (place.clone(), input.clone())));
        let Input::Links(step) = input else {
            return Ok(Vec::new());
        };
        let further: Vec<_> = places
            .iter()
            .map(|place| place.step(self.model, step.clone()))
            .collect();
        bounded(further, span)
    }

    fn subquery(&mut self, body: &Subquery) -> Result<()> {
        for pattern in &body.matches {
            for variable in pattern.nodes.iter().filter(|variable| !variable.bound) {
                self.slots.remove(&variable.slot);
            }
            self.pattern(pattern)?;
            for filter in &pattern.filters {
                self.expr(filter)?;
            }
        }
        Ok(())
    }

    /// Gives every variable of a pattern its places, by the hops of a spanning tree that grows
    /// from the variables already placed.
    ///
    /// One path to a variable is enough: whatever the pattern binds, it binds along that path
    /// too, so the path leads back from a changed entity to every `this` that it can matter to.
    fn pattern(&mut self, pattern: &Match) -> Result<()> {
        let mut open: Vec<&Hop> = pattern.hops.iter().collect();
        loop {
            let before = open.len();
            let mut left = Vec::new();
            for hop in open {
                if !self.hop(pattern, hop)? {
                    left.push(hop);
                }
            }
            open = left;
            if open.is_empty() || open.len() == before {
                break;
            }
        }
        match pattern
            .nodes
            .iter()
            .find(|variable| !self.slots.contains_key(&variable.slot))
        {
            None => Ok(()),
            Some(variable) => {
                let what = "a pattern that is not connected to `this` in a rule";
                Err(Error::unsupported(what, variable.span))
            }
        }
    }

    /// Walks one hop; false where neither end has a place yet.
    fn hop(&mut self, pattern: &Match, hop: &Hop) -> Result<bool> {
        let (Some(from), Some(to)) = (pattern.nodes.get(hop.from), pattern.nodes.get(hop.to))
        else {
            return Err(Error::internal("a hop without ends"));
        };
        let step = Step::new(&hop.relations, hop.direction);
        let (near, far, step) = match (self.slots.get(&from.slot), self.slots.get(&to.slot)) {
            (Some(near), _) => (near.clone(), to, step),
            (None, Some(near)) => (near.clone(), from, step.reversed()),
            (None, None) => return Ok(false),
        };
        let reached = self.walk(near, &step, hop, far)?;
        self.slots.entry(far.slot).or_insert(reached);
        Ok(true)
    }

    /// Notes the links of a walk and gives the places at its far end.
    fn walk(&mut self, near: Vec<Place>, step: &Step, hop: &Hop, far: &Node) -> Result<Vec<Place>> {
        let Range { min, max } = hop.range;
        let Some(max) = max.filter(|max| *max as usize <= MAX_STEPS) else {
            let what = format!("a walk of more than {MAX_STEPS} steps in a rule");
            return Err(Error::unsupported(what, hop.span));
        };
        let (mut here, mut reached) = (near, Vec::new());
        for length in 0..=max {
            if length >= min {
                reached.extend(here.iter().map(|place| Place {
                    path: place.path.clone(),
                    blueprints: match &far.blueprints {
                        Blueprints::All => place.blueprints.clone(),
                        Blueprints::Some(known) => &place.blueprints & known,
                    },
                }));
            }
            if length < max {
                let links = here
                    .iter()
                    .map(|place| (place.clone(), Input::Links(step.clone())));
                self.found.extend(links);
                let further = here.iter();
                here = further
                    .map(|place| place.step(self.model, step.clone()))
                    .collect();
            }
        }
        bounded(reached, hop.span)
    }
}

/// Keeps the number and the length of paths within what one commit can follow.
fn bounded(mut places: Vec<Place>, span: Span) -> Result<Vec<Place>> {
    places.sort_unstable();
    places.dedup();
    if places.len() > MAX_PLACES || places.iter().any(|place| place.path.len() > MAX_STEPS) {
        let what = format!("a walk of more than {MAX_STEPS} steps in a rule");
        return Err(Error::unsupported(what, span));
    }
    Ok(places)
}

/// Whether an expression reads the clock. The checker bounds its depth.
pub(super) fn reads_clock(expr: &Expr) -> bool {
    let of_body = |body: &Subquery| {
        let mut filters = body.matches.iter().flat_map(|pattern| &pattern.filters);
        filters.any(reads_clock)
    };
    match &expr.kind {
        ExprKind::Call(function, arguments) if function.reads_clock(arguments.len()) => true,
        ExprKind::Exists(body) | ExprKind::Count(body, _) => of_body(body),
        _ => operands(expr).into_iter().any(reads_clock),
    }
}
