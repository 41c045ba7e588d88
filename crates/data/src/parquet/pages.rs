//! The pages of a column: what their headers claim is checked before it is trusted, then they are decoded.
//!
//! polars reserves memory for as many values as a header says. A number that is negative, or is one of billions, would end
//! the process, which no error handling sees. So all headers are read first, by the reader that decoding uses.

use polars::prelude::{ArrowField, Series};
use polars_parquet::{
    parquet::{
        compression::DecompressionContext,
        page::{CompressedPage, DataPageHeader, Page},
    },
    read::{BasicDecompressor, ColumnChunkMetadata, PageReader, column_iter_to_arrays, decompress},
};
use std::io::Cursor;

/// What is wrong with a column.
#[derive(Debug, PartialEq)]
pub(super) enum Wrong {
    /// It is damaged.
    Damaged(String),
    /// It is whole, perhaps, and in an encoding that is not read.
    Encoding,
}

impl<E: std::error::Error> From<E> for Wrong {
    fn from(reason: E) -> Self {
        Wrong::Damaged(reason.to_string())
    }
}

/// Differences of numbers, of lengths and of texts: how much memory they take is said inside the page, where it cannot be
/// checked before it is unpacked. Nobody writes them who was not asked to.
const DELTAS: [i32; 3] = [5, 6, 7];

/// The column whose pages are `bytes`, as a series of `field`'s name and type.
pub(super) fn decode(column: &ColumnChunkMetadata, bytes: Vec<u8>, field: &ArrowField) -> Result<Series, Wrong> {
    let longest = bytes.len();
    let mut pages = PageReader::new(Cursor::new(bytes.into()), column, Vec::new(), longest);
    check(&mut pages, column.num_values())?;
    let (mut bytes, scratch) = pages.into_inner();
    bytes.set_position(0);
    let pages = BasicDecompressor::new(PageReader::new(bytes, column, scratch, longest), Vec::new());
    let kind = &column.descriptor().descriptor.primitive_type;
    let (arrays, _) = column_iter_to_arrays(vec![pages], vec![kind], field.clone(), None)?;
    Ok(Series::try_from((field, arrays))?)
}

/// Checks that the pages hold `rows` values together, and that no header claims what its page cannot hold.
fn check(pages: &mut PageReader, rows: i64) -> Result<(), Wrong> {
    let mut found = 0i64;
    for page in pages {
        let (values, holds) = match page? {
            page @ CompressedPage::Dict(_) => {
                // Only unpacked does it say how many entries it has. An entry takes a byte at least.
                match decompress(page, &mut Vec::new(), &mut DecompressionContext::Unset)? {
                    Page::Dict(page) => (page.num_values as i64, page.num_values <= page.buffer.len()),
                    Page::Data(_) => (0, true),
                }
            }
            CompressedPage::Data(page) => {
                let (values, missing, encoding, levels) = match page.header() {
                    DataPageHeader::V1(page) => (page.num_values, 0, page.encoding, [0; 2]),
                    DataPageHeader::V2(page) => {
                        let levels = [page.definition_levels_byte_length, page.repetition_levels_byte_length];
                        (page.num_values, page.num_nulls, page.encoding, levels)
                    }
                };
                if DELTAS.contains(&encoding.0) {
                    return Err(Wrong::Encoding);
                }
                let fit = levels.iter().all(|bytes| *bytes >= 0)
                    && levels.map(i64::from).iter().sum::<i64>() <= page.compressed_size() as i64;
                found = found.saturating_add(i64::from(values));
                // A row of a page takes a bit or more, or is one of a run: no page has more than all rows.
                let holds = (0..=rows).contains(&i64::from(values)) && (0..=values).contains(&missing) && fit;
                (i64::from(values), holds)
            }
        };
        if !holds {
            return Err(Wrong::Damaged(format!("a page claims {values} values")));
        }
    }
    match found == rows {
        true => Ok(()),
        false => Err(Wrong::Damaged(format!("{found} values in {rows} rows"))),
    }
}
