//! Frames as inputs, and the components that take them: preprocessors and postprocessors.

use super::{
    Conformance,
    grid::{Answer as _, Cell, Grid},
    sample::{EXTRA, Holds, Sample},
    subject::Subject,
};
use adflux_core::{
    AnyPostprocessRecipe, AnyTransform, AnyTransformRecipe, ClassSets, Classes, Component, Context, Features, Fit,
    FitTransform, Intervals, Postprocess, Prediction, Recipe, Result, Rows as _, Segments, Training, Transform,
};
use adflux_data::{ColumnKind, Frame, FrameBuilder};
use ndarray::{Array1, Array2};

impl Sample for Frame {
    const BY_NAME: bool = true;

    fn grid(&self) -> Grid {
        let cells = |name: &str| match self.kind_of(name) {
            Ok(ColumnKind::Text) => {
                let levels = self.categories(name).expect("text can be read as categories");
                (0..self.rows()).map(|row| Cell::Text(levels.get(row).map(str::to_string))).collect()
            }
            _ => self.numbers(name).expect("no text").into_iter().map(Cell::Number).collect(),
        };
        Grid::new(self.rows(), self.names().map(|name| (name.to_string(), cells(name))).collect())
    }

    fn columns(&self) -> Vec<(String, Holds)> {
        let holds = |name: &str| match self.kind_of(name) {
            Ok(ColumnKind::Number) => Holds::Numbers,
            _ => Holds::Other,
        };
        self.names().map(|name| (name.to_string(), holds(name))).collect()
    }

    fn sources(&self) -> Vec<String> {
        self.names().map(str::to_string).collect()
    }

    fn with_own_lineage(&self) -> Self {
        self.clone()
    }

    fn map(&self, column: &str, change: &dyn Fn(usize, f64) -> f64) -> Self {
        let values = self.numbers(column).expect("a column of numbers").into_iter().enumerate();
        replaced(self, Frame::builder().numbers(column, values.map(|(row, v)| change(row, v)).collect()))
    }

    fn with_gap(&self, column: &str, row: usize) -> Self {
        match self.kind_of(column) {
            Ok(ColumnKind::Text) => {
                let levels = self.categories(column).expect("text can be read as categories");
                let texts = (0..self.rows()).map(|r| levels.get(r).filter(|_| r != row));
                replaced(self, Frame::builder().optional_texts(column, texts))
            }
            _ => self.map(column, &|r, v| if r == row { f64::NAN } else { v }),
        }
    }

    fn constant(&self, column: &str) -> Self {
        let first = self.take(&vec![0; self.rows()]);
        let column = first.select(&[column]).expect("a column of the frame");
        self.with_columns_of(&column).expect("as many rows")
    }

    fn without(&self, column: &str) -> Self {
        Frame::without(self, &[column])
    }

    fn with_extra(&self) -> Self {
        replaced(self, Frame::builder().numbers(EXTRA, vec![f64::NAN; self.rows()]))
    }

    fn reversed(&self) -> Self {
        let names: Vec<&str> = self.names().collect();
        Frame::select(self, &names.into_iter().rev().collect::<Vec<_>>()).expect("its own columns")
    }

    fn retyped(&self, column: &str) -> Self {
        replaced(
            self,
            match self.kind_of(column) {
                Ok(ColumnKind::Text) => Frame::builder().numbers(column, (0..self.rows()).map(|r| r as f64).collect()),
                _ => Frame::builder().texts(column, (0..self.rows()).map(|r| format!("word {r}"))),
            },
        )
    }

    fn select(&self, names: &[String]) -> Option<Self> {
        Frame::select(self, names).ok()
    }
}

/// The frame with the column that was built in place of its own of that name.
fn replaced(frame: &Frame, column: FrameBuilder) -> Frame {
    let column = column.build().expect("one column");
    frame.with_columns_of(&column).expect("as many rows")
}

/// A frame beside a prediction: what is done to columns is done to those of the frame.
impl Sample for (Frame, Prediction) {
    const BY_NAME: bool = true;

    fn grid(&self) -> Grid {
        let mut grid = Sample::grid(&self.0);
        grid.columns.extend(self.1.grid().columns);
        grid
    }

    fn columns(&self) -> Vec<(String, Holds)> {
        Sample::columns(&self.0)
    }

    fn sources(&self) -> Vec<String> {
        self.0.sources()
    }

    fn with_own_lineage(&self) -> Self {
        self.clone()
    }

    fn map(&self, column: &str, change: &dyn Fn(usize, f64) -> f64) -> Self {
        (self.0.map(column, change), self.1.clone())
    }

    fn with_gap(&self, column: &str, row: usize) -> Self {
        (self.0.with_gap(column, row), self.1.clone())
    }

    fn constant(&self, column: &str) -> Self {
        (self.0.constant(column), self.1.clone())
    }

    fn without(&self, column: &str) -> Self {
        (Sample::without(&self.0, column), self.1.clone())
    }

    fn with_extra(&self) -> Self {
        (self.0.with_extra(), self.1.clone())
    }

    fn reversed(&self) -> Self {
        (self.0.reversed(), self.1.clone())
    }

    fn retyped(&self, column: &str) -> Self {
        (self.0.retyped(column), self.1.clone())
    }

    fn select(&self, names: &[String]) -> Option<Self> {
        Some((Sample::select(&self.0, names)?, self.1.clone()))
    }

    fn other_predictions(&self) -> Vec<(String, Self)> {
        let rows = self.0.rows();
        let half = || Array1::from_elem(rows, 0.5);
        let labels = ["a", "b"].map(str::to_string);
        let classes = || Classes { labels: labels.clone().into(), probabilities: Array2::from_elem((rows, 2), 0.5) };
        let sets = ClassSets { classes: classes(), members: Array2::from_elem((rows, 2), true), level: 0.5 };
        let others = [
            ("numbers", Prediction::Values(half())),
            ("a number too few", Prediction::Values(half().slice_move(ndarray::s![1..]))),
            ("intervals", Prediction::Intervals(Intervals { mean: half(), lower: half(), upper: half(), level: 0.5 })),
            ("class probabilities", Prediction::Classes(classes())),
            ("sets of classes", Prediction::Sets(sets)),
            ("segments", Prediction::Segments(Segments { ids: vec![Some(0); rows], strength: half() })),
            ("several, none of them known", Prediction::Multi(vec![("unknown".into(), Prediction::Values(half()))])),
            ("several, but none", Prediction::Multi(Vec::new())),
        ];
        others.into_iter().map(|(what, p)| (format!("a prediction of {what}"), (self.0.clone(), p))).collect()
    }

    fn unpredicted(&self, row: usize) -> Option<Self> {
        unknown(&self.1, row).map(|prediction| (self.0.clone(), prediction))
    }
}

/// The prediction with NaN in every number of a row.
fn unknown(prediction: &Prediction, row: usize) -> Option<Prediction> {
    let gap = |values: &Array1<f64>| {
        let mut values = values.clone();
        *values.get_mut(row)? = f64::NAN;
        Some(values)
    };
    Some(match prediction {
        Prediction::Values(values) => Prediction::Values(gap(values)?),
        Prediction::Intervals(Intervals { mean, lower, upper, level }) => {
            Prediction::Intervals(Intervals { mean: gap(mean)?, lower: gap(lower)?, upper: gap(upper)?, level: *level })
        }
        Prediction::Classes(Classes { labels, probabilities }) => {
            let mut probabilities = probabilities.clone();
            (row < probabilities.nrows()).then(|| probabilities.row_mut(row).fill(f64::NAN))?;
            Prediction::Classes(Classes { labels: labels.clone(), probabilities })
        }
        Prediction::Multi(all) if !all.is_empty() => {
            Prediction::Multi(all.iter().map(|(n, p)| Some((n.clone(), unknown(p, row)?))).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

impl Subject for AnyPostprocessRecipe<Frame> {
    type Input = (Frame, Prediction);
    type Output = Prediction;
    type Boxed = AnyTransform<(Frame, Prediction), Prediction>;

    fn learn(&self, data: Training<(Frame, Prediction)>, context: &Context) -> Result<Self::Boxed> {
        self.fit_with(data, context)
    }

    fn answer(fitted: &Self::Boxed, input: &(Frame, Prediction)) -> Result<Prediction> {
        fitted.transform(input.clone())
    }
}

/// The conformance of a preprocessor: frame to features.
///
/// ```
/// use adflux_core::Training;
/// use adflux_data::Frame;
/// # use adflux_core::{Component, Context, Features, Fit, FitTransform, Result, Transform};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Clone, Debug, Default, Serialize, Deserialize)]
/// # #[serde(default, deny_unknown_fields)]
/// # struct Budget {}
/// # #[derive(Debug, Serialize, Deserialize)]
/// # struct FittedBudget {}
/// # adflux_core::recipe!(Budget, "budget");
/// # impl Component for FittedBudget {
/// #     const KIND: &'static str = "budget";
/// #     fn state(&self) -> Result<Vec<u8>> { adflux_core::component::encode("budget", self) }
/// #     fn from_state(_: u32, state: &[u8], _: &adflux_core::Registry) -> Result<Self> {
/// #         adflux_core::component::decode("budget", state)
/// #     }
/// #     fn inputs(&self) -> Vec<String> { vec!["budget".into()] }
/// # }
/// # impl Fit<Training<Frame>> for Budget {
/// #     type Fitted = FittedBudget;
/// #     fn fit_with(&self, data: Training<Frame>, _: &Context) -> Result<FittedBudget> {
/// #         data.validate()?;
/// #         FittedBudget {}.transform(data.x).map(|_| FittedBudget {})
/// #     }
/// # }
/// # impl FitTransform<Frame> for Budget {}
/// # impl Transform<Frame> for FittedBudget {
/// #     type Output = Features;
/// #     fn transform(&self, frame: Frame) -> Result<Features> {
/// #         let budgets = frame.numbers("budget")?;
/// #         let x = ndarray::Array2::from_shape_vec((budgets.len(), 1), budgets).unwrap();
/// #         let x = Features::from_dense(x, ["budget"])?;
/// #         x.require_finite("budget").map(|()| x)
/// #     }
/// # }
/// let budgets = (1..=20).map(f64::from).collect();
/// let campaigns = Frame::builder().numbers("budget", budgets).numbers("id", vec![0.0; 20]).build()?;
/// // `Budget` makes the one feature `budget` of a frame.
/// adflux_testing::conformance::preprocessor(Budget {}, Training::new(campaigns)).check();
/// # Ok::<(), adflux_core::Error>(())
/// ```
pub fn preprocessor<R>(recipe: R, training: Training<Frame>) -> Conformance<R, AnyTransformRecipe<Frame, Features>>
where
    R: Recipe + FitTransform<Frame>,
    R::Fitted: Component + Transform<Frame, Output = Features>,
{
    Conformance::new(recipe, training, AnyTransformRecipe::new, |registry| {
        registry.transform::<Frame, Features, R>().map(drop)
    })
}

/// The conformance of a postprocessor: frame and prediction to prediction. `training` holds what it
/// [needs](adflux_core::Needs): the predictions, and the target.
pub fn postprocessor<R>(
    recipe: R,
    training: Training<(Frame, Prediction)>,
) -> Conformance<R, AnyPostprocessRecipe<Frame>>
where
    R: Recipe + Postprocess<Frame, Prediction>,
    R::Fitted: Component + Transform<(Frame, Prediction), Output = Prediction>,
{
    Conformance::new(recipe, training, AnyPostprocessRecipe::new, |registry| {
        registry.postprocessor::<Frame, R>().map(drop)
    })
}
