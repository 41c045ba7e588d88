//! Points that were not tried before: the same recipe gives the same score, so that trying it again is time lost.

use super::{Space, Trial, grid::Axes};
use adflux_core::random::Rng;
use rand::RngExt as _;
use toml::Table;

/// The first of a few of `draw`'s points that was not tried; of a small space whose points were nearly all tried, any of the
/// others; `None` when all were.
pub(super) fn fresh(
    space: &Space,
    done: &[Trial],
    random: &mut Rng,
    mut draw: impl FnMut(&mut Rng) -> Table,
) -> Option<Table> {
    const DRAWS: usize = 20;
    const SMALL: usize = 100_000;
    let tried = |point: &Table| done.iter().any(|trial| trial.point == *point);
    let mut last = draw(random);
    for _ in 1..DRAWS {
        if !tried(&last) {
            return Some(last);
        }
        last = draw(random);
    }
    if !tried(&last) {
        return Some(last);
    }
    match space.size().and_then(|size| usize::try_from(size).ok()) {
        Some(size) if size <= SMALL => {
            let axes = Axes::new(space, size);
            let left: Vec<Table> = (0..size).map(|number| axes.point(number)).filter(|point| !tried(point)).collect();
            if left.is_empty() { None } else { Some(left[random.random_range(0..left.len())].clone()) }
        }
        // So many points that 20 draws found a tried one: choices that are equal, or a narrow range.
        _ => Some(last),
    }
}
