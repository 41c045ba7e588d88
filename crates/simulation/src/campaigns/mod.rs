//! Advertising campaigns: what was decided before the launch, what came of it, and the truth behind.

mod design;
mod model;
mod outcome;

pub use design::{CampaignDesign, Wording};
pub use model::{Expected, format_effect, platform_category_effect, wording_ctr_effect};
use outcome::Noise;
pub(crate) use outcome::{Outcome, binomial};

use crate::{
    Date, Market,
    blocks::{self, Table, check_rows},
    choice::chance,
    market::MOST_DAYS,
    writing::{Subject, Texts},
};
use adflux_core::{Context, Error, Result, parameter::ensure, random::Rng};
use adflux_data::{Frame, Role};
use ndarray::Array1;
use serde::{Deserialize, Serialize};

/// The columns of [`Campaigns`] that are known before the launch: what a model may learn from. `campaign_id`, which
/// says nothing, is not among them.
pub const CAMPAIGN_INPUTS: &[&str] = &[
    "platform",
    "objective",
    "format",
    "budget",
    "duration_days",
    "start_date",
    "job_category",
    "job_level",
    "location",
    "audience_size",
    "language",
    "title",
    "description",
    "call_to_action",
];

/// The columns of [`Campaigns`] that are known only afterwards: what a model may be asked for, and never be given.
pub const CAMPAIGN_OUTCOMES: &[&str] = &["impressions", "clicks", "applications", "spend"];

/// Simulates advertising campaigns for jobs. See the [crate's documentation](crate) for the model and its equations.
///
/// | parameter | default | meaning |
/// |---|---|---|
/// | `rows` | 1000 | campaigns, 1 or more |
/// | `seed` | 0 | same seed, same bits; the first rows do not depend on `rows` |
/// | `missing_share` | 0.02 | share of rows without `audience_size`, and, independently, without `description`; 0 ≤ share < 1 |
/// | `noise` | 1.0 | scale of the log-normal campaign noise, 0 to 1.5; 0 leaves the counting noise only |
/// | `first_date` | 2023-01-02 | first day on which a campaign can start, and the origin of the market's trend |
/// | `days` | 730 | number of days on which campaigns start, 1 to 36 525 |
///
/// ```
/// use adflux_core::Context;
/// use adflux_simulation::Campaigns;
///
/// let simulated = Campaigns::new(500).seed(7).generate(&Context::default())?;
/// assert_eq!(simulated.frame.rows(), 500);
/// let spend = simulated.frame.numbers("spend")?;
/// let budget = simulated.frame.numbers("budget")?;
/// assert!(spend.iter().zip(&budget).all(|(spend, budget)| spend <= budget));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Campaigns {
    /// Campaigns to simulate.
    pub rows: usize,
    /// Seed of all random draws.
    pub seed: u64,
    /// Share of missing cells in `audience_size` and in `description`.
    pub missing_share: f64,
    /// Scale of the campaign noise.
    pub noise: f64,
    /// First possible start.
    pub first_date: Date,
    /// Number of possible starting days.
    pub days: u32,
}

impl Default for Campaigns {
    fn default() -> Self {
        // 2023-01-02, a Monday.
        Campaigns {
            rows: 1000,
            seed: 0,
            missing_share: 0.02,
            noise: 1.0,
            first_date: Date::from_epoch(19_359),
            days: 730,
        }
    }
}

/// Simulated campaigns and the truth behind them, row by row.
#[derive(Clone, Debug)]
pub struct SimulatedCampaigns {
    /// `campaign_id`, [`CAMPAIGN_INPUTS`], then [`CAMPAIGN_OUTCOMES`], in this order.
    pub frame: Frame,
    /// What was to be expected of each campaign.
    pub truth: Truth,
    /// Each campaign as it was set up, complete also where the frame misses a cell.
    pub designs: Vec<CampaignDesign>,
    /// The market they ran in: tells what any other design would have brought.
    pub market: Market,
}

/// What was to be expected of each campaign given all that is known before its launch; the columns of [`Expected`].
///
/// The truth knows the audience and the text also where the frame misses them.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // The fields are those of `Expected`.
pub struct Truth {
    pub spend: Array1<f64>,
    pub spend_share: Array1<f64>,
    pub impressions: Array1<f64>,
    pub clicks: Array1<f64>,
    pub applications: Array1<f64>,
    pub cpm: Array1<f64>,
    pub ctr: Array1<f64>,
    pub cpc: Array1<f64>,
    pub conversion_rate: Array1<f64>,
    pub cpa: Array1<f64>,
}

impl Truth {
    fn of(rows: &[Expected]) -> Self {
        let column = |value: fn(&Expected) -> f64| rows.iter().map(value).collect();
        Truth {
            spend: column(|e| e.spend),
            spend_share: column(|e| e.spend_share),
            impressions: column(|e| e.impressions),
            clicks: column(|e| e.clicks),
            applications: column(|e| e.applications),
            cpm: column(|e| e.cpm),
            ctr: column(|e| e.ctr),
            cpc: column(|e| e.cpc),
            conversion_rate: column(|e| e.conversion_rate),
            cpa: column(|e| e.cpa),
        }
    }
}

/// One simulated campaign.
pub(crate) struct Campaign {
    pub design: CampaignDesign,
    pub expected: Expected,
    pub outcome: Outcome,
    texts: Texts,
    audience_is_missing: bool,
    description_is_missing: bool,
}

impl Campaigns {
    /// `rows` campaigns, otherwise the defaults.
    pub fn new(rows: usize) -> Self {
        Campaigns { rows, ..Campaigns::default() }
    }

    /// Sets [`Self::seed`].
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets [`Self::missing_share`].
    pub fn missing_share(mut self, share: f64) -> Self {
        self.missing_share = share;
        self
    }

    /// Sets [`Self::noise`].
    pub fn noise(mut self, scale: f64) -> Self {
        self.noise = scale;
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

    /// Simulates. Time and memory grow with `rows` (about 1 kB a row, most of it text).
    ///
    /// # Errors
    /// When a parameter is out of range, or when `context` is cancelled.
    pub fn generate(&self, context: &Context) -> Result<SimulatedCampaigns> {
        let factory = Factory::new(self)?;
        let blocks = blocks::generate(Table::Campaigns, self.rows, self.seed, context, |rows, rng| {
            Ok(rows.map(|_| factory.campaign(rng)).collect::<Vec<_>>())
        })?;
        let campaigns = || blocks.iter().flatten();
        Ok(SimulatedCampaigns {
            frame: frame(&blocks)?,
            truth: Truth::of(&campaigns().map(|c| c.expected).collect::<Vec<_>>()),
            designs: campaigns().map(|c| c.design).collect(),
            market: factory.market,
        })
    }
}

/// What the rows of one table are made with.
pub(crate) struct Factory<'a> {
    recipe: &'a Campaigns,
    pub market: Market,
    noise: Noise,
}

impl<'a> Factory<'a> {
    /// Checks the parameters by name.
    pub(crate) fn new(recipe: &'a Campaigns) -> Result<Self> {
        check_rows(recipe.rows)?;
        let share = recipe.missing_share;
        ensure((0.0..1.0).contains(&share), "missing_share", share, "must lie between 0 and 1, 1 excluded")?;
        ensure((0.0..=1.5).contains(&recipe.noise), "noise", recipe.noise, "must lie between 0 and 1.5")?;
        ensure((1..=MOST_DAYS).contains(&recipe.days), "days", recipe.days, "must lie between 1 and 36525, a century")?;
        // A century of starts and the flight after it must stay inside the calendar.
        if recipe.first_date.civil().0 > 9800 {
            return Err(Error::parameter("first_date", recipe.first_date, "must lie before the year 9801"));
        }
        let market = Market::new(recipe.first_date, recipe.days);
        Ok(Factory { recipe, market, noise: Noise::new(recipe.noise) })
    }

    /// The next campaign of a stream.
    pub(crate) fn campaign(&self, rng: &mut Rng) -> Campaign {
        let design = CampaignDesign::draw(self.recipe.first_date, self.recipe.days, rng);
        let expected = self.market.expected(&design);
        let subject = Subject {
            category: design.job_category,
            level: design.job_level,
            location: design.location,
            wording: design.wording,
        };
        Campaign {
            design,
            expected,
            outcome: Outcome::draw(&design, &expected, &self.noise, rng),
            texts: subject.write(rng),
            audience_is_missing: chance(self.recipe.missing_share, rng),
            description_is_missing: chance(self.recipe.missing_share, rng),
        }
    }
}

/// The name of a campaign; `row` counts from 0.
pub(crate) fn campaign_id(row: usize) -> String {
    format!("C{:08}", row + 1)
}

fn frame(blocks: &[Vec<Campaign>]) -> Result<Frame> {
    let rows = || blocks.iter().flatten();
    let names = |value: fn(&CampaignDesign) -> &'static str| rows().map(move |c| value(&c.design));
    let counts = |value: fn(&Outcome) -> u64| rows().map(|c| value(&c.outcome) as i64).collect::<Vec<_>>();
    Frame::builder()
        .texts("campaign_id", (0..rows().count()).map(campaign_id))
        .texts("platform", names(|d| d.platform.name()))
        .texts("objective", names(|d| d.objective.name()))
        .texts("format", names(|d| d.format.name()))
        .numbers("budget", rows().map(|c| c.design.budget).collect())
        .integers("duration_days", rows().map(|c| i64::from(c.design.duration_days)).collect())
        .texts("start_date", rows().map(|c| c.design.start_date.to_string()))
        .texts("job_category", names(|d| d.job_category.name()))
        .texts("job_level", names(|d| d.job_level.name()))
        .texts("location", names(|d| d.location.name()))
        .optional_numbers(
            "audience_size",
            rows().map(|c| (!c.audience_is_missing).then_some(c.design.audience_size)).collect(),
        )
        .texts("language", names(|d| d.location.language().name()))
        .texts("title", rows().map(|c| c.texts.title.as_str()))
        .optional_texts(
            "description",
            rows().map(|c| (!c.description_is_missing).then_some(c.texts.description.as_str())),
        )
        .texts("call_to_action", names(|d| d.call_to_action.name()))
        .integers("impressions", counts(|o| o.impressions))
        .integers("clicks", counts(|o| o.clicks))
        .integers("applications", counts(|o| o.applications))
        .numbers("spend", rows().map(|c| c.outcome.spend()).collect())
        .build()?
        .with_role("campaign_id", Role::Id)
}
