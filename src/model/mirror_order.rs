//! The order in which mirrors are worked out, and the circle where there is none.

use super::Model;
use super::reading::Reading;
use crate::error::{Error, Result};
use crate::value::{BlueprintId, NameId};

/// A mirror property of a blueprint.
type Key = (BlueprintId, NameId);

/// The mirrors of all blueprints, dependencies first. Circles that go through properties of other
/// kinds as well are for the derivation to find.
///
/// # Errors
/// `Invalid` naming the mirrors of a circle.
pub(super) fn mirror_order(model: &Model) -> Result<Vec<Key>> {
    let mut reading = Reading::new();
    for compiled in model.blueprints() {
        for mirror in &compiled.blueprint.mirrors {
            let Some(name) = model.names.id(&mirror.name) else {
                continue;
            };
            let reader = (compiled.id, name);
            reading.add(reader);
            let Some(read) = model.names.id(&mirror.property) else {
                continue;
            };
            for end in model.mirrors_read(compiled, mirror) {
                reading.add_read(reader, (end, read));
            }
        }
    }
    reading
        .order()
        .map_err(|circle| circle_error(model, &circle))
}

fn circle_error(model: &Model, circle: &[Key]) -> Error {
    let named = |(blueprint, name): &Key| {
        let blueprint = model
            .blueprint(*blueprint)
            .map_or("", |known| &known.blueprint.identifier);
        format!("`{blueprint}.{}`", model.names.text(*name))
    };
    let path: Vec<String> = circle.iter().map(named).collect();
    Error::invalid(format!(
        "mirror properties read each other in a circle: {}",
        path.join(" -> ")
    ))
    .with_help("let one of them mirror a stored property")
}
