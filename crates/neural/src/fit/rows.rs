//! [`Split`]: the rows that are learned from and those held back, with their weights.

use super::{FitOptions, ValidationSplit};
use crate::{Loss, Network, network::check_weights, samples::Column};
use adflux_core::{Error, Result};
use adflux_evaluation::splits::{FoldOptions, train_test_split};
use ndarray::ArrayView1;

/// Rows to validate with.
pub(crate) struct Validation {
    pub(crate) x: Vec<Column>,
    pub(crate) y: Vec<Column>,
    pub(crate) weights: Option<Vec<f32>>,
}

/// Rows to learn from, and to validate with.
pub(crate) struct Split {
    pub(crate) x: Vec<Column>,
    pub(crate) y: Vec<Column>,
    pub(crate) weights: Option<Vec<f32>>,
    pub(crate) validation: Option<Validation>,
}

impl Split {
    pub(crate) fn of(network: &Network, x: Vec<Column>, y: Vec<Column>, options: &FitOptions) -> Result<Self> {
        let rows = x.first().map_or(0, |column| column.rows);
        let weights = row_weights(network, &y, options.sample_weight.as_deref(), options)?;
        if let Some((other_x, other_y, other_weights)) = &options.validation_data {
            let other_x = other_x.for_inputs(&network.model.inputs, &network.plan.codes)?;
            let other_y = other_y.for_outputs(other_x.first().map_or(0, |column| column.rows), &network.judges)?;
            if other_x.first().is_none_or(|column| column.rows == 0) {
                return Err(Error::data("the validation data has no rows"));
            }
            let other_weights = row_weights(network, &other_y, other_weights.as_deref(), options)?;
            let validation = Some(Validation { x: other_x, y: other_y, weights: other_weights });
            return Ok(Split { x, y, weights, validation });
        }
        let Some(share) = options.validation_share else {
            return Ok(Split { x, y, weights, validation: None });
        };
        let (learned, held_back) = held_back(network, &y, rows, share, options)?;
        if learned.is_empty() || held_back.is_empty() {
            let reason =
                format!("of {rows} rows it leaves {} to learn from and {} to validate", learned.len(), held_back.len());
            return Err(Error::parameter("validation_split", share, reason));
        }
        let columns = |of: &[Column], rows: &[usize]| of.iter().map(|column| super::taken(column, rows)).collect();
        let of = |rows: &[usize]| weights.as_ref().map(|w| rows.iter().map(|row| w[*row]).collect::<Vec<f32>>());
        for (side, rows) in [("learned from", &learned), ("held back", &held_back)] {
            if of(rows).is_some_and(|weights| weights.iter().all(|w| *w == 0.0)) {
                let reason = format!(
                    "all rows that are {side} have a weight of 0: take rows of weight 0 out, or split otherwise"
                );
                return Err(Error::parameter("validation_split", share, reason));
            }
        }
        let validation = Validation { x: columns(&x, &held_back), y: columns(&y, &held_back), weights: of(&held_back) };
        Ok(Split {
            x: columns(&x, &learned),
            y: columns(&y, &learned),
            weights: of(&learned),
            validation: Some(validation),
        })
    }

    pub(crate) fn rows(&self) -> usize {
        self.x.first().map_or(0, |column| column.rows)
    }
}

/// The rows to learn from and to validate with, each in rising order but for time.
fn held_back(
    network: &Network,
    y: &[Column],
    rows: usize,
    share: f64,
    options: &FitOptions,
) -> Result<(Vec<usize>, Vec<usize>)> {
    // As Keras: the whole part of the rows that stay.
    let stay = (rows as f64 * (1.0 - share)) as usize;
    match &options.validation_split {
        ValidationSplit::Last => Ok(((0..stay).collect(), (stay..rows).collect())),
        ValidationSplit::Temporal(times) => {
            if times.len() != rows {
                return Err(Error::data(format!("{} times for {rows} rows", times.len())));
            }
            let mut order: Vec<usize> = (0..rows).collect();
            order.sort_by_key(|row| times[*row]);
            let late = order.split_off(stay);
            Ok((order, late))
        }
        ValidationSplit::Stratified => {
            let classes = classes(network, y).ok_or_else(|| {
                Error::data("validation rows can be stratified for one output of classes: use another split")
            })?;
            let strata: Vec<u32> = classes.iter().map(|class| *class as u32).collect();
            let options =
                FoldOptions { strata: Some(&strata), shuffle: Some(network.model.seed), ..FoldOptions::default() };
            let fold = train_test_split(rows, share, &options)?;
            Ok((fold.train, fold.test))
        }
    }
}

/// The class of each row, for one output of classes.
fn classes(network: &Network, y: &[Column]) -> Option<Vec<usize>> {
    let ([judge], [column]) = (&network.judges[..], y) else { return None };
    let class: fn(&[f32]) -> usize = match judge.loss {
        Loss::SparseCategoricalCrossentropy(_) => |row| row[0] as usize,
        Loss::BinaryCrossentropy(_) | Loss::BinaryFocalCrossentropy { .. } if judge.truth_width == 1 => {
            |row| usize::from(row[0] > 0.5)
        }
        Loss::CategoricalCrossentropy(_) => {
            |row| (0..row.len()).fold(0, |best, class| if row[class] > row[best] { class } else { best })
        }
        _ => return None,
    };
    Some((0..column.rows).map(|row| class(column.row(row))).collect())
}

/// Weights of rows times those of their classes, or none where all count alike.
fn row_weights(
    network: &Network,
    y: &[Column],
    sample_weight: Option<&[f64]>,
    options: &FitOptions,
) -> Result<Option<Vec<f32>>> {
    let rows = y.first().map_or(0, |column| column.rows);
    let mut weights = sample_weight.map(|w| check_weights(ArrayView1::from(w), rows)).transpose()?;
    if !options.class_weight.is_empty() {
        let classes = classes(network, y)
            .ok_or_else(|| Error::data("class_weight needs one output of classes: give sample_weight instead"))?;
        let count = network.judges.first().map_or(0, |judge| judge.width.max(2));
        for (place, (class, weight)) in options.class_weight.iter().enumerate() {
            let twice = options.class_weight[..place].iter().any(|(other, _)| other == class);
            if *class >= count || twice || *weight > f64::from(f32::MAX) {
                let reason =
                    format!("classes are numbered 0 to {}, each at most once, with a weight of f32", count - 1);
                return Err(Error::parameter("class_weight", (class, weight), reason));
            }
        }
        let of = |class: usize| options.class_weight.iter().find(|(c, _)| *c == class).map_or(1.0, |(_, w)| *w as f32);
        let weights = weights.get_or_insert_with(|| vec![1.0; rows]);
        weights.iter_mut().zip(classes).for_each(|(weight, class)| *weight *= of(class));
        if weights.iter().all(|w| *w == 0.0) {
            return Err(Error::column("weights", "all are zero: nothing is left to learn from"));
        }
    }
    Ok(weights)
}
