//! Whether groups of people are treated alike.
//!
//! A decision selects some rows (shows an advertisement, invites to an interview). [`rates`] says for each group how many of it
//! were selected, and, where the truth is known, how many of those who should have been, and of those who should not:
//!
//! | rate | of | the share that |
//! |---|---|---|
//! | selection rate | all of a group | was selected |
//! | true-positive rate | those who are `true` | was selected |
//! | false-positive rate | those who are `false` | was selected |
//! | precision | those who were selected | is `true` |
//! | base rate | all of a group | is `true` |
//!
//! | measure | compares | fair is |
//! |---|---|---|
//! | [`demographic_parity`](GroupedRates::demographic_parity) | selection rates | difference 0, ratio 1 |
//! | [`equal_opportunity`](GroupedRates::equal_opportunity) | true-positive rates (Hardt, Price and Srebro 2016) | difference 0, ratio 1 |
//! | [`equalized_odds`](GroupedRates::equalized_odds) | true- and false-positive rates | difference 0, ratio 1 |
//! | [`four_fifths`](GroupedRates::four_fifths) | each selection rate with the highest | ratio of 0.8 or more |
//! | [`calibration`] | mean probability and outcome in each group | a gap of 0 |
//!
//! They cannot all hold at once where the base rates differ (Kleinberg, Mullainathan and Raghavan 2017): which of them is asked for
//! is a decision about people, not about numbers. Differences and ratios are fairlearn's (0.15), except that a rate of
//! nobody is left out instead of counting as 0.
//!
//! ```
//! use adflux_evaluation::fairness::{Against, FourFifthsOptions, Groups, Verdict, rates};
//!
//! let selected: Vec<bool> = (0..400).map(|row| row % 2 == 0 && row < 200 || row % 4 == 0).collect();
//! let groups = Groups::from_labels(&(0..400).map(|row| if row < 200 { "a" } else { "b" }).collect::<Vec<_>>());
//! let rates = rates(None, &selected, &groups, None, 0.95)?;
//! let parity = rates.demographic_parity(Against::Groups).unwrap();
//! assert_eq!((parity.difference, parity.ratio), (0.25, Some(0.5)));
//! let check = rates.four_fifths(&FourFifthsOptions::default())?.unwrap();
//! assert_eq!((check.reference.as_str(), check.groups[1].verdict), ("a", Verdict::Fails));
//! # Ok::<(), adflux_core::Error>(())
//! ```

mod calibration;
mod clustered;
mod disparity;
mod four_fifths;
mod groups;
mod rates;

pub use calibration::{GroupCalibration, calibration};
pub use clustered::clustered_rates;
pub use disparity::{Against, Aggregate, Disparity};
pub use four_fifths::{FourFifths, FourFifthsGroup, FourFifthsOptions, Verdict};
pub use groups::Groups;
pub use rates::{GroupRates, GroupedRates, rates};
