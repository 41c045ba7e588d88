//! The demo's campaign pipeline, from its file: loading it, one row, many rows.
//!
//! ```text
//! cargo bench --bench pipeline
//! ```
//!
//! The parts are those of `crates/cli/src/demo/campaigns/mod.rs`. Beside the times, the size of the file and how many of the
//! held-out campaigns lie in their intervals are printed. One row, loaded and in process, is to take less than 100 µs.

use adflux::{
    core::{Context, Features, Predict as _, Rows as _, Training, Transform as _},
    data::{Frame, Role},
    evaluation::metrics::coverage,
    pipeline::{AnyFittedPipeline, Pipeline},
    postprocessing::CampaignEstimate,
    prelude::{
        Branch, ColumnTransformer, FunnelRegressor, MaxFeatures, OneHotEncoder, Prediction, RandomForestRegressor,
    },
    preprocessing::TfidfVectorizer,
    simulation::{CAMPAIGN_OUTCOMES, Campaigns},
};
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use std::{error::Error, hint::black_box, path::Path, time::Instant};

const PAST: usize = 6_400;
const NEW: usize = 10_000;
const DIFFERENT: usize = 1_000;
const SEED: u64 = 42;
const LEVEL: f64 = 0.8;
const NUMBERS: [&str; 3] = ["budget", "duration_days", "audience_size"];
const CHOICES: [&str; 7] =
    ["platform", "objective", "format", "job_category", "job_level", "location", "call_to_action"];
const TEXTS: [&str; 2] = ["title", "description"];

fn recipe() -> Pipeline<ColumnTransformer, FunnelRegressor, CampaignEstimate> {
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

/// Fits on the past campaigns and writes the file.
fn train(past: &Frame, path: &Path) -> Result<(), Box<dyn Error>> {
    let mut frame = past.clone();
    for outcome in CAMPAIGN_OUTCOMES {
        frame = frame.with_role(outcome, Role::Target)?;
    }
    let data: Training<Frame> = frame.training()?.with_exposure(past.numbers("budget")?.into());
    let start = Instant::now();
    recipe().fit(data)?.save(path)?;
    println!("fitted on {PAST} campaigns and saved in {:.1} s", start.elapsed().as_secs_f64());
    println!("the file has {:.2} MB", std::fs::metadata(path)?.len() as f64 / 1e6);
    Ok(())
}

/// How many of the new campaigns lie in their intervals, which are to contain 80 %.
fn print_coverage(new: &Frame, estimates: &Prediction) -> Result<(), Box<dyn Error>> {
    for name in ["spend", "impressions", "clicks", "applications"] {
        let intervals = estimates.named(name)?.intervals()?;
        let truth = ndarray::Array1::from(new.numbers(name)?);
        let inside = coverage(truth.view(), intervals.lower.view(), intervals.upper.view(), None)?;
        println!("{:.1} % of {NEW} new campaigns have their {name} in the interval", 100.0 * inside);
    }
    Ok(())
}

/// One campaign as a service has it.
#[derive(serde::Deserialize, serde::Serialize)]
struct Campaign {
    budget: f64,
    duration_days: f64,
    audience_size: Option<f64>,
    platform: String,
    objective: String,
    format: String,
    job_category: String,
    job_level: String,
    location: String,
    call_to_action: String,
    title: String,
    description: Option<String>,
}

/// The plain values of one campaign, put into a frame by hand.
struct Request {
    numbers: Vec<(&'static str, f64)>,
    texts: Vec<(&'static str, String)>,
}

impl Request {
    fn of(frame: &Frame, row: usize) -> Result<Self, Box<dyn Error>> {
        let frame = frame.take(&[row]);
        let number = |name| Ok::<_, Box<dyn Error>>((name, frame.numbers(name)?[0]));
        let text = |name| Ok::<_, Box<dyn Error>>((name, frame.texts(name)?[0].clone()));
        Ok(Request {
            numbers: NUMBERS.into_iter().map(number).collect::<Result<_, _>>()?,
            texts: CHOICES.into_iter().chain(TEXTS).map(text).collect::<Result<_, _>>()?,
        })
    }

    fn frame(&self) -> adflux::core::Result<Frame> {
        let numbers = self.numbers.iter().fold(Frame::builder(), |f, (name, value)| f.numbers(name, vec![*value]));
        self.texts.iter().fold(numbers, |f, (name, value)| f.texts(name, [value])).build()
    }
}

/// What each of the three parts of the pipeline is given.
struct Parts {
    frame: Frame,
    features: Features,
    rates: Prediction,
}

impl Parts {
    fn of(pipeline: &AnyFittedPipeline, frame: &Frame) -> adflux::core::Result<Self> {
        let frame = frame.conform(&pipeline.schema)?;
        let features = pipeline.preprocessor.transform(frame.clone())?;
        let rates = pipeline.model.predict(&features)?;
        Ok(Parts { frame, features, rates })
    }

    /// The parts one by one, on one of `inputs` after the other.
    fn bench(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, pipeline: &AnyFittedPipeline, inputs: &[Parts]) {
        let mut next = inputs.iter().cycle();
        group.bench_function(format!("{name}, preprocessor"), |b| {
            b.iter(|| next.next().map(|i| pipeline.preprocessor.transform(black_box(&i.frame).clone())));
        });
        group.bench_function(format!("{name}, model"), |b| {
            b.iter(|| next.next().map(|i| pipeline.model.predict(black_box(&i.features))));
        });
        group.bench_function(format!("{name}, postprocessor"), |b| {
            b.iter(|| next.next().map(|i| pipeline.postprocessor.transform((i.frame.clone(), i.rates.clone()))));
        });
    }
}

fn campaign_pipeline(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    let campaigns = Campaigns::new(PAST + NEW).seed(SEED).generate(&Context::default())?.frame;
    let (past, new) = ((0..PAST).collect::<Vec<_>>(), (PAST..PAST + NEW).collect::<Vec<_>>());
    let (past, new) = (campaigns.take(&past), campaigns.take(&new));
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("campaign.adflux");
    train(&past, &path)?;
    let registry = adflux::registry()?;
    let pipeline = AnyFittedPipeline::load(&path, &registry)?;
    print_coverage(&new, &pipeline.run(&new)?)?;

    let mut group = criterion.benchmark_group("campaign pipeline");
    // One row after the other, not one again and again: what a row needs is not always in cache already.
    let requests = (0..DIFFERENT).map(|row| Request::of(&new, row)).collect::<Result<Vec<_>, _>>()?;
    let frames = requests.iter().map(Request::frame).collect::<Result<Vec<_>, _>>()?;
    let mut next = frames.iter().cycle();
    group.bench_function("one row", |b| b.iter(|| next.next().map(|one| pipeline.run(black_box(one)))));
    let mut next = requests.iter().cycle();
    group.bench_function("one row and its frame", |b| {
        b.iter(|| next.next().map(|one| pipeline.run(&black_box(one).frame()?)));
    });
    let structs: Vec<Campaign> = new.take(&(0..DIFFERENT).collect::<Vec<_>>()).to_rows()?;
    let mut next = structs.iter().cycle();
    group.bench_function("one row from a struct", |b| {
        b.iter(|| next.next().map(|one| pipeline.run_rows(black_box(std::slice::from_ref(one)))));
    });
    let mut next = structs.iter().cycle();
    group.bench_function("one row from a struct, its frame alone", |b| {
        b.iter(|| next.next().map(|one| Frame::from_rows(black_box(std::slice::from_ref(one)))));
    });
    let json = structs.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    let mut next = json.iter().cycle();
    group.bench_function("one row from JSON", |b| {
        b.iter(|| next.next().map(|one| pipeline.run_json(black_box(one))));
    });
    let parts = frames.iter().map(|one| Parts::of(&pipeline, one)).collect::<Result<Vec<_>, _>>()?;
    Parts::bench(&mut group, "one row", &pipeline, &parts);
    group.sample_size(20);
    group.bench_function("load", |b| b.iter(|| AnyFittedPipeline::load(black_box(&path), &registry)));
    group.sample_size(10);
    group.throughput(Throughput::Elements(NEW as u64));
    group.bench_function("10,000 rows", |b| b.iter(|| pipeline.run(black_box(&new))));
    Parts::bench(&mut group, "10,000 rows", &pipeline, &[Parts::of(&pipeline, &new)?]);
    group.finish();
    Ok(())
}

fn run(criterion: &mut Criterion) {
    campaign_pipeline(criterion).expect("the pipeline of the demo works");
}

criterion_group!(benches, run);
criterion_main!(benches);
