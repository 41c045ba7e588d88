//! Quantiles of numbers, as NumPy and scikit-learn take them.

use crate::checks::Weights;
use rayon::prelude::*;

/// The quantile of sorted numbers, linear between them (NumPy's default); NaN of none.
pub(crate) fn of_sorted(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = share * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

/// The quantile of the numbers of all rows.
///
/// Without weights linear between two of them, in O(n). With weights the smallest number below or at which `share` of the
/// weight lies (`inverted_cdf`), which is scikit-learn's choice for its measures; O(n · log n).
pub(crate) fn of_rows(mut values: Vec<f64>, weights: Weights, share: f64) -> f64 {
    let Some(last) = values.len().checked_sub(1) else { return f64::NAN };
    if weights.given().is_some() {
        let rows = values.into_iter().enumerate();
        return weighted(rows.map(|(row, value)| (value, weights.get(row))).collect(), share);
    }
    let place = share * last as f64;
    let (below, between) = (place.floor() as usize, place.fract());
    let (_, &mut lower, above) = values.select_nth_unstable_by(below, f64::total_cmp);
    let next = above.iter().copied().min_by(f64::total_cmp).unwrap_or(lower);
    lower + between * (next - lower)
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
}
