//! [`SimpleImputer`]: missing values filled in.

use crate::step::{
    Learn, another_kind, any_row_mut, column_sums, map_blocks, refuse_infinite, same_blocks, same_columns, step,
};
use adflux_core::{Block, Categories, Column, Context, Error, Features, Result, Training, Transform, Values};
use ndarray::{Array2, ArrayView1, Axis, s};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a missing value is replaced by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// The mean of the column. Numbers only.
    #[default]
    Mean,
    /// The median of the column. Numbers only.
    Median,
    /// The commonest value; of equally common ones the smallest.
    MostFrequent,
    /// `fill_value` in numeric columns, `fill_level` in categorical ones.
    Constant,
}

impl Strategy {
    fn name(self) -> &'static str {
        match self {
            Strategy::Mean => "mean",
            Strategy::Median => "median",
            Strategy::MostFrequent => "most_frequent",
            Strategy::Constant => "constant",
        }
    }
}

/// Fills missing values with one value a column, learned from the values that are there.
///
/// Takes dense blocks (NaN is missing) and categorical ones. Row weights do not count, as in scikit-learn's
/// `SimpleImputer`, whose defaults these are. Infinite numbers are refused. O(rows × columns); in place.
///
/// Differences to scikit-learn: a column without any value is an error that names it, where scikit-learn drops the column
/// with a warning (`keep_empty_features` fills it instead); `fill_value` is `fill_value` for numbers and
/// `fill_level` for categories; `add_indicator` marks numeric columns only, because a one-hot-encoder gives missing
/// categories a level of their own.
///
/// ```
/// use adflux_core::{Features, Fit, Training, Transform};
/// use adflux_preprocessing::{SimpleImputer, Strategy};
/// use ndarray::array;
///
/// let x = Features::from_dense(array![[1.0], [f64::NAN], [5.0], [2.0]], ["budget"])?;
/// let imputer = SimpleImputer::new(Strategy::Median).add_indicator(true).fit(Training::new(x.clone()))?;
/// let filled = imputer.transform(x)?;
/// assert_eq!(filled.dense("example")?, array![[1.0, 0.0], [2.0, 1.0], [5.0, 0.0], [2.0, 0.0]]);
/// assert_eq!(filled.columns().last().map(|c| c.name.as_str()), Some("missingindicator_budget"));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SimpleImputer {
    /// What is filled in. Default: [`Strategy::Mean`].
    pub strategy: Strategy,
    /// The number that [`Strategy::Constant`] fills in. Default: 0.
    pub fill_value: f64,
    /// The level that [`Strategy::Constant`] fills in. Default: `missing_value`.
    pub fill_level: String,
    /// Whether each numeric column with missing values in training is followed, behind the columns of its block, by
    /// a column `missingindicator_<name>` that is 1 where the value was missing and 0 elsewhere. Default: `false`.
    pub add_indicator: bool,
    /// Whether a column without any value is filled (with 0, or with `fill_level`) instead of refused. Default: `false`.
    pub keep_empty_features: bool,
}

impl Default for SimpleImputer {
    fn default() -> Self {
        SimpleImputer {
            strategy: Strategy::Mean,
            fill_value: 0.0,
            fill_level: "missing_value".into(),
            add_indicator: false,
            keep_empty_features: false,
        }
    }
}

impl SimpleImputer {
    /// An imputer with this strategy.
    pub fn new(strategy: Strategy) -> Self {
        SimpleImputer { strategy, ..SimpleImputer::default() }
    }

    /// What is filled in.
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// The number that [`Strategy::Constant`] fills in.
    pub fn fill_value(mut self, fill_value: f64) -> Self {
        self.fill_value = fill_value;
        self
    }

    /// The level that [`Strategy::Constant`] fills in.
    pub fn fill_level(mut self, fill_level: impl Into<String>) -> Self {
        self.fill_level = fill_level.into();
        self
    }

    /// Whether columns that say where a number was missing are added.
    pub fn add_indicator(mut self, add_indicator: bool) -> Self {
        self.add_indicator = add_indicator;
        self
    }

    /// Whether columns without any value are filled instead of refused.
    pub fn keep_empty_features(mut self, keep_empty_features: bool) -> Self {
        self.keep_empty_features = keep_empty_features;
        self
    }
}

/// A fitted [`SimpleImputer`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedSimpleImputer {
    blocks: Vec<Fill>,
}

/// What fills one block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Fill {
    Numbers(NumberFill),
    Level { columns: Arc<[Column]>, level: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct NumberFill {
    columns: Arc<[Column]>,
    #[serde(with = "adflux_core::arrays")]
    values: Vec<f64>,
    /// The columns that have an indicator.
    #[serde(with = "adflux_core::arrays")]
    indicators: Vec<u32>,
    /// `columns`, then the indicators.
    output: Arc<[Column]>,
}

step!(SimpleImputer => FittedSimpleImputer, "simple-imputer", version = 1);
const KIND: &str = "simple-imputer";

impl Learn for SimpleImputer {
    type Fitted = FittedSimpleImputer;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedSimpleImputer> {
        if self.strategy == Strategy::Constant && !self.fill_value.is_finite() {
            return Err(Error::parameter("fill_value", self.fill_value, "must be a finite number"));
        }
        let learn = |block: &Block| {
            context.check()?;
            match block.values() {
                Values::Dense(x) => self.learn_numbers(x, block.columns()).map(Fill::Numbers),
                Values::Category(x) => {
                    let level = self.learn_level(x, block.columns())?;
                    Ok(Fill::Level { columns: block.columns().clone(), level })
                }
                _ => Err(block.refused_by(KIND)),
            }
        };
        Ok(FittedSimpleImputer { blocks: data.x.blocks().iter().map(learn).collect::<Result<_>>()? })
    }
}

impl SimpleImputer {
    fn learn_numbers(&self, x: &Array2<f64>, columns: &Arc<[Column]>) -> Result<NumberFill> {
        refuse_infinite(KIND, x, columns)?;
        let missing = column_sums(x, None, |_, v, _| f64::from(u8::from(v.is_nan())));
        let empty = |c: usize| missing[c] as usize == x.nrows();
        let refused = self.strategy != Strategy::Constant && !self.keep_empty_features;
        if let Some(column) = (0..x.ncols()).find(|c| refused && empty(*c)) {
            return Err(self.without_values(&columns[column]));
        }
        let mut values = match self.strategy {
            Strategy::Mean => means(x, &missing),
            Strategy::Median => by_column(x, median),
            Strategy::MostFrequent => by_column(x, commonest),
            Strategy::Constant => vec![self.fill_value; x.ncols()],
        };
        if self.strategy != Strategy::Constant {
            (0..x.ncols()).filter(|c| empty(*c)).for_each(|c| values[c] = 0.0);
        }
        let indicators: Vec<u32> =
            (0..x.ncols()).filter(|c| self.add_indicator && missing[*c] > 0.0).map(|c| c as u32).collect();
        let added = indicators.iter().map(|c| &columns[*c as usize]);
        let output = if indicators.is_empty() {
            columns.clone()
        } else {
            columns.iter().cloned().chain(added.map(|c| c.derive(format!("missingindicator_{}", c.name)))).collect()
        };
        Ok(NumberFill { columns: columns.clone(), values, indicators, output })
    }

    fn learn_level(&self, x: &Categories, columns: &[Column]) -> Result<String> {
        let column = columns.first().map_or("", |c| c.name.as_str());
        match self.strategy {
            Strategy::Constant => Ok(self.fill_level.clone()),
            Strategy::Mean | Strategy::Median => {
                let name = self.strategy.name();
                let reason = format!("it is categorical and has no {name}: use `most_frequent` or `constant`");
                Err(Error::column(column, reason))
            }
            Strategy::MostFrequent => {
                let mut counts = vec![0_usize; x.levels.len()];
                for &code in &x.codes {
                    if let Some(count) = counts.get_mut(code as usize) {
                        *count += 1;
                    }
                }
                let seen = counts.iter().zip(x.levels.iter()).filter(|(count, _)| **count > 0);
                match seen.max_by(|a, b| a.0.cmp(b.0).then(b.1.cmp(a.1))) {
                    Some((_, level)) => Ok(level.clone()),
                    None if self.keep_empty_features => Ok(self.fill_level.clone()),
                    None => Err(columns.first().map_or_else(|| Error::data("no column"), |c| self.without_values(c))),
                }
            }
        }
    }

    fn without_values(&self, column: &Column) -> Error {
        let reason = format!(
            "every value is missing, so there is no {} to fill in: leave the column out, use the strategy `constant`, or \
             set `keep_empty_features`",
            self.strategy.name()
        );
        Error::column(&column.name, reason)
    }
}

/// Means of the values that are there, to the last digit: what rounding left over is added in a second pass.
fn means(x: &Array2<f64>, missing: &[f64]) -> Vec<f64> {
    let per_value = |sums: Vec<f64>| -> Vec<f64> {
        sums.iter().zip(missing).map(|(sum, missing)| sum / (x.nrows() as f64 - missing)).collect()
    };
    let rough = per_value(column_sums(x, None, |_, v, _| if v.is_nan() { 0.0 } else { v }));
    let rest = per_value(column_sums(x, None, |c, v, _| if v.is_nan() { 0.0 } else { v - rough[c] }));
    rough.iter().zip(rest).map(|(mean, rest)| mean + rest).collect()
}

fn by_column(x: &Array2<f64>, statistic: impl Fn(&mut [f64]) -> f64 + Sync) -> Vec<f64> {
    let present = |column: ArrayView1<f64>| -> Vec<f64> { column.iter().copied().filter(|v| !v.is_nan()).collect() };
    (0..x.ncols()).into_par_iter().map(|c| statistic(&mut present(x.column(c)))).collect()
}

/// The middle value, or the mean of the two in the middle; NaN of nothing.
fn median(values: &mut [f64]) -> f64 {
    let (middle, even) = (values.len() / 2, values.len().is_multiple_of(2));
    if values.is_empty() {
        return f64::NAN;
    }
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    if even { f64::midpoint(below.iter().copied().fold(f64::MIN, f64::max), *upper) } else { *upper }
}

/// The value that is there most often, the smallest of several; NaN of nothing.
fn commonest(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let mut best = (0, f64::NAN);
    for run in values.chunk_by(|a, b| a == b) {
        if run.len() > best.0 {
            best = (run.len(), run[0]);
        }
    }
    best.1
}

impl FittedSimpleImputer {
    /// What fills each numeric column, in the order of the columns.
    pub fn statistics(&self) -> Vec<f64> {
        let numbers = self.blocks.iter().filter_map(|b| if let Fill::Numbers(fill) = b { Some(fill) } else { None });
        numbers.flat_map(|fill| fill.values.iter().copied()).collect()
    }
}

impl Transform<Features> for FittedSimpleImputer {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        same_blocks(KIND, self.blocks.len(), &x)?;
        map_blocks(x, |i, columns, values| match (&self.blocks[i], values) {
            (Fill::Numbers(fill), Values::Dense(x)) => {
                same_columns(KIND, &fill.columns, &columns)?;
                Block::new(fill.output.clone(), Values::Dense(fill.apply(x)?))
            }
            (Fill::Level { columns: fitted, level }, Values::Category(x)) => {
                same_columns(KIND, fitted, &columns)?;
                Block::new(columns, Values::Category(fill_level(x, level)))
            }
            (Fill::Numbers(_), _) => Err(another_kind(KIND, "numbers", &columns)),
            (Fill::Level { .. }, _) => Err(another_kind(KIND, "categories", &columns)),
        })
    }
}

impl NumberFill {
    fn apply(&self, mut x: Array2<f64>) -> Result<Array2<f64>> {
        if let Some(column) = self.indicators.iter().find(|c| **c as usize >= x.ncols()) {
            let reason = format!("an indicator of column {column} of {}", x.ncols());
            return Err(Error::State { kind: KIND.into(), reason });
        }
        let (values, output) = (self.values.len(), self.output.len());
        if values != x.ncols() || output != x.ncols() + self.indicators.len() {
            let reason = format!(
                "{values} values and {output} columns that come out, of {} columns and {} indicators",
                x.ncols(),
                self.indicators.len()
            );
            return Err(Error::State { kind: KIND.into(), reason });
        }
        let marks = (!self.indicators.is_empty()).then(|| self.marks(&x));
        let infinite = any_row_mut(&mut x, |row| {
            let mut infinite = false;
            for (value, fill) in row.iter_mut().zip(&self.values) {
                if !value.is_finite() {
                    infinite |= value.is_infinite();
                    *value = if value.is_nan() { *fill } else { *value };
                }
            }
            infinite
        });
        if infinite {
            refuse_infinite(KIND, &x, &self.columns)?;
        }
        let Some(marks) = marks else { return Ok(x) };
        let mut wide = Array2::zeros((x.nrows(), self.output.len()));
        wide.slice_mut(s![.., ..x.ncols()]).assign(&x);
        wide.slice_mut(s![.., x.ncols()..]).assign(&marks);
        Ok(wide)
    }

    /// 1 where an indicated column is missing.
    fn marks(&self, x: &Array2<f64>) -> Array2<f64> {
        let columns: Vec<usize> = self.indicators.iter().map(|c| *c as usize).collect();
        x.select(Axis(1), &columns).mapv(|v| f64::from(u8::from(v.is_nan())))
    }
}

fn fill_level(mut x: Categories, level: &str) -> Categories {
    let is_missing = |code: u32| code as usize >= x.levels.len();
    if !x.codes.iter().any(|c| is_missing(*c)) {
        return x;
    }
    let known = x.levels.iter().position(|l| l == level);
    let fill = known.unwrap_or(x.levels.len()) as u32;
    let levels = x.levels.len() as u32;
    x.codes.iter_mut().filter(|c| **c >= levels).for_each(|c| *c = fill);
    if known.is_none() {
        x.levels = x.levels.iter().cloned().chain([level.to_string()]).collect();
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_core::Fit as _;
    use ndarray::array;

    #[test]
    fn a_state_that_is_too_short_is_refused_and_does_not_panic() {
        let x = || Features::from_dense(array![[0.0, f64::NAN], [1.0, 6.0]], ["a", "b"]).unwrap();
        for indicators in [false, true] {
            let refused = |damage: fn(&mut NumberFill)| {
                let mut fitted = SimpleImputer::default().add_indicator(indicators).fit(Training::new(x())).unwrap();
                let Some(Fill::Numbers(fill)) = fitted.blocks.first_mut() else { panic!("numbers") };
                damage(fill);
                assert!(matches!(fitted.transform(x()), Err(Error::State { .. })));
            };
            refused(|fill| fill.output = fill.output[1..].into());
            refused(|fill| fill.values.truncate(1));
            refused(|fill| fill.indicators.push(0));
        }
    }
}
