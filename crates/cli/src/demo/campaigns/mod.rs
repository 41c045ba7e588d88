//! The second question: what will a campaign bring?

mod quality;
mod report;

pub use quality::Metrics;

use crate::numbers::count;
use adflux::{
    core::{Context, Prediction, Result, Rows as _, Training},
    data::{Frame, Role},
    evaluation::splits::{FoldOptions, train_test_split},
    pipeline::{Pipeline, Shapley},
    postprocessing::{CampaignEstimate, Language, QUANTITIES},
    preprocessing::{Branch, ColumnTransformer, OneHotEncoder, TfidfVectorizer},
    regression::{FunnelRegressor, MaxFeatures, RandomForestRegressor},
    simulation::{CAMPAIGN_OUTCOMES, Campaigns},
};
use ndarray::Array1;
use quality::{Actual, measure};
use std::path::Path;

const SIMULATED: usize = 8_000;
const SEED: u64 = 42;
const LEVEL: f64 = 0.8;
/// Past campaigns that an explanation compares with.
const DRAWN: usize = 256;
const NUMBERS: [&str; 3] = ["budget", "duration_days", "audience_size"];
const CHOICES: [&str; 7] =
    ["platform", "objective", "format", "job_category", "job_level", "location", "call_to_action"];
const TEXTS: [&str; 2] = ["title", "description"];

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
        frame.require(&needed).map_err(|e| e.in_file(path))?;
        training(&frame).and_then(|data| FunnelRegressor::check(&data)).map_err(|e| e.in_file(path))?;
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
        Shapley { permutations: DRAWN, seed: SEED }.explain(&campaign, &past, &inputs, applications, context)?;
    report::quality(&metrics, language);
    report::campaign(&campaign, &estimate, &actual, chosen, (&explanation, DRAWN), language)?;
    Ok(metrics)
}

/// What is known before launch → rates by a random forest → totals with joint intervals.
fn pipeline() -> Pipeline<ColumnTransformer, FunnelRegressor, CampaignEstimate> {
    let preprocessor = ColumnTransformer::new()
        .branch(Branch::new("numbers", NUMBERS).as_numbers())
        .branch(Branch::new("choices", CHOICES).as_categories().step(OneHotEncoder::default()))
        .branch(Branch::new("texts", TEXTS).as_text().step(TfidfVectorizer::default().min_df(2).max_features(60)));
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
