//! k-means on an array, with adflux's feature `clustering` alone: neither polars nor burn is compiled for it.

use adflux::{
    clustering::KMeans,
    core::{Features, Fit as _, Predict as _, Result, Training},
};
use ndarray::array;

fn main() -> Result<()> {
    // Monthly budget in thousands, applications for each thousand.
    let campaigns = array![[1.0, 20.0], [1.2, 22.0], [0.9, 21.0], [8.0, 11.0], [8.4, 12.0]];
    let x = Features::from_dense(campaigns, ["budget", "applications"])?;
    let model = KMeans::new(2).seed(7).fit(Training::new(x.clone()))?;
    let segments = model.predict(&x)?;
    println!("{:?}", segments.ids);
    // Segments are numbered by size.
    assert_eq!(segments.ids, [Some(0), Some(0), Some(0), Some(1), Some(1)]);
    Ok(())
}
