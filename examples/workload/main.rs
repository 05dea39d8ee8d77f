//! The catalog workload as a program: one JSON request a line in, one answer a line out.
//!
//! It loads a folder of blueprints, scorecards and entities into a catalog on disk, answers nine
//! questions about it, and writes updates, each timed by itself. What it cannot do it answers with
//! `"na": true` and why.

#![expect(
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "JSON reads as null where it has nothing; a program that measures looks at the clock"
)]

mod failure;
mod measure;
mod model;
mod queries;
mod session;
mod updates;

use std::io::{BufRead as _, Write as _};

use serde_json::{Value as Json, json};

use failure::Failure;
use session::Session;

fn main() -> std::io::Result<()> {
    let mut session = Session::default();
    let (input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    for line in input.lines() {
        let request: Json = serde_json::from_str(&line?).unwrap_or_default();
        let mut answer = match session.handle(&request) {
            Ok(mut answer) => {
                answer["ok"] = json!(true);
                answer
            }
            Err(Failure { message, na }) => json!({"ok": false, "error": message, "na": na}),
        };
        answer["id"] = request["id"].clone();
        writeln!(output, "{answer}")?;
        output.flush()?;
        if request["op"] == "close" {
            break;
        }
    }
    Ok(())
}
