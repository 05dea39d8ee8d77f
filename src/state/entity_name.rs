//! An entity by the names that people know it by.

use std::fmt;
use std::sync::Arc;

use super::State;
use crate::value::EntityId;

/// An entity by the names that people know it by; prints as `blueprint/identifier`.
///
/// ```
/// use portolan::EntityName;
///
/// let name = EntityName { blueprint: "team".into(), identifier: "payments".into() };
/// assert_eq!(name.to_string(), "team/payments");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntityName {
    /// The blueprint's identifier.
    pub blueprint: Arc<str>,
    /// The entity's identifier.
    pub identifier: Arc<str>,
}

impl EntityName {
    /// The name of an entity of a version; empty for one that is not in it.
    pub(crate) fn of(state: &State, id: EntityId) -> Self {
        let entity = state.entity(id);
        let of = entity.and_then(|entity| state.model().blueprint(entity.blueprint()));
        Self {
            blueprint: of.map_or_else(Arc::default, |of| Arc::clone(&of.blueprint.identifier)),
            identifier: state.identifier(id).into(),
        }
    }
}

impl fmt::Display for EntityName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.blueprint, self.identifier)
    }
}
