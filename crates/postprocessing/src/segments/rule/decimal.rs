//! Numbers of few digits: what people write in a rule.

/// The number of fewest digits in `low..high`; `low` when there is none that is shorter.
pub(super) fn shortest(low: f64, high: f64) -> f64 {
    // Negative powers are tens, hundreds and so on.
    for power in -15..=15 {
        let scale = 10_f64.powi(power);
        // Through text: the decimal number that is written is the one that compares.
        let text = match power {
            ..=0 => format!("{:.0}", (low * scale).ceil() / scale),
            _ => format!("{:.*}", power as usize, (low * scale).ceil() / scale),
        };
        match text.parse::<f64>() {
            Ok(found) if found >= low && found < high => return found + 0.0,
            _ => {}
        }
    }
    low
}

/// How many digits are written, without leading and trailing zeros.
pub(super) fn digits(value: f64) -> usize {
    let text: String = value.to_string().chars().filter(char::is_ascii_digit).collect();
    text.trim_matches('0').len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_few_digits_as_the_gap_allows() {
        assert_eq!(shortest(8.0, 9.0), 8.0);
        assert_eq!(shortest(8.0, 12.0), 10.0);
        assert_eq!(shortest(69.95, 70.2), 70.0);
        assert_eq!(shortest(0.123_456, 0.123_9), 0.1235);
        assert_eq!(shortest(-3.0, -2.0), -3.0);
        assert_eq!(shortest(-1.5, 1.5), 0.0);
        assert!(shortest(-0.5, 0.5).is_sign_positive(), "-0 is not written");
        assert_eq!(shortest(1_234_567.0, 1_300_000.0), 1_240_000.0);
        assert_eq!(shortest(1e-9, 2e-9), 1e-9);
        let next = f64::from_bits(0.3_f64.to_bits() + 1);
        assert_eq!(shortest(0.3, next), 0.3);
        assert_eq!(shortest(1e300, 2e300), 1e300);
    }

    #[test]
    fn zeros_around_a_number_are_no_digits() {
        assert_eq!([0.0, 8.0, 1_240_000.0, 0.05, 10.25].map(digits), [0, 1, 3, 1, 4]);
    }
}
