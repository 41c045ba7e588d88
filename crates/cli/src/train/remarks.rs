//! What a reader must know before believing the numbers of a report.

use crate::numbers::{count, percent};
use adflux::{
    core::{Categories, Error, Prediction, Result, Target, Training},
    data::{ColumnKind, Frame},
    pipeline::Excluded,
    postprocessing::ConformalInterval,
};
use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::Path,
};

/// Refuses a table to judge by that is the table to learn from.
pub fn another_file(file: &Path, test: &Path) -> Result<()> {
    let place = |path: &Path| std::fs::canonicalize(path).ok();
    match (place(file), place(test)) {
        (Some(a), Some(b)) if a == b && a.is_file() => Err(Error::data(format!(
            "{}: --test is the table that is learned from: what has been seen says nothing of what has not; leave --test \
             out, and rows are held back",
            test.display()
        ))),
        _ => Ok(()),
    }
}

/// A remark where many rows of the table to judge by are rows that were learned from.
pub fn same_rows(learned: &Frame, test: &Frame, columns: &[String]) -> Result<Option<String>> {
    /// More than this share of rows alike, beyond what is alike among the learning rows themselves, is no chance.
    const MANY: f64 = 0.1;
    let (learned, test) = (hashes(learned, columns)?, hashes(test, columns)?);
    let known: HashSet<u64> = learned.iter().copied().collect();
    let repeated = 1.0 - known.len() as f64 / learned.len().max(1) as f64;
    let seen = test.iter().filter(|row| known.contains(row)).count();
    Ok((seen as f64 > (MANY + repeated) * test.len() as f64).then(|| {
        let (seen, all) = (count(seen as f64), count(test.len() as f64));
        format!(
            "{seen} of the {all} rows of --test are also among those it learned from: on new rows it is not as good"
        )
    }))
}

/// A number for each row that is the same for rows that are alike.
fn hashes(frame: &Frame, columns: &[String]) -> Result<Vec<u64>> {
    let mut all = vec![DefaultHasher::new(); frame.rows()];
    for column in columns {
        if frame.kind_of(column)? == ColumnKind::Text {
            frame.texts(column)?.iter().zip(&mut all).for_each(|(text, hash)| text.hash(hash));
        } else {
            // −0 is 0, and what is missing is alike.
            let bits = |v: f64| if v.is_nan() { u64::MAX } else { (v + 0.0).to_bits() };
            frame.numbers(column)?.into_iter().zip(&mut all).for_each(|(value, hash)| bits(value).hash(hash));
        }
    }
    Ok(all.into_iter().map(|hash| hash.finish()).collect())
}

/// A remark where whole groups make the share that is held back another one than was asked for.
pub fn share_of_groups(column: Option<&String>, asked: f64, held_back: usize, rows: usize) -> Option<String> {
    /// How far it may be from what was asked for.
    const FAR: f64 = 0.5;
    let share = held_back as f64 / rows as f64;
    let far = (share - asked).abs() > FAR * asked.min(1.0 - asked);
    column.filter(|_| far).map(|column| {
        let (share, asked) = (percent(share, 0), percent(asked, 0));
        format!("groups of {column} are held back as wholes: {share} of the rows, where {asked} were asked for")
    })
}

/// A remark where values of the column of `--interval-by` have too few rows for a width of their own.
pub fn small_groups(data: &Training<Frame>, by: Option<&String>) -> Result<Option<String>> {
    let Some(by) = by else { return Ok(None) };
    let least = ConformalInterval::default().min_group_size;
    // What is no class is refused with a reason of its own.
    let Ok(Categories { codes, levels }) = data.x.classes(by) else { return Ok(None) };
    let mut rows = vec![0; levels.len()];
    codes.iter().filter(|code| (**code as usize) < levels.len()).for_each(|code| rows[*code as usize] += 1);
    let large = rows.iter().filter(|rows| **rows >= least).count();
    Ok((large < rows.len()).then(|| {
        let (of_them, all) = (count(large as f64), count(rows.len() as f64));
        let rest = if large == 0 { "all have" } else { "the others have" };
        format!(
            "{of_them} of {all} values of {by} have {least} rows or more to learn a width from: {rest} the common one"
        )
    }))
}

/// A remark about a column that nearly gives the target away.
pub fn suspect(found: &Excluded) -> String {
    let column = &found.column;
    format!("{column} {}, nearly: if it is known only afterwards, leave it out with --exclude {column}", found.reason)
}

/// A remark where intervals of a target that is never below 0 go below it.
pub fn below_zero(learned: Option<&Target>, predicted: &Prediction) -> Option<String> {
    let (Some(Target::Values(y)), Prediction::Intervals(intervals)) = (learned, predicted) else { return None };
    let below = intervals.lower.iter().filter(|lower| **lower < 0.0).count();
    (below > 0 && y.iter().all(|y| *y >= 0.0)).then(|| {
        format!(
            "{} of {} intervals go below 0, which what is predicted never does: the postprocessor clip of a specification, \
             with min = 0 behind the interval, cuts them off (docs/specification.md)",
            count(below as f64),
            count(intervals.lower.len() as f64)
        )
    })
}
