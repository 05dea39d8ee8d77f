//! The bytes of one value: a tag and a body whose length is known from outside.

use std::sync::Arc;

use super::bytes::{Reader, prefix_length, put_bytes, put_signed, put_varint, text};
use crate::error::{Error, Result};
use crate::value::{DAY, Date, Duration, EntityId, Fields, Instant, Level, Offset, Value};

/// Lists and maps may be nested this deep, as in the JSON that the crate reads.
pub(crate) const MAX_DEPTH: u32 = 128;

/// The tags of values; they never change meaning, see docs/format.md.
pub(super) mod tag {
    pub(in crate::store) const NULL: u8 = 0;
    pub(in crate::store) const FALSE: u8 = 1;
    pub(in crate::store) const TRUE: u8 = 2;
    pub(in crate::store) const INT: u8 = 3;
    pub(in crate::store) const FLOAT: u8 = 4;
    pub(in crate::store) const STRING: u8 = 5;
    pub(in crate::store) const INSTANT: u8 = 6;
    pub(in crate::store) const DURATION: u8 = 7;
    pub(in crate::store) const LEVEL: u8 = 8;
    pub(in crate::store) const LIST: u8 = 9;
    pub(in crate::store) const MAP: u8 = 10;
    pub(in crate::store) const ENTITY: u8 = 11;
    /// Entity ids in the order they were written: the targets of a relation.
    pub(in crate::store) const TARGETS: u8 = 12;
    pub(in crate::store) const DATE: u8 = 13;
    /// Only in the patch of a log record: the field is missing in the earlier image.
    pub(in crate::store) const ABSENT: u8 = 255;
}

/// A value on its own: its tag, then its body up to the end.
pub(super) fn encode_value(value: &Value) -> Result<Vec<u8>> {
    let mut out = vec![tag::NULL];
    let tag = put_body(&mut out, value, 0)?;
    if let Some(first) = out.first_mut() {
        *first = tag;
    }
    Ok(out)
}

/// The value that [`encode_value`] wrote.
pub(super) fn decode_value(bytes: &[u8]) -> Result<Value> {
    let mut reader = Reader::new(bytes);
    let tag = reader.byte()?;
    read_body(tag, reader.rest(), 0)
}

/// Appends the body of a value and gives its tag.
pub(super) fn put_body(out: &mut Vec<u8>, value: &Value, depth: u32) -> Result<u8> {
    Ok(match value {
        Value::Null => tag::NULL,
        Value::Bool(false) => tag::FALSE,
        Value::Bool(true) => tag::TRUE,
        Value::Int(whole) => {
            put_signed(out, *whole);
            tag::INT
        }
        Value::Float(number) => {
            out.extend_from_slice(&number.to_bits().to_le_bytes());
            tag::FLOAT
        }
        Value::String(text) => {
            out.extend_from_slice(text.as_bytes());
            tag::STRING
        }
        Value::Instant(instant, offset) => {
            put_signed(out, instant.0);
            if *offset != Offset::UTC {
                put_signed(out, i64::from(offset.seconds()));
            }
            tag::INSTANT
        }
        Value::Date(date) => {
            put_signed(out, i64::from(date.0));
            tag::DATE
        }
        Value::Duration(duration) => {
            put_signed(out, i64::from(duration.months));
            put_signed(out, duration.micros);
            // Most durations have as many days as 24 hours go into them.
            if duration.days() != Duration::new(0, duration.micros).days() {
                put_signed(out, i64::from(duration.days()));
            }
            tag::DURATION
        }
        Value::Level(level) => {
            put_varint(out, u64::from(level.rank));
            out.extend_from_slice(level.title.as_bytes());
            tag::LEVEL
        }
        Value::List(values) => {
            let depth = deeper(depth)?;
            values
                .iter()
                .try_for_each(|value| put_element(out, value, depth))?;
            tag::LIST
        }
        Value::Map(fields) => {
            let depth = deeper(depth)?;
            for (name, value) in fields.iter() {
                put_bytes(out, name.as_bytes());
                put_element(out, value, depth)?;
            }
            tag::MAP
        }
        Value::Entity(id) => {
            put_varint(out, u64::from(id.0));
            tag::ENTITY
        }
        Value::Relation(_) | Value::Path(_) => {
            return Err(Error::internal("a relation or path is not stored"));
        }
    })
}

fn deeper(depth: u32) -> Result<u32> {
    if depth < MAX_DEPTH {
        return Ok(depth + 1);
    }
    Err(Error::new(
        crate::error::ErrorKind::Limit,
        format!("a value is nested deeper than {MAX_DEPTH} levels of lists and maps"),
    ))
}

/// A value within a list or map: its tag, the length of its body where it has one, its body.
fn put_element(out: &mut Vec<u8>, value: &Value, depth: u32) -> Result<()> {
    let at = out.len();
    out.push(tag::NULL);
    let tag = put_body(out, value, depth)?;
    if let Some(place) = out.get_mut(at) {
        *place = tag;
    }
    if has_body(tag) {
        prefix_length(out, at + 1);
    }
    Ok(())
}

fn has_body(tag: u8) -> bool {
    !matches!(tag, tag::NULL | tag::FALSE | tag::TRUE)
}

fn read_element(reader: &mut Reader<'_>, depth: u32) -> Result<Value> {
    let tag = reader.byte()?;
    let body = if has_body(tag) { reader.bytes()? } else { &[] };
    read_body(tag, body, depth)
}

/// The value of a tag and the exact bytes of its body.
pub(super) fn read_body(tag: u8, body: &[u8], depth: u32) -> Result<Value> {
    let mut reader = Reader::new(body);
    let value = match tag {
        tag::NULL => Value::Null,
        tag::FALSE => Value::Bool(false),
        tag::TRUE => Value::Bool(true),
        tag::INT => Value::Int(reader.signed()?),
        tag::FLOAT => Value::Float(f64::from_bits(u64::from_le_bytes(reader.array()?))),
        tag::STRING => return Ok(Value::string(text(body)?)),
        tag::INSTANT => read_instant(&mut reader)?,
        tag::DATE => Value::Date(Date(
            reader
                .signed()?
                .try_into()
                .map_err(|_| out_of_range("date"))?,
        )),
        tag::DURATION => Value::Duration(read_duration(&mut reader)?),
        tag::LEVEL => return read_level(reader),
        tag::LIST => return read_list(reader, depth),
        tag::MAP => return read_map(reader, depth),
        tag::ENTITY => Value::Entity(EntityId(reader.id()?)),
        unknown => {
            return Err(Error::corrupt(format!(
                "the record holds a value of unknown kind {unknown}"
            )));
        }
    };
    reader.finish()?;
    Ok(value)
}

fn out_of_range(what: &str) -> Error {
    Error::corrupt(format!("a {what} in the record is out of range"))
}

fn read_instant(reader: &mut Reader<'_>) -> Result<Value> {
    let instant = Instant(reader.signed()?);
    if reader.is_empty() {
        return Ok(instant.into());
    }
    let offset = i32::try_from(reader.signed()?).ok();
    let offset = offset.and_then(Offset::from_seconds);
    Ok(Value::Instant(
        instant,
        offset.ok_or_else(|| out_of_range("point in time"))?,
    ))
}

fn read_duration(reader: &mut Reader<'_>) -> Result<Duration> {
    let wrong = || out_of_range("duration");
    let months = i32::try_from(reader.signed()?).map_err(|_| wrong())?;
    let micros = reader.signed()?;
    if reader.is_empty() {
        return Ok(Duration::new(months, micros));
    }
    let days = i32::try_from(reader.signed()?).map_err(|_| wrong())?;
    let time = i64::from(days)
        .checked_mul(DAY)
        .and_then(|days| micros.checked_sub(days));
    Duration::from_parts(months, days, time.ok_or_else(wrong)?).ok_or_else(wrong)
}

fn read_level(mut reader: Reader<'_>) -> Result<Value> {
    let rank = u16::try_from(reader.varint()?)
        .map_err(|_| Error::corrupt("the rank of a level in the record is out of range"))?;
    Ok(Value::Level(Level {
        rank,
        title: Arc::from(text(reader.rest())?),
    }))
}

fn read_list(mut reader: Reader<'_>, depth: u32) -> Result<Value> {
    let depth = deeper(depth).map_err(|_| nested_too_deep())?;
    let mut values = Vec::new();
    while !reader.is_empty() {
        values.push(read_element(&mut reader, depth)?);
    }
    Ok(Value::List(values.into()))
}

fn read_map(mut reader: Reader<'_>, depth: u32) -> Result<Value> {
    let depth = deeper(depth).map_err(|_| nested_too_deep())?;
    let mut fields = Fields::new();
    while !reader.is_empty() {
        let name: Arc<str> = Arc::from(reader.text()?);
        if fields
            .last_key_value()
            .is_some_and(|(last, _)| *last >= name)
        {
            return Err(Error::corrupt(
                "the fields of a map in the record are out of order",
            ));
        }
        let value = read_element(&mut reader, depth)?;
        fields.insert(name, value);
    }
    Ok(Value::Map(Arc::new(fields)))
}

fn nested_too_deep() -> Error {
    Error::corrupt(format!(
        "a value in the record is nested deeper than {MAX_DEPTH} levels"
    ))
}
