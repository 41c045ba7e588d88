//! `adflux train --search`: which parameters, and how the search is reported.

use super::{auto::TimeBudget, recipe::SpecFile};
use crate::{
    measures,
    numbers::percent,
    tables::{indented, paragraph, table},
};
use adflux::{
    core::{Error, Result},
    evaluation::{
        search::{Search, Trial},
        splits::Split,
    },
    pipeline::{PipelineSearch, Searched},
};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The keys of a search in a file; all others are those of a pipeline.
const KEYS: [&str; 4] = ["measure", "split", "search", "space"];

/// What `--search` holds: a search, and the pipeline when the file has one too.
#[derive(Debug)]
pub struct Wanted {
    pub search: PipelineSearch,
    pub pipeline: Option<SpecFile>,
}

impl Wanted {
    /// Reads `given`: a file that ends in `.toml`, or a search space in one line, which TPE searches.
    ///
    /// # Errors
    /// Naming the file and the key, or the part of the line.
    pub fn read(given: &str) -> Result<Self> {
        if !given.ends_with(".toml") {
            return Ok(Wanted { search: PipelineSearch::new(Search::default(), given.parse()?), pipeline: None });
        }
        let path = Path::new(given);
        let mut pipeline = SpecFile::table(path)?;
        let search: toml::Table =
            KEYS.iter().filter_map(|key| Some((key.to_string(), pipeline.remove(*key)?))).collect();
        let read = |e: toml::de::Error| Error::data(e.message().lines().collect::<Vec<_>>().join(" ")).in_file(path);
        if !search.contains_key("space") {
            return Err(
                Error::data("has no [space]: give the parameters to search over and their values").in_file(path)
            );
        }
        let search = toml::Value::Table(search).try_into().map_err(read)?;
        let pipeline =
            if pipeline.is_empty() { None } else { Some(toml::Value::Table(pipeline).try_into().map_err(read)?) };
        Ok(Wanted { search, pipeline })
    }

    /// The search with what the command line says of it.
    pub fn with(
        self,
        trials: Option<usize>,
        seed: Option<u64>,
        split: Option<Split>,
        log: Option<&Path>,
        time: Option<TimeBudget>,
    ) -> PipelineSearch {
        let mut search = self.search;
        search.search.trials = trials.unwrap_or(search.search.trials);
        search.search.seed = seed.unwrap_or(search.search.seed);
        search.split = split.unwrap_or(search.split);
        search.log = log.map(Path::to_path_buf);
        search.search.max_seconds = time.map(TimeBudget::seconds).or(search.search.max_seconds);
        search
    }
}

/// What was searched for and found, with the fields of docs/cli.md.
#[derive(Debug, Serialize)]
pub struct SearchReport {
    method: adflux::evaluation::search::Method,
    measure: String,
    trials: usize,
    failed: usize,
    resumed: usize,
    out_of_time: bool,
    seconds: f64,
    best: Tried,
    /// The best ones, the best first.
    top: Vec<Tried>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<PathBuf>,
    /// The first failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_failure: Option<String>,
}

/// A point that was tried.
#[derive(Debug, Serialize)]
struct Tried {
    trial: usize,
    params: toml::Table,
    /// The share of the rows, or of another resource, that it was given: less than 1 in successive halving.
    budget: f64,
    value: Option<f64>,
    deviation: Option<f64>,
}

impl From<&Trial> for Tried {
    fn from(trial: &Trial) -> Self {
        Tried {
            trial: trial.number + 1,
            params: trial.point.clone(),
            budget: trial.budget,
            value: trial.value,
            deviation: trial.deviation,
        }
    }
}

/// How many trials the report shows.
const SHOWN: usize = 5;

impl SearchReport {
    pub fn of(search: &PipelineSearch, searched: &Searched) -> Self {
        let found = &searched.found;
        let mut top = found.ranked();
        top.retain(|trial| trial.value.is_some());
        // What was judged on a part cannot be held against what was judged on all.
        top.sort_by(|a, b| b.budget.total_cmp(&a.budget));
        SearchReport {
            method: search.search.method,
            measure: searched.measure.clone(),
            trials: found.trials.len(),
            failed: found.failed(),
            resumed: found.resumed,
            out_of_time: found.out_of_time,
            seconds: found.trials.iter().map(|trial| trial.seconds).sum(),
            best: found.best().into(),
            top: top.into_iter().take(SHOWN).map(Tried::from).collect(),
            log: search.log.clone(),
            first_failure: found.trials.iter().find_map(|trial| trial.error.clone()),
        }
    }

    /// For people: the best trials side by side.
    pub fn words(&self) -> String {
        let paths: Vec<&String> = self.best.params.keys().collect();
        // The last name says enough, unless two paths end alike.
        let last = |path: &str| path.rsplit('.').next().unwrap_or(path).to_string();
        let name = |path: &&String| match paths.iter().filter(|other| last(other) == last(path)).count() {
            1 => last(path),
            _ => path.to_string(),
        };
        let measure = measures::name(&self.measure);
        let mut header = vec!["trial".to_string()];
        header.extend(paths.iter().map(name));
        let in_part = self.top.iter().any(|tried| tried.budget < 1.0);
        header.extend(in_part.then(|| "given".to_string()));
        header.extend([measure.clone(), "±".into()]);
        let mut rows = table(&header.iter().map(String::as_str).collect::<Vec<_>>(), 1);
        for tried in &self.top {
            let show = |value: Option<f64>| measures::value(&self.measure, value.unwrap_or(f64::NAN));
            let mut row = vec![tried.trial.to_string()];
            row.extend(paths.iter().map(|path| tried.params.get(*path).map(in_short).unwrap_or_default()));
            row.extend(in_part.then(|| percent(tried.budget, 0)));
            row.extend([show(tried.value), show(tried.deviation)]);
            rows.add_row(row);
        }
        let mut said = format!("{} trials", self.trials);
        if self.failed > 0 {
            said.push_str(&format!(", of which {} failed", self.failed));
        }
        if self.resumed > 0 {
            said.push_str(&format!(", {} of them from the log", self.resumed));
        }
        if self.out_of_time {
            said.push_str("; the time was over before the trials were");
        }
        said.push_str(&format!(
            "; {measure} is the mean over the folds, ± its deviation; the first is the one that was taken"
        ));
        if in_part {
            said.push_str("; given: the share of all that a trial was judged on, by which they cannot be compared");
        }
        if let Some(error) = &self.first_failure {
            said.push_str(&format!("; the first failure: {error}"));
        }
        format!("{}\n{}", indented(&rows).trim_end(), paragraph(&said, 3))
    }
}

/// A value of a parameter, numbers with four digits that count.
fn in_short(value: &toml::Value) -> String {
    match value {
        toml::Value::Float(v) if v.abs() >= 1e-3 && v.abs() < 1e6 => {
            let decimals = (3 - v.abs().log10().floor() as i32).clamp(0, 6) as usize;
            format!("{v:.decimals$}")
        }
        toml::Value::Float(v) => format!("{v:.3e}"),
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
