//! The border to redb: its errors in our terms, and a shield against its panics.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Error, ErrorKind, Result};

/// Runs a call into redb; a panic inside it becomes an error.
///
/// redb promises errors instead of panics only for files of which it has verified every page,
/// which would mean to read the whole file at every open. An altered file may therefore panic
/// within it, and a host must not fall over a file.
pub(super) fn shielded<T>(call: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| {
        Err(damaged(
            "the storage engine gave up on what it found in the file",
        ))
    })
}

/// Runs a call into redb and translates its error.
pub(super) fn engine<T, E: Into<redb::Error>>(call: impl FnOnce() -> Result<T, E>) -> Result<T> {
    shielded(|| call().map_err(translate))
}

/// What a key or row read from the file holds. Its length stands in the page that it is in, so
/// that a damaged page shows only here.
pub(super) fn held<'g, V: redb::Value + 'static>(
    guard: &'g redb::AccessGuard<'_, V>,
) -> Result<V::SelfType<'g>> {
    shielded(|| Ok(guard.value()))
}

/// A redb error in our terms.
pub(super) fn translate(error: impl Into<redb::Error>) -> Error {
    use redb::Error as Engine;
    let error = error.into();
    if let Engine::Io(error) = error {
        return io(error);
    }
    if let Engine::Corrupted(detail) = &error {
        return damaged(detail);
    }
    let (kind, message, help) = if matches!(
        error,
        Engine::DatabaseAlreadyOpen
            | Engine::LockProtocolMismatch
            | Engine::TransactionInProgress
            | Engine::ReadTransactionStillInUse(_)
    ) {
        let help =
            "close it in the other process, or where else it is open in this one, and try again";
        (ErrorKind::Busy, "the catalog is in use", help)
    } else if matches!(
        error,
        Engine::PreviousIo | Engine::Backend(_) | Engine::Unsupported
    ) {
        let help = "close the catalog and open it again: every acknowledged commit is there";
        (ErrorKind::Io, "the storage under the catalog failed", help)
    } else if matches!(error, Engine::DatabaseClosed) {
        (ErrorKind::Closed, "the catalog is closed", "open it again")
    } else if matches!(error, Engine::ValueTooLarge(_)) {
        let message = "a commit is too large for one row of the file";
        (ErrorKind::Limit, message, "split it into smaller ones")
    } else if matches!(error, Engine::UpgradeRequired(_)) {
        let message = "the file has an outdated layout of the storage engine";
        (
            ErrorKind::Unsupported,
            message,
            "export the catalog with the release that wrote it",
        )
    } else if is_damage(&error) {
        return damaged(&error.to_string()).with_source(error);
    } else {
        let message = format!("the storage engine refused: {error}");
        return Error::internal(message).with_source(error);
    };
    Error::new(kind, message).with_help(help).with_source(error)
}

/// Whether an error says that tables are not what a catalog's are, or follows on a panic that
/// damage caused.
fn is_damage(error: &redb::Error) -> bool {
    use redb::Error as Engine;
    matches!(
        error,
        Engine::TableTypeMismatch { .. }
            | Engine::TableIsMultimap(_)
            | Engine::TableIsNotMultimap(_)
            | Engine::TableDoesNotExist(_)
            | Engine::TypeDefinitionChanged { .. }
            | Engine::LockPoisoned(_)
            | Engine::TransactionPoisoned
    )
}

/// What helps against the refusals of an operating system that have a remedy.
const REMEDIES: [(io::ErrorKind, &str); 5] = [
    (
        io::ErrorKind::PermissionDenied,
        "the file and its directory must be readable and writable",
    ),
    (
        io::ErrorKind::StorageFull,
        "make room on the disk and open the catalog again",
    ),
    (
        io::ErrorKind::QuotaExceeded,
        "make room on the disk and open the catalog again",
    ),
    (
        io::ErrorKind::ReadOnlyFilesystem,
        "a catalog cannot live on a read-only file system",
    ),
    (io::ErrorKind::NotFound, "create the directory first"),
];

/// What the operating system refused, with a remedy where there is one.
pub(super) fn io(error: io::Error) -> Error {
    let kind = error.kind();
    if kind == io::ErrorKind::UnexpectedEof {
        return damaged("it ends too early").with_source(error);
    }
    if kind == io::ErrorKind::InvalidData {
        return damaged("it is not what it should be").with_source(error);
    }
    let error = Error::from(error);
    match REMEDIES.iter().find(|(known, _)| *known == kind) {
        Some((_, help)) => error.with_help(*help),
        None => error,
    }
}

/// The file is not as it was written.
pub(super) fn damaged(detail: &str) -> Error {
    Error::corrupt(format!("the catalog's file is damaged: {detail}"))
        .with_help("restore it from a backup; nothing was changed by this attempt to read it")
}
