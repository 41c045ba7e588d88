//! The days of simulated campaigns.

use crate::{
    Campaigns, Date,
    blocks::{self, Table},
    campaigns::{Campaign, Factory, binomial, campaign_id},
};
use adflux_core::{Context, Result, random::Rng, random::stream};
use adflux_data::Frame;
use ndarray::Array1;
use rand::RngExt as _;
use rand_distr::Gamma;
use serde::{Deserialize, Serialize};

/// Concentration of the delivery noise for each day: the impressions of a day vary by about a fifth.
const PACING_PRECISION: f64 = 25.0;

/// Simulates what each campaign brings on each day of its flight.
///
/// The campaigns are those of [`Campaigns::generate`], bit by bit, and the days of a campaign add up to its row there
/// exactly, in impressions, clicks, applications and cents: the totals are shared out over the days. See the
/// [crate's documentation](crate#days) for how.
///
/// ```
/// use adflux_core::Context;
/// use adflux_simulation::{Campaigns, DailyMetrics};
///
/// let campaigns = Campaigns::new(20).seed(7);
/// let daily = DailyMetrics::new(campaigns.clone()).seed(1).generate(&Context::default())?;
/// let totals = campaigns.generate(&Context::default())?;
/// let sum = |values: Vec<f64>| values.iter().sum::<f64>();
/// assert_eq!(sum(daily.frame.numbers("clicks")?), sum(totals.frame.numbers("clicks")?));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DailyMetrics {
    /// The campaigns whose days are simulated.
    pub campaigns: Campaigns,
    /// Seed of how a campaign's totals fall on its days.
    pub seed: u64,
}

/// Simulated days and the truth behind them, row by row.
#[derive(Clone, Debug)]
pub struct SimulatedDailyMetrics {
    /// `campaign_id`, `date`, `platform`, `impressions`, `clicks`, `applications`, `spend`: one row a campaign and day,
    /// in the order of the campaigns and then of the days.
    pub frame: Frame,
    /// What was to be expected of each day.
    pub truth: DailyTruth,
}

/// What was to be expected of each day given all that is known before the campaign's launch. The expected values of a
/// campaign's days add up to the [`Expected`](crate::Expected) of the campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct DailyTruth {
    /// Spend, US dollars.
    pub spend: Array1<f64>,
    /// Impressions.
    pub impressions: Array1<f64>,
    /// Clicks.
    pub clicks: Array1<f64>,
    /// Applications.
    pub applications: Array1<f64>,
}

/// One campaign on one day.
struct Day {
    campaign: usize,
    date: Date,
    platform: &'static str,
    impressions: u64,
    clicks: u64,
    applications: u64,
    cents: u64,
    expected: DayExpected,
}

struct DayExpected {
    spend: f64,
    impressions: f64,
    clicks: f64,
    applications: f64,
}

impl DailyMetrics {
    /// The days of `campaigns`.
    pub fn new(campaigns: Campaigns) -> Self {
        DailyMetrics { campaigns, seed: 0 }
    }

    /// Sets [`Self::seed`].
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Simulates. Time and memory grow with the number of days, about 21 a campaign.
    ///
    /// # Errors
    /// When a parameter of the campaigns is out of range, or when `context` is cancelled.
    pub fn generate(&self, context: &Context) -> Result<SimulatedDailyMetrics> {
        let (campaigns, factory) = (&self.campaigns, Factory::new(&self.campaigns)?);
        let blocks = blocks::generate(Table::Campaigns, campaigns.rows, campaigns.seed, context, |rows, rng| {
            let block = (rows.start / blocks::BLOCK) as u64;
            let mut of_days = stream(self.seed, &[Table::DailyMetrics as u64, block]);
            let mut days = Vec::with_capacity(24 * rows.len());
            for row in rows {
                share_out(row, &factory.campaign(rng), &factory, &mut of_days, &mut days);
            }
            Ok(days)
        })?;
        let days = || blocks.iter().flatten();
        let counts = |value: fn(&Day) -> u64| days().map(|d| value(d) as i64).collect::<Vec<_>>();
        let expected = |value: fn(&DayExpected) -> f64| days().map(|d| value(&d.expected)).collect();
        let frame = Frame::builder()
            .texts("campaign_id", days().map(|d| campaign_id(d.campaign)))
            .texts("date", days().map(|d| d.date.to_string()))
            .texts("platform", days().map(|d| d.platform))
            .integers("impressions", counts(|d| d.impressions))
            .integers("clicks", counts(|d| d.clicks))
            .integers("applications", counts(|d| d.applications))
            .numbers("spend", days().map(|d| d.cents as f64 / 100.0).collect())
            .build()?;
        Ok(SimulatedDailyMetrics {
            frame,
            truth: DailyTruth {
                spend: expected(|e| e.spend),
                impressions: expected(|e| e.impressions),
                clicks: expected(|e| e.clicks),
                applications: expected(|e| e.applications),
            },
        })
    }
}

/// Shares the totals of a campaign out over its days.
fn share_out(row: usize, campaign: &Campaign, factory: &Factory, rng: &mut Rng, days: &mut Vec<Day>) {
    let (design, total, mean) = (&campaign.design, &campaign.outcome, &campaign.expected);
    let dates: Vec<Date> = (0..design.duration_days).map(|k| design.start_date.plus(k as i32)).collect();
    let factors: Vec<_> = dates.iter().map(|&date| factory.market.day(date)).collect();
    let delivery: Vec<f64> = dates.iter().enumerate().map(|(k, &d)| factory.market.delivery(d, k as u32)).collect();
    let delivered: f64 = delivery.iter().sum();

    // Gamma variables over their sum are a Dirichlet variable, whose mean is the expected delivery exactly.
    let shape = PACING_PRECISION * dates.len() as f64 / delivered;
    let pacing: Vec<f64> = delivery.iter().map(|p| Gamma::new(shape * p, 1.0).map_or(*p, |g| rng.sample(g))).collect();
    let impressions = scatter(total.impressions, &pacing, None, rng);
    let with = |counts: &[u64], factor: &dyn Fn(usize) -> f64| -> Vec<f64> {
        counts.iter().enumerate().map(|(k, &count)| count as f64 * factor(k)).collect()
    };
    let clicks = scatter(total.clicks, &with(&impressions, &|k| factors[k].ctr), Some(&impressions), rng);
    let applications = scatter(total.applications, &with(&clicks, &|k| factors[k].conversion_rate), Some(&clicks), rng);
    let cents = apportion(total.cents, &with(&impressions, &|k| factors[k].cpm));

    let flight = factory.market.flight(design.start_date, design.duration_days);
    for k in 0..dates.len() {
        let share = delivery[k] / delivered;
        let clicks_share = share * factors[k].ctr / flight.ctr;
        days.push(Day {
            campaign: row,
            date: dates[k],
            platform: design.platform.name(),
            impressions: impressions[k],
            clicks: clicks[k],
            applications: applications[k],
            cents: cents[k],
            expected: DayExpected {
                spend: mean.spend * share * factors[k].cpm / flight.cpm,
                impressions: mean.impressions * share,
                clicks: mean.clicks * clicks_share,
                applications: mean.applications * clicks_share * factors[k].conversion_rate / flight.conversion_rate,
            },
        });
    }
}

/// Scatters `total` items at random over places in proportion to `weights`, at most `room` in each: a multinomial draw,
/// one place after the other. What a full place cannot take goes to the others; with enough room in all, all is placed.
fn scatter(total: u64, weights: &[f64], room: Option<&[u64]>, rng: &mut Rng) -> Vec<u64> {
    let mut left = total;
    let mut weight_left: f64 = weights.iter().sum();
    let mut room_left = room.map_or(u64::MAX, |room| room.iter().sum());
    let last = weights.len().saturating_sub(1);
    let mut placed = Vec::with_capacity(weights.len());
    for (k, &weight) in weights.iter().enumerate() {
        let here = room.map_or(left, |room| room[k]);
        room_left = if room.is_some() { room_left - here } else { room_left };
        let share = if weight_left > 0.0 { weight / weight_left } else { 0.0 };
        let drawn = if k == last { left } else { binomial(left, share, rng) };
        // At least what the places after this one cannot take, at most what this one can.
        let count = drawn.max(left.saturating_sub(room_left)).min(here).min(left);
        placed.push(count);
        left -= count;
        weight_left -= weight;
    }
    placed
}

/// Shares `total` out in proportion to `weights` by rounding the running sum, so that nothing is lost.
fn apportion(total: u64, weights: &[f64]) -> Vec<u64> {
    let sum: f64 = weights.iter().sum();
    let (mut running, mut given) = (0.0, 0);
    let last = weights.len().saturating_sub(1);
    let part = |(k, weight): (usize, &f64)| {
        running += weight;
        let until = if k == last {
            total
        } else if sum > 0.0 {
            ((total as f64 * running / sum).round() as u64).clamp(given, total)
        } else {
            given
        };
        let part = until - given;
        given = until;
        part
    };
    weights.iter().enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scattered_items_are_all_placed_within_their_room() {
        let mut rng = stream(3, &[]);
        for round in 0..2000_u64 {
            let places = 1 + (round % 7) as usize;
            let room: Vec<u64> = (0..places).map(|_| rng.random_range(0..6)).collect();
            let weights: Vec<f64> = room.iter().map(|&r| r as f64 * rng.random_range(0.5..2.0)).collect();
            let total = rng.random_range(0..=room.iter().sum());
            let placed = scatter(total, &weights, Some(&room), &mut rng);
            assert_eq!(placed.iter().sum::<u64>(), total);
            assert!(placed.iter().zip(&room).all(|(placed, room)| placed <= room));
            assert_eq!(scatter(total, &weights, None, &mut rng).iter().sum::<u64>(), total);
        }
    }

    #[test]
    fn apportioned_parts_are_close_to_their_share_and_add_up() {
        let parts = apportion(1001, &[1.0, 2.0, 0.0, 1.0]);
        assert_eq!(parts, [250, 501, 0, 250]);
        assert_eq!(apportion(7, &[0.0, 0.0]), [0, 7]);
        assert_eq!(apportion(7, &[]), [0_u64; 0]);
    }
}
