//! Ways into the catalog beyond single writes: loading JSON lines, importing a folder in Port's
//! forms.

mod folder;
mod lines;
mod load;
mod report;

pub(crate) use folder::read_folder;
pub(crate) use load::read_lines;
pub(crate) use report::Read;
pub use report::{ImportOptions, ImportReport, Progress, Refused};
