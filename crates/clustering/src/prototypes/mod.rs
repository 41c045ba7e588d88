//! k-prototypes: the recipe.

mod auto;
mod init;
mod lloyd;
mod model;

pub use auto::{AutoKPrototypes, AutoKPrototypesModel};
pub use model::KPrototypesModel;

use crate::{
    counted::Counted,
    kmeans::{MOST_ITERATIONS, MOST_STARTS, random},
    mixed::{Mixed, Shape},
    scale::times,
};
use adflux_core::{Context, Error, Features, Fit, Result, Rows as _, Training, parameter, random::stream};
use lloyd::Data;
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

const KIND: &str = "k-prototypes";

/// Where the prototypes start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum PrototypeInit {
    /// Rows that are unlike each other: greedy k-means++ (Arthur and Vassilvitskii 2007) with the dissimilarity in place of the
    /// squared distance.
    #[default]
    #[serde(rename = "k-means++")]
    KMeansPlusPlus,
    /// Rows drawn at random, in proportion to their weights.
    #[serde(rename = "random")]
    Random,
    /// These rows of the training data, counted from 0, one of weight above 0 for each segment.
    #[serde(rename = "rows")]
    Rows(Vec<usize>),
}

/// Segments of rows of numbers *and* categories, without one-hot columns: each row belongs to the nearest of `n_clusters` prototypes,
/// which are the means of the numbers and the most frequent levels of their rows (Huang, *Extensions to the k-means algorithm for
/// clustering large data sets with categorical values*, 1998). Kind `k-prototypes`.
///
/// The dissimilarity of a row and a prototype is the squared Euclidean distance of the numbers, plus `gamma` for each category that
/// differs; what is minimised is its weighted sum, the cost. With categories alone this is k-modes, with numbers alone k-means (for
/// which [`KMeans`](crate::KMeans) is faster).
///
/// Takes dense blocks of finite numbers, best on one scale, and categorical blocks: put a category-encoder before it, not a
/// one-hot-encoder. A missing category is a level of its own; one that training did not have is like no other. Row weights count rows; one
/// of weight 0 is in no segment.
///
/// Parameters and their defaults are those of the Python package kmodes, but for the start, which is k-means++ (there: Cao's
/// for the categories and normal draws for the numbers). All rows are put to their prototypes before these move, where kmodes moves
/// them at each row: both end where no row has a nearer prototype, not always at the same place. Segments are numbered by weight.
///
/// O(n_init · iterations · rows · n_clusters · columns) on all threads; the result does not depend on their number.
///
/// ```
/// use adflux_clustering::KPrototypes;
/// use adflux_core::{Block, Categories, Column, Features, Fit, Predict, Training, Values};
/// use ndarray::array;
///
/// let years = Block::new(vec![Column::input("years")], Values::Dense(array![[1.0], [1.5], [9.0], [9.5], [1.2]]))?;
/// let trade = Categories { codes: vec![0, 0, 1, 1, 1], levels: ["nurse", "driver"].map(String::from).into() };
/// let trade = Block::new(vec![Column::input("trade")], Values::Category(trade))?;
/// let x = Features::new(5, vec![years, trade])?;
/// let model = KPrototypes::new(2).seed(1).fit(Training::new(x.clone()))?;
/// assert_eq!(model.counts(), [3, 2]);
/// assert_eq!(model.mode(0, "trade")?, Some("nurse"));
/// assert_eq!(model.predict(&x)?.ids, [0, 0, 1, 1, 0].map(Some));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[doc(alias = "KModes")]
pub struct KPrototypes {
    /// The number of segments; 8 by default.
    pub n_clusters: usize,
    /// What a category that differs counts, in squared units of the numbers, 0 or more. `None`, the default, is half the mean of the
    /// standard deviations of the numeric columns, as in kmodes; 1 where there are none or none varies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gamma: Option<f64>,
    /// Where the prototypes start; k-means++ by default.
    pub init: PrototypeInit,
    /// How many starts are tried, of which the best is kept; 10 by default, at most 10,000. One for rows that are given.
    pub n_init: usize,
    /// The most iterations of one start; 100 by default, at most 1,000,000.
    pub max_iter: usize,
    /// The seed of the starts; 0 by default.
    pub seed: u64,
}

impl Default for KPrototypes {
    fn default() -> Self {
        let init = PrototypeInit::default();
        KPrototypes { n_clusters: 8, gamma: None, init, n_init: 10, max_iter: 100, seed: 0 }
    }
}

impl KPrototypes {
    /// `n_clusters` segments; everything else as the default.
    pub fn new(n_clusters: usize) -> Self {
        KPrototypes { n_clusters, ..KPrototypes::default() }
    }

    /// Sets what a category that differs counts.
    pub fn gamma(mut self, gamma: f64) -> Self {
        self.gamma = Some(gamma);
        self
    }

    /// Sets where the prototypes start.
    pub fn init(mut self, init: PrototypeInit) -> Self {
        self.init = init;
        self
    }

    /// Sets how many starts are tried.
    pub fn n_init(mut self, n_init: usize) -> Self {
        self.n_init = n_init;
        self
    }

    /// Sets the most iterations of one start.
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.max_iter = max_iter;
        self
    }

    /// Sets the seed of the starts.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    fn check(&self) -> Result<()> {
        parameter::at_least_one("n_clusters", self.n_clusters)?;
        parameter::between_one_and(MOST_STARTS, "n_init", self.n_init)?;
        parameter::between_one_and(MOST_ITERATIONS, "max_iter", self.max_iter)?;
        if let Some(gamma) = self.gamma {
            parameter::non_negative("gamma", gamma)?;
        }
        if let PrototypeInit::Rows(rows) = &self.init {
            let reason = "give one row for each segment";
            parameter::ensure(rows.len() == self.n_clusters, "init", rows, reason)?;
        }
        Ok(())
    }

    /// The model, and the segment of each row that counts.
    fn fit_rows(&self, read: &Rows, context: &Context) -> Result<(KPrototypesModel, Vec<u32>)> {
        let Rows { rows, shape, counted } = read;
        let distinct = distinct(rows, self.n_clusters);
        if distinct < self.n_clusters {
            let reason = format!("there are only {distinct} distinct rows: ask for at most as many segments");
            return Err(Error::parameter("n_clusters", self.n_clusters, reason));
        }
        let gamma = self.gamma.map_or_else(|| usual_gamma(rows, counted), Ok)?;
        let weights = (0..rows.rows).map(|row| counted.weight(row)).collect();
        let data = Data::new(rows, weights, gamma, shape.categories.iter().map(|c| c.codes()).collect());
        let starts = if matches!(self.init, PrototypeInit::Rows(_)) { 1 } else { self.n_init };
        let mut best: Option<lloyd::Run> = None;
        for start in 0..starts as u64 {
            context.check()?;
            let mut rng = stream(self.seed, &[start]);
            let chosen = match &self.init {
                PrototypeInit::KMeansPlusPlus => init::plus_plus(&data, self.n_clusters, &mut rng, context)?,
                PrototypeInit::Random => random(rows.rows, |row| counted.weight(row), self.n_clusters, &mut rng),
                PrototypeInit::Rows(given) => {
                    given.iter().map(|row| given_row(*row, counted)).collect::<Result<_>>()?
                }
            };
            let run = lloyd::run(&data, data.prototypes(&chosen), self.max_iter, context)?;
            if best.as_ref().is_none_or(|best| run.cost < best.cost) {
                best = Some(run);
            }
        }
        let best = best.ok_or_else(|| Error::parameter("n_init", 0, "must be at least 1"))?;
        Ok(KPrototypesModel::from_run(best, &data, shape.clone(), counted))
    }
}

/// The place of a given row among those that count.
fn given_row(row: usize, counted: &Counted) -> Result<usize> {
    let reason = format!("there are {} rows, counted from 0", counted.rows());
    parameter::ensure(row < counted.rows(), "init", row, &reason)?;
    let found = counted.places().map_or(Ok(row), |places| places.binary_search(&row));
    found.map_err(|_| Error::parameter("init", row, "the row has weight 0: start from one that counts"))
}

/// Half the mean of the standard deviations, in which weights count rows; 1 where there is nothing to go by.
fn usual_gamma(rows: &Mixed, counted: &Counted) -> Result<f64> {
    let columns = rows.numbers.ncols();
    if columns == 0 {
        return Ok(1.0);
    }
    let total: f64 = (0..rows.rows).map(|row| counted.weight(row)).sum();
    let mean = |values: &mut dyn Iterator<Item = f64>| {
        values.enumerate().map(|(row, v)| counted.weight(row) * v).sum::<f64>() / total
    };
    let deviation = |column: ArrayView1<f64>| {
        let middle = mean(&mut column.iter().copied());
        mean(&mut column.iter().map(|v| (v - middle).powi(2))).sqrt()
    };
    let deviations = rows.numbers.columns().into_iter().map(deviation).sum::<f64>();
    match 0.5 * deviations / columns as f64 {
        gamma if gamma > 0.0 && gamma.is_finite() => Ok(gamma),
        0.0 => Ok(1.0),
        _ => Err(too_large()),
    }
}

fn too_large() -> Error {
    Error::data(format!("`{KIND}`: numbers too large to be squared: put a standard-scaler before it"))
}

/// The number of distinct rows, counted up to `limit`.
fn distinct(rows: &Mixed, limit: usize) -> usize {
    let mut distinct = HashSet::new();
    for row in 0..rows.rows {
        if distinct.len() == limit {
            break;
        }
        // Adding 0 makes −0 the same as 0.
        let numbers: Vec<u64> = rows.numbers_of(row).iter().map(|v| (v + 0.0).to_bits()).collect();
        distinct.insert((numbers, rows.codes_of(row)));
    }
    distinct.len()
}

/// The rows that count, checked, and what their columns are.
struct Rows {
    rows: Mixed,
    shape: Shape,
    counted: Counted,
}

fn read(data: &Training<Features>) -> Result<Rows> {
    data.validate()?;
    let shape = Shape::of(&data.x, KIND)?;
    let counted = Counted::new(data.x.len(), data.weights.as_ref().map(|w| w.view()))?;
    let rows = shape.read(&data.x, KIND)?;
    let rows = match counted.places() {
        Some(places) => rows.take(places),
        None => rows,
    };
    let range = |column: ndarray::ArrayView1<f64>| {
        let (least, most) = column.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (v.min(a), v.max(b)));
        (most - least).powi(2) + (most.abs().max(least.abs()) * rows.rows as f64).powi(2)
    };
    let squared: f64 = rows.numbers.columns().into_iter().map(range).sum();
    let total = (0..rows.rows).map(|row| counted.weight(row)).sum::<f64>().max(1.0);
    if !times(squared * total, counted.exponent().max(0)).is_finite() {
        return Err(too_large());
    }
    Ok(Rows { rows, shape, counted })
}

impl Fit<Training<Features>> for KPrototypes {
    type Fitted = KPrototypesModel;

    /// # Errors
    /// When a parameter is out of range; when a block is neither dense nor categorical, or a number is not finite (the column and
    /// row are named); when there are fewer distinct rows than segments; when the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<KPrototypesModel> {
        self.check()?;
        let rows = read(&data)?;
        context.run(|| self.fit_rows(&rows, context)).map(|(model, _)| model)
    }
}

adflux_core::recipe!(KPrototypes, "k-prototypes");
