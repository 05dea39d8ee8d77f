//! A progress bar on the error stream, where that is a terminal.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressStyle};
use portolan::Progress;

use crate::format::counted;

const TEMPLATE: &str = "{wide_bar} {bytes} of {total_bytes} · {msg} · {eta}";

/// The bar of one import.
#[derive(Debug)]
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new() -> Self {
        let bar = if io::stderr().is_terminal() {
            ProgressBar::new(0)
        } else {
            ProgressBar::hidden()
        };
        // A template that does not parse leaves the plain bar.
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        Self(bar)
    }

    pub(crate) fn show(&self, progress: Progress) {
        self.0.set_length(progress.total_bytes);
        self.0.set_position(progress.bytes);
        let lines = usize::try_from(progress.lines).unwrap_or(usize::MAX);
        self.0.set_message(counted(lines, "line"));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
