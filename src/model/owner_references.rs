//! The checks of inherited ownership that need the whole model: its path leads to an owner.

use super::reach::Places;
use super::reading::Reading;
use super::{Compiled, Model, Ownership};
use crate::error::{Error, Result};
use crate::value::BlueprintId;

impl Model {
    /// The path of an inherited ownership can be followed, and something at its end is owned.
    pub(super) fn check_ownership(&self, own: &Compiled) -> Result<()> {
        let located = |error: Error| error.with_path("/ownership/path");
        let Some(ends) = self.owners(own).map_err(located)? else {
            return Ok(());
        };
        let ends = self.compiled(&ends);
        if ends.iter().any(|end| end.blueprint.ownership.is_some()) {
            return Ok(());
        }
        let message = match &*ends {
            [one] => format!(
                "blueprint `{}` has no ownership to inherit",
                one.blueprint.identifier
            ),
            several => {
                let count = several.len();
                format!(
                    "none of the {count} blueprints that it can reach has an ownership to inherit"
                )
            }
        };
        let help = "declare `\"ownership\": {\"type\": \"Direct\"}` there";
        Err(located(Error::invalid(message).with_help(help)))
    }

    /// No blueprint inherits, through others, from itself.
    pub(super) fn check_owners(&self) -> Result<()> {
        let mut reading: Reading<BlueprintId> = Reading::new();
        for own in self.blueprints() {
            let ends = self.owners(own)?.unwrap_or_default();
            for end in ends {
                reading.add_read(own.id, end);
            }
        }
        let Err(circle) = reading.order() else {
            return Ok(());
        };
        let name = |id: &BlueprintId| {
            let known = self.blueprint(*id);
            format!(
                "`{}`",
                known.map_or("", |known| &known.blueprint.identifier)
            )
        };
        let path: Vec<String> = circle.iter().map(name).collect();
        let message = format!(
            "blueprints inherit their owners from each other in a circle: {}",
            path.join(" -> ")
        );
        let help = "let one of them have `\"ownership\": {\"type\": \"Direct\"}`";
        Err(Error::invalid(message).with_help(help))
    }

    /// The blueprints that a blueprint inherits its owners from; `None` where it does not inherit.
    fn owners(&self, own: &Compiled) -> Result<Option<Places>> {
        let Some(Ownership::Inherited { path, .. }) = &own.blueprint.ownership else {
            return Ok(None);
        };
        let mut at = Places::from([own.id]);
        for step in path {
            at = self.follow_single(&at, step, "inherited ownership")?;
        }
        Ok(Some(at))
    }
}
