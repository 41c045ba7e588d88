//! Scalers, bins, products, bounds and dates against scikit-learn and pandas. The fixtures are made by
//! `tests/golden/make_scalers.py`.

use crate::{Rows, matrix, names, numbers, values};
use adflux_core::{Context, Features, Fit, FitTransform, Result, Training, Transform};
use adflux_preprocessing::{
    BinEncoding, DateFeatures, DatePart, FittedKBinsDiscretizer, FittedLog1pTransformer, FittedMinMaxScaler,
    FittedPowerTransformer, FittedQuantileTransformer, FittedRobustScaler, KBinsDiscretizer, Log1pTransformer,
    MinMaxScaler, PolynomialFeatures, PowerTransformer, QuantileTransformer, RobustScaler, Winsorizer,
};
use adflux_testing::{assert_all_close, fixture};
use ndarray::Array2;
use serde::Deserialize;
use std::{collections::BTreeMap, fmt::Debug};

#[derive(Deserialize)]
struct Golden<R> {
    x: Rows,
    unseen: Rows,
    cases: Vec<Case<R>>,
}

#[derive(Deserialize)]
struct Case<R> {
    params: R,
    #[serde(default)]
    train: Rows,
    unseen: Rows,
    /// Of `unseen` transformed; of the bins, of `train`.
    #[serde(default)]
    back: Rows,
    #[serde(default)]
    lambdas_: Vec<f64>,
    #[serde(default)]
    edges: Vec<Vec<f64>>,
}

/// Fits every recipe, and compares what it makes of the training rows, of others, and what its inverse makes of those.
fn check<R>(golden: Golden<R>, tolerance: f64, inverse: fn(&R::Fitted, Features) -> Result<Features>)
where
    R: FitTransform<Features> + Debug,
    R::Fitted: Transform<Features, Output = Features>,
{
    for case in golden.cases {
        let training = Training::new(numbers(&golden.x));
        let (fitted, train) = case.params.fit_transform(training, &Context::default()).unwrap();
        let unseen = fitted.transform(numbers(&golden.unseen)).unwrap();
        let back = inverse(&fitted, unseen.clone()).unwrap();
        for (what, ours, theirs) in
            [("train", train, case.train), ("unseen", unseen, case.unseen), ("back", back, case.back)]
        {
            close(&format!("{:?}: {what}", case.params), &values(&ours), &matrix(&theirs), tolerance);
        }
    }
}

/// Equal up to `tolerance`, of numbers beyond 1 as a share.
#[track_caller]
fn close(what: &str, ours: &Array2<f64>, theirs: &Array2<f64>, tolerance: f64) {
    assert_eq!(ours.dim(), theirs.dim(), "{what}");
    for ((at, a), b) in ours.indexed_iter().zip(theirs) {
        let equal = (a - b).abs() <= tolerance * b.abs().max(1.0) || (a.is_nan() && b.is_nan());
        assert!(equal, "{what} at {at:?}: {a} against {b}");
    }
}

#[test]
fn min_max_scaler() {
    check(fixture::<Golden<MinMaxScaler>>("scalers/min_max.json"), 1e-13, FittedMinMaxScaler::inverse_transform);
}

#[test]
fn robust_scaler() {
    check(fixture::<Golden<RobustScaler>>("scalers/robust.json"), 1e-12, FittedRobustScaler::inverse_transform);
}

#[test]
fn quantile_transformer() {
    let golden = fixture::<Golden<QuantileTransformer>>("scalers/quantile.json");
    check(golden, 1e-9, FittedQuantileTransformer::inverse_transform);
}

#[test]
fn log1p_transformer() {
    check(fixture::<Golden<Log1pTransformer>>("scalers/log1p.json"), 1e-13, FittedLog1pTransformer::inverse_transform);
}

#[derive(Deserialize)]
struct Powers {
    yeo_johnson: Golden<PowerTransformer>,
    box_cox: Golden<PowerTransformer>,
}

// Both searches end within 1.5e-8 of λ, in which the likelihood is flat: what differs by 1e-7 there differs more where a power
// is inverted.
#[test]
fn power_transformer() {
    let Powers { yeo_johnson, box_cox } = fixture("scalers/power.json");
    for golden in [yeo_johnson, box_cox] {
        for case in &golden.cases {
            let fitted = case.params.fit(Training::new(numbers(&golden.x))).unwrap();
            assert_all_close(&fitted.lambdas().collect::<Vec<_>>(), &case.lambdas_, 1e-6);
            // The standardised: their scale takes up what a difference in λ does to the transformed.
            if case.params.standardize {
                let unseen = fitted.transform(numbers(&golden.unseen)).unwrap();
                close(&format!("{:?}", case.params), &values(&unseen), &matrix(&case.unseen), 1e-5);
            }
        }
        let standardized = golden.cases.into_iter().filter(|case| case.params.standardize).collect();
        check(Golden { cases: standardized, ..golden }, 1e-5, FittedPowerTransformer::inverse_transform);
    }
}

#[test]
fn k_bins_discretizer() {
    let golden = fixture::<Golden<KBinsDiscretizer>>("scalers/bins.json");
    for case in golden.cases {
        let x = numbers(&golden.x);
        let (fitted, train) = case.params.fit_transform(Training::new(x.clone()), &Context::default()).unwrap();
        let what = format!("{:?}", case.params);
        for (ours, theirs) in fitted.edges().zip(&case.edges) {
            assert_eq!(ours.len(), theirs.len(), "{what}: {ours:?} against {theirs:?}");
            assert_all_close(ours, theirs, 1e-9);
        }
        assert_eq!(values(&train), matrix(&case.train), "{what}");
        let unseen = fitted.transform(numbers(&golden.unseen)).unwrap();
        assert_eq!(values(&unseen), matrix(&case.unseen), "{what}");
        let back = FittedKBinsDiscretizer::inverse_transform(&fitted, train).unwrap();
        close(&what, &values(&back), &matrix(&case.back), 1e-9);
        if case.params.encode == BinEncoding::OnehotDense {
            let sparse = case.params.clone().encode(BinEncoding::Onehot).fit(Training::new(x.clone())).unwrap();
            assert_eq!(values(&sparse.transform(x).unwrap()), matrix(&case.train), "{what}, sparse");
        }
    }
}

#[derive(Deserialize)]
struct Polynomial {
    x: Rows,
    cases: Vec<PolynomialCase>,
}

#[derive(Deserialize)]
struct PolynomialCase {
    params: PolynomialFeatures,
    names: Vec<String>,
    train: Rows,
}

#[test]
fn polynomial_features() {
    let golden: Polynomial = fixture("scalers/polynomial.json");
    for case in golden.cases {
        let train = case.params.fit_transform(Training::new(numbers(&golden.x)), &Context::default()).unwrap().1;
        assert_eq!(names(&train), case.names, "{:?}", case.params);
        close(&format!("{:?}", case.params), &values(&train), &matrix(&case.train), 1e-12);
    }
}

#[test]
fn winsorizer() {
    let golden = fixture::<Golden<Winsorizer>>("scalers/winsor.json");
    for case in golden.cases {
        let fitted = case.params.fit(Training::new(numbers(&golden.x))).unwrap();
        let unseen = fitted.transform(numbers(&golden.unseen)).unwrap();
        close(&format!("{:?}", case.params), &values(&unseen), &matrix(&case.unseen), 1e-12);
    }
}

#[derive(Deserialize)]
struct Dates {
    days: Vec<f64>,
    text: Vec<String>,
    parts: BTreeMap<DatePart, Vec<f64>>,
}

#[test]
fn date_features() {
    let golden: Dates = fixture("scalers/dates.json");
    let x = Array2::from_shape_vec((golden.days.len(), 1), golden.days.clone()).unwrap();
    for (part, expected) in golden.parts {
        let x = Features::from_dense(x.clone(), ["start"]).unwrap();
        let made = DateFeatures::new([part]).fit_transform(Training::new(x), &Context::default()).unwrap().1;
        assert_all_close(&values(&made), &expected, 1e-9);
    }
    for (text, days) in golden.text.iter().zip(&golden.days) {
        let parsed = adflux_data::calendar::parse(text).unwrap();
        assert!((parsed - days).abs() < 1e-9, "{text}: {parsed} against {days}");
    }
}
