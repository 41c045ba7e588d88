//! [`Coordinates`]: the numbers of FTRL-proximal, two a coordinate, and its step.

use crate::{
    probability::sigmoid,
    table::{Numbers, Table},
};
use serde::{Deserialize, Serialize};

/// The parameters of the step: of the paper, α, β, λ₁ and λ₂.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Rates {
    pub(super) alpha: f64,
    pub(super) beta: f64,
    pub(super) l1: f64,
    pub(super) l2: f64,
}

impl Rates {
    /// The coefficient of a coordinate: 0 where its gradients have not gone beyond `l1`.
    fn coefficient(&self, [z, root]: [f64; 2]) -> f64 {
        let beyond = (z.abs() - self.l1).max(0.0);
        // −z / ((β + √n) / α + λ₂), without the inner division.
        -beyond.copysign(z) * self.alpha / (self.beta + root + self.alpha * self.l2)
    }

    /// Takes in the gradient of a row.
    fn learn(&self, state: &mut [f64; 2], coefficient: f64, gradient: f64) {
        let [z, root] = *state;
        let grown = (root * root + gradient * gradient).sqrt();
        *state = [z + gradient - (grown - root) / self.alpha * coefficient, grown];
    }
}

/// A pair for each column: z, the sum of the gradients less what the steps so far have made of them, and √n, the root of the sum of
/// their squares. Side by side, since each is read with the other.
#[derive(Clone, Debug)]
pub(super) struct Coordinates {
    pub(super) rates: Rates,
    pub(super) states: Vec<[f64; 2]>,
    /// That of the intercept, which no penalty touches; `None` without one.
    pub(super) intercept: Option<[f64; 2]>,
}

impl Coordinates {
    pub(super) fn new(rates: Rates, columns: usize, fit_intercept: bool) -> Self {
        Coordinates { rates, states: vec![[0.0; 2]; columns], intercept: fit_intercept.then_some([0.0; 2]) }
    }

    pub(super) fn coefficients(&self) -> impl Iterator<Item = f64> {
        self.states.iter().map(|state| self.rates.coefficient(*state))
    }

    pub(super) fn intercept(&self) -> f64 {
        self.intercept.map_or(0.0, |state| self.free().coefficient(state))
    }

    fn free(&self) -> Rates {
        Rates { l1: 0.0, l2: 0.0, ..self.rates }
    }

    /// The logarithm of the odds of a row.
    pub(super) fn score(&self, table: &Table<'_>, row: usize) -> f64 {
        let mut score = self.intercept();
        each_stored(table, row, |column, x| score += self.rates.coefficient(self.states[column]) * x);
        score
    }

    /// Learns from a row, and gives the score that it had before. `held` is room for the numbers of a row.
    pub(super) fn learn(
        &mut self,
        table: &Table<'_>,
        row: usize,
        positive: bool,
        weight: f64,
        held: &mut Vec<(u32, f64, f64)>,
    ) -> f64 {
        held.clear();
        let mut score = self.intercept();
        each_stored(table, row, |column, x| {
            let coefficient = self.rates.coefficient(self.states[column]);
            score += coefficient * x;
            held.push((column as u32, x, coefficient));
        });
        let slope = weight * (sigmoid(score) - if positive { 1.0 } else { 0.0 });
        for (column, x, coefficient) in held {
            self.rates.learn(&mut self.states[*column as usize], *coefficient, slope * *x);
        }
        let free = self.free();
        if let Some(state) = &mut self.intercept {
            let coefficient = free.coefficient(*state);
            free.learn(state, coefficient, slope);
        }
        score
    }
}

/// The numbers of a row that are not 0.
fn each_stored(table: &Table<'_>, row: usize, mut take: impl FnMut(usize, f64)) {
    for (offset, numbers) in table.blocks() {
        match numbers {
            Numbers::Sparse(x) => {
                if let Some(stored) = x.outer_view(row) {
                    for (column, x) in stored.indices().iter().zip(stored.data()) {
                        if *x != 0.0 {
                            take(offset + column, *x);
                        }
                    }
                }
            }
            Numbers::Dense(x) => {
                x.row(row)
                    .iter()
                    .enumerate()
                    .filter(|(_, x)| **x != 0.0)
                    .for_each(|(column, x)| take(offset + column, *x));
            }
            // Tables without levels have none.
            Numbers::Codes(_) => {}
        }
    }
}
