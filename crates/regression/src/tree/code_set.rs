//! Sets of codes, a bit each: what a split by levels sends left.

use super::binning::ColumnBins;

/// Codes of a column, or numbers of its levels.
pub(crate) type CodeSet = [u64; 4];

/// Whether `code` is in the set.
#[inline]
pub(crate) fn holds(set: &CodeSet, code: u8) -> bool {
    set[usize::from(code >> 6)] >> (code & 63) & 1 == 1
}

#[inline]
pub(crate) fn insert(set: &mut CodeSet, code: u8) {
    set[usize::from(code >> 6)] |= 1 << (code & 63);
}

/// The codes up to `last`.
pub(crate) fn up_to(last: u8) -> CodeSet {
    std::array::from_fn(|word| {
        let bits = (usize::from(last) + 1).saturating_sub(word * 64);
        if bits >= 64 { u64::MAX } else { (1 << bits) - 1 }
    })
}

/// The numbers of the levels whose codes are in the set.
pub(crate) fn levels(set: &CodeSet, bins: &ColumnBins) -> CodeSet {
    let mut levels = [0; 4];
    // The codes of levels stand in front of that of missing values.
    let codes = bins.codes() - usize::from(bins.missing_code().is_some());
    for code in (0..codes).map(|code| code as u8).filter(|code| holds(set, *code)) {
        insert(&mut levels, bins.high(code) as u8);
    }
    levels
}

/// Puts levels in the order of their keys, of equal ones in that of their codes, and calls `offer` with each first part of them:
/// the code that came last, the levels so far, and whether missing values are among them, where they are a level.
pub(crate) fn first_parts(
    order: &mut [(f64, u8)],
    missing: Option<u8>,
    mut offer: impl FnMut(u8, CodeSet, Option<bool>),
) {
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let (mut set, mut missing_in) = ([0; 4], missing.map(|_| false));
    for (_, code) in order.iter().take(order.len().saturating_sub(1)) {
        if Some(*code) == missing {
            missing_in = Some(true);
        } else {
            insert(&mut set, *code);
        }
        offer(*code, set, missing_in);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_codes_up_to_a_last() {
        for last in [0, 1, 62, 63, 64, 127, 200, 255] {
            let set = up_to(last);
            assert!((0..=255).all(|code| holds(&set, code) == (code <= last)), "{last}");
        }
        let mut set = [0; 4];
        [3, 64, 255].into_iter().for_each(|code| insert(&mut set, code));
        assert_eq!((0..=255).filter(|code| holds(&set, *code)).collect::<Vec<u8>>(), [3, 64, 255]);
    }

    #[test]
    fn first_parts_follow_the_keys_and_leave_missing_values_out_of_the_set() {
        let mut parts = Vec::new();
        first_parts(&mut [(2.0, 0), (-1.0, 1), (0.5, 2), (0.5, 3)], Some(2), |code, set, missing| {
            parts.push((code, set[0], missing));
        });
        assert_eq!(parts, [(1, 0b10, Some(false)), (2, 0b10, Some(true)), (3, 0b1010, Some(true))]);
    }
}
