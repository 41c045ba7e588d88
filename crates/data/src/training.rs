//! From a frame with roles to what a model learns from.

use crate::{ColumnKind, Frame, Role};
use adflux_core::{Categories, ClassTarget, Error, MultiTarget, Result, Target, Training};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

/// What kind of answer a single target column asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// As the column is: numbers ask for regression, text and truth values for classification.
    #[default]
    Auto,
    /// A number. Truth values are taken as 0 and 1.
    Regression,
    /// A class. Whole numbers are classes as well: 0 and 1 become the labels `0` and `1`.
    Classification,
}

impl Frame {
    /// The frame as training data, by the roles of its columns: [`Feature`](Role::Feature) columns are what is learned from,
    /// [`Target`](Role::Target), [`Weight`](Role::Weight), [`Exposure`](Role::Exposure), [`Group`](Role::Group) and
    /// [`Time`](Role::Time) columns are taken out and stand beside, all others are left out.
    ///
    /// A target of numbers gives [`Target::Values`], one of text or truth values [`Target::Classes`], several columns
    /// [`Target::Multi`] in the order of the frame.
    ///
    /// # Errors
    /// Naming the column: a target is missing in a row, or a role that one column can have is given to two.
    pub fn training(&self) -> Result<Training<Frame>> {
        self.training_as(Task::Auto)
    }

    /// [`training`](Self::training) for a given task: a column of 0 and 1 is a number or a class, as you say.
    ///
    /// ```
    /// use adflux_data::{Frame, Role, Task};
    /// let frame = Frame::builder().integers("hired", vec![1, 0, 1]).build()?.with_role("hired", Role::Target)?;
    /// let classes = frame.training_as(Task::Classification)?.classes("example")?.clone();
    /// assert_eq!((classes.labels.to_vec(), classes.codes.to_vec()), (vec!["0".to_string(), "1".into()], vec![1, 0, 1]));
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As `training`; when the target is text and the task regression, when it is numbers that are not whole or several columns
    /// and the task classification.
    pub fn training_as(&self, task: Task) -> Result<Training<Frame>> {
        let mut data = Training::new(self.select(&self.names_with(Role::Feature))?);
        data.target = self.target(task)?;
        if let [name] = self.names_with(Role::Target)[..] {
            data.target_name = Some(name.into());
        }
        let one = |role: Role| match self.names_with(role)[..] {
            [] => Ok(None),
            [name] => Ok(Some(name)),
            [_, second, ..] => Err(Error::column(second, format!("a second column of the role {role:?}: choose one"))),
        };
        if let Some(name) = one(Role::Weight)? {
            data.weights = Some(self.numbers(name)?.into());
        }
        if let Some(name) = one(Role::Exposure)? {
            data.exposure = Some(self.numbers(name)?.into());
            data.exposure_name = Some(name.into());
        }
        if let Some(name) = one(Role::Group)? {
            data.groups = Some(self.categories(name)?.codes.into());
        }
        if let Some(name) = one(Role::Time)? {
            data.time = Some(self.order_of(name)?);
        }
        Ok(data)
    }

    /// The column as classes: text as it is, truth values as `false` and `true`, whole numbers without a fraction (`0`, `1`).
    /// Levels are in order: text by letter, numbers by size. A missing value has the code [`Categories::MISSING`].
    ///
    /// # Errors
    /// [`Error::MissingColumns`], or naming the first number that is not whole.
    pub fn classes(&self, name: &str) -> Result<Categories> {
        if self.kind_of(name)? == ColumnKind::Number {
            let mut values = self.numbers(name)?;
            // −0 is 0.
            values.iter_mut().for_each(|v| *v += 0.0);
            if let Some(row) = values.iter().position(|v| !v.is_nan() && v.fract() != 0.0) {
                let reason = "classes are text, truth values or whole numbers: make it a task of regression, or give the ranges of numbers names";
                return Err(Error::cell(name, row, format!("{}: {reason}", values[row])));
            }
            let mut levels: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
            levels.sort_by(f64::total_cmp);
            levels.dedup();
            let code = |v: &f64| levels.binary_search_by(|l| l.total_cmp(v)).map_or(Categories::MISSING, |i| i as u32);
            let codes = values.iter().map(code).collect();
            return Ok(Categories { codes, levels: levels.iter().map(|v| format!("{v:.0}")).collect() });
        }
        let seen = self.categories(name)?;
        let mut order: Vec<usize> = (0..seen.levels.len()).collect();
        order.sort_unstable_by(|a, b| seen.levels[*a].cmp(&seen.levels[*b]));
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, &old)| place[old] = new as u32);
        let codes = seen.codes.iter().map(|&code| place.get(code as usize).copied().unwrap_or(Categories::MISSING));
        Ok(Categories { codes: codes.collect(), levels: order.iter().map(|&old| seen.levels[old].clone()).collect() })
    }

    fn target(&self, task: Task) -> Result<Option<Target>> {
        let names = self.names_with(Role::Target);
        let complete = |name: &str, row: Option<usize>| match row {
            Some(row) => Err(Error::cell(name, row, "the target is missing: drop the row, or fill the value")),
            None => Ok(()),
        };
        let values = |name: &str| {
            let values = self.numbers(name)?;
            complete(name, values.iter().position(|v| v.is_nan()))?;
            Ok::<_, Error>(values)
        };
        Ok(match names[..] {
            [] => None,
            [name] => {
                let kind = self.kind_of(name)?;
                let classes = match task {
                    Task::Auto => matches!(kind, ColumnKind::Text | ColumnKind::Boolean),
                    Task::Classification => true,
                    Task::Regression if kind == ColumnKind::Text => {
                        return Err(Error::column(
                            name,
                            "text, where regression wants numbers: make it a task of classification",
                        ));
                    }
                    Task::Regression => false,
                };
                if classes {
                    let Categories { codes, levels } = self.classes(name)?;
                    complete(name, codes.iter().position(|c| *c == Categories::MISSING))?;
                    Some(Target::Classes(ClassTarget { codes: codes.into(), labels: levels }))
                } else {
                    Some(Target::Values(values(name)?.into()))
                }
            }
            [_, second, ..] if task == Task::Classification => {
                return Err(Error::column(second, "a second target, where classification takes one: choose one"));
            }
            _ => {
                let mut all = Array2::zeros((self.rows(), names.len()));
                for (mut column, name) in all.columns_mut().into_iter().zip(&names) {
                    column.assign(&Array1::from(values(name)?));
                }
                let names: Vec<String> = names.into_iter().map(str::to_string).collect();
                Some(Target::Multi(MultiTarget { names: names.into(), values: all }))
            }
        })
    }

    /// The place of each row in the order of a column: numbers and dates by size, text (ISO dates) by letter. Equal values
    /// have the same place.
    fn order_of(&self, name: &str) -> Result<Array1<i64>> {
        let missing = |row| Error::cell(name, row, "the time is missing: drop the row, or fill the value");
        let mut place = vec![0; self.rows()];
        let mut order: Vec<usize> = (0..self.rows()).collect();
        if self.kind_of(name)? == ColumnKind::Text {
            let texts = self.texts(name)?;
            if let Some(row) = texts.iter().position(String::is_empty) {
                return Err(missing(row));
            }
            let year_first = |t: &String| t.len() >= 4 && t.as_bytes()[..4].iter().all(u8::is_ascii_digit);
            if let Some(row) = texts.iter().position(|t| !year_first(t)) {
                let reason = "times in text are put in order by letter: write them with the year first, as 2024-12-31";
                return Err(Error::cell(name, row, format!("`{}`: {reason}", texts[row])));
            }
            order.sort_by(|a, b| texts[*a].cmp(&texts[*b]));
            (1..order.len()).for_each(|i| {
                place[order[i]] = place[order[i - 1]] + i64::from(texts[order[i]] != texts[order[i - 1]]);
            });
        } else {
            let numbers = self.numbers(name)?;
            if let Some(row) = numbers.iter().position(|v| v.is_nan()) {
                return Err(missing(row));
            }
            order.sort_by(|a, b| numbers[*a].total_cmp(&numbers[*b]));
            (1..order.len()).for_each(|i| {
                place[order[i]] = place[order[i - 1]] + i64::from(numbers[order[i]] != numbers[order[i - 1]]);
            });
        }
        Ok(place.into())
    }
}
