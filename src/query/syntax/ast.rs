//! The syntax tree of the query language: what was written, with its spans, nothing resolved.

use std::sync::Arc;

pub(crate) use super::operator::{Arithmetic, Comparison, Quantifier, Test};

use crate::error::Span;
use crate::value::Value;

/// A name as written, without its backticks.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) text: Arc<str>,
    pub(crate) span: Span,
}

/// One statement: an optional `EXPLAIN` or `PROFILE` and a query.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) prefix: Option<(Prefix, Span)>,
    pub(crate) query: Query,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefix {
    Explain,
    Profile,
}

/// `[AS OF ..] part [UNION part]*`; more than one part only with `UNION`.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) as_of: Option<Expr>,
    pub(crate) first: SingleQuery,
    pub(crate) unions: Vec<(Union, SingleQuery)>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Union {
    pub(crate) all: bool,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct SingleQuery {
    pub(crate) clauses: Vec<Clause>,
    /// Absent only in the body of a subquery.
    pub(crate) returns: Option<Projection>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Clause {
    pub(crate) kind: ClauseKind,
    /// The clause's keyword or keywords, for errors that name the clause.
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a query has few clauses")]
pub(crate) enum ClauseKind {
    Match(Match),
    Unwind {
        list: Expr,
        variable: Name,
    },
    For {
        variable: Name,
        list: Expr,
    },
    Let(Vec<(Name, Expr)>),
    Filter(Expr),
    With {
        projection: Projection,
        filter: Option<Expr>,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Match {
    pub(crate) optional: bool,
    /// `REPEATABLE ELEMENTS`: one relationship may be matched twice.
    pub(crate) repeatable: bool,
    pub(crate) paths: Vec<Path>,
    pub(crate) filter: Option<Expr>,
}

#[derive(Clone, Debug)]
pub(crate) struct Projection {
    pub(crate) distinct: bool,
    pub(crate) star: Option<Span>,
    pub(crate) items: Vec<ProjectionItem>,
    pub(crate) order: Vec<SortItem>,
    pub(crate) skip: Option<Expr>,
    pub(crate) limit: Option<Expr>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct ProjectionItem {
    pub(crate) expr: Expr,
    pub(crate) alias: Option<Name>,
    /// The expression as written: the column's name where there is no alias.
    pub(crate) text: Arc<str>,
}

#[derive(Clone, Debug)]
pub(crate) struct SortItem {
    pub(crate) expr: Expr,
    pub(crate) descending: bool,
    pub(crate) nulls_first: Option<bool>,
}

/// One comma-separated path of a pattern.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub(crate) variable: Option<Name>,
    /// `ANY`, `SHORTEST 3`, `TRAIL` .. as written, upper case, single spaces.
    pub(crate) prefix: Option<Name>,
    pub(crate) start: NodePattern,
    pub(crate) steps: Vec<(RelationPattern, NodePattern)>,
    /// A construct of the path that has no tree form yet (`shortestPath()` as an expression), named
    /// for the error, with its span.
    pub(crate) unsupported: Option<(&'static str, Span)>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct NodePattern {
    pub(crate) variable: Option<Name>,
    pub(crate) labels: Option<Labels>,
    /// `{name: value, ..}`
    pub(crate) properties: Vec<(Name, Expr)>,
    /// `$parameter` in the place of properties.
    pub(crate) properties_parameter: Option<Span>,
    pub(crate) filter: Option<Box<Expr>>,
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrow {
    Right,
    Left,
    Either,
}

#[derive(Clone, Debug)]
pub(crate) struct RelationPattern {
    pub(crate) arrow: Arrow,
    pub(crate) variable: Option<Name>,
    pub(crate) labels: Option<Labels>,
    pub(crate) hops: Option<Hops>,
    /// A path in parentheses that stands in the place of one relation; then there is nothing but
    /// this and a quantifier.
    pub(crate) group: Option<Box<Group>>,
    /// The span of a property map, which relations cannot have.
    pub(crate) properties: Option<Span>,
    pub(crate) filter: Option<Box<Expr>>,
    pub(crate) span: Span,
}

/// `((a)-[:r]->(b) WHERE ..)`
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) variable: Option<Name>,
    /// `TRAIL`, `WALK` .. in upper case.
    pub(crate) mode: Option<Name>,
    pub(crate) start: NodePattern,
    pub(crate) steps: Vec<(RelationPattern, NodePattern)>,
    pub(crate) filter: Option<Expr>,
    pub(crate) span: Span,
}

/// How often a relation is walked: `*`, `+`, `?`, `{2}`, `{1,}`, `[:r*1..3]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hops {
    pub(crate) min: u32,
    pub(crate) max: Option<u32>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum Labels {
    Any(Span),
    Name(Name),
    /// Never directly within another `Not`.
    Not(Box<Labels>),
    And(Vec<Labels>),
    Or(Vec<Labels>),
}

#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum ExprKind {
    Literal(Value),
    Parameter(Arc<str>),
    Variable(Arc<str>),
    List(Vec<Expr>),
    Map(Vec<(Name, Expr)>),
    /// `base.name`; a meta name keeps its `$`.
    Property(Box<Expr>, Name),
    Index(Box<Expr>, Box<Expr>),
    Slice(Box<Expr>, Option<Box<Expr>>, Option<Box<Expr>>),
    /// A map projection.
    Shape(Box<Expr>, Vec<ShapeItem>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    /// Two or more operands, flat.
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Xor(Vec<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    /// The negated forms (`NOT IN` ..) come wrapped in `Not`.
    Test(Test, Box<Expr>, Box<Expr>),
    Between {
        value: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
    },
    IsNull(Box<Expr>),
    IsEmpty(Box<Expr>),
    HasLabels(Box<Expr>, Labels),
    Case {
        operand: Option<Box<Expr>>,
        arms: Vec<(Vec<Expr>, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    /// A function or aggregate call; `filter` is `FILTER (WHERE ..)`.
    Call {
        name: Name,
        distinct: bool,
        arguments: Vec<Expr>,
        filter: Option<Box<Expr>>,
    },
    CountStar {
        filter: Option<Box<Expr>>,
    },
    Exists(Box<Subquery>),
    /// `COUNT { .. }`, `SUM { .. | value }` ..; `function` in lower case.
    Aggregate {
        function: Name,
        body: Box<Subquery>,
        distinct: bool,
        values: Vec<Expr>,
    },
    PatternPredicate(Box<Path>),
    Comprehension {
        variable: Name,
        list: Box<Expr>,
        filter: Option<Box<Expr>>,
        map: Option<Box<Expr>>,
    },
    PatternComprehension {
        path: Box<Path>,
        filter: Option<Box<Expr>>,
        map: Box<Expr>,
    },
    Quantified {
        quantifier: Quantifier,
        variable: Name,
        list: Box<Expr>,
        filter: Box<Expr>,
    },
    Reduce {
        accumulator: Name,
        start: Box<Expr>,
        variable: Name,
        list: Box<Expr>,
        step: Box<Expr>,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum ShapeItem {
    AllProperties,
    Property(Name),
    Entry(Name, Expr),
    Variable(Name),
}

/// The body of a subquery: a bare pattern with a filter, or a whole query.
#[derive(Clone, Debug)]
pub(crate) enum Subquery {
    Pattern {
        paths: Vec<Path>,
        filter: Option<Expr>,
    },
    /// One union fewer than parts.
    Query {
        parts: Vec<SingleQuery>,
        unions: Vec<Union>,
    },
}
