//! Typed expressions as text: what `why` and `explain` print, and what tells equal atoms.
//!
//! Two expressions with the same text mean the same: literals show their kind, everything nested
//! stands in parentheses, and variables are numbered in the order in which they appear.

use std::fmt::Write as _;
use std::sync::Arc;

use super::names::Names;
use crate::model::{Compiled, Declared, Model};
use crate::query::ir::{
    Blueprints, Direction, Expr, ExprKind, Generator, Match, Range, Read, Relations, Slot, Subquery,
};
use crate::value::{NameId, Value};

/// The text of an expression over `this`, whose properties stand bare.
pub(super) fn render(model: &Model, expr: &Expr) -> String {
    let mut renderer = Renderer::new(model, None);
    renderer.expr(expr);
    renderer.out
}

/// The same for people: with the names that variables have in the text of the rule.
pub(super) fn render_named(model: &Model, expr: &Expr, names: &Names<'_>) -> String {
    let mut renderer = Renderer::new(model, Some(names));
    renderer.expr(expr);
    renderer.out
}

/// What must be true where an expression must be false, for people.
pub(super) fn render_negated(model: &Model, expr: &Expr, names: &Names<'_>) -> String {
    let mut renderer = Renderer::new(model, Some(names));
    if let ExprKind::IsNull(inner) = &expr.kind {
        renderer.around("", inner, " IS NOT NULL");
    } else if let ExprKind::IsEmpty(inner) = &expr.kind {
        renderer.around("", inner, " IS NOT EMPTY");
    } else {
        renderer.around("NOT ", expr, "");
    }
    renderer.out
}

/// A literal as the language writes it.
pub(super) fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Float(number) => format!("{number:?}"),
        Value::Instant(instant, offset) => format!("datetime('{}')", instant.text_at(*offset)),
        Value::Date(date) => format!("date('{date}')"),
        Value::Duration(duration) => format!("duration('{duration}')"),
        Value::Level(level) => format!("level({})", quoted(&level.title)),
        Value::Entity(id) => format!("entity({})", id.0),
        Value::List(values) => {
            let values: Vec<_> = values.iter().map(literal).collect();
            format!("[{}]", values.join(", "))
        }
        Value::Map(fields) => {
            let fields = fields
                .iter()
                .map(|(key, value)| format!("{}: {}", name(key), literal(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Relation(_) | Value::Path(_) => {
            value.to_json().to_string()
        }
    }
}

fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\'', "\\'");
    format!("'{}'", text.replace('\n', "\\n").replace('\r', "\\r"))
}

/// A name, in backticks where it is not a plain word.
fn name(text: &str) -> String {
    let text_start = text.strip_prefix('$').unwrap_or(text);
    let plain = |c: char| c == '_' || c.is_alphanumeric();
    let starts = text_start.starts_with(|c: char| c == '_' || c.is_alphabetic());
    if starts && text_start.chars().all(plain) {
        text.to_owned()
    } else {
        format!("`{}`", text.replace('`', "``"))
    }
}

struct Renderer<'m> {
    model: &'m Model,
    /// Where the text is for people.
    names: Option<&'m Names<'m>>,
    out: String,
    slots: Vec<Slot>,
    locals: Vec<u16>,
}

impl<'m> Renderer<'m> {
    const fn new(model: &'m Model, names: Option<&'m Names<'m>>) -> Self {
        Self {
            model,
            names,
            out: String::new(),
            slots: Vec::new(),
            locals: Vec::new(),
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Literal(value) => self.text(&literal(value)),
            ExprKind::Parameter(at) => self.text(&format!("$parameter{at}")),
            ExprKind::Slot(slot) => self.slot(*slot),
            ExprKind::Local(local) => self.local(*local),
            ExprKind::Read { base, read } => self.read(base, read),
            ExprKind::Key(base, key) => {
                self.operand(base);
                self.text(&match self.names {
                    Some(_) => format!(".{}", name(key)),
                    None => format!("[{}]", quoted(key)),
                });
            }
            ExprKind::Index(base, at) => {
                self.operand(base);
                self.bracketed(|renderer| renderer.expr(at));
            }
            ExprKind::Slice(base, from, to) => {
                self.operand(base);
                self.bracketed(|renderer| {
                    renderer.optional("", from.as_deref());
                    renderer.text("..");
                    renderer.optional("", to.as_deref());
                });
            }
            ExprKind::List(items) => self.bracketed(|renderer| renderer.joined(items, ", ")),
            ExprKind::Map(fields) => self.map(fields),
            ExprKind::Not(inner) => self.around("NOT ", inner, ""),
            ExprKind::Negate(inner) => self.around("-", inner, ""),
            ExprKind::And(items) => self.chain(items, " AND "),
            ExprKind::Or(items) => self.chain(items, " OR "),
            ExprKind::Xor(items) => self.chain(items, " XOR "),
            ExprKind::Compare(op, a, b) => self.binary(a, op.sign(), b),
            ExprKind::Arithmetic(op, a, b) => self.binary(a, op.sign(), b),
            ExprKind::Test(op, a, b) => self.binary(a, op.word(), b),
            ExprKind::IsNull(inner) => self.around("", inner, " IS NULL"),
            ExprKind::IsEmpty(inner) => self.around("", inner, " IS EMPTY"),
            ExprKind::IsBlueprint(inner, blueprints) => {
                self.operand(inner);
                self.labels(blueprints);
            }
            ExprKind::Case { arms, otherwise } => self.case(arms, otherwise.as_deref()),
            ExprKind::Call(function, arguments) => {
                self.text(function.name);
                self.parenthesised(|renderer| renderer.joined(arguments, ", "));
            }
            ExprKind::Comprehension {
                local,
                list,
                filter,
                map,
            } => self.bracketed(|renderer| {
                renderer.binding(*local, list);
                renderer.optional(" WHERE ", filter.as_deref());
                renderer.optional(" | ", map.as_deref());
            }),
            ExprKind::Quantified {
                quantifier: which,
                local,
                list,
                filter,
            } => {
                self.text(which.word());
                self.parenthesised(|renderer| {
                    renderer.binding(*local, list);
                    renderer.optional(" WHERE ", Some(filter));
                });
            }
            ExprKind::Elapsed { from, to, .. } => {
                self.text("elapsed");
                self.parenthesised(|renderer| {
                    renderer.expr(from);
                    renderer.text(", ");
                    renderer.expr(to);
                });
            }
            ExprKind::Outputs(_, generator) => self.outputs(generator),
            ExprKind::Let { local, value, body } => self.bound((*local, value), body),
            ExprKind::Reduce {
                accumulator,
                start,
                local,
                list,
                step,
            } => self.reduce((*accumulator, start), (*local, list), step),
            // None stands in a rule.
            ExprKind::Subquery(..) => self.text("subquery"),
            ExprKind::Exists(body) => self.subquery("EXISTS", body, None),
            ExprKind::Count(body, distinct) => self.subquery("COUNT", body, *distinct),
            ExprKind::Aggregate(at) => self.text(&format!("aggregate {at}")),
            ExprKind::Column(at) => self.text(&format!("column {at}")),
        }
    }

    fn bound(&mut self, (local, value): (u16, &Expr), body: &Expr) {
        self.text("let");
        self.parenthesised(|renderer| {
            renderer.local(local);
            renderer.optional(" = ", Some(value));
            renderer.optional(" | ", Some(body));
        });
    }

    fn reduce(
        &mut self,
        (accumulator, start): (u16, &Expr),
        (local, list): (u16, &Expr),
        step: &Expr,
    ) {
        self.text("reduce");
        self.parenthesised(|renderer| {
            renderer.local(accumulator);
            renderer.optional(" = ", Some(start));
            renderer.text(", ");
            renderer.binding(local, list);
            renderer.optional(" | ", Some(step));
        });
    }

    fn outputs(&mut self, generator: &Generator) {
        self.text("jq");
        self.parenthesised(|renderer| {
            for (at, part) in generator.expressions().into_iter().enumerate() {
                renderer.text(if at == 0 { "" } else { " | " });
                renderer.expr(part);
            }
        });
    }

    fn parenthesised(&mut self, inner: impl FnOnce(&mut Self)) {
        self.text("(");
        inner(self);
        self.text(")");
    }

    fn bracketed(&mut self, inner: impl FnOnce(&mut Self)) {
        self.text("[");
        inner(self);
        self.text("]");
    }

    fn optional(&mut self, before: &str, expr: Option<&Expr>) {
        if let Some(expr) = expr {
            self.text(before);
            self.expr(expr);
        }
    }

    fn joined(&mut self, items: &[Expr], separator: &str) {
        for (at, item) in items.iter().enumerate() {
            self.text(if at == 0 { "" } else { separator });
            self.expr(item);
        }
    }

    fn chain(&mut self, items: &[Expr], separator: &str) {
        if let [item] = items {
            return self.expr(item);
        }
        for (at, item) in items.iter().enumerate() {
            self.text(if at == 0 { "" } else { separator });
            self.operand(item);
        }
    }

    /// An operand, in parentheses where it is not plain.
    fn operand(&mut self, expr: &Expr) {
        let plain = matches!(
            expr.kind,
            ExprKind::Literal(_)
                | ExprKind::Parameter(_)
                | ExprKind::Slot(_)
                | ExprKind::Local(_)
                | ExprKind::Read { .. }
                | ExprKind::Key(..)
                | ExprKind::Index(..)
                | ExprKind::List(_)
                | ExprKind::Map(_)
                | ExprKind::Call(..)
                | ExprKind::Quantified { .. }
                | ExprKind::Exists(_)
                | ExprKind::Count(..)
        );
        if plain {
            self.expr(expr);
        } else {
            self.parenthesised(|renderer| renderer.expr(expr));
        }
    }

    fn around(&mut self, before: &str, inner: &Expr, after: &str) {
        self.text(before);
        self.operand(inner);
        self.text(after);
    }

    fn binary(&mut self, a: &Expr, op: &str, b: &Expr) {
        self.operand(a);
        self.text(&format!(" {op} "));
        self.operand(b);
    }

    fn map(&mut self, fields: &[(Arc<str>, Expr)]) {
        self.text("{");
        for (at, (key, value)) in fields.iter().enumerate() {
            self.text(if at == 0 { "" } else { ", " });
            self.text(&name(key));
            self.text(": ");
            self.expr(value);
        }
        self.text("}");
    }

    fn case(&mut self, arms: &[(Expr, Expr)], otherwise: Option<&Expr>) {
        self.parenthesised(|renderer| {
            renderer.text("CASE");
            for (when, then) in arms {
                renderer.optional(" WHEN ", Some(when));
                renderer.optional(" THEN ", Some(then));
            }
            renderer.optional(" ELSE ", otherwise);
            renderer.text(" END");
        });
    }

    fn slot(&mut self, slot: Slot) {
        if slot == Slot(0) {
            return self.text("this");
        }
        if let Some(name) = self.names.and_then(|names| names.slot(slot)) {
            return self.text(name);
        }
        let known = self.slots.iter().position(|known| *known == slot);
        let at = known.unwrap_or_else(|| {
            self.slots.push(slot);
            self.slots.len() - 1
        });
        self.text(&format!("v{}", at + 1));
    }

    fn local(&mut self, local: u16) {
        if let Some(name) = self.names.and_then(|names| names.local(local)) {
            return self.text(name);
        }
        let known = self.locals.iter().rposition(|known| *known == local);
        self.text(&format!("x{}", known.map_or(0, |at| at + 1)));
    }

    fn binding(&mut self, local: u16, list: &Expr) {
        // The list stands outside the scope of the variable, so its text is made first.
        let before = std::mem::take(&mut self.out);
        self.expr(list);
        let list = std::mem::replace(&mut self.out, before);
        self.locals.push(local);
        self.local(local);
        self.text(&format!(" IN {list}"));
    }

    /// A relation by name; in the namespace of relations where a property of the same name, of
    /// whatever blueprint, would be read in its place. Equal texts must mean the same.
    fn relation(&self, text: &str) -> String {
        let is_property = |compiled: &Arc<Compiled>| {
            let declared = compiled.declared(text);
            declared.is_some_and(|declared| !matches!(declared, Declared::Relation(_)))
        };
        if self.model.blueprints().any(is_property) {
            return format!("$relations.{}", name(text));
        }
        name(text)
    }

    fn read(&mut self, base: &Expr, read: &Read) {
        if !matches!(base.kind, ExprKind::Slot(Slot(0))) {
            self.operand(base);
            self.text(".");
        }
        let scorecard = |id| {
            self.model
                .scorecard(id)
                .map_or("", |scorecard| &scorecard.identifier)
        };
        let text = match read {
            Read::Meta(meta) => meta.name().to_owned(),
            Read::Property(id) => name(self.model.names().text(*id)),
            Read::Relation(id) => self.relation(self.model.names().text(*id)),
            Read::Level(id) => format!("$scorecards.{}.level", name(scorecard(*id))),
            Read::Score(id) => format!("$scorecards.{}.score", name(scorecard(*id))),
            Read::Column(at) => format!("column {at}"),
            Read::Rules(id) => format!("$scorecards.{}.rules", name(scorecard(*id))),
            Read::RulePassed(id, rule) => {
                format!("$scorecards.{}.rules[{rule}].passed", name(scorecard(*id)))
            }
        };
        self.text(&text);
    }

    fn labels(&mut self, blueprints: &Blueprints) {
        let Blueprints::Some(known) = blueprints else {
            return;
        };
        let identifier = |id| {
            self.model
                .blueprint(id)
                .map_or("", |c| &c.blueprint.identifier)
        };
        let known: Vec<_> = known.iter().map(|id| name(identifier(*id))).collect();
        self.text(&format!(":{}", known.join("|")));
    }

    fn subquery(&mut self, keyword: &str, body: &Subquery, distinct: Option<Slot>) {
        self.text(keyword);
        self.text(" { ");
        for (at, pattern) in body.matches.iter().enumerate() {
            self.text(if at == 0 { "" } else { " " });
            self.text(match (pattern.repeatable, self.names) {
                (true, _) => "MATCH REPEATABLE ELEMENTS ",
                // The only one goes without the word, as people write it.
                (false, Some(_)) if body.matches.len() == 1 => "",
                (false, _) => "MATCH ",
            });
            self.pattern(pattern);
        }
        if let Some(slot) = distinct {
            self.text(" RETURN DISTINCT ");
            self.slot(slot);
        }
        self.text(" }");
    }

    fn pattern(&mut self, pattern: &Match) {
        let (mut first, mut end) = (true, None);
        for hop in &pattern.hops {
            if end != Some(hop.from) {
                self.text(if std::mem::take(&mut first) { "" } else { ", " });
                self.variable(pattern, hop.from);
            }
            self.arrow(&hop.relations, hop.direction, hop.range);
            self.variable(pattern, hop.to);
            end = Some(hop.to);
        }
        let apart = |at: &usize| {
            !pattern
                .hops
                .iter()
                .any(|hop| hop.from == *at || hop.to == *at)
        };
        for at in (0..pattern.nodes.len()).filter(apart) {
            self.text(if std::mem::take(&mut first) { "" } else { ", " });
            self.variable(pattern, at);
        }
        if !pattern.filters.is_empty() {
            self.text(" WHERE ");
            self.chain(&pattern.filters, " AND ");
        }
    }

    fn variable(&mut self, pattern: &Match, at: usize) {
        let Some(variable) = pattern.nodes.get(at) else {
            return;
        };
        self.parenthesised(|renderer| {
            if !renderer.is_anonymous(pattern, at) {
                renderer.slot(variable.slot);
            }
            if variable.slot != Slot(0) {
                renderer.labels(&variable.blueprints);
            }
        });
    }

    /// Whether a variable has no name and needs none: it is written once.
    fn is_anonymous(&self, pattern: &Match, at: usize) -> bool {
        let (Some(names), Some(variable)) = (self.names, pattern.nodes.get(at)) else {
            return false;
        };
        let ends = pattern.hops.iter().flat_map(|hop| [hop.from, hop.to]);
        !variable.bound
            && names.slot(variable.slot).is_none()
            && ends.filter(|end| *end == at).count() <= 1
    }

    fn arrow(&mut self, relations: &Relations, direction: Direction, range: Range) {
        let text = |id: &NameId| name(self.model.names().text(*id));
        let relations = match relations {
            Relations::All => String::new(),
            Relations::Some(ids) => {
                format!("[:{}]", ids.iter().map(text).collect::<Vec<_>>().join("|"))
            }
        };
        let (left, right) = match direction {
            Direction::Outgoing => ("-", "->"),
            Direction::Incoming => ("<-", "-"),
            Direction::Either => ("-", "-"),
        };
        let mut text = format!("{left}{relations}{right}");
        if range != Range::ONE {
            let max = range.max.map_or(String::new(), |max| max.to_string());
            // Writing to a string does not fail.
            _ = write!(text, "{{{},{max}}}", range.min);
        }
        self.text(&text);
    }
}
