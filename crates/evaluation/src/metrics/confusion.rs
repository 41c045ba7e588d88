//! [`ConfusionMatrix`]: what came beside what was predicted, and the measures of classes that are made of it.

use crate::checks::{Weights, same_length, share};
use adflux_core::{
    Error, Result,
    parameter::{between_one_and, positive},
};
use ndarray::{Array1, Array2, ArrayView1, Axis};

/// How measures of single classes become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Average {
    /// That of class 1 of two: the class that is looked for.
    Binary,
    /// The plain mean over the classes that occur in truth or predictions: a rare class counts as much as a frequent one. A class
    /// all of whose rows weigh 0 does not occur: a weight of 0 is a row left out, which the bootstrap draws by. scikit-learn
    /// counts such a class as 0.
    Macro,
    /// All classes counted together: a row counts as much as any other. For classes that exclude each other this is the
    /// accuracy.
    Micro,
    /// The mean over the classes by how many rows are of each.
    Weighted,
}

/// How far apart two classes are for [`ConfusionMatrix::cohen_kappa`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disagreement {
    /// Every other class is as wrong as any.
    Any,
    /// By the distance between the codes: for classes in an order, such as ratings.
    Linear,
    /// By the squared distance.
    Quadratic,
}

/// The weight of the rows of every class (row) that were predicted to be of every class (column).
///
/// ```
/// use adflux_evaluation::metrics::{Average, ConfusionMatrix};
/// use ndarray::array;
/// let (truth, predicted) = (array![0, 1, 2, 0, 1, 2], array![0, 2, 1, 0, 0, 1]);
/// let confusion = ConfusionMatrix::new(truth.view(), predicted.view(), 3, None)?;
/// assert_eq!(confusion.counts(), array![[2.0, 0.0, 0.0], [1.0, 0.0, 1.0], [0.0, 2.0, 0.0]]);
/// assert_eq!(confusion.recall_of_classes(), array![1.0, 0.0, 0.0]);
/// assert_eq!(confusion.recall(Average::Macro)?, 1.0 / 3.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ConfusionMatrix {
    counts: Array2<f64>,
}

/// The square of more would not fit a memory.
const MOST_CLASSES: usize = 10_000;

impl ConfusionMatrix {
    /// Counts rows of `classes` classes, whose codes are 0, 1, …, `classes` − 1. O(rows + classes²).
    ///
    /// # Errors
    /// When there are no rows, lengths differ, a code is too large (its row is named), there are more than 10,000 classes, or the
    /// weights cannot be.
    #[doc(alias = "confusion_matrix")]
    pub fn new(
        truth: ArrayView1<u32>,
        predicted: ArrayView1<u32>,
        classes: usize,
        weights: Option<ArrayView1<f64>>,
    ) -> Result<Self> {
        same_length(truth.len(), "predictions", predicted.len())?;
        let weights = Weights::new(truth.len(), weights)?;
        between_one_and(MOST_CLASSES, "classes", classes)?;
        below(classes, "truth", truth)?;
        below(classes, "prediction", predicted)?;
        let mut counts = Array2::zeros((classes, classes));
        for (row, (came, said)) in truth.iter().zip(predicted).enumerate() {
            counts[[*came as usize, *said as usize]] += weights.get(row);
        }
        Ok(ConfusionMatrix { counts })
    }

    /// Classes that came × classes that were predicted.
    pub fn counts(&self) -> &Array2<f64> {
        &self.counts
    }

    /// The share of rows whose class was predicted.
    pub fn accuracy(&self) -> f64 {
        self.hits().sum() / self.counts.sum()
    }

    /// The mean of the recalls of the classes that came (Brodersen and others 2010): a model that always says the most frequent
    /// class does not look good by it.
    #[doc(alias = "balanced_accuracy_score")]
    pub fn balanced_accuracy(&self) -> f64 {
        let (came, recalls) = (self.came(), self.recall_of_classes());
        let of_those: Vec<f64> = recalls.iter().zip(&came).filter(|(_, came)| **came > 0.0).map(|(r, _)| *r).collect();
        of_those.iter().sum::<f64>() / of_those.len() as f64
    }

    /// For each class, the share of the rows predicted to be of it that are; 0 where none was predicted.
    pub fn precision_of_classes(&self) -> Array1<f64> {
        self.ratio_of_classes(|of| (of.hit, of.said))
    }

    /// For each class, the share of its rows that was predicted; 0 where it has none.
    pub fn recall_of_classes(&self) -> Array1<f64> {
        self.ratio_of_classes(|of| (of.hit, of.came))
    }

    /// For each class the weighted harmonic mean of precision and recall, see [`f_beta`](super::f_beta).
    ///
    /// # Errors
    /// When `beta` is not above 0.
    pub fn f_beta_of_classes(&self, beta: f64) -> Result<Array1<f64>> {
        positive("beta", beta)?;
        Ok(self.ratio_of_classes(|of| f_beta(beta, of)))
    }

    /// The averaged precision.
    ///
    /// # Errors
    /// For [`Average::Binary`] when there are not two classes.
    #[doc(alias = "precision_score")]
    pub fn precision(&self, average: Average) -> Result<f64> {
        self.averaged(average, |of| (of.hit, of.said))
    }

    /// The averaged recall.
    ///
    /// # Errors
    /// As [`precision`](Self::precision).
    #[doc(alias = "recall_score")]
    pub fn recall(&self, average: Average) -> Result<f64> {
        self.averaged(average, |of| (of.hit, of.came))
    }

    /// The averaged F-beta; 1 is F1.
    ///
    /// # Errors
    /// As [`precision`](Self::precision), and when `beta` is not above 0.
    #[doc(alias = "fbeta_score")]
    pub fn f_beta(&self, beta: f64, average: Average) -> Result<f64> {
        positive("beta", beta)?;
        self.averaged(average, |of| f_beta(beta, of))
    }

    /// Matthews' correlation coefficient (1975; Gorodkin 2004 for more classes): −1 to 1, 0 for chance, whatever the shares of
    /// the classes. 0 when truth or predictions are all of one class, as in scikit-learn.
    #[doc(alias = "matthews_corrcoef")]
    pub fn mcc(&self) -> f64 {
        let (came, said, total) = (self.came(), self.said(), self.counts.sum());
        let spread = (total * total - said.dot(&said)) * (total * total - came.dot(&came));
        if spread <= 0.0 { 0.0 } else { (self.hits().sum() * total - came.dot(&said)) / spread.sqrt() }
    }

    /// Cohen's kappa (1960; 1968 with weighted disagreement): the agreement beyond chance, over what agreement beyond chance
    /// there could be. 1 is perfect, 0 is chance. Truth and prediction may change places.
    ///
    /// # Errors
    /// When truth and predictions are all of one class: nothing could be agreed upon by chance or otherwise.
    #[doc(alias = "cohen_kappa_score")]
    pub fn cohen_kappa(&self, disagreement: Disagreement) -> Result<f64> {
        let (came, said, total) = (self.came(), self.said(), self.counts.sum());
        let (mut observed, mut expected) = (0.0, 0.0);
        for ((a, b), count) in self.counts.indexed_iter() {
            let apart = a.abs_diff(b) as f64;
            let apart = match disagreement {
                Disagreement::Any => f64::from(u8::from(a != b)),
                Disagreement::Linear => apart,
                Disagreement::Quadratic => apart * apart,
            };
            observed += apart * count;
            expected += apart * came[a] * said[b] / total;
        }
        if expected == 0.0 {
            return Err(Error::data("cohen_kappa needs two classes in truth or predictions, and all are of one"));
        }
        Ok(1.0 - observed / expected)
    }

    fn came(&self) -> Array1<f64> {
        self.counts.sum_axis(Axis(1))
    }

    fn said(&self) -> Array1<f64> {
        self.counts.sum_axis(Axis(0))
    }

    fn hits(&self) -> Array1<f64> {
        self.counts.diag().to_owned()
    }

    fn classes(&self) -> impl Iterator<Item = OfClass> {
        let each = self.hits().into_iter().zip(self.came()).zip(self.said());
        each.map(|((hit, came), said)| OfClass { hit, came, said })
    }

    fn ratio_of_classes(&self, parts: impl Fn(OfClass) -> (f64, f64)) -> Array1<f64> {
        self.classes().map(parts).map(|(part, whole)| share(part, whole)).collect()
    }

    fn averaged(&self, average: Average, parts: impl Fn(OfClass) -> (f64, f64)) -> Result<f64> {
        let of_class = |of: OfClass| {
            let (part, whole) = parts(of);
            share(part, whole)
        };
        let mean = |weight: fn(&OfClass) -> f64| {
            let (sum, total) = self.classes().fold((0.0, 0.0), |(sum, total), of| {
                let weight = weight(&of);
                (sum + weight * of_class(of), total + weight)
            });
            share(sum, total)
        };
        match average {
            Average::Binary if self.counts.nrows() != 2 => Err(Error::data(format!(
                "{} classes where an average for two is asked for: choose macro, micro or weighted",
                self.counts.nrows()
            ))),
            Average::Binary => Ok(self.classes().nth(1).map_or(0.0, of_class)),
            Average::Micro => {
                let (part, whole) = self.classes().map(parts).fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
                Ok(share(part, whole))
            }
            Average::Macro => Ok(mean(|of| f64::from(u8::from(of.came > 0.0 || of.said > 0.0)))),
            Average::Weighted => Ok(mean(|of| of.came)),
        }
    }
}

fn below(classes: usize, name: &str, codes: ArrayView1<u32>) -> Result<()> {
    match codes.iter().position(|code| *code as usize >= classes) {
        Some(row) => Err(Error::cell(name, row, format!("class {} of {classes} classes", codes[row]))),
        None => Ok(()),
    }
}

/// The weight of the rows of a class: predicted rightly, all, and all that were predicted to be of it.
#[derive(Clone, Copy)]
struct OfClass {
    hit: f64,
    came: f64,
    said: f64,
}

fn f_beta(beta: f64, of: OfClass) -> (f64, f64) {
    let square = beta * beta;
    ((1.0 + square) * of.hit, square * of.came + of.said)
}
