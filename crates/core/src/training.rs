//! [`Training`]: what a step learns from.

use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis};
use std::sync::Arc;

/// Containers of rows: what splitting, cross-validation and out-of-fold fitting need.
pub trait Rows: Sized {
    /// The number of rows.
    fn len(&self) -> usize;
    /// The given rows in the given order; a row may be taken more than once.
    ///
    /// # Panics
    /// When an index is not below [`len`](Rows::len).
    fn take(&self, rows: &[usize]) -> Self;
    /// Whether there are no rows.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Rows for Array1<f64> {
    fn len(&self) -> usize {
        Array1::len(self)
    }
    fn take(&self, rows: &[usize]) -> Self {
        self.select(Axis(0), rows)
    }
}

impl Rows for () {
    fn len(&self) -> usize {
        0
    }
    fn take(&self, _: &[usize]) -> Self {}
}

impl<A: Rows, B: Rows> Rows for (A, B) {
    fn len(&self) -> usize {
        self.0.len()
    }
    fn take(&self, rows: &[usize]) -> Self {
        (self.0.take(rows), self.1.take(rows))
    }
}

/// A class for each row.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassTarget {
    /// Index into `labels`.
    pub codes: Array1<u32>,
    /// The names of the classes.
    pub labels: Arc<[String]>,
}

impl ClassTarget {
    /// Classes from one label a row; labels are sorted.
    pub fn from_labels<S: AsRef<str>>(rows: &[S]) -> Self {
        let mut labels: Vec<String> = rows.iter().map(|s| s.as_ref().to_string()).collect();
        labels.sort_unstable();
        labels.dedup();
        let code = |s: &S| labels.binary_search_by(|l| l.as_str().cmp(s.as_ref())).map_or(0, |i| i as u32);
        ClassTarget { codes: rows.iter().map(code).collect(), labels: labels.into() }
    }
}

/// Several numbers for each row, by name.
#[derive(Clone, Debug, PartialEq)]
pub struct MultiTarget {
    /// The name of each column.
    pub names: Arc<[String]>,
    /// Rows × names.
    pub values: Array2<f64>,
}

impl MultiTarget {
    /// The column called `name`.
    ///
    /// # Errors
    /// [`Error::MissingColumns`] when there is none.
    pub fn column(&self, name: &str) -> Result<ndarray::ArrayView1<'_, f64>> {
        match self.names.iter().position(|n| n == name) {
            Some(i) => Ok(self.values.column(i)),
            None => Err(Error::MissingColumns { missing: vec![name.into()], available: self.names.to_vec() }),
        }
    }
}

/// What is to be predicted.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Target {
    /// A number for each row.
    Values(Array1<f64>),
    /// A class for each row.
    Classes(ClassTarget),
    /// Several numbers for each row.
    Multi(MultiTarget),
}

impl Rows for Target {
    fn len(&self) -> usize {
        match self {
            Target::Values(y) => y.len(),
            Target::Classes(c) => c.codes.len(),
            Target::Multi(m) => m.values.nrows(),
        }
    }

    fn take(&self, rows: &[usize]) -> Self {
        match self {
            Target::Values(y) => Target::Values(y.select(Axis(0), rows)),
            Target::Classes(c) => {
                Target::Classes(ClassTarget { codes: c.codes.select(Axis(0), rows), labels: c.labels.clone() })
            }
            Target::Multi(m) => {
                Target::Multi(MultiTarget { names: m.names.clone(), values: m.values.select(Axis(0), rows) })
            }
        }
    }
}

/// What a step learns from. `X` is a frame, features, or a frame with predictions.
#[derive(Clone, Debug)]
pub struct Training<X> {
    /// The inputs.
    pub x: X,
    /// What is to be predicted, when anything is.
    pub target: Option<Target>,
    /// How much each row counts: 0 or more. `None`: all the same.
    pub weights: Option<Array1<f64>>,
    /// What the target is counted over: impressions of clicks, the budget of spend. A step that uses none refuses one.
    pub exposure: Option<Array1<f64>>,
    /// Rows of one group are never split between learning and judging.
    pub groups: Option<Array1<u32>>,
    /// When the row happened, in any unit; only the order counts.
    pub time: Option<Array1<i64>>,
    /// The column that the target came from, when it came from one: kept with a fitted pipeline, so that later data can be
    /// judged by it.
    pub target_name: Option<Arc<str>>,
    /// The column that the exposure came from, when it came from one: kept for the same reason.
    pub exposure_name: Option<Arc<str>>,
}

impl<X> Training<X> {
    /// Inputs alone.
    pub fn new(x: X) -> Self {
        let (weights, exposure, groups, time) = (None, None, None, None);
        Training { x, target: None, weights, exposure, groups, time, target_name: None, exposure_name: None }
    }

    /// Adds the target.
    pub fn with_target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    /// Says which column the target came from.
    pub fn with_target_name(mut self, name: &str) -> Self {
        self.target_name = Some(name.into());
        self
    }

    /// Adds row weights.
    pub fn with_weights(mut self, weights: Array1<f64>) -> Self {
        self.weights = Some(weights);
        self
    }

    /// Adds the exposure.
    pub fn with_exposure(mut self, exposure: Array1<f64>) -> Self {
        self.exposure = Some(exposure);
        self
    }

    /// Says which column the exposure came from.
    pub fn with_exposure_name(mut self, name: &str) -> Self {
        self.exposure_name = Some(name.into());
        self
    }

    /// Adds groups.
    pub fn with_groups(mut self, groups: Array1<u32>) -> Self {
        self.groups = Some(groups);
        self
    }

    /// Adds times.
    pub fn with_time(mut self, time: Array1<i64>) -> Self {
        self.time = Some(time);
        self
    }

    /// The same training with other inputs.
    pub fn replace<Y>(self, x: Y) -> Training<Y> {
        self.split().1.replace_unit(x)
    }

    /// Inputs, and everything else.
    pub fn split(self) -> (X, Training<()>) {
        let Training { x, target, weights, exposure, groups, time, target_name, exposure_name } = self;
        (x, Training { x: (), target, weights, exposure, groups, time, target_name, exposure_name })
    }

    /// A numeric target that is no total over an exposure. A step that uses the exposure asks for [`totals`](Self::totals).
    ///
    /// # Errors
    /// When there is none, it is of another kind, or there is an exposure. `step` is named.
    pub fn values(&self, step: &str) -> Result<&Array1<f64>> {
        let values = self.totals(step)?;
        self.without_exposure(step).map(|()| values)
    }

    /// A target of classes.
    ///
    /// # Errors
    /// When there is none, it is of another kind, or there is an exposure. `step` is named.
    pub fn classes(&self, step: &str) -> Result<&ClassTarget> {
        match &self.target {
            Some(Target::Classes(c)) => self.without_exposure(step).map(|()| c),
            _ => Err(Error::data(format!("`{step}` needs a target of classes: use a regressor for numbers"))),
        }
    }

    /// Several numeric targets. A step that uses the exposure asks for [`multi_totals`](Self::multi_totals).
    ///
    /// # Errors
    /// When there are none, or there is an exposure. `step` is named.
    pub fn multi(&self, step: &str) -> Result<&MultiTarget> {
        let several = self.multi_totals(step)?;
        self.without_exposure(step).map(|()| several)
    }
}

impl Training<()> {
    fn replace_unit<Y>(self, x: Y) -> Training<Y> {
        let Training { target, weights, exposure, groups, time, target_name, exposure_name, .. } = self;
        Training { x, target, weights, exposure, groups, time, target_name, exposure_name }
    }
}

impl<X: Rows> Training<X> {
    /// Checks what every step relies on: some rows, equal lengths, finite targets, weights that are finite, not negative
    /// and not all zero.
    ///
    /// # Errors
    /// Naming what is wrong and the first row where.
    pub fn validate(&self) -> Result<()> {
        let rows = self.x.len();
        if rows == 0 {
            return Err(Error::data("the training data has no rows"));
        }
        let lengths = [
            ("target", self.target.as_ref().map(Rows::len)),
            ("weights", self.weights.as_ref().map(Array1::len)),
            ("exposure", self.exposure.as_ref().map(Array1::len)),
            ("groups", self.groups.as_ref().map(Array1::len)),
            ("time", self.time.as_ref().map(Array1::len)),
        ];
        if let Some((name, Some(len))) = lengths.into_iter().find(|(_, len)| len.is_some_and(|l| l != rows)) {
            return Err(Error::data(format!("{name} of {len} rows beside {rows} rows of inputs")));
        }
        let bad = match &self.target {
            Some(Target::Values(y)) => y.iter().position(|v| !v.is_finite()),
            Some(Target::Multi(m)) => m.values.rows().into_iter().position(|r| r.iter().any(|v| !v.is_finite())),
            _ => None,
        };
        if let Some(row) = bad {
            return Err(Error::cell("target", row, "missing or infinite: drop the row, or fill the value"));
        }
        if let Some(Target::Classes(c)) = &self.target
            && let Some(row) = c.codes.iter().position(|&code| code as usize >= c.labels.len())
        {
            return Err(Error::cell("target", row, format!("class {} of {} labels", c.codes[row], c.labels.len())));
        }
        for (name, values) in [("weights", &self.weights), ("exposure", &self.exposure)] {
            if let Some(values) = values {
                if let Some(row) = values.iter().position(|v| !v.is_finite() || *v < 0.0) {
                    return Err(Error::cell(name, row, format!("{}: must be a finite number, 0 or more", values[row])));
                }
                if values.iter().all(|v| *v == 0.0) {
                    return Err(Error::column(name, "all are zero: nothing is left to learn from"));
                }
            }
        }
        Ok(())
    }
}

impl<X: Rows> Rows for Training<X> {
    fn len(&self) -> usize {
        self.x.len()
    }

    fn take(&self, rows: &[usize]) -> Self {
        let pick = |a: &Option<Array1<f64>>| a.as_ref().map(|a| a.select(Axis(0), rows));
        Training {
            x: self.x.take(rows),
            target: self.target.as_ref().map(|t| t.take(rows)),
            weights: pick(&self.weights),
            exposure: pick(&self.exposure),
            groups: self.groups.as_ref().map(|g| g.select(Axis(0), rows)),
            time: self.time.as_ref().map(|t| t.select(Axis(0), rows)),
            target_name: self.target_name.clone(),
            exposure_name: self.exposure_name.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn validation_names_what_is_wrong() {
        let base = Training::new(array![1.0, 2.0]);
        let says = |t: Training<Array1<f64>>| t.validate().unwrap_err().to_string();
        assert_eq!(says(Training::new(Array1::zeros(0))), "the training data has no rows");
        assert_eq!(
            says(base.clone().with_target(Target::Values(array![1.0]))),
            "target of 1 rows beside 2 rows of inputs"
        );
        assert!(says(base.clone().with_target(Target::Values(array![1.0, f64::NAN]))).contains("row 2"));
        assert!(says(base.clone().with_weights(array![1.0, -1.0])).starts_with("column `weights`, row 2: -1"));
        assert!(says(base.clone().with_weights(array![0.0, 0.0])).contains("all are zero"));
        assert!(base.with_weights(array![0.0, 2.0]).validate().is_ok());
    }

    #[test]
    fn taking_rows_takes_them_everywhere() {
        let t = Training::new(array![1.0, 2.0, 3.0])
            .with_target(Target::Classes(ClassTarget::from_labels(&["no", "yes", "no"])))
            .with_weights(array![1.0, 2.0, 3.0])
            .with_groups(array![0, 1, 2])
            .take(&[2, 1]);
        assert_eq!(t.x, array![3.0, 2.0]);
        assert_eq!(t.classes("t").unwrap().codes, array![0, 1]);
        assert_eq!((t.weights.unwrap(), t.groups.unwrap()), (array![3.0, 2.0], array![2, 1]));
    }
}
