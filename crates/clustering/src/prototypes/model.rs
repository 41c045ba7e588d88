//! k-prototypes: the fitted model.

use super::{
    KIND,
    lloyd::{Data, Prototypes, Run, dissimilarity},
};
use crate::{
    centers,
    counted::Counted,
    labels::{self, to_options},
    mixed::{Category, Mixed, Shape},
    rank::Ranked,
    scale::times,
};
use adflux_core::{Column, Error, Features, Predict, Result, Segments};
use ndarray::{Array2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Prototypes, and what is known of their segments. Segments are numbered by weight: 0 is the heaviest. Saved are the prototypes, and 4
/// bytes for each training row.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "SavedKPrototypes")]
pub struct KPrototypesModel {
    shape: Shape,
    gamma: f64,
    #[serde(with = "adflux_core::arrays")]
    centers: Array2<f64>,
    #[serde(with = "adflux_core::arrays")]
    modes: Vec<u32>,
    #[serde(with = "adflux_core::arrays")]
    counts: Vec<u64>,
    #[serde(with = "adflux_core::arrays")]
    weights: Vec<f64>,
    /// Of all training rows; none where they were not kept.
    #[serde(with = "adflux_core::arrays")]
    labels: Vec<u32>,
    cost: f64,
    n_iter: usize,
    converged: bool,
}

/// What a file says: the same, not yet checked.
#[derive(Deserialize)]
struct SavedKPrototypes {
    shape: Shape,
    gamma: f64,
    #[serde(with = "adflux_core::arrays")]
    centers: Array2<f64>,
    #[serde(with = "adflux_core::arrays")]
    modes: Vec<u32>,
    #[serde(with = "adflux_core::arrays")]
    counts: Vec<u64>,
    #[serde(with = "adflux_core::arrays")]
    weights: Vec<f64>,
    #[serde(default, with = "adflux_core::arrays")]
    labels: Vec<u32>,
    cost: f64,
    n_iter: usize,
    converged: bool,
}

impl TryFrom<SavedKPrototypes> for KPrototypesModel {
    type Error = String;

    fn try_from(saved: SavedKPrototypes) -> std::result::Result<Self, String> {
        let SavedKPrototypes { shape, gamma, centers, modes, counts, weights, labels, cost, n_iter, converged } = saved;
        let (k, categories) = (centers.nrows(), shape.categories.len());
        if k == 0 || counts.len() != k || weights.len() != k || modes.len() != k * categories {
            return Err("the numbers of prototypes, modes, counts and weights do not fit together".into());
        }
        if centers.ncols() != shape.numeric.len() || centers.ncols() + categories == 0 {
            return Err("the numbers of columns and of coordinates differ".into());
        }
        if centers.iter().any(|v| !v.is_finite()) || !(gamma >= 0.0 && gamma.is_finite()) {
            return Err("a prototype or gamma is not a finite number".into());
        }
        if modes.iter().enumerate().any(|(i, code)| *code as usize >= shape.categories[i % categories].codes()) {
            return Err("a prototype has a level that there is not".into());
        }
        labels::check(&labels, k)?;
        Ok(KPrototypesModel { shape, gamma, centers, modes, counts, weights, labels, cost, n_iter, converged })
    }
}

impl KPrototypesModel {
    /// The model of a run on the rows that count, and their segments, numbered by weight.
    pub(super) fn from_run(run: Run, data: &Data, shape: Shape, counted: &Counted) -> (Self, Vec<u32>) {
        let Run { prototypes, mut segments, cost, n_iter, converged } = run;
        let ranked = Ranked::by_weight(&segments, prototypes.len(), |row| counted.weight(row));
        ranked.renumber(&mut segments);
        let model = KPrototypesModel {
            gamma: data.gamma,
            centers: prototypes.centers.select(Axis(0), &ranked.order),
            modes: ranked.order.iter().flat_map(|&segment| prototypes.of(segment).1.to_vec()).collect(),
            counts: ranked.counts,
            weights: ranked.weights.into_iter().map(|weight| times(weight, counted.exponent())).collect(),
            labels: counted.to_all(segments.clone()),
            cost: times(cost, counted.exponent()),
            n_iter,
            converged,
            shape,
        };
        (model, segments)
    }

    /// The means of the numbers: segments × numeric columns, the heaviest segment first.
    pub fn centers(&self) -> &Array2<f64> {
        &self.centers
    }

    /// The most frequent level of a categorical column in a segment; `None` where it is mostly missing.
    ///
    /// # Errors
    /// When there is no such segment or categorical column.
    pub fn mode(&self, segment: usize, column: &str) -> Result<Option<&str>> {
        let categories = &self.shape.categories;
        let place = categories.iter().position(|c| c.column.name == column).ok_or_else(|| Error::MissingColumns {
            missing: vec![column.into()],
            available: categories.iter().map(|c| c.column.name.clone()).collect(),
        })?;
        if segment >= self.counts.len() {
            let reason = format!("there are {} segments, counted from 0", self.counts.len());
            return Err(Error::parameter("segment", segment, reason));
        }
        Ok(categories[place].level(self.modes[segment * categories.len() + place]))
    }

    /// The categorical columns, in order.
    pub fn categories(&self) -> impl Iterator<Item = &Column> {
        self.shape.categories.iter().map(|c| &c.column)
    }

    /// The number of training rows of weight above 0 in each segment.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The weight of the training rows in each segment; their number, without weights.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The segment of each training row, `None` for rows of weight 0.
    #[doc(alias = "labels_")]
    pub fn labels(&self) -> Vec<Option<u32>> {
        to_options(&self.labels)
    }

    /// What a category that differs counts.
    pub fn gamma(&self) -> f64 {
        self.gamma
    }

    /// The weighted sum of the dissimilarities of the training rows to their prototypes.
    pub fn cost(&self) -> f64 {
        self.cost
    }

    /// The iterations of the start that was kept.
    pub fn n_iter(&self) -> usize {
        self.n_iter
    }

    /// Whether that start came to an end before `max_iter`.
    pub fn converged(&self) -> bool {
        self.converged
    }

    /// The dissimilarity of each row to each prototype: rows × segments.
    ///
    /// # Errors
    /// When the columns are not those of the training data, or a number is not finite.
    pub fn transform(&self, x: &Features) -> Result<Array2<f64>> {
        let rows = self.shape.read(x, KIND)?;
        let prototypes = Prototypes { centers: self.centers.clone(), modes: self.modes.clone() };
        let k = prototypes.len();
        let mut all = Array2::zeros((rows.rows, k));
        let of_row = |(row, all): (usize, &mut [f64])| {
            let row = (rows.numbers_of(row), rows.codes_of(row));
            all.iter_mut().enumerate().for_each(|(k, to)| *to = dissimilarity(row, prototypes.of(k), self.gamma));
        };
        all.as_slice_mut().unwrap_or_default().par_chunks_mut(k).enumerate().for_each(of_row);
        Ok(all)
    }

    /// The rows as points whose squared distances are the dissimilarities: the numbers, and √(gamma / 2) in a column for each level
    /// of each category. For measures of segments that take points, such as the silhouette.
    ///
    /// # Errors
    /// As [`transform`](Self::transform).
    pub fn points(&self, x: &Features) -> Result<Array2<f64>> {
        Ok(points(&self.shape.read(x, KIND)?, &self.shape.categories, self.gamma))
    }
}

pub(super) fn points(rows: &Mixed, categories: &[Category], gamma: f64) -> Array2<f64> {
    let (numeric, side) = (rows.numbers.ncols(), (gamma / 2.0).sqrt());
    let width = numeric + categories.iter().map(Category::codes).sum::<usize>();
    let mut points = Array2::zeros((rows.rows, width));
    for (row, mut point) in points.rows_mut().into_iter().enumerate() {
        point.slice_mut(ndarray::s![..numeric]).assign(&rows.numbers.row(row));
        let mut first = numeric;
        for (&code, category) in rows.codes_of(row).iter().zip(categories) {
            // A level that training did not have lies nowhere.
            if (code as usize) < category.codes() {
                point[first + code as usize] = side;
            }
            first += category.codes();
        }
    }
    points
}

impl Predict<Features> for KPrototypesModel {
    type Output = Segments;

    /// The segment of each row: that of the nearest prototype, the lower number of equals. Its strength is the simplified silhouette
    /// of the square roots of the dissimilarities, (b − a) / max(a, b) with a to the own prototype and b to the next.
    ///
    /// # Errors
    /// When the columns are not those of the training data, or a number is not finite.
    fn predict(&self, x: &Features) -> Result<Segments> {
        let distances = self.transform(x)?.mapv(f64::sqrt);
        let nearest = |row: ndarray::ArrayView1<f64>| {
            let least = |best: (u32, f64), (k, &v): (usize, &f64)| if v < best.1 { (k as u32, v) } else { best };
            row.iter().enumerate().fold((0, f64::INFINITY), least).0
        };
        let segments = distances.rows().into_iter().map(nearest).collect();
        Ok(centers::with_strength(&distances, segments))
    }
}

adflux_core::component!(KPrototypesModel, "k-prototypes", version = 1);
