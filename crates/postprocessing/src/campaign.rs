//! [`CampaignEstimate`]: from predicted rates to what a campaign will bring, with intervals that hold together.

use adflux_core::{
    Component, Context, Error, Fit, Intervals, Needs, Postprocess, Prediction, Registry, Result, Training, Transform,
    component::{decode, encode},
    parameter::{ensure, open_unit},
};
use adflux_data::Frame;
use adflux_evaluation::conformal::conformal_quantile;
use ndarray::Array1;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// What is estimated, in the order of the prediction. Counts are totals of the campaign; `spend`, `cpc` (cost per click) and
/// `cpa` (cost per application) are in the unit of the budget; `ctr` is clicks per impression and `conversion_rate`
/// applications per click, as shares.
pub const QUANTITIES: [&str; 8] =
    ["impressions", "clicks", "applications", "spend", "ctr", "cpc", "conversion_rate", "cpa"];

/// Near by size is one in so many of all past campaigns …
const NEAR: usize = 8;
/// … and at most so many times as many as are taken.
const MOST: usize = 5;

/// The rates that the model before it must predict.
const RATES: [&str; 4] = ["spend_share", "cpm", "ctr", "conversion_rate"];

/// Turns the predicted rates of a funnel (`spend_share`, `cpm`, `ctr`, `conversion_rate`, as
/// `adflux_regression::FunnelRegressor` gives them) and the budget into [`QUANTITIES`], each with an interval. Kind
/// `campaign-estimate`.
///
/// **Fitting.** On out-of-fold predictions, for each past campaign the four ratios of what happened to what was predicted
/// given the step before: spend to predicted spend, impressions to those predicted from the actual spend, clicks to those
/// predicted from the actual impressions, applications to those predicted from the actual clicks.
///
/// **Predicting.** The `neighbours` past campaigns most like the new one give as many *draws*: each applies its four ratios
/// to the new campaign, spend first. In every draw spend ≤ budget and applications ≤ clicks ≤ impressions, and the ratios of
/// one campaign stay together, so what goes wrong together does so in the draws. Most alike are, among the
/// eighth of all (but not fewer than `neighbours`, nor more than five times as many) whose predicted number of applications was
/// nearest, those whose predicted share of the budget was nearest: the counts
/// of small campaigns scatter more, and so does the spend of campaigns that cannot use their budget up. Counts are the means
/// of the draws; rates are ratios of means (so cpa × applications = spend): a cost per application to plan with, less than
/// the mean of the costs per application of single campaigns, which those with hardly any application drive up.
///
/// **Intervals.** The ends are quantiles of the draws at `½ ± h`; `h` is set for each quantity so that, on the out-of-fold
/// rows with the row's own draw left out, the interval contains a share `level` (distributional conformal prediction). Where
/// more draws than `½ − h` have no application, the upper end of `cpa` is infinite: there may be none to pay for.
///
/// *Joint* means that the quantities of a draw fit together. Each interval contains `level` by itself; all of them at once
/// contain less. Every campaign counts the same, whatever its weight in training.
///
/// Training data: a target of several with `impressions`, `clicks`, `applications`, `spend`; a frame with the budget.
/// Complexity: fitting O(n · neighbours), a prediction O(neighbours) a row.
///
/// Chernozhukov, Wüthrich & Zhu (2021), *Distributional conformal prediction*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CampaignEstimate {
    /// The column with the budget. Default `budget`.
    pub budget: String,
    /// The share of campaigns that each interval is to contain. Default 0.8.
    pub level: f64,
    /// The folds of the out-of-fold predictions. Default 5.
    pub folds: usize,
    /// How many past campaigns the draws come from; all, when there are fewer. Default 200.
    pub neighbours: usize,
}

impl Default for CampaignEstimate {
    fn default() -> Self {
        CampaignEstimate { budget: "budget".into(), level: 0.8, folds: 5, neighbours: 200 }
    }
}

adflux_core::recipe!(CampaignEstimate, "campaign-estimate");

impl CampaignEstimate {
    /// Sets the column with the budget.
    pub fn budget(mut self, column: impl Into<String>) -> Self {
        self.budget = column.into();
        self
    }

    /// Sets the share of campaigns that each interval is to contain.
    pub fn level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// Sets the number of folds.
    pub fn folds(mut self, folds: usize) -> Self {
        self.folds = folds;
        self
    }

    /// Sets how many past campaigns the draws come from.
    pub fn neighbours(mut self, neighbours: usize) -> Self {
        self.neighbours = neighbours;
        self
    }
}

/// A fitted [`CampaignEstimate`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedCampaignEstimate {
    budget: String,
    level: f64,
    neighbours: usize,
    /// Logarithms of the predicted applications of past campaigns, ascending.
    #[serde(with = "adflux_core::arrays")]
    sizes: Vec<f64>,
    /// Predicted shares of the budget that is spent, in the order of `sizes`.
    #[serde(with = "adflux_core::arrays")]
    shares: Vec<f64>,
    /// Four ratios for each past campaign, in the order of `sizes`.
    #[serde(with = "adflux_core::arrays")]
    ratios: Vec<f64>,
    /// `h` of each of [`QUANTITIES`].
    half_levels: Vec<f64>,
}

impl Component for FittedCampaignEstimate {
    const KIND: &'static str = "campaign-estimate";
    fn state(&self) -> Result<Vec<u8>> {
        encode(Self::KIND, self)
    }
    fn from_state(_: u32, state: &[u8], _: &Registry) -> Result<Self> {
        let loaded: Self = decode(Self::KIND, state)?;
        let past = loaded.sizes.len();
        let lengths = [loaded.shares.len(), loaded.ratios.len() / 4, loaded.ratios.len().div_ceil(4)];
        if past == 0
            || lengths != [past; 3]
            || loaded.half_levels.len() != QUANTITIES.len()
            || loaded.neighbours == 0
            || !loaded.half_levels.iter().all(|h| (0.0..=0.5).contains(h))
        {
            return Err(Error::State { kind: Self::KIND.into(), reason: "lengths do not fit together".into() });
        }
        Ok(loaded)
    }
    fn inputs(&self) -> Vec<String> {
        vec![self.budget.clone()]
    }
}

/// The predicted rates of one campaign, and its budget.
#[derive(Clone, Copy)]
struct Rates {
    budget: f64,
    share: f64,
    cpm: f64,
    ctr: f64,
    conversion: f64,
}

impl Rates {
    fn log_applications(&self) -> f64 {
        (self.budget * self.share * 1000.0 / self.cpm * self.ctr * self.conversion).max(1e-12).ln()
    }

    /// The quantities of one draw. A rate over nothing is NaN, a cost for nothing infinite.
    fn draw(&self, ratio: &[f64]) -> [f64; 8] {
        let spend = (self.budget * self.share * ratio[0]).min(self.budget);
        let impressions = spend * 1000.0 / self.cpm * ratio[1];
        let clicks = (impressions * self.ctr * ratio[2]).min(impressions);
        let applications = (clicks * self.conversion * ratio[3]).min(clicks);
        quantities(impressions, clicks, applications, spend)
    }
}

fn quantities(impressions: f64, clicks: f64, applications: f64, spend: f64) -> [f64; 8] {
    let [ctr, conversion] = [clicks / impressions, applications / clicks];
    [impressions, clicks, applications, spend, ctr, spend / clicks, conversion, spend / applications]
}

/// The rates of every row, checked.
fn rates(frame: &Frame, budget: &str, prediction: &Prediction) -> Result<Vec<Rates>> {
    let mut columns = Vec::with_capacity(4);
    for name in RATES {
        columns.push(prediction.named(name)?.point()?);
    }
    let budgets = frame.numbers(budget)?;
    if let Some(column) = columns.iter().find(|c| c.len() != budgets.len()) {
        return Err(Error::data(format!("{} predictions beside {} rows of the frame", column.len(), budgets.len())));
    }
    let of = |(row, &budget_of_row): (usize, &f64)| {
        let rates = Rates {
            budget: budget_of_row,
            share: columns[0][row],
            cpm: columns[1][row],
            ctr: columns[2][row],
            conversion: columns[3][row],
        };
        if !(budget_of_row.is_finite() && budget_of_row >= 0.0) {
            return Err(Error::cell(budget, row, "a budget is needed: a finite number, 0 or more"));
        }
        let usable = |v: f64| v.is_finite() && v >= 0.0;
        let values = [rates.share, rates.cpm, rates.ctr, rates.conversion];
        match RATES.iter().zip(values).find(|(name, v)| !usable(*v) || (**name == "cpm" && *v == 0.0)) {
            Some((name, _)) => {
                Err(Error::cell(*name, row, "the predicted rate must be finite and not negative, and cpm above 0"))
            }
            None => Ok(rates),
        }
    };
    budgets.iter().enumerate().map(of).collect()
}

impl Fit<Training<(Frame, Prediction)>> for CampaignEstimate {
    type Fitted = FittedCampaignEstimate;
    fn fit_with(&self, data: Training<(Frame, Prediction)>, context: &Context) -> Result<Self::Fitted> {
        open_unit("level", self.level)?;
        ensure(self.folds >= 2, "folds", self.folds, "at least 2 folds are needed")?;
        ensure(
            self.neighbours >= 20,
            "neighbours",
            self.neighbours,
            "at least 20 are needed for the ends of an interval",
        )?;
        data.validate()?;
        let (frame, prediction) = &data.x;
        let rates = rates(frame, &self.budget, prediction)?;
        let least = (1.0 / (1.0 - self.level)).ceil().max(20.0) as usize;
        if rates.len() < least {
            let reason =
                format!("{} past campaigns: at least {least} are needed for intervals of {}", rates.len(), self.level);
            return Err(Error::data(reason));
        }
        let target = data.multi("campaign-estimate")?;
        let mut totals = Vec::with_capacity(4);
        for name in &QUANTITIES[..4] {
            totals.push(target.column(name)?);
        }

        let mut order: Vec<usize> = (0..rates.len()).collect();
        order.sort_by(|&a, &b| rates[a].log_applications().total_cmp(&rates[b].log_applications()).then(a.cmp(&b)));
        let seen = |row: usize| [totals[0][row], totals[1][row], totals[2][row], totals[3][row]];
        let mut ratios = Vec::with_capacity(4 * order.len());
        for &row in &order {
            let (r, [impressions, clicks, applications, spend]) = (rates[row], seen(row));
            // Where the step before gave nothing, the step has nothing to say, and whatever it is multiplied by is 0.
            let of = |what: f64, expected: f64| if expected > 0.0 { what / expected } else { 1.0 };
            ratios.extend([
                of(spend, r.budget * r.share),
                of(impressions, spend * 1000.0 / r.cpm),
                of(clicks, impressions * r.ctr),
                of(applications, clicks * r.conversion),
            ]);
        }
        let mut fitted = FittedCampaignEstimate {
            budget: self.budget.clone(),
            level: self.level,
            neighbours: self.neighbours,
            sizes: order.iter().map(|&row| rates[row].log_applications()).collect(),
            shares: order.iter().map(|&row| rates[row].share).collect(),
            ratios,
            half_levels: vec![0.0; QUANTITIES.len()],
        };
        context.check()?;

        // How far from the middle of its own draws each outcome fell, its own ratios left out.
        let places: Vec<[f64; 8]> = context.run(|| {
            let place = |(position, &row): (usize, &usize)| {
                let [impressions, clicks, applications, spend] = seen(row);
                let outcome = quantities(impressions, clicks, applications, spend);
                let draws = fitted.draws(&rates[row], Some(position));
                std::array::from_fn(|q| distance_from_middle(&draws[q], outcome[q]))
            };
            order.par_iter().enumerate().map(place).collect()
        });
        for (q, half) in fitted.half_levels.iter_mut().enumerate() {
            let known: Vec<f64> = places.iter().map(|p| p[q]).filter(|p| !p.is_nan()).collect();
            // Without a single outcome (no campaign had a click) nothing can be calibrated: the plain quantiles serve.
            let fitted = if known.is_empty() { self.level / 2.0 } else { conformal_quantile(&known, self.level)? };
            // Below 0 when all draws are the same: then the middle one is enough.
            *half = fitted.clamp(0.0, 0.5);
        }
        Ok(fitted)
    }
}

impl Postprocess<Frame, Prediction> for CampaignEstimate {
    fn needs(&self) -> Needs {
        Needs::OutOfFold(self.folds)
    }
}

/// How far the outcome's place among the draws is from the middle: the least `h` at which the quantiles at ½ ± h contain
/// it. NaN for an outcome that is unknown (a rate over nothing).
fn distance_from_middle(draws: &[f64], outcome: f64) -> f64 {
    if outcome.is_nan() {
        return f64::NAN;
    }
    let (mut below, mut up_to, mut known) = (0.0, 0.0, 0.0);
    for &draw in draws.iter().filter(|d| !d.is_nan()) {
        known += 1.0;
        below += f64::from(u8::from(draw < outcome));
        up_to += f64::from(u8::from(draw <= outcome));
    }
    if known == 0.0 { f64::NAN } else { (0.5 - up_to / known).max(below / known - 0.5) }
}

/// The quantiles at ½ − `half` and ½ + `half` of at least one draw: the least draw with at least that share of draws at or
/// below it. Reorders `draws`.
fn quantiles(draws: &mut [f64], half: f64) -> [f64; 2] {
    let place = |level: f64| ((level * draws.len() as f64).ceil() as usize).clamp(1, draws.len()) - 1;
    let (low, high) = (place(0.5 - half), place(0.5 + half));
    let lower = *draws.select_nth_unstable_by(low, f64::total_cmp).1;
    // Whatever stands behind the lower one is not less.
    let upper = *draws[low..].select_nth_unstable_by(high - low, f64::total_cmp).1;
    [lower, upper]
}

impl FittedCampaignEstimate {
    /// The share of campaigns that each interval is to contain.
    pub fn level(&self) -> f64 {
        self.level
    }

    /// The past campaigns most like one: of those nearest by predicted applications the nearest by predicted share of the
    /// budget. `without` leaves out one.
    fn neighbours_of(&self, rates: &Rates, without: Option<usize>) -> Vec<(f64, usize)> {
        let past = self.sizes.len();
        let pool = (past / NEAR).clamp(self.neighbours, MOST.saturating_mul(self.neighbours)).min(past);
        let size = rates.log_applications();
        let middle = self.sizes.partition_point(|s| *s < size);
        let from = middle.saturating_sub(pool / 2).min(self.sizes.len() - pool);
        let near = (from..from + pool).filter(|i| Some(*i) != without);
        let mut near: Vec<(f64, usize)> = near.map(|i| ((self.shares[i] - rates.share).abs(), i)).collect();
        if near.len() > self.neighbours {
            near.select_nth_unstable_by(self.neighbours - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            near.truncate(self.neighbours);
            // In a fixed order, so that sums have the same bits however the selection left them.
            near.sort_unstable_by_key(|(_, i)| *i);
        }
        near
    }

    /// The draws of each quantity for one campaign; `without` leaves out one past campaign.
    fn draws(&self, rates: &Rates, without: Option<usize>) -> [Vec<f64>; 8] {
        let near = self.neighbours_of(rates, without);
        let mut draws: [Vec<f64>; 8] = std::array::from_fn(|_| Vec::with_capacity(near.len()));
        for (_, i) in near {
            for (of, value) in draws.iter_mut().zip(rates.draw(&self.ratios[4 * i..4 * (i + 1)])) {
                of.push(value);
            }
        }
        draws
    }

    /// Mean, lower and upper end of each quantity for one campaign.
    fn estimate(&self, rates: &Rates) -> [[f64; 3]; 8] {
        let mut draws = self.draws(rates, None);
        let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
        let [impressions, clicks, applications, spend] = std::array::from_fn(|q| mean(&draws[q]));
        let means = quantities(impressions, clicks, applications, spend);
        let mut out = [[f64::NAN; 3]; 8];
        for (q, draws) in draws.iter_mut().enumerate() {
            draws.retain(|d| !d.is_nan());
            if !draws.is_empty() {
                let [lower, upper] = quantiles(draws, self.half_levels[q]);
                out[q] = [means[q], lower, upper];
            }
        }
        // Every draw obeys the funnel, and so do quantiles at one level; `h` differs a little between quantities.
        for q in 1..3 {
            let [_, lower, upper] = out[q - 1];
            out[q][1] = out[q][1].min(lower);
            out[q][2] = out[q][2].min(upper);
        }
        out
    }
}

impl Transform<(Frame, Prediction)> for FittedCampaignEstimate {
    type Output = Prediction;
    fn transform(&self, (frame, prediction): (Frame, Prediction)) -> Result<Prediction> {
        let rates = rates(&frame, &self.budget, &prediction)?;
        // Handing a few rows to other threads costs more than the rows.
        const FEW: usize = 16;
        let estimates: Vec<[[f64; 3]; 8]> = if rates.len() <= FEW {
            rates.iter().map(|r| self.estimate(r)).collect()
        } else {
            rates.par_iter().map(|r| self.estimate(r)).collect()
        };
        let column = |q: usize, end: usize| estimates.iter().map(|e| e[q][end]).collect::<Array1<f64>>();
        let of = |(q, name): (usize, &&str)| {
            let intervals =
                Intervals { mean: column(q, 0), lower: column(q, 1), upper: column(q, 2), level: self.level };
            ((*name).to_string(), Prediction::Intervals(intervals))
        };
        Ok(Prediction::Multi(QUANTITIES.iter().enumerate().map(of).collect()))
    }
}
