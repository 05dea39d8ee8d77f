//! Why a request is not answered.

use std::fmt;

/// An error, or something that cannot be expressed at all.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) message: String,
    /// Not available, rather than gone wrong.
    pub(crate) na: bool,
}

pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn na(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            na: true,
        }
    }

    pub(crate) fn wrong(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            na: false,
        }
    }
}

impl<E: fmt::Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::wrong(format!("{error:#}"))
    }
}
