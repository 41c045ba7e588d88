//! Callbacks beside what Keras's do.

use crate::data::{leads, network};
use adflux_core::Result;
use adflux_neural::{
    Callback, CsvLogger, EarlyStopping, Ended, FitOptions, History, LearningRateScheduler, Mode, ModelCheckpoint,
    Network, ReduceLrOnPlateau, TensorBoard, TrainingRun,
};
use serde::Deserialize;
use std::{collections::BTreeMap, process::Command};

/// A training of so many epochs, and the history.
fn fitted(epochs: usize, add: impl Fn(FitOptions) -> FitOptions) -> Result<(Network, History)> {
    let (x, y) = leads(120, 3, 1);
    let mut network = network(3, 1);
    let options = add(FitOptions::default().epochs(epochs).validation_split(0.4));
    let history = network.fit(&x, &y, options)?;
    Ok((network, history))
}

#[test]
fn a_training_stops_after_patience_epochs_without_a_better_value() {
    // A rate of 0 makes every epoch the same.
    let still = |options: FitOptions| options.callback(LearningRateScheduler::new(|_, _| 0.0));
    let stop = |stopping: EarlyStopping| {
        let (_, history) = fitted(10, |options| still(options).callback(stopping.clone())).unwrap();
        (history.epochs(), history.ended().cloned())
    };
    // Keras: the first epoch sets the mark; `patience` more do not beat it.
    assert_eq!(stop(EarlyStopping::new("val_loss").patience(3)).0, 4);
    assert_eq!(stop(EarlyStopping::new("val_loss")).0, 2);
    assert_eq!(stop(EarlyStopping::new("val_loss").patience(2).start_from_epoch(4)).0, 7);
    assert_eq!(stop(EarlyStopping::new("val_auc").patience(20)).1, None);
    let (epochs, ended) = stop(EarlyStopping::new("val_loss").patience(2).baseline(1e-9));
    assert_eq!(epochs, 2, "the baseline was not beaten");
    assert!(matches!(ended, Some(Ended::Stopped(reason)) if reason.contains("val_loss has not become better")));
}

#[test]
fn the_direction_follows_from_the_measure_or_is_set() {
    let epochs = |mode: Mode| {
        let stop = EarlyStopping::new("val_loss").patience(2).mode(mode);
        fitted(12, |options| options.callback(stop.clone())).unwrap().1.epochs()
    };
    assert_eq!(epochs(Mode::Auto), 12, "the loss falls");
    assert_eq!(epochs(Mode::Max), 3, "it does not rise");
}

#[test]
fn a_column_that_is_not_there_is_named_with_those_that_are() {
    let result = fitted(2, |options| options.callback(EarlyStopping::new("val_f1")));
    let message = result.unwrap_err().to_string();
    assert!(message.contains("val_f1") && message.contains("val_auc"), "{message}");
}

#[test]
fn the_learning_rate_falls_on_a_plateau_and_follows_a_function() {
    let rates = |plateau: ReduceLrOnPlateau| {
        let (_, history) = fitted(6, |options| options.callback(plateau.clone().min_delta(10.0))).unwrap();
        history.get("learning_rate").unwrap().to_vec()
    };
    // No epoch is better by 10: the first sets the mark, then the rate falls every two epochs.
    assert_eq!(
        rates(ReduceLrOnPlateau::new("val_loss").factor(0.5).patience(2)),
        [0.01, 0.01, 0.01, 0.005, 0.005, 0.0025]
    );
    let held = rates(ReduceLrOnPlateau::new("val_loss").factor(0.5).patience(1).cooldown(2).min_lr(0.004));
    assert_eq!(held, [0.01, 0.01, 0.005, 0.005, 0.004, 0.004]);
    let scheduled = LearningRateScheduler::new(|epoch, rate| if epoch == 2 { rate / 10.0 } else { rate });
    let mut scheduled = Some(scheduled);
    let (x, y) = leads(60, 3, 2);
    let options = FitOptions::default().epochs(4).callback(scheduled.take().unwrap());
    assert_eq!(network(3, 1).fit(&x, &y, options).unwrap().get("learning_rate").unwrap(), [0.01, 0.01, 0.001, 0.001]);
}

#[test]
fn checkpoints_are_of_the_best_epochs_and_the_csv_is_the_history() {
    let folder = tempfile::tempdir().unwrap();
    let (best, csv) = (folder.path().join("best-{epoch}.safetensors"), folder.path().join("log.csv"));
    let (_, history) = fitted(8, |options| {
        let checkpoint = ModelCheckpoint::new(&best).monitor("val_loss").save_best_only(true);
        options.callback(checkpoint).callback(CsvLogger::new(&csv))
    })
    .unwrap();
    let losses = history.get("val_loss").unwrap();
    for epoch in 0..8 {
        let is_best = losses[..epoch].iter().all(|before| *before > losses[epoch]);
        let path = folder.path().join(format!("best-{}.safetensors", epoch + 1));
        assert_eq!(path.exists(), is_best, "epoch {epoch}: {losses:?}");
    }
    assert_eq!(std::fs::read_to_string(&csv).unwrap(), history.to_csv());
    assert_eq!(history.to_csv().lines().count(), 9);
}

#[derive(Debug, Deserialize)]
struct Tag {
    plugin: String,
    points: Vec<(usize, serde_json::Value)>,
}

/// `ADFLUX_TENSORBOARD_PYTHON` is a Python with `tests/tensorboard/requirements.txt`; `.ci/run` makes one.
#[test]
fn tensorboards_own_reader_finds_every_measure_and_weight() {
    let Ok(python) = std::env::var("ADFLUX_TENSORBOARD_PYTHON") else {
        eprintln!("skipped: ADFLUX_TENSORBOARD_PYTHON names no Python with TensorBoard");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (x, y) = leads(120, 3, 1);
    let mut network = network(3, 1);
    let options = FitOptions::default()
        .epochs(4)
        .validation_split(0.4)
        .callback(TensorBoard::new(folder.path()).histogram_every(2));
    let history = network.fit(&x, &y, options).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/tensorboard/read.py");
    let read = Command::new(python).arg(script).arg(folder.path()).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let found: BTreeMap<String, BTreeMap<String, Tag>> = serde_json::from_slice(&read.stdout).unwrap();
    for (run, prefix, name) in [("train", "", "loss"), ("train", "", "auc"), ("validation", "val_", "accuracy")] {
        let tag = &found[run][&format!("epoch_{name}")];
        let wanted = history.get(&format!("{prefix}{name}")).unwrap();
        assert_eq!((tag.plugin.as_str(), tag.points.len()), ("scalars", 4));
        for (epoch, (step, value)) in tag.points.iter().enumerate() {
            assert_eq!(*step, epoch);
            assert!((value.as_f64().unwrap() - wanted[epoch]).abs() < 1e-6, "{run} {name} {value}");
        }
    }
    let kernel = &found["train"]["dense/kernel"];
    assert_eq!((kernel.plugin.as_str(), kernel.points.len(), kernel.points[1].0), ("histograms", 2, 3));
    let bins: Vec<[f64; 3]> = serde_json::from_value(kernel.points[1].1.clone()).unwrap();
    let weights = network.weight("dense/kernel").unwrap();
    assert_eq!(bins.iter().map(|bin| bin[2]).sum::<f64>(), weights.len() as f64);
    let low = weights.iter().fold(f32::INFINITY, |low, w| low.min(*w));
    assert!((bins[0][0] - f64::from(low)).abs() < 1e-6);
}

#[test]
fn a_callback_can_stop_within_an_epoch() {
    struct Stops;
    impl Callback for Stops {
        fn on_batch_end(&mut self, run: &mut TrainingRun<'_>) -> Result<()> {
            if run.steps() == 2 {
                run.stop("enough");
            }
            Ok(())
        }
    }
    let (_, history) = fitted(5, |options| options.callback(Stops)).unwrap();
    assert_eq!((history.epochs(), history.ended()), (1, Some(&Ended::Stopped("enough".into()))));
}

#[test]
fn callbacks_that_set_rates_do_not_switch_a_schedule_off() {
    use adflux_neural::{Activation, Adam, Compile, Dense, Loss, Schedule, Sequential};
    let (x, y) = leads(60, 3, 2);
    let rate = Schedule::Cosine { initial: 0.01, steps: 100, alpha: 0.0, warmup: 10 };
    let says = |options: FitOptions| {
        let model = Sequential::new([3]).add(Dense::new(1).activation(Activation::Sigmoid));
        let mut network = model.compile(Compile::new(Adam::new(rate.clone()), Loss::binary_crossentropy())).unwrap();
        network.fit(&x, &y, options).unwrap_err().to_string()
    };
    assert!(says(FitOptions::default().callback(ReduceLrOnPlateau::new("loss"))).contains("switch the schedule off"));
    let scheduler = LearningRateScheduler::new(|_, rate| rate);
    assert!(says(FitOptions::default().callback(scheduler)).contains("switch the schedule off"));
}
