//! Why a property of an entity has its value: who wrote it, or what it is derived from.

use std::fmt;
use std::sync::Arc;

use super::names::Names;
use super::render::render_named;
use super::why::{Input, Tracer, brief, named};
use super::why_aggregation::{Contributions, contributions};
use super::why_changed::{Changed, Past, Written};
use super::why_way::{Walk, WayStep, inherited, read_parts};
use crate::error::{Error, Result, did_you_mean};
use crate::model::{Calculation, Compiled, Declared, Formula, Meta};
use crate::query::{check, function};
use crate::state::{EntityName, Record, State};
use crate::value::{EntityId, NameId, Value};

/// Of what a calculation reads, more is not listed.
const INPUTS_MAX: usize = 50;

/// Where the value of a property of an entity comes from. `Display` prints it for people.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WhyProperty {
    /// The entity.
    pub entity: EntityName,
    /// The property, meta-property or relation.
    pub property: Arc<str>,
    /// Its value, with entities by their identifiers.
    pub value: Value,
    /// Where that comes from.
    pub origin: Origin,
    /// The last commit that changed it, or anything that it is derived from; `None` where that is
    /// not known, as for aggregations.
    pub changed: Option<Changed>,
}

/// Where the value of a property comes from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Origin {
    /// It was written on the entity.
    Written,
    /// It is that of related entities.
    Mirror {
        /// The relations and the property at their end, such as `owner.$title`.
        path: String,
        /// The relations with the entities that they lead to.
        way: Vec<WayStep>,
    },
    /// It is computed from the entity.
    Calculation {
        /// As it is declared.
        text: Arc<str>,
        /// What it reads. Those that are derived in turn have an entry in `derived`.
        inputs: Vec<Input>,
        /// Where those inputs come from that are derived properties of the entity itself, but no
        /// further.
        derived: Vec<WhyProperty>,
    },
    /// It is computed over related entities.
    Aggregation(Contributions),
    /// The owning teams are those of the entity at the end of relations.
    Inherited {
        /// The relations.
        path: String,
        /// The relations with the entities that they lead to.
        way: Vec<WayStep>,
    },
}

/// Tells where the value of a property, a meta-property or a relation of an entity comes from.
///
/// # Errors
/// `NotFound` where the blueprint has no such property; `Unsupported` for a calculation or an
/// aggregation that this release cannot compute.
pub(crate) fn why_property(
    state: &State,
    past: &dyn Past,
    entity: EntityId,
    property: &str,
) -> Result<WhyProperty> {
    Asking { state, past }.property(entity, property, true)
}

#[derive(Clone, Copy)]
struct Asking<'a> {
    state: &'a State,
    past: &'a dyn Past,
}

type Told = (Origin, Option<Changed>);

impl<'a> Asking<'a> {
    fn property(self, id: EntityId, property: &str, further: bool) -> Result<WhyProperty> {
        let (state, model) = (self.state, self.state.model());
        let entity = state.entity(id);
        let entity = entity.ok_or_else(|| Error::not_found("no such entity"))?;
        let compiled = model.blueprint(entity.blueprint());
        let compiled = compiled.ok_or_else(|| Error::not_found("no such blueprint"))?;
        let (value, (origin, changed)) = if let Some(meta) = Meta::named(property) {
            let value = function::meta(state, entity, meta);
            (value, self.meta(entity, compiled, meta)?)
        } else {
            let declared = compiled.declared(property).zip(model.names().id(property));
            let (declared, name) = declared.ok_or_else(|| unknown(compiled, property))?;
            let value = if let Declared::Relation(relation) = declared {
                let targets = entity.targets(name).map(Value::Entity);
                let mut targets: Vec<Value> = targets.collect();
                if relation.many {
                    Value::list(targets)
                } else {
                    targets.pop().unwrap_or_default()
                }
            } else {
                state.value(id, name)
            };
            let told = self.declared(entity, declared, name, &value, further)?;
            (value, told)
        };
        Ok(WhyProperty {
            entity: EntityName::of(state, id),
            property: property.into(),
            value: named(state, &value),
            origin,
            changed,
        })
    }

    fn meta(self, entity: Record<'_>, compiled: &Compiled, meta: Meta) -> Result<Told> {
        let mut walk = Walk::new(self.state, self.past, entity.id);
        walk.meta(meta)?;
        let (way, changed) = walk.changed();
        let inherits = meta == Meta::Team && inherited(self.state, entity.id).is_some();
        let origin = match &compiled.blueprint.ownership {
            Some(crate::model::Ownership::Inherited { path, .. }) if inherits => {
                let path = path.join(".");
                Origin::Inherited { path, way }
            }
            _ => Origin::Written,
        };
        Ok((origin, changed))
    }

    fn declared(
        self,
        entity: Record<'a>,
        declared: Declared<'_>,
        name: NameId,
        value: &Value,
        further: bool,
    ) -> Result<Told> {
        let written = |part| Ok((Origin::Written, self.past.written(entity.id, part)?));
        match declared {
            Declared::Property(_) => written(Written::Property(name)),
            Declared::Relation(_) => written(Written::Relation(name)),
            Declared::Mirror(mirror) => {
                let mut walk = Walk::new(self.state, self.past, entity.id);
                walk.property(name)?;
                let (way, changed) = walk.changed();
                let path = mirror.path();
                Ok((Origin::Mirror { path, way }, changed))
            }
            Declared::Calculation(calculation) => {
                let (origin, changed) = self.calculation(entity, calculation, further)?;
                Ok((origin, changed))
            }
            Declared::Aggregation(aggregation) => {
                let model = self.state.model();
                let checked = check::aggregation(model, entity.blueprint(), aggregation)?;
                let found = contributions(self.state, entity.id, aggregation, &checked, value)?;
                Ok((Origin::Aggregation(found), None))
            }
        }
    }

    fn calculation(
        self,
        entity: Record<'a>,
        declared: &Calculation,
        further: bool,
    ) -> Result<Told> {
        let model = self.state.model();
        let checked = check::calculation(model, entity.blueprint(), declared)?;
        let (Formula::Jq(text) | Formula::Expression(text)) = &declared.formula;
        let tracer = Tracer {
            state: self.state,
            past: self.past,
            entity,
            text,
        };
        let names = Names::of(&checked.expr, text);
        let mut inputs: Vec<Input> = Vec::new();
        for part in read_parts(&checked.expr).into_iter().take(INPUTS_MAX) {
            let text = render_named(model, part, &names);
            if inputs.iter().all(|known| known.text != text) {
                inputs.push(tracer.input(&checked, part, text)?);
            }
        }
        let mut derived = Vec::new();
        let compiled = model.blueprint(entity.blueprint());
        for input in inputs.iter().filter(|_| further) {
            let own = compiled.and_then(|compiled| compiled.declared(&input.text));
            if let Some(Declared::Mirror(_) | Declared::Calculation(_) | Declared::Aggregation(_)) =
                own
            {
                derived.push(self.property(entity.id, &input.text, false)?);
            }
        }
        let known = inputs.iter().all(|input| input.changed.is_some());
        let latest = inputs.iter().filter_map(|input| input.changed.as_ref());
        let latest = latest.max_by_key(|changed| changed.seq).filter(|_| known);
        let (changed, text) = (latest.cloned(), Arc::clone(text));
        let origin = Origin::Calculation {
            text,
            inputs,
            derived,
        };
        Ok((origin, changed))
    }
}

fn unknown(compiled: &Compiled, property: &str) -> Error {
    let blueprint = &compiled.blueprint;
    let message = format!(
        "blueprint `{}` has no property `{}`",
        blueprint.identifier,
        property.escape_debug()
    );
    let stored = blueprint.properties.iter().map(|known| &known.name);
    let relations = blueprint.relations.iter().map(|known| &known.name);
    let named = stored.chain(compiled.derived()).chain(relations);
    let metas = Meta::ALL.iter().map(|(name, _)| *name);
    let error = Error::not_found(message);
    match did_you_mean(property, named.map(|name| &**name).chain(metas)) {
        Some(help) => error.with_help(help),
        None => error,
    }
}

impl fmt::Display for WhyProperty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (entity, property) = (&self.entity, &self.property);
        write!(f, "{property} of {entity} is {}", brief(&self.value))?;
        match &self.origin {
            Origin::Written => {}
            Origin::Mirror { path, way } => {
                write!(f, "\n  mirror of {path}")?;
                write_way(f, way)?;
            }
            Origin::Inherited { path, way } => {
                write!(f, "\n  inherited along {path}")?;
                write_way(f, way)?;
            }
            Origin::Calculation {
                text,
                inputs,
                derived,
            } => {
                write!(f, "\n  calculated as {text}")?;
                for input in inputs {
                    write!(f, "\n    {input}")?;
                }
                for property in derived {
                    let text = property.to_string().replace('\n', "\n      ");
                    write!(f, "\n      {text}")?;
                }
            }
            Origin::Aggregation(found) => write!(f, "\n  {found}")?,
        }
        match &self.changed {
            Some(changed) => write!(f, "\n  last changed by {changed}"),
            None => Ok(()),
        }
    }
}

fn write_way(f: &mut fmt::Formatter<'_>, way: &[WayStep]) -> fmt::Result {
    for step in way {
        write!(f, "\n    {step}")?;
    }
    Ok(())
}
