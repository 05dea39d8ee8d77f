//! Function calls.

use smallvec::SmallVec;

use super::Evaluator;
use crate::error::{Error, Result, Span};
use crate::query::function::{Context, Function};
use crate::query::ir::Expr;
use crate::value::Value;

impl<'a> Evaluator<'a> {
    pub(super) fn eval_call(
        &mut self,
        function: &Function,
        arguments: &'a [Expr],
        span: Span,
    ) -> Result<Value> {
        let mut values = SmallVec::<[Value; 3]>::new();
        for argument in arguments {
            values.push(self.eval(argument)?);
        }
        let context = Context {
            state: self.state,
            now: self.now,
            draws: &self.draws,
        };
        let located = |error: Error| {
            let named = match function.summary {
                "" => error,
                _ => error.context(format!("`{}`", function.name)),
            };
            named.with_span(span)
        };
        (function.call)(&context, &values).map_err(located)
    }
}
