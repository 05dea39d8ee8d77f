//! From a version of the model to the plan that keeps its derived values true.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::column::{Column, Kind, Output};
use super::counter::Counters;
use super::graded::Graded;
use super::mirror::Mirror;
use super::planes::Planes;
use super::rank::{Ranks, ranks};
use super::reads::{Inputs, inputs};
use super::row::Row;
use super::trigger::{self, Reader};
use super::{Checked, ClockReader, Plan, aggregate::Aggregate};
use crate::error::{Error, Result};
use crate::model::{Model, Ownership, Scorecard};
use crate::query::check;
use crate::state::{Layout, Part};
use crate::value::{BlueprintId, ScorecardId};

impl Plan {
    /// Compiles the plan of a model; checks every derived property, rule and filter on the way.
    ///
    /// # Errors
    /// Of the first definition that does not fit the model or cannot be kept true, naming it; and
    /// where definitions read each other in a circle, naming those.
    pub(crate) fn compile(model: &Arc<Model>) -> Result<Self> {
        let mut counters = Counters::new(model, column_count(model));
        let mut columns = columns(model, &mut counters)?;
        let mut checked = BTreeMap::new();
        for (id, scorecard) in model.scorecards() {
            checked.insert(id, check_scorecard(model, scorecard, &mut counters)?);
        }
        let groupings = groupings(model)?;
        columns.append(&mut counters.columns());
        let read = scorecard_inputs(model, &checked, &groupings, &mut counters)?;
        let ranks = ranks(model, &columns, &read)?;
        let mut layout = layout(model, &columns);
        let mut planes = graded(model, &checked, &ranks, &mut counters, &mut layout)?;
        for (card, groupings) in &groupings {
            if let Some(Some(grades)) = layout.scorecards.get_mut(card.index()) {
                grades.groups = groupings.len();
            }
        }
        let clock = clock(&mut columns, &mut planes);
        layout.clock_readers = clock.len();
        let triggers = triggers(model, &columns, &planes, &groupings)?;
        Ok(Self {
            model: Arc::clone(model),
            layout: Arc::new(layout),
            columns,
            ranks,
            planes,
            groupings,
            triggers,
            clock,
        })
    }
}

/// How many derived properties there are, inherited ownership among them.
fn column_count(model: &Model) -> usize {
    let counts = model.blueprints().map(|compiled| {
        let inherits = matches!(
            compiled.blueprint.ownership,
            Some(Ownership::Inherited { .. })
        );
        compiled.derived().count() + usize::from(inherits)
    });
    counts.sum()
}

/// Every derived property of every blueprint.
fn columns(model: &Model, counters: &mut Counters<'_>) -> Result<Vec<Column>> {
    let mut columns = Vec::new();
    for compiled in model.blueprints() {
        let blueprint = &compiled.blueprint;
        let within = |kind: &str, name: &str| {
            format!("{kind} `{name}` of blueprint `{}`", blueprint.identifier)
        };
        let id = |name: &str| model.names().id(name).ok_or_else(|| unknown(name));
        for mirror in &blueprint.mirrors {
            let output = Output::Property(id(&mirror.name)?);
            let mirror = Mirror::property(model, compiled, mirror)?;
            columns.push(Column::mirror(model, compiled, output, mirror));
        }
        for calculation in &blueprint.calculations {
            let name = id(&calculation.name)?;
            let column = Column::calculation(model, compiled, name, calculation, counters)
                .map_err(|error| error.context(within("calculation", &calculation.name)))?;
            columns.push(column);
        }
        for aggregation in &blueprint.aggregations {
            let output = Output::Property(id(&aggregation.name)?);
            let aggregate = check::aggregation(model, compiled.id, aggregation)
                .and_then(|checked| Aggregate::new(model, compiled.id, checked))
                .map_err(|error| error.context(within("aggregation", &aggregation.name)))?;
            let indexed = aggregation.index == Some(true);
            columns.push(Column::aggregation(output, aggregate, indexed));
        }
        if let Some(Ownership::Inherited { path, .. }) = &blueprint.ownership {
            let mirror = Mirror::team(model, compiled, path)?;
            columns.push(Column::mirror(model, compiled, Output::Team, mirror));
        }
    }
    Ok(columns)
}

fn unknown(name: &str) -> Error {
    Error::internal(format!("`{name}` is declared but has no id"))
}

fn check_scorecard(
    model: &Model,
    scorecard: &Scorecard,
    counters: &mut Counters<'_>,
) -> Result<Checked> {
    let name = &scorecard.identifier;
    let blueprint = model
        .blueprint_id(&scorecard.blueprint)
        .ok_or_else(|| Error::internal("a scorecard of an unknown blueprint"))?;
    let filter = scorecard.filter.as_ref().map(|test| {
        let context = format!("filter of scorecard `{name}`");
        check::rule(model, blueprint, test).map_err(|error| error.context(context))
    });
    let rules = scorecard.rules.iter().map(|rule| {
        let context = format!("rule `{}` of scorecard `{name}`", rule.identifier);
        check::scorecard_rule(model, blueprint, rule).map_err(|error| error.context(context))
    });
    let checked = Checked {
        filter: filter.transpose()?,
        rules: rules.collect::<Result<_>>()?,
    };
    for rule in checked.filter.iter().chain(&checked.rules) {
        counters.rewritten(blueprint, rule)?;
    }
    Ok(checked)
}

/// What each scorecard reads.
fn scorecard_inputs(
    model: &Model,
    checked: &BTreeMap<ScorecardId, Checked>,
    groupings: &BTreeMap<ScorecardId, Vec<Row>>,
    counters: &mut Counters<'_>,
) -> Result<BTreeMap<ScorecardId, Inputs>> {
    let mut read = BTreeMap::new();
    for (id, checked) in checked {
        let Some(scorecard) = model.scorecard(*id) else {
            continue;
        };
        let Some(blueprint) = model.blueprint_id(&scorecard.blueprint) else {
            continue;
        };
        let mut all = Inputs::new();
        let filter = checked.filter.iter().map(|filter| (filter, None));
        let rules = checked.rules.iter().zip(&scorecard.rules);
        for (expr, rule) in filter.chain(rules.map(|(expr, rule)| (expr, Some(rule)))) {
            let expr = counters.rewritten(blueprint, expr)?;
            let found = inputs(model, &expr.expr, blueprint).map_err(|error| {
                let name = &scorecard.identifier;
                let test = rule.map(|rule| &rule.test).or(scorecard.filter.as_ref());
                let text = test.and_then(|test| check::rule_text(model, blueprint, test).ok());
                let context = match rule {
                    Some(rule) => format!("rule `{}` of scorecard `{name}`", rule.identifier),
                    None => format!("filter of scorecard `{name}`"),
                };
                error.with_text(&text.unwrap_or_default()).context(context)
            });
            all.append(&mut found?);
        }
        for row in groupings.get(id).into_iter().flatten() {
            all.append(&mut inputs(model, &row.rule.expr, blueprint)?);
        }
        read.insert(*id, all);
    }
    Ok(read)
}

/// A place for every column; words come with the scorecards.
fn layout(model: &Model, columns: &[Column]) -> Layout {
    let mut layout = Layout {
        columns: columns.iter().map(|column| column.indexed).collect(),
        ..Layout::default()
    };
    let blueprints = model.blueprints().map(|known| known.id.index() + 1).max();
    layout
        .blueprints
        .resize_with(blueprints.unwrap_or(0), Part::default);
    for (at, column) in columns.iter().enumerate() {
        let part = layout.blueprints.get_mut(column.blueprint.index());
        match (&column.output, part) {
            (Output::Property(name), Some(part)) => part.columns.push((*name, at)),
            (Output::Team, Some(part)) => part.team = Some(at),
            (Output::Hidden(_), _) | (_, None) => {}
        }
    }
    for part in &mut layout.blueprints {
        part.columns.sort_unstable();
    }
    let scorecards = model.scorecards().map(|(id, _)| id.index() + 1).max();
    layout
        .scorecards
        .resize_with(scorecards.unwrap_or(0), || None);
    layout
}

/// The planes of every blueprint that has scorecards.
fn graded<'m>(
    model: &'m Model,
    checked: &BTreeMap<ScorecardId, Checked>,
    ranks: &Ranks,
    counters: &mut Counters<'m>,
    layout: &mut Layout,
) -> Result<BTreeMap<BlueprintId, Planes>> {
    let mut by_blueprint: BTreeMap<BlueprintId, Vec<(u32, ScorecardId)>> = BTreeMap::new();
    for (id, scorecard) in model.scorecards() {
        let rank = ranks.scorecards.get(&id).copied().unwrap_or(1);
        if let Some(blueprint) = model.blueprint_id(&scorecard.blueprint) {
            by_blueprint.entry(blueprint).or_default().push((rank, id));
        }
    }
    let mut planes = BTreeMap::new();
    for (blueprint, mut cards) in by_blueprint {
        cards.sort_unstable();
        let Some(compiled) = model.blueprint(blueprint) else {
            continue;
        };
        let mut graded = Graded::new(model, compiled, counters);
        for (rank, id) in cards {
            if let (Some(scorecard), Some(checked)) = (model.scorecard(id), checked.get(&id)) {
                graded.scorecard(rank, id, scorecard, checked)?;
            }
        }
        planes.insert(blueprint, graded.finish(layout));
    }
    Ok(planes)
}

/// What gives the groups of every scorecard that has some.
fn groupings(model: &Model) -> Result<BTreeMap<ScorecardId, Vec<Row>>> {
    let mut all = BTreeMap::new();
    for (id, scorecard) in model
        .scorecards()
        .filter(|(_, card)| !card.groups.is_empty())
    {
        let Some(compiled) = model.blueprint_named(&scorecard.blueprint) else {
            continue;
        };
        let rows = scorecard.groups.iter().map(|path| {
            let rule = check::group(model, compiled.id, path).map_err(|error| {
                let name = &scorecard.identifier;
                error.context(format!("group `{path}` of scorecard `{name}`"))
            })?;
            Ok(Row::new(model, compiled, rule))
        });
        all.insert(id, rows.collect::<Result<Vec<Row>>>()?);
    }
    Ok(all)
}

/// Numbers what reads the clock.
fn clock(columns: &mut [Column], planes: &mut BTreeMap<BlueprintId, Planes>) -> Vec<ClockReader> {
    let mut readers = Vec::new();
    let mut number = |reader: ClockReader| {
        readers.push(reader);
        u32::try_from(readers.len() - 1).ok()
    };
    for (at, column) in columns.iter_mut().enumerate() {
        if column.reads_clock() {
            column.clock = number(match &column.kind {
                Kind::Mirror(_) | Kind::Calculation(_) => ClockReader::Column(at),
                Kind::Aggregation(_) => ClockReader::Contribution(at),
            });
        }
    }
    for (blueprint, planes) in planes {
        for (at, atom) in (0..).zip(&mut planes.atoms) {
            if atom.reads_clock() {
                atom.clock = number(ClockReader::Atom(*blueprint, at));
            }
        }
    }
    readers
}

fn triggers(
    model: &Model,
    columns: &[Column],
    planes: &BTreeMap<BlueprintId, Planes>,
    groupings: &BTreeMap<ScorecardId, Vec<Row>>,
) -> Result<trigger::Triggers> {
    let mut triggers = trigger::Builder::default();
    for (at, column) in columns.iter().enumerate() {
        triggers.add(column.blueprint, Reader::Column(at), &column.inputs);
        if let Kind::Aggregation(aggregate) = &column.kind {
            let contribution = Reader::Contribution(at);
            triggers.add(aggregate.target, contribution, &aggregate.contribution);
        }
    }
    for (blueprint, planes) in planes {
        for (at, atom) in (0..).zip(&planes.atoms) {
            let read = inputs(model, &atom.rule.expr, *blueprint)?;
            triggers.add(*blueprint, Reader::Atom(at), &read);
        }
    }
    for (card, rows) in groupings {
        let scorecard = model.scorecard(*card);
        let Some(blueprint) = scorecard.and_then(|card| model.blueprint_id(&card.blueprint)) else {
            continue;
        };
        for (at, row) in rows.iter().enumerate() {
            let read = inputs(model, &row.rule.expr, blueprint)?;
            triggers.add(blueprint, Reader::Group(*card, at), &read);
        }
    }
    Ok(triggers.finish())
}
