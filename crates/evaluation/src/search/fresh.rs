//! Points that were not tried before: the same recipe gives the same score, so that trying it again is time lost.

use super::{Space, grid::Axes};
use adflux_core::random::Rng;
use rand::RngExt as _;
use std::collections::HashSet;
use toml::Table;

/// The points that were tried, each found at once among any number.
#[derive(Debug, Default)]
pub(super) struct Tried(HashSet<String>);

impl Tried {
    /// Remembers a point.
    pub fn add(&mut self, point: &Table) {
        self.0.insert(point.to_string());
    }

    fn has(&self, point: &Table) -> bool {
        self.0.contains(&point.to_string())
    }
}

/// The first of a few of `draw`'s points that was not tried; of a small space whose points were nearly all tried, any of the
/// others; `None` when all were.
pub(super) fn fresh(
    space: &Space,
    tried: &Tried,
    random: &mut Rng,
    mut draw: impl FnMut(&mut Rng) -> Table,
) -> Option<Table> {
    const DRAWS: usize = 20;
    const SMALL: usize = 100_000;
    let mut last = draw(random);
    for _ in 1..DRAWS {
        if !tried.has(&last) {
            return Some(last);
        }
        last = draw(random);
    }
    if !tried.has(&last) {
        return Some(last);
    }
    match space.size().and_then(|size| usize::try_from(size).ok()) {
        Some(size) if size <= SMALL => {
            let axes = Axes::new(space, size);
            let left: Vec<Table> =
                (0..size).map(|number| axes.point(number)).filter(|point| !tried.has(point)).collect();
            if left.is_empty() { None } else { Some(left[random.random_range(0..left.len())].clone()) }
        }
        // So many points that 20 draws found a tried one: choices that are equal, or a narrow range.
        _ => Some(last),
    }
}
