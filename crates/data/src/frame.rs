//! [`Frame`]: a polars data frame with roles, and its columns as plain vectors.

use crate::{ColumnKind, Field, FrameBuilder, Role, Schema, typing::is_missing};
use adflux_core::{Categories, Error, Result, Rows, calendar};
use polars::prelude::{Column, DataFrame, DataType, IdxCa, IdxSize, NewChunkedArray as _};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// A table with named, typed columns, each with a [`Role`]. Cloning is cheap: columns are shared.
#[derive(Clone, Debug)]
pub struct Frame {
    table: DataFrame,
    roles: Arc<BTreeMap<String, Role>>,
}

impl Frame {
    /// Collects columns into a frame.
    pub fn builder() -> FrameBuilder {
        FrameBuilder::default()
    }

    /// A frame around a polars data frame.
    ///
    /// # Errors
    /// Naming the first column of a type that adflux has no use for (lists, structs, binary).
    pub fn from_polars(table: DataFrame) -> Result<Self> {
        for column in table.columns() {
            kind_of(column)?;
        }
        Ok(Frame { table, roles: Arc::default() })
    }

    pub(crate) fn from_columns(columns: Vec<Column>) -> Result<Self> {
        Frame::from_polars(DataFrame::new_infer_height(columns).map_err(|e| Error::data(e.to_string()))?)
    }

    /// The polars data frame inside.
    pub fn as_polars(&self) -> &DataFrame {
        &self.table
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.table.height()
    }

    /// The names of the columns, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.table.columns().iter().map(|c| c.name().as_str())
    }

    /// Whether there is a column called `name`.
    pub fn has(&self, name: &str) -> bool {
        self.table.get_column_index(name).is_some()
    }

    /// # Errors
    /// [`Error::MissingColumns`] listing all of `names` that are not there.
    pub fn require<S: AsRef<str>>(&self, names: &[S]) -> Result<()> {
        let missing: Vec<String> =
            names.iter().map(AsRef::as_ref).filter(|n| !self.has(n)).map(str::to_string).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Error::MissingColumns { missing, available: self.names().map(str::to_string).collect() })
    }

    // -------------------------------------------------------------------------------------------- roles and schema

    /// What the column is for.
    pub fn role(&self, name: &str) -> Role {
        self.roles.get(name).copied().unwrap_or(Role::Feature)
    }

    /// Says what the column is for.
    ///
    /// # Errors
    /// [`Error::MissingColumns`].
    pub fn with_role(mut self, name: &str, role: Role) -> Result<Self> {
        self.require(&[name])?;
        Arc::make_mut(&mut self.roles).insert(name.into(), role);
        Ok(self)
    }

    /// The columns with this role, in order.
    pub fn names_with(&self, role: Role) -> Vec<&str> {
        self.names().filter(|n| self.role(n) == role).collect()
    }

    /// Names, kinds and roles of all columns.
    pub fn schema(&self) -> Schema {
        let field = |c: &Column| {
            let name = c.name().to_string();
            kind_of(c).ok().map(|kind| Field { role: self.role(&name), name, kind })
        };
        Schema { fields: self.table.columns().iter().filter_map(field).collect() }
    }

    /// The columns of `schema`, found by name and parsed to its kinds: what a fitted pipeline does with its input. Columns
    /// that the schema does not have are left out.
    ///
    /// What reading made a number is not text again as it stood: `01` has become `1`. A file for a fitted pipeline is read
    /// with [`read_with`](Frame::read_with), which leaves the schema's text columns alone.
    ///
    /// # Errors
    /// Listing all missing columns, or naming the first cell that is not of its kind.
    pub fn conform(&self, schema: &Schema) -> Result<Frame> {
        let mut columns = Vec::with_capacity(schema.fields.len());
        for field in &schema.fields {
            let Some(index) = self.table.get_column_index(&field.name) else {
                let names: Vec<&str> = schema.fields.iter().map(|f| f.name.as_str()).collect();
                self.require(&names)?;
                continue;
            };
            let column = &self.table.columns()[index];
            let kind = kind_of(column)?;
            columns.push(match (field.kind, kind) {
                (wanted, is) if wanted == is => column.clone(),
                (ColumnKind::Number | ColumnKind::Boolean, _) => {
                    Column::new(column.name().clone(), self.numbers(&field.name)?)
                }
                (ColumnKind::Text, _) => column
                    .cast(&DataType::String)
                    .map_err(|e| Error::column(&field.name, format!("not to be read as text: {e}")))?,
                (wanted, is) => {
                    return Err(Error::column(&field.name, format!("holds {is}, where {wanted} is wanted")));
                }
            });
        }
        Ok(Frame { table: DataFrame::new(self.rows(), columns).map_err(Error::backend)?, roles: self.roles.clone() })
    }

    // -------------------------------------------------------------------------------------------- choosing columns

    /// Only these columns, in this order.
    ///
    /// # Errors
    /// [`Error::MissingColumns`].
    pub fn select<S: AsRef<str>>(&self, names: &[S]) -> Result<Frame> {
        self.require(names)?;
        let table = self.table.select(names.iter().map(AsRef::as_ref)).map_err(Error::backend)?;
        Ok(Frame { table, roles: self.roles.clone() })
    }

    /// All columns but these; names that are not there are ignored.
    pub fn without<S: AsRef<str>>(&self, names: &[S]) -> Frame {
        let table = self.table.drop_many(names.iter().map(AsRef::as_ref));
        Frame { table, roles: self.roles.clone() }
    }

    /// This frame with the columns of `other` behind its own; a column of the same name is replaced.
    ///
    /// # Errors
    /// When the numbers of rows differ.
    pub fn with_columns_of(&self, other: &Frame) -> Result<Frame> {
        if self.rows() != other.rows() {
            return Err(Error::data(format!("columns of {} rows beside columns of {}", other.rows(), self.rows())));
        }
        let mut table = self.table.clone();
        for column in other.table.columns() {
            table.with_column(column.clone()).map_err(Error::backend)?;
        }
        Ok(Frame { table, roles: self.roles.clone() })
    }

    /// The rows of this frame, then those of `below`, whose columns are found by name and must be of the same types.
    ///
    /// # Errors
    /// When a column is missing there or of another type.
    pub fn stack(&self, below: &Frame) -> Result<Frame> {
        let names: Vec<&str> = self.names().collect();
        let table = self.table.vstack(&below.select(&names)?.table).map_err(|e| Error::data(e.to_string()))?;
        Ok(Frame { table, roles: self.roles.clone() })
    }

    /// The first `rows` rows, and the others if there are any.
    pub(crate) fn split_at(self, rows: usize) -> (Frame, Option<Frame>) {
        if self.rows() <= rows {
            return (self, None);
        }
        let part =
            |start: usize, length| Frame { table: self.table.slice(start as i64, length), roles: self.roles.clone() };
        (part(0, rows), Some(part(rows, self.rows() - rows)))
    }

    // -------------------------------------------------------------------------------------------- columns as vectors

    /// What the column holds.
    ///
    /// # Errors
    /// [`Error::MissingColumns`].
    pub fn kind_of(&self, name: &str) -> Result<ColumnKind> {
        kind_of(self.column(name)?)
    }

    /// How many values of the column are missing (NaN counts).
    ///
    /// # Errors
    /// [`Error::MissingColumns`].
    pub fn missing_in(&self, name: &str) -> Result<usize> {
        let column = self.column(name)?;
        let nan = match column.dtype() {
            DataType::Float64 | DataType::Float32 => {
                self.numbers(name)?.iter().filter(|v| v.is_nan()).count() - column.null_count()
            }
            _ => 0,
        };
        Ok(column.null_count() + nan)
    }

    /// The column as numbers: missing is NaN, truth values are 0 and 1, times are days, text is parsed.
    ///
    /// # Errors
    /// [`Error::MissingColumns`], or naming the first row whose text is not a number.
    pub fn numbers(&self, name: &str) -> Result<Vec<f64>> {
        let column = self.column(name)?;
        let series = column.as_materialized_series();
        let wrong = |e: polars::prelude::PolarsError| Error::column(name, e.to_string());
        Ok(match series.dtype() {
            DataType::Float64 => series.f64().map_err(wrong)?.iter().map(|v| v.unwrap_or(f64::NAN)).collect(),
            DataType::Int64 => series.i64().map_err(wrong)?.iter().map(|v| v.map_or(f64::NAN, |v| v as f64)).collect(),
            DataType::Boolean => series.bool().map_err(wrong)?.iter().map(|v| v.map_or(f64::NAN, f64::from)).collect(),
            DataType::String => {
                let parse = |(row, text): (usize, Option<&str>)| match text.map(str::trim) {
                    None => Ok(f64::NAN),
                    Some(text) if is_missing(text) => Ok(f64::NAN),
                    Some(text) => text.parse().map_err(|_| not_a_number(name, row, text)),
                };
                return series.str().map_err(wrong)?.iter().enumerate().map(parse).collect();
            }
            DataType::Datetime(..) => {
                let days = |v: i64| v as f64 / 86_400_000.0;
                let series = series
                    .cast(&DataType::Datetime(polars::prelude::TimeUnit::Milliseconds, None))
                    .and_then(|s| s.cast(&DataType::Int64))
                    .map_err(wrong)?;
                series.i64().map_err(wrong)?.iter().map(|v| v.map_or(f64::NAN, days)).collect()
            }
            _ => {
                let series = series.cast(&DataType::Float64).map_err(wrong)?;
                series.f64().map_err(wrong)?.iter().map(|v| v.unwrap_or(f64::NAN)).collect()
            }
        })
    }

    /// The column as days since 1970-01-01, with the time of day as a fraction: times, and text that is dates as ISO 8601 writes them,
    /// each different one parsed once. Missing is NaN. Numbers are taken as they are.
    ///
    /// # Errors
    /// [`Error::MissingColumns`], or naming the first row whose text is no date.
    pub fn days(&self, name: &str) -> Result<Vec<f64>> {
        if self.kind_of(name)? != ColumnKind::Text {
            return self.numbers(name);
        }
        let dates = self.categories(name)?;
        let parsed =
            dates.levels.iter().map(|text| if text.trim().is_empty() { Some(f64::NAN) } else { calendar::parse(text) });
        let parsed: Vec<Option<f64>> = parsed.collect();
        let day = |(row, code): (usize, &u32)| match parsed.get(*code as usize) {
            None => Ok(f64::NAN),
            Some(Some(day)) => Ok(*day),
            Some(None) => {
                let text = dates.get(row).unwrap_or_default();
                let reason = match calendar::parse(text.get(..19).unwrap_or_default()) {
                    Some(_) => "has another zone than UTC: write it as 2024-12-31T18:30:00Z",
                    None => "is no date: write it as 2024-12-31",
                };
                Err(Error::cell(name, row, format!("`{text}` {reason}")))
            }
        };
        dates.codes.iter().enumerate().map(day).collect()
    }

    /// A column of whole numbers in 64 bits as they are, beyond what an `f64` tells apart: numbers that are equal here are equal
    /// there. `None` of other columns.
    pub(crate) fn whole_numbers(&self, name: &str) -> Result<Option<Vec<Option<i64>>>> {
        let series = self.column(name)?.as_materialized_series();
        let wrong = |e: polars::prelude::PolarsError| Error::column(name, e.to_string());
        Ok(match series.dtype() {
            DataType::Int64 => Some(series.i64().map_err(wrong)?.iter().collect()),
            DataType::UInt64 => Some(series.u64().map_err(wrong)?.iter().map(|v| v.map(u64::cast_signed)).collect()),
            _ => None,
        })
    }

    /// The column as categories, levels in the order of their first row. Whatever its type, values are compared as text.
    ///
    /// # Errors
    /// [`Error::MissingColumns`].
    pub fn categories(&self, name: &str) -> Result<Categories> {
        let series = self.text_series(name)?;
        let text = series.str().map_err(|e| Error::column(name, e.to_string()))?;
        let mut levels = Levels::default();
        let mut codes = Vec::with_capacity(self.rows());
        codes.extend(text.iter().map(|value| value.map_or(Categories::MISSING, |value| levels.code(value))));
        Ok(Categories { codes, levels: levels.names.into_iter().map(str::to_string).collect() })
    }

    /// The column as text; a missing text is empty.
    ///
    /// # Errors
    /// [`Error::MissingColumns`].
    pub fn texts(&self, name: &str) -> Result<Arc<[String]>> {
        let series = self.text_series(name)?;
        let text = series.str().map_err(|e| Error::column(name, e.to_string()))?;
        Ok(text.iter().map(|t| t.unwrap_or_default().to_string()).collect())
    }

    fn column(&self, name: &str) -> Result<&Column> {
        match self.table.get_column_index(name) {
            Some(index) => Ok(&self.table.columns()[index]),
            None => Err(Error::MissingColumns {
                missing: vec![name.into()],
                available: self.names().map(str::to_string).collect(),
            }),
        }
    }

    fn text_series(&self, name: &str) -> Result<polars::prelude::Series> {
        let series = self.column(name)?.as_materialized_series();
        match series.dtype() {
            DataType::String => Ok(series.clone()),
            _ => series.cast(&DataType::String).map_err(|e| Error::column(name, e.to_string())),
        }
    }
}

impl Rows for Frame {
    fn len(&self) -> usize {
        self.rows()
    }

    fn take(&self, rows: &[usize]) -> Self {
        let index = IdxCa::from_iter_values("".into(), rows.iter().map(|r| *r as IdxSize));
        // INVARIANT: the caller gives rows below `len`, as `Rows::take` asks.
        let table = self.table.take(&index).unwrap_or_else(|e| panic!("rows beyond the frame: {e}"));
        Frame { table, roles: self.roles.clone() }
    }
}

/// Levels in the order in which they first came.
#[derive(Default)]
struct Levels<'a> {
    names: Vec<&'a str>,
    /// The place of each name, once there are too many to look through.
    codes: HashMap<&'a str, u32>,
}

impl<'a> Levels<'a> {
    /// Up to so many names are looked through one by one, which is faster than hashing.
    const FEW: usize = 16;

    fn code(&mut self, level: &'a str) -> u32 {
        let found = match self.names.len() <= Self::FEW {
            true => self.names.iter().position(|name| *name == level).map(|place| place as u32),
            false => self.codes.get(level).copied(),
        };
        found.unwrap_or_else(|| {
            self.names.push(level);
            if self.names.len() > Self::FEW {
                // All names the first time, then the new one.
                let unlisted = self.codes.len()..self.names.len();
                self.codes.extend(unlisted.map(|place| (self.names[place], place as u32)));
            }
            self.names.len() as u32 - 1
        })
    }
}

fn kind_of(column: &Column) -> Result<ColumnKind> {
    match column.dtype() {
        DataType::Boolean => Ok(ColumnKind::Boolean),
        DataType::String => Ok(ColumnKind::Text),
        DataType::Date | DataType::Datetime(..) => Ok(ColumnKind::Time),
        // A column of nothing but missing values has no type of its own.
        DataType::Null => Ok(ColumnKind::Number),
        kind if kind.is_primitive_numeric() => Ok(ColumnKind::Number),
        kind => Err(Error::column(
            column.name().as_str(),
            format!("holds {kind}: only numbers, text, booleans and dates do"),
        )),
    }
}

fn not_a_number(column: &str, row: usize, text: &str) -> Error {
    let hint = match text.contains(',') && text.bytes().all(|b| b.is_ascii_digit() || b",.+-".contains(&b)) {
        true => ": write it with a decimal point, and nothing between thousands",
        false => "",
    };
    Error::cell(column, row, format!("`{}` where a number is wanted{hint}", shortened(text)))
}

/// The beginning of `text`, in one line.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut shown = String::new();
    for c in text.chars().take(SHOWN) {
        match c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            true => shown.extend(c.escape_debug()),
            false => shown.push(c),
        }
    }
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
