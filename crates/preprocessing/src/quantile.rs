//! Quantiles of a column.

/// Sets that are smaller are sorted whole: looking for the places of a few ranks would take longer.
const SMALL: usize = 4096;

/// The quantiles of `values` at `shares` between 0 and 1, in their order, by linear interpolation between the two
/// nearest values: Hyndman and Fan's (1996) definition 7, NumPy's default. NaN of nothing; `values` are left in another
/// order.
///
/// O(n) for a few shares: the values are divided where the wanted ranks are, and only there.
pub(crate) fn quantiles(values: &mut [f64], shares: &[f64]) -> Vec<f64> {
    if values.is_empty() {
        return vec![f64::NAN; shares.len()];
    }
    let last = values.len() - 1;
    let places: Vec<f64> = shares.iter().map(|share| (share * last as f64).clamp(0.0, last as f64)).collect();
    if values.len() <= SMALL {
        values.sort_unstable_by(f64::total_cmp);
    } else {
        let mut ranks: Vec<usize> =
            places.iter().flat_map(|p| [p.floor() as usize, (p.floor() as usize + 1).min(last)]).collect();
        ranks.sort_unstable();
        ranks.dedup();
        put_in_place(values, 0, &ranks);
    }
    places.iter().map(|place| between(values, *place)).collect()
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

/// The value at a place between two ranks.
fn between(values: &[f64], place: f64) -> f64 {
    let below = place.floor() as usize;
    let (low, share) = (values[below], place - below as f64);
    let high = values[(below + 1).min(values.len() - 1)];
    // From the nearer end, so that a share of 1 is the upper value to the bit.
    if share < 0.5 { low + (high - low) * share } else { high - (high - low) * (1.0 - share) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_values_have_the_quantiles_of_their_sorted_list() {
        let mut values: Vec<f64> = (0..SMALL * 3).map(|i| ((i * 7919) % 10_007) as f64).collect();
        let mut sorted = values.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let shares = [0.5, 0.0, 0.1234, 0.1235, 1.0];
        let expected: Vec<f64> = shares.iter().map(|s| between(&sorted, s * (sorted.len() - 1) as f64)).collect();
        assert_eq!(quantiles(&mut values, &shares), expected);
    }

    #[test]
    fn few_values_are_interpolated() {
        assert_eq!(quantiles(&mut [4.0, 1.0, 2.0], &[0.0, 0.25, 0.5, 0.75, 1.0]), [1.0, 1.5, 2.0, 3.0, 4.0]);
        assert_eq!(quantiles(&mut [3.0], &[0.3, 1.0]), [3.0, 3.0]);
        assert!(quantiles(&mut [], &[0.5])[0].is_nan());
    }
}
