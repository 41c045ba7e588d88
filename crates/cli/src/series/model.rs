//! By what series are forecast: a kind of forecaster, its parameters, and what is put around it.

use crate::{failure::Failure, train::Param};
use adflux::{
    core::{AnyForecasterRecipe, Describe as _, Frequency, Recipe as _, Registry, Spec},
    timeseries::{Additive, Bounded, Conformal, LONGEST_SEASON, MstlForecaster},
};

/// Which forecaster, and what is put around it.
#[derive(Debug, clap::Args)]
pub struct Model {
    /// Steps after which series repeat; 1 for never. Default: what the frequency says, 7 for days.
    #[arg(long, value_name = "N")]
    pub season: Option<usize>,
    /// Parameters of the models, see docs/specification.md: --param window_size=14. A model that has not the parameter does without.
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub params: Vec<Param>,
    /// What no value is below: intervals end before it.
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub min: Option<f64>,
    /// What no value is above.
    #[arg(long, value_name = "Y", allow_negative_numbers = true)]
    pub max: Option<f64>,
    /// The share of outcomes that intervals are to contain.
    #[arg(long, value_name = "P", default_value_t = 0.8)]
    pub interval: f64,
    /// Intervals from the errors at so many origins in the past, in place of the model's own.
    #[arg(long, value_name = "WINDOWS")]
    pub conformal: Option<usize>,
}

impl Model {
    /// Only the season: for what others are measured against.
    pub fn bare(&self) -> Self {
        Model {
            season: self.season,
            params: Vec::new(),
            min: None,
            max: None,
            interval: self.interval,
            conformal: None,
        }
    }
}

/// The kinds that are put around others by options of their own.
const AROUND: [&str; 2] = [<Bounded as adflux::core::Recipe>::KIND, <Conformal as adflux::core::Recipe>::KIND];

/// What the model of a recipe is called: the one within bounds and intervals.
pub fn name_of(spec: &Spec) -> &str {
    match &spec.steps[..] {
        [within] if AROUND.contains(&spec.kind.as_str()) => name_of(within),
        _ => &spec.kind,
    }
}

/// Models whose season is at most [`LONGEST_SEASON`].
const LONG_SEASONS_APART: [&str; 2] = ["auto-ets", "auto-arima"];

/// Waves of a season of `additive` at most.
const MOST_WAVES: usize = 10;

/// Models of demand, which is 0 or more.
const NEVER_BELOW_ZERO: [&str; 2] = ["croston", "tsb"];

/// The models that there are.
pub struct Models {
    registry: Registry,
    kinds: Vec<&'static str>,
}

impl Models {
    /// # Errors
    /// Never for adflux's own.
    pub fn new() -> Result<Self, Failure> {
        let registry = adflux::registry()?;
        let kinds = registry.kinds::<AnyForecasterRecipe>().into_iter().filter(|kind| !AROUND.contains(kind)).collect();
        Ok(Models { registry, kinds })
    }

    /// The recipe of `kind` for series of `frequency` and `horizon` steps ahead.
    ///
    /// # Errors
    /// Of the command line: when there is no such model, no model of `all` has a parameter, or its value is wrong.
    pub fn recipe(
        &self,
        kind: &str,
        all: &[String],
        options: &Model,
        frequency: Frequency,
        horizon: usize,
    ) -> Result<AnyForecasterRecipe, Failure> {
        self.defaults(kind)?;
        let mut spec = Spec { kind: kind.into(), params: toml::Table::new(), steps: Vec::new() };
        let length = options.season.unwrap_or(frequency.season());
        let season = i64::try_from(length).ok().filter(|season| *season > 0).map(toml::Value::Integer);
        let season = season.ok_or_else(|| Failure::usage(format!("--season {length}: 1 or more, or left out")))?;
        if options.season.is_none() && length > LONGEST_SEASON && LONG_SEASONS_APART.contains(&kind) {
            // A day of minutes is more than these can learn: it is taken off before.
            let within = Spec { kind: kind.into(), params: toml::Table::new(), steps: Vec::new() };
            let periods = [("periods".to_string(), toml::Value::Array(vec![season]))].into_iter().collect();
            spec = Spec { kind: MstlForecaster::KIND.into(), params: periods, steps: vec![within] };
        } else if self.takes(kind, "season_length", &season)? {
            spec.params.insert("season_length".into(), season);
        } else if self.takes(kind, "periods", &toml::Value::Array(vec![season.clone()]))? {
            spec.params.insert("periods".into(), toml::Value::Array(vec![season]));
        } else if options.season.is_some() && kind == Additive::KIND {
            // As many waves as the season has shapes, up to Prophet's number for a year.
            let seasonality = |season: toml::Value| {
                let order = toml::Value::Integer((length / 2).min(MOST_WAVES) as i64);
                toml::Value::Table([("period".to_string(), season), ("order".to_string(), order)].into_iter().collect())
            };
            let seasons = if length == 1 { Vec::new() } else { vec![seasonality(season)] };
            spec.params.insert("seasons".into(), toml::Value::Array(seasons));
        }
        for Param { name, value } in &options.params {
            if self.takes(kind, name, value)? {
                let own = if spec.kind == kind { &mut spec.params } else { &mut spec.steps[0].params };
                own.insert(name.clone(), value.clone());
                continue;
            }
            let mut others = all.iter().filter(|other| *other != kind);
            let elsewhere = others.any(|other| self.takes(other, name, value).unwrap_or(false));
            if !elsewhere {
                return Err(Failure::usage(format!("--param {name}: {kind} has no such parameter")));
            }
        }
        let build = |spec: &Spec| self.registry.build::<AnyForecasterRecipe>(spec);
        let mut recipe = build(&spec).map_err(|e| Failure::usage(format!("--param: {e}")))?;
        let mut around = |kind: &str, params: toml::Table| -> Result<(), Failure> {
            let spec = Spec { kind: kind.into(), params, steps: vec![recipe.describe()?] };
            recipe = build(&spec).map_err(|e| Failure::usage(e.to_string()))?;
            Ok(())
        };
        let whole = |number: usize| toml::Value::Integer(number as i64);
        if let Some(windows) = options.conformal {
            let params = [("windows".to_string(), whole(windows)), ("horizon".to_string(), whole(horizon))];
            around(AROUND[1], params.into_iter().collect())?;
        }
        let bounds_itself = NEVER_BELOW_ZERO.contains(&kind) && options.min.is_none_or(|min| min <= 0.0);
        if bounds_itself && options.max.is_some() {
            return Err(Failure::usage(format!(
                "--max: {kind} forecasts demand as it came, which it cannot bound from above"
            )));
        }
        if !bounds_itself && (options.min.is_some() || options.max.is_some()) {
            let bounds = [("min", options.min), ("max", options.max)];
            let given =
                bounds.into_iter().filter_map(|(name, bound)| Some((name.to_string(), toml::Value::Float(bound?))));
            around(AROUND[0], given.collect())?;
        }
        Ok(recipe)
    }

    /// The recipe as it is without parameters.
    fn defaults(&self, kind: &str) -> Result<Spec, Failure> {
        if !self.kinds.contains(&kind) {
            return Err(Failure::usage(format!("--model {kind}: there are {}", self.kinds.join(", "))));
        }
        let spec = Spec { kind: kind.into(), params: toml::Table::new(), steps: Vec::new() };
        Ok(self.registry.build::<AnyForecasterRecipe>(&spec)?.describe()?)
    }

    /// Whether `kind` has the parameter, whatever its value.
    fn takes(&self, kind: &str, name: &str, value: &toml::Value) -> Result<bool, Failure> {
        if self.defaults(kind)?.params.contains_key(name) {
            return Ok(true);
        }
        // One that is left out by default is found by trying.
        let params = [(name.to_string(), value.clone())].into_iter().collect();
        Ok(self.registry.build::<AnyForecasterRecipe>(&Spec { kind: kind.into(), params, steps: Vec::new() }).is_ok())
    }
}
