//! Every component of the crate through the conformance kit.

use crate::reduction::{dense_and_sparse, four_columns};
use crate::{category, texts};
use adflux_core::{ClassTarget, Features, Target, Then as _, Training};
use adflux_data::Frame;
use adflux_preprocessing::{
    BinEncoding, BinStrategy, Branch, CappingMethod, ColumnTransformer, DateFeatures, DatePart, DropLevel,
    HandleUnknown, KBinsDiscretizer, Log1pTransformer, MinMaxScaler, Norm, OneHotEncoder, OutputDistribution,
    PolynomialFeatures, PowerMethod, PowerTransformer, QuantileTransformer, Ratio, RatioFeatures, Remainder,
    RobustScaler, SimpleImputer, StandardScaler, Strategy, Tail, TfidfVectorizer, Winsorizer, register,
};
use adflux_preprocessing::{
    CategoryEncoder, CountVectorizer, FrequencyEncoder, FrequencyFallback, HashingEncoder, HashingVectorizer,
    MultiLabelBinarizer, OrdinalEncoder, OrdinalUnknown, Smooth, Stemming, TargetEncoder, Unit,
};
use adflux_preprocessing::{
    CorrelationThreshold, Pca, ScoreFunction, SelectKBest, SvdAlgorithm, SvdSolver, TruncatedSvd, VarianceThreshold,
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
fn min_max_scaler() {
    let recipe = MinMaxScaler::default();
    for recipe in [recipe.clone(), recipe.clone().feature_range((-1.0, 1.0)).clip(true)] {
        conformance::transform(recipe, numbers())
            .registry(register)
            .keeps_missing_values()
            .refuses("feature_range", MinMaxScaler::default().feature_range((1.0, 1.0)))
            .refuses("feature_range", MinMaxScaler::default().feature_range((0.0, f64::INFINITY)))
            .check();
    }
}

#[test]
fn robust_scaler() {
    let recipe = RobustScaler::default();
    for recipe in [recipe.clone(), recipe.clone().with_centering(false).unit_variance(true), recipe.with_scaling(false)]
    {
        conformance::transform(recipe, numbers())
            .registry(register)
            .keeps_missing_values()
            .refuses("quantile_range", RobustScaler::default().quantile_range((80.0, 20.0)))
            .refuses("quantile_range", RobustScaler::default().quantile_range((-1.0, f64::NAN)))
            .refuses("quantile_range", RobustScaler::default().quantile_range((0.0, 75.0)).unit_variance(true))
            .check();
    }
}

#[test]
fn quantile_transformer() {
    let recipe = QuantileTransformer::default();
    let normal = recipe.clone().output_distribution(OutputDistribution::Normal).n_quantiles(8).subsample(20);
    for recipe in [recipe, normal] {
        conformance::transform(recipe, numbers())
            .registry(register)
            .keeps_missing_values()
            .refuses("n_quantiles", QuantileTransformer::default().n_quantiles(0))
            .refuses("n_quantiles", QuantileTransformer::default().subsample(999))
            .check();
    }
}

#[test]
fn power_transformer() {
    let yeo_johnson = PowerTransformer::default();
    for recipe in [yeo_johnson.clone(), yeo_johnson.standardize(false)] {
        conformance::transform(recipe, numbers()).registry(register).keeps_missing_values().check();
    }
    let (x, rest) = numbers().split();
    let x = Features::from_dense(x.dense("test").unwrap() + 1.0, ["budget", "duration", "audience"]).unwrap();
    conformance::transform(PowerTransformer::new(PowerMethod::BoxCox), rest.replace(x))
        .registry(register)
        .keeps_missing_values()
        .check();
}

#[test]
fn log1p_transformer() {
    conformance::transform(Log1pTransformer::default(), numbers()).registry(register).keeps_missing_values().check();
}

#[test]
fn winsorizer() {
    for method in [CappingMethod::Gaussian, CappingMethod::Iqr, CappingMethod::Quantiles] {
        conformance::transform(Winsorizer::new(method).tail(Tail::Both).fold(0.2), numbers())
            .registry(register)
            .keeps_missing_values()
            .refuses("fold", Winsorizer::new(method).fold(0.0))
            .refuses("fold", Winsorizer::new(method).fold(f64::NAN))
            .refuses("fold", Winsorizer::new(CappingMethod::Quantiles).fold(0.21))
            .check();
    }
}

#[test]
fn k_bins_discretizer() {
    for strategy in [BinStrategy::Uniform, BinStrategy::Quantile, BinStrategy::Kmeans] {
        for encode in [BinEncoding::Onehot, BinEncoding::OnehotDense, BinEncoding::Ordinal] {
            conformance::transform(KBinsDiscretizer::new(3).strategy(strategy).encode(encode), numbers())
                .registry(register)
                .refuses("n_bins", KBinsDiscretizer::new(1))
                .refuses("n_bins", KBinsDiscretizer::new(10_001))
                .refuses("subsample", KBinsDiscretizer::new(2).subsample(0))
                .check();
        }
    }
}

#[test]
fn polynomial_features() {
    let recipe = PolynomialFeatures::default();
    for recipe in [recipe.clone(), recipe.degree(3).interaction_only(true).include_bias(false)] {
        conformance::transform(recipe, numbers())
            .registry(register)
            .refuses("degree", PolynomialFeatures::new(0))
            .refuses("degree", PolynomialFeatures::new(100))
            .check();
    }
}

#[test]
fn ratio_features() {
    let recipe = RatioFeatures::new([Ratio::new("budget", "duration").name("rate")]);
    let counted = numbers();
    let x = counted.x.dense("test").unwrap().clone();
    // Shares of a whole: the second column is never smaller than the first.
    let x = ndarray::concatenate![ndarray::Axis(1), x.slice(ndarray::s![.., ..1]), x.slice(ndarray::s![.., ..2])];
    let x = Features::from_dense(x + &ndarray::array![[0.0, 3.0, 5.0]], ["budget", "duration", "audience"]).unwrap();
    for recipe in [recipe.clone(), recipe.prior_strength(2.0).keep_inputs(false)] {
        conformance::transform(recipe, counted.clone().replace(x.clone()))
            .registry(register)
            .keeps_missing_values()
            .refuses("pairs", RatioFeatures::default())
            .refuses("prior_strength", RatioFeatures::new([Ratio::new("budget", "duration")]).prior_strength(-1.0))
            .check();
    }
}

#[test]
fn date_features() {
    let every = [
        DatePart::Year,
        DatePart::Quarter,
        DatePart::Month,
        DatePart::Week,
        DatePart::Day,
        DatePart::DayOfYear,
        DatePart::Weekday,
        DatePart::IsWeekend,
        DatePart::Hour,
        DatePart::Elapsed,
        DatePart::MonthCycle,
        DatePart::DayOfYearCycle,
        DatePart::WeekdayCycle,
        DatePart::HourCycle,
    ];
    for recipe in [DateFeatures::default(), DateFeatures::new(every)] {
        conformance::transform(recipe, numbers())
            .registry(register)
            .keeps_missing_values()
            .refuses("parts", DateFeatures::new([]))
            .refuses("parts", DateFeatures::new([DatePart::Year, DatePart::Year]))
            .check();
    }
}

#[test]
fn one_hot_encoder() {
    let plain = OneHotEncoder::default();
    let strict = OneHotEncoder::default().handle_unknown(HandleUnknown::Error).drop(DropLevel::First);
    let sparse = OneHotEncoder::default().sparse_output(true).drop(DropLevel::IfBinary);
    let pooled = OneHotEncoder::default().max_categories(2).handle_unknown(HandleUnknown::InfrequentIfExist);
    for recipe in [plain, strict, sparse, pooled] {
        conformance::transform(recipe.clone(), choices())
            .registry(register)
            .refuses("min_frequency", recipe.clone().min_frequency(0))
            .refuses("max_categories", recipe.max_categories(0))
            .check();
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

fn choices_without_gaps() -> Training<Features> {
    let of = |levels: &[&'static str]| -> Vec<Option<&str>> {
        (0..ROWS).map(|row| Some(levels[row % levels.len()])).collect()
    };
    let platform = category("platform", &of(&["META", "GOOGLE", "TIKTOK"]));
    Training::new(Features::new(ROWS, vec![platform, category("level", &of(&["junior", "senior"]))]).unwrap())
}

#[test]
fn ordinal_encoder() {
    let strict = OrdinalEncoder::default();
    conformance::transform(strict.clone(), choices_without_gaps()).registry(register).check();
    let recipe = OrdinalEncoder::default().unknown_value(-1.0).encoded_missing_value(-2.0).max_categories(2);
    conformance::transform(recipe.clone(), choices_without_gaps())
        .registry(register)
        .refuses("unknown_value", recipe.clone().unknown_value(0.0))
        .refuses("unknown_value", recipe.clone().unknown_value(0.5))
        .refuses("unknown_value", strict.handle_unknown(OrdinalUnknown::UseEncodedValue))
        .refuses("min_frequency", recipe.clone().min_frequency(0))
        .refuses("max_categories", recipe.max_categories(0))
        .check();
}

#[test]
fn category_encoder() {
    let pooled = CategoryEncoder::default().max_categories(2).handle_unknown(HandleUnknown::InfrequentIfExist);
    let strict = CategoryEncoder::default().handle_unknown(HandleUnknown::Error).min_frequency(0.1);
    for recipe in [CategoryEncoder::default(), pooled, strict] {
        conformance::transform(recipe.clone(), choices())
            .registry(register)
            .refuses("min_frequency", recipe.clone().min_frequency(1.5))
            .refuses("max_categories", recipe.max_categories(0))
            .check();
    }
}

#[test]
fn frequency_encoder() {
    for recipe in [FrequencyEncoder::default(), FrequencyEncoder::default().normalize(true)] {
        conformance::transform(recipe, choices()).registry(register).check();
    }
    let gaps = FrequencyEncoder::default().handle_missing(FrequencyFallback::ReturnNan);
    conformance::transform(gaps, choices_without_gaps()).registry(register).keeps_missing_values().check();
    let strict =
        FrequencyEncoder::default().handle_unknown(FrequencyFallback::Error).handle_missing(FrequencyFallback::Error);
    conformance::transform(strict, choices_without_gaps()).registry(register).check();
}

#[test]
fn hashing_encoder() {
    let recipe = HashingEncoder::default().n_features(8);
    conformance::transform(recipe.clone(), choices())
        .registry(register)
        .refuses("n_features", recipe.clone().n_features(0))
        .refuses("n_features", recipe.clone().n_features(usize::MAX))
        .check();
    conformance::transform(recipe.alternate_sign(false).seed(7), choices()).registry(register).check();
}

#[test]
fn target_encoder() {
    let numbers = Target::Values((0..ROWS).map(|row| ((row * 11) % 7) as f64).collect());
    let labels: Vec<&str> = (0..ROWS).map(|row| ["no", "yes", "perhaps"][(row * 5) % 7 % 3]).collect();
    let classes = Target::Classes(ClassTarget::from_labels(&labels));
    let recipe = TargetEncoder::default();
    for target in [numbers, classes] {
        conformance::transform(recipe.clone(), choices().with_target(target))
            .registry(register)
            .cross_fits()
            .refuses("cv", recipe.clone().cv(1))
            .refuses("smooth", recipe.clone().smooth(Smooth::Rows(-1.0)))
            .refuses("smooth", recipe.clone().smooth(Smooth::Rows(f64::NAN)))
            .check();
    }
}

#[test]
fn multi_label_binarizer() {
    let all = ["java; sql", "sql", "", "go;java", "excel"];
    let lists: Vec<&str> = (0..ROWS).map(|row| all[row % all.len()]).collect();
    let recipe = MultiLabelBinarizer::default();
    for recipe in [recipe.clone(), recipe.sparse_output(false).min_df(2).max_features(3)] {
        conformance::transform(recipe.clone(), Training::new(texts("skills", &lists)))
            .registry(register)
            .refuses("separator", recipe.clone().separator(""))
            .refuses("min_df", recipe.clone().min_df(-0.5))
            .refuses("max_features", recipe.max_features(0))
            .check();
    }
}

#[test]
fn count_vectorizer() {
    let recipe = CountVectorizer::default();
    conformance::transform(recipe.clone(), titles())
        .registry(register)
        .refuses("ngram_range", recipe.clone().ngram_range((2, 1)))
        .refuses("min_df", recipe.clone().min_df(1.5))
        .refuses("max_df", recipe.clone().max_df(f64::NAN))
        .refuses("max_features", recipe.clone().max_features(0))
        .refuses("stemming", recipe.clone().stemming(Stemming::English).lowercase(false))
        .check();
    let characters = recipe.analyzer(Unit::CharWb).ngram_range((2, 4)).max_features(50).binary(true);
    conformance::transform(characters, titles()).registry(register).check();
}

#[test]
fn hashing_vectorizer() {
    let recipe = HashingVectorizer::default().n_features(16);
    conformance::transform(recipe.clone(), titles())
        .registry(register)
        .refuses("n_features", recipe.clone().n_features(0))
        .refuses("ngram_range", recipe.clone().ngram_range((0, 1)))
        .check();
    let stems = recipe.stemming(Stemming::English).binary(true).norm(Norm::L1).alternate_sign(false);
    conformance::transform(stems, titles()).registry(register).check();
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

fn four() -> Training<Features> {
    Training::new(four_columns(ROWS))
}

fn both() -> Training<Features> {
    Training::new(dense_and_sparse(ROWS))
}

fn three_classes() -> Target {
    let labels: Vec<&str> = (0..ROWS).map(|r| ["a", "b", "c"][r % 3]).collect();
    Target::Classes(ClassTarget::from_labels(&labels))
}

#[test]
fn pca() {
    for recipe in [
        Pca::default(),
        Pca::new(0.9).svd_solver(SvdSolver::Full),
        Pca::new(2).whiten(true).svd_solver(SvdSolver::CovarianceEigh),
        Pca::new(2).svd_solver(SvdSolver::Randomized).iterated_power(3),
    ] {
        conformance::transform(recipe, four()).registry(register).check();
    }
    conformance::transform(Pca::new(2), four())
        .registry(register)
        .refuses("n_components", Pca::new(0))
        .refuses("n_components", Pca::new(5))
        .refuses("n_components", Pca::new(1.0))
        .refuses("n_oversamples", Pca::new(2).n_oversamples(0))
        .refuses("iterated_power", Pca::new(2).iterated_power(1001))
        .refuses("svd_solver", Pca::new(0.5).svd_solver(SvdSolver::Randomized))
        .check();
}

#[test]
fn truncated_svd() {
    let exact = TruncatedSvd::new(3).algorithm(SvdAlgorithm::Exact);
    for (recipe, data) in [(TruncatedSvd::new(2), both()), (TruncatedSvd::default(), four()), (exact, both())] {
        conformance::transform(recipe, data).registry(register).check();
    }
    conformance::transform(TruncatedSvd::new(2), both())
        .registry(register)
        .refuses("n_components", TruncatedSvd::new(0))
        .refuses("n_components", TruncatedSvd::new(9))
        .refuses("n_iter", TruncatedSvd::new(2).n_iter(1001))
        .refuses("n_oversamples", TruncatedSvd::new(2).n_oversamples(0))
        .check();
}

#[test]
fn variance_threshold() {
    for (recipe, data) in [(VarianceThreshold::default(), both()), (VarianceThreshold::new(4.0), four())] {
        conformance::transform(recipe, data)
            .registry(register)
            .keeps_missing_values()
            .refuses("threshold", VarianceThreshold::new(-1.0))
            .refuses("threshold", VarianceThreshold::new(f64::NAN))
            .check();
    }
}

#[test]
fn correlation_threshold() {
    let target = Target::Values((0..ROWS).map(|r| ((r * 5) % 13) as f64).collect());
    for data in [both(), four().with_target(target), four().with_target(three_classes())] {
        conformance::transform(CorrelationThreshold::new(0.5), data)
            .registry(register)
            .refuses("threshold", CorrelationThreshold::new(-0.5))
            .refuses("threshold", CorrelationThreshold::new(f64::NAN))
            .check();
    }
}

#[test]
fn select_k_best() {
    let target = Target::Values((0..ROWS).map(|r| ((r * 5) % 13) as f64).collect());
    let regression = SelectKBest::new(2).score_func(ScoreFunction::FRegression);
    conformance::transform(regression, both().with_target(target)).registry(register).check();
    let chi2 = SelectKBest::new(2).score_func(ScoreFunction::Chi2).share(0.5);
    conformance::transform(chi2, numbers().with_target(three_classes())).registry(register).check();
    conformance::transform(SelectKBest::new(3), both().with_target(three_classes()))
        .registry(register)
        .refuses("k", SelectKBest::new(0))
        .refuses("share", SelectKBest::new(2).share(0.0))
        .refuses("share", SelectKBest::new(2).share(1.5))
        .check();
}
