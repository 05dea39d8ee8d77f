//! Clauses: what a query does to rows, one after the other.

use super::{Expr, Match, Projection, Slot};

/// Queries whose rows follow each other; most often one.
#[derive(Clone, Debug)]
pub(crate) struct Union {
    /// At least one; all have the same columns.
    pub(crate) parts: Vec<Part>,
    /// Whether each row is given once.
    pub(crate) distinct: bool,
}

/// Clauses and what is returned of their rows.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) clauses: Vec<Clause>,
    pub(crate) projection: Projection,
}

/// One step from rows to rows.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a query has few clauses")]
pub(crate) enum Clause {
    /// Patterns that are planned together; a row goes on once for every match.
    Match(Vec<Match>),
    /// A row without a match goes on once, with null for what the pattern binds.
    Optional {
        pattern: Match,
        binds: Scope,
    },
    /// A row goes on once for each element of a list.
    Unwind {
        local: u16,
        list: Expr,
    },
    Let {
        local: u16,
        value: Expr,
    },
    Filter(Expr),
    /// Rows of the projection's columns, each put into its place.
    With {
        projection: Projection,
        targets: Vec<Target>,
        filter: Option<Expr>,
    },
}

/// The place of a column in the rows of the next clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Slot(Slot),
    Local(u16),
}

/// Places of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) slots: Vec<Slot>,
    pub(crate) locals: Vec<u16>,
}
