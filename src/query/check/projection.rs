//! `RETURN` and `WITH`: columns, grouping, `ORDER BY`, `SKIP` and `LIMIT`.

use std::sync::Arc;

use super::checker::{Binding, Checker, Projecting};
use super::{print, print_value, types, walk};
use crate::error::{Error, Result, Span};
use crate::query::function;
use crate::query::ir::{Expr, ExprKind, Item, Projection, Sort, Type};
use crate::query::syntax::ast;
use crate::value::Value;

/// A column to be: its name, and the expression or the variable that `*` stands for.
struct Column<'a> {
    name: Arc<str>,
    source: Source<'a>,
    span: Span,
    /// The name under which sort keys know it.
    alias: Option<Arc<str>>,
}

enum Source<'a> {
    Written(&'a ast::Expr),
    /// A variable by its place.
    Variable(Expr),
}

impl Checker<'_> {
    pub(super) fn projection(&mut self, written: &ast::Projection) -> Result<Projection> {
        let columns = self.columns(written)?;
        let marks: Vec<bool> = columns.iter().map(Column::is_aggregated).collect();
        let aggregating = marks.contains(&true);
        let mut items: Vec<Option<Item>> = columns.iter().map(|_| None).collect();
        let plain = columns.iter().zip(&mut items).zip(&marks);
        for ((column, item), _) in plain.filter(|(_, mark)| !**mark) {
            *item = Some(Item {
                expr: self.item(column)?,
                ..named(column, false)
            });
        }
        let keys = known_columns(&columns, &items, aggregating);
        self.projecting = Some(Projecting {
            columns: keys,
            aggregating,
            grouped: aggregating,
            ..Projecting::default()
        });
        for (column, item) in columns.iter().zip(&mut items) {
            if item.is_none() {
                *item = Some(Item {
                    expr: self.item(column)?,
                    ..named(column, true)
                });
            }
        }
        let items: Vec<Item> = items.into_iter().flatten().collect();
        let order = self.order(written, &columns, &items, aggregating)?;
        let aggregates = self.projecting.take().unwrap_or_default().aggregates;
        let skip = self.row_count(written.skip.as_ref(), "SKIP")?;
        let limit = self.row_count(written.limit.as_ref(), "LIMIT")?;
        Ok(Projection {
            distinct: written.distinct,
            items,
            aggregates,
            order,
            skip,
            limit,
            scope: self.rows.clone(),
        })
    }

    fn columns<'a>(&mut self, written: &'a ast::Projection) -> Result<Vec<Column<'a>>> {
        let mut columns = Vec::with_capacity(written.items.len());
        if let Some(span) = written.star {
            let mut read = Vec::new();
            let variables = self.scope.get(self.base..).unwrap_or_default();
            for (name, binding) in variables {
                let Some(variable) = self.row_variable(binding, span) else {
                    continue;
                };
                if let ExprKind::Local(local) = variable.kind {
                    read.push(local);
                }
                let (source, alias) = (Source::Variable(variable), Some(Arc::clone(name)));
                columns.push(Column {
                    name: Arc::clone(name),
                    source,
                    span,
                    alias,
                });
            }
            self.read.extend(read);
            if columns.is_empty() {
                return Err(Error::syntax(
                    "`*` stands for all variables, and there are none",
                    span,
                ));
            }
        }
        for item in &written.items {
            let alias = match (&item.alias, &item.expr.kind) {
                (Some(alias), _) => Some(Arc::clone(&alias.text)),
                (None, ast::ExprKind::Variable(name)) => Some(Arc::clone(name)),
                (None, _) => None,
            };
            let name = alias.as_ref().unwrap_or(&item.text);
            let span = item
                .alias
                .as_ref()
                .map_or(item.expr.span, |alias| alias.span);
            let source = Source::Written(&item.expr);
            columns.push(Column {
                name: Arc::clone(name),
                source,
                span,
                alias,
            });
        }
        for (at, column) in columns.iter().enumerate() {
            if columns
                .iter()
                .take(at)
                .any(|before| before.name == column.name)
            {
                let message = format!("two columns are called `{}`", column.name);
                return Err(Error::syntax(message, column.span)
                    .with_help("give one another name with `AS`"));
            }
        }
        Ok(columns)
    }

    fn item(&mut self, column: &Column<'_>) -> Result<Expr> {
        match &column.source {
            Source::Written(tree) => self.expression(tree),
            Source::Variable(variable) => Ok(variable.clone()),
        }
    }

    /// The variable of a binding, where rows hold it.
    fn row_variable(&self, binding: &Binding, span: Span) -> Option<Expr> {
        match binding {
            Binding::Slot(slot) => Some(self.slot_expr(*slot, span)),
            Binding::Value { local, ty } => Some(Expr {
                kind: ExprKind::Local(*local),
                ty: ty.clone(),
                span,
            }),
            Binding::Local { .. } | Binding::Column(..) => None,
        }
    }

    /// The sort keys: over columns alone where rows were grouped or made distinct, else over
    /// columns and everything that a row holds.
    fn order(
        &mut self,
        written: &ast::Projection,
        columns: &[Column<'_>],
        items: &[Item],
        aggregating: bool,
    ) -> Result<Vec<Sort>> {
        let grouped = aggregating || written.distinct;
        let variables = self.scope.len();
        for (at, (column, item)) in columns.iter().zip(items).enumerate() {
            let Some(alias) = &column.alias else { continue };
            let binding = match item.expr.kind {
                ExprKind::Slot(slot) if !grouped => Binding::Slot(slot),
                ExprKind::Local(local) if !grouped => Binding::Value {
                    local,
                    ty: item.expr.ty.clone(),
                },
                _ => Binding::Column(at, item.expr.ty.clone()),
            };
            self.scope.push((Arc::clone(alias), binding));
        }
        let shown: Vec<Option<Item>> = items.iter().cloned().map(Some).collect();
        if let Some(projecting) = &mut self.projecting {
            projecting.columns = known_columns(columns, &shown, grouped);
            projecting.grouped = grouped;
        }
        let mut order = Vec::with_capacity(written.order.len());
        for sort in &written.order {
            let expr = self.expression(&sort.expr)?;
            let nulls_first = sort.nulls_first.unwrap_or(sort.descending);
            order.push(Sort {
                expr,
                descending: sort.descending,
                nulls_first,
            });
        }
        self.scope.truncate(variables);
        Ok(order)
    }

    /// The operand of `SKIP` or `LIMIT`.
    fn row_count(&mut self, written: Option<&ast::Expr>, what: &str) -> Result<Option<Expr>> {
        let Some(written) = written else {
            return Ok(None);
        };
        let refused = |found: &str| {
            let message = format!("`{what}` takes a whole number or a parameter, not {found}");
            Err(Error::syntax(message, written.span))
        };
        if walk::holds(written, |part| {
            matches!(part.kind, ast::ExprKind::Variable(_))
        }) {
            return refused("what a row holds");
        }
        let expr = self.expression(written)?;
        match &expr.kind {
            ExprKind::Literal(Value::Int(count)) if *count >= 0 => Ok(Some(expr)),
            ExprKind::Literal(Value::Int(_)) => refused("a negative one"),
            ExprKind::Literal(Value::Float(_)) => refused("a fraction"),
            _ if expr.ty == Type::Number || types::is_open(&expr.ty) => Ok(Some(expr)),
            _ => refused(types::described(&expr.ty)),
        }
    }
}

impl Column<'_> {
    fn is_aggregated(&self) -> bool {
        let Source::Written(tree) = &self.source else {
            return false;
        };
        walk::holds(tree, |part| match &part.kind {
            ast::ExprKind::CountStar { .. } => true,
            ast::ExprKind::Call { name, .. } => function::find_aggregate(&name.text).is_some(),
            _ => false,
        })
    }
}

fn named(column: &Column<'_>, aggregated: bool) -> Item {
    let kind = ExprKind::Literal(Value::Null);
    let expr = Expr {
        kind,
        ty: Type::Null,
        span: column.span,
    };
    Item {
        name: Arc::clone(&column.name),
        expr,
        aggregated,
    }
}

/// The expressions that are columns, as printed. Where rows are not grouped a plain variable is
/// left alone: it is at hand, and so is all that is read from it.
fn known_columns(
    columns: &[Column<'_>],
    items: &[Option<Item>],
    grouped: bool,
) -> Vec<(String, usize, Type)> {
    let mut known = Vec::new();
    for (at, (column, item)) in columns.iter().zip(items).enumerate() {
        let Some(item) = item else { continue };
        if !grouped && matches!(item.expr.kind, ExprKind::Slot(_) | ExprKind::Local(_)) {
            continue;
        }
        let text = match (&column.source, &column.alias) {
            (Source::Written(tree), _) => print::expression(tree),
            (Source::Variable(_), alias) => {
                let mut text = String::new();
                print_value::write_variable(&mut text, alias.as_deref().unwrap_or(""));
                text
            }
        };
        known.push((text, at, item.expr.ty.clone()));
    }
    known
}
