//! Fitting the three parts, the last on the predictions it needs.

use crate::{FittedPipeline, ModelRecipe, Pipeline, PreprocessorRecipe, TrainingRecord, cross_validation::folds_of};
use adflux_core::{
    Context, Describe, DynComponent, Error, Needs, Postprocess, Predict as _, Prediction, Result, Rows, Stitch, Target,
    Training, Transform as _,
};
use adflux_data::{ColumnKind, Frame, Schema};
use adflux_evaluation::splits::Split;
use sha2::{Digest as _, Sha256};
use std::time::Instant;

impl<P, M, O> Pipeline<P, M, O> {
    /// Fits with the default context.
    ///
    /// # Errors
    /// As [`fit_with`](Self::fit_with).
    pub fn fit<X>(&self, data: Training<Frame>) -> Result<FittedPipeline<P::Fitted, M::Fitted, O::Fitted>>
    where
        X: Clone,
        P: PreprocessorRecipe<X>,
        M: ModelRecipe<X>,
        O: Postprocess<Frame, Prediction> + Describe,
        O::Fitted: DynComponent,
    {
        self.fit_with(data, &Context::default())
    }

    /// Fits preprocessor and model on all rows. A postprocessor that needs out-of-fold predictions makes both be fitted once
    /// more per fold, with groups kept together and time respected, on exactly the rows of the fold.
    ///
    /// With an exposure the model learns from totals and predicts [rates](Training::into_rates), so preprocessor and postprocessor are
    /// given rates too: a target encoder encodes click rates, and a conformal interval is one of click rates.
    ///
    /// # Errors
    /// When the data cannot be used, naming the part; when there is an exposure and the model uses none; when the work is cancelled.
    pub fn fit_with<X>(
        &self,
        data: Training<Frame>,
        context: &Context,
    ) -> Result<FittedPipeline<P::Fitted, M::Fitted, O::Fitted>>
    where
        X: Clone,
        P: PreprocessorRecipe<X>,
        M: ModelRecipe<X>,
        O: Postprocess<Frame, Prediction> + Describe,
        O::Fitted: DynComponent,
    {
        let start = Instant::now();
        data.validate()?;
        context.check()?;
        let rows = data.len();
        let schema = data.x.schema();

        let (preprocessor, model, x, preprocess_seconds) = self.fit_model(data.clone(), context)?;
        let needs = self.postprocessor.needs();
        let prediction = match needs {
            Needs::Nothing => Prediction::Multi(Vec::new()),
            Needs::InSample => model.predict(&x).map_err(|e| e.in_step(2, "model"))?.into(),
            Needs::OutOfFold(folds) => self.out_of_fold(&data, folds, context)?,
        };
        drop(x);
        context.check()?;

        let (frame, rest) = data.split();
        let postprocessor = self
            .postprocessor
            .fit_with(rest.clone().into_rates()?.replace((frame.clone(), prediction)), context)
            .map_err(|e| e.in_step(3, "postprocessor"))?;

        let mut inputs = preprocessor.inputs();
        inputs.extend(postprocessor.inputs());
        let schema = schema.restricted_to(&inputs);
        let training = TrainingRecord {
            spec: self.spec()?,
            target: target_names(rest.target.as_ref()),
            target_column: rest.target_name.as_deref().map(str::to_string),
            per_exposure: rest.exposure.is_some() && matches!(rest.target, Some(Target::Values(_))),
            exposure_column: rest.exposure_name.as_deref().map(str::to_string),
            ids: Vec::new(),
            rows,
            fingerprint: fingerprint(&frame, &schema, rest.target.as_ref())?,
            table: None,
            seed: self.seed,
            seconds: start.elapsed().as_secs_f64(),
            preprocess_seconds,
            metrics: Default::default(),
        };
        Ok(FittedPipeline { preprocessor, model, postprocessor, schema, training })
    }

    /// Preprocessor and model, the features they learned from, and the seconds that the preprocessor took.
    #[allow(clippy::type_complexity)]
    fn fit_model<X>(&self, data: Training<Frame>, context: &Context) -> Result<(P::Fitted, M::Fitted, X, f64)>
    where
        X: Clone,
        P: PreprocessorRecipe<X>,
        M: ModelRecipe<X>,
    {
        let start = Instant::now();
        let (frame, rest) = data.split();
        let (preprocessor, x) = self
            .preprocessor
            .fit_transform(rest.clone().into_rates()?.replace(frame), context)
            .map_err(|e| e.in_step(1, "preprocessor"))?;
        let preprocess_seconds = start.elapsed().as_secs_f64();
        context.check()?;
        let refusal = if rest.target.is_some() { rest.without_exposure(self.model.kind()) } else { Ok(()) };
        let model = self.model.fit_with(rest.replace(x.clone()), context).map_err(|e| e.in_step(2, "model"))?;
        if !model.uses_exposure() {
            refusal.map_err(|e| e.in_step(2, "model"))?;
        }
        Ok((preprocessor, model, x, preprocess_seconds))
    }

    /// Predictions for every training row by models that did not see it.
    fn out_of_fold<X>(&self, data: &Training<Frame>, folds: usize, context: &Context) -> Result<Prediction>
    where
        X: Clone,
        P: PreprocessorRecipe<X>,
        M: ModelRecipe<X>,
    {
        let mut parts = Vec::new();
        let split = Split::from(folds);
        for (i, fold) in folds_of(data, &split, self.seed)?.into_iter().enumerate() {
            let name = split.name(i);
            let context = context.labelled(&name);
            let (preprocessor, model, ..) =
                self.fit_model(data.take(&fold.train), &context).map_err(|e| e.in_part(&name, &fold.train))?;
            let in_test = |e: Error| e.in_part(&name, &fold.test);
            let x =
                preprocessor.transform(data.x.take(&fold.test)).map_err(|e| in_test(e.in_step(1, "preprocessor")))?;
            let prediction = model.predict(&x).map_err(|e| in_test(e.in_step(2, "model")))?.into();
            parts.push((fold.test, prediction));
        }
        Prediction::stitch(parts, data.len())
    }
}

fn target_names(target: Option<&Target>) -> Vec<String> {
    match target {
        Some(Target::Multi(m)) => m.names.to_vec(),
        Some(Target::Classes(c)) => c.labels.to_vec(),
        _ => Vec::new(),
    }
}

/// SHA-256 over names and values of the input columns and the target, so that two files can be said to come from the same
/// data.
pub(crate) fn fingerprint(frame: &Frame, schema: &Schema, target: Option<&Target>) -> Result<String> {
    let mut hash = Sha256::new();
    let mut numbers = |values: &mut dyn Iterator<Item = f64>| values.for_each(|v| hash.update(v.to_le_bytes()));
    match target {
        Some(Target::Values(y)) => numbers(&mut y.iter().copied()),
        Some(Target::Classes(c)) => numbers(&mut c.codes.iter().map(|c| f64::from(*c))),
        Some(Target::Multi(m)) => numbers(&mut m.values.iter().copied()),
        _ => {}
    }
    for field in &schema.fields {
        hash.update((field.name.len() as u64).to_le_bytes());
        hash.update(field.name.as_bytes());
        if field.kind == ColumnKind::Text {
            for text in frame.texts(&field.name)?.iter() {
                hash.update((text.len() as u64).to_le_bytes());
                hash.update(text.as_bytes());
            }
        } else {
            frame.numbers(&field.name)?.into_iter().for_each(|v| hash.update(v.to_le_bytes()));
        }
    }
    Ok(crate::file::hex(&hash.finalize()))
}
