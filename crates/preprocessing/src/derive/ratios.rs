//! [`RatioFeatures`]: rates of events, smoothed where there is little to count.

use crate::step::{Learn, refuse_infinite, step};
use adflux_core::{
    Block, Column, Context, Error, Features, Result, Training, Transform, Values,
    parameter::{ensure, non_negative},
};
use ndarray::{Array1, Array2, ArrayView1};
use serde::{Deserialize, Serialize};
use std::{collections::HashSet, sync::Arc};

/// Two columns, and what their quotient is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ratio {
    /// The column of what happened: clicks.
    pub numerator: String,
    /// The column of how often it could have: impressions. Not negative.
    pub denominator: String,
    /// What the feature is called. Default: `<numerator>/<denominator>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Ratio {
    /// The ratio of two columns.
    pub fn new(numerator: impl Into<String>, denominator: impl Into<String>) -> Self {
        Ratio { numerator: numerator.into(), denominator: denominator.into(), name: None }
    }

    /// What the feature is called.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("{}/{}", self.numerator, self.denominator))
    }
}

/// The rates of pairs of columns, such as clicks over impressions, drawn towards the rate of all training rows where the
/// denominator is small: `(numerator + m · p) / (denominator + m)`.
///
/// `p` is the pooled rate Σ numerator / Σ denominator of the training rows, each counted by its weight; `m` is
/// `prior_strength`, the denominator at which a row's own rate counts half. A row with nothing to count gets `p`,
/// instead of the 0/0 of a plain quotient. Two clicks of four impressions are no rate of 50 %.
///
/// Without `prior_strength` each pair has its own, by the method of moments of the beta-binomial distribution, under
/// which the true rates of rows vary around `p` with the variance `p (1 − p) / (m + 1)`. With N rows of denominators n
/// and rates r, and S = Σ n (r − p)²:
///
/// ```text
/// γ = (S / (p (1 − p)) − (N − 1)) / (Σ n − Σ n² / Σ n − (N − 1)),    m = 1/γ − 1
/// ```
///
/// held between 0 and Σ n (where the rows differ by no more than chance). It needs numerators between 0 and their
/// denominators; for other quotients, such as spend over clicks, give `prior_strength`.
///
/// Takes one dense block. A rate of which a column is missing is missing. Negative denominators and infinite numbers
/// are refused. The block that comes out has the rates behind the inputs, or alone without `keep_inputs`. O(rows × pairs).
///
/// References: Kleinman (1973), *Proportions with extraneous variance: single and independent samples* (the estimator, with
/// denominators as weights); Efron and Morris (1975), *Data analysis using Stein's estimator and its generalizations*.
///
/// ```
/// use adflux_core::{Features, Fit, Training, Transform};
/// use adflux_preprocessing::{Ratio, RatioFeatures};
/// use ndarray::array;
///
/// let x = array![[30.0, 1000.0], [0.0, 0.0], [1.0, 2.0], [9.0, 998.0]];
/// let x = Features::from_dense(x, ["clicks", "impressions"])?;
/// let rates = RatioFeatures::new([Ratio::new("clicks", "impressions").name("ctr")]).prior_strength(100.0);
/// let ctr = rates.keep_inputs(false).fit(Training::new(x.clone()))?.transform(x)?.into_dense("example")?;
/// assert_eq!(ctr[[1, 0]], 0.02, "nothing shown: the rate of all");
/// assert_eq!(ctr[[2, 0]], 3.0 / 102.0, "little shown: near it");
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RatioFeatures {
    /// The pairs. At least one.
    pub pairs: Vec<Ratio>,
    /// The weight of the pooled rate, in units of the denominator, 0 or more. Default: estimated for each pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior_strength: Option<f64>,
    /// Whether the columns of the block stay, in front of the rates. Default: `true`.
    pub keep_inputs: bool,
}

impl Default for RatioFeatures {
    fn default() -> Self {
        RatioFeatures { pairs: Vec::new(), prior_strength: None, keep_inputs: true }
    }
}

impl RatioFeatures {
    /// The rates of these pairs.
    pub fn new(pairs: impl IntoIterator<Item = Ratio>) -> Self {
        RatioFeatures { pairs: pairs.into_iter().collect(), ..RatioFeatures::default() }
    }

    /// The weight of the pooled rate.
    pub fn prior_strength(mut self, prior_strength: f64) -> Self {
        self.prior_strength = Some(prior_strength);
        self
    }

    /// Whether the columns of the block stay.
    pub fn keep_inputs(mut self, keep_inputs: bool) -> Self {
        self.keep_inputs = keep_inputs;
        self
    }
}

/// A fitted [`RatioFeatures`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedRatioFeatures {
    columns: Arc<[Column]>,
    rates: Vec<Rate>,
    keep_inputs: bool,
    output: Arc<[Column]>,
}

/// What was learned of one pair.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Rate {
    /// The places of the columns.
    numerator: u32,
    denominator: u32,
    prior: f64,
    strength: f64,
}

step!(RatioFeatures => FittedRatioFeatures, "ratio-features", version = 1);
const KIND: &str = "ratio-features";

impl Learn for RatioFeatures {
    type Fitted = FittedRatioFeatures;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedRatioFeatures> {
        context.check()?;
        ensure(!self.pairs.is_empty(), "pairs", &self.pairs, "name at least one numerator with its denominator")?;
        if let Some(strength) = self.prior_strength {
            non_negative("prior_strength", strength)?;
        }
        let x = data.x.dense(KIND)?;
        let columns = data.x.blocks()[0].columns().clone();
        refuse_infinite(KIND, x, &columns)?;
        let rates = self.pairs.iter().map(|pair| self.learn_pair(pair, x, &columns, data.weights.as_ref()));
        let rates: Vec<Rate> = rates.collect::<Result<_>>()?;
        let output = self.output(&columns, &rates)?;
        Ok(FittedRatioFeatures { columns, rates, keep_inputs: self.keep_inputs, output })
    }
}

impl RatioFeatures {
    fn learn_pair(
        &self,
        pair: &Ratio,
        x: &Array2<f64>,
        columns: &[Column],
        weights: Option<&Array1<f64>>,
    ) -> Result<Rate> {
        let place = |name: &String| columns.iter().position(|c| c.name == *name);
        let (Some(numerator), Some(denominator)) = (place(&pair.numerator), place(&pair.denominator)) else {
            let wanted = [&pair.numerator, &pair.denominator];
            return Err(Error::MissingColumns {
                missing: wanted.into_iter().filter(|n| place(n).is_none()).cloned().collect(),
                available: columns.iter().map(|c| c.name.clone()).collect(),
            });
        };
        refuse_negative(x, denominator, columns)?;
        let counts = Counts::of(x.column(numerator), x.column(denominator), weights);
        let total = counts.total();
        if total.is_nan() || total <= 0.0 {
            let reason = "adds up to 0 in training, so there is no rate to learn: leave the pair out";
            return Err(Error::column(&pair.denominator, reason));
        }
        let prior = counts.events() / total;
        let strength = match self.prior_strength {
            Some(strength) => strength,
            None => {
                counts.require_shares(pair)?;
                counts.strength(prior)
            }
        };
        if !(prior.is_finite() && strength.is_finite()) {
            let reason = format!("numbers too large for `{KIND}`, whose squares overflow: divide the column first");
            return Err(Error::column(&pair.denominator, reason));
        }
        Ok(Rate { numerator: numerator as u32, denominator: denominator as u32, prior, strength })
    }

    fn output(&self, columns: &[Column], rates: &[Rate]) -> Result<Arc<[Column]>> {
        let kept = columns.iter().filter(|_| self.keep_inputs).cloned();
        let made = self.pairs.iter().zip(rates).map(|(pair, rate)| {
            let mut sources = columns[rate.numerator as usize].sources.clone();
            let others = &columns[rate.denominator as usize].sources;
            sources.extend(others.iter().filter(|s| !columns[rate.numerator as usize].sources.contains(s)).cloned());
            Column { name: pair.label(), sources }
        });
        let output: Arc<[Column]> = kept.chain(made).collect();
        let mut names = HashSet::new();
        match output.iter().find(|c| !names.insert(c.name.as_str())) {
            Some(twice) => {
                Err(Error::column(&twice.name, "a pair makes a column of this name, which is there already"))
            }
            None => Ok(output),
        }
    }
}

fn refuse_negative(x: &Array2<f64>, column: usize, columns: &[Column]) -> Result<()> {
    match x.column(column).iter().position(|n| *n < 0.0) {
        Some(row) => {
            let reason = format!("{}: a denominator of `{KIND}` is a count, 0 or more", x[[row, column]]);
            Err(Error::cell(&columns[column].name, row, reason))
        }
        None => Ok(()),
    }
}

/// The rows of a pair that have both: row, numerator, denominator, weight.
struct Counts(Vec<(usize, f64, f64, f64)>);

impl Counts {
    fn of(numerator: ArrayView1<'_, f64>, denominator: ArrayView1<'_, f64>, weights: Option<&Array1<f64>>) -> Self {
        let rows = numerator.iter().zip(denominator).enumerate();
        let counted = rows.map(|(row, (k, n))| (row, *k, *n, weights.map_or(1.0, |w| w[row])));
        Counts(counted.filter(|(_, k, n, _)| !k.is_nan() && !n.is_nan()).collect())
    }

    fn events(&self) -> f64 {
        self.0.iter().map(|(_, k, _, w)| w * k).sum()
    }

    fn total(&self) -> f64 {
        self.0.iter().map(|(_, _, n, w)| w * n).sum()
    }

    /// # Errors
    /// When a numerator does not lie between 0 and its denominator.
    fn require_shares(&self, pair: &Ratio) -> Result<()> {
        match self.0.iter().find(|(_, k, n, _)| !(0.0..=*n).contains(k)) {
            Some((row, k, n, _)) => {
                let reason = format!(
                    "{k} of {n} in `{}`, and the strength of the prior is estimated for shares of a whole only: set \
                     `prior_strength`",
                    pair.denominator
                );
                Err(Error::cell(&pair.numerator, *row, reason))
            }
            None => Ok(()),
        }
    }

    /// The strength of the prior by the method of moments; a row of weight w counts as w rows.
    fn strength(&self, p: f64) -> f64 {
        let counted = || self.0.iter().filter(|(_, _, n, _)| *n > 0.0);
        let total = self.total();
        let rows: f64 = counted().map(|(_, _, _, w)| w).sum();
        let squares: f64 = counted().map(|(_, _, n, w)| w * n * n).sum();
        let spread: f64 = counted().map(|(_, k, n, w)| w * n * (k / n - p).powi(2)).sum();
        let correlation = (spread / (p * (1.0 - p)) - (rows - 1.0)) / (total - squares / total - (rows - 1.0));
        // Also where all or no rows have events, or each has one trial: nothing to tell the rates apart by.
        if correlation > 0.0 { (1.0 / correlation - 1.0).clamp(0.0, total) } else { total }
    }
}

impl Rate {
    fn of(self, numerator: f64, denominator: f64) -> f64 {
        if denominator + self.strength == 0.0 && !numerator.is_nan() {
            return self.prior;
        }
        (numerator + self.strength * self.prior) / (denominator + self.strength)
    }
}

impl FittedRatioFeatures {
    /// The pooled rate of each pair, in order.
    pub fn priors(&self) -> impl Iterator<Item = f64> {
        self.rates.iter().map(|rate| rate.prior)
    }

    /// The weight of the pooled rate of each pair, in units of the denominator, in order.
    pub fn prior_strengths(&self) -> impl Iterator<Item = f64> {
        self.rates.iter().map(|rate| rate.strength)
    }
}

impl Transform<Features> for FittedRatioFeatures {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        x.require_columns(KIND, &self.columns)?;
        let x = x.into_dense(KIND)?;
        refuse_infinite(KIND, &x, &self.columns)?;
        let kept = if self.keep_inputs { x.ncols() } else { 0 };
        let mut made = Array2::zeros((x.nrows(), kept + self.rates.len()));
        made.slice_mut(ndarray::s![.., ..kept]).assign(&x.slice(ndarray::s![.., ..kept]));
        for (rate, to) in self.rates.iter().zip(made.columns_mut().into_iter().skip(kept)) {
            let (numerator, denominator) = (rate.numerator as usize, rate.denominator as usize);
            if numerator.max(denominator) >= x.ncols() {
                let reason = format!("a rate of column {} of {}", numerator.max(denominator), x.ncols());
                return Err(Error::State { kind: KIND.into(), reason });
            }
            refuse_negative(&x, denominator, &self.columns)?;
            let rows = x.column(numerator).into_iter().zip(x.column(denominator));
            to.into_iter().zip(rows).for_each(|(to, (k, n))| *to = rate.of(*k, *n));
        }
        refuse_infinite(KIND, &made, &self.output)?;
        Features::trusted(made.nrows(), vec![Block::new(self.output.clone(), Values::Dense(made))?])
    }
}
