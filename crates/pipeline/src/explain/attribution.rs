//! Which input columns moved predictions: contributions of whole pipelines.

use super::{
    lineage::by_input,
    output::{chosen, names, numbers},
    shapley::{Contribution, Explanation, credits, shown, shuffled},
};
use crate::FittedPipeline;
use adflux_core::{
    Context, Error, Predict, Prediction, Result, Rows as _, Scale, Transform, parameter::at_least_one, random::stream,
};
use adflux_data::Frame;
use ndarray::{Array1, Array2, s};
use rand::seq::index::sample;
use serde::{Deserialize, Serialize};

/// How contributions are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Exactly where the model can tell, its features each come from one input column and the postprocessor changes nothing;
    /// otherwise by permutations.
    #[default]
    Auto,
    /// TreeSHAP, exact, for trees, forests and boosting.
    Tree,
    /// Linear SHAP, exact, for linear models.
    Linear,
    /// Sampled Shapley values of the whole pipeline, for any.
    Permutation,
}

/// Explains predictions of a pipeline: what each input column adds to each of them, as Shapley values.
///
/// **Exact** contributions are those of the model's features ([`Predict::contributions`]), on its own scale (of boosting and
/// logistic regression the log odds), summed over the features that came from an input column: the one-hot columns of a category,
/// the words of a text, the parts of a date. The sum is not the Shapley value of the column as one player, which would take all of
/// its features out at once: the credit that features of *different* columns owe to each other may be shared out a little
/// differently. Both add up to the prediction.
///
/// **Permutations** take the input columns themselves as players and the whole pipeline, postprocessor included, as the game, on the
/// scale of the prediction ([`Shapley`](crate::Shapley) tells the method). Up to `permutations` background rows are walked from in an
/// order and in its reverse, all as often, which is exact where columns act in pairs at most, and the base is their mean prediction. The
/// estimator of shap's PermutationExplainer, which walks each order through all background rows; here each walk has an order of its own,
/// which says more for the same number of predictions: 2 · walks · (columns + 1) a row.
///
/// ```
/// # use adflux_core::{Context, Features, Fit, Predict, Result, Target, Training};
/// # use ndarray::Array1;
/// # #[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)] struct Double {}
/// # #[derive(Debug, serde::Serialize, serde::Deserialize)] struct Doubled {}
/// # adflux_core::recipe!(Double, "double");
/// # adflux_core::component!(Doubled, "double", version = 1);
/// # impl Fit<Training<Features>> for Double {
/// #     type Fitted = Doubled;
/// #     fn fit_with(&self, _: Training<Features>, _: &Context) -> Result<Doubled> { Ok(Doubled {}) }
/// # }
/// # impl Predict<Features> for Doubled {
/// #     type Output = Array1<f64>;
/// #     fn predict(&self, x: &Features) -> Result<Array1<f64>> { Ok(x.dense("double")?.column(0).mapv(|v| 2.0 * v)) }
/// # }
/// use adflux_data::Frame;
/// use adflux_pipeline::{Attribution, Background, Pipeline};
/// use adflux_preprocessing::{Branch, ColumnTransformer};
/// let frame = Frame::builder().numbers("budget", vec![10.0, 20.0]).build()?;
/// let data = Training::new(frame.clone()).with_target(Target::Values(vec![20.0, 40.0].into()));
/// let fitted = Pipeline::new(ColumnTransformer::new().branch(Branch::new("numbers", ["budget"])), Double {}).fit(data)?;
/// let all = Attribution::default().explain(&fitted, &frame, Background::Learned(&frame), &Context::default())?;
/// assert_eq!((all.base, all.values[[0, 0]], all.predictions[0]), (30.0, -10.0, 20.0));
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// Lundberg & Lee (2017), *A unified approach to interpreting model predictions*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Attribution {
    /// How. Default [`Method::Auto`].
    pub method: Method,
    /// The class or the one of several predictions that is explained; `None`, the default: the second of two classes, of more the one
    /// that is predicted most often, of several predictions the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Walks at least, each with an order of its own: as many background rows are drawn, and where there are fewer, walks are added until
    /// each was walked from as often as the others. Default 64.
    pub permutations: usize,
    /// Rows of a given background that trees are compared with; more are drawn from. Default 100. (Linear models take all.)
    pub background_rows: usize,
    /// The seed of what is drawn. Default 42.
    pub seed: u64,
}

impl Default for Attribution {
    fn default() -> Self {
        Attribution { method: Method::Auto, output: None, permutations: 64, background_rows: 100, seed: 42 }
    }
}

/// The rows that a row is compared with.
#[derive(Clone, Copy, Debug)]
pub enum Background<'a> {
    /// Those that the model learned from, where it remembers them, which trees do by the weights of their nodes; otherwise these.
    Learned(&'a Frame),
    /// These.
    Rows(&'a Frame),
}

/// What each input column adds to each prediction: `base` and a row of `values` add up to the prediction on `scale`.
#[derive(Clone, Debug, PartialEq)]
pub struct Attributions {
    /// `tree-path-dependent`, `tree-interventional`, `linear` or `permutation`.
    pub method: &'static str,
    /// What they add up on.
    pub scale: Scale,
    /// The class or the one of several predictions that is explained; `None` of a single number.
    pub output: Option<String>,
    /// All that could be explained.
    pub outputs: Vec<String>,
    /// What is predicted without knowing a row.
    pub base: f64,
    /// The columns that the pipeline reads.
    pub columns: Vec<String>,
    /// Rows × columns.
    pub values: Array2<f64>,
    /// What the pipeline predicts for each row, in its own unit.
    pub predictions: Array1<f64>,
}

impl Attributions {
    /// One row, with the values that its columns have in `frame`, the one that was explained; the strongest first.
    ///
    /// # Errors
    /// When there is no such row, or `frame` is another one.
    pub fn row(&self, frame: &Frame, row: usize) -> Result<Explanation> {
        if row >= self.values.nrows() || frame.rows() != self.values.nrows() {
            return Err(Error::data(format!("there is no row {} among those that were explained", row + 1)));
        }
        let mut contributions = Vec::with_capacity(self.columns.len());
        for (column, effect) in self.columns.iter().zip(self.values.row(row)) {
            contributions.push(Contribution {
                column: column.clone(),
                value: shown(frame, column, row)?,
                effect: *effect,
            });
        }
        contributions.sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()));
        let sum = self.base + self.values.row(row).sum();
        Ok(Explanation { base: self.base, prediction: sum, contributions })
    }

    /// How much each column moves predictions, whichever way: the mean of the absolute contributions, the greatest first.
    pub fn strengths(&self) -> Vec<(String, f64)> {
        let rows = self.values.nrows().max(1) as f64;
        let of = |values: ndarray::ArrayView1<f64>| values.iter().map(|v| v.abs()).sum::<f64>() / rows;
        let mut all: Vec<(String, f64)> =
            self.columns.iter().cloned().zip(self.values.columns().into_iter().map(of)).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all
    }
}

/// Numbers of the features of rows that are explained at a time.
const AT_ONCE: usize = 1 << 22;

/// Why there are no exact contributions.
enum Refused {
    /// The model has none.
    Unable,
    /// The method is for other models.
    Other(&'static str),
    /// A feature of several columns.
    Shared(adflux_core::Column),
    /// The postprocessor makes something else of what the model says.
    Changed,
}

impl Refused {
    fn error(self, asked: &'static str) -> Error {
        let reason = match self {
            Refused::Unable => "the model of this pipeline cannot tell exactly what columns add".to_string(),
            Refused::Other(method) => format!("the model of this pipeline is explained by another, `{method}`"),
            Refused::Shared(column) => format!(
                "the feature `{}` was made from several columns ({}), so what it adds is none's alone",
                column.name,
                column.sources.join(", ")
            ),
            Refused::Changed => "the postprocessor of this pipeline changes what the model predicts".into(),
        };
        Error::parameter("method", asked, format!("{reason}: take permutation, or auto"))
    }
}

impl Attribution {
    /// Explains every row of `frame`.
    ///
    /// # Errors
    /// When a parameter is out of range; when the pipeline's prediction is no number, or has no such output; when `method` is exact and
    /// the pipeline has no exact contributions; when there is nothing to compare with; when a column is missing or the prediction
    /// fails; or when the work is cancelled.
    pub fn explain<P, M, O, X>(
        &self,
        fitted: &FittedPipeline<P, M, O>,
        frame: &Frame,
        background: Background<'_>,
        context: &Context,
    ) -> Result<Attributions>
    where
        P: Transform<Frame, Output = X> + Sync,
        M: Predict<X> + Sync,
        M::Output: Into<Prediction>,
        O: Transform<(Frame, Prediction), Output = Prediction> + Sync,
    {
        at_least_one("permutations", self.permutations)?;
        at_least_one("background_rows", self.background_rows)?;
        context.check()?;
        let frame = frame.conform(&fitted.schema)?;
        let (learned, background) = match background {
            Background::Learned(otherwise) => (true, otherwise.conform(&fitted.schema)?),
            Background::Rows(rows) => (false, rows.conform(&fitted.schema)?),
        };
        if background.rows() == 0 {
            return Err(Error::data("an explanation needs a row to compare with"));
        }
        let predicted: Prediction = fitted.run(&frame)?;
        let output = chosen(&predicted, self.output.as_deref())?;
        let predictions = numbers(&predicted, output.as_deref())?;
        let asked = match self.method {
            Method::Permutation => None,
            Method::Auto => Some("auto"),
            Method::Tree => Some("tree"),
            Method::Linear => Some("linear"),
        };
        let task = Task {
            fitted,
            frame: &frame,
            background: &background,
            learned,
            columns: fitted.schema.fields.iter().map(|f| f.name.clone()).collect(),
            outputs: names(&predicted),
            output,
            predictions: predictions.into(),
            context,
        };
        if let Some(asked) = asked {
            match self.exactly(&task)? {
                Ok(found) => return Ok(found),
                Err(_) if self.method == Method::Auto => {}
                Err(refused) => return Err(refused.error(asked)),
            }
        }
        self.by_permutations(task)
    }

    /// Up to `rows` of a frame, drawn without replacement and in their order.
    fn drawn(&self, frame: &Frame, rows: usize) -> Frame {
        if frame.rows() <= rows {
            return frame.clone();
        }
        let mut chosen = sample(&mut stream(self.seed, &[u64::MAX]), frame.rows(), rows).into_vec();
        chosen.sort_unstable();
        frame.take(&chosen)
    }

    fn exactly<P, M, O, X>(&self, task: &Task<'_, P, M, O>) -> Result<Result<Attributions, Refused>>
    where
        P: Transform<Frame, Output = X>,
        M: Predict<X>,
        M::Output: Into<Prediction>,
    {
        let Task { fitted, frame, context, .. } = *task;
        let output = task.output.as_deref();
        let features = |frame: Frame| fitted.preprocessor.transform(frame).map_err(|e| e.in_step(1, "preprocessor"));
        let in_model = |e: Error| e.in_step(2, "model");
        // Whether the model remembers rows to compare with, which trees do.
        let remembers =
            fitted.model.contributions(&features(frame.take(&[]))?, None, context).map_err(in_model)?.is_some();
        let against = match (remembers, task.learned) {
            (true, true) => None,
            (true, false) => Some(features(self.drawn(task.background, self.background_rows))?),
            (false, _) => Some(features(task.background.clone())?),
        };
        let mut found: Option<Attributions> = None;
        let mut start = 0;
        let mut at_once = 256;
        while start < frame.rows() || found.is_none() {
            let rows: Vec<usize> = (start..(start + at_once).min(frame.rows())).collect();
            let x = features(frame.take(&rows))?;
            let said: Prediction = fitted.model.predict(&x).map_err(in_model)?.into();
            let same = numbers(&said, output)
                .is_ok_and(|said| said.iter().zip(task.predictions.iter().skip(start)).all(|(a, b)| a == b));
            if !same {
                return Ok(Err(Refused::Changed));
            }
            let Some(part) = fitted.model.contributions(&x, against.as_ref(), context).map_err(in_model)? else {
                return Ok(Err(Refused::Unable));
            };
            let fits = match self.method {
                Method::Tree => part.method.starts_with("tree"),
                Method::Linear => part.method == "linear",
                _ => true,
            };
            if !fits {
                return Ok(Err(Refused::Other(part.method)));
            }
            let (base, values) = match by_input(&part, output, &task.columns)? {
                Ok(summed) => summed,
                Err(column) => return Ok(Err(Refused::Shared(column))),
            };
            let all = found.get_or_insert_with(|| Attributions {
                method: part.method,
                scale: part.scale,
                output: task.output.clone(),
                outputs: task.outputs.clone(),
                base,
                columns: task.columns.clone(),
                values: Array2::zeros((frame.rows(), task.columns.len())),
                predictions: task.predictions.clone(),
            });
            all.values.slice_mut(s![start..start + rows.len(), ..]).assign(&values);
            start += rows.len();
            at_once = (AT_ONCE / part.values.len_of(ndarray::Axis(1)).max(1)).clamp(16, 1 << 16);
            context.report("rows explained", start as u64, Some(frame.rows() as u64));
        }
        found.map(Ok).ok_or_else(|| Error::data("there is no row to explain"))
    }

    fn by_permutations<P, M, O, X>(&self, task: Task<'_, P, M, O>) -> Result<Attributions>
    where
        P: Transform<Frame, Output = X> + Sync,
        M: Predict<X> + Sync,
        M::Output: Into<Prediction>,
        O: Transform<(Frame, Prediction), Output = Prediction> + Sync,
    {
        let Task { fitted, frame, background, context, columns, outputs, output, predictions, .. } = task;
        let background = self.drawn(background, self.permutations);
        // The same walks for every row, so that what is said of one does not depend on the others; as many from each row of the
        // background, so that the base is their mean.
        let walks = self.permutations.div_ceil(background.rows()).saturating_mul(background.rows());
        let orders: Vec<(Vec<usize>, usize)> = (0..walks)
            .map(|p| (shuffled(columns.len(), &mut stream(self.seed, &[p as u64])), p % background.rows()))
            .collect();
        let predict = |mixed: &Frame| numbers(&fitted.run(mixed)?, output.as_deref());
        let mut values = Array2::zeros((frame.rows(), columns.len()));
        let mut base = 0.0;
        for (row, mut to) in values.outer_iter_mut().enumerate() {
            context.check()?;
            let found = context.run(|| credits(&frame.take(&[row]), &background, &columns, &orders, predict))?;
            to.assign(&Array1::from(found.effects));
            base = found.base;
            context.report("rows explained", row as u64 + 1, Some(frame.rows() as u64));
        }
        if frame.rows() == 0 {
            let of_background = predict(&background)?;
            base = of_background.iter().sum::<f64>() / of_background.len() as f64;
        }
        let (method, scale) = ("permutation", Scale::Outcome);
        Ok(Attributions { method, scale, output, outputs, base, columns, values, predictions })
    }
}

/// What is explained.
struct Task<'a, P, M, O> {
    fitted: &'a FittedPipeline<P, M, O>,
    frame: &'a Frame,
    background: &'a Frame,
    /// Whether the rows that the model learned from are rather compared with.
    learned: bool,
    context: &'a Context,
    columns: Vec<String>,
    outputs: Vec<String>,
    output: Option<String>,
    predictions: Array1<f64>,
}
