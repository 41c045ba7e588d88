//! Which parameters are best: points of a [`Space`] are tried one after another, and the best is kept.
//!
//! | method | what it tries | when |
//! |---|---|---|
//! | [`Grid`](Method::Grid) | every combination | few values of few parameters |
//! | [`Random`](Method::Random) | draws (Bergstra and Bengio 2012) | many parameters of which few matter |
//! | [`Halving`](Method::Halving) | draws, all on little data, the better ones on more (Jamieson and Talwalkar 2016) | fits are slow, and what is good on few rows is good on all |
//! | [`Tpe`](Method::Tpe) | draws near what was good so far (Bergstra et al. 2011) | from some dozen trials on |
//!
//! The search knows nothing of models: an objective says how good a point is. Each trial follows from the seed and the trials
//! before it, so that the same search tries the same points, whatever the number of threads; with a [log](Study::log) it goes on
//! where it was stopped.
//!
//! ```
//! use adflux_core::Context;
//! use adflux_evaluation::search::{Dimension, Search, Space};
//! let space = Space::new().with("x", Dimension::float(-5.0, 5.0)).with("n", Dimension::integer(1, 9));
//! let found = Search::tpe(60).study(&space).minimize(
//!     |candidate, _| {
//!         let (x, n) = (candidate.float("x")?, candidate.integer("n")?);
//!         Ok(((x - 2.0).powi(2) + (n - 4).abs() as f64).into())
//!     },
//!     &Context::default(),
//! )?;
//! assert!(found.best().value < Some(0.5));
//! # Ok::<(), adflux_core::Error>(())
//! ```
//!
//! Pipelines are searched over by `adflux_pipeline::PipelineSearch`, whose objective is cross-validation.

mod dimension;
mod fresh;
mod grid;
mod halving;
mod log;
mod space;
mod study;
mod tpe;
mod trial;

pub use dimension::Dimension;
pub use halving::Halving;
pub use space::Space;
pub use study::{Found, Goal, Study};
pub use tpe::Tpe;
pub use trial::{Candidate, Evaluation, Trial};

use adflux_core::{
    Result,
    parameter::{between_one_and, positive},
};
use serde::{Deserialize, Serialize};

/// How points are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Method {
    /// Every combination of the values of each dimension, the last path changing fastest.
    Grid,
    /// Draws, each number evenly over its range (its logarithm, where it is so marked), each choice as likely as the others.
    Random,
    /// [`Halving`].
    Halving,
    /// [`Tpe`].
    #[default]
    Tpe,
}

/// The recipe of a search.
///
/// ```
/// use adflux_evaluation::search::{Method, Search};
/// let read: Search = toml::from_str("method = 'halving'\ntrials = 27\nhalving = { factor = 3 }")?;
/// assert_eq!((read.method, read.trials), (Method::Halving, 27));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Search {
    /// How points are chosen. Default TPE.
    pub method: Method,
    /// How many points are tried, at most 100,000; of successive halving how many begin. A grid of more points is refused.
    /// Default 50.
    pub trials: usize,
    /// The seed of all draws. Default 42.
    pub seed: u64,
    /// No trial is begun after so many seconds of trials. What was tried is in the result and in the log: with `trials` set to
    /// their number the same search is had again. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_seconds: Option<f64>,
    /// How many values of a number are in a grid, at most 100,000. Default 5.
    pub grid_points: usize,
    /// What successive halving needs to know.
    pub halving: Halving,
    /// What TPE needs to know.
    pub tpe: Tpe,
}

impl Default for Search {
    fn default() -> Self {
        Search {
            method: Method::default(),
            trials: 50,
            seed: 42,
            max_seconds: None,
            grid_points: 5,
            halving: Halving::default(),
            tpe: Tpe::default(),
        }
    }
}

/// More than this would rather be a loop of the caller's own.
const MOST_TRIALS: usize = 100_000;

impl Search {
    /// A grid of at most so many points.
    pub fn grid(trials: usize) -> Self {
        Search { method: Method::Grid, trials, ..Search::default() }
    }

    /// So many draws.
    pub fn random(trials: usize) -> Self {
        Search { method: Method::Random, trials, ..Search::default() }
    }

    /// Successive halving that begins with so many points.
    pub fn successive_halving(trials: usize) -> Self {
        Search { method: Method::Halving, trials, ..Search::default() }
    }

    /// TPE with so many trials.
    pub fn tpe(trials: usize) -> Self {
        Search { method: Method::Tpe, trials, ..Search::default() }
    }

    /// The seed of all draws.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// No trial is begun after so many seconds of trials.
    pub fn max_seconds(mut self, seconds: f64) -> Self {
        self.max_seconds = Some(seconds);
        self
    }

    /// How many values of a number are in a grid.
    pub fn grid_points(mut self, points: usize) -> Self {
        self.grid_points = points;
        self
    }

    /// What successive halving needs to know.
    pub fn halving(mut self, halving: Halving) -> Self {
        self.halving = halving;
        self
    }

    /// This search over a space, ready to be run.
    pub fn study<'a>(&'a self, space: &'a Space) -> Study<'a> {
        Study::new(self, space)
    }

    fn check(&self) -> Result<()> {
        between_one_and(MOST_TRIALS, "trials", self.trials)?;
        between_one_and(MOST_TRIALS, "grid_points", self.grid_points)?;
        self.max_seconds.map_or(Ok(()), |seconds| positive("max_seconds", seconds))?;
        self.halving.check()?;
        self.tpe.check()
    }
}
