//! Quantiles of numbers, as NumPy and scikit-learn take them.

use crate::checks::Weights;
use rayon::prelude::*;

/// Sets that are smaller are sorted whole: looking for the places of a few ranks would take longer.
const SMALL: usize = 4096;

/// The quantiles of `values` at `shares` between 0 and 1, in their order, by linear interpolation between the two
/// nearest values: Hyndman and Fan's (1996) definition 7, NumPy's default. NaN of nothing; `values` are left in another
/// order.
///
/// O(n) for a few shares: the values are divided where the wanted ranks are, and only there.
///
/// ```
/// use adflux_evaluation::quantiles::quantiles;
/// assert_eq!(quantiles(&mut [4.0, 1.0, 2.0], &[0.5, 0.75]), [2.0, 3.0]);
/// ```
#[doc(alias = "percentile")]
pub fn quantiles(values: &mut [f64], shares: &[f64]) -> Vec<f64> {
    if values.is_empty() {
        return vec![f64::NAN; shares.len()];
    }
    let last = values.len() - 1;
    if values.len() <= SMALL {
        values.sort_unstable_by(f64::total_cmp);
    } else {
        let rank = |share: &f64| place(*share, last).floor() as usize;
        let mut ranks: Vec<usize> = shares.iter().map(rank).flat_map(|rank| [rank, (rank + 1).min(last)]).collect();
        ranks.sort_unstable();
        ranks.dedup();
        put_in_place(values, 0, &ranks);
    }
    shares.iter().map(|share| of_sorted(values, *share)).collect()
}

/// Brings the values of these ranks, counted from `first`, to their places: halves the ranks, so that each value is
/// looked at O(log ranks) times.
fn put_in_place(values: &mut [f64], first: usize, ranks: &[usize]) {
    let middle = ranks.len() / 2;
    let Some(rank) = ranks.get(middle) else { return };
    let (below, _, above) = values.select_nth_unstable_by(rank - first, f64::total_cmp);
    put_in_place(below, first, &ranks[..middle]);
    put_in_place(above, rank + 1, &ranks[middle + 1..]);
}

/// Where a quantile stands among numbers of which the last has this place.
fn place(share: f64, last: usize) -> f64 {
    (share * last as f64).clamp(0.0, last as f64)
}

/// The quantile of sorted numbers; NaN of none. Only those beside it must stand in their places.
pub(crate) fn of_sorted(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = place(share, last);
    let below = place.floor() as usize;
    let (low, share) = (sorted[below], place - below as f64);
    let high = sorted[(below + 1).min(last)];
    // Infinite ones have no distance, and that of very large ones is infinite.
    if share == 0.0 || low == high {
        return low;
    }
    // From the nearer end, so that a share of 1 is the upper value to the bit.
    let value = if share < 0.5 { low + (high - low) * share } else { high - (high - low) * (1.0 - share) };
    value.max(low).min(high)
}

/// The quantile of the numbers of all rows.
///
/// Without weights as [`quantiles`], in O(n). With weights the smallest number below or at which `share` of the
/// weight lies (`inverted_cdf`), which is scikit-learn's choice for its measures; O(n · log n).
pub(crate) fn of_rows(mut values: Vec<f64>, weights: Weights, share: f64) -> f64 {
    if weights.given().is_some() {
        let rows = values.into_iter().enumerate();
        return weighted(rows.map(|(row, value)| (value, weights.get(row))).collect(), share);
    }
    quantiles(&mut values, &[share])[0]
}

fn weighted(mut rows: Vec<(f64, f64)>, share: f64) -> f64 {
    rows.retain(|(_, weight)| *weight > 0.0);
    // A stable sort has one result, and so has the running sum of the weights.
    rows.par_sort_by(|a, b| a.0.total_cmp(&b.0));
    let running = |sum: &mut f64, &(value, weight): &(f64, f64)| {
        *sum += weight;
        Some((value, *sum))
    };
    let running: Vec<(f64, f64)> = rows.iter().scan(0.0, running).collect();
    let Some(&(greatest, total)) = running.last() else { return f64::NAN };
    let place = running.partition_point(|(_, sum)| *sum < share * total);
    running.get(place).map_or(greatest, |(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn between_two_numbers_it_is_linear_and_with_weights_it_is_one_of_them() {
        let values = vec![4.0, 1.0, 3.0, 2.0];
        let plain = Weights::new(4, None).unwrap();
        assert_eq!(of_rows(values.clone(), plain, 0.5), 2.5);
        assert_eq!(of_rows(values.clone(), plain, 1.0), 4.0);
        assert_eq!(of_sorted(&[1.0, 2.0, 3.0, 4.0], 0.1), 1.3);
        let heavy = array![0.0, 1.0, 1.0, 3.0];
        assert_eq!(of_rows(values, Weights::new(4, Some(heavy.view())).unwrap(), 0.5), 2.0);
        assert!(of_sorted(&[], 0.5).is_nan());
    }

    #[test]
    fn many_values_have_the_quantiles_of_their_sorted_list() {
        let mut values: Vec<f64> = (0..SMALL * 3).map(|i| ((i * 7919) % 10_007) as f64).collect();
        let mut sorted = values.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let shares = [0.5, 0.0, 0.1234, 0.1235, 1.0];
        let expected: Vec<f64> = shares.iter().map(|share| of_sorted(&sorted, *share)).collect();
        assert_eq!(quantiles(&mut values, &shares), expected);
    }

    #[test]
    fn few_values_are_interpolated() {
        assert_eq!(quantiles(&mut [4.0, 1.0, 2.0], &[0.0, 0.25, 0.5, 0.75, 1.0]), [1.0, 1.5, 2.0, 3.0, 4.0]);
        assert_eq!(quantiles(&mut [3.0], &[0.3, 1.0]), [3.0, 3.0]);
        let infinite = [1.0, f64::INFINITY, f64::INFINITY];
        assert_eq!(quantiles(&mut infinite.clone(), &[0.0, 0.5, 0.9]), infinite);
        assert!(quantiles(&mut [], &[0.5])[0].is_nan());
    }
}
