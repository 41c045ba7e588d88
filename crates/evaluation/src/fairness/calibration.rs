//! Whether a probability means the same in every group.

use super::Groups;
use crate::{
    calibration::Bins,
    checks::{Weights, probabilities, same_length},
    metrics::ece,
};
use adflux_core::Result;
use ndarray::{Array1, ArrayView1};
use serde::{Deserialize, Serialize};

/// What was said of a group beside what came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupCalibration {
    /// The name of the group.
    pub group: String,
    /// How many rows (of weight above 0) there are.
    pub rows: usize,
    /// The mean of the probabilities.
    pub mean_predicted: f64,
    /// The share that is `true`.
    pub observed: f64,
    /// What was said less what came: above 0 the group is promised too much, below 0 too little.
    pub gap: f64,
    /// The expected calibration error within the group, see [`ece`].
    pub ece: f64,
}

/// Calibration in each group apart (Pleiss and others 2017; Chouldechova 2017): a probability of 30 % should mean 30 % for
/// everyone. Groups without rows (of weight above 0) are left out. O(rows · log bins), and with bins of equal counts a sort.
///
/// ```
/// use adflux_evaluation::{calibration::Bins, fairness::{Groups, calibration}};
/// use ndarray::array;
/// let groups = Groups::from_labels(&["a", "a", "b", "b"]);
/// let said = array![0.5, 0.5, 0.5, 0.5];
/// let all = calibration(&[true, false, true, true], said.view(), &groups, Bins::EqualWidth(10), None)?;
/// assert_eq!((all[0].gap, all[1].gap), (0.0, -0.5));
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`ece`], and when the groups are not one a row.
pub fn calibration(
    truth: &[bool],
    probability: ArrayView1<f64>,
    groups: &Groups,
    bins: Bins,
    weights: Option<ArrayView1<f64>>,
) -> Result<Vec<GroupCalibration>> {
    same_length(truth.len(), "probabilities", probability.len())?;
    same_length(truth.len(), "groups", groups.len())?;
    probabilities(probability)?;
    let weights = Weights::new(truth.len(), weights)?;
    let mut all = Vec::new();
    for (group, mut rows) in groups.names().iter().zip(groups.rows()) {
        rows.retain(|row| weights.get(*row) > 0.0);
        if rows.is_empty() {
            continue;
        }
        let truth: Vec<bool> = rows.iter().map(|row| truth[*row]).collect();
        let said: Array1<f64> = rows.iter().map(|row| probability[*row]).collect();
        let own: Array1<f64> = rows.iter().map(|row| weights.get(*row)).collect();
        let of_group = Weights::new(rows.len(), Some(own.view()))?;
        let mean_predicted = of_group.mean_of(rows.len(), |row| said[row]);
        let observed = of_group.mean_of(rows.len(), |row| f64::from(u8::from(truth[row])));
        all.push(GroupCalibration {
            group: group.clone(),
            rows: rows.len(),
            mean_predicted,
            observed,
            gap: mean_predicted - observed,
            ece: ece(&truth, said.view(), bins, Some(own.view()))?,
        });
    }
    Ok(all)
}
