//! Mini-batch k-means: the recipe.

use super::{
    Init, KMeansModel, MOST_ITERATIONS, MOST_STARTS,
    data::Data,
    lloyd::Run,
    mini_batch_model::MiniBatchKMeansModel,
    rows::{Chunk, Rows},
    steps::Steps,
};
use crate::{centers, counted::Counted, scale::times};
use adflux_core::{Context, Error, Features, Fit, Result, Training, parameter, random::stream};
use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

pub(super) const KIND: &str = "mini-batch-k-means";

/// Streams of the seed: the rows that starts are judged on, and the rows of each step. Starts have those of [`KMeans`].
const OF_JUDGES: u64 = 1 << 32;
const OF_BATCHES: u64 = (1 << 32) + 1;

/// k-means by small random samples of the rows, each of which moves the centres a little (Sculley 2010): faster than
/// [`KMeans`](crate::KMeans) on many rows, at an inertia that is a little higher, and able to learn from chunks that do not fit in
/// memory together. Kind `mini-batch-k-means`.
///
/// Takes one dense block of finite numbers, and row weights (rows of weight 0 are left out). Algorithm, names and defaults are
/// scikit-learn's; the tolerance counts weights, as that of [`KMeans`](crate::KMeans). O(`batch_size` · `n_clusters` · columns) time a
/// step, and one pass over all rows at the end. The result does not depend on the number of threads. Segments are numbered by size: 0
/// is the heaviest.
///
/// [`start`](MiniBatchKMeans::start) and [`MiniBatchKMeansModel::update`] are scikit-learn's `partial_fit`: each chunk is one step.
///
/// ```
/// use adflux_clustering::MiniBatchKMeans;
/// use adflux_core::{Context, Features, Training};
/// use ndarray::array;
///
/// let chunk = |years| Features::from_dense(years, ["years"]).map(Training::new);
/// let context = Context::default();
/// let mut model = MiniBatchKMeans::new(2).start(chunk(array![[1.0], [2.0], [20.0], [22.0]])?, &context)?;
/// model.update(chunk(array![[3.0], [24.0]])?, &context)?;
/// let mut centers = model.model().centers().column(0).to_vec();
/// centers.sort_by(f64::total_cmp);
/// assert_eq!(centers, [2.0, 22.0]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MiniBatchKMeans {
    /// The number of segments; 8 by default.
    pub n_clusters: usize,
    /// Where the centres start; k-means++ by default.
    pub init: Init,
    /// How many starts are tried, of which the one is taken that has the least inertia on a sample of `init_size` rows. `None`, the
    /// default, is scikit-learn's `auto`: 3 for [`Init::Random`], otherwise 1; at most 10,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_init: Option<usize>,
    /// The rows that a start is drawn from. `None`, the default, is 3 · `batch_size`, or 3 · `n_clusters` when that is fewer than
    /// `n_clusters`; never more than there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init_size: Option<usize>,
    /// The rows of a step, drawn with replacement; 1,024 by default, and never more than there are.
    pub batch_size: usize,
    /// The most passes over the data, up to 1,000,000: `max_iter` · rows / `batch_size` steps; 100 by default.
    pub max_iter: usize,
    /// The fit has converged when the centres move in a step by less: the sum of their squared shifts is at most `tol` times the mean
    /// variance of the columns. 0, the default, is never.
    pub tol: f64,
    /// The fit has converged after so many steps in a row in which the smoothed inertia of the batches was not at its lowest; 10
    /// by default. 0 is never (scikit-learn's `None`).
    pub max_no_improvement: usize,
    /// Centres that have seen less than this share of what the fullest has seen are put on a row of the batch, from time to time; 0 to
    /// 1, 0.01 by default. 0 is never.
    pub reassignment_ratio: f64,
    /// The seed of starts and batches; 0 by default.
    pub seed: u64,
}

impl Default for MiniBatchKMeans {
    fn default() -> Self {
        MiniBatchKMeans {
            n_clusters: 8,
            init: Init::default(),
            n_init: None,
            init_size: None,
            batch_size: 1024,
            max_iter: 100,
            tol: 0.0,
            max_no_improvement: 10,
            reassignment_ratio: 0.01,
            seed: 0,
        }
    }
}

impl MiniBatchKMeans {
    /// `n_clusters` segments; everything else as the default.
    pub fn new(n_clusters: usize) -> Self {
        MiniBatchKMeans { n_clusters, ..MiniBatchKMeans::default() }
    }

    /// Sets where the centres start.
    pub fn init(mut self, init: Init) -> Self {
        self.init = init;
        self
    }

    /// Starts from the given centres (segments × columns), as many segments as there are.
    pub fn centers(mut self, centers: ArrayView2<f64>) -> Self {
        self.n_clusters = centers.nrows();
        self.init = Init::from_centers(centers);
        self
    }

    /// Sets how many starts are tried.
    pub fn n_init(mut self, n_init: usize) -> Self {
        self.n_init = Some(n_init);
        self
    }

    /// Sets the rows that a start is drawn from.
    pub fn init_size(mut self, init_size: usize) -> Self {
        self.init_size = Some(init_size);
        self
    }

    /// Sets the rows of a step.
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = batch_size;
        self
    }

    /// Sets the most passes over the data.
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.max_iter = max_iter;
        self
    }

    /// Sets the tolerance of convergence.
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    /// Sets the steps without improvement after which the fit has converged; 0 is never.
    pub fn max_no_improvement(mut self, max_no_improvement: usize) -> Self {
        self.max_no_improvement = max_no_improvement;
        self
    }

    /// Sets the share below which a centre is put elsewhere.
    pub fn reassignment_ratio(mut self, reassignment_ratio: f64) -> Self {
        self.reassignment_ratio = reassignment_ratio;
        self
    }

    /// Sets the seed of starts and batches.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    fn check(&self) -> Result<()> {
        parameter::at_least_one("n_clusters", self.n_clusters)?;
        parameter::at_least_one("batch_size", self.batch_size)?;
        parameter::between_one_and(MOST_ITERATIONS, "max_iter", self.max_iter)?;
        parameter::non_negative("tol", self.tol)?;
        if let Some(n_init) = self.n_init {
            parameter::between_one_and(MOST_STARTS, "n_init", n_init)?;
        }
        if let Some(init_size) = self.init_size {
            let reason = format!("must be at least n_clusters, {}", self.n_clusters);
            parameter::ensure(init_size >= self.n_clusters, "init_size", init_size, &reason)?;
        }
        let ratio = self.reassignment_ratio;
        parameter::ensure((0.0..=1.0).contains(&ratio), "reassignment_ratio", ratio, "must be from 0 to 1")
    }

    /// Begins with the first chunk of a stream, which the start is drawn from: one step. [`MiniBatchKMeansModel::update`] takes the
    /// next. Of the parameters, `n_init`, `max_iter`, `tol` and `max_no_improvement` are not used, as in scikit-learn. The segments
    /// keep the numbers of the start.
    ///
    /// # Errors
    /// As [`fit`](Fit::fit); the chunk must have as many distinct rows as there are segments.
    pub fn start(&self, chunk: Training<Features>, context: &Context) -> Result<MiniBatchKMeansModel> {
        self.check()?;
        let chunk = Chunk::of(&chunk)?;
        context.run(|| {
            let rows = Rows::new(&chunk, self.n_clusters)?;
            let centers = rows.original(&self.start_of(&rows, 0, context)?);
            let steps =
                Steps::new(self.n_clusters, self.batch_size.min(rows.len()), self.reassignment_ratio, self.seed);
            let model = KMeansModel::unseen(centers).with_columns_of(chunk.features);
            let mut model = MiniBatchKMeansModel::new(model, steps);
            model.learn(&chunk)?;
            Ok(model)
        })
    }

    /// The rows that a start is drawn from, and that starts are judged on, of so many.
    fn sample_size(&self, rows: usize) -> usize {
        let usual = match self.batch_size.min(rows).saturating_mul(3) {
            few if few < self.n_clusters => self.n_clusters.saturating_mul(3),
            enough => enough,
        };
        self.init_size.unwrap_or(usual).min(rows)
    }

    /// The centres of a start.
    fn start_of(&self, rows: &Rows, start: u64, context: &Context) -> Result<Array2<f64>> {
        if let Some(centers) = self.init.given(self.n_clusters, rows.x.ncols())? {
            return rows.placed(&centers);
        }
        let mut rng = stream(self.seed, &[start]);
        let size = self.sample_size(rows.len());
        // All rows, or as many drawn from them with replacement.
        let sample = if size < rows.len() { rows.draw(size, &mut rng) } else { rows.all() };
        let counted = Counted::new(sample.x.nrows(), sample.weights())?;
        let data = Data::new(sample.x.view(), &counted);
        let chosen = self.init.drawn(&data, self.n_clusters, &mut rng, context)?;
        Ok(sample.x.select(Axis(0), &chosen))
    }

    /// The model of checked parameters.
    pub(crate) fn fit_training(&self, data: &Training<Features>, context: &Context) -> Result<MiniBatchKMeansModel> {
        self.fit_rows(&Chunk::of(data)?, context)
    }

    fn fit_rows(&self, chunk: &Chunk, context: &Context) -> Result<MiniBatchKMeansModel> {
        let rows = Rows::new(chunk, self.n_clusters)?;
        let batch_size = self.batch_size.min(rows.len());
        let mut centers = self.best_start(&rows, context)?;
        let mut steps = Steps::new(self.n_clusters, batch_size, self.reassignment_ratio, self.seed);
        let most = ((self.max_iter as u128 * rows.len() as u128) / batch_size as u128).min(u64::MAX.into()) as u64;
        let mut patience = Patience::new(self, &rows, batch_size)?;
        let mut converged = false;
        while steps.taken() < most && !converged {
            context.check()?;
            context.report(KIND, steps.taken(), Some(most));
            let batch = rows.draw(batch_size, &mut stream(self.seed, &[OF_BATCHES, steps.taken()]));
            let before = (self.tol > 0.0).then(|| centers.clone());
            let inertia = steps.step(&mut centers, batch.x.view(), batch.weights());
            let shift = before.map(|before| (&before - &centers).mapv(|v| v * v).sum());
            converged = patience.is_over(inertia, shift);
        }
        let centers = rows.original(&centers);
        let segments = centers::nearest(&centers, &rows.x);
        let inertia = centers::inertia(&centers, &rows.x, rows.counted.weights(), &segments);
        let n_iter = (steps.taken() as usize * batch_size).div_ceil(rows.len());
        let inertia = times(inertia, rows.counted.exponent());
        let run = Run { centers, segments, inertia, n_iter, converged };
        let (model, rank) = KMeansModel::from_run(run, rows.counted);
        steps.reorder(&rank);
        steps.weigh(rows.counted.exponent());
        Ok(MiniBatchKMeansModel::new(model, steps))
    }

    /// The best of the starts.
    fn best_start(&self, rows: &Rows, context: &Context) -> Result<Array2<f64>> {
        let starts = match self.init {
            Init::Centers(_) => 1,
            Init::Random => self.n_init.unwrap_or(3),
            Init::KMeansPlusPlus => self.n_init.unwrap_or(1),
        };
        if starts == 1 {
            return self.start_of(rows, 0, context);
        }
        let judges = rows.draw(self.sample_size(rows.len()), &mut stream(self.seed, &[OF_JUDGES]));
        let mut best: Option<(f64, Array2<f64>)> = None;
        for start in 0..starts as u64 {
            context.check()?;
            let centers = self.start_of(rows, start, context)?;
            let segments = centers::nearest(&centers, &judges.x.view());
            let inertia = centers::inertia(&centers, &judges.x.view(), judges.weights(), &segments);
            if best.as_ref().is_none_or(|(least, _)| inertia < *least) {
                best = Some((inertia, centers));
            }
        }
        let none = || Error::parameter("n_init", 0, "must be at least 1");
        best.map(|(_, centers)| centers).ok_or_else(none)
    }
}

/// When to stop: scikit-learn's rules.
struct Patience {
    tolerance: f64,
    most: usize,
    batch_size: f64,
    /// How much a batch counts in the smoothed inertia.
    share: f64,
    first: bool,
    smoothed: Option<f64>,
    lowest: f64,
    without: usize,
}

impl Patience {
    fn new(recipe: &MiniBatchKMeans, rows: &Rows, batch_size: usize) -> Result<Self> {
        let variance = match recipe.tol {
            0.0 => 0.0,
            _ => {
                let data = Data::new(rows.x, rows.counted);
                times(data.mean_variance(KIND)?, 2 * (data.exponent() - rows.exponent))
            }
        };
        Ok(Patience {
            tolerance: recipe.tol * variance,
            most: recipe.max_no_improvement,
            batch_size: batch_size as f64,
            share: (2.0 * batch_size as f64 / (rows.len() + 1) as f64).min(1.0),
            first: true,
            smoothed: None,
            lowest: f64::INFINITY,
            without: 0,
        })
    }

    /// Takes note of a step: the inertia of its batch before it, and how far the centres went, where that counts.
    fn is_over(&mut self, inertia: f64, shift: Option<f64>) -> bool {
        // The first inertia is that of the start.
        if std::mem::take(&mut self.first) {
            return false;
        }
        let inertia = inertia / self.batch_size;
        let smoothed = self.smoothed.map_or(inertia, |before| before * (1.0 - self.share) + inertia * self.share);
        self.smoothed = Some(smoothed);
        if shift.is_some_and(|shift| shift <= self.tolerance) {
            return true;
        }
        self.without = if smoothed < self.lowest { 0 } else { self.without + 1 };
        self.lowest = self.lowest.min(smoothed);
        self.most > 0 && self.without >= self.most
    }
}

impl Fit<Training<Features>> for MiniBatchKMeans {
    type Fitted = MiniBatchKMeansModel;

    /// # Errors
    /// When a parameter is out of range; when the features are not one dense block of finite numbers (the column and row are
    /// named); when there are fewer distinct rows than segments; when the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<MiniBatchKMeansModel> {
        self.check()?;
        let model = context.run(|| self.fit_training(&data, context))?;
        Ok(model.with_columns_of(&data.x))
    }
}

adflux_core::recipe!(MiniBatchKMeans, "mini-batch-k-means");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_drawn_from_and_judged_on_as_many_rows_as_in_scikit_learn() {
        let size = |k: usize, batch: usize, rows: usize| MiniBatchKMeans::new(k).batch_size(batch).sample_size(rows);
        assert_eq!((size(8, 100, 5_000), size(8, 100, 200), size(8, 100, 60)), (300, 200, 60));
        assert_eq!((size(2_000, 100, 100_000), size(300, 100, 5_000)), (6_000, 300));
        assert_eq!(size(8, usize::MAX, 50), 50);
        assert_eq!(MiniBatchKMeans::new(2).init_size(7).sample_size(100), 7);
    }
}
