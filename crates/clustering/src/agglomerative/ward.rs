//! Ward's linkage by chains of nearest neighbours, with centres in place of distances.
//!
//! A chain goes from a cluster to its nearest, from that to its nearest, and so on; distances fall along it, until two are each
//! other's nearest. Those are merged wherever the chain began, because Ward's distance is reducible: a merged cluster is never
//! nearer to others than both of its parts were (Murtagh 1983; Müllner 2011, section 3). What is left of the chain stays a
//! chain, so there are at most 3n scans, each over the centres of all clusters that are left.

use super::{Linkage, places::Places};
use crate::{
    lanes::{LANES, Lanes, squared_within},
    widest::{Kernel, run},
};
use adflux_core::{Context, Result};
use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers of a piece of a scan. Pieces are shared among threads once there are several.
const PIECE: usize = 1 << 16;

/// The tree of rows with masses: O(rows² · columns) time, O(rows · columns) memory.
pub(super) fn ward(x: ArrayView2<f64>, masses: Option<ArrayView1<f64>>, context: &Context) -> Result<Linkage> {
    let rows = x.nrows();
    let mut clusters = Clusters::new(x, masses);
    // Names on the chain, with how often each was merged then: rounding may break the promise above for near equals, and
    // a name whose cluster has changed since is no link.
    let mut chain: Vec<(u32, u32)> = Vec::new();
    let mut merged = vec![0_u32; rows];
    let mut pairs = Vec::with_capacity(rows - 1);
    let mut scans = 0_usize;
    // What was near the tip of the chain before became this.
    let mut newest = None;
    while clusters.places.live() > 1 {
        scans += 1;
        if scans.is_multiple_of(256) {
            context.report(super::KIND, pairs.len() as u64, Some(rows as u64 - 1));
            context.check()?;
        }
        while chain.last().is_some_and(|(name, then)| merged[*name as usize] != *then) {
            chain.pop();
        }
        let Some((tip, _)) = chain.last().copied() else {
            chain.extend(clusters.places.first().map(|name| (name, merged[name as usize])));
            continue;
        };
        let previous = chain.iter().rev().nth(1).filter(|(name, then)| merged[*name as usize] == *then).map(|p| p.0);
        let Some((nearest, distance)) = clusters.nearest(tip, previous, newest) else { break };
        if Some(nearest) == previous {
            chain.truncate(chain.len() - 2);
            pairs.push((tip, nearest, distance.sqrt()));
            clusters.merge(tip.min(nearest), tip.max(nearest));
            newest = Some(tip.max(nearest));
            merged[tip as usize] += 1;
            merged[nearest as usize] += 1;
        } else {
            chain.push((nearest, merged[nearest as usize]));
        }
    }
    Ok(Linkage::from_pairs(pairs))
}

/// The square of Ward's distance: 2ab / (a + b) times the squared distance of the centres, for masses a and b. Twice the inertia
/// that a merge adds, so that it is the plain distance for two rows, as in SciPy.
#[inline(always)]
fn factor(a: f64, b: f64) -> f64 {
    2.0 * (a * b) / (a + b)
}

struct Clusters {
    places: Places,
    /// Of the cluster at each place; 1 where there is none.
    masses: Vec<f64>,
    /// The least mass in each panel, or less.
    least: Vec<f64>,
    center: Vec<f64>,
    other: Vec<f64>,
}

impl Clusters {
    fn new(x: ArrayView2<f64>, masses: Option<ArrayView1<f64>>) -> Self {
        let places = Places::new(x);
        let mut by_place = vec![1.0; places.panels() * LANES];
        if let Some(masses) = masses {
            by_place.iter_mut().zip(masses).for_each(|(to, from)| *to = *from);
        }
        let least = by_place.chunks_exact(LANES).map(least_of).collect();
        let (center, other) = (vec![0.0; x.ncols()], vec![0.0; x.ncols()]);
        Clusters { places, masses: by_place, least, center, other }
    }

    /// The cluster nearest to `of`, and the square of its distance: `previous` when no other is nearer, else the first of equals.
    /// `hint` is likely to be near: what is farther need not be looked at to the end.
    fn nearest(&mut self, of: u32, previous: Option<u32>, hint: Option<u32>) -> Option<(u32, f64)> {
        self.places.read(of, &mut self.center);
        let own = self.masses[self.places.place(of)];
        let best = previous.map_or(f64::INFINITY, |previous| self.distance(own, previous));
        let bound = hint.filter(|hint| *hint != of).map_or(best, |hint| best.min(self.distance(own, hint)));
        // Not itself.
        self.places.set_first_coordinate(of, f64::INFINITY);
        let found = self.scan(own, best, bound);
        let first = self.center[0];
        self.places.set_first_coordinate(of, first);
        match (found, previous) {
            (Some((distance, place)), _) => Some((self.places.name(place), distance)),
            (None, Some(previous)) => Some((previous, best)),
            (None, None) => None,
        }
    }

    /// The square of the distance of `self.center`, of mass `own`, to a cluster.
    fn distance(&mut self, own: f64, to: u32) -> f64 {
        self.places.read(to, &mut self.other);
        let squared = self.center.iter().zip(&self.other).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b));
        factor(own, self.masses[self.places.place(to)]) * squared
    }

    /// The first place of the least distance below `best`, when that is at most `bound`. The same whatever the number of threads: what one piece tells the
    /// others only spares them what is farther.
    fn scan(&self, own: f64, best: f64, bound: f64) -> Option<(f64, usize)> {
        let columns = self.places.columns();
        let panels = (PIECE / (LANES * columns)).max(1);
        let bound = AtomicU64::new(bound.to_bits());
        let piece = |piece: usize| {
            let from = piece * panels;
            let to = (from + panels).min(self.places.panels());
            let found = run(Scan {
                cells: &self.places.cells()[from * columns..to * columns],
                masses: &self.masses[from * LANES..to * LANES],
                least: &self.least[from..to],
                center: &self.center,
                own,
                best,
                // Distances are not negative: their bits are ordered as they are.
                bound: f64::from_bits(bound.load(Ordering::Relaxed)),
            });
            if let Some((distance, _)) = found {
                bound.fetch_min(distance.to_bits(), Ordering::Relaxed);
            }
            found.map(|(distance, place)| (distance, from * LANES + place))
        };
        let pieces = self.places.panels().div_ceil(panels);
        let first = |a: Option<(f64, usize)>, b: Option<(f64, usize)>| match (a, b) {
            (Some(a), Some(b)) => Some(if (b.0, b.1) < (a.0, a.1) { b } else { a }),
            (a, b) => a.or(b),
        };
        match pieces {
            1 => piece(0),
            _ => (0..pieces).into_par_iter().map(piece).reduce(|| None, first),
        }
    }

    /// Makes one cluster of two, in the place of the second, as SciPy does.
    fn merge(&mut self, gone: u32, kept: u32) {
        self.places.read(gone, &mut self.other);
        self.places.read(kept, &mut self.center);
        let (from, to) = (self.places.place(gone), self.places.place(kept));
        let (a, b) = (self.masses[from], self.masses[to]);
        for (center, other) in self.center.iter_mut().zip(&self.other) {
            *center = (*center * b + other * a) / (a + b);
        }
        self.places.write(kept, &self.center);
        self.masses[to] = a + b;
        self.least[to / LANES] = least_of(&self.masses[to / LANES * LANES..][..LANES]);
        self.places.remove(gone);
        let panels = self.places.panels();
        let masses = &mut self.masses;
        self.places.compact(|from, to| masses[to] = masses[from]);
        if self.places.panels() != panels {
            let (live, places) = (self.places.live(), self.places.panels() * LANES);
            self.masses.truncate(places);
            self.masses[live..].fill(1.0);
            self.least = self.masses.chunks_exact(LANES).map(least_of).collect();
        }
    }
}

fn least_of(masses: &[f64]) -> f64 {
    masses.iter().copied().fold(f64::INFINITY, f64::min)
}

/// A scan over some panels.
struct Scan<'a> {
    cells: &'a [Lanes],
    masses: &'a [f64],
    least: &'a [f64],
    center: &'a [f64],
    own: f64,
    /// Only what is nearer is looked for.
    best: f64,
    /// What is farther need not be found; `best` or less.
    bound: f64,
}

impl Kernel for Scan<'_> {
    type Output = Option<(f64, usize)>;

    #[inline(always)]
    fn run(self) -> Option<(f64, usize)> {
        let (mut best, mut bound, mut found) = (self.best, self.bound, None);
        let columns = self.center.len();
        let panels = self.cells.chunks_exact(columns).zip(self.masses.chunks_exact(LANES)).zip(self.least);
        for (panel, ((cells, masses), least)) in panels.enumerate() {
            // No cluster of the panel has a smaller factor, so a squared distance beyond this is too far, with room for
            // rounding.
            let limit = bound / factor(self.own, *least) * (1.0 + 1e-9);
            let Some(squared) = squared_within(cells, self.center, limit) else { continue };
            for lane in 0..LANES {
                let distance = factor(self.own, masses[lane]) * squared[lane];
                if distance < best {
                    best = distance;
                    bound = if best < bound { best } else { bound };
                    found = Some((best, panel * LANES + lane));
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_core::random::stream;
    use ndarray::{Array1, Array2};
    use rand::RngExt as _;

    /// The same, as simply as can be: what the fast version has to agree with bit for bit.
    fn simple(x: ArrayView2<f64>, masses: Option<ArrayView1<f64>>) -> Linkage {
        let mass = |row: usize| masses.map_or(1.0, |m| m[row]);
        let mut clusters: Vec<Option<(Vec<f64>, f64)>> =
            x.rows().into_iter().enumerate().map(|(row, v)| Some((v.to_vec(), mass(row)))).collect();
        let distance = |a: &(Vec<f64>, f64), b: &(Vec<f64>, f64)| {
            factor(a.1, b.1) * a.0.iter().zip(&b.0).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b))
        };
        let (mut chain, mut pairs) = (Vec::new(), Vec::new());
        while pairs.len() + 1 < x.nrows() {
            if chain.is_empty() {
                chain.extend(clusters.iter().position(Option::is_some));
            }
            let tip = chain[chain.len() - 1];
            let own = clusters[tip].clone().unwrap();
            let previous = chain.len().checked_sub(2).map(|i| chain[i]);
            let mut best = previous.map(|p| (distance(&own, clusters[p].as_ref().unwrap()), p));
            for (name, other) in clusters.iter().enumerate().filter(|(name, _)| *name != tip) {
                let Some(other) = other else { continue };
                let away = distance(&own, other);
                if best.is_none_or(|best| away < best.0) {
                    best = Some((away, name));
                }
            }
            let (away, nearest) = best.unwrap();
            if previous != Some(nearest) {
                chain.push(nearest);
                continue;
            }
            chain.truncate(chain.len() - 2);
            pairs.push((tip as u32, nearest as u32, away.sqrt()));
            let (gone, kept) = (tip.min(nearest), tip.max(nearest));
            let (other, a) = clusters[gone].take().unwrap();
            let (center, b) = clusters[kept].as_mut().unwrap();
            center.iter_mut().zip(&other).for_each(|(c, o)| *c = (*c * *b + o * a) / (a + *b));
            *b += a;
        }
        Linkage::from_pairs(pairs)
    }

    fn heaps(rows: usize, columns: usize, seed: u64) -> Array2<f64> {
        let mut rng = stream(seed, &[]);
        Array2::from_shape_fn((rows, columns), |(row, _)| rng.random_range(-1.0..1.0) + (row * 7 % 5) as f64)
    }

    #[test]
    fn it_is_the_simple_version_bit_for_bit() {
        for (rows, columns, seed) in
            [(2, 1, 1), (3, 2, 2), (17, 1, 3), (64, 5, 4), (65, 8, 5), (300, 3, 6), (400, 17, 7)]
        {
            let x = heaps(rows, columns, seed);
            let fast = ward(x.view(), None, &Context::default()).unwrap();
            assert_eq!(fast, simple(x.view(), None), "{rows} {columns}");
            let masses = Array1::from_shape_fn(rows, |row| 0.25 + (row * 5 % 7) as f64);
            let fast = ward(x.view(), Some(masses.view()), &Context::default()).unwrap();
            assert_eq!(fast, simple(x.view(), Some(masses.view())), "{rows} {columns}, masses");
        }
    }

    #[test]
    fn ties_go_where_the_simple_version_puts_them() {
        // Whole numbers in few places: many equal rows and equal distances.
        let x = heaps(120, 2, 8).mapv(f64::round);
        assert_eq!(ward(x.view(), None, &Context::default()).unwrap(), simple(x.view(), None));
        let same = Array2::ones((40, 3));
        assert_eq!(ward(same.view(), None, &Context::default()).unwrap(), simple(same.view(), None));
    }

    #[test]
    fn pieces_and_threads_change_nothing() {
        // More numbers than a piece holds.
        let x = heaps(900, 320, 9);
        assert!(x.len() > 2 * PIECE);
        let with = |threads| {
            let context = Context::default().with_threads(threads).unwrap();
            context.run(|| ward(x.view(), None, &context)).unwrap()
        };
        let one = with(1);
        assert_eq!(one, simple(x.view(), None));
        assert_eq!(one, with(3));
    }
}
