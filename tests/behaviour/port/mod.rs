//! Port's searches and aggregations: answers against a naive reading of the rules, and real bodies.

mod answers;
mod harvest;
mod naive;
