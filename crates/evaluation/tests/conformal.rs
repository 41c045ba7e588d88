//! The promise of conformal intervals, kept in simulation.

use adflux_core::random::stream;
use adflux_evaluation::conformal::conformal_quantile;
use proptest::prelude::*;

/// Scores of a skewed distribution: the promise does not depend on which.
fn scores(seed: u64, repetition: u64, count: usize) -> Vec<f64> {
    let mut rng = stream(seed, &[repetition]);
    (0..count).map(|_| rng.random::<f64>().powi(3) * 10.0).collect()
}

#[test]
fn new_scores_are_covered_as_often_as_promised() {
    for (count, level) in [(30, 0.9), (99, 0.8), (50, 0.5)] {
        let (repetitions, news) = (200, 50);
        let mut shares = Vec::new();
        for repetition in 0..repetitions {
            let limit = conformal_quantile(&scores(1, repetition, count), level).unwrap();
            let covered = scores(2, repetition, news).iter().filter(|s| **s <= limit).count();
            shares.push(covered as f64 / news as f64);
        }
        let mean = shares.iter().sum::<f64>() / repetitions as f64;
        let variance = shares.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / (repetitions - 1) as f64;
        let error = 4.0 * (variance / repetitions as f64).sqrt();
        // At least the level, and at most 1 / (n + 1) more.
        let most = level + 1.0 / (count + 1) as f64;
        assert!(mean > level - error && mean < most + error, "{mean} for {level} from {count} scores, ± {error}");
    }
}

#[test]
fn too_few_scores_promise_nothing() {
    assert_eq!(conformal_quantile(&[], 0.5).unwrap(), f64::INFINITY);
    assert_eq!(conformal_quantile(&[1.0], 0.5).unwrap(), 1.0);
    assert_eq!(conformal_quantile(&[1.0; 8], 0.9).unwrap(), f64::INFINITY);
    assert_eq!(conformal_quantile(&[1.0; 9], 0.9).unwrap(), 1.0);
    assert!(conformal_quantile(&[1.0], 1.0).unwrap_err().to_string().contains("`level`"));
    assert!(conformal_quantile(&[1.0, f64::NAN], 0.5).unwrap_err().to_string().contains("row 2"));
}

proptest! {
    #[test]
    fn it_is_the_smallest_score_that_enough_do_not_exceed(
        scores in prop::collection::vec(-100i32..100, 1..60),
        percent in 1u32..100,
    ) {
        let scores: Vec<f64> = scores.into_iter().map(f64::from).collect();
        let limit = conformal_quantile(&scores, f64::from(percent) / 100.0).unwrap();
        // In whole numbers, so that nothing is rounded: the rank is ⌈(n + 1) · percent / 100⌉.
        let rank = ((scores.len() + 1) * percent as usize).div_ceil(100);
        let at_most = |limit: f64| scores.iter().filter(|s| **s <= limit).count();
        if rank > scores.len() {
            prop_assert_eq!(limit, f64::INFINITY);
        } else {
            prop_assert!(at_most(limit) >= rank && at_most(limit - 0.5) < rank);
        }
    }
}
