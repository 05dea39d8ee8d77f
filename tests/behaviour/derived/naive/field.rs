//! The writes that a history is made of: small numbers, and what they stand for.

use serde_json::{Value as Json, json};

use super::base::{Base, Write};
use super::time::{HOUR, START, format};

/// What a field can hold. The number 0 stands for nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Title,
    /// The owning teams.
    Teams,
    Text(&'static [&'static str]),
    /// One of them always.
    Required(&'static [&'static str]),
    Number(&'static [f64]),
    Whole(i64),
    Bool,
    Time,
    Tags,
    One(&'static str),
    /// Never nothing, where there is an entity at all.
    RequiredOne(&'static str),
    Many(&'static str),
}

/// How many entities of each blueprint a history is about.
pub(crate) const ENTITIES: [(&str, u8); 8] = [
    ("team", 4),
    ("domain", 2),
    ("system", 3),
    ("service", 6),
    ("package", 4),
    ("deployment", 10),
    ("vulnerability", 8),
    ("incident", 4),
];

/// The fields of the blueprints, in the same order.
pub(crate) const FIELDS: [&[(&str, Kind)]; 8] = [
    &[
        ("title", Kind::Title),
        ("onCall", Kind::Text(&["ann", "bob"])),
        ("budget", Kind::Number(&[1e16, 1.0, -1e16, 0.1, 0.2, 3.0])),
        ("parent", Kind::One("team")),
    ],
    &[("title", Kind::Title), ("lead", Kind::One("team"))],
    &[
        ("critical", Kind::Bool),
        ("team", Kind::Teams),
        ("domain", Kind::One("domain")),
    ],
    &[
        ("title", Kind::Title),
        ("tier", Kind::Whole(4)),
        (
            "lifecycle",
            Kind::Text(&["production", "beta", "experimental", "deprecated"]),
        ),
        ("readme", Kind::Text(&["", "# Readme"])),
        (
            "coverage",
            Kind::Number(&[0.0, 20.5, 49.9, 50.0, 79.9, 80.0, 100.0]),
        ),
        ("tags", Kind::Tags),
        ("created", Kind::Time),
        ("pii", Kind::Bool),
        ("owner", Kind::One("team")),
        ("system", Kind::One("system")),
        ("dependsOn", Kind::Many("service")),
        ("uses", Kind::Many("package")),
    ],
    &[
        ("license", Kind::Text(&["MIT", "GPL"])),
        ("dependsOn", Kind::Many("package")),
    ],
    &[
        ("status", Kind::Required(&["ok", "failed"])),
        ("at", Kind::Time),
        ("minutes", Kind::Number(&[5.0, 30.0, 30.5, 90.0])),
        ("service", Kind::RequiredOne("service")),
    ],
    &[
        ("severity", Kind::Text(&["critical", "high", "low"])),
        (
            "cvss",
            Kind::Number(&[0.1, 0.2, 0.3, 2.5, 7.9, 8.0, 9.1, 10.0]),
        ),
        ("open", Kind::Bool),
        ("found", Kind::Time),
        ("service", Kind::One("service")),
        ("package", Kind::One("package")),
    ],
    &[
        ("open", Kind::Bool),
        ("minutes", Kind::Whole(3)),
        ("services", Kind::Many("service")),
    ],
];

/// One step of a history; every number is taken modulo what there is.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Writes a whole entity; a number for each field.
    Put(u8, u8, Vec<u8>),
    /// Changes one field of an entity.
    Set(u8, u8, u8, u8),
    Delete(u8, u8),
    /// Many deployments of one service.
    Crowd(u8, u8),
}

/// The writes of a step, given what is there before: they point only to what exists.
pub(crate) fn writes_of(step: &Step, base: &Base) -> Vec<Write> {
    match step {
        Step::Put(blueprint, entity, values) => {
            let (name, fields, identifier) = named(*blueprint, *entity);
            let mut document = json!({"identifier": identifier});
            for (at, (field, kind)) in fields.iter().enumerate() {
                let value = values.get(at).copied().unwrap_or_default();
                kind.write(&mut document, field, value, *entity, base);
            }
            complete(name, document, base).map(|document| Write::Upsert(name, document))
        }
        Step::Set(blueprint, entity, field, value) => {
            let (name, fields, identifier) = named(*blueprint, *entity);
            let (field, kind) = fields[usize::from(*field) % fields.len()];
            let mut document = json!({"identifier": identifier});
            kind.write(&mut document, field, *value, *entity, base);
            let known = base.contains(name, &identifier);
            known.then_some(Write::Merge(name, document))
        }
        Step::Delete(blueprint, entity) => {
            let (name, _, identifier) = named(*blueprint, *entity);
            let known = base.contains(name, &identifier);
            known.then_some(Write::Delete(name, identifier))
        }
        Step::Crowd(service, count) => return crowd(*service, *count, base),
    }
    .into_iter()
    .collect()
}

fn named(blueprint: u8, entity: u8) -> (&'static str, &'static [(&'static str, Kind)], String) {
    let at = usize::from(blueprint) % ENTITIES.len();
    let (name, count) = ENTITIES[at];
    (name, FIELDS[at], format!("{name}{}", entity % count))
}

/// A deployment can only be written where there is a service.
fn complete(blueprint: &str, document: Json, base: &Base) -> Option<Json> {
    let missing = blueprint == "deployment" && document["relations"]["service"].is_null();
    (!missing || base.keys().any(|key| key.0 == "service")).then_some(document)
}

fn crowd(service: u8, count: u8, base: &Base) -> Vec<Write> {
    let Some(service) = pick("service", service, base) else {
        return Vec::new();
    };
    let write = |at: u8| {
        let time = START - i64::from(at) * HOUR;
        let status = if at.is_multiple_of(3) { "failed" } else { "ok" };
        let properties = json!({"at": format(time), "status": status, "minutes": at});
        let document = json!({"identifier": format!("crowd{at}"), "properties": properties,
            "relations": {"service": service}});
        Write::Upsert("deployment", document)
    };
    (0..count).map(write).collect()
}

fn pick(blueprint: &str, value: u8, base: &Base) -> Option<String> {
    let count = ENTITIES.iter().find(|(name, _)| *name == blueprint)?.1;
    let identifier = format!("{blueprint}{}", value % count);
    base.contains(blueprint, &identifier).then_some(identifier)
}

impl Kind {
    fn write(self, document: &mut Json, field: &str, value: u8, entity: u8, base: &Base) {
        let at = usize::from(value);
        let one_of = |texts: &[&str], at: usize| json!(texts[at % texts.len()]);
        let json = match (self, value) {
            (Self::Title, 0) => json!(null),
            (Self::Title, _) => json!(format!("Title {}", value % 3)),
            (Self::Teams, _) => bits(value, &["alpha", "beta", "gamma"]),
            (Self::Required(texts), _) => one_of(texts, at),
            (Self::RequiredOne(blueprint), _) => required(blueprint, value, base),
            (Self::Many(blueprint), _) => many(blueprint, value, base),
            (_, 0) => json!(null),
            (Self::Text(texts), _) => one_of(texts, at),
            (Self::Number(numbers), _) => super::number::number(numbers[at % numbers.len()]),
            (Self::Whole(most), _) => json!(i64::from(value) % most + 1),
            (Self::Bool, _) => json!(value % 2 == 1),
            // No two entities at the same time: which of them is the first is not said.
            (Self::Time, _) => {
                let hours = (i64::from(value) - 200) * 6;
                json!(format(START + hours * HOUR + i64::from(entity) * 61))
            }
            (Self::Tags, _) => bits(value, &["x", "y"]),
            (Self::One(blueprint), _) => json!(pick(blueprint, value, base)),
        };
        match self {
            Self::Title => document["title"] = json,
            Self::Teams => document["team"] = json,
            Self::One(_) | Self::RequiredOne(_) | Self::Many(_) => {
                document["relations"][field] = json;
            }
            _ => document["properties"][field] = json,
        }
    }
}

/// The one that is meant, or any.
fn required(blueprint: &str, value: u8, base: &Base) -> Json {
    let any = || {
        let known = base.keys().find(|key| key.0 == blueprint);
        known.map(|key| key.1.clone())
    };
    json!(pick(blueprint, value, base).or_else(any))
}

/// The texts whose bits are set; the highest bit turns the order.
fn bits(value: u8, texts: &[&str]) -> Json {
    let chosen = texts.iter().enumerate();
    let chosen = chosen.filter(|(at, _)| value >> at & 1 == 1);
    let mut chosen: Vec<&str> = chosen.map(|(_, text)| *text).collect();
    if value >= 128 {
        chosen.reverse();
    }
    json!(chosen)
}

fn many(blueprint: &str, value: u8, base: &Base) -> Json {
    let names: Vec<String> = (0..7)
        .filter_map(|at| {
            let count = ENTITIES.iter().find(|(name, _)| *name == blueprint)?.1;
            if at >= count {
                None
            } else {
                pick(blueprint, at, base)
            }
        })
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    bits(value, &names)
}
