//! Features made of features: bounds, bins, products, rates, parts of dates.

mod bins;
mod clusters;
mod dates;
mod polynomial;
mod ratios;
mod winsor;

pub use bins::{BinEncoding, BinStrategy, FittedKBinsDiscretizer, KBinsDiscretizer};
pub use dates::{DateFeatures, DatePart, FittedDateFeatures};
pub use polynomial::{FittedPolynomialFeatures, PolynomialFeatures};
pub use ratios::{FittedRatioFeatures, Ratio, RatioFeatures};
pub use winsor::{CappingMethod, FittedWinsorizer, Tail, Winsorizer};
