//! The sums of the rows of each segment, kept up to date as rows change their segments.

use super::data::Data;
use crate::{centers::squared, waves::in_waves};
use ndarray::Array2;

/// A row that goes from one segment to another.
#[derive(Clone, Copy)]
pub(super) struct Change {
    pub(super) row: u32,
    /// `u32::MAX`: from none.
    pub(super) from: u32,
    pub(super) to: u32,
}

/// The weighted sums of the rows of each segment.
#[derive(Clone)]
pub(super) struct Sums {
    sums: Array2<f64>,
    weights: Vec<f64>,
    /// The number of rows.
    members: Vec<i64>,
}

impl Sums {
    fn zero(k: usize, columns: usize) -> Self {
        Sums { sums: Array2::zeros((k, columns)), weights: vec![0.0; k], members: vec![0; k] }
    }

    /// Of all rows, added in a fixed order.
    pub(super) fn of(data: &Data, k: usize, segments: &[u32]) -> Self {
        let of_piece = |piece: usize| {
            let (from, to) = (piece * data.piece, ((piece + 1) * data.piece).min(segments.len()));
            let mut sums = Sums::zero(k, data.columns());
            (from..to).for_each(|row| sums.add(data, row, segments[row], 1.0));
            sums
        };
        let mut total = Sums::zero(k, data.columns());
        let pieces = segments.len().div_ceil(data.piece);
        let bytes = total.bytes();
        in_waves(pieces, bytes, of_piece, |piece| total.plus(&piece));
        total
    }

    fn bytes(&self) -> usize {
        8 * (self.sums.len() + 2 * self.weights.len())
    }

    fn plus(&mut self, more: &Sums) {
        self.sums += &more.sums;
        self.weights.iter_mut().zip(&more.weights).for_each(|(total, weight)| *total += weight);
        self.members.iter_mut().zip(&more.members).for_each(|(total, members)| *total += members);
    }

    /// Adds a row to a segment, or takes it away with a `sign` of −1.
    fn add(&mut self, data: &Data, row: usize, segment: u32, sign: f64) {
        let (segment, weight) = (segment as usize, data.weight(row));
        let signed = sign * weight;
        self.weights[segment] += signed;
        self.members[segment] += sign as i64;
        let columns = data.columns();
        let sums = self.sums.as_slice_mut().unwrap_or_default();
        let sum = &mut sums[segment * columns..(segment + 1) * columns];
        sum.iter_mut().zip(data.row(row)).for_each(|(sum, value)| *sum += signed * value);
    }

    /// Applies changes, a list a piece. What was added and is taken away again leaves its rounding behind: see [`Running`].
    fn apply(&mut self, data: &Data, changes: &[Vec<Change>]) {
        let k = self.weights.len();
        let of_piece = |piece: usize| {
            let changes = &changes[piece];
            let mut sums = (!changes.is_empty()).then(|| Sums::zero(k, data.columns()))?;
            for change in changes {
                sums.add(data, change.row as usize, change.from, -1.0);
                sums.add(data, change.row as usize, change.to, 1.0);
            }
            Some(sums)
        };
        let bytes = self.bytes();
        in_waves(changes.len(), bytes, of_piece, |piece| piece.iter().for_each(|piece| self.plus(piece)));
    }

    /// The new centres.
    pub(super) fn means(mut self, data: &Data, centers: &Array2<f64>, segments: &[u32]) -> Array2<f64> {
        if self.members.contains(&0) {
            self.refill(data, centers, segments);
        }
        for (segment, mut sum) in self.sums.rows_mut().into_iter().enumerate() {
            if self.members[segment] > 0 {
                sum /= self.weights[segment];
            } else {
                sum.assign(&centers.row(segment));
            }
        }
        self.sums
    }

    /// Empty segments get the rows that lie farthest from their centres, the farthest first, as in scikit-learn. The last row of
    /// a segment is not taken.
    fn refill(&mut self, data: &Data, centers: &Array2<f64>, segments: &[u32]) {
        let empty: Vec<usize> = (0..self.members.len()).filter(|&s| self.members[s] == 0).collect();
        let mut far: Vec<(f64, usize)> =
            (0..segments.len()).map(|row| (squared(data.row(row), centers.row(segments[row] as usize)), row)).collect();
        far.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut far = far.into_iter().filter(|(distance, _)| *distance > 0.0);
        for to in empty {
            let taken = far.by_ref().find(|(_, row)| self.members[segments[*row] as usize] > 1);
            let Some((_, row)) = taken else { return };
            self.add(data, row, segments[row], -1.0);
            self.sums.row_mut(to).fill(0.0);
            self.weights[to] = 0.0;
            self.add(data, row, to as u32, 1.0);
        }
    }
}

/// The sums over the iterations: changes are applied while they are few, and all is added anew while they are many or where the
/// rounding of what was taken away could show.
pub(super) struct Running {
    sums: Option<Sums>,
    /// The weights when all was added last.
    full: Vec<f64>,
    changed_since: usize,
}

impl Running {
    pub(super) fn new() -> Self {
        Running { sums: None, full: Vec::new(), changed_since: 0 }
    }

    /// The sums of `segments`, which differ from those of the last call by `changes`.
    pub(super) fn follow(&mut self, data: &Data, k: usize, segments: &[u32], changes: &[Vec<Change>]) -> &Sums {
        self.changed_since += changes.iter().map(Vec::len).sum::<usize>();
        let few = self.changed_since * 4 <= segments.len();
        let applied = self.sums.take().filter(|_| few).map(|mut sums| {
            sums.apply(data, changes);
            sums
        });
        // A segment that lost most of its weight would be left with the rounding of what it had.
        let sums = applied.filter(|sums| sums.weights.iter().zip(&self.full).all(|(now, then)| now * 2.0 >= *then));
        let sums = sums.unwrap_or_else(|| {
            let sums = Sums::of(data, k, segments);
            self.full.clone_from(&sums.weights);
            self.changed_since = 0;
            sums
        });
        self.sums.insert(sums)
    }

    /// Whether the sums are those that adding all rows gives, to the bit.
    pub(super) fn is_exact(&self) -> bool {
        self.changed_since == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counted::Counted;
    use ndarray::Array1;

    fn changes(from: &[u32], to: &[u32], piece: usize) -> Vec<Vec<Change>> {
        let each = from.chunks(piece).zip(to.chunks(piece)).enumerate().map(|(p, (from, to))| {
            let all = from.iter().zip(to).enumerate().filter(|(_, (from, to))| from != to);
            all.map(|(i, (from, to))| Change { row: (p * piece + i) as u32, from: *from, to: *to }).collect()
        });
        each.collect()
    }

    #[test]
    fn applied_changes_come_to_the_sums_of_all_rows() {
        let x = Array2::from_shape_fn((3000, 3), |(row, column)| ((row * 7 + column * 31) % 101) as f64 / 9.0);
        let weights = Array1::from_shape_fn(3000, |row| (1 + row % 4) as f64 / 3.0);
        let data = Data::new(x.view(), &Counted::new(3000, Some(weights.view())).unwrap());
        let mut segments: Vec<u32> = (0..3000).map(|row| row % 5).collect();
        let mut running = Running::new();
        running.follow(&data, 5, &segments, &[]);
        assert!(running.is_exact());
        for step in 1..40_u32 {
            let before = segments.clone();
            // The last segment loses all of its rows on the way.
            segments
                .iter_mut()
                .enumerate()
                .filter(|(i, s)| *i as u32 % 40 == step && **s > 0)
                .for_each(|(_, s)| *s -= 1);
            let sums = running.follow(&data, 5, &segments, &changes(&before, &segments, data.piece)).clone();
            let all = Sums::of(&data, 5, &segments);
            assert_eq!(sums.members, all.members);
            assert!(sums.sums.iter().zip(&all.sums).all(|(a, b)| (a - b).abs() < 1e-9), "{step}");
            assert!(sums.weights.iter().zip(&all.weights).all(|(a, b)| (a - b).abs() < 1e-10), "{step}");
        }
    }
}
