//! Reads lines of JSON from a file or stream, none longer than a limit.

use std::io::{BufRead, Read as _};

use crate::error::Result;

/// What came of an attempt to read a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// There is none left.
    End,
    /// It is in the buffer, its end included; with how many bytes it took.
    Read(u64),
    /// It is longer than the limit, and was skipped; with how many bytes it took.
    TooLong(u64),
}

/// Appends the next line to a buffer; of one that is too long, nothing.
pub(super) fn read_line(
    reader: &mut impl BufRead,
    buffer: &mut Vec<u8>,
    limit: u64,
) -> Result<Line> {
    let start = buffer.len();
    let bytes = reader
        .by_ref()
        .take(limit.saturating_add(1))
        .read_until(b'\n', buffer)? as u64;
    if bytes == 0 {
        return Ok(Line::End);
    }
    if bytes > limit {
        let ended = buffer.last() == Some(&b'\n');
        let rest = if ended { 0 } else { reader.skip_until(b'\n')? };
        buffer.truncate(start);
        return Ok(Line::TooLong(bytes + rest as u64));
    }
    Ok(Line::Read(bytes))
}

/// A text without the byte-order mark that some editors put before it.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed test may panic")]

    use super::{Line, read_line};

    #[test]
    fn a_line_beyond_the_limit_is_skipped_and_the_next_is_read() {
        let mut reader = "abcde\nabcdefgh\nabcd".as_bytes();
        let mut buffer = Vec::new();
        let mut next = || {
            let line = read_line(&mut reader, &mut buffer, 5).unwrap();
            (line, buffer.clone())
        };
        assert_eq!(next().0, Line::TooLong(6), "the end of a line counts");
        assert_eq!(next().0, Line::TooLong(9));
        assert_eq!(next(), (Line::Read(4), b"abcd".to_vec()));
        assert_eq!(next(), (Line::End, b"abcd".to_vec()));
    }
}
