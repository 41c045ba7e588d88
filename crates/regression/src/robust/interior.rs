//! The interior-point method of Portnoy & Koenker (1997, *The Gaussian hare and the Laplacian tortoise*), with the predictor and
//! corrector of Mehrotra (1992).

use super::program::Program;
use crate::linear::{cholesky::Cholesky, design::overflow};
use adflux_core::{Context, Result};

/// Steps at most: 10 to 30 are usual.
const MOST_STEPS: usize = 100;
/// The share of the way to the edge that a step goes at most.
const TO_THE_EDGE: f64 = 0.9995;
/// A line is good enough when what is minimised is known to be within this share of the least, or within so much for each row, in
/// standard deviations of the target.
const ENOUGH: f64 = 1e-9;
const ENOUGH_OF_A_ROW: f64 = 1e-13;

/// Where a row is between the ends of its box, and the worth of each end. All are above 0; at the solution a row is at an end, or
/// that end is worth nothing.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) from_lower: f64,
    pub(super) to_upper: f64,
    pub(super) lower: f64,
    /// The worth of the upper end: the residual is this less that of the lower.
    pub(super) upper: f64,
}

/// What a step adds.
#[derive(Clone, Copy)]
struct Change {
    place: f64,
    lower: f64,
    upper: f64,
}

impl Place {
    fn gap(self) -> f64 {
        self.from_lower * self.lower + self.to_upper * self.upper
    }

    /// How far a place goes for a change of the residual.
    fn ease(self) -> f64 {
        (self.lower / self.from_lower + self.upper / self.to_upper).recip()
    }

    fn after(self, change: &Change, place: f64, worth: f64) -> Place {
        Place {
            from_lower: self.from_lower + place * change.place,
            to_upper: self.to_upper - place * change.place,
            lower: self.lower + worth * change.lower,
            upper: self.upper + worth * change.upper,
        }
    }
}

/// A line, and the places of the rows.
pub(super) struct Inside {
    pub(super) line: Vec<f64>,
    pub(super) places: Vec<Place>,
    pub(super) converged: bool,
}

struct Step {
    line: Vec<f64>,
    changes: Vec<Change>,
}

impl Inside {
    /// The least-squares line, and each row where a residual of 0 would leave it.
    fn start(program: &Program<'_>) -> Result<Self> {
        let weights: Vec<f64> = program.below.iter().zip(&program.above).map(|(below, above)| below + above).collect();
        let pulls: Vec<f64> = weights.iter().zip(&program.y).map(|(w, y)| w * y).collect();
        let mut line = program.pulled(&pulls);
        program.curvature(&weights).ok_or_else(overflow)?.solve(&mut line);
        let residuals = program.residuals(&line);
        let mean = residuals.iter().map(|r| r.abs()).sum::<f64>() / residuals.len() as f64;
        let apart = (0.1 * mean).max(1e-3);
        let ends = program.below.iter().zip(&program.above);
        let place = |(r, (below, above)): (&f64, (&f64, &f64))| Place {
            from_lower: *below,
            to_upper: *above,
            lower: (-r).max(0.0) + apart,
            upper: r.max(0.0) + apart,
        };
        Ok(Inside { line, places: residuals.iter().zip(ends).map(place).collect(), converged: false })
    }

    /// How far what is minimised may be above its least.
    fn gap(&self) -> f64 {
        self.places.iter().map(|place| place.gap()).sum()
    }

    fn gap_after(&self, step: &Step, (place, worth): (f64, f64)) -> f64 {
        self.places.iter().zip(&step.changes).map(|(at, change)| at.after(change, place, worth).gap()).sum()
    }

    /// How much of a step there is room for: in the places, and in the line with the worths of the ends.
    fn room(&self, step: &Step) -> (f64, f64) {
        let of = |value: f64, change: f64| if change < 0.0 { -value / change } else { f64::INFINITY };
        let least = |(place, worth): (f64, f64), (at, change): (&Place, &Change)| {
            let places = of(at.from_lower, change.place).min(of(at.to_upper, -change.place));
            let worths = of(at.lower, change.lower).min(of(at.upper, change.upper));
            (place.min(places), worth.min(worths))
        };
        self.places.iter().zip(&step.changes).fold((1.0 / TO_THE_EDGE, 1.0 / TO_THE_EDGE), least)
    }

    /// The Newton step that changes the products of places and worths by `wanted`, for the lower and the upper end.
    fn step(&self, program: &Program<'_>, factor: &Cholesky, residuals: &[f64], wanted: &[(f64, f64)]) -> Step {
        let eased = |((at, r), (lower, upper)): ((&Place, &f64), &(f64, f64))| {
            r - at.upper + at.lower - upper / at.to_upper + lower / at.from_lower
        };
        let eased: Vec<f64> = self.places.iter().zip(residuals).zip(wanted).map(eased).collect();
        // What rounding has left of the columns' products with the places is taken back.
        let pull = |((at, eased), below): ((&Place, &f64), &f64)| at.ease() * eased + (at.from_lower - below);
        let pulls: Vec<f64> = self.places.iter().zip(&eased).zip(&program.below).map(pull).collect();
        let mut line = program.pulled(&pulls);
        factor.solve(&mut line);
        let left: Vec<f64> = eased.iter().zip(program.scores(&line)).map(|(eased, score)| eased - score).collect();
        let change = |((at, left), (lower, upper)): ((&Place, &f64), &(f64, f64))| {
            let place = at.ease() * left;
            Change {
                place,
                lower: (lower - at.lower * place) / at.from_lower,
                upper: (upper + at.upper * place) / at.to_upper,
            }
        };
        let changes = self.places.iter().zip(&left).zip(wanted).map(change).collect();
        Step { line, changes }
    }

    fn take(&mut self, step: &Step, (place, worth): (f64, f64)) {
        self.line.iter_mut().zip(&step.line).for_each(|(b, change)| *b += worth * change);
        self.places.iter_mut().zip(&step.changes).for_each(|(at, change)| *at = at.after(change, place, worth));
    }
}

/// The line of a program, and the places that prove it.
///
/// # Errors
/// When products overflow, or the work is cancelled.
pub(super) fn solve(program: &Program<'_>, context: &Context) -> Result<Inside> {
    let mut inside = Inside::start(program)?;
    let rows = inside.places.len() as f64;
    for done in 0..MOST_STEPS {
        context.check()?;
        context.report("interior-point steps", done as u64, Some(MOST_STEPS as u64));
        let residuals = program.residuals(&inside.line);
        let gap = inside.gap();
        inside.converged = gap <= (ENOUGH * program.value(&residuals)).max(ENOUGH_OF_A_ROW * rows);
        if inside.converged {
            break;
        }
        let eases: Vec<f64> = inside.places.iter().map(|place| place.ease()).collect();
        let factor = program.curvature(&eases).ok_or_else(overflow)?;
        // Straight at the solution, to see how near it gets; then as far, but keeping away from the edges.
        let to_zero: Vec<(f64, f64)> =
            inside.places.iter().map(|at| (-at.from_lower * at.lower, -at.to_upper * at.upper)).collect();
        let straight = inside.step(program, &factor, &residuals, &to_zero);
        let left = (inside.gap_after(&straight, inside.room(&straight)) / gap).max(0.0);
        let each = gap * left.powi(3) / (2.0 * rows);
        let bent = |(&(lower, upper), change): (&(f64, f64), &Change)| {
            (each + lower - change.place * change.lower, each + upper + change.place * change.upper)
        };
        let wanted: Vec<(f64, f64)> = to_zero.iter().zip(&straight.changes).map(bent).collect();
        let step = inside.step(program, &factor, &residuals, &wanted);
        let (place, worth) = inside.room(&step);
        let (place, worth) = (TO_THE_EDGE * place, TO_THE_EDGE * worth);
        if step.line.iter().any(|b| !b.is_finite()) || place.max(worth) < 1e-10 {
            break;
        }
        inside.take(&step, (place, worth));
    }
    Ok(inside)
}
