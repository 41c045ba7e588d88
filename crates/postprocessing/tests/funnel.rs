//! Synthetic campaigns of known rates, for the tests of the campaign estimate.

use crate::normal;
use adflux_core::{
    MultiTarget, Prediction, Rows as _, Target, Training,
    random::{Rng, stream},
};
use adflux_data::Frame;
use ndarray::{Array1, Array2};
use rand::RngExt as _;

/// Past campaigns: budgets, the rates that a good model would predict, and what happened.
#[derive(Clone)]
pub struct Campaigns {
    pub budget: Vec<f64>,
    /// Spend share, CPM, CTR, conversion rate.
    pub rates: [Array1<f64>; 4],
    /// Impressions, clicks, applications, spend.
    pub totals: Array2<f64>,
}

pub const TOTALS: [&str; 4] = ["impressions", "clicks", "applications", "spend"];
pub const RATES: [&str; 4] = ["spend_share", "cpm", "ctr", "conversion_rate"];

/// Campaigns with budgets from 20 to 20,000 whose rates scatter around the predicted ones, log-normally and together (a
/// campaign that clicks badly converts badly too), and whose counts are drawn from those rates.
pub fn campaigns(count: usize, seed: u64) -> Campaigns {
    let mut rng = stream(seed, &[]);
    let mut all = Campaigns {
        budget: Vec::with_capacity(count),
        rates: std::array::from_fn(|_| Array1::zeros(count)),
        totals: Array2::zeros((count, 4)),
    };
    for row in 0..count {
        let budget = 20.0 * 1000_f64.powf(rng.random());
        let centre = [0.85, 5.0, 0.012, 0.06].map(|rate: f64| rate * (0.4 * normal(&mut rng)).exp());
        let centre = [centre[0].min(0.95), centre[1], centre[2], centre[3]];
        let shared = normal(&mut rng);
        let scatter = [0.1, 0.2, 0.3, 0.3].map(|s| s * normal(&mut rng));
        let spend = (budget * centre[0] * scatter[0].exp()).min(budget);
        let impressions = poisson(spend * 1000.0 / (centre[1] * scatter[1].exp()), &mut rng);
        let clicks = poisson(impressions * centre[2] * (scatter[2] + 0.2 * shared).exp(), &mut rng).min(impressions);
        let applications = poisson(clicks * centre[3] * (scatter[3] + 0.2 * shared).exp(), &mut rng).min(clicks);
        all.budget.push(budget);
        all.rates.iter_mut().zip(centre).for_each(|(of, rate)| of[row] = rate);
        all.totals.row_mut(row).assign(&ndarray::array![impressions, clicks, applications, spend]);
    }
    all
}

/// A Poisson count: by multiplying uniforms when small, a rounded normal when large.
fn poisson(mean: f64, rng: &mut Rng) -> f64 {
    if mean > 50.0 {
        return (mean + mean.sqrt() * normal(rng)).round().max(0.0);
    }
    let (floor, mut product, mut count) = ((-mean).exp(), rng.random::<f64>(), 0.0);
    while product > floor {
        product *= rng.random::<f64>();
        count += 1.0;
    }
    count
}

impl Campaigns {
    pub fn frame(&self) -> Frame {
        Frame::builder().numbers("budget", self.budget.clone()).build().unwrap()
    }

    pub fn prediction(&self) -> Prediction {
        let named = RATES.iter().zip(&self.rates).map(|(name, rate)| (name.to_string(), rate.clone().into()));
        Prediction::Multi(named.collect())
    }

    pub fn x(&self) -> (Frame, Prediction) {
        (self.frame(), self.prediction())
    }

    pub fn training(&self) -> Training<(Frame, Prediction)> {
        let names: Vec<String> = TOTALS.map(String::from).into();
        Training::new(self.x())
            .with_target(Target::Multi(MultiTarget { names: names.into(), values: self.totals.clone() }))
    }

    /// The campaigns in `rows` alone.
    pub fn x_of(&self, rows: &[usize]) -> (Frame, Prediction) {
        self.x().take(rows)
    }
}
