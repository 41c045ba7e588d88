//! [`Components`]: the parts that a series is the sum of.

/// One season of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Season {
    /// Steps after which it repeats.
    pub period: usize,
    /// What it adds to each step, in the unit of the series.
    pub values: Vec<f64>,
}

/// A series as the sum of a trend, seasons and what remains, each of as many steps as the series.
#[derive(Clone, Debug, PartialEq)]
pub struct Components {
    /// What changes slowly.
    pub trend: Vec<f64>,
    /// What repeats, the shortest period first.
    pub seasons: Vec<Season>,
    /// What neither explains: the value − trend − seasons.
    pub remainder: Vec<f64>,
    /// How far each value was trusted: 1 but for a robust decomposition, where 0 is not at all.
    pub weights: Vec<f64>,
}

impl Components {
    pub(super) fn new(values: &[f64], trend: Vec<f64>, seasons: Vec<Season>, weights: Vec<f64>) -> Self {
        let left = |step: usize| values[step] - trend[step] - seasons.iter().map(|s| s.values[step]).sum::<f64>();
        let remainder = (0..values.len()).map(left).collect();
        Components { trend, seasons, remainder, weights }
    }

    /// The series without its seasons.
    pub fn seasonally_adjusted(&self) -> Vec<f64> {
        self.trend.iter().zip(&self.remainder).map(|(trend, left)| trend + left).collect()
    }

    /// How much of what is not season the trend explains: 1 − var(remainder) / var(trend + remainder), at least 0; 0 also where nothing
    /// varies. Wang, Smith and Hyndman, "Characteristic-based clustering for time series data" (2006).
    pub fn trend_strength(&self) -> f64 {
        self.strength(&self.trend)
    }

    /// How much of what is not trend or another season the season at `index` explains: 1 − var(remainder) / var(season + remainder), at
    /// least 0. 0 where there is no such season.
    pub fn seasonal_strength(&self, index: usize) -> f64 {
        self.seasons.get(index).map_or(0.0, |season| self.strength(&season.values))
    }

    fn strength(&self, part: &[f64]) -> f64 {
        let with: Vec<f64> = part.iter().zip(&self.remainder).map(|(part, left)| part + left).collect();
        let whole = variance(&with);
        // What rounding leaves of a constant is no season.
        let rounding = 1e-12 * self.trend.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
        if whole > rounding * rounding { (1.0 - variance(&self.remainder) / whole).max(0.0) } else { 0.0 }
    }
}

fn variance(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64
}
