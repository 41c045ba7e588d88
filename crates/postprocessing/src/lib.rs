//! From predictions to business terms.
//!
//! Postprocessors are components that are fitted too, on the predictions they need ([`Needs`](adflux_core::Needs)):
//!
//! | kind | type | what it does | needs |
//! |---|---|---|---|
//! | `identity` | [`Identity`] | leaves the prediction as it is | nothing |
//! | `clip` | [`Clip`] | keeps numbers within bounds | nothing |
//! | `calibration` | [`Calibration`] | makes class probabilities that can be taken at their word | out-of-fold |
//! | `conformal-interval` | [`ConformalInterval`] | puts an interval of known coverage around a number | out-of-fold |
//! | `conformal-set` | [`ConformalSet`] | puts a set of classes of known coverage beside their probabilities | out-of-fold |
//! | `campaign-estimate` | [`CampaignEstimate`] | impressions, clicks, applications, spend and their rates, with joint intervals | out-of-fold |
//! | `sequence` | [`Sequence`] | several postprocessors, one after the other | the most that one of them needs |
//!
//! [`describe_segments`] says in words and numbers what sets each segment apart, and gives each a [`Rule`] to search for.

mod calibration;
mod campaign;
mod clip;
mod groups;
mod identity;
mod interval;
mod segments;
mod sequence;
mod set;

pub use adflux_evaluation::calibration::CalibrationMethod;
pub use calibration::{Calibration, FittedCalibration};
pub use campaign::{CampaignEstimate, FittedCampaignEstimate, QUANTITIES};
pub use clip::Clip;
pub use identity::Identity;
pub use interval::{ConformalInterval, FittedConformalInterval};
pub use segments::{
    Condition, Direction, GroupShare, Language, Measure, Medoid, Outcome, Rule, SMALL_EFFECT, SegmentDescription,
    SegmentFeature, SensitiveShares, Test, describe_segments,
};
pub use sequence::{FittedSequence, Sequence};
pub use set::{ConformalSet, FittedConformalSet, SetMethod};

use adflux_core::{Registry, Result};
use adflux_data::Frame;

/// Makes this crate's postprocessors known by name.
///
/// # Errors
/// When a kind is taken.
pub fn register(registry: &mut Registry) -> Result<()> {
    registry
        .postprocessor::<Frame, Identity>()?
        .postprocessor::<Frame, Clip>()?
        .postprocessor::<Frame, Calibration>()?
        .postprocessor::<Frame, ConformalInterval>()?
        .postprocessor::<Frame, ConformalSet>()?
        .postprocessor::<Frame, CampaignEstimate>()?
        .postprocessor::<Frame, Sequence>()?;
    Ok(())
}
