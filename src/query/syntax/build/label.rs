//! Label expressions: `:a|b&!c`.

use super::super::ast::Labels;
use super::super::grammar::{Pair, Rule};
use super::{Builder, Children};
use crate::error::Result;

impl Builder<'_> {
    /// The labels of a `label_spec` (`:a` or `IS a`).
    pub(super) fn label_spec(&self, pair: Pair<'_>) -> Result<Labels> {
        let mut children = Children::of(pair);
        children.take(Rule::kw_is);
        self.labels(children.next()?)
    }

    /// A `label_expr`, `label_and`, `label_not` or one of their atoms.
    pub(super) fn labels(&self, pair: Pair<'_>) -> Result<Labels> {
        match pair.as_rule() {
            Rule::label_any => Ok(Labels::Any(self.span(&pair))),
            Rule::label_name => Ok(Labels::Name(self.name(&pair)?)),
            Rule::label_not => self.negated_label(pair),
            Rule::label_and => self.label_list(pair, Labels::And),
            _ => {
                let span = self.span(&pair);
                self.deeper(2, span, || self.label_list(pair, Labels::Or))
            }
        }
    }

    fn label_list(&self, pair: Pair<'_>, join: fn(Vec<Labels>) -> Labels) -> Result<Labels> {
        let mut parts: Vec<Labels> = pair
            .into_inner()
            .map(|part| self.labels(part))
            .collect::<Result<_>>()?;
        match parts.pop() {
            Some(single) if parts.is_empty() => Ok(single),
            last => {
                parts.extend(last);
                Ok(join(parts))
            }
        }
    }

    /// Pairs of `!` cancel out.
    fn negated_label(&self, pair: Pair<'_>) -> Result<Labels> {
        let mut children = Children::of(pair);
        let mut negated = false;
        while children.take(Rule::label_bang).is_some() {
            negated = !negated;
        }
        let labels = self.labels(children.next()?)?;
        Ok(if negated {
            Labels::Not(Box::new(labels))
        } else {
            labels
        })
    }
}
