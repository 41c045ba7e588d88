//! What holds for any data.

use crate::{category, texts, values};
use adflux_core::{Context, Features, Fit, FitTransform, Rows as _, Training, Transform};
use adflux_data::Frame;
use adflux_preprocessing::{Branch, ColumnTransformer, OneHotEncoder, SimpleImputer, StandardScaler, TfidfVectorizer};
use ndarray::{Array2, Axis};
use proptest::prelude::*;

const LEVELS: [&str; 4] = ["META", "GOOGLE", "TIKTOK", "missing"];
const WORDS: [&str; 6] = ["java", "diseño", "ventas", "remote", "noche", "ÁGIL"];

/// A row of a small table: two numbers, a level, the words of a title.
type Row = (Option<f64>, f64, Option<usize>, Vec<usize>);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (
        prop::option::weighted(0.8, -1e6..1e6_f64),
        -1.0..1.0_f64,
        prop::option::weighted(0.8, 0..LEVELS.len()),
        prop::collection::vec(0..WORDS.len(), 0..5),
    );
    // Without any word there is no vocabulary.
    prop::collection::vec(row, 3..40).prop_filter("no words", |rows| rows.iter().any(|row| !row.3.is_empty()))
}

fn frame(rows: &[Row]) -> Frame {
    let title = |words: &[usize]| words.iter().map(|w| WORDS[*w]).collect::<Vec<_>>().join(" ");
    Frame::builder()
        .optional_numbers("budget", rows.iter().map(|r| r.0).collect())
        .numbers("share", rows.iter().map(|r| r.1).collect())
        .optional_texts("platform", rows.iter().map(|r| r.2.map(|l| LEVELS[l])))
        .texts("title", rows.iter().map(|r| title(&r.3)))
        .build()
        .unwrap()
}

fn transformer() -> ColumnTransformer {
    let imputer =
        SimpleImputer::new(adflux_preprocessing::Strategy::Median).keep_empty_features(true).add_indicator(true);
    ColumnTransformer::new()
        .branch(Branch::new("numeric", ["budget", "share"]).step(imputer).step(StandardScaler::default()))
        .branch(Branch::new("categorical", ["platform"]).step(OneHotEncoder::default()))
        .branch(Branch::new("title", ["title"]).as_text().step(TfidfVectorizer::default().ngram_range((1, 2))))
}

fn close(a: &Array2<f64>, b: &Array2<f64>, tolerance: f64) -> bool {
    a.dim() == b.dim()
        && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance * b.abs().max(1.0) || (a.is_nan() && b.is_nan()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn scaling_back_gives_what_was_scaled(rows in rows()) {
        let x = Array2::from_shape_fn((rows.len(), 2), |(r, c)| if c == 0 { rows[r].0.unwrap_or(f64::NAN) } else { rows[r].1 });
        let features = Features::from_dense(x.clone(), ["a", "b"]).unwrap();
        let (fitted, z) = StandardScaler::default().fit_transform(Training::new(features), &Context::default()).unwrap();
        prop_assert!(close(&values(&fitted.inverse_transform(z).unwrap()), &x, 1e-9));
    }

    #[test]
    fn rows_in_another_order_give_the_same_rows_in_that_order(rows in rows(), seed in any::<u64>()) {
        let frame = frame(&rows);
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|i| (*i as u64 + 1).wrapping_mul(seed | 1));
        let context = Context::default();
        let (_, x) = transformer().fit_transform(Training::new(frame.clone()), &context).unwrap();
        let (_, shuffled) = transformer().fit_transform(Training::new(frame.take(&order)), &context).unwrap();
        prop_assert!(close(&values(&shuffled), &values(&x).select(Axis(0), &order), 1e-9));
    }

    #[test]
    fn rows_one_by_one_are_the_rows_of_the_batch(rows in rows()) {
        let frame = frame(&rows);
        let (fitted, x) = transformer().fit_transform(Training::new(frame.clone()), &Context::default()).unwrap();
        prop_assert_eq!(values(&fitted.transform(frame.clone()).unwrap()), values(&x));
        for row in 0..rows.len() {
            let one = fitted.transform(frame.take(&[row])).unwrap();
            prop_assert_eq!(values(&one), values(&x.take(&[row])));
        }
    }

    #[test]
    fn every_level_seen_in_training_is_one_hot(levels in prop::collection::vec(prop::option::of(0..LEVELS.len()), 1..30)) {
        let levels: Vec<Option<&str>> = levels.iter().map(|l| l.map(|l| LEVELS[l])).collect();
        let x = Features::new(levels.len(), vec![category("c", &levels)]).unwrap();
        let encoded = OneHotEncoder::default().fit_transform(Training::new(x), &Context::default()).unwrap().1;
        prop_assert!(values(&encoded).rows().into_iter().all(|row| row.sum() == 1.0));
    }

    #[test]
    fn texts_have_length_one_or_no_known_term(all in prop::collection::vec("[a-cñ ]{0,12}", 2..20)) {
        let all: Vec<&str> = all.iter().map(String::as_str).chain(["aa"]).collect();
        let fitted = TfidfVectorizer::default().max_features(3).fit(Training::new(texts("t", &all))).unwrap();
        for row in values(&fitted.transform(texts("t", &all)).unwrap()).rows() {
            let length = row.dot(&row).sqrt();
            prop_assert!(length == 0.0 || (length - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let rows: Vec<Row> = (0..20_000_usize)
        .map(|i| {
            let noise = (i as f64 * 0.7).sin() * 1e3;
            ((i % 11 != 0).then_some(noise), noise.fract(), (i % 7 != 0).then_some(i % 4), vec![i % 6, i % 5])
        })
        .collect();
    let frame = frame(&rows);
    let fit = |threads| {
        let context = Context::default().with_threads(threads).unwrap();
        let (fitted, x) = transformer().fit_transform(Training::new(frame.clone()), &context).unwrap();
        (adflux_core::Component::state(&fitted).unwrap(), values(&x))
    };
    let (one, two) = (fit(1), fit(2));
    assert!(one.0 == two.0, "the saved states differ");
    assert!(one.1.iter().zip(&two.1).all(|(a, b)| a.to_bits() == b.to_bits()));
}
