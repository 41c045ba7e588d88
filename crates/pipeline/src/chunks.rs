//! Predictions for tables larger than memory.

use crate::FittedPipeline;
use adflux_core::{Predict, Prediction, Result, Transform};
use adflux_data::{Chunk, Frame};

impl<P, M, O> FittedPipeline<P, M, O> {
    /// Predicts for one chunk after another, as they are asked for: the predictions of a chunk are those of
    /// [`run`](FittedPipeline::run) on its rows. Nothing is kept of a chunk that was passed, so the memory does not grow
    /// with the table.
    ///
    /// ```
    /// # use adflux_core::{Context, Features, Fit, Predict, Prediction, Result, Target, Training};
    /// # use adflux_pipeline::Pipeline;
    /// # use adflux_preprocessing::ColumnTransformer;
    /// # use ndarray::Array1;
    /// # #[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)] struct Mean {}
    /// # #[derive(Debug, serde::Serialize, serde::Deserialize)] struct MeanModel(f64);
    /// # adflux_core::recipe!(Mean, "mean");
    /// # adflux_core::component!(MeanModel, "mean", version = 1);
    /// # impl Fit<Training<Features>> for Mean {
    /// #     type Fitted = MeanModel;
    /// #     fn fit_with(&self, d: Training<Features>, _: &Context) -> Result<MeanModel> {
    /// #         Ok(MeanModel(d.values("mean")?.mean().unwrap_or_default()))
    /// #     }
    /// # }
    /// # impl Predict<Features> for MeanModel {
    /// #     type Output = Array1<f64>;
    /// #     fn predict(&self, x: &Features) -> Result<Array1<f64>> { Ok(Array1::from_elem(x.rows(), self.0)) }
    /// # }
    /// # let frame = adflux_data::Frame::builder().numbers("budget", vec![10.0, 20.0]).build()?;
    /// # let data = Training::new(frame.clone()).with_target(Target::Values(vec![1.0, 3.0].into()));
    /// # let fitted = Pipeline::new(ColumnTransformer::auto(&frame, &["budget"])?, Mean {}).fit(data)?;
    /// # let folder = tempfile::tempdir().map_err(adflux_core::Error::backend)?;
    /// # let path = folder.path().join("planned.csv");
    /// # frame.write(&path)?;
    /// use adflux_data::Frame;
    /// let mut sum = 0.0;
    /// for done in fitted.run_chunks(Frame::chunks(&path, 50_000, &fitted.schema)?) {
    ///     let (_, prediction): (_, Prediction) = done?;
    ///     sum += prediction.point()?.sum();
    /// }
    /// assert_eq!(sum, 4.0);
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As items: what is wrong with a chunk, and what `run` says of its rows, with the file and the row counted in it.
    pub fn run_chunks<'a, X, R>(
        &'a self,
        chunks: impl IntoIterator<Item = Result<Chunk>> + 'a,
    ) -> impl Iterator<Item = Result<(Chunk, R)>> + 'a
    where
        P: Transform<Frame, Output = X>,
        M: Predict<X>,
        M::Output: Into<Prediction>,
        O: Transform<(Frame, Prediction), Output = R>,
    {
        chunks.into_iter().map(|chunk| {
            let chunk = chunk?;
            match self.run(&chunk.frame) {
                Ok(prediction) => Ok((chunk, prediction)),
                Err(error) => Err(chunk.locate(error)),
            }
        })
    }
}
