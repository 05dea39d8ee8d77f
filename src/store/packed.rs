//! One entity as it lies in a page: packed, and read in place.

use super::bytes::{Reader, put_bytes, put_signed, put_varint};
use super::record::{Entity, Targets};
use super::value_codec::{put_body, read_body, tag};
use crate::error::{Error, ErrorKind, Result};
use crate::value::{BlueprintId, EntityId, Instant, NameId, Seq, Value};

/// The version of the layout below; readers refuse any other.
pub(crate) const PACKED_VERSION: u8 = 1;

/// How wide the entries of a table are. The first byte of a record is the version in the upper
/// half and the number of the width in the lower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Width {
    number: u8,
    /// Bytes of the count of fields, and of the end of a field.
    count: usize,
    end: usize,
    /// Bytes of a key: which field, and in the topmost bit whether it is a relation.
    key: usize,
}

const WIDTHS: [Width; 3] = [
    Width {
        number: 0,
        count: 1,
        end: 1,
        key: 2,
    },
    Width {
        number: 1,
        count: 2,
        end: 2,
        key: 2,
    },
    Width {
        number: 2,
        count: 4,
        end: 4,
        key: 5,
    },
];

impl Width {
    /// The narrowest width for a number of fields, a highest id and a length of all bodies.
    fn of(count: usize, id: u32, body: usize) -> Self {
        let fits = |bytes: usize, number: usize| number >> (8 * bytes) == 0;
        let narrow = |width: &&Self| {
            fits(width.count, count) && fits(width.end, body) && (width.key > 2 || id < 1 << 15)
        };
        let [.., widest] = WIDTHS;
        WIDTHS.iter().find(narrow).copied().unwrap_or(widest)
    }

    const fn entry(self) -> usize {
        self.key + 1 + self.end
    }
}

/// Which optional parts the head of a record has.
mod has {
    pub(super) const TITLE: u8 = 1;
    pub(super) const ICON: u8 = 2;
    pub(super) const TEAM: u8 = 4;
    /// When and by whom it was updated, where that is not as it was created.
    pub(super) const UPDATED_AT: u8 = 8;
    pub(super) const UPDATED_BY: u8 = 16;
    pub(super) const ALL: u8 = 31;
}

/// Appends an entity: the table of its properties and relations, their bodies, and a head with
/// the fields that every entity has. The table comes first, so that a property is found without
/// reading anything else.
///
/// # Errors
/// `Limit` where a value is nested too deeply or the record is beyond 4 GiB.
pub(super) fn pack(entity: &Entity, out: &mut Vec<u8>) -> Result<()> {
    let mut fields = Fields::default();
    for (name, value) in &entity.properties {
        let tag = put_body(&mut fields.bodies, value, 0)?;
        fields.end(false, name.0, tag);
    }
    fields.put_relations(&entity.relations);
    fields.finish(out)?;
    put_head(out, entity);
    Ok(())
}

/// The table and the bodies of a record being packed.
#[derive(Default)]
struct Fields {
    /// Whether it is a relation, its id, its tag, and where its body ends.
    entries: Vec<(bool, u32, u8, usize)>,
    bodies: Vec<u8>,
}

impl Fields {
    /// Ends a field whose body was just appended.
    fn end(&mut self, relation: bool, id: u32, tag: u8) {
        self.entries.push((relation, id, tag, self.bodies.len()));
    }

    fn put_relations(&mut self, relations: &[(NameId, Targets)]) {
        for (name, targets) in relations {
            let ids = targets.iter().map(|target| u64::from(target.0));
            ids.for_each(|id| put_varint(&mut self.bodies, id));
            self.end(true, name.0, tag::TARGETS);
        }
    }

    fn finish(self, out: &mut Vec<u8>) -> Result<()> {
        let Self { entries, bodies } = self;
        let highest = entries.iter().map(|(_, id, ..)| *id).max().unwrap_or(0);
        if !entries.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)) {
            return Err(Error::internal("the fields of a record are out of order"));
        }
        if u32::try_from(bodies.len()).is_err() {
            return Err(Error::new(
                ErrorKind::Limit,
                "a record is larger than 4 GiB",
            ));
        }
        let width = Width::of(entries.len(), highest, bodies.len());
        out.push(PACKED_VERSION << 4 | width.number);
        put_number(out, entries.len() as u64, width.count);
        for (relation, id, tag, end) in entries {
            put_key(out, relation, id, width);
            out.push(tag);
            put_number(out, end as u64, width.end);
        }
        out.extend_from_slice(&bodies);
        Ok(())
    }
}

fn put_key(out: &mut Vec<u8>, relation: bool, id: u32, width: Width) {
    let bits = u64::from(relation) << (8 * width.key - 1);
    put_number(out, bits | u64::from(id), width.key);
}

/// Appends the lowest bytes of a number, lowest first.
fn put_number(out: &mut Vec<u8>, number: u64, bytes: usize) {
    let all = number.to_le_bytes();
    out.extend_from_slice(all.get(..bytes).unwrap_or(&all));
}

fn put_head(out: &mut Vec<u8>, entity: &Entity) {
    put_varint(out, u64::from(entity.blueprint.0));
    put_bytes(out, entity.identifier.as_bytes());
    let parts = [
        (has::TITLE, entity.title.is_some()),
        (has::ICON, entity.icon.is_some()),
        (has::TEAM, !entity.team.is_empty()),
        (has::UPDATED_AT, entity.updated_at != entity.created_at),
        (has::UPDATED_BY, entity.updated_by != entity.created_by),
    ];
    let flags = parts.iter().filter(|(_, there)| *there);
    let flags = flags.fold(0, |flags, (flag, _)| flags | flag);
    out.push(flags);
    for text in [&entity.title, &entity.icon].into_iter().flatten() {
        put_bytes(out, text.as_bytes());
    }
    if flags & has::TEAM != 0 {
        put_varint(out, entity.team.len() as u64);
        for team in &*entity.team {
            put_bytes(out, team.as_bytes());
        }
    }
    put_varint(out, entity.created_in.0);
    put_signed(out, entity.created_at.0);
    put_bytes(out, entity.created_by.as_bytes());
    if flags & has::UPDATED_AT != 0 {
        put_signed(out, entity.updated_at.0);
    }
    if flags & has::UPDATED_BY != 0 {
        put_bytes(out, entity.updated_by.as_bytes());
    }
}

/// A packed entity on its own.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    bytes: Box<[u8]>,
}

impl Packed {
    /// Packs an entity.
    ///
    /// # Errors
    /// `Limit` where a value is nested too deeply or the record is beyond 4 GiB.
    pub(crate) fn of(entity: &Entity) -> Result<Self> {
        let mut bytes = Vec::with_capacity(512);
        pack(entity, &mut bytes)?;
        let bytes = bytes.into();
        Ok(Self { bytes })
    }

    /// The entity read in place, under the id that it has.
    pub(crate) fn record(&self, id: EntityId) -> Option<Record<'_>> {
        Record::parse(id, &self.bytes).ok()
    }

    /// How many bytes it takes.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same entity with other relations, which ascend by name; nothing else is unpacked.
    ///
    /// # Errors
    /// As for [`Self::of`].
    pub(crate) fn with_relations(&self, relations: &[(NameId, Targets)]) -> Result<Self> {
        let record = Record::parse(EntityId(0), &self.bytes)?;
        let mut fields = Fields::default();
        let kept = record.fields().take_while(|((relation, _), ..)| !relation);
        for ((_, id), tag, body) in kept {
            fields.bodies.extend_from_slice(body);
            fields.end(false, id, tag);
        }
        fields.put_relations(relations);
        let mut bytes = Vec::with_capacity(self.bytes.len() + 16 + relations.len() * 16);
        fields.finish(&mut bytes)?;
        bytes.extend_from_slice(record.head);
        let bytes = bytes.into();
        Ok(Self { bytes })
    }
}

/// A packed entity, read in place: finding a property costs a binary search in its table.
///
/// What lies in a page was packed here or checked when the page was read, so a part that cannot
/// be read does not occur; it would read as missing. Equal entities are packed to equal bytes.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Record<'a> {
    /// Which entity.
    pub(crate) id: EntityId,
    width: Width,
    table: &'a [u8],
    bodies: &'a [u8],
    head: &'a [u8],
}

impl std::fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.unpack().fmt(f)
    }
}

/// The fields that every entity has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'a> {
    pub(crate) blueprint: BlueprintId,
    pub(crate) identifier: &'a str,
    pub(crate) title: Option<&'a str>,
    pub(crate) icon: Option<&'a str>,
    pub(crate) team: Team<'a>,
    pub(crate) created_in: Seq,
    pub(crate) created_at: Instant,
    pub(crate) created_by: &'a str,
    pub(crate) updated_at: Instant,
    pub(crate) updated_by: &'a str,
}

/// The owning teams that are written on an entity.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Team<'a> {
    texts: &'a [u8],
}

impl<'a> Team<'a> {
    /// Whether there is none.
    pub(crate) fn is_empty(self) -> bool {
        self.texts.is_empty()
    }

    /// The teams in the order they were written.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a str> {
        let mut reader = Reader::new(self.texts);
        std::iter::from_fn(move || reader.text().ok())
    }
}

impl<'a> Record<'a> {
    /// The parts of the bytes that [`pack`] wrote.
    pub(super) fn parse(id: EntityId, bytes: &'a [u8]) -> Result<Self> {
        let (first, rest) = bytes.split_first().ok_or_else(ends_early)?;
        let (version, number) = (first >> 4, first & 15);
        if version != PACKED_VERSION {
            let message = format!(
                "a record has version {version}, and this release reads version {PACKED_VERSION}"
            );
            return Err(Error::corrupt(message));
        }
        let width = WIDTHS.get(usize::from(number)).copied();
        let width = width.ok_or_else(|| Error::corrupt("a record has unknown flags"))?;
        let (count, rest) = rest.split_at_checked(width.count).ok_or_else(ends_early)?;
        let size = number_of(count).checked_mul(width.entry());
        let table = size.and_then(|size| rest.split_at_checked(size));
        let (table, rest) = table.ok_or_else(ends_early)?;
        let end = table.len().checked_sub(width.end);
        let end = end.and_then(|at| table.get(at..)).map_or(0, number_of);
        let (bodies, head) = rest.split_at_checked(end).ok_or_else(ends_early)?;
        Ok(Self {
            id,
            width,
            table,
            bodies,
            head,
        })
    }

    /// Whether everything of the record but its values can be read.
    pub(super) fn check(self) -> Result<()> {
        let (mut last, mut start) = (None, 0);
        for entry in self.table.chunks_exact(self.width.entry()) {
            let (key, _, end) = self.split(entry);
            if last.replace(key).is_some_and(|last| last >= key) {
                return Err(Error::corrupt("the fields of a record are out of order"));
            }
            if end < start {
                return Err(Error::corrupt("the offsets of a record are out of order"));
            }
            start = end;
        }
        self.read_head().map(drop)
    }

    /// Whether every value can be read.
    pub(super) fn check_values(self) -> Result<()> {
        for ((relation, _), tag, body) in self.fields() {
            if relation {
                let mut reader = Reader::new(body);
                while !reader.is_empty() {
                    reader.id()?;
                }
            } else {
                read_body(tag, body, 0)?;
            }
        }
        Ok(())
    }

    /// Key, tag and end of an entry of the table.
    fn split(&self, entry: &[u8]) -> ((bool, u32), u8, usize) {
        let (key, rest) = entry.split_at_checked(self.width.key).unwrap_or_default();
        let (tag, end) = rest.split_first().unwrap_or((&tag::NULL, &[]));
        (self.key(key), *tag, number_of(end))
    }

    fn key(&self, bytes: &[u8]) -> (bool, u32) {
        let bits = number_of(bytes);
        let topmost = 1 << (8 * self.width.key - 1);
        let id = u32::try_from(bits & (topmost - 1)).unwrap_or(u32::MAX);
        (bits & topmost != 0, id)
    }

    fn fields(self) -> impl Iterator<Item = ((bool, u32), u8, &'a [u8])> {
        let mut start = 0;
        self.table
            .chunks_exact(self.width.entry())
            .map(move |entry| {
                let (key, tag, end) = self.split(entry);
                let body = self.bodies.get(start..end).unwrap_or_default();
                start = end;
                (key, tag, body)
            })
    }

    /// Tag and body of a field.
    fn find(&self, key: (bool, u32)) -> Option<(u8, &'a [u8])> {
        let size = self.width.entry();
        let entry = |at: usize| self.table.get(at * size..(at + 1) * size);
        let (mut low, mut high) = (0, self.table.len() / size);
        while low < high {
            let middle = low.midpoint(high);
            let (found, tag, end) = self.split(entry(middle)?);
            match found.cmp(&key) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    let before = middle.checked_sub(1).and_then(entry);
                    let start = before.map_or(0, |entry| self.split(entry).2);
                    return Some((tag, self.bodies.get(start..end)?));
                }
            }
        }
        None
    }

    /// A stored property; null where it is missing.
    pub(crate) fn property(&self, name: NameId) -> Value {
        let found = self.find((false, name.0));
        found
            .and_then(|(tag, body)| read_body(tag, body, 0).ok())
            .unwrap_or_default()
    }

    /// The stored properties, ascending by name id.
    pub(crate) fn properties(self) -> impl Iterator<Item = (NameId, Value)> {
        let fields = self.fields().take_while(|((relation, _), ..)| !relation);
        fields.map(|((_, id), tag, body)| (NameId(id), read_body(tag, body, 0).unwrap_or_default()))
    }

    /// The targets of a relation in the order they were written; empty where it is missing.
    pub(crate) fn targets(
        &self,
        relation: NameId,
    ) -> impl Iterator<Item = EntityId> + Clone + use<'a> {
        let found = self.find((true, relation.0));
        ids(found.map_or(&[], |(_, body)| body))
    }

    /// The non-empty relations, ascending by name id.
    pub(crate) fn relations(self) -> impl Iterator<Item = (NameId, Targets)> {
        let fields = self.fields().skip_while(|((relation, _), ..)| !relation);
        fields.map(|((_, id), _, body)| (NameId(id), ids(body).collect()))
    }

    /// Its blueprint.
    pub(crate) fn blueprint(&self) -> BlueprintId {
        BlueprintId(Reader::new(self.head).id().unwrap_or_default())
    }

    /// Unique within the blueprint.
    pub(crate) fn identifier(&self) -> &'a str {
        let mut reader = Reader::new(self.head);
        let identifier = reader.id().and_then(|_| reader.text());
        identifier.unwrap_or_default()
    }

    /// The title, where one was given.
    pub(crate) fn title(&self) -> Option<&'a str> {
        let mut reader = Reader::new(self.head);
        reader.id().and_then(|_| reader.bytes()).ok()?;
        let flags = reader.byte().ok()?;
        (flags & has::TITLE != 0).then(|| reader.text().ok())?
    }

    /// The owning teams that are written on the entity.
    pub(crate) fn team(&self) -> Team<'a> {
        self.head().team
    }

    /// The fields that every entity has.
    pub(crate) fn head(&self) -> Head<'a> {
        self.read_head().unwrap_or(Head {
            blueprint: BlueprintId::default(),
            identifier: "",
            title: None,
            icon: None,
            team: Team::default(),
            created_in: Seq::default(),
            created_at: Instant::default(),
            created_by: "",
            updated_at: Instant::default(),
            updated_by: "",
        })
    }

    fn read_head(&self) -> Result<Head<'a>> {
        let mut reader = Reader::new(self.head);
        let blueprint = BlueprintId(reader.id()?);
        let identifier = reader.text()?;
        let flags = reader.byte()?;
        if flags & !has::ALL != 0 {
            return Err(Error::corrupt("the head of a record has unknown flags"));
        }
        let mut text = |flag: u8| (flags & flag != 0).then(|| reader.text()).transpose();
        let (title, icon) = (text(has::TITLE)?, text(has::ICON)?);
        let mut team = Team::default();
        if flags & has::TEAM != 0 {
            let count = reader.varint()?;
            let start = reader.rest();
            for _ in 0..count {
                reader.text()?;
            }
            let length = start.len().saturating_sub(reader.rest().len());
            team.texts = start.get(..length).unwrap_or_default();
        }
        let created_in = Seq(reader.varint()?);
        let created_at = Instant(reader.signed()?);
        let created_by = reader.text()?;
        let updated_at = if flags & has::UPDATED_AT == 0 {
            created_at
        } else {
            Instant(reader.signed()?)
        };
        let updated_by = if flags & has::UPDATED_BY == 0 {
            created_by
        } else {
            reader.text()?
        };
        reader.finish()?;
        Ok(Head {
            blueprint,
            identifier,
            title,
            icon,
            team,
            created_in,
            created_at,
            created_by,
            updated_at,
            updated_by,
        })
    }

    /// The entity on its own.
    pub(crate) fn unpack(self) -> Entity {
        let head = self.head();
        Entity {
            id: self.id,
            blueprint: head.blueprint,
            identifier: head.identifier.into(),
            title: head.title.map(Into::into),
            icon: head.icon.map(Into::into),
            team: head.team.iter().map(Into::into).collect(),
            properties: self.properties().collect(),
            relations: self.relations().collect(),
            created_at: head.created_at,
            updated_at: head.updated_at,
            created_by: head.created_by.into(),
            updated_by: head.updated_by.into(),
            created_in: head.created_in,
        }
    }
}

/// The number whose lowest bytes, lowest first, these are; at most eight.
fn number_of(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | usize::from(*byte))
}

fn ids(body: &[u8]) -> impl Iterator<Item = EntityId> + Clone + use<'_> {
    let mut reader = Reader::new(body);
    std::iter::from_fn(move || reader.id().ok().map(EntityId))
}

fn ends_early() -> Error {
    Error::corrupt("the record ends too early")
}
