//! An OCI layout in a tar archive: the members are listed once and read where they lie.
//!
//! Only what an image layout needs is taken: regular files and directories with plain relative
//! names, each once. Links, devices, sparse files and names that leave the archive are refused,
//! because two readers would see two different images in them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tar::EntryType;

use super::directory::{failed, read_bounded};
use crate::budget::{count, exceeded};
use crate::error::{Failure, FetchError};
use crate::limits::FetchLimits;

/// The first bytes of gzip and of zstandard.
const COMPRESSED: [&[u8]; 2] = [&[0x1f, 0x8b], &[0x28, 0xb5, 0x2f, 0xfd]];
/// Bytes of padding behind the end of an archive: the largest records that tar programs write.
const PADDING_BYTES: u64 = 1024 * 1024;

/// An archive and where its members lie.
#[derive(Debug)]
pub(super) struct Archive {
    file: Mutex<File>,
    members: BTreeMap<String, Member>,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    offset: u64,
    size: u64,
}

impl Archive {
    pub(super) fn open(path: &Path, place: &str, limits: &FetchLimits) -> Result<Self, FetchError> {
        let metadata = std::fs::metadata(path).map_err(|error| failed(&error, place))?;
        if !metadata.is_file() {
            return Err(malformed(place, "a tar archive", "no regular file"));
        }
        let mut file = File::open(path).map_err(|error| failed(&error, place))?;
        let mut magic = [0; 4];
        let length = file
            .read(&mut magic)
            .map_err(|error| failed(&error, place))?;
        let start = magic.get(..length).unwrap_or_default();
        if COMPRESSED.iter().any(|magic| start.starts_with(magic)) {
            return Err(malformed(
                place,
                "an uncompressed tar archive",
                "a compressed file",
            ));
        }
        file.rewind().map_err(|error| failed(&error, place))?;
        let members = Members::list(&file, place, limits)?;
        Ok(Self {
            file: Mutex::new(file),
            members,
        })
    }

    pub(super) fn read(
        &self,
        name: &str,
        bound: (&'static str, u64),
        place: &str,
    ) -> Result<Option<Vec<u8>>, FetchError> {
        let Some(member) = self.members.get(name) else {
            return Ok(None);
        };
        if member.size > bound.1 {
            return Err(exceeded(bound.0, bound.1, place));
        }
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(member.offset))
            .map_err(|error| failed(&error, place))?;
        let bytes = read_bounded((&mut *file).take(member.size), bound, place)?;
        if count(bytes.len()) < member.size {
            let expected = member.size;
            let found = count(bytes.len());
            return Err(FetchError::new(
                place,
                Failure::SizeMismatch { expected, found },
            ));
        }
        Ok(Some(bytes))
    }
}

/// The listing while it is made.
struct Members<'a> {
    place: &'a str,
    limits: &'a FetchLimits,
    found: BTreeMap<String, Member>,
    /// The name that an extended header gives the next member.
    name: Option<Vec<u8>>,
}

impl<'a> Members<'a> {
    fn list(
        file: &File,
        place: &'a str,
        limits: &'a FetchLimits,
    ) -> Result<BTreeMap<String, Member>, FetchError> {
        let mut members = Self {
            place,
            limits,
            found: BTreeMap::new(),
            name: None,
        };
        let mut archive = tar::Archive::new(file);
        // Raw: extended headers come to us, because the library would read them without bound.
        let entries = archive
            .entries_with_seek()
            .map_err(|error| failed(&error, place))?;
        for (seen, entry) in entries.raw(true).enumerate() {
            if seen >= limits.archive_entries {
                let limit = count(limits.archive_entries);
                return Err(exceeded("archive_entries", limit, place));
            }
            let entry = entry.map_err(|error| {
                malformed(place, "a well-formed tar archive", &error.to_string())
            })?;
            members.take(entry)?;
        }
        members.end(file)?;
        Ok(members.found)
    }

    /// Behind the end there is padding: whatever else stands there, some readers would go on to read
    /// (GNU tar `--ignore-zeros`, archives that were put one behind the other).
    fn end(&self, file: &File) -> Result<(), FetchError> {
        let mut padding = Vec::new();
        file.take(PADDING_BYTES.saturating_add(1))
            .read_to_end(&mut padding)
            .map_err(|error| failed(&error, self.place))?;
        let expected = "nothing but zeros behind the end of the archive";
        if padding.iter().any(|byte| *byte != 0) {
            return Err(self.unsafe_entry(expected, "other bytes".to_owned()));
        }
        if count(padding.len()) > PADDING_BYTES {
            let found = format!("more than {PADDING_BYTES} bytes");
            return Err(self.unsafe_entry(expected, found));
        }
        Ok(())
    }

    fn take(&mut self, mut entry: tar::Entry<'_, &File>) -> Result<(), FetchError> {
        let kind = entry.header().entry_type();
        let size = entry.size();
        match kind {
            EntryType::Regular | EntryType::Continuous | EntryType::Directory => {
                let name = match self.name.take() {
                    Some(name) => name,
                    None => entry.path_bytes().into_owned(),
                };
                let offset = entry.raw_file_position();
                self.member(&name, kind, Member { offset, size })
            }
            EntryType::GNULongName => {
                let bound = ("archive_name_bytes", self.limits.archive_name_bytes);
                let mut name = self.header(&mut entry, size, bound)?;
                if name.last() == Some(&0) {
                    name.pop();
                }
                self.name = Some(name);
                Ok(())
            }
            EntryType::XHeader | EntryType::XGlobalHeader => {
                let bound = ("archive_header_bytes", self.limits.archive_header_bytes);
                let records = self.header(&mut entry, size, bound)?;
                self.records(&records, kind)
            }
            other => Err(self.unsafe_entry(
                "regular files and directories",
                format!(
                    "a member of type `{}`",
                    char::from(other.as_byte()).escape_default()
                ),
            )),
        }
    }

    fn header(
        &self,
        entry: &mut tar::Entry<'_, &File>,
        size: u64,
        bound: (&'static str, u64),
    ) -> Result<Vec<u8>, FetchError> {
        if size > bound.1 {
            return Err(exceeded(bound.0, bound.1, self.place));
        }
        read_bounded(entry, bound, self.place)
    }

    /// Extended header records, `length key=value` (POSIX pax, "pax Extended Header").
    fn records(&mut self, records: &[u8], kind: EntryType) -> Result<(), FetchError> {
        for record in tar::PaxExtensions::new(records) {
            let record = record.map_err(|error| {
                malformed(
                    self.place,
                    "a well-formed extended header",
                    &error.to_string(),
                )
            })?;
            let key = record.key_bytes();
            let changes_layout =
                matches!(key, b"size" | b"linkpath") || key.starts_with(b"GNU.sparse.");
            if changes_layout || (key == b"path" && kind == EntryType::XGlobalHeader) {
                let key = String::from_utf8_lossy(key).into_owned();
                return Err(self.unsafe_entry(
                    "extended headers that leave content and size alone",
                    format!("`{key}`"),
                ));
            }
            if key == b"path" {
                self.name = Some(record.value_bytes().to_vec());
            }
        }
        Ok(())
    }

    fn member(&mut self, name: &[u8], kind: EntryType, member: Member) -> Result<(), FetchError> {
        let bound = self.limits.archive_name_bytes;
        if count(name.len()) > bound {
            return Err(exceeded("archive_name_bytes", bound, self.place));
        }
        let name = self.plain_name(name)?;
        if kind == EntryType::Directory || name.is_empty() {
            return Ok(());
        }
        if self.found.insert(name.clone(), member).is_some() {
            return Err(self.unsafe_entry("each member once", format!("`{name}` twice")));
        }
        Ok(())
    }

    /// The name without `./` before and `/` behind, when every part of it stays inside.
    fn plain_name(&self, name: &[u8]) -> Result<String, FetchError> {
        let shown = || format!("`{}`", String::from_utf8_lossy(name));
        let text =
            std::str::from_utf8(name).map_err(|_| self.unsafe_entry("names in UTF-8", shown()))?;
        let text = text.strip_prefix("./").unwrap_or(text);
        let text = text.strip_suffix('/').unwrap_or(text);
        if text.is_empty() || text == "." {
            return Ok(String::new());
        }
        let leaves = |part: &str| matches!(part, "" | "." | "..") || part.contains(['\\', '\0']);
        if text.split('/').any(leaves) {
            return Err(self.unsafe_entry("plain relative names", shown()));
        }
        Ok(text.to_owned())
    }

    fn unsafe_entry(&self, expected: &'static str, found: String) -> FetchError {
        FetchError::new(self.place, Failure::UnsafeEntry { expected, found })
    }
}

fn malformed(place: &str, expected: &'static str, found: &str) -> FetchError {
    let found = found.to_owned();
    FetchError::new(place, Failure::Layout { expected, found })
}
