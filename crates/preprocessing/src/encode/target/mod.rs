//! [`TargetEncoder`]: the mean of the target where the level stood.

mod encoding;

use super::levels::{Levels, Pooling, category_of, dense_of};
use crate::step::{same_blocks, same_columns};
use adflux_core::{
    Block, Column, Context, Error, Features, Fit, FitTransform, Result, Target, Training, Transform, Values, parameter,
};
use adflux_evaluation::splits::{Fold, FoldOptions, k_fold};
use encoding::{Outcomes, encode};
use ndarray::{Array1, Array2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub use encoding::Smooth;

/// What the target of a [`TargetEncoder`] is taken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetType {
    /// Numbers are continuous, two classes binary, more classes multiclass.
    #[default]
    Auto,
    /// Numbers.
    Continuous,
    /// Two classes: a level becomes the rate of the second.
    Binary,
    /// Classes: a level becomes the rate of each, in a column each.
    Multiclass,
}

/// Turns each categorical column into what the target was on average where its level stood: one number for a category of any
/// number of levels.
///
/// The mean of a level is drawn towards the mean of all rows, the more so the fewer rows the level has: with `smooth = m` it is
/// `(Σ y + m · mean) / (n + m)` over its n rows; with `auto` it is `λ · ȳ + (1 − λ) · mean` where
/// `λ = σ² n / (σ² n + s²)`, s² being the variance of the target within the level and σ² that over all rows (empirical Bayes). A missing value is a
/// level. A level that training did not have becomes the mean. The column of `city` is called `city:target`, or
/// `city:target=<class>` of each class.
///
/// **No leak.** A row's own target must not be in its feature, or a model trusts the feature for what it will not be later: of a
/// column of levels that are nearly all different, the target itself could be read. So `fit_transform`, which a pipeline trains with, encodes
/// every row by the other folds of `cv`: the output in training is *not* that of the fitted encoder, which has learned from all rows.
/// Rows of one group stay in one fold, with `time` folds are contiguous in time, and of classes folds are stratified, as
/// [`k_fold`] does it.
///
/// Takes categorical blocks and gives one dense block; needs a target of numbers or classes. A row of weight w counts w times, in
/// means, variances and n. Parameters, defaults and results are scikit-learn's `TargetEncoder`, apart from two things: numbers are never taken
/// for classes, and the shuffle of the folds has a seed always. O(rows × columns), `cv + 1` times in training; folds in parallel.
///
/// Reference: Micci-Barreca (2001), *A preprocessing scheme for high-cardinality categorical attributes*.
///
/// ```
/// use adflux_core::{Block, Categories, Column, Features, Fit, Target, Training, Transform, Values};
/// use adflux_preprocessing::{Smooth, TargetEncoder};
/// use ndarray::array;
///
/// let city = Categories { codes: vec![0, 0, 1, 1], levels: vec!["Lugo".to_string(), "Soria".to_string()].into() };
/// let x = Features::new(4, vec![Block::new(vec![Column::input("city")], Values::Category(city))?])?;
/// let clicks = Training::new(x.clone()).with_target(Target::Values(array![1.0, 3.0, 5.0, 7.0]));
/// let encoder = TargetEncoder::default().smooth(Smooth::Rows(2.0)).fit(clicks)?;
/// assert_eq!(encoder.transform(x)?.dense("example")?, array![[3.0], [3.0], [5.0], [5.0]]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TargetEncoder {
    /// What the target is taken for. Default: [`TargetType::Auto`].
    pub target_type: TargetType,
    /// How much means are drawn together: `auto`, or the rows that the mean of all counts as. Default: `auto`.
    pub smooth: Smooth,
    /// Into how many folds the training rows are cut to be encoded by the others. Default: 5.
    pub cv: usize,
    /// Whether the rows are shuffled before they are cut into folds. Default: `true`.
    pub shuffle: bool,
    /// The seed of the shuffle. Default: 0.
    pub seed: u64,
}

impl Default for TargetEncoder {
    fn default() -> Self {
        TargetEncoder { target_type: TargetType::Auto, smooth: Smooth::Auto, cv: 5, shuffle: true, seed: 0 }
    }
}

impl TargetEncoder {
    /// What the target is taken for.
    pub fn target_type(mut self, target_type: TargetType) -> Self {
        self.target_type = target_type;
        self
    }

    /// How much means are drawn together.
    pub fn smooth(mut self, smooth: Smooth) -> Self {
        self.smooth = smooth;
        self
    }

    /// Into how many folds the training rows are cut to be encoded by the others.
    pub fn cv(mut self, cv: usize) -> Self {
        self.cv = cv;
        self
    }

    /// Whether the rows are shuffled before they are cut into folds.
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }

    /// The seed of the shuffle.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
}

/// A fitted [`TargetEncoder`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FittedTargetEncoder {
    categories: Vec<Encoded>,
    /// Of each outcome: what a level that training did not have becomes.
    #[serde(with = "adflux_core::arrays")]
    mean: Vec<f64>,
    output: Arc<[Column]>,
}

/// One category.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Encoded {
    columns: Arc<[Column]>,
    levels: Levels,
    /// Levels × outcomes.
    #[serde(with = "adflux_core::arrays")]
    encodings: Array2<f64>,
}

adflux_core::recipe!(TargetEncoder, "target-encoder");
adflux_core::component!(FittedTargetEncoder, "target-encoder", version = 1);
const KIND: &str = "target-encoder";

/// What a fit looks at: the level of every row of every category, and the outcomes.
struct Table<'a> {
    blocks: Vec<(&'a Block, Levels, Vec<u32>)>,
    outcomes: Outcomes,
}

impl TargetEncoder {
    fn read<'a>(&self, data: &'a Training<Features>, context: &Context) -> Result<Table<'a>> {
        parameter::ensure(self.cv >= 2, "cv", self.cv, "at least 2 folds are needed")?;
        if let Smooth::Rows(rows) = self.smooth {
            parameter::non_negative("smooth", rows)?;
        }
        let outcomes = self.outcomes(data)?;
        let read = |block: &'a Block| {
            context.check()?;
            let (_, x) = category_of(KIND, block)?;
            let (levels, _) = Levels::learn(x, true, Pooling::NONE);
            let coded = levels.coded(x, |place| place.unwrap_or(u32::MAX));
            let codes = (0..coded.rows()).map(|row| coded.get(row)).collect();
            Ok((block, levels, codes))
        };
        Ok(Table { blocks: data.x.blocks().iter().map(read).collect::<Result<_>>()?, outcomes })
    }

    fn outcomes(&self, data: &Training<Features>) -> Result<Outcomes> {
        let weights = data.weights.as_ref().map(Array1::to_vec);
        let classes = match (self.target_type, &data.target) {
            (TargetType::Auto | TargetType::Continuous, Some(Target::Values(y))) => {
                return Ok(Outcomes { columns: vec![(String::new(), y.to_vec())], weights });
            }
            (TargetType::Continuous, _) => {
                data.values(KIND)?;
                return Err(Error::data(format!("`{KIND}` needs a numeric target")));
            }
            (TargetType::Auto, None) => {
                let reason =
                    format!("`{KIND}` needs a target of numbers or classes: use `frequency-encoder` without one");
                return Err(Error::data(reason));
            }
            (TargetType::Auto, Some(Target::Multi(_))) => {
                return Err(Error::data(format!("`{KIND}` takes one target, not several")));
            }
            _ => data.classes(KIND)?,
        };
        let of = |class: usize| classes.codes.iter().map(|code| f64::from(u8::from(*code as usize == class))).collect();
        let labels = &classes.labels;
        let binary = match self.target_type {
            TargetType::Binary if labels.len() != 2 => {
                let reason = format!("the target has {} classes: use `multiclass`, or leave it `auto`", labels.len());
                return Err(Error::parameter("target_type", "binary", reason));
            }
            TargetType::Multiclass => false,
            _ => labels.len() == 2,
        };
        let columns = if binary {
            vec![(String::new(), of(1))]
        } else {
            labels.iter().enumerate().map(|(class, label)| (format!("={label}"), of(class))).collect()
        };
        Ok(Outcomes { columns, weights })
    }

    fn fitted(&self, table: &Table<'_>) -> FittedTargetEncoder {
        let every_row: Vec<usize> = (0..table.outcomes.rows()).collect();
        let means = table.outcomes.moments(&every_row);
        let category = |(block, levels, codes): &(&Block, Levels, Vec<u32>)| Encoded {
            columns: block.columns().clone(),
            levels: levels.clone(),
            encodings: encode(&every_row, codes, levels.len(), &table.outcomes, &means, self.smooth),
        };
        let names = |column: &'_ Column| {
            let name = |suffix: &String| column.derive(format!("{}:target{suffix}", column.name));
            table.outcomes.columns.iter().map(|(suffix, _)| name(suffix)).collect::<Vec<_>>()
        };
        FittedTargetEncoder {
            categories: table.blocks.iter().map(category).collect(),
            mean: means.iter().map(|moments| moments.mean).collect(),
            output: table.blocks.iter().flat_map(|(block, ..)| block.columns().iter()).flat_map(names).collect(),
        }
    }

    fn folds(&self, data: &Training<Features>) -> Result<Vec<Fold>> {
        let groups = data.groups.as_ref().map(Array1::to_vec);
        let time = data.time.as_ref().map(Array1::to_vec);
        let strata = match &data.target {
            Some(Target::Classes(classes)) => Some(classes.codes.to_vec()),
            _ => None,
        };
        let options = FoldOptions {
            groups: groups.as_deref(),
            time: time.as_deref(),
            strata: strata.as_deref(),
            shuffle: self.shuffle.then_some(self.seed),
        };
        k_fold(data.x.rows(), self.cv, &options).map_err(|e| match e {
            Error::Parameter { value, reason, .. } => Error::Parameter { name: "cv", value, reason },
            other => other,
        })
    }

    /// The training rows, each encoded by the folds that it is not in.
    fn cross_fit(&self, table: &Table<'_>, folds: &[Fold], output: &Arc<[Column]>, context: &Context) -> Result<Block> {
        let outcomes = table.outcomes.columns.len();
        let width = table.blocks.len() * outcomes;
        let encode_fold = |fold: &Fold| {
            context.check()?;
            let means = table.outcomes.moments(&fold.train);
            let mut x = Array2::zeros((fold.test.len(), width));
            for (place, (_, levels, codes)) in table.blocks.iter().enumerate() {
                let encodings = encode(&fold.train, codes, levels.len(), &table.outcomes, &means, self.smooth);
                for (row, mut values) in fold.test.iter().zip(x.rows_mut()) {
                    for outcome in 0..outcomes {
                        values[place * outcomes + outcome] = encodings[[codes[*row] as usize, outcome]];
                    }
                }
            }
            Ok(x)
        };
        let encoded: Vec<Array2<f64>> = folds.par_iter().map(encode_fold).collect::<Result<_>>()?;
        let mut x = Array2::zeros((table.outcomes.rows(), width));
        for (fold, encoded) in folds.iter().zip(encoded) {
            for (row, values) in fold.test.iter().zip(encoded.rows()) {
                x.row_mut(*row).assign(&values);
            }
        }
        Block::new(output.clone(), Values::Dense(x))
    }
}

impl Fit<Training<Features>> for TargetEncoder {
    type Fitted = FittedTargetEncoder;

    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<FittedTargetEncoder> {
        data.validate()?;
        context.run(|| Ok(self.fitted(&self.read(&data, context)?)))
    }
}

impl FitTransform<Features> for TargetEncoder {
    /// The encoder fitted on all rows, and the training rows encoded by folds that they are not in.
    fn fit_transform(&self, data: Training<Features>, context: &Context) -> Result<(FittedTargetEncoder, Features)> {
        data.validate()?;
        context.run(|| {
            let table = self.read(&data, context)?;
            let folds = self.folds(&data)?;
            let fitted = self.fitted(&table);
            let block = self.cross_fit(&table, &folds, &fitted.output, context)?;
            Ok((fitted, Features::trusted(data.x.rows(), vec![block])?))
        })
    }
}

impl FittedTargetEncoder {
    /// The mean of each outcome over all training rows: what a level that training did not have becomes.
    pub fn target_mean(&self) -> &[f64] {
        &self.mean
    }
}

impl Transform<Features> for FittedTargetEncoder {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        same_blocks(KIND, self.categories.len(), &x)?;
        let mut columns = Vec::with_capacity(self.output.len());
        for (fitted, block) in self.categories.iter().zip(x.blocks()) {
            let (_, category) = category_of(KIND, block)?;
            same_columns(KIND, &fitted.columns, block.columns())?;
            for (outcome, mean) in self.mean.iter().enumerate() {
                let of = |place: u32| fitted.encodings.get([place as usize, outcome]).copied();
                columns.push(fitted.levels.coded(category, |place| place.and_then(of).unwrap_or(*mean)));
            }
        }
        let values = Values::Dense(dense_of(&columns, x.rows()));
        Features::trusted(x.rows(), vec![Block::new(self.output.clone(), values)?])
    }
}
