//! A model with at most one fault.

use crate::{caught_by, training};
use adflux_core::{
    Block, Component, Context, Error, Features, Fit, Predict, Prediction, Recipe, Registry, Result, Spec, Training,
    Values,
    component::{decode, encode},
    parameter,
};
use adflux_testing::conformance::{self, Failure};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

const SOUND: u8 = 0;
const PANICS_ON_EMPTY: u8 = 1;
const COUNTS_THREADS: u8 = 2;
const FORGETS: u8 = 3;
const LOOKS_ACROSS: u8 = 4;
const BLIND_TO_NAMES: u8 = 5;
const SILENT_ON_NAN: u8 = 6;
const NAMES_NO_CELL: u8 = 7;
const TRUSTS_STATES: u8 = 8;
const VALIDATES_NOTHING: u8 = 9;
const MISREADS_WEIGHTS: u8 = 10;
const CHECKS_NO_PARAMETER: u8 = 11;
const TAKES_ANY_PARAMETER: u8 = 12;
const DEAF: u8 = 13;
const SQUARES: u8 = 14;
const READS_TEXT: u8 = 15;
const SILENT_ON_INFINITY: u8 = 16;
const PASSES_OVER_EXPOSURE: u8 = 17;
const CLAIMS_EXPOSURE: u8 = 18;

/// Predicts the mean of the target and `by` times the sum of the row.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Toy<const FAULT: u8> {
    by: f64,
}

#[derive(Debug, Serialize, Deserialize)]
struct FittedToy<const FAULT: u8> {
    names: Vec<String>,
    by: f64,
    mean: f64,
    threads: usize,
    #[serde(skip)]
    unsaved: f64,
}

impl<const FAULT: u8> Recipe for Toy<FAULT> {
    const KIND: &'static str = "toy";
    fn spec(&self) -> Result<Spec> {
        Spec::of("toy", self)
    }
    fn from_spec(spec: &Spec, _: &Registry) -> Result<Self> {
        match (FAULT, spec.params.get("by").and_then(toml::Value::as_float)) {
            (TAKES_ANY_PARAMETER, Some(by)) => Ok(Toy { by }),
            _ => spec.childless()?.params(),
        }
    }
}

impl<const FAULT: u8> Component for FittedToy<FAULT> {
    const KIND: &'static str = "toy";
    fn state(&self) -> Result<Vec<u8>> {
        encode("toy", self)
    }
    fn from_state(_: u32, state: &[u8], _: &Registry) -> Result<Self> {
        if FAULT == TRUSTS_STATES { Ok(decode("toy", state).unwrap()) } else { decode("toy", state) }
    }
}

/// The numbers of features that the toy takes.
fn numbers<const FAULT: u8>(x: &Features) -> Result<Array2<f64>> {
    match FAULT {
        SILENT_ON_NAN => {}
        NAMES_NO_CELL => x.require_finite("toy").map_err(|_| Error::data("something is not finite"))?,
        SILENT_ON_INFINITY => {
            let finite = |b: &Block| match b.values() {
                Values::Dense(x) => Values::Dense(x.mapv(|v| if v.is_infinite() { 0.0 } else { v })),
                other => other.clone(),
            };
            let blocks = x.blocks().iter().map(|b| Block::new(b.columns().clone(), finite(b)));
            Features::new(x.rows(), blocks.collect::<Result<_>>()?)?.require_finite("toy")?;
        }
        _ => x.require_finite("toy")?,
    }
    match x.dense("toy") {
        Err(_) if FAULT == READS_TEXT => Ok(Array2::zeros((x.rows(), x.width()))),
        dense => dense.cloned(),
    }
}

impl<const FAULT: u8> Fit<Training<Features>> for Toy<FAULT> {
    type Fitted = FittedToy<FAULT>;
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<FittedToy<FAULT>> {
        if FAULT != CHECKS_NO_PARAMETER {
            parameter::positive("by", self.by)?;
        }
        if FAULT != VALIDATES_NOTHING {
            data.validate()?;
        }
        numbers::<FAULT>(&data.x)?;
        for half in 1..=2 {
            if FAULT != DEAF {
                context.check()?;
            }
            context.report("toy", half, Some(2));
        }
        let y = if FAULT == PASSES_OVER_EXPOSURE { data.totals("toy")? } else { data.values("toy")? };
        let mut mean = y.iter().map(|v| v / y.len() as f64).sum();
        if FAULT == MISREADS_WEIGHTS && data.weights.is_some() {
            mean += 1.0;
        }
        let threads = if FAULT == COUNTS_THREADS { context.run(rayon::current_num_threads) } else { 0 };
        let names = data.x.columns().map(|c| c.name.clone()).collect();
        Ok(FittedToy { names, by: self.by, mean, threads, unsaved: f64::from(u8::from(FAULT == FORGETS)) })
    }
}

impl<const FAULT: u8> Predict<Features> for FittedToy<FAULT> {
    type Output = Prediction;
    fn predict(&self, x: &Features) -> Result<Prediction> {
        assert!(FAULT != PANICS_ON_EMPTY || x.rows() > 0, "index out of bounds");
        if FAULT != BLIND_TO_NAMES && !x.columns().map(|c| &c.name).eq(&self.names) {
            return Err(Error::data("other columns"));
        }
        let x = numbers::<FAULT>(x)?;
        let value = |v: f64| if FAULT == SQUARES { v * v } else { v };
        // Each column has a weight of its own, so that their order matters.
        let of_row = |row: ndarray::ArrayView1<f64>| -> f64 {
            row.iter().enumerate().map(|(place, v)| value(*v) / (1 + place) as f64).sum::<f64>() * self.by + self.mean
        };
        let rows: Array1<f64> = x.rows().into_iter().map(of_row).collect();
        let shift = if FAULT == LOOKS_ACROSS { rows.sum() } else { self.unsaved };
        Ok(Prediction::Values(rows + shift))
    }
    fn uses_exposure(&self) -> bool {
        FAULT == CLAIMS_EXPOSURE
    }
}

fn failures<const FAULT: u8>() -> Vec<Failure> {
    conformance::model(Toy::<FAULT> { by: 0.5 }, training()).refuses("by", Toy { by: -1.0 }).failures()
}

#[test]
fn a_sound_model_passes() {
    assert_eq!(failures::<SOUND>(), []);
}

#[test]
fn each_fault_is_caught_by_the_check_that_is_there_for_it() {
    caught_by("edges", &failures::<PANICS_ON_EMPTY>());
    caught_by("threads", &failures::<COUNTS_THREADS>());
    caught_by("saving", &failures::<FORGETS>());
    caught_by("rows", &failures::<LOOKS_ACROSS>());
    caught_by("columns", &failures::<BLIND_TO_NAMES>());
    caught_by("missing values", &failures::<SILENT_ON_NAN>());
    caught_by("missing values", &failures::<NAMES_NO_CELL>());
    caught_by("damage", &failures::<TRUSTS_STATES>());
    caught_by("training", &failures::<VALIDATES_NOTHING>());
    caught_by("training", &failures::<MISREADS_WEIGHTS>());
    caught_by("training", &failures::<PASSES_OVER_EXPOSURE>());
    caught_by("training", &failures::<CLAIMS_EXPOSURE>());
    caught_by("parameters", &failures::<CHECKS_NO_PARAMETER>());
    caught_by("recipe", &failures::<TAKES_ANY_PARAMETER>());
    caught_by("cancellation", &failures::<DEAF>());
    caught_by("scales", &failures::<SQUARES>());
    caught_by("types", &failures::<READS_TEXT>());
    caught_by("infinite values", &failures::<SILENT_ON_INFINITY>());
}

#[test]
fn what_is_declared_must_hold() {
    let sound = || conformance::model(Toy::<SOUND> { by: 0.5 }, training());
    caught_by("missing values", &sound().takes_missing_values().failures());
    caught_by("missing values", &sound().keeps_missing_values().failures());
    caught_by("infinite values", &sound().takes_infinite_values().failures());
    caught_by("rows", &sound().looks_across_rows().failures());
    caught_by("columns", &sound().takes_any_columns().failures());
    caught_by("parameters", &sound().refuses("by", Toy { by: 1.0 }).failures());
    caught_by("parameters", &sound().refuses("other", Toy { by: -1.0 }).failures());
}

#[test]
fn the_panic_lists_everything_and_says_on_which_input() {
    let check = || conformance::model(Toy::<PANICS_ON_EMPTY> { by: 0.5 }, training()).looks_across_rows().check();
    let says = *std::panic::catch_unwind(check).unwrap_err().downcast::<String>().unwrap();
    assert!(says.starts_with("`toy` does not conform:\n"), "{says}");
    assert!(says.contains("\n  edges: no rows: panicked: index out of bounds"), "{says}");
    assert!(says.contains("\n  rows: `looks_across_rows`: declared, but"), "{says}");
    let unfit = conformance::model(Toy::<SOUND> { by: 0.0 }, training()).failures();
    assert_eq!(unfit.len(), 1);
    assert!(unfit[0].message.starts_with("the valid training data: refused: parameter `by`"), "{unfit:?}");
}
