//! A target of numbers in which a cell is none.

use super::Task;
use adflux::{
    core::{Error, Result},
    data::{ColumnKind, Frame},
};
use std::collections::BTreeSet;

/// Fewer different values may well be the names of classes.
const CLASSES: usize = 20;

/// Checks that a target of text which is asked for as numbers, or looks like them, has a number in every row.
///
/// # Errors
/// Naming the first cell that is no number.
pub fn check_numbers(frame: &Frame, column: &str, task: Option<Task>) -> Result<()> {
    if frame.kind_of(column)? != ColumnKind::Text || task == Some(Task::Classification) {
        return Ok(());
    }
    let texts = frame.texts(column)?;
    let is_number = |text: &String| text.trim().parse::<f64>().is_ok();
    let given = || texts.iter().enumerate().filter(|(_, text)| !text.is_empty());
    let Some((row, text)) = given().find(|(_, text)| !is_number(text)) else { return Ok(()) };
    let (all, numbers) = (given().count(), given().filter(|(_, text)| is_number(text)).count());
    let different: BTreeSet<&String> = given().map(|(_, text)| text).collect();
    let looks_like_numbers = 2 * numbers > all && different.len() > CLASSES;
    if numbers == 0 || !(looks_like_numbers || task == Some(Task::Regression)) {
        return Ok(());
    }
    let reason = format!(
        "`{text}` is no number, as {numbers} of {all} values are: correct it, leave it out with its row, or give --task \
         classification if the values are classes"
    );
    Err(Error::cell(column, row, reason))
}
