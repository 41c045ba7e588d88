//! Histograms of all columns, kept from a large node for its children: the histogram of one child is that of the parent
//! less that of the other, so only the smaller child is counted.

use super::{binning::Binned, outcome::Outcome};

/// Where the cells of each column lie in the histograms of a node.
pub(crate) struct Layout {
    starts: Vec<usize>,
    stride: usize,
}

/// The cells of all columns of a node.
pub(crate) struct Kept(Vec<f64>);

/// The most numbers that a tree keeps: 64 MiB. Beyond, nodes are counted afresh rather than fill the memory.
const MOST_CELLS: usize = 1 << 23;

impl Layout {
    /// `None` when the histograms would be too large.
    pub(crate) fn new(data: &Binned, outputs: usize) -> Option<Self> {
        let stride = 2 + outputs;
        let mut starts = vec![0];
        let mut end = 0;
        for column in 0..data.width() {
            end += data.bins(column).codes() * stride;
            starts.push(end);
        }
        (end <= MOST_CELLS / 4).then_some(Layout { starts, stride })
    }

    /// The number of nodes that may be kept at a time: at least 4.
    pub(crate) fn most_nodes(&self) -> usize {
        MOST_CELLS / self.starts.last().map_or(1, |end| (*end).max(1))
    }

    fn range(&self, column: usize) -> std::ops::Range<usize> {
        self.starts[column]..self.starts[column + 1]
    }

    /// Counts a node. As in [`Histogram::count`](super::split::Histogram::count), rows of a column's common code are what
    /// the others leave of the total.
    pub(crate) fn count<O: Outcome>(&self, data: &Binned, outcome: &O, samples: &[O::Sample]) -> Kept {
        let mut total = vec![0.0; self.stride];
        samples.iter().for_each(|sample| outcome.add(sample, &mut total));
        let mut cells = vec![0.0; self.starts.last().copied().unwrap_or(0)];
        for column in 0..data.width() {
            let codes = data.codes(column);
            let common = data.bins(column).common();
            let cells = &mut cells[self.range(column)];
            for sample in samples {
                let code = codes.at(O::row(sample));
                if Some(code) != common {
                    outcome.add(sample, &mut cells[code as usize * self.stride..][..self.stride]);
                }
            }
            if let Some(common) = common {
                let mut rest = total.clone();
                for cell in cells.chunks_exact(self.stride) {
                    rest.iter_mut().zip(cell).for_each(|(rest, sum)| *rest -= sum);
                }
                cells[common as usize * self.stride..][..self.stride].copy_from_slice(&rest);
            }
        }
        Kept(cells)
    }

    /// The cells of a column.
    pub(crate) fn column<'a>(&self, kept: &'a Kept, column: usize) -> &'a [f64] {
        &kept.0[self.range(column)]
    }
}

impl Kept {
    /// What is left of a parent without this child.
    pub(crate) fn without(mut self, child: &Kept) -> Kept {
        self.0.iter_mut().zip(&child.0).for_each(|(all, part)| *all -= part);
        self
    }
}
