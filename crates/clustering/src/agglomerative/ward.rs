//! Ward's linkage by chains of nearest neighbours, with centres in place of distances.
//!
//! A chain goes from a cluster to its nearest, from that to its nearest, and so on; distances fall along it, until two are each
//! other's nearest. Those are merged wherever the chain began, because Ward's distance is reducible: a merged cluster is never
//! nearer to others than both of its parts were (Murtagh 1983; Müllner 2011, section 3). What is left of the chain stays a
//! chain, so at most 3n nearest neighbours are asked for. Most are found among few that are known ([`Neighbours`]); where that is
//! not enough, the centres of all clusters that are left are scanned.

use super::{
    Linkage,
    neighbours::{LISTED, Nearest, Neighbours, merged_radius},
    places::Places,
};
use crate::lanes::{LANES, Lanes, squared_within};
use adflux_core::{
    Context, Error, Result,
    widest::{Kernel, multiply_add, run},
};
use ndarray::{ArrayView1, ArrayView2, Axis, CowArray, Ix2};
use rayon::prelude::*;
use std::ops::Range;

/// Numbers of a piece of a scan. Pieces are shared among threads once there are several.
const PIECE: usize = 1 << 17;

/// Rows whose first neighbours are looked for between two looks at the context.
const BLOCK: usize = 1024;

/// Rows of one piece of that work.
const TOGETHER: usize = 64;

/// The tree of rows with masses: O(rows² · columns) time, O(rows · columns) memory.
pub(super) fn ward(x: ArrayView2<f64>, masses: Option<ArrayView1<f64>>, context: &Context) -> Result<Linkage> {
    let rows = x.nrows();
    let x = near_zero(x);
    let mut clusters = Clusters::new(x.view(), masses, context)?;
    // Names on the chain, with how often each was merged then: rounding may break the promise above for near equals, and
    // a name whose cluster has changed since is no link.
    let mut chain: Vec<(u32, u32)> = Vec::new();
    let mut merged = vec![0_u32; rows];
    let mut pairs = Vec::with_capacity(rows - 1);
    let mut steps = 0_usize;
    while clusters.places.live() > 1 {
        steps += 1;
        if steps.is_multiple_of(256) {
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
        let Some((nearest, distance)) = clusters.nearest(tip, previous) else {
            let reason = "the distances of some rows are not numbers: put a standard-scaler before it";
            return Err(Error::data(format!("`{}`: {reason}", super::KIND)));
        };
        if Some(nearest) == previous {
            chain.truncate(chain.len() - 2);
            pairs.push((tip, nearest, distance.sqrt()));
            clusters.merge(tip.min(nearest), tip.max(nearest), distance);
            merged[tip as usize] += 1;
            merged[nearest as usize] += 1;
        } else {
            chain.push((nearest, merged[nearest as usize]));
        }
    }
    Ok(Linkage::from_pairs(pairs))
}

/// The rows, with every column that lies far from 0 for its range moved there, so that centres keep as many digits as their differences
/// need. A number from `least` to twice that, less `least`, is exact (Sterbenz 1974): no difference of two rows changes by a bit, and
/// ties stay ties. Columns that hold 0, or more than a factor of 2, have centres as exact as their range asks for.
fn near_zero(x: ArrayView2<'_, f64>) -> CowArray<'_, f64, Ix2> {
    let origin = |column: ArrayView1<f64>| {
        let (least, most) = column.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (v.min(a), v.max(b)));
        match (least > 0.0 && most <= 2.0 * least, most < 0.0 && least >= 2.0 * most) {
            (true, _) => least,
            (_, true) => most,
            _ => 0.0,
        }
    };
    let origins = x.map_axis(Axis(0), origin);
    if origins.iter().all(|origin| *origin == 0.0) { x.into() } else { (&x - &origins).into() }
}

/// The square of Ward's distance: 2ab / (a + b) times the squared distance of the centres, for masses a and b. Twice the inertia
/// that a merge adds, so that it is the plain distance for two rows, as in SciPy.
#[inline(always)]
fn factor(a: f64, b: f64) -> f64 {
    2.0 * (a * b) / (a + b)
}

struct Clusters {
    places: Places,
    /// The centres once more by name, each in one place, for looks at a few.
    centers: Vec<f64>,
    /// Of the cluster at each place; 1 where there is none.
    masses: Vec<f64>,
    /// The least mass in each panel, or less.
    least: Vec<f64>,
    neighbours: Neighbours,
    /// How far the rounding of centres may put one.
    rounding: f64,
    center: Vec<f64>,
    /// Names, for a moment.
    near: Vec<u32>,
}

impl Clusters {
    /// A cluster for each row, with its neighbours.
    fn new(x: ArrayView2<f64>, masses: Option<ArrayView1<f64>>, context: &Context) -> Result<Self> {
        let places = Places::new(x);
        let mut by_place = vec![1.0; places.panels() * LANES];
        if let Some(masses) = masses {
            by_place.iter_mut().zip(masses).for_each(|(to, from)| *to = *from);
        }
        let least = by_place.chunks_exact(LANES).map(least_of).collect();
        let largest = x.iter().fold(0.0, |a: f64, v| a.max(v.abs()));
        let mut clusters = Clusters {
            places,
            centers: x.iter().copied().collect(),
            masses: by_place,
            least,
            neighbours: Neighbours::new(x.nrows()),
            rounding: 16.0 * f64::EPSILON * largest * (x.ncols() as f64).sqrt(),
            center: vec![0.0; x.ncols()],
            near: Vec::new(),
        };
        for from in (0..x.nrows()).step_by(BLOCK) {
            context.check()?;
            let to = (from + BLOCK).min(x.nrows());
            let rows: Vec<usize> = (from..to).collect();
            let found: Vec<Vec<Nearest>> =
                rows.par_chunks(TOGETHER).map(|rows| clusters.first_neighbours(rows)).collect();
            (from..to).zip(found.iter().flatten()).for_each(|(row, found)| clusters.note(row as u32, found));
        }
        Ok(clusters)
    }

    /// The neighbours of some rows before the first merge.
    fn first_neighbours(&self, rows: &[usize]) -> Vec<Nearest> {
        let mut nearest = vec![Nearest::new(); rows.len()];
        run(First { clusters: self, rows, nearest: &mut nearest });
        nearest
    }

    /// Keeps what a scan found.
    fn note(&mut self, of: u32, found: &Nearest) {
        let places = &self.places;
        self.neighbours.set(of, found.found().iter().map(|(_, place)| places.name(*place)), found.worst());
    }

    /// The cluster nearest to `of`, and the square of its distance: `previous` when no other is nearer, else the first of equals.
    fn nearest(&mut self, of: u32, previous: Option<u32>) -> Option<(u32, f64)> {
        let columns = self.places.columns();
        self.center.copy_from_slice(&self.centers[of as usize * columns..][..columns]);
        let own = self.masses[self.places.place(of)];
        let mut near = std::mem::take(&mut self.near);
        near.clear();
        self.neighbours.collect(of, &mut near);
        let mut found: Option<(f64, usize)> = None;
        for &name in &near {
            let candidate = (self.distance(own, name), self.places.place(name));
            if found.is_none_or(|found| candidate < found) {
                found = Some(candidate);
            }
        }
        self.near = near;
        let previous = previous.map(|previous| (previous, self.distance(own, previous)));
        let known = previous.map_or(f64::INFINITY, |(_, distance)| distance);
        let least = found.map_or(known, |(distance, _)| distance.min(known));
        if least >= self.beyond(own, self.neighbours.radius(of)) {
            let all = self.scan(of, own);
            self.note(of, &all);
            found = all.found().first().copied();
        }
        match (found, previous) {
            (Some((distance, place)), _) if distance < known => Some((self.places.name(place), distance)),
            (_, Some(previous)) => Some(previous),
            (_, None) => None,
        }
    }

    /// A squared distance below which nothing can be that is said to be at least `radius` away, whatever was rounded.
    fn beyond(&self, own: f64, radius: f64) -> f64 {
        if radius == f64::INFINITY {
            return radius;
        }
        let (factor, rounding) = (2.0 * own, self.rounding);
        radius * (1.0 - 1e-9) - 4.0 * rounding * (factor * radius).sqrt() - 4.0 * factor * rounding * rounding
    }

    /// The square of the distance of `self.center`, of mass `own`, to a cluster.
    fn distance(&self, own: f64, to: u32) -> f64 {
        let columns = self.center.len();
        let other = &self.centers[to as usize * columns..][..columns];
        let squared = self.center.iter().zip(other).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b));
        factor(own, self.masses[self.places.place(to)]) * squared
    }

    /// The nearest to `self.center`, the place of `of`.
    fn scan(&self, of: u32, own: f64) -> Nearest {
        let skip = self.places.place(of);
        let panels = (PIECE / (LANES * self.places.columns())).max(1);
        let pieces = self.places.panels().div_ceil(panels);
        let piece = |piece: usize| {
            let to = ((piece + 1) * panels).min(self.places.panels());
            self.scan_panels(&self.center, own, skip, piece * panels..to)
        };
        match pieces {
            1 => piece(0),
            // In the order of the places, whichever is done first.
            _ => (0..pieces)
                .into_par_iter()
                .map(piece)
                .collect::<Vec<_>>()
                .into_iter()
                .fold(Nearest::new(), Nearest::join),
        }
    }

    /// The nearest to `center` in some panels, but for the cluster at a place.
    fn scan_panels(&self, center: &[f64], own: f64, skip: usize, panels: Range<usize>) -> Nearest {
        let columns = self.places.columns();
        run(Scan {
            cells: &self.places.cells()[panels.start * columns..panels.end * columns],
            masses: &self.masses[panels.start * LANES..panels.end * LANES],
            least: &self.least[panels.clone()],
            center,
            own,
            skip,
            first: panels.start * LANES,
        })
    }

    /// Makes one cluster of two, in the place of the second, as SciPy does. `between`: the square of their distance.
    fn merge(&mut self, gone: u32, kept: u32, between: f64) {
        let mut near = std::mem::take(&mut self.near);
        near.clear();
        self.neighbours.collect(gone, &mut near);
        self.neighbours.collect(kept, &mut near);
        near.retain(|name| *name != gone && *name != kept);
        let (from, to) = (self.places.place(gone), self.places.place(kept));
        let (a, b) = (self.masses[from], self.masses[to]);
        let radius = merged_radius((a, self.neighbours.radius(gone)), (b, self.neighbours.radius(kept)), between);
        let columns = self.center.len();
        let of = |name: u32| name as usize * columns..(name as usize + 1) * columns;
        for (i, center) in self.center.iter_mut().enumerate() {
            let (other, own) = (self.centers[of(gone)][i], self.centers[of(kept)][i]);
            *center = (own * b + other * a) / (a + b);
        }
        self.centers[of(kept)].copy_from_slice(&self.center);
        self.places.write(kept, &self.center);
        self.masses[to] = a + b;
        self.least[to / LANES] = least_of(&self.masses[to / LANES * LANES..][..LANES]);
        self.places.remove(gone);
        self.neighbours.merge(gone, kept);
        let mut all: Vec<(f64, u32)> = near.iter().map(|&name| (self.distance(a + b, name), name)).collect();
        all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let radius = all.get(LISTED).map_or(radius, |left_out| radius.min(left_out.0));
        self.neighbours.set(kept, all.into_iter().map(|(_, name)| name), radius);
        self.near = near;
        self.compact();
    }

    /// Closes gaps, once there are enough.
    fn compact(&mut self) {
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

impl Nearest {
    /// Offers the clusters of a panel, of such masses and squared distances of centres, but for the one at `skip`.
    #[inline(always)]
    fn offer_panel(&mut self, own: f64, masses: &[f64], squared: &Lanes, first: usize, skip: usize) {
        let mut distances = [0.0; LANES];
        let mut near = false;
        for lane in 0..LANES {
            distances[lane] = factor(own, masses[lane]) * squared[lane];
            near |= distances[lane] < self.worst();
        }
        if near {
            let places = (first..).zip(distances);
            places.filter(|(place, _)| *place != skip).for_each(|(place, away)| self.offer(away, place));
        }
    }
}

fn least_of(masses: &[f64]) -> f64 {
    masses.iter().copied().fold(f64::INFINITY, f64::min)
}

/// A scan over all panels for several rows side by side.
struct First<'a> {
    clusters: &'a Clusters,
    rows: &'a [usize],
    nearest: &'a mut [Nearest],
}

impl Kernel for First<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        for (rows, nearest) in self.rows.chunks(ROWS).zip(self.nearest.chunks_mut(ROWS)) {
            if let Ok(rows) = <&[usize; ROWS]>::try_from(rows) {
                first_of::<FUSED, ROWS>(self.clusters, rows, nearest);
                continue;
            }
            for (row, nearest) in rows.iter().zip(nearest) {
                first_of::<FUSED, 1>(self.clusters, &[*row], std::slice::from_mut(nearest));
            }
        }
    }
}

/// Distances may be rounded otherwise here: they only choose whom to list.
#[inline(always)]
fn first_of<const FUSED: bool, const ROWS: usize>(clusters: &Clusters, rows: &[usize; ROWS], nearest: &mut [Nearest]) {
    let columns = clusters.places.columns();
    let x = rows.map(|row| &clusters.centers[row * columns..(row + 1) * columns]);
    let panels = clusters.places.cells().chunks_exact(columns).zip(clusters.masses.chunks_exact(LANES));
    for (panel, (cells, masses)) in panels.enumerate() {
        let x = x.map(|row| &row[..cells.len()]);
        let mut squared = [[0.0; LANES]; ROWS];
        for (column, cell) in cells.iter().enumerate() {
            for r in 0..ROWS {
                for lane in 0..LANES {
                    let difference = x[r][column] - cell[lane];
                    squared[r][lane] = multiply_add::<FUSED, f64>(difference, difference, squared[r][lane]);
                }
            }
        }
        for (r, nearest) in nearest.iter_mut().enumerate() {
            nearest.offer_panel(clusters.masses[rows[r]], masses, &squared[r], panel * LANES, rows[r]);
        }
    }
}

/// A scan over some panels.
struct Scan<'a> {
    cells: &'a [Lanes],
    masses: &'a [f64],
    least: &'a [f64],
    center: &'a [f64],
    own: f64,
    /// The place that is not looked for.
    skip: usize,
    /// The place of the first lane.
    first: usize,
}

// Multiplies and adds in two steps, so that every machine gives the same bits.
impl Kernel for Scan<'_> {
    type Output = Nearest;

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) -> Nearest {
        let mut nearest = Nearest::new();
        let columns = self.center.len();
        let panels = self.cells.chunks_exact(columns).zip(self.masses.chunks_exact(LANES)).zip(self.least);
        for (panel, ((cells, masses), least)) in panels.enumerate() {
            // No cluster of the panel has a smaller factor, so a squared distance beyond this is too far, with room for
            // rounding.
            let limit = nearest.worst() / factor(self.own, *least) * (1.0 + 1e-9);
            let Some(squared) = squared_within(cells, self.center, limit) else { continue };
            nearest.offer_panel(self.own, masses, &squared, self.first + panel * LANES, self.skip);
        }
        nearest
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
        let x = near_zero(x);
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
    fn an_origin_far_off_changes_no_bit() {
        let near = heaps(200, 3, 11).mapv(|v| (v * 1e4).round());
        let end = |end: fn(f64, f64) -> f64| near.map_axis(Axis(0), |c| c.iter().copied().reduce(end).unwrap());
        for (origin, ends) in [(1e9, end(f64::min)), (-1e9, end(f64::max))] {
            let far = near.mapv(|v| v + origin);
            let expected = simple((&near - &ends).view(), None);
            assert_eq!(ward(far.view(), None, &Context::default()).unwrap(), expected);
        }
    }

    #[test]
    fn what_has_no_distance_has_no_tree() {
        let x = Array2::from_elem((4, 1), f64::INFINITY);
        assert!(ward(x.view(), None, &Context::default()).unwrap_err().to_string().contains("are not numbers"));
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
