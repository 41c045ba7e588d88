//! [`Features`]: what a model sees, as named blocks.

use crate::{Error, Result, Rows};
use ndarray::{Array2, ArrayView2, Axis};
use sprs::{CsMat, TriMat};
use std::sync::Arc;

/// One feature column: its name, and the columns of the input frame it was made from.
///
/// A one-hot column `platform=META` has the source `platform`; the lineage lets explanations speak of input columns.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Column {
    /// Unique among the features.
    pub name: String,
    /// The input columns it came from.
    pub sources: Vec<String>,
}

impl Column {
    /// A column taken over from the input under its own name.
    pub fn input(name: impl Into<String>) -> Self {
        let name = name.into();
        Column { sources: vec![name.clone()], name }
    }

    /// A column made from `self` under a new name; the lineage goes with it.
    pub fn derive(&self, name: impl Into<String>) -> Self {
        Column { name: name.into(), sources: self.sources.clone() }
    }
}

/// A categorical column: a code for each row into a list of levels.
#[derive(Clone, Debug, PartialEq)]
pub struct Categories {
    /// Index into `levels`, or [`MISSING`](Categories::MISSING).
    pub codes: Vec<u32>,
    /// The levels that the codes point to.
    pub levels: Arc<[String]>,
}

impl Categories {
    /// The code of a missing value.
    pub const MISSING: u32 = u32::MAX;

    /// The level of `row`, `None` when missing.
    pub fn get(&self, row: usize) -> Option<&str> {
        self.levels.get(self.codes[row] as usize).map(String::as_str)
    }
}

/// The values of a block.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Values {
    /// Numbers, rows × columns. NaN is a missing value.
    Dense(Array2<f64>),
    /// Numbers of which most are zero, rows × columns, compressed by row.
    Sparse(CsMat<f64>),
    /// One categorical column.
    Category(Categories),
    /// One text column; a missing text is empty.
    Text(Arc<[String]>),
}

impl Values {
    fn name(&self) -> &'static str {
        match self {
            Values::Dense(_) => "dense",
            Values::Sparse(_) => "sparse",
            Values::Category(_) => "categorical",
            Values::Text(_) => "text",
        }
    }

    fn rows(&self) -> usize {
        match self {
            Values::Dense(x) => x.nrows(),
            Values::Sparse(x) => x.rows(),
            Values::Category(c) => c.codes.len(),
            Values::Text(t) => t.len(),
        }
    }

    fn width(&self) -> usize {
        match self {
            Values::Dense(x) => x.ncols(),
            Values::Sparse(x) => x.cols(),
            Values::Category(_) | Values::Text(_) => 1,
        }
    }
}

/// Columns that share one representation.
#[derive(Clone, Debug)]
pub struct Block {
    columns: Arc<[Column]>,
    values: Values,
}

impl Block {
    /// A block of `values` with a [`Column`] for each of its columns.
    ///
    /// # Errors
    /// When the numbers of columns differ, or a sparse block is not compressed by row.
    pub fn new(columns: impl Into<Arc<[Column]>>, values: Values) -> Result<Self> {
        let columns = columns.into();
        if columns.len() != values.width() {
            return Err(Error::data(format!("{} names for {} feature columns", columns.len(), values.width())));
        }
        if matches!(&values, Values::Sparse(x) if !x.is_csr()) {
            return Err(Error::data("a sparse block must be compressed by row: convert it with `to_csr`"));
        }
        Ok(Block { columns, values })
    }

    /// Names and lineage, one for each column of the values.
    pub fn columns(&self) -> &Arc<[Column]> {
        &self.columns
    }

    /// The values.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// Columns and values, owned.
    pub fn into_parts(self) -> (Arc<[Column]>, Values) {
        (self.columns, self.values)
    }

    /// The error of a step that does not take this block.
    pub fn refused_by(&self, step: impl Into<String>) -> Error {
        Error::Block {
            step: step.into(),
            found: self.values.name(),
            column: self.columns.first().map(|c| c.name.clone()).unwrap_or_default(),
            convert: match self.values {
                Values::Dense(_) => "it is numeric already; choose other columns for this step",
                Values::Sparse(_) => {
                    "put a truncated-svd before it, or use a model that takes sparse features, as the random forests do"
                }
                Values::Category(_) => {
                    "put a one-hot-encoder before it, or take a model of categories, as gradient boosting"
                }
                Values::Text(_) => "put a tfidf-vectorizer before it, or leave the column out",
            },
        }
    }
}

/// A table of features: blocks with the same number of rows and distinct column names.
///
/// ```
/// use adflux_core::Features;
/// use ndarray::array;
/// let x = Features::from_dense(array![[1.0, 2.0], [3.0, 4.0]], ["age", "tenure"])?;
/// assert_eq!(x.dense("k-means")?.nrows(), 2);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Features {
    rows: usize,
    blocks: Vec<Block>,
}

impl Features {
    /// Features of `rows` rows from blocks.
    ///
    /// # Errors
    /// When a block has another number of rows, or two columns share a name.
    pub fn new(rows: usize, blocks: Vec<Block>) -> Result<Self> {
        if let Some(block) = blocks.iter().find(|b| b.values.rows() != rows) {
            return Err(Error::data(format!("a block of {} rows among features of {rows} rows", block.values.rows())));
        }
        let mut names = std::collections::HashSet::new();
        if let Some(twice) = blocks.iter().flat_map(|b| b.columns.iter()).find(|c| !names.insert(c.name.as_str())) {
            return Err(Error::column(&twice.name, "two feature columns have this name: rename one"));
        }
        Ok(Features { rows, blocks })
    }

    /// Features from blocks known to fit, for steps that checked their names when they were fitted.
    ///
    /// # Errors
    /// When a block has another number of rows.
    pub fn trusted(rows: usize, blocks: Vec<Block>) -> Result<Self> {
        match blocks.iter().find(|b| b.values.rows() != rows) {
            Some(b) => Err(Error::data(format!("a block of {} rows among features of {rows} rows", b.values.rows()))),
            None => Ok(Features { rows, blocks }),
        }
    }

    /// One dense block, the common case.
    ///
    /// # Errors
    /// When the number of names is not the number of columns, or two are the same.
    pub fn from_dense<S: Into<String>>(values: Array2<f64>, names: impl IntoIterator<Item = S>) -> Result<Self> {
        let columns: Vec<Column> = names.into_iter().map(Column::input).collect();
        Features::new(values.nrows(), vec![Block::new(columns, Values::Dense(values))?])
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns over all blocks.
    pub fn width(&self) -> usize {
        self.blocks.iter().map(|b| b.columns.len()).sum()
    }

    /// The blocks.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The blocks, owned.
    pub fn into_blocks(self) -> Vec<Block> {
        self.blocks
    }

    /// Names and lineage of every column, in order.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.blocks.iter().flat_map(|b| b.columns.iter())
    }

    /// The numbers of features that are one dense block: what most models take. Free: nothing is copied.
    ///
    /// # Errors
    /// [`Error::Block`] naming `step`, the first block that is not dense, and the step that would convert it.
    pub fn dense(&self, step: &str) -> Result<&Array2<f64>> {
        match &self.blocks[..] {
            [Block { values: Values::Dense(x), .. }] => Ok(x),
            [] => Err(Error::data(format!("`{step}` was given no features: choose at least one column"))),
            blocks => Err(blocks.iter().find(|b| !matches!(b.values, Values::Dense(_))).map_or_else(
                || Error::data(format!("`{step}` takes one dense block, not {}: merge them first", blocks.len())),
                |b| b.refused_by(step),
            )),
        }
    }

    /// The numbers of [`dense`](Features::dense), owned.
    ///
    /// # Errors
    /// As `dense`.
    pub fn into_dense(self, step: &str) -> Result<Array2<f64>> {
        self.dense(step)?;
        match self.blocks.into_iter().next().map(Block::into_parts) {
            Some((_, Values::Dense(x))) => Ok(x),
            _ => Err(Error::data(format!("`{step}` was given no features: choose at least one column"))),
        }
    }

    /// # Errors
    /// [`Error::Column`] naming `step`, the column and the first row, when a number is NaN or infinite. For models that do
    /// not take missing values.
    pub fn require_finite(&self, step: &str) -> Result<()> {
        for block in &self.blocks {
            match &block.values {
                Values::Dense(x) => finite_numbers(step, &block.columns, &x.view())?,
                Values::Sparse(x) => {
                    if let Some((value, (row, column))) = x.iter().find(|(v, _)| !v.is_finite()) {
                        return Err(not_finite(step, &block.columns, (row, column), *value));
                    }
                }
                Values::Category(_) | Values::Text(_) => {}
            }
        }
        Ok(())
    }

    /// # Errors
    /// When these are not, by name and in order, the columns that `step` was `fitted` on.
    pub fn require_columns(&self, step: &str, fitted: &[Column]) -> Result<()> {
        same_columns(step, fitted, self.columns())
    }

    /// Joins all dense blocks into one and all sparse blocks into another; the order inside each kind is kept.
    ///
    /// # Errors
    /// When two columns share a name.
    pub fn merged(self) -> Result<Self> {
        let rows = self.rows;
        let (mut dense, mut sparse, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        for block in self.blocks {
            match block.values {
                Values::Dense(_) => dense.push(block),
                Values::Sparse(_) => sparse.push(block),
                _ => rest.push(block),
            }
        }
        let mut blocks = Vec::with_capacity(2 + rest.len());
        blocks.extend(join(dense, |all| {
            let views: Vec<_> =
                all.iter().filter_map(|v| if let Values::Dense(x) = v { Some(x.view()) } else { None }).collect();
            ndarray::concatenate(Axis(1), &views).map(Values::Dense).map_err(Error::backend)
        })?);
        blocks.extend(join(sparse, |all| {
            let views: Vec<_> =
                all.iter().filter_map(|v| if let Values::Sparse(x) = v { Some(x.view()) } else { None }).collect();
            Ok(Values::Sparse(sprs::hstack(&views).to_csr()))
        })?);
        blocks.extend(rest);
        Features::new(rows, blocks)
    }
}

/// What [`Features::require_finite`] checks, of numbers that come as an array: rows × `columns`, of which those are named that are known
/// and the others counted from 1.
///
/// # Errors
/// [`Error::Column`] naming `step`, the column and the first row, when a number is NaN or infinite.
pub fn finite_numbers(step: &str, columns: &[Column], x: &ArrayView2<f64>) -> Result<()> {
    // A sum is finite when every term is, unless it overflows: a cheap first look at the whole.
    if x.sum().is_finite() {
        return Ok(());
    }
    match x.indexed_iter().find(|(_, v)| !v.is_finite()) {
        Some((place, value)) => Err(not_finite(step, columns, place, *value)),
        None => Ok(()),
    }
}

fn not_finite(step: &str, columns: &[Column], (row, column): (usize, usize), value: f64) -> Error {
    let name = columns.get(column).map_or_else(|| (column + 1).to_string(), |column| column.name.clone());
    let what = if value.is_nan() { "a missing value" } else { "an infinite value" };
    let reason = format!("{what}, which `{step}` does not take: put a simple-imputer before it, or drop the row");
    Error::cell(name, row, reason)
}

/// # Errors
/// When the columns that were `found` are not, by name and in order, those that `step` was `fitted` on.
pub fn same_columns<'a>(step: &str, fitted: &[Column], found: impl IntoIterator<Item = &'a Column>) -> Result<()> {
    let mut columns = 0;
    let mut other = None;
    for (place, found) in found.into_iter().enumerate() {
        columns += 1;
        other = other.or_else(|| fitted.get(place).filter(|f| f.name != found.name).map(|fitted| (fitted, found)));
    }
    if fitted.len() != columns {
        return Err(Error::data(format!("`{step}` was fitted on {} columns and is given {columns}", fitted.len())));
    }
    match other {
        Some((fitted, found)) => {
            Err(Error::column(&found.name, format!("`{step}` was fitted on `{}` in its place", fitted.name)))
        }
        None => Ok(()),
    }
}

fn join(mut blocks: Vec<Block>, merge: impl Fn(Vec<Values>) -> Result<Values>) -> Result<Option<Block>> {
    if blocks.len() < 2 {
        return Ok(blocks.pop());
    }
    let columns: Vec<Column> = blocks.iter().flat_map(|b| b.columns.iter().cloned()).collect();
    Block::new(columns, merge(blocks.into_iter().map(|b| b.values).collect())?).map(Some)
}

impl Rows for Features {
    fn len(&self) -> usize {
        self.rows
    }

    fn take(&self, rows: &[usize]) -> Self {
        let blocks = self
            .blocks
            .iter()
            .map(|block| Block {
                columns: block.columns.clone(),
                values: match &block.values {
                    Values::Dense(x) => Values::Dense(x.select(Axis(0), rows)),
                    Values::Sparse(x) => Values::Sparse(take_sparse(x, rows)),
                    Values::Category(c) => Values::Category(Categories {
                        codes: rows.iter().map(|&r| c.codes[r]).collect(),
                        levels: c.levels.clone(),
                    }),
                    Values::Text(t) => Values::Text(rows.iter().map(|&r| t[r].clone()).collect()),
                },
            })
            .collect();
        Features { rows: rows.len(), blocks }
    }
}

fn take_sparse(x: &CsMat<f64>, rows: &[usize]) -> CsMat<f64> {
    let mut taken = TriMat::new((rows.len(), x.cols()));
    for (to, &from) in rows.iter().enumerate() {
        if let Some(row) = x.outer_view(from) {
            for (column, value) in row.iter() {
                taken.add_triplet(to, column, *value);
            }
        }
    }
    taken.to_csr()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn sparse(rows: usize, cells: &[(usize, usize, f64)]) -> Block {
        let mut x = TriMat::new((rows, 2));
        cells.iter().for_each(|&(r, c, v)| x.add_triplet(r, c, v));
        Block::new(vec![Column::input("s0"), Column::input("s1")], Values::Sparse(x.to_csr())).unwrap()
    }

    #[test]
    fn a_block_that_is_not_dense_names_the_step_that_converts_it() {
        let text = Block::new(vec![Column::input("title")], Values::Text(vec!["a".to_string()].into())).unwrap();
        let error = Features::new(1, vec![text]).unwrap().dense("k-means").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`k-means` does not take text features (column `title`): put a tfidf-vectorizer before it, or leave the column out"
        );
    }

    #[test]
    fn non_finite_numbers_are_named_by_column_and_row() {
        let x = Features::from_dense(array![[1.0, 2.0], [1.0, f64::NAN]], ["a", "b"]).unwrap();
        assert!(x.require_finite("m").unwrap_err().to_string().starts_with("column `b`, row 2: a missing value"));
        let huge = Features::from_dense(array![[f64::MAX], [f64::MAX]], ["a"]).unwrap();
        assert!(huge.require_finite("m").is_ok(), "finite numbers whose sum overflows are finite");
    }

    #[test]
    fn merging_joins_blocks_of_a_kind_and_taking_rows_keeps_all() {
        let a = Block::new(vec![Column::input("a")], Values::Dense(array![[1.0], [2.0], [3.0]])).unwrap();
        let b = Block::new(vec![Column::input("b")], Values::Dense(array![[4.0], [5.0], [6.0]])).unwrap();
        let merged = Features::new(3, vec![a, sparse(3, &[(0, 1, 7.0), (2, 0, 8.0)]), b]).unwrap().merged().unwrap();
        assert_eq!(merged.columns().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["a", "b", "s0", "s1"]);
        let taken = merged.take(&[2, 0, 2]);
        let (Values::Dense(x), Values::Sparse(s)) = (taken.blocks()[0].values(), taken.blocks()[1].values()) else {
            panic!()
        };
        assert_eq!(*x, array![[3.0, 6.0], [1.0, 4.0], [3.0, 6.0]]);
        assert_eq!(s.to_dense(), array![[8.0, 0.0], [0.0, 7.0], [8.0, 0.0]]);
    }

    #[test]
    fn columns_of_other_names_or_in_another_order_are_named() {
        let x = |names: &[&str]| Features::from_dense(Array2::zeros((1, names.len())), names.iter().copied()).unwrap();
        let fitted: Vec<Column> = x(&["a", "b"]).columns().cloned().collect();
        let says = |names: &[&str]| x(names).require_columns("m", &fitted).unwrap_err().to_string();
        assert!(x(&["a", "b"]).require_columns("m", &fitted).is_ok());
        assert_eq!(says(&["b", "a"]), "column `b`: `m` was fitted on `a` in its place");
        assert_eq!(says(&["a"]), "`m` was fitted on 2 columns and is given 1");
        assert_eq!(says(&["a", "b", "c"]), "`m` was fitted on 2 columns and is given 3");
    }

    #[test]
    fn names_must_be_distinct_and_match_the_width() {
        assert!(Features::from_dense(array![[1.0, 2.0]], ["a", "a"]).is_err());
        assert!(Features::from_dense(array![[1.0, 2.0]], ["a"]).is_err());
    }
}
