//! The state of one check: slots, variables in scope, parameters, and where aggregates may stand.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{blueprints, types, walk};
use crate::error::{Error, ErrorKind, Result, Span, did_you_mean};
use crate::model::{Meta, Model};
use crate::query::function;
use crate::query::ir::{self, Blueprints, Expr, ExprKind, Scope, Slot, Type};
use crate::query::syntax::ast;
use crate::value::BlueprintId;

/// What a variable stands for.
#[derive(Clone, Debug)]
pub(super) enum Binding {
    Slot(Slot),
    /// A value that rows hold.
    Value {
        local: u16,
        ty: Type,
    },
    /// The variable of a comprehension or quantifier.
    Local {
        index: u16,
        ty: Type,
        /// Whether it may be an entity although the type does not tell.
        entity: bool,
    },
    /// A column of the projection, in sort keys.
    Column(usize, Type),
}

/// A place of the row: its name and what the entity in it may be, as far as is known now.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) name: Arc<str>,
    pub(super) blueprints: Blueprints,
}

/// What holds while the items and sort keys of a projection are checked.
#[derive(Clone, Debug, Default)]
pub(super) struct Projecting {
    /// Expressions, as printed, that are columns.
    pub(super) columns: Vec<(String, usize, Type)>,
    pub(super) aggregates: Vec<ir::Aggregate>,
    /// Aggregates may stand here.
    pub(super) aggregating: bool,
    /// Within a list expression, where no aggregate may stand.
    pub(super) closed: bool,
    /// Rows are grouped: what is not a column cannot be read.
    pub(super) grouped: bool,
}

/// One check of a statement or rule.
#[derive(Debug)]
pub(super) struct Checker<'m> {
    pub(super) model: &'m Model,
    /// Whether a rule is checked: `this` is slot 0, and what a rule cannot keep true is refused.
    pub(super) in_rule: bool,
    pub(super) places: Vec<Place>,
    /// What was known of slots before it was narrowed, latest last: undone where a pattern goes
    /// out of scope, at the cost of what the pattern narrowed.
    narrowed: Vec<(Slot, Blueprints)>,
    /// The variable of each local.
    pub(super) locals: Vec<Arc<str>>,
    pub(super) parameters: Vec<Arc<str>>,
    /// The values of rows that something reads.
    pub(super) read: BTreeSet<u16>,
    /// Innermost last.
    pub(super) scope: Vec<(Arc<str>, Binding)>,
    /// Where the variables of the query at hand begin in the scope; those before are of the
    /// queries around it.
    pub(super) base: usize,
    /// What the rows of the query at hand hold, what has no name included.
    pub(super) rows: Scope,
    /// The entity whose properties bare names are.
    pub(super) implicit: Option<Slot>,
    pub(super) projecting: Option<Projecting>,
    /// How many subqueries are around.
    pub(super) subqueries: usize,
    /// Variables that a `WITH` did not pass on.
    pub(super) dropped: Vec<Arc<str>>,
}

impl<'m> Checker<'m> {
    pub(super) fn for_statement(model: &'m Model) -> Self {
        Self {
            model,
            in_rule: false,
            places: Vec::new(),
            narrowed: Vec::new(),
            locals: Vec::new(),
            parameters: Vec::new(),
            read: BTreeSet::new(),
            scope: Vec::new(),
            base: 0,
            rows: Scope::default(),
            implicit: None,
            projecting: None,
            subqueries: 0,
            dropped: Vec::new(),
        }
    }

    pub(super) fn for_rule(model: &'m Model, blueprint: BlueprintId) -> Self {
        let (this, set): (Arc<str>, _) = ("this".into(), blueprints::one(blueprint));
        let mut checker = Self::for_statement(model);
        checker.in_rule = true;
        checker.places.push(Place {
            name: Arc::clone(&this),
            blueprints: set,
        });
        checker.scope.push((this, Binding::Slot(Slot(0))));
        checker.implicit = Some(Slot(0));
        checker
    }

    /// For a condition over entities of some blueprints as a statement may have it.
    pub(super) fn for_condition(model: &'m Model, blueprints: &Blueprints) -> Self {
        let this: Arc<str> = "this".into();
        let mut checker = Self::for_statement(model);
        checker.places.push(Place {
            name: Arc::clone(&this),
            blueprints: blueprints.clone(),
        });
        checker.scope.push((this, Binding::Slot(Slot(0))));
        checker
    }

    /// Checks the expression of a rule; it must be a condition.
    pub(super) fn rule(mut self, tree: &ast::Expr) -> Result<ir::RuleExpr> {
        walk::bound_depth(tree)?;
        let expr = self.condition(tree, "a rule")?;
        Ok(self.finished_rule(expr))
    }

    /// Checks the expression of a calculation: it must yield what a property can hold.
    pub(super) fn value(mut self, tree: &ast::Expr) -> Result<ir::RuleExpr> {
        walk::bound_depth(tree)?;
        let expr = self.expression(tree)?;
        if types::entities(&expr.ty).is_some() {
            let message = "an entity is not a value that a property can hold";
            return Err(Error::syntax(message, expr.span)
                .with_help("read something of it, such as `.$identifier`"));
        }
        Ok(self.finished_rule(expr))
    }

    pub(super) fn finished_rule(self, expr: Expr) -> ir::RuleExpr {
        let slots = u16::try_from(self.places.len()).unwrap_or(u16::MAX);
        ir::RuleExpr {
            expr,
            slots,
            locals: u16::try_from(self.locals.len()).unwrap_or(u16::MAX),
        }
    }

    pub(super) fn new_slot(&mut self, name: Arc<str>, span: Span) -> Result<Slot> {
        let at = u16::try_from(self.places.len())
            .ok()
            .filter(|at| *at < u16::MAX);
        let slot = Slot(at.ok_or_else(|| too_many("pattern nodes", span))?);
        self.places.push(Place {
            name,
            blueprints: Blueprints::All,
        });
        Ok(slot)
    }

    pub(super) fn new_local(&mut self, name: Arc<str>, span: Span) -> Result<u16> {
        let at = u16::try_from(self.locals.len())
            .ok()
            .filter(|at| *at < u16::MAX);
        let local = at.ok_or_else(|| too_many("variables", span))?;
        self.locals.push(name);
        Ok(local)
    }

    /// The local made last.
    pub(super) fn last_local(&self) -> u16 {
        u16::try_from(self.locals.len().saturating_sub(1)).unwrap_or(u16::MAX)
    }

    pub(super) fn place(&self, slot: Slot) -> Option<&Place> {
        self.places.get(usize::from(slot.0))
    }

    pub(super) fn set_blueprints(&mut self, slot: Slot, set: &Blueprints) {
        if let Some(place) = self.places.get_mut(usize::from(slot.0)) {
            let before = std::mem::replace(&mut place.blueprints, set.clone());
            self.narrowed.push((slot, before));
        }
    }

    /// A point that [`Self::leave`] goes back to.
    pub(super) fn mark(&self) -> (usize, usize) {
        (self.scope.len(), self.narrowed.len())
    }

    /// Takes the variables out of scope that came into it since the mark, and forgets what was
    /// found out about slots.
    pub(super) fn leave(&mut self, (variables, narrowed): (usize, usize)) {
        self.scope.truncate(variables);
        while self.narrowed.len() > narrowed
            && let Some((slot, before)) = self.narrowed.pop()
        {
            if let Some(place) = self.places.get_mut(usize::from(slot.0)) {
                place.blueprints = before;
            }
        }
    }

    /// Forgets what was found out since the mark about the first so many slots.
    pub(super) fn widen(&mut self, (_, narrowed): (usize, usize), slots: usize) {
        let since = self.narrowed.get(narrowed..).unwrap_or_default();
        for (slot, before) in since.iter().rev() {
            let place = self.places.get_mut(usize::from(slot.0));
            if let Some(place) = place.filter(|_| usize::from(slot.0) < slots) {
                place.blueprints.clone_from(before);
            }
        }
    }

    pub(super) fn slot_expr(&self, slot: Slot, span: Span) -> Expr {
        let set = self
            .place(slot)
            .map_or(Blueprints::All, |place| place.blueprints.clone());
        Expr {
            kind: ExprKind::Slot(slot),
            ty: Type::Entity(set),
            span,
        }
    }

    pub(super) fn lookup(&self, name: &str) -> Option<&Binding> {
        self.scope
            .iter()
            .rev()
            .find(|(known, _)| **known == *name)
            .map(|(_, binding)| binding)
    }

    /// A bare name: a variable, else a property or relation of the implicit entity.
    pub(super) fn variable(&mut self, name: &Arc<str>, span: Span) -> Result<Expr> {
        match self.lookup(name).cloned() {
            Some(Binding::Slot(slot)) => {
                self.refuse_ungrouped(name, span)?;
                Ok(self.slot_expr(slot, span))
            }
            Some(Binding::Value { local, ty }) => {
                self.refuse_ungrouped(name, span)?;
                self.read.insert(local);
                Ok(Expr {
                    kind: ExprKind::Local(local),
                    ty,
                    span,
                })
            }
            Some(Binding::Local { index, ty, .. }) => Ok(Expr {
                kind: ExprKind::Local(index),
                ty,
                span,
            }),
            Some(Binding::Column(at, ty)) if self.subqueries == 0 => Ok(Expr {
                kind: ExprKind::Column(at),
                ty,
                span,
            }),
            Some(Binding::Column(..)) => Err(Error::unsupported(
                format!("the column `{name}` in a subquery"),
                span,
            )),
            None => match self.implicit {
                Some(slot) => {
                    let base = self.slot_expr(slot, span);
                    self.member(
                        base,
                        &ast::Name {
                            text: Arc::clone(name),
                            span,
                        },
                    )
                }
                None => Err(self.undefined(name, span)),
            },
        }
    }

    fn refuse_ungrouped(&self, name: &str, span: Span) -> Result<()> {
        let Some(projecting) = self.projecting.as_ref().filter(|p| p.grouped) else {
            return Ok(());
        };
        if projecting.aggregating {
            let message = format!("`{name}` stands beside an aggregate but is not grouped by");
            let help = "return what is read from it as a column of its own, or aggregate it";
            return Err(Error::syntax(message, span).with_help(help));
        }
        let message = format!("after `RETURN DISTINCT` rows have no `{name}` to order by");
        Err(Error::syntax(message, span).with_help("order by one of the columns returned"))
    }

    pub(super) fn undefined(&self, name: &str, span: Span) -> Error {
        let error = Error::syntax(format!("`{name}` is not defined"), span);
        let known = self.scope.iter().map(|(known, _)| &**known);
        // Between names of a letter or two everything is near to everything.
        if let Some(help) = did_you_mean(name, known).filter(|_| name.chars().count() > 2) {
            return error.with_help(help);
        }
        if self.dropped.iter().any(|dropped| **dropped == *name) {
            return error.with_help(format!(
                "only what `WITH` names goes on: write `WITH {name}, ..`"
            ));
        }
        if name.len() > 2 && function::find(name).is_some() {
            return error.with_help(format!("did you mean `{name}()`?"));
        }
        if name.starts_with(char::is_uppercase) {
            return error.with_help(format!("a text stands in quotes: `'{name}'`"));
        }
        let owner = self
            .scope
            .iter()
            .find(|(_, binding)| self.declares(binding, name));
        match owner {
            Some((variable, _)) => error.with_help(format!("did you mean `{variable}.{name}`?")),
            None => error,
        }
    }

    fn declares(&self, binding: &Binding, name: &str) -> bool {
        let Binding::Slot(slot) = binding else {
            return false;
        };
        let Some(Place {
            blueprints: set @ Blueprints::Some(_),
            ..
        }) = self.place(*slot)
        else {
            return false;
        };
        blueprints::members(self.model, set).any(|known| known.declared(name).is_some())
    }

    /// `$name`: a parameter, or in a rule the meta-property of that name.
    pub(super) fn parameter(&mut self, name: &Arc<str>, span: Span) -> Result<Expr> {
        let meta = format!("${name}");
        if self.in_rule {
            if Meta::named(&meta).is_none() {
                let error = Error::unsupported(format!("the parameter `{meta}` in a rule"), span);
                let known = Meta::ALL.iter().map(|(known, _)| *known);
                return Err(match did_you_mean(&meta, known) {
                    Some(help) => error.with_help(help),
                    None => error.with_help("write the value into the rule"),
                });
            }
            let base = self.slot_expr(Slot(0), span);
            return self.member(
                base,
                &ast::Name {
                    text: meta.into(),
                    span,
                },
            );
        }
        if Meta::named(&meta).is_some() || matches!(&**name, "scorecards" | "relations") {
            let message = format!("`{meta}` is a meta-property and cannot be a parameter");
            let help = format!("read it from a variable (`x.{meta}`) or rename the parameter");
            return Err(Error::syntax(message, span).with_help(help));
        }
        let known = self.parameters.iter().position(|known| known == name);
        let at = known.unwrap_or(self.parameters.len());
        if known.is_none() {
            self.parameters.push(Arc::clone(name));
        }
        let at = u16::try_from(at).map_err(|_| too_many("parameters", span))?;
        Ok(Expr {
            kind: ExprKind::Parameter(at),
            ty: Type::Any,
            span,
        })
    }

    /// An expression that must not be known to be anything but a boolean.
    pub(super) fn condition(&mut self, tree: &ast::Expr, what: &str) -> Result<Expr> {
        let expr = self.expression(tree)?;
        if expr.ty == Type::Boolean || types::is_open(&expr.ty) {
            return Ok(expr);
        }
        let message = format!(
            "{what} needs a condition, not {}",
            types::described(&expr.ty)
        );
        let error = Error::syntax(message, expr.span);
        Err(match expr.ty {
            Type::Entity(_) => error.with_help("test it with `IS NOT NULL`"),
            Type::List(_) => error.with_help("test it with `IS NOT EMPTY`"),
            _ => error.with_help("compare it with something"),
        })
    }
}

fn too_many(what: &str, span: Span) -> Error {
    Error::new(
        ErrorKind::Limit,
        format!("more than 65534 {what} in one query"),
    )
    .with_span(span)
}
