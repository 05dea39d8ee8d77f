//! The plan for people: what is computed, in which order, and what it depends on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use super::Plan;
use super::aggregate::Way;
use super::column::{Column, Kind};
use super::planes::Planes;
use super::rank::{Derived, named};
use super::reads::{Input, Place, Step};
use super::render::render;
use super::trigger::Reader;
use crate::query::ir::Direction;
use crate::value::{BlueprintId, NameId};

impl Plan {
    /// Every derived property, condition and scorecard in the order in which they are computed,
    /// and what each depends on; then what a change of each property or relation can touch.
    pub(crate) fn explain(&self) -> String {
        let mut out = String::new();
        // Writing to a string does not fail.
        _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        let mut columns: Vec<_> = self.ranks.columns.iter().enumerate().collect();
        columns.sort_by_key(|(at, rank)| (**rank, *at));
        for (at, rank) in columns {
            if let Some(column) = self.columns.get(at) {
                self.write_column(out, *rank, at, column)?;
            }
        }
        for planes in self.planes.values() {
            self.write_planes(out, planes)?;
        }
        self.write_touched(out)
    }

    fn write_column(&self, out: &mut String, rank: u32, at: usize, column: &Column) -> fmt::Result {
        let name = named(&self.model, &self.columns, Derived::Column(at));
        let (name, clock) = (
            name.replace('`', ""),
            if column.clock.is_some() {
                ", by the clock"
            } else {
                ""
            },
        );
        let what = match &column.kind {
            Kind::Mirror(mirror) => format!("mirror {name} = {}", mirror.path(&self.model)),
            Kind::Calculation(row) => {
                format!(
                    "calculation {name} = {}",
                    render(&self.model, &row.rule.expr)
                )
            }
            Kind::Aggregation(aggregate) => {
                let target = self.blueprint(aggregate.target);
                let way = match aggregate.way {
                    Way::Up(_) => "moved by contribution along single relations",
                    Way::Next(_) => "exchanged link by link",
                    Way::Around => "computed anew where its links change",
                };
                format!("aggregation {name} over {target}, {way}")
            }
        };
        writeln!(out, "rank {rank}: {what}{clock}")?;
        self.write_reads(out, |reader, _| reader == Reader::Column(at))?;
        self.write_reads(out, |reader, _| reader == Reader::Contribution(at))
    }

    fn write_planes(&self, out: &mut String, planes: &Planes) -> fmt::Result {
        let (blueprint, program) = (self.blueprint(planes.blueprint), &planes.program);
        let (atoms, words, ops) = (planes.atoms.len(), program.words, program.len());
        writeln!(
            out,
            "planes of {blueprint}: {atoms} atoms, {words} words and {ops} operations a block"
        )?;
        for stage in &planes.stages {
            let rank = stage.rank;
            for at in stage.atoms.clone() {
                let Some(atom) = planes.atoms.get(at as usize) else {
                    continue;
                };
                let negation = if atom.wanted { "" } else { "not " };
                let quick = if atom.is_quick() { ", in place" } else { "" };
                writeln!(
                    out,
                    "  rank {rank}: atom {at}{quick}: {negation}{}",
                    atom.text
                )?;
                self.write_reads(out, |reader, root| {
                    root == planes.blueprint && reader == Reader::Atom(at)
                })?;
            }
            for id in &stage.scorecards {
                let Some(scorecard) = self.model.scorecard(*id) else {
                    continue;
                };
                let levels = scorecard.levels.iter().map(|level| &*level.title);
                let levels = levels.collect::<Vec<_>>().join(" < ");
                let (rules, name) = (scorecard.rules.len(), &scorecard.identifier);
                writeln!(
                    out,
                    "  rank {rank}: scorecard {name}: {rules} rules, {levels}"
                )?;
            }
        }
        Ok(())
    }

    /// What one change can touch, by what is changed.
    fn write_touched(&self, out: &mut String) -> fmt::Result {
        let mut touched: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for trigger in self.triggers.iter() {
            let readers = trigger.readers.iter().map(|reader| match reader {
                Reader::Column(at) | Reader::Contribution(at) => {
                    named(&self.model, &self.columns, Derived::Column(*at)).replace('`', "")
                }
                Reader::Atom(at) => format!("{} atom {at}", self.blueprint(trigger.root)),
                Reader::Group(card, _) => {
                    let card = self.model.scorecard(*card);
                    format!("groups of {}", card.map_or("", |card| &card.identifier))
                }
            });
            let readers: Vec<String> = readers.collect();
            for blueprint in &trigger.place.blueprints {
                let what = self.input(self.blueprint(*blueprint), &trigger.input);
                touched
                    .entry(what)
                    .or_default()
                    .extend(readers.iter().cloned());
            }
        }
        for (what, readers) in touched {
            let readers: Vec<String> = readers.into_iter().collect();
            writeln!(out, "a change of {what} touches {}", readers.join(", "))?;
        }
        Ok(())
    }

    fn write_reads(
        &self,
        out: &mut String,
        wanted: impl Fn(Reader, BlueprintId) -> bool,
    ) -> fmt::Result {
        for trigger in self.triggers.iter() {
            if !trigger
                .readers
                .iter()
                .any(|reader| wanted(*reader, trigger.root))
            {
                continue;
            }
            let path = self.path(&trigger.place);
            let verb = match &trigger.input {
                Input::Links(_) => "walks",
                _ => "reads",
            };
            writeln!(out, "    {verb} {}", self.input(&path, &trigger.input))?;
        }
        Ok(())
    }

    /// What is read of something.
    fn input(&self, of: &str, input: &Input) -> String {
        let card = |id| self.model.scorecard(id).map_or("", |card| &card.identifier);
        match input {
            Input::Property(name) => format!("{of}.{}", self.name(*name)),
            Input::Meta(meta) => format!("{of}.{}", meta.name()),
            Input::Links(step) => format!("{of}{}", self.step(step)),
            Input::Everything => format!("all of {of}"),
            Input::Level(id) => format!("{of}.$scorecards.{}.level", card(*id)),
            Input::Rules(id) => format!("{of}.$scorecards.{}.rules", card(*id)),
            Input::Column(at) => {
                let name = named(&self.model, &self.columns, Derived::Column(*at));
                format!("{of}: {}", name.replace('`', ""))
            }
        }
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
