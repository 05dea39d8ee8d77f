//! Folds the flat run of an expression into a tree by precedence.
//!
//! Precedence climbing over the items in order; the levels are those of openCypher's CIP2021-08-10.
//! AND, OR and XOR become flat n-ary nodes; a chain of comparisons becomes the AND of its links.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::super::ast::{Arithmetic, Comparison, Expr, ExprKind, Test};
use super::super::grammar::{Pair, Rule};
use super::Builder;
use crate::error::{Error, Result, Span};

/// One item of the flat run.
pub(super) enum Item<'t> {
    Not(Span),
    Minus(Span),
    Plus(Span),
    Operand(Expr),
    Postfix(Pair<'t>),
    Infix(Infix),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Infix {
    Or,
    Xor,
    And,
    Compare(Comparison),
    /// The flag says that the test is negated.
    Test(Test, bool),
    Arithmetic(Arithmetic),
}

/// How tight an operator binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Or,
    Xor,
    And,
    Not,
    Compare,
    Test,
    Sum,
    Product,
    Power,
    Sign,
    Postfix,
}

impl Level {
    /// The level that the right operand of a left-associative operator of this level must have.
    const fn next(self) -> Self {
        match self {
            Self::Or => Self::Xor,
            Self::Xor => Self::And,
            Self::And => Self::Not,
            Self::Not => Self::Compare,
            Self::Compare => Self::Test,
            Self::Test => Self::Sum,
            Self::Sum => Self::Product,
            Self::Product => Self::Power,
            Self::Power => Self::Sign,
            Self::Sign | Self::Postfix => Self::Postfix,
        }
    }
}

const OPERATORS: [(Rule, Infix); 31] = {
    use Arithmetic::{Add, Concatenate, Divide, Modulo, Multiply, Power, Subtract};
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    [
        (Rule::op_or, Infix::Or),
        (Rule::op_xor, Infix::Xor),
        (Rule::op_and, Infix::And),
        (Rule::op_eq, Infix::Compare(Equal)),
        (Rule::op_ne, Infix::Compare(NotEqual)),
        (Rule::op_lt, Infix::Compare(Less)),
        (Rule::op_le, Infix::Compare(LessOrEqual)),
        (Rule::op_gt, Infix::Compare(Greater)),
        (Rule::op_ge, Infix::Compare(GreaterOrEqual)),
        (Rule::op_in, Infix::Test(Test::In, false)),
        (Rule::op_not_in, Infix::Test(Test::In, true)),
        (Rule::op_starts, Infix::Test(Test::StartsWith, false)),
        (Rule::op_not_starts, Infix::Test(Test::StartsWith, true)),
        (Rule::op_ends, Infix::Test(Test::EndsWith, false)),
        (Rule::op_not_ends, Infix::Test(Test::EndsWith, true)),
        (Rule::op_contains, Infix::Test(Test::Contains, false)),
        (Rule::op_not_contains, Infix::Test(Test::Contains, true)),
        (Rule::op_contains_any, Infix::Test(Test::ContainsAny, false)),
        (Rule::op_contains_all, Infix::Test(Test::ContainsAll, false)),
        (Rule::op_like, Infix::Test(Test::Like, false)),
        (Rule::op_not_like, Infix::Test(Test::Like, true)),
        (Rule::op_ilike, Infix::Test(Test::LikeIgnoreCase, false)),
        (Rule::op_not_ilike, Infix::Test(Test::LikeIgnoreCase, true)),
        (Rule::op_regex, Infix::Test(Test::Regex, false)),
        (Rule::op_add, Infix::Arithmetic(Add)),
        (Rule::op_sub, Infix::Arithmetic(Subtract)),
        (Rule::op_concat, Infix::Arithmetic(Concatenate)),
        (Rule::op_mul, Infix::Arithmetic(Multiply)),
        (Rule::op_div, Infix::Arithmetic(Divide)),
        (Rule::op_mod, Infix::Arithmetic(Modulo)),
        (Rule::op_pow, Infix::Arithmetic(Power)),
    ]
};

impl Infix {
    pub(super) fn of(rule: Rule) -> Option<Self> {
        OPERATORS
            .iter()
            .find(|(operator, _)| *operator == rule)
            .map(|(_, infix)| *infix)
    }

    pub(super) const fn level(self) -> Level {
        match self {
            Self::Or => Level::Or,
            Self::Xor => Level::Xor,
            Self::And => Level::And,
            Self::Compare(_) => Level::Compare,
            Self::Test(..) => Level::Test,
            Self::Arithmetic(operator) => match operator {
                Arithmetic::Add | Arithmetic::Subtract | Arithmetic::Concatenate => Level::Sum,
                Arithmetic::Multiply | Arithmetic::Divide | Arithmetic::Modulo => Level::Product,
                Arithmetic::Power => Level::Power,
            },
        }
    }
}

/// The level at which a postfix binds: `IS NULL` and its kin bind looser than arithmetic.
pub(super) fn postfix_level(rule: Rule) -> Level {
    match rule {
        Rule::is_null | Rule::is_empty | Rule::is_label | Rule::between => Level::Test,
        _ => Level::Postfix,
    }
}

/// How many levels of the tree an item of the flat run may add.
pub(super) fn weight(rule: Rule) -> usize {
    // The negated ones make two.
    if postfix_level(rule) == Level::Test {
        return 2;
    }
    match Infix::of(rule) {
        Some(Infix::Or | Infix::Xor | Infix::And) => 0,
        Some(Infix::Test(..)) => 2,
        Some(Infix::Compare(_) | Infix::Arithmetic(_)) => 1,
        None => usize::from(is_item(rule)),
    }
}

fn is_item(rule: Rule) -> bool {
    is_postfix(rule) || matches!(rule, Rule::op_not | Rule::op_neg | Rule::op_pos)
}

pub(super) fn is_postfix(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::prop_access | Rule::subscript | Rule::shape | Rule::has_label
    ) || postfix_level(rule) == Level::Test
}

pub(super) struct Fold<'b, 't> {
    builder: &'b Builder<'b>,
    items: Peekable<IntoIter<Item<'t>>>,
}

impl<'b, 't> Fold<'b, 't> {
    pub(super) fn new(builder: &'b Builder<'b>, items: Vec<Item<'t>>) -> Self {
        Self {
            builder,
            items: items.into_iter().peekable(),
        }
    }

    pub(super) fn run(&mut self) -> Result<Expr> {
        self.climb(Level::Or)
    }

    /// The expression that starts here, of operators that bind at least as tight as `floor`.
    /// The recursion is as deep as the tree that it makes, which the builder has bounded.
    fn climb(&mut self, floor: Level) -> Result<Expr> {
        let mut left = self.operand()?;
        loop {
            match self.items.peek() {
                Some(Item::Infix(infix)) if infix.level() >= floor => {
                    let infix = *infix;
                    left = self.infix(left, infix)?;
                }
                Some(Item::Postfix(pair)) if postfix_level(pair.as_rule()) >= floor => {
                    if let Some(Item::Postfix(pair)) = self.items.next() {
                        left = self.builder.postfix(left, pair)?;
                    }
                }
                _ => return Ok(left),
            }
        }
    }

    fn operand(&mut self) -> Result<Expr> {
        match self.items.next() {
            Some(Item::Operand(expr)) => Ok(expr),
            Some(Item::Not(span)) => {
                let operand = self.climb(Level::Not)?;
                Ok(negated(operand, span))
            }
            Some(Item::Minus(span)) => {
                let operand = self.climb(Level::Sign)?;
                let span = span.to(operand.span);
                Ok(Expr {
                    kind: ExprKind::Negate(Box::new(operand)),
                    span,
                })
            }
            Some(Item::Plus(span)) => {
                let operand = self.climb(Level::Sign)?;
                Ok(Expr {
                    span: span.to(operand.span),
                    ..operand
                })
            }
            _ => Err(Error::internal("an expression without an operand")),
        }
    }

    fn infix(&mut self, left: Expr, infix: Infix) -> Result<Expr> {
        let level = infix.level();
        match infix {
            Infix::Or => Ok(joined(self.same(left, infix)?, ExprKind::Or)),
            Infix::Xor => Ok(joined(self.same(left, infix)?, ExprKind::Xor)),
            Infix::And => Ok(joined(self.same(left, infix)?, ExprKind::And)),
            Infix::Compare(_) => self.comparisons(left),
            Infix::Test(test, is_negated) => {
                self.items.next();
                let right = self.climb(level.next())?;
                let span = left.span.to(right.span);
                let kind = ExprKind::Test(test, Box::new(left), Box::new(right));
                let expr = Expr { kind, span };
                Ok(if is_negated {
                    negated(expr, span)
                } else {
                    expr
                })
            }
            Infix::Arithmetic(operator) => {
                self.items.next();
                let right = self.climb(level.next())?;
                let span = left.span.to(right.span);
                let kind = ExprKind::Arithmetic(operator, Box::new(left), Box::new(right));
                Ok(Expr { kind, span })
            }
        }
    }

    /// All operands of a run of one logical operator.
    fn same(&mut self, left: Expr, infix: Infix) -> Result<Vec<Expr>> {
        let mut operands = vec![left];
        while matches!(self.items.peek(), Some(Item::Infix(next)) if *next == infix) {
            self.items.next();
            operands.push(self.climb(infix.level().next())?);
        }
        Ok(operands)
    }

    /// `a < b`, or a chain `a < b <= c`, which means `a < b AND b <= c`.
    fn comparisons(&mut self, left: Expr) -> Result<Expr> {
        let mut operands = vec![left];
        let mut operators = Vec::new();
        while let Some(Item::Infix(Infix::Compare(comparison))) = self.items.peek() {
            operators.push(*comparison);
            self.items.next();
            operands.push(self.climb(Level::Test)?);
        }
        for middle in operands
            .iter()
            .skip(1)
            .take(operators.len().saturating_sub(1))
        {
            self.builder.check_repeatable(middle.span)?;
        }
        let mut operands = operands.into_iter();
        let mut last = operands.next();
        let mut links = Vec::with_capacity(operators.len());
        for comparison in operators {
            let right = operands.next();
            let right = right.ok_or_else(|| Error::internal("a comparison without operands"))?;
            // The last operand is not repeated; nothing is copied for a plain comparison.
            let next = (operands.len() > 0).then(|| right.clone());
            let left = last
                .take()
                .ok_or_else(|| Error::internal("a comparison without operands"))?;
            links.push(compare(comparison, left, right));
            last = next;
        }
        match links.pop() {
            Some(single) if links.is_empty() => Ok(single),
            end => {
                links.extend(end);
                let chain = joined(links, ExprKind::And);
                self.builder.chains.borrow_mut().push(chain.span);
                Ok(chain)
            }
        }
    }
}

impl Builder<'_> {
    /// Refuses to repeat an operand that has a chain in it: each such level would double the tree.
    fn check_repeatable(&self, span: Span) -> Result<()> {
        let chains = self.chains.borrow();
        let mut inside = chains
            .iter()
            .rev()
            .take_while(|chain| chain.end > span.start);
        match inside.find(|chain| chain.start >= span.start && chain.end <= span.end) {
            Some(chain) => {
                let what = "a chain of comparisons in the middle of another";
                Err(Error::unsupported(what, *chain).with_help("write one of them out with AND"))
            }
            None => Ok(()),
        }
    }
}

fn compare(comparison: Comparison, left: Expr, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    Expr {
        kind: ExprKind::Compare(comparison, Box::new(left), Box::new(right)),
        span,
    }
}

pub(super) fn negated(expr: Expr, from: Span) -> Expr {
    let span = from.to(expr.span);
    Expr {
        kind: ExprKind::Not(Box::new(expr)),
        span,
    }
}

fn joined(operands: Vec<Expr>, kind: fn(Vec<Expr>) -> ExprKind) -> Expr {
    let span = operands
        .iter()
        .map(|operand| operand.span)
        .reduce(Span::to)
        .unwrap_or_default();
    Expr {
        kind: kind(operands),
        span,
    }
}
