//! Columns of a frame as blocks of features.

use crate::step::each;
use adflux_core::{Block, Categories, Column, Error, Features, Result, Values};
use adflux_data::{ColumnKind, Frame};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, sync::Arc};

/// How the columns of a branch are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadAs {
    /// Text as categories, everything else as numbers.
    #[default]
    Auto,
    /// As numbers; text is parsed.
    Numbers,
    /// As categories; numbers are written out (`3`, `2.5`), whether they come as integers or not.
    Categories,
    /// As text.
    Text,
    /// As dates: days since 1970, the time of day being a fraction. Text is parsed as ISO 8601 writes dates (`2024-12-31`,
    /// `2024-12-31T18:30:00Z`), numbers are taken for days.
    Times,
}

impl ReadAs {
    pub(super) fn is_auto(&self) -> bool {
        *self == ReadAs::Auto
    }
}

/// One block to be read from a frame: the names of its columns, and as what. Decided at fit, so that the type a column
/// happens to have at prediction changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Source {
    Numbers(Arc<[Column]>),
    Category(Arc<[Column]>),
    Text(Arc<[Column]>),
    Times(Arc<[Column]>),
}

impl Source {
    /// The blocks of `columns`: all numbers (or times) as one in front, then the others one by one.
    pub(super) fn choose(columns: &[String], read: ReadAs, frame: &Frame) -> Result<Vec<Source>> {
        let (mut numbers, mut sources) = (Vec::new(), Vec::new());
        for name in columns {
            let is_text = frame.kind_of(name)? == ColumnKind::Text;
            let column = Column::input(name);
            match read {
                ReadAs::Text => sources.push(Source::Text([column].into())),
                ReadAs::Categories => sources.push(Source::Category([column].into())),
                ReadAs::Auto if is_text => sources.push(Source::Category([column].into())),
                ReadAs::Auto | ReadAs::Numbers | ReadAs::Times => numbers.push(column),
            }
        }
        if !numbers.is_empty() {
            let block = if read == ReadAs::Times { Source::Times } else { Source::Numbers };
            sources.insert(0, block(numbers.into()));
        }
        Ok(sources)
    }

    pub(super) fn columns(&self) -> &Arc<[Column]> {
        match self {
            Source::Numbers(columns) | Source::Category(columns) | Source::Text(columns) | Source::Times(columns) => {
                columns
            }
        }
    }

    fn read(&self, frame: &Frame) -> Result<Block> {
        let columns = self.columns();
        let values = match (self, &columns[..]) {
            (Source::Category(_), [column]) => Values::Category(categories(frame, &column.name)?),
            (Source::Text(_), [column]) => Values::Text(frame.texts(&column.name)?),
            (Source::Times(_), _) => Values::Dense(numbers(frame, columns, Frame::days)?),
            _ => Values::Dense(numbers(frame, columns, Frame::numbers)?),
        };
        Block::new(columns.clone(), values)
    }
}

/// The blocks of `sources`.
pub(super) fn read(sources: &[Source], frame: &Frame) -> Result<Features> {
    let blocks = each(frame.rows(), sources, |source| source.read(frame));
    Features::trusted(frame.rows(), blocks.into_iter().collect::<Result<_>>()?)
}

fn numbers(frame: &Frame, columns: &[Column], read: fn(&Frame, &str) -> Result<Vec<f64>>) -> Result<Array2<f64>> {
    let (rows, width) = (frame.rows(), columns.len());
    let read = each(rows, columns, |column| read(frame, &column.name));
    let mut read = read.into_iter().collect::<Result<Vec<_>>>()?;
    let values = match &mut read[..] {
        [only] => std::mem::take(only),
        several => {
            let mut values = vec![0.0; rows * width];
            for (at, column) in several.iter().enumerate() {
                values.iter_mut().skip(at).step_by(width).zip(column).for_each(|(to, from)| *to = *from);
            }
            values
        }
    };
    Array2::from_shape_vec((rows, width), values).map_err(Error::backend)
}

/// A column as categories. A number is written as a float would be, so that 3 read from one file and 3.0 from another are
/// one level.
fn categories(frame: &Frame, name: &str) -> Result<Categories> {
    if frame.kind_of(name)? != ColumnKind::Number {
        return frame.categories(name);
    }
    let (mut known, mut levels) = (HashMap::new(), Vec::new());
    let mut code = |value: f64| {
        if value.is_nan() {
            return Categories::MISSING;
        }
        // The sum turns −0 into 0.
        *known.entry((value + 0.0).to_bits()).or_insert_with(|| {
            levels.push((value + 0.0).to_string());
            levels.len() as u32 - 1
        })
    };
    let codes = frame.numbers(name)?.into_iter().map(&mut code).collect();
    Ok(Categories { codes, levels: levels.into() })
}
