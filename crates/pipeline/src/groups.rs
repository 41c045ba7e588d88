//! [`groups_of`]: the rows of a frame in groups by one column or several, to be judged apart.

use adflux_core::{Categories, Result};
use adflux_data::{ColumnKind, Frame};
use adflux_evaluation::fairness::Groups;

/// The groups that some columns make: the levels of one column, or the combinations of levels of several that occur
/// ([`Groups::intersect`]).
///
/// Text and truth values, and numbers of up to ten values, are taken as they are: text with the most frequent first (of
/// equals in order of the alphabet), numbers by size. Numbers of more values, and times, are cut into quarters of about as
/// many rows. Missing values are a level of their own, the last: its name is empty, among several columns `(missing)`, and
/// `((missing))` where that is a text of the column.
///
/// ```
/// use adflux_data::Frame;
/// use adflux_pipeline::groups_of;
/// let frame = Frame::builder().texts("gender", ["f", "m", "f"]).texts("race", ["b", "w", "w"]).build()?;
/// assert_eq!(groups_of(&frame, &["gender"])?.names(), ["f", "m"]);
/// assert_eq!(groups_of(&frame, &["gender", "race"])?.names(), ["f, w", "f, b", "m, w"]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When there is no column, or one is missing.
pub fn groups_of(frame: &Frame, columns: &[&str]) -> Result<Groups> {
    frame.require(columns)?;
    match columns {
        [column] => levels_of(frame, column, ""),
        _ => {
            let each: Vec<Groups> =
                columns.iter().map(|column| levels_of(frame, column, "(missing)")).collect::<Result<_>>()?;
            Groups::intersect(&each)
        }
    }
}

/// The levels of a column.
fn levels_of(frame: &Frame, column: &str, missing: &str) -> Result<Groups> {
    let by_name = matches!(frame.kind_of(column)?, ColumnKind::Text | ColumnKind::Boolean);
    let Categories { codes, levels } = if by_name { frame.categories(column)? } else { ranges_of(frame, column)? };
    let mut counts = vec![0; levels.len() + 1];
    codes.iter().for_each(|code| counts[(*code as usize).min(levels.len())] += 1);
    let mut order: Vec<usize> = (0..levels.len()).collect();
    if by_name {
        order.sort_by(|&a, &b| counts[b].cmp(&counts[a]).then_with(|| levels[a].cmp(&levels[b])));
    }
    let mut place = vec![levels.len() as u32; levels.len() + 1];
    order.iter().zip(0..).for_each(|(level, next)| place[*level] = next);
    let mut names: Vec<String> = order.iter().map(|level| levels[*level].clone()).collect();
    if counts[levels.len()] > 0 {
        let mut missing = missing.to_string();
        // A text that reads the same is another level.
        while levels.contains(&missing) {
            missing = format!("({missing})");
        }
        names.push(missing);
    }
    Groups::new(names, codes.iter().map(|code| place[(*code as usize).min(levels.len())]).collect())
}

/// Numbers and times as levels by size: each value one, or quarters when there are many.
fn ranges_of(frame: &Frame, column: &str) -> Result<Categories> {
    const MOST_VALUES: usize = 10;
    const PARTS: usize = 4;
    let values = frame.numbers(column)?;
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    // The first value of every level.
    let mut starts = sorted.clone();
    starts.dedup();
    if starts.len() > MOST_VALUES {
        starts = (0..PARTS).map(|part| sorted[part * sorted.len() / PARTS]).collect();
        starts.dedup();
    }
    let code = |v: &f64| match v.is_nan() {
        true => Categories::MISSING,
        false => starts.partition_point(|start| start <= v) as u32 - 1,
    };
    let dates = if frame.kind_of(column)? == ColumnKind::Time { Some(frame.texts(column)?) } else { None };
    let text = |value: f64| match &dates {
        Some(dates) => values.iter().position(|v| *v == value).map_or_else(String::new, |row| dates[row].clone()),
        None => value.to_string(),
    };
    let name = |(level, start): (usize, &f64)| {
        let end = starts.get(level + 1).map_or(sorted.len(), |next| sorted.partition_point(|v| v < next));
        let last = sorted[end - 1];
        if last == *start { text(last) } else { format!("{} to {}", text(*start), text(last)) }
    };
    Ok(Categories { codes: values.iter().map(code).collect(), levels: starts.iter().enumerate().map(name).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_reads_like_a_missing_value_is_another_group() {
        let frame = Frame::builder()
            .optional_texts("a", [Some("(missing)"), None, Some("x"), Some("(missing)")])
            .texts("b", ["y", "y", "y", "y"])
            .build()
            .unwrap();
        let groups = groups_of(&frame, &["a", "b"]).unwrap();
        assert_eq!(groups.names(), ["(missing), y", "x, y", "((missing)), y"]);
        assert_eq!(groups.codes(), [0, 2, 1, 0]);
    }
}
