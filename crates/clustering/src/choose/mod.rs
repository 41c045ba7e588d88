//! [`ChooseK`]: how many segments, by every usual measure at once.

mod gap;
mod stability;
mod votes;

pub use gap::{Gap, fewest_by_gap, gaps};
pub use stability::Stability;
pub use votes::{MAJORITY, UNSTABLE, Votes};

use crate::{KMeans, judge, kmeans::distinct_rows, usual_starts, waves::in_waves};
use adflux_core::{Context, Error, Features, Fit as _, Result, Training, parameter};
use adflux_evaluation::metrics;
use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

const KIND: &str = "choose-k";

/// The first places of the paths of random streams.
const GAP: u64 = 1;
const STABILITY: u64 = 2;

/// Draws of either kind beyond which the last digit of an error would not move.
const MOST_DRAWS: usize = 10_000;
/// An inertia below this share of that of one segment is rounding.
const PERFECT: f64 = 1e-12;

/// How many segments, by k-means: elbow, silhouette, gap statistic, Caliński–Harabasz, Davies–Bouldin and bootstrap stability of
/// one segment to `max`, in a table, with one recommendation and its reason.
///
/// **The recommendation** is the number that most of the five measures ask for ([`Votes`]; the majority rule of Charrad et al.,
/// *NbClust*, 2014), among those whose segments come back when the rows are drawn again (a mean Jaccard similarity of [`UNSTABLE`],
/// 0.6, or more: Hennig 2007); of equals the one with the greater silhouette. It is never 1: whether the rows are segments at all is
/// said by the gap statistic, the stability and the silhouette, which the reason names.
///
/// [`AutoKMeans`](crate::AutoKMeans) chooses by silhouette and elbow alone, in a fraction of the time: a table of this kind is for the
/// choice that a person makes once.
///
/// **Gap statistic** (Tibshirani, Walther and Hastie 2001): the mean logarithm of the inertia of `references` draws of rows spread
/// evenly over the range of each column, less that of the data; the fewest segments k with gap(k) ≥ gap(k + 1) − error(k + 1).
///
/// **Stability** (Hennig, *Cluster-wise assessment of cluster stability*, 2007; `clusterboot` of R's fpc): `resamples` times the rows
/// are drawn with replacement and put into segments; of each segment of the data the greatest Jaccard similarity with one of these,
/// over the rows drawn, averaged over draws and segments.
///
/// Of more than `sample_size` rows as many are drawn, and everything is of these. The time is that of
/// (1 + references + resamples) × max × n_init k-means fits and max exact silhouettes; the memory, that of a few copies of these rows
/// for each thread, or of 32 MB of them.
///
/// ```
/// use adflux_clustering::ChooseK;
/// use adflux_core::Features;
/// use ndarray::Array2;
///
/// // Three heaps of 20 around 0, 10 and 20.
/// let x = Array2::from_shape_fn((60, 1), |(row, _)| (row / 20 * 10) as f64 + (row % 20) as f64 / 20.0);
/// let chosen = ChooseK::default().max(6).choose(&Features::from_dense(x, ["years"])?)?;
/// assert_eq!(chosen.n_clusters, 3);
/// assert_eq!(chosen.candidates.len(), 6);
/// assert_eq!(chosen.votes.silhouette, Some(3));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[doc(alias = "NbClust")]
pub struct ChooseK {
    /// The greatest number of segments, 2 or more; 10 by default. Lowered where the rows have too few distinct ones.
    pub max: usize,
    /// Draws of rows without segments, for the gap statistic; 20 by default, at most 10,000.
    pub references: usize,
    /// Draws of the rows with replacement, for the stability; 20 by default, at most 10,000. 0 leaves the stability out.
    pub resamples: usize,
    /// k-means++ starts of each fit. `None`, the default, is [`usual_starts`](crate::usual_starts) for the rows themselves, and a quarter
    /// of that, 5 at least, for each draw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_init: Option<usize>,
    /// The most rows that are looked at, 3 to 100,000; 5,000 by default. The time of silhouettes grows with its square.
    pub sample_size: usize,
    /// The seed of everything drawn; 0 by default.
    pub seed: u64,
}

impl Default for ChooseK {
    fn default() -> Self {
        ChooseK { max: 10, references: 20, resamples: 20, n_init: None, sample_size: 5_000, seed: 0 }
    }
}

/// One number of segments by every measure; what is not defined for one segment is `None` there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The number of segments.
    pub n_clusters: usize,
    /// The sum of the squared distances of the rows to their centres. Falls with every segment more.
    pub inertia: f64,
    /// The gap statistic and its error.
    pub gap: Gap,
    /// The mean silhouette, −1 to 1; larger is better.
    pub silhouette: Option<f64>,
    /// The Caliński–Harabasz index; larger is better. `None` also where every row lies on its centre.
    pub calinski_harabasz: Option<f64>,
    /// The Davies–Bouldin index; smaller is better.
    pub davies_bouldin: Option<f64>,
    /// How surely the segments come back, 0 to 1; `None` also without `resamples`.
    pub stability: Option<Stability>,
}

/// The table, what each measure asks for, and the recommendation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChosenK {
    /// The recommended number of segments, 2 or more.
    pub n_clusters: usize,
    /// Why, in words.
    pub reason: String,
    /// The number that each measure asks for.
    pub votes: Votes,
    /// One segment, two, three and so on.
    pub candidates: Vec<Candidate>,
    /// The rows that were looked at.
    pub rows: usize,
}

impl ChooseK {
    /// Up to `max` segments; everything else as the default.
    pub fn new(max: usize) -> Self {
        ChooseK { max, ..ChooseK::default() }
    }

    /// Sets the greatest number of segments.
    pub fn max(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// Sets how often rows without segments are drawn.
    pub fn references(mut self, references: usize) -> Self {
        self.references = references;
        self
    }

    /// Sets how often the rows are drawn again.
    pub fn resamples(mut self, resamples: usize) -> Self {
        self.resamples = resamples;
        self
    }

    /// Sets the starts of each fit.
    pub fn n_init(mut self, n_init: usize) -> Self {
        self.n_init = Some(n_init);
        self
    }

    /// Sets the most rows that are looked at.
    pub fn sample_size(mut self, sample_size: usize) -> Self {
        self.sample_size = sample_size;
        self
    }

    /// Sets the seed of everything drawn.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Chooses the number of segments of `x`: one dense block of finite numbers, best on one scale.
    ///
    /// # Errors
    /// When a parameter is out of range; when the features are not one dense block of finite numbers (the column and row are
    /// named); when fewer than three rows, or no two that differ, are given.
    pub fn choose(&self, x: &Features) -> Result<ChosenK> {
        self.choose_with(x, &Context::default())
    }

    /// The same, with progress, cancellation and threads; these do not change the result.
    ///
    /// # Errors
    /// As [`choose`](Self::choose), and when the work is cancelled.
    pub fn choose_with(&self, x: &Features, context: &Context) -> Result<ChosenK> {
        self.check()?;
        x.require_finite(KIND)?;
        let x = x.dense(KIND)?.view();
        context.run(|| self.of_rows(x, context))
    }

    fn check(&self) -> Result<()> {
        parameter::ensure(self.max >= 2, "max", self.max, "must be at least 2: one segment is no choice")?;
        judge::check(2, self.max, self.sample_size)?;
        parameter::between_one_and(MOST_DRAWS, "references", self.references)?;
        parameter::ensure(self.resamples <= MOST_DRAWS, "resamples", self.resamples, "must be at most 10000")?;
        self.n_init.map_or(Ok(()), |n_init| parameter::between_one_and(MOST_DRAWS, "n_init", n_init))
    }

    fn of_rows(&self, x: ArrayView2<f64>, context: &Context) -> Result<ChosenK> {
        let x = x.select(Axis(0), &judge::sample(x.nrows(), self.sample_size, self.seed));
        let max = self.max.min(distinct_rows(x.view(), None, self.max)).min(x.nrows().saturating_sub(1));
        if max < 2 {
            let reason = format!(
                "{} rows of {} columns cannot be put into two segments: give three rows, two of which differ",
                x.nrows(),
                x.ncols()
            );
            return Err(Error::data(format!("`{KIND}`: {reason}")));
        }
        let work = Work {
            recipe: self,
            // What is counted are numbers of segments, not iterations.
            quiet: Context::default().with_cancel(context.cancel_token().clone()),
            draws: (0..self.resamples as u64).map(|draw| stability::drawn(x.nrows(), self.seed, draw)).collect(),
            x,
        };
        // A step is one number of segments of the data, or all of them of one draw without segments.
        let steps = (max + self.references) as u64;
        let mut candidates = Vec::with_capacity(max);
        for k in 1..=max {
            context.check()?;
            context.report(KIND, k as u64 - 1, Some(steps));
            candidates.push(work.candidate(k)?);
        }
        let mut logs = Vec::with_capacity(self.references);
        let bytes = size_of_val(work.x.as_slice().unwrap_or_default());
        let of_draw = |draw: usize| context.check().and_then(|()| work.reference_logs(draw as u64, max));
        in_waves(self.references, bytes, of_draw, |of_draw| {
            logs.push(of_draw);
            context.report(KIND, (max + logs.len()) as u64, Some(steps));
        });
        let logs = logs.into_iter().collect::<Result<Vec<_>>>()?;
        let data: Vec<f64> = candidates.iter().map(|c| c.inertia.ln()).collect();
        candidates.iter_mut().zip(gaps(&data, &logs)).for_each(|(candidate, gap)| candidate.gap = gap);
        let total = candidates.first().map_or(0.0, |one| one.inertia);
        // Every row lies on its centre but for rounding, and rounding is what the index would be divided by.
        let perfect = candidates.iter_mut().filter(|candidate| candidate.inertia <= PERFECT * total);
        perfect.for_each(|candidate| candidate.calinski_harabasz = None);
        let votes = Votes::of(&candidates);
        let chosen = votes.elect(&candidates).ok_or_else(|| Error::data(format!("`{KIND}` has no candidates")))?;
        let most = chosen.n_clusters == self.max;
        let (n_clusters, reason) = (chosen.n_clusters, votes.reason(chosen, most));
        Ok(ChosenK { n_clusters, reason, votes, candidates, rows: work.x.nrows() })
    }
}

/// The rows, and everything that is drawn once for all numbers of segments.
struct Work<'a> {
    recipe: &'a ChooseK,
    quiet: Context,
    x: Array2<f64>,
    draws: Vec<Vec<usize>>,
}

impl Work<'_> {
    /// The inertia and the segments of rows: of the data's own, or of `drawn` ones.
    fn segments(&self, x: Array2<f64>, k: usize, drawn: bool) -> Result<(f64, Vec<u32>)> {
        let usual = usual_starts(self.x.nrows());
        let usual = if drawn { (usual / 4).max(5) } else { usual };
        let x = Features::from_dense(x, (0..self.x.ncols()).map(|i| i.to_string()))?;
        let recipe = KMeans::new(k).n_init(self.recipe.n_init.unwrap_or(usual)).seed(self.recipe.seed);
        let model = recipe.fit_with(Training::new(x), &self.quiet)?;
        Ok((model.inertia(), model.segments().to_vec()))
    }

    /// The logarithms of the inertia of one segment to `max` of rows without segments. The rows are drawn here, so that they are not
    /// held longer than they are looked at.
    fn reference_logs(&self, draw: u64, max: usize) -> Result<Vec<f64>> {
        let x = gap::without_segments(self.x.view(), self.recipe.seed, draw);
        (1..=max).map(|k| Ok(self.segments(x.clone(), k, true)?.0.ln())).collect()
    }

    /// The number `k` by every measure but the gap, which compares with others.
    fn candidate(&self, k: usize) -> Result<Candidate> {
        let (inertia, segments) = self.segments(self.x.clone(), k, false)?;
        let gap = Gap { gap: f64::NAN, error: f64::NAN };
        let alone = Candidate {
            n_clusters: k,
            inertia,
            gap,
            silhouette: None,
            calinski_harabasz: None,
            davies_bouldin: None,
            stability: None,
        };
        if k == 1 {
            return Ok(alone);
        }
        let x = self.x.view();
        Ok(Candidate {
            silhouette: Some(metrics::silhouette(x, &segments)?),
            calinski_harabasz: Some(metrics::calinski_harabasz(x, &segments)?),
            davies_bouldin: Some(metrics::davies_bouldin(x, &segments)?),
            stability: self.stability(&segments, k)?,
            ..alone
        })
    }

    fn stability(&self, segments: &[u32], k: usize) -> Result<Option<Stability>> {
        let of_draw = |drawn: &Vec<usize>| {
            let x = self.x.select(Axis(0), drawn);
            // Too few of few distinct rows were drawn: nothing to compare with.
            if distinct_rows(x.view(), None, k) < k {
                return Ok(vec![None; k]);
            }
            let (_, again) = self.segments(x, k, true)?;
            Ok(stability::similarities(segments, k, drawn, &again))
        };
        let draws: Vec<Vec<Option<f64>>> = self.draws.par_iter().map(of_draw).collect::<Result<_>>()?;
        Ok(stability::stability(&draws, k))
    }
}
