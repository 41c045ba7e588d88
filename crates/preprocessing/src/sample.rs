//! Some rows of many.

use adflux_core::random::stream;

/// `most` rows of a table drawn without replacement, in their order; `None` when it has no more.
pub(crate) fn rows_of_sample(rows: usize, most: usize, seed: u64) -> Option<Vec<usize>> {
    if rows <= most {
        return None;
    }
    let mut drawn = rand::seq::index::sample(&mut stream(seed, &[]), rows, most).into_vec();
    drawn.sort_unstable();
    Some(drawn)
}
