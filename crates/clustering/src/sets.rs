//! Sets of things that become one: union–find that several threads work on at once.

use crate::neighbors::{KdTree, NO_ROW};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Disjoint sets of the numbers from 0. Which numbers are together in the end does not depend on the order in which they are
/// joined, nor does the root: it is the least of the set. No other memory hangs on the order, so all accesses are relaxed
/// (Anderson and Woll, *Wait-free parallel algorithms for the union–find problem*, 1991).
pub(crate) struct Sets(Vec<AtomicU32>);

impl Sets {
    /// So many sets of one.
    pub(crate) fn new(count: usize) -> Self {
        Sets((0..count as u32).map(AtomicU32::new).collect())
    }

    /// The least number of the set that holds `of`, as far as joined by now.
    pub(crate) fn root(&self, of: u32) -> u32 {
        let mut at = of;
        loop {
            let parent = self.0[at as usize].load(Relaxed);
            let above = self.0[parent as usize].load(Relaxed);
            if parent == above {
                return parent;
            }
            // Halves the path; when another thread was faster, its parent is as good.
            let _ = self.0[at as usize].compare_exchange(parent, above, Relaxed, Relaxed);
            at = above;
        }
    }

    /// Joins two sets; whether they were two.
    pub(crate) fn join(&self, a: u32, b: u32) -> bool {
        let (mut a, mut b) = (a, b);
        loop {
            (a, b) = (self.root(a), self.root(b));
            if a == b {
                return false;
            }
            let (least, most) = (a.min(b), a.max(b));
            if self.0[most as usize].compare_exchange(most, least, Relaxed, Relaxed).is_ok() {
                return true;
            }
        }
    }
}

/// What is joined among some rows of a node of a tree.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Joined {
    /// There are none.
    None,
    /// All are in the set of this place.
    One(u32),
    Several,
}

impl Joined {
    /// Of each node, for the rows at the places that are `meant`. Sets are those of places.
    pub(crate) fn of_nodes(tree: &KdTree, meant: impl Fn(usize) -> bool, sets: &Sets) -> Vec<Joined> {
        let both = |a: Joined, b: Joined| match (a, b) {
            (Joined::None, other) | (other, Joined::None) => other,
            (Joined::One(a), Joined::One(b)) if a == b => Joined::One(a),
            _ => Joined::Several,
        };
        let mut of_nodes = vec![Joined::None; tree.nodes().len()];
        for (number, node) in tree.nodes().iter().enumerate().rev() {
            of_nodes[number] = match node.children(number) {
                Some((left, right)) => both(of_nodes[left], of_nodes[right]),
                None => {
                    let there = node.places().filter(|place| tree.rows()[*place] != NO_ROW && meant(*place));
                    there.map(|place| Joined::One(sets.root(place as u32))).fold(Joined::None, both)
                }
            };
        }
        of_nodes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::prelude::*;

    #[test]
    fn sets_do_not_depend_on_the_order_or_the_threads() {
        let sets = Sets::new(10_000);
        (0..10_000_u32).into_par_iter().filter(|i| i + 7 < 10_000).for_each(|i| {
            sets.join(i + 7, i);
        });
        assert!((0..10_000).all(|i| sets.root(i) == i % 7));
        assert!(!sets.join(3, 9_999 - 9_999 % 7 + 3 - 7));
        assert!(sets.join(0, 1) && sets.root(8) == 0);
    }
}
