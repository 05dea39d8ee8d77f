//! The values of Port's rules: which JSON each operator takes, and what is refused by name.

use serde_json::Value as Json;

use super::make::{expr, literal, member, name, variable};
use super::refused;
use crate::error::{Error, Result, did_you_mean};
use crate::query::syntax::ast::{Arithmetic, Expr, ExprKind};
use crate::value::Value;

/// The rule that a value belongs to, as errors name it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) operand: &'a str,
    pub(super) operator: &'a str,
}

/// What an operator takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Anything but an object.
    Plain,
    /// A string, number or boolean.
    Scalar,
    /// What has an order: a number, or a text such as a date-time.
    Ordered,
    Text,
    /// An array of strings, numbers and booleans.
    List,
    /// An identifier, or several.
    Identifiers,
}

/// A value as an expression.
#[derive(Clone, Debug)]
pub(super) enum Given {
    /// A constant.
    One(Expr),
    /// What the user has, of which only the run shows whether it is a list.
    Open(Expr),
    /// A list, of which any element may be meant.
    Several(Expr),
}

impl Given {
    pub(super) fn single(self, place: Place<'_>) -> Result<Expr> {
        match self {
            Self::One(value) | Self::Open(value) => Ok(value),
            Self::Several(_) => {
                let Place { operand, operator } = place;
                let message =
                    format!("`{operator}` on `{operand}` takes one value, not those of all teams");
                Err(Error::invalid(message).with_help("use `in` or `containsAny`"))
            }
        }
    }

    /// The value as a list.
    pub(super) fn listed(self) -> Expr {
        match self {
            Self::Several(list) => list,
            Self::One(value) if matches!(value.kind, ExprKind::List(_)) => value,
            Self::One(value) => expr(ExprKind::List(vec![value])),
            // Joined to a list both a list and a single value are one.
            Self::Open(value) => {
                let (list, value) = (expr(ExprKind::List(Vec::new())), Box::new(value));
                expr(ExprKind::Arithmetic(Arithmetic::Add, Box::new(list), value))
            }
        }
    }
}

/// What is wanted of a value, and for which rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    kind: Kind,
    place: Place<'a>,
}

impl<'a> Wanted<'a> {
    pub(super) const fn of(kind: Kind, place: Place<'a>) -> Self {
        Self { kind, place }
    }

    pub(super) fn read(self, json: &Json) -> Result<Given> {
        if let Some(context) = context(json)? {
            return Ok(context);
        }
        if self.place.operand == "$team" && is_my_teams(json) {
            return Ok(Given::Several(of_teams("$identifier")));
        }
        refuse_references(json)?;
        let place = self.place;
        let value = match self.kind {
            Kind::Plain => plain(json, place)?,
            Kind::Scalar => scalar(json, place)?,
            Kind::Ordered => ordered(json, place)?,
            Kind::List => list(json, place)?,
            Kind::Identifiers if json.is_array() => {
                return Ok(Given::Several(literal(list(json, place)?)));
            }
            Kind::Text | Kind::Identifiers => text(json, place)?,
        };
        Ok(Given::One(literal(value)))
    }
}

/// Port's word for the teams of the user, among the values of `$team`.
fn is_my_teams(json: &Json) -> bool {
    let word = |json: &Json| json == "My Teams";
    word(json)
        || json
            .as_array()
            .is_some_and(|all| matches!(&**all, [only] if word(only)))
}

/// `{"context": "user" or "userTeams", "property": ..}`: something of who asks, who comes as the
/// parameter `$user`, a map with a list of maps `teams`.
pub(super) fn context(json: &Json) -> Result<Option<Given>> {
    let Some(context) = json.get("context") else {
        return Ok(None);
    };
    let property = json.get("property").and_then(Json::as_str);
    let property = property.ok_or_else(|| Error::invalid("a `context` needs a `property`"))?;
    match context.as_str() {
        Some("user") => {
            let value = key(expr(ExprKind::Parameter("user".into())), property);
            let single = property.starts_with('$') && property != "$team";
            Ok(Some(if single {
                Given::One(value)
            } else {
                Given::Open(value)
            }))
        }
        Some("userTeams") => Ok(Some(Given::Several(of_teams(property)))),
        other => {
            let other = other.unwrap_or_default();
            let message = format!("there is no context `{}`", other.escape_debug());
            let help = did_you_mean(other, ["user", "userTeams"]);
            let help = help.unwrap_or_else(|| "use `user` or `userTeams`".to_owned());
            Err(Error::invalid(message).with_help(help))
        }
    }
}

/// `[team IN $user.teams | team.property]`
fn of_teams(property: &str) -> Expr {
    let user = expr(ExprKind::Parameter("user".into()));
    expr(ExprKind::Comprehension {
        variable: name("team"),
        list: Box::new(member(user, "teams")),
        filter: None,
        map: Some(Box::new(key(variable("team"), property))),
    })
}

/// A field of a map; a meta name is a key like any other there.
fn key(map: Expr, property: &str) -> Expr {
    if !property.starts_with('$') {
        return member(map, property);
    }
    let key = literal(Value::string(property));
    expr(ExprKind::Index(Box::new(map), Box::new(key)))
}

impl Place<'_> {
    fn wrong<T>(self, wanted: &str, found: &Json) -> Result<T> {
        let Place { operand, operator } = self;
        let found = kind(found);
        let message =
            format!("`{operator}` on `{operand}` takes {wanted} as its value, not {found}");
        Err(Error::invalid(message))
    }
}

/// Refuses values that stand for something that only Port's forms and templates have.
fn refuse_references(json: &Json) -> Result<()> {
    const KEYS: [(&str, &str); 3] = [
        ("preset", "a preset as a value"),
        ("jqQuery", "a jq query as a value"),
        ("jq_query", "a jq query as a value"),
    ];
    for (key, what) in KEYS {
        if let Some(found) = json.get(key) {
            let found = found.as_str().map(|text| format!(" (`{text}`)"));
            return Err(refused(&format!("{what}{}", found.unwrap_or_default())));
        }
    }
    let texts = [json]
        .into_iter()
        .chain(json.as_array().into_iter().flatten());
    for text in texts.filter_map(Json::as_str) {
        if text.contains("{{") {
            let error = refused(&format!("the template `{text}` as a value"));
            return Err(error.with_help("put in the value, or use a `context`"));
        }
    }
    Ok(())
}

fn plain(value: &Json, place: Place<'_>) -> Result<Value> {
    if value.is_object() {
        place.wrong("a single value or an array", value)
    } else {
        Ok(Value::from_json(value))
    }
}

fn scalar(value: &Json, place: Place<'_>) -> Result<Value> {
    match value {
        Json::String(_) | Json::Number(_) | Json::Bool(_) => Ok(Value::from_json(value)),
        Json::Null | Json::Array(_) | Json::Object(_) => {
            place.wrong("a string, number or boolean", value)
        }
    }
}

fn ordered(value: &Json, place: Place<'_>) -> Result<Value> {
    if value.is_number() || value.is_string() {
        return Ok(Value::from_json(value));
    }
    place.wrong("a number or a date-time", value)
}

fn text(value: &Json, place: Place<'_>) -> Result<Value> {
    if value.is_string() {
        Ok(Value::from_json(value))
    } else {
        place.wrong("a string", value)
    }
}

fn list(value: &Json, place: Place<'_>) -> Result<Value> {
    let Some(items) = value.as_array() else {
        return place.wrong("an array", value);
    };
    let items: Result<Vec<Value>> = items.iter().map(|item| scalar(item, place)).collect();
    Ok(Value::list(items?))
}

/// Whether a value is meant as a range.
pub(super) fn is_range(value: &Json) -> bool {
    value.get("from").is_some() || value.get("to").is_some()
}

/// `{"from": .., "to": ..}`, both ends included.
pub(super) fn bounds(value: &Json, place: Place<'_>) -> Result<(Value, Value)> {
    match (value.get("from"), value.get("to")) {
        (Some(from), Some(to)) => {
            refuse_references(from)?;
            refuse_references(to)?;
            Ok((ordered(from, place)?, ordered(to, place)?))
        }
        _ => place.wrong("an object with `from` and `to`", value),
    }
}

/// Whether a status of a scorecard's rule says that it passed.
pub(super) fn passed(value: &Json, place: Place<'_>) -> Result<bool> {
    const STATUSES: [(&str, bool); 4] = [
        ("SUCCESS", true),
        ("Passed", true),
        ("FAILURE", false),
        ("Not passed", false),
    ];
    if let Json::Bool(passed) = value {
        return Ok(*passed);
    }
    let known = STATUSES.iter().find(|(known, _)| value == known);
    match known {
        Some((_, passed)) => Ok(*passed),
        None => place.wrong("`SUCCESS` or `FAILURE`", value),
    }
}

const fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "another object",
    }
}
