//! [`MultiLabelBinarizer`]: a 0/1 column for each label of a list.

use crate::{
    step::same_blocks,
    words::counted::{self, Learned},
};
use adflux_core::{
    Block, Column, Context, Features, Fit, FitTransform, Result, Training, Transform, Values, parameter,
};
use adflux_text::{Counts, Frequency, Labels, Limits, Vocabulary};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Turns each text column that holds a list, such as the skills `java; sql`, into a block with a 0/1 column
/// `<column>=<label>` for each label of training.
///
/// Texts are cut at `separator`; white space around a label is taken off, and what is empty is passed over. Labels are taken as they
/// stand (`SQL` and `sql` are two), and are in alphabetical order. Labels that training did not have are passed over, so a row
/// without known labels is zero.
///
/// Takes text blocks: in a column transformer, say `as_text` of the branch. Results are those of scikit-learn's
/// `MultiLabelBinarizer` of the cut lists; `min_df` and `max_features` are `CountVectorizer`'s. One default differs: the output is
/// sparse, because a list names few of all labels. Row weights do not count. O(total length of the texts).
///
/// ```
/// use adflux_core::{Block, Column, Features, Fit, Training, Transform, Values};
/// use adflux_preprocessing::MultiLabelBinarizer;
/// use ndarray::array;
///
/// let skills = ["java; sql".to_string(), String::new(), "sql".to_string()];
/// let x = Features::new(3, vec![Block::new(vec![Column::input("skills")], Values::Text(skills.into()))?])?;
/// let labels = MultiLabelBinarizer::new(";").sparse_output(false).fit(Training::new(x.clone()))?.transform(x)?;
/// let names: Vec<&str> = labels.columns().map(|c| c.name.as_str()).collect();
/// assert_eq!(names, ["skills=java", "skills=sql"]);
/// assert_eq!(labels.dense("example")?, array![[1.0, 1.0], [0.0, 0.0], [0.0, 1.0]]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MultiLabelBinarizer {
    /// What stands between two labels. Default: `;`.
    pub separator: String,
    /// Labels of fewer rows are left out: a number of rows, or a share of them. Default: 1 row.
    pub min_df: Frequency,
    /// At most this many labels, the most frequent. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_features: Option<usize>,
    /// Whether the block is sparse. Default: `true`.
    pub sparse_output: bool,
}

impl Default for MultiLabelBinarizer {
    fn default() -> Self {
        MultiLabelBinarizer::new(";")
    }
}

impl MultiLabelBinarizer {
    /// Of lists with this separator.
    pub fn new(separator: impl Into<String>) -> Self {
        MultiLabelBinarizer {
            separator: separator.into(),
            min_df: Frequency::Count(1),
            max_features: None,
            sparse_output: true,
        }
    }

    /// What stands between two labels.
    pub fn separator(mut self, separator: impl Into<String>) -> Self {
        self.separator = separator.into();
        self
    }

    /// Labels of fewer rows are left out: a number of rows (`2`), or a share of them (`0.01`).
    pub fn min_df(mut self, min_df: impl Into<Frequency>) -> Self {
        self.min_df = min_df.into();
        self
    }

    /// At most this many labels, the most frequent.
    pub fn max_features(mut self, max_features: usize) -> Self {
        self.max_features = Some(max_features);
        self
    }

    /// Whether the block is sparse.
    pub fn sparse_output(mut self, sparse_output: bool) -> Self {
        self.sparse_output = sparse_output;
        self
    }
}

/// A fitted [`MultiLabelBinarizer`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FittedMultiLabelBinarizer {
    separator: Labels,
    sparse_output: bool,
    lists: Vec<FittedList>,
}

/// One column of lists.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct FittedList {
    columns: Arc<[Column]>,
    labels: Vocabulary,
    output: Arc<[Column]>,
}

adflux_core::recipe!(MultiLabelBinarizer, "multi-label-binarizer");
adflux_core::component!(FittedMultiLabelBinarizer, "multi-label-binarizer", version = 1);
const KIND: &str = "multi-label-binarizer";

impl MultiLabelBinarizer {
    /// The binarizer, and the labels of the training lists.
    fn learn(&self, x: &Features, context: &Context) -> Result<(FittedMultiLabelBinarizer, Vec<Learned>)> {
        let reason = "something must stand between two labels";
        parameter::ensure(!self.separator.is_empty(), "separator", &self.separator, reason)?;
        let limits = Limits { min_df: self.min_df, max_features: self.max_features, ..Limits::default() };
        let separator = Labels::new(self.separator.as_str());
        let name = |column: &str, label: &str| format!("{column}={label}");
        let learned = counted::learn(KIND, x, &separator, &limits, name, context)?;
        let list = |list: &Learned| FittedList {
            columns: list.columns.clone(),
            labels: list.vocabulary.clone(),
            output: list.output.clone(),
        };
        let lists = learned.iter().map(list).collect();
        Ok((FittedMultiLabelBinarizer { separator, sparse_output: self.sparse_output, lists }, learned))
    }
}

impl Fit<Training<Features>> for MultiLabelBinarizer {
    type Fitted = FittedMultiLabelBinarizer;

    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<FittedMultiLabelBinarizer> {
        data.validate()?;
        context.run(|| Ok(self.learn(&data.x, context)?.0))
    }
}

impl FitTransform<Features> for MultiLabelBinarizer {
    fn fit_transform(
        &self,
        data: Training<Features>,
        context: &Context,
    ) -> Result<(FittedMultiLabelBinarizer, Features)> {
        data.validate()?;
        context.run(|| {
            let (rows, (fitted, learned)) = (data.x.rows(), self.learn(&data.x, context)?);
            // What follows takes the counts alone: the texts need not lie in memory beside its output.
            drop(data);
            let counts = learned.into_iter().map(|list| list.counts.into_columns_of(list.vocabulary.terms()));
            let x = fitted.blocks(rows, counts.collect())?;
            Ok((fitted, x))
        })
    }
}

impl Transform<Features> for FittedMultiLabelBinarizer {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        same_blocks(KIND, self.lists.len(), &x)?;
        let count = |(list, block): (&FittedList, &Block)| {
            counted::count(KIND, block, &list.columns, &list.labels, &self.separator)
        };
        let counts = self.lists.iter().zip(x.blocks()).map(count).collect::<Result<_>>()?;
        self.blocks(x.rows(), counts)
    }
}

impl FittedMultiLabelBinarizer {
    /// The labels of each column, in the order of their features.
    pub fn labels(&self) -> impl Iterator<Item = &Vocabulary> {
        self.lists.iter().map(|list| &list.labels)
    }

    /// The lists, each with its labels in alphabetical order and once, from 0/1 columns: those that are not 0.
    ///
    /// # Errors
    /// When `x` has not the columns of the fit.
    pub fn inverse_transform(&self, x: Features) -> Result<Features> {
        let output: Vec<Column> = self.lists.iter().flat_map(|list| list.output.iter().cloned()).collect();
        x.require_columns(KIND, &output)?;
        let mut lists: Vec<Vec<Vec<&str>>> = vec![vec![Vec::new(); x.rows()]; self.lists.len()];
        let place =
            self.lists.iter().enumerate().flat_map(|(list, fitted)| fitted.labels.iter().map(move |l| (list, l)));
        let place: Vec<(usize, &str)> = place.collect();
        let mut first = 0;
        for block in x.blocks() {
            let mut add = |row: usize, column: usize, value: f64| {
                if value != 0.0
                    && let Some((list, label)) = place.get(first + column)
                {
                    lists[*list][row].push(label);
                }
            };
            match block.values() {
                Values::Dense(x) => x.indexed_iter().for_each(|((row, column), value)| add(row, column, *value)),
                Values::Sparse(x) => x.iter().for_each(|(value, (row, column))| add(row, column, *value)),
                _ => return Err(block.refused_by(KIND)),
            }
            first += block.columns().len();
        }
        let blocks = self.lists.iter().zip(lists).map(|(fitted, rows)| {
            let texts = rows.into_iter().map(|labels| self.separator.join(&labels)).collect();
            Block::new(fitted.columns.clone(), Values::Text(texts))
        });
        Features::trusted(x.rows(), blocks.collect::<Result<_>>()?)
    }

    fn blocks(&self, rows: usize, counts: Vec<Vec<Counts>>) -> Result<Features> {
        let block = |(list, counts): (&FittedList, Vec<Counts>)| {
            let x = counted::sparse(rows, list.labels.len(), counts, |_, values| values.fill(1.0))?;
            let values = if self.sparse_output { Values::Sparse(x) } else { Values::Dense(x.to_dense()) };
            Block::new(list.output.clone(), values)
        };
        let blocks = self.lists.iter().zip(counts).map(block).collect::<Result<_>>()?;
        Features::trusted(rows, blocks)
    }
}
