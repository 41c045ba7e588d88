//! The rows that each tree of a forest sees.

use super::Settings;
use adflux_core::random::{Rng, stream};
use rand::RngExt as _;

/// The random stream of a tree. The bootstrap takes its first numbers, so it can be drawn again once the tree is grown.
pub(super) fn stream_of_tree(settings: &Settings, tree: usize) -> Rng {
    stream(settings.seed, &[tree as u64])
}

/// How often each of `rows` rows is drawn for a tree, with replacement.
pub(super) fn times_drawn(settings: &Settings, rows: usize, rng: &mut Rng) -> Vec<u32> {
    let mut times = vec![0; rows];
    (0..settings.draws(rows)).for_each(|_| times[rng.random_range(0..rows)] += 1);
    times
}
