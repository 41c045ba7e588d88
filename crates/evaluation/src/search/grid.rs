//! Every combination.

use super::{Search, Space};
use adflux_core::{Error, Result};
use toml::{Table, Value};

/// The values of each dimension.
pub(super) struct Axes<'a>(Vec<(&'a str, Vec<Value>)>);

impl<'a> Axes<'a> {
    pub(super) fn new(space: &'a Space, points: usize) -> Self {
        Axes(space.iter().map(|(path, dimension)| (path, dimension.spread(points))).collect())
    }

    /// How many combinations there are; `None` of more than fit a number.
    pub(super) fn size(&self) -> Option<usize> {
        self.0.iter().try_fold(1usize, |product, (_, values)| product.checked_mul(values.len()))
    }

    /// The combination of this number, the last path changing fastest.
    pub(super) fn point(&self, number: usize) -> Table {
        let mut rest = number;
        let mut point = Table::new();
        for (path, values) in self.0.iter().rev() {
            point.insert(path.to_string(), values[rest % values.len()].clone());
            rest /= values.len();
        }
        point
    }
}

/// # Errors
/// When the grid has more points than trials are allowed.
pub(super) fn check(search: &Search, space: &Space) -> Result<()> {
    let size = Axes::new(space, search.grid_points).size();
    if size.is_some_and(|size| size <= search.trials) {
        return Ok(());
    }
    let size = size.map_or("more than 10^19".to_string(), |size| size.to_string());
    let reason =
        format!("the grid has {size} points: allow as many trials, take fewer values, or search at random or by TPE");
    Err(Error::parameter("trials", search.trials, reason))
}

/// The grid point of this number, while there is one.
pub(super) fn propose(search: &Search, space: &Space, number: usize) -> Option<Table> {
    let axes = Axes::new(space, search.grid_points);
    (number < axes.size()?).then(|| axes.point(number))
}
