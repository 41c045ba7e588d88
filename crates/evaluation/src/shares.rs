//! Intervals of shares, of their ratio and of their difference.

use crate::{Estimate, distributions::normal_quantile};

/// A share of some rows that count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    pub share: f64,
    /// How many rows it is of: with weights Kish's effective number (Σw)² / Σw² (1965).
    pub rows: f64,
}

/// How many standard errors an interval of a level reaches to both sides.
pub(crate) fn reach(level: f64) -> f64 {
    normal_quantile((1.0 + level) / 2.0)
}

/// Wilson's score interval (1927): stays between 0 and 1, and is right for small shares of few rows too.
pub(crate) fn wilson(of: Share, z: f64) -> Estimate {
    let Share { share, rows } = of;
    let widened = 1.0 + z * z / rows;
    let middle = (share + z * z / (2.0 * rows)) / widened;
    let half = z / widened * (share * (1.0 - share) / rows + z * z / (4.0 * rows * rows)).max(0.0).sqrt();
    // Rounding may put the share beside the end that it is.
    Estimate { value: share, lower: (middle - half).max(0.0).min(share), upper: (middle + half).min(1.0).max(share) }
}

/// The ratio of two shares with the interval of Katz and others (1978): normal in its logarithm. Where nobody or everybody is
/// counted, half a row that is and half a row that is not are added to both (Walter 1975), or there would be no interval.
///
/// `whole` is above 0.
pub(crate) fn ratio(part: Share, whole: Share, z: f64) -> Estimate {
    let value = part.share / whole.share;
    let (x, y) = (part.share * part.rows, whole.share * whole.rows);
    let variance = |x: f64, y: f64, n: f64, m: f64| 1.0 / x - 1.0 / n + 1.0 / y - 1.0 / m;
    let all = part.share == 1.0 && whole.share == 1.0;
    let (centre, variance) = if x == 0.0 || all {
        let (x, y, n, m) = (x + 0.5, y + 0.5, part.rows + 1.0, whole.rows + 1.0);
        ((x / n) / (y / m), variance(x, y, n, m))
    } else {
        (value, variance(x, y, part.rows, whole.rows))
    };
    let half = z * variance.max(0.0).sqrt();
    Estimate { value, lower: (centre * (-half).exp()).min(value), upper: (centre * half.exp()).max(value) }
}

/// The difference `a` − `b` with Newcombe's interval (1998, method 10): from the Wilson intervals of both.
pub(crate) fn difference(a: Share, b: Share, z: f64) -> Estimate {
    let value = a.share - b.share;
    let (a, b) = (wilson(a, z), wilson(b, z));
    let distance = |x: f64, y: f64| x.hypot(y);
    Estimate {
        value,
        lower: value - distance(a.value - a.lower, b.upper - b.value),
        upper: value + distance(a.upper - a.value, b.value - b.lower),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_testing::assert_close;

    #[test]
    fn intervals_are_those_of_the_literature() {
        // Newcombe (1998), table II: 56/70 − 48/80, method 10: 0.0524 to 0.3339.
        let z = reach(0.95);
        let (a, b) = (Share { share: 56.0 / 70.0, rows: 70.0 }, Share { share: 48.0 / 80.0, rows: 80.0 });
        let found = difference(a, b, z);
        assert_close(found.value, 0.2, 1e-12);
        assert_close(found.lower, 0.0524, 5e-5);
        assert_close(found.upper, 0.3339, 5e-5);
        // statsmodels' and R's: 0 of 10 by Wilson is 0 to 0.2775.
        assert_close(wilson(Share { share: 0.0, rows: 10.0 }, z).upper, 0.277_532_8, 1e-6);
    }

    #[test]
    fn a_ratio_of_nobody_and_of_everybody_has_an_interval() {
        let z = reach(0.95);
        let [none, half, all] = [0.0, 0.5, 1.0].map(|share| Share { share, rows: 20.0 });
        let nobody = ratio(none, half, z);
        assert!(nobody.value == 0.0 && nobody.lower == 0.0 && nobody.upper > 0.0 && nobody.upper < 1.0);
        let everybody = ratio(all, all, z);
        assert!(everybody.lower < 1.0 && everybody.value == 1.0 && everybody.upper > 1.0);
    }
}
