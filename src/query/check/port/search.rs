//! A body of Port's search or aggregation to a query of the language.

use serde_json::Value as Json;

use super::group::{self, Group};
use super::make::{self, NOWHERE, literal, member, name, this};
use super::operand::Operand;
use super::{Leaf, Scope, aggregate, at_leaf};
use crate::error::{Error, Result, did_you_mean};
use crate::model::{At, Combinator, Fields, Model};
use crate::query::check::checker::Checker;
use crate::query::check::{blueprints, print_pattern, walk};
use crate::query::ir::Blueprints;
use crate::query::syntax::ast::{
    Clause, ClauseKind, Expr, ExprKind, Match, Projection, ProjectionItem, SingleQuery, SortItem,
    Subquery,
};
use crate::value::Value;

/// A query that JSON stands for.
#[derive(Debug)]
pub(crate) struct Question {
    /// Its text.
    pub(crate) text: String,
    leaves: Vec<Leaf>,
    blueprints: Blueprints,
}

/// Keys of a search; `type` is `SEARCH` where Port has other kinds of conditions.
const KEYS: [&str; 10] = [
    "combinator",
    "rules",
    "conditions",
    "query",
    "blueprint",
    "include",
    "sort",
    "limit",
    "type",
    "title",
];

/// The query of a body: a search `{combinator, rules}`, or with `func` an aggregation.
///
/// # Errors
/// `Invalid` or `Unsupported` with the path in the body.
pub(crate) fn question(model: &Model, body: &Json) -> Result<Question> {
    let at = At::root(body)?;
    let mut fields = at.fields()?;
    if ["func", "calculationSpec"]
        .iter()
        .any(|key| fields.peek(key).is_some())
    {
        return aggregate::question(model, fields);
    }
    let subject = Subject::read(model, &mut fields)?;
    let items = returned(&subject.scope, &mut fields)?;
    let mut projection = projection(items);
    projection.order = sorted(&subject.scope, &mut fields)?;
    projection.limit = limit(&mut fields)?;
    for ignored in ["type", "title"] {
        fields.take(ignored);
    }
    fields.close("a search", &KEYS)?;
    Ok(subject.question(projection))
}

impl Question {
    /// Whether a rule reads something of the user.
    pub(crate) fn speaks_of_user(&self) -> bool {
        let is_user =
            |expr: &Expr| matches!(&expr.kind, ExprKind::Parameter(name) if **name == *"user");
        let mut leaves = self.leaves.iter();
        leaves.any(|leaf| walk::anywhere(&leaf.expr, is_user))
    }

    /// Gives an error of the query the path of the rule that is wrong by itself, and its text.
    pub(crate) fn located(&self, model: &Model, error: Error) -> Error {
        at_leaf(error, &self.leaves, |leaf| {
            Checker::for_condition(model, &self.blueprints)
                .condition(leaf, "`WHERE`")
                .map(|_| ())
        })
    }
}

/// Which entities a body is about.
pub(super) struct Subject<'m> {
    pub(super) scope: Scope<'m>,
    labels: Vec<&'m str>,
    parts: Vec<Expr>,
    combinator: Combinator,
    leaves: Vec<Leaf>,
}

impl<'m> Subject<'m> {
    /// Takes `blueprint`, and the rules under `query` or beside it.
    pub(super) fn read(model: &'m Model, fields: &mut Fields<'_>) -> Result<Self> {
        let mut subject = Self {
            scope: Scope {
                model,
                blueprints: Blueprints::All,
            },
            labels: Vec::new(),
            parts: Vec::new(),
            combinator: Combinator::And,
            leaves: Vec::new(),
        };
        if let Some(blueprint) = fields.take("blueprint") {
            subject.only(&[blueprint])?;
        }
        let group = match fields.take("query") {
            Some(query) => {
                let mut fields = query.fields()?;
                let group = Group::read(&mut fields)?;
                fields.close("a query", &group::KEYS)?;
                group
            }
            None if fields.peek("combinator").is_some() => Group::read(fields)?,
            None if subject.labels.is_empty() => {
                return Err(fields.at().error("missing `combinator` and `rules`"));
            }
            None => return Ok(subject),
        };
        subject.combinator = group.combinator;
        let mut rest = Vec::with_capacity(group.rules.len());
        for rule in group.rules {
            if !subject.takes_as_label(&rule)? {
                rest.push(rule);
            }
        }
        for rule in rest {
            let part = group::one(&subject.scope, &rule, &mut subject.leaves, 0)?;
            subject.parts.push(part);
        }
        Ok(subject)
    }

    /// Makes a label of the rule that says of which blueprint all answers are, if it is one.
    fn takes_as_label(&mut self, rule: &At<'_>) -> Result<bool> {
        if self.combinator != Combinator::And || !self.labels.is_empty() {
            return Ok(false);
        }
        let fields = rule.fields()?;
        let text = |key| fields.peek(key).and_then(|at| at.json().as_str());
        if text("property") != Some("$blueprint") {
            return Ok(false);
        }
        let Some(value) = fields.peek("value") else {
            return Ok(false);
        };
        let named = match (text("operator"), value.json()) {
            (Some("="), Json::String(_)) => vec![value],
            (Some("in"), Json::Array(all)) if !all.is_empty() => value.array()?.collect(),
            _ => return Ok(false),
        };
        if named
            .iter()
            .any(|at| at.json().as_str().is_none_or(|text| text.contains("{{")))
        {
            return Ok(false);
        }
        self.only(&named)?;
        Ok(true)
    }

    fn only(&mut self, named: &[At<'_>]) -> Result<()> {
        let mut set = Blueprints::Some([].into());
        for at in named {
            let known = self.scope.model.find_blueprint(at.string()?);
            let known = known.map_err(|error| at.place(error))?;
            set = blueprints::union(&set, &blueprints::one(known.id));
            self.labels.push(&known.blueprint.identifier);
        }
        self.scope.blueprints = set;
        Ok(())
    }

    /// Adds a condition that must hold besides the rules.
    pub(super) fn require(&mut self, condition: Expr) {
        let rules = std::mem::take(&mut self.parts);
        if !rules.is_empty() {
            self.parts.push(group::joined(self.combinator, rules));
        }
        self.combinator = Combinator::And;
        self.parts.push(condition);
    }

    /// The query that returns something of these entities.
    pub(super) fn question(self, returns: Projection) -> Question {
        let start = make::node(Some("this"), &self.labels);
        let filter = (!self.parts.is_empty()).then(|| group::joined(self.combinator, self.parts));
        let clause = ClauseKind::Match(Match {
            optional: false,
            repeatable: false,
            paths: vec![make::path(start, Vec::new())],
            filter,
        });
        let query = SingleQuery {
            clauses: vec![Clause {
                kind: clause,
                span: NOWHERE,
            }],
            returns: Some(returns),
            span: NOWHERE,
        };
        let mut text = String::new();
        let body = Subquery::Query {
            parts: vec![query],
            unions: Vec::new(),
        };
        print_pattern::subquery(&mut text, &body);
        Question {
            text,
            leaves: self.leaves,
            blueprints: self.scope.blueprints,
        }
    }
}

/// What a search returns: the entities, or what `include` names of each.
fn returned(scope: &Scope<'_>, fields: &mut Fields<'_>) -> Result<Vec<ProjectionItem>> {
    let Some(include) = fields.take("include") else {
        return Ok(vec![item(this(), "this")]);
    };
    let column = |at: At<'_>| {
        let property = at.string()?;
        let alias = property.trim_start_matches('$');
        let of_relation = scope.relations(property).next().is_some();
        Ok(if of_relation {
            let relation = member(member(this(), "$relations"), property);
            item(member(relation, "$identifier"), alias)
        } else {
            item(member(this(), property), alias)
        })
    };
    include.array()?.map(column).collect()
}

pub(super) fn item(expr: Expr, alias: &str) -> ProjectionItem {
    let is_itself = matches!(&expr.kind, ExprKind::Variable(name) if **name == *alias);
    ProjectionItem {
        expr,
        alias: (!is_itself).then(|| name(alias)),
        text: alias.into(),
    }
}

pub(super) const fn projection(items: Vec<ProjectionItem>) -> Projection {
    Projection {
        distinct: false,
        star: None,
        items,
        order: Vec::new(),
        skip: None,
        limit: None,
        span: NOWHERE,
    }
}

/// `[{"property": .., "order": "ASC" or "DESC"}]`
fn sorted(scope: &Scope<'_>, fields: &mut Fields<'_>) -> Result<Vec<SortItem>> {
    let Some(sort) = fields.take("sort") else {
        return Ok(Vec::new());
    };
    let one = |at: At<'_>| {
        let mut fields = at.fields()?;
        let operand = Operand::read(scope, &mut fields)?;
        let descending = match fields.take("order") {
            None => false,
            Some(order) => read_order(&order)?,
        };
        fields.close(
            "a key of `sort`",
            &[
                "property",
                "relation",
                "targetProperty",
                "scorecard",
                "scorecardRule",
                "order",
            ],
        )?;
        Ok(sort_by(operand.tested, descending))
    };
    if sort.json().is_array() {
        sort.array()?.map(one).collect()
    } else {
        Ok(vec![one(sort)?])
    }
}

fn read_order(at: &At<'_>) -> Result<bool> {
    let order = at.string()?;
    match order.to_ascii_lowercase().as_str() {
        "asc" => Ok(false),
        "desc" => Ok(true),
        _ => {
            let help = did_you_mean(order, ["ASC", "DESC"]);
            let error = at.error(format!("there is no order `{}`", order.escape_debug()));
            Err(error.with_help(help.unwrap_or_else(|| "use `ASC` or `DESC`".to_owned())))
        }
    }
}

pub(super) const fn sort_by(expr: Expr, descending: bool) -> SortItem {
    SortItem {
        expr,
        descending,
        nulls_first: None,
    }
}

fn limit(fields: &mut Fields<'_>) -> Result<Option<Expr>> {
    let Some(at) = fields.take("limit") else {
        return Ok(None);
    };
    let limit = at.json().as_i64().filter(|limit| *limit > 0);
    let limit = limit.ok_or_else(|| at.expected("a whole number above 0"))?;
    Ok(Some(literal(Value::Int(limit))))
}
