//! The plan for people: what is computed, in which order, and what it depends on.

use std::fmt::{self, Write as _};

use super::Plan;
use super::planes::Planes;
use super::reads::{Input, Place, Step};
use super::trigger::Trigger;
use crate::query::ir::Direction;
use crate::value::{BlueprintId, NameId};

impl Plan {
    /// The ranks, mirrors, atoms and words of the plan, and what each depends on.
    pub(crate) fn explain(&self) -> String {
        let mut out = String::new();
        // Writing to a string does not fail.
        _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        for (number, mirror) in self.mirrors.iter().enumerate() {
            let (blueprint, name) = (self.blueprint(mirror.blueprint), self.name(mirror.name));
            let (rank, path) = (mirror.rank, mirror.path(&self.model));
            writeln!(out, "rank {rank}: mirror {blueprint}.{name} = {path}")?;
            let reads = self.triggers.iter().filter(|t| t.mirrors.contains(&number));
            self.write_reads(out, reads)?;
        }
        let rank = self
            .mirrors
            .iter()
            .map(|mirror| mirror.rank)
            .max()
            .unwrap_or(0)
            + 1;
        for planes in self.planes.values() {
            self.write_planes(out, planes, rank)?;
        }
        Ok(())
    }

    fn write_planes(&self, out: &mut String, planes: &Planes, rank: u32) -> fmt::Result {
        let (blueprint, program) = (self.blueprint(planes.blueprint), &planes.program);
        let (atoms, words, ops) = (planes.atoms.len(), program.words, program.len());
        writeln!(
            out,
            "rank {rank}: {blueprint}: {atoms} atoms, {words} words and {ops} operations a block"
        )?;
        for (number, atom) in (0..).zip(&planes.atoms) {
            let negation = if atom.wanted { "" } else { "not " };
            let quick = if atom.is_quick() { ", in place" } else { "" };
            writeln!(out, "  atom {number}{quick}: {negation}{}", atom.text)?;
            let reads = self.triggers.iter();
            let reads = reads.filter(|t| t.root == planes.blueprint && t.atoms.contains(&number));
            self.write_reads(out, reads)?;
        }
        for id in &planes.scorecards {
            let Some(scorecard) = self.model.scorecard(*id) else {
                continue;
            };
            let levels = scorecard.levels.iter().map(|level| &*level.title);
            let levels = levels.collect::<Vec<_>>().join(" < ");
            let rules = scorecard.rules.len();
            writeln!(
                out,
                "  scorecard {}: {rules} rules, {levels}",
                scorecard.identifier
            )?;
        }
        Ok(())
    }

    fn write_reads<'t>(
        &self,
        out: &mut String,
        triggers: impl Iterator<Item = &'t Trigger>,
    ) -> fmt::Result {
        for trigger in triggers {
            let path = self.path(&trigger.place);
            match &trigger.input {
                Input::Property(name) => writeln!(out, "    reads {path}.{}", self.name(*name))?,
                Input::Meta(meta) => writeln!(out, "    reads {path}.{}", meta.name())?,
                Input::Links(step) => writeln!(out, "    walks {path}{}", self.step(step))?,
                Input::Everything => writeln!(out, "    reads all of {path}")?,
            }
        }
        Ok(())
    }

    fn path(&self, place: &Place) -> String {
        place
            .path
            .iter()
            .fold("this".to_owned(), |path, step| path + &self.step(step))
    }

    fn step(&self, step: &Step) -> String {
        let relations = match &step.relations {
            None => "any".to_owned(),
            Some(names) => names
                .iter()
                .map(|id| self.name(*id))
                .collect::<Vec<_>>()
                .join("|"),
        };
        match step.direction {
            Direction::Outgoing => format!("-{relations}->"),
            Direction::Incoming => format!("<-{relations}-"),
            Direction::Either => format!("-{relations}-"),
        }
    }

    fn name(&self, id: NameId) -> &str {
        self.model.names().text(id)
    }

    fn blueprint(&self, id: BlueprintId) -> &str {
        self.model
            .blueprint(id)
            .map_or("", |compiled| &compiled.blueprint.identifier)
    }
}
