//! A number of bytes as people read it.

use std::fmt;

/// Prints at most four digits, in powers of 1,024.
pub(crate) struct ByteCount(pub(crate) u64);

impl fmt::Display for ByteCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
        if self.0 < 10_000 {
            return write!(f, "{} B", self.0);
        }
        let (mut tenths, mut unit) = (self.0.saturating_mul(10) / 1024, UNITS[0]);
        for larger in UNITS.into_iter().skip(1) {
            if tenths < 100_000 {
                break;
            }
            (tenths, unit) = (tenths / 1024, larger);
        }
        write!(f, "{}.{} {unit}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::ByteCount;

    #[test]
    fn bytes_as_people_read_them() {
        let shown = [0, 9_999, 10_000, 10_239_999, 10_240_000, u64::MAX / 16];
        let shown = shown.map(|bytes| ByteCount(bytes).to_string());
        let expected = [
            "0 B",
            "9999 B",
            "9.7 KiB",
            "9999.9 KiB",
            "9.7 MiB",
            "1048575.9 TiB",
        ];
        assert_eq!(shown, expected);
    }
}
