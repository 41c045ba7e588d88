//! Mini-batch k-means: the fitted model.

use super::{KMeansModel, rows::Chunk, steps::Steps};
use crate::{centers, scale::times};
use adflux_core::{Context, Error, Features, Predict, Result, Segments, Training};
use serde::{Deserialize, Serialize};

/// Centres that go on learning from chunk after chunk.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "SavedMiniBatchKMeans")]
pub struct MiniBatchKMeansModel {
    model: KMeansModel,
    steps: Steps,
}

/// What a file says: the same, not yet checked.
#[derive(Deserialize)]
struct SavedMiniBatchKMeans {
    model: KMeansModel,
    steps: Steps,
}

impl TryFrom<SavedMiniBatchKMeans> for MiniBatchKMeansModel {
    type Error = String;

    fn try_from(saved: SavedMiniBatchKMeans) -> std::result::Result<Self, String> {
        let SavedMiniBatchKMeans { model, steps } = saved;
        if !steps.fits(model.centers().nrows()) {
            return Err("what the centres have seen does not fit them".into());
        }
        Ok(MiniBatchKMeansModel { model, steps })
    }
}

impl MiniBatchKMeansModel {
    pub(super) fn new(model: KMeansModel, steps: Steps) -> Self {
        MiniBatchKMeansModel { model, steps }
    }

    pub(super) fn with_columns_of(self, x: &Features) -> Self {
        MiniBatchKMeansModel { model: self.model.with_columns_of(x), ..self }
    }

    /// The centres and what is known of their segments. After [`update`](Self::update), counts and weights are those of all rows so
    /// far, each in the segment that it was in when its chunk came; the inertia is that of the last chunk; and `n_iter` and
    /// `converged` are those of the fit.
    pub fn model(&self) -> &KMeansModel {
        &self.model
    }

    /// The batches and chunks it has learned from.
    pub fn n_steps(&self) -> u64 {
        self.steps.taken()
    }

    /// Learns from one more chunk, as from one batch: every centre becomes the weighted mean of all rows that it has seen. Segments keep
    /// their numbers.
    ///
    /// # Errors
    /// When the chunk has no rows of weight above 0, or is not one dense block of finite numbers with the columns of the first; the
    /// model is then as it was.
    pub fn update(&mut self, chunk: Training<Features>, context: &Context) -> Result<()> {
        context.check()?;
        self.model.check_columns(&chunk.x)?;
        let chunk = Chunk::of(&chunk)?;
        context.run(|| self.learn(&chunk))
    }

    pub(super) fn learn(&mut self, chunk: &Chunk) -> Result<()> {
        let (x, counted) = (chunk.x.view(), &chunk.counted);
        let weight: f64 = (0..counted.len()).map(|row| counted.weight(row)).sum();
        if !(self.model.weights().iter().sum::<f64>() + times(weight, counted.exponent())).is_finite() {
            let reason = "with those before they are too large to be added: divide them by their mean";
            return Err(Error::column("weights", reason));
        }
        let mut moved = self.model.centers().clone();
        // What was seen and what comes are added where the larger is about 1.
        let unit = counted.weights().map_or(0, |_| counted.exponent().max(self.steps.exponent()));
        let weights = counted.weights().map(|w| w.mapv(|weight| times(weight, counted.exponent() - unit)));
        self.steps.weigh(-unit);
        self.steps.step(&mut moved, x, weights.as_ref().map(|w| w.view()));
        self.steps.weigh(unit);
        let segments = centers::nearest(&moved, &x);
        let inertia = times(centers::inertia(&moved, &x, counted.weights(), &segments), counted.exponent());
        self.model.learn(moved, &segments, counted, inertia);
        Ok(())
    }
}

impl Predict<Features> for MiniBatchKMeansModel {
    type Output = Segments;

    /// As [`KMeansModel`].
    ///
    /// # Errors
    /// As [`KMeansModel`].
    fn predict(&self, x: &Features) -> Result<Segments> {
        self.model.predict(x)
    }
}

adflux_core::component!(MiniBatchKMeansModel, "mini-batch-k-means", version = 1);
