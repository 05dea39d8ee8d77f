//! Ways into the catalog beyond single writes: importing a folder in Port's forms.

mod folder;
mod report;

pub(crate) use folder::read_folder;
pub use report::{ImportOptions, ImportReport, Progress, Refused};
