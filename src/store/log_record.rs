//! One commit as the log holds it, and its bytes.

use std::sync::Arc;

use super::bytes::{Reader, put_bytes, put_signed, put_varint};
use super::log_change::Change;
use super::log_results::{LevelChange, RuleChange, put_results, read_results};
use crate::error::{Error, Result};
use crate::value::{BlueprintId, EntityId, Instant, NameId, ScorecardId, Seq};

/// The version of the log record layout; readers refuse any other.
pub(crate) const LOG_VERSION: u8 = 1;

const HAS_CAUSE: u8 = 1;
const HAS_MODEL: u8 = 2;

/// One commit: who, when and why, and everything it changed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LogRecord {
    /// The number of the commit.
    pub(crate) seq: Seq,
    /// When it was made, by the catalog's clock.
    pub(crate) time: Instant,
    /// Who made it.
    pub(crate) actor: Arc<str>,
    /// What led to it, where that was said.
    pub(crate) cause: Option<Arc<str>>,
    /// What changed in the model.
    pub(crate) model: Option<ModelChange>,
    /// The changed entities in the order of the commit.
    pub(crate) changes: Vec<Change>,
    /// The entities that changed level in consequence.
    pub(crate) levels: Vec<LevelChange>,
    /// The rules whose result changed for an entity that was there before and after, under a rule
    /// that was.
    pub(crate) rules: Vec<RuleChange>,
}

/// What a commit changed in the model.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ModelChange {
    /// Names that were interned for it.
    pub(crate) names: Vec<(NameId, Arc<str>)>,
    /// Blueprints that were added, replaced or removed.
    pub(crate) blueprints: Vec<DefinitionChange<BlueprintId>>,
    /// Scorecards that were added, replaced or removed.
    pub(crate) scorecards: Vec<DefinitionChange<ScorecardId>>,
}

/// A definition as a commit left it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DefinitionChange<Id> {
    pub(crate) id: Id,
    pub(crate) identifier: Arc<str>,
    /// The JSON text; `None` where the definition was removed.
    pub(crate) json: Option<Arc<str>>,
}

/// How a log record begins: which commit it is, who made it and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogHead {
    pub(crate) seq: Seq,
    pub(crate) time: Instant,
    pub(crate) actor: Arc<str>,
}

impl LogRecord {
    /// The bytes of the record, its checksum last.
    ///
    /// # Errors
    /// `Limit` where a value is nested too deep or a record is beyond 4 GiB.
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        let mut out = vec![LOG_VERSION, self.flags()];
        out.extend_from_slice(&self.seq.0.to_le_bytes());
        put_signed(&mut out, self.time.0);
        put_bytes(&mut out, self.actor.as_bytes());
        if let Some(cause) = &self.cause {
            put_bytes(&mut out, cause.as_bytes());
        }
        if let Some(model) = &self.model {
            model.encode_into(&mut out);
        }
        put_varint(&mut out, self.changes.len() as u64);
        for change in &self.changes {
            change.encode_into(&mut out)?;
        }
        put_results(&mut out, &self.levels);
        put_results(&mut out, &self.rules);
        out.extend_from_slice(&crc32fast::hash(&out).to_le_bytes());
        Ok(out)
    }

    fn flags(&self) -> u8 {
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        flag(self.cause.is_some(), HAS_CAUSE) | flag(self.model.is_some(), HAS_MODEL)
    }

    /// The record that [`Self::encode`] wrote.
    ///
    /// # Errors
    /// `Corrupt` where the checksum or anything else is wrong.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(checked(bytes)?);
        let (LogHead { seq, time, actor }, flags) = LogHead::read(&mut reader)?;
        let record = Self {
            seq,
            time,
            actor,
            cause: optional(flags & HAS_CAUSE != 0, || reader.text().map(Arc::from))?,
            model: optional(flags & HAS_MODEL != 0, || ModelChange::decode(&mut reader))?,
            // A change takes at least its id, its kind and the length of an image.
            changes: list(&mut reader, 3, Change::decode)?,
            levels: read_results(&mut reader)?,
            rules: read_results(&mut reader)?,
        };
        reader.finish()?;
        Ok(record)
    }

    /// What the record at hand did to one entity, with how it begins. Decodes nothing of the other
    /// entities.
    ///
    /// # Errors
    /// As for [`Self::decode`].
    pub(crate) fn change_of(bytes: &[u8], entity: EntityId) -> Result<(LogHead, Option<Change>)> {
        let mut reader = Reader::new(checked(bytes)?);
        let (head, flags) = LogHead::read(&mut reader)?;
        if flags & HAS_CAUSE != 0 {
            reader.text()?;
        }
        if flags & HAS_MODEL != 0 {
            ModelChange::decode(&mut reader)?;
        }
        for _ in 0..reader.count(3)? {
            if let Some(change) = Change::decode_if(&mut reader, entity)? {
                return Ok((head, Some(change)));
            }
        }
        Ok((head, None))
    }
}

impl LogHead {
    /// How a record begins; the rest of it is not looked at, except for its checksum.
    ///
    /// # Errors
    /// As for [`LogRecord::decode`].
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        let (head, _) = Self::read(&mut Reader::new(checked(bytes)?))?;
        Ok(head)
    }

    /// The beginning and the flags.
    fn read(reader: &mut Reader<'_>) -> Result<(Self, u8)> {
        let version = reader.byte()?;
        if version != LOG_VERSION {
            let message = format!(
                "the record has version {version}, and this release reads version {LOG_VERSION}"
            );
            return Err(Error::corrupt(message));
        }
        let flags = reader.byte()?;
        if flags & !(HAS_CAUSE | HAS_MODEL) != 0 {
            return Err(Error::corrupt("the record has unknown flags"));
        }
        let head = Self {
            seq: Seq(u64::from_le_bytes(reader.array()?)),
            time: Instant(reader.signed()?),
            actor: Arc::from(reader.text()?),
        };
        Ok((head, flags))
    }
}

/// The content of a record whose checksum matches.
fn checked(bytes: &[u8]) -> Result<&[u8]> {
    let parts = bytes.split_last_chunk::<4>();
    let (content, checksum) = parts.ok_or_else(|| Error::corrupt("the record ends too early"))?;
    if crc32fast::hash(content) != u32::from_le_bytes(*checksum) {
        return Err(Error::corrupt("the checksum of the record does not match"));
    }
    Ok(content)
}

fn optional<T>(present: bool, read: impl FnOnce() -> Result<T>) -> Result<Option<T>> {
    if present { read().map(Some) } else { Ok(None) }
}

/// A counted list of items that take at least `least` bytes each.
fn list<'a, T>(
    reader: &mut Reader<'a>,
    least: usize,
    mut read: impl FnMut(&mut Reader<'a>) -> Result<T>,
) -> Result<Vec<T>> {
    let count = reader.count(least)?;
    // Items are larger in memory than in the file: growing bounds what a damaged count costs.
    let mut items = Vec::new();
    for _ in 0..count {
        items.push(read(reader)?);
    }
    Ok(items)
}

impl ModelChange {
    fn encode_into(&self, out: &mut Vec<u8>) {
        put_varint(out, self.names.len() as u64);
        for (id, name) in &self.names {
            put_varint(out, u64::from(id.0));
            put_bytes(out, name.as_bytes());
        }
        put_varint(out, self.blueprints.len() as u64);
        self.blueprints
            .iter()
            .for_each(|change| change.encode_into(out, change.id.0));
        put_varint(out, self.scorecards.len() as u64);
        self.scorecards
            .iter()
            .for_each(|change| change.encode_into(out, change.id.0));
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self> {
        Ok(Self {
            names: list(reader, 2, |reader| {
                Ok((NameId(reader.id()?), Arc::from(reader.text()?)))
            })?,
            blueprints: list(reader, 3, |reader| {
                DefinitionChange::decode(reader, BlueprintId)
            })?,
            scorecards: list(reader, 3, |reader| {
                DefinitionChange::decode(reader, ScorecardId)
            })?,
        })
    }
}

impl<Id> DefinitionChange<Id> {
    fn encode_into(&self, out: &mut Vec<u8>, id: u32) {
        put_varint(out, u64::from(id));
        put_bytes(out, self.identifier.as_bytes());
        out.push(u8::from(self.json.is_some()));
        if let Some(json) = &self.json {
            put_bytes(out, json.as_bytes());
        }
    }

    fn decode(reader: &mut Reader<'_>, id: impl Fn(u32) -> Id) -> Result<Self> {
        Ok(Self {
            id: id(reader.id()?),
            identifier: Arc::from(reader.text()?),
            json: match reader.byte()? {
                0 => None,
                1 => Some(Arc::from(reader.text()?)),
                _ => return Err(Error::corrupt("a definition is neither kept nor removed")),
            },
        })
    }
}
