//! The parser that pest derives from `grammar/query.pest`, and its rules.

use pest_derive::Parser;

/// The derive emits the `Rule` enum beside this type.
#[derive(Parser)]
#[grammar = "../grammar/query.pest"]
pub(super) struct QueryParser;

pub(super) type Pair<'t> = pest::iterators::Pair<'t, Rule>;
pub(super) type Pairs<'t> = pest::iterators::Pairs<'t, Rule>;
