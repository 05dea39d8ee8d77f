//! Reading and writing the primitives that records are made of, with every read bounds-checked.

use crate::error::{Error, Result};

/// Appends an unsigned number, seven bits a byte, lowest first (LEB128).
pub(super) fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(low_bits(number) | 0x80);
        number >>= 7;
    }
    out.push(low_bits(number));
}

/// Appends a signed number so that small magnitudes of either sign stay short (zigzag).
pub(super) fn put_signed(out: &mut Vec<u8>, number: i64) {
    put_varint(
        out,
        (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned(),
    );
}

/// Appends a byte string with its length.
pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Puts the number of bytes from `start` to the end in front of them.
pub(super) fn prefix_length(out: &mut Vec<u8>, start: usize) {
    let mut length = Vec::with_capacity(5);
    put_varint(&mut length, out.len().saturating_sub(start) as u64);
    out.splice(start..start, length);
}

fn low_bits(number: u64) -> u8 {
    let [lowest, ..] = number.to_le_bytes();
    lowest & 0x7f
}

/// What is left to read of a byte string.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(ends_early)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or_else(ends_early)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn varint(&mut self) -> Result<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Error::corrupt(
            "a number in the record is longer than 64 bits",
        ))
    }

    pub(super) fn signed(&mut self) -> Result<i64> {
        let number = self.varint()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    /// A number that must fit 32 bits, as ids do.
    pub(super) fn id(&mut self) -> Result<u32> {
        u32::try_from(self.varint()?).map_err(|_| Error::corrupt("an id is longer than 32 bits"))
    }

    /// A byte string after its length.
    pub(super) fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = usize::try_from(self.varint()?).map_err(|_| ends_early())?;
        self.take(length)
    }

    /// A text after its length.
    pub(super) fn text(&mut self) -> Result<&'a str> {
        text(self.bytes()?)
    }

    /// A count of items that each take at least `least` bytes, so that a damaged count cannot
    /// make the reader allocate more than the input justifies.
    pub(super) fn count(&mut self, least: usize) -> Result<usize> {
        let count = usize::try_from(self.varint()?).map_err(|_| ends_early())?;
        if count > self.rest.len() / least.max(1) {
            return Err(ends_early());
        }
        Ok(count)
    }

    /// Fails where something is left: a record has no slack.
    pub(super) fn finish(self) -> Result<()> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(Error::corrupt("the record is longer than its content"))
    }
}

/// The text of a byte string.
pub(super) fn text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| Error::corrupt("a text in the record is not UTF-8"))
}

fn ends_early() -> Error {
    Error::corrupt("the record ends too early")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test may panic")]
mod tests {
    use proptest::prelude::*;

    use super::{Reader, put_bytes, put_signed, put_varint};

    #[test]
    fn numbers_take_the_documented_bytes() {
        let varint = |number| {
            let mut out = Vec::new();
            put_varint(&mut out, number);
            out
        };
        assert_eq!(varint(0), [0]);
        assert_eq!(varint(127), [0x7f]);
        assert_eq!(varint(300), [0xac, 0x02]);
        assert_eq!(varint(u64::MAX).len(), 10);
        let mut out = Vec::new();
        for number in [0, -1, 1, -2] {
            put_signed(&mut out, number);
        }
        assert_eq!(out, [0, 1, 2, 3]);
    }

    #[test]
    fn a_number_beyond_64_bits_is_refused() {
        let mut bytes = [0xff; 10];
        assert!(Reader::new(&bytes).varint().is_err());
        *bytes.last_mut().unwrap() = 0x02;
        assert!(Reader::new(&bytes).varint().is_err());
        *bytes.last_mut().unwrap() = 0x01;
        assert_eq!(Reader::new(&bytes).varint().unwrap(), u64::MAX);
    }

    proptest! {
        #[test]
        fn primitives_come_back(unsigned: u64, signed: i64, bytes: Vec<u8>) {
            let mut out = Vec::new();
            put_varint(&mut out, unsigned);
            put_signed(&mut out, signed);
            put_bytes(&mut out, &bytes);
            let mut reader = Reader::new(&out);
            prop_assert_eq!(reader.varint().unwrap(), unsigned);
            prop_assert_eq!(reader.signed().unwrap(), signed);
            prop_assert_eq!(reader.bytes().unwrap(), &bytes[..]);
            prop_assert!(reader.finish().is_ok());
        }
    }
}
