//! Functions of relations and paths.

use super::argument::{any, wrong};
use super::{Context, Function, function};
use crate::error::Result;
use crate::value::{EntityId, Relationship, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "nodes",
        (1, 1),
        "nodes(path) -> list",
        "The entities of a path, in the order of the walk.",
        nodes,
    ),
    function(
        "relationships",
        (1, 1),
        "relationships(path) -> list",
        "The relations of a path, in the order of the walk.",
        relationships,
    ),
    function(
        "type",
        (1, 1),
        "type(relation) -> string",
        "The name of a relation.",
        name,
    ),
    function(
        "startnode",
        (1, 1),
        "startNode(relation) -> entity",
        "The entity that has a relation.",
        start,
    ),
    function(
        "endnode",
        (1, 1),
        "endNode(relation) -> entity",
        "The entity that a relation refers to.",
        end,
    ),
];

fn nodes(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match any(arguments, 0) {
        Value::Null => Ok(Value::Null),
        Value::Path(path) => Ok(Value::list(
            path.entities.iter().copied().map(Value::Entity),
        )),
        other => Err(wrong(0, "a path", other)),
    }
}

fn relationships(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    match any(arguments, 0) {
        Value::Null => Ok(Value::Null),
        Value::Path(path) => Ok(Value::list(
            path.relations.iter().copied().map(Value::Relation),
        )),
        other => Err(wrong(0, "a path", other)),
    }
}

fn relation(arguments: &[Value]) -> Result<Option<Relationship>> {
    match any(arguments, 0) {
        Value::Null => Ok(None),
        Value::Relation(of) => Ok(Some(*of)),
        other => Err(wrong(0, "a relation", other)),
    }
}

fn name(context: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let names = context.state.model().names();
    Ok(relation(arguments)?.map_or(Value::Null, |of| Value::String(names.shared(of.relation))))
}

fn start(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let entity: Option<EntityId> = relation(arguments)?.map(|of| of.source);
    Ok(entity.into())
}

fn end(_: &Context<'_>, arguments: &[Value]) -> Result<Value> {
    let entity: Option<EntityId> = relation(arguments)?.map(|of| of.target);
    Ok(entity.into())
}
