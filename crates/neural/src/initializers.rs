//! [`Initializer`]: the weights a layer starts from.

use adflux_core::{Result, parameter::ensure, random::Rng};
use rand::RngExt as _;
use rand_distr::{Distribution as _, StandardNormal};
use serde::{Deserialize, Serialize};

/// The weights a layer starts from: Keras's list, with its defaults. `fan_in` and `fan_out` are the numbers that go into and come
/// out of one place of the layer; random ones are drawn from the seed of the network and the place of the weight in it.
///
/// Reference: Glorot & Bengio (2010), He et al. (2015), LeCun et al. (1998), Saxe et al. (2014) for orthogonal weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", rename_all_fields = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Initializer {
    /// Uniform within ±√(6 / (fan_in + fan_out)): the default of most layers.
    GlorotUniform,
    /// Truncated normal of variance 2 / (fan_in + fan_out).
    GlorotNormal,
    /// Uniform within ±√(6 / fan_in): for relu.
    HeUniform,
    /// Truncated normal of variance 2 / fan_in.
    HeNormal,
    /// Uniform within ±√(3 / fan_in): for selu.
    LecunUniform,
    /// Truncated normal of variance 1 / fan_in.
    LecunNormal,
    /// Columns at right angles: for the recurrent weights of LSTM and GRU.
    Orthogonal,
    /// All 0.
    Zeros,
    /// All 1.
    Ones,
    /// All the same number.
    Constant(f64),
    /// Uniform within ±`limit` (Keras: 0.05).
    RandomUniform {
        /// The largest magnitude.
        limit: f64,
    },
    /// Normal about 0 (Keras: 0.05).
    RandomNormal {
        /// The standard deviation.
        stddev: f64,
    },
    /// Normal about 0, drawn again beyond two standard deviations (Keras: 0.05).
    TruncatedNormal {
        /// The standard deviation before cutting.
        stddev: f64,
    },
}

/// The standard deviation of a normal distribution that is cut at ±2.
const CUT_AT_TWO: f64 = 0.879_625_661_034_239_8;

impl Initializer {
    pub(crate) fn check(self) -> Result<()> {
        let number = match self {
            Initializer::Constant(v) => return ensure(v.is_finite(), "initializer", v, "must be a finite number"),
            Initializer::RandomUniform { limit } => limit,
            Initializer::RandomNormal { stddev } | Initializer::TruncatedNormal { stddev } => stddev,
            _ => return Ok(()),
        };
        ensure(number.is_finite() && number >= 0.0, "initializer", number, "must be a finite number, 0 or more")
    }

    /// The weights of `shape` in row-major order.
    pub(crate) fn draw(self, shape: &[usize], rng: &mut Rng) -> Vec<f32> {
        let (fan_in, fan_out) = fans(shape);
        let count = shape.iter().product();
        let both = (fan_in + fan_out) / 2.0;
        match self {
            Initializer::GlorotUniform => uniform(count, (3.0 / both).sqrt(), rng),
            Initializer::HeUniform => uniform(count, (6.0 / fan_in).sqrt(), rng),
            Initializer::LecunUniform => uniform(count, (3.0 / fan_in).sqrt(), rng),
            Initializer::GlorotNormal => truncated(count, both.recip().sqrt() / CUT_AT_TWO, rng),
            Initializer::HeNormal => truncated(count, (2.0 / fan_in).sqrt() / CUT_AT_TWO, rng),
            Initializer::LecunNormal => truncated(count, fan_in.recip().sqrt() / CUT_AT_TWO, rng),
            Initializer::Orthogonal => orthogonal(shape, rng),
            Initializer::Zeros => vec![0.0; count],
            Initializer::Ones => vec![1.0; count],
            Initializer::Constant(value) => vec![value as f32; count],
            Initializer::RandomUniform { limit } => uniform(count, limit, rng),
            Initializer::RandomNormal { stddev } => (0..count).map(|_| (normal(rng) * stddev) as f32).collect(),
            Initializer::TruncatedNormal { stddev } => truncated(count, stddev, rng),
        }
    }
}

/// Numbers that go into and come out of one place. Axes before the last two are those of a filter.
fn fans(shape: &[usize]) -> (f64, f64) {
    let of = |n: usize| n.max(1) as f64;
    match *shape {
        [] => (1.0, 1.0),
        [n] => (of(n), of(n)),
        [.., inputs, outputs] => {
            let filter = of(shape[..shape.len() - 2].iter().product());
            (of(inputs) * filter, of(outputs) * filter)
        }
    }
}

fn uniform(count: usize, limit: f64, rng: &mut Rng) -> Vec<f32> {
    (0..count).map(|_| ((rng.random::<f64>() * 2.0 - 1.0) * limit) as f32).collect()
}

fn normal(rng: &mut Rng) -> f64 {
    StandardNormal.sample(rng)
}

fn truncated(count: usize, stddev: f64, rng: &mut Rng) -> Vec<f32> {
    let mut one = || loop {
        let z = normal(rng);
        if z.abs() <= 2.0 {
            return (z * stddev) as f32;
        }
    };
    (0..count).map(|_| one()).collect()
}

/// A matrix of the last axis whose shorter side is orthonormal, by Gram–Schmidt (twice, which is enough in f64).
fn orthogonal(shape: &[usize], rng: &mut Rng) -> Vec<f32> {
    let columns = shape.last().copied().unwrap_or(1).max(1);
    let rows = shape.iter().product::<usize>() / columns;
    let (many, length) = (rows.min(columns), rows.max(columns));
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(many);
    while basis.len() < many {
        let mut v: Vec<f64> = (0..length).map(|_| normal(rng)).collect();
        for _ in 0..2 {
            for other in &basis {
                let along: f64 = v.iter().zip(other).map(|(a, b)| a * b).sum();
                v.iter_mut().zip(other).for_each(|(a, b)| *a -= along * b);
            }
        }
        let norm = v.iter().map(|a| a * a).sum::<f64>().sqrt();
        if norm > 1e-6 {
            v.iter_mut().for_each(|a| *a /= norm);
            basis.push(v);
        }
    }
    let at = |row: usize, column: usize| if rows >= columns { basis[column][row] } else { basis[row][column] };
    (0..rows * columns).map(|i| at(i / columns, i % columns) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_core::random::stream;

    fn moments(of: &[f32]) -> (f64, f64, f64) {
        let n = of.len() as f64;
        let mean = of.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
        let variance = of.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / n;
        (mean, variance, of.iter().fold(0.0, |most, v| f64::from(v.abs()).max(most)))
    }

    #[test]
    fn random_weights_have_the_variance_of_their_fans() {
        let shape = [200, 300];
        let cases: [(Initializer, f64); 8] = [
            (Initializer::GlorotUniform, 2.0 / 500.0),
            (Initializer::GlorotNormal, 2.0 / 500.0),
            (Initializer::HeUniform, 2.0 / 200.0),
            (Initializer::HeNormal, 2.0 / 200.0),
            (Initializer::LecunUniform, 1.0 / 200.0),
            (Initializer::LecunNormal, 1.0 / 200.0),
            (Initializer::RandomUniform { limit: 0.05 }, 0.05 * 0.05 / 3.0),
            (Initializer::RandomNormal { stddev: 0.05 }, 0.0025),
        ];
        for (place, (initializer, expected)) in cases.into_iter().enumerate() {
            let (mean, variance, _) = moments(&initializer.draw(&shape, &mut stream(1, &[place as u64])));
            assert!(mean.abs() < 0.02 * expected.sqrt() + 1e-4, "{initializer:?}: mean {mean}");
            assert!((variance / expected - 1.0).abs() < 0.03, "{initializer:?}: {variance} for {expected}");
        }
        let (_, _, most) = moments(&Initializer::TruncatedNormal { stddev: 0.05 }.draw(&shape, &mut stream(1, &[])));
        assert!(most <= 0.1);
    }

    #[test]
    fn a_filter_counts_in_the_fans() {
        assert_eq!(fans(&[3, 3, 8, 16]), (72.0, 144.0));
        assert_eq!(fans(&[7]), (7.0, 7.0));
    }

    #[test]
    fn orthogonal_weights_are_orthonormal_along_the_shorter_side() {
        for shape in [[8, 20], [20, 8], [6, 6]] {
            let w = Initializer::Orthogonal.draw(&shape, &mut stream(3, &[]));
            let at = |r: usize, c: usize| f64::from(w[r * shape[1] + c]);
            let short = shape[0].min(shape[1]);
            for i in 0..short {
                for j in 0..short {
                    let product: f64 = if shape[0] >= shape[1] {
                        (0..shape[0]).map(|r| at(r, i) * at(r, j)).sum()
                    } else {
                        (0..shape[1]).map(|c| at(i, c) * at(j, c)).sum()
                    };
                    assert!((product - f64::from(u8::from(i == j))).abs() < 1e-5, "{shape:?} {i} {j}: {product}");
                }
            }
        }
    }
}
