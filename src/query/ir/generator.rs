//! Generators: what yields any number of values, one after the other, as the filters of jq do.

use super::Expr;

/// How many of the outputs of a generator are taken. Nothing after the last of them is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "jq"),
    expect(dead_code, reason = "only filters of jq become generators")
)]
pub(crate) enum Taken {
    First,
    All,
}

/// What jq calls a filter: it yields any number of outputs, one after the other, and may fail
/// after some of them. What yields exactly one is an expression. Locals are set before what reads
/// them is evaluated. Conditions are booleans.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(feature = "jq"),
    expect(dead_code, reason = "only filters of jq become generators")
)]
pub(crate) enum Generator {
    One(Expr),
    /// The elements of a list or the values of a map.
    Each(Expr),
    /// The outputs of one after those of the other.
    Chain(Vec<Generator>),
    /// For every output of `from`, put into the local, the outputs of `body`.
    Bind {
        local: u16,
        from: Box<Generator>,
        body: Box<Generator>,
    },
    Choose {
        condition: Expr,
        then: Box<Generator>,
        otherwise: Box<Generator>,
    },
    /// The outputs up to an error; then those of `catch`, with what was thrown in the local.
    Try {
        body: Box<Generator>,
        local: u16,
        catch: Box<Generator>,
    },
    /// The outputs that are neither null nor false; `otherwise` where there are none.
    Alternative {
        first: Box<Generator>,
        otherwise: Box<Generator>,
    },
    /// The first so many outputs.
    Limit(Expr, Box<Generator>),
    /// For every output of `over`, put into the local `item`, the outputs of `update` become the
    /// local `state`, one after the other. Yields the last state, or `each` of every state.
    Fold {
        over: Box<Generator>,
        item: u16,
        state: u16,
        update: Box<Generator>,
        each: Option<Box<Generator>>,
    },
    /// No output but this error.
    Throw(Expr),
}

impl Generator {
    /// The expressions in it, in the order in which they stand.
    pub(crate) fn expressions(&self) -> Vec<&Expr> {
        let (mut found, mut todo) = (Vec::new(), vec![self]);
        while let Some(next) = todo.pop() {
            let mut parts: Vec<&Self> = match next {
                Self::One(expr) | Self::Each(expr) | Self::Throw(expr) => {
                    found.push(expr);
                    Vec::new()
                }
                Self::Chain(all) => all.iter().collect(),
                Self::Bind {
                    from: a, body: b, ..
                }
                | Self::Try {
                    body: a, catch: b, ..
                }
                | Self::Alternative {
                    first: a,
                    otherwise: b,
                } => vec![a, b],
                Self::Choose {
                    condition,
                    then,
                    otherwise,
                } => {
                    found.push(condition);
                    vec![then, otherwise]
                }
                Self::Limit(count, body) => {
                    found.push(count);
                    vec![body]
                }
                Self::Fold {
                    over, update, each, ..
                } => [over, update]
                    .into_iter()
                    .chain(each)
                    .map(|b| &**b)
                    .collect(),
            };
            parts.reverse();
            todo.append(&mut parts);
        }
        found
    }
}
