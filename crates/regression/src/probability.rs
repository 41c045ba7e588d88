//! From scores to probabilities: what logistic models of all kinds share.

/// 1 / (1 + e^−x), without overflow.
pub(crate) fn sigmoid(x: f64) -> f64 {
    // Without branches: the sign of a score cannot be foreseen.
    let e = (-x.abs()).exp();
    (if x >= 0.0 { 1.0 } else { e }) / (1.0 + e)
}

/// Turns the scores of a row into probabilities, e^score over the sum of all; gives the logarithm of that sum.
pub(crate) fn softmax(scores: &mut [f64]) -> f64 {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    scores.iter_mut().for_each(|score| *score = (*score - most).exp());
    let total: f64 = scores.iter().sum();
    scores.iter_mut().for_each(|p| *p /= total);
    total.ln() + most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tails_neither_vanish_nor_overflow() {
        assert!(sigmoid(-710.0) > 0.0 && sigmoid(710.0) == 1.0 && sigmoid(0.0) == 0.5);
        let mut scores = [-1000.0, 1000.0, 1000.0];
        assert_eq!(softmax(&mut scores), 1000.0 + 2.0_f64.ln());
        assert_eq!(scores, [0.0, 0.5, 0.5]);
    }
}
