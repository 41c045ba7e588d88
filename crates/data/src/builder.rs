//! Building a frame column by column.

use crate::Frame;
use adflux_core::Result;
use polars::prelude::{Column, IntoColumn as _, NamedFrom as _, Series};

/// Collects columns; made by [`Frame::builder`].
#[derive(Clone, Debug, Default)]
pub struct FrameBuilder {
    columns: Vec<Column>,
}

impl FrameBuilder {
    fn push(mut self, series: Series) -> Self {
        self.columns.push(series.into_column());
        self
    }

    /// A column of numbers; NaN stays NaN, and counts as missing.
    pub fn numbers(self, name: &str, values: Vec<f64>) -> Self {
        self.push(Series::new(name.into(), values))
    }

    /// A column of numbers, some of them missing.
    pub fn optional_numbers(self, name: &str, values: Vec<Option<f64>>) -> Self {
        self.push(Series::new(name.into(), values))
    }

    /// A column of whole numbers.
    pub fn integers(self, name: &str, values: Vec<i64>) -> Self {
        self.push(Series::new(name.into(), values))
    }

    /// A column of whole numbers, some of them missing.
    pub fn optional_integers(self, name: &str, values: Vec<Option<i64>>) -> Self {
        self.push(Series::new(name.into(), values))
    }

    /// A column of truth values.
    pub fn booleans(self, name: &str, values: Vec<bool>) -> Self {
        self.push(Series::new(name.into(), values))
    }

    /// A column of text.
    pub fn texts<S: AsRef<str>>(self, name: &str, values: impl IntoIterator<Item = S>) -> Self {
        let column: polars::prelude::StringChunked = values.into_iter().map(|s| Some(s.as_ref().to_owned())).collect();
        self.named(name, column)
    }

    /// A column of text, some of it missing.
    pub fn optional_texts<S: AsRef<str>>(self, name: &str, values: impl IntoIterator<Item = Option<S>>) -> Self {
        let column: polars::prelude::StringChunked =
            values.into_iter().map(|s| s.map(|s| s.as_ref().to_owned())).collect();
        self.named(name, column)
    }

    fn named(self, name: &str, column: polars::prelude::StringChunked) -> Self {
        use polars::prelude::IntoSeries as _;
        let mut series = column.into_series();
        series.rename(name.into());
        self.push(series)
    }

    /// The frame.
    ///
    /// # Errors
    /// When two columns share a name or differ in length.
    pub fn build(self) -> Result<Frame> {
        Frame::from_columns(self.columns)
    }
}
