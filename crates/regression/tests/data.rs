//! Small data for the tests.

use adflux_core::{Block, Categories, ClassTarget, Column, Features, Target, Training, Values, random::stream};
use ndarray::{Array1, Array2};
use rand::RngExt as _;

/// Dense features named x0, x1, …
pub fn dense(x: Array2<f64>) -> Features {
    let names: Vec<String> = (0..x.ncols()).map(|i| format!("x{i}")).collect();
    Features::from_dense(x, names).unwrap()
}

/// One sparse block of the same numbers, zeros not stored.
pub fn sparse(x: &Array2<f64>) -> Features {
    let mut cells = sprs::TriMat::new(x.dim());
    x.indexed_iter().filter(|(_, v)| **v != 0.0).for_each(|((r, c), v)| cells.add_triplet(r, c, *v));
    let columns: Vec<Column> = (0..x.ncols()).map(|i| Column::input(format!("x{i}"))).collect();
    Features::new(x.nrows(), vec![Block::new(columns, Values::Sparse(cells.to_csr())).unwrap()]).unwrap()
}

/// Rows of nested lists; null is missing.
pub fn rows(x: &[Vec<Option<f64>>]) -> Array2<f64> {
    let flat = x.iter().flatten().map(|v| v.unwrap_or(f64::NAN)).collect();
    Array2::from_shape_vec((x.len(), x.first().map_or(0, Vec::len)), flat).unwrap()
}

pub fn values(x: Array2<f64>, y: impl IntoIterator<Item = f64>) -> Training<Features> {
    Training::new(dense(x)).with_target(Target::Values(y.into_iter().collect()))
}

pub fn labels(codes: &Array1<u32>, classes: usize) -> Target {
    let labels: Vec<String> = (0..classes).map(|i| i.to_string()).collect();
    Target::Classes(ClassTarget { codes: codes.clone(), labels: labels.into() })
}

/// `rows` × 6 uniform numbers, of which the last column is mostly zero, and a target of the first four.
pub fn smooth(rows: usize, seed: u64) -> (Array2<f64>, Array1<f64>) {
    let mut rng = stream(seed, &[]);
    let mut x = Array2::from_shape_simple_fn((rows, 6), || rng.random::<f64>());
    x.column_mut(5).mapv_inplace(|v| if v < 0.8 { 0.0 } else { v - 0.9 });
    let y = x.rows().into_iter().map(|r| 10.0 * r[0] * r[1] + 5.0 * r[2] - (8.0 * r[3]).sin() + 20.0 * r[5]);
    let y = y.collect();
    (x, y)
}

/// Categorical columns, the levels of a hierarchy from the top down.
pub fn hierarchy<S: AsRef<str>, const N: usize>(names: [&str; N], paths: &[[S; N]]) -> Features {
    let block = |level: usize| {
        let column: Vec<&str> = paths.iter().map(|path| path[level].as_ref()).collect();
        let ClassTarget { codes, labels } = ClassTarget::from_labels(&column);
        let values = Values::Category(Categories { codes: codes.to_vec(), levels: labels });
        Block::new(vec![Column::input(names[level])], values).unwrap()
    };
    Features::new(paths.len(), (0..N).map(block).collect()).unwrap()
}

/// One column of levels, named `level 0`, `level 1`, …
pub fn category(name: &str, codes: Vec<u32>, levels: usize) -> Block {
    let levels: Vec<String> = (0..levels).map(|level| format!("level {level}")).collect();
    Block::new(vec![Column::input(name)], Values::Category(Categories { codes, levels: levels.into() })).unwrap()
}

/// One column of numbers.
pub fn number(name: &str, values: impl IntoIterator<Item = f64>) -> Block {
    let values = Array1::from_iter(values).insert_axis(ndarray::Axis(1));
    Block::new(vec![Column::input(name)], Values::Dense(values)).unwrap()
}

/// A category of so many levels beside a number, and a target of the level.
pub fn categories(rows: usize, levels: usize, seed: u64) -> Training<Features> {
    let mut rng = stream(seed, &[]);
    let codes: Vec<u32> = (0..rows).map(|_| rng.random_range(0..levels as u32)).collect();
    let y: Array1<f64> = codes.iter().map(|code| f64::from(code * 37 % 11) + 0.1 * rng.random::<f64>()).collect();
    let numbers: Vec<f64> = (0..rows).map(|_| rng.random::<f64>()).collect();
    let blocks = vec![number("number", numbers), category("city", codes, levels)];
    Training::new(Features::new(rows, blocks).unwrap()).with_target(Target::Values(y))
}

/// Puts `number` in the place of the first number of a saved array.
pub fn first_number(state: &mut [u8], array: &str, number: f64) {
    // In MessagePack a key of fewer than 32 letters stands behind its length.
    let key = [&[0xa0 | array.len() as u8], array.as_bytes()].concat();
    let at = state.windows(key.len()).position(|w| w == key).unwrap();
    let bytes = state[at..].windows(5).position(|w| w == b"bytes").unwrap() + at + 5;
    // The kind of the bytes and their number, in one, two or four bytes.
    let head = match state[bytes] {
        0xc4 => 2,
        0xc5 => 3,
        _ => 5,
    };
    state[bytes + head..bytes + head + 8].copy_from_slice(&number.to_le_bytes());
}
