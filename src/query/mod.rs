//! Text to rows: `syntax` (text to tree), `check` (tree to typed form), `plan`, `exec`.

pub(crate) mod check;
pub(crate) mod exec;
pub(crate) mod function;
pub(crate) mod ir;
pub(crate) mod plan;
pub(crate) mod syntax;

pub(crate) use check::statement;
pub(crate) use exec::{Answer, bind, columns, count, each, run};
pub use exec::{Cancel, Limits};
pub(crate) use ir::Query;
pub(crate) use syntax::ast::Prefix;
pub use syntax::{Class, highlight};
pub(crate) use syntax::{Expected, Kind, PropertyOf, expected};

/// Every function and aggregate with how it is called and what it does, for completion.
pub(crate) fn functions() -> impl Iterator<Item = (&'static str, Option<String>)> {
    let functions = function::all().map(|known| (known.name, known.signature, known.summary));
    let aggregates =
        function::all_aggregates().map(|known| (known.name, known.signature, known.summary));
    functions
        .chain(aggregates)
        .map(|(name, signature, summary)| (name, Some(format!("{signature}: {summary}"))))
}
