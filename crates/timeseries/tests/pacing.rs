//! How a budget is spent.

use crate::alone;
use adflux_core::{Fit, Forecaster, SeriesPaths};
use adflux_timeseries::{Naive, Pacing};
use ndarray::array;

fn paths(values: ndarray::Array2<f64>) -> SeriesPaths {
    SeriesPaths { id: "spring".into(), times: (100..100 + values.ncols() as i64).collect(), values }
}

#[test]
fn shares_and_the_day_on_which_the_budget_is_spent() {
    // Sums of 30, 60 and 90 after 40: 70, 100 and 130 of 100.
    let of = paths(array![[10.0, 10.0, 10.0], [20.0, 20.0, 20.0], [30.0, 30.0, 30.0]]);
    let pacing = Pacing::of(&of, 40.0, 100.0, 0.5).unwrap();
    assert!((pacing.share - 1.0).abs() < 1e-12);
    assert!((pacing.lower - 0.85).abs() < 1e-12 && (pacing.upper - 1.15).abs() < 1e-12, "{pacing:?}");
    assert!((pacing.runs_out - 2.0 / 3.0).abs() < 1e-12);
    assert_eq!(pacing.runs_out_at, Some(102), "the second of three is there on the third day");
    assert_eq!(
        pacing.to_string(),
        "will spend 100 % of the budget by the end (50 % interval 85 to 115); 67 % likely to run out of it"
    );
    let pacing = Pacing::of(&of, 40.0, 1_000.0, 0.5).unwrap();
    assert_eq!((pacing.runs_out, pacing.runs_out_at), (0.0, None));
    let spent = Pacing::of(&of, 100.0, 100.0, 0.5).unwrap();
    assert_eq!((spent.runs_out, spent.runs_out_at), (1.0, Some(100)));
    let over = Pacing::of(&of.head(0), 120.0, 100.0, 0.5).unwrap();
    assert_eq!((over.runs_out, over.runs_out_at, over.share), (1.0, None, 1.2));
}

#[test]
fn what_cannot_be_paced_is_refused_by_name() {
    let of = paths(array![[10.0]]);
    for (spent, budget, level, named) in
        [(1.0, 0.0, 0.8, "budget"), (f64::NAN, 1.0, 0.8, "spent"), (-1.0, 1.0, 0.8, "spent"), (1.0, 1.0, 80.0, "level")]
    {
        let error = Pacing::of(&of, spent, budget, level).unwrap_err().to_string();
        assert!(error.starts_with(&format!("parameter `{named}`")), "{error}");
    }
    let none = paths(ndarray::Array2::zeros((0, 3)));
    assert!(Pacing::of(&none, 1.0, 1.0, 0.8).unwrap_err().to_string().contains("no paths"));
}

#[test]
fn the_interval_of_a_flight_contains_its_share_of_flights() {
    // Spends that wander: the sum of the rest is as uncertain as a walk makes it.
    let mut within = 0;
    let flights = 200;
    for seed in 0..flights {
        let mut rng = adflux_core::random::stream(seed, &[9]);
        let mut level = 100.0;
        let spend: Vec<f64> = (0..40)
            .map(|_| {
                level += 2.0 * rand_distr::Distribution::<f64>::sample(&rand_distr::StandardNormal, &mut rng);
                level
            })
            .collect();
        let fitted = Naive::default().fit(alone(&spend[..30])).unwrap();
        let drawn = fitted.paths(10, 500, seed, None).unwrap();
        let pacing = Pacing::of(drawn.get("a").unwrap(), spend[..30].iter().sum(), 4_000.0, 0.8).unwrap();
        let share = spend.iter().sum::<f64>() / 4_000.0;
        within += u32::from((pacing.lower..=pacing.upper).contains(&share));
    }
    let share = f64::from(within) / flights as f64;
    assert!((share - 0.8).abs() < 0.09, "{share}");
}
