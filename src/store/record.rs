//! One entity on its own, and its bytes in a record of the log.

use std::sync::Arc;

use smallvec::SmallVec;

use super::bytes::{Reader, put_bytes, put_signed, put_varint, text};
#[cfg(test)]
use super::fields::FieldTable;
use super::fields::{Field, FieldKey, FieldWriter, Space};
use super::value_codec::{put_body, read_body, tag};
use crate::error::{Error, Result};
use crate::value::{BlueprintId, EntityId, Instant, NameId, Seq, Value};

/// The targets of one relation of one entity, in the order they were written.
pub(crate) type Targets = SmallVec<[EntityId; 2]>;

/// One entity: what was written, with relations as ids, so that renames rewrite nothing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entity {
    /// The id, which also tells where its indexes and derived values are.
    pub(crate) id: EntityId,
    /// Its blueprint.
    pub(crate) blueprint: BlueprintId,
    /// Unique within the blueprint.
    pub(crate) identifier: Arc<str>,
    /// The title, where one was given.
    pub(crate) title: Option<Arc<str>>,
    /// The icon name.
    pub(crate) icon: Option<Arc<str>>,
    /// The owning teams.
    pub(crate) team: Arc<[Arc<str>]>,
    /// Non-null property values, ascending by name id.
    pub(crate) properties: Vec<(NameId, Value)>,
    /// Non-empty relations, ascending by name id.
    pub(crate) relations: Vec<(NameId, Targets)>,
    /// When it was created.
    pub(crate) created_at: Instant,
    /// When it last changed.
    pub(crate) updated_at: Instant,
    /// Who created it.
    pub(crate) created_by: Arc<str>,
    /// Who last changed it.
    pub(crate) updated_by: Arc<str>,
    /// The commit that created it.
    pub(crate) created_in: Seq,
}

/// The ids of the fixed fields; they never change meaning, see docs/format.md.
mod system {
    pub(super) const BLUEPRINT: u32 = 0;
    pub(super) const IDENTIFIER: u32 = 1;
    pub(super) const TITLE: u32 = 2;
    pub(super) const ICON: u32 = 3;
    pub(super) const TEAM: u32 = 4;
    pub(super) const CREATED_AT: u32 = 5;
    pub(super) const UPDATED_AT: u32 = 6;
    pub(super) const CREATED_BY: u32 = 7;
    pub(super) const UPDATED_BY: u32 = 8;
    pub(super) const CREATED_IN: u32 = 9;
}

impl Entity {
    /// A stored property; null where it is missing.
    #[must_use]
    pub(crate) fn property(&self, name: NameId) -> &Value {
        const NULL: &Value = &Value::Null;
        match self
            .properties
            .binary_search_by_key(&name, |(name, _)| *name)
        {
            Ok(at) => self.properties.get(at).map_or(NULL, |(_, value)| value),
            Err(_) => NULL,
        }
    }

    /// The targets of a relation; empty where it is missing.
    #[must_use]
    pub(crate) fn targets(&self, relation: NameId) -> &[EntityId] {
        match self
            .relations
            .binary_search_by_key(&relation, |(name, _)| *name)
        {
            Ok(at) => self.relations.get(at).map_or(&[], |(_, targets)| targets),
            Err(_) => &[],
        }
    }

    /// The bytes of the record; the id is not among them, it is the key of the table.
    ///
    /// # Errors
    /// `Limit` where a value is nested deeper than [`super::MAX_DEPTH`] or beyond 4 GiB.
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        self.encode_into(&mut out)?;
        Ok(out)
    }

    /// Appends the bytes of the record.
    pub(crate) fn encode_into(&self, out: &mut Vec<u8>) -> Result<()> {
        let mut writer = FieldWriter::default();
        self.write_system(&mut writer)?;
        for (name, value) in &self.properties {
            let key = FieldKey::new(Space::Property, name.0);
            writer.add(key, |body| put_body(body, value, 0))?;
        }
        for (name, targets) in &self.relations {
            writer.add(FieldKey::new(Space::Relation, name.0), |body| {
                targets
                    .iter()
                    .for_each(|target| put_varint(body, u64::from(target.0)));
                Ok(tag::TARGETS)
            })?;
        }
        writer.finish(out)
    }

    fn write_system(&self, writer: &mut FieldWriter) -> Result<()> {
        let key = |id| FieldKey::new(Space::System, id);
        writer.add(key(system::BLUEPRINT), |body| {
            put_varint(body, u64::from(self.blueprint.0));
            Ok(tag::INT)
        })?;
        let texts = [
            (system::IDENTIFIER, Some(&self.identifier)),
            (system::TITLE, self.title.as_ref()),
            (system::ICON, self.icon.as_ref()),
        ];
        for (id, value) in texts {
            write_text(writer, id, value)?;
        }
        if !self.team.is_empty() {
            writer.add(key(system::TEAM), |body| {
                self.team
                    .iter()
                    .for_each(|team| put_bytes(body, team.as_bytes()));
                Ok(tag::LIST)
            })?;
        }
        let times = [
            (system::CREATED_AT, self.created_at),
            (system::UPDATED_AT, self.updated_at),
        ];
        for (id, instant) in times {
            writer.add(key(id), |body| {
                put_signed(body, instant.0);
                Ok(tag::INSTANT)
            })?;
        }
        write_text(writer, system::CREATED_BY, Some(&self.created_by))?;
        write_text(writer, system::UPDATED_BY, Some(&self.updated_by))?;
        writer.add(key(system::CREATED_IN), |body| {
            put_varint(body, self.created_in.0);
            Ok(tag::INT)
        })
    }

    #[cfg(test)]
    /// The record that [`Self::encode`] wrote.
    ///
    /// # Errors
    /// `Corrupt` where the bytes are not a record of a known version.
    pub(crate) fn decode(id: EntityId, bytes: &[u8]) -> Result<Self> {
        Self::from_fields(id, FieldTable::parse(bytes)?.all()?)
    }

    /// Builds the record from fields in ascending order.
    pub(super) fn from_fields<'a>(
        id: EntityId,
        fields: impl IntoIterator<Item = Field<'a>>,
    ) -> Result<Self> {
        let mut record = Self::empty(id);
        let mut required = Required::default();
        for field in fields {
            match field.key.space {
                Space::System => record.read_system(field, &mut required)?,
                Space::Property => {
                    let value = read_body(field.tag, field.body, 0)?;
                    record.properties.push((NameId(field.key.id), value));
                }
                Space::Relation => {
                    record
                        .relations
                        .push((NameId(field.key.id), read_targets(field)?));
                }
            }
        }
        required.check()?;
        Ok(record)
    }

    fn empty(id: EntityId) -> Self {
        Self {
            id,
            blueprint: BlueprintId::default(),
            identifier: Arc::default(),
            title: None,
            icon: None,
            team: Arc::default(),
            properties: Vec::new(),
            relations: Vec::new(),
            created_at: Instant::default(),
            updated_at: Instant::default(),
            created_by: Arc::default(),
            updated_by: Arc::default(),
            created_in: Seq::default(),
        }
    }

    fn read_system(&mut self, field: Field<'_>, required: &mut Required) -> Result<()> {
        let shared = || text(field.body).map(Arc::<str>::from);
        let mut reader = Reader::new(field.body);
        let (kind, fixed) = match field.key.id {
            system::BLUEPRINT => {
                self.blueprint = BlueprintId(reader.id()?);
                (tag::INT, true)
            }
            system::CREATED_AT | system::UPDATED_AT => {
                let instant = Instant(reader.signed()?);
                let created = field.key.id == system::CREATED_AT;
                *(if created {
                    &mut self.created_at
                } else {
                    &mut self.updated_at
                }) = instant;
                (tag::INSTANT, true)
            }
            system::CREATED_IN => {
                self.created_in = Seq(reader.varint()?);
                (tag::INT, true)
            }
            system::TEAM => {
                let mut team = Vec::new();
                while !reader.is_empty() {
                    team.push(Arc::from(reader.text()?));
                }
                self.team = team.into();
                (tag::LIST, true)
            }
            system::IDENTIFIER => (Self::put(&mut self.identifier, shared()?), false),
            system::CREATED_BY => (Self::put(&mut self.created_by, shared()?), false),
            system::UPDATED_BY => (Self::put(&mut self.updated_by, shared()?), false),
            system::TITLE => (Self::put(&mut self.title, Some(shared()?)), false),
            system::ICON => (Self::put(&mut self.icon, Some(shared()?)), false),
            unknown => {
                return Err(Error::corrupt(format!(
                    "a record has an unknown field {unknown}"
                )));
            }
        };
        if field.tag != kind {
            return Err(Error::corrupt(
                "a field of a record has the wrong kind of value",
            ));
        }
        if fixed {
            reader.finish()?;
        }
        required.saw(field.key.id);
        Ok(())
    }

    fn put<T>(place: &mut T, value: T) -> u8 {
        *place = value;
        tag::STRING
    }
}

fn write_text(writer: &mut FieldWriter, id: u32, text: Option<&Arc<str>>) -> Result<()> {
    let Some(text) = text else { return Ok(()) };
    writer.add(FieldKey::new(Space::System, id), |body| {
        body.extend_from_slice(text.as_bytes());
        Ok(tag::STRING)
    })
}

fn read_targets(field: Field<'_>) -> Result<Targets> {
    if field.tag != tag::TARGETS {
        return Err(Error::corrupt(
            "a relation of a record has the wrong kind of value",
        ));
    }
    let mut reader = Reader::new(field.body);
    let mut targets = Targets::new();
    while !reader.is_empty() {
        targets.push(EntityId(reader.id()?));
    }
    Ok(targets)
}

/// Which fixed fields were seen; a record without one of the required ones is damaged.
#[derive(Debug, Default)]
struct Required(u32);

impl Required {
    const ALL: u32 = 1 << system::BLUEPRINT
        | 1 << system::IDENTIFIER
        | 1 << system::CREATED_AT
        | 1 << system::UPDATED_AT
        | 1 << system::CREATED_BY
        | 1 << system::UPDATED_BY
        | 1 << system::CREATED_IN;

    /// Only called for ids of [`system`], which are below 32.
    fn saw(&mut self, id: u32) {
        self.0 |= 1_u32.checked_shl(id).unwrap_or(0);
    }

    fn check(&self) -> Result<()> {
        if self.0 & Self::ALL == Self::ALL {
            return Ok(());
        }
        Err(Error::corrupt(
            "a record lacks one of the fields that every entity has",
        ))
    }
}
