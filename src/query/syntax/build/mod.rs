//! From pest's pairs to the syntax tree: shared helpers; one file per part of the language.

mod call;
mod clause;
mod expression;
mod fold;
mod label;
mod list;
mod literal;
mod pattern;
mod subquery;

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::ast::{Expr, Name, Statement};
use super::grammar::{Pair, Pairs, Rule};
use super::token::{Token, TokenKind, slice};
use crate::error::{Error, ErrorKind, Result, Span};

/// How deep a tree may be: later passes recurse along it.
pub(crate) const MAX_DEPTH: usize = 200;

pub(super) fn statement(text: &str, tokens: &[Token], pair: Pair<'_>) -> Result<Statement> {
    Builder::new(text, tokens).statement(pair)
}

pub(super) fn expression(text: &str, tokens: &[Token], pair: Pair<'_>) -> Result<Expr> {
    Builder::new(text, tokens).expr(pair)
}

/// Whether a rule is an operator between two operands.
pub(super) fn is_infix(rule: Rule) -> bool {
    fold::Infix::of(rule).is_some()
}

/// What the building of one tree shares.
struct Builder<'t> {
    text: &'t str,
    tokens: &'t [Token],
    /// How deep in the tree the part being built will be, at most.
    depth: Cell<usize>,
    /// The comparison chains built so far, by their ends.
    chains: RefCell<Vec<Span>>,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str, tokens: &'t [Token]) -> Self {
        Self {
            text,
            tokens,
            depth: Cell::new(0),
            chains: RefCell::default(),
        }
    }

    /// Builds a part of the tree that is `levels` deeper than what is around it, if that is not too deep.
    /// The depth is checked before anything is built, so that no tree is ever deeper, not even to be dropped.
    fn deeper<T>(&self, levels: usize, span: Span, build: impl FnOnce() -> Result<T>) -> Result<T> {
        let outside = self.depth.get();
        if outside + levels > MAX_DEPTH {
            let message = format!("the expression is more than {MAX_DEPTH} operations deep");
            let help = "compute a part first with WITH or LET, or use a list and reduce() or sum()";
            return Err(Error::new(ErrorKind::Limit, message)
                .with_span(span)
                .with_help(help));
        }
        self.depth.set(outside + levels);
        let result = build();
        self.depth.set(outside);
        result
    }

    /// The span of a pair without the white space and comments that pest counts to its end.
    fn span(&self, pair: &Pair<'_>) -> Span {
        let span = pair.as_span();
        let (start, end) = (span.start(), span.end());
        let last = self.tokens_in(Span::new(start, end)).next_back();
        Span::new(
            start,
            last.map_or(end, |token| token.span.end.min(end)).max(start),
        )
    }

    /// The tokens that start within a span, without comments.
    fn tokens_in(&self, span: Span) -> impl DoubleEndedIterator<Item = &'t Token> + use<'t> {
        let first = self
            .tokens
            .partition_point(|token| token.span.start < span.start);
        let after = self
            .tokens
            .partition_point(|token| token.span.start < span.end);
        let tokens = self.tokens.get(first..after).unwrap_or(&[]);
        tokens
            .iter()
            .filter(|token| token.kind != TokenKind::Comment)
    }

    fn shared(&self, span: Span) -> Arc<str> {
        slice(self.text, span).into()
    }

    /// A name from any of the name-like rules, without backticks or quotes.
    fn name(&self, pair: &Pair<'_>) -> Result<Name> {
        let span = self.span(pair);
        let written = slice(self.text, span);
        let text = match written.chars().next() {
            Some('`') => unquoted(written).into(),
            Some('\'' | '"') => literal::unescape(written, span.start)?.into(),
            _ => written.into(),
        };
        Ok(Name { text, span })
    }
}

/// A name in backticks without them; a doubled backtick is one.
fn unquoted(written: &str) -> String {
    let inner = written
        .strip_prefix('`')
        .and_then(|rest| rest.strip_suffix('`'));
    inner.unwrap_or(written).replace("``", "`")
}

/// The children of a pair, taken in the order of the grammar.
struct Children<'t>(Pairs<'t>);

impl<'t> Children<'t> {
    fn of(pair: Pair<'t>) -> Self {
        Self(pair.into_inner())
    }

    /// The next child, if it is of this rule.
    fn take(&mut self, rule: Rule) -> Option<Pair<'t>> {
        if self.0.peek()?.as_rule() == rule {
            self.0.next()
        } else {
            None
        }
    }

    /// The next child, which the grammar says is there.
    fn next(&mut self) -> Result<Pair<'t>> {
        self.0
            .next()
            .ok_or_else(|| Error::internal("the grammar and the tree builder disagree"))
    }
}

/// The only child of a pair, where the grammar says that there is one.
fn only(pair: Pair<'_>) -> Result<Pair<'_>> {
    Children::of(pair).next()
}
