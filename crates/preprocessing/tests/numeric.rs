//! What holds of the numeric steps for any data, and how they say no.

use crate::{names, values};
use adflux_core::{Block, Column, Context, Features, Fit, FitTransform, Result, Training, Transform, Values};
use adflux_data::Frame;
use adflux_preprocessing::{
    BinEncoding, BinStrategy, Branch, CappingMethod, ColumnTransformer, DateFeatures, DatePart, KBinsDiscretizer,
    Log1pTransformer, MinMaxScaler, OutputDistribution, PolynomialFeatures, PowerMethod, PowerTransformer,
    QuantileTransformer, Ratio, RatioFeatures, RobustScaler, Tail, Winsorizer,
};
use ndarray::{Array2, Axis, array};
use proptest::prelude::*;

fn one(column: &[f64]) -> Features {
    Features::from_dense(Array2::from_shape_vec((column.len(), 1), column.to_vec()).unwrap(), ["x"]).unwrap()
}

fn fitted<R: FitTransform<Features>>(recipe: &R, x: &Features) -> (R::Fitted, Array2<f64>)
where
    R::Fitted: Transform<Features, Output = Features>,
{
    let (fitted, z) = recipe.fit_transform(Training::new(x.clone()), &Context::default()).unwrap();
    (fitted, values(&z))
}

#[track_caller]
fn says<T>(result: Result<T>, expected: &str) {
    match result {
        Ok(_) => panic!("no error, where `{expected}` was expected"),
        Err(error) => assert!(error.to_string().contains(expected), "{error}"),
    }
}

/// What a step makes of a column, in the order of the column.
type Shape = Box<dyn Fn(&[f64]) -> Vec<f64>>;

/// Every step that turns one column into one, by name.
fn shapes() -> Vec<(&'static str, Shape)> {
    fn shape<R>(recipe: R) -> Shape
    where
        R: FitTransform<Features> + 'static,
        R::Fitted: Transform<Features, Output = Features>,
    {
        Box::new(move |column| fitted(&recipe, &one(column)).1.into_raw_vec_and_offset().0)
    }
    let bins = |strategy| KBinsDiscretizer::new(4).strategy(strategy).encode(BinEncoding::Ordinal);
    vec![
        ("min-max", shape(MinMaxScaler::default())),
        ("robust", shape(RobustScaler::default())),
        ("uniform", shape(QuantileTransformer::default().n_quantiles(10))),
        ("normal", shape(QuantileTransformer::default().output_distribution(OutputDistribution::Normal))),
        ("yeo-johnson", shape(PowerTransformer::default())),
        ("winsorized", shape(Winsorizer::new(CappingMethod::Iqr).tail(Tail::Both).fold(0.5))),
        ("uniform bins", shape(bins(BinStrategy::Uniform))),
        ("quantile bins", shape(bins(BinStrategy::Quantile))),
        ("k-means bins", shape(bins(BinStrategy::Kmeans))),
    ]
}

/// Values with ties.
fn column() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![-1e3..1e3_f64, (-3..3_i32).prop_map(f64::from)], 2..60)
}

fn close(a: &[f64], b: &[f64], tolerance: f64) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance * b.abs().max(1.0))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn inverses_give_back_what_was_transformed(column in column()) {
        let back = |z: Result<Features>| values(&z.unwrap()).into_raw_vec_and_offset().0;
        let x = one(&column);
        let features = |z: Array2<f64>| Features::from_dense(z, ["x"]).unwrap();
        let (min_max, z) = fitted(&MinMaxScaler::default().feature_range((-2.0, 5.0)), &x);
        prop_assert!(close(&back(min_max.inverse_transform(features(z))), &column, 1e-9));
        let (robust, z) = fitted(&RobustScaler::default(), &x);
        prop_assert!(close(&back(robust.inverse_transform(features(z))), &column, 1e-9));
        let (power, z) = fitted(&PowerTransformer::default(), &x);
        prop_assert!(close(&back(power.inverse_transform(features(z))), &column, 1e-5));
        let positive: Vec<f64> = column.iter().map(|v| v.abs()).collect();
        let (log, z) = fitted(&Log1pTransformer::default(), &one(&positive));
        prop_assert!(close(&back(log.inverse_transform(features(z))), &positive, 1e-9));
        // With a quantile for each row, ranks come back as the values that have them.
        let (ranks, z) = fitted(&QuantileTransformer::default().n_quantiles(100), &x);
        prop_assert!(close(&back(ranks.inverse_transform(features(z))), &column, 1e-6));
    }

    #[test]
    fn the_order_of_values_is_kept(mut column in column()) {
        column.sort_unstable_by(f64::total_cmp);
        for (name, shape) in shapes() {
            let z = shape(&column);
            prop_assert!(z.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12), "{name}: {z:?}");
        }
    }

    #[test]
    fn rows_in_another_order_give_the_same_rows_in_that_order(column in column(), seed in any::<u64>()) {
        let mut order: Vec<usize> = (0..column.len()).collect();
        order.sort_by_key(|i| (*i as u64 + 1).wrapping_mul(seed | 1));
        let shuffled: Vec<f64> = order.iter().map(|i| column[*i]).collect();
        for (name, shape) in shapes() {
            let (z, of_shuffled) = (shape(&column), shape(&shuffled));
            let expected: Vec<f64> = order.iter().map(|i| z[*i]).collect();
            // The search for a power ends where it ends, a rounding of its sums apart.
            let tolerance = if name == "yeo-johnson" { 1e-4 } else { 1e-9 };
            prop_assert!(close(&of_shuffled, &expected, tolerance), "{name}");
        }
    }

    #[test]
    fn a_value_lies_between_the_edges_of_its_bin(column in column(), n_bins in 2..8_usize) {
        for strategy in [BinStrategy::Uniform, BinStrategy::Quantile, BinStrategy::Kmeans] {
            let recipe = KBinsDiscretizer::new(n_bins).strategy(strategy).encode(BinEncoding::Ordinal);
            let (bins, z) = fitted(&recipe, &one(&column));
            let edges = bins.edges().next().unwrap();
            prop_assert!(edges.len() <= n_bins + 1);
            for (x, bin) in column.iter().zip(&z) {
                let bin = *bin as usize;
                prop_assert!(edges[bin] <= *x && *x <= edges[bin + 1], "{x} in {bin} of {edges:?}");
            }
        }
    }

    #[test]
    fn a_smoothed_rate_lies_between_the_rows_own_and_the_rate_of_all(
        counts in prop::collection::vec((0..200_u32, 0.0..1.0_f64), 2..30)
    ) {
        let rows = counts.iter().flat_map(|(n, share)| [(f64::from(*n) * share).floor(), f64::from(*n)]);
        let x = Array2::from_shape_vec((counts.len(), 2), rows.collect()).unwrap();
        prop_assume!(x.column(1).sum() > 0.0);
        let features = Features::from_dense(x.clone(), ["clicks", "impressions"]).unwrap();
        let recipe = RatioFeatures::new([Ratio::new("clicks", "impressions")]).keep_inputs(false);
        let (rates, z) = fitted(&recipe, &features);
        let prior = rates.priors().next().unwrap();
        prop_assert!(rates.prior_strengths().all(|m| m >= 0.0 && m <= x.column(1).sum()));
        for (row, rate) in x.rows().into_iter().zip(&z) {
            let own = if row[1] > 0.0 { row[0] / row[1] } else { prior };
            prop_assert!(own.min(prior) - 1e-12 <= *rate && *rate <= own.max(prior) + 1e-12, "{rate} of {row}");
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let column: Vec<f64> = (0..30_000).map(|i| (f64::from(i) * 0.7).sin() * 40.0 + f64::from(i % 7)).collect();
    let x = Array2::from_shape_fn((30_000, 3), |(r, c)| column[r] * (c + 1) as f64 + if c == 2 { 200.0 } else { 0.0 });
    let x = Features::from_dense(x, ["a", "b", "c"]).unwrap();
    fn same<R>(recipe: R, x: &Features)
    where
        R: FitTransform<Features> + std::fmt::Debug,
        R::Fitted: Transform<Features, Output = Features> + adflux_core::Component,
    {
        let fit = |threads| {
            let context = Context::default().with_threads(threads).unwrap();
            let (fitted, z) = recipe.fit_transform(Training::new(x.clone()), &context).unwrap();
            (adflux_core::Component::state(&fitted).unwrap(), values(&z))
        };
        let (one, two) = (fit(1), fit(2));
        assert!(one.0 == two.0, "{recipe:?}: the states differ");
        assert!(one.1.iter().zip(&two.1).all(|(a, b)| a.to_bits() == b.to_bits()), "{recipe:?}");
    }
    same(RobustScaler::default(), &x);
    same(QuantileTransformer::default(), &x);
    same(PowerTransformer::default(), &x);
    same(KBinsDiscretizer::default().strategy(BinStrategy::Kmeans).encode(BinEncoding::Onehot).subsample(9_000), &x);
    same(PolynomialFeatures::default(), &x);
    same(DateFeatures::default(), &x);
}

#[test]
fn columns_that_are_constant_or_missing_everywhere_stop_no_scaler() {
    let x = Features::from_dense(array![[2.0, f64::NAN], [2.0, f64::NAN]], ["same", "none"]).unwrap();
    let expected = |z: Array2<f64>, same: f64| {
        assert!(z.column(0).iter().all(|v| *v == same) && z.column(1).iter().all(|v| v.is_nan()), "{z}");
    };
    expected(fitted(&MinMaxScaler::default(), &x).1, 0.0);
    expected(fitted(&RobustScaler::default(), &x).1, 0.0);
    for method in [PowerMethod::YeoJohnson, PowerMethod::BoxCox] {
        expected(fitted(&PowerTransformer::new(method), &x).1, 0.0);
    }
    expected(fitted(&Winsorizer::default(), &x).1, 2.0);
    let quantiles = QuantileTransformer::default().fit(Training::new(x.clone()));
    says(quantiles, "column `none`: every value is missing, so there are no quantiles to learn");
    says(DateFeatures::default().fit(Training::new(x)), "column `none`: every value is missing, so there are no dates");
}

#[test]
fn numbers_outside_the_domain_are_named_by_column_and_row_at_fit_and_later() {
    let (good, zero, minus) = (one(&[1.0, 2.0, 5.0]), one(&[1.0, 0.0]), one(&[1.0, -1.0]));
    says(PowerTransformer::new(PowerMethod::BoxCox).fit(Training::new(zero.clone())), "column `x`, row 2: 0");
    let power = PowerTransformer::new(PowerMethod::BoxCox).fit(Training::new(good.clone())).unwrap();
    says(power.transform(zero), "takes finite numbers above 0 only: use `yeo_johnson`");
    says(Log1pTransformer::default().fit(Training::new(minus.clone())), "column `x`, row 2: -1");
    let log = Log1pTransformer::default().fit(Training::new(good.clone())).unwrap();
    says(log.transform(minus), "takes finite numbers above −1 only");
    says(DateFeatures::default().fit(Training::new(one(&[1.7e9]))), "row 1: 1700000000 days since 1970 are no date");
    says(KBinsDiscretizer::default().fit(Training::new(one(&[1.0, f64::NAN]))), "row 2: a missing value");
    says(PolynomialFeatures::default().fit_transform(Training::new(one(&[1.0, 1e200])), &Context::default()), "x^2");
}

#[test]
fn capped_values_come_back_to_the_range_of_training() {
    let scaler = MinMaxScaler::default().clip(true).fit(Training::new(one(&[10.0, 20.0]))).unwrap();
    assert_eq!(values(&scaler.transform(one(&[0.0, 15.0, 99.0])).unwrap()), array![[0.0], [0.5], [1.0]]);
}

#[test]
fn of_many_rows_a_sample_is_looked_at() {
    let column: Vec<f64> = (0..50_000).map(|i| f64::from(i) / 50_000.0).collect();
    let quantiles = |seed| {
        let recipe = QuantileTransformer::default().n_quantiles(3).subsample(4_000).seed(seed);
        recipe.fit(Training::new(one(&column))).unwrap().quantiles().next().unwrap().to_vec()
    };
    assert!((quantiles(1)[1] - 0.5).abs() < 0.03, "the median of a sample");
    assert_eq!(quantiles(1), quantiles(1));
    assert_ne!(quantiles(1), quantiles(2));
}

#[test]
fn rates_need_their_columns_and_something_to_count() {
    let data = |x: Array2<f64>| Training::new(Features::from_dense(x, ["clicks", "impressions"]).unwrap());
    let rate = |a: &str, b: &str| RatioFeatures::new([Ratio::new(a, b)]);
    let good = || data(array![[1.0, 10.0], [2.0, 5.0]]);
    says(rate("click", "impressions").fit(good()), "`click` (did you mean `clicks`?)");
    says(rate("clicks", "impressions").fit(data(array![[0.0, 0.0]])), "column `impressions`: adds up to 0");
    says(rate("clicks", "impressions").fit(data(array![[0.0, 2.0], [0.0, -1.0]])), "column `impressions`, row 2: -1");
    says(rate("impressions", "clicks").fit(good()), "column `impressions`, row 1: 10 of 1 in `clicks`");
    assert!(
        rate("impressions", "clicks").prior_strength(1.0).fit(good()).is_ok(),
        "other quotients with a given strength"
    );
    let twice = RatioFeatures::new([Ratio::new("clicks", "impressions").name("clicks")]);
    says(twice.fit(good()), "column `clicks`: a pair makes a column of this name");
    let (_, z) = fitted(&rate("clicks", "impressions"), &data(array![[1.0, 9.0], [f64::NAN, 5.0], [0.0, 0.0]]).x);
    assert!(z[[1, 2]].is_nan() && (z[[2, 2]] - 1.0 / 9.0).abs() < 1e-15, "{z}");
}

#[test]
fn the_strength_of_a_prior_is_that_of_the_rates_true_spread() {
    // Rates of Beta(4, 36), by its quantiles at even shares: strength 40 around 0.1.
    use adflux_core::random::stream;
    use rand::RngExt as _;
    let mut rng = stream(7, &[]);
    let mut rows = Vec::new();
    for _ in 0..4_000 {
        // The fourth smallest of 39 uniform numbers is Beta(4, 36).
        let mut uniform: Vec<f64> = (0..39).map(|_| rng.random()).collect();
        uniform.sort_unstable_by(f64::total_cmp);
        let shown = rng.random_range(20..300_u32);
        let clicks = (0..shown).filter(|_| rng.random::<f64>() < uniform[3]).count();
        rows.extend([clicks as f64, f64::from(shown)]);
    }
    let x = Array2::from_shape_vec((4_000, 2), rows).unwrap();
    let x = Features::from_dense(x, ["clicks", "impressions"]).unwrap();
    let (rates, _) = fitted(&RatioFeatures::new([Ratio::new("clicks", "impressions")]), &x);
    let (prior, strength) = (rates.priors().next().unwrap(), rates.prior_strengths().next().unwrap());
    assert!((prior - 0.1).abs() < 0.003, "{prior}");
    assert!((strength - 40.0).abs() < 4.0, "{strength}");
}

#[test]
fn products_and_rates_name_all_their_sources_once() {
    let columns = [Column::input("a"), Column::input("b").derive("b2"), Column::input("b")];
    let block = Block::new(columns.to_vec(), Values::Dense(array![[1.0, 2.0, 3.0]])).unwrap();
    let x = Features::new(1, vec![block]).unwrap();
    let products = PolynomialFeatures::default().interaction_only(true).include_bias(false);
    let products = products.fit_transform(Training::new(x.clone()), &Context::default()).unwrap().1;
    assert_eq!(names(&products), ["a", "b2", "b", "a b2", "a b", "b2 b"]);
    let sources: Vec<Vec<String>> = products.columns().map(|c| c.sources.clone()).collect();
    assert_eq!((sources[3].join(" "), sources[5].join(" ")), ("a b".into(), "b".into()));
    let rate = RatioFeatures::new([Ratio::new("a", "b2")]).keep_inputs(false);
    let rate = rate.fit_transform(Training::new(x), &Context::default()).unwrap().1;
    assert_eq!(rate.columns().next().unwrap().sources, ["a", "b"]);
}

#[test]
fn cycles_join_the_end_of_a_turn_to_its_beginning() {
    let recipe = DateFeatures::new([DatePart::MonthCycle, DatePart::WeekdayCycle, DatePart::HourCycle]);
    // A Thursday at midnight, and half a day later.
    let (_, z) = fitted(&recipe, &one(&[0.0, 0.5]));
    let angle = std::f64::consts::TAU * 3.0 / 7.0;
    let expected = [[0.0, 1.0, angle.sin(), angle.cos(), 0.0, 1.0], [0.0, 1.0, angle.sin(), angle.cos(), 0.0, -1.0]];
    assert!(z.iter().zip(expected.as_flattened()).all(|(a, b)| (a - b).abs() < 1e-12), "{z}");
}

#[test]
fn dates_that_stand_as_text_are_read_as_times() {
    let frame = |dates: [Option<&str>; 3]| Frame::builder().optional_texts("start", dates).build().unwrap();
    let branch =
        Branch::new("dates", ["start"]).as_times().step(DateFeatures::new([DatePart::Month, DatePart::Elapsed]));
    let recipe = ColumnTransformer::new().branch(branch);
    let training = Training::new(frame([Some("2024-01-31"), None, Some("2024-02-01T12:00:00Z")]));
    let (fitted, z) = recipe.fit_transform(training, &Context::default()).unwrap();
    assert_eq!(names(&z), ["start_month", "start_elapsed"]);
    let z = values(&z);
    assert_eq!(z.row(0), array![1.0, 0.0]);
    assert!(z.row(1).iter().all(|v| v.is_nan()));
    assert_eq!(z.row(2), array![2.0, 1.5]);
    let wrong = fitted.transform(frame([Some("2024-01-31"), Some("31/01/2024"), None]));
    says(wrong, "column `start`, row 2: `31/01/2024` is no date: write it as 2024-12-31");
    let zoned = fitted.transform(frame([Some("2024-01-31T00:00:00+02:00"), None, None]));
    says(zoned, "has another zone than UTC: write it as 2024-12-31T18:30:00Z");
    // A column of times is read without parsing.
    let days = Frame::builder().numbers("start", vec![0.0, 31.0]).build().unwrap();
    assert_eq!(
        values(&recipe.fit_transform(Training::new(days), &Context::default()).unwrap().1).column(0),
        array![1.0, 2.0]
    );
    let spec = adflux_core::Recipe::spec(&recipe).unwrap();
    assert_eq!(spec.steps[0].params["read"].as_str(), Some("times"));
}

#[test]
fn a_sample_keeps_the_rows_of_all_columns_together() {
    let x = Array2::from_shape_fn((300, 2), |(row, column)| (row * (column + 1)) as f64);
    let x = Features::from_dense(x, ["a", "b"]).unwrap();
    let recipe = KBinsDiscretizer::new(3).subsample(100).encode(BinEncoding::Ordinal);
    let (bins, z) = fitted(&recipe, &x);
    let edges: Vec<&[f64]> = bins.edges().collect();
    assert!(edges[0].iter().zip(edges[1]).all(|(a, b)| 2.0 * a == *b), "{edges:?}");
    assert_eq!(z.select(Axis(1), &[0]), z.select(Axis(1), &[1]));
}
