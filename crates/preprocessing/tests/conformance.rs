//! Every component of the crate through the conformance kit.

use crate::{category, texts};
use adflux_core::{Features, Then as _, Training};
use adflux_data::Frame;
use adflux_preprocessing::{
    Branch, ColumnTransformer, DropLevel, HandleUnknown, Norm, OneHotEncoder, Remainder, SimpleImputer, StandardScaler,
    Strategy, TfidfVectorizer, register,
};
use adflux_testing::conformance;
use ndarray::Array2;

const ROWS: usize = 30;

fn numbers() -> Training<Features> {
    let x = Array2::from_shape_fn((ROWS, 3), |(row, column)| {
        ((row * 7 + column * 3) % 11) as f64 * 1.5_f64.powi(column as i32)
    });
    Training::new(Features::from_dense(x, ["budget", "duration", "audience"]).unwrap())
}

fn choices() -> Training<Features> {
    let of = |levels: &[&'static str], missing: usize| -> Vec<Option<&str>> {
        (0..ROWS).map(|row| (row % missing != 0).then(|| levels[row % levels.len()])).collect()
    };
    let platform = category("platform", &of(&["META", "GOOGLE", "TIKTOK"], usize::MAX));
    let level = category("level", &of(&["junior", "senior"], 5));
    Training::new(Features::new(ROWS, vec![platform, level]).unwrap())
}

const TITLES: [&str; 5] =
    ["Nurse wanted in Madrid", "Senior data engineer", "Data engineer in Lima", "Night nurse", "Driver wanted"];

fn titles() -> Training<Features> {
    let all: Vec<&str> = (0..ROWS).map(|row| TITLES[row % TITLES.len()]).collect();
    Training::new(texts("title", &all))
}

#[test]
fn simple_imputer() {
    for strategy in [Strategy::Mean, Strategy::Median, Strategy::MostFrequent, Strategy::Constant] {
        conformance::transform(SimpleImputer::new(strategy), numbers())
            .registry(register)
            .takes_missing_values()
            .check();
    }
    for strategy in [Strategy::MostFrequent, Strategy::Constant] {
        conformance::transform(SimpleImputer::new(strategy), choices()).registry(register).check();
    }
    conformance::transform(SimpleImputer::default().add_indicator(true).keep_empty_features(true), numbers())
        .registry(register)
        .takes_missing_values()
        .refuses("fill_value", SimpleImputer::new(Strategy::Constant).fill_value(f64::NAN))
        .refuses("fill_value", SimpleImputer::new(Strategy::Constant).fill_value(f64::INFINITY))
        .check();
}

#[test]
fn standard_scaler() {
    for (with_mean, with_std) in [(true, true), (true, false), (false, true)] {
        let recipe = StandardScaler::default().with_mean(with_mean).with_std(with_std);
        conformance::transform(recipe, numbers()).registry(register).keeps_missing_values().check();
    }
}

#[test]
fn one_hot_encoder() {
    let plain = OneHotEncoder::default();
    let strict = OneHotEncoder::default().handle_unknown(HandleUnknown::Error).drop(DropLevel::First);
    let sparse = OneHotEncoder::default().sparse_output(true).drop(DropLevel::IfBinary);
    for recipe in [plain, strict, sparse] {
        conformance::transform(recipe, choices()).registry(register).check();
    }
}

#[test]
fn tfidf_vectorizer() {
    let recipe = TfidfVectorizer::default();
    conformance::transform(recipe.clone(), titles())
        .registry(register)
        .refuses("ngram_range", recipe.clone().ngram_range((0, 1)))
        .refuses("ngram_range", recipe.clone().ngram_range((2, 1)))
        .refuses("min_df", recipe.clone().min_df(1.5))
        .refuses("max_df", recipe.clone().max_df(f64::NAN))
        .refuses("max_features", recipe.clone().max_features(0))
        .check();
    let counts = recipe.norm(Norm::None).use_idf(false).sublinear_tf(true).ngram_range((1, 2));
    conformance::transform(counts, titles()).registry(register).check();
}

/// Campaigns of every kind of column, and one that nothing reads.
fn campaigns() -> Training<Frame> {
    let platforms = ["META", "GOOGLE", "TIKTOK"];
    let frame = Frame::builder()
        .numbers("unread", (0..ROWS).map(|r| r as f64).collect())
        .numbers("budget", (0..ROWS).map(|r| 100.0 + ((r * 13) % 17) as f64).collect())
        .optional_integers("days", (0..ROWS).map(|r| (r % 6 != 0).then_some((r % 7) as i64)).collect())
        .booleans("remote", (0..ROWS).map(|r| r % 3 == 0).collect())
        .optional_texts("platform", (0..ROWS).map(|r| (r % 8 != 0).then_some(platforms[r % 3])))
        .texts("title", (0..ROWS).map(|r| TITLES[r % TITLES.len()]));
    Training::new(frame.build().unwrap())
}

#[test]
fn column_transformer() {
    let recipe = ColumnTransformer::new()
        .branch(
            Branch::new("numbers", ["budget", "days", "remote"])
                .step(SimpleImputer::default().add_indicator(true))
                .step(StandardScaler::default()),
        )
        .branch(Branch::new("choices", ["platform"]).step(OneHotEncoder::default()))
        .branch(Branch::new("title", ["title"]).as_text().step(TfidfVectorizer::default()));
    conformance::preprocessor(recipe, campaigns()).registry(register).takes_missing_values().check();
}

#[test]
fn column_transformer_of_columns_as_they_are() {
    let complete = |frame: Frame| frame.without(&["platform", "title", "days"]);
    let data = campaigns();
    let x = complete(data.x.clone());
    let budget = Branch::new("budget", ["budget"]);
    let recipe = ColumnTransformer::new().branch(budget).remainder(Remainder::Passthrough);
    conformance::preprocessor(recipe, data.replace(x))
        .registry(register)
        .keeps_missing_values()
        .keeps_infinite_values()
        .check();
}

#[test]
fn chain() {
    let recipe = SimpleImputer::default().then(StandardScaler::default());
    conformance::transform(recipe, numbers()).takes_missing_values().check();
}
