//! Prints blueprints as people read them: properties with types, relations with targets.

use portolan::model::{Blueprint, Format, Property, PropertyType, Relation, Target};
use portolan::{Result, Snapshot};

/// Every blueprint on a line or two: its size and where its relations lead.
pub(crate) fn all(snapshot: &Snapshot) -> Result<String> {
    let mut text = String::new();
    for compiled in snapshot.model().blueprints() {
        let blueprint = &compiled.blueprint;
        let count = snapshot.count(&blueprint.identifier)?;
        let names: Vec<&str> = blueprint.properties.iter().map(|p| &*p.name).collect();
        line(&mut text, &format!("{} ({count})", blueprint.identifier));
        if !names.is_empty() {
            line(&mut text, &format!("  {}", names.join(", ")));
        }
        for relation in &blueprint.relations {
            line(&mut text, &format!("  {}", arrow(relation)));
        }
    }
    Ok(text)
}

/// One blueprint in full; nothing where there is none of that name.
pub(crate) fn one(snapshot: &Snapshot, name: &str) -> Result<Option<String>> {
    let model = snapshot.model();
    let Some(compiled) = model.blueprint_id(name).and_then(|id| model.blueprint(id)) else {
        return Ok(None);
    };
    let blueprint = &compiled.blueprint;
    let count = snapshot.count(name)?;
    let mut text = String::new();
    let title = blueprint.title.as_deref().unwrap_or(name);
    line(&mut text, &format!("{name}: {title} ({count})"));
    if let Some(description) = &blueprint.description {
        line(&mut text, description);
    }
    section(&mut text, "properties", &properties(blueprint));
    let relations: Vec<String> = blueprint.relations.iter().map(arrow).collect();
    section(&mut text, "relations", &relations);
    let mirrors = blueprint.mirrors.iter().map(|mirror| {
        format!(
            "{} = {}.{}",
            mirror.name,
            mirror.relations.join("."),
            mirror.property
        )
    });
    section(&mut text, "mirrors", &mirrors.collect::<Vec<_>>());
    let graded = model
        .scorecards()
        .filter(|(_, scorecard)| *scorecard.blueprint == *name);
    let scorecards = graded.map(|(_, scorecard)| {
        let levels: Vec<&str> = scorecard.levels.iter().map(|level| &*level.title).collect();
        format!("{}: {}", scorecard.identifier, levels.join(" < "))
    });
    section(&mut text, "scorecards", &scorecards.collect::<Vec<_>>());
    Ok(Some(text))
}

fn properties(blueprint: &Blueprint) -> Vec<String> {
    let width = blueprint
        .properties
        .iter()
        .map(|p| p.name.chars().count())
        .max()
        .unwrap_or(0);
    let shown = blueprint.properties.iter().map(|property| {
        let required = blueprint.required.contains(&property.name);
        let required = if required { ", required" } else { "" };
        format!("{:width$}  {}{required}", property.name, kind(property))
    });
    shown.collect()
}

fn kind(property: &Property) -> String {
    let mut text = named(property.kind, property.format).to_owned();
    if let Some((kind, format)) = property.items {
        text = format!("array of {}", named(kind, format));
    }
    if let Some(values) = &property.enumeration {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        text = format!("{text}: {}", values.join(" | ").replace('"', ""));
    }
    if let Some(default) = &property.default {
        text = format!("{text}, {default} by default");
    }
    text
}

/// The format of a text says more than its being a text.
fn named(kind: PropertyType, format: Option<Format>) -> &'static str {
    const FORMATS: [(Format, &str); 14] = [
        (Format::DateTime, "date-time"),
        (Format::Timer, "timer"),
        (Format::Url, "url"),
        (Format::Email, "email"),
        (Format::IdnEmail, "idn-email"),
        (Format::Ipv4, "ipv4"),
        (Format::Ipv6, "ipv6"),
        (Format::Markdown, "markdown"),
        (Format::Yaml, "yaml"),
        (Format::Proto, "proto"),
        (Format::User, "user"),
        (Format::Team, "team"),
        (Format::Blueprints, "blueprint"),
        (Format::LabeledUrl, "labeled-url"),
    ];
    const TYPES: [(PropertyType, &str); 5] = [
        (PropertyType::String, "string"),
        (PropertyType::Number, "number"),
        (PropertyType::Boolean, "boolean"),
        (PropertyType::Array, "array"),
        (PropertyType::Object, "object"),
    ];
    let format = format.and_then(|format| FORMATS.iter().find(|(known, _)| *known == format));
    let kind = || {
        TYPES
            .iter()
            .find(|(known, _)| *known == kind)
            .map_or("", |(_, name)| *name)
    };
    format.map_or_else(kind, |(_, name)| name)
}

fn arrow(relation: &Relation) -> String {
    let target = match &relation.target {
        Target::Blueprints(blueprints) => blueprints.join(" | "),
        Target::Any => "any".to_owned(),
    };
    let many = if relation.many { " *" } else { "" };
    let required = if relation.required { ", required" } else { "" };
    format!("-[:{}]-> {target}{many}{required}", relation.name)
}

fn section(text: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        line(text, &format!("\n{title}"));
    }
    for shown in lines {
        line(text, &format!("  {shown}"));
    }
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}
