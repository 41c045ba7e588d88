//! A model that learns totals over an exposure is judged, searched and explained as the same model on rates with weights.

use adflux::{
    core::{
        AnyModelRecipe, AnyPostprocessRecipe, AnyTransformRecipe, Context, Error, Prediction, Rows as _, Target,
        Training, random::stream, rates,
    },
    data::{Frame, Role},
    evaluation::{
        score,
        search::{Dimension, Search, Space},
        splits::KFold,
    },
    pipeline::{
        AnyFittedPipeline, AnyPipeline, AutoSearch, CrossValidation, ImportanceOptions, Pipeline, PipelineSearch,
        permutation_importance,
    },
    postprocessing::{ConformalInterval, Identity},
    preprocessing::{Branch, ColumnTransformer, StandardScaler, TargetEncoder},
    regression::{GradientBoostingRegressor, PoissonRegressor, TweedieRegressor},
};
use ndarray::Array1;
use rand::RngExt as _;

/// Clicks of 50 to 5,000 impressions at rates of 1 to 6 %, and how much each campaign counts.
fn frame(rows: usize) -> Frame {
    let mut rng = stream(9, &[]);
    let platforms: Vec<&str> = (0..rows).map(|row| ["META", "GOOGLE", "TIKTOK"][row % 3]).collect();
    let age: Vec<f64> = (0..rows).map(|_| rng.random_range(18.0..60.0)).collect();
    let impressions: Vec<f64> = (0..rows).map(|_| rng.random_range(4.0_f64..8.5).exp().round()).collect();
    let clicks = (0..rows).map(|row| {
        let rate = [0.01, 0.02, 0.03][row % 3] * (0.02 * (age[row] - 30.0)).exp();
        (impressions[row] * rate * rng.random_range(0.8..1.2)).round()
    });
    let frame = Frame::builder()
        .numbers("clicks", clicks.collect())
        .texts("platform", platforms)
        .numbers("age", age)
        .numbers("counts", (0..rows).map(|row| 1.0 + (row % 4) as f64).collect())
        .numbers("impressions", impressions)
        .build();
    let roles = [("clicks", Role::Target), ("counts", Role::Weight), ("impressions", Role::Exposure)];
    roles.into_iter().try_fold(frame.unwrap(), |frame, (name, role)| frame.with_role(name, role)).unwrap()
}

/// The rates of clicks, with the weights that go with them.
fn as_rates(clicks: &Training<Frame>) -> Training<Frame> {
    let Some(Target::Values(totals)) = &clicks.target else { panic!("{:?}", clicks.target) };
    let (ctr, weights) = rates(totals, clicks.weights.as_ref(), clicks.exposure.as_ref().unwrap(), 1.0).unwrap();
    Training::new(clicks.x.clone()).with_target(Target::Values(ctr)).with_weights(weights)
}

fn data() -> (Training<Frame>, Training<Frame>) {
    let clicks = frame(240).training().unwrap();
    let ctr = as_rates(&clicks);
    (clicks, ctr)
}

/// With steps that look at the target and at the weights.
fn columns() -> ColumnTransformer {
    ColumnTransformer::new()
        .branch(Branch::new("age", ["age"]).step(StandardScaler::default()))
        .branch(Branch::new("platform", ["platform"]).step(TargetEncoder::default()))
}

fn pipeline() -> AnyPipeline {
    Pipeline {
        preprocessor: AnyTransformRecipe::new(columns()),
        model: AnyModelRecipe::new(PoissonRegressor::new(0.01)),
        postprocessor: AnyPostprocessRecipe::new(Identity::default()),
        seed: 4,
    }
}

fn says<T>(result: adflux::core::Result<T>) -> String {
    result.err().map(|e: Error| e.to_string()).unwrap_or_default()
}

#[test]
fn cross_validation_compares_rates_with_rates() {
    let (clicks, ctr) = data();
    let how = CrossValidation::new(KFold::new(4).repeats(2)).train_scores(true);
    let [of_clicks, of_ctr] =
        [&clicks, &ctr].map(|data| pipeline().cross_validate(data, how.clone(), &Context::default()).unwrap());
    assert_eq!(of_clicks, of_ctr);
    let mean = of_clicks.mean();
    assert!(mean.get("r2").unwrap() > 0.1 && mean.get("rmse").unwrap() < 0.02, "{mean:?}");
}

#[test]
fn a_search_finds_the_same() {
    let (clicks, ctr) = data();
    let space = Space::new().with("model.alpha", Dimension::float(1e-6, 10.0).log());
    let search = PipelineSearch::new(Search::random(6), space).split(KFold::new(3)).measure("rmse");
    let registry = adflux::registry().unwrap();
    let found = |data| search.explore(&pipeline(), data, &registry, &Context::default()).unwrap().found;
    let values = |data| found(data).trials.iter().map(|t| (t.point.clone(), t.value, t.deviation)).collect::<Vec<_>>();
    assert_eq!(values(&clicks), values(&ctr));
}

#[test]
fn the_best_of_several_models_is_the_same() {
    let (clicks, ctr) = data();
    let models = || {
        [0.0, 1e-3, 0.1]
            .map(|alpha| (format!("poisson {alpha}"), AnyModelRecipe::new(PoissonRegressor::new(alpha))))
            .into_iter()
    };
    let registry = adflux::registry().unwrap();
    let find = |data| AutoSearch::new(models()).explore(&pipeline(), data, &registry, &Context::default()).unwrap();
    let (of_clicks, of_ctr) = (find(&clicks), find(&ctr));
    let outcomes =
        |found: &adflux::pipeline::AutoFound| found.tried.iter().map(|tried| tried.outcome.clone()).collect::<Vec<_>>();
    assert_eq!(outcomes(&of_clicks), outcomes(&of_ctr));
    assert_eq!((&of_clicks.average, &of_clicks.chosen), (&of_ctr.average, &of_ctr.chosen));
    assert!(of_clicks.tried[0].value().unwrap() > 0.5, "{of_clicks:?}");

    // One that would take clicks for a rate is told apart, and the others go on.
    let boosting = ("boosting".to_string(), AnyModelRecipe::new(GradientBoostingRegressor::default()));
    let found = AutoSearch::new(models().chain([boosting]));
    let found = found.explore(&pipeline(), &clicks, &registry, &Context::default()).unwrap();
    assert!(format!("{:?}", found.tried[3].outcome).contains("`gradient-boosting-regressor` uses no exposure"));
}

#[test]
fn importance_and_scores_of_later_data_are_of_rates() {
    let (clicks, ctr) = data();
    let later = frame(90);
    let held_back = later.training().unwrap();
    let [of_clicks, of_ctr] = [&clicks, &ctr].map(|data| pipeline().fit(data.clone()).unwrap());
    let importance = |fitted: &AnyFittedPipeline, data: &Training<Frame>| {
        permutation_importance(fitted, data, &ImportanceOptions::default(), &Context::default())
    };
    let expected = importance(&of_ctr, &as_rates(&held_back)).unwrap();
    assert_eq!(importance(&of_clicks, &held_back).unwrap(), expected);
    assert!(expected[0].value > 0.1, "{expected:?}");

    let record = &of_clicks.training;
    assert_eq!((record.per_exposure, record.exposure_column.as_deref()), (true, Some("impressions")));
    assert_eq!(record.target_title().as_deref(), Some("clicks per impressions"));
    let of_rates = as_rates(&held_back);
    let prediction: Prediction = of_ctr.run(&later).unwrap();
    let scores =
        score(of_rates.target.as_ref().unwrap(), &prediction, of_rates.weights.as_ref().map(Array1::view)).unwrap();
    let bytes = of_clicks.to_bytes().unwrap();
    let loaded = AnyFittedPipeline::from_bytes(&bytes, "ctr.adflux", &adflux::registry().unwrap()).unwrap();
    assert_eq!(loaded.score(&later).unwrap(), scores);
    // The name is enough where the role is not given; without the column there is no rate to hold a prediction against.
    let unroled = later.clone().with_role("impressions", Role::Feature).unwrap();
    assert_eq!(loaded.score(&unroled).unwrap(), scores);
    assert!(says(loaded.score(&later.without(&["impressions"]))).contains("`impressions`"));
    let nameless = pipeline().fit(clicks.clone().replace(clicks.x.clone())).unwrap();
    assert_eq!(nameless.score(&later).unwrap(), scores);
}

#[test]
fn intervals_of_rates_are_of_the_size_of_rates() {
    let (clicks, ctr) = data();
    let pipeline =
        Pipeline::new(columns(), PoissonRegressor::new(0.01)).with_postprocessor(ConformalInterval::default());
    let run = |data: &Training<Frame>| pipeline.fit(data.clone()).unwrap().run::<_, Prediction>(&clicks.x).unwrap();
    let Prediction::Intervals(intervals) = run(&clicks) else { panic!("no intervals") };
    assert!((&intervals.upper - &intervals.lower).iter().all(|width| (1e-4..0.05).contains(width)), "{intervals:?}");
    assert_eq!(Prediction::Intervals(intervals), run(&ctr));
}

#[test]
fn families_are_judged_alike_whatever_their_own_weights() {
    // A gamma or Tweedie model learns from other weights than a Poisson model; rows count the same for both when they are judged.
    let (clicks, ctr) = data();
    let fitted = |power| Pipeline::new(columns(), TweedieRegressor::new(0.0).power(power));
    for power in [1.5, 1.9] {
        let judged = fitted(power).cross_validate(&clicks, 4, &Context::default()).unwrap();
        for fold in &judged.folds {
            let (truth, weights) = (ctr.target.as_ref().unwrap().take(&fold.rows), ctr.weights.as_ref().unwrap());
            let weights = weights.take(&fold.rows);
            assert_eq!(fold.scores, score(&truth, &fold.prediction, Some(weights.view())).unwrap());
        }
    }
}

#[test]
fn a_model_that_uses_no_exposure_is_named() {
    let (clicks, ctr) = data();
    let boosting = Pipeline::new(columns(), GradientBoostingRegressor::default());
    let told = "step 2 (model): `gradient-boosting-regressor` uses no exposure: learn the rate";
    assert!(says(boosting.fit(clicks.clone())).starts_with(told));
    let told = says(boosting.cross_validate(&clicks, 3, &Context::default()));
    assert!(told.starts_with("fold 1 of 3: step 2 (model): `gradient-boosting-regressor` uses no exposure"), "{told}");
    let fitted = boosting.fit(ctr).unwrap();
    let told = says(permutation_importance(&fitted, &clicks, &ImportanceOptions::default(), &Context::default()));
    assert!(told.starts_with("`gradient-boosting-regressor` uses no exposure"), "{told}");
}
