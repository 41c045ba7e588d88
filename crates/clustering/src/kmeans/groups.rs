//! Centres in groups of neighbours.

use crate::centers::squared;
pub(super) use adflux_evaluation::distance::LANES;
use ndarray::{Array2, ArrayView1};

/// One number of each centre of a group.
pub(super) type Lanes = [f64; LANES];

/// A lane without a centre.
const NONE: u32 = u32::MAX;

/// Centres in groups of up to 8 that lie together, each a panel of numbers, column after column.
pub(super) struct Groups {
    pub(super) columns: usize,
    /// The group of each centre.
    of: Vec<u32>,
    /// The centres of each group, ascending.
    members: Vec<[u32; LANES]>,
    cells: Vec<Lanes>,
    half_norms: Vec<Lanes>,
}

impl Groups {
    /// Groups of centres: the one farthest from the origin that is left with its 7 nearest, and so on. O(centres² · columns).
    pub(super) fn new(centers: &Array2<f64>) -> Self {
        let (k, columns) = centers.dim();
        let from_origin: Vec<f64> = centers.rows().into_iter().map(|c| c.iter().map(|v| v * v).sum()).collect();
        let slice = |center: usize| centers.row(center).to_vec();
        let mut left: Vec<usize> = (0..k).collect();
        let (mut of, mut members) = (vec![0; k], Vec::new());
        while let Some(&outer) = left.iter().max_by(|a, b| from_origin[**a].total_cmp(&from_origin[**b])) {
            let outer = slice(outer);
            let mut near: Vec<(f64, usize)> = left.iter().map(|&c| (squared(&outer, centers.row(c)), c)).collect();
            near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            near.truncate(LANES);
            near.sort_unstable_by_key(|(_, center)| *center);
            let mut group = [NONE; LANES];
            for (lane, (_, center)) in group.iter_mut().zip(near) {
                *lane = center as u32;
                of[center] = members.len() as u32;
            }
            left.retain(|center| !group.contains(&(*center as u32)));
            members.push(group);
        }
        let count = members.len();
        let mut groups = Groups {
            columns,
            of,
            members,
            cells: vec![[0.0; LANES]; count * columns],
            half_norms: vec![[0.0; LANES]; count],
        };
        groups.follow(centers);
        groups
    }

    /// Takes the numbers of centres that have moved; each stays in its group.
    pub(super) fn follow(&mut self, centers: &Array2<f64>) {
        let half_norm = |center: ArrayView1<f64>| 0.5 * center.iter().map(|v| v * v).sum::<f64>();
        let cells = self.cells.chunks_exact_mut(self.columns);
        for ((members, cells), half_norms) in self.members.iter().zip(cells).zip(&mut self.half_norms) {
            for (lane, &center) in members.iter().enumerate() {
                if center == NONE {
                    half_norms[lane] = f64::INFINITY;
                    continue;
                }
                let center = centers.row(center as usize);
                half_norms[lane] = half_norm(center);
                cells.iter_mut().zip(center).for_each(|(cell, v)| cell[lane] = *v);
            }
        }
    }

    pub(super) fn count(&self) -> usize {
        self.members.len()
    }

    pub(super) fn of(&self, center: u32) -> usize {
        self.of[center as usize] as usize
    }

    pub(super) fn member(&self, group: usize, lane: usize) -> u32 {
        self.members[group][lane]
    }

    /// The numbers and half of the squared lengths of a group's centres.
    #[inline(always)]
    pub(super) fn panel(&self, group: usize) -> (&[Lanes], &Lanes) {
        (&self.cells[group * self.columns..(group + 1) * self.columns], &self.half_norms[group])
    }

    /// The greatest of each group's values, one a centre.
    pub(super) fn greatest(&self, values: &[f32]) -> Vec<f32> {
        let mut greatest = vec![0.0_f32; self.count()];
        for (&group, value) in self.of.iter().zip(values) {
            greatest[group as usize] = greatest[group as usize].max(*value);
        }
        greatest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_center_is_in_one_group_beside_its_neighbours() {
        let centers = Array2::from_shape_fn((21, 2), |(i, c)| if c == 0 { (i % 3) as f64 * 100.0 } else { i as f64 });
        let groups = Groups::new(&centers);
        assert_eq!(groups.count(), 3);
        for center in 0..21 {
            let group = groups.of(center);
            let lane = (0..LANES).find(|lane| groups.member(group, *lane) == center).unwrap();
            let (cells, half_norms) = groups.panel(group);
            assert_eq!([cells[0][lane], cells[1][lane]], [centers[[center as usize, 0]], f64::from(center)]);
            assert!(half_norms[lane].is_finite());
        }
        // Those that lie farthest out are together; an eighth is from another heap.
        let of_heap = groups.members[groups.of(20)].iter().filter(|member| **member % 3 == 2);
        assert_eq!(of_heap.count(), 7);
    }
}
