//! Any query of any small catalog: its plan answers as trying everything does.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portolan::equivalence::check;

fuzz_target!(|bytes: &[u8]| {
    let (world, query) = bytes.split_at(bytes.len() / 2);
    let _ = check(world, query);
});
