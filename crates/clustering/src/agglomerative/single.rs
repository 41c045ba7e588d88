//! Single linkage by a minimum spanning tree: its merges are the edges of the tree, the shortest first (Gower and Ross 1969).

use super::{Linkage, places::Places};
use crate::lanes::{LANES, Lanes, squared_within};
use adflux_core::{
    Context, Result,
    widest::{Kernel, run},
};
use ndarray::ArrayView2;
use rayon::prelude::*;

/// Numbers of a piece of a scan, as for Ward's linkage.
const PIECE: usize = 1 << 17;

/// The tree of rows, by Prim's algorithm over all pairs: O(rows² · columns) time, O(rows · columns) memory.
pub(super) fn single(x: ArrayView2<f64>, context: &Context) -> Result<Linkage> {
    let rows = x.nrows();
    let columns = x.ncols();
    let mut places = Places::new(x);
    // How far each place is from the tree, squared.
    let mut away = vec![f64::INFINITY; places.panels() * LANES];
    let mut pairs = Vec::with_capacity(rows - 1);
    let mut last = vec![0.0; columns];
    let mut newest = 0;
    places.read(newest, &mut last);
    places.remove(newest);
    while places.live() > 0 {
        if pairs.len() % 256 == 0 {
            context.report(super::KIND, pairs.len() as u64, Some(rows as u64 - 1));
            context.check()?;
        }
        let Some((squared, place)) = scan(&places, &mut away, &last) else { break };
        let next = places.name(place);
        // The row that joined before stands for the tree: SciPy's choice, of the same heights and sets as the true edge.
        pairs.push((newest, next, squared.sqrt()));
        newest = next;
        places.read(newest, &mut last);
        places.remove(newest);
        away[place] = f64::INFINITY;
        let panels = places.panels();
        places.compact(|from, to| away[to] = away[from]);
        if places.panels() != panels {
            away.truncate(places.panels() * LANES);
            away[places.live()..].fill(f64::INFINITY);
        }
    }
    Ok(Linkage::from_pairs(pairs))
}

/// Brings `away` up to date with the newest row of the tree; the first place of the least.
fn scan(places: &Places, away: &mut [f64], last: &[f64]) -> Option<(f64, usize)> {
    let columns = last.len();
    let panels = (PIECE / (LANES * columns)).max(1);
    let of_piece = |(cells, away)| run(Scan { cells, away, last });
    if places.panels() <= panels {
        return of_piece((places.cells(), away));
    }
    let pieces = places.cells().par_chunks(panels * columns).zip(away.par_chunks_mut(panels * LANES));
    let found = pieces.enumerate().map(|(piece, (cells, away))| {
        of_piece((cells, away)).map(|(squared, place)| (squared, piece * panels * LANES + place))
    });
    found.reduce(
        || None,
        |a, b| match (a, b) {
            (Some(a), Some(b)) => Some(if b < a { b } else { a }),
            (a, b) => a.or(b),
        },
    )
}

struct Scan<'a> {
    cells: &'a [Lanes],
    away: &'a mut [f64],
    last: &'a [f64],
}

// Multiplies and adds in two steps, so that every machine gives the same bits.
impl Kernel for Scan<'_> {
    type Output = Option<(f64, usize)>;

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) -> Option<(f64, usize)> {
        let (mut least, mut found) = (f64::INFINITY, None);
        let panels = self.cells.chunks_exact(self.last.len()).zip(self.away.chunks_exact_mut(LANES));
        for (panel, (cells, away)) in panels.enumerate() {
            let farthest = away.iter().copied().fold(0.0, |a: f64, b| if b > a && b < f64::INFINITY { b } else { a });
            // Before the first scan all are infinitely far; a place without a row stays so.
            let limit = if farthest > 0.0 { farthest } else { f64::MAX };
            if let Some(squared) = squared_within(cells, self.last, limit) {
                for lane in 0..LANES {
                    away[lane] = if squared[lane] < away[lane] { squared[lane] } else { away[lane] };
                }
            }
            for (lane, away) in away.iter().enumerate() {
                if *away < least {
                    least = *away;
                    found = Some((least, panel * LANES + lane));
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
    use ndarray::Array2;
    use rand::RngExt as _;

    /// Prim's algorithm, as simply as can be.
    fn simple(x: ArrayView2<f64>) -> Linkage {
        let mut away = vec![f64::INFINITY; x.nrows()];
        let mut left: Vec<usize> = (1..x.nrows()).collect();
        let (mut newest, mut pairs) = (0, Vec::new());
        while !left.is_empty() {
            for &row in &left {
                let squared = x.row(newest).iter().zip(x.row(row)).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b));
                away[row] = f64::min(away[row], squared);
            }
            let next = left.iter().copied().reduce(|a, b| if away[b] < away[a] { b } else { a }).unwrap();
            left.retain(|row| *row != next);
            pairs.push((newest as u32, next as u32, away[next].sqrt()));
            newest = next;
        }
        Linkage::from_pairs(pairs)
    }

    #[test]
    fn it_is_the_simple_version_bit_for_bit() {
        let mut rng = stream(4, &[]);
        for (rows, columns) in [(1, 2), (2, 1), (17, 3), (150, 9), (400, 2)] {
            let x = Array2::from_shape_fn((rows, columns), |_| rng.random_range(-9.0..9.0_f64));
            assert_eq!(single(x.view(), &Context::default()).unwrap(), simple(x.view()), "{rows} {columns}");
            // Many equal rows and equal distances.
            let x = x.mapv(f64::round);
            assert_eq!(single(x.view(), &Context::default()).unwrap(), simple(x.view()), "{rows} {columns}, ties");
        }
    }

    #[test]
    fn pieces_and_threads_change_nothing() {
        let mut rng = stream(5, &[]);
        let x = Array2::from_shape_fn((900, 320), |_| rng.random_range(-9.0..9.0_f64));
        assert!(x.len() > 2 * PIECE);
        let context = Context::default().with_threads(3).unwrap();
        assert_eq!(context.run(|| single(x.view(), &context)).unwrap(), simple(x.view()));
    }
}
