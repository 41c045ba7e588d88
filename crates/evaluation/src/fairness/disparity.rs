//! How far the rates of groups are apart, in one number.

use super::{GroupRates, GroupedRates};
use crate::Estimate;
use serde::{Deserialize, Serialize};

/// What the rate of a group is compared with: fairlearn's `method`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// The other groups: the highest rate with the lowest.
    #[default]
    Groups,
    /// The rate of all rows: that of the group which is farthest from it.
    Overall,
}

/// How two disparities become one: fairlearn's `agg`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// The larger difference and the smaller ratio.
    #[default]
    WorstCase,
    /// The means of both.
    Mean,
}

/// How far rates are apart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Disparity {
    /// The highest rate less the lowest: 0 is alike.
    pub difference: f64,
    /// The lowest rate over the highest: 1 is alike. `None` where the rates are all 0.
    pub ratio: Option<f64>,
}

impl GroupedRates {
    /// Whether all groups are selected as often, whatever the truth (demographic parity; Calders and Verwer 2010).
    ///
    /// `None` when there are no groups.
    #[doc(alias = "demographic_parity_difference")]
    #[doc(alias = "demographic_parity_ratio")]
    pub fn demographic_parity(&self, against: Against) -> Option<Disparity> {
        self.disparity(against, |of| of.selection_rate)
    }

    /// Whether those who should be selected are, as often in all groups (Hardt, Price and Srebro 2016).
    ///
    /// `None` when the truth is not known, or nobody is `true`. Groups in which nobody is are left out; fairlearn counts their rate
    /// as 0.
    #[doc(alias = "equal_opportunity_difference")]
    #[doc(alias = "equal_opportunity_ratio")]
    pub fn equal_opportunity(&self, against: Against) -> Option<Disparity> {
        self.disparity(against, |of| of.true_positive_rate)
    }

    /// Whether both those who should be selected are, and those who should not, as often in all groups (Hardt, Price and Srebro
    /// 2016).
    ///
    /// `None` when the truth is not known, or is the same for all. Groups without a rate are left out of it. Where one of the two
    /// ratios is not defined, because nobody is selected, the other counts alone, as in fairlearn's mean.
    #[doc(alias = "equalized_odds_difference")]
    #[doc(alias = "equalized_odds_ratio")]
    pub fn equalized_odds(&self, against: Against, aggregate: Aggregate) -> Option<Disparity> {
        let a = self.disparity(against, |of| of.true_positive_rate)?;
        let b = self.disparity(against, |of| of.false_positive_rate)?;
        let both = |of: fn(f64, f64) -> f64| Disparity {
            difference: of(a.difference, b.difference),
            ratio: a.ratio.zip(b.ratio).map(|(a, b)| of(a, b)).or(a.ratio).or(b.ratio),
        };
        Some(match aggregate {
            Aggregate::WorstCase => Disparity { difference: a.difference.max(b.difference), ..both(f64::min) },
            Aggregate::Mean => both(f64::midpoint),
        })
    }

    fn disparity(&self, against: Against, rate: fn(&GroupRates) -> Option<Estimate>) -> Option<Disparity> {
        let rates: Vec<f64> = self.groups.iter().filter_map(rate).map(|rate| rate.value).collect();
        let least = rates.iter().copied().reduce(f64::min)?;
        let most = rates.iter().copied().reduce(f64::max)?;
        let ratio = |low: f64, high: f64| (high > 0.0).then(|| low / high);
        Some(match against {
            Against::Groups => Disparity { difference: most - least, ratio: ratio(least, most) },
            Against::Overall => {
                let overall = rate(&self.overall)?.value;
                let ratios = [ratio(least, overall), ratio(overall, most)];
                Disparity {
                    difference: (most - overall).max(overall - least),
                    ratio: ratios.into_iter().flatten().reduce(f64::min),
                }
            }
        })
    }
}
