//! The parts of the text that a tree of jaq's holds: they tell where it stands, and what it names.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{Pattern, Term};

use super::path::terms;

/// The parts of the text that a tree holds.
pub(super) fn slices<'t>(term: &Term<&'t str>, visit: &mut dyn FnMut(&'t str)) {
    match term {
        Term::Id | Term::Recurse | Term::Arr(None) => {}
        Term::Num(text) | Term::Break(text) | Term::Var(text) => visit(text),
        Term::Str(format, parts) => {
            if let Some(format) = format {
                visit(format);
            }
            for part in parts {
                match part {
                    StrPart::Str(text) => visit(text),
                    StrPart::Term(term) => slices(term, visit),
                    StrPart::Char(_) => {}
                }
            }
        }
        Term::Arr(Some(inner)) | Term::Neg(inner) => slices(inner, visit),
        Term::Obj(fields) => {
            for (key, value) in fields {
                for term in [Some(key), value.as_ref()].into_iter().flatten() {
                    slices(term, visit);
                }
            }
        }
        Term::BinOp(left, _, right) => {
            slices(left, visit);
            slices(right, visit);
        }
        Term::Label(name, body) => {
            visit(name);
            slices(body, visit);
        }
        Term::Fold(name, over, pattern, arguments) => {
            visit(name);
            slices(over, visit);
            if let Pattern::Var(name) = pattern {
                visit(name);
            }
            for term in arguments {
                slices(term, visit);
            }
        }
        Term::TryCatch(body, catch) => {
            for term in std::iter::once(body).chain(catch) {
                slices(term, visit);
            }
        }
        Term::IfThenElse(arms, otherwise) => {
            for (condition, then) in arms {
                slices(condition, visit);
                slices(then, visit);
            }
            if let Some(term) = otherwise {
                slices(term, visit);
            }
        }
        Term::Def(defs, body) => {
            for def in defs {
                visit(def.name);
            }
            slices(body, visit);
        }
        Term::Call(name, arguments) => {
            visit(name);
            for term in arguments {
                slices(term, visit);
            }
        }
        Term::Path(head, path) => {
            slices(head, visit);
            for (part, _) in &path.0 {
                for term in terms(part) {
                    slices(term, visit);
                }
            }
        }
    }
}
