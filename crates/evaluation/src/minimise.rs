//! The minimum of a function of one number.
//!
//! ```
//! use adflux_evaluation::minimise::{bracket, minimum};
//! let f = |x: f64| (x - 30.0).powi(2);
//! let (low, high) = bracket(f, -1.0, 1.0);
//! assert!((minimum(f, low, high) - 30.0).abs() < 1e-6);
//! ```

/// So close to the minimum a search ends, as a share of its place and in its own unit: what SciPy asks of Brent's method.
const RELATIVE: f64 = 1.48e-8;
const ABSOLUTE: f64 = 1e-11;
/// Enough to come to [`RELATIVE`] by golden sections alone from any interval of floating-point numbers.
const ROUNDS: usize = 500;
/// The smaller part of a golden section.
const GOLDEN: f64 = 0.381_966_011_250_105;

/// An interval that holds a minimum of `f`, found by stepping down from `a` and `b` with steps that grow by the golden
/// ratio. Where `f` never rises again the interval ends at the last step that gave a number.
pub fn bracket(f: impl Fn(f64) -> f64, a: f64, b: f64) -> (f64, f64) {
    let (mut before, mut here) = if f(a) < f(b) { (b, a) } else { (a, b) };
    let mut value = f(here);
    for _ in 0..ROUNDS {
        let next = here + (here - before) / GOLDEN * (1.0 - GOLDEN);
        let found = f(next);
        if found.is_nan() || value.is_nan() || found >= value {
            return if before < next { (before, next) } else { (next, before) };
        }
        (before, here, value) = (here, next, found);
    }
    if before < here { (before, here) } else { (here, before) }
}

/// A minimum of `f` between `a` and `b`, by parabolas through the three best points and golden sections where these do
/// not help. A value that is not a number counts as infinite.
///
/// Reference: Brent (1973), *Algorithms for minimization without derivatives*, chapter 5.
pub fn minimum(f: impl Fn(f64) -> f64, a: f64, b: f64) -> f64 {
    let f = |x| {
        let y = f(x);
        if y.is_nan() { f64::INFINITY } else { y }
    };
    let (mut low, mut high) = (a, b);
    // The best point, the second best, and the one that was second best before.
    let mut best = low + GOLDEN * (high - low);
    let mut best_value = f(best);
    let (mut second, mut third) = ((best, best_value), (best, best_value));
    let (mut step, mut step_before) = (0.0_f64, 0.0_f64);
    for _ in 0..ROUNDS {
        let middle = f64::midpoint(low, high);
        let tolerance = RELATIVE * best.abs() + ABSOLUTE;
        if (best - middle).abs() <= 2.0 * tolerance - 0.5 * (high - low) {
            break;
        }
        let last_but_one = std::mem::replace(&mut step_before, step);
        match parabola((best, best_value), second, third).filter(|s| {
            let inside = best + s > low && best + s < high;
            inside && s.abs() < 0.5 * last_but_one.abs() && last_but_one.abs() > tolerance
        }) {
            Some(to_vertex) => {
                step = to_vertex;
                // Not right beside an end.
                if best + step - low < 2.0 * tolerance || high - best - step < 2.0 * tolerance {
                    step = tolerance.copysign(middle - best);
                }
            }
            None => {
                step_before = if best < middle { high - best } else { low - best };
                step = GOLDEN * step_before;
            }
        }
        let next = best + if step.abs() >= tolerance { step } else { tolerance.copysign(step) };
        let value = f(next);
        if value <= best_value {
            if next < best {
                high = best
            } else {
                low = best
            }
            (third, second) = (second, (best, best_value));
            (best, best_value) = (next, value);
        } else {
            if next < best {
                low = next
            } else {
                high = next
            }
            if value <= second.1 || second.0 == best {
                (third, second) = (second, (next, value));
            } else if value <= third.1 || third.0 == best || third.0 == second.0 {
                third = (next, value);
            }
        }
    }
    best
}

/// The way from the first point to the vertex of the parabola through three, if they have one.
fn parabola(a: (f64, f64), b: (f64, f64), c: (f64, f64)) -> Option<f64> {
    let (ab, ac) = ((a.0 - b.0) * (a.1 - c.1), (a.0 - c.0) * (a.1 - b.1));
    let (above, below) = ((a.0 - c.0) * ac - (a.0 - b.0) * ab, 2.0 * (ac - ab));
    let step = -above / below;
    step.is_finite().then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minimum_is_found_inside_and_at_the_ends() {
        let near = |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-7, "{found} for {wanted}");
        near(minimum(|x| (x - 0.3).powi(2) + 1.0, -5.0, 90.0), 0.3);
        near(minimum(|x| (x - 2.0).powi(4), 0.0, 3.0), 2.0);
        near(minimum(|x| x, -1.0, 1.0), -1.0);
        let beside_nothing = minimum(|x| if x < 1.0 { f64::NAN } else { x.cosh() }, -3.0, 4.0);
        near(beside_nothing, 1.0);
        assert!(beside_nothing >= 1.0);
        near(minimum(f64::cos, 1.0, 6.0), std::f64::consts::PI);
    }

    #[test]
    fn a_bracket_reaches_a_minimum_far_away_on_either_side() {
        for wanted in [-300.0, -1.0, 0.0, 7.5, 4e4] {
            let f = |x: f64| (x - wanted).powi(2);
            let (low, high) = bracket(f, -2.0, 2.0);
            assert!(low <= wanted && wanted <= high, "{wanted} is not between {low} and {high}");
            assert!((minimum(f, low, high) - wanted).abs() < 1e-5);
        }
        let (low, high) = bracket(|_| 1.0, -2.0, 2.0);
        assert!(low < high);
    }
}
