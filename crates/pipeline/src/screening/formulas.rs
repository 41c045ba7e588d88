//! Targets that can be computed from two columns: `ctr = clicks / impressions`.

use adflux_core::Result;
use adflux_data::{ColumnKind, Frame, Role};

/// The rows that are looked at, spread evenly over the frame.
const ROWS: usize = 1000;
/// The fewest rows that must have said something.
const FEWEST: usize = 30;
/// The share of rows that may be off.
const OFF: f64 = 0.01;

/// A way to compute the target from two columns.
#[derive(Clone, Copy)]
enum Formula {
    Sum,
    Difference,
    Product,
    /// The ratio times this.
    Ratio(f64),
}

const FORMULAS: [Formula; 6] = [
    Formula::Sum,
    Formula::Difference,
    Formula::Product,
    Formula::Ratio(1.0),
    Formula::Ratio(100.0),
    Formula::Ratio(1000.0),
];

impl Formula {
    fn of(self, a: f64, b: f64) -> f64 {
        match self {
            Formula::Sum => a + b,
            Formula::Difference => a - b,
            Formula::Product => a * b,
            Formula::Ratio(times) => times * a / b,
        }
    }

    /// How far the value may be off when `a` and `b` are: to first order.
    fn error(self, a: &Operand, b: &Operand, row: usize) -> f64 {
        let (x, y) = (a.values[row].abs(), b.values[row].abs());
        match self {
            Formula::Sum | Formula::Difference => a.rounding + b.rounding,
            Formula::Product => y * a.rounding + x * b.rounding,
            Formula::Ratio(times) => times * (a.rounding / y + x * b.rounding / (y * y)),
        }
    }

    fn symmetric(self) -> bool {
        matches!(self, Formula::Sum | Formula::Product)
    }

    fn text(self, a: &str, b: &str) -> String {
        match self {
            Formula::Sum => format!("{a} + {b}"),
            Formula::Difference => format!("{a} − {b}"),
            Formula::Product => format!("{a} · {b}"),
            Formula::Ratio(1.0) => format!("{a} / {b}"),
            Formula::Ratio(times) => format!("{times} · {a} / {b}"),
        }
    }
}

/// A column that the target may be computed from, at the rows that are looked at.
struct Operand<'a> {
    name: &'a str,
    values: Vec<f64>,
    /// Half of its last decimal; 0 for whole numbers, which are counts, and for numbers that are not rounded.
    rounding: f64,
}

/// The formulas that hold for `target`, each with those of its columns that are among `candidates`. The other column may be
/// the exposure or the weight of the rows. O(columns²) with a handful of rows for each pair that does not fit.
pub(super) fn find<'a>(
    frame: &Frame,
    target: &str,
    truth: &[f64],
    candidates: &[&'a str],
) -> Result<Vec<(Vec<&'a str>, String)>> {
    let rows: Vec<usize> = (0..truth.len()).step_by(truth.len().div_ceil(ROWS).max(1)).collect();
    let truth: Vec<f64> = rows.iter().map(|row| truth[*row]).collect();
    let Some(tolerance) = tolerance(&truth) else { return Ok(Vec::new()) };

    let beside: Vec<&str> =
        [Role::Exposure, Role::Weight].into_iter().flat_map(|role| frame.names_with(role)).collect();
    let mut columns = Vec::new();
    for name in candidates.iter().copied().chain(beside) {
        if frame.kind_of(name)? == ColumnKind::Number {
            let values = frame.numbers(name)?;
            let values: Vec<f64> = rows.iter().map(|row| values[*row]).collect();
            let known: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
            let decimals = decimals(&known);
            let rounding = if (1..=MOST_DECIMALS).contains(&decimals) { half_of_last(decimals) } else { 0.0 };
            columns.push(Operand { name, values, rounding });
        }
    }
    let mut found = Vec::new();
    for (i, a) in columns.iter().enumerate() {
        for (j, b) in columns.iter().enumerate() {
            let fits = |formula: &Formula| {
                i != j && (i < j || !formula.symmetric()) && holds(*formula, &truth, a, b, tolerance)
            };
            if let Some(formula) = FORMULAS.into_iter().find(fits) {
                let leaking: Vec<&str> = candidates.iter().copied().filter(|n| *n == a.name || *n == b.name).collect();
                if !leaking.is_empty() {
                    found.push((leaking, format!("{target} = {}", formula.text(a.name, b.name))));
                }
            }
        }
    }
    Ok(found)
}

/// Whether the formula gives the truth in nearly all rows. Rows where both are zero agree too easily to count, and so do those
/// where rounded columns leave much room.
fn holds(formula: Formula, truth: &[f64], a: &Operand, b: &Operand, tolerance: f64) -> bool {
    const ROOM: f64 = 0.05;
    let most_off = OFF * truth.len() as f64;
    let (mut right, mut off) = (0usize, 0.0);
    for (row, t) in truth.iter().enumerate() {
        let value = formula.of(a.values[row], b.values[row]);
        if !t.is_finite() || !value.is_finite() {
            continue;
        }
        let error = formula.error(a, b, row);
        if (value - t).abs() > tolerance + 1.05 * error + 1e-9 * t.abs() {
            off += 1.0;
            if off > most_off {
                return false;
            }
        } else if *t != 0.0 && error <= ROOM * t.abs() {
            right += 1;
        }
    }
    // A formula that can be computed for a few rows only says little about the target.
    let known = truth.iter().filter(|t| t.is_finite() && **t != 0.0).count();
    right >= FEWEST && 2 * right >= known && off <= OFF * (off + right as f64)
}

/// With more decimals than this a number is not taken for rounded.
const MOST_DECIMALS: i32 = 8;

/// How many decimals the numbers are written with, at most 12.
fn decimals(values: &[f64]) -> i32 {
    const MOST: i32 = 12;
    let written = |decimals: i32| {
        let unit = 10f64.powi(decimals);
        values.iter().all(|v| ((v * unit).round() / unit - v).abs() <= 1e-14 * v.abs())
    };
    (0..MOST).find(|decimals| written(*decimals)).unwrap_or(MOST)
}

fn half_of_last(decimals: i32) -> f64 {
    0.501 * 10f64.powi(-decimals)
}

/// How far a computed value may be off: half of the last decimal that the truth is written with. `None` when the truth has so
/// few different values at that precision that anything would fit.
fn tolerance(truth: &[f64]) -> Option<f64> {
    let known: Vec<f64> = truth.iter().copied().filter(|t| t.is_finite() && *t != 0.0).collect();
    let tolerance = half_of_last(decimals(&known));
    // The most rows that one guess could get right.
    let mut sorted = known.clone();
    sorted.sort_by(f64::total_cmp);
    let mut first = 0;
    let mut most = 0;
    for last in 0..sorted.len() {
        while sorted[last] - sorted[first] > 2.0 * tolerance {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    (known.len() >= FEWEST && 2 * most <= known.len()).then_some(tolerance)
}
