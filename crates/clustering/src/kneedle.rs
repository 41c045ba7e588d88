//! The elbow of a curve: Kneedle (Satopää, Albrecht, Irwin and Raghavan, *Finding a "Kneedle" in a Haystack*, 2011).

/// Differences from the straight line that are smaller are rounding.
const NOTHING: f64 = 1e-9;

/// Where a falling curve of (number, value), by ascending number, stops falling fast; `None` where it has no bend to speak of, or the
/// numbers do not ascend.
///
/// Both axes are scaled to 0..1, and the curve is compared with the straight line from its first point to its last. A point that
/// lies farther below the line than its neighbours is the elbow once the curve comes back towards the line by more than the
/// mean step of the numbers, which is a sensitivity of 1. Of several that is the one farthest below the line, and the ends are never
/// one: these are `all_elbows` of `KneeLocator(x, y, curve="convex", direction="decreasing", online=True)` of the Python package kneed,
/// whose `elbow` is the first of them, or in this mode the last. O(points).
///
/// ```
/// use adflux_clustering::elbow;
/// assert_eq!(elbow(&[(1, 100.0), (2, 50.0), (3, 10.0), (4, 8.0), (5, 6.0)]), Some(3));
/// assert_eq!(elbow(&[(1, 4.0), (2, 3.0), (3, 2.0)]), None);
/// ```
pub fn elbow(curve: &[(usize, f64)]) -> Option<usize> {
    let (first, last) = (curve.first()?, curve.last()?);
    let least = curve.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let most = curve.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
    let (width, height) = (last.0.saturating_sub(first.0) as f64, most - least);
    let ascending = curve.is_sorted_by(|a, b| a.0 < b.0);
    if !(ascending && width > 0.0 && height > 0.0 && height.is_finite()) {
        return None;
    }
    let below = |&(number, value): &(usize, f64)| {
        let difference = (most - value) / height - (number - first.0) as f64 / width;
        if difference.abs() < NOTHING { 0.0 } else { difference }
    };
    let below: Vec<f64> = curve.iter().map(below).collect();
    let step = 1.0 / (below.len() - 1) as f64;
    // The place of the last peak, and what the curve has to fall below for it to be the elbow.
    let mut peak: Option<(usize, f64)> = None;
    let mut found: Option<usize> = None;
    for place in 0..below.len() - 1 {
        let (before, here, after) = (below[place.saturating_sub(1)], below[place], below[place + 1]);
        if here >= before && here >= after {
            peak = Some((place, here - step));
        }
        if let Some((_, threshold)) = &mut peak
            && here <= before
            && here <= after
        {
            *threshold = 0.0;
        }
        if let Some((at, threshold)) = peak
            && after < threshold
            && at > 0
            && found.is_none_or(|found| below[at] > below[found])
        {
            found = Some(at);
        }
    }
    found.map(|at| curve[at].0)
}
