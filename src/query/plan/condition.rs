//! Conditions that an index can answer, recognised in the conjuncts of a pattern.

use std::ops::Bound;

use crate::index::folded;
use crate::model::Meta;
use crate::query::ir::{Comparison, Expr, ExprKind, Read, Slot, Test};
use crate::state::State;
use crate::value::{NameId, ScorecardId, Value};

/// What of an entity an index is kept of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Property(NameId),
    Identifier,
    Title,
    Team,
}

/// A condition on one field with constants.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    /// The field equals one of the values.
    OneOf(Field, Vec<Value>),
    /// A list field has one of the values among its elements.
    HasOneOf(Field, Vec<Value>),
    Range(Field, Bound<Value>, Bound<Value>),
    Prefix(Field, Value),
    Present(Field),
    /// A text has this in it, or a list has it among its elements.
    Contains(Field, Value),
    /// A text can match a pattern: it has this in it, without its case where that does not count.
    Like(Field, Part),
    /// A boolean property is this.
    Is(NameId, bool),
    Level(ScorecardId, Comparison, Value),
    LevelOneOf(ScorecardId, Vec<Value>),
    /// The entity takes part in a scorecard.
    Tested(ScorecardId),
    /// The entity takes part in a scorecard, and whether it passes a rule of it is this.
    Rule(ScorecardId, u16, bool),
    /// The entity at the end of a single relation satisfies a condition.
    Related(NameId, Box<Condition>),
}

/// What every text that matches a pattern has in it.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Folded where the case does not count.
    pub(super) text: String,
    pub(super) any_case: bool,
}

/// Gives the value of a constant expression, or nothing where it has none.
pub(super) type Constant<'f, 'a> = &'f mut dyn FnMut(&'a Expr) -> Option<Value>;

/// The condition on the entity of `slot` that a conjunct states, if an index could answer it.
pub(super) fn recognise<'a>(
    expr: &'a Expr,
    slot: Slot,
    constant: Constant<'_, 'a>,
) -> Option<Condition> {
    match &expr.kind {
        ExprKind::Compare(operator, left, right) => {
            if let Some(path) = path_of(left, slot) {
                return path.to(comparison(path.read, *operator, constant(right)?));
            }
            let path = path_of(right, slot)?;
            path.to(comparison(path.read, flipped(*operator), constant(left)?))
        }
        ExprKind::Test(Test::In, left, right) => {
            if let Some(path) = path_of(left, slot) {
                return path.to(one_of(path.read, constant(right)?));
            }
            let path = path_of(right, slot)?;
            path.to(has_one_of(path.read, vec![constant(left)?]))
        }
        ExprKind::Test(Test::Contains, left, right) => {
            let path = path_of(left, slot)?;
            path.to(contains(path.read, constant(right)?))
        }
        ExprKind::Test(test @ (Test::Like | Test::LikeIgnoreCase), left, right) => {
            let path = path_of(left, slot)?;
            let any_case = *test == Test::LikeIgnoreCase;
            path.to(like(path.read, constant(right)?.as_str()?, any_case))
        }
        ExprKind::Test(Test::ContainsAny, left, right) => {
            let path = path_of(left, slot)?;
            match constant(right)? {
                Value::List(values) => path.to(has_one_of(path.read, values.to_vec())),
                _ => None,
            }
        }
        ExprKind::Test(Test::StartsWith, left, right) => {
            let path = path_of(left, slot)?;
            path.to(prefix(path.read, constant(right)?))
        }
        ExprKind::Not(operand) => match &operand.kind {
            ExprKind::IsNull(inner) => {
                let path = path_of(inner, slot)?;
                path.to(present(path.read))
            }
            _ => boolean(operand, slot, false),
        },
        ExprKind::Read { .. } => boolean(expr, slot, true),
        _ => None,
    }
}

/// What is read at the end of relations from an entity; the last relation first.
struct Path<'a> {
    relations: Vec<NameId>,
    read: &'a Read,
}

fn path_of(expr: &Expr, slot: Slot) -> Option<Path<'_>> {
    let ExprKind::Read { base, read } = &expr.kind else {
        return None;
    };
    let (mut relations, mut at) = (Vec::new(), base);
    while let ExprKind::Read {
        base,
        read: Read::Relation(name),
    } = &at.kind
    {
        relations.push(*name);
        at = base;
    }
    matches!(at.kind, ExprKind::Slot(of) if of == slot).then_some(Path { relations, read })
}

impl Path<'_> {
    /// The condition on the entity at the start that one at the end comes to.
    fn to(&self, end: Option<Condition>) -> Option<Condition> {
        let relate = |inner, relation: &NameId| Condition::Related(*relation, Box::new(inner));
        Some(self.relations.iter().fold(end?, relate))
    }
}

fn prefix(read: &Read, prefix: Value) -> Option<Condition> {
    let field = field_of(read)?;
    let usable = matches!(field, Field::Property(_) | Field::Title);
    (usable && prefix.as_str().is_some()).then_some(Condition::Prefix(field, prefix))
}

fn present(read: &Read) -> Option<Condition> {
    if let Read::Level(scorecard) = read {
        return Some(Condition::Tested(*scorecard));
    }
    match field_of(read)? {
        field @ (Field::Property(_) | Field::Title) => Some(Condition::Present(field)),
        Field::Identifier | Field::Team => None,
    }
}

fn field_of(read: &Read) -> Option<Field> {
    match read {
        Read::Property(name) => Some(Field::Property(*name)),
        Read::Meta(Meta::Identifier) => Some(Field::Identifier),
        Read::Meta(Meta::Title) => Some(Field::Title),
        Read::Meta(Meta::Team) => Some(Field::Team),
        Read::Meta(_)
        | Read::Relation(_)
        | Read::Level(_)
        | Read::Rules(_)
        | Read::RulePassed(..)
        | Read::Score(_)
        | Read::Column(_) => None,
    }
}

fn boolean(expr: &Expr, slot: Slot, is: bool) -> Option<Condition> {
    let path = path_of(expr, slot)?;
    match path.read {
        Read::Property(name) => path.to(Some(Condition::Is(*name, is))),
        Read::RulePassed(card, rule) => path.to(Some(Condition::Rule(*card, *rule, is))),
        _ => None,
    }
}

const fn flipped(operator: Comparison) -> Comparison {
    match operator {
        Comparison::Equal => Comparison::Equal,
        Comparison::NotEqual => Comparison::NotEqual,
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
    }
}

/// Values that are looked up: single ones that equal themselves.
fn usable(value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::Int(_) | Value::String(_) | Value::Instant(..) | Value::Date(_) => {
            true
        }
        Value::Float(number) => !number.is_nan(),
        Value::Null
        | Value::Duration(_)
        | Value::Level(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Entity(_)
        | Value::Relation(_)
        | Value::Path(_) => false,
    }
}

fn comparison(read: &Read, operator: Comparison, value: Value) -> Option<Condition> {
    if let Read::Level(scorecard) = read {
        let usable = matches!(value, Value::Level(_) | Value::String(_));
        return usable.then_some(Condition::Level(*scorecard, operator, value));
    }
    let field = field_of(read).filter(|field| *field != Field::Team)?;
    if !usable(&value) {
        return None;
    }
    let (from, to) = match operator {
        Comparison::Equal => return Some(Condition::OneOf(field, vec![value])),
        Comparison::NotEqual => return None,
        Comparison::Less => (Bound::Unbounded, Bound::Excluded(value)),
        Comparison::LessOrEqual => (Bound::Unbounded, Bound::Included(value)),
        Comparison::Greater => (Bound::Excluded(value), Bound::Unbounded),
        Comparison::GreaterOrEqual => (Bound::Included(value), Bound::Unbounded),
    };
    (field != Field::Identifier).then_some(Condition::Range(field, from, to))
}

fn one_of(read: &Read, list: Value) -> Option<Condition> {
    let Value::List(values) = list else {
        return None;
    };
    // `x IN [1, null]` is true exactly where x is 1: nulls make answers unknown, never true.
    let values: Vec<Value> = values
        .iter()
        .filter(|value| !value.is_null())
        .cloned()
        .collect();
    if let Read::Level(scorecard) = read {
        return Some(Condition::LevelOneOf(*scorecard, values));
    }
    let field = field_of(read).filter(|field| *field != Field::Team)?;
    values
        .iter()
        .all(usable)
        .then_some(Condition::OneOf(field, values))
}

fn has_one_of(read: &Read, values: Vec<Value>) -> Option<Condition> {
    let field = field_of(read)?;
    let plain =
        |value: &Value| usable(value) && !matches!(value, Value::Instant(..) | Value::Date(_));
    let listed = matches!(field, Field::Property(_) | Field::Team);
    (listed && values.iter().all(plain)).then_some(Condition::HasOneOf(field, values))
}

fn contains(read: &Read, value: Value) -> Option<Condition> {
    let field = field_of(read)?;
    match field {
        Field::Team => has_one_of(read, vec![value]),
        Field::Property(_) | Field::Title | Field::Identifier => {
            let plain = usable(&value) && !matches!(value, Value::Instant(..) | Value::Date(_));
            plain.then_some(Condition::Contains(field, value))
        }
    }
}

/// The condition that the longest run of a pattern without wildcards comes to.
fn like(read: &Read, pattern: &str, any_case: bool) -> Option<Condition> {
    let field = field_of(read).filter(|field| *field != Field::Team)?;
    // What an escape stands for is left to the test.
    if pattern.contains('\\') {
        return None;
    }
    let run = pattern.split(['%', '_']).max_by_key(|run| run.len())?;
    let text = if any_case {
        folded(run)
    } else {
        run.to_owned()
    };
    (!text.is_empty()).then_some(Condition::Like(field, Part { text, any_case }))
}

/// The condition for people.
pub(super) fn describe(state: &State, condition: &Condition) -> String {
    let field = |field: &Field| match field {
        Field::Property(name) => state.model().names().text(*name).to_owned(),
        Field::Identifier => "$identifier".to_owned(),
        Field::Title => "$title".to_owned(),
        Field::Team => "$team".to_owned(),
    };
    match condition {
        Condition::Related(name, inner) => {
            format!(
                "{}.{}",
                state.model().names().text(*name),
                describe(state, inner)
            )
        }
        Condition::OneOf(of, values) => format!("{} ({} values)", field(of), values.len()),
        Condition::HasOneOf(of, values) => format!("{} ({} elements)", field(of), values.len()),
        Condition::Range(of, ..) => format!("{} (range)", field(of)),
        Condition::Prefix(of, _) => format!("{} (prefix)", field(of)),
        Condition::Present(of) => format!("{} (present)", field(of)),
        Condition::Contains(of, _) => format!("{} (contains)", field(of)),
        Condition::Like(of, _) => format!("{} (like)", field(of)),
        Condition::Is(name, is) => format!("{} ({is})", field(&Field::Property(*name))),
        Condition::Level(scorecard, ..)
        | Condition::LevelOneOf(scorecard, _)
        | Condition::Tested(scorecard) => {
            let declared = state.model().scorecard(*scorecard);
            let name = declared.map_or("", |declared| &declared.identifier);
            format!("level of {name}")
        }
        Condition::Rule(scorecard, rule, passing) => {
            let declared = state.model().scorecard(*scorecard);
            let rules = declared.map_or(&[][..], |declared| &declared.rules);
            let name = rules
                .get(usize::from(*rule))
                .map_or("", |rule| &rule.identifier);
            format!("rule {name} ({passing})")
        }
    }
}
