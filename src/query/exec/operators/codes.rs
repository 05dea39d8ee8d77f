//! Values of a property as small numbers, from its index: what groups are told apart by.

use crate::query::ir::{Blueprints, Expr, ExprKind, Read, Slot, Type};
use crate::state::State;
use crate::value::{CHUNK, EntityId, NameId, Value};

/// More values than this are not numbered.
const VALUES: usize = 4_096;

type Page = Box<[u16]>;

/// The number of each entity's value; 0 for null.
pub(super) struct Codes {
    /// By chunk of ids.
    pages: Vec<Option<Page>>,
    /// By number.
    values: Vec<Value>,
}

impl Codes {
    /// The numbers of what an expression reads of the entities of one node, where an index tells
    /// it exactly.
    pub(super) fn of(state: &State, blueprints: &Blueprints, expr: &Expr) -> Option<Self> {
        let (_, name) = property(expr)?;
        let Blueprints::Some(blueprints) = blueprints else {
            return None;
        };
        let mut blueprints = blueprints.iter();
        let (Some(blueprint), None) = (blueprints.next(), blueprints.next()) else {
            return None;
        };
        let index = state.index(*blueprint, name)?;
        let single = matches!(expr.ty, Type::String | Type::Boolean);
        if index.distinct() >= VALUES || !single {
            return None;
        }
        let mut codes = Self {
            pages: Vec::new(),
            values: vec![Value::Null],
        };
        for (value, ids) in index.iter() {
            // Equal numbers of different kinds share an entry, which does not tell them apart.
            if !matches!(value, Value::String(_) | Value::Bool(_)) {
                return None;
            }
            let code = u16::try_from(codes.values.len()).ok()?;
            codes.values.push(value);
            for id in ids.iter() {
                codes.set(id, code);
            }
        }
        Some(codes)
    }

    fn set(&mut self, id: EntityId, code: u16) {
        let chunk = id.chunk() as usize;
        if self.pages.len() <= chunk {
            self.pages.resize(chunk + 1, None);
        }
        if let Some(page) = self.pages.get_mut(chunk) {
            let page = page.get_or_insert_with(|| vec![0; CHUNK as usize].into());
            if let Some(place) = page.get_mut((id.0 % CHUNK) as usize) {
                *place = code;
            }
        }
    }

    /// The number of an entity's value.
    #[inline]
    pub(super) fn code(&self, id: EntityId) -> u16 {
        let page = self.pages.get(id.chunk() as usize).and_then(Option::as_ref);
        let code = page.and_then(|page| page.get((id.0 % CHUNK) as usize));
        code.copied().unwrap_or_default()
    }

    /// How many numbers there are.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// The value of a number.
    pub(super) fn value(&self, code: usize) -> Value {
        self.values.get(code).cloned().unwrap_or_default()
    }
}

/// The entity and property that an expression reads, where it does nothing else.
fn property(expr: &Expr) -> Option<(Slot, NameId)> {
    let ExprKind::Read {
        base,
        read: Read::Property(name),
    } = &expr.kind
    else {
        return None;
    };
    match base.kind {
        ExprKind::Slot(slot) => Some((slot, *name)),
        _ => None,
    }
}
