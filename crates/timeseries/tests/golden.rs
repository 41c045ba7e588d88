//! Reading what statsforecast said.

use adflux_core::SeriesForecast;
use adflux_testing::assert_all_close;
use serde::Deserialize;

/// The levels of its intervals.
pub const LEVELS: [f64; 2] = [0.8, 0.95];

/// A forecast of statsforecast: a mean, and for each step the ends of each level.
#[derive(Deserialize)]
pub struct Said {
    pub mean: Vec<f64>,
    pub lower: Option<Vec<Vec<f64>>>,
    pub upper: Option<Vec<Vec<f64>>>,
}

impl Said {
    /// Asserts that ours is the same to within `tolerance`.
    #[track_caller]
    pub fn assert_close(&self, ours: &SeriesForecast, tolerance: f64) {
        assert_all_close(&ours.mean, &self.mean, tolerance);
        for (end, said) in [(&ours.lower, &self.lower), (&ours.upper, &self.upper)] {
            if let Some(said) = said {
                assert_all_close(end, said.iter().flatten(), tolerance);
            }
        }
    }
}
