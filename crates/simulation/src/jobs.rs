//! Job openings.

use crate::{
    Date, JobCategory, JobLevel, Location, Wording,
    blocks::{self, Table, check_rows},
    choice::{chance, pick, weighted},
    market::MOST_DAYS,
    noise::MeanOne,
    usual_pay,
    vocabulary::REMOTE,
    writing::{Subject, Texts},
};
use adflux_core::{Context, Result, parameter::ensure, random::Rng};
use adflux_data::{Frame, Role};
use ndarray::Array1;
use rand::RngExt as _;
use serde::{Deserialize, Serialize};

/// Standard deviation of what one employer pays around the usual, as a share.
const SIGMA_PAY: f64 = 0.10;

/// What a job that can be done from home pays, relative to one that cannot.
const REMOTE_PAY: f64 = 1.03;

/// The bounds of the offered range around its centre.
const RANGE: [f64; 2] = [0.9, 1.1];

/// Simulates job openings. The offered pay is centred on [`usual_pay`] of the occupation, level and city, times 1.03
/// for remote work, times a log-normal noise of mean one and standard deviation 0.1; the range is ±10 % of that.
///
/// ```
/// use adflux_core::Context;
/// use adflux_simulation::Jobs;
///
/// let jobs = Jobs::new(100).seed(7).generate(&Context::default())?;
/// let (low, high) = (jobs.frame.numbers("salary_min")?, jobs.frame.numbers("salary_max")?);
/// assert!(low.iter().zip(&high).all(|(low, high)| low < high));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Jobs {
    /// Openings to simulate, 1 or more. Default 1000.
    pub rows: usize,
    /// Seed of all random draws. Default 0.
    pub seed: u64,
    /// First day on which an opening is published. Default 2023-01-02.
    pub first_date: Date,
    /// Number of days on which openings are published, 1 to 36 525. Default 730.
    pub days: u32,
}

impl Default for Jobs {
    fn default() -> Self {
        Jobs { rows: 1000, seed: 0, first_date: Date::from_epoch(19_359), days: 730 }
    }
}

/// Simulated openings and the truth behind them, row by row.
#[derive(Clone, Debug)]
pub struct SimulatedJobs {
    /// `job_id`, `title`, `description`, `category`, `level`, `location`, `language`, `salary_min`, `salary_max` (US
    /// dollars a year), `remote` (truth value), `opened_date`.
    pub frame: Frame,
    /// The expected centre of the pay range, US dollars a year, given occupation, level, city and remote.
    pub pay: Array1<f64>,
}

struct Job {
    subject: Subject,
    texts: Texts,
    opened: Date,
    expected_pay: f64,
    range: [f64; 2],
}

impl Jobs {
    /// `rows` openings, otherwise the defaults.
    pub fn new(rows: usize) -> Self {
        Jobs { rows, ..Jobs::default() }
    }

    /// Sets [`Self::seed`].
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets [`Self::first_date`].
    pub fn first_date(mut self, date: Date) -> Self {
        self.first_date = date;
        self
    }

    /// Sets [`Self::days`].
    pub fn days(mut self, days: u32) -> Self {
        self.days = days;
        self
    }

    /// Simulates.
    ///
    /// # Errors
    /// When a parameter is out of range, or when `context` is cancelled.
    pub fn generate(&self, context: &Context) -> Result<SimulatedJobs> {
        check_rows(self.rows)?;
        ensure((1..=MOST_DAYS).contains(&self.days), "days", self.days, "must lie between 1 and 36525, a century")?;
        let noise = MeanOne::new(SIGMA_PAY);
        let blocks = blocks::generate(Table::Jobs, self.rows, self.seed, context, |rows, rng| {
            Ok(rows.map(|_| self.job(&noise, rng)).collect::<Vec<_>>())
        })?;
        let jobs = || blocks.iter().flatten();
        let frame = Frame::builder()
            .texts("job_id", (0..self.rows).map(|row| format!("J{:08}", row + 1)))
            .texts("title", jobs().map(|j| j.texts.title.as_str()))
            .texts("description", jobs().map(|j| j.texts.description.as_str()))
            .texts("category", jobs().map(|j| j.subject.category.name()))
            .texts("level", jobs().map(|j| j.subject.level.name()))
            .texts("location", jobs().map(|j| j.subject.location.name()))
            .texts("language", jobs().map(|j| j.subject.location.language().name()))
            .numbers("salary_min", jobs().map(|j| j.range[0]).collect())
            .numbers("salary_max", jobs().map(|j| j.range[1]).collect())
            .booleans("remote", jobs().map(|j| j.subject.wording.remote).collect())
            .texts("opened_date", jobs().map(|j| j.opened.to_string()))
            .build()?
            .with_role("job_id", Role::Id)?;
        Ok(SimulatedJobs { frame, pay: jobs().map(|j| j.expected_pay).collect() })
    }

    fn job(&self, noise: &MeanOne, rng: &mut Rng) -> Job {
        let category = pick(JobCategory::ALL, rng);
        let subject = Subject {
            category,
            level: JobLevel::ALL[weighted(&[0.35, 0.35, 0.20, 0.10], rng)],
            location: pick(Location::ALL, rng),
            wording: Wording {
                // The figures are in columns of their own.
                salary: false,
                urgency: chance(0.25, rng),
                remote: chance(REMOTE[category.index()], rng),
                benefits: chance(0.45, rng),
            },
        };
        let remote = if subject.wording.remote { REMOTE_PAY } else { 1.0 };
        let expected_pay = usual_pay(subject.category, subject.level, subject.location) * remote;
        let centre = expected_pay * noise.sample(rng);
        Job {
            opened: self.first_date.plus(rng.random_range(0..self.days) as i32),
            texts: subject.write(rng),
            range: RANGE.map(|bound| (centre * bound / 100.0).round() * 100.0),
            subject,
            expected_pay,
        }
    }
}
