//! What the nodes of a hierarchy say of each other's rates: counts passed up, beliefs passed down, and the strengths of levels.
//!
//! A node's rate is judged from its own counts and from all others, through its parent. What is passed is counts of the right mean
//! and variance (a beta or gamma each), so every node is looked at twice: once on the way up, once on the way down.

use super::{
    family::{CountFamily, Counts},
    hierarchy::Hierarchy,
    marginal::{Range, log_marginal, still_most_probable, sum},
};
use adflux_core::{Context, Result};

/// Rounds over the levels until their strengths agree.
const MOST_ROUNDS: usize = 50;
/// They agree when no logarithm of a strength moves by more: the least that the place of a maximum can be told by, and far less than
/// is known of it.
const AGREED: f64 = 1e-5;

/// The counts of a hierarchy, with the strengths of its levels as far as they are known.
pub(super) struct Messages<'a> {
    family: CountFamily,
    hierarchy: &'a Hierarchy,
    /// How closely the rates of a level's nodes lie around those of their parents.
    strengths: Vec<f64>,
    /// What a node's children say of its rate, or its own counts on the last level: a list for each level.
    own: Vec<Vec<Counts>>,
    /// What all others say of its rate.
    prior: Vec<Vec<Counts>>,
}

impl<'a> Messages<'a> {
    /// Of the counts of the last level.
    pub(super) fn new(family: CountFamily, hierarchy: &'a Hierarchy, counts: Vec<Counts>) -> Self {
        let total = counts.iter().fold(Counts::default(), |sum, c| sum.plus(*c));
        let range = Range::of(total);
        // To begin with, parents say little: the last level is the first to be judged, by siblings alone.
        let strength = (range.low * 100.0).min(range.high);
        let levels = hierarchy.levels();
        let mut own: Vec<Vec<Counts>> = levels.iter().map(|level| vec![Counts::default(); level.len()]).collect();
        if let Some(last) = own.last_mut() {
            *last = counts;
        }
        let prior = own.clone();
        Messages { family, hierarchy, strengths: vec![strength; levels.len()], own, prior }
    }

    /// The strengths, of which the counts of each node, judged from all other nodes, are most probable.
    ///
    /// # Errors
    /// When the work is cancelled.
    pub(super) fn settle(&mut self, step: &str, context: &Context) -> Result<()> {
        let last = self.own.last().map_or(&[][..], Vec::as_slice);
        let total = last.iter().fold(Counts::default(), |sum, c| sum.plus(*c));
        let range = Range::of(total);
        let always = self.family == CountFamily::BetaBinomial && total.events == total.exposure;
        if total.events == 0.0 || always {
            // Nothing has happened anywhere, or it always has: nothing says that rates differ.
            self.strengths.fill(range.high);
            self.pass();
            return Ok(());
        }
        for round in 0..MOST_ROUNDS {
            context.report(step, round as u64, None);
            let before = self.strengths.clone();
            for level in (0..self.strengths.len()).rev() {
                context.check()?;
                self.pass();
                self.strengths[level] = self.strength(level, range);
            }
            let moved = before.iter().zip(&self.strengths).map(|(a, b)| (a / b).ln().abs()).fold(0.0, f64::max);
            if moved < AGREED {
                break;
            }
        }
        self.pass();
        Ok(())
    }

    /// What is believed of each node's rate, by level, and what the whole says of a new node of the first level, before scatter.
    pub(super) fn beliefs(&self) -> (Counts, Vec<Vec<Counts>>) {
        let beliefs = self.own.iter().zip(&self.prior);
        let beliefs = beliefs.map(|(own, prior)| own.iter().zip(prior).map(|(o, p)| o.plus(*p)).collect());
        (self.whole(), beliefs.collect())
    }

    pub(super) fn strengths(&self) -> &[f64] {
        &self.strengths
    }

    /// What is believed of the rate of the whole.
    fn whole(&self) -> Counts {
        self.sums(0).iter().fold(self.family.ignorance(), |sum, c| sum.plus(*c))
    }

    /// What the nodes of a level say of their parents' rates, added up by parent.
    fn sums(&self, level: usize) -> Vec<Counts> {
        let parents = if level == 0 { 1 } else { self.own[level - 1].len() };
        let mut sums = vec![Counts::default(); parents];
        for (parent, own) in self.hierarchy.levels()[level].parents.iter().zip(&self.own[level]) {
            let sum = &mut sums[*parent as usize];
            *sum = sum.plus(self.family.passed_up(*own, self.strengths[level]));
        }
        sums
    }

    /// What is believed of a parent's rate without one child, before that child.
    fn without_child(&self, level: usize, parent: usize, sum: Counts, child: Counts) -> Counts {
        let outside = if level == 0 { self.family.ignorance() } else { self.prior[level - 1][parent] };
        outside.plus(sum.without(child))
    }

    /// Brings all messages up to date with the strengths.
    fn pass(&mut self) {
        for level in (1..self.own.len()).rev() {
            self.own[level - 1] = self.sums(level);
        }
        for level in 0..self.own.len() {
            let (sums, strength) = (self.sums(level), self.strengths[level]);
            let nodes = self.hierarchy.levels()[level].parents.iter().zip(&self.own[level]);
            let prior = nodes.map(|(parent, own)| {
                let (parent, child) = (*parent as usize, self.family.passed_up(*own, strength));
                self.family.passed_down(self.without_child(level, parent, sums[parent], child), strength)
            });
            self.prior[level] = prior.collect();
        }
    }

    /// The strength of a level of which its nodes are most probable, each judged from its siblings and from what is known of their
    /// parent from elsewhere. A node without siblings says nothing of how siblings differ.
    fn strength(&self, level: usize, range: Range) -> f64 {
        let parents = &self.hierarchy.levels()[level].parents;
        let mut families: Vec<(usize, &[Counts])> = Vec::new();
        let mut start = 0;
        for children in parents.chunk_by(|a, b| a == b) {
            let own = &self.own[level][start..start + children.len()];
            if own.iter().filter(|c| c.exposure > 0.0).count() > 1 {
                families.push((children[0] as usize, own));
            }
            start += children.len();
        }
        still_most_probable(range, self.strengths[level], |strength| {
            sum(&families, |(parent, children)| {
                let said = |child: &Counts| self.family.passed_up(*child, strength);
                let all = children.iter().fold(Counts::default(), |sum, child| sum.plus(said(child)));
                let probability = |child: &Counts| {
                    let others = self.without_child(level, *parent, all, said(child));
                    log_marginal(self.family, *child, self.family.passed_down(others, strength))
                };
                children.iter().map(probability).sum()
            })
        })
    }
}
