//! The headers of the pages of a column, looked through before polars trusts what they claim.
//!
//! polars reserves memory for as many values as a header says. A number that is negative, or is one of billions, would end the process,
//! which no error handling sees. So sizes and counts are read here first: headers are in Thrift's compact protocol, of which this knows as
//! much as is needed.

/// What is wrong with a column.
#[derive(Debug, PartialEq)]
pub(super) enum Wrong {
    /// It is damaged.
    Damaged(String),
    /// It is whole, perhaps, and in an encoding that is not read.
    Encoding,
}

impl From<&str> for Wrong {
    fn from(reason: &str) -> Self {
        Wrong::Damaged(reason.into())
    }
}

/// Differences of numbers, of lengths and of texts: how much memory they take is said inside the page, where it cannot be
/// checked before it is unpacked. Nobody writes them who was not asked to.
const DELTAS: [i64; 3] = [5, 6, 7];

/// Kinds of pages, by their number in a header.
const DATA: i64 = 0;
const DICTIONARY: i64 = 2;
const DATA_V2: i64 = 3;

/// Checks that the pages in `bytes` hold `rows` values together, and that no header claims what its page cannot hold.
pub(super) fn check(bytes: &[u8], rows: usize) -> Result<(), Wrong> {
    let (mut rest, mut found) = (Compact(bytes), 0);
    while found < rows as i64 {
        let page = Page::read(&mut rest)?;
        if !(0..=rest.0.len() as i64).contains(&page.compressed) || !(0..=i64::from(i32::MAX)).contains(&page.size) {
            let reason = format!("a page claims {} bytes, and {} unpacked", page.compressed, page.size);
            return Err(Wrong::Damaged(reason));
        }
        if DELTAS.contains(&page.encoding) {
            return Err(Wrong::Encoding);
        }
        let values = page.values;
        let holds = match page.kind {
            // A row of a page takes a bit or more, or is one of a run: no page has more than all rows.
            DATA | DATA_V2 => {
                found += values;
                (0..=rows as i64).contains(&values) && (0..=values).contains(&page.missing) && page.levels_fit()
            }
            // An entry takes a byte at least.
            DICTIONARY => (0..=page.size).contains(&values),
            _ => true,
        };
        if !holds {
            return Err(Wrong::Damaged(format!("a page claims {values} values")));
        }
        rest.0 = &rest.0[page.compressed as usize..];
    }
    match found == rows as i64 {
        true => Ok(()),
        false => Err(Wrong::Damaged(format!("{found} values in {rows} rows"))),
    }
}

/// What a header claims.
#[derive(Default)]
struct Page {
    kind: i64,
    /// How many bytes the page takes here, and unpacked.
    compressed: i64,
    size: i64,
    values: i64,
    /// How they are written, by the number of the encoding.
    encoding: i64,
    /// Of the second version: how many values are missing, and how many bytes the levels take.
    missing: i64,
    levels: [i64; 2],
}

impl Page {
    fn read(from: &mut Compact<'_>) -> Result<Self, Wrong> {
        let mut page = Page::default();
        from.fields(|from, field, kind| match (field, kind) {
            (1, INTEGER) => from.number().map(|v| page.kind = v),
            (2, INTEGER) => from.number().map(|v| page.size = v),
            (3, INTEGER) => from.number().map(|v| page.compressed = v),
            // The header of the kind of page: of data, a dictionary, or data in the second version.
            (5 | 7 | 8, STRUCT) => from.fields(|from, inner, kind| match (field, inner, kind) {
                (_, 1, INTEGER) => from.number().map(|v| page.values = v),
                (5, 2, INTEGER) | (8, 4, INTEGER) => from.number().map(|v| page.encoding = v),
                (8, 2, INTEGER) => from.number().map(|v| page.missing = v),
                (8, 5, INTEGER) => from.number().map(|v| page.levels[0] = v),
                (8, 6, INTEGER) => from.number().map(|v| page.levels[1] = v),
                (_, _, kind) => from.skip(kind, 0),
            }),
            (_, kind) => from.skip(kind, 0),
        })?;
        Ok(page)
    }

    fn levels_fit(&self) -> bool {
        self.levels.iter().all(|bytes| *bytes >= 0) && self.levels.iter().sum::<i64>() <= self.compressed
    }
}

/// The types of Thrift's compact protocol that are met by number.
const STOP: u8 = 0;
const INTEGER: u8 = 5;
const STRUCT: u8 = 12;

/// Bytes in Thrift's compact protocol, of which the first are taken one by one.
struct Compact<'a>(&'a [u8]);

impl Compact<'_> {
    fn byte(&mut self) -> Result<u8, Wrong> {
        let (first, rest) = self.0.split_first().ok_or("a page header is cut short")?;
        self.0 = rest;
        Ok(*first)
    }

    /// Seven bits a byte, the lowest first.
    fn bits(&mut self) -> Result<u64, Wrong> {
        let mut value = 0;
        for place in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << place;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err("a number in a page header has no end".into())
    }

    /// A whole number: 0, −1, 1, −2, … are 0, 1, 2, 3, …
    fn number(&mut self) -> Result<i64, Wrong> {
        let bits = self.bits()?;
        Ok((bits >> 1) as i64 ^ -((bits & 1) as i64))
    }

    /// Gives `each` the number and the type of each field of a struct; it has to take the value.
    fn fields(&mut self, mut each: impl FnMut(&mut Self, i64, u8) -> Result<(), Wrong>) -> Result<(), Wrong> {
        let mut field = 0i64;
        loop {
            let head = self.byte()?;
            let kind = head & 0x0f;
            if kind == STOP {
                return Ok(());
            }
            field = match head >> 4 {
                0 => self.number()?,
                step => field.saturating_add(i64::from(step)),
            };
            each(self, field, kind)?;
        }
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Result<(), Wrong> {
        /// A header has no more structs within each other.
        const DEEPEST: usize = 8;
        if depth > DEEPEST {
            return Err("a page header has too many parts within each other".into());
        }
        match kind {
            // Truth values are in the type.
            1 | 2 => Ok(()),
            3 => self.byte().map(drop),
            4..=6 => self.bits().map(drop),
            7 => self.pass(8),
            8 => {
                let length = self.bits()?;
                self.pass(length)
            }
            9 | 10 => {
                let head = self.byte()?;
                let length = if head >> 4 == 15 { self.bits()? } else { u64::from(head >> 4) };
                // In a list a truth value takes a byte.
                let kind = if matches!(head & 0x0f, 1 | 2) { 3 } else { head & 0x0f };
                (0..length).try_for_each(|_| self.skip(kind, depth + 1))
            }
            STRUCT => self.fields(|from, _, kind| from.skip(kind, depth + 1)),
            _ => Err("a page header that is none".into()),
        }
    }

    fn pass(&mut self, bytes: u64) -> Result<(), Wrong> {
        let bytes = usize::try_from(bytes).ok().filter(|bytes| *bytes <= self.0.len());
        self.0 = &self.0[bytes.ok_or("a page header is cut short")?..];
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of data: kind, sizes, and three values in a struct of its own, whose other fields are passed over.
    const HEADER: [u8; 16] = [0x15, 0, 0x15, 8, 0x15, 4, 0x2c, 0x15, 6, 0x18, 1, b'x', 0x19, 0x15, 2, 0];

    fn said(header: &[u8], rows: usize) -> String {
        match check(&[header, &[0, 9, 9]].concat(), rows) {
            Ok(()) => String::new(),
            Err(Wrong::Damaged(reason)) => reason,
            Err(Wrong::Encoding) => "deltas".into(),
        }
    }

    #[test]
    fn a_page_that_claims_too_much_is_found() {
        assert_eq!(said(&HEADER, 3), "");
        assert_eq!(said(&HEADER, 2), "a page claims 3 values");
        assert!(said(&HEADER, 4).starts_with("a page header"), "a second page is missing");
        let with = |place: usize, byte: u8| {
            let mut header = HEADER;
            header[place] = byte;
            header
        };
        assert_eq!(said(&with(5, 8), 3), "a page claims 4 bytes, and 4 unpacked");
        assert_eq!(said(&with(3, 1), 3), "a page claims 2 bytes, and -1 unpacked");
        assert_eq!(said(&with(8, 5), 3), "a page claims -3 values");
        for length in 0..HEADER.len() {
            assert_eq!(check(&HEADER[..length], 3), Err("a page header is cut short".into()), "{length}");
        }
        assert!(said(&[0x1c; 200], 3).contains("within each other"));
        // The second field of the inner struct is the encoding.
        let deltas = [0x15, 0, 0x15, 8, 0x15, 4, 0x2c, 0x15, 6, 0x15, 10, 0];
        assert_eq!(said(&deltas, 3), "deltas");
    }
}
