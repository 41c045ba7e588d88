//! The steps against scikit-learn. The fixtures are made by `tests/golden/make_preprocessing.py`.

use crate::{Rows, category, matrix, names, numbers, texts, values};
use adflux_core::{Context, Features, Fit, FitTransform, Training, Transform, Values};
use adflux_data::Frame;
use adflux_preprocessing::{
    Branch, ColumnTransformer, DropLevel, OneHotEncoder, SimpleImputer, StandardScaler, Strategy, TfidfVectorizer,
};
use adflux_testing::{assert_all_close, fixture};
use ndarray::Array1;
use serde::Deserialize;

#[derive(Deserialize)]
struct Imputer {
    x: Rows,
    unseen: Rows,
    cases: Vec<ImputerCase>,
    levels: Vec<LevelCase>,
}

#[derive(Deserialize)]
struct ImputerCase {
    strategy: Strategy,
    add_indicator: bool,
    statistics: Vec<f64>,
    names: Vec<String>,
    train: Rows,
    unseen: Rows,
}

#[derive(Deserialize)]
struct LevelCase {
    strategy: Strategy,
    x: Vec<Option<String>>,
    filled: Vec<String>,
}

#[test]
fn simple_imputer() {
    let golden: Imputer = fixture("preprocessing/imputer.json");
    for case in golden.cases {
        let recipe = SimpleImputer::new(case.strategy).fill_value(-1.5).add_indicator(case.add_indicator);
        let training = Training::new(numbers(&golden.x));
        let (fitted, train) = recipe.fit_transform(training, &Context::default()).unwrap();
        assert_all_close(&fitted.statistics(), &case.statistics, 1e-12);
        assert_eq!(names(&train), case.names);
        assert_all_close(&values(&train), &matrix(&case.train), 1e-12);
        assert_all_close(&values(&fitted.transform(numbers(&golden.unseen)).unwrap()), &matrix(&case.unseen), 1e-12);
    }
    for case in golden.levels {
        let column: Vec<Option<&str>> = case.x.iter().map(Option::as_deref).collect();
        let x = Features::new(column.len(), vec![category("c", &column)]).unwrap();
        let recipe = SimpleImputer::new(case.strategy);
        let filled = recipe.fit(Training::new(x.clone())).unwrap().transform(x).unwrap();
        let Values::Category(filled) = filled.blocks()[0].values() else { panic!() };
        let filled: Vec<&str> = (0..column.len()).map(|row| filled.get(row).unwrap()).collect();
        assert_eq!(filled, case.filled);
    }
}

#[derive(Deserialize)]
struct Scaler {
    x: Rows,
    unseen: Rows,
    cases: Vec<ScalerCase>,
}

#[derive(Deserialize)]
struct ScalerCase {
    with_mean: bool,
    with_std: bool,
    weights: Option<Vec<f64>>,
    mean: Vec<f64>,
    scale: Vec<f64>,
    train: Rows,
    unseen: Rows,
}

#[test]
fn standard_scaler() {
    let golden: Scaler = fixture("preprocessing/scaler.json");
    for case in golden.cases {
        let mut training = Training::new(numbers(&golden.x));
        training.weights = case.weights.map(Array1::from);
        let recipe = StandardScaler::default().with_mean(case.with_mean).with_std(case.with_std);
        let (fitted, train) = recipe.fit_transform(training, &Context::default()).unwrap();
        assert_all_close(&fitted.mean().collect::<Vec<_>>(), &case.mean, 1e-12);
        assert_all_close(&fitted.scale().collect::<Vec<_>>(), &case.scale, 1e-12);
        let unseen = fitted.transform(numbers(&golden.unseen)).unwrap();
        for (ours, theirs) in [(values(&train), matrix(&case.train)), (values(&unseen), matrix(&case.unseen))] {
            for (name, (ours, theirs)) in
                ["a", "b", "c", "d"].iter().zip(ours.columns().into_iter().zip(theirs.columns()))
            {
                // The values of c are 1e9 and differ by 1: a last digit of its mean, 1e-7, is seen in them once scaled.
                assert_all_close(ours, theirs, if *name == "c" { 1e-7 } else { 1e-12 });
            }
        }
    }
}

#[derive(Deserialize)]
struct OneHot {
    columns: Vec<Vec<Option<String>>>,
    unseen: Vec<Vec<Option<String>>>,
    cases: Vec<OneHotCase>,
}

#[derive(Deserialize)]
struct OneHotCase {
    drop: DropLevel,
    names: Vec<String>,
    train: Rows,
    unseen: Rows,
}

#[test]
fn one_hot_encoder() {
    let golden: OneHot = fixture("preprocessing/one_hot.json");
    let features = |columns: &[Vec<Option<String>>]| {
        let block = |(name, column): (&str, &Vec<Option<String>>)| {
            category(name, &column.iter().map(Option::as_deref).collect::<Vec<_>>())
        };
        Features::new(columns[0].len(), ["p", "q", "r", "s"].into_iter().zip(columns).map(block).collect()).unwrap()
    };
    let (x, unseen) = (features(&golden.columns), features(&golden.unseen));
    for case in golden.cases {
        for sparse in [false, true] {
            let recipe = OneHotEncoder::default().drop(case.drop).sparse_output(sparse);
            let (fitted, train) = recipe.fit_transform(Training::new(x.clone()), &Context::default()).unwrap();
            assert_eq!(names(&train), case.names);
            assert_eq!(values(&train), matrix(&case.train));
            assert_eq!(values(&fitted.transform(unseen.clone()).unwrap()), matrix(&case.unseen));
        }
    }
}

#[derive(Deserialize)]
struct Tfidf {
    english: Vec<String>,
    spanish: Vec<String>,
    unseen: Vec<String>,
    cases: Vec<TfidfCase>,
}

#[derive(Deserialize)]
struct TfidfCase {
    language: String,
    params: TfidfVectorizer,
    terms: Vec<String>,
    idf: Vec<f64>,
    train: Rows,
    unseen: Rows,
}

#[test]
fn tfidf_vectorizer() {
    let golden: Tfidf = fixture("preprocessing/tfidf.json");
    let features = |all: &[String]| texts("t", &all.iter().map(String::as_str).collect::<Vec<_>>());
    for case in golden.cases {
        let train = features(if case.language == "english" { &golden.english } else { &golden.spanish });
        let (fitted, x) = case.params.fit_transform(Training::new(train.clone()), &Context::default()).unwrap();
        assert_eq!(fitted.vocabularies().next().unwrap().iter().collect::<Vec<_>>(), case.terms, "{:?}", case.params);
        assert_all_close(&fitted.idf().collect::<Vec<_>>(), &case.idf, 1e-12);
        assert_all_close(&values(&x), &matrix(&case.train), 1e-12);
        assert_eq!(values(&fitted.transform(train).unwrap()), values(&x), "fit_transform is fit, then transform");
        assert_all_close(&values(&fitted.transform(features(&golden.unseen)).unwrap()), &matrix(&case.unseen), 1e-12);
    }
}

#[derive(Deserialize)]
struct Whole {
    columns: Table,
    unseen: Table,
    names: Vec<String>,
    train: Rows,
    new: Rows,
}

#[derive(Deserialize)]
struct Table {
    budget: Vec<Option<f64>>,
    duration: Vec<Option<f64>>,
    platform: Vec<Option<String>>,
    city: Vec<Option<String>>,
    title: Vec<Option<String>>,
}

impl Table {
    fn frame(self) -> Frame {
        Frame::builder()
            .optional_texts("title", self.title)
            .optional_texts("city", self.city)
            .optional_texts("platform", self.platform)
            .optional_numbers("duration", self.duration)
            .optional_numbers("budget", self.budget)
            .build()
            .unwrap()
    }
}

#[test]
fn column_transformer() {
    let golden: Whole = fixture("preprocessing/column_transformer.json");
    let imputer = SimpleImputer::new(Strategy::Median).add_indicator(true);
    let recipe = ColumnTransformer::new()
        .branch(Branch::new("numeric", ["budget", "duration"]).step(imputer).step(StandardScaler::default()))
        .branch(Branch::new("categorical", ["platform", "city"]).step(OneHotEncoder::default()))
        .branch(Branch::new("title", ["title"]).as_text().step(TfidfVectorizer::default().min_df(2)));
    let (fitted, x) = recipe.fit_transform(Training::new(golden.columns.frame()), &Context::default()).unwrap();
    assert_eq!(fitted.feature_names().collect::<Vec<_>>(), golden.names);
    assert_eq!(names(&x), golden.names);
    assert_all_close(&values(&x), &matrix(&golden.train), 1e-12);
    assert_all_close(&values(&fitted.transform(golden.unseen.frame()).unwrap()), &matrix(&golden.new), 1e-12);
}
