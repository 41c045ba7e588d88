//! [`Prediction`]: what comes out of a model or a postprocessor.

use crate::{Error, Result, Rows, Stitch};
use ndarray::{Array1, Array2, Axis};
use std::sync::Arc;

/// A probability for each class of each row.
#[derive(Clone, Debug, PartialEq)]
pub struct Classes {
    /// The names of the classes.
    pub labels: Arc<[String]>,
    /// Rows × labels; each row sums to 1.
    pub probabilities: Array2<f64>,
}

impl Classes {
    /// The index of the most probable class of each row; the first of equals.
    pub fn most_probable(&self) -> Vec<usize> {
        let best = |row: ndarray::ArrayView1<f64>| {
            row.iter()
                .enumerate()
                .fold((0, f64::NEG_INFINITY), |best, (i, &p)| if p > best.1 { (i, p) } else { best })
                .0
        };
        self.probabilities.rows().into_iter().map(best).collect()
    }
}

/// A segment for each row.
#[derive(Clone, Debug, PartialEq)]
pub struct Segments {
    /// The segment of each row; `None` is an outlier that belongs to none.
    pub ids: Vec<Option<u32>>,
    /// How firmly a row belongs to its segment: 0 (could as well be the next one) to 1.
    pub strength: Array1<f64>,
}

/// A value with the interval it is expected in.
#[derive(Clone, Debug, PartialEq)]
pub struct Intervals {
    /// The expected value.
    pub mean: Array1<f64>,
    /// The lower end.
    pub lower: Array1<f64>,
    /// The upper end.
    pub upper: Array1<f64>,
    /// The share of outcomes the interval is to contain, 0 to 1.
    pub level: f64,
}

/// Class probabilities with a set of classes for each row, which the class that comes is expected to be in.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassSets {
    /// The labels and their probabilities.
    pub classes: Classes,
    /// Rows × labels: whether the class is in the set. A set may be empty, or hold all classes.
    pub members: Array2<bool>,
    /// The share of outcomes that the sets are to contain, 0 to 1.
    pub level: f64,
}

impl ClassSets {
    /// The labels in the set of `row`, in the order of the labels.
    ///
    /// # Panics
    /// When `row` is not below the number of rows.
    pub fn labels(&self, row: usize) -> impl Iterator<Item = &str> {
        let members = self.members.row(row).into_iter().zip(self.classes.labels.iter());
        members.filter(|(member, _)| **member).map(|(_, label)| label.as_str())
    }
}

/// What is said of each row.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Prediction {
    /// A number.
    Values(Array1<f64>),
    /// Class probabilities.
    Classes(Classes),
    /// A segment.
    Segments(Segments),
    /// A number with an interval.
    Intervals(Intervals),
    /// Class probabilities with a set of classes.
    Sets(ClassSets),
    /// Several predictions by name, in the order they are to be shown.
    Multi(Vec<(String, Prediction)>),
}

impl Prediction {
    /// The prediction called `name` of several.
    ///
    /// # Errors
    /// When this is not [`Prediction::Multi`] or has none of that name.
    pub fn named(&self, name: &str) -> Result<&Prediction> {
        let Prediction::Multi(all) = self else {
            return Err(Error::data(format!("a single prediction, where one called `{name}` of several is wanted")));
        };
        all.iter().find(|(n, _)| n == name).map(|(_, p)| p).ok_or_else(|| Error::MissingColumns {
            missing: vec![name.into()],
            available: all.iter().map(|(n, _)| n.clone()).collect(),
        })
    }

    /// The point prediction: the number itself, or the mean of an interval.
    ///
    /// # Errors
    /// When there is no number for each row.
    pub fn point(&self) -> Result<&Array1<f64>> {
        match self {
            Prediction::Values(v) => Ok(v),
            Prediction::Intervals(i) => Ok(&i.mean),
            other => Err(Error::data(format!("{}, where a number for each row is wanted", other.what()))),
        }
    }

    /// The intervals.
    ///
    /// # Errors
    /// When there are none.
    pub fn intervals(&self) -> Result<&Intervals> {
        match self {
            Prediction::Intervals(i) => Ok(i),
            other => Err(Error::data(format!("{}, where intervals are wanted", other.what()))),
        }
    }

    /// The segments.
    ///
    /// # Errors
    /// When there are none.
    pub fn segments(&self) -> Result<&Segments> {
        match self {
            Prediction::Segments(s) => Ok(s),
            other => Err(Error::data(format!("{}, where segments are wanted", other.what()))),
        }
    }

    /// The class probabilities: alone, or those beside sets.
    ///
    /// # Errors
    /// When there are none.
    pub fn classes(&self) -> Result<&Classes> {
        match self {
            Prediction::Classes(c) => Ok(c),
            Prediction::Sets(s) => Ok(&s.classes),
            other => Err(Error::data(format!("{}, where class probabilities are wanted", other.what()))),
        }
    }

    /// The sets of classes.
    ///
    /// # Errors
    /// When there are none.
    pub fn sets(&self) -> Result<&ClassSets> {
        match self {
            Prediction::Sets(s) => Ok(s),
            other => Err(Error::data(format!("{}, where sets of classes are wanted", other.what()))),
        }
    }

    fn what(&self) -> &'static str {
        match self {
            Prediction::Values(_) => "the prediction is a number",
            Prediction::Classes(_) => "the prediction is class probabilities",
            Prediction::Segments(_) => "the prediction is segments",
            Prediction::Intervals(_) => "the prediction is intervals",
            Prediction::Sets(_) => "the prediction is sets of classes",
            Prediction::Multi(_) => "the prediction is several by name",
        }
    }
}

impl From<Array1<f64>> for Prediction {
    fn from(values: Array1<f64>) -> Self {
        Prediction::Values(values)
    }
}

impl From<Classes> for Prediction {
    fn from(classes: Classes) -> Self {
        Prediction::Classes(classes)
    }
}

impl From<Segments> for Prediction {
    fn from(segments: Segments) -> Self {
        Prediction::Segments(segments)
    }
}

impl From<Intervals> for Prediction {
    fn from(intervals: Intervals) -> Self {
        Prediction::Intervals(intervals)
    }
}

impl From<ClassSets> for Prediction {
    fn from(sets: ClassSets) -> Self {
        Prediction::Sets(sets)
    }
}

impl Rows for Prediction {
    fn len(&self) -> usize {
        match self {
            Prediction::Values(v) => v.len(),
            Prediction::Classes(c) => c.probabilities.nrows(),
            Prediction::Segments(s) => s.ids.len(),
            Prediction::Intervals(i) => i.mean.len(),
            Prediction::Sets(s) => s.members.nrows(),
            Prediction::Multi(all) => all.first().map_or(0, |(_, p)| p.len()),
        }
    }

    fn take(&self, rows: &[usize]) -> Self {
        let pick = |a: &Array1<f64>| a.select(Axis(0), rows);
        let classes =
            |c: &Classes| Classes { labels: c.labels.clone(), probabilities: c.probabilities.select(Axis(0), rows) };
        match self {
            Prediction::Values(v) => Prediction::Values(pick(v)),
            Prediction::Classes(c) => Prediction::Classes(classes(c)),
            Prediction::Sets(s) => Prediction::Sets(ClassSets {
                classes: classes(&s.classes),
                members: s.members.select(Axis(0), rows),
                level: s.level,
            }),
            Prediction::Segments(s) => Prediction::Segments(Segments {
                ids: rows.iter().map(|&r| s.ids[r]).collect(),
                strength: pick(&s.strength),
            }),
            Prediction::Intervals(i) => Prediction::Intervals(Intervals {
                mean: pick(&i.mean),
                lower: pick(&i.lower),
                upper: pick(&i.upper),
                level: i.level,
            }),
            Prediction::Multi(all) => Prediction::Multi(all.iter().map(|(n, p)| (n.clone(), p.take(rows))).collect()),
        }
    }
}

impl Stitch for Prediction {
    fn stitch(parts: Vec<(Vec<usize>, Self)>, rows: usize) -> Result<Self> {
        let mut from = vec![usize::MAX; rows];
        let mut next = 0;
        for (part, _) in &parts {
            for &row in part {
                from[row] = next;
                next += 1;
            }
        }
        if let Some(row) = from.iter().position(|&f| f == usize::MAX) {
            return Err(Error::data(format!("row {} is in no fold", row + 1)));
        }
        let mut parts = parts.into_iter().map(|(_, p)| p);
        let first = parts.next().ok_or_else(|| Error::data("there are no folds to put together"))?;
        Ok(parts.try_fold(first, append)?.take(&from))
    }
}

/// Rows of `b` behind rows of `a`; an error once the shapes differ.
fn append(a: Prediction, b: Prediction) -> Result<Prediction> {
    let join = |a: Array1<f64>, b: Array1<f64>| a.into_iter().chain(b).collect::<Array1<f64>>();
    Ok(match (a, b) {
        (Prediction::Values(a), Prediction::Values(b)) => Prediction::Values(join(a, b)),
        (Prediction::Classes(a), Prediction::Classes(b)) if a.labels == b.labels => Prediction::Classes(Classes {
            probabilities: ndarray::concatenate![Axis(0), a.probabilities, b.probabilities],
            labels: a.labels,
        }),
        (Prediction::Segments(a), Prediction::Segments(b)) => Prediction::Segments(Segments {
            ids: a.ids.into_iter().chain(b.ids).collect(),
            strength: join(a.strength, b.strength),
        }),
        (Prediction::Intervals(a), Prediction::Intervals(b)) => Prediction::Intervals(Intervals {
            mean: join(a.mean, b.mean),
            lower: join(a.lower, b.lower),
            upper: join(a.upper, b.upper),
            level: a.level,
        }),
        (Prediction::Sets(a), Prediction::Sets(b)) if a.classes.labels == b.classes.labels => {
            Prediction::Sets(ClassSets {
                members: ndarray::concatenate![Axis(0), a.members, b.members],
                classes: Classes {
                    probabilities: ndarray::concatenate![Axis(0), a.classes.probabilities, b.classes.probabilities],
                    labels: a.classes.labels,
                },
                level: a.level,
            })
        }
        (Prediction::Multi(a), Prediction::Multi(b)) if a.iter().map(|x| &x.0).eq(b.iter().map(|x| &x.0)) => {
            let each = a.into_iter().zip(b).map(|((n, x), (_, y))| Ok((n, append(x, y)?)));
            Prediction::Multi(each.collect::<Result<_>>()?)
        }
        _ => {
            return Err(Error::data(
                "the folds gave predictions of different kinds: does every fold hold every class?",
            ));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn stitching_puts_every_row_back_in_its_place() {
        let part = |v: Array1<f64>| Prediction::Multi(vec![("ctr".into(), Prediction::Values(v))]);
        let parts = vec![(vec![3, 0], part(array![30.0, 0.0])), (vec![1, 2], part(array![10.0, 20.0]))];
        let whole = Prediction::stitch(parts, 4).unwrap();
        assert_eq!(whole.named("ctr").unwrap().point().unwrap(), &array![0.0, 10.0, 20.0, 30.0]);
    }

    #[test]
    fn sets_are_put_back_and_give_labels_and_probabilities() {
        let part = |p: f64, second: bool| {
            let classes =
                Classes { labels: ["no", "yes"].map(String::from).into(), probabilities: array![[1.0 - p, p]] };
            Prediction::Sets(ClassSets { classes, members: array![[true, second]], level: 0.9 })
        };
        let whole = Prediction::stitch(vec![(vec![1], part(0.4, true)), (vec![0], part(0.1, false))], 2).unwrap();
        let sets = whole.sets().unwrap();
        assert_eq!([0, 1].map(|row| sets.labels(row).collect::<Vec<_>>()), [vec!["no"], vec!["no", "yes"]]);
        assert_eq!(whole.classes().unwrap().probabilities.column(1), array![0.1, 0.4]);
        assert_eq!(whole.take(&[1]).len(), 1);
    }

    #[test]
    fn a_row_in_no_fold_is_an_error() {
        let parts = vec![(vec![0], Prediction::Values(array![1.0]))];
        assert_eq!(Prediction::stitch(parts, 2).unwrap_err().to_string(), "row 2 is in no fold");
    }
}
