//! What can go wrong, where, and what the caller may do about it.

use std::fmt;
use std::sync::Arc;

/// The result of every fallible operation of the crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure an [`Error`] is, and so what the caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The data or definition breaks a rule: correct it and try again.
    Invalid,
    /// A text does not parse or does not fit the model: correct the text.
    Syntax,
    /// The named thing does not exist.
    NotFound,
    /// Somebody else changed what this write builds on: read again and retry.
    Conflict,
    /// The viewer may not do this.
    Denied,
    /// A limit was reached; the message names it and how to raise it.
    Limit,
    /// The file is in use by another process, or a writer is at work: try later.
    Busy,
    /// The catalog, snapshot or transaction was closed, or the query was cancelled.
    Closed,
    /// The file is not a catalog, or is damaged.
    Corrupt,
    /// The operating system refused an operation.
    Io,
    /// A defect in Portolan: please report it.
    Internal,
    /// The request is right, but this release cannot do it yet.
    Unsupported,
}

/// A range of bytes in the text that an error speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// The span from `start` up to, not including, `end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }
}

/// Why an operation failed.
///
/// `Display` prints one line; the alternate form `{:#}` adds the text with a caret under the
/// place, and the help. Match on [`Error::kind`], never on the message: messages are not API.
///
/// ```
/// use portolan::{Catalog, ErrorKind, Viewer};
///
/// let catalog = Catalog::in_memory()?;
/// let error = catalog.read(&Viewer::system("docs")).query("RETURN 1 +", ()).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Syntax);
/// assert!(format!("{error:#}").contains('^'));
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    /// Where in the message what was being done ends and what is wrong begins: the path of a
    /// document stands between them.
    begin: usize,
    span: Option<Span>,
    text: Option<Arc<str>>,
    help: Option<String>,
    path: Option<String>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A new error. Messages are lower case, without a final period, user input in backticks.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let (span, text, help, path, source) = (None, None, None, None, None);
        let message = message.into();
        Self(Box::new(Inner {
            kind,
            message,
            begin: 0,
            span,
            text,
            help,
            path,
            source,
        }))
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    pub(crate) fn corrupt(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Corrupt, message)
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message).with_help(
            "this is a defect in portolan: please report it with the steps that led here",
        )
    }

    /// An error at a place of a query or expression text.
    pub(crate) fn syntax(message: impl Into<String>, span: Span) -> Self {
        Self::new(ErrorKind::Syntax, message).with_span(span)
    }

    /// A construct that is part of the language or model but cannot be executed yet.
    pub(crate) fn unsupported(what: impl fmt::Display, span: Span) -> Self {
        Self::new(
            ErrorKind::Unsupported,
            format!("{what} is not supported yet"),
        )
        .with_span(span)
    }

    pub(crate) fn with_span(mut self, span: Span) -> Self {
        self.0.span = Some(span);
        self
    }

    /// Attaches the text that the span points into, so that the caret form can show it.
    pub(crate) fn with_text(mut self, text: &str) -> Self {
        if self.0.text.is_none() {
            self.0.text = Some(text.into());
        }
        self
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// Where in a JSON document the error is, as a JSON pointer or a dotted path.
    pub(crate) fn with_path(mut self, path: impl Into<String>) -> Self {
        self.0.path = Some(path.into());
        self
    }

    /// Puts what was being done in front of the message: `{context}: {message}`.
    pub(crate) fn context(mut self, context: impl fmt::Display) -> Self {
        let context = format!("{context}: ");
        self.0.begin += context.len();
        self.0.message.insert_str(0, &context);
        self
    }

    pub(crate) fn with_source(
        mut self,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The bytes of the text at which the error is, where it is about a text.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.0.span
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// Where in the given document the error is (`/properties/tier`), where it is about one.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// The message alone, without place and help.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    fn line_and_column(&self) -> Option<(usize, usize)> {
        let (text, span) = (self.0.text.as_deref()?, self.0.span?);
        let before = text.get(..span.start).unwrap_or(text);
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or("").chars().count();
        Some((line, column))
    }

    fn write_snippet(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(text), Some(span), Some((line, column))) =
            (self.0.text.as_deref(), self.0.span, self.line_and_column())
        else {
            return Ok(());
        };
        let shown = text
            .split('\n')
            .nth(line)
            .unwrap_or("")
            .trim_end_matches('\r');
        // A very long line is shown around the place only, so that the caret stays in sight.
        let skipped = column.saturating_sub(60);
        let shown: String = shown
            .chars()
            .skip(skipped)
            .take(120)
            .map(flatten_tab)
            .collect();
        let number = (line + 1).to_string();
        let margin = " ".repeat(number.len());
        let marked = text.get(span.start..span.end).unwrap_or("");
        let width = marked
            .split('\n')
            .next()
            .unwrap_or("")
            .chars()
            .count()
            .clamp(1, 120);
        let width = width.min(
            shown
                .chars()
                .count()
                .saturating_sub(column - skipped)
                .max(1),
        );
        write!(f, "\n{margin} |\n{number} | {shown}\n{margin} | ")?;
        write!(f, "{}{}", " ".repeat(column - skipped), "^".repeat(width))
    }
}

/// Tabs would move the caret away from its place.
fn flatten_tab(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.line_and_column() {
            write!(f, "{}:{}: ", line + 1, column + 1)?;
        }
        let whole = self.0.message.as_str();
        let (context, message) = whole.split_at_checked(self.0.begin).unwrap_or(("", whole));
        f.write_str(context)?;
        if let Some(path) = &self.0.path {
            write!(f, "`{path}`: ")?;
        }
        f.write_str(message)?;
        if f.alternate() {
            self.write_snippet(f)?;
            if let Some(help) = &self.0.help {
                write!(f, "\nhelp: {help}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self:#}", self.0.kind)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source: &(dyn std::error::Error + 'static) = self.0.source.as_deref()?;
        Some(source)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, error.to_string()).with_source(error)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::invalid(format!("not the JSON that was expected: {error}")).with_source(error)
    }
}

/// The known name nearest to a mistyped one, near enough to be worth suggesting
/// (Damerau–Levenshtein distance of at most a third of its length).
pub(crate) fn did_you_mean<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let limit = (wrong.chars().count() / 3).clamp(1, 4);
    let wrong = wrong.to_lowercase();
    known
        .into_iter()
        .map(|name| (distance(&wrong, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| format!("did you mean `{name}`?"))
}

fn distance(a: &str, b: &str) -> usize {
    if a.len().abs_diff(b.len()) > 4 || a.len() > 200 {
        return usize::MAX;
    }
    strsim::damerau_levenshtein(a, b)
}
