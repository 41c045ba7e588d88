//! The rounds of boosting: derivatives, a tree for each score, and a look at the rows held back.

use super::{
    Boosted,
    columns::Columns,
    grow::Plan,
    histogram::{Layout, Pair, Units},
    objective::{Objective, largest, leaf_value, total_second},
    rows::Rows,
    settings::Settings,
};
use crate::{
    levels::{Coded, Levels},
    table::Table,
    tree::{
        binning::{self, Binned, MOST_BINS},
        nodes::Tree,
        predict::sums_of_leaves,
    },
};
use adflux_core::{Column, Context, Features, Result, random::stream};
use ndarray::Array1;
use rand::RngExt as _;
use rayon::prelude::*;

/// Weights in units of a power of two, so that none is too large or too small for sums: what they are compared with is in the
/// same units.
pub(super) struct Weights {
    pub(super) own: Vec<f64>,
    unit: f64,
}

impl Weights {
    pub(super) fn new(weights: Option<Array1<f64>>, rows: usize) -> Self {
        let own = crate::forest::weights_or_ones(weights, rows);
        let unit = binning::unit(&own);
        Weights { own: own.into_iter().map(|weight| weight / unit).collect(), unit }
    }
}

/// Rows that are not learned from, and what they should be.
pub(super) struct Validation<'a> {
    pub(super) x: &'a Features,
    pub(super) objective: &'a mut dyn Objective,
}

/// Where scores stand in what is predicted: `offset + unit · score`.
#[derive(Clone, Copy, Debug)]
pub(super) struct OutputScale {
    pub(super) offset: f64,
    pub(super) unit: f64,
}

/// Boosts.
///
/// # Errors
/// When a column or a number cannot be used, a constraint names no column, or the work is cancelled.
pub(super) fn boost(
    x: &Features,
    weights: &Weights,
    objective: &mut dyn Objective,
    scale: OutputScale,
    validation: Option<Validation<'_>>,
    settings: &Settings,
    context: &Context,
) -> Result<Boosted> {
    let most = settings.max_bins.min(MOST_BINS - 1);
    let (levels, coded) = Levels::of_fit(x, &weights.own, most, settings.step)?;
    let table = Table::with_codes(x, &coded, settings.step)?;
    let columns: Vec<Column> = x.columns().cloned().collect();
    let monotone = settings.monotone.directions(&columns, |place| levels.has(place))?;
    let code = |v: &Validation<'_>| {
        v.x.require_columns(settings.step, &columns)?;
        levels.code(v.x, settings.step)
    };
    let coded = validation.as_ref().map(code).transpose()?;
    let held_back = validation.zip(coded.as_ref());
    let mut held_back =
        held_back.map(|(v, coded)| HeldBack::new(v, coded, objective.outputs(), settings)).transpose()?;
    context.run(|| {
        let data = Binned::new(&table, &weights.own, settings.max_bins, context)?;
        let plan = Plan {
            layout: Layout::new(&data),
            columns: Columns::new(data.width()),
            data: &data,
            rules: settings.rules(weights.unit),
            num_leaves: settings.num_leaves,
            max_depth: settings.max_depth.unwrap_or(usize::MAX),
            monotone,
        };
        let mut rounds = Rounds::new(&plan, &weights.own, objective, scale, settings);
        for round in 0..settings.n_estimators {
            context.check()?;
            rounds.add(round, context)?;
            context.report(settings.step, round as u64 + 1, Some(settings.n_estimators as u64));
            if let Some(held_back) = &mut held_back
                && held_back.has_seen_enough(&rounds)
            {
                break;
            }
        }
        let Rounds { base, mut trees, importances, .. } = rounds;
        if let Some(held_back) = &held_back {
            trees.iter_mut().for_each(|trees| trees.truncate(held_back.best_rounds));
        }
        let total: f64 = importances.iter().sum();
        let importances = importances.into_iter().map(|gain| if total > 0.0 { gain / total } else { 0.0 }).collect();
        let base = base.into_iter().map(|score| scale.offset + scale.unit * score).collect();
        Ok(Boosted { columns: columns.into(), levels, base, trees, importances })
    })
}

/// The state between two rounds.
struct Rounds<'a> {
    plan: &'a Plan<'a>,
    settings: &'a Settings,
    weights: &'a [f64],
    objective: &'a mut dyn Objective,
    scale: OutputScale,
    /// Rows of positive weight.
    rows: Vec<u32>,
    base: Vec<f64>,
    /// Outputs × rows.
    scores: Vec<f64>,
    /// Of each output.
    trees: Vec<Vec<Tree>>,
    importances: Vec<f64>,
    derivatives: Vec<[f32; 2]>,
    pairs: Vec<Pair>,
}

impl<'a> Rounds<'a> {
    fn new(
        plan: &'a Plan<'a>,
        weights: &'a [f64],
        objective: &'a mut dyn Objective,
        scale: OutputScale,
        settings: &'a Settings,
    ) -> Self {
        let base = objective.base();
        let rows = weights.len();
        Rounds {
            plan,
            settings,
            weights,
            scale,
            rows: (0..rows as u32).filter(|row| weights[*row as usize] > 0.0).collect(),
            scores: base.iter().flat_map(|base| std::iter::repeat_n(*base, rows)).collect(),
            trees: base.iter().map(|_| Vec::new()).collect(),
            importances: vec![0.0; plan.data.width()],
            derivatives: vec![[0.0; 2]; rows * objective.outputs()],
            pairs: vec![Pair::default(); rows],
            base,
            objective,
        }
    }

    /// Grows the trees of a round.
    fn add(&mut self, round: usize, context: &Context) -> Result<()> {
        let all = self.weights.len();
        let (drawn, left_out) = self.draw_rows(round);
        self.objective.begin(&self.scores);
        self.objective.derivatives(&self.scores, &mut self.derivatives);
        for output in 0..self.trees.len() {
            let derivatives = &self.derivatives[output * all..(output + 1) * all];
            let units = Units::new(drawn.len(), largest(derivatives), || total_second(derivatives));
            self.pairs
                .par_iter_mut()
                .zip(derivatives)
                .with_min_len(4096)
                .for_each(|(to, from)| *to = units.pair(*from));
            let columns = self.draw_columns(round, output);
            let rows = Rows::new(&drawn, &left_out);
            let skeleton = self.plan.grow(rows, &self.pairs, &units, &columns, context)?;
            let (objective, rate, reg_lambda) =
                (&*self.objective, self.settings.learning_rate, self.plan.rules.reg_lambda);
            let scores = &mut self.scores[output * all..(output + 1) * all];
            let mut steps = skeleton.each_leaf(|rows, bounds| {
                leaf_value(objective, &rows.own, scores, derivatives, reg_lambda, bounds) * rate
            });
            for (rows, step) in skeleton.leaves(&steps) {
                rows.own.iter().chain(&*rows.others).for_each(|row| scores[*row as usize] += step);
            }
            steps.iter_mut().for_each(|step| *step *= self.scale.unit);
            let tree = skeleton.tree(self.plan, self.weights, &mut self.importances, &steps);
            self.trees[output].push(tree);
        }
        Ok(())
    }

    /// The rows that a round learns from, and the others, both in order.
    fn draw_rows(&self, round: usize) -> (Vec<u32>, Vec<u32>) {
        let wanted = ((self.settings.subsample * self.rows.len() as f64).round() as usize).max(1);
        if wanted >= self.rows.len() {
            return (self.rows.clone(), Vec::new());
        }
        let mut rng = stream(self.settings.seed, &[round as u64]);
        let (mut drawn, mut others) = (Vec::with_capacity(wanted), Vec::with_capacity(self.rows.len() - wanted));
        for (i, row) in self.rows.iter().enumerate() {
            let taken = rng.random_range(0..self.rows.len() - i) < wanted - drawn.len();
            if taken { drawn.push(*row) } else { others.push(*row) }
        }
        (drawn, others)
    }

    fn draw_columns(&self, round: usize, output: usize) -> Vec<bool> {
        let width = self.plan.data.width();
        let wanted = ((self.settings.colsample_bytree * width as f64).round() as usize).clamp(1, width);
        let mut drawn = vec![wanted == width; width];
        if wanted < width {
            let mut rng = stream(self.settings.seed, &[round as u64, output as u64, 1]);
            rand::seq::index::sample(&mut rng, width, wanted).iter().for_each(|column| drawn[column] = true);
        }
        drawn
    }
}

/// Rows held back, and how well they were predicted.
struct HeldBack<'o, 'x> {
    objective: &'o mut dyn Objective,
    table: Table<'x>,
    /// Outputs × rows, of trees alone.
    sums: Vec<f64>,
    patience: usize,
    best_loss: f64,
    best_rounds: usize,
}

impl<'o: 'x, 'x> HeldBack<'o, 'x> {
    fn new(from: Validation<'o>, coded: &'x Coded, outputs: usize, settings: &Settings) -> Result<Self> {
        let table = Table::with_codes(from.x, coded, settings.step)?;
        Ok(HeldBack {
            objective: from.objective,
            sums: vec![0.0; table.rows() * outputs],
            table,
            patience: settings.n_iter_no_change.unwrap_or(usize::MAX),
            best_loss: f64::INFINITY,
            best_rounds: 0,
        })
    }

    /// Adds the latest trees, and says whether the loss has not fallen for long enough.
    fn has_seen_enough(&mut self, rounds: &Rounds<'_>) -> bool {
        let rows = self.table.rows();
        for (trees, sums) in rounds.trees.iter().zip(self.sums.chunks_exact_mut(rows)) {
            // Rows are gathered by blocks: all of a sparse table would not fit.
            if let Some(tree) = trees.last() {
                let leaves = sums_of_leaves(std::slice::from_ref(tree), &self.table, 1);
                sums.iter_mut().zip(leaves).for_each(|(sum, leaf)| *sum += leaf);
            }
        }
        let base = rounds.base.iter().flat_map(|base| std::iter::repeat_n(*base, rows));
        let scores: Vec<f64> = base.zip(&self.sums).map(|(base, sum)| base + sum / rounds.scale.unit).collect();
        self.objective.begin(&scores);
        let (loss, so_far) = (self.objective.loss(&scores), rounds.trees[0].len());
        if loss < self.best_loss {
            (self.best_loss, self.best_rounds) = (loss, so_far);
        }
        so_far - self.best_rounds >= self.patience
    }
}
