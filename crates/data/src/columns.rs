//! Columns cell by cell: what rows of JSON and rows of structs become, and are made from.

use crate::Frame;
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
    Number(f64),
    Text(&'a str),
}

impl From<u64> for Cell<'_> {
    /// A whole number beyond `i64` is a number like any other.
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or(Cell::Number(value as f64), Cell::Integer)
    }
}

/// Columns in the order in which their names first came. A name that a row does not have is missing there.
///
/// A column takes the narrowest type that holds all its cells, as in a CSV file: whole numbers and numbers are numbers;
/// anything else mixed is text throughout, and so is a column without any value.
#[derive(Default)]
pub(crate) struct Columns {
    columns: Vec<(String, Cells)>,
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
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The place of the column called `name`; a new one if there is none yet.
    pub(crate) fn place(&mut self, name: &str) -> usize {
        let place = match self.columns.get(self.next) {
            Some((expected, _)) if expected == name => self.next,
            _ => self.places.get(name).copied().unwrap_or_else(|| {
                self.columns.push((name.to_owned(), Cells::Missing(0)));
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
        /// Tables of fewer cells are never too sparse.
        const SMALL: usize = 10_000_000;
        /// In a larger one, so many cells may be missing for each that is given.
        const MOST_MISSING: usize = 100;
        let all = self.columns.len() * self.rows;
        let cells = &mut self.columns[place].1;
        if cells.len() > self.rows {
            return Err(Refused::Twice);
        }
        if all > SMALL && all / MOST_MISSING > self.given {
            return Err(Refused::Sparse);
        }
        self.given += 1;
        (cells.len()..self.rows).for_each(|_| cells.push(Cell::Missing));
        cells.push(cell);
        Ok(())
    }

    /// Ends a row.
    pub(crate) fn end_row(&mut self) {
        self.rows += 1;
        self.next = 0;
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
    Integers(Vec<Option<i64>>),
    Numbers(Vec<Option<f64>>),
    Texts(Vec<Option<String>>),
}

impl Cells {
    fn len(&self) -> usize {
        match self {
            Cells::Missing(n) => *n,
            Cells::Booleans(v) => v.len(),
            Cells::Integers(v) => v.len(),
            Cells::Numbers(v) => v.len(),
            Cells::Texts(v) => v.len(),
        }
    }

    fn push(&mut self, cell: Cell<'_>) {
        match (&mut *self, cell) {
            (Cells::Missing(n), Cell::Missing) => *n += 1,
            (Cells::Booleans(v), Cell::Missing) => v.push(None),
            (Cells::Integers(v), Cell::Missing) => v.push(None),
            (Cells::Numbers(v), Cell::Missing) => v.push(None),
            (Cells::Texts(v), Cell::Missing) => v.push(None),
            (Cells::Booleans(v), Cell::Boolean(b)) => v.push(Some(b)),
            (Cells::Integers(v), Cell::Integer(i)) => v.push(Some(i)),
            (Cells::Numbers(v), Cell::Integer(i)) => v.push(Some(i as f64)),
            (Cells::Numbers(v), Cell::Number(x)) => v.push(Some(x)),
            (Cells::Texts(v), Cell::Text(t)) => v.push(Some(t.to_owned())),
            (Cells::Texts(v), Cell::Boolean(b)) => v.push(Some(b.to_string())),
            (Cells::Texts(v), Cell::Integer(i)) => v.push(Some(i.to_string())),
            (Cells::Texts(v), Cell::Number(x)) => v.push(Some(text_of(x))),
            (_, cell) => {
                *self = std::mem::replace(self, Cells::Missing(0)).widened_for(cell);
                self.push(cell);
            }
        }
    }

    /// The same cells in a type that also holds `cell`, which this one does not.
    fn widened_for(self, cell: Cell<'_>) -> Cells {
        fn texts<T>(cells: Vec<Option<T>>, text: impl Fn(T) -> String) -> Cells {
            Cells::Texts(cells.into_iter().map(|c| c.map(&text)).collect())
        }
        match (self, cell) {
            (Cells::Missing(n), Cell::Boolean(_)) => Cells::Booleans(vec![None; n]),
            (Cells::Missing(n), Cell::Integer(_)) => Cells::Integers(vec![None; n]),
            (Cells::Missing(n), Cell::Number(_)) => Cells::Numbers(vec![None; n]),
            (Cells::Missing(n), _) => Cells::Texts(vec![None; n]),
            (Cells::Integers(v), Cell::Number(_)) => {
                Cells::Numbers(v.into_iter().map(|i| i.map(|i| i as f64)).collect())
            }
            (Cells::Booleans(v), _) => texts(v, |b| b.to_string()),
            (Cells::Integers(v), _) => texts(v, |i| i.to_string()),
            (Cells::Numbers(v), _) => texts(v, text_of),
            (texts @ Cells::Texts(_), _) => texts,
        }
    }

    fn finish(self, name: &str) -> Column {
        let series = match self {
            Cells::Missing(n) => Series::new(name.into(), vec![None::<&str>; n]),
            Cells::Booleans(v) => Series::new(name.into(), v),
            Cells::Integers(v) => Series::new(name.into(), v),
            Cells::Numbers(v) => Series::new(name.into(), v),
            Cells::Texts(v) => {
                let mut builder = StringChunkedBuilder::new(name.into(), v.len());
                v.iter().for_each(|t| builder.append_option(t.as_deref()));
                builder.finish().into_series()
            }
        };
        series.into_column()
    }
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
                (None, beyond) => beyond.map_or(Cell::Missing, Cell::Number),
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
            columns.end_row();
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
        assert_eq!(Cell::from(u64::MAX), Number(u64::MAX as f64));
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
            columns.end_row();
            refused.map(|refused| (row, refused))
        });
        assert!(matches!(first, Some((row, Refused::Sparse)) if row < 4_000), "{first:?}");
    }
}
