//! Expressions: the flat run, its operands, and what may stand behind an operand.

use super::super::ast::{Expr, ExprKind, ShapeItem};
use super::super::grammar::{Pair, Rule};
use super::fold::{self, Fold, Infix, Item, Level, negated};
use super::{Builder, Children, literal, only, unquoted};
use crate::error::{Error, Result, Span};
use crate::value::Value;

impl Builder<'_> {
    /// An `expr`, or an `arith` (an operand of BETWEEN).
    pub(super) fn expr(&self, pair: Pair<'_>) -> Result<Expr> {
        let span = self.span(&pair);
        self.run(&pair.into_inner().collect::<Vec<_>>(), span)
    }

    /// Folds a flat run of prefix, operand, postfix and infix pairs.
    pub(super) fn run(&self, pairs: &[Pair<'_>], span: Span) -> Result<Expr> {
        self.deeper(levels(pairs), span, || {
            let mut items = Vec::with_capacity(pairs.len());
            let mut rest = pairs;
            while let Some((item, after)) = self.item(rest)? {
                items.push(item);
                rest = after;
            }
            Fold::new(self, items).run()
        })
    }

    /// The first item of a run and the pairs after it.
    fn item<'p, 't>(&self, pairs: &'p [Pair<'t>]) -> Result<Option<(Item<'t>, &'p [Pair<'t>])>> {
        let Some((first, rest)) = pairs.split_first() else {
            return Ok(None);
        };
        let span = self.span(first);
        let rule = first.as_rule();
        let item = match rule {
            Rule::op_not => Item::Not(span),
            Rule::op_pos => Item::Plus(span),
            Rule::op_neg => match rest {
                [number, after @ ..] if number.as_rule() == Rule::int && !tight(after) => {
                    let kind = ExprKind::Literal(literal::integer(number, true)?);
                    let span = span.to(self.span(number));
                    return Ok(Some((Item::Operand(Expr { kind, span }), after)));
                }
                _ => Item::Minus(span),
            },
            _ if fold::is_postfix(rule) => Item::Postfix(first.clone()),
            _ => match Infix::of(rule) {
                Some(infix) => Item::Infix(infix),
                None => Item::Operand(self.operand(first.clone())?),
            },
        };
        Ok(Some((item, rest)))
    }

    fn operand(&self, pair: Pair<'_>) -> Result<Expr> {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::paren => {
                return Ok(Expr {
                    span,
                    ..self.expr(only(pair)?)?
                });
            }
            Rule::int => ExprKind::Literal(literal::integer(&pair, false)?),
            Rule::float => ExprKind::Literal(literal::float(&pair)?),
            Rule::duration => ExprKind::Literal(literal::duration(&pair)?),
            Rule::bad_number => return Err(literal::bad_number(&pair)),
            Rule::string => ExprKind::Literal(self.string(&pair)?),
            Rule::typed_literal => ExprKind::Literal(self.typed_literal(pair)?),
            Rule::null_literal => ExprKind::Literal(Value::Null),
            Rule::boolean => ExprKind::Literal(Value::Bool(only(pair)?.as_rule() == Rule::kw_true)),
            Rule::parameter => {
                let name = pair.as_str().strip_prefix('$').unwrap_or_default();
                ExprKind::Parameter(unquoted(name).into())
            }
            Rule::variable => ExprKind::Variable(self.name(&pair)?.text),
            Rule::bracket => self.bracket(pair)?,
            Rule::map_literal => ExprKind::Map(self.map_entries(pair)?),
            Rule::pattern_predicate => {
                let path = self.simple_path(Children::of(only(pair)?), span)?;
                ExprKind::PatternPredicate(Box::new(path))
            }
            Rule::legacy_shortest => {
                ExprKind::PatternPredicate(Box::new(self.legacy_shortest(pair)?))
            }
            Rule::case_expr => self.case(pair)?,
            Rule::exists_sub => {
                let mut children = Children::of(pair);
                children.next()?;
                ExprKind::Exists(Box::new(self.subquery(children.next()?)?))
            }
            Rule::agg_sub => self.aggregate(pair)?,
            Rule::count_star => ExprKind::CountStar {
                filter: self.count_filter(pair)?,
            },
            Rule::function_call => self.call(pair, span)?,
            _ => {
                return Err(Error::internal(
                    "an operand that the tree builder does not know",
                ));
            }
        };
        Ok(Expr { kind, span })
    }

    fn case(&self, pair: Pair<'_>) -> Result<ExprKind> {
        let (mut operand, mut arms, mut otherwise) = (None, Vec::new(), None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::case_operand => operand = self.last_expr(part)?.map(Box::new),
                Rule::case_else => otherwise = self.last_expr(part)?.map(Box::new),
                Rule::case_when => {
                    let values = part
                        .into_inner()
                        .filter(|part| part.as_rule() == Rule::expr);
                    let mut values: Vec<Expr> = values
                        .map(|value| self.expr(value))
                        .collect::<Result<_>>()?;
                    let result = values.pop();
                    let result = result.ok_or_else(|| Error::internal("WHEN without THEN"))?;
                    arms.push((values, result));
                }
                _ => {}
            }
        }
        Ok(ExprKind::Case {
            operand,
            arms,
            otherwise,
        })
    }

    /// Puts a postfix behind its operand.
    pub(super) fn postfix(&self, base: Expr, pair: Pair<'_>) -> Result<Expr> {
        let span = base.span.to(self.span(&pair));
        let rule = pair.as_rule();
        let is_negated = pair
            .clone()
            .into_inner()
            .next()
            .is_some_and(|word| word.as_rule() == Rule::kw_not)
            || pair
                .clone()
                .into_inner()
                .nth(1)
                .is_some_and(|word| word.as_rule() == Rule::kw_not);
        let base = Box::new(base);
        let kind = match rule {
            Rule::prop_access => ExprKind::Property(base, self.name(&only(pair)?)?),
            Rule::subscript => self.subscript(base, pair)?,
            Rule::shape => {
                let items = pair.into_inner().map(|item| self.shape_item(item));
                ExprKind::Shape(base, items.collect::<Result<_>>()?)
            }
            Rule::is_null => ExprKind::IsNull(base),
            Rule::is_empty => ExprKind::IsEmpty(base),
            Rule::between => {
                let mut bounds = pair
                    .into_inner()
                    .filter(|part| part.as_rule() == Rule::arith);
                let mut bound = || {
                    let bound = bounds.next();
                    self.expr(bound.ok_or_else(|| Error::internal("BETWEEN without bounds"))?)
                };
                ExprKind::Between {
                    value: base,
                    low: Box::new(bound()?),
                    high: Box::new(bound()?),
                }
            }
            _ => {
                let labels = pair
                    .into_inner()
                    .find(|part| part.as_rule() == Rule::label_and);
                let labels = labels.ok_or_else(|| Error::internal("a label test without label"))?;
                ExprKind::HasLabels(base, self.labels(labels)?)
            }
        };
        let expr = Expr { kind, span };
        Ok(if is_negated {
            negated(expr, span)
        } else {
            expr
        })
    }

    /// `base[i]` or `base[i..j]`
    fn subscript(&self, base: Box<Expr>, pair: Pair<'_>) -> Result<ExprKind> {
        let (mut from, mut to, mut is_slice) = (None, None, false);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::slice_dots => is_slice = true,
                Rule::slice_from => from = self.last_expr(part)?.map(Box::new),
                _ => to = self.last_expr(part)?.map(Box::new),
            }
        }
        match from {
            Some(index) if !is_slice => Ok(ExprKind::Index(base, index)),
            from => Ok(ExprKind::Slice(base, from, to)),
        }
    }

    fn shape_item(&self, pair: Pair<'_>) -> Result<ShapeItem> {
        let inner = only(pair)?;
        Ok(match inner.as_rule() {
            Rule::all_props => ShapeItem::AllProperties,
            Rule::prop_selector => ShapeItem::Property(self.name(&only(inner)?)?),
            Rule::map_entry => {
                let (name, expr) = self.map_entry(inner)?;
                ShapeItem::Entry(name, expr)
            }
            _ => ShapeItem::Variable(self.name(&inner)?),
        })
    }
}

/// Whether what comes next is a postfix that binds to the number before it, not to its sign.
fn tight(pairs: &[Pair<'_>]) -> bool {
    pairs.first().is_some_and(|next| {
        fold::is_postfix(next.as_rule()) && fold::postfix_level(next.as_rule()) == Level::Postfix
    })
}

/// How many levels the tree of a run has at most above any of its operands: each part between AND, OR
/// and XOR counts alone, since those are flat.
fn levels(pairs: &[Pair<'_>]) -> usize {
    let (mut deepest, mut part) = (0, 0);
    let mut logical = [false; 3];
    for rule in pairs.iter().map(Pair::as_rule) {
        match Infix::of(rule) {
            Some(Infix::Or) => logical[0] = true,
            Some(Infix::Xor) => logical[1] = true,
            Some(Infix::And) => logical[2] = true,
            _ => {
                part += fold::weight(rule);
                deepest = deepest.max(part);
                continue;
            }
        }
        part = 0;
    }
    1 + deepest + logical.into_iter().filter(|used| *used).count()
}
