//! Points side by side in memory, 8 at a time, and their distances to one point.

/// Points that are compared at a time.
pub(crate) const LANES: usize = 8;
/// One number of each of them.
pub(crate) type Lanes = [f64; LANES];

/// Columns after which a panel is given up when all of it is too far.
const STEP: usize = 16;

/// The squared distances of `center` to the points of a panel, or none when all are beyond `limit` after some columns. Sums only
/// grow, so what is given up is beyond it in the end.
#[inline(always)]
pub(crate) fn squared_within(cells: &[Lanes], center: &[f64], limit: f64) -> Option<Lanes> {
    let mut squared = [0.0; LANES];
    for (cells, center) in cells.chunks(STEP).zip(center.chunks(STEP)) {
        for (cell, center) in cells.iter().zip(center) {
            for lane in 0..LANES {
                let difference = center - cell[lane];
                squared[lane] += difference * difference;
            }
        }
        let mut near = false;
        for lane in squared {
            near |= lane <= limit;
        }
        if !near {
            return None;
        }
    }
    Some(squared)
}
