//! Everything derived is what a naive recomputation says, after every commit of whatever history.

mod compare;
mod differential;
mod histories;
mod naive;
mod runner;
