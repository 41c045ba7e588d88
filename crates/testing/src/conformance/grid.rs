//! Inputs and answers as cells, so that any two can be compared bit by bit and a difference can be named.

use adflux_core::{Column, Features, Forecast, Prediction, Values};

/// The steps that a forecaster is asked about.
pub(crate) const HORIZON: usize = 6;
/// The levels of the intervals it is asked for.
pub(crate) const LEVELS: [f64; 2] = [0.8, 0.95];

/// One cell of a [`Grid`].
#[derive(Clone, Debug)]
pub enum Cell {
    /// A number. Two are the same when their bits are.
    Number(f64),
    /// A text, a level or a class; `None` is missing.
    Text(Option<String>),
}

impl Cell {
    fn same(&self, other: &Cell) -> bool {
        match (self, other) {
            (Cell::Number(a), Cell::Number(b)) => a.to_bits() == b.to_bits(),
            (Cell::Text(a), Cell::Text(b)) => a == b,
            _ => false,
        }
    }

    fn show(&self) -> String {
        match self {
            Cell::Number(v) => format!("{v:?}"),
            Cell::Text(Some(text)) => format!("`{text}`"),
            Cell::Text(None) => "nothing".into(),
        }
    }
}

/// A table of cells with named columns.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    /// The number of rows, also where there are no columns.
    pub rows: usize,
    /// Names and cells.
    pub columns: Vec<(String, Vec<Cell>)>,
}

impl Grid {
    /// A grid of columns of `rows` cells.
    pub fn new(rows: usize, columns: Vec<(String, Vec<Cell>)>) -> Self {
        Grid { rows, columns }
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// The given rows in the given order.
    pub(crate) fn take(&self, rows: &[usize]) -> Grid {
        let taken = |cells: &Vec<Cell>| rows.iter().map(|&row| cells[row].clone()).collect();
        Grid::new(rows.len(), self.columns.iter().map(|(name, cells)| (name.clone(), taken(cells))).collect())
    }

    /// The columns sorted by name.
    pub(crate) fn sorted(mut self) -> Grid {
        self.columns.sort_by(|a, b| a.0.cmp(&b.0));
        self
    }

    /// Why this is not exactly `expected`: the first place where they differ, rows counted from 1.
    pub(crate) fn difference(&self, expected: &Grid) -> Option<String> {
        if self.rows != expected.rows {
            return Some(format!("{} rows, where {} are expected", self.rows, expected.rows));
        }
        if self.names() != expected.names() {
            return Some(format!("the columns {:?}, where {:?} are expected", self.names(), expected.names()));
        }
        self.columns.iter().zip(&expected.columns).find_map(|((name, cells), (_, wanted))| {
            if cells.len() != wanted.len() {
                return Some(format!("{} cells in `{name}`, where {} are expected", cells.len(), wanted.len()));
            }
            let row = cells.iter().zip(wanted).position(|(a, b)| !a.same(b))?;
            let (is, wanted) = (cells[row].show(), wanted[row].show());
            Some(format!("row {} of `{name}` is {is}, where {wanted} is expected", row + 1))
        })
    }

    /// The first number that is NaN or infinite, in a row that `excused` does not excuse.
    pub(crate) fn not_finite(&self, excused: impl Fn(usize) -> bool) -> Option<String> {
        self.columns.iter().find_map(|(name, cells)| {
            let wrong = |cell: &Cell| matches!(cell, Cell::Number(v) if !v.is_finite());
            let row = cells.iter().enumerate().position(|(row, cell)| wrong(cell) && !excused(row))?;
            Some(format!("row {} of `{name}` is {}", row + 1, cells[row].show()))
        })
    }
}

/// What a component gives: features, a prediction or a forecast.
pub trait Answer: 'static {
    /// Its cells.
    fn grid(&self) -> Grid;
    /// Its columns with their lineage, where it has any.
    fn columns(&self) -> Vec<Column> {
        Vec::new()
    }
}

impl Answer for Features {
    fn grid(&self) -> Grid {
        let mut columns = Vec::with_capacity(self.width());
        for block in self.blocks() {
            let numbers = |x: &ndarray::Array2<f64>| -> Vec<Vec<Cell>> {
                x.columns().into_iter().map(|c| c.iter().copied().map(Cell::Number).collect()).collect()
            };
            let cells = match block.values() {
                Values::Dense(x) => numbers(x),
                Values::Sparse(x) => numbers(&x.to_dense()),
                Values::Category(x) => {
                    vec![(0..x.codes.len()).map(|row| Cell::Text(x.get(row).map(str::to_string))).collect()]
                }
                Values::Text(x) => vec![x.iter().map(|text| Cell::Text(Some(text.clone()))).collect()],
                _ => Vec::new(),
            };
            columns.extend(block.columns().iter().map(|c| c.name.clone()).zip(cells));
        }
        Grid::new(self.rows(), columns)
    }

    fn columns(&self) -> Vec<Column> {
        Features::columns(self).cloned().collect()
    }
}

impl Answer for Prediction {
    fn grid(&self) -> Grid {
        let mut columns = Vec::new();
        flatten(self, "", &mut columns);
        Grid::new(adflux_core::Rows::len(self), columns)
    }
}

impl Answer for Forecast {
    fn grid(&self) -> Grid {
        let mut columns: Vec<(String, Vec<Cell>)> = vec![("id".into(), Vec::new()), ("time".into(), Vec::new())];
        columns.push(("mean".into(), Vec::new()));
        columns
            .extend(self.levels.iter().flat_map(|l| ["lower", "upper"].map(|end| (format!("{end} {l}"), Vec::new()))));
        let mut rows = 0;
        for series in &self.series {
            for (step, time) in series.times.iter().enumerate() {
                let ends = (0..self.levels.len())
                    .flat_map(|level| [&series.lower, &series.upper].map(|end| Cell::Number(end[[step, level]])));
                let row = [Cell::Text(Some(series.id.clone())), Cell::Text(Some(self.frequency.text(*time)))];
                let row = row.into_iter().chain([Cell::Number(series.mean[step])]).chain(ends);
                for ((_, cells), cell) in columns.iter_mut().zip(row) {
                    cells.push(cell);
                }
                rows += 1;
            }
        }
        Grid::new(rows, columns)
    }
}

/// The columns of a prediction; `name` is what it is called among several.
fn flatten(prediction: &Prediction, name: &str, to: &mut Vec<(String, Vec<Cell>)>) {
    let mut push = |part: &str, cells: Vec<Cell>| {
        let name = [name, part].iter().filter(|n| !n.is_empty()).copied().collect::<Vec<_>>().join(" ");
        to.push((name, cells));
    };
    let numbers = |values: ndarray::ArrayView1<f64>| values.iter().copied().map(Cell::Number).collect::<Vec<_>>();
    match prediction {
        Prediction::Values(values) => push(if name.is_empty() { "value" } else { "" }, numbers(values.view())),
        Prediction::Sets(sets) => {
            for (label, column) in sets.classes.labels.iter().zip(sets.members.columns()) {
                push(&format!("{label} in the set"), column.iter().map(|m| Cell::Text(Some(m.to_string()))).collect());
            }
            flatten(&Prediction::Classes(sets.classes.clone()), name, to);
        }
        Prediction::Classes(classes) => {
            for (label, column) in classes.labels.iter().zip(classes.probabilities.columns()) {
                push(&format!("probability of {label}"), numbers(column));
            }
        }
        Prediction::Segments(segments) => {
            push("segment", segments.ids.iter().map(|id| Cell::Text(id.map(|id| id.to_string()))).collect());
            push("strength", numbers(segments.strength.view()));
        }
        Prediction::Intervals(intervals) => {
            push("mean", numbers(intervals.mean.view()));
            push("lower", numbers(intervals.lower.view()));
            push("upper", numbers(intervals.upper.view()));
        }
        Prediction::Multi(all) => all.iter().for_each(|(inner, p)| {
            let inner = if name.is_empty() { inner.clone() } else { format!("{name} {inner}") };
            flatten(p, &inner, to);
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_first_difference_is_named_and_bits_count() {
        let grid = |v: f64| Prediction::Multi(vec![("ctr".into(), Prediction::Values(array![1.0, v]))]).grid();
        assert!(grid(f64::NAN).difference(&grid(f64::NAN)).is_none());
        let says = grid(0.0).difference(&grid(-0.0)).unwrap();
        assert_eq!(says, "row 2 of `ctr` is 0.0, where -0.0 is expected");
        assert_eq!(grid(f64::NAN).not_finite(|_| false).unwrap(), "row 2 of `ctr` is NaN");
        assert!(grid(f64::NAN).not_finite(|row| row == 1).is_none());
        assert!(grid(1.0).take(&[0]).difference(&grid(1.0)).unwrap().starts_with("1 rows"));
    }
}
