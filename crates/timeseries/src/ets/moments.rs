//! Means and variances of the steps ahead, by the formulas of the class of a form.

use super::{EtsModel, fit::is_relative, form::EtsSeason};

/// The mean of each step ahead, and its standard deviation.
///
/// An error of size e moves the forecast j steps later by c_j e, with c_j = α + β (φ + … + φʲ), and γ more a season later. With errors
/// that are added the variance h steps ahead is σ² (1 + c₁² + … + c²ₕ₋₁); with relative ones it follows from θ, the second moments of
/// the means (Hyndman, Koehler, Ord and Snyder 2008, sections 6.3 and 6.4). Factors of a season
/// multiply that: near while σ is small, as the products of errors in level and season are left out.
pub(super) fn moments(model: &EtsModel, horizon: usize) -> (Vec<f64>, Vec<f64>) {
    let (by, state, sigma2) = (model.by, &model.state, model.sigma2);
    let length = state.season.len().max(1);
    let factors = model.form.season == EtsSeason::Multiplicative;
    let season = |step: usize| state.season.get((model.place + step) % length).copied();

    let mut faded = 0.0;
    let mut power = 1.0;
    // Without the factors of the season.
    let mut base = Vec::with_capacity(horizon);
    let mut moved = Vec::with_capacity(horizon);
    for step in 0..horizon {
        power *= by.phi;
        faded += power;
        let added = if factors { 0.0 } else { season(step).unwrap_or(0.0) };
        base.push(state.level + faded * state.slope + added);
        let again = (step + 1) % length == 0;
        moved.push(by.alpha + by.beta * faded + if again { by.gamma } else { 0.0 });
    }
    let variance = if is_relative(model.form) {
        relative(&base, &moved, sigma2)
    } else {
        let mut sum = 1.0;
        let of = |c: &f64| {
            let here = sigma2 * sum;
            sum += c * c;
            here
        };
        moved.iter().map(of).collect()
    };
    let factor = |step: usize| if factors { season(step).unwrap_or(1.0) } else { 1.0 };
    let mean = base.iter().enumerate().map(|(step, base)| base * factor(step)).collect();
    let deviation = variance.iter().enumerate().map(|(step, v)| v.max(0.0).sqrt() * factor(step).abs()).collect();
    (mean, deviation)
}

/// The variances with relative errors: (1 + σ²) θₕ − μₕ², θₕ = μₕ² + σ² Σ c²ⱼ θₕ₋ⱼ. O(h²).
fn relative(mean: &[f64], moved: &[f64], sigma2: f64) -> Vec<f64> {
    let mut theta: Vec<f64> = Vec::with_capacity(mean.len());
    for (step, mean) in mean.iter().enumerate() {
        let sum: f64 = moved[..step].iter().zip(theta.iter().rev()).map(|(c, theta)| c * c * theta).sum();
        theta.push(mean * mean + sigma2 * sum);
    }
    theta.iter().zip(mean).map(|(theta, mean)| (1.0 + sigma2) * theta - mean * mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ets::{
            form::EtsForm,
            recursion::{Smoothing, State},
        },
        local::LocalModel as _,
    };
    use adflux_core::random::stream;
    use ndarray::Array2;

    #[test]
    fn they_are_those_of_simulated_paths() {
        let horizon = 10;
        for form in EtsForm::of("ZZZ", None).unwrap() {
            let season: &[f64] = match form.season {
                EtsSeason::None => &[],
                EtsSeason::Additive => &[0.2, -0.1, 0.0, -0.1],
                EtsSeason::Multiplicative => &[1.2, 0.9, 1.0, 0.9],
            };
            let by = Smoothing {
                alpha: 0.4,
                beta: if form.has_trend() { 0.1 } else { 0.0 },
                gamma: if form.has_season() { 0.2 } else { 0.0 },
                phi: if form.to_string().contains("Ad") { 0.9 } else { 1.0 },
            };
            let slope = if form.has_trend() { 0.05 } else { 0.0 };
            let state = State { level: 2.0, slope, season: season.to_vec() };
            let sigma2 = 0.0025;
            let model = EtsModel { form, by, state, place: 0, sigma2, deviance: 0.0, aicc: 0.0, steps: 100 };
            let (mean, deviation) = moments(&model, horizon);

            let (mut sums, mut squares) = (vec![0.0; horizon], vec![0.0; horizon]);
            let paths = 20_000;
            for path in 0..paths {
                let drawn = model.path(horizon, Array2::zeros((horizon, 0)).view(), &mut stream(1, &[path]));
                for (step, (y, mean)) in drawn.iter().zip(&mean).enumerate() {
                    sums[step] += y - mean;
                    squares[step] += (y - mean).powi(2);
                }
            }
            for (step, deviation) in deviation.iter().enumerate() {
                let off = sums[step] / paths as f64;
                let spread = (squares[step] / paths as f64).sqrt();
                assert!(off.abs() < 0.05 * deviation, "{form}, step {step}: the mean is off by {off}");
                let ratio = spread / deviation;
                assert!((0.97..1.03).contains(&ratio), "{form}, step {step}: {spread} against {deviation}");
            }
        }
    }
}
