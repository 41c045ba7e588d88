//! Checks of hyper-parameters, made once at the start of a fit.

use crate::{Error, Result};
use std::fmt::Debug;

/// # Errors
/// [`Error::Parameter`] when `value` is 0.
pub fn at_least_one(name: &'static str, value: usize) -> Result<()> {
    ensure(value >= 1, name, value, "must be at least 1")
}

/// For what a fit repeats: so many rounds that it would not come to an end are refused by name, before the first.
///
/// # Errors
/// [`Error::Parameter`] unless `value` lies between 1 and `most`.
pub fn between_one_and(most: usize, name: &'static str, value: usize) -> Result<()> {
    at_least_one(name, value)?;
    ensure(value <= most, name, value, &format!("must be at most {most}"))
}

/// # Errors
/// [`Error::Parameter`] unless `value` is a number greater than 0.
pub fn positive(name: &'static str, value: f64) -> Result<()> {
    ensure(value > 0.0 && value.is_finite(), name, value, "must be a finite number greater than 0")
}

/// # Errors
/// [`Error::Parameter`] unless `value` is a finite number, 0 or more.
pub fn non_negative(name: &'static str, value: f64) -> Result<()> {
    ensure(value >= 0.0 && value.is_finite(), name, value, "must be a finite number, 0 or more")
}

/// # Errors
/// [`Error::Parameter`] unless `0 < value < 1`.
pub fn open_unit(name: &'static str, value: f64) -> Result<()> {
    ensure(value > 0.0 && value < 1.0, name, value, "must lie between 0 and 1, both excluded")
}

/// # Errors
/// [`Error::Parameter`] with `reason` unless `holds`.
pub fn ensure(holds: bool, name: &'static str, value: impl Debug, reason: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::parameter(name, value, reason)) }
}
