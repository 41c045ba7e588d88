//! The totals of past campaigns: read, checked, and turned into what the forests learn.

use adflux_core::{Error, Result, Training};

/// Totals of each campaign, rows in the order of the data.
pub(super) struct Totals {
    budget: Vec<f64>,
    impressions: Vec<f64>,
    clicks: Vec<f64>,
    applications: Vec<f64>,
    spend: Vec<f64>,
    /// Money spent for a click, all campaigns pooled.
    cost_per_click: f64,
}

/// How far spend may exceed the budget by rounding.
const ROUNDING: f64 = 1e-6;

impl Totals {
    /// # Errors
    /// When a total is missing, impossible beside the others (named by row), or zero over all rows.
    pub(super) fn new<X>(data: &Training<X>, step: &str) -> Result<Self> {
        let target = data.multi_totals(step)?;
        let wanted = ["impressions", "clicks", "applications", "spend"];
        let missing: Vec<String> = wanted.iter().filter(|n| target.column(n).is_err()).map(|n| n.to_string()).collect();
        if !missing.is_empty() {
            return Err(Error::MissingColumns { missing, available: target.names.to_vec() });
        }
        let Some(budget) = &data.exposure else {
            return Err(Error::data(format!("`{step}` needs the budget of each row as exposure")));
        };
        let read = |name: &str| -> Result<Vec<f64>> {
            let values = target.column(name)?.to_vec();
            match values.iter().position(|v| *v < 0.0) {
                Some(row) => Err(Error::cell(name, row, format!("{}: must be 0 or more", values[row]))),
                None => Ok(values),
            }
        };
        let mut totals = Totals {
            budget: budget.to_vec(),
            impressions: read("impressions")?,
            clicks: read("clicks")?,
            applications: read("applications")?,
            spend: read("spend")?,
            cost_per_click: 1.0,
        };
        totals.check_order()?;
        let weight = |row: usize| data.weights.as_ref().map_or(1.0, |w| w[row]);
        let sum = |values: &[f64]| values.iter().enumerate().map(|(row, v)| v * weight(row)).sum::<f64>();
        let columns = [&totals.impressions, &totals.clicks, &totals.applications, &totals.spend];
        if let Some((name, _)) = wanted.iter().zip(columns).find(|(_, values)| sum(values) <= 0.0) {
            let reason = "zero over all rows, so no rate can be learnt from it: add campaigns that have some";
            return Err(Error::column(*name, reason));
        }
        totals.cost_per_click = sum(&totals.spend) / sum(&totals.clicks);
        Ok(totals)
    }

    /// What comes later in the funnel cannot be more than what comes before.
    fn check_order(&self) -> Result<()> {
        let steps = [
            ("clicks", &self.clicks, "impressions", &self.impressions, 0.0),
            ("applications", &self.applications, "clicks", &self.clicks, 0.0),
            ("spend", &self.spend, "budget", &self.budget, ROUNDING),
        ];
        for (name, later, before_name, before, slack) in steps {
            if let Some(row) = later.iter().zip(before).position(|(l, b)| *l > b * (1.0 + slack)) {
                let reason = format!("{} is more than the {before_name} of {}", later[row], before[row]);
                return Err(Error::cell(name, row, format!("{reason}: correct or drop the row")));
            }
        }
        Ok(())
    }

    /// The logarithm of each row's smoothed rate, and the row's weight. Rates are counted as in
    /// [`RATES`](super::RATES).
    pub(super) fn learnt(&self, rate: usize, weights: &[f64], smoothing: f64, dispersion: f64) -> (Vec<f64>, Vec<f64>) {
        // `count` of `per` · `over`, in events worth `event` each.
        let (count, over, per, event) = match rate {
            0 => (&self.spend, &self.budget, 1.0, self.cost_per_click),
            1 => (&self.spend, &self.impressions, 1000.0, self.cost_per_click),
            2 => (&self.clicks, &self.impressions, 1.0, 1.0),
            _ => (&self.applications, &self.clicks, 1.0, 1.0),
        };
        let sum = |values: &[f64]| values.iter().zip(weights).map(|(v, w)| v * w).sum::<f64>();
        let pooled = per * sum(count) / sum(over);
        let added = smoothing * event / pooled;
        let rows = || count.iter().zip(over).map(|(c, n)| (c, n / per));
        let logs = rows().map(|(c, n)| ((c + added * pooled) / (n + added)).ln()).collect();
        let information = rows().zip(weights).map(|((_, n), weight)| {
            let events = n * pooled / event;
            weight * events / (1.0 + dispersion * events)
        });
        (logs, information.collect())
    }
}
