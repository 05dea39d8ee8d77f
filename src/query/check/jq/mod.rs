//! jq to typed expressions: the form of Port's calculation properties. jaq parses, nothing of it
//! runs.
//!
//! A filter of jq takes one value and yields any number of them. What yields exactly one becomes
//! an expression, anything else a generator; a calculation is the first output of its filter.

#[cfg(feature = "jq")]
mod assign;
#[cfg(feature = "jq")]
mod bind;
#[cfg(feature = "jq")]
mod build;
#[cfg(feature = "jq")]
mod call;
#[cfg(feature = "jq")]
mod clock;
#[cfg(feature = "jq")]
mod construct;
#[cfg(feature = "jq")]
mod operator;
#[cfg(feature = "jq")]
mod parse;
#[cfg(feature = "jq")]
mod path;
#[cfg(feature = "jq")]
mod refuse;
#[cfg(feature = "jq")]
mod regex;
#[cfg(feature = "jq")]
mod root;
#[cfg(feature = "jq")]
mod scan;
#[cfg(feature = "jq")]
mod slices;
#[cfg(feature = "jq")]
mod special;
#[cfg(all(test, feature = "jq"))]
mod tests;
#[cfg(feature = "jq")]
mod translate;

use crate::error::Result;
use crate::model::Model;
use crate::query::ir::RuleExpr;
use crate::value::BlueprintId;

/// The expression of a jq filter over an entity of a blueprint, `this`, as Port's JSON has it.
///
/// # Errors
/// `Syntax` where it is no jq, `Unsupported` at what has no translation, `Limit` where it is too
/// long or nests too deep; each with the text and where in it.
#[cfg(feature = "jq")]
pub(crate) fn expression(model: &Model, blueprint: BlueprintId, text: &str) -> Result<RuleExpr> {
    let root = root::Root::entity(model, blueprint);
    translate::translate(root, text).map_err(|error| error.with_text(text))
}

/// This build has no jq.
///
/// # Errors
/// `Unsupported`, always.
#[cfg(not(feature = "jq"))]
pub(crate) fn expression(_: &Model, _: BlueprintId, text: &str) -> Result<RuleExpr> {
    let span = crate::error::Span::new(0, text.len());
    let error = crate::error::Error::unsupported("jq in a build without the feature `jq`", span);
    Err(error
        .with_help("write the calculation as `expression`, or build with the feature `jq`")
        .with_text(text))
}
