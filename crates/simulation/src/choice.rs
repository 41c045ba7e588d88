//! Draws from short lists.

use adflux_core::random::Rng;
use rand::RngExt as _;

/// Whether an event of this probability happens.
pub(crate) fn chance(probability: f64, rng: &mut Rng) -> bool {
    rng.random::<f64>() < probability
}

/// One of the items (at least one), all equally likely.
pub(crate) fn pick<T: Copy>(items: &[T], rng: &mut Rng) -> T {
    items[rng.random_range(0..items.len())]
}

/// A place in `weights`, likely in proportion to its weight.
pub(crate) fn weighted(weights: &[f64], rng: &mut Rng) -> usize {
    let mut point = rng.random::<f64>() * weights.iter().sum::<f64>();
    let mut last = 0;
    for (place, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        last = place;
        point -= weight;
        if point < 0.0 {
            break;
        }
    }
    last
}
