//! Patterns, clauses and subqueries back to text.

use super::print::{self, Binding};
use super::print_value::{write_name, write_variable};
use crate::query::syntax::ast::{
    Arrow, Clause, ClauseKind, Group, Hops, Labels, Match, NodePattern, Path, Projection,
    RelationPattern, SingleQuery, Subquery, Union,
};

/// The body of a subquery.
pub(super) fn subquery(out: &mut String, body: &Subquery) {
    match body {
        Subquery::Pattern { paths, filter } => {
            write_paths(out, paths);
            print::write_where(out, filter.as_ref());
        }
        Subquery::Query { parts, unions } => {
            let unions = [""].into_iter().chain(unions.iter().map(union_word));
            for (union, part) in unions.zip(parts) {
                out.push_str(union);
                query(out, part);
            }
        }
    }
}

const fn union_word(union: &Union) -> &'static str {
    if union.all { " UNION ALL " } else { " UNION " }
}

fn query(out: &mut String, query: &SingleQuery) {
    for (at, clause) in query.clauses.iter().enumerate() {
        out.push_str(if at > 0 { " " } else { "" });
        write_clause(out, clause);
    }
    if let Some(returns) = &query.returns {
        out.push_str(if query.clauses.is_empty() {
            "RETURN "
        } else {
            " RETURN "
        });
        projection(out, returns);
    }
}

fn write_clause(out: &mut String, clause: &Clause) {
    match &clause.kind {
        ClauseKind::Match(Match {
            optional,
            repeatable,
            paths,
            filter,
        }) => {
            out.push_str(if *optional {
                "OPTIONAL MATCH "
            } else {
                "MATCH "
            });
            out.push_str(if *repeatable {
                "REPEATABLE ELEMENTS "
            } else {
                ""
            });
            write_paths(out, paths);
            print::write_where(out, filter.as_ref());
        }
        ClauseKind::Unwind { list, variable } => {
            out.push_str("UNWIND ");
            print::write(out, list, Binding::Or);
            out.push_str(" AS ");
            write_variable(out, &variable.text);
        }
        ClauseKind::For { variable, list } => {
            out.push_str("FOR ");
            write_variable(out, &variable.text);
            out.push_str(" IN ");
            print::write(out, list, Binding::Or);
        }
        ClauseKind::Let(bindings) => {
            for (at, (name, value)) in bindings.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "LET " });
                write_variable(out, &name.text);
                out.push_str(" = ");
                print::write(out, value, Binding::Or);
            }
        }
        ClauseKind::Filter(filter) => {
            out.push_str("FILTER ");
            print::write(out, filter, Binding::Or);
        }
        ClauseKind::With {
            projection: items,
            filter,
        } => {
            out.push_str("WITH ");
            projection(out, items);
            print::write_where(out, filter.as_ref());
        }
    }
}

fn projection(out: &mut String, projection: &Projection) {
    out.push_str(if projection.distinct { "DISTINCT " } else { "" });
    out.push_str(if projection.star.is_some() { "*" } else { "" });
    for (at, item) in projection.items.iter().enumerate() {
        out.push_str(if at > 0 || projection.star.is_some() {
            ", "
        } else {
            ""
        });
        print::write(out, &item.expr, Binding::Or);
        if let Some(alias) = &item.alias {
            out.push_str(" AS ");
            write_variable(out, &alias.text);
        }
    }
    for (at, sort) in projection.order.iter().enumerate() {
        out.push_str(if at > 0 { ", " } else { " ORDER BY " });
        print::write(out, &sort.expr, Binding::Or);
        out.push_str(if sort.descending { " DESC" } else { "" });
        out.push_str(match sort.nulls_first {
            Some(true) => " NULLS FIRST",
            Some(false) => " NULLS LAST",
            None => "",
        });
    }
    for (word, count) in [(" SKIP ", &projection.skip), (" LIMIT ", &projection.limit)] {
        if let Some(count) = count {
            out.push_str(word);
            print::write(out, count, Binding::Or);
        }
    }
}

fn write_paths(out: &mut String, paths: &[Path]) {
    for (at, one) in paths.iter().enumerate() {
        out.push_str(if at > 0 { ", " } else { "" });
        path(out, one);
    }
}

/// One path of a pattern.
pub(super) fn path(out: &mut String, path: &Path) {
    if let Some(variable) = &path.variable {
        write_variable(out, &variable.text);
        out.push_str(" = ");
    }
    if let Some(prefix) = &path.prefix {
        out.push_str(&prefix.text);
        out.push(' ');
    }
    steps(out, &path.start, &path.steps);
}

fn steps(out: &mut String, start: &NodePattern, steps: &[(RelationPattern, NodePattern)]) {
    node(out, start);
    for (step, to) in steps {
        match &step.group {
            Some(within) => group(out, within, step.hops.as_ref()),
            None => relation(out, step),
        }
        node(out, to);
    }
}

fn group(out: &mut String, group: &Group, hops: Option<&Hops>) {
    out.push_str(" (");
    if let Some(variable) = &group.variable {
        write_variable(out, &variable.text);
        out.push_str(" = ");
    }
    if let Some(mode) = &group.mode {
        out.push_str(&mode.text);
        out.push(' ');
    }
    steps(out, &group.start, &group.steps);
    print::write_where(out, group.filter.as_ref());
    out.push(')');
    if let Some(hops) = hops {
        quantifier(out, hops);
    }
    out.push(' ');
}

fn node(out: &mut String, node: &NodePattern) {
    out.push('(');
    if let Some(variable) = &node.variable {
        write_variable(out, &variable.text);
    }
    if let Some(written) = &node.labels {
        out.push(':');
        labels(out, written, false);
    }
    if !node.properties.is_empty() {
        out.push_str(if out.ends_with('(') { "" } else { " " });
        print::write_map(out, &node.properties);
    }
    let anonymous = out.ends_with('(');
    let at = out.len();
    print::write_where(out, node.filter.as_deref());
    if anonymous && node.filter.is_some() {
        out.replace_range(at..=at, "");
    }
    out.push(')');
}

fn relation(out: &mut String, relation: &RelationPattern) {
    out.push_str(if relation.arrow == Arrow::Left {
        "<-["
    } else {
        "-["
    });
    if let Some(variable) = &relation.variable {
        write_variable(out, &variable.text);
    }
    if let Some(written) = &relation.labels {
        out.push(':');
        labels(out, written, false);
    }
    print::write_where(out, relation.filter.as_deref());
    out.push_str(if relation.arrow == Arrow::Right {
        "]->"
    } else {
        "]-"
    });
    if let Some(hops) = &relation.hops {
        quantifier(out, hops);
    }
}

fn quantifier(out: &mut String, hops: &Hops) {
    let text = match (hops.min, hops.max) {
        (min, Some(max)) if min == max => format!("{{{min}}}"),
        (min, Some(max)) => format!("{{{min},{max}}}"),
        (min, None) => format!("{{{min},}}"),
    };
    out.push_str(&text);
}

/// A label expression; `tight` where only `&` may stand outside of parentheses.
pub(super) fn labels(out: &mut String, written: &Labels, tight: bool) {
    match written {
        Labels::Any(_) => out.push('%'),
        Labels::Name(name) => write_name(out, &name.text),
        Labels::Not(inner) => {
            out.push('!');
            labels_within(out, inner);
        }
        Labels::And(all) => {
            for (at, part) in all.iter().enumerate() {
                out.push_str(if at > 0 { "&" } else { "" });
                labels_within(out, part);
            }
        }
        Labels::Or(all) => {
            out.push_str(if tight { "(" } else { "" });
            for (at, part) in all.iter().enumerate() {
                out.push_str(if at > 0 { "|" } else { "" });
                labels(out, part, true);
            }
            out.push_str(if tight { ")" } else { "" });
        }
    }
}

fn labels_within(out: &mut String, inner: &Labels) {
    let bare = matches!(inner, Labels::Any(_) | Labels::Name(_) | Labels::Not(_));
    out.push_str(if bare { "" } else { "(" });
    labels(out, inner, false);
    out.push_str(if bare { "" } else { ")" });
}
