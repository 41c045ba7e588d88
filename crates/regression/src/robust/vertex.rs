//! From inside to a vertex: the line that goes exactly through as many rows as it has numbers, where that costs nothing.

use super::{
    interior::{Inside, Place},
    program::Program,
};
use crate::linear::passes::{axpy, dot};

/// The share of a row that those before it must not hold for it to count.
const APART: f64 = 1e-7;

/// The line of a vertex by the line inside, or that one itself where no vertex is as low.
///
/// Rows that are well inside their boxes lie on the line. Where several lines are lowest these are too few, and the ones nearest to
/// the line are taken along as long as it gets no worse.
pub(super) fn near(program: &Program<'_>, inside: &Inside) -> Vec<f64> {
    let on_the_line: Vec<f64> = inside.places.iter().map(freedom).collect();
    let mut order: Vec<usize> = (0..on_the_line.len()).collect();
    order.sort_by(|a, b| on_the_line[*b].total_cmp(&on_the_line[*a]));
    let sure = order.partition_point(|row| on_the_line[*row] > 1.0);
    let value = program.value(&program.residuals(&inside.line));
    [order.len(), sure]
        .into_iter()
        .map(|count| through(program, &inside.line, &order[..count]))
        .find(|line| program.value(&program.residuals(line)) <= value * (1.0 + 1e-12))
        .unwrap_or_else(|| inside.line.clone())
}

/// How free a row is in its box beside what an end is worth.
fn freedom(place: &Place) -> f64 {
    let room = place.from_lower.min(place.to_upper) / (place.from_lower + place.to_upper);
    room / place.lower.max(place.upper)
}

/// The line moved as little as needed to go through the first of `rows` that are independent.
fn through(program: &Program<'_>, line: &[f64], rows: &[usize]) -> Vec<f64> {
    let size = program.rank();
    // Each independent row, and its direction away from those before it.
    let mut chosen: Vec<(usize, Vec<f64>, Vec<f64>)> = Vec::with_capacity(size);
    // Rows that repeat each other are common among codes; the search for others has an end.
    for &at in rows.iter().take(16 * size) {
        if chosen.len() == size {
            break;
        }
        let row = program.row(at);
        let mut away = row.clone();
        // Twice, so that rounding leaves nothing of the others.
        for (_, _, other) in chosen.iter().chain(&chosen) {
            let share = dot(other, &away);
            axpy(-share, other, &mut away);
        }
        let length = dot(&away, &away).sqrt();
        if length > APART * dot(&row, &row).sqrt() {
            away.iter_mut().for_each(|v| *v /= length);
            chosen.push((at, row, away));
        }
    }
    let mut moved = line.to_vec();
    // Once more, for the digits that the first time has lost.
    for (at, row, away) in chosen.iter().chain(&chosen) {
        let missing = program.y[*at] - dot(row, &moved);
        axpy(missing / dot(row, away), away, &mut moved);
    }
    chosen.iter().filter_map(|(at, ..)| program.column_of(*at)).for_each(|column| moved[column] = 0.0);
    moved
}
