//! `WITH` at work: rows of a projection's columns, each value put into its place.

use super::eval::{Evaluator, UNBOUND};
use super::pipeline::Input;
use super::project::Projector;
use crate::error::Result;
use crate::query::ir::{Expr, Projection, Target};
use crate::value::Value;

pub(super) struct With<'a> {
    projector: Projector<'a>,
    targets: &'a [Target],
    filter: Option<&'a Expr>,
}

impl<'a> With<'a> {
    pub(super) fn new(
        projection: &'a Projection,
        targets: &'a [Target],
        filter: Option<&'a Expr>,
    ) -> Self {
        Self {
            projector: Projector::new(projection),
            targets,
            filter,
        }
    }

    pub(super) fn restart(&mut self) {
        self.projector.restart();
    }

    pub(super) fn next(
        &mut self,
        input: &mut Input<'_, 'a>,
        evaluator: &mut Evaluator<'a>,
    ) -> Result<bool> {
        while let Some(columns) = self.projector.next(input, evaluator)? {
            for (target, value) in self.targets.iter().zip(columns) {
                match (target, value) {
                    (Target::Slot(slot), Value::Entity(id)) => evaluator.bind(*slot, id),
                    (Target::Slot(slot), _) => evaluator.bind(*slot, UNBOUND),
                    (Target::Local(local), value) => evaluator.set_local(*local, value),
                }
            }
            match self.filter {
                Some(filter) if !evaluator.holds(filter)? => {}
                _ => return Ok(true),
            }
        }
        Ok(false)
    }
}
