//! What is decided before a campaign is launched, and how the simulation decides it.

use crate::{
    CallToAction, Country, Date, Format, JobCategory, JobLevel, Location, Objective, Platform,
    choice::{chance, pick, weighted},
    noise::standard,
    vocabulary::REMOTE,
};
use adflux_core::random::Rng;
use rand::RngExt as _;
use serde::{Deserialize, Serialize};

/// Which of the phrases that matter an ad's text holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// The pay, as a figure.
    pub salary: bool,
    /// "Hiring now", "Contratación inmediata".
    pub urgency: bool,
    /// That the work can be done from home.
    pub remote: bool,
    /// Health insurance, holidays, training.
    pub benefits: bool,
}

/// Everything about a campaign that is known before its launch. The [`Market`](crate::Market) tells what to expect of
/// it, so a recommendation ("move this campaign to another platform") can be judged by the truth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CampaignDesign {
    /// Where the ad is shown.
    pub platform: Platform,
    /// What the platform optimises for.
    pub objective: Objective,
    /// The form of the ad.
    pub format: Format,
    /// The most that may be spent over the whole flight, US dollars.
    pub budget: f64,
    /// Length of the flight in days, 1 or more.
    pub duration_days: u32,
    /// The first day of the flight.
    pub start_date: Date,
    /// The occupation.
    pub job_category: JobCategory,
    /// Its seniority.
    pub job_level: JobLevel,
    /// The city; it sets the language.
    pub location: Location,
    /// People who can be shown the ad, greater than 0.
    pub audience_size: f64,
    /// The phrases of title and description that matter.
    pub wording: Wording,
    /// The button.
    pub call_to_action: CallToAction,
}

impl CampaignDesign {
    /// Draws a campaign as a recruiter might set one up, its start among the `days` days from `first`.
    pub(crate) fn draw(first: Date, days: u32, rng: &mut Rng) -> Self {
        let platform = Platform::ALL[weighted(&[0.40, 0.30, 0.18, 0.12], rng)];
        let objective = Objective::ALL[weighted(&[0.15, 0.35, 0.50], rng)];
        let format = Format::ALL[weighted(&FORMATS[platform.index()], rng)];
        let job_category = pick(JobCategory::ALL, rng);
        let job_level = JobLevel::ALL[weighted(&[0.35, 0.35, 0.20, 0.10], rng)];
        let location = pick(Location::ALL, rng);
        CampaignDesign {
            platform,
            objective,
            format,
            budget: draw_budget(location, rng),
            duration_days: [5, 7, 10, 14, 21, 28, 30, 45, 60]
                [weighted(&[0.06, 0.18, 0.08, 0.22, 0.12, 0.08, 0.16, 0.06, 0.04], rng)],
            start_date: first.plus(rng.random_range(0..days.max(1)) as i32),
            job_category,
            job_level,
            location,
            audience_size: draw_audience(platform, job_category, job_level, location, rng),
            wording: Wording {
                salary: chance(if location.country() == Country::Usa { 0.55 } else { 0.35 }, rng),
                urgency: chance(0.25, rng),
                remote: chance(REMOTE[job_category.index()], rng),
                benefits: chance(0.45, rng),
            },
            call_to_action: CallToAction::ALL[weighted(&BUTTONS[objective.index()], rng)],
        }
    }
}

/// Share of each format (columns) on each platform (rows).
const FORMATS: [[f64; 4]; 4] =
    [[0.45, 0.30, 0.25, 0.00], [0.25, 0.15, 0.00, 0.60], [0.00, 0.88, 0.12, 0.00], [0.40, 0.60, 0.00, 0.00]];

/// Share of each button (columns) under each objective (rows).
const BUTTONS: [[f64; 4]; 3] = [[0.15, 0.65, 0.10, 0.10], [0.35, 0.45, 0.10, 0.10], [0.65, 0.10, 0.15, 0.10]];

/// Dollars in tens, log-normal around 1 500 times the square root of the cost of living, from 50 to 100 000.
fn draw_budget(location: Location, rng: &mut Rng) -> f64 {
    let typical = 1500.0 * location.living_cost().sqrt();
    ((typical * (0.9 * standard(rng)).exp()) / 10.0).round().clamp(5.0, 10_000.0) * 10.0
}

/// People in hundreds: adults of the city × reach of the platform × share of the occupation × share of the level ×
/// log-normal breadth of the targeting, from 2 000 to 5 million.
fn draw_audience(platform: Platform, category: JobCategory, level: JobLevel, location: Location, rng: &mut Rng) -> f64 {
    const REACH: [f64; 4] = [0.60, 0.70, 0.40, 0.25];
    const OCCUPATION: [f64; 8] = [0.05, 0.06, 0.10, 0.14, 0.12, 0.05, 0.10, 0.05];
    const LEVEL: [f64; 4] = [1.2, 1.0, 0.6, 0.4];
    let people = location.adults()
        * 1e6
        * REACH[platform.index()]
        * OCCUPATION[category.index()]
        * LEVEL[level.index()]
        * (0.7 * standard(rng)).exp();
    (people / 100.0).round().clamp(20.0, 50_000.0) * 100.0
}
