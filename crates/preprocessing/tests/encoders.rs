//! The encoders: against scikit-learn and category_encoders (fixtures made by `tests/golden/make_encoders.py`), and what they
//! refuse.

use crate::{Rows, category, matrix, names, texts, values};
use adflux_core::{
    Column, Context, Error, Features, Fit, FitTransform, Result, Rows as _, Target, Training, Transform, Values,
    training::ClassTarget,
};
use adflux_preprocessing::{
    CategoryEncoder, FrequencyEncoder, FrequencyFallback, HandleUnknown, HashingEncoder, MultiLabelBinarizer,
    OneHotEncoder, OrdinalEncoder, OrdinalUnknown, Smooth, TargetEncoder, TargetType,
};
use adflux_testing::{assert_all_close, fixture};
use ndarray::{Array1, Array2, array};
use proptest::{collection::vec, option, prelude::*};
use serde::{Deserialize, de::DeserializeOwned};

type Columns = Vec<Vec<Option<String>>>;

fn features(columns: &Columns) -> Features {
    let block = |(name, column): (&str, &Vec<Option<String>>)| {
        category(name, &column.iter().map(Option::as_deref).collect::<Vec<_>>())
    };
    Features::new(columns[0].len(), ["city", "shift", "remote"].into_iter().zip(columns).map(block).collect()).unwrap()
}

fn one(levels: &[Option<&str>]) -> Features {
    Features::new(levels.len(), vec![category("city", levels)]).unwrap()
}

fn says<T: std::fmt::Debug>(result: Result<T>, what: &str) {
    let said = result.unwrap_err().to_string();
    assert!(said.contains(what), "{said}");
}

#[derive(Deserialize)]
#[serde(bound = "P: DeserializeOwned")]
struct Golden<P> {
    train: Columns,
    unseen: Columns,
    cases: Vec<Case<P>>,
}

#[derive(Deserialize)]
struct Case<P> {
    params: P,
    #[serde(default)]
    names: Vec<String>,
    train: Rows,
    unseen: Rows,
}

/// Fits every case of a fixture and compares what comes out; the names too where the fixture has some.
fn compare<P>(name: &str)
where
    P: DeserializeOwned + std::fmt::Debug + FitTransform<Features>,
    P::Fitted: Transform<Features, Output = Features>,
{
    let golden: Golden<P> = fixture(name);
    assert!(!golden.cases.is_empty());
    for case in golden.cases {
        let training = Training::new(features(&golden.train));
        let (fitted, train) = case.params.fit_transform(training, &Context::default()).unwrap();
        if !case.names.is_empty() {
            assert_eq!(names(&train), case.names, "{:?}", case.params);
        }
        assert_all_close(&values(&train), &matrix(&case.train), 1e-12);
        assert_all_close(&values(&fitted.transform(features(&golden.unseen)).unwrap()), &matrix(&case.unseen), 1e-12);
    }
}

#[test]
fn rare_levels_of_the_one_hot_encoder() {
    compare::<OneHotEncoder>("encoders/one_hot.json");
}

#[test]
fn ordinal_encoder() {
    compare::<OrdinalEncoder>("encoders/ordinal.json");
}

#[test]
fn frequency_encoder() {
    compare::<FrequencyEncoder>("encoders/frequency.json");
}

#[derive(Deserialize)]
struct Hashed {
    unseen: Columns,
    cases: Vec<HashedCase>,
}

#[derive(Deserialize)]
struct HashedCase {
    params: HashingEncoder,
    entries: Vec<(usize, usize, f64)>,
}

#[test]
fn hashing_encoder() {
    let golden: Hashed = fixture("encoders/hashing.json");
    for case in golden.cases {
        let x = features(&golden.unseen);
        let hashed = case.params.fit_transform(Training::new(x), &Context::default()).unwrap().1;
        let mut expected = Array2::zeros((golden.unseen[0].len(), case.params.n_features));
        case.entries.iter().for_each(|&(row, column, value)| expected[[row, column]] = value);
        assert_eq!(values(&hashed), expected, "{:?}", case.params);
        assert_eq!(hashed.columns().next().unwrap().name, "city+shift+remote#0");
        assert!(hashed.columns().all(|c| c.sources == ["city", "shift", "remote"]));
    }
}

#[test]
fn another_seed_is_another_hash() {
    let x = one(&[Some("a"), Some("b"), Some("c"), Some("d")]);
    let of = |seed| HashingEncoder::default().n_features(64).seed(seed).fit(Training::new(x.clone())).unwrap();
    assert_ne!(values(&of(0).transform(x.clone()).unwrap()), values(&of(1).transform(x.clone()).unwrap()));
}

#[derive(Deserialize)]
struct Targets {
    train: Columns,
    unseen: Columns,
    targets: Kinds,
    cases: Vec<TargetCase>,
    constant: Rows,
}

#[derive(Deserialize)]
struct Kinds {
    numbers: Vec<f64>,
    two: Vec<String>,
    three: Vec<String>,
}

#[derive(Deserialize)]
struct TargetCase {
    target: String,
    smooth: Smooth,
    mean: Vec<f64>,
    crossed: Rows,
    train: Rows,
    unseen: Rows,
}

#[test]
fn target_encoder() {
    let golden: Targets = fixture("encoders/target.json");
    let numbers = Target::Values(golden.targets.numbers.clone().into());
    let x = || features(&golden.train);
    for case in &golden.cases {
        let target = match case.target.as_str() {
            "two" => Target::Classes(ClassTarget::from_labels(&golden.targets.two)),
            "three" => Target::Classes(ClassTarget::from_labels(&golden.targets.three)),
            _ => numbers.clone(),
        };
        let recipe = TargetEncoder::default().smooth(case.smooth).cv(3).shuffle(false);
        let training = Training::new(x()).with_target(target);
        let (fitted, crossed) = recipe.fit_transform(training, &Context::default()).unwrap();
        assert_all_close(fitted.target_mean(), &case.mean, 1e-12);
        assert_all_close(&values(&crossed), &matrix(&case.crossed), 1e-10);
        assert_all_close(&values(&fitted.transform(x()).unwrap()), &matrix(&case.train), 1e-10);
        assert_all_close(&values(&fitted.transform(features(&golden.unseen)).unwrap()), &matrix(&case.unseen), 1e-10);
        let first = names(&crossed)[0];
        assert_eq!(first, if case.target == "three" { "city:target=low" } else { "city:target" });
    }
    let constant = Target::Values(Array1::from_elem(golden.targets.numbers.len(), 2.5));
    let recipe = TargetEncoder::default().cv(3).shuffle(false);
    let crossed = recipe.fit_transform(Training::new(x()).with_target(constant), &Context::default()).unwrap().1;
    assert_all_close(&values(&crossed), &matrix(&golden.constant), 1e-12);
}

/// Pseudo-random numbers between 0 and 1.
fn noise(n: usize, salt: u64) -> Vec<f64> {
    use rand::RngExt as _;
    let mut stream = adflux_core::random::stream(salt, &[]);
    (0..n).map(|_| stream.random::<f64>()).collect()
}

fn correlation(a: ndarray::ArrayView1<'_, f64>, b: &[f64]) -> f64 {
    let b = ndarray::ArrayView1::from(b);
    let (da, db) = (&a - a.mean().unwrap(), &b - b.mean().unwrap());
    da.dot(&db) / (da.dot(&da) * db.dot(&db)).sqrt()
}

#[test]
fn the_target_of_a_row_does_not_leak_into_its_feature() {
    let rows = 3_000;
    // 600 levels that have nothing to do with the target: five rows each.
    let levels: Vec<String> = noise(rows, 1).iter().map(|u| format!("level {}", (u * 600.0) as usize)).collect();
    let x = one(&levels.iter().map(|l| Some(l.as_str())).collect::<Vec<_>>());
    let y = noise(rows, 2);
    for smooth in [Smooth::Auto, Smooth::Rows(0.0)] {
        let training = Training::new(x.clone()).with_target(Target::Values(y.clone().into()));
        let (fitted, crossed) =
            TargetEncoder::default().smooth(smooth).fit_transform(training, &Context::default()).unwrap();
        let naive = values(&fitted.transform(x.clone()).unwrap());
        assert!(correlation(naive.column(0), &y) > 0.35, "the naive encoding should leak");
        let crossed = correlation(values(&crossed).column(0), &y);
        assert!(crossed.abs() < 0.08, "{smooth:?}: {crossed}");
    }
}

#[test]
fn a_level_that_tells_something_is_still_of_use() {
    let y = noise(1_000, 3);
    let levels: Vec<&str> = y.iter().map(|y| if *y > 0.5 { "high" } else { "low" }).collect();
    let x = one(&levels.iter().map(|l| Some(*l)).collect::<Vec<_>>());
    let training = Training::new(x).with_target(Target::Values(y.clone().into()));
    let crossed = TargetEncoder::default().fit_transform(training, &Context::default()).unwrap().1;
    assert!(correlation(values(&crossed).column(0), &y) > 0.8);
}

#[test]
fn rows_of_one_group_are_encoded_without_each_other() {
    // A level for each group, and one target a group: whoever sees a row of the group knows the target.
    let group: Vec<u32> = (0..200).map(|row| row % 40).collect();
    let levels: Vec<String> = group.iter().map(|g| format!("candidate {g}")).collect();
    let y: Vec<f64> = group.iter().map(|g| noise(1, u64::from(*g))[0]).collect();
    let x = one(&levels.iter().map(|l| Some(l.as_str())).collect::<Vec<_>>());
    let training = Training::new(x).with_target(Target::Values(y.clone().into()));
    let encode = |training| {
        let x = TargetEncoder::default().smooth(Smooth::Rows(0.0)).fit_transform(training, &Context::default());
        values(&x.unwrap().1)
    };
    assert!(correlation(encode(training.clone()).column(0), &y) > 0.99, "without groups the target is seen");
    let kept = encode(training.with_groups(group.into()));
    let mut means: Vec<u64> = kept.iter().map(|v| v.to_bits()).collect();
    means.sort_unstable();
    means.dedup();
    assert!(means.len() <= 5, "every level is new to the other folds, so there is one mean a fold: {}", means.len());
}

#[test]
fn folds_are_contiguous_in_time() {
    let x = one(&(0..20).map(|_| Some("a")).collect::<Vec<_>>());
    let y: Array1<f64> = (0..20).map(f64::from).collect();
    let time: Array1<i64> = (0..20).rev().collect();
    let training = Training::new(x).with_target(Target::Values(y)).with_time(time);
    let encoded = TargetEncoder::default().cv(2).smooth(Smooth::Rows(0.0)).fit_transform(training, &Context::default());
    // Each half is encoded by the mean of the other.
    let expected: Vec<f64> = (0..20).map(|row| if row < 10 { 14.5 } else { 4.5 }).collect();
    assert_all_close(&values(&encoded.unwrap().1).column(0).to_vec(), &expected, 1e-12);
}

#[test]
fn a_weight_of_two_counts_a_row_twice() {
    let x = one(&[Some("a"), Some("a"), Some("b"), Some("b"), None]);
    let y = array![1.0, 4.0, 2.0, 7.0, 3.0];
    let plain = Training::new(x.clone()).with_target(Target::Values(y));
    let weighted = plain.clone().with_weights(array![2.0, 1.0, 1.0, 0.0, 1.0]);
    let repeated = plain.take(&[0, 0, 1, 2, 4]);
    for smooth in [Smooth::Auto, Smooth::Rows(3.0)] {
        let recipe = TargetEncoder::default().smooth(smooth);
        let of = |training| values(&recipe.fit(training).unwrap().transform(x.clone()).unwrap());
        assert_all_close(&of(weighted.clone()), &of(repeated.clone()), 1e-12);
    }
}

#[test]
fn the_target_encoder_says_what_it_needs() {
    let x = one(&[Some("a"), Some("b"), Some("a"), Some("b"), Some("a")]);
    let numbers = Training::new(x.clone()).with_target(Target::Values(array![1.0, 2.0, 3.0, 4.0, 5.0]));
    let of =
        |labels: &[&str; 5]| Training::new(x.clone()).with_target(Target::Classes(ClassTarget::from_labels(labels)));
    let recipe = TargetEncoder::default;
    let train = |recipe: TargetEncoder, data: Training<Features>| recipe.fit_transform(data, &Context::default());
    says(recipe().fit(Training::new(x.clone())), "needs a target");
    says(recipe().target_type(TargetType::Binary).fit(numbers.clone()), "needs a target of classes");
    says(recipe().target_type(TargetType::Continuous).fit(of(&["u", "v", "u", "v", "u"])), "needs a numeric target");
    says(recipe().target_type(TargetType::Binary).fit(of(&["u", "v", "w", "v", "u"])), "the target has 3 classes");
    says(recipe().cv(1).fit(numbers.clone()), "`cv` = 1");
    says(recipe().smooth(Smooth::Rows(-1.0)).fit(numbers.clone()), "`smooth`");
    says(train(recipe().cv(6), numbers.clone()), "`cv` = 6: there are only 5 rows");
    says(train(recipe(), numbers.with_groups(array![0, 0, 1, 1, 1])), "only 2 groups");
    says(recipe().fit(Training::new(texts("t", &["a"])).with_target(Target::Values(array![1.0]))), "text features");
    // Two classes as multiclass: a rate each.
    let both = train(recipe().cv(2).target_type(TargetType::Multiclass), of(&["u", "v", "u", "v", "u"])).unwrap().1;
    assert_eq!(names(&both), ["city:target=u", "city:target=v"]);
}

#[derive(Deserialize)]
struct Lists {
    train: Vec<String>,
    unseen: Vec<String>,
    labels: Vec<String>,
    x: Rows,
    new: Rows,
}

#[test]
fn multi_label_binarizer() {
    let golden: Lists = fixture("encoders/multi_label.json");
    let of = |all: &[String]| texts("skills", &all.iter().map(String::as_str).collect::<Vec<_>>());
    for sparse in [true, false] {
        let recipe = MultiLabelBinarizer::default().sparse_output(sparse);
        let (fitted, x) = recipe.fit_transform(Training::new(of(&golden.train)), &Context::default()).unwrap();
        assert_eq!(fitted.labels().next().unwrap().iter().collect::<Vec<_>>(), golden.labels);
        assert_eq!(names(&x)[0], format!("skills={}", golden.labels[0]));
        assert_eq!(values(&x), matrix(&golden.x));
        assert_eq!(values(&fitted.transform(of(&golden.unseen)).unwrap()), matrix(&golden.new));
        let Values::Text(back) = fitted.inverse_transform(x).unwrap().into_blocks().remove(0).into_parts().1 else {
            panic!("not texts")
        };
        assert_eq!(back[..], ["java;sql", "", "sql", "java;machine learning", "", "SQL;go"].map(String::from));
    }
}

#[test]
fn rare_labels_can_be_left_out_and_lists_without_labels_are_refused() {
    let lists = || Training::new(texts("skills", &["a,b", "a,c", "a,b", "d"]));
    let kept =
        |recipe: MultiLabelBinarizer| names(&recipe.fit_transform(lists(), &Context::default()).unwrap().1).join(" ");
    assert_eq!(kept(MultiLabelBinarizer::new(",").min_df(2)), "skills=a skills=b");
    assert_eq!(kept(MultiLabelBinarizer::new(",").max_features(1)), "skills=a");
    says(MultiLabelBinarizer::new("").fit(lists()), "`separator`");
    says(MultiLabelBinarizer::default().fit(Training::new(texts("skills", &["", ";"]))), "column `skills`");
    says(MultiLabelBinarizer::default().fit(Training::new(one(&[Some("a;b")]))), "`as_text()`");
}

#[test]
fn unknown_levels_are_treated_as_asked() {
    let train = || Training::new(one(&[Some("a"), Some("a"), Some("b"), Some("c"), None]));
    let new = || one(&[Some("z"), None, Some("c")]);
    let pooled = || OneHotEncoder::default().max_categories(2).handle_unknown(HandleUnknown::InfrequentIfExist);
    let x = pooled().fit(train()).unwrap().transform(new()).unwrap();
    assert_eq!((names(&x), values(&x)), (vec!["city=a", "city=infrequent"], array![[0., 1.], [0., 1.], [0., 1.]]));

    says(OrdinalEncoder::default().fit(train()).unwrap().transform(new()), "row 1: the level `z` was not there");
    let gapless = OrdinalEncoder::default().fit(Training::new(one(&[Some("a")]))).unwrap();
    says(gapless.transform(one(&[None])), "a missing value was not there");
    says(OrdinalEncoder::default().unknown_value(1.0).fit(train()), "`unknown_value` = 1.0: is also the number");
    says(OrdinalEncoder::default().encoded_missing_value(0.0).fit(train()), "`encoded_missing_value` = 0.0");
    says(OrdinalEncoder::default().unknown_value(0.5).fit(train()), "whole number");
    let without = OrdinalEncoder::default().handle_unknown(OrdinalUnknown::UseEncodedValue);
    says(without.fit(train()), "`use_encoded_value` needs it");

    let strict = FrequencyEncoder::default().handle_unknown(FrequencyFallback::Error);
    says(strict.fit(train()).unwrap().transform(new()), "the level `z` was not there");
    let complete = FrequencyEncoder::default().handle_missing(FrequencyFallback::Error);
    says(complete.fit(train()), "column `city`, row 5: a missing value");
    let complete = complete.fit(Training::new(one(&[Some("a")]))).unwrap();
    says(complete.transform(new()), "row 2: a missing value");

    for wrong in [OneHotEncoder::default().min_frequency(0), OneHotEncoder::default().min_frequency(1.5)] {
        says(wrong.fit(train()), "`min_frequency`");
    }
    says(OneHotEncoder::default().max_categories(0).fit(train()), "`max_categories`");
    says(HashingEncoder::default().n_features(0).fit(train()), "`n_features`");
}

#[test]
fn ordinal_numbers_are_levels_again() {
    let x = one(&[Some("b"), None, Some("a"), Some("c")]);
    for missing in [f64::NAN, -1.0] {
        let encoder = OrdinalEncoder::default().encoded_missing_value(missing).fit(Training::new(x.clone())).unwrap();
        let back = encoder.inverse_transform(encoder.transform(x.clone()).unwrap()).unwrap();
        let Values::Category(city) = back.blocks()[0].values() else { panic!("not categories") };
        let levels: Vec<Option<&str>> = (0..4).map(|row| city.get(row)).collect();
        assert_eq!(levels, [Some("b"), None, Some("a"), Some("c")]);
        let beyond = Features::from_dense(array![[7.0]], ["city"]).unwrap();
        says(encoder.inverse_transform(beyond), "column `city`, row 1: 7 is the number of none");
    }
}

#[test]
fn categories_keep_the_levels_and_codes_of_training() {
    let train = one(&[Some("b"), Some("b"), Some("a"), Some("c"), None]);
    let codes = |encoder: CategoryEncoder, x: Features| {
        let x = encoder.fit(Training::new(train.clone())).unwrap().transform(x).unwrap();
        assert_eq!(names(&x), ["city"]);
        match x.blocks()[0].values() {
            Values::Category(x) => (x.levels.to_vec(), x.codes.clone()),
            other => panic!("not categories: {other:?}"),
        }
    };
    const NONE: u32 = adflux_core::Categories::MISSING;
    let new = || one(&[Some("z"), Some("c"), None, Some("b")]);
    let levels = |all: &[&str]| all.iter().map(|l| l.to_string()).collect::<Vec<_>>();
    assert_eq!(codes(CategoryEncoder::default(), new()), (levels(&["a", "b", "c"]), vec![NONE, 2, NONE, 1]));
    let pooled = CategoryEncoder::default().min_frequency(2).handle_unknown(HandleUnknown::InfrequentIfExist);
    assert_eq!(codes(pooled, new()), (levels(&["b", "infrequent"]), vec![1, 1, NONE, 0]));
    let strict = CategoryEncoder::default().handle_unknown(HandleUnknown::Error).fit(Training::new(train.clone()));
    says(strict.unwrap().transform(new()), "column `city`, row 1: the level `z`");
}

#[test]
fn every_feature_knows_its_column() {
    let x = Features::new(2, vec![category("p", &[Some("a"), Some("b")]), category("q", &[None, Some("c")])]).unwrap();
    let data = || Training::new(x.clone()).with_target(Target::Values(array![0.0, 1.0]));
    let check = |x: Features, expected: &[(&str, &str)]| {
        let found: Vec<(&str, &str)> = x.columns().map(|c: &Column| (c.name.as_str(), c.sources[0].as_str())).collect();
        assert_eq!(found, expected);
        assert!(x.columns().all(|c| c.sources.len() == 1));
    };
    let context = &Context::default();
    let pooled = OneHotEncoder::default().max_categories(1).fit_transform(data(), context).unwrap().1;
    check(pooled, &[("p=infrequent", "p"), ("q=infrequent", "q")]);
    check(OrdinalEncoder::default().fit_transform(data(), context).unwrap().1, &[("p", "p"), ("q", "q")]);
    check(CategoryEncoder::default().fit_transform(data(), context).unwrap().1, &[("p", "p"), ("q", "q")]);
    let counted = FrequencyEncoder::default().fit_transform(data(), context).unwrap().1;
    check(counted, &[("p:frequency", "p"), ("q:frequency", "q")]);
    let target = TargetEncoder::default().cv(2).fit_transform(data(), context).unwrap().1;
    check(target, &[("p:target", "p"), ("q:target", "q")]);
    let lists = Training::new(texts("skills", &["a;b"]));
    let labels = MultiLabelBinarizer::default().fit_transform(lists, context).unwrap().1;
    check(labels, &[("skills=a", "skills"), ("skills=b", "skills")]);
}

#[test]
fn errors_are_of_the_kind_that_names_the_parameter() {
    let x = Training::new(one(&[Some("a")]));
    let refused = OneHotEncoder::default().max_categories(0).fit(x).unwrap_err();
    assert!(matches!(refused, Error::Parameter { name: "max_categories", .. }));
}

proptest! {
    /// The number of a level leads back to it, and missing values to missing ones.
    #[test]
    fn ordinal_numbers_lead_back_to_any_levels(levels in vec(option::of("[a-d]{1,2}"), 1..40)) {
        let column: Vec<Option<&str>> = levels.iter().map(Option::as_deref).collect();
        let (encoder, numbers) =
            OrdinalEncoder::default().fit_transform(Training::new(one(&column)), &Context::default()).unwrap();
        let back = encoder.inverse_transform(numbers).unwrap();
        let Values::Category(back) = back.blocks()[0].values() else { panic!("not categories") };
        let back: Vec<Option<&str>> = (0..column.len()).map(|row| back.get(row)).collect();
        prop_assert_eq!(back, column);
    }

    /// Encoded by all rows, every level is drawn towards the mean, never beyond its own mean.
    #[test]
    fn an_encoding_lies_between_the_mean_of_the_level_and_that_of_all(
        rows in vec((0_u32..5, -10.0..10.0_f64), 2..60),
        smooth in prop_oneof![Just(Smooth::Auto), (0.0..20.0_f64).prop_map(Smooth::Rows)],
    ) {
        let levels: Vec<String> = rows.iter().map(|(level, _)| level.to_string()).collect();
        let x = one(&levels.iter().map(|l| Some(l.as_str())).collect::<Vec<_>>());
        let y: Array1<f64> = rows.iter().map(|(_, y)| *y).collect();
        let mean = y.mean().unwrap();
        let training = Training::new(x.clone()).with_target(Target::Values(y));
        let encoded = values(&TargetEncoder::default().smooth(smooth).fit(training).unwrap().transform(x).unwrap());
        for (row, (level, _)) in rows.iter().enumerate() {
            let of_level: Vec<f64> = rows.iter().filter(|(l, _)| l == level).map(|(_, y)| *y).collect();
            let own = of_level.iter().sum::<f64>() / of_level.len() as f64;
            let (low, high) = (own.min(mean) - 1e-9, own.max(mean) + 1e-9);
            prop_assert!((low..=high).contains(&encoded[[row, 0]]), "{own} and {mean}: {}", encoded[[row, 0]]);
        }
    }
}
