//! `adflux explain`: why a saved pipeline predicts what it does.

mod dependence;
mod global;
mod one;
mod units;

use crate::{columns::expanded, format::Format, places::apart, segment::Lang, tables::paragraph};
use adflux::{
    core::{Context, Error, Result, Rows as _},
    data::{Frame, TableFormat},
    pipeline::{AnyFittedPipeline, Attribution, Attributions, Background, Method},
    postprocessing::Language,
};
use clap::ValueEnum;
use std::path::PathBuf;

/// Say which columns move the predictions of a saved pipeline.
///
/// With --row N one prediction is taken apart: a base, what each column adds to it, and their sum, which is the prediction.
/// Without it, how much each column moves predictions on the average. -o writes what every column adds to every row.
///
/// What a column adds is its Shapley value: exact for trees, forests, boosting and linear models, otherwise sampled. It says
/// what the model makes of the column, not what would happen if the column were changed.
///
/// Example: adflux explain churn.adflux customers.csv --row 17
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The saved pipeline.
    model: PathBuf,
    /// The table: .csv, .tsv, .ndjson or .parquet, or a pattern for several; `-` is standard input.
    file: PathBuf,
    /// Explain this row of the table; the first is 1.
    #[arg(long, value_name = "N", conflicts_with_all = ["pdp", "output"])]
    row: Option<usize>,
    /// How predictions follow this column when the others stay as they are (partial dependence).
    #[arg(long, value_name = "COL", conflicts_with = "output")]
    pdp: Option<String>,
    /// How: exactly where the model can tell and otherwise by permutations, or as said.
    #[arg(long, value_enum, default_value_t = How::Auto)]
    method: How,
    /// The class to explain, or the one of several predictions. Default: the second of two classes, of more the one that is
    /// predicted most often, of several predictions the first.
    #[arg(long, value_name = "NAME")]
    of: Option<String>,
    /// The rows that a row is compared with. Default: for trees those they learned from, otherwise the rows of the table.
    #[arg(long, value_name = "FILE")]
    background: Option<PathBuf>,
    /// How many rows the average and --pdp are made of; 0: all.
    #[arg(long, value_name = "ROWS", default_value_t = 500)]
    sample: usize,
    /// Background rows that permutations start from: the more, the more exact, and the longer it takes.
    #[arg(long, default_value_t = 64)]
    permutations: usize,
    /// The same seed draws the same.
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// Write what every column adds to every row, by the ending: the columns that name a row, `prediction`, `base`, and `by_<column>`
    /// for each column.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Columns of the input to put beside what is written. Default: those that named a row in training.
    #[arg(long, value_name = "COLS", value_delimiter = ',', requires = "output")]
    id: Option<Vec<String>>,
    /// The language of the report.
    #[arg(long, value_enum, default_value_t = Lang::En)]
    lang: Lang,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// `--method`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum How {
    Auto,
    Tree,
    Linear,
    Permutation,
}

impl From<How> for Method {
    fn from(how: How) -> Self {
        match how {
            How::Auto => Method::Auto,
            How::Tree => Method::Tree,
            How::Linear => Method::Linear,
            How::Permutation => Method::Permutation,
        }
    }
}

/// What all reports speak of.
struct Explained<'a> {
    arguments: &'a Arguments,
    fitted: &'a AnyFittedPipeline,
    /// All rows of the table.
    frame: &'a Frame,
    language: Language,
}

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<()> {
    if let Some(output) = &arguments.output {
        TableFormat::of(output)?;
    }
    let files =
        [Some(&arguments.model), Some(&arguments.file), arguments.background.as_ref(), arguments.output.as_ref()];
    apart(files)?;
    let fitted = AnyFittedPipeline::load(&arguments.model, &adflux::registry()?)?;
    let frame = Frame::read_with(&arguments.file, &fitted.schema)?;
    let in_file = |e: Error| e.in_file(&arguments.file);
    if frame.rows() == 0 {
        return Err(in_file(Error::data("there is no row to explain")));
    }
    let language = arguments.lang.into();
    let explained = Explained { arguments, fitted: &fitted, frame: &frame, language };
    if let Some(column) = &arguments.pdp {
        return dependence::report(&explained, column, context).map_err(in_file);
    }
    if let Some(row) = arguments.row {
        return one::report(&explained, row, context).map_err(in_file);
    }
    if let Some(output) = &arguments.output {
        let all = explained.attributions(&frame, context).map_err(in_file)?;
        explained.table(&all).map_err(in_file)?.write(output)?;
        if output.as_os_str() == "-" {
            return Ok(());
        }
        return global::report(&explained, &frame, &all);
    }
    let sampled = explained.sampled();
    let all = explained.attributions(&sampled, context).map_err(in_file)?;
    global::report(&explained, &sampled, &all)
}

impl Explained<'_> {
    fn attributions(&self, rows: &Frame, context: &Context) -> Result<Attributions> {
        let Arguments { method, of, permutations, seed, background, .. } = self.arguments;
        let attribution = Attribution {
            method: (*method).into(),
            output: of.clone(),
            permutations: *permutations,
            seed: *seed,
            ..Attribution::default()
        };
        match background {
            None => attribution.explain(self.fitted, rows, Background::Learned(self.frame), context),
            Some(file) => {
                let background = Frame::read_with(file, &self.fitted.schema)?;
                attribution.explain(self.fitted, rows, Background::Rows(&background), context)
            }
        }
    }

    /// The rows that averages are made of: evenly through the table.
    fn sampled(&self) -> Frame {
        let (rows, wanted) = (self.frame.rows(), self.arguments.sample);
        match wanted {
            0 => self.frame.clone(),
            wanted if wanted >= rows => self.frame.clone(),
            wanted => self.frame.take(&(0..wanted).map(|i| i * rows / wanted).collect::<Vec<_>>()),
        }
    }

    /// What every column adds to every row, as a table.
    fn table(&self, all: &Attributions) -> Result<Frame> {
        let ids = match &self.arguments.id {
            Some(named) => expanded(named, self.frame)?,
            None => self.fitted.training.ids.iter().filter(|id| self.frame.has(id)).cloned().collect(),
        };
        let beside = self.frame.select(&ids)?;
        let rows = all.predictions.len();
        let mut table =
            Frame::builder().numbers("prediction", all.predictions.to_vec()).numbers("base", vec![all.base; rows]);
        for (column, values) in all.columns.iter().zip(all.values.columns()) {
            table = table.numbers(&format!("by_{column}"), values.to_vec());
        }
        let table = table.build()?;
        match beside.names().find(|id| table.has(id)) {
            Some(taken) => {
                let reason = "is also the name of a column that is written: rename it, or leave it out of --id";
                Err(Error::column(taken, reason))
            }
            None => beside.with_columns_of(&table),
        }
    }

    /// What is explained, by name: `churn`, the probability of `churn = yes`, `applications`.
    fn subject(&self, all: &Attributions) -> String {
        self.called(all.output.as_deref())
    }

    fn called(&self, output: Option<&str>) -> String {
        match (self.fitted.training.target_title(), output) {
            (Some(column), Some(label)) => {
                format!("{} {column} = {label}", self.say("the probability of", "la probabilidad de"))
            }
            (Some(name), None) => name,
            (None, Some(name)) => name.into(),
            (None, None) => self.say("the prediction", "la predicción").into(),
        }
    }

    fn say(&self, en: &'static str, es: &'static str) -> &'static str {
        self.language.pick(en, es)
    }

    /// How it was found and in what, as a last paragraph.
    fn notes(&self, all: &Attributions) -> String {
        let method = match all.method {
            "permutation" => self.say(
                "Sampled (permutations of the input columns): small contributions may be chance; more --permutations make them surer.",
                "Por muestreo (permutaciones de las columnas): las aportaciones pequeñas pueden ser azar; con más --permutations son más \
                 seguras.",
            ),
            "linear" => self.say(
                "Exact: coefficients times the distance from the mean of the rows compared with.",
                "Exacto: coeficientes por la distancia a la media de las filas con las que se compara.",
            ),
            "tree-interventional" => self.say(
                "Exact (interventional TreeSHAP), compared with the rows of --background.",
                "Exacto (TreeSHAP intervencional), comparado con las filas de --background.",
            ),
            _ => self.say(
                "Exact (path-dependent TreeSHAP), compared with the rows it learned from.",
                "Exacto (TreeSHAP por caminos), comparado con las filas de las que aprendió.",
            ),
        };
        let others: Vec<&str> =
            all.outputs.iter().filter(|o| Some(*o) != all.output.as_ref()).map(String::as_str).collect();
        let mut out = paragraph(method, 0);
        if !others.is_empty() {
            let more = format!("{} {}", self.say("--of explains another:", "--of explica otra:"), others.join(", "));
            out.push_str(&format!("\n{}", paragraph(&more, 0)));
        }
        out
    }
}
