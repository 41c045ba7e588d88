//! [`SensitiveShares`]: who is in a segment, by what must not be learned from.

use adflux_core::{Categories, Result};
use adflux_data::{ColumnKind, Frame, Role};
use serde::{Deserialize, Serialize};

/// The shares of the groups of a sensitive column in a segment, beside those of all rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SensitiveShares {
    /// The column.
    pub column: String,
    /// Its groups: the levels in the order of their rows, the most first; numbers of more than six values in quarters,
    /// where `30–36` is above 30 and up to 36.
    pub groups: Vec<GroupShare>,
    /// The share of the rows of the segment whose group is not known.
    #[serde(default)]
    pub missing: f64,
}

/// One group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupShare {
    /// Its name.
    pub group: String,
    /// Its share of the rows of the segment whose group is known; NaN where none is.
    pub share: f64,
    /// Its share of all rows whose group is known.
    pub overall: f64,
}

/// Numbers of more values are told in quarters.
const VALUES: usize = 6;

/// A sensitive column, read once: the group of each row.
pub(super) struct Sensitive {
    column: String,
    names: Vec<String>,
    /// A place among `names`; none where the value is missing.
    groups: Vec<Option<usize>>,
}

impl Sensitive {
    /// The columns of the frame that have this role; dates are left out.
    pub(super) fn read_all(frame: &Frame) -> Result<Vec<Self>> {
        let columns = frame.names_with(Role::Sensitive).into_iter().map(|column| Self::read(frame, column));
        columns.filter_map(Result::transpose).collect()
    }

    fn read(frame: &Frame, column: &str) -> Result<Option<Self>> {
        let kind = frame.kind_of(column)?;
        if kind == ColumnKind::Time {
            return Ok(None);
        }
        if kind == ColumnKind::Number {
            let values = frame.numbers(column)?;
            let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            let mut distinct = sorted.clone();
            distinct.dedup();
            if distinct.len() > VALUES {
                return Ok(Some(Self::quarters(column, &values, &sorted)));
            }
        }
        let Categories { codes, levels } = frame.categories(column)?;
        let mut counts = vec![0_usize; levels.len()];
        codes.iter().filter(|code| **code != Categories::MISSING).for_each(|code| counts[*code as usize] += 1);
        let mut order: Vec<usize> = (0..levels.len()).collect();
        order.sort_by_key(|level| std::cmp::Reverse(counts[*level]));
        let mut places = vec![0; levels.len()];
        order.iter().enumerate().for_each(|(place, level)| places[*level] = place);
        Ok(Some(Sensitive {
            column: column.into(),
            names: order.iter().map(|level| levels[*level].clone()).collect(),
            groups: codes.iter().map(|code| places.get(*code as usize).copied()).collect(),
        }))
    }

    /// Four groups of about as many rows, cut at values that occur.
    fn quarters(column: &str, values: &[f64], sorted: &[f64]) -> Self {
        let mut cuts: Vec<f64> = (1..4).map(|quarter| sorted[(sorted.len() * quarter).div_ceil(4) - 1]).collect();
        cuts.dedup();
        cuts.retain(|cut| Some(cut) != sorted.last());
        let mut names: Vec<String> = cuts
            .iter()
            .enumerate()
            .map(|(i, cut)| match i {
                0 => format!("≤ {cut}"),
                _ => format!("{}–{cut}", cuts[i - 1]),
            })
            .collect();
        names.extend(cuts.last().map(|cut| format!("> {cut}")));
        let group = |value: &f64| value.is_finite().then(|| cuts.partition_point(|cut| cut < value));
        Sensitive { column: column.into(), names, groups: values.iter().map(group).collect() }
    }

    /// The shares among `rows`, beside those of all.
    pub(super) fn of(&self, rows: &[usize]) -> SensitiveShares {
        let shares = |groups: &mut dyn Iterator<Item = Option<usize>>| {
            let mut counts = vec![0.0; self.names.len()];
            groups.flatten().for_each(|group| counts[group] += 1.0);
            let known: f64 = counts.iter().sum();
            counts.into_iter().map(|count| count / known).collect::<Vec<f64>>()
        };
        let here = shares(&mut rows.iter().map(|row| self.groups[*row]));
        let everywhere = shares(&mut self.groups.iter().copied());
        let groups = self.names.iter().zip(here).zip(everywhere);
        let groups = groups.map(|((group, share), overall)| GroupShare { group: group.clone(), share, overall });
        let missing = rows.iter().filter(|row| self.groups[**row].is_none()).count() as f64 / rows.len() as f64;
        SensitiveShares { column: self.column.clone(), groups: groups.collect(), missing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(frame: Frame, rows: &[usize]) -> Vec<(String, f64, f64)> {
        let frame = frame.with_role("who", Role::Sensitive).unwrap();
        let [column] = &Sensitive::read_all(&frame).unwrap()[..] else { panic!("one column is sensitive") };
        column.of(rows).groups.into_iter().map(|g| (g.group, g.share, g.overall)).collect()
    }

    #[test]
    fn levels_are_told_the_most_frequent_first_and_missing_rows_do_not_count() {
        let who = [Some("m"), Some("f"), Some("f"), None, Some("f")];
        let frame = Frame::builder().optional_texts("who", who).build().unwrap();
        assert_eq!(of(frame.clone(), &[0, 1, 3]), [("f".to_string(), 0.5, 0.75), ("m".to_string(), 0.5, 0.25)]);
        let frame = frame.with_role("who", Role::Sensitive).unwrap();
        assert_eq!(Sensitive::read_all(&frame).unwrap()[0].of(&[0, 1, 3]).missing, 1.0 / 3.0);
    }

    #[test]
    fn numbers_of_many_values_are_told_in_quarters() {
        let frame = Frame::builder().numbers("who", (1..=8).map(|v| f64::from(v) * 10.0).collect()).build().unwrap();
        let found = of(frame, &[0, 7]);
        let names: Vec<&str> = found.iter().map(|group| group.0.as_str()).collect();
        assert_eq!(names, ["≤ 20", "20–40", "40–60", "> 60"]);
        assert_eq!(
            found.iter().map(|group| (group.1, group.2)).collect::<Vec<_>>(),
            [(0.5, 0.25), (0.0, 0.25), (0.0, 0.25), (0.5, 0.25)]
        );
        // Most are of one value: fewer groups.
        let most = (0..40).map(|row| if row < 33 { 5.0 } else { f64::from(row) }).collect();
        assert_eq!(of(Frame::builder().numbers("who", most).build().unwrap(), &[0]).len(), 2);
    }
}
