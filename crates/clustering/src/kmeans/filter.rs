//! The nearest centre in f32, where f32 is enough to be sure of it.
//!
//! With u = 2⁻²⁴, the score ‖c‖²/2 − x·c of a row x and a centre c of d columns, computed in f32 from numbers rounded to f32, is off by
//! at most u ((d + 4) ‖x‖ ‖c‖ + ‖c‖²). When only one centre scores less than twice that above the least, it is the nearest, and the one
//! that f64 finds; any other row is left to f64. So labels are those of f64, at nearly twice the speed.

use adflux_core::widest::{Kernel, multiply_add, rows_of, run};
use ndarray::{Array2, ArrayView1};

/// Centres that are compared side by side.
const LANES: usize = 16;
type Lanes = [f32; LANES];

/// What is written where f32 is not enough.
pub(super) const UNSURE: u32 = u32::MAX;

/// Centres in panels of 16, column after column.
pub(super) struct Filter {
    columns: usize,
    panels: Vec<Lanes>,
    /// Half of the squared lengths, one group of lanes a panel; infinite in a lane without a centre.
    half_norms: Vec<Lanes>,
    /// The length of the longest centre.
    longest: f32,
}

impl Filter {
    pub(super) fn new(centers: &Array2<f64>) -> Self {
        let (columns, count) = (centers.ncols(), centers.nrows().div_ceil(LANES));
        let mut panels = vec![[0.0; LANES]; columns * count];
        let mut half_norms = vec![[f32::INFINITY; LANES]; count];
        let squared = |center: ArrayView1<f64>| center.iter().map(|v| v * v).sum::<f64>();
        let mut longest = 0.0_f64;
        for (i, center) in centers.rows().into_iter().enumerate() {
            let (panel, lane) = (i / LANES, i % LANES);
            let squared = squared(center);
            longest = longest.max(squared.sqrt());
            half_norms[panel][lane] = (0.5 * squared) as f32;
            center.iter().enumerate().for_each(|(c, v)| panels[panel * columns + c][lane] = *v as f32);
        }
        Filter { columns, panels, half_norms, longest: (longest * (1.0 + 1e-6)) as f32 }
    }

    /// The nearest centre of each row of such a length, or [`UNSURE`].
    pub(super) fn nearest(&self, rows: &[f32], lengths: &[f32], nearest: &mut [u32]) {
        // A given centre may lie so far off that its square is no number in f32.
        if self.longest > 1e15 {
            nearest.fill(UNSURE);
        } else {
            run(Nearest { filter: self, rows, lengths, nearest });
        }
    }

    /// How much two scores of a row of that length may be off together.
    #[inline(always)]
    fn margin(&self, length: f32) -> f32 {
        const UNIT: f32 = 2.0 * 1.01 / (1 << 24) as f32;
        // The last term is for numbers that vanish in f32.
        UNIT * ((self.columns + 4) as f32 * length + self.longest) * self.longest + 1e-30
    }
}

struct Nearest<'a> {
    filter: &'a Filter,
    rows: &'a [f32],
    lengths: &'a [f32],
    nearest: &'a mut [u32],
}

impl Kernel for Nearest<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        let Nearest { filter, rows, lengths, nearest } = self;
        let mut scores = vec![[0.0; LANES]; ROWS * filter.half_norms.len()];
        // Two closures would both need these: cells let them share.
        let nearest = std::cell::Cell::from_mut(nearest).as_slice_of_cells();
        let scores = std::cell::RefCell::new(&mut scores[..]);
        rows_of::<f32, ROWS>(
            rows,
            filter.columns,
            |i, x| nearest_of::<FUSED, ROWS>(filter, x, &lengths[i..], &mut scores.borrow_mut(), &nearest[i..]),
            |i, x| nearest_of::<FUSED, 1>(filter, x, &lengths[i..], &mut scores.borrow_mut(), &nearest[i..]),
        );
    }
}

#[inline(always)]
fn nearest_of<const FUSED: bool, const ROWS: usize>(
    filter: &Filter,
    x: [&[f32]; ROWS],
    lengths: &[f32],
    scores: &mut [Lanes],
    nearest: &[std::cell::Cell<u32>],
) {
    let count = filter.half_norms.len();
    let panels = filter.panels.chunks_exact(filter.columns).zip(&filter.half_norms);
    for (panel, (centers, half_norms)) in panels.enumerate() {
        let x = x.map(|row| &row[..centers.len()]);
        let mut products = [[0.0; LANES]; ROWS];
        for (column, center) in centers.iter().enumerate() {
            for r in 0..ROWS {
                for lane in 0..LANES {
                    products[r][lane] = multiply_add::<FUSED, f32>(x[r][column], center[lane], products[r][lane]);
                }
            }
        }
        for r in 0..ROWS {
            let scores = &mut scores[r * count + panel];
            for lane in 0..LANES {
                scores[lane] = half_norms[lane] - products[r][lane];
            }
        }
    }
    for ((scores, nearest), length) in scores.chunks_exact(count).zip(&nearest[..ROWS]).zip(lengths) {
        let mut least = [f32::INFINITY; LANES];
        for scores in scores {
            for lane in 0..LANES {
                least[lane] = if scores[lane] < least[lane] { scores[lane] } else { least[lane] };
            }
        }
        let least = least.into_iter().fold(f32::INFINITY, |a, b| if b < a { b } else { a });
        let limit = least + filter.margin(*length);
        // The place of the only one below the limit, as a sum.
        let (mut near, mut places) = ([0_u32; LANES], [0_u32; LANES]);
        for (panel, scores) in (0..).zip(scores) {
            for lane in 0..LANES {
                let within = u32::from(scores[lane] <= limit);
                near[lane] += within;
                places[lane] += within * (panel * LANES as u32 + lane as u32);
            }
        }
        // Without a finite score the lanes without a centre would be as near as any.
        let sure = least < f32::INFINITY && near.into_iter().sum::<u32>() == 1;
        nearest.set(if sure { places.into_iter().sum() } else { UNSURE });
    }
}
