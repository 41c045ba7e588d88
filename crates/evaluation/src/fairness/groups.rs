//! [`Groups`]: who is compared with whom.

use adflux_core::{ClassTarget, Error, Result};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap};

/// A group for each row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Groups {
    names: Vec<String>,
    codes: Vec<u32>,
}

impl Groups {
    /// Groups from a code for each row, the place of its name.
    ///
    /// # Errors
    /// When a code has no name: its row is named.
    pub fn new(names: Vec<String>, codes: Vec<u32>) -> Result<Self> {
        if let Some(row) = codes.iter().position(|code| *code as usize >= names.len()) {
            return Err(Error::cell("groups", row, format!("group {} of {} names", codes[row], names.len())));
        }
        Ok(Groups { names, codes })
    }

    /// Groups from one name a row; in order of the alphabet.
    pub fn from_labels<S: AsRef<str>>(rows: &[S]) -> Self {
        let ClassTarget { codes, labels } = ClassTarget::from_labels(rows);
        Groups { names: labels.to_vec(), codes: codes.to_vec() }
    }

    /// The intersections of several groups: a group for each combination that occurs, in the order of their parts, with the names
    /// joined by a comma ("f, black"); a name with a comma or a quotation mark is put in quotation marks. Where single groups look alike their intersections may not (Crenshaw 1989).
    ///
    /// ```
    /// use adflux_evaluation::fairness::Groups;
    /// let (gender, race) = (Groups::from_labels(&["f", "m", "f"]), Groups::from_labels(&["b", "b", "w"]));
    /// let both = Groups::intersect(&[gender, race])?;
    /// assert_eq!(both.names(), ["f, b", "f, w", "m, b"]);
    /// assert_eq!(both.codes(), [0, 2, 1]);
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// When there are no groups, or their numbers of rows differ.
    pub fn intersect(parts: &[Groups]) -> Result<Self> {
        let Some(first) = parts.first() else {
            return Err(Error::data("there are no groups to intersect"));
        };
        if let Some(other) = parts.iter().find(|part| part.len() != first.len()) {
            return Err(Error::data(format!("groups of {} rows beside {} rows", other.len(), first.len())));
        }
        let of_row = |row: usize| parts.iter().map(|part| part.codes[row]).collect::<Vec<u32>>();
        let mut place: BTreeMap<Vec<u32>, u32> = (0..first.len()).map(|row| (of_row(row), 0)).collect();
        place.values_mut().zip(0..).for_each(|(code, next)| *code = next);
        let name = |codes: &Vec<u32>| {
            let names = parts.iter().zip(codes).map(|(part, code)| quoted(&part.names[*code as usize]));
            names.collect::<Vec<_>>().join(", ")
        };
        let names = place.keys().map(name).collect();
        let codes = (0..first.len()).map(|row| place.get(&of_row(row)).copied().unwrap_or_default()).collect();
        Ok(Groups { names, codes })
    }

    /// The name of each group.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The group of each row: the place of its name.
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// The rows of each group.
    pub fn rows(&self) -> Vec<Vec<usize>> {
        let mut rows = vec![Vec::new(); self.names.len()];
        self.codes.iter().enumerate().for_each(|(row, code)| rows[*code as usize].push(row));
        rows
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }
}

/// A name that can be told from its neighbours in a list.
fn quoted(name: &str) -> Cow<'_, str> {
    match name.contains([',', '"']) {
        true => format!("\"{}\"", name.replace('"', "\"\"")).into(),
        false => name.into(),
    }
}
