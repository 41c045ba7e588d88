//! The pipeline that is to be trained: from a model type and its parameters, or from a TOML file.

use super::{Behind, Task};
use adflux::{
    core::{AnyModelRecipe, Describe as _, Error, Recipe, Registry, Result, Spec},
    data::{Frame, Role},
    pipeline::{AnyPipeline, PipelineSpec},
    preprocessing::ColumnTransformer,
    regression::{
        DecisionTreeClassifier, DecisionTreeRegressor, ElasticNet, ExtraTreesClassifier, ExtraTreesRegressor,
        FtrlClassifier, GammaRegressor, GradientBoostingClassifier, GradientBoostingRegressor, HuberRegressor, Lasso,
        LinearRegression, LogisticRegression, PoissonRegressor, QuantileRegressor, RandomForestClassifier,
        RandomForestRegressor, Ridge, TweedieRegressor,
    },
};
use clap::ValueEnum;
use serde::{Deserialize, de::DeserializeOwned};
use std::{path::Path, str::FromStr};

/// A model by the name of its family; the task decides between regressor and classifier where there are both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModelType {
    /// Many trees on drawn rows and columns.
    RandomForest,
    /// Trees added one after the other, each towards what is still wrong.
    GradientBoosting,
    /// One tree that can be read.
    DecisionTree,
    /// Many trees whose thresholds are drawn at random.
    ExtraTrees,
    /// Least squares: a coefficient for each column.
    Linear,
    /// Least squares that keeps coefficients small.
    Ridge,
    /// Least squares that leaves columns out.
    Lasso,
    /// Between ridge and lasso.
    ElasticNet,
    /// Least squares that outliers do not bend.
    Huber,
    /// The number that a given share of rows stays below, half unless --param quantile=Q.
    Quantile,
    /// Probabilities of classes from a coefficient for each column.
    Logistic,
    /// Probabilities of two classes, learned row by row in one pass.
    Ftrl,
    /// Counts, with --exposure per unit of it (clicks of impressions).
    Poisson,
    /// Amounts above 0 (the cost of a click).
    Gamma,
    /// Amounts of which many are 0 (the spend of a day).
    Tweedie,
    /// A neural network; needs the command built with the feature `neural`.
    Mlp,
    /// Several of these, of which the best is taken, or the mean of some.
    Auto,
}

impl ModelType {
    fn spec(self, task: Task) -> Result<Spec> {
        let other = |means: &str| {
            Err(Error::data(format!("--model-type {} is for {means}: choose another, or give --task", self.name())))
        };
        match (self, task) {
            // Stands there until the others have been tried.
            (ModelType::Auto, Task::Regression) => Ridge::default().spec(),
            (ModelType::Auto, Task::Classification) => LogisticRegression::default().spec(),
            (ModelType::RandomForest, Task::Regression) => RandomForestRegressor::default().spec(),
            (ModelType::RandomForest, Task::Classification) => RandomForestClassifier::default().spec(),
            (ModelType::GradientBoosting, Task::Regression) => GradientBoostingRegressor::default().spec(),
            (ModelType::GradientBoosting, Task::Classification) => GradientBoostingClassifier::default().spec(),
            (ModelType::DecisionTree, Task::Regression) => DecisionTreeRegressor::default().spec(),
            (ModelType::DecisionTree, Task::Classification) => DecisionTreeClassifier::default().spec(),
            (ModelType::ExtraTrees, Task::Regression) => ExtraTreesRegressor::default().spec(),
            (ModelType::ExtraTrees, Task::Classification) => ExtraTreesClassifier::default().spec(),
            (ModelType::Logistic, Task::Classification) => LogisticRegression::default().spec(),
            (ModelType::Ftrl, Task::Classification) => FtrlClassifier::default().spec(),
            (ModelType::Mlp, task) => mlp(task),
            (ModelType::Logistic | ModelType::Ftrl, Task::Regression) => other("classes, and the target is numbers"),
            (_, Task::Classification) => other("numbers, and the target is classes"),
            (ModelType::Linear, _) => LinearRegression::default().spec(),
            (ModelType::Ridge, _) => Ridge::default().spec(),
            (ModelType::Lasso, _) => Lasso::default().spec(),
            (ModelType::ElasticNet, _) => ElasticNet::default().spec(),
            (ModelType::Huber, _) => HuberRegressor::default().spec(),
            (ModelType::Quantile, _) => QuantileRegressor::default().spec(),
            (ModelType::Poisson, _) => PoissonRegressor::default().spec(),
            (ModelType::Gamma, _) => GammaRegressor::default().spec(),
            (ModelType::Tweedie, _) => TweedieRegressor::default().spec(),
        }
    }

    /// What it is called on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map(|v| v.get_name().to_string()).unwrap_or_default()
    }
}

#[cfg(feature = "neural")]
fn mlp(task: Task) -> Result<Spec> {
    match task {
        Task::Regression => adflux::neural::MlpRegressor::default().spec(),
        Task::Classification => adflux::neural::MlpClassifier::default().spec(),
    }
}

#[cfg(not(feature = "neural"))]
fn mlp(_: Task) -> Result<Spec> {
    let build = "cargo install --path crates/cli --features neural";
    Err(Error::data(format!("--model-type mlp is not in this build of the command: {build}")))
}

/// `NAME=VALUE` of `--param`; the value as TOML has it, or else as text.
#[derive(Clone, Debug)]
pub struct Param {
    pub name: String,
    pub value: toml::Value,
}

impl FromStr for Param {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        let (name, value) = given.split_once('=').ok_or("give it as NAME=VALUE, for example n_estimators=300")?;
        let read = toml::from_str::<toml::Table>(&format!("value = {value}")).ok().and_then(|mut t| t.remove("value"));
        Ok(Param { name: name.trim().into(), value: read.unwrap_or_else(|| toml::Value::String(value.into())) })
    }
}

/// What a file given with `--spec` holds. Left out, the preprocessor is chosen by looking at the columns, and the
/// postprocessor changes nothing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecFile {
    seed: Option<u64>,
    preprocessor: Option<Spec>,
    model: Spec,
    postprocessor: Option<Spec>,
}

impl SpecFile {
    /// Reads the file.
    ///
    /// # Errors
    /// Naming the file and the line.
    pub fn read(path: &Path) -> Result<Self> {
        Self::parsed(path)
    }

    /// The file as a table, for what stands beside a pipeline.
    ///
    /// # Errors
    /// Naming the file and the line.
    pub fn table(path: &Path) -> Result<toml::Table> {
        Self::parsed(path)
    }

    fn parsed<T: DeserializeOwned>(path: &Path) -> Result<T> {
        let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
        let text = String::from_utf8(bytes).map_err(|_| Error::data("not UTF-8 text").in_file(path))?;
        toml::from_str(&text).map_err(|e| {
            let line = e.span().map(|span| text[..span.start.min(text.len())].lines().count().max(1));
            let line = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            let reason = e.message().lines().collect::<Vec<_>>().join(" ");
            Error::data(format!("{line}{reason}")).in_file(path)
        })
    }

    /// Whether the preprocessor is to be chosen by looking at the columns.
    pub fn chooses_columns(&self) -> bool {
        self.preprocessor.is_none()
    }

    fn of(model: Spec) -> Self {
        SpecFile { seed: None, preprocessor: None, model, postprocessor: None }
    }
}

/// What the command line says about the pipeline.
#[derive(Debug)]
pub struct Wish<'a> {
    pub model_type: ModelType,
    pub spec: Option<SpecFile>,
    pub params: &'a [Param],
    pub behind: &'a Behind,
    pub seed: Option<u64>,
}

const DEFAULT_SEED: u64 = 42;

impl Wish<'_> {
    /// The pipeline, and what to call its model.
    ///
    /// # Errors
    /// When a kind or a parameter is wrong, or what is to be behind the model does not fit it.
    pub fn pipeline(self, frame: &Frame, task: Task, registry: &Registry) -> Result<(AnyPipeline, String)> {
        let named = self.spec.is_some();
        let mut file = match self.spec {
            Some(file) => file,
            None => SpecFile::of(self.model_type.spec(task)?),
        };
        let seed = self.seed.or(file.seed);
        if let Some(seed) = seed {
            let value = i64::try_from(seed).map_err(|_| Error::parameter("seed", seed, "must be at most 2^63 − 1"))?;
            let all = registry.build::<AnyModelRecipe>(&file.model).map_err(|e| e.in_step(2, "model"))?.describe()?;
            // One given on the command line goes before one in the file.
            let kept = if self.seed.is_some() { toml::Table::new() } else { file.model.params.clone() };
            sow(&mut file.model.params, &all.params, &kept, value);
        }
        for param in self.params {
            file.model.params.insert(param.name.clone(), param.value.clone());
        }
        let postprocessor = self.behind.postprocessor(file.postprocessor, task)?;
        let preprocessor = match file.preprocessor {
            Some(given) => given,
            None => ColumnTransformer::auto(frame, frame.names_with(Role::Feature))?.spec()?,
        };
        let name = match named {
            true => file.model.kind.clone(),
            false => self.model_type.name(),
        };
        let pipeline = PipelineSpec { preprocessor, model: file.model, postprocessor }.build(registry)?;
        Ok((pipeline.seed(seed.unwrap_or(DEFAULT_SEED)), name))
    }
}

/// Sets each `seed` that stands in `all`, the parameters with their defaults, except those of `kept`.
fn sow(params: &mut toml::Table, all: &toml::Table, kept: &toml::Table, seed: i64) {
    let empty = toml::Table::new();
    for (name, value) in all {
        match value {
            toml::Value::Integer(_) if name == "seed" && !kept.contains_key(name) => {
                params.insert(name.clone(), toml::Value::Integer(seed));
            }
            toml::Value::Table(inner) => {
                let kept = kept.get(name).and_then(toml::Value::as_table).unwrap_or(&empty);
                let entry = params.entry(name.clone()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
                if let Some(params) = entry.as_table_mut() {
                    sow(params, inner, kept, seed);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_parameters_are_read_as_toml_and_else_as_text() {
        let read = |given: &str| given.parse::<Param>().map(|p| (p.name, p.value));
        assert_eq!(read("n_estimators=300"), Ok(("n_estimators".into(), toml::Value::Integer(300))));
        assert_eq!(read("bootstrap=false").unwrap().1, toml::Value::Boolean(false));
        assert_eq!(read("max_features={ fraction = 0.4 }").unwrap().1["fraction"].as_float(), Some(0.4));
        assert_eq!(read("max_features=sqrt").unwrap().1, toml::Value::String("sqrt".into()));
        assert!(read("n_estimators").unwrap_err().contains("NAME=VALUE"));
    }

    #[test]
    fn a_seed_reaches_every_part_of_a_model_but_not_what_the_file_has_set() {
        let all = toml::toml! { seed = 0
        forest = { seed = 42, n_estimators = 100 } };
        let given = toml::toml! { forest = { seed = 3 } };
        let mut params = given.clone();
        sow(&mut params, &all, &given, 7);
        assert_eq!((params["seed"].as_integer(), params["forest"]["seed"].as_integer()), (Some(7), Some(3)));
        sow(&mut params, &all, &toml::Table::new(), 7);
        assert_eq!(params["forest"]["seed"].as_integer(), Some(7));
    }
}
