//! The choice of the number of segments.

use adflux_clustering::{AutoKMeans, AutoKMeansModel, usual_starts};
use adflux_core::{
    AnyModel, CancelToken, Context, DynComponent as _, Features, Fit, Predict, Progress, Recipe as _, Registry,
    Training, random::stream,
};
use ndarray::{Array1, Array2};
use rand::RngExt as _;
use std::sync::{Arc, Mutex};

/// `count` heaps of `each` rows on a ring of radius 10.
fn heaps(count: usize, each: usize, spread: f64) -> Array2<f64> {
    let mut rng = stream(5, &[count as u64]);
    Array2::from_shape_fn((count * each, 2), |(row, column)| {
        let angle = (row / each) as f64 / count as f64 * std::f64::consts::TAU;
        // The sum of four is near enough to a bell.
        let noise: f64 = (0..4).map(|_| rng.random::<f64>() - 0.5).sum();
        10.0 * if column == 0 { angle.cos() } else { angle.sin() } + spread * noise
    })
}

fn training(x: Array2<f64>) -> Training<Features> {
    Training::new(Features::from_dense(x, ["a", "b"]).unwrap())
}

#[test]
fn clear_heaps_are_counted() {
    for count in [2, 3, 5, 7] {
        let model = AutoKMeans::default().fit(training(heaps(count, 40, 1.0))).unwrap();
        let choice = model.choice();
        assert_eq!(choice.n_clusters, count, "{}", choice.reason);
        assert_eq!(choice.table.iter().map(|q| q.n_clusters).collect::<Vec<_>>(), (2..=10).collect::<Vec<_>>());
        assert!(choice.table.windows(2).all(|w| w[1].inertia <= w[0].inertia * 1.01));
        assert_eq!(model.model().counts(), vec![40; count]);
    }
}

#[test]
fn few_rows_get_many_starts() {
    // No heaps: every start ends elsewhere.
    let mut rng = stream(8, &[]);
    let x = Array2::from_shape_fn((400, 2), |_| rng.random::<f64>());
    let inertia = |recipe: AutoKMeans| recipe.fit(training(x.clone())).unwrap().choice().table[0].inertia;
    let usual = inertia(AutoKMeans::new(12, 12));
    assert_eq!(usual, inertia(AutoKMeans::new(12, 12).n_init(50)));
    assert!(usual < inertia(AutoKMeans::new(12, 12).n_init(1)) * 0.999);
    assert_eq!([1, 4_000, 10_000, 40_000, 10_000_000].map(usual_starts), [50, 50, 20, 5, 5]);
}

#[test]
fn steps_of_few_rows_choose_the_same_number() {
    let x = heaps(4, 300, 1.0);
    let whole = AutoKMeans::new(2, 6).fit(training(x.clone())).unwrap();
    let steps = AutoKMeans::new(2, 6).batch_size(100).fit(training(x)).unwrap();
    assert_eq!((whole.choice().n_clusters, steps.choice().n_clusters), (4, 4));
    for (whole, steps) in whole.choice().table.iter().zip(&steps.choice().table) {
        let ratio = steps.inertia / whole.inertia;
        assert!(ratio != 1.0 && (0.999..1.3).contains(&ratio), "{whole:?} {steps:?}");
    }
}

#[test]
fn a_sample_comes_to_the_same_choice() {
    let x = heaps(4, 300, 1.5);
    let exact = AutoKMeans::new(2, 6).fit(training(x.clone())).unwrap();
    let sampled = AutoKMeans::new(2, 6).sample_size(200).fit(training(x)).unwrap();
    assert_eq!((exact.choice().n_clusters, sampled.choice().n_clusters), (4, 4));
    for (a, b) in exact.choice().table.iter().zip(&sampled.choice().table) {
        assert_eq!(a.inertia.to_bits(), b.inertia.to_bits());
        assert!(a.silhouette != b.silhouette && (a.silhouette - b.silhouette).abs() < 0.06);
    }
}

#[test]
fn a_segment_that_the_sample_misses_is_measured_all_the_same() {
    let mut x = heaps(1, 400, 1.0);
    x[[7, 0]] = 1e4;
    let model = AutoKMeans::new(2, 3).sample_size(3).seed(1).fit(training(x)).unwrap();
    assert_eq!(model.choice().table.len(), 2);
}

#[test]
fn rows_without_weight_are_left_out() {
    let x = heaps(3, 30, 1.0);
    let weights = Array1::from_shape_fn(90, |row| f64::from(u8::from(row < 60)));
    let model = AutoKMeans::new(2, 5).fit(training(x.clone()).with_weights(weights)).unwrap();
    let only = AutoKMeans::new(2, 5).fit(training(x.slice(ndarray::s![..60, ..]).to_owned())).unwrap();
    assert_eq!((model.choice().n_clusters, only.choice().n_clusters), (2, 2));
    let silhouette = |m: &AutoKMeansModel| m.choice().table[0].silhouette;
    assert!((silhouette(&model) - silhouette(&only)).abs() < 1e-12);
}

#[test]
fn few_distinct_rows_lower_max_and_too_few_are_refused() {
    let x = Array2::from_shape_fn((12, 2), |(row, _)| (row % 3) as f64);
    let model = AutoKMeans::default().fit(training(x)).unwrap();
    assert_eq!((model.choice().table.len(), model.choice().n_clusters), (2, 3));
    let says = |recipe: AutoKMeans, x| recipe.fit(training(x)).unwrap_err().to_string();
    assert!(says(AutoKMeans::default(), Array2::ones((9, 2))).contains("at most 1 segments"));
    assert!(says(AutoKMeans::default(), heaps(1, 1, 1.0)).contains("at most 0 segments"));
    assert!(says(AutoKMeans::new(1, 4), heaps(2, 9, 1.0)).contains("`min` = 1"));
    assert!(says(AutoKMeans::new(5, 4), heaps(2, 9, 1.0)).contains("`max` = 4"));
    assert!(says(AutoKMeans::default().n_init(0), heaps(2, 9, 1.0)).contains("`n_init`"));
    assert!(says(AutoKMeans::default().sample_size(1 << 40), heaps(2, 9, 1.0)).contains("between 3 and 100000"));
}

#[test]
fn it_reports_can_be_cancelled_and_saved() {
    #[derive(Default)]
    struct Seen(Mutex<Vec<(String, u64, Option<u64>)>>);
    impl Progress for Seen {
        fn update(&self, task: &str, done: u64, total: Option<u64>) {
            self.0.lock().unwrap().push((task.into(), done, total));
        }
    }
    let data = training(heaps(3, 20, 1.0));
    let seen = Arc::new(Seen::default());
    let context = Context::default().with_progress(seen.clone());
    let recipe = AutoKMeans::new(2, 4).seed(2);
    let model = recipe.fit_with(data.clone(), &context).unwrap();
    let expected = [0, 1, 2, 3].map(|done| ("auto-k-means".to_string(), done, Some(3)));
    assert_eq!(*seen.0.lock().unwrap(), expected);

    let token = CancelToken::default();
    token.cancel();
    let cancelled = recipe.fit_with(data.clone(), &Context::default().with_cancel(token));
    assert!(matches!(cancelled, Err(adflux_core::Error::Cancelled)));

    let mut registry = Registry::new();
    adflux_clustering::register(&mut registry).unwrap();
    assert_eq!(AutoKMeans::from_spec(&recipe.spec().unwrap(), &registry).unwrap(), recipe);
    let loaded = registry.load::<AnyModel>(&AnyModel::new(model.clone()).save().unwrap()).unwrap();
    let loaded = loaded.downcast_ref::<AutoKMeansModel>().unwrap();
    assert_eq!(loaded.choice(), model.choice());
    assert_eq!(loaded.predict(&data.x).unwrap(), model.predict(&data.x).unwrap());
}
