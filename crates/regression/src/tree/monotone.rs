//! Monotone constraints: columns with which predictions may only rise, or only fall.

use adflux_core::{Column, Error, Result};

/// The names of the columns that are constrained.
#[derive(Clone, Debug)]
pub(crate) struct Monotone {
    pub(crate) increasing: Vec<String>,
    pub(crate) decreasing: Vec<String>,
}

impl Monotone {
    /// # Errors
    /// When a column is to do both.
    pub(crate) fn check(&self) -> Result<()> {
        let Some(both) = self.decreasing.iter().find(|name| self.increasing.contains(name)) else { return Ok(()) };
        let reason = "predictions cannot rise and fall with it: it is in monotone_increasing too";
        Err(Error::parameter("monotone_decreasing", both, reason))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.increasing.is_empty() && self.decreasing.is_empty()
    }

    /// # Errors
    /// When there is a constraint, for what `reason` says.
    pub(crate) fn refuse(&self, reason: &str) -> Result<()> {
        let both = [("monotone_increasing", &self.increasing), ("monotone_decreasing", &self.decreasing)];
        match both.into_iter().find(|(_, columns)| !columns.is_empty()) {
            Some((name, columns)) => Err(Error::parameter(name, columns, reason)),
            None => Ok(()),
        }
    }

    /// The direction of every column: 1 where predictions may only rise, −1 where they may only fall, else 0.
    ///
    /// # Errors
    /// When a constraint names no column, or one that is categorical.
    pub(crate) fn directions(&self, columns: &[Column], is_categorical: impl Fn(usize) -> bool) -> Result<Vec<i8>> {
        let mut directions = vec![0; columns.len()];
        let rising = self.increasing.iter().map(|name| ("monotone_increasing", name, 1));
        let falling = self.decreasing.iter().map(|name| ("monotone_decreasing", name, -1));
        for (parameter, name, direction) in rising.chain(falling) {
            match columns.iter().position(|column| column.name == *name) {
                Some(place) if is_categorical(place) => {
                    let reason = "it is categorical, and its levels have no order";
                    return Err(Error::column(name, format!("{parameter}: {reason}")));
                }
                Some(place) => directions[place] = direction,
                None => {
                    let available = columns.iter().map(|column| column.name.clone()).collect();
                    return Err(Error::MissingColumns { missing: vec![name.clone()], available });
                }
            }
        }
        Ok(directions)
    }
}

/// The values that leaves below a node may have: monotone constraints above it have set them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds::NONE
    }
}

impl Bounds {
    pub(crate) const NONE: Bounds = Bounds { least: f64::NEG_INFINITY, most: f64::INFINITY };

    pub(crate) fn clip(&self, value: f64) -> f64 {
        value.max(self.least).min(self.most)
    }

    pub(crate) fn hold(&self, value: f64) -> bool {
        self.least <= value && value <= self.most
    }

    /// The bounds of the children of a split in a column of that direction, whose values meet at `middle`.
    pub(crate) fn of_children(self, direction: i8, middle: f64) -> (Bounds, Bounds) {
        let (below, above) = (Bounds { most: middle, ..self }, Bounds { least: middle, ..self });
        match direction {
            0 => (self, self),
            1.. => (below, above),
            _ => (above, below),
        }
    }
}

/// The methods that set the constraints of a recipe.
macro_rules! monotone_setters {
    () => {
        /// Sets the feature columns with which predictions may only rise.
        pub fn monotone_increasing<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
            self.monotone_increasing = columns.into_iter().map(Into::into).collect();
            self
        }
        /// Sets the feature columns with which predictions may only fall.
        pub fn monotone_decreasing<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
            self.monotone_decreasing = columns.into_iter().map(Into::into).collect();
            self
        }
        fn monotone(&self) -> $crate::tree::monotone::Monotone {
            $crate::tree::monotone::Monotone {
                increasing: self.monotone_increasing.clone(),
                decreasing: self.monotone_decreasing.clone(),
            }
        }
    };
}
pub(crate) use monotone_setters;
