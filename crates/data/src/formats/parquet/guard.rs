//! The guard: Parquet headers are checked before the library allocates by what they claim.
//!
//! The library reserves memory for as many values, children and bytes as headers announce,
//! and follows nested groups by recursion; a few hostile bytes could then abort the process,
//! which no error handling catches. So the headers are walked here first, with no memory of
//! their own: they are Thrift structures in the compact protocol, and only the shape of
//! those is known here, plus the few numbers below.
//!
//! Not here: everything that the library itself answers with an error.

use std::path::Path;

use crate::error::DataError;

/// Structures within structures, in headers of real files: 6.
const DEPTH_MAX: usize = 24;
/// Groups of columns; a table of samples has one, and nested columns add a few.
const GROUPS_MAX: usize = 64;
/// Packed 1 to 1,032 at most (Deflate); Zstandard can do more, but a page that it does
/// more with is below this size.
const PACKED_MAX: u64 = 1100;
const PAGE_FREE: u64 = 16 << 20;

const FOOTER: &str = "a Parquet file";

/// Checks magic bytes and footer.
pub(super) fn check_file(path: &Path, bytes: &[u8]) -> Result<(), DataError> {
    let magic = |found: &[u8]| DataError::Magic {
        path: path.into(),
        wanted: FOOTER,
        found: format!("the bytes {:02x?}", &found[..found.len().min(4)]),
    };
    if !bytes.starts_with(b"PAR1") {
        return Err(magic(bytes));
    }
    let damaged = |reason: &str| DataError::Damaged { path: path.into(), reason: reason.into() };
    let Some(([body @ .., l0, l1, l2, l3], b"PAR1")) = bytes.split_last_chunk::<4>() else {
        return Err(damaged("it does not end as a Parquet file does, so it may have been cut short"));
    };
    let length = u32::from_le_bytes([*l0, *l1, *l2, *l3]) as usize;
    let start =
        body.len().checked_sub(length).ok_or_else(|| damaged("its footer is longer than the file"))?;
    check_footer(&body[start..]).ok_or_else(|| damaged("its footer is not well-formed"))
}

/// `FileMetaData`: field 2 is the schema, whose elements' field 5 is their number of children.
fn check_footer(footer: &[u8]) -> Option<()> {
    let (mut elements, mut groups, mut children) = (0, 0, 0u64);
    walk(footer, &mut |path, seen| {
        match (path, seen) {
            ([2], Seen::List(length)) => elements = length,
            ([2, 5], Seen::Number(number)) if number != 0 => {
                groups += 1;
                children += u64::try_from(number).ok()?;
            }
            _ => {}
        }
        Some(())
    })?;
    (groups <= GROUPS_MAX && children <= elements as u64).then_some(())
}

/// Walks the pages of a column chunk of `rows` rows. `None` where a header is not
/// well-formed or claims more than its page can hold.
pub(super) fn check_pages(mut chunk: &[u8], rows: u64) -> Option<()> {
    let mut values = 0;
    while !chunk.is_empty() {
        let (header, rest) = page(chunk)?;
        let packed = header.packed?;
        let unpacked = header.unpacked?;
        if unpacked > (packed * PACKED_MAX).max(PAGE_FREE) {
            return None;
        }
        // A dictionary has plain values, and numbers have 4 bytes at least.
        if header.entries.is_some_and(|entries| entries > unpacked / 4) {
            return None;
        }
        values += header.values.unwrap_or(0);
        if values > rows {
            return None;
        }
        chunk = rest.get(usize::try_from(packed).ok()?..)?;
    }
    Some(())
}

/// The numbers of a page header that memory is reserved by.
#[derive(Default)]
struct Page {
    unpacked: Option<u64>,
    packed: Option<u64>,
    /// Values in a page of data.
    values: Option<u64>,
    /// Values in a dictionary.
    entries: Option<u64>,
}

/// `PageHeader`: 2 and 3 are the sizes; 5, 7 and 8 describe a page of data, a dictionary,
/// and a page of data of the second version, each with its number of values as field 1.
fn page(bytes: &[u8]) -> Option<(Page, &[u8])> {
    let mut page = Page::default();
    let rest = walk(bytes, &mut |path, seen| {
        let place = match path {
            [2] => &mut page.unpacked,
            [3] => &mut page.packed,
            [5, 1] | [8, 1] => &mut page.values,
            [7, 1] => &mut page.entries,
            _ => return Some(()),
        };
        let Seen::Number(number) = seen else { return None };
        // A field said twice would be read as the one here and as the other there.
        place.is_none().then(|| *place = Some(number as u64))?;
        (number >= 0).then_some(())
    })?;
    Some((page, rest))
}

/// What a walk meets.
#[derive(Clone, Copy)]
enum Seen {
    /// A whole number.
    Number(i64),
    /// A list or set of so many elements.
    List(usize),
}

/// Walks one structure, telling `visit` the field numbers that lead to each thing; an
/// element of a list has the path of the list. Gives the bytes after it.
fn walk<'a>(bytes: &'a [u8], visit: &mut dyn FnMut(&[i16], Seen) -> Option<()>) -> Option<&'a [u8]> {
    let mut walk = Walk { bytes, path: Vec::with_capacity(DEPTH_MAX), visit };
    walk.structure(0)?;
    Some(walk.bytes)
}

struct Walk<'a, 'v> {
    bytes: &'a [u8],
    path: Vec<i16>,
    visit: &'v mut dyn FnMut(&[i16], Seen) -> Option<()>,
}

impl Walk<'_, '_> {
    fn structure(&mut self, depth: usize) -> Option<()> {
        let mut field: i16 = 0;
        loop {
            let head = self.byte()?;
            let kind = head & 0x0F;
            if head == 0 {
                return Some(());
            }
            field = match head >> 4 {
                0 => i16::try_from(self.number()?).ok()?,
                step => field.checked_add(i16::from(step))?,
            };
            self.path.push(field);
            self.value(kind, depth + 1, false)?;
            self.path.pop();
        }
    }

    fn value(&mut self, kind: u8, depth: usize, in_list: bool) -> Option<()> {
        if depth > DEPTH_MAX {
            return None;
        }
        match kind {
            // A field's truth is in its kind; an element's is a byte.
            1 | 2 if !in_list => Some(()),
            1..=3 => self.byte().map(|_| ()),
            4..=6 => {
                let number = self.number()?;
                (self.visit)(&self.path, Seen::Number(number))
            }
            7 => self.skip(8),
            8 => {
                let length = self.varint()?;
                self.skip(length)
            }
            9 | 10 => self.list(depth),
            11 => self.map(depth),
            12 => self.structure(depth),
            _ => None,
        }
    }

    fn list(&mut self, depth: usize) -> Option<()> {
        let head = self.byte()?;
        let length = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
        // Each element has a byte at least.
        let length = usize::try_from(length).ok().filter(|length| *length <= self.bytes.len())?;
        (self.visit)(&self.path, Seen::List(length))?;
        (0..length).try_for_each(|_| self.value(head & 0x0F, depth + 1, true))
    }

    fn map(&mut self, depth: usize) -> Option<()> {
        let length = self.varint()?;
        if length == 0 {
            return Some(());
        }
        let kinds = self.byte()?;
        (0..length).try_for_each(|_| {
            self.value(kinds >> 4, depth + 1, true)?;
            self.value(kinds & 0x0F, depth + 1, true)
        })
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn skip(&mut self, length: u64) -> Option<()> {
        self.bytes = self.bytes.get(usize::try_from(length).ok()?..)?;
        Some(())
    }

    /// Seven bits a byte, the lowest first.
    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// Zigzag: 0, −1, 1, −2, …
    fn number(&mut self) -> Option<i64> {
        let number = self.varint()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number as a field one after the last one: its head and its zigzag varint.
    fn field(number: u64) -> Vec<u8> {
        let mut bytes = vec![0x15];
        let mut rest = number << 1;
        while rest > 0x7F {
            bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
        bytes
    }

    /// A page of `content` zeros: its type, its sizes, and field 5 or 7 with its number of values.
    fn page_of(step: u8, unpacked: u64, content: usize, values: u64) -> Vec<u8> {
        let head = [field(0), field(unpacked), field(content as u64), vec![step << 4 | 12], field(values)];
        [head.concat(), vec![0, 0], vec![0; content]].concat()
    }

    const DATA: u8 = 2;
    const DICTIONARY: u8 = 4;

    #[test]
    fn honest_pages_pass() {
        let chunk =
            [page_of(DICTIONARY, 40, 20, 10), page_of(DATA, 100, 30, 70), page_of(DATA, 9, 9, 30)].concat();
        assert_eq!(check_pages(&chunk, 100), Some(()));
    }

    #[test]
    fn pages_that_claim_too_much_do_not() {
        let page =
            |step, unpacked, content, values| check_pages(&page_of(step, unpacked, content, values), 100);
        assert_eq!(page(DATA, 2 << 30, 1000, 100), None, "2 GB of a kilobyte");
        assert_eq!(page(DATA, 100, 30, 101), None, "more values than rows");
        assert_eq!(page(DICTIONARY, 40, 20, 11), None, "more entries than four-byte values");
        assert_eq!(page(DICTIONARY, 40, 20, 1 << 30), None);
        let whole = page_of(DATA, 100, 30, 70);
        assert_eq!(check_pages(&whole[..whole.len() - 1], 100), None, "cut short");
        assert_eq!(check_pages(&[whole.clone(), whole].concat(), 100), None, "too many values together");
    }

    #[test]
    fn a_field_said_twice_is_refused() {
        // Field 2, then field 2 again by its full number.
        let twice = [field(0), field(10), vec![0x05, 4], field(10)[1..].to_vec(), vec![0]].concat();
        assert_eq!(check_pages(&twice, 100), None);
    }

    #[test]
    fn lengths_beyond_the_bytes_and_deep_nesting_are_refused() {
        let long_text = [0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0];
        assert!(walk(&long_text, &mut |_, _| Some(())).is_none());
        let long_list = [0x19, 0xF5, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0];
        assert!(walk(&long_list, &mut |_, _| Some(())).is_none());
        // A map is not checked by its length, but each of its elements takes a byte.
        let long_map = [0x1B, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x33, 1, 1, 1];
        assert!(walk(&long_map, &mut |_, _| Some(())).is_none());
        let deep = |depth: usize| [vec![0x1C; depth], vec![0; depth + 1]].concat();
        assert!(walk(&deep(DEPTH_MAX - 1), &mut |_, _| Some(())).is_some());
        assert!(walk(&deep(DEPTH_MAX + 1), &mut |_, _| Some(())).is_none());
    }
}
