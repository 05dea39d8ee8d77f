//! The typed form of queries and expressions: every name resolved against the model.
//!
//! All front ends (query text, Port's JSON rules) come down to this; the planner, the executor
//! and the derivation engine read nothing else.

mod clause;
mod generator;
mod projection;
mod rate;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::function::Function;
pub(crate) use super::syntax::ast::{Arithmetic, Comparison, Quantifier, Test};
use crate::error::Span;
use crate::model::{AggregationFunction, Meta};
use crate::value::{BlueprintId, NameId, ScorecardId, Value};
pub(crate) use clause::{Clause, Part, Scope, Target, Union};
pub(crate) use generator::{Generator, Taken};
pub(crate) use projection::{Aggregate, Item, Projection, Sort};
pub(crate) use rate::{Rate, moves, rate};

/// The place of an entity variable in a row. Subqueries use places after those of the outer query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Slot(pub(crate) u16);

/// A checked query.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) prefix: Option<super::syntax::ast::Prefix>,
    /// How many places for entities a row has, subqueries included.
    pub(crate) slots: u16,
    /// The variable of each slot, for `explain`; anonymous ones are empty.
    pub(crate) slot_names: Vec<Arc<str>>,
    /// How many places for values a row has, the variables of list expressions included.
    pub(crate) locals: u16,
    /// The variable of each local, for `explain`.
    pub(crate) local_names: Vec<Arc<str>>,
    pub(crate) parameters: Vec<Arc<str>>,
    pub(crate) body: Union,
}

impl Query {
    /// The names of the columns, as written or given by `AS`.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &Arc<str>> {
        let first = self.body.parts.first();
        first
            .into_iter()
            .flat_map(|part| part.projection.items.iter().map(|item| &item.name))
    }
}

/// A checked expression over one entity, `this`, in slot 0.
#[derive(Clone, Debug)]
pub(crate) struct RuleExpr {
    pub(crate) expr: Expr,
    pub(crate) slots: u16,
    pub(crate) locals: u16,
}

/// A pattern with the conditions that must hold on what it binds.
#[derive(Clone, Debug)]
pub(crate) struct Match {
    pub(crate) nodes: Vec<Node>,
    pub(crate) hops: Vec<Hop>,
    /// Conjuncts: each must be true. Conditions on a single node stand here too.
    pub(crate) filters: Vec<Expr>,
    /// Whether one relationship may be bound by two hops.
    pub(crate) repeatable: bool,
    /// Bound nodes whose entity a value of the row is: it is put into their slot first.
    pub(crate) inputs: Vec<(Slot, Expr)>,
    /// What is kept of the way that was walked.
    pub(crate) paths: Vec<PathVariable>,
}

/// A path that a pattern gives a name: its hops in the order written. With none it is one node.
#[derive(Clone, Debug)]
pub(crate) struct PathVariable {
    pub(crate) local: u16,
    pub(crate) start: Slot,
    /// Indexes into `Match::hops`.
    pub(crate) hops: Vec<usize>,
    /// Which entities may come twice on the whole of it.
    pub(crate) mode: Mode,
}

/// An entity variable of a pattern. Every slot appears once in `nodes` of one match.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) slot: Slot,
    /// What the entity may be, after the labels and the relations around it.
    pub(crate) blueprints: Blueprints,
    /// Bound by an earlier clause or by the query around a subquery.
    pub(crate) bound: bool,
    pub(crate) span: Span,
}

/// A walk from one node to another.
#[derive(Clone, Debug)]
pub(crate) struct Hop {
    /// Indexes into `Match::nodes`, in the order written.
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) relations: Relations,
    pub(crate) direction: Direction,
    pub(crate) range: Range,
    /// Which walks the hop stands for.
    pub(crate) walks: Walks,
    /// The value of the relationship, or the list of them where the hop may be longer than one.
    pub(crate) variable: Option<u16>,
    /// The pattern that is walked over and over in the place of a relation.
    pub(crate) group: Option<Box<Group>>,
    pub(crate) span: Span,
}

/// A pattern that a hop repeats: each time it begins where the last time ended.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// With its first node bound, to go on from there.
    pub(crate) forward: Match,
    /// With its last node bound, to go back from there.
    pub(crate) backward: Match,
    pub(crate) start: Slot,
    pub(crate) end: Slot,
    /// The local of the path that one match is.
    pub(crate) path: u16,
    /// The lists of what each match found, by their locals.
    pub(crate) lists: Vec<(Target, u16)>,
    /// Whether the lists are all that tells one walk from another.
    pub(crate) only_lists: bool,
}

impl Hop {
    /// Whether the hop is one relationship, not a walk of any number of them.
    pub(crate) fn is_single(&self) -> bool {
        self.range == Range::ONE && self.walks == Walks::Set && self.group.is_none()
    }
}

/// Which of the walks between two entities a hop gives rows for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walks {
    /// None of them can be told from another: one row for each pair of ends.
    Set,
    /// Every walk of a mode.
    All(Mode),
    /// For each pair of ends so many of the shortest walks.
    Shortest(Count, Mode),
}

/// How many of the shortest walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    /// So many walks, shorter ones first.
    Walks(u32),
    /// All the walks of so many different lengths.
    Lengths(u32),
}

/// What may come twice on a walk (ISO GQL's path modes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Everything.
    Walk,
    /// Entities, but no relationship.
    Trail,
    /// Nothing.
    Acyclic,
    /// Nothing but the first entity as the last.
    Simple,
}

/// How often the relations are walked. `1..=1` is a plain hop; anything else denotes the set of
/// entities reached by some walk of such a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) min: u32,
    pub(crate) max: Option<u32>,
}

impl Range {
    pub(crate) const ONE: Self = Self {
        min: 1,
        max: Some(1),
    };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Direction {
    Outgoing,
    Incoming,
    Either,
}

/// A set of blueprints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Blueprints {
    /// Every blueprint of the model, also later ones.
    All,
    Some(BTreeSet<BlueprintId>),
}

/// A set of relation names; a name stands for the relations of that name of all blueprints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Relations {
    All,
    Some(BTreeSet<NameId>),
}

/// What the checker knows of an expression's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// Only known when it runs.
    Any,
    Null,
    Boolean,
    Number,
    String,
    Instant,
    Date,
    Duration,
    Level(ScorecardId),
    List(Box<Type>),
    Map,
    Entity(Blueprints),
    Relation,
    Path,
}

#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) ty: Type,
    pub(crate) span: Span,
}

/// What is read from an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    Meta(Meta),
    /// A stored or derived property, by name: which of them is the entity's blueprint's matter.
    Property(NameId),
    /// The entities related: one or null for a single relation, a list for a many relation.
    Relation(NameId),
    /// The level that a scorecard gives; null where its filter leaves the entity out.
    Level(ScorecardId),
    /// The rules of a scorecard: a list of `{identifier, title, level, passed}`.
    Rules(ScorecardId),
    /// Whether one rule (by its place in the scorecard) passes.
    RulePassed(ScorecardId, u16),
    /// The weight of the rules that pass as hundredths of all; null where the scorecard's filter
    /// leaves the entity out.
    Score(ScorecardId),
    /// A column that the derivation engine keeps for itself, by number.
    Column(u32),
}

/// A checked aggregation property: what is computed over which related entities.
#[derive(Clone, Debug)]
pub(crate) struct Aggregation {
    /// The blueprint of the entities that are aggregated.
    pub(crate) target: BlueprintId,
    /// The ways from the entity that has the property to them, at least one. Together they give a
    /// set: an entity that several ways lead to counts once.
    pub(crate) paths: Vec<Vec<PathStep>>,
    /// Which of them take part, over the aggregated entity as `this`.
    pub(crate) filter: Option<RuleExpr>,
    /// What is computed of them, over the aggregated entity; `None` where they are counted.
    pub(crate) value: Option<RuleExpr>,
    /// The point in time of each, for functions that order by it or spread over it.
    pub(crate) time: Option<RuleExpr>,
    pub(crate) function: AggregationFunction,
}

/// One relation walked in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PathStep {
    pub(crate) relation: NameId,
    pub(crate) direction: Direction,
}

#[derive(Clone, Debug)]
pub(crate) enum ExprKind {
    Literal(Value),
    /// Index into `Query::parameters`.
    Parameter(u16),
    Slot(Slot),
    Local(u16),
    /// Read from the entity that `base` yields. Over a list (of entities), from each: results in
    /// order, lists flattened, nulls dropped, entities without duplicates. Of null: null.
    Read {
        base: Box<Expr>,
        read: Read,
    },
    /// A key of a map value; what a name means on a value whose kind only shows when it runs.
    Key(Box<Expr>, Arc<str>),
    Index(Box<Expr>, Box<Expr>),
    Slice(Box<Expr>, Option<Box<Expr>>, Option<Box<Expr>>),
    List(Vec<Expr>),
    Map(Vec<(Arc<str>, Expr)>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Xor(Vec<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    Test(Test, Box<Expr>, Box<Expr>),
    IsNull(Box<Expr>),
    IsEmpty(Box<Expr>),
    IsBlueprint(Box<Expr>, Blueprints),
    Case {
        arms: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    Call(&'static Function, Vec<Expr>),
    Comprehension {
        local: u16,
        list: Box<Expr>,
        filter: Option<Box<Expr>>,
        map: Option<Box<Expr>>,
    },
    Quantified {
        quantifier: Quantifier,
        local: u16,
        list: Box<Expr>,
        filter: Box<Expr>,
    },
    /// How many whole units of so many microseconds lie between two points in time; rounded down.
    #[cfg_attr(not(feature = "jq"), expect(dead_code, reason = "only jq asks for it"))]
    Elapsed {
        from: Box<Expr>,
        to: Box<Expr>,
        unit: i64,
    },
    /// What a generator yields: its first output, null where it has none, or a list of all.
    #[cfg_attr(not(feature = "jq"), expect(dead_code, reason = "only jq asks for it"))]
    Outputs(Taken, Box<Generator>),
    /// A value put into a local for one expression.
    Let {
        local: u16,
        value: Box<Expr>,
        body: Box<Expr>,
    },
    /// The last value of `accumulator` after `step` was computed for each element of a list.
    Reduce {
        accumulator: u16,
        start: Box<Expr>,
        local: u16,
        list: Box<Expr>,
        step: Box<Expr>,
    },
    Exists(Box<Subquery>),
    /// How many rows the subquery has, or how many distinct entities in one slot.
    Count(Box<Subquery>, Option<Slot>),
    /// A whole query over the row at hand.
    Subquery(Taking, Box<Union>),
    /// An aggregate of the projection, by index; only inside projection items and sort keys.
    Aggregate(usize),
    /// A column of the projection, by index; only in sort keys and beside aggregates.
    Column(usize),
}

/// What an expression takes of the rows of a whole query.
#[derive(Clone, Debug)]
pub(crate) enum Taking {
    /// Whether there is one.
    Exists,
    /// How many there are.
    Count,
    /// The first column of each, nulls included.
    List,
    /// An aggregate of their first column.
    Fold(&'static super::function::AggregateFunction, bool),
}

/// The body of most `EXISTS` and `COUNT`: patterns joined on shared slots.
#[derive(Clone, Debug)]
pub(crate) struct Subquery {
    pub(crate) matches: Vec<Match>,
}
