//! Newton's method for generalised linear models, with steps that are shortened until they help.

use super::{Family, Link};
use crate::linear::{
    cholesky::Cholesky,
    coefficients::Coefficients,
    design::{Design, overflow},
    moments::Moments,
    passes::dot,
};
use adflux_core::{
    Context, Error, Features, Result, Training,
    parameter::{between_one_and, ensure, non_negative, positive},
    rates,
};
use ndarray::Array1;
use rayon::prelude::*;

/// Steps at most that `max_iter` may ask for.
const MOST_STEPS: usize = 1_000_000;

/// What is fitted: minimises `Σ w·d(y, μ) / (2 Σ w) + alpha·|b|² / 2`, d being the deviance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Problem<'a> {
    pub(super) step: &'static str,
    pub(super) family: Family,
    pub(super) link: Link,
    pub(super) alpha: f64,
    pub(super) fit_intercept: bool,
    pub(super) max_iter: usize,
    pub(super) tol: f64,
    /// The column whose coefficient is 1.
    pub(super) offset: Option<&'a str>,
}

/// What is added to the line of each row.
struct Offset {
    place: usize,
    values: Vec<f64>,
}

/// Where it ended.
pub(super) struct Answer {
    pub(super) coefficients: Coefficients,
    pub(super) iterations: usize,
    pub(super) converged: bool,
}

impl Problem<'_> {
    fn check(&self) -> Result<()> {
        self.family.check()?;
        non_negative("alpha", self.alpha)?;
        between_one_and(MOST_STEPS, "max_iter", self.max_iter)?;
        positive("tol", self.tol)?;
        let from_zero = self.fit_intercept || self.family.allows(self.link.mean(0.0));
        ensure(from_zero, "fit_intercept", false, "with this link 0 is no mean of this family: keep the intercept")
    }

    pub(super) fn fit(&self, data: &Training<Features>, context: &Context) -> Result<Answer> {
        self.check()?;
        data.validate()?;
        context.check()?;
        let (y, weights) = self.rates(data)?;
        let total: f64 = weights.iter().sum();
        if total <= 0.0 {
            return Err(Error::column(
                "exposure",
                "no row has both weight and exposure: nothing is left to learn from",
            ));
        }
        context.run(|| {
            let design = Design::new(&data.x, self.step, Some(&weights), self.fit_intercept)?;
            design.require_products(self.step)?;
            let shares: Vec<f64> = weights.iter().map(|w| w / total).collect();
            let offset = self.offset(&data.x, &design)?;
            let (line, iterations, converged) = self.descend(&design, &y, &shares, offset.as_ref(), context)?;
            let width = design.width();
            let (mut weights, shift) = design.in_units(&line[..width]);
            if let Some(offset) = &offset {
                weights[offset.place] = 1.0;
            }
            let intercept = if self.fit_intercept { line[width] + shift } else { 0.0 };
            let coefficients = Coefficients::line(&data.x, weights, intercept)?;
            Ok(Answer { coefficients, iterations, converged })
        })
    }

    /// The target for one unit of exposure, and how much each row then counts.
    fn rates(&self, data: &Training<Features>) -> Result<(Vec<f64>, Vec<f64>)> {
        let y = data.totals(self.step)?;
        let (y, weights) = match &data.exposure {
            Some(_) if self.family != Family::Binomial && self.link != Link::Log => {
                let reason = "an exposure multiplies the mean: that needs the link log, or the family binomial";
                return Err(Error::parameter("link", self.link, reason));
            }
            Some(exposure) => rates(y, data.weights.as_ref(), exposure, self.family.power())?,
            None => (y.clone(), data.weights.clone().unwrap_or_else(|| Array1::ones(y.len()))),
        };
        let (y, weights) = (y.to_vec(), weights.to_vec());
        self.family.check_target(&y, &weights)?;
        Ok((y, weights))
    }

    /// The column whose coefficient is 1, as it stands in the table.
    fn offset(&self, x: &Features, design: &Design<'_>) -> Result<Option<Offset>> {
        let Some(name) = self.offset else { return Ok(None) };
        let Some(place) = x.columns().position(|column| column.name == name) else {
            let available = x.columns().map(|column| column.name.clone()).collect();
            return Err(Error::MissingColumns { missing: vec![name.into()], available });
        };
        let mut alone = vec![0.0; design.width() + 1];
        (alone[place], alone[design.width()]) = (design.scale[place].recip(), design.center[place]);
        Ok(Some(Offset { place, values: design.scores(&alone) }))
    }

    /// Coefficients of the moved and scaled columns, with the intercept behind them; 0 for that of the offset.
    fn descend(
        &self,
        design: &Design<'_>,
        y: &[f64],
        shares: &[f64],
        offset: Option<&Offset>,
        context: &Context,
    ) -> Result<(Vec<f64>, usize, bool)> {
        let width = design.width();
        let size = width + usize::from(self.fit_intercept);
        let unit = self.unit(y, shares)?;
        let mut line = vec![0.0; width + 1];
        if self.fit_intercept {
            let mean_of = |offset: &Offset| offset.values.iter().zip(shares).map(|(o, s)| o * s).sum::<f64>();
            line[width] = self.link.of(self.mean(y, shares)?) - offset.map_or(0.0, mean_of);
        }
        let is_offset = |j: usize| offset.is_some_and(|offset| offset.place == j);
        let penalty: Vec<f64> = design.scale.iter().map(|s| self.alpha * s * s).collect();
        let penalised = |line: &[f64]| -> f64 {
            0.5 * line[..width].iter().zip(&penalty).map(|(b, p)| if *p > 0.0 { b * b * p } else { 0.0 }).sum::<f64>()
        };
        let mut eta = offset.map_or_else(|| vec![0.0; design.rows()], |offset| offset.values.clone());
        eta.iter_mut().for_each(|eta| *eta += line[width]);
        let mut value = self.loss(&eta, y, shares) + penalised(&line);
        if !value.is_finite() {
            return Err(offset.and(self.offset).map_or_else(overflow, |name| {
                Error::column(name, "with this offset a mean is outside the family: bring it to the scale of the link")
            }));
        }
        for iteration in 0..self.max_iter {
            context.check()?;
            context.report("Newton steps", iteration as u64, Some(self.max_iter as u64));
            let (curves, pulls) = self.curves(&eta, y, shares);
            let moments = Moments::of(design, &[&pulls], Some(&curves), 0..design.rows());
            let stride = width + 1;
            let mut hessian = moments.with_ones(width);
            let mut gradient = moments.with_column(width);
            for j in 0..width {
                hessian[j * stride + j] += penalty[j];
                gradient[j] += penalty[j] * line[j];
            }
            if gradient.iter().chain(&hessian).any(|v| !v.is_finite()) {
                return Err(overflow());
            }
            let factor = Cholesky::of_curvature(hessian, stride, |j| j >= size || is_offset(j));
            let mut step: Vec<f64> = gradient.iter().map(|g| -g).collect();
            factor.solve(&mut step);
            let promised = -dot(&step[..size], &gradient[..size]);
            if promised <= 0.0 || !promised.is_finite() {
                return Ok((line, iteration, promised == 0.0));
            }
            let ahead = design.scores(&step);
            let mut length = 1.0;
            loop {
                let tried: Vec<f64> = line.iter().zip(&step).map(|(b, s)| b + length * s).collect();
                let tried_eta: Vec<f64> = eta.par_iter().zip(&ahead).map(|(e, a)| e + length * a).collect();
                let tried_value = self.loss(&tried_eta, y, shares) + penalised(&tried);
                // The last steps gain less than the sum of the losses can show.
                if tried_value <= value - 1e-4 * length * promised
                    || (promised < 1e-11 * unit && tried_value <= value + 1e-12 * value.abs())
                {
                    (line, eta, value) = (tried, tried_eta, tried_value);
                    break;
                }
                length *= 0.5;
                if length < 1e-10 {
                    return Ok((line, iteration, (promised / unit).sqrt() <= self.tol.max(1e-6)));
                }
            }
            if (promised / unit).sqrt() <= self.tol {
                return Ok((line, iteration + 1, true));
            }
        }
        Ok((line, self.max_iter, false))
    }

    /// What a deviance of 1 is in the unit of the target, so that steps end at the same place whatever that unit: the mean
    /// magnitude μ to the power of 2 less that of the variance, and of shares the variance μ (1 − μ).
    fn unit(&self, y: &[f64], shares: &[f64]) -> Result<f64> {
        let mu: f64 = y.iter().zip(shares).filter(|(_, s)| **s > 0.0).map(|(y, s)| y.abs() * s).sum();
        if self.family == Family::Binomial {
            return Ok(if mu > 0.0 && mu < 1.0 { mu * (1.0 - mu) } else { 1.0 });
        }
        if mu == 0.0 {
            return Ok(1.0);
        }
        let unit = mu.powf(2.0 - self.family.power());
        match unit.is_normal() && self.family.variance(mu).is_normal() {
            true => Ok(unit),
            false => {
                let reason = format!("its mean of {mu} has no variance that a number can hold: take another unit");
                Err(Error::column("target", reason))
            }
        }
    }

    /// The mean of the target, a little inside the range of the family where it lies on its edge.
    fn mean(&self, y: &[f64], shares: &[f64]) -> Result<f64> {
        let mean: f64 = y.iter().zip(shares).map(|(y, s)| y * s).sum();
        match self.family {
            Family::Binomial => Ok(mean.clamp(1e-3, 1.0 - 1e-3)),
            _ if self.family.allows(mean) && self.link.of(mean).is_finite() => Ok(mean),
            _ if y.iter().zip(shares).all(|(y, s)| *y == 0.0 || *s == 0.0) => {
                Err(Error::column("target", "all are zero: there is no rate to learn"))
            }
            _ => {
                let reason = format!("its mean of {mean} is none that this link takes: choose another link");
                Err(Error::column("target", reason))
            }
        }
    }

    fn loss(&self, eta: &[f64], y: &[f64], shares: &[f64]) -> f64 {
        let of = |((eta, y), share): ((&f64, &f64), &f64)| {
            if *share == 0.0 {
                return 0.0;
            }
            if (self.family, self.link) == (Family::Binomial, Link::Logit) {
                // ln(1 + e^eta) − y·eta, without overflow.
                return share * (eta.max(0.0) + (-eta.abs()).exp().ln_1p() - y * eta);
            }
            let mu = self.link.mean(*eta);
            if self.family.allows(mu) { share * self.family.loss(*y, mu) } else { f64::INFINITY }
        };
        let blocks = eta.par_chunks(4096).zip(y.par_chunks(4096)).zip(shares.par_chunks(4096));
        let sums: Vec<f64> = blocks.map(|((e, y), s)| e.iter().zip(y).zip(s).map(of).sum()).collect();
        sums.iter().sum()
    }

    /// For each row the curvature of its loss along the scale, and its slope as a multiple of the curvature.
    fn curves(&self, eta: &[f64], y: &[f64], shares: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let power = self.family.power();
        // With the link log the loss itself is curved upwards from power 1 to 2; elsewhere its expectation is taken (Fisher scoring).
        let exact = self.link == Link::Log && self.family != Family::Binomial && (1.0..=2.0).contains(&power);
        let of = |((eta, y), share): ((&f64, &f64), &f64)| {
            let (mu, slope) = (self.link.mean(*eta), self.link.slope(*eta));
            let variance = self.family.variance(mu).max(f64::MIN_POSITIVE);
            let pull = (mu - y) / variance * slope;
            let curve = if exact {
                (2.0 - power) * mu.powf(2.0 - power) + (power - 1.0) * y * mu.powf(1.0 - power)
            } else {
                slope * slope / variance
            };
            // A row that is beyond doubt has no curve left, and its slope must not get lost.
            let curve = curve.max(1e-12 * pull.abs()).max(f64::MIN_POSITIVE);
            if *share > 0.0 { (share * curve, pull / curve) } else { (0.0, 0.0) }
        };
        eta.par_iter().zip(y).zip(shares).map(of).unzip()
    }
}
