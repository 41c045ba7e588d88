//! How rows are drawn again for intervals, where `evaluate` and `compare` say it alike.

use adflux::{
    core::{Error, Result},
    data::Frame,
};
use std::collections::BTreeSet;

/// Of fewer draws the ends of an interval would be chance.
const FEWEST: usize = 100;

/// Checks `--resamples`; 0 is for whoever allows no intervals.
pub fn enough(resamples: usize) -> Result<()> {
    if resamples == 0 || resamples >= FEWEST {
        return Ok(());
    }
    let reason = format!("the ends of an interval are chance with so few: give {FEWEST} or more");
    Err(Error::parameter("resamples", resamples, reason))
}

/// The codes of the column of `--group`.
pub fn groups(frame: &Frame, column: Option<&String>) -> Result<Option<Vec<u32>>> {
    let Some(column) = column else { return Ok(None) };
    let codes = frame.categories(column)?.codes;
    if codes.iter().collect::<BTreeSet<_>>().len() < 2 {
        return Err(Error::column(column, "has one value only: --group needs several groups to draw among"));
    }
    Ok(Some(codes))
}
