//! Inputs that the kit can spoil: from one valid table, all the wrong and extreme ones.

use super::grid::{Answer, Grid};
use adflux_core::{Block, Categories, Column, Features, Rows, Values};
use ndarray::{Array2, Axis};
use sprs::{CsMat, TriMat};
use std::{fmt::Debug, sync::Arc};

/// The name of the column that [`Sample::with_extra`] adds.
pub(crate) const EXTRA: &str = "a column nobody asked for";

/// What a column of a [`Sample`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Numbers: a cell can be NaN or infinite, a column can be scaled.
    Numbers,
    /// Anything else.
    Other,
}

/// An input that the kit can take apart: [`Features`], and with the feature `frame` a `Frame`, alone or beside a prediction.
pub trait Sample: Rows + Clone + Debug + Send + Sync + 'static {
    /// Whether components find its columns by name and leave the others alone, as they do in a frame. Otherwise the columns
    /// are wanted exactly as in training.
    const BY_NAME: bool;
    /// Every cell, to see that the input was not touched.
    fn grid(&self) -> Grid;
    /// The columns, in order.
    fn columns(&self) -> Vec<(String, Holds)>;
    /// The input columns that the lineage of an output may name.
    fn sources(&self) -> Vec<String>;
    /// The same table as if each column had been made from an input column of another name, where columns have a lineage.
    fn with_own_lineage(&self) -> Self;
    /// `change` of every row and number of a column of numbers.
    fn map(&self, column: &str, change: &dyn Fn(usize, f64) -> f64) -> Self;
    /// The cell missing: NaN, no level, no text.
    fn with_gap(&self, column: &str, row: usize) -> Self;
    /// The column constant: every row has what the first has.
    fn constant(&self, column: &str) -> Self;
    /// The column left out.
    fn without(&self, column: &str) -> Self;
    /// One column of numbers more.
    fn with_extra(&self) -> Self;
    /// The columns in reverse order.
    fn reversed(&self) -> Self;
    /// The column as another type: numbers as words, anything else as numbers.
    fn retyped(&self, column: &str) -> Self;
    /// Only these columns; `None` where columns are not found by name.
    fn select(&self, _: &[String]) -> Option<Self> {
        None
    }
    /// For inputs that hold a prediction: others in its place, each with what it is.
    fn other_predictions(&self) -> Vec<(String, Self)> {
        Vec::new()
    }
    /// For inputs that hold a prediction of numbers: the same with NaN in a row.
    fn unpredicted(&self, _: usize) -> Option<Self> {
        None
    }
}

/// Features of blocks that are known to fit.
fn features(rows: usize, blocks: Vec<Block>) -> Features {
    Features::new(rows, blocks).expect("blocks of one table fit together")
}

fn block(columns: Vec<Column>, values: Values) -> Block {
    Block::new(columns, values).expect("as many names as columns")
}

fn compressed(x: &Array2<f64>) -> CsMat<f64> {
    let mut cells = TriMat::new(x.dim());
    x.indexed_iter().filter(|(_, v)| **v != 0.0).for_each(|((row, column), v)| cells.add_triplet(row, column, *v));
    cells.to_csr()
}

/// `change` of the numbers of a block, dense or sparse; `None` when it holds no numbers.
fn numbers(values: &Values, change: impl Fn(&Array2<f64>) -> Array2<f64>) -> Option<Values> {
    match values {
        Values::Dense(x) => Some(Values::Dense(change(x))),
        Values::Sparse(x) => Some(Values::Sparse(compressed(&change(&x.to_dense())))),
        _ => None,
    }
}

/// The table with `change` in the place of the block that holds `column`, whose place in the block is given too.
fn at_column(x: &Features, column: &str, change: impl Fn(&Block, usize) -> Vec<Block>) -> Features {
    let blocks = x.blocks().iter().flat_map(|block| match block.columns().iter().position(|c| c.name == column) {
        Some(place) => change(block, place),
        None => vec![block.clone()],
    });
    features(x.rows(), blocks.collect())
}

impl Sample for Features {
    const BY_NAME: bool = false;

    fn grid(&self) -> Grid {
        Answer::grid(self)
    }

    fn columns(&self) -> Vec<(String, Holds)> {
        let of = |block: &Block| match block.values() {
            Values::Dense(_) | Values::Sparse(_) => Holds::Numbers,
            _ => Holds::Other,
        };
        self.blocks().iter().flat_map(|b| b.columns().iter().map(move |c| (c.name.clone(), of(b)))).collect()
    }

    fn sources(&self) -> Vec<String> {
        Features::columns(self).flat_map(|c| c.sources.iter().cloned()).collect()
    }

    fn with_own_lineage(&self) -> Self {
        let renamed = |c: &Column| Column { name: c.name.clone(), sources: vec![format!("source of {}", c.name)] };
        let blocks = self.blocks().iter();
        let blocks = blocks.map(|b| block(b.columns().iter().map(renamed).collect(), b.values().clone()));
        features(self.rows(), blocks.collect())
    }

    fn map(&self, column: &str, change: &dyn Fn(usize, f64) -> f64) -> Self {
        at_column(self, column, |old, place| {
            let changed = numbers(old.values(), |x| {
                let mut x = x.clone();
                x.column_mut(place).iter_mut().enumerate().for_each(|(row, v)| *v = change(row, *v));
                x
            });
            vec![block(old.columns().to_vec(), changed.unwrap_or_else(|| old.values().clone()))]
        })
    }

    fn with_gap(&self, column: &str, row: usize) -> Self {
        at_column(self, column, |old, _| {
            let values = match old.values() {
                Values::Category(x) => {
                    let mut x = x.clone();
                    x.codes[row] = Categories::MISSING;
                    Values::Category(x)
                }
                Values::Text(x) => {
                    let mut texts = x.to_vec();
                    texts[row].clear();
                    Values::Text(texts.into())
                }
                _ => {
                    return self
                        .map(column, &|r, v| if r == row { f64::NAN } else { v })
                        .into_blocks()
                        .into_iter()
                        .filter(|b| b.columns() == old.columns())
                        .collect();
                }
            };
            vec![block(old.columns().to_vec(), values)]
        })
    }

    fn constant(&self, column: &str) -> Self {
        let first = self.take(&vec![0; self.rows()]);
        at_column(self, column, |old, place| {
            if old.columns().len() == 1 {
                return first.blocks().iter().filter(|b| b.columns() == old.columns()).cloned().collect();
            }
            let changed = numbers(old.values(), |x| {
                let mut x = x.clone();
                if let Some(value) = x.column(place).first().copied() {
                    x.column_mut(place).fill(value);
                }
                x
            });
            vec![block(old.columns().to_vec(), changed.unwrap_or_else(|| old.values().clone()))]
        })
    }

    fn without(&self, column: &str) -> Self {
        at_column(self, column, |old, place| {
            let kept: Vec<usize> = (0..old.columns().len()).filter(|c| *c != place).collect();
            let columns = kept.iter().map(|&c| old.columns()[c].clone()).collect();
            let values = numbers(old.values(), |x| x.select(Axis(1), &kept)).filter(|_| !kept.is_empty());
            values.map(|values| block(columns, values)).into_iter().collect()
        })
    }

    fn with_extra(&self) -> Self {
        let mut blocks = self.blocks().to_vec();
        let extra = Array2::from_shape_fn((self.rows(), 1), |(row, _)| row as f64);
        match blocks.iter().position(|b| matches!(b.values(), Values::Dense(_))) {
            Some(place) => {
                let columns = blocks[place].columns().iter().cloned().chain([Column::input(EXTRA)]).collect();
                let values = numbers(blocks[place].values(), |x| ndarray::concatenate![Axis(1), *x, extra]);
                blocks[place] = block(columns, values.unwrap_or(Values::Dense(extra.clone())));
            }
            None => blocks.push(block(vec![Column::input(EXTRA)], Values::Dense(extra))),
        }
        features(self.rows(), blocks)
    }

    fn reversed(&self) -> Self {
        let blocks = self.blocks().iter().rev().map(|old| {
            let order: Vec<usize> = (0..old.columns().len()).rev().collect();
            match numbers(old.values(), |x| x.select(Axis(1), &order)) {
                Some(values) => block(order.iter().map(|&c| old.columns()[c].clone()).collect(), values),
                None => old.clone(),
            }
        });
        features(self.rows(), blocks.collect())
    }

    fn retyped(&self, column: &str) -> Self {
        let words: Arc<[String]> = (0..self.rows()).map(|row| format!("word {row}")).collect();
        at_column(self, column, |old, _| match old.values() {
            Values::Dense(_) | Values::Sparse(_) => {
                let texts = |c: &Column| block(vec![c.clone()], Values::Text(words.clone()));
                old.columns().iter().map(texts).collect()
            }
            _ => vec![block(old.columns().to_vec(), Values::Dense(Array2::zeros((self.rows(), 1))))],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn table() -> Features {
        let dense = block(vec![Column::input("a"), Column::input("b")], Values::Dense(array![[1.0, 2.0], [3.0, 4.0]]));
        let sparse = block(vec![Column::input("s")], Values::Sparse(compressed(&array![[0.0], [5.0]])));
        let level = Categories { codes: vec![0, 1], levels: vec!["x".to_string(), "y".into()].into() };
        let category = block(vec![Column::input("c")], Values::Category(level));
        let text = block(vec![Column::input("t")], Values::Text(vec!["u".to_string(), "v".into()].into()));
        features(2, vec![dense, sparse, category, text])
    }

    fn names(x: &Features) -> Vec<String> {
        Features::columns(x).map(|c| c.name.clone()).collect()
    }

    #[test]
    fn each_spoiled_table_differs_from_the_first_in_what_it_says() {
        let x = table();
        let cell = |x: &Features, column: &str, row: usize| {
            let grid = Sample::grid(x);
            format!("{:?}", grid.columns.iter().find(|(n, _)| n == column).unwrap().1[row])
        };
        for (column, gap) in
            [("b", "Number(NaN)"), ("s", "Number(NaN)"), ("c", "Text(None)"), ("t", "Text(Some(\"\"))")]
        {
            assert_eq!(cell(&x.with_gap(column, 1), column, 1), gap);
            assert_eq!(names(&x.with_gap(column, 1)), names(&x));
            assert_eq!(cell(&x.constant(column), column, 1), cell(&x, column, 0));
            assert!(!names(&x.without(column)).contains(&column.to_string()));
            assert_eq!(x.without(column).width(), 4);
        }
        assert_eq!(names(&x.reversed()), ["t", "c", "s", "b", "a"]);
        assert_eq!(cell(&x.reversed(), "a", 1), "Number(3.0)");
        assert_eq!(names(&x.with_extra()), ["a", "b", EXTRA, "s", "c", "t"]);
        assert_eq!(cell(&x.retyped("a"), "a", 1), "Text(Some(\"word 1\"))");
        assert_eq!(cell(&x.retyped("c"), "c", 1), "Number(0.0)");
        assert_eq!(x.with_own_lineage().sources()[0], "source of a");
    }
}
