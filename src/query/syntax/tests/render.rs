//! A compact form of trees, so that tables of tests can state them.

use crate::query::syntax::ast::{
    Arithmetic, Arrow, Clause, ClauseKind, Comparison, Expr, ExprKind, Labels, Name, NodePattern,
    Path, Projection, Quantifier, RelationPattern, ShapeItem, SingleQuery, SortItem, Statement,
    Subquery, Test,
};
use crate::value::Value;

pub(super) fn statement(statement: &Statement) -> String {
    let mut parts = Vec::new();
    if let Some((prefix, _)) = statement.prefix {
        parts.push(format!("{prefix:?}"));
    }
    let query = &statement.query;
    parts.extend(
        query
            .as_of
            .as_ref()
            .map(|moment| format!("AsOf {}", expr(moment))),
    );
    parts.push(single(&query.first));
    for (union, part) in &query.unions {
        parts.push(if union.all { "UnionAll" } else { "Union" }.to_owned());
        parts.push(single(part));
    }
    parts.join(" ; ")
}

fn single(query: &SingleQuery) -> String {
    let mut parts: Vec<String> = query.clauses.iter().map(clause).collect();
    parts.extend(
        query
            .returns
            .as_ref()
            .map(|returns| format!("Return {}", projection(returns))),
    );
    parts.join(" ; ")
}

fn clause(clause: &Clause) -> String {
    match &clause.kind {
        ClauseKind::Match(m) => format!(
            "{}{} {}{}",
            if m.optional { "OptionalMatch" } else { "Match" },
            if m.repeatable { " Repeatable" } else { "" },
            paths(&m.paths),
            filter(m.filter.as_ref()),
        ),
        ClauseKind::Unwind { list, variable } => {
            format!("Unwind {} as {}", expr(list), variable.text)
        }
        ClauseKind::For { variable, list } => format!("For {} in {}", variable.text, expr(list)),
        ClauseKind::Let(items) => {
            let items = items
                .iter()
                .map(|(name, value)| format!("{}={}", name.text, expr(value)));
            format!("Let {}", join(items))
        }
        ClauseKind::Filter(condition) => format!("Filter {}", expr(condition)),
        ClauseKind::With {
            projection: items,
            filter: condition,
        } => {
            format!("With {}{}", projection(items), filter(condition.as_ref()))
        }
    }
}

fn projection(projection: &Projection) -> String {
    let star = projection.star.map(|_| "*".to_owned());
    let items = projection.items.iter().map(|item| match &item.alias {
        Some(alias) => format!("{} as {}", expr(&item.expr), alias.text),
        None => format!("{} `{}`", expr(&item.expr), item.text),
    });
    let mut text = if projection.distinct {
        "distinct ".to_owned()
    } else {
        String::new()
    };
    text += &join(star.into_iter().chain(items));
    if !projection.order.is_empty() {
        text += &format!(" order {}", join(projection.order.iter().map(sort_item)));
    }
    text += &projection
        .skip
        .as_ref()
        .map(|n| format!(" skip {}", expr(n)))
        .unwrap_or_default();
    text + &projection
        .limit
        .as_ref()
        .map(|n| format!(" limit {}", expr(n)))
        .unwrap_or_default()
}

fn sort_item(item: &SortItem) -> String {
    let nulls = match item.nulls_first {
        Some(true) => " nulls first",
        Some(false) => " nulls last",
        None => "",
    };
    format!(
        "{}{}{nulls}",
        expr(&item.expr),
        if item.descending { " desc" } else { "" }
    )
}

fn filter(condition: Option<&Expr>) -> String {
    condition
        .map(|condition| format!(" where {}", expr(condition)))
        .unwrap_or_default()
}

fn paths(paths: &[Path]) -> String {
    join(paths.iter().map(path))
}

fn path(path: &Path) -> String {
    let mut text = path
        .variable
        .as_ref()
        .map(|v| format!("{}=", v.text))
        .unwrap_or_default();
    text += &path
        .prefix
        .as_ref()
        .map(|p| format!("<{}> ", p.text))
        .unwrap_or_default();
    text += &path
        .unsupported
        .map(|(what, _)| format!("!{what}! "))
        .unwrap_or_default();
    text + &steps(&path.start, &path.steps)
}

fn steps(start: &NodePattern, steps: &[(RelationPattern, NodePattern)]) -> String {
    let mut text = node(start);
    for (step, end) in steps {
        text += &relation(step);
        text += &node(end);
    }
    text
}

fn node(node: &NodePattern) -> String {
    let mut text = name(node.variable.as_ref());
    text += &node
        .labels
        .as_ref()
        .map(|l| format!(":{}", labels(l)))
        .unwrap_or_default();
    if !node.properties.is_empty() {
        text += &format!(" {}", entries(&node.properties));
    }
    text += node.properties_parameter.map_or("", |_| " $");
    format!("({text}{})", filter(node.filter.as_deref()))
}

fn relation(relation: &RelationPattern) -> String {
    let mut text = name(relation.variable.as_ref());
    if let Some(group) = &relation.group {
        let inner = steps(&group.start, &group.steps);
        text += &format!("({inner}{})", filter(group.filter.as_ref()));
    }
    text += &relation
        .labels
        .as_ref()
        .map(|l| format!(":{}", labels(l)))
        .unwrap_or_default();
    if let Some(hops) = relation.hops {
        text += &format!(
            "*{}..{}",
            hops.min,
            hops.max.map(|n| n.to_string()).unwrap_or_default()
        );
    }
    text += relation.properties.map_or("", |_| " {..}");
    text += &filter(relation.filter.as_deref());
    match relation.arrow {
        Arrow::Right => format!("-[{text}]->"),
        Arrow::Left => format!("<-[{text}]-"),
        Arrow::Either => format!("-[{text}]-"),
    }
}

fn name(name: Option<&Name>) -> String {
    name.map(|name| name.text.to_string()).unwrap_or_default()
}

fn labels(labels: &Labels) -> String {
    match labels {
        Labels::Any(_) => "%".to_owned(),
        Labels::Name(name) => name.text.to_string(),
        Labels::Not(inner) => format!("!{}", self::labels(inner)),
        Labels::And(parts) => format!(
            "({})",
            parts.iter().map(self::labels).collect::<Vec<_>>().join("&")
        ),
        Labels::Or(parts) => format!(
            "({})",
            parts.iter().map(self::labels).collect::<Vec<_>>().join("|")
        ),
    }
}

fn entries(entries: &[(Name, Expr)]) -> String {
    format!(
        "{{{}}}",
        join(
            entries
                .iter()
                .map(|(name, value)| format!("{}: {}", name.text, expr(value)))
        )
    )
}

fn subquery(body: &Subquery) -> String {
    match body {
        Subquery::Pattern {
            paths: pattern,
            filter: condition,
        } => {
            format!("{}{}", paths(pattern), filter(condition.as_ref()))
        }
        Subquery::Query { parts, unions } => {
            assert_eq!(unions.len() + 1, parts.len());
            let parts: Vec<String> = parts.iter().map(single).collect();
            let all = unions.iter().any(|union| union.all);
            format!(
                "query {}",
                parts.join(if all { " UnionAll " } else { " Union " })
            )
        }
    }
}

pub(super) fn expr(expr: &Expr) -> String {
    let optional = |inner: Option<&Expr>| inner.map(self::expr).unwrap_or_default();
    match &expr.kind {
        ExprKind::Literal(value) => literal(value),
        ExprKind::Parameter(name) => format!("${name}"),
        ExprKind::Variable(name) => name.to_string(),
        ExprKind::List(values) => format!("[{}]", join(values.iter().map(self::expr))),
        ExprKind::Map(map) => entries(map),
        ExprKind::Property(base, name) => format!("{}.{}", self::expr(base), name.text),
        ExprKind::Index(base, index) => format!("{}[{}]", self::expr(base), self::expr(index)),
        ExprKind::Slice(base, from, to) => {
            format!(
                "{}[{}..{}]",
                self::expr(base),
                optional(from.as_deref()),
                optional(to.as_deref())
            )
        }
        ExprKind::Shape(base, items) => {
            format!(
                "{}{{{}}}",
                self::expr(base),
                join(items.iter().map(shape_item))
            )
        }
        ExprKind::Not(inner) => format!("(not {})", self::expr(inner)),
        ExprKind::Negate(inner) => format!("(neg {})", self::expr(inner)),
        ExprKind::And(parts) => list("and", parts),
        ExprKind::Or(parts) => list("or", parts),
        ExprKind::Xor(parts) => list("xor", parts),
        ExprKind::Compare(comparison, a, b) => binary(comparison_sign(*comparison), a, b),
        ExprKind::Arithmetic(arithmetic, a, b) => binary(arithmetic_sign(*arithmetic), a, b),
        ExprKind::Test(test, a, b) => binary(test_word(*test), a, b),
        ExprKind::Between { value, low, high } => {
            format!(
                "(between {} {} {})",
                self::expr(value),
                self::expr(low),
                self::expr(high)
            )
        }
        ExprKind::IsNull(inner) => format!("(null? {})", self::expr(inner)),
        ExprKind::IsEmpty(inner) => format!("(empty? {})", self::expr(inner)),
        ExprKind::HasLabels(inner, of) => format!("({} : {})", self::expr(inner), labels(of)),
        _ => compound(&expr.kind),
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text:?}"),
        Value::Float(number) => format!("{number:?}"),
        Value::Duration(duration) => format!("D'{duration}'"),
        Value::Instant(instant, offset) => format!("I'{}'", instant.text_at(*offset)),
        Value::Date(date) => format!("d'{date}'"),
        other => other.to_string(),
    }
}

fn compound(kind: &ExprKind) -> String {
    match kind {
        ExprKind::Case {
            operand,
            arms,
            otherwise,
        } => {
            let mut text = operand
                .as_deref()
                .map(|operand| format!(" {}", expr(operand)))
                .unwrap_or_default();
            for (values, result) in arms {
                text += &format!(
                    " when {} then {}",
                    join(values.iter().map(expr)),
                    expr(result)
                );
            }
            text += &otherwise
                .as_deref()
                .map(|other| format!(" else {}", expr(other)))
                .unwrap_or_default();
            format!("(case{text})")
        }
        ExprKind::Call {
            name,
            distinct,
            arguments,
            filter: condition,
        } => format!(
            "{}({}{}){}",
            name.text,
            if *distinct { "distinct " } else { "" },
            join(arguments.iter().map(expr)),
            filter(condition.as_deref()),
        ),
        ExprKind::CountStar { filter: condition } => {
            format!("count(*){}", filter(condition.as_deref()))
        }
        ExprKind::Exists(body) => format!("exists{{{}}}", subquery(body)),
        ExprKind::Aggregate {
            function,
            body,
            distinct,
            values,
        } => format!(
            "{}{{{}{}{}}}",
            function.text,
            subquery(body),
            if values.is_empty() { "" } else { " | " },
            if *distinct { "distinct " } else { "" }.to_owned() + &join(values.iter().map(expr)),
        ),
        ExprKind::PatternPredicate(pattern) => format!("<{}>", path(pattern)),
        ExprKind::Comprehension {
            variable,
            list,
            filter: condition,
            map,
        } => format!(
            "[{} in {}{}{}]",
            variable.text,
            expr(list),
            filter(condition.as_deref()),
            map.as_deref()
                .map(|map| format!(" | {}", expr(map)))
                .unwrap_or_default(),
        ),
        ExprKind::PatternComprehension {
            path: pattern,
            filter: condition,
            map,
        } => {
            format!(
                "[{}{} | {}]",
                path(pattern),
                filter(condition.as_deref()),
                expr(map)
            )
        }
        ExprKind::Quantified {
            quantifier,
            variable,
            list,
            filter: condition,
        } => {
            let word = match quantifier {
                Quantifier::All => "all",
                Quantifier::Any => "any",
                Quantifier::None => "none",
                Quantifier::Single => "single",
            };
            format!(
                "{word}({} in {} where {})",
                variable.text,
                expr(list),
                expr(condition)
            )
        }
        ExprKind::Reduce {
            accumulator,
            start,
            variable,
            list,
            step,
        } => format!(
            "reduce({}={}, {} in {} | {})",
            accumulator.text,
            expr(start),
            variable.text,
            expr(list),
            expr(step)
        ),
        other => format!("{other:?}"),
    }
}

fn shape_item(item: &ShapeItem) -> String {
    match item {
        ShapeItem::AllProperties => ".*".to_owned(),
        ShapeItem::Property(name) => format!(".{}", name.text),
        ShapeItem::Entry(name, value) => format!("{}: {}", name.text, expr(value)),
        ShapeItem::Variable(name) => name.text.to_string(),
    }
}

fn list(word: &str, parts: &[Expr]) -> String {
    format!(
        "({word} {})",
        parts.iter().map(expr).collect::<Vec<_>>().join(" ")
    )
}

fn binary(word: &str, a: &Expr, b: &Expr) -> String {
    format!("({word} {} {})", expr(a), expr(b))
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn comparison_sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::NotEqual => "<>",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

fn arithmetic_sign(arithmetic: Arithmetic) -> &'static str {
    match arithmetic {
        Arithmetic::Add => "+",
        Arithmetic::Subtract => "-",
        Arithmetic::Multiply => "*",
        Arithmetic::Divide => "/",
        Arithmetic::Modulo => "%",
        Arithmetic::Power => "^",
        Arithmetic::Concatenate => "||",
    }
}

fn test_word(test: Test) -> &'static str {
    match test {
        Test::In => "in",
        Test::StartsWith => "starts",
        Test::EndsWith => "ends",
        Test::Contains => "contains",
        Test::ContainsAny => "contains-any",
        Test::ContainsAll => "contains-all",
        Test::Like => "like",
        Test::LikeIgnoreCase => "ilike",
        Test::Regex => "=~",
    }
}
