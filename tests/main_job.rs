//! The main job as a library: from real résumés to segments, and from past campaigns to estimates of new ones.

use crate::{campaign_pipeline, campaigns, resumes, training};
use adflux::{
    clustering::AutoKMeans,
    core::{Prediction, Rows as _, Training},
    data::{Frame, Role},
    evaluation::{
        metrics::{coverage, mae},
        splits::{FoldOptions, train_test_split},
    },
    pipeline::{AnyFittedPipeline, Pipeline, find_proxies},
    postprocessing::{Language, QUANTITIES, describe_segments},
    preprocessing::ColumnTransformer,
};
use ndarray::Array1;
use std::collections::HashMap;

/// The numbers of a prediction of several intervals, as bits.
fn bits(estimates: &Prediction) -> Vec<u64> {
    let of = |name: &str| {
        let i = estimates.named(name).unwrap().intervals().unwrap();
        [&i.mean, &i.lower, &i.upper].into_iter().flatten().map(|v| v.to_bits()).collect::<Vec<_>>()
    };
    QUANTITIES.iter().flat_map(|name| of(name)).collect()
}

#[test]
fn candidates_are_segmented_without_what_gives_them_away() {
    let mut frame = resumes();
    for column in ["gender", "race"] {
        frame = frame.with_role(column, Role::Sensitive).unwrap();
    }
    let not_theirs: Vec<String> = frame.names().filter(|n| n.starts_with("job_")).map(String::from).collect();
    for column in not_theirs.iter().map(String::as_str).chain(["received_callback"]) {
        frame = frame.with_role(column, Role::Ignore).unwrap();
    }
    let proxies = find_proxies(&frame, &frame.names_with(Role::Feature), &["gender", "race"], 0.5).unwrap();
    let found: Vec<(&str, &str)> = proxies.iter().map(|p| (p.column.as_str(), p.sensitive.as_str())).collect();
    assert_eq!(found, [("firstname", "gender"), ("firstname", "race")]);
    frame = frame.with_role("firstname", Role::Ignore).unwrap();

    let columns: Vec<String> = frame.names_with(Role::Feature).into_iter().map(String::from).collect();
    let recipe = Pipeline::new(
        ColumnTransformer::auto(&frame, &columns).unwrap(),
        AutoKMeans::default().max(6).n_init(2).sample_size(1_500).seed(1),
    );
    let fitted = recipe.fit(Training::new(frame.clone())).unwrap();
    let left_out = ["gender", "race", "firstname", "received_callback"];
    for field in &fitted.schema.fields {
        assert!(!left_out.contains(&field.name.as_str()) && !field.name.starts_with("job_"), "{} is read", field.name);
    }
    assert!(fitted.schema.fields.len() >= 8);

    let segments = fitted.run(&frame).unwrap().segments().unwrap().ids.clone();
    let described = describe_segments(&frame, &columns, &segments, Some("received_callback"), Language::En).unwrap();
    assert_eq!(described.len(), fitted.model.choice().n_clusters);
    assert_eq!(described.iter().map(|s| s.size).sum::<usize>(), 4_870);
    let names: std::collections::HashSet<&str> = described.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names.len(), described.len(), "two segments have one name: {names:?}");
    for segment in &described {
        let strongest = segment.features.first().unwrap();
        assert!(strongest.effect.abs() > 0.5, "{}: nothing sets it apart", segment.name);
        let outcome = segment.outcome.as_ref().unwrap();
        assert!(outcome.lower < outcome.mean && outcome.mean < outcome.upper);
        assert!((outcome.overall - 392.0 / 4_870.0).abs() < 1e-12);
    }

    // The file needs no column that was left out.
    let bytes = fitted.to_bytes().unwrap();
    let loaded = AnyFittedPipeline::from_bytes(&bytes, "segmentation", &adflux::registry().unwrap()).unwrap();
    let again = loaded.run(&frame.without(&left_out)).unwrap();
    assert_eq!(again.segments().unwrap(), fitted.run(&frame).unwrap().segments().unwrap());
}

/// What happened: clicks per impression and so on; NaN over nothing.
fn actual_rates(frame: &Frame) -> [(&'static str, Array1<f64>); 4] {
    let of = |over: &str, under: &str| -> Array1<f64> {
        let (over, under) = (frame.numbers(over).unwrap(), frame.numbers(under).unwrap());
        over.iter().zip(under).map(|(a, b)| if b > 0.0 { a / b } else { f64::NAN }).collect()
    };
    [
        ("ctr", of("clicks", "impressions")),
        ("cpc", of("spend", "clicks")),
        ("conversion_rate", of("applications", "clicks")),
        ("cpa", of("spend", "applications")),
    ]
}

/// The mean over past campaigns of the same platform.
fn platform_mean(past: &Frame, rate: &Array1<f64>, new: &Frame) -> Array1<f64> {
    let mut sums: HashMap<String, (f64, f64)> = HashMap::new();
    for (platform, value) in past.texts("platform").unwrap().iter().zip(rate).filter(|(_, v)| v.is_finite()) {
        let of = sums.entry(platform.clone()).or_default();
        *of = (of.0 + value, of.1 + 1.0);
    }
    new.texts("platform").unwrap().iter().map(|p| sums[p].0 / sums[p].1).collect()
}

#[test]
fn campaigns_are_estimated_better_than_by_their_platform_and_within_honest_intervals() {
    let frame = campaigns(2_000);
    let options = FoldOptions { shuffle: Some(3), ..Default::default() };
    let split = train_test_split(frame.rows(), 0.25, &options).unwrap();
    let (past, new) = (frame.take(&split.train), frame.take(&split.test));
    let fitted = campaign_pipeline(25).fit(training(&past)).unwrap();
    let estimates = fitted.run(&new).unwrap();

    for ((name, truth), (_, of_past)) in actual_rates(&new).into_iter().zip(actual_rates(&past)) {
        let known: Vec<usize> = (0..truth.len()).filter(|r| truth[*r].is_finite()).collect();
        let error = |guess: &Array1<f64>| mae(truth.take(&known).view(), guess.take(&known).view(), None).unwrap();
        let (ours, theirs) =
            (error(estimates.named(name).unwrap().point().unwrap()), error(&platform_mean(&past, &of_past, &new)));
        assert!(ours < 0.95 * theirs, "{name}: {ours} beside {theirs} of the platform's mean");
    }

    // 500 campaigns, and the calibration on 1,500: three standard errors of both.
    let band = 3.0 * (0.16_f64 / 500.0 + 0.16 / 1_500.0).sqrt();
    let of = |name: &str| estimates.named(name).unwrap().intervals().unwrap();
    for name in ["impressions", "clicks", "applications", "spend"] {
        let (truth, i) = (Array1::from(new.numbers(name).unwrap()), of(name));
        let inside = coverage(truth.view(), i.lower.view(), i.upper.view(), None).unwrap();
        assert!((inside - 0.8).abs() < band, "{name}: {inside}, not within {band} of 0.8");
    }

    let budget = new.numbers("budget").unwrap();
    let ends: [fn(&adflux::core::Intervals) -> &Array1<f64>; 3] = [|i| &i.lower, |i| &i.mean, |i| &i.upper];
    for end in ends {
        let [impressions, clicks, applications, spend] =
            ["impressions", "clicks", "applications", "spend"].map(|name| end(of(name)));
        for row in 0..new.rows() {
            assert!(spend[row] <= budget[row] && clicks[row] <= impressions[row] && applications[row] <= clicks[row]);
        }
    }

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("campaign.adflux");
    fitted.save(&path).unwrap();
    let loaded = AnyFittedPipeline::load(&path, &adflux::registry().unwrap()).unwrap();
    assert_eq!(bits(&loaded.run(&new).unwrap()), bits(&estimates));
    // What happened is not asked for.
    assert!(loaded.schema.field("clicks").is_none() && loaded.schema.field("budget").is_some());
}
