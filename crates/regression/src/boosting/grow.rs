//! Growing a tree leaf by leaf: the leaf whose split gains most is split next.
//!
//! A leaf is expanded, that is its children made and looked at, before it is known whether it will be split: those that are
//! likely to be next are expanded side by side. What is expanded in vain is forgotten, so the tree is the same whatever the
//! number of threads.

use super::{
    columns::Columns,
    expand::{Expander, Leaf},
    histogram::{Layout, Pair, Units},
    rows::Rows,
    skeleton::{Grown, Skeleton},
    split::{Rules, Split},
};
use crate::tree::binning::Binned;
use adflux_core::{Context, Result};
use rayon::prelude::*;
use std::cmp::Ordering;

/// What all trees have in common.
pub(super) struct Plan<'a> {
    pub(super) data: &'a Binned,
    pub(super) layout: Layout,
    /// What splits read.
    pub(super) columns: Columns,
    pub(super) rules: Rules,
    pub(super) num_leaves: usize,
    pub(super) max_depth: usize,
    /// 1 where values may only rise with a column, −1 where they may only fall, else 0.
    pub(super) monotone: Vec<i8>,
}

/// Cells of codes from which on a leaf is not expanded before its turn: it keeps all threads busy by itself.
const LARGE: usize = 1 << 20;

impl Plan<'_> {
    /// Grows a tree. Columns that are not `drawn` are not split.
    ///
    /// # Errors
    /// When cancelled.
    pub(super) fn grow<'r>(
        &self,
        rows: Rows<'r>,
        pairs: &[Pair],
        units: &Units,
        drawn: &[bool],
        context: &Context,
    ) -> Result<Skeleton<'r>> {
        let expander = Expander { plan: self, pairs, units, drawn };
        let root = expander.root(rows);
        let mut nodes = vec![Grown::of(&root)];
        let mut leaves = vec![(0, root)];
        while leaves.len() < self.num_leaves {
            context.check()?;
            let wanted = self.num_leaves - leaves.len();
            let ranked = by_gain(&leaves);
            let Some((next, split)) = ranked.first().copied() else { break };
            if leaves[next].1.children.is_none() {
                self.expand(&expander, &mut leaves, &ranked, wanted);
            }
            let (at, leaf) = leaves.swap_remove(next);
            let Some(children) = leaf.children else { break };
            nodes[at].split = Some((split, nodes.len(), nodes.len() + 1));
            for child in *children {
                leaves.push((nodes.len(), child));
                nodes.push(leaves.last().map(|(_, child)| Grown::of(child)).unwrap_or_default());
            }
        }
        leaves.into_iter().for_each(|(at, leaf)| nodes[at].rows = Some(leaf.rows));
        Ok(Skeleton { nodes })
    }

    /// Expands the leaf of the first rank, and beside it those of the ranks behind that are small, so many as there is work
    /// for and as are likely among the `wanted` splits to come.
    fn expand(
        &self,
        expander: &Expander<'_>,
        leaves: &mut [(usize, Leaf<'_>)],
        ranked: &[(usize, Split)],
        wanted: usize,
    ) {
        let threads = rayon::current_num_threads();
        let ahead = if threads == 1 { 1 } else { (2 * threads).min(wanted / 2).max(1) };
        let mut chosen = vec![false; leaves.len()];
        for (rank, (at, _)) in ranked.iter().take(ahead).enumerate() {
            let leaf = &leaves[*at].1;
            let small = leaf.rows.own.len() * self.data.width() < LARGE;
            chosen[*at] = leaf.children.is_none() && (rank == 0 || small);
        }
        let chosen = leaves.iter_mut().zip(chosen).filter(|(_, chosen)| *chosen).map(|((_, leaf), _)| leaf);
        let mut chosen: Vec<&mut Leaf<'_>> = chosen.collect();
        // Children of the last split are not split.
        let look = wanted > 1;
        match &mut chosen[..] {
            [leaf] => expander.expand(leaf, look),
            leaves => leaves.par_iter_mut().with_max_len(1).for_each(|leaf| expander.expand(leaf, look)),
        }
    }
}

/// The leaves that can be split, and how: those that gain most first, of equals the one that was made first.
fn by_gain(leaves: &[(usize, Leaf<'_>)]) -> Vec<(usize, Split)> {
    let mut ranked: Vec<(usize, Split)> =
        leaves.iter().enumerate().filter_map(|(at, (_, leaf))| Some((at, leaf.best?))).collect();
    ranked.sort_unstable_by(|(a, x), (b, y)| {
        y.gain.partial_cmp(&x.gain).unwrap_or(Ordering::Equal).then(leaves[*a].0.cmp(&leaves[*b].0))
    });
    ranked
}
