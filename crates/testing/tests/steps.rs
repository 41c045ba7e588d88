//! A step from features to features with at most one fault, and two steps in a chain.

use crate::{caught_by, features};
use adflux_core::{
    Block, Column, Component, Context, Features, Fit, FitTransform, Recipe, Registry, Result, Spec, Then as _,
    Training, Transform, Values,
    component::{decode, encode},
};
use adflux_testing::conformance::{self, Failure};
use serde::{Deserialize, Serialize};

const SOUND: u8 = 0;
const WRONG_LINEAGE: u8 = 1;
const NO_LINEAGE: u8 = 2;
const SAME_NAMES: u8 = 3;
const OTHERWISE_IN_TRAINING: u8 = 4;
const PASSES_NAN: u8 = 5;

/// Halves every number.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Half<const FAULT: u8> {}

impl<const FAULT: u8> Recipe for Half<FAULT> {
    const KIND: &'static str = "half";
    fn spec(&self) -> Result<Spec> {
        Spec::of("half", self)
    }
    fn from_spec(spec: &Spec, _: &Registry) -> Result<Self> {
        spec.childless()?.params()
    }
}

impl<const FAULT: u8> Component for Half<FAULT> {
    const KIND: &'static str = "half";
    fn state(&self) -> Result<Vec<u8>> {
        encode("half", self)
    }
    fn from_state(_: u32, state: &[u8], _: &Registry) -> Result<Self> {
        decode("half", state)
    }
}

impl<const FAULT: u8> Fit<Training<Features>> for Half<FAULT> {
    type Fitted = Half<FAULT>;
    fn fit_with(&self, data: Training<Features>, _: &Context) -> Result<Half<FAULT>> {
        data.validate()?;
        self.transform(data.x).map(|_| Half {})
    }
}

impl<const FAULT: u8> FitTransform<Features> for Half<FAULT> {
    fn fit_transform(&self, data: Training<Features>, context: &Context) -> Result<(Half<FAULT>, Features)> {
        let output = self.transform(data.x.clone())?;
        let again = if FAULT == OTHERWISE_IN_TRAINING { self.transform(output)? } else { output };
        Ok((self.fit_with(data, context)?, again))
    }
}

impl<const FAULT: u8> Transform<Features> for Half<FAULT> {
    type Output = Features;
    fn transform(&self, x: Features) -> Result<Features> {
        if FAULT != PASSES_NAN {
            x.require_finite("half")?;
        }
        let half = x.dense("half")?.mapv(|v| v / 2.0);
        let column = |c: &Column| match FAULT {
            WRONG_LINEAGE => Column::input(&c.name),
            NO_LINEAGE => Column { name: c.name.clone(), sources: Vec::new() },
            SAME_NAMES => c.derive("half"),
            _ => c.derive(format!("half {}", c.name)),
        };
        let columns: Vec<Column> = x.columns().map(column).collect();
        Features::trusted(x.rows(), vec![Block::new(columns, Values::Dense(half))?])
    }
}

/// Halving learns nothing, so it takes any columns; their names come out in the order they went in.
fn failures<const FAULT: u8>() -> Vec<Failure> {
    conformance::transform(Half::<FAULT> {}, Training::new(features())).takes_any_columns().failures()
}

#[test]
fn a_sound_step_passes() {
    assert_eq!(failures::<SOUND>(), []);
}

#[test]
fn each_fault_is_caught_by_the_check_that_is_there_for_it() {
    caught_by("lineage", &failures::<WRONG_LINEAGE>());
    caught_by("lineage", &failures::<NO_LINEAGE>());
    caught_by("names", &failures::<SAME_NAMES>());
    caught_by("names", &failures::<OTHERWISE_IN_TRAINING>());
    caught_by("missing values", &failures::<PASSES_NAN>());
}

#[test]
fn what_passes_missing_and_infinite_values_on_may_declare_so() {
    let step = || conformance::transform(Half::<PASSES_NAN> {}, Training::new(features())).takes_any_columns();
    assert_eq!(step().keeps_missing_values().keeps_infinite_values().failures(), []);
    caught_by("infinite values", &step().keeps_missing_values().takes_infinite_values().failures());
}

#[test]
fn a_step_that_cross_fits_declares_so() {
    let step = |fault: Half<OTHERWISE_IN_TRAINING>| conformance::transform(fault, Training::new(features()));
    let failures = step(Half {}).takes_any_columns().cross_fits().failures();
    // Halved twice, its columns are called otherwise in training too, which no cross-fitting excuses.
    caught_by("names", &failures);
    let sound = conformance::transform(Half::<SOUND> {}, Training::new(features())).takes_any_columns();
    caught_by("names", &sound.cross_fits().failures());
}

#[test]
fn a_chain_passes_when_its_steps_do() {
    let chain = Half::<SOUND> {}.then(Half::<SOUND> {});
    conformance::transform(chain, Training::new(features())).takes_any_columns().check();
}
