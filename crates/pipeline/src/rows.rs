//! Predictions from structs and from JSON: what a service does with a request.

use crate::FittedPipeline;
use adflux_core::{Predict, Prediction, Result, Transform};
use adflux_data::Frame;
use serde::Serialize;

impl<P, M, O> FittedPipeline<P, M, O> {
    /// Predicts for every one of `rows`: structs whose fields are columns, as [`Frame::from_rows`] reads them. Fields are
    /// found by the names of the columns of training, whatever their order; others are ignored.
    ///
    /// ```
    /// # use adflux_core::{Context, Features, Fit, Predict, Result, Target, Training};
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
    /// #[derive(serde::Serialize)]
    /// struct Campaign { name: String, budget: f64 }
    ///
    /// let planned = Campaign { name: "Spring".into(), budget: 15.0 };
    /// assert_eq!(fitted.run_rows(&[planned])?.point()?[0], 2.0);
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Frame::from_rows`] and [`run`](FittedPipeline::run): fields that are missing are listed all at once.
    pub fn run_rows<X, R>(&self, rows: &[impl Serialize]) -> Result<R>
    where
        P: Transform<Frame, Output = X>,
        M: Predict<X>,
        M::Output: Into<Prediction>,
        O: Transform<(Frame, Prediction), Output = R>,
    {
        self.run(&Frame::from_rows(rows)?)
    }

    /// Predicts for every row of a JSON text: one object or an array of objects whose keys are columns, as
    /// [`Frame::from_json_with`] reads them for the schema of training. Keys are found by the names of the columns of training; others are ignored.
    ///
    /// # Errors
    /// As [`Frame::from_json`] and [`run`](FittedPipeline::run): keys that are missing in all rows are listed all at once.
    pub fn run_json<X, R>(&self, text: &str) -> Result<R>
    where
        P: Transform<Frame, Output = X>,
        M: Predict<X>,
        M::Output: Into<Prediction>,
        O: Transform<(Frame, Prediction), Output = R>,
    {
        self.run(&Frame::from_json_with(text, &self.schema)?)
    }
}
