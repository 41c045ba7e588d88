//! Columns cell by cell: what rows of JSON and rows of structs become, and are made from.

use crate::{Frame, Schema};
use adflux_core::{Error, Result};
use polars::prelude::{
    AnyValue, Column, DataType, IntoColumn as _, IntoSeries as _, NamedFrom as _, Series, StringChunkedBuilder,
};
use std::collections::HashMap;

/// One value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    Missing,
    Boolean(bool),
    Integer(i64),
    /// A whole number beyond `i64`.
    Beyond(u64),
    Number(f64),
    Text(&'a str),
}

impl From<u64> for Cell<'_> {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or(Cell::Beyond(value), Cell::Integer)
    }
}

/// Columns in the order in which their names first came. A name that a row does not have is missing there.
///
/// A column takes the narrowest type that holds all its cells, as in a CSV file: whole numbers and numbers are numbers;
/// anything else mixed is text throughout, and so is a column without any value. Text also keeps whole numbers that would
/// become others: those beyond `i64`, and beyond 2^53 beside a fraction.
#[derive(Default)]
pub(crate) struct Columns {
    columns: Vec<(String, Cells)>,
    /// Its text columns are text from the first cell on.
    schema: Schema,
    places: HashMap<String, usize>,
    /// The finished rows.
    rows: usize,
    /// Where the next name stands if this row has the order of the last.
    next: usize,
    /// How many cells the rows gave.
    given: usize,
}

/// Why a cell is not taken.
#[derive(Debug)]
pub(crate) enum Refused {
    /// Its name came before in the row.
    Twice,
    /// Nearly all rows lack nearly all names: a small text of many names would fill the memory with missing cells.
    Sparse,
}

impl Refused {
    /// What is wrong with the cell called `name`.
    pub(crate) fn reason(&self, name: &str) -> String {
        match self {
            Refused::Twice => format!("`{name}` comes twice"),
            Refused::Sparse => format!("`{name}` is one of too many names that few rows have: are they values?"),
        }
    }
}

impl Columns {
    /// No rows yet; the columns that are text in `schema` will be text here.
    pub(crate) fn with(schema: &Schema) -> Self {
        Columns { schema: schema.clone(), ..Columns::default() }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The place of the column called `name`; a new one if there is none yet.
    pub(crate) fn place(&mut self, name: &str) -> usize {
        let place = match self.columns.get(self.next) {
            Some((expected, _)) if expected == name => self.next,
            _ => self.places.get(name).copied().unwrap_or_else(|| {
                let cells = if self.schema.is_text(name) { Cells::Texts(Vec::new()) } else { Cells::Missing(0) };
                self.columns.push((name.to_owned(), cells));
                self.places.insert(name.to_owned(), self.columns.len() - 1);
                self.columns.len() - 1
            }),
        };
        self.next = place + 1;
        place
    }

    pub(crate) fn name(&self, place: usize) -> &str {
        &self.columns[place].0
    }

    /// The cell of the row that is being read, in the column at `place`.
    pub(crate) fn push(&mut self, place: usize, cell: Cell<'_>) -> Result<(), Refused> {
        if self.columns[place].1.len() > self.rows {
            return Err(Refused::Twice);
        }
        self.not_too_sparse()?;
        let cells = &mut self.columns[place].1;
        self.given += 1;
        (cells.len()..self.rows).for_each(|_| cells.push(Cell::Missing));
        cells.push(cell);
        Ok(())
    }

    /// Ends a row. What is wrong with it is said in words: it may be that no cell was pushed.
    pub(crate) fn end_row(&mut self) -> std::result::Result<(), String> {
        self.rows += 1;
        self.next = 0;
        let last = self.columns.last().map_or("", |(name, _)| name);
        self.not_too_sparse().map_err(|refused| refused.reason(last))
    }

    fn not_too_sparse(&self) -> std::result::Result<(), Refused> {
        /// Tables of fewer cells are never too sparse.
        const SMALL: usize = 10_000_000;
        /// In a larger one, so many cells may be missing for each that is given.
        const MOST_MISSING: usize = 100;
        let all = self.columns.len() * self.rows;
        if all > SMALL && all / MOST_MISSING > self.given { Err(Refused::Sparse) } else { Ok(()) }
    }

    /// The frame of all rows.
    ///
    /// # Errors
    /// When there are rows and not one column.
    pub(crate) fn finish(self) -> Result<Frame> {
        let rows = self.rows;
        if self.columns.is_empty() {
            return Err(Error::data("the rows have no columns"));
        }
        let column = |(name, mut cells): (String, Cells)| {
            (cells.len()..rows).for_each(|_| cells.push(Cell::Missing));
            cells.finish(&name)
        };
        Frame::from_columns(self.columns.into_iter().map(column).collect())
    }
}

enum Cells {
    /// So many missing cells, and no other yet.
    Missing(usize),
    Booleans(Vec<Option<bool>>),
    Numbers(Vec<Option<Numeral>>),
    Texts(Vec<Option<String>>),
}

/// A number as it was given, as long as its column may still become text.
#[derive(Clone, Copy)]
enum Numeral {
    Whole(i64),
    Beyond(u64),
    Fraction(f64),
}

impl Numeral {
    /// As `f64`, if that tells it from its neighbours.
    fn number(self) -> Option<f64> {
        /// Whole numbers up to here are told apart by `f64`.
        const EXACT: u64 = 1 << 53;
        match self {
            Numeral::Whole(i) => (i.unsigned_abs() <= EXACT).then_some(i as f64),
            Numeral::Beyond(_) => None,
            Numeral::Fraction(x) => Some(x),
        }
    }

    fn text(self) -> String {
        match self {
            Numeral::Whole(i) => i.to_string(),
            Numeral::Beyond(u) => u.to_string(),
            Numeral::Fraction(x) => text_of(x),
        }
    }
}

impl Cells {
    fn len(&self) -> usize {
        match self {
            Cells::Missing(n) => *n,
            Cells::Booleans(v) => v.len(),
            Cells::Numbers(v) => v.len(),
            Cells::Texts(v) => v.len(),
        }
    }

    fn push(&mut self, cell: Cell<'_>) {
        let numeral = match cell {
            Cell::Integer(i) => Some(Numeral::Whole(i)),
            Cell::Beyond(u) => Some(Numeral::Beyond(u)),
            Cell::Number(x) => Some(Numeral::Fraction(x)),
            Cell::Missing | Cell::Boolean(_) | Cell::Text(_) => None,
        };
        match (&mut *self, cell, numeral) {
            (Cells::Missing(n), Cell::Missing, _) => *n += 1,
            (Cells::Booleans(v), Cell::Missing, _) => v.push(None),
            (Cells::Numbers(v), Cell::Missing, _) => v.push(None),
            (Cells::Texts(v), Cell::Missing, _) => v.push(None),
            (Cells::Booleans(v), Cell::Boolean(b), _) => v.push(Some(b)),
            (Cells::Numbers(v), _, Some(numeral)) => v.push(Some(numeral)),
            (Cells::Texts(v), Cell::Text(t), _) => v.push(Some(t.to_owned())),
            (Cells::Texts(v), Cell::Boolean(b), _) => v.push(Some(b.to_string())),
            (Cells::Texts(v), _, Some(numeral)) => v.push(Some(numeral.text())),
            (_, cell, numeral) => {
                *self = match std::mem::replace(self, Cells::Missing(0)) {
                    Cells::Missing(n) if matches!(cell, Cell::Boolean(_)) => Cells::Booleans(vec![None; n]),
                    Cells::Missing(n) if numeral.is_some() => Cells::Numbers(vec![None; n]),
                    narrow => Cells::Texts(narrow.texts()),
                };
                self.push(cell);
            }
        }
    }

    /// The cells as text, numbers as they were given.
    fn texts(self) -> Vec<Option<String>> {
        match self {
            Cells::Missing(n) => vec![None; n],
            Cells::Booleans(v) => v.into_iter().map(|b| b.map(|b| b.to_string())).collect(),
            Cells::Numbers(v) => v.into_iter().map(|n| n.map(Numeral::text)).collect(),
            Cells::Texts(v) => v,
        }
    }

    fn finish(self, name: &str) -> Column {
        let series = match self {
            Cells::Booleans(v) => Series::new(name.into(), v),
            Cells::Numbers(v) => match numbers(name, &v) {
                Some(series) => series,
                None => texts(name, &Cells::Numbers(v).texts()),
            },
            cells => texts(name, &cells.texts()),
        };
        series.into_column()
    }
}

/// Whole numbers, or numbers; `None` if one of the cells would become another number.
fn numbers(name: &str, cells: &[Option<Numeral>]) -> Option<Series> {
    let whole = cells.iter().map(|cell| match cell {
        Some(Numeral::Whole(i)) => Some(Some(*i)),
        Some(_) => None,
        None => Some(None),
    });
    if let Some(whole) = whole.collect::<Option<Vec<_>>>() {
        return Some(Series::new(name.into(), whole));
    }
    let number = |cell: &Option<Numeral>| cell.map_or(Some(None), |numeral| numeral.number().map(Some));
    Some(Series::new(name.into(), cells.iter().map(number).collect::<Option<Vec<_>>>()?))
}

fn texts(name: &str, cells: &[Option<String>]) -> Series {
    let mut builder = StringChunkedBuilder::new(name.into(), cells.len());
    cells.iter().for_each(|t| builder.append_option(t.as_deref()));
    builder.finish().into_series()
}

/// The cells of a column of a frame.
pub(crate) struct Reader {
    series: Series,
}

impl Reader {
    pub(crate) fn of(column: &Column) -> Result<Self> {
        let series = column.as_materialized_series();
        let series = match series.dtype() {
            DataType::Boolean | DataType::String | DataType::Null => series.rechunk(),
            kind if kind.is_primitive_numeric() => series.rechunk(),
            _ => series.cast(&DataType::String).map_err(|e| Error::column(column.name().as_str(), e.to_string()))?,
        };
        Ok(Reader { series })
    }

    pub(crate) fn name(&self) -> &str {
        self.series.name()
    }

    /// The cell of a row, which must be one of the frame.
    pub(crate) fn cell(&self, row: usize) -> Cell<'_> {
        match self.series.get(row) {
            Ok(AnyValue::String(text)) => Cell::Text(text),
            Ok(AnyValue::Boolean(value)) => Cell::Boolean(value),
            Ok(value) if value.is_integer() => match (value.extract(), value.extract()) {
                (Some(whole), _) => Cell::Integer(whole),
                (None, beyond) => beyond.map_or(Cell::Missing, Cell::Beyond),
            },
            Ok(value) => value.extract().filter(|v: &f64| !v.is_nan()).map_or(Cell::Missing, Cell::Number),
            Err(_) => Cell::Missing,
        }
    }
}

/// A number as polars turns it into text: 1.0, not 1.
pub(crate) fn text_of(number: f64) -> String {
    format!("{number:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ColumnKind;

    fn frame(rows: &[&[(&str, Cell<'_>)]]) -> Frame {
        let mut columns = Columns::default();
        for row in rows {
            for (name, cell) in *row {
                let place = columns.place(name);
                assert!(columns.push(place, *cell).is_ok());
            }
            columns.end_row().unwrap();
        }
        columns.finish().unwrap()
    }

    #[test]
    fn a_column_takes_the_narrowest_type_that_holds_its_cells() {
        let kinds = |cells: &[Cell<'_>]| {
            let rows: Vec<_> = cells.iter().map(|c| [("x", *c)]).collect();
            let frame = frame(&rows.iter().map(|r| &r[..]).collect::<Vec<_>>());
            (frame.kind_of("x").unwrap(), frame.texts("x").unwrap().to_vec())
        };
        let strings = |all: &[&str]| all.iter().map(|s| s.to_string()).collect::<Vec<_>>();
        use Cell::{Boolean, Integer, Missing, Number, Text};
        assert_eq!(kinds(&[Missing, Integer(1), Number(0.5)]), (ColumnKind::Number, strings(&["", "1.0", "0.5"])));
        assert_eq!(kinds(&[Missing, Boolean(true)]), (ColumnKind::Boolean, strings(&["", "true"])));
        assert_eq!(kinds(&[Integer(28001), Text("?")]), (ColumnKind::Text, strings(&["28001", "?"])));
        assert_eq!(kinds(&[Number(1.0), Missing, Boolean(true)]), (ColumnKind::Text, strings(&["1.0", "", "true"])));
        assert_eq!(kinds(&[Boolean(false), Integer(2)]), (ColumnKind::Text, strings(&["false", "2"])));
        assert_eq!(kinds(&[Missing, Missing]), (ColumnKind::Text, strings(&["", ""])));
    }

    #[test]
    fn no_number_becomes_another() {
        use Cell::{Beyond, Integer, Number, Text};
        const LARGE: i64 = (1 << 53) + 1;
        let texts = |cells: &[Cell<'_>]| {
            let rows: Vec<_> = cells.iter().map(|c| [("x", *c)]).collect();
            let frame = frame(&rows.iter().map(|r| &r[..]).collect::<Vec<_>>());
            (frame.kind_of("x").unwrap(), frame.texts("x").unwrap().to_vec())
        };
        let strings = |kind, all: &[&str]| (kind, all.iter().map(|s| s.to_string()).collect::<Vec<_>>());
        assert_eq!(Cell::from(u64::MAX), Beyond(u64::MAX));
        let (max, large) = (u64::MAX.to_string(), LARGE.to_string());
        assert_eq!(texts(&[Beyond(u64::MAX), Integer(1)]), strings(ColumnKind::Text, &[&max, "1"]));
        assert_eq!(texts(&[Integer(LARGE), Integer(1)]), strings(ColumnKind::Number, &[&large, "1"]));
        assert_eq!(texts(&[Integer(LARGE), Number(0.5)]), strings(ColumnKind::Text, &[&large, "0.5"]));
        assert_eq!(texts(&[Integer(LARGE - 1), Number(0.5)]).0, ColumnKind::Number);
        assert_eq!(texts(&[Integer(1), Number(0.5), Text("a")]), strings(ColumnKind::Text, &["1", "0.5", "a"]));
    }

    #[test]
    fn empty_rows_do_not_fill_the_memory() {
        let mut columns = Columns::default();
        for name in 0..5_000 {
            let place = columns.place(&name.to_string());
            assert!(columns.push(place, Cell::Boolean(true)).is_ok());
        }
        let refused = (0..400_000).find_map(|row| columns.end_row().err().map(|reason| (row, reason)));
        assert!(
            matches!(&refused, Some((row, reason)) if *row < 3_000 && reason.contains("too many names")),
            "{refused:?}"
        );
    }

    #[test]
    fn names_are_found_in_any_order_and_fill_up_with_missing() {
        let one = Cell::Integer(1);
        let frame = frame(&[&[("a", one), ("b", one)], &[("c", one), ("a", one)], &[], &[("b", one)]]);
        assert_eq!(frame.names().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(frame.rows(), 4);
        assert_eq!(["a", "b", "c"].map(|n| frame.missing_in(n).unwrap()), [2, 2, 3]);
    }

    #[test]
    fn a_name_twice_in_a_row_is_seen() {
        let mut columns = Columns::default();
        let place = columns.place("a");
        assert!(columns.push(place, Cell::Missing).is_ok());
        let place = columns.place("a");
        assert!(matches!(columns.push(place, Cell::Missing), Err(Refused::Twice)));
    }

    #[test]
    fn names_that_are_values_do_not_fill_the_memory() {
        let mut columns = Columns::default();
        let first = (0..100_000).find_map(|row| {
            let place = columns.place(&row.to_string());
            let refused = columns.push(place, Cell::Boolean(true)).err();
            assert!(refused.is_some() || columns.end_row().is_ok());
            refused.map(|refused| (row, refused))
        });
        assert!(matches!(first, Some((row, Refused::Sparse)) if row < 4_000), "{first:?}");
    }
}
