//! Weighted sums of products of all columns: what linear models are solved from.

use super::{
    design::Design,
    passes::{block_sums, dot, plus},
    products::Products,
};
use adflux_core::{Features, Result, widest};
use std::ops::Range;

/// Sums of products of the columns of a design, of more columns beside it, and of a column of ones behind them.
#[derive(Clone, Debug)]
pub(crate) struct Moments {
    /// Columns, without the ones.
    size: usize,
    /// (size + 1)² numbers, both triangles.
    products: Vec<f64>,
}

/// [`Moments`] about the means.
pub(crate) struct Centred {
    pub(crate) weight: f64,
    pub(crate) means: Vec<f64>,
    size: usize,
    products: Vec<f64>,
}

impl Moments {
    /// Of the rows in `rows`; `beside` are further columns, such as the target.
    pub(crate) fn of(design: &Design<'_>, beside: &[&[f64]], weights: Option<&[f64]>, rows: Range<usize>) -> Self {
        let size = design.width() + beside.len();
        let places = (size + 1) * (size + 1);
        let few = design.table.stored_per_row().powi(2) * 8.0 < (design.width() as f64).powi(2);
        let first = rows.start;
        let of = |block: Range<usize>, sums: &mut [f64]| {
            let block = block.start + first..block.end + first;
            match few {
                true => sparse(design, beside, weights, block, sums),
                false => widest::run(Products { design, beside, weights, rows: block, sums }),
            }
        };
        let mut products = block_sums(rows.len(), places, of, plus);
        for i in 0..=size {
            for j in 0..i {
                products[j * (size + 1) + i] = products[i * (size + 1) + j];
            }
        }
        Moments { size, products }
    }

    /// Of the rows of all.
    pub(crate) fn sum(parts: &[Moments]) -> Moments {
        let mut products = vec![0.0; parts.first().map_or(0, |p| p.products.len())];
        parts.iter().for_each(|part| plus(&mut products, &part.products));
        Moments { size: parts.first().map_or(0, |p| p.size), products }
    }

    /// The sum of the weights.
    pub(crate) fn weight(&self) -> f64 {
        self.products.last().copied().unwrap_or_default()
    }

    /// The mean of `(y − constant − x·b)²`, y being the column beside the table.
    pub(crate) fn squared_error(&self, b: &[f64], constant: f64) -> f64 {
        let residual: Vec<f64> = b.iter().map(|b| -b).chain([1.0, -constant]).collect();
        let stride = self.size + 1;
        let of = |(i, r): (usize, &f64)| {
            if *r == 0.0 { 0.0 } else { r * dot(&self.products[i * stride..(i + 1) * stride], &residual) }
        };
        residual.iter().enumerate().map(of).sum::<f64>() / self.weight()
    }

    /// Without the rows of `other`, which are among these.
    pub(crate) fn without(&self, other: &Moments) -> Moments {
        let products = self.products.iter().zip(&other.products).map(|(a, b)| a - b).collect();
        Moments { size: self.size, products }
    }

    /// Whether the first `of` columns were moved near enough to their means, if at all, and scaled near enough to 1, for the sums to
    /// have kept their digits.
    fn kept(&self, of: usize, moved: bool) -> bool {
        let (stride, weight) = (self.size + 1, self.weight());
        (0..of).all(|j| {
            let square = self.products[j * stride + j] / weight;
            let mean = self.products[self.size * stride + j] / weight;
            (1e-100..1e100).contains(&square) && (!moved || 16.0 * mean * mean <= square)
        })
    }

    /// About the means, or about 0 when there is no intercept to take them up.
    pub(crate) fn about_means(&self, intercept: bool) -> Centred {
        let (size, stride) = (self.size, self.size + 1);
        let ones = &self.products[size * stride..];
        let weight = ones[size];
        let means: Vec<f64> = ones[..size].iter().map(|sum| if intercept { sum / weight } else { 0.0 }).collect();
        let mut products = vec![0.0; size * size];
        for i in 0..size {
            for j in 0..size {
                products[i * size + j] = self.products[i * stride + j] - means[i] * ones[j];
            }
        }
        Centred { weight, means, size, products }
    }

    /// The first `of` columns with the ones behind them: (of + 1)² numbers.
    pub(crate) fn with_ones(&self, of: usize) -> Vec<f64> {
        let stride = self.size + 1;
        let place = |i: usize| if i < of { i } else { self.size };
        (0..=of)
            .flat_map(|i| (0..=of).map(move |j| (i, j)))
            .map(|(i, j)| self.products[place(i) * stride + place(j)])
            .collect()
    }

    /// All of them in another order: the first `of` columns, the ones, then the columns beside the table.
    pub(crate) fn ones_before(&self, of: usize) -> Vec<f64> {
        let stride = self.size + 1;
        let order: Vec<usize> = (0..of).chain([self.size]).chain(of..self.size).collect();
        order.iter().flat_map(|i| order.iter().map(move |j| self.products[i * stride + j])).collect()
    }

    /// The products of the first `of` columns, and of the ones, with the first column beside the table.
    pub(crate) fn with_column(&self, of: usize) -> Vec<f64> {
        let stride = self.size + 1;
        (0..=of).map(|i| self.products[of * stride + if i < of { i } else { self.size }]).collect()
    }
}

impl Centred {
    pub(crate) fn get(&self, i: usize, j: usize) -> f64 {
        self.products[i * self.size + j]
    }

    /// The products of the first `of` columns: of × of.
    pub(crate) fn gram(&self, of: usize) -> Vec<f64> {
        (0..of).flat_map(|i| self.products[i * self.size..i * self.size + of].iter().copied()).collect()
    }

    /// The products of the first `of` columns with column `with`.
    pub(crate) fn with(&self, with: usize, of: usize) -> Vec<f64> {
        self.products[with * self.size..with * self.size + of].to_vec()
    }
}

/// The design of a table, and the moments of some parts of its rows that together are all of them. One pass over the data where a
/// guess from some rows is good enough to move and scale the columns by, which shows in the sums, and two where it is not.
///
/// # Errors
/// As [`Design::new`], and when there are more columns than products are made of.
pub(super) fn in_one_pass<'a>(
    x: &'a Features,
    step: &str,
    weights: Option<&[f64]>,
    center: bool,
    beside: &[&[f64]],
    parts: &[Range<usize>],
) -> Result<(Design<'a>, Vec<Moments>)> {
    let of = |design: &Design<'_>| -> Vec<Moments> {
        parts.iter().map(|part| Moments::of(design, beside, weights, part.clone())).collect()
    };
    if let Some(guess) = Design::guessed(x, step, weights, center)? {
        guess.require_products(step)?;
        let moments = of(&guess);
        if Moments::sum(&moments).kept(guess.width(), center) {
            return Ok((guess, moments));
        }
    }
    let design = Design::new(x, step, weights, center)?;
    design.require_products(step)?;
    let moments = of(&design);
    Ok((design, moments))
}

fn sparse(design: &Design<'_>, beside: &[&[f64]], weights: Option<&[f64]>, rows: Range<usize>, sums: &mut [f64]) {
    let width = design.width();
    let stride = width + beside.len() + 1;
    let mut stored = Vec::new();
    for row in rows {
        design.stored(row, &mut stored);
        stored.extend(beside.iter().enumerate().map(|(at, column)| (width + at, column[row])));
        stored.push((stride - 1, 1.0));
        let weight = weights.map_or(1.0, |w| w[row]);
        for (at, &(i, a)) in stored.iter().enumerate() {
            let a = a * weight;
            for &(j, b) in &stored[..=at] {
                // Stored columns need not stand in order.
                sums[i.max(j) * stride + i.min(j)] += a * b;
            }
        }
    }
}
