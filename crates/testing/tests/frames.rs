//! A preprocessor and a postprocessor with at most one fault.

use crate::caught_by;
use adflux_core::{
    Component, Context, Error, Features, Fit, FitTransform, Postprocess, Prediction, Recipe, Registry, Result, Spec,
    Training, Transform,
    component::{decode, encode},
};
use adflux_data::Frame;
use adflux_testing::conformance::{self, Failure};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

const SOUND: u8 = 0;
const HIDES_AN_INPUT: u8 = 1;
const NAMES_AN_INPUT_TOO_MANY: u8 = 2;
const BY_PLACE: u8 = 3;
const SILENT_ON_MISSING: u8 = 4;
const MAKES_UP: u8 = 5;
const TAKES_NUMBERS_ONLY: u8 = 6;

/// What a campaign may spend in a day: the budget over the days. As a postprocessor, the share of the budget that the
/// prediction is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PerDay<const FAULT: u8> {}

impl<const FAULT: u8> Recipe for PerDay<FAULT> {
    const KIND: &'static str = "per-day";
    fn spec(&self) -> Result<Spec> {
        Spec::of("per-day", self)
    }
    fn from_spec(spec: &Spec, _: &Registry) -> Result<Self> {
        spec.childless()?.params()
    }
}

impl<const FAULT: u8> Component for PerDay<FAULT> {
    const KIND: &'static str = "per-day";
    fn state(&self) -> Result<Vec<u8>> {
        encode("per-day", self)
    }
    fn from_state(_: u32, state: &[u8], _: &Registry) -> Result<Self> {
        decode("per-day", state)
    }
    fn inputs(&self) -> Vec<String> {
        let names: &[&str] = match FAULT {
            HIDES_AN_INPUT => &["budget"],
            NAMES_AN_INPUT_TOO_MANY => &["budget", "days", "id"],
            _ => &["budget", "days"],
        };
        names.iter().map(|name| (*name).to_string()).collect()
    }
}

fn per_day<const FAULT: u8>(frame: &Frame) -> Result<Vec<f64>> {
    let read = |name: &str| -> Result<Vec<f64>> {
        let values = frame.numbers(name)?;
        match values.iter().position(|v| !v.is_finite() && FAULT != SILENT_ON_MISSING) {
            Some(row) => Err(Error::cell(name, row, "a finite number is needed")),
            None => Ok(values),
        }
    };
    if FAULT == BY_PLACE {
        let names: Vec<&str> = frame.names().collect();
        return read(names[1]);
    }
    frame.require(&["budget", "days"])?;
    Ok(read("budget")?.iter().zip(read("days")?).map(|(budget, days)| budget * 0.5 + days * 0.25).collect())
}

impl<const FAULT: u8> Fit<Training<Frame>> for PerDay<FAULT> {
    type Fitted = PerDay<FAULT>;
    fn fit_with(&self, data: Training<Frame>, _: &Context) -> Result<PerDay<FAULT>> {
        data.validate()?;
        per_day::<FAULT>(&data.x).map(|_| PerDay {})
    }
}

impl<const FAULT: u8> FitTransform<Frame> for PerDay<FAULT> {}

impl<const FAULT: u8> Transform<Frame> for PerDay<FAULT> {
    type Output = Features;
    fn transform(&self, frame: Frame) -> Result<Features> {
        let values = per_day::<FAULT>(&frame)?;
        let x = Array2::from_shape_vec((values.len(), 1), values).map_err(Error::backend)?;
        let column = adflux_core::Column { name: "per day".into(), sources: vec!["budget".into()] };
        Features::new(x.nrows(), vec![adflux_core::Block::new(vec![column], adflux_core::Values::Dense(x))?])
    }
}

impl<const FAULT: u8> Fit<Training<(Frame, Prediction)>> for PerDay<FAULT> {
    type Fitted = PerDay<FAULT>;
    fn fit_with(&self, data: Training<(Frame, Prediction)>, _: &Context) -> Result<PerDay<FAULT>> {
        data.validate()?;
        self.transform(data.x).map(|_| PerDay {})
    }
}

impl<const FAULT: u8> Postprocess<Frame, Prediction> for PerDay<FAULT> {}

impl<const FAULT: u8> Transform<(Frame, Prediction)> for PerDay<FAULT> {
    type Output = Prediction;
    fn transform(&self, (frame, prediction): (Frame, Prediction)) -> Result<Prediction> {
        let per_day = Array1::from(per_day::<FAULT>(&frame)?);
        let point = match &prediction {
            Prediction::Values(values) => values,
            other if FAULT != TAKES_NUMBERS_ONLY => other.point()?,
            other => panic!("{other:?}"),
        };
        if point.len() != per_day.len() {
            return Err(Error::data("as many predictions as rows are needed"));
        }
        let share = point.iter().zip(&per_day).map(|(p, d)| if FAULT == MAKES_UP { p.max(0.0) + d } else { p + d });
        Ok(Prediction::Values(share.collect()))
    }
}

fn campaigns() -> Frame {
    let numbers = |by: usize| (0..30).map(|row| (1 + row * by % 11) as f64).collect();
    let frame = Frame::builder().numbers("id", numbers(1)).numbers("budget", numbers(5)).numbers("days", numbers(3));
    frame.texts("platform", (0..30).map(|row| ["META", "GOOGLE"][row % 2])).build().unwrap()
}

fn before<const FAULT: u8>() -> Vec<Failure> {
    conformance::preprocessor(PerDay::<FAULT> {}, Training::new(campaigns())).failures()
}

fn after<const FAULT: u8>() -> Vec<Failure> {
    let prediction = Prediction::Values((0..30).map(f64::from).collect());
    conformance::postprocessor(PerDay::<FAULT> {}, Training::new((campaigns(), prediction))).failures()
}

#[test]
fn a_sound_preprocessor_and_a_sound_postprocessor_pass() {
    assert_eq!(before::<SOUND>(), []);
    assert_eq!(after::<SOUND>(), []);
}

#[test]
fn each_fault_is_caught_by_the_check_that_is_there_for_it() {
    caught_by("columns", &before::<HIDES_AN_INPUT>());
    caught_by("columns", &before::<NAMES_AN_INPUT_TOO_MANY>());
    caught_by("columns", &before::<BY_PLACE>());
    caught_by("missing values", &before::<SILENT_ON_MISSING>());
    caught_by("columns", &after::<HIDES_AN_INPUT>());
    caught_by("missing values", &after::<MAKES_UP>());
    caught_by("types", &after::<TAKES_NUMBERS_ONLY>());
}
