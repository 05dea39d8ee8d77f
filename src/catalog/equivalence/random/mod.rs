//! Random query texts that are mostly well typed, made of choices.

mod clause;
mod condition;
mod expression;
mod kind;
mod pattern;
mod projection;

use super::choices::Choices;
use kind::{Kind, Variable};

/// A query with what must be known to compare its answers.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) text: String,
    /// Of each column, whether it is a list whose order nothing says.
    pub(super) bags: Vec<bool>,
    /// The columns that the rows are ordered by.
    pub(super) order: Vec<SortKey>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct SortKey {
    pub(super) column: usize,
    pub(super) descending: bool,
    pub(super) nulls_first: bool,
}

/// How deep subqueries and expressions nest.
const DEPTH: usize = 3;

struct Maker<'c, 'b> {
    choices: &'c mut Choices<'b>,
    /// What may be named here.
    scope: Vec<Variable>,
    /// How many names were given.
    names: usize,
    /// How many subqueries are around.
    within: usize,
    /// Whether subqueries may stand here.
    no_subquery: bool,
}

/// A query of these choices.
pub(super) fn query(choices: &mut Choices<'_>) -> Asked {
    let mut maker = Maker {
        choices,
        scope: Vec::new(),
        names: 0,
        within: 0,
        no_subquery: false,
    };
    let columns = maker.choices.below(3) + 1;
    let first = maker.part(columns);
    if !maker.choices.often(10) {
        return first;
    }
    let all = maker.choices.one(&[" UNION ALL ", " UNION "]);
    maker.scope.clear();
    let second = maker.part(columns);
    let bags = first.bags.iter().zip(&second.bags);
    let bags: Vec<bool> = bags.map(|(a, b)| *a || *b).collect();
    // The same elements in another order make another row.
    let all = if bags.contains(&true) {
        " UNION ALL "
    } else {
        all
    };
    Asked {
        text: first.text + all + &second.text,
        bags,
        order: Vec::new(),
    }
}

impl Maker<'_, '_> {
    fn name(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }

    fn add(&mut self, name: &str, kind: Kind) {
        let name = name.to_owned();
        self.scope.push(Variable { name, kind });
    }

    /// The variables of a kind.
    fn known(&self, wanted: impl Fn(Kind) -> bool) -> Vec<Variable> {
        let fitting = self.scope.iter().filter(|known| wanted(known.kind));
        fitting.cloned().collect()
    }

    /// Makes something of which nothing stays in scope.
    fn apart<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        let scope = self.scope.clone();
        let result = make(self);
        self.scope = scope;
        result
    }

    /// Makes the body of a subquery.
    fn inside<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        self.within += 1;
        let result = self.apart(make);
        self.within -= 1;
        result
    }

    fn may_nest(&self) -> bool {
        self.within < 2 && !self.no_subquery && !self.choices.is_spent()
    }
}
