//! Patterns: paths, their nodes and relations, and how often a relation is walked.

use super::super::ast::{
    Arrow, Expr, ExprKind, Group, Hops, Name, NodePattern, Path, RelationPattern,
};
use super::super::grammar::{Pair, Rule};
use super::super::token::{TokenKind, slice};
use super::{Builder, Children, only};
use crate::error::{Error, Result, Span};

impl Builder<'_> {
    pub(super) fn paths(&self, pattern_list: Pair<'_>) -> Result<Vec<Path>> {
        pattern_list
            .into_inner()
            .map(|path| self.path(path))
            .collect()
    }

    fn path(&self, pair: Pair<'_>) -> Result<Path> {
        let span = self.span(&pair);
        let mut children = Children::of(pair);
        let variable = children
            .take(Rule::variable)
            .map(|name| self.name(&name))
            .transpose()?;
        let prefix = children
            .take(Rule::path_prefix)
            .map(|words| self.path_prefix(&words));
        let body = children.next()?;
        let mut path = match body.as_rule() {
            Rule::legacy_shortest => self.legacy_shortest(body)?,
            _ => self.path_body(body)?,
        };
        if let Some((what, legacy)) = path.unsupported.take() {
            if let Some(prefix) = &prefix {
                let message = format!("{what} after `{}`", prefix.text);
                return Err(Error::syntax(message, legacy).with_help("write one of the two"));
            }
            let text = if what.contains("all") {
                "ALL SHORTEST"
            } else {
                "ANY SHORTEST"
            };
            let (text, span) = (text.into(), legacy);
            path.prefix = Some(Name { text, span });
        } else {
            path.prefix = prefix;
        }
        (path.variable, path.span) = (variable, span);
        Ok(path)
    }

    /// The words of a path prefix in upper case, parted by single spaces.
    fn path_prefix(&self, pair: &Pair<'_>) -> Name {
        let span = self.span(pair);
        let words = self.tokens_in(span).map(|token| match token.kind {
            TokenKind::Word => token.text(self.text).to_uppercase(),
            _ => token.text(self.text).to_owned(),
        });
        let words: Vec<String> = words.collect();
        Name {
            text: words.join(" ").into(),
            span,
        }
    }

    pub(super) fn legacy_shortest(&self, pair: Pair<'_>) -> Result<Path> {
        let span = self.span(&pair);
        let mut children = Children::of(pair);
        let what = match children.next()?.as_rule() {
            Rule::kw_shortestpath => "`shortestPath()`",
            _ => "`allShortestPaths()`",
        };
        let mut path = self.simple_path(children, span)?;
        path.unsupported = Some((what, span));
        Ok(path)
    }

    /// A path of nodes and relations in turn.
    pub(super) fn simple_path(&self, mut children: Children<'_>, span: Span) -> Result<Path> {
        let start = self.node(children.next()?)?;
        let mut steps = Vec::new();
        while let Some(relation) = children.take(Rule::rel_pattern) {
            steps.push((self.relation(relation)?, self.node(children.next()?)?));
        }
        Ok(Path {
            variable: None,
            prefix: None,
            start,
            steps,
            unsupported: None,
            span,
        })
    }

    fn path_body(&self, pair: Pair<'_>) -> Result<Path> {
        let span = self.span(&pair);
        let mut start = None;
        let mut steps: Vec<(RelationPattern, NodePattern)> = Vec::new();
        // The relation or group that its end is missing of.
        let mut open: Option<RelationPattern> = None;
        for part in pair.into_inner() {
            let at = self.span(&part);
            match part.as_rule() {
                Rule::rel_pattern => {
                    close(at, &mut start, &mut steps, &mut open);
                    open = Some(self.relation(part)?);
                }
                Rule::paren_path => {
                    close(at, &mut start, &mut steps, &mut open);
                    open = Some(self.group(part)?);
                }
                _ => {
                    let node = self.node(part)?;
                    match (open.take(), &start) {
                        (Some(relation), _) => {
                            start.get_or_insert_with(|| anonymous(relation.span));
                            steps.push((relation, node));
                        }
                        (None, None) => start = Some(node),
                        (None, Some(_)) => {
                            let message =
                                "expected a relation or a comma between two nodes of a pattern";
                            return Err(Error::syntax(message, at)
                                .with_help("write `(a)-[:relation]->(b)`, or `(a), (b)`"));
                        }
                    }
                }
            }
        }
        close(span, &mut start, &mut steps, &mut open);
        let start = start.ok_or_else(|| Error::internal("a path without a node"))?;
        let path = Path {
            variable: None,
            prefix: None,
            start,
            steps,
            unsupported: None,
            span,
        };
        bare(path)
    }

    /// A path in parentheses, as what stands between two nodes.
    fn group(&self, pair: Pair<'_>) -> Result<RelationPattern> {
        let span = self.span(&pair);
        let mut children = Children::of(pair);
        let variable = children.take(Rule::variable);
        let variable = variable.map(|name| self.name(&name)).transpose()?;
        let mode = children.take(Rule::path_mode);
        let mode = mode.map(|words| self.path_prefix(&words));
        let inner = children.next()?;
        let inner_span = self.span(&inner);
        let path = self.simple_path(Children::of(inner), inner_span)?;
        let filter = match children.take(Rule::where_clause) {
            Some(clause) => self.last_expr(clause)?,
            None => None,
        };
        let mut relation = RelationPattern {
            arrow: Arrow::Right,
            variable: None,
            labels: None,
            hops: None,
            group: Some(Box::new(Group {
                variable,
                mode,
                start: path.start,
                steps: path.steps,
                filter,
                span,
            })),
            properties: None,
            filter: None,
            span,
        };
        if let Some(written) = children.take(Rule::quantifier) {
            relation.hops = Some(self.quantifier(&written)?);
        }
        Ok(relation)
    }

    fn node(&self, pair: Pair<'_>) -> Result<NodePattern> {
        let span = self.span(&pair);
        let mut node = NodePattern {
            variable: None,
            labels: None,
            properties: Vec::new(),
            properties_parameter: None,
            filter: None,
            span,
        };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::variable => node.variable = Some(self.name(&part)?),
                Rule::label_spec => node.labels = Some(self.label_spec(part)?),
                Rule::property_spec => self.node_properties(only(part)?, &mut node)?,
                _ => node.filter = self.last_expr(part)?.map(Box::new),
            }
        }
        Ok(node)
    }

    fn node_properties(&self, pair: Pair<'_>, node: &mut NodePattern) -> Result<()> {
        if pair.as_rule() == Rule::parameter {
            node.properties_parameter = Some(self.span(&pair));
        } else {
            let span = node.span;
            node.properties = self.deeper(1, span, || self.map_entries(pair))?;
        }
        Ok(())
    }

    /// The entries of a `map_literal`.
    pub(super) fn map_entries(&self, pair: Pair<'_>) -> Result<Vec<(Name, Expr)>> {
        pair.into_inner()
            .map(|entry| self.map_entry(entry))
            .collect()
    }

    pub(super) fn map_entry(&self, entry: Pair<'_>) -> Result<(Name, Expr)> {
        let mut children = Children::of(entry);
        let name = self.name(&children.next()?)?;
        Ok((name, self.expr(children.next()?)?))
    }

    fn relation(&self, pair: Pair<'_>) -> Result<RelationPattern> {
        let mut relation = RelationPattern {
            arrow: Arrow::Either,
            variable: None,
            labels: None,
            hops: None,
            group: None,
            properties: None,
            filter: None,
            span: self.span(&pair),
        };
        let (mut left, mut right) = (false, false);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::rel_left => left = true,
                Rule::rel_right => right = true,
                Rule::rel_detail => self.relation_detail(part, &mut relation)?,
                Rule::rel_dash => {}
                _ => self.set_hops(&mut relation, self.quantifier(&part)?)?,
            }
        }
        relation.arrow = match (left, right) {
            (true, false) => Arrow::Left,
            (false, true) => Arrow::Right,
            _ => Arrow::Either,
        };
        Ok(relation)
    }

    fn relation_detail(&self, pair: Pair<'_>, relation: &mut RelationPattern) -> Result<()> {
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::variable => relation.variable = Some(self.name(&part)?),
                Rule::label_spec => relation.labels = Some(self.label_spec(part)?),
                Rule::property_spec => relation.properties = Some(self.span(&part)),
                Rule::element_where => relation.filter = self.last_expr(part)?.map(Box::new),
                _ => self.set_hops(relation, self.var_length(part)?)?,
            }
        }
        Ok(())
    }

    fn set_hops(&self, relation: &mut RelationPattern, hops: Hops) -> Result<()> {
        if relation.hops.is_some() {
            let written = slice(self.text, hops.span);
            let message = format!("`{written}` sets the number of hops a second time");
            return Err(Error::syntax(message, hops.span)
                .with_help("write it once, inside the brackets or after the arrow"));
        }
        // openCypher lets `*2..1` stand and match nothing.
        let star = slice(self.text, hops.span).starts_with('*');
        if !star && hops.max.is_some_and(|max| max < hops.min) {
            let message = "the most hops are fewer than the fewest";
            return Err(
                Error::syntax(message, hops.span).with_help("write the smaller number first")
            );
        }
        relation.hops = Some(hops);
        Ok(())
    }

    /// `*`, `+`, `?`, `{2}`, `{1,3}`, `{,3}`, `{1,}` after a relation.
    fn quantifier(&self, pair: &Pair<'_>) -> Result<Hops> {
        let span = self.span(pair);
        let written = slice(self.text, span);
        let (min, max) = match written {
            "*" => (0, None),
            "+" => (1, None),
            "?" => (0, Some(1)),
            _ => self.bounds(pair.clone(), ",", 0)?,
        };
        Ok(Hops { min, max, span })
    }

    /// `*`, `*3`, `*1..3`, `*..3`, `*1..` inside the brackets of a relation.
    fn var_length(&self, pair: Pair<'_>) -> Result<Hops> {
        let span = self.span(&pair);
        let (min, max) = match pair.into_inner().next() {
            Some(range) => self.bounds(range, "..", 1)?,
            None => (1, None),
        };
        Ok(Hops { min, max, span })
    }

    /// The one or two numbers of a range; which of them is missing is seen by the `separator`.
    fn bounds(&self, pair: Pair<'_>, separator: &str, default: u32) -> Result<(u32, Option<u32>)> {
        let span = self.span(&pair);
        let numbers: Vec<Pair<'_>> = pair.into_inner().collect();
        let mut values = Vec::new();
        for number in &numbers {
            values.push(self.hop_count(number)?);
        }
        let separator = self
            .tokens_in(span)
            .find(|token| token.is(self.text, separator));
        let separator = separator.map(|token| token.span.start);
        let first_is_min = match (separator, numbers.first()) {
            (Some(at), Some(first)) => first.as_span().start() < at,
            _ => true,
        };
        Ok(match (values.first().copied(), values.get(1).copied()) {
            (Some(exact), None) if separator.is_none() => (exact, Some(exact)),
            (Some(min), max) if first_is_min => (min, max),
            (max, _) => (default, max),
        })
    }

    fn hop_count(&self, pair: &Pair<'_>) -> Result<u32> {
        let written = pair.as_str();
        written.replace('_', "").parse().map_err(|_| {
            Error::syntax(
                format!("`{written}` hops are more than can be counted"),
                self.span(pair),
            )
            .with_help("leave the number out for no upper bound")
        })
    }
}

/// Between a group and what follows stands a node that is not written.
fn close(
    at: Span,
    start: &mut Option<NodePattern>,
    steps: &mut Vec<(RelationPattern, NodePattern)>,
    open: &mut Option<RelationPattern>,
) {
    start.get_or_insert_with(|| anonymous(at));
    if let Some(relation) = open.take() {
        steps.push((relation, anonymous(at)));
    }
}

/// A path without groups that lack a quantifier: parentheses around all of it say nothing.
fn bare(mut path: Path) -> Result<Path> {
    let is_bare =
        |(step, _): &(RelationPattern, NodePattern)| step.group.is_some() && step.hops.is_none();
    let Some(at) = path.steps.iter().position(is_bare) else {
        return Ok(path);
    };
    let alone = path.steps.len() == 1;
    let (step, _) = path.steps.swap_remove(at);
    match step.group.map(|group| *group) {
        Some(Group {
            variable: None,
            mode: None,
            start,
            mut steps,
            filter,
            ..
        }) if alone => {
            if let (Some(filter), Some((_, last))) = (filter, steps.last_mut()) {
                let (before, at) = (last.filter.take(), filter.span);
                last.filter = Some(Box::new(match before {
                    Some(before) => Expr {
                        kind: ExprKind::And(vec![*before, filter]),
                        span: at,
                    },
                    None => filter,
                }));
            }
            (path.start, path.steps) = (start, steps);
            Ok(path)
        }
        _ => Err(
            Error::unsupported("a parenthesised path without a quantifier", step.span)
                .with_help("leave the parentheses out, or write how often: `{1,3}`"),
        ),
    }
}

/// A node that is not written.
const fn anonymous(span: Span) -> NodePattern {
    NodePattern {
        variable: None,
        labels: None,
        properties: Vec::new(),
        properties_parameter: None,
        filter: None,
        span,
    }
}
