//! What `adflux train` says: as JSON with the fields of docs/cli.md, and in words.

use super::{Task, auto::AutoReport, behind::Calibrated, search::SearchReport};
use crate::{
    columns::{Excluded, left_out},
    measures,
    numbers::rows,
    tables::{indented, paragraph, table},
};
use adflux::{core::Target, evaluation::Scores, pipeline, postprocessing::Language};
use serde::{Serialize, Serializer};
use std::path::PathBuf;

/// The report. Field names are a contract with scripts.
#[derive(Debug, Serialize)]
pub struct Report {
    pub model: String,
    pub task: &'static str,
    pub target: Vec<String>,
    /// The classes, in the order of their probabilities.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    pub rows: RowCounts,
    pub seconds: Seconds,
    pub metrics: Scores,
    pub baseline: Scores,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibrated>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cv: Option<CrossValidation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<SearchReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto: Option<AutoReport>,
    pub importance: Vec<Importance>,
    pub excluded: Vec<Excluded>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saved: Option<PathBuf>,
    /// What to know before believing the measures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Whether nobody looked how much the model relies on each column.
    #[serde(skip)]
    pub unweighed: bool,
    /// Whether rows to judge by were learned from.
    #[serde(skip)]
    pub seen: bool,
}

#[derive(Debug, Default, Serialize)]
pub struct RowCounts {
    pub train: usize,
    pub test: usize,
}

#[derive(Debug, Default, Serialize)]
pub struct Seconds {
    pub preprocess: f64,
    pub fit: f64,
    pub predict: f64,
    /// To see how much the model relies on each column.
    pub importance: f64,
}

/// How much worse the main measure gets when a column is shuffled.
#[derive(Debug, Serialize)]
pub struct Importance {
    column: String,
    /// The measure that gets worse.
    measure: String,
    value: f64,
    deviation: f64,
}

impl From<pipeline::Importance> for Importance {
    fn from(i: pipeline::Importance) -> Self {
        Importance { column: i.column, measure: i.measure, value: i.value, deviation: i.deviation }
    }
}

/// Mean and standard deviation of each measure over the folds, and each fold.
#[derive(Debug, Serialize)]
pub struct CrossValidation {
    folds: usize,
    #[serde(serialize_with = "in_order")]
    metrics: Vec<(String, Spread)>,
    by_fold: Vec<Fold>,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub struct Spread {
    pub mean: f64,
    pub deviation: f64,
}

impl Spread {
    /// Of the values that are defined.
    pub fn of(values: &[f64]) -> Self {
        let values: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
        Spread { mean, deviation: (squares / (n - 1.0)).sqrt() }
    }
}

#[derive(Debug, Serialize)]
struct Fold {
    fold: String,
    train: usize,
    test: usize,
    metrics: Scores,
}

impl CrossValidation {
    pub fn of(judged: &pipeline::CrossValidated) -> Self {
        let spread = |name: &str| Spread::of(&judged.measure(name).unwrap_or_default());
        let names = judged.folds.first().into_iter().flat_map(|fold| fold.scores.iter()).map(|(name, _)| name);
        let metrics = names.map(|name| (name.to_string(), spread(name))).collect();
        let of_fold = |fold: &pipeline::FoldScores| Fold {
            fold: fold.name.clone(),
            train: fold.train_rows,
            test: fold.rows.len(),
            metrics: fold.scores.clone(),
        };
        CrossValidation { folds: judged.folds.len(), metrics, by_fold: judged.folds.iter().map(of_fold).collect() }
    }
}

/// Names and values as a map in their order.
fn in_order<S: Serializer>(metrics: &[(String, Spread)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(metrics.iter().map(|(name, spread)| (name, spread)))
}

impl Report {
    pub fn new(model: String, task: Task, target: &[String], truth: Option<&Target>, excluded: Vec<Excluded>) -> Self {
        let classes = match truth {
            Some(Target::Classes(c)) => c.labels.to_vec(),
            _ => Vec::new(),
        };
        Report {
            model,
            task: task.name(),
            target: target.to_vec(),
            classes,
            rows: RowCounts::default(),
            seconds: Seconds::default(),
            metrics: Scores::default(),
            baseline: Scores::default(),
            calibration: None,
            cv: None,
            search: None,
            auto: None,
            importance: Vec::new(),
            excluded,
            saved: None,
            warnings: Vec::new(),
            unweighed: false,
            seen: false,
        }
    }

    /// The report for people.
    pub fn words(&self) -> String {
        let mut parts = vec![self.title()];
        if self.rows.test > 0 {
            parts.push(self.quality());
        }
        parts.extend(self.warnings.iter().map(|warning| paragraph(&format!("Warning: {warning}"), 3)));
        if let Some(search) = &self.search {
            parts.push(search.words());
        }
        if let Some(auto) = &self.auto {
            parts.push(auto.words());
        }
        if let Some(calibrated) = &self.calibration {
            parts.push(of_calibration(calibrated));
        }
        if let Some(cv) = &self.cv {
            parts.push(cv.words());
        }
        if !self.importance.is_empty() {
            parts.push(self.relied_on());
        } else if self.unweighed {
            parts.push(paragraph(
                "What it relies on was not measured: --importance 5 does, which takes long on wide tables.",
                3,
            ));
        }
        if !self.excluded.is_empty() {
            parts.push(format!("Left out:\n{}", left_out(&self.excluded, Language::En).trim_end()));
        }
        let s = &self.seconds;
        let mut end =
            format!("{:.2} s preprocessing, {:.2} s fitting, {:.2} s predicting", s.preprocess, s.fit, s.predict);
        if s.importance > 0.0 {
            end.push_str(&format!(", {:.2} s shuffling", s.importance));
        }
        match &self.saved {
            Some(path) => end.push_str(&format!("\nSaved: {}", path.display())),
            None => end.push_str("\nNot saved: give -o M.adflux to keep the pipeline"),
        }
        parts.push(end);
        parts.join("\n\n")
    }

    fn title(&self) -> String {
        let what = match &self.classes[..] {
            [] => self.target.join(", "),
            classes => {
                const SHOWN: usize = 6;
                let more = if classes.len() > SHOWN { " / …" } else { "" };
                let shown = classes[..classes.len().min(SHOWN)].join(" / ");
                format!("{} ({shown}{more})", self.target.join(", "))
            }
        };
        let judged = match self.rows.test {
            0 => "not judged (no rows were held back)".to_string(),
            test if self.seen => format!("judged on {}", rows(test)),
            test => format!("judged on {} that it did not see", rows(test)),
        };
        let learned = rows(self.rows.train);
        paragraph(&format!("{}, {} of {what}: learned from {learned}, {judged}", self.model, self.task), 0)
    }

    fn quality(&self) -> String {
        let mut rows = table(&["", "model", "baseline", ""], 1);
        for (name, value) in self.metrics.iter() {
            let baseline = self.baseline.get(name).map_or("–".into(), |b| measures::value(name, b));
            rows.add_row([measures::name(name), measures::value(name, value), baseline, measures::better(name).into()]);
        }
        let always = match &self.classes[..] {
            [] => "the mean of the rows it learned from",
            _ => "the shares of the classes it learned from",
        };
        format!("{}\n{}", indented(&rows).trim_end(), paragraph(&format!("baseline: always {always}"), 3))
    }

    fn relied_on(&self) -> String {
        const SHOWN: usize = 10;
        let mut rows = table(&["What it relies on", "worse by", "±"], 1);
        // What is within the spread of its own shuffles may be chance.
        let relied_on: Vec<&Importance> =
            self.importance.iter().filter(|i| i.value > 0.0 && i.value > i.deviation).collect();
        if relied_on.is_empty() {
            return "   It does as well without any single column.".into();
        }
        for i in relied_on.iter().take(SHOWN) {
            let show = |v: f64| format!("{v:.4}");
            rows.add_row([i.column.clone(), show(i.value), show(i.deviation)]);
        }
        let measure = self.importance.first().map(|i| measures::name(&i.measure)).unwrap_or_default();
        let more = match self.importance.len() - relied_on.len().min(SHOWN) {
            0 => String::new(),
            1 => "; it does as well or nearly as well without the other column".into(),
            more => format!("; it does as well or nearly as well without the other {more} columns"),
        };
        let note = format!("how much worse {measure} gets when the column is shuffled{more}");
        format!("{}\n{}", indented(&rows).trim_end(), paragraph(&note, 3))
    }
}

impl CrossValidation {
    fn words(&self) -> String {
        let mut rows = table(&[&format!("{} folds", self.folds), "mean", "±", "least", "most"], 1);
        for (name, spread) in &self.metrics {
            let show = |v: f64| measures::value(name, v);
            let of_folds = self.by_fold.iter().filter_map(|fold| fold.metrics.get(name)).filter(|v| v.is_finite());
            let (least, most) = of_folds.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
            rows.add_row([measures::name(name), show(spread.mean), show(spread.deviation), show(least), show(most)]);
        }
        indented(&rows).trim_end().to_string()
    }
}

/// What calibration changed, in words.
fn of_calibration(calibrated: &Calibrated) -> String {
    let mut rows = table(&["Calibration", "before", "after", ""], 1);
    for (name, before) in calibrated.before.iter() {
        let after = calibrated.after.get(name).map_or("–".into(), |v| measures::value(name, v));
        rows.add_row([measures::name(name), measures::value(name, before), after, measures::better(name).into()]);
    }
    indented(&rows).trim_end().to_string()
}
