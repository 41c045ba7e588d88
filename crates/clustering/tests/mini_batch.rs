//! Mini-batch k-means against scikit-learn, chunks, and what must be refused.

use crate::hierarchical::assert_same_parts;
use adflux_clustering::{Init, KMeans, MiniBatchKMeans, MiniBatchKMeansModel};
use adflux_core::{AnyModel, CancelToken, Context, DynComponent as _, Features, Fit, Predict, Registry, Training};
use adflux_testing::{assert_all_close, assert_close, fixture};
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    streams: Vec<Stream>,
    fits: Fits,
}

#[derive(Deserialize)]
struct Stream {
    name: String,
    x: Vec<Vec<f64>>,
    weights: Option<Vec<f64>>,
    init: Vec<Vec<f64>>,
    chunks: Vec<usize>,
    reassignment_ratio: f64,
    centers: Vec<Vec<f64>>,
    inertia_of_last: f64,
    labels_of_last: Vec<u32>,
    last: usize,
}

#[derive(Deserialize)]
struct Fits {
    x: Vec<Vec<f64>>,
    n_clusters: usize,
    batch_size: usize,
    k_means_plus_plus: Vec<f64>,
    random: Vec<f64>,
}

fn table(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

fn training(x: &Array2<f64>, weights: Option<&[f64]>) -> Training<Features> {
    let names = (0..x.ncols()).map(|i| format!("c{i}"));
    let data = Training::new(Features::from_dense(x.clone(), names).unwrap());
    match weights {
        Some(weights) => data.with_weights(Array1::from(weights.to_vec())),
        None => data,
    }
}

/// The chunks of a table one after the other.
fn streamed(
    recipe: &MiniBatchKMeans,
    x: &Array2<f64>,
    weights: Option<&[f64]>,
    chunks: &[usize],
) -> MiniBatchKMeansModel {
    let context = Context::default();
    let mut from = 0;
    let mut model: Option<MiniBatchKMeansModel> = None;
    for rows in chunks {
        let part = x.slice(ndarray::s![from..from + rows, ..]).to_owned();
        let part = training(&part, weights.map(|w| &w[from..from + rows]));
        match &mut model {
            Some(model) => model.update(part, &context).unwrap(),
            None => model = Some(recipe.start(part, &context).unwrap()),
        }
        from += rows;
    }
    model.unwrap()
}

#[test]
fn chunk_after_chunk_the_centers_are_scikit_learns() {
    for case in fixture::<Golden>("clustering/mini_batch.json").streams {
        let x = table(&case.x);
        let recipe =
            MiniBatchKMeans::default().centers(table(&case.init).view()).reassignment_ratio(case.reassignment_ratio);
        let model = streamed(&recipe, &x, case.weights.as_deref(), &case.chunks);
        assert_eq!(model.n_steps(), case.chunks.len() as u64);
        assert_all_close(model.model().centers(), &table(&case.centers), 1e-8);
        assert_close(model.model().inertia(), case.inertia_of_last, 1e-7 * (1.0 + case.inertia_of_last));
        let last = x.slice(ndarray::s![x.nrows() - case.last.., ..]);
        assert_eq!(model.model().assign(&last).unwrap(), case.labels_of_last, "{}", case.name);
        let counted = case.weights.map_or(x.nrows(), |weights| weights.iter().filter(|w| **w > 0.0).count());
        assert_eq!(model.model().counts().iter().sum::<u64>(), counted as u64);
        assert!(model.model().labels().is_empty(), "rows of chunks are not kept");
    }
}

#[test]
fn fits_are_as_good_as_scikit_learns_over_20_seeds() {
    let fits = fixture::<Golden>("clustering/mini_batch.json").fits;
    let x = table(&fits.x);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    for (init, theirs) in [(Init::KMeansPlusPlus, fits.k_means_plus_plus), (Init::Random, fits.random)] {
        let recipe = MiniBatchKMeans::new(fits.n_clusters).batch_size(fits.batch_size).init(init);
        let ours: Vec<f64> =
            (0..20).map(|seed| recipe.clone().seed(seed).fit(training(&x, None)).unwrap().model().inertia()).collect();
        let variance = |values: &[f64]| values.iter().map(|i| (i - mean(values)).powi(2)).sum::<f64>() / 19.0;
        // Three standard errors of the difference of two means of 20.
        let most = 3.0 * ((variance(&theirs) + variance(&ours)) / 20.0).sqrt();
        assert!((mean(&ours) - mean(&theirs)).abs() <= most, "{} beside {}, {most}", mean(&ours), mean(&theirs));
    }
}

fn heaps(rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(row, column)| {
        ((row * 7919 + column * 104_729) % 1009) as f64 / 250.0 + ((row % 5 * (column + 3)) % 7) as f64 * 3.0
    })
}

#[test]
fn it_comes_close_to_k_means_and_stops_by_itself() {
    let x = heaps(5_000, 4);
    let full = KMeans::new(5).n_init(5).fit(training(&x, None)).unwrap();
    let model = MiniBatchKMeans::new(5).n_init(5).batch_size(256).fit(training(&x, None)).unwrap();
    assert!(model.model().inertia() <= 1.05 * full.inertia(), "{} {}", model.model().inertia(), full.inertia());
    assert!(model.model().converged());
    assert!(model.n_steps() < 100 * 5_000 / 256);
    assert!(model.model().weights().is_sorted_by(|a, b| a >= b), "the heaviest first");
    assert_close(-model.model().score(&x.view(), None).unwrap(), model.model().inertia(), 1e-6);
    // Never satisfied: as many steps as `max_iter` passes have.
    let all =
        MiniBatchKMeans::new(5).batch_size(256).max_no_improvement(0).max_iter(2).fit(training(&x, None)).unwrap();
    assert_eq!((all.n_steps(), all.model().converged()), (2 * 5_000 / 256, false));
    // A tolerance that every step is within: after the second, because the first does not count.
    let soon = MiniBatchKMeans::new(5).tol(1e9).fit(training(&x, None)).unwrap();
    assert_eq!(soon.n_steps(), 2);
}

#[test]
fn rows_without_weight_change_nothing() {
    let mut x = heaps(200, 2);
    x.slice_mut(ndarray::s![150.., ..]).mapv_inplace(|v| v + 1e6);
    let weights: Vec<f64> = (0..200).map(|row| f64::from(u8::from(row < 150))).collect();
    for init in [Init::Random, Init::KMeansPlusPlus] {
        let recipe = MiniBatchKMeans::new(6).init(init).batch_size(50).reassignment_ratio(0.5);
        let model = recipe.fit(training(&x, Some(&weights))).unwrap();
        assert!(model.model().centers().iter().all(|v| *v < 100.0), "{}", model.model().centers());
        let streamed = streamed(&recipe, &x, Some(&weights), &[60, 80, 60]);
        assert!(streamed.model().centers().iter().all(|v| *v < 100.0), "{}", streamed.model().centers());
    }
}

#[test]
fn threads_change_nothing_and_a_loaded_model_goes_on_learning() {
    let x = heaps(3_000, 3);
    let recipe = MiniBatchKMeans::new(7).seed(3).reassignment_ratio(0.2);
    let with = |threads| {
        let context = Context::default().with_threads(threads).unwrap();
        let mut model = recipe.fit_with(training(&x, None), &context).unwrap();
        model.update(training(&heaps(2_500, 3), None), &context).unwrap();
        model
    };
    let (one, three) = (with(1), with(3));
    assert_eq!(one.model().centers(), three.model().centers());
    assert_eq!(one.model().inertia().to_bits(), three.model().inertia().to_bits());

    let mut registry = Registry::new();
    adflux_clustering::register(&mut registry).unwrap();
    let mut loaded: MiniBatchKMeansModel = one.save().unwrap().load(&registry).unwrap();
    let mut model = one;
    for model in [&mut model, &mut loaded] {
        model.update(training(&x, None), &Context::default()).unwrap();
    }
    assert_eq!(model.model().centers(), loaded.model().centers());
    let any = registry.load::<AnyModel>(&model.save().unwrap()).unwrap();
    assert_eq!(
        any.predict(&training(&x, None).x).unwrap().segments().unwrap(),
        &model.predict(&training(&x, None).x).unwrap()
    );
}

#[test]
fn small_and_flat_data() {
    let fit = |x: &Array2<f64>, k| MiniBatchKMeans::new(k).fit(training(x, None)).unwrap();
    let one = fit(&array![[3.0, -1.0]], 1);
    assert_eq!((one.model().centers(), one.model().inertia()), (&array![[3.0, -1.0]], 0.0));
    assert_close(fit(&Array2::from_elem((9, 2), 0.1), 1).model().inertia(), 0.0, 1e-25);
    let flat = fit(&array![[0.0, 7.0], [1.0, 7.0], [90.0, 7.0]], 2);
    assert!(flat.model().centers().column(1).iter().all(|v| (*v - 7.0).abs() < 1e-12));
    let column = fit(&array![[1.0], [1.0], [2.0], [2.0], [50.0], [50.0]], 3);
    assert_eq!(column.model().counts().iter().sum::<u64>(), 6);
}

#[test]
fn what_cannot_be_segmented_is_refused_by_name() {
    let says = |recipe: MiniBatchKMeans, x: &Array2<f64>, weights: Option<&[f64]>| {
        recipe.fit(training(x, weights)).unwrap_err().to_string()
    };
    let x = array![[1.0, 2.0], [1.0, 2.0], [3.0, 4.0]];
    let few = "parameter `n_clusters` = 3: there are only 2 distinct rows: ask for at most as many segments";
    assert_eq!(says(MiniBatchKMeans::new(3), &x, None), few);
    assert!(says(MiniBatchKMeans::new(2), &x, Some(&[1.0, 1.0, 0.0])).contains("only 1 distinct rows"));
    assert!(says(MiniBatchKMeans::new(2), &Array2::ones((5, 2)), None).contains("only 1 distinct rows"));
    assert!(says(MiniBatchKMeans::new(1), &x, Some(&[0.0; 3])).contains("all are zero"));
    assert!(says(MiniBatchKMeans::new(2), &array![[1e200], [-1e200]], None).contains("too large"));
    assert!(says(MiniBatchKMeans::new(1), &Array2::zeros((0, 2)), None).contains("no rows"));
    assert!(says(MiniBatchKMeans::new(1), &Array2::zeros((2, 0)), None).contains("no columns"));
    let missing = array![[1.0, 0.0], [0.0, f64::NAN]];
    assert!(says(MiniBatchKMeans::new(1), &missing, None).starts_with("column `c1`, row 2"));
    assert!(
        says(MiniBatchKMeans::new(3).init_size(2), &x, None)
            .contains("`init_size` = 2: must be at least n_clusters, 3")
    );
    let wrong = MiniBatchKMeans::new(2).init(Init::Centers(vec![vec![1.0, 2.0], vec![1.0]]));
    assert!(says(wrong, &x, None).contains("center 2 is not 2 finite numbers"));

    let context = Context::default();
    assert!(
        MiniBatchKMeans::new(4).start(training(&x, None), &context).unwrap_err().to_string().contains("n_clusters")
    );
    let mut model = MiniBatchKMeans::new(2).fit(training(&x, None)).unwrap();
    let (before, steps) = (model.model().centers().clone(), model.n_steps());
    let narrow = training(&array![[1.0]], None);
    assert!(model.update(narrow, &context).is_err());
    assert!(model.update(training(&missing, None), &context).unwrap_err().to_string().contains("row 2"));
    assert!(model.update(training(&x, Some(&[0.0; 3])), &context).unwrap_err().to_string().contains("all are zero"));
    let cancelled = Context::default().with_cancel({
        let token = CancelToken::default();
        token.cancel();
        token
    });
    assert!(model.update(training(&x, None), &cancelled).is_err());
    assert_eq!((model.model().centers(), model.n_steps()), (&before, steps));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Elsewhere, and turned, rows have the same segments.
    #[test]
    fn shifts_and_turns_keep_the_partition(seed in any::<u64>(), shift in -1e4..1e4_f64, angle in 0.0..6.3_f64) {
        let x = heaps(400, 2);
        let moved = |points: &Array2<f64>| {
            let mut moved = points.clone();
            for (mut to, from) in moved.rows_mut().into_iter().zip(points.rows()) {
                to[0] = angle.cos() * from[0] - angle.sin() * from[1] + shift;
                to[1] = angle.sin() * from[0] + angle.cos() * from[1] - 2.0 * shift;
            }
            moved
        };
        let start = &x.select(ndarray::Axis(0), &[0, 1, 2, 3, 4]) + 0.01;
        // A fixed number of steps, so that rounding does not decide when it ends.
        let recipe = |start: &Array2<f64>| {
            MiniBatchKMeans::default().centers(start.view()).batch_size(64).max_iter(2).max_no_improvement(0).seed(seed)
        };
        let here = recipe(&start).fit(training(&x, None)).unwrap();
        let there = recipe(&moved(&start)).fit(training(&moved(&x), None)).unwrap();
        assert_same_parts(&here.model().labels(), &there.model().labels(), "moved");
        prop_assert!((here.model().inertia() / there.model().inertia() - 1.0).abs() < 1e-6);
    }
}
