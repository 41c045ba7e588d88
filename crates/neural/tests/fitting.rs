//! `fit`, `evaluate`, `predict`: what they promise, and what they refuse.

use crate::data::{leads, network};
use adflux_core::{CancelToken, Context};
use adflux_neural::{
    Activation, Adam, BatchNormalization, Callback, Compile, Dense, EarlyStopping, Embedding, Ended, FitOptions,
    Flatten, Loss, Objective, Samples, Sequential, Sgd, TrainingRun, ValidationSplit,
};
use ndarray::{Array1, Array2, array, s};
use std::sync::{Arc, Mutex};

#[test]
fn a_network_learns_what_a_line_cannot() {
    let (x, y) = leads(3000, 4, 1);
    let mut network = network(4, 1);
    let history = network.fit(&x, &y, FitOptions::default().epochs(15).validation_split(0.2)).unwrap();
    assert!(history.last("val_auc").unwrap() > 0.85, "{history:?}");
    assert!(history.last("loss").unwrap() < history.get("loss").unwrap()[0]);
    assert_eq!(
        history.names().collect::<Vec<_>>(),
        ["loss", "auc", "accuracy", "val_loss", "val_auc", "val_accuracy", "learning_rate"]
    );
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_seed_others() {
    let (x, y) = leads(300, 3, 2);
    let fitted = |seed: u64| {
        let mut network = network(3, seed);
        network.fit(&x, &y, FitOptions::default().epochs(3)).unwrap();
        network.predict(&x).unwrap()
    };
    assert_eq!(fitted(5), fitted(5));
    assert_ne!(fitted(5), fitted(6));
}

/// A line without anything random.
fn line(columns: usize, rate: f64) -> adflux_neural::Network {
    let model = Sequential::new([columns]).add(Dense::new(1).activation(Activation::Sigmoid)).seed(3);
    model.compile(Compile::new(Sgd::new(rate), Loss::binary_crossentropy()).weighted_metrics(["accuracy"])).unwrap()
}

#[test]
fn a_row_of_weight_two_is_that_row_twice_and_of_zero_no_row() {
    let (x, y) = leads(40, 3, 3);
    let weights: Vec<f64> = (0..40).map(|row| f64::from(row % 3)).collect();
    let rows: Vec<usize> = (0..40).flat_map(|row| vec![row; row % 3]).collect();
    let whole = |n: usize| FitOptions::default().epochs(5).batch_size(n).shuffle(false);
    let mut weighted = line(3, 0.5);
    weighted.fit(&x, &y, whole(40).sample_weight(&weights)).unwrap();
    // The loss is a mean over rows, whatever their weights: with as many rows as weights it is the same.
    let mut repeated = line(3, 0.5 * rows.len() as f64 / 40.0);
    repeated.fit(&x.select(ndarray::Axis(0), &rows), &y.select(ndarray::Axis(0), &rows), whole(rows.len())).unwrap();
    let (a, b) = (weighted.predict(&x).unwrap(), repeated.predict(&x).unwrap());
    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-5));
}

#[test]
fn class_weights_count_in_training_and_validation() {
    let (x, y) = leads(200, 3, 4);
    let of_rows: Vec<f64> = y.iter().map(|y| if *y > 0.5 { 5.0 } else { 1.0 }).collect();
    let run = |options: FitOptions| {
        let mut network = line(3, 0.1);
        network.fit(&x, &y, options.epochs(2).validation_split(0.25)).unwrap()
    };
    let by_class = run(FitOptions::default().class_weight([(1, 5.0)]));
    let by_row = run(FitOptions::default().sample_weight(&of_rows));
    assert_eq!(by_class, by_row);
    assert_ne!(by_class.get("val_loss"), run(FitOptions::default()).get("val_loss"));
}

#[test]
fn validation_rows_are_the_last_the_latest_or_of_each_class() {
    /// Hears how many rows were held back by what the validation loss is.
    fn loss(options: FitOptions, x: &Array2<f64>, y: &Array1<f64>) -> f64 {
        line(1, 0.0).fit(x, y, options.batch_size(100)).unwrap().last("val_loss").unwrap()
    }
    let x = Array2::from_shape_fn((10, 1), |(row, _)| row as f64);
    let y = array![0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0];
    let of = |rows: &[usize]| {
        let (x, y) = (x.select(ndarray::Axis(0), rows), y.select(ndarray::Axis(0), rows));
        line(1, 0.0).evaluate(&x, &y, None).unwrap().get("loss").unwrap()
    };
    let split = |by: ValidationSplit| FitOptions::default().validation_split(0.2).validation_by(by);
    assert_eq!(loss(FitOptions::default().validation_split(0.2), &x, &y), of(&[8, 9]));
    let times: Vec<i64> = vec![9, 8, 1, 2, 3, 4, 5, 6, 7, 0];
    assert_eq!(loss(split(ValidationSplit::Temporal(times)), &x, &y), of(&[1, 0]));
    let stratified = loss(split(ValidationSplit::Stratified), &x, &y);
    let pairs: Vec<f64> =
        (0..10).step_by(2).flat_map(|a| (1..10).step_by(2).map(move |b| [a, b])).map(|p| of(&p)).collect();
    assert!(pairs.iter().any(|pair| (pair - stratified).abs() < 1e-6), "one row of each class: {stratified}");
}

#[test]
fn clipping_bounds_what_one_step_moves() {
    let x = Array2::from_elem((8, 2), 100.0);
    let y = Array1::<f64>::zeros(8);
    let moved = |options: FitOptions| {
        let compile = Compile::new(Sgd::new(1.0), Loss::MeanSquaredError);
        let mut network = Sequential::new([2]).add(Dense::new(1)).compile(compile).unwrap();
        let before = network.weight("dense/kernel").unwrap();
        network.fit(&x, &y, options).unwrap();
        (network.weight("dense/kernel").unwrap() - before).mapv(f32::abs).into_raw_vec_and_offset().0
    };
    assert!(moved(FitOptions::default())[0] > 10.0);
    assert!(moved(FitOptions::default().clip_value(0.5)).iter().all(|m| (m - 0.5).abs() < 1e-5));
    let norm = |m: Vec<f32>| m.iter().map(|v| v * v).sum::<f32>().sqrt();
    assert!((norm(moved(FitOptions::default().clip_norm(0.5))) - 0.5).abs() < 1e-5);
    assert!(norm(moved(FitOptions::default().global_clip_norm(0.5))) < 0.5);
}

/// Cancels after some steps.
struct CancelAfter(u64, CancelToken);
impl Callback for CancelAfter {
    fn on_batch_end(&mut self, run: &mut TrainingRun<'_>) -> adflux_core::Result<()> {
        if run.steps() == self.0 {
            self.1.cancel();
        }
        Ok(())
    }
}

#[test]
fn a_cancelled_training_ends_with_the_best_weights() {
    let (x, y) = leads(320, 3, 5);
    let token = CancelToken::default();
    let mut cancelled = network(3, 2);
    let options = FitOptions::default()
        .epochs(50)
        .validation_split(0.5)
        .callback(EarlyStopping::new("val_loss").patience(100).restore_best_weights(true))
        .callback(CancelAfter(18, token.clone()))
        .context(&Context::default().with_cancel(token));
    let history = cancelled.fit(&x, &y, options).unwrap();
    assert_eq!((history.ended(), history.epochs()), (Some(&Ended::Cancelled), 3));
    let (best, value) = history.best("val_loss", false).unwrap();
    let of_best = cancelled.evaluate(&x.slice(s![160.., ..]).to_owned(), &y.slice(s![160..]).to_owned(), None).unwrap();
    assert_eq!(of_best.get("loss").unwrap(), value, "the weights of epoch {best}");
}

#[test]
fn several_outputs_have_losses_of_their_own() {
    use adflux_neural::{Concatenate, Model, SharedLayer, Symbol};
    let (x, y) = leads(600, 3, 6);
    let city: Array1<u32> = (0..600).map(|row| row % 5).collect();
    let spend: Array1<f64> = x.column(0).mapv(|v| 2.0 * v) + city.mapv(f64::from);
    let (numbers, place) = (Symbol::input("numbers", [3]), Symbol::input("city", [1]));
    let shared = SharedLayer::new(Dense::new(8).activation(Activation::Tanh));
    let vector = place.apply(Embedding::new(5, 3)).apply(Flatten);
    let (a, b) = (numbers.apply_shared(&shared), vector.apply_shared(&shared));
    let hidden = Symbol::merge(&[&a, &b], Concatenate);
    use adflux_neural::Named as _;
    let lead = hidden.apply(Dense::new(1).activation(Activation::Sigmoid).named("lead"));
    let cost = hidden.apply(Dense::new(1).named("cost"));
    let compile = Compile::several(
        Adam::new(0.02),
        [
            Objective::new(Loss::binary_crossentropy()).metrics(["auc"]),
            Objective::new(Loss::MeanSquaredError).weight(0.1).metrics(["r2"]),
        ],
    );
    let mut network = Model::new([&numbers, &place], [&lead, &cost]).unwrap().compile(compile).unwrap();
    assert_eq!(network.summary().parameters(), 15 + 32 + 17 + 17, "the shared layer counts once");
    let samples = || Samples::from(&x).named("numbers").and(Samples::from(&city).named("city"));
    let history = network.fit(samples(), Samples::from(&y).and(&spend), FitOptions::default().epochs(30)).unwrap();
    assert!(history.last("cost_r2").unwrap() > 0.95 && history.last("lead_auc").unwrap() > 0.6, "{history:?}");
    let whole = history.last("lead_loss").unwrap() + 0.1 * history.last("cost_loss").unwrap();
    assert!((history.last("loss").unwrap() - whole).abs() < 1e-9);
    // By name, the order does not matter.
    let turned = Samples::from(&city).named("city").and(Samples::from(&x).named("numbers"));
    let (a, b) = (network.predict_all(samples()).unwrap(), network.predict_all(turned).unwrap());
    assert_eq!(a, b);
    assert_eq!(a.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["lead", "cost"]);
}

fn says<T: std::fmt::Debug>(result: adflux_core::Result<T>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn data_that_do_not_fit_are_named() {
    let (x, y) = leads(20, 3, 7);
    let fit = |x: &Array2<f64>, y: &Array1<f64>, options: FitOptions| says(network(3, 1).fit(x, y, options));
    let plain = FitOptions::default;
    assert_eq!(
        fit(&x.slice(s![.., ..2]).to_owned(), &y, plain()),
        "column `input`: samples of shape [2], where the network takes [3]"
    );
    assert_eq!(fit(&Array2::zeros((0, 3)), &Array1::zeros(0), plain()), "the training data has no rows");
    assert_eq!(fit(&x, &y.slice(s![..7]).to_owned(), plain()), "target of 7 rows beside 20 rows of inputs");
    let mut holes = x.clone();
    holes[[4, 1]] = f64::NAN;
    assert!(fit(&holes, &y, plain()).starts_with("column `input`, row 5: a missing value"));
    assert!(says(network(3, 1).predict(&holes)).starts_with("column `input`, row 5: a missing value"));
    holes[[4, 1]] = 1e39;
    assert!(fit(&holes, &y, plain()).contains("beyond the 3.4e38 that f32 holds"));
    let mut labels = y.clone();
    labels[3] = 2.0;
    assert_eq!(fit(&x, &labels, plain()), "column `target`, row 4: 2 is no share: binary_crossentropy needs 0 to 1");
    labels[3] = f64::INFINITY;
    assert!(fit(&x, &labels, plain()).starts_with("column `target`, row 4: missing or infinite"));
    assert!(fit(&x, &y, plain().sample_weight(&[1.0; 3])).starts_with("weights of 3 rows"));
    assert!(fit(&x, &y, plain().sample_weight(&[-1.0; 20])).starts_with("column `weights`, row 1: -1"));
    assert!(fit(&x, &y, plain().sample_weight(&[0.0; 20])).contains("all are zero"));
    assert!(fit(&x, &y, plain().class_weight([(0, 0.0), (1, 0.0)])).contains("all are zero"));
    assert!(network(3, 1).fit(&x, &y, plain().batch_size(1000)).is_ok(), "a batch larger than the data is one batch");
}

#[test]
fn codes_and_classes_out_of_range_are_named() {
    let compile = || Compile::new(Adam::default(), Loss::sparse_categorical_crossentropy()).metrics(["accuracy"]);
    let model =
        Sequential::new([2]).add(Embedding::new(4, 3)).add(Flatten).add(Dense::new(3).activation(Activation::Softmax));
    let mut network = model.compile(compile()).unwrap();
    let (x, y) = (array![[0u32, 3], [1, 2]], array![0u32, 2]);
    assert!(network.fit(&x, &y, FitOptions::default()).is_ok());
    assert_eq!(
        says(network.fit(&array![[0u32, 3], [1, 4]], &y, FitOptions::default())),
        "column `input`, row 2: 4 is none of the codes 0 to 3 of the embedding"
    );
    assert!(says(network.predict(&array![[0.5, 3.0]])).contains("0.5 is none of the codes"));
    assert!(says(network.predict(&array![[-1.0, 3.0]])).contains("-1 is none of the codes"));
    assert_eq!(
        says(network.fit(&x, &array![0u32, 3], FitOptions::default())),
        "column `target`, row 2: 3 is none of the classes 0 to 2"
    );
    let hot = array![[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]];
    assert!(says(network.fit(&x, &hot, FitOptions::default())).ends_with("judged by categorical_crossentropy"));
}

#[test]
fn options_out_of_range_are_named() {
    let (x, y) = leads(20, 3, 8);
    let fit = |options: FitOptions| says(network(3, 1).fit(&x, &y, options));
    assert!(fit(FitOptions::default().epochs(0)).starts_with("parameter `epochs` = 0"));
    assert!(fit(FitOptions::default().batch_size(0)).starts_with("parameter `batch_size` = 0"));
    assert!(fit(FitOptions::default().validation_split(1.0)).starts_with("parameter `validation_split` = 1.0"));
    assert!(fit(FitOptions::default().validation_split(0.99)).contains("leaves 0 to learn from"));
    assert!(fit(FitOptions::default().initial_epoch(1)).starts_with("parameter `initial_epoch` = 1"));
    assert!(fit(FitOptions::default().epochs(9).initial_epoch(3)).contains("the history has 0 epochs"));
    assert!(fit(FitOptions::default().clip_norm(0.0)).starts_with("parameter `clip_norm` = 0.0"));
    let both = FitOptions::default().validation_split(0.1).validation_data(&x, &y, None);
    assert!(fit(both).contains("not both"));
}

#[test]
fn a_gradient_that_breaks_names_weight_and_step_and_leaves_the_weights() {
    let x = Array2::from_shape_fn((64, 2), |(row, column)| 1e18 * ((row + column) as f64 + 1.0));
    let y: Array1<f64> = x.column(0).to_owned();
    let compile = Compile::new(Sgd::new(1.0), Loss::MeanSquaredError);
    let mut network = Sequential::new([2]).add(Dense::new(4)).add(Dense::new(1)).compile(compile).unwrap();
    let message = says(network.fit(&x, &y, FitOptions::default().epochs(3)));
    assert!(message.starts_with("the gradient of `dense"), "{message}");
    assert!(message.contains("is not finite (or beyond 1e18) in epoch 1, step "), "{message}");
    let names: Vec<String> = network.weight_names().map(|(name, _)| name.to_string()).collect();
    assert!(names.iter().all(|name| network.weight(name).unwrap().iter().all(|v| v.is_finite())));
}

#[test]
fn the_best_weights_are_kept_when_a_callback_fails() {
    struct Fails;
    impl Callback for Fails {
        fn on_epoch_end(&mut self, run: &mut TrainingRun<'_>) -> adflux_core::Result<()> {
            if run.epoch() == 4 { Err(adflux_core::Error::data("the disk is full")) } else { Ok(()) }
        }
    }
    let (x, y) = leads(200, 3, 9);
    let mut network = network(3, 1);
    let options = FitOptions::default()
        .epochs(20)
        .callback(EarlyStopping::new("loss").patience(50).restore_best_weights(true))
        .callback(Fails);
    assert_eq!(says(network.fit(&x, &y, options)), "the disk is full");
    assert_eq!(network.history().epochs(), 5);
    // What stands as "loss" is of the way through an epoch; the weights are those at its end, whose loss is another.
    let mut again = crate::data::network(3, 1);
    let (best, _) = network.history().best("loss", false).unwrap();
    again.fit(&x, &y, FitOptions::default().epochs(best + 1)).unwrap();
    assert_eq!(network.predict(&x).unwrap(), again.predict(&x).unwrap(), "the weights of epoch {best}");
}

#[test]
fn moving_averages_are_of_the_data_and_used_for_predictions() {
    let x = Array2::from_shape_fn((256, 1), |(row, _)| 50.0 + (row % 16) as f64);
    let y: Array1<f64> = x.column(0).mapv(|v| v / 10.0);
    let model = Sequential::new([1]).add(BatchNormalization::default().momentum(0.5)).add(Dense::new(1));
    let mut network = model.compile(Compile::new(Adam::new(0.05), Loss::MeanSquaredError)).unwrap();
    network.fit(&x, &y, FitOptions::default().epochs(60)).unwrap();
    let mean = network.weight("batch_normalization/moving_mean").unwrap()[0];
    assert!((mean - 57.5).abs() < 2.0, "{mean}");
    assert!(network.evaluate(&x, &y, None).unwrap().get("loss").unwrap() < 0.02);
}

#[test]
fn callbacks_hear_of_everything_in_order() {
    #[derive(Clone, Default)]
    struct Hears(Arc<Mutex<Vec<String>>>);
    impl Hears {
        fn note(&self, what: &str, run: &TrainingRun<'_>) -> adflux_core::Result<()> {
            self.0.lock().unwrap().push(format!("{what} {} {}", run.epoch(), run.steps()));
            Ok(())
        }
    }
    impl Callback for Hears {
        fn on_train_begin(&mut self, run: &mut TrainingRun<'_>) -> adflux_core::Result<()> {
            self.note("begin", run)
        }
        fn on_epoch_begin(&mut self, run: &mut TrainingRun<'_>) -> adflux_core::Result<()> {
            self.note("epoch", run)
        }
        fn on_batch_end(&mut self, run: &mut TrainingRun<'_>) -> adflux_core::Result<()> {
            self.note("batch", run)
        }
        fn on_epoch_end(&mut self, run: &mut TrainingRun<'_>) -> adflux_core::Result<()> {
            assert!(run.log("loss")? > 0.0 && run.log("no_such").is_err());
            self.note("done", run)
        }
        fn on_train_end(&mut self, run: &mut TrainingRun<'_>) -> adflux_core::Result<()> {
            self.note("end", run)
        }
    }
    let (x, y) = leads(50, 3, 10);
    let hears = Hears::default();
    network(3, 1).fit(&x, &y, FitOptions::default().epochs(2).callback(hears.clone())).unwrap();
    let heard = hears.0.lock().unwrap().join(", ");
    let expected =
        "begin 0 0, epoch 0 0, batch 0 1, batch 0 2, done 0 2, epoch 1 2, batch 1 3, batch 1 4, done 1 4, end 1 4";
    assert_eq!(heard, expected);
}

#[test]
fn best_weights_of_an_earlier_part_are_put_back_only_when_asked_for() {
    let (x, y) = leads(200, 3, 11);
    let stop = || EarlyStopping::new("loss").patience(50).restore_best_weights(true);
    let mut network = network(3, 1);
    network.fit(&x, &y, FitOptions::default().epochs(3).callback(stop())).unwrap();
    let before = network.predict(&x).unwrap();
    network.fit(&x, &y, FitOptions::default().epochs(6).initial_epoch(3)).unwrap();
    assert_ne!(network.predict(&x).unwrap(), before, "three epochs more were made");
}

#[test]
fn weights_are_looked_at_on_both_sides_of_a_split() {
    let (x, y) = leads(40, 3, 12);
    let late: Vec<f64> = (0..40).map(|row| f64::from(u8::from(row >= 30))).collect();
    let early: Vec<f64> = late.iter().map(|w| 1.0 - w).collect();
    let fit = |weights: &[f64]| {
        says(network(3, 1).fit(&x, &y, FitOptions::default().validation_split(0.25).sample_weight(weights)))
    };
    assert!(fit(&late).contains("all rows that are learned from have a weight of 0"));
    assert!(fit(&early).contains("all rows that are held back have a weight of 0"));
    let class = |weights: &[(usize, f64)]| {
        says(network(3, 1).fit(&x, &y, FitOptions::default().class_weight(weights.iter().copied())))
    };
    assert!(class(&[(7, 5.0)]).contains("classes are numbered 0 to 1"));
    assert!(class(&[(1, 5.0), (1, 2.0)]).contains("each at most once"));
}
