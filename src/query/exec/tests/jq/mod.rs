//! Calculations in jq: what they yield, against jaq running the same filter.

mod clock;
mod entity;
mod oracle;
mod random;
mod refused;
mod table;
