//! The three passes of DBSCAN over a tree of rows: which rows are core, which of them hang together, who lies at their border.
//!
//! No list of neighbours is kept: memory does not grow with `eps`. The first pass stops at a row once it has seen enough; the
//! second leaves out whatever already belongs to the same segment.

use crate::{
    labels::NONE,
    neighbors::{KdTree, NO_ROW, Search},
    sets::{Joined, Sets},
};
use adflux_core::{Context, Result};

/// The part of each row in the order in which scikit-learn finds them, [`NONE`] for outliers; which rows are core; and the number
/// of parts. `weights` are those of the rows.
pub(super) fn parts(
    tree: &KdTree,
    rows: usize,
    weights: Option<&[f64]>,
    squared_eps: f64,
    min_samples: f64,
    context: &Context,
) -> Result<(Vec<u32>, Vec<bool>, usize)> {
    let report = |passes| context.report(super::KIND, passes, Some(3));
    let weights: Option<Vec<f64>> =
        weights.map(|w| tree.rows().iter().map(|row| w.get(*row as usize).copied().unwrap_or(0.0)).collect());
    let mut core = vec![false; tree.rows().len()];
    tree.each_row(&mut core, context, |_, point, core| {
        let mut count = Count { limit: squared_eps, weights: weights.as_deref(), wanted: min_samples, sum: 0.0 };
        tree.search(point, &mut count);
        *core = count.done();
    })?;
    report(1);
    let sets = connect(tree, &core, squared_eps, context)?;
    report(2);

    let mut place_of = vec![0; rows];
    for (place, &row) in tree.rows().iter().enumerate().filter(|(_, row)| **row != NO_ROW) {
        place_of[row as usize] = place;
    }
    // Parts are numbered by their first core rows.
    let mut number = vec![NONE; tree.rows().len()];
    let mut count = 0;
    for &place in place_of.iter().filter(|place| core[**place]) {
        let root = sets.root(place as u32) as usize;
        if number[root] == NONE {
            number[root] = count;
            count += 1;
        }
    }
    let mut labels: Vec<u32> = (0..number.len())
        .map(|place| if core[place] { number[sets.root(place as u32) as usize] } else { NONE })
        .collect();
    let of_cores = labels.clone();
    let joined = Joined::of_nodes(tree, |place| core[place], &sets);
    tree.each_row(&mut labels, context, |place, point, label| {
        if !core[place] {
            let mut border = Border { limit: squared_eps, labels: &of_cores, joined: &joined, least: NONE };
            tree.search(point, &mut border);
            *label = border.least;
        }
    })?;
    report(3);
    let of_rows = place_of.iter().map(|place| labels[*place]).collect();
    Ok((of_rows, place_of.iter().map(|place| core[*place]).collect(), count as usize))
}

/// The weight around a row, as far as it is wanted.
struct Count<'a> {
    limit: f64,
    weights: Option<&'a [f64]>,
    wanted: f64,
    sum: f64,
}

impl Search for Count<'_> {
    #[inline(always)]
    fn limit(&self) -> f64 {
        self.limit
    }
    #[inline(always)]
    fn found(&mut self, place: usize, _: f64) {
        self.sum += self.weights.map_or(1.0, |w| w[place]);
    }
    #[inline(always)]
    fn done(&self) -> bool {
        self.sum >= self.wanted
    }
}

/// Lanes whose rows look for neighbours in one round. After the first few most of a dense segment hangs together, and the other
/// rounds pass over it.
const ROUNDS: [std::ops::Range<usize>; 3] = [0..1, 1..3, 3..8];

/// The sets of core rows, by place, in which each is within reach of another.
fn connect(tree: &KdTree, core: &[bool], limit: f64, context: &Context) -> Result<Sets> {
    let sets = Sets::new(core.len());
    for lanes in ROUNDS {
        let joined = Joined::of_nodes(tree, |place| core[place], &sets);
        let mut nothing = vec![(); core.len()];
        tree.each_row(&mut nothing, context, |place, point, ()| {
            if core[place] && lanes.contains(&(place % crate::lanes::LANES)) {
                tree.search(point, &mut Join { limit, place: place as u32, core, joined: &joined, sets: &sets });
            }
        })?;
    }
    Ok(sets)
}

/// Joins a core row with those within reach.
struct Join<'a> {
    limit: f64,
    place: u32,
    core: &'a [bool],
    joined: &'a [Joined],
    sets: &'a Sets,
}

impl Search for Join<'_> {
    #[inline(always)]
    fn limit(&self) -> f64 {
        self.limit
    }
    #[inline(always)]
    fn found(&mut self, place: usize, _: f64) {
        if self.core[place] {
            self.sets.join(self.place, place as u32);
        }
    }
    fn skips(&self, node: usize) -> bool {
        match self.joined[node] {
            Joined::None => true,
            Joined::One(other) => self.sets.root(other) == self.sets.root(self.place),
            Joined::Several => false,
        }
    }
}

/// The first segment with a core row within reach.
struct Border<'a> {
    limit: f64,
    /// Of core rows; of others none.
    labels: &'a [u32],
    joined: &'a [Joined],
    least: u32,
}

impl Search for Border<'_> {
    #[inline(always)]
    fn limit(&self) -> f64 {
        self.limit
    }
    #[inline(always)]
    fn found(&mut self, place: usize, _: f64) {
        self.least = self.least.min(self.labels[place]);
    }
    fn skips(&self, node: usize) -> bool {
        self.joined[node] == Joined::None
    }
    #[inline(always)]
    fn done(&self) -> bool {
        self.least == 0
    }
}
