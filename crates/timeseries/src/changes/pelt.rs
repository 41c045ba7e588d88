//! The search: the best end of each beginning of the series, from the best ends before, those that can never be best again left out.

use super::cost::Costs;

/// A step that the last segment may begin with.
struct Candidate {
    start: usize,
    /// From this end on it is not the best any more.
    until: usize,
}

/// The first steps of the segments of least cost, each of at least `min_size` steps where the series has as many.
pub(super) fn search<E>(costs: &Costs, min_size: usize, stop: impl Fn() -> Result<(), E>) -> Result<Vec<usize>, E> {
    let steps = costs.steps();
    let mut best = vec![f64::INFINITY; steps + 1];
    let mut last = vec![0; steps + 1];
    best[0] = -costs.penalty;
    let mut candidates = vec![Candidate { start: 0, until: usize::MAX }];
    let mut totals = Vec::new();
    for end in min_size..=steps {
        if end % 256 == 0 {
            stop()?;
        }
        candidates.retain(|candidate| end < candidate.until);
        totals.clear();
        for candidate in &candidates {
            let total = best[candidate.start] + costs.of(candidate.start, end);
            totals.push(total);
            if total + costs.penalty < best[end] {
                (best[end], last[end]) = (total + costs.penalty, candidate.start);
            }
        }
        // A segment that would be cut here anyway: its beginning is out as soon as what comes after the cut is long enough.
        let limit = best[end] - costs.gain();
        for (candidate, total) in candidates.iter_mut().zip(&totals) {
            if *total > limit {
                candidate.until = candidate.until.min(end.saturating_add(min_size));
            }
        }
        let next = end + 1 - min_size;
        if next >= min_size {
            candidates.push(Candidate { start: next, until: usize::MAX });
        }
    }
    let mut starts = Vec::new();
    let mut end = steps;
    while end > 0 {
        let start = if best[end].is_finite() { last[end] } else { 0 };
        starts.push(start);
        end = start;
    }
    starts.reverse();
    Ok(starts)
}
