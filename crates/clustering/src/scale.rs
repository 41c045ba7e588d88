//! Powers of two that bring numbers to about 1: they change no digit, and squares then neither overflow nor vanish.

/// The exponent of the power of two that numbers up to `largest` are divided by, with [`times`]: what is left is between 1/2 and 1. 0
/// for none.
pub(crate) fn exponent_of(largest: f64) -> i32 {
    if largest > 0.0 { largest.log2().ceil().clamp(-1100.0, 1100.0) as i32 } else { 0 }
}

/// The same for numbers that are multiplied by one factor, [`power`]: within ±1000, beyond which the factor is no number.
pub(crate) fn factor_exponent(largest: f64) -> i32 {
    exponent_of(largest).clamp(-1000, 1000)
}

/// The largest of some numbers, without signs.
pub(crate) fn largest<'a>(values: impl IntoIterator<Item = &'a f64>) -> f64 {
    values.into_iter().fold(0.0, |largest, v| if v.abs() > largest { v.abs() } else { largest })
}

/// 2^`exponent`, for exponents within ±1000.
pub(crate) fn power(exponent: i32) -> f64 {
    2.0_f64.powi(exponent)
}

/// `value` · 2^`exponent`, for any exponent.
pub(crate) fn times(mut value: f64, mut exponent: i32) -> f64 {
    while exponent != 0 {
        let step = exponent.clamp(-1000, 1000);
        value *= power(step);
        exponent -= step;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_size_come_to_about_one_and_back() {
        for value in [5e-324, 1e-310, 3e-200, 0.7, 1.0, 3.0, 1e300, f64::MAX] {
            let exponent = exponent_of(value);
            assert!((2.0_f64.powi(-75)..=2.0_f64.powi(25)).contains(&times(value, -exponent)), "{value:e}");
            assert_eq!(times(times(value, -exponent), exponent), value);
        }
        assert_eq!((exponent_of(3.0), exponent_of(4.0), exponent_of(0.0), exponent_of(0.75)), (2, 2, 0, 0));
        assert_eq!((times(5e-324, -exponent_of(5e-324)), factor_exponent(5e-324)), (1.0, -1000));
        assert_eq!(times(1.0, -2000), 0.0);
        assert_eq!(times(2.0_f64.powi(-1000), 1900), 2.0_f64.powi(900));
        assert_eq!(largest(&[1.0, -3.0, 2.0]), 3.0);
    }
}
