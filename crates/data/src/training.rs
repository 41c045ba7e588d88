//! From a frame with roles to what a model learns from.

use crate::{ColumnKind, Frame, Role};
use adflux_core::{Categories, ClassTarget, Error, MultiTarget, Result, Target, Training};
use ndarray::{Array1, Array2};

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
        let mut data = Training::new(self.select(&self.names_with(Role::Feature))?);
        data.target = self.target()?;
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
        }
        if let Some(name) = one(Role::Group)? {
            data.groups = Some(self.categories(name)?.codes.into());
        }
        if let Some(name) = one(Role::Time)? {
            data.time = Some(self.order_of(name)?);
        }
        Ok(data)
    }

    fn target(&self) -> Result<Option<Target>> {
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
            [name] if matches!(self.kind_of(name)?, ColumnKind::Text | ColumnKind::Boolean) => {
                let classes = self.categories(name)?;
                complete(name, classes.codes.iter().position(|c| *c == Categories::MISSING))?;
                let of_row: Vec<&str> = classes.codes.iter().map(|c| classes.levels[*c as usize].as_str()).collect();
                Some(Target::Classes(ClassTarget::from_labels(&of_row)))
            }
            [name] => Some(Target::Values(values(name)?.into())),
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
