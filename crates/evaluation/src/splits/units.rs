//! What a split must not tear apart: groups, and moments of time.

use super::shuffle;
use adflux_core::{Error, Result};

/// Rows that must stay together: groups, or moments (in order of time).
pub(super) struct Units {
    pub(super) unit_of_row: Vec<usize>,
    /// The number of rows of each.
    pub(super) sizes: Vec<usize>,
    pub(super) stratum_of_row: Vec<usize>,
    pub(super) strata: usize,
    /// What they are called in messages.
    pub(super) what: &'static str,
    pub(super) seed: Option<u64>,
}

impl Units {
    pub(super) fn at_least(&self, wanted: usize, name: &'static str, value: impl std::fmt::Debug) -> Result<()> {
        if self.sizes.len() >= wanted {
            return Ok(());
        }
        let (found, what) = (self.sizes.len(), self.what);
        let there = match found {
            1 => format!("is only 1 {}", what.strip_suffix('s').unwrap_or(what)),
            _ => format!("are only {found} {what}"),
        };
        Err(Error::parameter(name, value, format!("{wanted} parts are wanted, and there {there}")))
    }

    /// The part of each row from the part of its unit.
    pub(super) fn spread(&self, part_of_unit: Vec<usize>) -> Vec<usize> {
        self.unit_of_row.iter().map(|&unit| part_of_unit[unit]).collect()
    }

    /// Contiguous runs of units whose numbers of rows come as near to `shares` as units allow; none is empty.
    pub(super) fn in_order(&self, shares: &[f64]) -> Vec<usize> {
        let (rows, units) = (self.unit_of_row.len() as f64, self.sizes.len());
        let mut part_of_unit = vec![shares.len() - 1; units];
        let (mut unit, mut placed, mut end) = (0, 0.0, 0.0);
        for (part, share) in shares.iter().enumerate().take(shares.len() - 1) {
            end += share * rows;
            let parts_after = shares.len() - 1 - part;
            let first = unit;
            while unit + parts_after < units {
                let size = self.sizes[unit] as f64;
                // A unit that would overshoot the end by more than it now falls short belongs to the next part.
                if unit > first && placed + size - end > end - placed {
                    break;
                }
                part_of_unit[unit] = part;
                placed += size;
                unit += 1;
            }
        }
        part_of_unit
    }

    /// The largest units first, each to the part where the strata and the numbers of rows stay nearest to `shares`: where the
    /// sum over strata of (its rows there / its rows)² / share grows least. With equal shares and no strata that is the part
    /// with the fewest rows. No part is left empty.
    pub(super) fn balanced(&self, shares: &[f64]) -> Vec<usize> {
        let (parts, rows) = (shares.len(), self.unit_of_row.len() as f64);
        let mut totals = vec![0.0; self.strata];
        let mut counts = vec![Vec::<(usize, f64)>::new(); self.sizes.len()];
        for (&unit, &stratum) in self.unit_of_row.iter().zip(&self.stratum_of_row) {
            totals[stratum] += 1.0;
            match counts[unit].iter_mut().find(|(s, _)| *s == stratum) {
                Some((_, count)) => *count += 1.0,
                None => counts[unit].push((stratum, 1.0)),
            }
        }
        let mut order: Vec<usize> = (0..self.sizes.len()).collect();
        shuffle(&mut order, self.seed);
        order.sort_by_key(|&unit| std::cmp::Reverse(self.sizes[unit]));

        let mut held = vec![vec![0.0; self.strata]; parts];
        let mut rows_held = vec![0.0; parts];
        let mut part_of_unit = vec![0; self.sizes.len()];
        let growth = |held: f64, more: f64, of: f64| (2.0 * held + more) * more / (of * of);
        for unit in order {
            let size = self.sizes[unit] as f64;
            let cost = |part: usize| {
                let strata: f64 = counts[unit].iter().map(|&(s, n)| growth(held[part][s], n, totals[s])).sum();
                (strata + growth(rows_held[part], size, rows)) / shares[part]
            };
            let (part, _) =
                (0..parts).map(|p| (p, cost(p))).fold((0, f64::INFINITY), |a, b| if b.1 < a.1 { b } else { a });
            counts[unit].iter().for_each(|&(stratum, n)| held[part][stratum] += n);
            rows_held[part] += size;
            part_of_unit[unit] = part;
        }
        // Equal shares always prefer an empty part; a small share may stay empty, and then gets the smallest unit.
        for part in (0..parts).filter(|&part| rows_held[part] == 0.0) {
            if let Some(smallest) = (0..self.sizes.len()).min_by_key(|&unit| self.sizes[unit]) {
                part_of_unit[smallest] = part;
            }
        }
        part_of_unit
    }
}
