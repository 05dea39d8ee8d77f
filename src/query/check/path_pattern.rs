//! Paths: which of them a pattern stands for, and the variables of relations and whole paths.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::checker::{Binding, Checker};
use super::clause::defined_already;
use super::pattern::{Declared, Written, boolean, no_entity};
use super::types;
use crate::error::{Error, Result};
use crate::query::ir::{
    Clause, Comparison, Count, Direction, Expr, ExprKind, Group, Hop, Match, Mode, PathVariable,
    Range, Relations, Slot, Target, Type, Walks,
};
use crate::query::syntax::ast::{self, Name};

/// Which of all paths between two ends are wanted (the path search prefixes of ISO GQL).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Selector {
    /// `None` for all of them.
    pub(super) shortest: Option<Count>,
    pub(super) mode: Mode,
    /// Whether one path can be told from another: it has a name, or a mode is asked for.
    pub(super) observed: bool,
}

/// A variable within a repeated path: its name, its place and its type.
type Found = (Arc<str>, Target, Type);

const MODES: [(&str, Mode); 4] = [
    ("WALK", Mode::Walk),
    ("TRAIL", Mode::Trail),
    ("ACYCLIC", Mode::Acyclic),
    ("SIMPLE", Mode::Simple),
];

/// What the prefix of a path says; `None` for a path without prefix and name, of which a walk
/// stands for the entities at its ends.
pub(super) fn selector(path: &ast::Path) -> Result<Option<Selector>> {
    let named = path.variable.is_some();
    let Some(prefix) = &path.prefix else {
        let all = Selector {
            shortest: None,
            mode: Mode::Trail,
            observed: true,
        };
        return Ok(named.then_some(all));
    };
    let words: Vec<&str> = prefix.text.split(' ').collect();
    let is = |word: &str| words.contains(&word);
    let mode = MODES
        .iter()
        .find(|(word, _)| is(word))
        .map(|(_, mode)| *mode);
    let number = words.iter().find_map(|word| word.parse::<u32>().ok());
    if words.iter().any(|word| word.starts_with('$')) {
        return Err(
            Error::unsupported("a parameter as a number of paths", prefix.span)
                .with_help("write the number into the query"),
        );
    }
    if number == Some(0) {
        return Err(Error::syntax("a search for no path at all", prefix.span)
            .with_help("write a number from 1"));
    }
    let count = number.unwrap_or(1);
    let shortest = match (is("SHORTEST"), is("ANY"), is("ALL")) {
        (true, _, true) => Some(Count::Lengths(1)),
        (true, ..) if is("GROUP") || is("GROUPS") => Some(Count::Lengths(count)),
        (true, ..) | (_, true, _) => Some(Count::Walks(count)),
        _ => None,
    };
    if shortest.is_some() && path.steps.len() > 1 {
        let what = format!("`{}` over more than one relation", prefix.text);
        return Err(Error::unsupported(what, prefix.span)
            .with_help("match the parts of the path in a `MATCH` each"));
    }
    // One of many paths that nobody sees is as good as any other: the ends are enough.
    let one_unseen = shortest == Some(Count::Walks(1)) && !named && mode.is_none();
    Ok(Some(Selector {
        shortest,
        mode: mode.unwrap_or(Mode::Trail),
        observed: !one_unseen,
    }))
}

/// Forgets the lists of repeated paths that nothing reads: then one walk cannot be told from
/// another, and the ends are enough.
pub(super) fn forget_unread(clauses: &mut [Clause], read: &BTreeSet<u16>) {
    let matches = clauses.iter_mut().flat_map(|clause| match clause {
        Clause::Match(matches) => matches.as_mut_slice(),
        Clause::Optional { pattern, .. } => std::slice::from_mut(pattern),
        _ => &mut [],
    });
    for hop in matches.flat_map(|pattern| &mut pattern.hops) {
        let Some(group) = &mut hop.group else {
            continue;
        };
        let unread = group.lists.iter().all(|(_, list)| !read.contains(list));
        if group.only_lists && unread {
            group.lists.clear();
            hop.walks = Walks::Set;
        }
    }
}

impl Hop {
    /// The hop with the walks that it stands for.
    pub(super) fn walking(mut self, quantified: bool, selector: Option<Selector>) -> Self {
        if !quantified {
            // Between two entities there may be a relationship of each name.
            if let (
                Some(Selector {
                    shortest: Some(count),
                    mode,
                    ..
                }),
                None,
            ) = (selector, self.variable)
            {
                self.walks = Walks::Shortest(count, mode);
            }
            return self;
        }
        self.walks = match selector {
            Some(Selector {
                shortest: Some(count),
                mode,
                observed,
            }) if observed || self.variable.is_some() => Walks::Shortest(count, mode),
            Some(Selector {
                shortest: None,
                mode,
                ..
            }) => Walks::All(mode),
            _ if self.variable.is_some() => Walks::All(Mode::Trail),
            _ => Walks::Set,
        };
        self
    }
}

impl Checker<'_> {
    /// A hop that repeats a path: what the path finds each time becomes lists.
    pub(super) fn group_hop(
        &mut self,
        group: &ast::Group,
        (from, to, hops): (usize, usize, Option<&ast::Hops>),
        selector: Option<Selector>,
        pattern: &mut Declared<'_>,
    ) -> Result<Hop> {
        if self.in_rule {
            return Err(Error::unsupported(
                "a parenthesised path in a rule",
                group.span,
            ));
        }
        let mode = group.mode.as_ref();
        let mode = mode.and_then(|mode| MODES.iter().find(|(word, _)| mode.text.starts_with(word)));
        let selector = match (mode, selector) {
            (Some((_, mode)), None) => Some(Selector {
                shortest: None,
                mode: *mode,
                observed: true,
            }),
            (Some((_, mode)), Some(selector)) => Some(Selector {
                mode: *mode,
                ..selector
            }),
            (None, selector) => selector,
        };
        let range = hops.map_or(Range::ONE, |hops| Range {
            min: hops.min,
            max: hops.max,
        });
        let (mut repeated, found) = self.repeated(group)?;
        let first = repeated.forward.hops.first();
        let relations = first.map(|hop| hop.relations.clone());
        let listed = !found.is_empty();
        for (name, target, ty) in found {
            let name = Name {
                text: name,
                span: group.span,
            };
            let list = self.pattern_value(&name, types::list_of(ty), pattern)?;
            repeated.lists.push((target, list));
        }
        repeated.only_lists = selector.is_none();
        let hop = Hop {
            from,
            to,
            relations: relations.unwrap_or(Relations::All),
            direction: Direction::Outgoing,
            range,
            walks: Walks::Set,
            variable: None,
            group: Some(Box::new(repeated)),
            span: group.span,
        };
        let selector = selector.or(listed.then_some(Selector {
            shortest: None,
            mode: Mode::Trail,
            observed: true,
        }));
        Ok(hop.walking(true, selector))
    }

    /// The pattern of a repeated path, and the variables in it.
    fn repeated(&mut self, group: &ast::Group) -> Result<(Group, Vec<Found>)> {
        let path = ast::Path {
            variable: None,
            prefix: None,
            start: group.start.clone(),
            steps: group.steps.clone(),
            unsupported: None,
            span: group.span,
        };
        let written = Written {
            paths: std::slice::from_ref(&path),
            filter: group.filter.as_ref(),
            repeatable: false,
        };
        let (outside, rows) = (self.mark(), self.rows.clone());
        let mut matches = self.patterns(&[written])?;
        let mut found = Vec::new();
        for (name, binding) in self.scope.get(outside.0..).unwrap_or_default() {
            match binding {
                Binding::Slot(slot) => {
                    let ty = self.slot_expr(*slot, group.span).ty;
                    found.push((Arc::clone(name), Target::Slot(*slot), ty));
                }
                Binding::Value { local, ty } => {
                    found.push((Arc::clone(name), Target::Local(*local), ty.clone()));
                }
                Binding::Local { .. } | Binding::Column(..) => {}
            }
        }
        self.leave(outside);
        self.rows = rows;
        let whole = self.new_local("".into(), group.span)?;
        if let Some(name) = &group.variable {
            found.push((Arc::clone(&name.text), Target::Local(whole), Type::Path));
        }
        let (Some(mut forward), true) = (matches.pop(), matches.is_empty()) else {
            return Err(Error::internal("a pattern was lost"));
        };
        let ends = |pattern: &Match| {
            let last = pattern.hops.last().map_or(0, |hop| hop.to);
            let slot = |at: usize| pattern.nodes.get(at).map(|node| node.slot);
            slot(0).zip(slot(last))
        };
        let Some((start, end)) = ends(&forward) else {
            return Err(Error::internal("a repeated path without ends"));
        };
        forward.paths.push(PathVariable {
            local: whole,
            start,
            hops: (0..forward.hops.len()).collect(),
            mode: Mode::Walk,
        });
        let mut backward = forward.clone();
        for (pattern, bound) in [(&mut forward, start), (&mut backward, end)] {
            for node in pattern.nodes.iter_mut().filter(|node| node.slot == bound) {
                node.bound = true;
            }
        }
        let group = Group {
            forward,
            backward,
            start,
            end,
            path: whole,
            lists: Vec::new(),
            only_lists: false,
        };
        Ok((group, found))
    }

    /// The local of a relation variable: a relation, or a list of them where it is quantified.
    pub(super) fn relation_variable(
        &mut self,
        name: &Name,
        quantified: bool,
        to: &mut Declared<'_>,
    ) -> Result<u16> {
        let ty = if quantified {
            types::list_of(Type::Relation)
        } else {
            Type::Relation
        };
        self.pattern_value(name, ty, to)
    }

    pub(super) fn path_variable(
        &mut self,
        name: &Name,
        (start, hops): (Slot, Vec<usize>),
        selector: Option<Selector>,
        to: &mut Declared<'_>,
    ) -> Result<()> {
        if self.lookup(&name.text).is_some() {
            return Err(defined_already(name));
        }
        let local = self.pattern_value(name, Type::Path, to)?;
        to.paths.push(PathVariable {
            local,
            start,
            hops,
            mode: selector.map_or(Mode::Trail, |selector| selector.mode),
        });
        Ok(())
    }

    /// A path without a name whose mode holds for the whole of it.
    pub(super) fn unnamed_path(
        &mut self,
        path: &ast::Path,
        (start, hops): (Slot, Vec<usize>),
        selector: Option<Selector>,
        to: &mut Declared<'_>,
    ) -> Result<()> {
        let mode = selector.map(|selector| selector.mode);
        if let Some(mode @ (Mode::Acyclic | Mode::Simple)) = mode {
            let local = self.new_local("".into(), path.span)?;
            to.paths.push(PathVariable {
                local,
                start,
                hops,
                mode,
            });
        }
        Ok(())
    }

    /// A value that the pattern finds. Where a variable of that name is there already the value
    /// must be the same.
    fn pattern_value(&mut self, name: &Name, ty: Type, to: &mut Declared<'_>) -> Result<u16> {
        if to.knows(&name.text) {
            let message = format!("`{}` stands for two things in one pattern", name.text);
            return Err(Error::syntax(message, name.span).with_help("choose another name"));
        }
        let span = name.span;
        let local = self.new_local(Arc::clone(&name.text), span)?;
        let known = match self.lookup(&name.text).cloned() {
            Some(Binding::Slot(slot)) => {
                return Err(no_entity(name, &self.slot_expr(slot, span).ty));
            }
            Some(
                Binding::Value {
                    local: known,
                    ty: found,
                }
                | Binding::Local {
                    index: known,
                    ty: found,
                    ..
                },
            ) => {
                if found != ty && !types::is_open(&found) && found != types::list_of(Type::Any) {
                    return Err(no_entity(name, &found));
                }
                known
            }
            Some(Binding::Column(..)) | None => {
                to.values.push((Arc::clone(&name.text), local, ty));
                return Ok(local);
            }
        };
        let of = |local| {
            Box::new(Expr {
                kind: ExprKind::Local(local),
                ty: ty.clone(),
                span,
            })
        };
        let kind = ExprKind::Compare(Comparison::Equal, of(local), of(known));
        to.same.push(boolean(kind, span));
        Ok(local)
    }
}
