//! Nelder and Mead's search for the least of a function of a few numbers between 0 and 1.

/// The most numbers.
pub(crate) const MOST: usize = 4;

/// A point; only the first few numbers count.
pub(crate) type Point = [f64; MOST];

/// Where the search ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop {
    /// The values of the corners differ by less than this, …
    pub(crate) values: f64,
    /// … and their places by less than this.
    pub(crate) places: f64,
    /// The most evaluations.
    pub(crate) evaluations: usize,
}

/// The best point that is found from `start`, the first `size` numbers of which may change, and its value.
///
/// A corner that would leave the cube is put onto its side (the bounds of the parameters are where many optima are). NaN counts as
/// infinity. The simplex begins `step` wide: Nelder and Mead, "A simplex method for function minimization" (1965).
pub(crate) fn minimize(
    size: usize,
    start: Point,
    step: f64,
    stop: Stop,
    mut f: impl FnMut(&Point) -> f64,
) -> (Point, f64) {
    let mut count = 0;
    let mut value = |point: &Point| {
        count += 1;
        let value = f(point);
        (if value.is_nan() { f64::INFINITY } else { value }, count)
    };
    let mut corners = [(start, f64::INFINITY); MOST + 1];
    let corners = &mut corners[..=size];
    for (i, corner) in corners.iter_mut().enumerate() {
        if let Some(i) = i.checked_sub(1) {
            // Inwards, where there is room.
            corner.0[i] += if corner.0[i] + step <= 1.0 { step } else { -step };
        }
        corner.1 = value(&corner.0).0;
    }
    loop {
        corners.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (best, worst) = (corners[0], corners[size]);
        let width = corners.iter().flat_map(|c| (0..size).map(|i| (c.0[i] - best.0[i]).abs())).fold(0.0, f64::max);
        if (worst.1 - best.1 <= stop.values && width <= stop.places) || best.1.is_infinite() {
            return best;
        }
        let mut center = [0.0; MOST];
        for corner in &corners[..size] {
            for (to, from) in center[..size].iter_mut().zip(corner.0) {
                *to += from / size as f64;
            }
        }
        let along = |far: f64| {
            let mut point = start;
            for (i, to) in point[..size].iter_mut().enumerate() {
                *to = (center[i] + far * (worst.0[i] - center[i])).clamp(0.0, 1.0);
            }
            point
        };
        let reflected = along(-1.0);
        let (at_reflected, mut done) = value(&reflected);
        let second = corners[size - 1].1;
        if at_reflected < best.1 {
            let expanded = along(-2.0);
            let (at_expanded, count) = value(&expanded);
            done = count;
            corners[size] =
                if at_expanded < at_reflected { (expanded, at_expanded) } else { (reflected, at_reflected) };
        } else if at_reflected < second {
            corners[size] = (reflected, at_reflected);
        } else {
            let outside = at_reflected < worst.1;
            let contracted = along(if outside { -0.5 } else { 0.5 });
            let (at_contracted, count) = value(&contracted);
            done = count;
            if at_contracted < worst.1.min(at_reflected) {
                corners[size] = (contracted, at_contracted);
            } else {
                for corner in &mut corners[1..] {
                    for (to, best) in corner.0[..size].iter_mut().zip(best.0) {
                        *to = best + 0.5 * (*to - best);
                    }
                    (corner.1, done) = value(&corner.0);
                }
            }
        }
        if done >= stop.evaluations {
            corners.sort_by(|a, b| a.1.total_cmp(&b.1));
            return corners[0];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOP: Stop = Stop { values: 1e-12, places: 1e-6, evaluations: 1000 };

    #[test]
    fn the_least_of_a_bent_valley_is_found() {
        let valley = |p: &Point| {
            let (x, y) = (2.0 * p[0], 2.0 * p[1]);
            (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
        };
        let (at, value) = minimize(2, [0.1, 0.9, 0.0, 0.0], 0.1, STOP, valley);
        assert!(value < 1e-9 && (at[0] - 0.5).abs() < 1e-4 && (at[1] - 0.5).abs() < 1e-4, "{at:?} {value}");
    }

    #[test]
    fn a_least_on_the_side_of_the_cube_is_found_and_other_numbers_stay() {
        let (at, _) = minimize(3, [0.5, 0.5, 0.5, 0.25], 0.2, STOP, |p| p[0] - p[1] + (p[2] - 0.3).powi(2));
        assert!(at[0] < 1e-5 && at[1] > 1.0 - 1e-5 && (at[2] - 0.3).abs() < 1e-3 && at[3] == 0.25, "{at:?}");
    }

    #[test]
    fn what_is_nowhere_a_number_comes_to_an_end() {
        assert_eq!(minimize(1, [0.5; MOST], 0.1, STOP, |_| f64::NAN).1, f64::INFINITY);
        let mut count = 0;
        minimize(4, [0.5; MOST], 0.1, Stop { values: 0.0, places: 0.0, evaluations: 60 }, |p| {
            count += 1;
            p.iter().sum()
        });
        assert!(count < 70);
    }
}
