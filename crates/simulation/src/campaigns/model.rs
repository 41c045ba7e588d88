//! What to expect of a campaign: the generative model without its noise.
//!
//! The equations and the meaning of every symbol are in the [crate's documentation](crate#the-model-of-a-campaign).

use crate::{CallToAction, CampaignDesign, Format, JobCategory, JobLevel, Market, Platform, market::MOST_DAYS};
use serde::{Deserialize, Serialize};

/// What a campaign brings in expectation, given its [`CampaignDesign`], with all noise integrated out.
///
/// Costs and rates are ratios of expectations (`cpc` = expected spend / expected clicks): what many campaigns of this
/// design cost together. The mean of their single ratios would be another number, and infinite where no click comes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// Spend, US dollars.
    pub spend: f64,
    /// Spend as a share of the budget, between 0 and 1.
    pub spend_share: f64,
    /// Impressions.
    pub impressions: f64,
    /// Clicks.
    pub clicks: f64,
    /// Applications.
    pub applications: f64,
    /// Cost of a thousand impressions, US dollars.
    pub cpm: f64,
    /// Clicks per impression.
    pub ctr: f64,
    /// Cost of a click, US dollars.
    pub cpc: f64,
    /// Applications per click.
    pub conversion_rate: f64,
    /// Cost of an application, US dollars.
    pub cpa: f64,
}

/// The highest expected rates. The tables below stay under them; together with the cut of the noise they keep every
/// realised rate under 1.
const MOST_CTR: f64 = 0.15;
const MOST_CONVERSION: f64 = 0.25;

/// δ: how CTR falls with the planned frequency f, as (1 + f)^−δ.
const FATIGUE: f64 = 0.25;

impl Market {
    /// What to expect of a campaign. Defined for every design, also for ones that [`Campaigns`](crate::Campaigns) does
    /// not draw (a text ad on TikTok); a budget or an audience that is not positive brings nothing, and a flight lasts
    /// a day at least and a century at most.
    pub fn expected(&self, design: &CampaignDesign) -> Expected {
        const MOST: f64 = 1e15;
        let duration = design.duration_days.clamp(1, MOST_DAYS);
        let flight = self.flight(design.start_date, duration);
        let amount = |value: f64| if value > 0.0 { value.min(MOST) } else { 0.0 };
        let (budget, audience) = (amount(design.budget), amount(design.audience_size));
        let cpm = log_cpm(design).exp() * flight.cpm;
        let most = audience * DAILY_REACH[design.platform.index()] * f64::from(duration);
        let wanted = 1000.0 * budget / cpm;
        let impressions = if wanted > 0.0 && most > 0.0 { most * -(-wanted / most).exp_m1() } else { 0.0 };
        let frequency = if audience > 0.0 { impressions / audience } else { 0.0 };
        let ctr = (log_ctr(design).exp() * flight.ctr * (1.0 + frequency).powf(-FATIGUE)).min(MOST_CTR);
        let conversion_rate = (log_conversion(design).exp() * flight.conversion_rate).min(MOST_CONVERSION);
        let spend = impressions * cpm / 1000.0;
        Expected {
            spend,
            spend_share: if budget > 0.0 { (spend / budget).min(1.0) } else { 0.0 },
            impressions,
            clicks: impressions * ctr,
            applications: impressions * ctr * conversion_rate,
            cpm,
            ctr,
            cpc: cpm / 1000.0 / ctr,
            conversion_rate,
            cpa: cpm / 1000.0 / ctr / conversion_rate,
        }
    }
}

/// κ: impressions that a platform can deliver per person of the audience and day.
const DAILY_REACH: [f64; 4] = [0.35, 0.15, 0.40, 0.35];

fn log_cpm(d: &CampaignDesign) -> f64 {
    const PLATFORM: [f64; 4] = [9.0, 15.0, 6.5, 5.5];
    const OBJECTIVE: [f64; 3] = [-0.30, 0.0, 0.20];
    const FORMAT: [f64; 4] = [0.0, 0.10, 0.05, 0.10];
    const CATEGORY: [f64; 8] = [0.25, 0.15, -0.05, -0.15, -0.15, 0.20, 0.0, 0.15];
    const LEVEL: [f64; 4] = [-0.08, 0.0, 0.10, 0.18];
    let living = d.location.living_cost().ln();
    PLATFORM[d.platform.index()].ln()
        + OBJECTIVE[d.objective.index()]
        + FORMAT[d.format.index()]
        + CATEGORY[d.job_category.index()]
        + LEVEL[d.job_level.index()]
        + (0.40 + 0.20 * d.job_level.rank()) * living
}

fn log_ctr(d: &CampaignDesign) -> f64 {
    const PLATFORM: [f64; 4] = [0.011, 0.020, 0.010, 0.008];
    const OBJECTIVE: [f64; 3] = [-0.40, 0.15, -0.05];
    const CATEGORY: [f64; 8] = [0.05, 0.10, 0.05, 0.0, 0.05, -0.05, -0.10, -0.05];
    const LEVEL: [f64; 4] = [0.10, 0.0, -0.10, -0.20];
    let living = d.location.living_cost().ln();
    PLATFORM[d.platform.index()].ln()
        + OBJECTIVE[d.objective.index()]
        + format_effect(d.format, d.platform)
        + CATEGORY[d.job_category.index()]
        + platform_category_effect(d.platform, d.job_category)
        + LEVEL[d.job_level.index()]
        - (0.10 + 0.15 * d.job_level.rank()) * living
        + wording_ctr_effect(d)
        + match d.call_to_action {
            CallToAction::ApplyNow => -0.03,
            CallToAction::LearnMore => 0.08,
            CallToAction::SignUp => 0.0,
            CallToAction::ContactUs => -0.10,
        }
}

fn log_conversion(d: &CampaignDesign) -> f64 {
    const PLATFORM: [f64; 4] = [0.060, 0.070, 0.040, 0.035];
    const OBJECTIVE: [f64; 3] = [-0.25, -0.05, 0.25];
    const CATEGORY: [f64; 8] = [-0.30, -0.10, 0.20, 0.15, 0.20, -0.25, 0.05, -0.10];
    const LEVEL: [f64; 4] = [0.20, 0.0, -0.25, -0.45];
    let (living, words) = (d.location.living_cost().ln(), d.wording);
    let when = |said: bool, effect: f64| if said { effect } else { 0.0 };
    PLATFORM[d.platform.index()].ln()
        + OBJECTIVE[d.objective.index()]
        + CATEGORY[d.job_category.index()]
        + 0.6 * platform_category_effect(d.platform, d.job_category)
        + LEVEL[d.job_level.index()]
        - (0.08 + 0.20 * d.job_level.rank()) * living
        + when(words.salary, 0.10)
        + when(words.urgency, -0.12)
        + when(words.remote, 0.05)
        + when(words.benefits, 0.12)
        + match d.call_to_action {
            CallToAction::ApplyNow => 0.10,
            CallToAction::LearnMore => -0.08,
            CallToAction::SignUp => 0.0,
            CallToAction::ContactUs => -0.05,
        }
}

/// The effect of a format on log CTR, which depends on the platform: films live on TikTok, not on a search page.
pub fn format_effect(format: Format, platform: Platform) -> f64 {
    const BY_PLATFORM: [[f64; 4]; 4] =
        [[0.0, 0.10, 0.15, -0.20], [-0.35, -0.25, -0.20, 0.10], [-0.25, 0.25, 0.0, -0.40], [0.0, 0.15, 0.05, -0.40]];
    BY_PLATFORM[platform.index()][format.index()]
}

/// The effect on log CTR of showing an occupation on a platform, beside the effects of each: shop and hotel work does
/// well on TikTok and Snapchat, software and engineering on Google. Conversion has 0.6 of it.
pub fn platform_category_effect(platform: Platform, category: JobCategory) -> f64 {
    const EFFECT: [[f64; 8]; 4] = [
        [-0.05, 0.15, 0.05, 0.05, 0.05, -0.10, 0.05, -0.05],
        [0.20, 0.10, 0.00, -0.10, -0.15, 0.20, 0.00, 0.20],
        [-0.20, -0.10, 0.10, 0.35, 0.40, -0.25, 0.05, -0.35],
        [-0.25, -0.15, 0.05, 0.30, 0.35, -0.30, 0.05, -0.30],
    ];
    EFFECT[platform.index()][category.index()]
}

/// The effect of the words of an ad on log CTR: a figure for the pay counts most for first jobs, work from home most in
/// software and finance.
pub fn wording_ctr_effect(design: &CampaignDesign) -> f64 {
    let (words, mut effect) = (design.wording, 0.0);
    if words.salary {
        effect += match design.job_level {
            JobLevel::Entry => 0.24,
            JobLevel::Mid => 0.20,
            JobLevel::Senior => 0.12,
            JobLevel::Lead => 0.04,
        };
    }
    if words.urgency {
        effect += 0.15;
    }
    if words.remote {
        let desk = matches!(design.job_category, JobCategory::Software | JobCategory::Finance);
        effect += if desk { 0.26 } else { 0.14 };
    }
    if words.benefits {
        effect += 0.06;
    }
    effect
}
