//! What a pulse or a step at each place would explain.

use super::noise::filtered;
use crate::basis::Basis;

/// One column more, at each place: its coefficient, and by what the variance of an error is divided to be that of the coefficient.
pub(super) struct Scan {
    /// Errors freed of columns and autoregression.
    pub(super) errors: Vec<f64>,
    /// Steps less columns.
    pub(super) degrees: f64,
    /// A single value.
    pub(super) pulse: Vec<Effect>,
    /// A level from there on; nothing where one of its sides would be too short.
    pub(super) step: Vec<Effect>,
    /// How fast the statistic of a step is forgotten from one place to the next: −ln of their correlation.
    pub(super) forgetting: Vec<f64>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Effect {
    product: f64,
    information: f64,
}

/// What the other columns leave of one must be more than rounding.
const LEAST: f64 = 1e-6;

impl Effect {
    /// The coefficient over its deviation, in units of the deviation of an error.
    pub(super) fn statistic(&self) -> f64 {
        if self.information > LEAST { self.product / self.information.sqrt() } else { 0.0 }
    }

    pub(super) fn coefficient(&self) -> f64 {
        if self.information > LEAST { self.product / self.information } else { 0.0 }
    }

    /// The deviation of the coefficient in units of that of an error; infinite where nothing can be said.
    pub(super) fn deviation(&self) -> f64 {
        if self.information > LEAST { self.information.sqrt().recip() } else { f64::INFINITY }
    }
}

/// Every pulse, and every step with `near` steps on either side, beside `columns`, by the theorem of Frisch, Waugh and Lovell: a column is worth
/// its product with the errors, over what the other columns leave of it. O(steps · columns · (columns + order)).
pub(super) fn scan(y: &[f64], columns: &[Vec<f64>], ar: &[f64], near: usize) -> Scan {
    let (steps, order) = (y.len(), ar.len());
    let mut basis = Basis::default();
    for column in columns {
        basis.push(filtered(ar, column));
    }
    let mut errors = filtered(ar, y);
    basis.remove(&mut errors);
    // A pulse at t is 1 in its own row and −φₖ in the k-th after.
    let weights: Vec<f64> = [1.0].into_iter().chain(ar.iter().map(|f| -f)).collect();
    let onto = |column: &[f64], t: usize| -> f64 {
        let row = |k: usize| (t + k).checked_sub(order).and_then(|row| column.get(row));
        weights.iter().enumerate().filter_map(|(k, weight)| Some(weight * row(k)?)).sum()
    };
    let squares = |t: usize| -> f64 {
        let within = |k: &usize| t + k >= order && t + k < steps;
        (0..=order).filter(within).map(|k| weights[k] * weights[k]).sum()
    };
    let mut pulse: Vec<Effect> =
        (0..steps).map(|t| Effect { product: onto(&errors, t), information: squares(t) }).collect();
    // A step is the sum of the pulses from it on; its j-th row holds the sum of the weights up to j.
    let sums: Vec<f64> = weights
        .iter()
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect();
    let row = |j: usize| sums[j.min(order)];
    let mut step = vec![Effect::default(); steps];
    let mut shared = vec![0.0; steps];
    let mut product = 0.0;
    let (mut own, mut with_next) = (0.0, 0.0);
    for t in (0..steps).rev() {
        let last = steps - 1 - t;
        product += pulse[t].product;
        own += row(last) * row(last);
        with_next += if last > 0 { row(last) * row(last - 1) } else { 0.0 };
        step[t] = Effect { product, information: own };
        shared[t] = with_next;
    }
    for column in basis.columns() {
        let mut after = 0.0;
        for t in (0..steps).rev() {
            let of = onto(column, t);
            let here = after + of;
            pulse[t].information -= of * of;
            step[t].information -= here * here;
            shared[t] -= here * after;
            after = here;
        }
    }
    let within = near.max(order)..(steps + 1).saturating_sub(near);
    (0..steps).filter(|t| !within.contains(t)).for_each(|t| step[t] = Effect::default());
    let pair = |t: usize| {
        let product = step[t].information.max(0.0) * step.get(t + 1)?.information.max(0.0);
        (product > LEAST * LEAST).then(|| -(shared[t] / product.sqrt()).clamp(1e-6, 1.0 - 1e-9).ln())
    };
    let forgetting = within.clone().filter_map(pair).collect();
    let degrees = errors.len().saturating_sub(basis.len()).max(1) as f64;
    Scan { errors, degrees, pulse, step, forgetting }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::basis::dot;

    #[test]
    fn each_statistic_is_that_of_the_regression_with_one_column_more() {
        let y: Vec<f64> = (0..40_u64).map(|t| ((t * 7919 + 13) % 101) as f64).collect();
        let columns = [vec![1.0; 40], (0..40).map(|t| f64::from(t % 4)).collect::<Vec<f64>>()];
        for ar in [vec![], vec![0.6], vec![0.4, -0.3, 0.2]] {
            let found = scan(&y, &columns, &ar, 5);
            for (place, step) in [(0, false), (3, false), (20, false), (39, false), (5, true), (20, true), (35, true)] {
                let more = |t: usize| f64::from(if step { t >= place } else { t == place });
                let mut basis = Basis::default();
                columns.iter().for_each(|column| assert!(basis.push(filtered(&ar, column))));
                let mut own = filtered(&ar, &(0..40).map(more).collect::<Vec<f64>>());
                basis.remove(&mut own);
                let effect = if step { found.step[place] } else { found.pulse[place] };
                let due = dot(&own, &filtered(&ar, &y)) / dot(&own, &own);
                assert!((effect.coefficient() - due).abs() < 1e-9, "{ar:?} {place} {step}");
                assert!((effect.deviation() - dot(&own, &own).sqrt().recip()).abs() < 1e-9);
            }
            assert_eq!(found.step[4].statistic(), 0.0);
            assert_eq!(found.step[36].statistic(), 0.0);
        }
    }
}
