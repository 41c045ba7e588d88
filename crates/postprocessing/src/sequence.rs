//! [`Sequence`]: several postprocessors, one after the other, chosen by name.

use adflux_core::{
    AnyPostprocessRecipe, AnyTransform, Component, Context, Describe as _, DynComponent as _, Fit, Needs, Postprocess,
    Prediction, Recipe, Registry, Result, Saved, Spec, Training, Transform,
    component::{decode, encode},
};
use adflux_data::Frame;

/// Several postprocessors, one after the other: each is fitted on what the one before it gives. Kind `sequence`, the
/// postprocessors are its `steps`.
#[derive(Clone, Debug, Default)]
pub struct Sequence {
    steps: Vec<AnyPostprocessRecipe<Frame>>,
}

impl Sequence {
    /// A sequence of nothing.
    pub fn new() -> Self {
        Sequence::default()
    }

    /// Adds a postprocessor at the end.
    pub fn step<R>(mut self, recipe: R) -> Self
    where
        R: Recipe + Postprocess<Frame, Prediction>,
        R::Fitted: Component + Transform<(Frame, Prediction), Output = Prediction>,
    {
        self.steps.push(AnyPostprocessRecipe::new(recipe));
        self
    }
}

impl Recipe for Sequence {
    const KIND: &'static str = "sequence";
    fn spec(&self) -> Result<Spec> {
        let steps = self.steps.iter().map(|s| s.describe()).collect::<Result<_>>()?;
        Ok(Spec { kind: Self::KIND.into(), params: Default::default(), steps })
    }
    fn from_spec(spec: &Spec, registry: &Registry) -> Result<Self> {
        let steps = spec.paramless()?.steps.iter().enumerate();
        let steps = steps.map(|(i, s)| registry.build(s).map_err(|e| e.in_step(i + 1, &s.kind)));
        Ok(Sequence { steps: steps.collect::<Result<_>>()? })
    }
}

/// A fitted [`Sequence`].
#[derive(Clone, Debug)]
pub struct FittedSequence {
    steps: Vec<AnyTransform<(Frame, Prediction), Prediction>>,
}

impl Component for FittedSequence {
    const KIND: &'static str = "sequence";
    fn state(&self) -> Result<Vec<u8>> {
        let steps: Vec<Saved> = self.steps.iter().map(|s| s.save()).collect::<Result<_>>()?;
        encode(Self::KIND, &steps)
    }
    fn from_state(_: u32, state: &[u8], registry: &Registry) -> Result<Self> {
        let steps: Vec<Saved> = decode(Self::KIND, state)?;
        Ok(FittedSequence { steps: steps.iter().map(|s| registry.load(s)).collect::<Result<_>>()? })
    }
    fn inputs(&self) -> Vec<String> {
        self.steps.iter().flat_map(|s| s.inputs()).collect()
    }
}

impl Fit<Training<(Frame, Prediction)>> for Sequence {
    type Fitted = FittedSequence;
    fn fit_with(&self, data: Training<(Frame, Prediction)>, context: &Context) -> Result<FittedSequence> {
        let ((frame, mut prediction), rest) = data.split();
        let mut steps = Vec::with_capacity(self.steps.len());
        for (i, recipe) in self.steps.iter().enumerate() {
            let name = |e: adflux_core::Error| e.in_step(i + 1, recipe.kind());
            let training = rest.clone().replace((frame.clone(), prediction.clone()));
            let fitted = recipe.fit_with(training, context).map_err(name)?;
            if i + 1 < self.steps.len() {
                prediction = fitted.transform((frame.clone(), prediction)).map_err(name)?;
            }
            steps.push(fitted);
        }
        Ok(FittedSequence { steps })
    }
}

impl Postprocess<Frame, Prediction> for Sequence {
    fn needs(&self) -> Needs {
        self.steps.iter().map(|s| s.needs()).max().unwrap_or(Needs::Nothing)
    }
}

impl Transform<(Frame, Prediction)> for FittedSequence {
    type Output = Prediction;
    fn transform(&self, (frame, mut prediction): (Frame, Prediction)) -> Result<Prediction> {
        for (i, step) in self.steps.iter().enumerate() {
            prediction = step.transform((frame.clone(), prediction)).map_err(|e| e.in_step(i + 1, step.kind()))?;
        }
        Ok(prediction)
    }
}
