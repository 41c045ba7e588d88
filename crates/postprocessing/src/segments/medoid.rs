//! [`Medoid`]: the row that stands for a segment.

use super::column::{Compared, Values};
use super::language::number;
use adflux_core::Categories;
use serde::{Deserialize, Serialize};

/// The row of a segment that is least different from all others of it: a person to look at, where a mean is nobody.
///
/// Differences are Gower's (1971): of a number |a − b| over the range of the column, of a text 0 or 1, a missing value being 1 from any
/// other and 0 from another missing one; added over the columns. The first row of equals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Medoid {
    /// The row, counted from 0.
    pub row: usize,
    /// What stands there, by column, in the order the columns were given; a missing value is `None`.
    pub values: Vec<(String, Option<String>)>,
    /// Who it is: what stands there in the columns of the frame that have the role [`Role::Id`](adflux_data::Role::Id).
    #[serde(default)]
    pub ids: Vec<(String, String)>,
}

impl Medoid {
    /// The same, with what names the row in `frame`.
    pub(super) fn with_ids(mut self, ids: &[(String, std::sync::Arc<[String]>)]) -> Self {
        self.ids = ids.iter().map(|(column, texts)| (column.clone(), texts[self.row].clone())).collect();
        self
    }
}

/// The medoid of some rows, exactly: the sum of the differences to all is a sum over columns, and each is found by sorting.
/// O(rows · log rows · columns).
pub(super) fn medoid(columns: &[Compared], rows: &[usize]) -> Option<Medoid> {
    let mut totals = vec![0.0; rows.len()];
    for column in columns {
        match &column.values {
            Values::Number { values, .. } => add_numbers(values, rows, &mut totals),
            Values::Text { categories, .. } => add_levels(categories, rows, &mut totals),
        }
    }
    let mut least = 0;
    for place in 1..rows.len() {
        // Sums of equal differences in another order differ by rounding, which is no difference between people.
        if totals[place] < totals[least] - 1e-9 * totals[least].abs() {
            least = place;
        }
    }
    let row = *rows.get(least)?;
    Some(Medoid {
        row,
        values: columns.iter().map(|column| (column.name.clone(), column.text(row))).collect(),
        ids: Vec::new(),
    })
}

/// Adds the sum of the differences of each of `rows` to all of them.
fn add_numbers(values: &[f64], rows: &[usize], totals: &mut [f64]) {
    let known = || values.iter().copied().filter(|v| v.is_finite());
    let (least, most) = known().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (v.min(a), v.max(b)));
    let range = most - least;
    let mut order: Vec<usize> = (0..rows.len()).filter(|place| values[rows[*place]].is_finite()).collect();
    order.sort_unstable_by(|a, b| values[rows[*a]].total_cmp(&values[rows[*b]]).then(a.cmp(b)));
    let missing = rows.len() - order.len();
    for (place, row) in rows.iter().enumerate() {
        totals[place] += if values[*row].is_finite() { missing as f64 } else { order.len() as f64 };
    }
    if !(range > 0.0 && range.is_finite()) {
        return;
    }
    // About the least, so that sums of large numbers keep their digits.
    let value = |place: usize| (values[rows[place]] - least) / range;
    let all: f64 = order.iter().map(|place| value(*place)).sum();
    let (mut below, count) = (0.0, order.len() as f64);
    for (i, &place) in order.iter().enumerate() {
        let (own, before) = (value(place), i as f64);
        totals[place] += own * before - below + (all - below) - own * (count - before);
        below += own;
    }
}

fn add_levels(categories: &Categories, rows: &[usize], totals: &mut [f64]) {
    // The last is that of missing values.
    let place_of = |row: usize| (categories.codes[row] as usize).min(categories.levels.len());
    let mut counts = vec![0_usize; categories.levels.len() + 1];
    rows.iter().for_each(|row| counts[place_of(*row)] += 1);
    for (total, row) in totals.iter_mut().zip(rows) {
        *total += (rows.len() - counts[place_of(*row)]) as f64;
    }
}

impl Compared {
    /// What stands in a row, as a person reads it.
    fn text(&self, row: usize) -> Option<String> {
        match &self.values {
            Values::Text { categories, .. } => categories.get(row).map(str::to_string),
            Values::Number { values, .. } if !values[row].is_finite() => None,
            Values::Number { values, boolean: true, .. } => Some((values[row] == 1.0).to_string()),
            Values::Number { values, .. } if values[row].fract() == 0.0 && values[row].abs() < 1e15 => {
                Some(format!("{}", values[row]))
            }
            Values::Number { values, .. } => Some(number(values[row])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_data::Frame;

    /// The sum of the differences to all others, pair by pair.
    fn by_pairs(frame: &Frame, columns: &[&str], rows: &[usize]) -> Vec<f64> {
        let column = |name: &str, a: usize, b: usize| {
            let Ok(values) = frame.numbers(name) else {
                let levels = frame.categories(name).unwrap();
                return f64::from(levels.get(a) != levels.get(b));
            };
            let known = values.iter().filter(|v| v.is_finite());
            let (least, most) = known.fold((f64::INFINITY, f64::NEG_INFINITY), |(x, y), v| (v.min(x), v.max(y)));
            match (values[a].is_finite(), values[b].is_finite()) {
                (true, true) => (values[a] - values[b]).abs() / (most - least),
                (false, false) => 0.0,
                _ => 1.0,
            }
        };
        let pair = |a: usize, b: usize| columns.iter().map(|name| column(name, a, b)).sum::<f64>();
        rows.iter().map(|a| rows.iter().map(|b| pair(*a, *b)).sum()).collect()
    }

    #[test]
    fn it_is_the_row_of_the_least_sum_of_pairs() {
        let number = |row: usize| (row % 7 != 3).then_some(((row * row * 31) % 97) as f64 / 7.0 + 1e6);
        let frame = Frame::builder()
            .optional_numbers("pay", (0..60).map(number).collect())
            .booleans("volunteer", (0..60).map(|row| row % 3 == 0).collect())
            .optional_texts(
                "city",
                (0..60).map(|row| (row % 5 != 4).then_some(["Lugo", "Soria", "Vigo"][row * row % 3])),
            )
            .build()
            .unwrap();
        let names = ["pay", "volunteer", "city"];
        let columns: Vec<Compared> = names.iter().map(|n| Compared::read(&frame, n).unwrap().unwrap()).collect();
        for rows in [(0..60).collect::<Vec<_>>(), (0..60).step_by(3).collect(), vec![11, 12], vec![7]] {
            let pairs = by_pairs(&frame, &names, &rows);
            let mut totals = vec![0.0; rows.len()];
            add_numbers(&frame.numbers("pay").unwrap(), &rows, &mut totals);
            add_numbers(&frame.numbers("volunteer").unwrap(), &rows, &mut totals);
            add_levels(&frame.categories("city").unwrap(), &rows, &mut totals);
            assert!(totals.iter().zip(&pairs).all(|(a, b)| (a - b).abs() < 1e-9), "{totals:?} {pairs:?}");
            let least = pairs.iter().copied().fold(f64::INFINITY, f64::min);
            let found = medoid(&columns, &rows).unwrap();
            let place = rows.iter().position(|row| *row == found.row).unwrap();
            assert!(pairs[place] - least < 1e-9, "{found:?}");
            assert_eq!(found.values.len(), 3);
        }
        assert_eq!(medoid(&columns, &[]), None);
        assert_eq!(medoid(&columns, &[3, 3]).unwrap().values[0], ("pay".to_string(), None));
    }

    #[test]
    fn equal_rows_and_constant_columns_give_the_first() {
        let frame = Frame::builder().numbers("x", vec![0.1; 9]).build().unwrap();
        let columns = [Compared::read(&frame, "x").unwrap().unwrap()];
        assert_eq!(medoid(&columns, &[2, 4, 8]).unwrap().row, 2);
    }
}
