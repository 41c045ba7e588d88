//! What the steps do at the edges, and how they say no.

use crate::{category, names, texts, values};
use adflux_core::{Block, Column, Context, Error, Features, Fit, FitTransform, Rows as _, Training, Transform, Values};
use adflux_preprocessing::{
    DropLevel, HandleUnknown, OneHotEncoder, SimpleImputer, StandardScaler, Strategy, TfidfVectorizer,
};
use ndarray::{Array2, array};

fn dense(x: Array2<f64>) -> Features {
    let names: Vec<String> = (0..x.ncols()).map(|c| format!("x{c}")).collect();
    Features::from_dense(x, names).unwrap()
}

fn one_category(levels: &[Option<&str>]) -> Features {
    Features::new(levels.len(), vec![category("city", levels)]).unwrap()
}

#[track_caller]
fn says<T>(result: adflux_core::Result<T>, expected: &str) {
    match result {
        Ok(_) => panic!("no error, where `{expected}` was expected"),
        Err(error) => assert!(error.to_string().contains(expected), "{error}"),
    }
}

#[test]
fn a_column_without_values_is_named_unless_it_is_to_be_kept() {
    let x = || Training::new(dense(array![[1.0, f64::NAN], [2.0, f64::NAN]]));
    for strategy in [Strategy::Mean, Strategy::Median, Strategy::MostFrequent] {
        says(SimpleImputer::new(strategy).fit(x()), "column `x1`: every value is missing");
        let kept = SimpleImputer::new(strategy).keep_empty_features(true).fit(x()).unwrap();
        assert_eq!(kept.statistics()[1], 0.0);
    }
    assert_eq!(SimpleImputer::new(Strategy::Constant).fill_value(9.0).fit(x()).unwrap().statistics(), [9.0, 9.0]);
    let empty = || Training::new(one_category(&[None, None]));
    says(SimpleImputer::new(Strategy::MostFrequent).fit(empty()), "column `city`: every value is missing");
    let scaled = StandardScaler::default().fit_transform(x(), &Context::default()).unwrap().1;
    assert!(values(&scaled).column(1).iter().all(|v| v.is_nan()), "missing stays missing");
}

#[test]
fn numbers_have_means_and_categories_do_not() {
    let fit = SimpleImputer::new(Strategy::Mean).fit(Training::new(one_category(&[Some("a"), None])));
    says(fit, "column `city`: it is categorical and has no mean: use `most_frequent`");
}

#[test]
fn infinite_numbers_are_refused_at_fit_and_at_transform() {
    let (good, bad) = (dense(array![[1.0], [2.0]]), dense(array![[1.0], [f64::NEG_INFINITY]]));
    says(SimpleImputer::default().fit(Training::new(bad.clone())), "column `x0`, row 2: -inf");
    says(StandardScaler::default().fit(Training::new(bad.clone())), "column `x0`, row 2: -inf");
    let imputer = SimpleImputer::default().fit(Training::new(good.clone())).unwrap();
    says(imputer.transform(bad.clone()), "column `x0`, row 2: -inf");
    let scaler = StandardScaler::default().fit(Training::new(good)).unwrap();
    says(scaler.transform(bad), "column `x0`, row 2: -inf");
}

#[test]
fn constant_columns_and_single_rows_are_scaled_by_one() {
    let x = dense(array![[0.1, 5.0], [0.1, 6.0], [0.1, 7.0]]);
    let scaler = StandardScaler::default().fit(Training::new(x)).unwrap();
    assert_eq!(scaler.scale().next(), Some(1.0));
    let one = StandardScaler::default().fit_transform(Training::new(dense(array![[3.0]])), &Context::default());
    assert_eq!(values(&one.unwrap().1), array![[0.0]]);
}

#[test]
fn column_major_numbers_are_taken_as_well() {
    let x = array![[1.0, 10.0, 5.0], [3.0, 30.0, 9.0]];
    let columns = Array2::from_shape_vec((3, 2), vec![1.0, 3.0, 10.0, 30.0, 5.0, 9.0]).unwrap().reversed_axes();
    assert_eq!(x, columns);
    let scaler = StandardScaler::default().fit(Training::new(dense(x.clone()))).unwrap();
    assert_eq!(values(&scaler.transform(dense(columns)).unwrap()), values(&scaler.transform(dense(x)).unwrap()));
}

#[test]
fn no_rows_cannot_be_learned_from_but_can_be_transformed() {
    let (x, none) = (dense(array![[1.0], [2.0]]), dense(Array2::zeros((0, 1))));
    says(StandardScaler::default().fit(Training::new(none.clone())), "no rows");
    let scaler = StandardScaler::default().fit(Training::new(x)).unwrap();
    assert_eq!(scaler.transform(none).unwrap().rows(), 0);
    let encoder = OneHotEncoder::default().fit(Training::new(one_category(&[Some("a")]))).unwrap();
    assert_eq!(values(&encoder.transform(one_category(&[])).unwrap()).dim(), (0, 1));
    let words = TfidfVectorizer::default().fit(Training::new(texts("t", &["java"]))).unwrap();
    assert_eq!(values(&words.transform(texts("t", &[])).unwrap()).dim(), (0, 1));
}

#[test]
fn unknown_levels_are_zeros_or_an_error_as_asked() {
    let train = || Training::new(one_category(&[Some("Berlin"), Some("Paris")]));
    let unseen = || one_category(&[Some("Paris"), Some("Rome"), None]);
    let encoder = OneHotEncoder::default().fit(train()).unwrap();
    assert_eq!(values(&encoder.transform(unseen()).unwrap()), array![[0.0, 1.0], [0.0, 0.0], [0.0, 0.0]]);
    let strict = OneHotEncoder::default().handle_unknown(HandleUnknown::Error).fit(train()).unwrap();
    says(strict.transform(unseen()), "column `city`, row 2: the level `Rome` was not there in training");
    says(strict.transform(one_category(&[None])), "row 1: a missing value was not there");
    // A dropped level is known.
    let dropped = OneHotEncoder::default().handle_unknown(HandleUnknown::Error).drop(DropLevel::First).fit(train());
    assert!(dropped.unwrap().transform(one_category(&[Some("Berlin")])).is_ok());
}

#[test]
fn levels_that_no_row_has_get_no_column() {
    let x = one_category(&[Some("a"), Some("b"), None]).take(&[1]);
    let encoded = OneHotEncoder::default().fit_transform(Training::new(x), &Context::default()).unwrap().1;
    assert_eq!(names(&encoded), ["city=b"]);
}

#[test]
fn a_level_called_missing_and_missing_values_are_kept_apart() {
    let x = one_category(&[Some("missing"), None]);
    let encoded = OneHotEncoder::default().fit_transform(Training::new(x), &Context::default()).unwrap().1;
    assert_eq!(names(&encoded), ["city=missing", "city=(missing)"]);
    assert_eq!(values(&encoded), array![[1.0, 0.0], [0.0, 1.0]]);
}

#[test]
fn blocks_that_a_step_does_not_take_name_the_step_that_converts_them() {
    let text = || Training::new(texts("title", &["java"]));
    says(StandardScaler::default().fit(text()), "`standard-scaler` does not take text features (column `title`)");
    says(OneHotEncoder::default().fit(text()), "put a tfidf-vectorizer before it");
    says(SimpleImputer::default().fit(text()), "`simple-imputer` does not take text features");
    says(OneHotEncoder::default().fit(Training::new(dense(array![[1.0]]))), "does not take dense features");
    says(TfidfVectorizer::default().fit(Training::new(one_category(&[Some("a")]))), "`as_text()`");
}

#[test]
fn a_fitted_step_wants_the_columns_it_was_fitted_on() {
    let scaler = StandardScaler::default().fit(Training::new(dense(array![[1.0, 2.0]]))).unwrap();
    let swapped = Features::from_dense(array![[1.0, 2.0]], ["x1", "x0"]).unwrap();
    says(scaler.transform(swapped), "column `x1`: `standard-scaler` was fitted on `x0` in its place");
    says(scaler.transform(dense(array![[1.0]])), "fitted on 2 columns and is given 1");
    says(scaler.transform(one_category(&[None])), "fitted on numbers here");
    let two = [Column::input("x0"), Column::input("x1")];
    let blocks = two.map(|c| Block::new(vec![c], Values::Dense(array![[1.0]])).unwrap());
    says(scaler.transform(Features::new(1, blocks.into()).unwrap()), "fitted on 1 blocks of features and is given 2");
}

#[test]
fn vectorizer_parameters_are_checked_and_an_empty_vocabulary_names_the_column() {
    let fit = |recipe: TfidfVectorizer, all: &[&str]| recipe.fit(Training::new(texts("title", all)));
    let default = TfidfVectorizer::default;
    says(fit(default(), &["", "a ¿?"]), "column `title`: empty vocabulary");
    says(
        fit(default().min_df(3), &["java", "java sql"]),
        "`min_df` = 3: asks for more texts than the 2 that there are",
    );
    says(fit(default().min_df(2), &["java", "sql"]), "column `title`: none of 2 terms");
    says(fit(default().ngram_range((2, 1)), &["java"]), "parameter `ngram_range`");
    says(fit(default().ngram_range((1, 17)), &["java"]), "a run has at most 16 words");
    says(fit(default().max_features(0), &["java"]), "parameter `max_features`");
    says(fit(default().max_df(1.5), &["java"]), "parameter `max_df`");
}

#[test]
fn a_cancelled_fit_stops() {
    let context = Context::default();
    context.cancel_token().cancel();
    let x = Training::new(dense(array![[1.0]]));
    assert!(matches!(StandardScaler::default().fit_with(x, &context), Err(Error::Cancelled)));
}
