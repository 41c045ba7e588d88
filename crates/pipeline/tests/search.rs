//! Searches over the parameters of pipelines: paths, folds, budgets, logs.

use crate::{TOML, registry, training};
use adflux_core::{
    ClassTarget, Classes, Context, Error, Fit, Predict, Recipe as _, Result, Rows as _, Target, Training,
};
use adflux_data::Frame;
use adflux_evaluation::{
    search::{Dimension, Halving, Search, Space},
    splits::KFold,
};
use adflux_pipeline::{AnyPipeline, PipelineSearch, PipelineSpec};
use adflux_postprocessing::Clip;
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    sync::{Arc, Mutex},
};
use tempfile::TempDir;

/// Predicts its parameter, and fails above 900. What it was fitted with is noted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Constant {
    value: f64,
    rounds: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<f64>,
    inner: Inner,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Inner {
    plus: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    depth: Option<usize>,
}

impl Default for Constant {
    fn default() -> Self {
        Constant { value: 0.0, rounds: 90, limit: None, inner: Inner::default() }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct ConstantModel(f64);

adflux_core::recipe!(Constant, "constant");
adflux_core::component!(ConstantModel, "constant", version = 1);

static FITS: Mutex<Vec<(usize, usize)>> = Mutex::new(Vec::new());

impl Fit<Training<adflux_core::Features>> for Constant {
    type Fitted = ConstantModel;
    fn fit_with(&self, data: Training<adflux_core::Features>, context: &Context) -> Result<ConstantModel> {
        context.check()?;
        FITS.lock().unwrap().push((data.x.rows(), self.rounds));
        if self.value > 900.0 {
            return Err(Error::parameter("value", self.value, "too much"));
        }
        Ok(ConstantModel(self.limit.map_or(self.value, |limit| self.value.min(limit)) + self.inner.plus))
    }
}

impl Predict<adflux_core::Features> for ConstantModel {
    type Output = Array1<f64>;
    fn predict(&self, x: &adflux_core::Features) -> Result<Array1<f64>> {
        Ok(Array1::from_elem(x.rows(), self.0))
    }
}

fn with_constant() -> adflux_core::Registry {
    let mut registry = registry();
    registry.model::<Constant>().unwrap();
    registry
}

fn pipeline() -> AnyPipeline {
    let text = TOML.replace("'memory'", "'constant'");
    let mut spec: PipelineSpec = toml::from_str(&text).unwrap();
    spec.postprocessor = Clip::default().min(0.0).spec().unwrap();
    spec.build(&with_constant()).unwrap()
}

/// Keys 0 to 59, outcomes of about 500.
fn data() -> Training<Frame> {
    let mut data = training(60);
    data.target = Some(Target::Values((0..60).map(|r| 500.0 + f64::from(r % 7)).collect()));
    data
}

/// The tests count fits, one after another.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn alone() -> std::sync::MutexGuard<'static, ()> {
    let guard = ONE_AT_A_TIME.lock().unwrap_or_else(|e| e.into_inner());
    FITS.lock().unwrap().clear();
    guard
}

fn by_value(search: Search) -> PipelineSearch {
    let space = Space::new().with("model.value", Dimension::float(0.0, 1000.0));
    PipelineSearch::new(search, space).split(KFold::new(3)).measure("mae")
}

#[test]
fn the_best_recipe_is_found_and_fitted_on_all_rows() {
    let _alone = alone();
    let search = by_value(Search::tpe(40));
    let (fitted, searched) = search.run(&pipeline(), &data(), &with_constant(), &Context::default()).unwrap();
    let best = searched.found.best();
    let value = best.point["model.value"].as_float().unwrap();
    assert!((value - 503.0).abs() < 20.0, "{value}");
    assert!(best.deviation.is_some_and(|d| d.is_finite()) && searched.measure == "mae");
    assert_eq!(searched.best.spec().unwrap().model.params["value"].as_float(), Some(value));
    assert_eq!(fitted.training.spec, searched.best.spec().unwrap());
    assert_eq!(fitted.training.rows, 60);
    // Values above 900 fail in every fold, and are recorded with the fold.
    let failed = searched.found.trials.iter().find(|trial| trial.value.is_none()).unwrap();
    assert!(failed.error.as_ref().unwrap().starts_with("fold 1 of 3: step 2 (model): parameter `value`"), "{failed:?}");
    let fits = FITS.lock().unwrap();
    assert_eq!(fits.last(), Some(&(60, 90)));
    assert!(fits[..fits.len() - 1].iter().all(|fit| *fit == (40, 90)));
}

#[test]
fn the_value_of_a_trial_is_that_of_cross_validation_whatever_the_threads() {
    let _alone = alone();
    let found = |threads| {
        let context = Context::default().with_threads(threads).unwrap();
        by_value(Search::random(6)).explore(&pipeline(), &data(), &with_constant(), &context).unwrap()
    };
    let (one, three) = (found(1), found(3));
    for (a, b) in one.found.trials.iter().zip(&three.found.trials) {
        assert_eq!((&a.point, a.value, a.deviation), (&b.point, b.value, b.deviation));
    }
    let judged = one.best.cross_validate(&data(), KFold::new(3), &Context::default()).unwrap();
    assert_eq!(one.found.best().value, judged.mean().get("mae"));
}

#[test]
fn halving_spends_rows_or_a_parameter() {
    let _alone = alone();
    let halving = |resource: &str| Halving { resource: resource.into(), ..Halving::default() };
    let search = by_value(Search::successive_halving(9).halving(halving("rows")));
    search.explore(&pipeline(), &data(), &with_constant(), &Context::default()).unwrap();
    let mut rows: Vec<usize> = FITS.lock().unwrap().drain(..).map(|(rows, _)| rows).collect();
    rows.sort_unstable();
    rows.dedup();
    // Of 40 rows a ninth, a third, all; rounded up.
    assert_eq!(rows, [5, 14, 40]);

    let search = by_value(Search::successive_halving(9).halving(halving("model.rounds")));
    search.explore(&pipeline(), &data(), &with_constant(), &Context::default()).unwrap();
    let mut rounds: Vec<(usize, usize)> = FITS.lock().unwrap().drain(..).collect();
    rounds.sort_unstable();
    rounds.dedup();
    assert_eq!(rounds, [(40, 10), (40, 30), (40, 90)]);

    let says = |resource: &str| {
        let search = by_value(Search::successive_halving(9).halving(halving(resource)));
        search.explore(&pipeline(), &data(), &with_constant(), &Context::default()).unwrap_err().to_string()
    };
    assert!(says("model.round").contains("did you mean `model.rounds`?"), "{}", says("model.round"));
    assert!(says("model.value").contains("is in the search space too"));
    assert!(says("model.limit").contains("no whole number above 0"));
    assert_eq!(*FITS.lock().unwrap(), []);
}

/// Predicts the classes it saw, as likely as they were.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Likely {
    plus: f64,
}

#[derive(Debug, Serialize, Deserialize)]
struct LikelyModel(Vec<(String, f64)>);

adflux_core::recipe!(Likely, "likely");
adflux_core::component!(LikelyModel, "likely", version = 1);

impl Fit<Training<adflux_core::Features>> for Likely {
    type Fitted = LikelyModel;
    fn fit_with(&self, data: Training<adflux_core::Features>, _: &Context) -> Result<LikelyModel> {
        let classes = data.classes("likely")?;
        let count = |code: usize| classes.codes.iter().filter(|c| **c as usize == code).count() as f64 + self.plus;
        let all: f64 = (0..classes.labels.len()).map(count).sum();
        Ok(LikelyModel(classes.labels.iter().enumerate().map(|(code, l)| (l.clone(), count(code) / all)).collect()))
    }
}

impl Predict<adflux_core::Features> for LikelyModel {
    type Output = Classes;
    fn predict(&self, x: &adflux_core::Features) -> Result<Classes> {
        let probabilities = Array2::from_shape_fn((x.rows(), self.0.len()), |(_, label)| self.0[label].1);
        Ok(Classes { labels: self.0.iter().map(|(label, _)| label.clone()).collect(), probabilities })
    }
}

#[test]
fn halving_keeps_a_row_of_a_class_that_is_rare() {
    // Of the rows to learn from, two thirds of all, two are rare: of a ninth of them none would be.
    let label = |row: usize| if row.is_multiple_of(400) { "rare" } else { ["yes", "no"][row % 2] };
    let mut data = training(1000);
    data.target = Some(Target::Classes(ClassTarget::from_labels(&(0..1000).map(label).collect::<Vec<_>>())));
    let mut registry = registry();
    registry.model::<Likely>().unwrap();
    let text = TOML.split("[postprocessor]").next().unwrap().replace("'memory'", "'likely'");
    let pipeline = toml::from_str::<PipelineSpec>(&text).unwrap().build(&registry).unwrap();
    let space = Space::new().with("model.plus", Dimension::float(0.0, 50.0));
    let search = PipelineSearch::new(Search::successive_halving(27), space).split(KFold::new(3));
    let searched = search.explore(&pipeline, &data, &registry, &Context::default()).unwrap();
    assert_eq!(searched.found.failed(), 0);
    assert!(searched.found.trials[0].budget < 0.12);
}

#[test]
fn any_field_of_a_recipe_has_a_path() {
    let _alone = alone();
    let space = "model.limit=100.0..600.0,model.inner.plus=0.0|3.0,model.inner.depth=1..3,\
                 preprocessor.platform.one-hot-encoder.drop=none|first,preprocessor.remainder=drop,\
                 preprocessor.key.columns=['key'],postprocessor.min=0.0..9.0";
    let search = PipelineSearch::new(Search::random(4), space.parse().unwrap()).split(3);
    let mut data = data();
    data.target = Some(Target::Values((0..60).map(|r| f64::from(r % 5)).collect()));
    let searched = search.explore(&pipeline(), &data, &with_constant(), &Context::default()).unwrap();
    assert_eq!((searched.found.failed(), searched.measure.as_str()), (0, "r2"));
    let best = searched.best.spec().unwrap();
    let point = &searched.found.best().point;
    assert_eq!(best.model.params["limit"], point["model.limit"]);
    assert_eq!(best.model.params["inner"]["depth"], point["model.inner.depth"]);
    assert_eq!(best.preprocessor.steps[1].steps[0].params["drop"], point["preprocessor.platform.one-hot-encoder.drop"]);
    assert_eq!(best.postprocessor.params["min"], point["postprocessor.min"]);
}

#[test]
fn wrong_paths_values_and_measures_are_named_before_any_fit() {
    let _alone = alone();
    let says = |space: &str| {
        let search = PipelineSearch::new(Search::random(4), space.parse().unwrap()).split(3);
        search.explore(&pipeline(), &data(), &with_constant(), &Context::default()).unwrap_err().to_string()
    };
    let cases = [
        ("model.valeu=1.0..2.0", "search space: the recipe has no `model.valeu`; did you mean `model.value`?"),
        ("limit=1.0..2.0", "search space: the recipe has no `limit`; did you mean `model.limit`?"),
        ("preprocessor.one-hot-encoder.drop=first", "did you mean `preprocessor.platform.one-hot-encoder.drop`?"),
        ("model.inner.dept=1..2", "did you mean `model.inner.depth`?"),
        ("postprocessor.mim=0.0..1.0", "did you mean `postprocessor.min`?"),
        ("model=a|b", "search space: the recipe has no `model`"),
        (
            "model.rounds=0.5..1.5",
            "search space: `model.rounds` = 0.5: step 2 (model): specification of `constant`: invalid type",
        ),
        (
            "preprocessor.platform.one-hot-encoder.drop=second",
            "`preprocessor.platform.one-hot-encoder.drop` = \"second\": step 1",
        ),
    ];
    for (space, expected) in cases {
        let said = says(space);
        assert!(said.contains(expected), "{said}");
    }
    let of = |search: PipelineSearch, data: &Training<Frame>| {
        search.explore(&pipeline(), data, &with_constant(), &Context::default()).unwrap_err().to_string()
    };
    let said = of(by_value(Search::random(4)).measure("rsme"), &data());
    let expected = "parameter `measure` = \"rsme\": did you mean `rmse`? this target can be judged by r2, rmse, mae";
    assert!(said.starts_with(expected), "{said}");
    assert!(of(by_value(Search::random(4)), &Training::new(data().x)).contains("a search needs a target"));
    assert!(of(by_value(Search::random(4)).split(100), &data()).contains("only 60 rows"));
    assert_eq!(*FITS.lock().unwrap(), []);
}

#[test]
fn a_log_belongs_to_its_recipe_data_and_folds() {
    let _alone = alone();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("search.ndjson");
    let search = by_value(Search::random(8)).log(&path);
    let run = |search: &PipelineSearch, pipeline: &AnyPipeline, data: &Training<Frame>| {
        search.explore(pipeline, data, &with_constant(), &Context::default())
    };
    let whole = run(&search, &pipeline(), &data()).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..text.len() - 30]).unwrap();
    FITS.lock().unwrap().clear();
    let resumed = run(&search, &pipeline(), &data()).unwrap();
    assert_eq!((resumed.found.resumed, FITS.lock().unwrap().len() > 3), (7, false));
    assert_eq!(resumed.found.best().point, whole.found.best().point);

    let refused = "its data, recipe, measure or folds differ";
    let says = |search: &PipelineSearch, pipeline: &AnyPipeline, data: &Training<Frame>| {
        let said = run(search, pipeline, data).unwrap_err().to_string();
        assert!(said.contains("search.ndjson: ") && said.contains(refused), "{said}");
    };
    says(&search, &pipeline(), &data().take(&(0..59).collect::<Vec<_>>()));
    says(&search, &pipeline(), &data().with_weights((1..61).map(f64::from).collect()));
    says(&search, &pipeline().seed(7), &data());
    says(&search.clone().split(KFold::new(4)), &pipeline(), &data());
    says(&search.clone().measure("rmse"), &pipeline(), &data());
    let mut other = pipeline().spec().unwrap();
    other.model.params.insert("rounds".into(), 91.into());
    says(&search, &other.build(&with_constant()).unwrap(), &data());
}

#[test]
fn a_search_is_written_in_toml() {
    let text = "
        measure = 'mae'
        split = { method = 'k-fold', folds = 3 }
        [search]
        method = 'random'
        trials = 9
        [space]
        model.value = { low = 0.0, high = 1000.0 }
    ";
    let read: PipelineSearch = toml::from_str(text).unwrap();
    assert_eq!(read, by_value(Search::random(9)));
    assert_eq!(toml::from_str::<PipelineSearch>(&toml::to_string(&read).unwrap()).unwrap(), read);
    let _: Arc<dyn Send + Sync> = Arc::new(read);
}
