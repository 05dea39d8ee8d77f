//! What can go wrong in the shell, and how it is told.

use std::fmt;
use std::io;

/// Why a statement, a command or the shell itself failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The catalog refused.
    Catalog(portolan::Error),
    /// A command was not written as it must be.
    Usage(String),
    /// The input cannot be read.
    Input(io::Error),
    /// The output cannot be written.
    Output(io::Error),
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    pub(crate) fn input(error: io::Error) -> Self {
        Self::Input(error)
    }

    /// Whether nobody reads the output any more.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Whether going on makes no sense.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Input(_) | Self::Output(_))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Catalog(error) => write!(f, "{error:#}"),
            Self::Usage(message) => f.write_str(message),
            Self::Input(error) => write!(f, "the input cannot be read: {error}"),
            Self::Output(error) => write!(f, "the output cannot be written: {error}"),
        }
    }
}

impl From<portolan::Error> for Failure {
    fn from(error: portolan::Error) -> Self {
        Self::Catalog(error)
    }
}

/// The shell reads through its editor and the catalog; what else fails is writing.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
