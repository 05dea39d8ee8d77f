//! What changed on one entity, as the inputs that mirrors and atoms read.

use crate::model::Meta;
use crate::state::{Change, Entity, Targets};
use crate::value::{EntityId, NameId, Value};

/// One change that triggers listen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    Property(NameId),
    Meta(Meta),
    /// The targets of a relation, or their order.
    Outgoing(NameId),
    /// The entity became, or ceased to be, the target of a relation.
    Incoming(NameId),
}

type Equal = fn(&Entity, &Entity) -> bool;

/// How each meta-property that can change is compared.
const METAS: [(Meta, Equal); 8] = [
    (Meta::Identifier, |a, b| a.identifier == b.identifier),
    (Meta::Title, |a, b| a.title == b.title),
    (Meta::Icon, |a, b| a.icon == b.icon),
    (Meta::Team, |a, b| a.team == b.team),
    (Meta::CreatedAt, |a, b| a.created_at == b.created_at),
    (Meta::UpdatedAt, |a, b| a.updated_at == b.updated_at),
    (Meta::CreatedBy, |a, b| a.created_by == b.created_by),
    (Meta::UpdatedBy, |a, b| a.updated_by == b.updated_by),
];

/// Reports every event of one change with the entity that it is at. Of an entity that is created
/// or deleted, only what it does to its targets is reported: whoever could have seen anything
/// else of it saw it through a link that is new or gone, which is reported itself.
pub(super) fn events(change: &Change, mut report: impl FnMut(EntityId, Event)) {
    let (before, after) = (change.before.as_deref(), change.after.as_deref());
    if let (Some(before), Some(after)) = (before, after) {
        for (name, _, _) in differing(&before.properties, &after.properties, same) {
            report(change.id, Event::Property(name));
        }
        for (meta, _) in METAS.iter().filter(|(_, equal)| !equal(before, after)) {
            report(change.id, Event::Meta(*meta));
        }
    }
    for (name, before, after) in differing(relations(before), relations(after), Targets::eq) {
        if change.before.is_some() && change.after.is_some() {
            report(change.id, Event::Outgoing(name));
        }
        let (before, after) = (before.map_or(&[][..], |t| t), after.map_or(&[][..], |t| t));
        for target in gone(before, after).into_iter().chain(gone(after, before)) {
            report(target, Event::Incoming(name));
        }
    }
}

fn relations(entity: Option<&Entity>) -> &[(NameId, Targets)] {
    entity.map_or(&[], |entity| &entity.relations)
}

/// The entities of one list that are not in another. O(n log n).
pub(super) fn gone(from: &[EntityId], to: &[EntityId]) -> Vec<EntityId> {
    let mut known = to.to_vec();
    known.sort_unstable();
    from.iter()
        .copied()
        .filter(|id| known.binary_search(id).is_err())
        .collect()
}

/// One name's values on both sides.
type Sides<'a, T> = (NameId, Option<&'a T>, Option<&'a T>);

/// The names at which two lists, ascending by name, differ. O(length of both).
fn differing<'a, T>(
    mut before: &'a [(NameId, T)],
    mut after: &'a [(NameId, T)],
    same: impl Fn(&T, &T) -> bool + 'a,
) -> impl Iterator<Item = Sides<'a, T>> + 'a {
    let sides = std::iter::from_fn(move || {
        let first = [before.first(), after.first()].into_iter().flatten();
        let name = first.map(|(name, _)| *name).min()?;
        Some((name, take(&mut before, name), take(&mut after, name)))
    });
    sides.filter(move |(_, old, new)| match (old, new) {
        (Some(old), Some(new)) => !same(old, new),
        _ => true,
    })
}

/// Takes the first value off a list, where it is of this name.
fn take<'a, T>(list: &mut &'a [(NameId, T)], name: NameId) -> Option<&'a T> {
    let ((first, value), rest) = list.split_first()?;
    if *first != name {
        return None;
    }
    *list = rest;
    Some(value)
}

/// Whether two values are the same in every way that can be seen: 1 and 1.0 are not, though they
/// are equal. Values come from JSON or from single expressions, which bounds their depth.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        (Value::Int(_), Value::Float(_)) | (Value::Float(_), Value::Int(_)) => false,
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.keys().eq(b.keys()) && a.values().zip(b.values()).all(|(a, b)| same(a, b))
        }
        _ => a == b,
    }
}
