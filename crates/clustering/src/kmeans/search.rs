//! Ways to find the nearest centres. All find the same.

use super::{
    KMeansAlgorithm,
    bounds::Bounds,
    data::{Data, Narrow},
    filter::{Filter, UNSURE},
    sums::Change,
};
use adflux_evaluation::distance::Panels;
use ndarray::Array2;
use rayon::prelude::*;

/// A way to find the nearest centres, which may learn from one call for the next.
pub(super) trait Search {
    /// Puts every row into the segment of its nearest centre, the first of equals; what changed, a list a piece.
    fn nearest(&mut self, data: &Data, centers: &Array2<f64>, segments: &mut [u32]) -> Vec<Vec<Change>>;
}

/// The share of rows that change their segment below which bounds begin to pay.
const CALM: f64 = 0.1;

/// The bytes that bounds may take by themselves, or twice those of the rows, whichever is more.
const ROOM: usize = 256 << 20;

/// As the recipe says; by itself, all centres are looked at until bounds pay.
pub(super) struct Chosen<'a> {
    all: All<'a>,
    algorithm: KMeansAlgorithm,
    changed: f64,
    bounds: Option<Bounds>,
}

impl<'a> Chosen<'a> {
    pub(super) fn new(algorithm: KMeansAlgorithm, narrow: &'a Narrow) -> Self {
        Chosen { all: All { narrow }, algorithm, changed: 1.0, bounds: None }
    }

    fn bounds_pay(&self) -> bool {
        match self.algorithm {
            KMeansAlgorithm::Lloyd => false,
            KMeansAlgorithm::Yinyang => true,
            KMeansAlgorithm::Auto => self.changed < CALM,
        }
    }

    /// Bounds, unless they ask for more memory than there is, or by itself for more than is taken without being asked.
    fn with_bounds(&mut self, data: &Data, centers: &Array2<f64>) -> Option<Bounds> {
        let most = match self.algorithm {
            KMeansAlgorithm::Auto => ROOM.max(2 * size_of_val(data.x.as_slice().unwrap_or_default())),
            _ => usize::MAX,
        };
        let bounds =
            (Bounds::bytes(data.x.nrows(), centers.nrows()) <= most).then(|| Bounds::new(data, centers)).flatten();
        if bounds.is_none() {
            self.algorithm = KMeansAlgorithm::Lloyd;
        }
        bounds
    }
}

impl Search for Chosen<'_> {
    fn nearest(&mut self, data: &Data, centers: &Array2<f64>, segments: &mut [u32]) -> Vec<Vec<Change>> {
        if self.bounds.is_none() && self.bounds_pay() {
            self.bounds = self.with_bounds(data, centers);
        }
        if let Some(bounds) = &mut self.bounds {
            return bounds.nearest(data, centers, segments);
        }
        let changes = self.all.nearest(data, centers, segments);
        self.changed = changes.iter().map(Vec::len).sum::<usize>() as f64 / segments.len() as f64;
        changes
    }
}

/// Every row beside every centre: in f32 where that is enough, else in f64.
pub(super) struct All<'a> {
    pub(super) narrow: &'a Narrow,
}

impl Search for All<'_> {
    fn nearest(&mut self, data: &Data, centers: &Array2<f64>, segments: &mut [u32]) -> Vec<Vec<Change>> {
        let (filter, panels) = (Filter::new(centers), Panels::new(centers.view()));
        each_piece(data, segments, |first, segments| {
            let mut new = vec![0; segments.len()];
            let (rows, lengths) = self.narrow.rows(first, first + segments.len());
            filter.nearest(rows, lengths, &mut new);
            for (i, nearest) in new.iter_mut().enumerate().filter(|(_, nearest)| **nearest == UNSURE) {
                panels.nearest(data.row(first + i), std::slice::from_mut(nearest));
            }
            changes(first, segments, &new)
        })
    }
}

/// `work` on the segments of each piece, which begins at a row.
fn each_piece<T: Send>(data: &Data, segments: &mut [u32], work: impl Fn(usize, &mut [u32]) -> T + Sync) -> Vec<T> {
    let piece = data.piece;
    segments.par_chunks_mut(piece).enumerate().map(|(i, segments)| work(i * piece, segments)).collect()
}

/// Writes `new` to `segments`, and tells the differences.
pub(super) fn changes(first: usize, segments: &mut [u32], new: &[u32]) -> Vec<Change> {
    let mut changes = Vec::new();
    for (i, (from, to)) in segments.iter_mut().zip(new).enumerate().filter(|(_, (from, to))| from != to) {
        changes.push(Change { row: (first + i) as u32, from: *from, to: *to });
        *from = *to;
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        counted::Counted,
        kmeans::lloyd::{Stop, run},
    };
    use adflux_core::{Context, random::stream};
    use ndarray::Array1;
    use rand::RngExt as _;

    /// What the others have to agree with: every row beside every centre in f64.
    struct Simple;

    impl Search for Simple {
        fn nearest(&mut self, data: &Data, centers: &Array2<f64>, segments: &mut [u32]) -> Vec<Vec<Change>> {
            let mut new = vec![0; segments.len()];
            Panels::new(centers.view()).nearest(data.x.as_slice().unwrap(), &mut new);
            let each = segments.chunks_mut(data.piece).zip(new.chunks(data.piece)).enumerate();
            each.map(|(piece, (segments, new))| changes(piece * data.piece, segments, new)).collect()
        }
    }

    fn heaps(rows: usize, columns: usize, count: usize, seed: u64) -> Array2<f64> {
        let mut rng = stream(seed, &[]);
        let centers = Array2::from_shape_fn((count, columns), |_| rng.random_range(-5.0..5.0));
        Array2::from_shape_fn((rows, columns), |(row, column)| {
            centers[[row * 7 % count, column]] + rng.random_range(-2.0..2.0)
        })
    }

    fn all_agree(x: &Array2<f64>, k: usize, weights: Option<Array1<f64>>, threads: usize) {
        let data = Data::new(x.view(), &Counted::new(x.nrows(), weights.as_ref().map(|w| w.view())).unwrap());
        let narrow = Narrow::new(&data);
        let centers = data.x.slice(ndarray::s![..k, ..]).to_owned();
        let stop = Stop { max_iter: 60, tolerance: 0.0 };
        let context = Context::default().with_threads(threads).unwrap();
        let with = |search: &mut (dyn Search + Send)| {
            context.run(|| run(&data, centers.clone(), stop, search, &context)).unwrap()
        };
        let simple = with(&mut Simple);
        for algorithm in [KMeansAlgorithm::Lloyd, KMeansAlgorithm::Yinyang, KMeansAlgorithm::Auto] {
            let other = with(&mut Chosen::new(algorithm, &narrow));
            assert_eq!((other.n_iter, other.converged), (simple.n_iter, simple.converged), "{algorithm:?} {k}");
            assert!(other.segments == simple.segments, "{algorithm:?} {k}");
            assert_eq!(other.inertia.to_bits(), simple.inertia.to_bits(), "{algorithm:?} {k}");
            assert_eq!(other.centers, simple.centers);
        }
    }

    #[test]
    fn every_way_finds_the_segments_of_the_simple_one() {
        for (rows, columns, heap_count, k) in
            [(5, 1, 2, 2), (700, 3, 5, 7), (3000, 2, 9, 30), (4000, 17, 12, 9), (2500, 5, 20, 40), (900, 1, 3, 1)]
        {
            all_agree(&heaps(rows, columns, heap_count, rows as u64), k, None, 2);
        }
        let weights = Array1::from_shape_fn(3000, |row| (1 + row % 5) as f64 / 3.0);
        all_agree(&heaps(3000, 4, 8, 3), 12, Some(weights), 1);
    }

    #[test]
    fn scales_do_not_matter() {
        let x = heaps(2000, 3, 6, 5);
        for scale in [1e-180, 1e-30, 1e30, 1e150] {
            all_agree(&x.mapv(|v| v * scale), 10, None, 2);
        }
        // Heaps far apart beside their size, so that scores lose most digits, and one row far from all.
        let mut far = &x * 1e-3;
        far.rows_mut().into_iter().enumerate().for_each(|(i, mut row)| row += (i % 3) as f64 * 1e2);
        all_agree(&far, 12, None, 2);
        let mut outlier = x.clone();
        outlier.row_mut(17).fill(1e9);
        all_agree(&outlier, 12, None, 2);
    }

    #[test]
    fn bounds_that_take_too_much_are_not_kept_without_being_asked() {
        let x = heaps(2000, 2, 6, 5);
        let data = Data::new(x.view(), &Counted::new(2000, None).unwrap());
        let narrow = Narrow::new(&data);
        let bounds = |algorithm, k| {
            let centers = Array2::from_shape_fn((k, 2), |(row, column)| ((row * 7 + column) % 1009) as f64 / 1009.0);
            let mut chosen = Chosen::new(algorithm, &narrow);
            chosen.changed = 0.0;
            chosen.nearest(&data, &centers, &mut vec![u32::MAX; 2000]);
            chosen.bounds.is_some()
        };
        assert!(bounds(KMeansAlgorithm::Auto, 100) && !bounds(KMeansAlgorithm::Lloyd, 100));
        // 2,000 rows of 4 bytes for every 8 centres: more than 256 MiB.
        assert_eq!(Bounds::bytes(2000, 280_000) >> 20, 267);
        assert!(!bounds(KMeansAlgorithm::Auto, 280_000));
        // What no machine has is not asked for twice.
        assert!(Bounds::new(&data, &Array2::zeros((1, 2))).is_some());
        assert!(super::super::bounds::zeros(usize::MAX / 8).is_none());
    }

    #[test]
    fn ties_go_to_the_first() {
        // Whole numbers in few places, about a mean of 0: equal distances, and sums without rounding.
        let x = Array2::from_shape_fn((2048, 2), |(row, column)| {
            let v = ((row / 2 * 7919 + column * 104_729) % 17) as f64 - 8.0;
            if row % 2 == 0 { v } else { -v }
        });
        all_agree(&x, 24, None, 2);
    }
}
