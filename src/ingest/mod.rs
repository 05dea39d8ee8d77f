//! Ways into and out of the catalog beyond single writes: JSON lines, folders in Port's forms, and
//! exports.

mod blocks;
mod export;
mod export_line;
mod folder;
mod import_export;
mod lines;
mod load;
mod report;
#[cfg(test)]
mod tests;

pub use export::ExportReport;
pub(crate) use export::write_export;
pub(crate) use folder::read_folder;
pub(crate) use import_export::read_export;
pub(crate) use load::read_lines;
pub(crate) use report::Read;
pub use report::{ImportOptions, ImportReport, Progress, Refused};
