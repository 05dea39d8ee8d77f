//! Image sections as pages: cut to size, stamped with a format fingerprint and a checksum.

use std::hash::BuildHasher as _;

use rkyv::rancor;
use rkyv::util::AlignedVec;

use super::image::{ArchivedSection, Blobs, Image, Part, Section};
use crate::value::Seq;

/// The version of what the sections mean; an image of another version is rebuilt.
pub(crate) const IMAGE_VERSION: u32 = 1;

/// Just under 32 KiB with the page's and the engine's own bytes: engine pages double in size, so a
/// section wastes less than one of these.
pub(crate) const PAGE_CONTENT: usize = (1 << 15) - 512;

/// A directory beyond this is not kept: some thirty thousand sections.
const DIRECTORY_MAX: usize = 1 << 20;

/// Sections beyond this are not kept, far below what 32-bit relative pointers can reach.
const SECTION_MAX: usize = 1 << 30;

/// Fingerprint and checksum in front of every page.
const STAMP: usize = size_of::<u64>() + size_of::<u32>();

/// Which section and which page of it; the directory is page 0 of section 0.
pub(super) type PageKey = (u32, u32);

pub(super) const DIRECTORY: PageKey = (0, 0);

/// What the image consists of: one entry for each section from 1 up.
#[derive(Clone, Debug, Default, rkyv::Archive, rkyv::Serialize)]
struct Directory {
    seq: u64,
    sections: Vec<SectionEntry>,
}

/// What a section is, and its pages, bytes and checksum as a whole, so that pages of two images never mix.
#[derive(Clone, Copy, Debug, Default, rkyv::Archive, rkyv::Serialize)]
struct SectionEntry {
    part: [u32; 4],
    pages: u32,
    bytes: u64,
    checksum: u32,
}

/// What rkyv's and the hasher's output looks like in this build.
///
/// rkyv's layout follows cargo features that any crate of the host's build may switch, and the
/// identifier tables follow the hash function, so both are probed instead of trusted.
pub(super) fn fingerprint() -> u64 {
    let mut hasher = crc32fast::Hasher::new();
    let blobs = Blobs::default();
    let samples = [
        Section::Relations {
            relation: 0x0102_0304,
            sources: vec![1, 2],
            targets: vec![3, 0x0506_0708],
        },
        Section::Index {
            blueprint: 1,
            indexed: (2, 3),
            values: blobs,
            ends: vec![10],
            entities: vec![11],
            present: vec![4],
        },
        Section::Identifiers {
            blueprint: 5,
            slots: vec![6],
        },
    ];
    for sample in &samples {
        hasher.update(&archive(sample).unwrap_or_default());
    }
    let entry = SectionEntry {
        part: [4, 5, 6, 7],
        pages: 1,
        bytes: 2,
        checksum: 3,
    };
    let directory = Directory {
        seq: 0x0102_0304_0506_0708,
        sections: vec![entry],
    };
    hasher.update(&archive(&directory).unwrap_or_default());
    hasher.update(&[u8::from(cfg!(target_endian = "big"))]);
    let layout = [
        size_of::<usize>(),
        size_of::<ArchivedSection>(),
        align_of::<ArchivedSection>(),
        size_of::<ArchivedDirectory>(),
        align_of::<ArchivedDirectory>(),
    ];
    for number in layout {
        hasher.update(&(number as u64).to_le_bytes());
    }
    let probe = foldhash::fast::FixedState::with_seed(0).hash_one("portolan");
    hasher.update(&probe.to_le_bytes());
    u64::from(IMAGE_VERSION) << 32 | u64::from(hasher.finalize())
}

fn archive<T>(value: &T) -> Option<AlignedVec>
where
    T: for<'a> rkyv::Serialize<
            rkyv::api::high::HighSerializer<
                AlignedVec,
                rkyv::ser::allocator::ArenaHandle<'a>,
                rancor::Error,
            >,
        >,
{
    rkyv::to_bytes::<rancor::Error>(value).ok()
}

/// Writes an image page by page, the directory last; `false` where it cannot be kept, which the
/// next open answers with a rebuild.
pub(super) fn write_pages<E>(
    image: &Image,
    mut put: impl FnMut(PageKey, &[u8]) -> Result<(), E>,
) -> Result<bool, E> {
    let fingerprint = fingerprint();
    let mut directory = Directory {
        seq: image.seq.0,
        sections: Vec::new(),
    };
    for (part, section) in image.sections() {
        let Some(bytes) = section.and_then(|section| archive(&section)) else {
            return Ok(false);
        };
        let number = u32::try_from(directory.sections.len() + 1).unwrap_or(u32::MAX);
        if bytes.len() > SECTION_MAX {
            return Ok(false);
        }
        let mut pages = 0;
        for content in bytes.chunks(PAGE_CONTENT) {
            put(
                (number, pages),
                &stamped(fingerprint, (number, pages), content),
            )?;
            pages += 1;
        }
        let checksum = crc32fast::hash(&bytes);
        directory.sections.push(SectionEntry {
            part: part.to_words(),
            pages,
            bytes: bytes.len() as u64,
            checksum,
        });
    }
    match archive(&directory) {
        Some(bytes) if bytes.len() <= DIRECTORY_MAX => {
            put(DIRECTORY, &stamped(fingerprint, DIRECTORY, &bytes))?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

fn checksum(fingerprint: u64, key: PageKey, content: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&fingerprint.to_le_bytes());
    hasher.update(&key.0.to_le_bytes());
    hasher.update(&key.1.to_le_bytes());
    hasher.update(content);
    hasher.finalize()
}

fn stamped(fingerprint: u64, key: PageKey, content: &[u8]) -> Vec<u8> {
    let mut page = Vec::with_capacity(STAMP + content.len());
    page.extend_from_slice(&fingerprint.to_le_bytes());
    page.extend_from_slice(&checksum(fingerprint, key, content).to_le_bytes());
    page.extend_from_slice(content);
    page
}

/// Checks the stamp of a page and appends its content.
fn unstamp(
    fingerprint: u64,
    key: PageKey,
    page: &[u8],
    out: &mut AlignedVec,
) -> Result<(), String> {
    let bad = || {
        format!(
            "page {} of section {} of the image is damaged",
            key.1, key.0
        )
    };
    let (stamp, content) = page.split_first_chunk::<8>().ok_or_else(bad)?;
    let (sum, content) = content.split_first_chunk::<4>().ok_or_else(bad)?;
    if u64::from_le_bytes(*stamp) != fingerprint {
        return Err("the image was written by another build".to_owned());
    }
    if u32::from_le_bytes(*sum) != checksum(fingerprint, key, content) {
        return Err(bad());
    }
    out.extend_from_slice(content);
    Ok(())
}

/// Reads an image of the given commit; says why where there is none to be used.
///
/// `get` appends what it finds under a key by calling its second argument.
pub(super) fn read_pages(
    seq: Seq,
    mut get: impl FnMut(PageKey, &mut dyn FnMut(&[u8]) -> Result<(), String>) -> Result<(), String>,
) -> Result<Image, String> {
    let fingerprint = fingerprint();
    let mut bytes = AlignedVec::new();
    get(DIRECTORY, &mut |page| {
        unstamp(fingerprint, DIRECTORY, page, &mut bytes)
    })?;
    let directory = rkyv::access::<ArchivedDirectory, rancor::Error>(&bytes)
        .map_err(|_| "the directory of the image is damaged".to_owned())?;
    if directory.seq.to_native() != seq.0 {
        return Err("the image is of another commit than the tables".to_owned());
    }
    let mut image = Image {
        seq,
        ..Image::default()
    };
    for (number, entry) in (1_u32..).zip(directory.sections.iter()) {
        let part = Part::from_words(entry.part.each_ref().map(|word| word.to_native()));
        let part = part.ok_or_else(|| "the directory of the image is damaged".to_owned())?;
        if let Err(reason) = read_section(&mut image, fingerprint, (number, entry), &mut get) {
            image.damaged.push((part, reason));
        }
    }
    Ok(image)
}

/// Takes one section into an image, or says why not.
fn read_section(
    image: &mut Image,
    fingerprint: u64,
    (number, entry): (u32, &ArchivedSectionEntry),
    mut get: impl FnMut(PageKey, &mut dyn FnMut(&[u8]) -> Result<(), String>) -> Result<(), String>,
) -> Result<(), String> {
    let mut bytes = AlignedVec::new();
    for page in 0..entry.pages.to_native() {
        let key = (number, page);
        get(key, &mut |page| unstamp(fingerprint, key, page, &mut bytes))?;
    }
    let bad = || format!("section {number} of the image is damaged");
    let whole = bytes.len() as u64 == entry.bytes.to_native()
        && crc32fast::hash(&bytes) == entry.checksum.to_native();
    if !whole {
        return Err(bad());
    }
    let section = rkyv::access::<ArchivedSection, rancor::Error>(&bytes).map_err(|_| bad())?;
    image.add(section).ok_or_else(bad)
}
