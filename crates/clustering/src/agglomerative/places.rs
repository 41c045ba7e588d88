//! Clusters side by side in memory, for the scans that Ward and single linkage spend their time on.

use crate::lanes::{LANES, Lanes};
use ndarray::ArrayView2;

/// The centres of clusters, in panels of 8, column after column. Clusters keep their order; the place of one that is gone has an
/// infinite coordinate, so that nothing is near it, until [`compact`](Places::compact) closes the gaps.
pub(super) struct Places {
    columns: usize,
    live: usize,
    /// `columns` groups of lanes for each panel.
    cells: Vec<Lanes>,
    /// The name of the cluster at each place; `GONE` where there is none.
    names: Vec<u32>,
    /// The place of each name.
    place: Vec<u32>,
}

const GONE: u32 = u32::MAX;

impl Places {
    /// A cluster for each row, named by its index.
    pub(super) fn new(x: ArrayView2<f64>) -> Self {
        let (rows, columns) = x.dim();
        let mut places = Places {
            columns,
            live: rows,
            cells: vec![[f64::INFINITY; LANES]; columns * rows.div_ceil(LANES)],
            names: vec![GONE; rows.next_multiple_of(LANES)],
            place: (0..rows as u32).collect(),
        };
        for (row, name) in x.rows().into_iter().zip(0..) {
            places.names[name as usize] = name;
            row.iter().enumerate().for_each(|(column, v)| *places.cell(name as usize, column) = *v);
        }
        places
    }

    /// The clusters that are left.
    pub(super) fn live(&self) -> usize {
        self.live
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    pub(super) fn panels(&self) -> usize {
        self.names.len() / LANES
    }

    /// The columns of each panel.
    pub(super) fn cells(&self) -> &[Lanes] {
        &self.cells
    }

    pub(super) fn place(&self, name: u32) -> usize {
        self.place[name as usize] as usize
    }

    /// The cluster at a place that has one.
    pub(super) fn name(&self, place: usize) -> u32 {
        self.names[place]
    }

    /// The first of the clusters that are left.
    pub(super) fn first(&self) -> Option<u32> {
        self.names.iter().copied().find(|name| *name != GONE)
    }

    fn cell(&mut self, place: usize, column: usize) -> &mut f64 {
        &mut self.cells[place / LANES * self.columns + column][place % LANES]
    }

    /// Copies the centre of a cluster to `center`.
    pub(super) fn read(&self, name: u32, center: &mut [f64]) {
        let (panel, lane) = (self.place(name) / LANES, self.place(name) % LANES);
        let cells = &self.cells[panel * self.columns..];
        center.iter_mut().zip(cells).for_each(|(to, from)| *to = from[lane]);
    }

    /// Moves a cluster.
    pub(super) fn write(&mut self, name: u32, center: &[f64]) {
        let place = self.place(name);
        center.iter().enumerate().for_each(|(column, v)| *self.cell(place, column) = *v);
    }

    /// Takes a cluster away.
    pub(super) fn remove(&mut self, name: u32) {
        let place = self.place(name);
        *self.cell(place, 0) = f64::INFINITY;
        self.names[place] = GONE;
        self.live -= 1;
    }

    /// Closes the gaps once they are a quarter of all places, and tells `moved` from where to where each cluster goes, in their
    /// order. There are fewer panels afterwards. All moves of a whole clustering are few, because so many clusters go in between.
    pub(super) fn compact(&mut self, mut moved: impl FnMut(usize, usize)) {
        let places = self.live.next_multiple_of(LANES);
        if self.live * 4 > self.names.len() * 3 || places == self.names.len() {
            return;
        }
        let mut to = 0;
        for from in 0..self.names.len() {
            let name = self.names[from];
            if name == GONE {
                continue;
            }
            if from != to {
                for column in 0..self.columns {
                    *self.cell(to, column) = *self.cell(from, column);
                }
                self.names[to] = name;
                self.place[name as usize] = to as u32;
                moved(from, to);
            }
            to += 1;
        }
        for place in to..places {
            *self.cell(place, 0) = f64::INFINITY;
            self.names[place] = GONE;
        }
        self.names.truncate(places);
        self.cells.truncate(places / LANES * self.columns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn clusters_keep_their_order_and_their_numbers_when_gaps_are_closed() {
        let x = Array2::from_shape_fn((21, 2), |(row, column)| (row * 10 + column) as f64);
        let mut places = Places::new(x.view());
        (0..21).filter(|name| name % 3 != 1).for_each(|name| places.remove(name));
        let mut told = Vec::new();
        places.compact(|from, to| told.push((from, to)));
        assert_eq!((places.live(), places.panels(), places.first()), (7, 1, Some(1)));
        assert_eq!(told, [(1, 0), (4, 1), (7, 2), (10, 3), (13, 4), (16, 5), (19, 6)]);
        let mut center = [0.0; 2];
        for (place, name) in [1, 4, 7, 10, 13, 16, 19].into_iter().enumerate() {
            assert_eq!((places.place(name), places.name(place)), (place, name));
            places.read(name, &mut center);
            assert_eq!(center, [f64::from(name * 10), f64::from(name * 10 + 1)]);
        }
        assert_eq!(places.cells()[0][7], f64::INFINITY);
    }
}
