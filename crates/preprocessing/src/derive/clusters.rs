//! k-means of one column.

/// Rounds at most, and the share of the variance below which the centres have come to rest: scikit-learn's.
const ROUNDS: usize = 300;
const TOLERANCE: f64 = 1e-4;

/// The centres of `k` clusters of sorted values that are not all the same, in order.
///
/// Lloyd's algorithm from the middles of `k` equal parts of the range, as scikit-learn's `KBinsDiscretizer` runs it. On
/// sorted values a cluster is a run, so that a round costs O(k log n), not O(k n).
pub(super) fn centres(sorted: &[f64], k: usize) -> Vec<f64> {
    let (Some(&low), Some(&high)) = (sorted.first(), sorted.last()) else { return Vec::new() };
    let runs = Runs::new(sorted);
    let width = (high - low) / k as f64;
    let mut centres: Vec<f64> = (0..k).map(|i| low + (i as f64 + 0.5) * width).collect();
    let mut ends_before = Vec::new();
    for _ in 0..ROUNDS {
        let ends = ends_of_runs(sorted, &centres);
        let mut clusters = runs.clusters(sorted, &ends);
        fill_empty(&mut clusters, runs.mean, sorted, &centres, &ends);
        // Fewer values than clusters leave some empty, which are left out.
        let mut next: Vec<f64> = clusters.iter().filter(|c| c.count > 0.0).map(|c| c.centre(runs.mean)).collect();
        // A value that went over to an empty cluster may stand out of order.
        next.sort_unstable_by(f64::total_cmp);
        let moved: f64 = next.iter().zip(&centres).map(|(a, b)| (a - b).powi(2)).sum();
        centres = next;
        if ends == ends_before || moved <= TOLERANCE * runs.variance {
            break;
        }
        ends_before = ends;
    }
    centres
}

/// Sums of the values before each place, from their mean on, so that little is lost in differences.
struct Runs {
    mean: f64,
    variance: f64,
    before: Vec<f64>,
}

impl Runs {
    fn new(sorted: &[f64]) -> Self {
        let count = sorted.len() as f64;
        let mean = sorted.iter().map(|v| v / count).sum::<f64>();
        let mut before = Vec::with_capacity(sorted.len() + 1);
        let mut sum = 0.0;
        before.push(sum);
        for value in sorted {
            sum += value - mean;
            before.push(sum);
        }
        Runs { mean, variance: sorted.iter().map(|v| (v - mean).powi(2) / count).sum(), before }
    }

    fn clusters(&self, sorted: &[f64], ends: &[usize]) -> Vec<Cluster> {
        let starts = std::iter::once(&0).chain(ends);
        let cluster = |(start, end): (&usize, &usize)| match sorted[*start..*end] {
            [] => Cluster::default(),
            [low, ..] => Cluster {
                sum: self.before[*end] - self.before[*start],
                count: (end - start) as f64,
                low,
                high: sorted[end - 1],
            },
        };
        starts.zip(ends).map(cluster).collect()
    }
}

/// Some of the values.
#[derive(Clone, Copy, Default)]
struct Cluster {
    /// From the mean of all values on.
    sum: f64,
    count: f64,
    low: f64,
    high: f64,
}

impl Cluster {
    /// The mean, in which rounding does not lead outside: of equal values it is their value.
    fn centre(&self, mean: f64) -> f64 {
        (mean + self.sum / self.count).max(self.low).min(self.high)
    }
}

/// Where the run of each centre ends: at the middle between it and the next, which belongs to the lower.
fn ends_of_runs(sorted: &[f64], centres: &[f64]) -> Vec<usize> {
    let middles = centres.windows(2).map(|pair| f64::midpoint(pair[0], pair[1]));
    let inner = middles.map(|middle| sorted.partition_point(|v| *v <= middle));
    inner.chain([sorted.len()]).collect()
}

/// Gives each empty cluster one of the values that are farthest from their centres.
fn fill_empty(clusters: &mut [Cluster], mean: f64, sorted: &[f64], centres: &[f64], ends: &[usize]) {
    let empty: Vec<usize> = (0..clusters.len()).filter(|c| clusters[*c].count == 0.0).collect();
    if empty.is_empty() {
        return;
    }
    let starts = std::iter::once(&0).chain(ends);
    let runs = starts.zip(ends).zip(centres).enumerate();
    let mut far: Vec<(f64, usize, usize)> = runs
        .flat_map(|(run, ((start, end), centre))| {
            (*start..*end).map(move |row| ((sorted[row] - centre).abs(), row, run))
        })
        .collect();
    far.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
    let mut far = far.into_iter();
    for cluster in empty {
        let Some((_, row, from)) = far.by_ref().find(|(_, _, from)| clusters[*from].count > 1.0) else { return };
        let value = sorted[row];
        clusters[from].sum -= value - mean;
        clusters[from].count -= 1.0;
        clusters[cluster] = Cluster { sum: value - mean, count: 1.0, low: value, high: value };
    }
}

#[cfg(test)]
mod tests {
    use super::centres;

    #[test]
    fn heaps_have_a_centre_each_and_far_values_fill_what_is_empty() {
        assert_eq!(centres(&[1.0, 1.0, 5.0, 5.0, 9.0, 9.0], 3), [1.0, 5.0, 9.0]);
        // Of four equal parts of the range two hold nothing.
        let far = centres(&[0.0, 1.0, 2.0, 3.0, 100.0], 4);
        assert_eq!(far.len(), 4);
        assert_eq!(far[3], 100.0);
        assert_eq!(centres(&[2.0, 3.0], 5), [2.0, 3.0], "no more than there are values");
    }
}
