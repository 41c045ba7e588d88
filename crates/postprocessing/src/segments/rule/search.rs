//! The search: a beam over conjunctions of comparisons in codes.

use super::bins::{Bins, Coded, MISSING, Pick};

/// The most conditions of a rule.
pub(super) const LONGEST: usize = 4;
/// How much F1 a comparison more has to bring: rules are made to be read.
pub(super) const COST: f64 = 0.01;
/// How many conjunctions are carried from one length to the next.
const BEAM: usize = 8;
/// How many comparisons with levels a column puts forward.
const LEVELS: usize = 3;
/// Rounds of looking at each condition again, given the others.
const ROUNDS: usize = 3;

/// A comparison of the column at this place.
pub(super) type Chosen = (usize, Pick);

/// Rows of a conjunction: all of them, and those that are in the segment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Count {
    all: u32,
    inside: u32,
}

impl Count {
    fn plus(self, other: Count) -> Count {
        Count { all: self.all + other.all, inside: self.inside + other.inside }
    }

    fn minus(self, other: Count) -> Count {
        Count { all: self.all - other.all, inside: self.inside - other.inside }
    }
}

/// A conjunction with its rows.
struct State {
    chosen: Vec<Chosen>,
    rows: Vec<u32>,
    count: Count,
}

/// One segment among all rows.
pub(super) struct Search<'a> {
    columns: &'a [Coded<'a>],
    /// Whether each row is in the segment.
    inside: &'a [bool],
    size: u32,
}

impl<'a> Search<'a> {
    pub(super) fn new(columns: &'a [Coded<'a>], inside: &'a [bool]) -> Self {
        let size = inside.iter().filter(|i| **i).count() as u32;
        Search { columns, inside, size }
    }

    /// The conjunction of at most [`LONGEST`] conditions with the best F1 less [`COST`] for every comparison, among those that
    /// are right more often than chance. Empty when there is none.
    pub(super) fn run(&self) -> Vec<Chosen> {
        let mut found: Vec<(f64, Vec<Chosen>)> = Vec::new();
        let mut beam = vec![self.state(Vec::new())];
        for _ in 0..LONGEST {
            beam = self.longer(&beam);
            found.extend(beam.iter().map(|state| (self.score(&state.chosen, state.count), state.chosen.clone())));
        }
        found.retain(|(score, _)| *score > f64::NEG_INFINITY);
        // The first of equals is the shortest, or the one whose parts were better.
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut best: Option<(f64, Vec<Chosen>)> = None;
        for (score, chosen) in found.into_iter().take(BEAM) {
            let (score, chosen) = self.polished(chosen, score);
            if best.as_ref().is_none_or(|(highest, _)| score > *highest) {
                best = Some((score, chosen));
            }
        }
        best.map(|(_, chosen)| chosen).unwrap_or_default()
    }

    fn f1(&self, count: Count) -> f64 {
        2.0 * f64::from(count.inside) / f64::from(count.all + self.size)
    }

    /// What is maximised; no number is less than that of a conjunction no better than chance.
    fn score(&self, chosen: &[Chosen], count: Count) -> f64 {
        if u64::from(count.inside) * self.inside.len() as u64 <= u64::from(self.size) * u64::from(count.all) {
            return f64::NEG_INFINITY;
        }
        let length: usize = chosen.iter().map(|(column, pick)| self.columns[*column].test(*pick).length()).sum();
        self.f1(count) - COST * length as f64
    }

    fn state(&self, chosen: Vec<Chosen>) -> State {
        let takes = |row: &u32| chosen.iter().all(|(c, pick)| pick.takes(self.columns[*c].codes[*row as usize]));
        let rows: Vec<u32> = (0..self.inside.len() as u32).filter(takes).collect();
        let inside = rows.iter().filter(|row| self.inside[**row as usize]).count() as u32;
        let count = Count { all: rows.len() as u32, inside };
        State { chosen, rows, count }
    }

    /// The best conjunctions with one condition more.
    fn longer(&self, beam: &[State]) -> Vec<State> {
        let mut found: Vec<(f64, usize, Chosen)> = Vec::new();
        for (place, state) in beam.iter().enumerate() {
            for (column, coded) in self.columns.iter().enumerate() {
                // A range is the best of its column already; of levels, several may be left out.
                let mut same = state.chosen.iter().filter(|(c, _)| *c == column);
                if same.clone().next().is_some() && !same.all(|(_, pick)| matches!(pick, Pick::Not(_))) {
                    continue;
                }
                for (pick, count) in self.picks(coded, &state.rows) {
                    if count.all < state.count.all {
                        found.push((self.f1(count), place, (column, pick)));
                    }
                }
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        let mut longer: Vec<State> = Vec::with_capacity(BEAM);
        let mut seen: Vec<Vec<Chosen>> = Vec::with_capacity(BEAM);
        for (_, place, (column, pick)) in found {
            let from = &beam[place];
            let mut chosen = from.chosen.clone();
            chosen.push((column, pick));
            let mut set = chosen.clone();
            set.sort_unstable();
            if seen.contains(&set) {
                continue;
            }
            seen.push(set);
            let codes = &self.columns[column].codes;
            let rows: Vec<u32> = from.rows.iter().copied().filter(|row| pick.takes(codes[*row as usize])).collect();
            let inside = rows.iter().filter(|row| self.inside[**row as usize]).count() as u32;
            longer.push(State { chosen, count: Count { all: rows.len() as u32, inside }, rows });
            if longer.len() == BEAM {
                break;
            }
        }
        longer
    }

    /// The comparisons of a column that are worth a try among `rows`.
    fn picks(&self, coded: &Coded, rows: &[u32]) -> Vec<(Pick, Count)> {
        let mut counts = [Count::default(); 256];
        for row in rows {
            let count = &mut counts[usize::from(coded.codes[*row as usize])];
            count.all += 1;
            count.inside += u32::from(self.inside[*row as usize]);
        }
        let mut picks = match &coded.bins {
            Bins::Ordered(bins) => self.ranges(&counts[..bins.len()]),
            Bins::Levels(levels) => {
                let all = counts.iter().fold(Count::default(), |sum, count| sum.plus(*count));
                let one = |(code, count): (usize, &Count)| {
                    [(Pick::Only(code as u8), *count), (Pick::Not(code as u8), all.minus(*count))]
                };
                let mut picks: Vec<_> = counts[..levels.len()].iter().enumerate().flat_map(one).collect();
                picks.sort_by(|a, b| self.f1(b.1).total_cmp(&self.f1(a.1)).then(a.0.cmp(&b.0)));
                picks.retain(|(_, count)| *count != all);
                picks.truncate(LEVELS);
                picks
            }
        };
        picks.push((Pick::Only(MISSING), counts[usize::from(MISSING)]));
        picks.retain(|(_, count)| count.inside > 0);
        picks
    }

    /// The best range of bins, and the best that are open at one end.
    fn ranges(&self, counts: &[Count]) -> Vec<(Pick, Count)> {
        let Some(last) = counts.len().checked_sub(1) else { return Vec::new() };
        let mut picks = Vec::with_capacity(3);
        let mut keep = |best: Option<(Pick, Count)>| picks.extend(best);
        let best_of = |ranges: &mut dyn Iterator<Item = (Pick, Count)>| {
            ranges.fold(None, |best: Option<(Pick, Count)>, next| match best {
                Some(best) if self.f1(best.1) >= self.f1(next.1) => Some(best),
                _ => Some(next),
            })
        };
        let mut sum = Count::default();
        keep(best_of(&mut (0..last).map(|bin| {
            sum = sum.plus(counts[bin]);
            (Pick::Bins(0, bin as u8), sum)
        })));
        let mut sum = Count::default();
        keep(best_of(&mut (1..=last).rev().map(|bin| {
            sum = sum.plus(counts[bin]);
            (Pick::Bins(bin as u8, last as u8), sum)
        })));
        // F1 is a ratio of sums over bins, so its best range is that of the greatest sum of 2 · inside − f1 · all for the best
        // f1, which repetition finds (Dinkelbach 1967).
        let mut f1 = 0.0;
        let mut best = None;
        while let Some((first, end, count)) = greatest_sum(counts, f1) {
            if self.f1(count) <= f1 {
                break;
            }
            f1 = self.f1(count);
            best = Some((Pick::Bins(first as u8, end as u8), count));
        }
        picks.extend(best);
        picks
    }

    /// Every condition looked at again, given the others: is there a better comparison of its column, does it do without?
    fn polished(&self, mut chosen: Vec<Chosen>, mut score: f64) -> (f64, Vec<Chosen>) {
        for _ in 0..ROUNDS {
            let before = score;
            for place in (0..chosen.len()).rev() {
                let (column, _) = chosen[place];
                let mut others = chosen.clone();
                others.remove(place);
                let rest = self.state(others.clone());
                let without = self.score(&rest.chosen, rest.count);
                if !others.is_empty() && without > score {
                    (chosen, score) = (others, without);
                    continue;
                }
                for (pick, count) in self.picks(&self.columns[column], &rest.rows) {
                    let mut other = chosen.clone();
                    other[place].1 = pick;
                    let better = self.score(&other, count);
                    if count.all < rest.count.all && better > score {
                        (chosen, score) = (other, better);
                    }
                }
            }
            if score <= before {
                break;
            }
        }
        (score, chosen)
    }
}

/// The consecutive bins of the greatest sum of 2 · inside − f1 · all: its first and last bin and its rows.
fn greatest_sum(counts: &[Count], f1: f64) -> Option<(usize, usize, Count)> {
    let mut best: Option<(f64, usize, usize, Count)> = None;
    let (mut sum, mut first, mut rows) = (0.0, 0, Count::default());
    for (bin, count) in counts.iter().enumerate() {
        if sum <= 0.0 {
            (sum, first, rows) = (0.0, bin, Count::default());
        }
        sum += 2.0 * f64::from(count.inside) - f1 * f64::from(count.all);
        rows = rows.plus(*count);
        if sum > best.map_or(0.0, |(greatest, ..)| greatest) {
            best = Some((sum, first, bin, rows));
        }
    }
    best.map(|(_, first, last, rows)| (first, last, rows))
}
