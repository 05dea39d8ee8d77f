//! A made-up catalog whose every service has twenty vulnerabilities and ten deployments: as plain
//! vectors, and loaded into a catalog.

mod generate;
mod load;
mod naive;

pub(crate) use generate::{DAY, Mini, NOW, Numbers, Size};
pub(crate) use load::{blueprints, commit, scorecard, viewer};
pub(crate) use naive::Levels;
