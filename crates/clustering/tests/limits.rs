//! Rows without weight, weights and numbers of any size, and what is not a number.

use crate::hierarchical::{assert_same_parts, training};
use adflux_clustering::{
    Agglomerative, AutoKMeans, AutoKPrototypes, Dbscan, GaussianMixture, Hdbscan, Init, KMeans, KMeansAlgorithm,
    KPrototypes, MiniBatchKMeans, PrototypeInit,
};
use adflux_core::{Context, Features, Fit, Predict, Training, random::stream};
use ndarray::{Array1, Array2, Axis, array, s};
use rand::RngExt as _;

fn heaps(rows: usize, columns: usize, seed: u64) -> Array2<f64> {
    let mut rng = stream(seed, &[]);
    Array2::from_shape_fn((rows, columns), |(row, column)| {
        ((row % 4 * (column + 2)) % 7) as f64 * 3.0 + rng.random_range(-1.0..1.0)
    })
}

fn bits<'a>(values: impl IntoIterator<Item = &'a f64>) -> Vec<u64> {
    values.into_iter().map(|v| v.to_bits()).collect()
}

/// Rows among which every fifth is far off and has no weight, and the others alone.
fn with_and_without(x: &Array2<f64>, far: f64) -> [Training<Features>; 2] {
    let mut rng = stream(7, &[]);
    let count = x.nrows() + x.nrows() / 4;
    let (mut all, mut weights) = (Array2::from_elem((count, x.ncols()), far), Array1::zeros(count));
    let counted: Vec<usize> = (0..count).filter(|row| row % 5 != 2).collect();
    for (from, &to) in counted.iter().enumerate() {
        all.row_mut(to).assign(&x.row(from));
        weights[to] = rng.random_range(0.5..3.0);
    }
    let without = training(x).with_weights(weights.select(Axis(0), &counted));
    [training(&all).with_weights(weights), without]
}

#[test]
fn rows_without_weight_do_not_touch_k_means() {
    // More rows than a piece of work takes.
    let x = heaps(2_400, 3, 1);
    for far in [1e9, 1e200, f64::MAX] {
        let [all, without] = with_and_without(&x, far);
        for recipe in [
            KMeans::new(5).seed(2),
            KMeans::new(5).init(Init::Random).n_init(2),
            KMeans::new(0).centers(x.slice(s![..6, ..])),
        ] {
            let (a, b) = (recipe.fit(all.clone()).unwrap(), recipe.fit(without.clone()).unwrap());
            assert_eq!(bits(a.centers()), bits(b.centers()), "{far} {recipe:?}");
            assert_eq!((a.n_iter(), a.converged(), a.counts()), (b.n_iter(), b.converged(), b.counts()));
            assert_eq!((bits(a.weights()), a.inertia().to_bits()), (bits(b.weights()), b.inertia().to_bits()));
        }
        let recipe = AutoKMeans::new(2, 5).n_init(1);
        let (a, b) = (recipe.fit(all.clone()).unwrap(), recipe.fit(without.clone()).unwrap());
        assert_eq!(a.choice(), b.choice());
        let recipe = MiniBatchKMeans::new(5).batch_size(200).tol(1e-3);
        let (a, b) = (recipe.fit(all.clone()).unwrap(), recipe.fit(without.clone()).unwrap());
        assert_eq!(bits(a.model().centers()), bits(b.model().centers()), "{far}");
        assert_eq!((a.n_steps(), a.model().counts()), (b.n_steps(), b.model().counts()));
        assert_eq!(a.model().inertia().to_bits(), b.model().inertia().to_bits());
    }
    // The tolerance is of the rows that count.
    let x = array![[0.0], [1.0], [2.0], [10.0], [11.0], [12.0], [1e9]];
    let weights = array![1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0];
    let model = KMeans::new(0).centers(array![[0.0], [1.0]].view()).fit(training(&x).with_weights(weights)).unwrap();
    assert_eq!(model.centers(), array![[1.0], [11.0]]);
}

#[test]
fn a_stream_does_not_see_rows_without_weight() {
    let x = heaps(200, 2, 3);
    let [all, without] = with_and_without(&x, 1e200);
    let context = Context::default();
    let recipe = MiniBatchKMeans::new(4).batch_size(50).reassignment_ratio(0.3);
    let (mut a, mut b) =
        (recipe.start(all.clone(), &context).unwrap(), recipe.start(without.clone(), &context).unwrap());
    for _ in 0..3 {
        a.update(all.clone(), &context).unwrap();
        b.update(without.clone(), &context).unwrap();
    }
    assert_eq!(bits(a.model().centers()), bits(b.model().centers()));
    assert_eq!(a.model().counts(), b.model().counts());
    assert_eq!(bits(a.model().weights()), bits(b.model().weights()));
}

#[test]
fn rows_without_weight_do_not_touch_mixtures_and_prototypes() {
    let x = heaps(1_200, 2, 5);
    for far in [1e9, 1e200] {
        let [all, without] = with_and_without(&x, far);
        let recipe = GaussianMixture::new(3).seed(4);
        let (a, b) = (recipe.fit(all.clone()).unwrap(), recipe.fit(without.clone()).unwrap());
        assert_eq!(bits(a.means()), bits(b.means()));
        assert_eq!((bits(a.lower_bounds()), a.counts()), (bits(b.lower_bounds()), b.counts()));
        for init in [PrototypeInit::KMeansPlusPlus, PrototypeInit::Random] {
            let recipe = KPrototypes::new(3).n_init(2).init(init);
            let (a, b) = (recipe.fit(all.clone()).unwrap(), recipe.fit(without.clone()).unwrap());
            assert_eq!(bits(a.centers()), bits(b.centers()), "{far}");
            assert_eq!((a.gamma().to_bits(), a.cost().to_bits()), (b.gamma().to_bits(), b.cost().to_bits()));
            assert_eq!((a.counts(), bits(a.weights())), (b.counts(), bits(b.weights())));
        }
        let recipe = AutoKPrototypes::new(2, 4);
        let (a, b) = (recipe.fit(all).unwrap(), recipe.fit(without).unwrap());
        assert_eq!(a.choice(), b.choice());
    }
}

#[test]
fn rows_without_weight_are_in_no_segment_and_the_others_have_labels() {
    let x = heaps(120, 2, 6);
    let [all, without] = with_and_without(&x, 1e9);
    let weights = all.weights.clone().unwrap();
    let ends = |labels: Vec<Option<u32>>, ids: Vec<Option<u32>>, alone: Vec<Option<u32>>, counts: &[u64]| {
        assert!((0..150).all(|row| labels[row] == ids[row].filter(|_| weights[row] > 0.0)), "{labels:?} {ids:?}");
        assert!(labels.iter().filter(|label| label.is_some()).eq(&alone), "as without the others");
        let count = |segment: usize| alone.iter().filter(|label| **label == Some(segment as u32)).count() as u64;
        assert!((0..counts.len()).all(|segment| count(segment) == counts[segment]));
    };
    let (a, b) = (KMeans::new(4).fit(all.clone()).unwrap(), KMeans::new(4).fit(without.clone()).unwrap());
    ends(a.labels(), a.predict(&all.x).unwrap().ids, b.labels(), a.counts());
    let recipe = MiniBatchKMeans::new(4);
    let (a, b) = (recipe.fit(all.clone()).unwrap(), recipe.fit(without.clone()).unwrap());
    ends(a.model().labels(), a.predict(&all.x).unwrap().ids, b.model().labels(), a.model().counts());
    let recipe = GaussianMixture::new(4);
    let (a, b) = (recipe.fit(all.clone()).unwrap(), recipe.fit(without.clone()).unwrap());
    ends(a.labels(), a.predict(&all.x).unwrap().ids, b.labels(), a.counts());
    let recipe = KPrototypes::new(4);
    let (a, b) = (recipe.fit(all.clone()).unwrap(), recipe.fit(without).unwrap());
    ends(a.labels(), a.predict(&all.x).unwrap().ids, b.labels(), a.counts());
    // To start from one would let it decide.
    let start = |row: usize| KPrototypes::new(2).init(PrototypeInit::Rows(vec![0, row])).fit(all.clone());
    assert_eq!(start(5).unwrap().counts().iter().sum::<u64>(), 120);
    assert!(start(7).unwrap_err().to_string().contains("the row has weight 0"));
}

#[test]
fn gamma_counts_a_row_of_weight_two_twice() {
    let x = heaps(30, 2, 9);
    let weights = Array1::from_shape_fn(30, |row| 1.0 + (row % 2) as f64);
    let twice: Vec<usize> = (0..30).flat_map(|row| vec![row; 1 + row % 2]).collect();
    let gamma = |data| KPrototypes::new(2).fit(data).unwrap().gamma();
    let (weighted, rows) = (gamma(training(&x).with_weights(weights)), gamma(training(&x.select(Axis(0), &twice))));
    assert!((weighted / rows - 1.0).abs() < 1e-12, "{weighted} {rows}");
}

#[test]
fn weights_of_any_size_count_the_same() {
    let x = heaps(900, 2, 11);
    let plain = Array1::from_shape_fn(900, |row| 1.0 + (row % 3) as f64);
    // Powers of two, so that nothing is rounded: down to the least number that there is.
    for size in [2.0_f64.powi(-1060), 2.0_f64.powi(-300), 2.0_f64.powi(900)] {
        let data = |weights: &Array1<f64>| training(&x).with_weights(weights.clone());
        let scaled = plain.mapv(|w| w * size);
        for recipe in [KMeans::new(5), KMeans::new(5).init(Init::Random).n_init(1)] {
            let (a, b) = (recipe.fit(data(&plain)).unwrap(), recipe.fit(data(&scaled)).unwrap());
            assert_eq!(bits(a.centers()), bits(b.centers()), "{size:e} {recipe:?}");
            assert_eq!((a.n_iter(), a.counts()), (b.n_iter(), b.counts()));
            assert_eq!(bits(&a.weights().iter().map(|w| w * size).collect::<Vec<_>>()), bits(b.weights()));
        }
        let recipe = MiniBatchKMeans::new(5).batch_size(100);
        let (mut a, mut b) = (recipe.fit(data(&plain)).unwrap(), recipe.fit(data(&scaled)).unwrap());
        assert_eq!(bits(a.model().centers()), bits(b.model().centers()), "{size:e}");
        a.update(data(&plain), &Context::default()).unwrap();
        b.update(data(&scaled), &Context::default()).unwrap();
        assert_eq!(bits(a.model().centers()), bits(b.model().centers()), "{size:e}");
        let mixture = |weights| GaussianMixture::new(3).fit(data(weights)).unwrap();
        assert_eq!(bits(mixture(&plain).means()), bits(mixture(&scaled).means()), "{size:e}");
        let prototypes = |weights| KPrototypes::new(3).n_init(2).fit(data(weights)).unwrap();
        assert_eq!(bits(prototypes(&plain).centers()), bits(prototypes(&scaled).centers()), "{size:e}");
    }
}

#[test]
fn weights_that_no_sum_can_hold_are_refused() {
    let x = array![[0.0], [1.0], [10.0], [11.0]];
    let large = Array1::from_elem(4, 1e308);
    let apart = array![1e300, 1e300, 1e-300, 1e-300];
    for (weights, reason) in [(large, "too large to be added"), (apart, "more than 1e180 times the least")] {
        let data = || training(&x).with_weights(weights.clone());
        for said in [
            KMeans::new(2).fit(data()).unwrap_err(),
            MiniBatchKMeans::new(2).fit(data()).unwrap_err(),
            MiniBatchKMeans::new(2).start(data(), &Context::default()).unwrap_err(),
            GaussianMixture::new(2).fit(data()).unwrap_err(),
            KPrototypes::new(2).fit(data()).unwrap_err(),
        ] {
            let said = said.to_string();
            assert!(said.starts_with("column `weights`") && said.contains(reason), "{said}");
        }
    }
}

#[test]
fn weights_next_to_nothing_start_as_many_segments_as_asked_for() {
    let x = array![[0.0], [1.0], [10.0], [11.0]];
    for least in [5e-324, 1e-310, 1e-200] {
        for init in [Init::Random, Init::KMeansPlusPlus] {
            let weights = Array1::from_elem(4, least);
            let model = KMeans::new(3).init(init).fit(training(&x).with_weights(weights)).unwrap();
            assert_eq!(model.counts(), [2, 1, 1]);
            assert!(model.centers().iter().any(|v| *v == 0.5 || *v == 10.5), "{}", model.centers());
        }
    }
}

#[test]
fn given_centers_are_as_far_as_squares_are_numbers() {
    // Far beside the unit, near beside the rows.
    let model = KMeans::default().centers(array![[1e200]].view()).fit(training(&array![[1e150], [-1e150]])).unwrap();
    assert_eq!((model.counts(), model.centers()[[0, 0]]), (&[2][..], 0.0));
    let x = array![[0.0, 1.0], [2.0, 3.0], [7.0, 8.0]];
    for far in [1e200, f64::MAX] {
        let centers = array![[0.0, 1.0], [far, 0.0]];
        let said = KMeans::default().centers(centers.view()).fit(training(&x)).unwrap_err().to_string();
        assert!(said.starts_with("parameter `init`") && said.contains("center 2 lies too far"), "{said}");
        let said = MiniBatchKMeans::default().centers(centers.view()).fit(training(&x)).unwrap_err().to_string();
        assert!(said.starts_with("parameter `init`") && said.contains("center 2 lies too far"), "{said}");
        let said = GaussianMixture::default().means_init(centers.view()).fit(training(&x)).unwrap_err().to_string();
        assert!(said.starts_with("parameter `means_init`") && said.contains("mean 2 lies too far"), "{said}");
    }
}

#[test]
fn tiny_and_huge_numbers_have_the_segments_of_others() {
    let x = heaps(1_500, 3, 13);
    let fit = |recipe: &KMeans, x: &Array2<f64>| recipe.fit(training(x)).unwrap();
    for recipe in [
        KMeans::new(6).algorithm(KMeansAlgorithm::Lloyd),
        KMeans::new(6).algorithm(KMeansAlgorithm::Yinyang),
        KMeans::new(6).init(Init::Random).n_init(2),
    ] {
        let plain = fit(&recipe, &x);
        let segments = plain.assign(&x.view()).unwrap();
        // Powers of two change no digit.
        for size in [2.0_f64.powi(-900), 2.0_f64.powi(-600), 2.0_f64.powi(400)] {
            let scaled = &x * size;
            let model = fit(&recipe, &scaled);
            assert_eq!(bits(&(model.centers() / size)), bits(plain.centers()), "{size:e}");
            assert_eq!((model.n_iter(), model.counts()), (plain.n_iter(), plain.counts()));
            assert_eq!(model.assign(&scaled.view()).unwrap(), segments);
            let distances = model.transform(&scaled.view()).unwrap() / size;
            assert!((distances - plain.transform(&x.view()).unwrap()).iter().all(|v| v.abs() < 1e-9));
        }
        for size in [1e-180, 1e-300, 1e150] {
            let scaled = &x * size;
            let other = fit(&recipe, &scaled).assign(&scaled.view()).unwrap();
            assert_same_parts(&other, &segments, &format!("{size:e}"));
        }
    }
    let recipe = MiniBatchKMeans::new(5).batch_size(100);
    let plain = recipe.fit(training(&x)).unwrap();
    for size in [2.0_f64.powi(-900), 2.0_f64.powi(400)] {
        let model = recipe.fit(training(&(&x * size))).unwrap();
        assert_eq!(bits(&(model.model().centers() / size)), bits(plain.model().centers()), "{size:e}");
        assert_eq!((model.n_steps(), model.model().counts()), (plain.n_steps(), plain.model().counts()));
    }
}

#[test]
fn a_row_far_off_is_as_far_from_all_centers() {
    let model = KMeans::new(2).fit(training(&array![[0.0], [1.0], [9.0]])).unwrap();
    let found = model.predict(&training(&array![[1e200], [-1e308], [0.5]]).x).unwrap();
    assert_eq!(found.ids, [1, 0, 0].map(Some));
    assert_eq!(found.strength, array![0.0, 0.0, 1.0]);
    let distances = model.transform(&array![[1e200]].view()).unwrap();
    assert_eq!(distances, array![[1e200, 1e200]]);
}

#[test]
fn what_is_not_a_number_is_refused_by_every_method_that_takes_an_array() {
    let x = heaps(60, 2, 17);
    let data = || training(&x);
    let k_means = KMeans::new(3).fit(data()).unwrap();
    let mini_batch = MiniBatchKMeans::new(3).fit(data()).unwrap();
    let mixture = GaussianMixture::new(2).fit(data()).unwrap();
    for (bad, what) in [(f64::NAN, "a missing value"), (f64::NEG_INFINITY, "an infinite value")] {
        let mut rows = x.clone();
        rows[[4, 1]] = bad;
        let rows = rows.view();
        for said in [
            k_means.assign(&rows).unwrap_err(),
            k_means.transform(&rows).unwrap_err(),
            k_means.score(&rows, None).unwrap_err(),
            mini_batch.model().assign(&rows).unwrap_err(),
            mixture.predict_proba(&rows).unwrap_err(),
            mixture.score_samples(&rows).unwrap_err(),
            mixture.bic(&rows).unwrap_err(),
            mixture.aic(&rows).unwrap_err(),
        ] {
            let said = said.to_string();
            assert!(said.starts_with(&format!("column `c1`, row 5: {what}, which `")), "{said}");
        }
    }
    let merged = Agglomerative::new(3).fit(data()).unwrap();
    let dense = Dbscan::new(3.0).fit(data()).unwrap();
    let tree = Hdbscan::new(5).fit(data()).unwrap();
    let mut rows = x.clone();
    rows[[4, 1]] = f64::INFINITY;
    for said in [
        merged.assign(0, &rows.view()).unwrap_err(),
        dense.assign(&rows.view()).unwrap_err(),
        tree.assign(&rows.view()).unwrap_err(),
    ] {
        let said = said.to_string();
        assert!(said.starts_with("column `c1`, row 5: an infinite value, which `"), "{said}");
    }
    // Fitted chunk by chunk it knows its columns too.
    let streamed = MiniBatchKMeans::new(3).start(data(), &Context::default()).unwrap();
    assert!(streamed.model().assign(&rows.view()).unwrap_err().to_string().starts_with("column `c1`, row 5"));
    for (weight, row) in [(f64::NAN, 3), (-1.0, 1), (f64::INFINITY, 60)] {
        let mut weights = Array1::ones(60);
        weights[row - 1] = weight;
        let said = k_means.score(&x.view(), Some(weights.view())).unwrap_err().to_string();
        assert!(said.starts_with(&format!("column `weights`, row {row}: ")), "{said}");
    }
}
