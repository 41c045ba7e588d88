//! [`Hierarchy`]: the things that rates are of, level by level, each beneath what it belongs to.

use adflux_core::{Categories, Error, Features, Result, Values};
use serde::{Deserialize, Serialize};

/// The nodes of a level in the order of (parent, name), so that the children of a parent stand together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Level {
    pub(super) names: Vec<String>,
    /// The place of the parent in the level above; 0, the whole, for the first level.
    #[serde(with = "adflux_core::arrays")]
    pub(super) parents: Vec<u32>,
}

impl Level {
    pub(super) fn len(&self) -> usize {
        self.parents.len()
    }

    fn find(&self, parent: u32, name: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if (self.parents[middle], self.names[middle].as_str()) < (parent, name) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low < self.len() && self.parents[low] == parent && self.names[low] == name).then_some(low)
    }
}

/// All levels, from the top down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Level>", into = "Vec<Level>")]
pub(super) struct Hierarchy(Vec<Level>);

impl From<Hierarchy> for Vec<Level> {
    fn from(hierarchy: Hierarchy) -> Self {
        hierarchy.0
    }
}

impl TryFrom<Vec<Level>> for Hierarchy {
    type Error = String;

    fn try_from(levels: Vec<Level>) -> Result<Self, String> {
        let mut above = 1;
        for level in &levels {
            let sorted = (1..level.len().min(level.names.len()))
                .all(|i| (level.parents[i - 1], &level.names[i - 1]) < (level.parents[i], &level.names[i]));
            let fits = level.names.len() == level.len() && level.len() > 0;
            if !sorted || !fits || level.parents.iter().any(|parent| *parent as usize >= above) {
                return Err("the names of a level do not fit the level above".into());
            }
            above = level.len();
        }
        if levels.is_empty() { Err("a hierarchy without levels".into()) } else { Ok(Hierarchy(levels)) }
    }
}

impl Hierarchy {
    /// The hierarchy of rows whose categorical blocks are the levels, and the place of each row in the last.
    ///
    /// # Errors
    /// When there is no block, one is not categorical, or a name is missing (column and row are named).
    pub(super) fn learn(x: &Features, step: &str) -> Result<(Self, Vec<usize>)> {
        let mut levels = Vec::with_capacity(x.blocks().len());
        let mut places = vec![0_usize; x.rows()];
        for block in x.blocks() {
            let Values::Category(column) = block.values() else { return Err(refused(x, step)) };
            let (names, rank) = ranks(&column.levels);
            let mut keys = Vec::with_capacity(x.rows());
            for (row, (code, place)) in column.codes.iter().zip(&places).enumerate() {
                let Some(rank) = rank.get(*code as usize) else {
                    let reason = "a missing name: fill it, drop the row, or leave the level out";
                    return Err(Error::cell(&block.columns()[0].name, row, reason));
                };
                keys.push((u32::try_from(*place).map_err(Error::backend)?, *rank));
            }
            let mut nodes = keys.clone();
            nodes.sort_unstable();
            nodes.dedup();
            for (place, key) in places.iter_mut().zip(&keys) {
                *place = nodes.partition_point(|node| node < key);
            }
            levels.push(Level {
                names: nodes.iter().map(|(_, rank)| names[*rank as usize].to_string()).collect(),
                parents: nodes.iter().map(|(parent, _)| *parent).collect(),
            });
        }
        if levels.is_empty() {
            return Err(refused(x, step));
        }
        Ok((Hierarchy(levels), places))
    }

    pub(super) fn levels(&self) -> &[Level] {
        &self.0
    }

    /// How many levels of `path` are known, and the place in the last of them.
    pub(super) fn find<'a>(&self, path: impl IntoIterator<Item = Option<&'a str>>) -> (usize, usize) {
        let (mut known, mut place) = (0, 0);
        for (level, name) in self.0.iter().zip(path) {
            match name.and_then(|name| level.find(place as u32, name)) {
                Some(found) => (known, place) = (known + 1, found),
                None => break,
            }
        }
        (known, place)
    }

    /// The columns of categories of rows to look up.
    ///
    /// # Errors
    /// When a block is not categorical.
    pub(super) fn columns<'a>(x: &'a Features, step: &str) -> Result<Vec<&'a Categories>> {
        let category = |values: &'a Values| if let Values::Category(column) = values { Some(column) } else { None };
        x.blocks().iter().map(|block| category(block.values()).ok_or_else(|| refused(x, step))).collect()
    }
}

/// The distinct names in alphabetical order, and the place of each of `levels` among them.
fn ranks(levels: &[String]) -> (Vec<&str>, Vec<u32>) {
    let mut names: Vec<&str> = levels.iter().map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    let rank = |name: &String| names.partition_point(|n| *n < name.as_str()) as u32;
    let ranks = levels.iter().map(rank).collect();
    (names, ranks)
}

fn refused(x: &Features, step: &str) -> Error {
    let other = x.blocks().iter().find(|block| !matches!(block.values(), Values::Category(_)));
    let found = match other.and_then(|block| block.columns().first()) {
        Some(column) => format!("column `{}` is none: read it with `as_categories`", column.name),
        None => "there is none: choose at least one column".into(),
    };
    Error::data(format!("`{step}` takes categorical columns, the levels of a hierarchy from the top down; {found}"))
}
