//! The second question: what will a campaign bring?

use super::Beside;
use crate::{
    numbers::{count, money, percent},
    tables::{indented, paragraph, table},
};
use adflux::{
    core::{Context, Error, Prediction, Result, Rows as _, Training},
    data::{Frame, Role},
    evaluation::{
        metrics::{coverage, interval_score, mae, mean_width, r2, rmse},
        splits::{FoldOptions, train_test_split},
    },
    pipeline::{Explanation, Pipeline, Shapley},
    postprocessing::{CampaignEstimate, Language, QUANTITIES},
    preprocessing::{Branch, ColumnTransformer, OneHotEncoder, TfidfVectorizer},
    regression::{FunnelRegressor, MaxFeatures, RandomForestRegressor},
    simulation::{CAMPAIGN_OUTCOMES, Campaigns},
};
use ndarray::{Array1, ArrayView1};
use serde::Serialize;
use std::{collections::BTreeMap, path::Path};

const SIMULATED: usize = 8_000;
const SEED: u64 = 42;
const LEVEL: f64 = 0.8;
const NUMBERS: [&str; 3] = ["budget", "duration_days", "audience_size"];
const CHOICES: [&str; 7] =
    ["platform", "objective", "format", "job_category", "job_level", "location", "call_to_action"];
const TEXTS: [&str; 2] = ["title", "description"];
const RATES: [&str; 4] = ["ctr", "cpc", "cpa", "conversion_rate"];
const TOTALS: [&str; 4] = ["impressions", "clicks", "applications", "spend"];

#[derive(Serialize)]
pub struct Metrics {
    data: String,
    rows: SplitRows,
    /// Held-out errors of the rates, beside those of the platform's mean.
    rates: BTreeMap<&'static str, RateMetrics>,
    /// Held-out intervals of the totals, beside the marginal interval.
    intervals: BTreeMap<&'static str, IntervalMetrics>,
    level: f64,
    /// The share of held-out campaigns of which all four totals are inside their intervals.
    all_four_inside: f64,
}

#[derive(Serialize)]
struct SplitRows {
    train: usize,
    test: usize,
}

#[derive(Serialize)]
struct RateMetrics {
    mae: Beside,
    rmse: Beside,
    r2: Beside,
}

#[derive(Serialize)]
struct IntervalMetrics {
    coverage: Beside,
    mean_width: Beside,
    interval_score: Beside,
}

/// The campaigns to learn from, and what to call them.
pub struct Source {
    frame: Frame,
    name: String,
}

impl Source {
    /// The campaigns of a file, or simulated ones.
    pub fn read(file: Option<&Path>, language: Language, context: &Context) -> Result<Self> {
        let Some(path) = file else {
            let frame = Campaigns::new(SIMULATED).seed(SEED).generate(context)?.frame;
            let what = language.pick("simulated campaigns", "campañas simuladas");
            return Ok(Source { frame, name: format!("{} {what}", count(SIMULATED as f64)) });
        };
        let frame = Frame::read_csv(path)?;
        let needed: Vec<&str> = [&NUMBERS[..], &CHOICES, &TEXTS, CAMPAIGN_OUTCOMES].concat();
        frame.require(&needed).map_err(|e| Error::data(format!("{}: {e}", path.display())))?;
        Ok(Source { frame, name: path.display().to_string() })
    }
}

pub fn run(out: &Path, source: Source, language: Language, context: &Context) -> Result<Metrics> {
    let Source { frame, name: source } = source;
    let inputs: Vec<String> = [&NUMBERS[..], &CHOICES, &TEXTS].concat().iter().map(|s| s.to_string()).collect();
    let split = train_test_split(frame.rows(), 0.2, &FoldOptions { shuffle: Some(SEED), ..Default::default() })?;
    let (past, held_out) = (frame.take(&split.train), frame.take(&split.test));
    let fitted = pipeline().fit_with(training(&past)?, context)?;
    let estimates = fitted.run(&held_out)?;

    let actual = Actual::of(&held_out)?;
    let metrics = measure(&Actual::of(&past)?, &actual, &past, &held_out, &estimates, source)?;
    fitted.save(out.join("campaign.adflux"))?;
    predictions_frame(&held_out, &estimates, &actual)?.write_csv(out.join("campaign_predictions.csv"))?;

    let chosen = typical(&held_out)?;
    let (campaign, estimate) = (held_out.take(&[chosen]), estimates.take(&[chosen]));
    let applications = |frame: &Frame| Ok(fitted.run(frame)?.named("applications")?.point()?.to_vec());
    let explanation =
        Shapley { permutations: 256, seed: SEED }.explain(&campaign, &past, &inputs, applications, context)?;
    print_quality(&metrics, language);
    print_campaign(&campaign, &estimate, &actual, chosen, &explanation, language)?;
    Ok(metrics)
}

/// What is known before launch → rates by a random forest → totals with joint intervals.
fn pipeline() -> Pipeline<ColumnTransformer, FunnelRegressor, CampaignEstimate> {
    let preprocessor = ColumnTransformer::new()
        .branch(Branch::new("numbers", NUMBERS))
        .branch(Branch::new("choices", CHOICES).as_categories().step(OneHotEncoder::default()))
        .branch(Branch::new("texts", TEXTS).as_text().step(TfidfVectorizer::default().min_df(5).max_features(60)));
    let forest =
        RandomForestRegressor::new(100).min_samples_leaf(3).max_features(MaxFeatures::Fraction(0.4)).seed(SEED);
    Pipeline::new(preprocessor, FunnelRegressor::default().forest(forest))
        .with_postprocessor(CampaignEstimate::default().level(LEVEL))
        .seed(SEED)
}

/// The campaigns as training data: the outcomes are the target, the budget is what they are counted over.
fn training(campaigns: &Frame) -> Result<Training<Frame>> {
    let mut frame = campaigns.clone();
    for outcome in CAMPAIGN_OUTCOMES {
        frame = frame.with_role(outcome, Role::Target)?;
    }
    let budget = campaigns.numbers("budget")?;
    Ok(frame.training()?.with_exposure(budget.into()))
}

/// What happened, by the names of [`QUANTITIES`]; NaN where a rate is over nothing.
struct Actual(BTreeMap<&'static str, Array1<f64>>);

impl Actual {
    fn of(frame: &Frame) -> Result<Self> {
        let total = |name: &str| Ok::<_, Error>(Array1::from(frame.numbers(name)?));
        let [impressions, clicks, applications, spend] =
            [total("impressions")?, total("clicks")?, total("applications")?, total("spend")?];
        let over = |a: &Array1<f64>, b: &Array1<f64>| -> Array1<f64> {
            a.iter().zip(b).map(|(a, b)| if *b > 0.0 { a / b } else { f64::NAN }).collect()
        };
        Ok(Actual(BTreeMap::from([
            ("ctr", over(&clicks, &impressions)),
            ("cpc", over(&spend, &clicks)),
            ("conversion_rate", over(&applications, &clicks)),
            ("cpa", over(&spend, &applications)),
            ("impressions", impressions),
            ("clicks", clicks),
            ("applications", applications),
            ("spend", spend),
        ])))
    }

    fn get(&self, name: &str) -> Result<&Array1<f64>> {
        self.0.get(name).ok_or_else(|| Error::column(name, "is not a quantity of a campaign"))
    }
}

fn measure(
    past: &Actual,
    actual: &Actual,
    past_frame: &Frame,
    held_out: &Frame,
    estimates: &Prediction,
    data: String,
) -> Result<Metrics> {
    let mut rates = BTreeMap::new();
    for name in RATES {
        let mean = platform_mean(past.get(name)?, past_frame, held_out)?;
        let truth = actual.get(name)?;
        let known: Vec<usize> = (0..truth.len()).filter(|r| truth[*r].is_finite()).collect();
        let pick = |v: &Array1<f64>| v.take(&known);
        let (truth, predicted, mean) = (pick(truth), pick(estimates.named(name)?.point()?), pick(&mean));
        type Measure = fn(ArrayView1<f64>, ArrayView1<f64>, Option<ArrayView1<f64>>) -> Result<f64>;
        let beside = |of: Measure| {
            Ok::<_, Error>(Beside {
                value: of(truth.view(), predicted.view(), None)?,
                baseline: of(truth.view(), mean.view(), None)?,
            })
        };
        rates.insert(name, RateMetrics { mae: beside(mae)?, rmse: beside(rmse)?, r2: beside(r2)? });
    }
    let mut intervals = BTreeMap::new();
    let mut inside = vec![true; held_out.rows()];
    for name in TOTALS {
        let truth = actual.get(name)?;
        let ours = estimates.named(name)?.intervals()?;
        let (low, high) = marginal(past.get(name)?);
        let (low, high) = (Array1::from_elem(truth.len(), low), Array1::from_elem(truth.len(), high));
        inside.iter_mut().enumerate().for_each(|(r, all)| *all &= (ours.lower[r]..=ours.upper[r]).contains(&truth[r]));
        let both = |of: &dyn Fn(ArrayView1<f64>, ArrayView1<f64>) -> Result<f64>| {
            Ok::<_, Error>(Beside {
                value: of(ours.lower.view(), ours.upper.view())?,
                baseline: of(low.view(), high.view())?,
            })
        };
        intervals.insert(
            name,
            IntervalMetrics {
                coverage: both(&|l, u| coverage(truth.view(), l, u, None))?,
                mean_width: both(&|l, u| mean_width(l, u, None))?,
                interval_score: both(&|l, u| interval_score(truth.view(), l, u, LEVEL, None))?,
            },
        );
    }
    let all = inside.iter().filter(|i| **i).count() as f64 / inside.len() as f64;
    let rows = SplitRows { train: past_frame.rows(), test: held_out.rows() };
    Ok(Metrics { data, rows, rates, intervals, level: LEVEL, all_four_inside: all })
}

/// The honest baseline of a rate: its mean over past campaigns of the same platform (over all, for a new platform).
fn platform_mean(past: &Array1<f64>, past_frame: &Frame, held_out: &Frame) -> Result<Array1<f64>> {
    let mut sums: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    let mut all = (0.0, 0.0);
    for (platform, value) in past_frame.texts("platform")?.iter().zip(past) {
        if value.is_finite() {
            let of = sums.entry(platform.clone()).or_default();
            *of = (of.0 + value, of.1 + 1.0);
            all = (all.0 + value, all.1 + 1.0);
        }
    }
    let mean = |p: &String| sums.get(p).map_or(all.0 / all.1, |(sum, n)| sum / n);
    Ok(held_out.texts("platform")?.iter().map(mean).collect())
}

/// The honest baseline of an interval: where the middle 80 % of past campaigns lie, whatever the campaign.
fn marginal(past: &Array1<f64>) -> (f64, f64) {
    let mut sorted = past.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |level: f64| sorted[((sorted.len() - 1) as f64 * level).round() as usize];
    (at((1.0 - LEVEL) / 2.0), at((1.0 + LEVEL) / 2.0))
}

fn predictions_frame(held_out: &Frame, estimates: &Prediction, actual: &Actual) -> Result<Frame> {
    let mut frame = Frame::builder();
    for id in ["campaign_id", "platform", "budget"].into_iter().filter(|c| held_out.has(c)) {
        frame = frame.texts(id, held_out.texts(id)?.iter());
    }
    // A cost for nothing has no number: the field is left empty.
    let finite = |v: &Array1<f64>| v.iter().map(|v| v.is_finite().then_some(*v)).collect::<Vec<_>>();
    for name in QUANTITIES {
        let estimate = estimates.named(name)?.intervals()?;
        frame = frame
            .optional_numbers(name, finite(&estimate.mean))
            .optional_numbers(&format!("{name}_lower"), finite(&estimate.lower))
            .optional_numbers(&format!("{name}_upper"), finite(&estimate.upper))
            .optional_numbers(&format!("{name}_actual"), finite(actual.get(name)?));
    }
    frame.build()
}

/// The held-out campaign with the middle budget: an ordinary one.
fn typical(held_out: &Frame) -> Result<usize> {
    let budgets = held_out.numbers("budget")?;
    let mut order: Vec<usize> = (0..budgets.len()).collect();
    order.sort_by(|a, b| budgets[*a].total_cmp(&budgets[*b]));
    Ok(order[order.len() / 2])
}

fn title(name: &str, language: Language) -> &'static str {
    match name {
        "impressions" => language.pick("impressions", "impresiones"),
        "clicks" => language.pick("clicks", "clics"),
        "applications" => language.pick("applications", "solicitudes"),
        "spend" => language.pick("spend", "gasto"),
        "ctr" => language.pick("CTR (clicks per impression)", "CTR (clics por impresión)"),
        "cpc" => language.pick("CPC (cost per click)", "CPC (coste por clic)"),
        "conversion_rate" => language.pick("conversion (applications per click)", "conversión (solicitudes por clic)"),
        _ => language.pick("CPA (cost per application)", "CPA (coste por solicitud)"),
    }
}

fn shown(name: &str, value: f64) -> String {
    match name {
        "ctr" | "conversion_rate" => percent(value, 2),
        "cpc" | "cpa" | "spend" => money(value),
        _ => count(value),
    }
}

/// Two decimals, without the sign of a zero.
fn decimals(value: f64) -> String {
    let text = format!("{value:.2}");
    if text == "-0.00" { "0.00".into() } else { text }
}

fn print_quality(metrics: &Metrics, language: Language) {
    let say = |en: &'static str, es: &'static str| language.pick(en, es);
    println!("2. {}\n", say("What will a campaign bring?", "¿Qué traerá una campaña?"));
    let learned = match language {
        Language::En => format!(
            "{}. Learned from {} of them, using only what is known before launch; judged on the other {}. The baseline is \
             the mean of the campaign's platform.",
            metrics.data,
            count(metrics.rows.train as f64),
            count(metrics.rows.test as f64)
        ),
        Language::Es => format!(
            "{}. Se aprende de {}, solo con lo que se sabe antes del lanzamiento; se juzga con las otras {}. La referencia \
             es la media de la plataforma de la campaña.",
            metrics.data,
            count(metrics.rows.train as f64),
            count(metrics.rows.test as f64)
        ),
    };
    println!("{}\n", paragraph(&learned, 3));
    let base = say("baseline", "referencia");
    let mut rows = table(&["", "MAE", base, "RMSE", base, "R²", base], 1);
    for name in RATES {
        let Some(rate) = metrics.rates.get(name) else { continue };
        let unit = |v: f64| shown(name, v);
        rows.add_row([
            title(name, language).split(" (").next().unwrap_or_default().to_string(),
            unit(rate.mae.value),
            unit(rate.mae.baseline),
            unit(rate.rmse.value),
            unit(rate.rmse.baseline),
            decimals(rate.r2.value),
            decimals(rate.r2.baseline),
        ]);
    }
    println!("{}", indented(&rows));
    let mut rows = table(
        &[
            say("80 % intervals", "intervalos del 80 %"),
            say("contain", "contienen"),
            say("mean width", "anchura media"),
            say("one interval for all", "un intervalo para todas"),
        ],
        1,
    );
    for name in TOTALS {
        let Some(interval) = metrics.intervals.get(name) else { continue };
        rows.add_row([
            title(name, language).to_string(),
            percent(interval.coverage.value, 1),
            shown(name, interval.mean_width.value),
            shown(name, interval.mean_width.baseline),
        ]);
    }
    println!("{}", indented(&rows));
    let joint = percent(metrics.all_four_inside, 0);
    match language {
        Language::En => println!("   All four at once: {joint} of the held-out campaigns."),
        Language::Es => println!("   Los cuatro a la vez: {joint} de las campañas apartadas."),
    }
}

fn print_campaign(
    campaign: &Frame,
    estimate: &Prediction,
    actual: &Actual,
    row: usize,
    explanation: &Explanation,
    language: Language,
) -> Result<()> {
    let say = |en: &'static str, es: &'static str| language.pick(en, es);
    let cell = |name: &str| Ok::<_, Error>(campaign.texts(name)?.first().cloned().unwrap_or_default());
    let (budget, days, audience) =
        (campaign.numbers("budget")?[0], cell("duration_days")?, campaign.numbers("audience_size")?[0]);
    let audience = if audience.is_finite() { count(audience) } else { say("unknown", "desconocida").into() };
    println!("\n   {}\n", say("A new campaign (one of those held out):", "Una campaña nueva (una de las apartadas):"));
    println!("      “{}”", cell("title")?);
    println!(
        "      {} · {} · {} · {}",
        cell("platform")?,
        cell("objective")?,
        cell("format")?,
        cell("call_to_action")?
    );
    println!("      {} · {} · {}", cell("job_category")?, cell("job_level")?, cell("location")?);
    println!(
        "      {} {} · {days} {} · {} {audience}\n",
        say("budget", "presupuesto"),
        money(budget),
        say("days", "días"),
        say("audience", "audiencia")
    );
    let mut rows = table(
        &[
            "",
            say("expected", "esperado"),
            say("80 % interval", "intervalo 80 %"),
            say("what happened", "lo que ocurrió"),
        ],
        1,
    );
    for name in QUANTITIES {
        let intervals = estimate.named(name)?.intervals()?;
        let happened = actual.get(name)?[row];
        rows.add_row([
            title(name, language).to_string(),
            shown(name, intervals.mean[0]),
            format!("{} – {}", shown(name, intervals.lower[0]), shown(name, intervals.upper[0])),
            if happened.is_nan() { "–".into() } else { shown(name, happened) },
        ]);
    }
    println!("{}", indented(&rows));
    let moved = match language {
        Language::En => format!(
            "What moved the expected applications from {} (the average campaign) to {}:",
            money(explanation.base),
            money(explanation.prediction)
        ),
        Language::Es => format!(
            "Qué movió las solicitudes esperadas de {} (la campaña media) a {}:",
            money(explanation.base),
            money(explanation.prediction)
        ),
    };
    println!("{}", paragraph(&moved, 3));
    const SHOWN: usize = 6;
    for part in explanation.contributions.iter().take(SHOWN) {
        let value: String = match part.value.chars().count() {
            0 => say("(missing)", "(falta)").into(),
            1..=44 => part.value.clone(),
            _ => part.value.chars().take(43).chain("…".chars()).collect(),
        };
        println!("      {:>+8.1}  {} = {value}", part.effect, part.column.replace('_', " "));
    }
    let rest: f64 = explanation.contributions.iter().skip(SHOWN).map(|c| c.effect).sum();
    println!("      {rest:>+8.1}  {}", say("everything else", "todo lo demás"));
    Ok(())
}
