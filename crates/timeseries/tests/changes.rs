//! Change points beside ruptures', and beside a search through everything.

use adflux_testing::{assert_close, fixture};
use adflux_timeseries::{ChangeCost, ChangePenalty, Pelt};
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Deserialize)]
struct Cases {
    series: HashMap<String, Vec<f64>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    cost: ChangeCost,
    min_size: usize,
    penalty: f64,
    changes: Vec<usize>,
}

#[test]
fn segments_are_those_of_ruptures() {
    let Cases { series, cases } = fixture("changes/pelt.json");
    assert_eq!(cases.len(), 21);
    for case in cases {
        let pelt = Pelt::default().cost(case.cost).penalty(ChangePenalty::Manual(case.penalty)).min_size(case.min_size);
        let found = pelt.detect(&series[&case.name]).unwrap();
        assert_eq!(found.changes(), case.changes, "{}, {:?}, {}", case.name, case.cost, case.penalty);
    }
}

#[test]
fn the_dam_at_aswan_is_found_by_every_penalty() {
    // The Nile's flow fell in 1898, the 28th year of the series, when the dam was begun: the textbook's change point.
    let Cases { series, .. } = fixture("changes/pelt.json");
    for cost in [ChangeCost::Mean, ChangeCost::MeanVariance] {
        for penalty in [ChangePenalty::Bic, ChangePenalty::Mbic] {
            let found = Pelt::default().cost(cost).penalty(penalty).min_size(5).detect(&series["nile"]).unwrap();
            assert_eq!(found.changes(), [28], "{cost:?}, {penalty:?}");
            assert_close(found.segments[0].mean, 1097.75, 1e-9);
        }
    }
}

#[test]
fn series_without_changes_are_one_segment() {
    for values in [vec![3.0], vec![7.5; 40], vec![0.0; 3], (0..40).map(|t| f64::from(t % 2)).collect()] {
        for cost in [ChangeCost::Mean, ChangeCost::MeanVariance] {
            let found = Pelt::default().cost(cost).detect(&values).unwrap();
            assert_eq!((found.segments.len(), found.segments[0].end), (1, values.len()), "{values:?}");
        }
    }
    let two = Pelt::default().min_size(5).detect(&[0.0, 0.1, 0.0, 9.0, 9.1, 9.0]).unwrap();
    assert!(two.changes().is_empty(), "no room for two segments of five");
}

#[test]
fn what_is_out_of_range_is_refused_by_name() {
    let error = |pelt: Pelt, values: &[f64]| pelt.detect(values).unwrap_err().to_string();
    let variance = Pelt::default().cost(ChangeCost::MeanVariance).min_size(1);
    for (pelt, values, start) in [
        (Pelt::default().min_size(0), vec![1.0], "parameter `min_size` = 0: must be at least 1"),
        (variance, vec![1.0], "parameter `min_size` = 1: must be at least 2"),
        (Pelt::default().penalty(ChangePenalty::Manual(-1.0)), vec![1.0], "parameter `penalty` = -1"),
        (Pelt::default(), vec![], "no values"),
        (Pelt::default(), vec![1.0, f64::NAN], "step 2 is NaN"),
    ] {
        let said = error(pelt, &values);
        assert!(said.starts_with(start), "{said}");
    }
}

/// The least cost with penalties of all ways to cut.
fn least(values: &[f64], pelt: &Pelt, penalty: f64) -> f64 {
    let scale = match pelt.cost {
        ChangeCost::Mean => {
            let mut steps: Vec<f64> = values.windows(2).map(|p| (p[1] - p[0]).abs()).collect();
            steps.sort_by(f64::total_cmp);
            let middle = f64::midpoint(steps[(steps.len() - 1) / 2], steps[steps.len() / 2]);
            middle / (0.674_489_750_196_081_7 * 2.0_f64.sqrt())
        }
        ChangeCost::MeanVariance => {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
        }
    };
    let cost = |part: &[f64]| {
        let count = part.len() as f64;
        let mean = part.iter().sum::<f64>() / count;
        let squares = part.iter().map(|v| ((v - mean) / scale).powi(2)).sum::<f64>();
        let cost = match pelt.cost {
            ChangeCost::Mean => squares,
            ChangeCost::MeanVariance => count * (squares / count).max(1e-4).ln(),
        };
        cost + if pelt.penalty == ChangePenalty::Mbic { count.ln() } else { 0.0 }
    };
    let mut best = vec![f64::INFINITY; values.len() + 1];
    best[0] = -penalty;
    for end in 1..=values.len() {
        for start in 0..end {
            if end - start >= pelt.min_size {
                best[end] = best[end].min(best[start] + cost(&values[start..end]) + penalty);
            }
        }
    }
    best[values.len()]
}

proptest! {
    #[test]
    fn nothing_is_lost_by_leaving_out(
        values in prop::collection::vec(-10.0..10.0_f64, 12..60),
        shift in 0.0..30.0_f64,
        min_size in 2_usize..5,
        cost in prop::sample::select(vec![ChangeCost::Mean, ChangeCost::MeanVariance]),
        kind in 0_usize..3,
    ) {
        let values: Vec<f64> = values.iter().enumerate().map(|(t, v)| if t / 9 % 2 == 0 { *v } else { v + shift }).collect();
        let count = (values.len() as f64).ln();
        let parameters = if cost == ChangeCost::Mean { 1.0 } else { 2.0 };
        let (penalty, each) = [
            (ChangePenalty::Manual(2.0), 2.0),
            (ChangePenalty::Bic, (parameters + 1.0) * count),
            (ChangePenalty::Mbic, (parameters + 2.0) * count),
        ][kind];
        let pelt = Pelt::default().cost(cost).penalty(penalty).min_size(min_size);
        let found = pelt.detect(&values).unwrap();
        let ours = found.cost + each * (found.segments.len() - 1) as f64;
        let best = least(&values, &pelt, each);
        prop_assert!((ours - best).abs() < 1e-6 * best.abs().max(1.0), "{} for {}", ours, best);
        // And the unit does not matter.
        let scaled: Vec<f64> = values.iter().map(|v| v * 1024.0).collect();
        prop_assert_eq!(pelt.detect(&scaled).unwrap().changes(), found.changes());
    }
}
