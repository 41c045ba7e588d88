//! What a tree learns: how a row adds to a histogram, and what a leaf says.
//!
//! Variance and Gini impurity are one formula: the Gini impurity of classes is the variance of their indicators summed
//! over classes. So a split is judged by sums alone, Σw and Σw·y for each output, whatever is learned.

use super::monotone::Bounds;

/// The outcome of every row.
pub(crate) trait Outcome: Sync {
    /// What is carried for a row while a tree grows: rows of a node lie side by side, so that its histograms read memory
    /// in order.
    type Sample: Copy + Send;
    /// A cell of a histogram, `[rows, Σw, Σw·y for each output]`: an array where the number of outputs is known, so that
    /// sums stay in registers.
    type Sums: AsRef<[f64]> + AsMut<[f64]> + Default + Send;

    /// A cell of zeros.
    fn zeros(&self) -> Self::Sums;
    /// The sample of `row`, which counts `weight` > 0.
    fn sample(&self, row: u32, weight: f64) -> Self::Sample;
    /// The row of a sample.
    fn row(sample: &Self::Sample) -> u32;
    /// The number of outputs: of a leaf, and of a cell behind the row count and the weight.
    fn outputs(&self) -> usize;
    /// Whether the last output tells all: a number, or the share of the second of two classes.
    fn one_number(&self) -> bool;
    /// Adds a sample to a cell.
    fn add(&self, sample: &Self::Sample, cell: &mut [f64]);
    /// Whether two samples have the same outcome.
    fn same(&self, a: &Self::Sample, b: &Self::Sample) -> bool;
    /// What a sample counts.
    fn weight_of(sample: &Self::Sample) -> f64;
    /// What samples count together.
    fn weight(&self, samples: &[Self::Sample]) -> f64 {
        samples.iter().map(Self::weight_of).sum()
    }
    /// Appends what a leaf of these samples says. Bounds are of the last output, and as sums tell it.
    fn leaf(&self, samples: &[Self::Sample], bounds: Bounds, to: &mut Vec<f64>);
}

/// Where a target lies, and the unit in which its sums are counted.
#[derive(Clone, Copy)]
struct Unit {
    centre: f64,
    scale: f64,
}

impl Unit {
    /// Bounds of sums as those of the target.
    fn of_target(self, bounds: Bounds) -> Bounds {
        let value = |scaled: f64| self.centre + scaled * self.scale;
        Bounds { least: value(bounds.least), most: value(bounds.most) }
    }
}

/// Centres and scales a target, so that sums of squares neither cancel nor depend on units. Rows of weight 0 have no say.
fn standardised(y: &[f64], weights: &[f64]) -> (Vec<f64>, Unit) {
    let counted = || y.iter().zip(weights).filter(|(_, w)| **w > 0.0);
    let total: f64 = weights.iter().sum();
    let mean = counted().map(|(y, w)| y * w).sum::<f64>() / total;
    let range = counted().map(|(y, _)| (y - mean).abs()).fold(0.0, f64::max);
    if range == 0.0 || !range.is_finite() {
        return (vec![0.0; y.len()], Unit { centre: mean, scale: 1.0 });
    }
    let spread = counted().map(|(y, w)| ((y - mean) / range).powi(2) * w).sum::<f64>() / total;
    let scale = if spread > 0.0 { range * spread.sqrt() } else { range };
    (y.iter().map(|y| (y - mean) / scale).collect(), Unit { centre: mean, scale })
}

/// One number a row.
pub(crate) struct Single<'a> {
    y: &'a [f64],
    scaled: Vec<f64>,
    unit: Unit,
}

impl<'a> Single<'a> {
    pub(crate) fn new(y: &'a [f64], weights: &[f64]) -> Self {
        let (scaled, unit) = standardised(y, weights);
        Single { y, scaled, unit }
    }
}

/// A row of [`Single`].
#[derive(Clone, Copy)]
pub(crate) struct SingleSample {
    row: u32,
    weight: f64,
    moment: f64,
}

impl Outcome for Single<'_> {
    type Sample = SingleSample;
    type Sums = [f64; 3];

    fn zeros(&self) -> [f64; 3] {
        [0.0; 3]
    }
    fn sample(&self, row: u32, weight: f64) -> SingleSample {
        SingleSample { row, weight, moment: weight * self.scaled[row as usize] }
    }
    #[inline]
    fn row(sample: &SingleSample) -> u32 {
        sample.row
    }
    fn weight_of(sample: &SingleSample) -> f64 {
        sample.weight
    }
    #[inline]
    fn outputs(&self) -> usize {
        1
    }
    fn one_number(&self) -> bool {
        true
    }
    #[inline]
    fn add(&self, sample: &SingleSample, cell: &mut [f64]) {
        cell[0] += 1.0;
        cell[1] += sample.weight;
        cell[2] += sample.moment;
    }
    #[inline]
    fn same(&self, a: &SingleSample, b: &SingleSample) -> bool {
        self.y[a.row as usize] == self.y[b.row as usize]
    }
    fn leaf(&self, samples: &[SingleSample], bounds: Bounds, to: &mut Vec<f64>) {
        let mean = mean(samples.iter().map(|s| (self.y[s.row as usize], s.weight)));
        to.push(self.unit.of_target(bounds).clip(mean));
    }
}

/// Several numbers a row, each centred and scaled by its standard deviation: an output in cents counts for a split as much
/// as one in thousands.
pub(crate) struct Multi {
    outputs: usize,
    /// Rows × outputs.
    y: Vec<f64>,
    scaled: Vec<f64>,
    /// Of the last output.
    unit: Unit,
}

impl Multi {
    pub(crate) fn new(y: ndarray::ArrayView2<'_, f64>, weights: &[f64]) -> Self {
        let mut scaled = ndarray::Array2::zeros(y.raw_dim());
        let mut last = Unit { centre: 0.0, scale: 1.0 };
        for (from, mut to) in y.columns().into_iter().zip(scaled.columns_mut()) {
            let (column, unit) = standardised(&from.to_vec(), weights);
            to.assign(&ndarray::Array1::from(column));
            last = unit;
        }
        Multi { outputs: y.ncols(), y: y.iter().copied().collect(), scaled: scaled.into_iter().collect(), unit: last }
    }

    fn of<'a>(&self, all: &'a [f64], row: u32) -> &'a [f64] {
        &all[row as usize * self.outputs..][..self.outputs]
    }
}

/// A row of [`Multi`] or [`Classes`]; `class` is of the latter.
#[derive(Clone, Copy)]
pub(crate) struct WeightedRow {
    row: u32,
    class: u32,
    weight: f64,
}

impl Outcome for Multi {
    type Sample = WeightedRow;
    type Sums = Vec<f64>;

    fn zeros(&self) -> Vec<f64> {
        vec![0.0; 2 + self.outputs]
    }
    fn sample(&self, row: u32, weight: f64) -> WeightedRow {
        WeightedRow { row, class: 0, weight }
    }
    #[inline]
    fn row(sample: &WeightedRow) -> u32 {
        sample.row
    }
    fn weight_of(sample: &WeightedRow) -> f64 {
        sample.weight
    }
    #[inline]
    fn outputs(&self) -> usize {
        self.outputs
    }
    fn one_number(&self) -> bool {
        self.outputs == 1
    }
    #[inline]
    fn add(&self, sample: &WeightedRow, cell: &mut [f64]) {
        cell[0] += 1.0;
        cell[1] += sample.weight;
        for (sum, y) in cell[2..].iter_mut().zip(self.of(&self.scaled, sample.row)) {
            *sum += sample.weight * y;
        }
    }
    fn same(&self, a: &WeightedRow, b: &WeightedRow) -> bool {
        self.of(&self.y, a.row) == self.of(&self.y, b.row)
    }
    fn leaf(&self, samples: &[WeightedRow], bounds: Bounds, to: &mut Vec<f64>) {
        to.extend((0..self.outputs).map(|k| mean(samples.iter().map(|s| (self.of(&self.y, s.row)[k], s.weight)))));
        if let Some(last) = to.last_mut() {
            *last = self.unit.of_target(bounds).clip(*last);
        }
    }
}

/// A class a row.
pub(crate) struct Classes<'a> {
    pub(crate) codes: &'a [u32],
    pub(crate) classes: usize,
}

impl Outcome for Classes<'_> {
    type Sample = WeightedRow;
    type Sums = Vec<f64>;

    fn zeros(&self) -> Vec<f64> {
        vec![0.0; 2 + self.classes]
    }
    fn sample(&self, row: u32, weight: f64) -> WeightedRow {
        WeightedRow { row, class: self.codes[row as usize], weight }
    }
    #[inline]
    fn row(sample: &WeightedRow) -> u32 {
        sample.row
    }
    fn weight_of(sample: &WeightedRow) -> f64 {
        sample.weight
    }
    #[inline]
    fn outputs(&self) -> usize {
        self.classes
    }
    fn one_number(&self) -> bool {
        self.classes <= 2
    }
    #[inline]
    fn add(&self, sample: &WeightedRow, cell: &mut [f64]) {
        cell[0] += 1.0;
        cell[1] += sample.weight;
        cell[2 + sample.class as usize] += sample.weight;
    }
    #[inline]
    fn same(&self, a: &WeightedRow, b: &WeightedRow) -> bool {
        a.class == b.class
    }
    fn leaf(&self, samples: &[WeightedRow], bounds: Bounds, to: &mut Vec<f64>) {
        let from = to.len();
        to.resize(from + self.classes, 0.0);
        for s in samples {
            to[from + s.class as usize] += s.weight;
        }
        let total: f64 = to[from..].iter().sum();
        to[from..].iter_mut().for_each(|p| *p /= total);
        if let [first, second] = &mut to[from..]
            && !bounds.hold(*second)
        {
            *second = bounds.clip(*second);
            *first = 1.0 - *second;
        }
    }
}

/// The weighted mean; equal numbers have exactly that number as their mean.
fn mean(mut items: impl Iterator<Item = (f64, f64)>) -> f64 {
    let Some((first, weight)) = items.next() else { return f64::NAN };
    let (apart, total) = items.fold((0.0, weight), |(apart, total), (y, w)| (apart + (y - first) * w, total + w));
    first + apart / total
}
