//! Seeded random streams.
//!
//! Every item that draws at random (a tree, a restart, a block of simulated rows) has a stream of its own, derived from
//! the seed and the item's place, never from the thread that works on it. So the same seed gives the same bits whatever
//! the number of threads.

use rand::SeedableRng as _;

/// The generator of every stream: xoshiro256++, small, fast, and of a sequence that stays the same over versions.
pub type Rng = rand_xoshiro::Xoshiro256PlusPlus;

/// The stream at `path` under `seed`. Different paths give independent streams.
///
/// ```
/// use adflux_core::random::stream;
/// use rand::RngExt as _;
/// let (mut a, mut again, mut b) = (stream(42, &[0, 1]), stream(42, &[0, 1]), stream(42, &[1, 0]));
/// let first: u64 = a.random();
/// assert_eq!(first, again.random::<u64>());
/// assert_ne!(first, b.random::<u64>());
/// ```
pub fn stream(seed: u64, path: &[u64]) -> Rng {
    let mut state = mix(seed ^ 0x9e37_79b9_7f4a_7c15);
    for &place in path {
        state = mix(state.wrapping_mul(0xbf58_476d_1ce4_e5b9).wrapping_add(place).wrapping_add(1));
    }
    Rng::seed_from_u64(state)
}

/// SplitMix64's finaliser: every bit of the output depends on every bit of the input.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
