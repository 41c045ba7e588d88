//! Data that the tests share.

use adflux_core::random::stream;
use adflux_neural::{Activation, Adam, Compile, Dense, Dropout, Loss, Network, Sequential};
use ndarray::{Array1, Array2};
use rand::RngExt as _;

/// Rows of `columns` numbers, and whether they were a lead: by the first two of them, and chance.
pub fn leads(rows: usize, columns: usize, seed: u64) -> (Array2<f64>, Array1<f64>) {
    let mut rng = stream(seed, &[9]);
    let x = Array2::from_shape_fn((rows, columns), |_| rng.random::<f64>() * 2.0 - 1.0);
    let chance = |row: ndarray::ArrayView1<f64>| 1.0 / (1.0 + (-4.0 * row[0] + 6.0 * row[0] * row[1]).exp());
    let y = x.rows().into_iter().map(|row| f64::from(u8::from(rng.random::<f64>() < chance(row)))).collect();
    (x, y)
}

/// A small network for them.
pub fn network(columns: usize, seed: u64) -> Network {
    Sequential::new([columns])
        .add(Dense::new(16).activation(Activation::Relu))
        .add(Dropout::new(0.2))
        .add(Dense::new(1).activation(Activation::Sigmoid))
        .seed(seed)
        .compile(Compile::new(Adam::new(0.01), Loss::binary_crossentropy()).metrics(["auc", "accuracy"]))
        .unwrap()
}
