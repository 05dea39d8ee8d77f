//! What owners declare: blueprints and scorecards; pure data, no I/O; JSON forms; validation.

mod blueprint;
mod catalog_model;
mod change;
mod compiled;
mod definition;
mod format;
mod identifier;
mod json;
mod limits;
mod meta;
mod mirror;
mod mirror_order;
mod ownership;
mod problem;
mod property;
mod property_type;
mod references;
mod relation;
mod rule;
mod rule_test;
mod schema;
mod scorecard;
#[cfg(test)]
mod tests;

pub use crate::value::{BlueprintId, NameId, Names, ScorecardId};
pub use blueprint::Blueprint;
pub use catalog_model::{Model, ModelChange};
pub use compiled::{Compiled, Declared};
pub(crate) use identifier::check_entity_identifier;
pub use meta::Meta;
pub use mirror::Mirror;
pub use ownership::Ownership;
pub use property::Property;
pub use property_type::{Format, PropertyType};
pub use relation::{Relation, Target};
pub use rule::Rule;
pub use rule_test::{Combinator, Condition, Conditions, RuleTest};
pub(crate) use schema::EntitySchema;
pub use scorecard::{Scorecard, ScorecardLevel};
