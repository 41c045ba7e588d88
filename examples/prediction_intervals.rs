//! How far off may it be? Intervals around numbers, for all and by platform, and sets of classes; each promise counted on rows that
//! were held back.
//!
//! `cargo run --release --example prediction_intervals`

use adflux::{
    core::{Context, Intervals},
    evaluation::{baseline, score},
    postprocessing::CalibrationMethod,
    prelude::*,
    simulation::{CAMPAIGN_OUTCOMES, Campaigns},
};

const LEVEL: f64 = 0.8;

fn main() -> Result<()> {
    clicks()?;
    churn()
}

/// How many clicks a campaign will bring, with an interval.
fn clicks() -> Result<()> {
    let mut frame = Campaigns::new(4_000).seed(1).generate(&Context::default())?.frame;
    for outcome in CAMPAIGN_OUTCOMES {
        frame = frame.with_role(outcome, if *outcome == "clicks" { Role::Target } else { Role::Ignore })?;
    }
    let (past, new) = (frame.take(&(0..2_500).collect::<Vec<_>>()), frame.take(&(2_500..4_000).collect::<Vec<_>>()));
    let known = ["platform", "objective", "format", "job_category", "budget", "duration_days", "audience_size"];
    let pipeline = Pipeline::new(
        ColumnTransformer::auto(&past, known)?,
        RandomForestRegressor { n_estimators: 60, min_samples_leaf: 3, ..RandomForestRegressor::default() },
    );
    let came = new.numbers("clicks")?;
    let platforms = new.categories("platform")?;

    let for_all = pipeline.clone().with_postprocessor(ConformalInterval::new(LEVEL));
    let by_platform = pipeline.with_postprocessor(ConformalInterval::new(LEVEL).by("platform"));
    println!("Clicks of {} campaigns held back; each interval should hold {:.0} %.\n", new.rows(), 100.0 * LEVEL);
    for (name, recipe) in [("one width for all", for_all), ("a width for each platform", by_platform)] {
        let prediction: Prediction = recipe.fit(past.training()?)?.run(&new)?;
        let intervals = prediction.intervals()?;
        println!("{name}: holds {:.1} %", 100.0 * held(intervals, &came, |_| true));
        for (code, platform) in platforms.levels.iter().enumerate() {
            let of_platform = |row: usize| platforms.codes[row] as usize == code;
            let share = held(intervals, &came, of_platform);
            let first = (0..came.len()).find(|row| of_platform(*row)).unwrap_or_default();
            let width = intervals.upper[first] - intervals.lower[first];
            println!("  {platform:<10} {:>5.1} %   the interval is {width:>7.0} clicks wide", 100.0 * share);
        }
    }
    Ok(())
}

/// The share of the rows chosen whose outcome lies in its interval.
fn held(intervals: &Intervals, came: &[f64], chosen: impl Fn(usize) -> bool) -> f64 {
    let rows: Vec<usize> = (0..came.len()).filter(|row| chosen(*row)).collect();
    let inside = |row: &&usize| (intervals.lower[**row]..=intervals.upper[**row]).contains(&came[**row]);
    rows.iter().filter(inside).count() as f64 / rows.len() as f64
}

/// Who will leave: calibrated probabilities, and the classes that are possible.
fn churn() -> Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/telco_churn.csv");
    let frame = Frame::read_csv(path)?.with_role("churn", Role::Target)?;
    let (past, new): (Vec<usize>, Vec<usize>) = (0..frame.rows()).partition(|row| row % 3 != 0);
    let (past, new) = (frame.take(&past), frame.take(&new));
    let columns: Vec<&str> = frame.names_with(Role::Feature);
    let forest = RandomForestClassifier { n_estimators: 60, ..RandomForestClassifier::default() };
    let behind = Sequence::new().step(Calibration::new(CalibrationMethod::Beta)).step(ConformalSet::new(0.9));
    let data = past.training()?;
    let shares = baseline(data.target.as_ref().ok_or_else(|| Error::data("no target"))?, None, new.rows())?;
    let fitted =
        Pipeline::new(ColumnTransformer::auto(&past, &columns)?, forest).with_postprocessor(behind).fit(data)?;

    let truth = fitted.target_of(&new)?;
    let raw: Prediction = fitted.model.predict(&fitted.preprocessor.transform(new.conform(&fitted.schema)?)?)?.into();
    let prediction: Prediction = fitted.run(&new)?;
    let log_loss = |p: &Prediction| Ok::<_, Error>(score(&truth, p, None)?.get("log_loss").unwrap_or(f64::NAN));
    println!("\nWhich of {} customers held back will leave?\n", new.rows());
    let (nobody, before, after) = (log_loss(&shares)?, log_loss(&raw)?, log_loss(&prediction)?);
    println!("log loss: {before:.3} as the forest says it, {after:.3} calibrated ({nobody:.3} for who knows nothing)");

    let sets = prediction.sets()?;
    let coverage = score(&truth, &prediction, None)?.get("coverage").unwrap_or(f64::NAN);
    println!("sets that should hold what comes for 90 %: they hold it for {:.1} %", 100.0 * coverage);
    let count = |wanted: &[&str]| (0..new.rows()).filter(|row| sets.labels(*row).eq(wanted.iter().copied())).count();
    println!("  {:>5} will stay, {} will leave", count(&["No"]), count(&["Yes"]));
    println!("  {:>5} may do either: worth a call before anything is decided", count(&["No", "Yes"]));
    println!("  {:>5} are like nobody before", count(&[]));
    Ok(())
}
